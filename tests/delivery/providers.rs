//! Calls to providers over real sockets: what is sent, and when nothing can have been.

use std::{sync::Arc, time::Duration};

use actors::port::LocalPromise;
use entities::{AttachmentId, Provider};
use serde_json::json;
use switchboard::{
    channels::call::{Body, ProviderCall, ProviderReply},
    delivery::{
        ProviderHttp,
        provider_body::{File, Files, NoFiles},
        provider_http::{ANSWER_BYTES_MAX, DEADLINE},
    },
    options::ProviderOptions,
};
use uuid::Uuid;

use super::world::Names;
use crate::support::{
    certificates::{Authority, Flaw},
    receiver::{Manner, Receiver, answer},
};

/// What no answer may repeat.
const TOKEN: &str = "EAAtoken";

fn client(bases: &[String], names: &[(&str, &str)], deadline: Duration) -> ProviderHttp {
    let options = ProviderOptions { base_urls: bases.iter().map(|base| base.parse().unwrap()).collect() };
    ProviderHttp::new(&options, None, Arc::new(Names::leading(names)), deadline).unwrap()
}

/// A client whose WhatsApp is this receiver.
fn client_of(receiver: &Receiver) -> ProviderHttp {
    client(&[format!("whatsapp=http://{}", receiver.address)], &[], DEADLINE)
}

fn post(body: Body) -> ProviderCall {
    ProviderCall::sending("POST", "https://graph.facebook.com", "/v23.0/1/messages?x=1", body, "message")
        .header("authorization", format!("Bearer {TOKEN}"))
}

async fn called(client: &ProviderHttp, call: &ProviderCall) -> ProviderReply {
    client.call(Provider::Whatsapp, call, &NoFiles).await
}

fn unreachable(why: &str) -> ProviderReply {
    ProviderReply::Unreachable { why: why.to_owned() }
}

fn silent(why: &str) -> ProviderReply {
    ProviderReply::Silent { why: why.to_owned() }
}

#[actix_web::test]
async fn a_call_goes_to_where_the_operator_put_the_provider_and_the_answer_comes_back_whole() {
    let receiver = Receiver::plain(Manner::status("429 Too Many Requests", &["Retry-After: 7"], "{\"error\":{}}")).await;
    let reply = called(&client_of(&receiver), &post(Body::Json(json!({"to": "1"})))).await;
    let ProviderReply::Answered { status, body, .. } = &reply else { panic!("{reply:?}") };
    assert_eq!((*status, body.as_slice(), reply.header("retry-after")), (429, &b"{\"error\":{}}"[..], Some("7")));
    let got = receiver.received().remove(0);
    assert_eq!((got.line.as_str(), got.body.as_slice()), ("POST /v23.0/1/messages?x=1 HTTP/1.1", &b"{\"to\":\"1\"}"[..]));
    assert_eq!(
        ["authorization", "content-type", "host", "content-length"].map(|name| got.header(name).to_owned()),
        ["Bearer EAAtoken".to_owned(), "application/json".to_owned(), receiver.address.to_string(), "10".to_owned()]
    );
    assert!(got.header("user-agent").starts_with("Switchboard/"));
}

#[actix_web::test]
async fn a_call_without_a_body_and_a_redirect_are_what_they_are() {
    let elsewhere = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let location = format!("Location: http://{}/", elsewhere.address);
    let receiver = Receiver::plain(Manner::status("302 Found", &[&location], "")).await;
    let call = ProviderCall::asking("GET", "https://graph.facebook.com", "/me", Body::None, "check").header("User-Agent", "other");
    let reply = called(&client_of(&receiver), &call).await;
    assert!(matches!(reply, ProviderReply::Answered { status: 302, .. }), "{reply:?}");
    let got = receiver.received().remove(0);
    assert_eq!((got.line.as_str(), got.header("content-type"), got.header("user-agent")), ("GET /me HTTP/1.1", "", "other"));
    assert!(elsewhere.received().is_empty());
}

struct Stored;

impl Files for Stored {
    fn open(&self, id: AttachmentId) -> LocalPromise<Result<File, String>> {
        let known = id == AttachmentId::new(Uuid::from_u128(1));
        let file = File { name: "a.png".to_owned(), mime: "image/png".to_owned(), bytes: vec![0, 255, 13, 10] };
        Box::pin(async move { if known { Ok(file) } else { Err("the file is gone".to_owned()) } })
    }
}

#[actix_web::test]
async fn a_file_goes_with_the_call_and_without_it_nothing_is_sent() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "{}")).await;
    let client = client_of(&receiver);
    let call = |id| post(Body::File(AttachmentId::new(Uuid::from_u128(id))));
    let reply = client.call(Provider::Whatsapp, &call(1), &Stored).await;
    assert!(matches!(reply, ProviderReply::Answered { status: 200, .. }), "{reply:?}");
    assert_eq!(client.call(Provider::Whatsapp, &call(2), &Stored).await, unreachable("the file is gone"));
    assert_eq!(called(&client, &call(1)).await, unreachable("no file can be sent here"));
    let received = receiver.received();
    assert_eq!((received.len(), received[0].header("content-type"), received[0].body.as_slice()), (1, "image/png", &[0, 255, 13, 10][..]));
}

#[actix_web::test]
async fn where_no_connection_comes_about_nothing_was_sent() {
    let gone = Receiver::plain(Manner::Silence).await;
    let address = gone.address;
    drop(gone);
    let reply = called(&client(&[format!("whatsapp=http://{address}")], &[], DEADLINE), &post(Body::None)).await;
    let ProviderReply::Unreachable { why } = &reply else { panic!("{reply:?}") };
    assert!(why.starts_with(&format!("no connection to {address}: ")), "{why}");
    // TLS to somebody who does not speak it.
    let plain = Receiver::plain(Manner::AnswerAndClose(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let secure = client(&[format!("whatsapp=https://{}", plain.address)], &[], Duration::from_millis(300));
    let reply = called(&secure, &post(Body::None)).await;
    assert!(matches!(reply, ProviderReply::Unreachable { .. }), "{reply:?}");
    let stranger = Authority::make();
    let receiver = Receiver::tls(Manner::status("200 OK", &[], ""), stranger.acceptor("127.0.0.1", Flaw::None)).await;
    let secure = client(&[format!("whatsapp=https://{}", receiver.address)], &[], DEADLINE);
    let reply = called(&secure, &post(Body::None)).await;
    assert!(matches!(&reply, ProviderReply::Unreachable { why } if why.contains("certificate")), "{reply:?}");
    assert!(receiver.received().is_empty());
}

#[actix_web::test]
async fn what_breaks_behind_the_request_leaves_open_whether_it_was_taken() {
    for (manner, why) in [
        (Manner::Reset, "the connection broke before the answer's head was there: "),
        (Manner::HalfClose, "the provider closed the connection without an answer"),
        (Manner::AnswerAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec()), "the answer broke off after 3 bytes"),
        (
            Manner::AnswerAndClose(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n".to_vec(),
            ),
            "the answer broke off",
        ),
        (Manner::AnswerAndClose(b"220 smtp.example ESMTP\r\n\r\n".to_vec()), "the answer is not HTTP: "),
    ] {
        let receiver = Receiver::plain(manner.clone()).await;
        let reply = called(&client_of(&receiver), &post(Body::Json(json!({})))).await;
        let ProviderReply::Silent { why: told } = &reply else { panic!("{manner:?}: {reply:?}") };
        assert!(told.starts_with(why), "{manner:?}: {told}");
        assert_eq!(receiver.received().len(), 1);
    }
    let impatient = |receiver: &Receiver| client(&[format!("whatsapp=http://{}", receiver.address)], &[], Duration::from_millis(300));
    let receiver = Receiver::plain(Manner::Silence).await;
    assert_eq!(called(&impatient(&receiver), &post(Body::None)).await, silent("no answer came within 300 ms"));
    let receiver = Receiver::plain(Manner::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec())).await;
    assert_eq!(called(&impatient(&receiver), &post(Body::None)).await, silent("the answer was not whole within 300 ms"));
}

#[actix_web::test]
async fn a_message_is_never_sent_twice_over_a_connection_that_died_and_a_question_is_asked_again() {
    let receiver = Receiver::plain(Manner::Once(answer("200 OK", &[], "{}"))).await;
    let client = client_of(&receiver);
    assert!(matches!(called(&client, &post(Body::None)).await, ProviderReply::Answered { .. }));
    let reply = called(&client, &post(Body::None)).await;
    assert!(matches!(reply, ProviderReply::Silent { .. }), "{reply:?}");
    assert_eq!((receiver.received().len(), receiver.tally().opened), (2, 1));
    let question = ProviderCall::asking("GET", "https://graph.facebook.com", "/me", Body::None, "check");
    assert!(matches!(called(&client, &question).await, ProviderReply::Answered { .. }));
    assert!(matches!(called(&client, &question).await, ProviderReply::Answered { .. }));
    assert_eq!(receiver.tally().opened, 3);
}

#[actix_web::test]
async fn of_an_answer_that_is_too_long_the_beginning_is_kept() {
    let long = ANSWER_BYTES_MAX + 100_000;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {long}\r\n\r\n").into_bytes();
    let receiver = Receiver::plain(Manner::Flood(head, long)).await;
    let reply = called(&client_of(&receiver), &post(Body::None)).await;
    let ProviderReply::Answered { status: 200, body, .. } = reply else { panic!("{reply:?}") };
    assert_eq!(body.len(), ANSWER_BYTES_MAX);
}

#[actix_web::test]
async fn only_what_the_operator_named_may_be_near_or_plain() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "{}")).await;
    let address = receiver.address;
    let near = &[("graph.facebook.com", "127.0.0.1"), ("sim.test", "127.0.0.1"), ("far.test", "8.8.8.8")];
    let at = |path: String| {
        ProviderCall::sending("POST", "https://graph.facebook.com", path, Body::None, "message").header("authorization", TOKEN)
    };
    let strict = client(&[], near, DEADLINE);
    let meant = "where that is meant, an operator names it with --provider-base-url";
    for (path, why) in [
        (format!("http://{address}/upload?token={TOKEN}"), "the address does not begin with https://".to_owned()),
        (format!("https://{address}/upload"), format!("127.0.0.1 is a loopback address; {meant}")),
        ("https://localhost/upload".to_owned(), format!("localhost is this machine; {meant}")),
        ("/me".to_owned(), format!("graph.facebook.com leads to 127.0.0.1, which is a loopback address; {meant}")),
        (format!("@{address}/"), "the address cannot be called".to_owned()),
        (format!("{TOKEN}://x"), "the address cannot be called".to_owned()),
    ] {
        assert_eq!(called(&strict, &at(path.clone())).await, unreachable(&why), "{path}");
    }
    // What the operator put in the provider's place may name addresses of its own, by the same host and port.
    let by_name = client(&[format!("whatsapp=http://sim.test:{}", address.port())], near, DEADLINE);
    for path in ["/me".to_owned(), format!("http://sim.test:{}/upload", address.port())] {
        assert!(matches!(called(&by_name, &at(path)).await, ProviderReply::Answered { status: 200, .. }));
    }
    let elsewhere = called(&by_name, &at(format!("http://{address}/upload"))).await;
    assert_eq!(elsewhere, unreachable("the address does not begin with https://"));
    // Another provider is where it always was.
    let other = by_name.call(Provider::Messenger, &at("/me".to_owned()), &NoFiles).await;
    assert!(matches!(other, ProviderReply::Unreachable { .. }), "{other:?}");
    let far = client(&["whatsapp=http://far.test:9101".to_owned()], near, DEADLINE);
    let told = "far.test cannot be looked up: 8.8.8.8 is neither loopback nor private: plain http does not go there";
    assert_eq!(called(&far, &at("/me".to_owned())).await, unreachable(told));
    assert_eq!(receiver.received().len(), 2);
}

#[actix_web::test]
async fn a_value_that_no_header_can_hold_is_not_repeated() {
    let receiver = Receiver::plain(Manner::Silence).await;
    let call = post(Body::None).header("x-token", format!("{TOKEN}\r\nx: y"));
    assert_eq!(called(&client_of(&receiver), &call).await, unreachable("the header x-token cannot be sent"));
    assert!(receiver.received().is_empty());
}
