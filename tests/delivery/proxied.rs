//! Deliveries through the operator's proxy: where they go, and what is recorded when the proxy stands in the way.

use std::time::Duration;

use super::world::{NAME, Setting, Told, World, url};
use crate::support::{
    certificates::{Authority, Flaw},
    proxy::ConnectProxy,
    receiver::{Manner, Receiver, answer},
};

fn ok() -> Manner {
    Manner::status("200 OK", &[], "")
}

/// A world behind the proxy at this address.
fn behind(proxy: &str) -> World {
    World::new(Setting { proxy: Some(proxy), ..Setting::default() })
}

fn at(address: std::net::SocketAddr) -> String {
    format!("http://{address}")
}

#[actix_web::test]
async fn tls_goes_through_the_proxy_to_the_vetted_address_and_the_tunnel_is_kept() {
    let authority = Authority::make();
    let receiver = Receiver::tls(ok(), authority.acceptor(NAME, Flaw::None)).await;
    let proxy = ConnectProxy::open().await;
    let address = at(proxy.address);
    let world = World::new(Setting { insecure: false, ca_file: Some(authority.file()), proxy: Some(&address), ..Setting::default() });
    let expected = Told::answered("delivered 200", "content-length: 0", "");
    let first = world.deliver(&url("https", &receiver)).await;
    assert_eq!(first, Told { parts: "dns connect tls first_byte".to_owned(), ..expected });
    assert_eq!(world.deliver(&url("https", &receiver)).await.parts, "first_byte");
    let target = receiver.address;
    assert_eq!(proxy.asked(), [[format!("CONNECT {target} HTTP/1.1"), format!("Host: {target}")]]);
    let received = receiver.received();
    assert_eq!((received.len(), received[0].header("host")), (2, format!("{NAME}:{}", target.port()).as_str()));
    assert_eq!(world.names.lookups(), [NAME]);
}

#[actix_web::test]
async fn a_certificate_inside_the_tunnel_is_judged_as_ever() {
    let authority = Authority::make();
    let receiver = Receiver::tls(ok(), authority.acceptor(NAME, Flaw::OtherName)).await;
    let proxy = ConnectProxy::open().await;
    let address = at(proxy.address);
    let world = World::new(Setting { ca_file: Some(authority.file()), proxy: Some(&address), ..Setting::default() });
    let told = world.deliver(&url("https", &receiver)).await;
    assert_eq!(told, Told::failed("tls: the receiver's certificate is for another name", "dns connect", Some("127.0.0.1")));
}

#[actix_web::test]
async fn plain_http_goes_by_connect_too() {
    let receiver = Receiver::plain(ok()).await;
    let proxy = ConnectProxy::open().await;
    let told = behind(&at(proxy.address)).deliver_to(&receiver).await;
    assert_eq!(told, Told::answered("delivered 200", "content-length: 0", ""));
    assert_eq!(proxy.asked()[0][0], format!("CONNECT {} HTTP/1.1", receiver.address));
    assert_eq!(receiver.received()[0].line, "POST /hook?a=1 HTTP/1.1");
}

#[actix_web::test]
async fn credentials_are_for_the_proxy_and_nobody_else() {
    let receiver = Receiver::plain(ok()).await;
    // printf 'ann:open sesame' | base64
    let proxy = ConnectProxy::for_those_who_say("Proxy-Authorization: Basic YW5uOm9wZW4gc2VzYW1l").await;
    let told = behind(&format!("http://ann:open%20sesame@{}", proxy.address)).deliver_to(&receiver).await;
    assert_eq!(told.verdict, "delivered 200");
    assert_eq!(receiver.received()[0].header("proxy-authorization"), "");
    let told = behind(&format!("http://ann:sesame@{}", proxy.address)).deliver_to(&receiver).await;
    let sentence = "proxy: the server's proxy answered 407 Proxy Authentication Required: an operator names the user and the password in \
                    --webhook-proxy";
    assert_eq!(told, Told::failed(sentence, "dns", Some("127.0.0.1")));
}

#[actix_web::test]
async fn the_proxy_is_asked_for_nothing_that_the_guard_refuses() {
    let proxy = ConnectProxy::open().await;
    let address = at(proxy.address);
    let names: &[(&str, &[&[&str]])] = &[(NAME, &[&["10.0.0.1"]])];
    let told = World::new(Setting { names, proxy: Some(&address), ..Setting::default() }).deliver(&format!("https://{NAME}/")).await;
    assert!(told.error.unwrap().starts_with(&format!("address_refused: {NAME} leads to 10.0.0.1")));
    let strict = World::new(Setting { allow: &[], proxy: Some(&address), ..Setting::default() });
    assert!(strict.deliver("https://127.0.0.1/").await.error.unwrap().starts_with("address_refused: "));
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
}

#[actix_web::test]
async fn the_next_address_is_tried_where_the_proxy_reaches_nobody() {
    let receiver = Receiver::plain(ok()).await;
    let proxy = ConnectProxy::open().await;
    let address = at(proxy.address);
    // The receiver listens at 127.0.0.1 alone.
    let names: &[(&str, &[&[&str]])] = &[(NAME, &[&["127.0.0.2", "127.0.0.1"]])];
    let world = World::new(Setting { names, proxy: Some(&address), ..Setting::default() });
    assert_eq!(world.deliver_to(&receiver).await, Told::answered("delivered 200", "content-length: 0", ""));
    assert_eq!(proxy.asked().len(), 2);
}

#[actix_web::test]
async fn an_address_of_ipv6_is_asked_for_in_brackets() {
    let proxy = Receiver::plain(Manner::AnswerAndClose(answer("502 Bad Gateway", &[], ""))).await;
    let address = at(proxy.address);
    let world = World::new(Setting { allow: &["::1/128"], proxy: Some(&address), ..Setting::default() });
    let told = world.deliver("http://[::1]:8443/").await;
    assert_eq!(told, Told::failed("proxy: the server's proxy answered 502 Bad Gateway", "", Some("::1")));
    let [asked] = &proxy.received()[..] else { panic!("asked once") };
    assert_eq!((asked.line.as_str(), asked.header("host")), ("CONNECT [::1]:8443 HTTP/1.1", "[::1]:8443"));
}

#[actix_web::test]
async fn a_proxy_that_refuses_or_misbehaves_is_recorded_as_such() {
    let close = |bytes: &[u8]| Manner::AnswerAndClose(bytes.to_vec());
    let refusal = |status: &str| Manner::AnswerAndClose(answer(status, &["x-secret: 10.9.8.7"], "the rules of the house"));
    for (manner, sentence) in [
        (refusal("403 Forbidden"), "the server's proxy answered 403 Forbidden: its rules do not let webhooks go to this address"),
        (refusal("502 No Such Luck"), "the server's proxy answered 502 Bad Gateway"),
        (refusal("302 Found"), "the server's proxy answered 302 Found"),
        (close(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 504 \r\n\r\n"), "the server's proxy answered 504 Gateway Timeout"),
        (close(b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), "the server's proxy sent more than an answer"),
        (close(b"\x05\x00"), "what the server's proxy answered is not HTTP"),
        (close(b"HTTP/1.1 2x0 OK\r\n\r\n"), "what the server's proxy answered is not HTTP"),
        (close(b"HTTP/1.1 200 OK\r\n"), "the server's proxy closed the connection without an answer"),
        (Manner::HalfClose, "the server's proxy closed the connection without an answer"),
        (Manner::Reset, "the connection to the server's proxy broke: Connection reset by peer (os error 104)"),
        (
            Manner::Flood(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec(), 64 * 1024 * 1024),
            "the head of the answer of the server's proxy is too long",
        ),
    ] {
        let proxy = Receiver::plain(manner).await;
        let receiver = Receiver::plain(ok()).await;
        let told = behind(&at(proxy.address)).deliver_to(&receiver).await;
        assert_eq!(told, Told::failed(&format!("proxy: {sentence}"), "dns", Some("127.0.0.1")));
        assert!(proxy.closed(1).await.written < 32 * 1024 * 1024);
        assert_eq!((proxy.tally().opened, receiver.tally().opened), (1, 0), "{sentence}");
    }
}

#[actix_web::test]
async fn a_silent_proxy_ends_at_the_deadline_and_is_named() {
    for manner in [Manner::Silence, Manner::Drip(b"HTTP/1.1 200 OK\r\nx-slow: ".to_vec())] {
        let proxy = Receiver::plain(manner).await;
        let receiver = Receiver::plain(ok()).await;
        let address = at(proxy.address);
        let world = World::new(Setting { deadline: Duration::from_millis(300), proxy: Some(&address), ..Setting::default() });
        let told = world.deliver_to(&receiver).await;
        assert_eq!(told, Told::failed("timeout: the server's proxy opened no connection within 300 ms", "dns", Some("127.0.0.1")));
        proxy.closed(1).await;
    }
}

#[actix_web::test]
async fn a_proxy_may_have_a_name_and_one_that_is_not_there_is_recorded_without_it() {
    let receiver = Receiver::plain(ok()).await;
    let proxy = ConnectProxy::open().await;
    // The operator named it: no rule of addresses is for it. 127.0.0.2 is tried first, and nobody is there.
    let names: &[(&str, &[&[&str]])] = &[(NAME, &[&["127.0.0.1"]]), ("proxy.test", &[&["127.0.0.2", "127.0.0.1"]]), ("empty.test", &[&[]])];
    let deliver = async |address: String| {
        let world = World::new(Setting { allow: &["127.0.0.1/32"], names, proxy: Some(&address), ..Setting::default() });
        world.deliver_to(&receiver).await
    };
    assert_eq!(deliver(format!("http://proxy.test:{}", proxy.address.port())).await.verdict, "delivered 200");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, why) in [
        (at(closed), "Connection refused (os error 111)"),
        ("http://nobody.test:3128".to_owned(), "no such name"),
        ("http://empty.test:3128".to_owned(), "its name has no address"),
    ] {
        let sentence = format!("proxy: the server's proxy cannot be reached: {why}");
        assert_eq!(deliver(address).await, Told::failed(&sentence, "dns", Some("127.0.0.1")));
    }
}
