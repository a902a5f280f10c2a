//! Receivers that speak TLS, with good and bad certificates.

use std::thread;

use actors::port::Courier;

use super::world::{NAME, Setting, Told, World, request, url};
use crate::support::{
    certificates::{Authority, Flaw},
    receiver::{Manner, Receiver},
};

fn ok() -> Manner {
    Manner::status("200 OK", &[], "")
}

fn secure(authority: &Authority) -> World {
    World::new(Setting { insecure: false, ca_file: Some(authority.file()), ..Setting::default() })
}

#[actix_web::test]
async fn a_good_certificate_is_trusted_and_the_connection_kept() {
    let authority = Authority::make();
    let receiver = Receiver::tls(ok(), authority.acceptor(NAME, Flaw::None)).await;
    let world = secure(&authority);
    let expected = Told::answered("delivered 200", "content-length: 0", "");
    let first = world.deliver(&url("https", &receiver)).await;
    assert_eq!(first, Told { parts: "dns connect tls first_byte".to_owned(), ..expected });
    assert_eq!(world.deliver(&url("https", &receiver)).await.parts, "first_byte");
    assert_eq!((receiver.tally().opened, receiver.received().len()), (1, 2));
}

#[actix_web::test]
async fn a_literal_address_may_have_a_certificate_too() {
    let authority = Authority::make();
    let receiver = Receiver::tls(ok(), authority.acceptor("127.0.0.1", Flaw::None)).await;
    let told = secure(&authority).deliver(&format!("https://{}/", receiver.address)).await;
    assert_eq!((told.verdict.as_str(), told.parts.as_str()), ("delivered 200", "connect tls first_byte"));
}

#[actix_web::test]
async fn a_bad_certificate_ends_the_attempt_before_anything_is_sent() {
    let stranger = "tls: the receiver's certificate is not signed by an authority we trust; an operator adds one with --webhook-ca-file";
    for (flaw, error) in [
        (Flaw::Expired, "tls: the receiver's certificate has expired"),
        (Flaw::NotYet, "tls: the receiver's certificate is not valid yet"),
        (Flaw::OtherName, "tls: the receiver's certificate is for another name"),
        (Flaw::SelfSigned, stranger),
    ] {
        let authority = Authority::make();
        let receiver = Receiver::tls(ok(), authority.acceptor(NAME, flaw)).await;
        let told = secure(&authority).deliver(&url("https", &receiver)).await;
        assert_eq!(told, Told::failed(error, "dns connect", Some("127.0.0.1")), "{flaw:?}");
        receiver.closed(1).await;
        assert_eq!(receiver.received().len(), 0);
    }
}

#[actix_web::test]
async fn an_authority_is_trusted_only_when_the_operator_says_so() {
    let authority = Authority::make();
    let receiver = Receiver::tls(ok(), authority.acceptor(NAME, Flaw::None)).await;
    let world = World::new(Setting { ca_file: Some(Authority::make().file()), ..Setting::default() });
    let told = world.deliver(&url("https", &receiver)).await;
    assert!(told.error.is_some_and(|error| error.starts_with("tls: the receiver's certificate is not signed")));
    assert_eq!(receiver.received().len(), 0);
}

#[actix_web::test]
async fn a_courier_is_shared_by_threads() {
    let receiver = Receiver::plain(ok()).await;
    let world = World::new(Setting::default());
    let delivered: Vec<_> = (0..2)
        .map(|_| {
            let (courier, url) = (world.courier.clone(), url("http", &receiver));
            let (tell, told) = tokio::sync::oneshot::channel();
            thread::spawn(move || {
                let outcome = actix_web::rt::System::new().block_on(courier.deliver(request(&url)));
                tell.send(outcome).unwrap();
            });
            told
        })
        .collect();
    for told in delivered {
        assert_eq!(Told::of(told.await.unwrap()).verdict, "delivered 200");
    }
    assert_eq!(receiver.tally().opened, 2, "each thread has connections of its own");
}
