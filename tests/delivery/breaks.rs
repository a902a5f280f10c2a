//! Receivers that do not answer, or not in HTTP.

use super::world::{NAME, Setting, Told, World, url};
use crate::support::receiver::{Manner, Receiver, answer};

#[actix_web::test]
async fn silence_ends_at_the_deadline() {
    let receiver = Receiver::plain(Manner::Silence).await;
    let told = World::impatient().deliver_to(&receiver).await;
    assert_eq!(told, Told::failed("timeout: no answer came within 300 ms", "dns connect", Some("127.0.0.1")));
    assert_eq!(receiver.closed(1).await.opened, 1);
}

#[actix_web::test]
async fn a_dripping_head_ends_at_the_deadline() {
    let receiver = Receiver::plain(Manner::Drip(b"HTTP/1.1 200 OK\r\nx-slow: ".to_vec())).await;
    let told = World::impatient().deliver_to(&receiver).await;
    assert_eq!(told, Told::failed("timeout: no answer came within 300 ms", "dns connect", Some("127.0.0.1")));
    receiver.closed(1).await;
}

#[actix_web::test]
async fn a_handshake_that_never_ends_ends_at_the_deadline() {
    // It waits for a request in plain text and is sent a handshake.
    let receiver = Receiver::plain(Manner::Silence).await;
    let told = World::impatient().deliver(&url("https", &receiver)).await;
    assert_eq!(told, Told::failed("timeout: the TLS handshake was not finished within 300 ms", "dns connect", Some("127.0.0.1")));
    receiver.closed(1).await;
}

#[actix_web::test]
async fn a_reset_is_recorded() {
    let receiver = Receiver::plain(Manner::Reset).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    let sentence = "reset: the connection broke before the answer's head was there: Connection reset by peer (os error 104)";
    assert_eq!(told, Told::failed(sentence, "dns connect", Some("127.0.0.1")));
    assert_eq!(receiver.tally().opened, 1, "a fresh connection is not tried again");
}

#[actix_web::test]
async fn a_half_closed_connection_is_recorded() {
    let receiver = Receiver::plain(Manner::HalfClose).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    assert_eq!(told, Told::failed("reset: the receiver closed the connection without an answer", "dns connect", Some("127.0.0.1")));
    receiver.closed(1).await;
}

#[actix_web::test]
async fn garbage_is_no_answer() {
    for garbage in [&b"\x00\x01\x02\x03 what\r\n\r\n"[..], b"HTTP/1.1 abc OK\r\n\r\n", b"SSH-2.0-OpenSSH_9.9\r\n\r\n"] {
        let receiver = Receiver::plain(Manner::AnswerAndClose(garbage.to_vec())).await;
        let told = World::new(Setting::default()).deliver_to(&receiver).await;
        let error = told.error.clone().unwrap();
        assert!(error.starts_with("protocol: the answer is not HTTP: "), "{error}");
        assert_eq!(told, Told::failed(&error, "dns connect", Some("127.0.0.1")));
    }
}

#[actix_web::test]
async fn an_endless_head_is_no_answer() {
    let receiver = Receiver::plain(Manner::Flood(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec(), 64 * 1024 * 1024)).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    assert_eq!(told, Told::failed("protocol: the answer's head is too long", "dns connect", Some("127.0.0.1")));
    assert!(receiver.closed(1).await.written < 32 * 1024 * 1024);
}

#[actix_web::test]
async fn nobody_there_is_recorded() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = World::new(Setting::default()).deliver(&format!("http://{NAME}:{}/", closed.port())).await;
    let sentence = "connect: no connection to 127.0.0.1:port: Connection refused (os error 111)";
    assert_eq!(told, Told::failed(sentence, "dns", Some("127.0.0.1")));
}

#[actix_web::test]
async fn a_kept_connection_that_died_is_replaced_once() {
    let receiver = Receiver::plain(Manner::Once(answer("200 OK", &[], "ok"))).await;
    let world = World::new(Setting::default());
    let expected = Told::answered("delivered 200", "content-length: 2", "ok");
    assert_eq!(world.deliver_to(&receiver).await, expected);
    assert_eq!(world.deliver_to(&receiver).await, expected, "over a connection of its own");
    assert_eq!((receiver.tally().opened, receiver.received().len()), (2, 3));
}

#[actix_web::test]
async fn one_silent_receiver_does_not_hold_up_another() {
    let (silent, quick) = (Receiver::plain(Manner::Silence).await, Receiver::plain(Manner::status("200 OK", &[], "")).await);
    let world = World::new(Setting::default());
    // More than the hundred connections that such clients share by default.
    let waiting: Vec<_> = (0..150).map(|_| world.deliver_to(&silent)).collect();
    let told = futures_util::future::select(Box::pin(futures_util::future::join_all(waiting)), Box::pin(world.deliver_to(&quick))).await;
    match told {
        futures_util::future::Either::Right((told, _)) => assert_eq!(told.verdict, "delivered 200"),
        futures_util::future::Either::Left(_) => panic!("the silent ones ended first"),
    }
}
