//! The sockets, frame by frame.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::{Scene, Visitor, good, has, heard, names, text, well_formed};
use crate::{
    stories::client::{Client, Heard},
    support::multipart::file,
};

const DOORS: [&str; 2] = ["/ws/visitor", "/ws/agent"];
const FRAME_BYTES_MAX: usize = 64 * 1024;

/// A scene with a visitor who has said something, and an agent.
struct Talk {
    scene: Scene,
    visitor: Visitor,
    owner: String,
    conversation: String,
    said: Value,
}

impl Talk {
    async fn start() -> Self {
        Self::in_scene(Scene::start().await).await
    }

    async fn in_scene(scene: Scene) -> Self {
        let visitor = scene.visitor().await;
        let said = scene.says(&visitor, "Hello").await;
        let owner = scene.server.sign_in(&scene.home.owner_email).await;
        Self { conversation: text(&said["conversationId"]), scene, visitor, owner, said }
    }

    fn topic(&self) -> String {
        format!("conversation:{}", self.conversation)
    }

    async fn visitor(&self) -> Client {
        self.scene.visitor_socket(&self.visitor).await
    }

    /// The owner, following the conversation.
    async fn agent(&self) -> Client {
        self.scene.agent_socket(&self.owner, &[&self.topic()]).await
    }

    fn send(&self, client_id: &str, text: &str) -> Value {
        json!({"type": "send", "ref": client_id, "conversation_id": self.conversation, "client_id": client_id, "text": text})
    }

    async fn messages(&self) -> Vec<Value> {
        let page = self.scene.get(&format!("/api/v1/conversations/{}/messages?order=asc", self.conversation)).await;
        page["data"].as_array().unwrap().clone()
    }
}

async fn closed(client: &mut Client) -> Option<u16> {
    client.hear_close().await
}

/// The number of a cursor.
fn place(cursor: &Value) -> u64 {
    cursor.as_str().unwrap().rsplit_once('-').unwrap().1.parse().unwrap()
}

#[actix_web::test]
async fn hello_is_answered_with_welcome() {
    let talk = Talk::start().await;
    for (door, token) in [("/ws/visitor", &talk.visitor.token), ("/ws/agent", &talk.owner)] {
        let (_client, welcome) = talk.scene.enter(door, json!({"type": "hello", "token": token})).await;
        assert_eq!(names(&welcome), ["cursor", "heartbeat_secs", "limits", "session_id", "type"], "{door}");
        assert_eq!(welcome["heartbeat_secs"], 25);
        assert!(welcome["limits"].is_object());
        assert_eq!(welcome["limits"]["frame_bytes_max"], FRAME_BYTES_MAX);
        assert_eq!(well_formed(&welcome), (1, 0));
        let cursor = &welcome["cursor"];
        let (_again, resumed) = talk.scene.enter(door, json!({"type": "hello", "token": token, "cursor": cursor})).await;
        assert_eq!(&resumed["cursor"], cursor, "{door}");
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn no_token_is_taken_from_the_url() {
    let talk = Talk::start().await;
    for (door, token) in [("/ws/visitor", &talk.visitor.token), ("/ws/agent", &talk.owner)] {
        for name in ["token", "sessionToken", "access_token"] {
            let mut client = talk.scene.open(&format!("{door}?{name}={token}"), None).await;
            client.say(&json!({"type": "hello"})).await;
            assert_eq!(closed(&mut client).await, Some(4501), "{door} {name}");
        }
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn no_hello_in_time_closes_with_4501() {
    let scene = Scene::start().await;
    for door in DOORS {
        let mut client = scene.open(door, None).await;
        assert_eq!(client.hear().await, Heard::Closed(Some(4501)), "{door}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_first_frame_that_is_not_hello_closes_with_4500() {
    let scene = Scene::start().await;
    for door in DOORS {
        for frame in [json!({"type": "ping"}), json!({"type": "subscribe", "topics": ["inbox"]}), json!({"nonsense": true})] {
            let mut client = scene.open(door, None).await;
            client.say(&frame).await;
            assert_eq!(client.hear().await, Heard::Closed(Some(4500)), "{door} {frame}");
        }
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_frame_that_cannot_be_read_closes_with_4500() {
    let talk = Talk::start().await;
    for frame in [json!({"type": "nonsense"}), json!({"type": "send"}), json!("hello"), json!({"type": "typing", "on": 1})] {
        for mut client in [talk.visitor().await, talk.agent().await] {
            client.say(&frame).await;
            assert_eq!(closed(&mut client).await, Some(4500), "{frame}");
        }
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn a_token_that_is_not_good_closes_with_4501() {
    let talk = Talk::start().await;
    for (door, other) in [("/ws/visitor", &talk.owner), ("/ws/agent", &talk.visitor.token)] {
        for token in ["nobody", other] {
            let mut client = talk.scene.open(door, None).await;
            client.say(&json!({"type": "hello", "token": token})).await;
            assert_eq!(client.hear().await, Heard::Closed(Some(4501)), "{door}");
        }
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn an_origin_that_the_channel_does_not_allow_closes_with_4502() {
    let talk = Talk::start().await;
    talk.scene.set(json!({"allowed_origins": ["https://northwind.example"]})).await;
    let hello = json!({"type": "hello", "token": talk.visitor.token});
    for (origin, allowed) in [(Some("https://northwind.example"), true), (Some("https://evil.example"), false), (None, false)] {
        let mut client = talk.scene.open("/ws/visitor", origin).await;
        client.say(&hello).await;
        match client.hear().await {
            Heard::Frame(frame) => assert!(allowed && frame["type"] == "welcome", "{origin:?} {frame}"),
            Heard::Closed(code) => assert_eq!((allowed, code), (false, Some(4502)), "{origin:?}"),
        }
    }
    // Where the list is empty any page and any program may.
    talk.scene.set(json!({"allowed_origins": []})).await;
    for origin in [Some("https://anything.example"), None] {
        let mut client = talk.scene.open("/ws/visitor", origin).await;
        client.say(&hello).await;
        assert_eq!(heard(&mut client).await["type"], "welcome");
    }
    // The console is this server's own page, and no other site's.
    let mut page = talk.scene.open("/ws/agent", Some("https://evil.example")).await;
    page.say(&json!({"type": "hello", "token": talk.owner})).await;
    assert_eq!(page.hear().await, Heard::Closed(Some(4502)));
    talk.scene.end().await;
}

#[actix_web::test]
async fn a_revoked_session_closes_with_4503() {
    let talk = Talk::start().await;
    let mut client = talk.agent().await;
    assert_eq!(talk.scene.server.post("/api/auth/logout").bearer(&talk.owner).send().await.status, 204);
    assert_eq!(closed(&mut client).await, Some(4503));
    talk.scene.end().await;
}

#[actix_web::test]
async fn too_many_sessions_close_with_4504() {
    let talk = Talk::start().await;
    let mut clients = Vec::new();
    for _ in 0..50 {
        clients.push(talk.visitor().await);
    }
    let mut one_more = talk.scene.open("/ws/visitor", None).await;
    one_more.say(&json!({"type": "hello", "token": talk.visitor.token})).await;
    assert_eq!(one_more.hear().await, Heard::Closed(Some(4504)));
    drop(clients);
    talk.scene.end().await;
}

#[actix_web::test]
async fn a_frame_over_64_kib_closes_with_1009() {
    let talk = Talk::start().await;
    for mut client in [talk.visitor().await, talk.agent().await] {
        let ping = |bytes: usize| format!("{}{}", r#"{"type":"ping"}"#, " ".repeat(bytes - r#"{"type":"ping"}"#.len()));
        client.send(ping(FRAME_BYTES_MAX).into()).await;
        assert_eq!(client.hear_type("pong").await, json!({"type": "pong"}));
        client.send(ping(FRAME_BYTES_MAX + 1).into()).await;
        assert_eq!(closed(&mut client).await, Some(1009));
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn draining_says_goodbye_and_closes_with_4000() {
    let talk = Talk::start().await;
    let mut clients = [talk.visitor().await, talk.agent().await];
    let stopping = actix_web::rt::spawn(talk.scene.server.stop());
    for client in &mut clients {
        let goodbye = client.hear_type("goodbye").await;
        assert_eq!(names(&goodbye), ["reason", "reconnect_after_ms", "type"]);
        assert!(goodbye["reason"].is_string() && goodbye["reconnect_after_ms"].is_u64());
        assert_eq!(client.hear().await, Heard::Closed(Some(4000)));
    }
    assert!(stopping.await.unwrap());
}

#[actix_web::test]
async fn a_server_error_closes_with_4003() {
    let talk = Talk::start().await;
    talk.scene.server.ground.db.close().await.expect("close");
    for (door, token) in [("/ws/visitor", &talk.visitor.token), ("/ws/agent", &talk.owner)] {
        let mut client = talk.scene.open(door, None).await;
        client.say(&json!({"type": "hello", "token": token})).await;
        assert_eq!(client.hear().await, Heard::Closed(Some(4003)), "{door}");
    }
}

#[actix_web::test]
async fn a_client_that_reads_too_slowly_is_closed_with_4001() {
    let talk = Talk::in_scene(Scene::start_with(&["--rate-visitor", "100000", "--rate-prefix", "100000"]).await).await;
    let mut slow = Client::open_narrow(&talk.scene.server.address.to_string(), "/ws/agent").await;
    slow.say(&json!({"type": "hello", "token": talk.owner})).await;
    slow.say(&json!({"type": "subscribe", "topics": [talk.topic()]})).await;
    slow.settle().await;
    let mut visitor = talk.visitor().await;
    let text = "x".repeat(10_000);
    // The visitor reads what comes of each few: it is not the one who is slow.
    for wave in 0..78 {
        for n in 0..5 {
            visitor.say(&talk.send(&format!("long-{wave}-{n}"), &text)).await;
        }
        for _ in 0..5 {
            visitor.hear_type("ack").await;
        }
    }
    assert_eq!(closed(&mut slow).await, Some(4001));
    talk.scene.end().await;
}

/// Reads frames off the connection itself, so that nothing answers the server's pings: how many came, and the code of the close.
async fn listen_silently(client: &mut Client) -> (usize, u16) {
    let stream = client.socket.get_mut();
    let mut pings = 0;
    loop {
        let (head, length) = (stream.read_u8().await.unwrap(), stream.read_u8().await.unwrap());
        let length = match length {
            126 => usize::from(stream.read_u16().await.unwrap()),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.unwrap();
        match head & 0x0F {
            8 => return (pings, u16::from_be_bytes([payload[0], payload[1]])),
            9 => pings += 1,
            _ => {}
        }
    }
}

#[actix_web::test]
async fn the_heartbeat_is_every_25_s_and_silence_for_60_s_closes_with_4002() {
    let talk = Talk::start().await;
    let (mut visitor, mut agent) = (talk.visitor().await, talk.agent().await);
    let (of_visitor, of_agent) = tokio::join!(listen_silently(&mut visitor), listen_silently(&mut agent));
    for (pings, code) in [of_visitor, of_agent] {
        assert_eq!((pings, code), (2, 4002));
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn ping_is_answered_with_pong() {
    let talk = Talk::start().await;
    for mut client in [talk.visitor().await, talk.agent().await] {
        client.say(&json!({"type": "ping"})).await;
        assert_eq!(client.hear_type("pong").await, json!({"type": "pong"}));
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn ack_names_ref_message_id_and_seq_and_comes_after_the_commit() {
    let talk = Talk::start().await;
    for (mut client, client_id) in [(talk.visitor().await, "by-visitor"), (talk.agent().await, "by-agent")] {
        let ack = client.answer(&talk.send(client_id, client_id)).await;
        has(&ack, &["message_id", "ref", "seq", "type"]);
        assert_eq!((&ack["type"], &ack["ref"]), (&json!("ack"), &json!(client_id)));
        assert_eq!(well_formed(&ack).0, 2);
        let stored = talk.messages().await;
        let stored = stored.iter().find(|message| message["client_id"] == client_id).expect("an acknowledged message is stored");
        assert_eq!((&stored["id"], &stored["seq"]), (&ack["message_id"], &ack["seq"]));
        // The same client_id again is harmless.
        assert_eq!(client.answer(&talk.send(client_id, client_id)).await, ack);
    }
    assert_eq!(talk.messages().await.len(), 3);
    talk.scene.end().await;
}

#[actix_web::test]
async fn send_takes_content_or_text_attachments_and_kind() {
    let talk = Talk::start().await;
    let up = talk.scene.server.post("/api/upload").bearer(&talk.owner).form(&[file("a.txt", "text/plain", b"a")]).send().await;
    let up = good(up);
    let mut agent = talk.agent().await;
    let content = json!({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "As a document"}]}]});
    let whole = json!({
        "type": "send", "ref": "1", "conversation_id": talk.conversation, "client_id": "one", "content": content,
        "attachments": [up["id"]], "kind": "message", "last_seen_seq": talk.said["seq"],
    });
    assert_eq!(agent.answer(&whole).await["type"], "ack");
    let note = json!({
        "type": "send", "ref": 2, "conversation_id": talk.conversation, "client_id": "two", "text": "Among us", "kind": "note",
    });
    let ack = agent.answer(&note).await;
    assert_eq!((&ack["type"], &ack["ref"]), (&json!("ack"), &json!(2)));
    let messages = talk.messages().await;
    assert_eq!((&messages[1]["content"], &messages[1]["attachments"][0]["id"]), (&content, &up["id"]));
    assert_eq!((&messages[2]["kind"], &messages[2]["content_text"]), (&json!("note"), &json!("Among us")));
    // A visitor names no conversation, and never reads notes.
    let mut visitor = talk.visitor().await;
    let plain = json!({"type": "send", "ref": "3", "client_id": "three", "content": content});
    assert_eq!(visitor.answer(&plain).await["type"], "ack");
    assert_eq!(talk.scene.history(&talk.visitor).await["messages"].as_array().unwrap().len(), 3);
    talk.scene.end().await;
}

#[actix_web::test]
async fn refused_names_code_detail_and_whether_to_try_again() {
    let talk = Talk::start().await;
    let mut agent = talk.agent().await;
    let empty = json!({"type": "send", "ref": "empty", "conversation_id": talk.conversation, "client_id": "empty", "text": ""});
    let refused = agent.answer(&empty).await;
    assert_eq!(names(&refused), ["code", "detail", "ref", "retry", "type"]);
    assert_eq!((&refused["type"], &refused["code"], &refused["retry"]), (&json!("refused"), &json!("validation_failed"), &json!("never")));
    // What is not a send has no ref.
    agent.say(&json!({"type": "subscribe", "topics": ["nonsense"]})).await;
    let refused = agent.hear_type("refused").await;
    assert_eq!(names(&refused), ["code", "detail", "retry", "type"]);
    talk.scene.end().await;
}

#[actix_web::test]
async fn a_rate_limited_send_says_later_and_when() {
    let scene = Scene::start_with(&["--rate-visitor", "1"]).await;
    let visitor = scene.visitor().await;
    let mut client = scene.visitor_socket(&visitor).await;
    assert_eq!(client.send_text(None, "one", "One").await["type"], "ack");
    let refused = client.send_text(None, "two", "Two").await;
    assert_eq!(names(&refused), ["code", "detail", "ref", "retry", "retry_after_ms", "type"]);
    assert_eq!((&refused["code"], &refused["retry"]), (&json!("rate_limited"), &json!("later")));
    assert!(refused["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0));
    scene.end().await;
}

#[actix_web::test]
async fn a_stale_reply_is_refused_with_the_unseen_and_goes_through_with_the_new_last_seen_seq() {
    let talk = Talk::start().await;
    let (_, ben) = talk.scene.agent("Ben").await;
    let mut maya = talk.agent().await;
    let mut ben = talk.scene.agent_socket(&ben, &[&talk.topic()]).await;
    let reply = |client_id: &str, seen: &Value| {
        let mut frame = talk.send(client_id, client_id);
        frame["last_seen_seq"] = seen.clone();
        frame
    };
    let first = maya.answer(&reply("maya", &talk.said["seq"])).await;
    assert_eq!(first["type"], "ack");
    let refused = ben.answer(&reply("ben", &talk.said["seq"])).await;
    assert_eq!(names(&refused), ["code", "detail", "ref", "retry", "type", "unseen"]);
    assert_eq!((&refused["type"], &refused["code"], &refused["retry"]), (&json!("refused"), &json!("stale_reply"), &json!("now")));
    assert_eq!(refused["unseen"][0]["id"], first["message_id"]);
    assert_eq!(ben.answer(&reply("ben", &refused["unseen"][0]["seq"])).await["type"], "ack");
    talk.scene.end().await;
}

#[actix_web::test]
async fn an_event_carries_its_place_and_the_one_before_it() {
    let talk = Talk::start().await;
    let (mut visitor, welcome) = talk.scene.enter("/ws/visitor", json!({"type": "hello", "token": talk.visitor.token})).await;
    let (mut agent, agents_welcome) = talk.scene.enter("/ws/agent", json!({"type": "hello", "token": talk.owner})).await;
    agent.follow(&["inbox"]).await;
    let mut seen = (place(&welcome["cursor"]), place(&agents_welcome["cursor"]));
    for text in ["One", "Two"] {
        talk.scene.says(&talk.visitor, text).await;
        let event = visitor.hear_event("conversation.message_created").await;
        assert_eq!(names(&event), ["at", "conversation_id", "data", "event", "prev", "seq", "type"], "visitors have no position");
        assert_eq!((&event["prev"], &event["conversation_id"]), (&json!(seen.0), &json!(talk.conversation)));
        assert_eq!(event["data"]["content_text"], text);
        seen.0 = event["seq"].as_u64().unwrap();
        well_formed(&event);
        // The agent sees more, each with the position of the frame before it.
        loop {
            let event = agent.hear_type("event").await;
            assert_eq!(names(&event), ["at", "conversation_id", "data", "event", "position", "prev", "seq", "type"]);
            assert_eq!(event["prev"], seen.1);
            seen.1 = event["position"].as_u64().unwrap();
            if event["event"] == "conversation.message_created" {
                assert_eq!(event["data"]["content_text"], text);
                break;
            }
        }
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn typing_reaches_the_other_side() {
    let talk = Talk::start().await;
    let (mut visitor, mut agent) = (talk.visitor().await, talk.agent().await);
    for on in [true, false] {
        let frame = json!({"type": "typing", "conversation_id": talk.conversation, "on": on});
        visitor.say(&frame).await;
        let heard = agent.hear_type("typing").await;
        assert_eq!(
            (&heard["conversation_id"], &heard["on"], &heard["author"]["type"]),
            (&json!(talk.conversation), &json!(on), &json!("visitor"))
        );
        agent.say(&frame).await;
        let heard = visitor.hear_type("typing").await;
        assert_eq!((&heard["on"], &heard["author"]["type"]), (&json!(on), &json!("agent")));
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn read_is_told_to_both_sides() {
    let talk = Talk::start().await;
    let (mut visitor, mut agent) = (talk.visitor().await, talk.agent().await);
    agent.say(&json!({"type": "read", "conversation_id": talk.conversation, "seq": talk.said["seq"]})).await;
    for client in [&mut visitor, &mut agent] {
        let event = client.hear_event("conversation.read").await;
        assert_eq!((&event["data"]["by"]["type"], &event["data"]["seq"]), (&json!("agent"), &talk.said["seq"]));
    }
    let ack = agent.answer(&talk.send("reply", "We are here")).await;
    visitor.say(&json!({"type": "read", "conversation_id": talk.conversation, "seq": ack["seq"]})).await;
    let event = agent.hear_event("conversation.read").await;
    assert_eq!((&event["data"]["by"]["type"], &event["data"]["seq"]), (&json!("visitor"), &ack["seq"]));
    talk.scene.end().await;
}

#[actix_web::test]
async fn presence_is_told_as_changes_and_never_as_the_whole_list() {
    let talk = Talk::start().await;
    let mut maya = talk.scene.agent_socket(&talk.owner, &["presence"]).await;
    let (ben_id, ben) = talk.scene.agent("Ben").await;
    let mut ben = talk.scene.agent_socket(&ben, &[]).await;
    let mut told = async |status: &str| {
        loop {
            let presence = maya.hear_type("presence").await;
            assert_eq!(names(&presence), ["agents", "type"]);
            // The first of these may still be about Maya herself.
            if presence["agents"] == json!([{"id": ben_id, "status": status}]) {
                return;
            }
            assert_eq!(presence["agents"].as_array().unwrap().len(), 1, "{presence}");
        }
    };
    told("online").await;
    for status in ["away", "offline", "online"] {
        ben.say(&json!({"type": "presence", "status": status})).await;
        told(status).await;
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn viewers_are_told_to_who_follows_the_conversation() {
    let talk = Talk::start().await;
    let mut maya = talk.agent().await;
    let (ben_id, ben) = talk.scene.agent("Ben").await;
    let mut ben = talk.scene.agent_socket(&ben, &[&talk.topic()]).await;
    ben.say(&json!({"type": "viewing", "conversation_id": talk.conversation})).await;
    let viewers = maya.hear_type("viewers").await;
    assert_eq!(viewers, json!({"type": "viewers", "conversation_id": talk.conversation, "agents": [{"id": ben_id, "name": "Alex"}]}));
    ben.say(&json!({"type": "viewing", "conversation_id": null})).await;
    assert_eq!(maya.hear_type("viewers").await["agents"], json!([]));
    talk.scene.end().await;
}

#[actix_web::test]
async fn topics_are_inbox_a_conversation_and_presence_each_authorised() {
    let talk = Talk::start().await;
    let mut agent = talk.scene.agent_socket(&talk.owner, &["inbox", "presence", &talk.topic()]).await;
    talk.scene.says(&talk.visitor, "Are you there?").await;
    assert_eq!(agent.hear_event("conversation.message_created").await["data"]["content_text"], "Are you there?");
    // Nothing of a conversation that is followed no more.
    agent.say(&json!({"type": "unsubscribe", "topics": ["inbox", talk.topic()]})).await;
    agent.settle().await;
    talk.scene.says(&talk.visitor, "Hello?").await;
    let after = agent.settle().await;
    assert!(after.iter().all(|frame| frame["type"] != "event"), "{after:?}");
    // Another workspace's conversation does not exist.
    let away = talk.scene.server.workspace("Contoso").await;
    let eve = talk.scene.server.sign_in(&away.owner_email).await;
    let mut eve = talk.scene.agent_socket(&eve, &["inbox"]).await;
    eve.say(&json!({"type": "subscribe", "topics": [talk.topic()]})).await;
    assert_eq!(eve.hear_type("refused").await["code"], "not_found");
    // Topics are for agents.
    let mut visitor = talk.visitor().await;
    visitor.say(&json!({"type": "subscribe", "topics": ["inbox"]})).await;
    assert_eq!(visitor.hear_type("refused").await["code"], "forbidden");
    talk.scene.end().await;
}

#[actix_web::test]
async fn a_visitor_is_subscribed_to_its_own_conversation_even_before_it_begins() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let mut client = scene.visitor_socket(&visitor).await;
    let said = scene.says(&visitor, "Hello").await;
    let event = client.hear_event("conversation.message_created").await;
    assert_eq!((&event["conversation_id"], &event["data"]["id"]), (&said["conversationId"], &said["messageId"]));
    scene.end().await;
}

#[actix_web::test]
async fn hello_with_a_cursor_replays_everything_after_it_in_order_then_goes_live() {
    let talk = Talk::start().await;
    for (door, token) in [("/ws/visitor", &talk.visitor.token), ("/ws/agent", &talk.owner)] {
        let (client, welcome) = talk.scene.enter(door, json!({"type": "hello", "token": token})).await;
        drop(client);
        let texts = ["missed one", "missed two", "missed three"].map(|text| format!("{text} {door}"));
        for text in &texts {
            talk.scene.says(&talk.visitor, text).await;
        }
        let (mut client, resumed) = talk.scene.enter(door, json!({"type": "hello", "token": token, "cursor": welcome["cursor"]})).await;
        assert_eq!(resumed["cursor"], welcome["cursor"]);
        if door == "/ws/agent" {
            client.say(&json!({"type": "subscribe", "topics": [talk.topic()]})).await;
        }
        let live = format!("live {door}");
        talk.scene.says(&talk.visitor, &live).await;
        for text in texts.iter().chain([&live]) {
            assert_eq!(&client.hear_event("conversation.message_created").await["data"]["content_text"], text);
        }
    }
    talk.scene.end().await;
}

#[actix_web::test]
async fn a_cursor_of_another_epoch_gets_resync_required_and_goes_on_from_the_new_one() {
    let talk = Talk::start().await;
    for (door, token) in [("/ws/visitor", &talk.visitor.token), ("/ws/agent", &talk.owner)] {
        for cursor in ["00000001-1", "nonsense"] {
            let (mut client, welcome) = talk.scene.enter(door, json!({"type": "hello", "token": token, "cursor": cursor})).await;
            let resync = heard(&mut client).await;
            assert_eq!(resync, json!({"type": "resync_required", "reason": "epoch"}), "{door}");
            if door == "/ws/agent" {
                client.follow(&[&talk.topic()]).await;
            }
            let text = format!("After {door} {cursor}");
            talk.scene.says(&talk.visitor, &text).await;
            let event = client.hear_event("conversation.message_created").await;
            assert_eq!(event["data"]["content_text"], text);
            let number = if door == "/ws/agent" { &event["position"] } else { &event["seq"] };
            assert!(number.as_u64().unwrap() > place(&welcome["cursor"]));
        }
    }
    talk.scene.end().await;
}
