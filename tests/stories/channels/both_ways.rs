//! A customer writes at each provider, an agent answers, and what becomes of it shows on both sides.

use serde_json::{Value, json};
use switchboard::simulate::{
    Simulated,
    faults::{Switch, When},
    provider::Act,
    world::Side,
};

use super::{Line, Scene, id, put, until};
use crate::stories::house::Server;

const HELLO: &str = "Grüße, is the <blue> one & its price 50% off? 👋";

/// A code of the provider's that ends a send, whether it comes in the answer or later, and words that must be shown.
struct Failure {
    code: &'static str,
    when: When,
    words: &'static str,
}

fn failures(provider: Simulated) -> Vec<Failure> {
    let answer = |code, words| Failure { code, when: When::Answer, words };
    let status = |code, words| Failure { code, when: When::Status, words };
    match provider {
        Simulated::Whatsapp => {
            vec![answer("131009", "Parameter value is not valid"), status("131026", "Message undeliverable")]
        }
        Simulated::Messenger => vec![answer("551/1545041", "This person isn't available right now.")],
        Simulated::Sms => vec![answer("21614", "'To' number is not a valid mobile number"), status("30003", "30003")],
        Simulated::Slack => vec![answer("channel_is_archived", "archived")],
        Simulated::Dialpad => vec![answer("400", "Bad request"), status("no_route", "no_route")],
    }
}

#[actix_web::test]
async fn whatsapp_both_ways() {
    both_ways(Simulated::Whatsapp).await;
}

#[actix_web::test]
async fn messenger_both_ways() {
    both_ways(Simulated::Messenger).await;
}

#[actix_web::test]
async fn sms_both_ways() {
    both_ways(Simulated::Sms).await;
}

#[actix_web::test]
async fn slack_both_ways() {
    both_ways(Simulated::Slack).await;
}

#[actix_web::test]
async fn dialpad_both_ways() {
    both_ways(Simulated::Dialpad).await;
}

async fn both_ways(provider: Simulated) {
    let scene = Scene::with(provider).await;
    let (server, line) = (scene.server(), scene.line());
    let hello = line.writes(HELLO);
    let conversation = line.conversation(server).await;
    let of = id(&conversation);
    known(line, server, &conversation).await;
    let messages = line.messages_when(server, &of, "the first message", |messages| messages.len() == 1).await;
    assert_eq!(
        json!([messages[0]["direction"], messages[0]["content_text"], messages[0]["status"]]),
        json!(["in", HELLO, "sent"]),
        "{messages:?}"
    );
    answered(line, server, &of).await;
    if line.sim().provider.profile().can.react {
        reacted(line, server, &of, (&id(&messages[0]), &hello)).await;
    }
    if line.sim().provider.profile().can.edit {
        changed(line, server, &of).await;
    }
    for failure in failures(provider) {
        failed_and_sent_again(line, server, &of, &failure).await;
    }
    limited(line, server, &of).await;
    assert_eq!(line.conversations(server).await.len(), 1);
}

/// The contact has the name and the address that the provider tells.
async fn known(line: &Line, server: &Server, conversation: &Value) {
    let contact_id = conversation["contact"]["id"].as_str().expect("a contact").to_owned();
    let (name, key) = line.sim().look(|world| (world.customers[0].name.clone(), world.customers[0].key.clone()));
    let wanted = match line.provider {
        Simulated::Whatsapp | Simulated::Dialpad => json!(name),
        // The name that people there have given themselves.
        Simulated::Slack => json!(name.to_lowercase().replace(' ', ".")),
        // These come with an id or a number alone.
        Simulated::Messenger | Simulated::Sms => Value::Null,
    };
    let contact = until("the contact's name", async || {
        let contact = server.get(&line.token, &format!("/api/v1/contacts/{contact_id}")).await.good();
        if contact["name"] == wanted { Ok(contact) } else { Err(contact.to_string()) }
    })
    .await;
    let addresses = contact["addresses"].as_array().expect("addresses");
    assert!(addresses.iter().any(|address| address["value"].as_str().expect("a value").contains(&key)), "{}: {contact}", line.name());
    let shown = line.conversation(server).await;
    assert_eq!(shown["contact"]["name"], contact["name"], "{}: the conversation shows the name", line.name());
}

/// An answer goes out once and comes as far as the provider tells.
async fn answered(line: &Line, server: &Server, of: &str) {
    let answer = line.answers(server, of, "Yes & it is yours").await;
    assert_eq!(answer["message"]["status"].as_str().or(answer["status"].as_str()), Some("queued"), "{}: {answer}", line.name());
    line.shows(&["Yes & it is yours"]).await;
    let messages = line
        .messages_when(server, of, "the answer arrived", |messages| messages.last().is_some_and(|last| last["status"] == line.furthest()))
        .await;
    assert_eq!(messages.len(), 2, "{}: an echo is no message: {messages:?}", line.name());
    let said = id(&messages[1]);
    let feed = server.get(&line.token, "/api/v1/events?limit=100").await.good();
    let events = feed["data"].as_array().expect("events").iter();
    let statuses: Vec<&str> = events
        .filter(|event| event["event"] == "message.status_changed" && event.pointer("/data/id").is_none_or(|id| *id == said))
        .filter_map(|event| event.pointer("/data/status").and_then(Value::as_str))
        .collect();
    let rank = |status: &str| ["queued", "sent", "delivered", "read"].iter().position(|known| *known == status);
    assert!(statuses.iter().map(|status| rank(status)).is_sorted(), "{}: {statuses:?}", line.name());
    assert_eq!(statuses.last().copied(), Some(line.furthest()), "{}: {feed}", line.name());
}

/// A reaction of the customer's, one of the agent's, and both taken back.
async fn reacted(line: &Line, server: &Server, of: &str, (hello, hello_there): (&str, &str)) {
    let emoji = |message: &Value| -> Vec<String> {
        let reactions = message["reactions"].as_array().expect("reactions").iter();
        reactions
            .map(|reaction| format!("{} {}", reaction["author"]["type"].as_str().unwrap(), reaction["emoji"].as_str().unwrap()))
            .collect()
    };
    let react = |emoji: &str| Act::React { message_id: hello_there.to_owned(), emoji: emoji.to_owned() };
    line.acts(&react("👍"));
    line.message_when(server, (of, hello), "the reaction", |message| emoji(message) == ["visitor 👍"]).await;
    line.acts(&react("❤️"));
    line.message_when(server, (of, hello), "another reaction", |message| {
        let all = emoji(message);
        all.len() == 1 && all[0].starts_with("visitor ❤")
    })
    .await;
    line.acts(&react(""));
    line.message_when(server, (of, hello), "no reaction", |message| emoji(message).is_empty()).await;
    let path = format!("/api/v1/conversations/{of}/messages/{hello}/reaction");
    let ours = || {
        line.sim().look(|world| {
            let message = world.customers[0].message(hello_there).expect("the message").clone();
            message
                .reactions
                .into_iter()
                .filter(|reaction| reaction.by == Side::Business)
                .map(|reaction| reaction.emoji)
                .collect::<Vec<_>>()
        })
    };
    for wanted in [Some("👍"), None] {
        put(server, &line.token, &path, &json!({"emoji": wanted})).await;
        until("the agent's reaction", async || {
            let seen = ours();
            if seen.iter().map(String::as_str).eq(wanted) { Ok(()) } else { Err(format!("{}: {seen:?}\n{}", line.name(), line.calls())) }
        })
        .await;
    }
}

/// A message is changed and taken back.
async fn changed(line: &Line, server: &Server, of: &str) {
    let before = server.messages(&line.token, of).await.len();
    let message_id = line.writes("orignal");
    let messages = line.messages_when(server, of, "what is to be changed", |messages| messages.len() == before + 1).await;
    let message = id(messages.last().unwrap());
    line.acts(&Act::Edit { message_id: message_id.clone(), text: "original".to_owned() });
    line.message_when(server, (of, &message), "the edit", |message| {
        message["content_text"] == "original" && message["edited_at"].is_string()
    })
    .await;
    // Messenger tells of no deletion (Instagram does).
    if line.provider != Simulated::Messenger {
        line.acts(&Act::Delete { message_id });
        let gone = line.message_when(server, (of, &message), "the deletion", |message| message["deleted_at"].is_string()).await;
        assert_eq!(gone["content_text"], "");
    }
    assert_eq!(server.messages(&line.token, of).await.len(), before + 1, "{}", line.name());
}

/// What the provider refuses is shown with its words, and goes out when it is sent again.
async fn failed_and_sent_again(line: &Line, server: &Server, of: &str, failure: &Failure) {
    let before = line.shown_texts().len();
    line.fail_next(failure.code, failure.when);
    let text = format!("once more {}", failure.code);
    line.answers(server, of, &text).await;
    let last = |messages: &[Value]| messages.last().cloned().unwrap_or_default();
    let messages = line.messages_when(server, of, "the failure", |messages| last(messages)["status"] == "failed").await;
    let failed = last(&messages);
    assert!(failed["error"].as_str().is_some_and(|error| error.contains(failure.words)), "{}: {failed}", line.name());
    let path = format!("/api/v1/conversations/{of}/messages/{}", id(&failed));
    let queued = server.post(Some(&line.token), &format!("{path}/retry"), &json!({})).await.good();
    assert_eq!((&queued["status"], &queued["error"]), (&json!("queued"), &Value::Null), "{}: {queued}", line.name());
    line.message_when(server, (of, &id(&failed)), "sent again", |message| message["status"] == line.furthest()).await;
    let shown = line.shown_texts();
    let again = if failure.when == When::Answer { 1 } else { 2 };
    assert_eq!((shown.len(), shown.last()), (before + again, Some(&text)), "{}: {shown:?}", line.name());
    let refused = server.post(Some(&line.token), &format!("{path}/retry"), &json!({})).await;
    assert_eq!(refused.status, 409, "{}: what has not failed is not sent again: {refused:?}", line.name());
}

/// A provider that asks for patience gets it, and then everything in order.
async fn limited(line: &Line, server: &Server, of: &str) {
    let before = line.shown_texts().len();
    line.switch(Switch::RateLimit, true);
    for text in ["patience-1", "patience-2", "patience-3"] {
        line.answers(server, of, text).await;
    }
    until("the rate limit is met", async || if line.calls().contains("patience-1") { Ok(()) } else { Err(line.calls()) }).await;
    assert_eq!(line.shown_texts().len(), before);
    line.switch(Switch::RateLimit, false);
    let done = |messages: &[Value]| messages.iter().rev().take(3).all(|message| message["status"] == line.furthest());
    line.messages_when(server, of, "everything after the limit", done).await;
    assert_eq!(line.shown_texts()[before..], ["patience-1", "patience-2", "patience-3"], "{}: in order, each once", line.name());
}
