//! Receivers that answer: with yes, with no, with too much, too slowly.

use actors::port::{Courier, WebhookRequest};
use entities::{Timestamp, WebhookSecret};
use switchboard::delivery::http_client::BODY_BYTES_MAX;

use super::world::{BODY, NAME, Setting, Told, World, request, url};
use crate::support::receiver::{Manner, Receiver, answer};

#[actix_web::test]
async fn a_delivery_is_sent_byte_for_byte_with_all_its_headers() {
    let receiver = Receiver::plain(Manner::status("200 OK", &["x-b: 2", "X-A: 1"], "thanks")).await;
    let world = World::new(Setting::default());
    let request = WebhookRequest {
        headers: [("X-Api-Key".to_owned(), "k 1".to_owned())].into(),
        previous_secret: Some(WebhookSecret::from_random([9; 32])),
        ..request(&url("http", &receiver))
    };
    let told = Told::of(world.courier.deliver(request).await);
    assert_eq!(told, Told::answered("delivered 200", "content-length: 6\nx-a: 1\nx-b: 2", "thanks"));
    let [received] = &receiver.received()[..] else { panic!("one request") };
    assert_eq!((received.line.as_str(), received.body.as_slice()), ("POST /hook?a=1 HTTP/1.1", BODY.as_bytes()));
    let but_date = received.headers.iter().filter(|(name, _)| name != "date");
    let mut headers: Vec<_> = but_date.map(|(name, value)| format!("{name}: {value}")).collect();
    headers.sort();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        headers,
        [
            "accept-encoding: identity".to_owned(),
            "content-length: 26".to_owned(),
            "content-type: application/json".to_owned(),
            format!("host: {NAME}:{}", receiver.address.port()),
            format!("user-agent: Switchboard/{version}"),
            "webhook-id: 00000000-0000-0000-0000-000000000001".to_owned(),
            format!("webhook-signature: {}", received.header("webhook-signature")),
            "webhook-timestamp: 1774535400".to_owned(),
            "x-api-key: k 1".to_owned(),
            "x-switchboard-attempt: 3".to_owned(),
            "x-switchboard-delivery: 00000000-0000-0000-0000-000000000002".to_owned(),
            "x-switchboard-event: ticket.created".to_owned(),
            format!("x-switchboard-signature-previous: {}", received.header("x-switchboard-signature-previous")),
            format!("x-switchboard-signature: {}", received.header("x-switchboard-signature")),
        ]
    );
    // printf '%s' '{"event":"ticket.created"}' | openssl dgst -sha256 -hmac "whsec_$(head -c32 /dev/zero | tr '\0' '\7' | base64)"; then with '\11'.
    assert_eq!(received.header("x-switchboard-signature"), "b18c46121d33a26c961d5d88f3b16118637e81c4fc72995a6768091187a32b1c");
    assert_eq!(received.header("x-switchboard-signature-previous"), "6c11c224f9420313bc6d273371e5f3812c2455c07b8ebb901157fbac20655917");
}

#[actix_web::test]
async fn the_official_library_verifies_what_was_received() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let world = World::new(Setting { header: "X-Old-Signature", ..Setting::default() });
    let at = Timestamp::new(chrono::Utc::now());
    let previous_secret = Some(WebhookSecret::from_random([9; 32]));
    let request = WebhookRequest { at, previous_secret, ..request(&url("http", &receiver)) };
    assert_eq!(Told::of(world.courier.deliver(request).await).verdict, "delivered 200");
    let received = receiver.received().remove(0);
    let mut headers = http::HeaderMap::new();
    for (name, value) in &received.headers {
        headers.insert(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let library = |byte| standardwebhooks::Webhook::new(WebhookSecret::from_random([byte; 32]).text()).unwrap();
    library(7).verify(&received.body, &headers).unwrap();
    library(9).verify(&received.body, &headers).unwrap();
    library(8).verify(&received.body, &headers).unwrap_err();
    library(7).verify(b"{}", &headers).unwrap_err();
    assert_eq!((received.header("x-old-signature").len(), received.header("x-old-signature-previous").len()), (64, 64));
    assert_eq!(received.header("x-switchboard-signature"), "");
}

#[actix_web::test]
async fn a_connection_is_kept_for_the_next_delivery() {
    let receiver = Receiver::plain(Manner::status("204 No Content", &[], "")).await;
    let world = World::new(Setting::default());
    let first = world.deliver_to(&receiver).await;
    assert_eq!(first, Told::answered("delivered 204", "content-length: 0", ""));
    let second = world.deliver_to(&receiver).await;
    assert_eq!(second, Told { parts: "first_byte".to_owned(), ..first });
    assert_eq!((receiver.tally().opened, receiver.received().len(), world.names.lookups().len()), (1, 2, 1));
}

#[actix_web::test]
async fn an_answer_in_chunks_is_read_to_its_end() {
    let chunked = b"HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".to_vec();
    let receiver = Receiver::plain(Manner::Answer(chunked)).await;
    let world = World::new(Setting::default());
    for _ in 0..2 {
        let told = world.deliver_to(&receiver).await;
        assert_eq!((told.verdict.as_str(), told.body.as_deref()), ("delivered 201", Some("abcde")));
    }
    assert_eq!(receiver.tally().opened, 1);
}

#[actix_web::test]
async fn an_old_answer_is_read_until_the_connection_ends() {
    let receiver = Receiver::plain(Manner::AnswerAndClose(b"HTTP/1.0 200 OK\r\nx-a: 1\r\n\r\nfine".to_vec())).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    assert_eq!(told, Told::answered("delivered 200", "x-a: 1", "fine"));
}

#[actix_web::test]
async fn a_refusal_is_recorded_with_its_body() {
    let receiver = Receiver::plain(Manner::status("503 Service Unavailable", &["retry-after: 120"], "busy")).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    let expected = Told::answered("failed 503", "content-length: 4\nretry-after: 120", "busy")
        .because("http_status: the receiver answered 503 Service Unavailable");
    assert_eq!(told, Told { retry_after: Some(120), ..expected });
}

#[actix_web::test]
async fn too_many_requests_says_when_in_seconds_or_as_a_date() {
    for (header, secs) in
        [("30", Some(30)), ("Wed, 21 Oct 2099 07:28:00 GMT", Some(86_400)), ("Sunday, 06-Nov-94 08:49:37 GMT", Some(0)), ("soon", None)]
    {
        let line = format!("retry-after: {header}");
        let receiver = Receiver::plain(Manner::status("429 Too Many Requests", &[&line], "")).await;
        let told = World::new(Setting::default()).deliver_to(&receiver).await;
        let expected = Told::answered("failed 429", &format!("content-length: 0\n{line}"), "")
            .because("http_status: the receiver answered 429 Too Many Requests");
        assert_eq!(told, Told { retry_after: secs, ..expected }, "{header}");
    }
}

#[actix_web::test]
async fn gone_is_gone() {
    let receiver = Receiver::plain(Manner::status("410 Gone", &[], "")).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    let sentence = "http_status: the receiver answered 410 Gone: it wants no more of this webhook";
    assert_eq!(told, Told::answered("gone 410", "content-length: 0", "").because(sentence));
}

#[actix_web::test]
async fn no_redirect_is_followed() {
    let inner = Receiver::plain(Manner::status("200 OK", &[], "secret")).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        for location in ["http://169.254.169.254/latest/meta-data/".to_owned(), url("http", &inner)] {
            let header = format!("location: {location}");
            let receiver = Receiver::plain(Manner::status(status, &[&header], "")).await;
            let world = World::new(Setting::default());
            let told = world.deliver_to(&receiver).await;
            let expected = Told::answered(&format!("failed {}", &status[..3]), &format!("content-length: 0\n{header}"), "");
            assert_eq!(told, expected.because(&format!("http_status: the receiver answered {status}; redirects are not followed")));
            assert_eq!((world.names.lookups().len(), receiver.received().len()), (1, 1));
        }
    }
    assert_eq!(inner.tally().opened, 0);
}

#[actix_web::test]
async fn of_a_huge_answer_the_beginning_is_read_and_the_connection_dropped() {
    const HUGE: usize = 200 * 1024 * 1024;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {HUGE}\r\n\r\n").into_bytes();
    let receiver = Receiver::plain(Manner::Flood(head, HUGE)).await;
    let world = World::new(Setting::default());
    let expected = Told::answered("delivered 200", &format!("content-length: {HUGE}"), &"x".repeat(BODY_BYTES_MAX));
    assert_eq!(world.deliver_to(&receiver).await, expected);
    assert_eq!(world.deliver_to(&receiver).await, expected, "over a connection of its own");
    let tally = receiver.closed(2).await;
    // What the kernel's buffers take is sent before the end is noticed; it is far from all.
    assert!(tally.opened == 2 && tally.written < HUGE / 4, "{tally:?}");
}

#[actix_web::test]
async fn a_body_of_exactly_the_limit_leaves_the_connection_usable() {
    let body = "x".repeat(BODY_BYTES_MAX);
    let receiver = Receiver::plain(Manner::status("200 OK", &[], &body)).await;
    let world = World::new(Setting::default());
    for _ in 0..2 {
        assert_eq!(world.deliver_to(&receiver).await.body.as_deref(), Some(body.as_str()));
    }
    assert_eq!(receiver.tally().opened, 1);
}

#[actix_web::test]
async fn of_many_headers_a_bounded_part_is_kept() {
    let many: Vec<_> = (0..80).map(|number| format!("x-{number:02}: {number}")).collect();
    let long: Vec<_> = (0..10).map(|number| format!("x-{number}: {}", "v".repeat(1000))).collect();
    for (headers, kept) in [(many, 64), (long, 10)] {
        let headers: Vec<_> = headers.iter().map(String::as_str).chain(["retry-after: 7"]).collect();
        let receiver = Receiver::plain(Manner::status("500 Internal Server Error", &headers, "")).await;
        let told = World::new(Setting::default()).deliver_to(&receiver).await;
        assert_eq!((told.headers.lines().count(), told.retry_after), (kept, Some(7)));
    }
}

#[actix_web::test]
async fn a_dripping_body_does_not_delay_the_verdict_beyond_the_deadline() {
    for (status, verdict, error) in [
        ("200 OK", "delivered 200", None),
        ("500 Internal Server Error", "failed 500", Some("http_status: the receiver answered 500 Internal Server Error".to_owned())),
    ] {
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: 1000000\r\n\r\n").into_bytes();
        let receiver = Receiver::plain(Manner::Drip(head)).await;
        let mut told = World::impatient().deliver_to(&receiver).await;
        assert!(told.body.take().is_some_and(|body| !body.is_empty() && body.bytes().all(|byte| byte == b'x')));
        assert_eq!(told, Told { body: None, error, ..Told::answered(verdict, "content-length: 1000000", "") });
        receiver.closed(1).await;
    }
}

#[actix_web::test]
async fn a_body_that_breaks_off_is_kept_as_far_as_it_came() {
    let mut broken = answer("200 OK", &[], "");
    broken = String::from_utf8(broken).unwrap().replace("length: 0", "length: 100").into_bytes();
    broken.extend_from_slice(b"half");
    let receiver = Receiver::plain(Manner::AnswerAndClose(broken)).await;
    let told = World::new(Setting::default()).deliver_to(&receiver).await;
    assert_eq!(told, Told::answered("delivered 200", "content-length: 100", "half"));
}

#[actix_web::test]
async fn a_header_that_cannot_be_sent_is_an_outcome_too() {
    let receiver = Receiver::plain(Manner::status("200 OK", &[], "")).await;
    let world = World::new(Setting::default());
    let request = WebhookRequest { headers: [("Host".to_owned(), "evil".to_owned())].into(), ..request(&url("http", &receiver)) };
    let told = Told::of(world.courier.deliver(request).await);
    assert_eq!(told, Told::failed("protocol: Host is set by Switchboard and cannot be replaced", "", None));
    assert_eq!(receiver.tally().opened, 0);
}

#[actix_web::test]
async fn what_comes_behind_an_answer_without_an_end_is_not_taken_for_the_next_one() {
    for (answer, verdict) in [
        (&b"HTTP/1.1 101 Switching Protocols\r\n\r\n"[..], "failed 101"),
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", "failed 500"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "delivered 200"),
    ] {
        let receiver = Receiver::plain(Manner::Answer(answer.to_vec())).await;
        let world = World::new(Setting::default());
        for opened in 1..=2 {
            assert_eq!(world.deliver_to(&receiver).await.verdict, verdict);
            assert_eq!(receiver.tally().opened, opened, "a connection of its own");
        }
    }
}

#[actix_web::test]
async fn interim_answers_are_passed_over() {
    let hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".to_vec();
    let receiver = Receiver::plain(Manner::Answer([hints, answer("200 OK", &[], "ok")].concat())).await;
    let world = World::new(Setting::default());
    for _ in 0..2 {
        let told = world.deliver_to(&receiver).await;
        let parts = told.parts.clone();
        assert_eq!(told, Told { parts, ..Told::answered("delivered 200", "content-length: 2", "ok") });
    }
    assert_eq!(receiver.tally().opened, 1);
}
