//! What WhatsApp alone does: numbers change, the business answers from its phone, the app is removed.

use serde_json::{Value, json};
use switchboard::simulate::{Simulated, provider::Act};

use super::{Line, Scene, id, until};

fn extra(line: &Line, name: &str) {
    line.acts(&Act::Extra { name: name.to_owned() });
}

// checklist 19, 35
#[actix_web::test]
async fn who_changes_the_number_stays_the_same_contact_in_the_same_conversation() {
    let scene = Scene::with(Simulated::Whatsapp).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("from the old number");
    let conversation = line.conversation(server).await;
    let (of, before) = (id(&conversation), line.dana());
    extra(line, "number_changed");
    assert_ne!(line.dana(), before);
    line.writes("from the new number");
    line.messages_when(server, &of, "both messages", |messages| messages.len() == 2).await;
    assert_eq!(line.conversations(server).await.len(), 1);
    let path = format!("/api/v1/contacts/{}", id(&conversation["contact"]));
    let wanted = [before, line.dana()].map(|number| json!({"kind": "whatsapp", "value": number}));
    until("both numbers", async || {
        let contact = server.get(&line.token, &path).await.good();
        let known = contact["addresses"].as_array().expect("addresses");
        if wanted.iter().all(|address| known.contains(address)) { Ok(()) } else { Err(contact.to_string()) }
    })
    .await;
}

// checklist 31
#[actix_web::test]
async fn what_the_business_says_from_its_phone_is_ours_and_stands_there_once() {
    let scene = Scene::with(Simulated::Whatsapp).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("hello");
    let of = id(&line.conversation(server).await);
    extra(line, "phone_app_answer");
    let messages = line.messages_when(server, &of, "the echo", |messages| messages.len() == 2).await;
    assert_eq!((&messages[1]["direction"], &messages[1]["content_text"]), (&json!("out"), &json!("answered from the phone app")));
    line.answers(server, &of, "and from here").await;
    line.messages_when(server, &of, "read", |messages| messages.last().is_some_and(|message| message["status"] == "read")).await;
    line.sim().flushed().await;
    let messages = server.messages(&line.token, &of).await;
    let texts: Vec<&Value> = messages.iter().map(|message| &message["content_text"]).collect();
    assert_eq!(texts, ["hello", "answered from the phone app", "and from here"], "each once");
}

// checklist 33
#[actix_web::test]
async fn a_removed_app_disconnects_the_channel_and_what_is_said_waits() {
    let scene = Scene::with(Simulated::Whatsapp).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("hello");
    let of = id(&line.conversation(server).await);
    extra(line, "partner_removed");
    let path = format!("/api/v1/channels/{}", line.channel_id);
    let channel = until("the disconnection", async || {
        let channel = server.get(&line.token, &path).await.good();
        if channel["status"] == "disconnected" { Ok(channel) } else { Err(channel.to_string()) }
    })
    .await;
    assert!(channel["status_detail"].as_str().is_some_and(|detail| detail.contains("removed")), "{channel}");
    let answer = line.answers(server, &of, "this waits").await;
    assert_eq!(answer["status"], "queued");
    server.post(Some(&line.token), &format!("{path}/connect"), &json!({})).await.good();
    line.message_when(server, (&of, &id(&answer)), "sent after all", |message| message["status"] == "read").await;
}
