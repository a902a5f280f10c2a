//! For any text whatever, a frame is read or refused with a sentence; what is right is read as what it says.

use std::{fs, path::Path};

use entities::{AttachmentId, ConversationId, Document, MessageKind, Presence};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Value, json};
use switchboard::ws::frame::{ClientFrame, Hello, Reference, SendFrame};
use uuid::Uuid;

use crate::{
    stories::client::{Client, Heard},
    support::{
        fuzzed,
        mangle::{any_json, for_all, mangled, some, text},
        server::TestServer,
    },
};

/// The examples of what clients say.
fn examples() -> Vec<Value> {
    const SAID: [&str; 9] = ["hello", "subscribe", "unsubscribe", "send", "typing", "read", "viewing", "presence", "ping"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let frames: Vec<Value> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| serde_json::from_str::<Value>(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap())
        .filter(|value| SAID.iter().any(|kind| value["type"] == *kind))
        .collect();
    assert!(frames.len() >= 14, "{} frames", frames.len());
    frames
}

#[test]
fn any_bytes_are_read_or_refused_with_a_sentence() {
    for_all("any bytes", 2_000, vec(any::<u8>(), 0..2_000), |bytes| fuzzed::client_frame(&bytes));
    for_all("any text", 2_000, text(), |text| fuzzed::client_frame(text.as_bytes()));
}

#[test]
fn any_json_is_read_or_refused_with_a_sentence() {
    for_all("any JSON", 2_000, any_json(), |value| fuzzed::client_frame(value.to_string().as_bytes()));
    let kinds = ["hello", "subscribe", "unsubscribe", "send", "typing", "read", "viewing", "presence", "ping"];
    let typed = (proptest::sample::select(kinds.to_vec()), any_json()).prop_map(|(kind, value)| match value {
        Value::Object(mut members) => {
            members.insert("type".to_owned(), json!(kind));
            Value::Object(members)
        }
        other => json!({"type": kind, "topics": other, "conversation_id": other, "text": other, "ref": other, "client_id": other}),
    });
    for_all("any frame", 2_000, typed, |value| fuzzed::client_frame(value.to_string().as_bytes()));
}

#[test]
fn what_was_a_frame_is_read_or_refused_with_a_sentence() {
    for_all("mangled frames", 5_000, mangled(examples()), |bytes| fuzzed::client_frame(&bytes));
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![any::<i64>().prop_map(Reference::Number), text().prop_map(Reference::Text)]
}

fn send() -> impl Strategy<Value = (ClientFrame, Value)> {
    let said = prop_oneof![text().prop_map(|text| (Some(text), None)), text().prop_map(|text| (None, Some(Document::plain(&text))))];
    let kind = proptest::sample::select(vec![None, Some(MessageKind::Message), Some(MessageKind::Note)]);
    (reference(), option::of(id()), text(), said, vec(id(), 0..4), kind, option::of(any::<u64>())).prop_map(
        |(reference, conversation, client_id, (text, content), files, kind, last_seen_seq)| {
            let mut written = json!({"type": "send", "ref": reference, "client_id": client_id, "attachments": files});
            for (name, value) in [
                ("conversation_id", json!(conversation)),
                ("text", json!(text)),
                ("content", json!(content)),
                ("kind", json!(kind)),
                ("last_seen_seq", json!(last_seen_seq)),
            ] {
                if !value.is_null() {
                    written[name] = value;
                }
            }
            let frame = SendFrame {
                reference,
                conversation_id: conversation.map(ConversationId::new),
                client_id,
                text,
                content,
                attachments: files.into_iter().map(AttachmentId::new).collect(),
                kind,
                last_seen_seq,
            };
            (ClientFrame::Send(Box::new(frame)), written)
        },
    )
}

/// Any frame, and how it is written.
fn frame() -> impl Strategy<Value = (ClientFrame, Value)> {
    let hello = (option::of(text()), option::of(text())).prop_map(|(token, cursor)| {
        let written = json!({"type": "hello", "token": token, "cursor": cursor});
        (ClientFrame::Hello(Hello { token, cursor }), written)
    });
    let topics = (vec(text(), 0..5), any::<bool>()).prop_map(|(topics, on)| {
        let written = json!({"type": if on { "subscribe" } else { "unsubscribe" }, "topics": topics});
        (if on { ClientFrame::Subscribe { topics } } else { ClientFrame::Unsubscribe { topics } }, written)
    });
    let typing = (id(), any::<bool>()).prop_map(|(id, on)| {
        (ClientFrame::Typing { conversation_id: ConversationId::new(id), on }, json!({"type": "typing", "conversation_id": id, "on": on}))
    });
    let read = (id(), any::<u64>()).prop_map(|(id, seq)| {
        (ClientFrame::Read { conversation_id: ConversationId::new(id), seq }, json!({"type": "read", "conversation_id": id, "seq": seq}))
    });
    let viewing = option::of(id()).prop_map(|id| {
        (ClientFrame::Viewing { conversation_id: id.map(ConversationId::new) }, json!({"type": "viewing", "conversation_id": id}))
    });
    let presence = proptest::sample::select(Presence::ALL.to_vec())
        .prop_map(|status| (ClientFrame::Presence { status }, json!({"type": "presence", "status": status})));
    let ping = Just((ClientFrame::Ping {}, json!({"type": "ping"})));
    prop_oneof![hello, topics, send(), typing, read, viewing, presence, ping]
}

#[test]
fn a_frame_is_read_as_it_was_written_whatever_else_a_newer_client_writes_into_it() {
    let with_more = (frame(), text(), any_json());
    for_all("round trip", 3_000, with_more, |((frame, written), name, more)| {
        assert_eq!(ClientFrame::parse(&written.to_string()), Ok(frame.clone()), "{written}");
        let mut members: Map<String, Value> = written.as_object().unwrap().clone();
        members.entry(format!("x-{name}")).or_insert(more);
        let written = Value::Object(members);
        assert_eq!(ClientFrame::parse(&written.to_string()), Ok(frame), "{written}");
    });
}

/// Says each frame on a socket of this door; it is answered, or the socket closed with the code for frames that cannot be read.
async fn answered_or_closed(server: &TestServer, door: &str, token: &str, frames: &[Vec<u8>]) {
    let address = server.address.to_string();
    let enter = async || {
        let mut client = Client::open(&address, door, None).await.unwrap();
        client.say(&json!({"type": "hello", "token": token})).await;
        client.hear_type("welcome").await;
        client
    };
    let mut client = enter().await;
    for bytes in frames {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        client.send(text.into()).await;
        client.say(&json!({"type": "ping"})).await;
        loop {
            match client.hear().await {
                Heard::Frame(frame) if frame["type"] == "pong" => break,
                Heard::Frame(frame) => assert_ne!(frame["code"], "internal", "{text}"),
                Heard::Closed(code) => {
                    assert!(code == Some(4500) || (code == Some(1009) && text.len() > 64 * 1024), "{door} {code:?} {text}");
                    client = enter().await;
                    break;
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_server_answers_whatever_frame_or_closes_with_4500() {
    let unlimited = ["--rate-socket-frames", "1000000", "--rate-visitor", "1000000", "--rate-prefix", "1000000"];
    let server = TestServer::start_with(&unlimited).await;
    let workspace = server.workspace("Northwind").await;
    let channels = server.get_as(&workspace.token, "/api/v1/channels").await.json();
    let key = &channels["data"][0]["settings"]["api_key"];
    let begun = server.post("/api/widget/init").json(&json!({"apiKey": key})).send().await.json();
    let visitor = begun["sessionToken"].as_str().unwrap();
    let said = server.post("/api/widget/message").json(&json!({"sessionToken": visitor, "message": "Hello"})).send().await.json();
    let agent = server.sign_in(&workspace.owner_email).await;
    // The examples name a conversation that is not there; half of them are made to name one that is.
    let mut right = examples();
    for mut example in examples() {
        if example.get("conversation_id").is_some_and(Value::is_string) {
            example["conversation_id"] = said["conversationId"].clone();
        }
        right.push(example);
    }
    let frames = some("frames to a server", 250, &mangled(right));
    for (door, token) in [("/ws/visitor", visitor), ("/ws/agent", agent.as_str())] {
        answered_or_closed(&server, door, token, &frames).await;
    }
    assert!(server.stop().await);
}
