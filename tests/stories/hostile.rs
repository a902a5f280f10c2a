//! Slow and hostile clients: each is refused or closed with the documented code, others feel nothing, and memory stays where it was.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{
    client::{Client, Heard},
    house::{House, Server},
};

/// What memory may grow by under attack, in KiB: far less than what was thrown at the server, more than any allocator's play.
const GROWTH_KIB_MAX: u64 = 96 * 1024;

/// A house with somebody in it who talks, and must feel nothing.
struct Scene {
    house: House,
    server: Server,
    owner: String,
    session: String,
    conversation: String,
    visitor: Client,
    agent: Client,
    said: usize,
    memory_kib: u64,
}

impl Scene {
    async fn new(options: &[&str]) -> Self {
        let house = House::on_sqlite();
        let server = house.start_with(options);
        let owner = server.owner().await;
        let session = server.visitor(&house).await;
        let mut visitor = server.visitor_socket(&session).await;
        let first = visitor.send_text(None, "first", "Hello").await;
        let conversation = first["conversation_id"].as_str().unwrap().to_owned();
        let agent = server.agent_socket(&owner, &[&format!("conversation:{conversation}")]).await;
        let memory_kib = server.memory_kib();
        Self { house, server, owner, session, conversation, visitor, agent, said: 0, memory_kib }
    }

    /// The two who talk still can, on the sockets that they had.
    async fn others_feel_nothing(&mut self) {
        self.said += 1;
        let text = format!("Are you still there? {}", self.said);
        let ack = self.visitor.send_text(None, &text.replace(' ', "-"), &text).await;
        assert_eq!(ack["type"], "ack");
        loop {
            let event = self.agent.hear_event("conversation.message_created").await;
            if event["data"]["content_text"] == *text {
                break;
            }
        }
        let grown = self.server.memory_kib().saturating_sub(self.memory_kib);
        assert!(grown < GROWTH_KIB_MAX, "the server's memory has grown by {grown} KiB");
    }

    async fn stranger(&self, path: &str) -> Client {
        Client::open(&self.server.address, path, None).await.expect("the socket opens")
    }

    async fn guest(&self) -> Client {
        let session = self.server.visitor(&self.house).await;
        self.server.visitor_socket(&session).await
    }
}

#[tokio::test]
async fn a_first_frame_that_is_not_hello_closes_with_4500() {
    let mut scene = Scene::new(&[]).await;
    for path in ["/ws/visitor", "/ws/agent"] {
        for frame in [json!({"type": "ping"}), json!({"type": "send", "ref": 1, "client_id": "x", "text": "x"})] {
            let mut stranger = scene.stranger(path).await;
            stranger.say(&frame).await;
            assert_eq!(stranger.hear().await, Heard::Closed(Some(4500)), "{path} {frame}");
        }
    }
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn a_token_that_is_not_good_closes_with_4501() {
    let mut scene = Scene::new(&[]).await;
    for path in ["/ws/visitor", "/ws/agent"] {
        let wrong_side = if path == "/ws/visitor" { &scene.owner } else { &scene.session };
        for hello in [json!({"type": "hello"}), json!({"type": "hello", "token": "rubbish"}), json!({"type": "hello", "token": wrong_side})]
        {
            let mut stranger = scene.stranger(path).await;
            stranger.say(&hello).await;
            assert_eq!(stranger.hear().await, Heard::Closed(Some(4501)), "{path}");
        }
    }
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn sockets_without_hello_are_closed_with_4501() {
    let mut scene = Scene::new(&[]).await;
    let mut strangers = Vec::new();
    for _ in 0..100 {
        strangers.push(scene.stranger("/ws/visitor").await);
        strangers.push(scene.stranger("/ws/agent").await);
    }
    for stranger in &mut strangers {
        assert_eq!(stranger.hear().await, Heard::Closed(Some(4501)));
    }
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn garbage_closes_with_4500() {
    let mut scene = Scene::new(&[]).await;
    let garbage = [
        Message::text(""),
        Message::text("rubbish"),
        Message::text("{}"),
        Message::text("[]"),
        Message::text("null"),
        Message::text(r#"{"type":"#),
        Message::text(r#"{"type":"rubbish"}"#),
        Message::text(r#"{"type":"send"}"#),
        Message::text(r#"{"type":"send","ref":{},"client_id":1,"text":[]}"#),
        Message::text(r#"{"type":"read","conversation_id":"x","seq":-1}"#),
        Message::text(r#"{"type":"hello","token":"again"}"#),
        Message::text(format!(r#"{{"type":"send","ref":1,"client_id":"x","content":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000))),
        Message::binary(br#"{"type":"ping"}"#.to_vec()),
        Message::binary(vec![0xFF; 1024]),
    ];
    for message in garbage {
        let mut guest = scene.guest().await;
        guest.send(message.clone()).await;
        assert_eq!(guest.hear_close().await, Some(4500), "{message:?}");
    }
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn frames_in_pieces_are_put_together_and_only_up_to_the_limit() {
    let mut scene = Scene::new(&[]).await;
    let mut guest = scene.guest().await;
    for (piece, last) in [(r#"{"type":"send","ref":1,"#, false), (r#""client_id":"pieces","text":"#, false), (r#""in pieces"}"#, true)] {
        let kind = if piece.starts_with('{') { Data::Text } else { Data::Continue };
        guest.send(Message::Frame(Frame::message(piece.as_bytes().to_vec(), OpCode::Data(kind), last))).await;
    }
    assert_eq!(guest.hear_type("ack").await["ref"], 1);

    let piece = vec![b' '; 16 * 1024];
    let mut endless = scene.guest().await;
    endless.send(Message::Frame(Frame::message(piece.clone(), OpCode::Data(Data::Text), false))).await;
    for _ in 0..8 {
        endless.send(Message::Frame(Frame::message(piece.clone(), OpCode::Data(Data::Continue), false))).await;
    }
    assert_eq!(endless.hear_close().await, Some(1009));
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn broken_utf8_closes_with_4500() {
    let mut scene = Scene::new(&[]).await;
    let mut guest = scene.guest().await;
    let broken = b"{\"type\":\"send\",\"ref\":1,\"client_id\":\"x\",\"text\":\"\xC3\x28\"}".to_vec();
    guest.send(Message::Frame(Frame::message(broken.clone(), OpCode::Data(Data::Text), true))).await;
    assert_eq!(guest.hear_close().await, Some(4500));
    let mut guest = scene.guest().await;
    let (front, back) = broken.split_at(50);
    guest.send(Message::Frame(Frame::message(front.to_vec(), OpCode::Data(Data::Text), false))).await;
    guest.send(Message::Frame(Frame::message(back.to_vec(), OpCode::Data(Data::Continue), true))).await;
    assert_eq!(guest.hear_close().await, Some(4500));
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn a_frame_over_64_kib_closes_with_1009() {
    let mut scene = Scene::new(&[]).await;
    for bytes in [64 * 1024 + 1, 1024 * 1024, 16 * 1024 * 1024] {
        let mut guest = scene.guest().await;
        let padding = " ".repeat(bytes - r#"{"type":"ping"}"#.len());
        guest.send(Message::text(format!(r#"{{"type":"ping"{padding}}}"#))).await;
        assert_eq!(guest.hear_close().await, Some(1009), "{bytes} bytes");
    }
    // At the limit it is a frame like any other.
    let mut guest = scene.guest().await;
    let padding = " ".repeat(64 * 1024 - r#"{"type":"ping"}"#.len());
    guest.send(Message::text(format!(r#"{{"type":"ping"{padding}}}"#))).await;
    assert_eq!(guest.hear().await, Heard::Frame(json!({"type": "pong"})));
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn a_flood_of_frames_is_refused_or_closed_and_others_feel_nothing() {
    let mut scene = Scene::new(&["--rate-socket-frames", "100"]).await;
    // Sends within the budget are answered, sends beyond it refused with when to come back.
    let guest = scene.guest().await;
    let (mut sink, mut stream) = guest.socket.split();
    let flood = async {
        for number in 0..10_000 {
            let frame = json!({"type": "send", "ref": number, "client_id": format!("flood-{number}"), "text": format!("flood {number}")});
            if sink.send(Message::text(frame.to_string())).await.is_err() {
                break;
            }
        }
        sink
    };
    let answers = async {
        let (mut acked, mut refused, mut closed) = (0, 0, None);
        while acked + refused < 10_000 {
            let text = match stream.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(frame))) => {
                    closed = Some(frame.map(|frame| u16::from(frame.code)));
                    break;
                }
                // A reset: what the server said last may be lost with it.
                Some(Err(_)) | None => {
                    closed = Some(None);
                    break;
                }
                Some(Ok(_)) => continue,
            };
            let frame: Value = serde_json::from_str(&text).unwrap();
            match frame["type"].as_str().unwrap() {
                "ack" => acked += 1,
                "refused" => {
                    assert_eq!((&frame["code"], &frame["retry"]), (&json!("rate_limited"), &json!("later")));
                    assert!(frame["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0));
                    refused += 1;
                }
                _ => {}
            }
        }
        (acked, refused, closed)
    };
    let (_sink, (acked, refused, closed)) = tokio::join!(flood, answers);
    // Who floods and does not read as fast is closed as slow: 4001.
    let over = matches!(closed, Some(Some(4001 | 4500) | None));
    assert!(acked >= 100 && (refused > acked || over), "{acked} were taken and {refused} refused, closed with {closed:?}");

    // A flood of anything else has no answer to carry the refusal, so it is closed.
    let mut guest = scene.guest().await;
    for _ in 0..10_000 {
        if guest.socket.send(Message::text(r#"{"type":"ping"}"#)).await.is_err() {
            break;
        }
    }
    assert!(matches!(guest.hear_close().await, Some(4500) | None));
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn a_socket_that_stops_reading_is_cut_and_memory_does_not_grow() {
    let mut scene = Scene::new(&[]).await;
    let topic = format!("conversation:{}", scene.conversation);
    // They follow the conversation and never read again.
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let mut client = Client::open_narrow(&scene.server.address, "/ws/agent").await;
        client.say(&json!({"type": "hello", "token": scene.owner})).await;
        client.say(&json!({"type": "subscribe", "topics": [topic]})).await;
        stalled.push(client);
    }
    // 12 MB for each of them, 240 MB in all.
    let text = "x".repeat(10_000);
    for number in 0..600 {
        let ack = scene.visitor.send_text(None, &format!("big-{number}"), &text).await;
        assert_eq!(ack["type"], "ack");
        // Others read at once, and miss nothing.
        loop {
            let event = scene.agent.hear_event("conversation.message_created").await;
            if event["data"]["client_id"] == format!("big-{number}") {
                break;
            }
        }
    }
    scene.others_feel_nothing().await;
    // Reading on at last, each finds the end: cut as too slow, or ended by the kernel; and not everything that it missed.
    for client in &mut stalled {
        let mut events = 0;
        let code = loop {
            match client.hear().await {
                Heard::Frame(frame) => events += usize::from(frame["type"] == "event"),
                Heard::Closed(code) => break code,
            }
        };
        assert!(matches!(code, Some(4001) | None), "closed with {code:?}");
        assert!(events < 600, "it was sent everything after all");
    }
}

#[tokio::test]
async fn anothers_ids_look_as_if_they_did_not_exist() {
    let mut scene = Scene::new(&[]).await;
    let other = scene.house.make_workspace("Contoso", "eve@contoso.example");
    let eve = scene.server.sign_in("eve@contoso.example", "a long pass phrase").await;
    let id = scene.conversation.clone();
    let mut agent = scene.server.agent_socket(&eve, &["inbox"]).await;
    let absent = "0198c0de-0000-7000-8000-000000000000";
    for id in [id.as_str(), absent] {
        let frames = [
            json!({"type": "subscribe", "topics": [format!("conversation:{id}")]}),
            json!({"type": "send", "ref": 1, "client_id": "x", "conversation_id": id, "text": "x"}),
            json!({"type": "read", "conversation_id": id, "seq": 1}),
            json!({"type": "typing", "conversation_id": id, "on": true}),
            json!({"type": "viewing", "conversation_id": id}),
        ];
        for frame in frames {
            agent.say(&frame).await;
            let refused = agent.hear_type("refused").await;
            assert_eq!((&refused["code"], &refused["retry"]), (&json!("not_found"), &json!("never")), "{frame}");
        }
        let listed = scene.server.get(&eve, &format!("/api/v1/conversations/{id}/messages")).await;
        assert_eq!(listed.status, 404);
    }
    // A visitor of the same workspace, and one of the other, are no better off.
    let stranger = scene.server.visitor_of(other["widget_api_key"].as_str().unwrap()).await;
    for session in [scene.server.visitor(&scene.house).await, stranger] {
        let mut visitor = scene.server.visitor_socket(&session).await;
        for frame in [
            json!({"type": "send", "ref": 1, "client_id": "x", "conversation_id": id, "text": "x"}),
            json!({"type": "read", "conversation_id": id, "seq": 1}),
            json!({"type": "typing", "conversation_id": id, "on": true}),
        ] {
            visitor.say(&frame).await;
            assert_eq!(visitor.hear_type("refused").await["code"], "not_found", "{frame}");
        }
    }
    scene.others_feel_nothing().await;
    assert_eq!(scene.server.messages(&scene.owner, &id).await.len(), 2);
}

#[tokio::test]
async fn a_wrong_origin_closes_with_4502() {
    let mut scene = Scene::new(&[]).await;
    let channels = scene.server.get(&scene.owner, "/api/v1/channels").await.good();
    let channel = channels["data"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/channels/{channel}");
    let body = json!({"settings": {"allowed_origins": ["https://shop.example"]}});
    let done = super::http::request(&scene.server.address, "PATCH", &path, Some(&scene.owner), Some(&body)).await.unwrap();
    done.good();
    for (origin, expected) in [
        (Some("https://evil.example"), 4502),
        (Some("https://shop.example.evil.example"), 4502),
        (Some("http://shop.example"), 4502),
        (None, 4502),
    ] {
        let mut stranger = Client::open(&scene.server.address, "/ws/visitor", origin).await.unwrap();
        stranger.say(&json!({"type": "hello", "token": scene.session})).await;
        assert_eq!(stranger.hear().await, Heard::Closed(Some(expected)), "{origin:?}");
    }
    let mut welcome = Client::open(&scene.server.address, "/ws/visitor", Some("https://shop.example")).await.unwrap();
    welcome.say(&json!({"type": "hello", "token": scene.session})).await;
    assert_eq!(welcome.hear_type("welcome").await["heartbeat_secs"], 25);

    let mut page = Client::open(&scene.server.address, "/ws/agent", Some("https://evil.example")).await.unwrap();
    page.say(&json!({"type": "hello", "token": scene.owner})).await;
    assert_eq!(page.hear().await, Heard::Closed(Some(4502)));
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn a_sign_in_that_is_ended_closes_its_sockets_with_4503() {
    let mut scene = Scene::new(&[]).await;
    let again = scene.server.owner().await;
    let mut revoked = scene.server.agent_socket(&again, &["inbox"]).await;
    scene.server.post(Some(&again), "/api/auth/logout", &json!({})).await.good();
    assert_eq!(revoked.hear_close().await, Some(4503));
    let mut late = scene.stranger("/ws/agent").await;
    late.say(&json!({"type": "hello", "token": again})).await;
    assert_eq!(late.hear().await, Heard::Closed(Some(4501)));
    // The other sign-in of the same person stands.
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn the_51st_socket_of_one_person_closes_with_4504() {
    let mut scene = Scene::new(&[]).await;
    let session = scene.server.visitor(&scene.house).await;
    let mut sockets = Vec::new();
    for _ in 0..50 {
        sockets.push(scene.server.visitor_socket(&session).await);
    }
    let mut one_more = scene.stranger("/ws/visitor").await;
    one_more.say(&json!({"type": "hello", "token": session})).await;
    assert_eq!(one_more.hear().await, Heard::Closed(Some(4504)));
    scene.others_feel_nothing().await;
}

#[tokio::test]
async fn connections_that_never_ask_for_anything_are_dropped() {
    let mut scene = Scene::new(&[]).await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(&scene.server.address).await.unwrap();
        stream.write_all(b"GET /ws/visitor HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        silent.push(stream);
    }
    for mut stream in silent {
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut answer)).await;
        // Answered with 408 or reset: either way it is over.
        drop(ended.expect("the connection ends"));
    }
    scene.others_feel_nothing().await;
}
