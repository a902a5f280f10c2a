//! What providers do wrong, and what the network does: the customer sees each answer once, and the agent sees the truth.

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard::simulate::{Simulated, faults::Switch};

use super::{Line, Scene, id, until};
use crate::stories::house::{House, Server};

/// Has something happen at every provider, all at the same time.
async fn at_each(story: impl AsyncFn(&Server, &Line)) {
    let scene = Scene::open(House::on_sqlite(), Simulated::ALL).await;
    join_all(scene.lines.iter().map(|line| story(scene.server(), line))).await;
}

/// Text and status of each message of one direction, in order.
fn told(messages: &[Value], direction: &str) -> Vec<(String, String)> {
    let text = |message: &Value, name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let those = messages.iter().filter(|message| message["direction"] == direction);
    those.map(|message| (text(message, "content_text"), text(message, "status"))).collect()
}

#[actix_web::test]
async fn receipts_before_their_messages_doubled_mixed_up_and_in_batches() {
    at_each(async |server, line| {
        for switch in [Switch::ReceiptsFirst, Switch::Duplicate, Switch::Reorder, Switch::Batch] {
            line.switch(switch, line.sim().provider.profile().switches.contains(&switch));
        }
        line.writes("hello");
        let of = id(&line.conversation(server).await);
        for text in ["a", "b", "c"] {
            line.writes(text);
        }
        for text in ["one", "two", "three"] {
            line.answers(server, &of, text).await;
        }
        let wanted: Vec<_> = ["one", "two", "three"].map(|text| (text.to_owned(), line.furthest().to_owned())).into();
        let there = |messages: &[Value]| told(messages, "out") == wanted && told(messages, "in").len() >= 4;
        line.messages_when(server, &of, "everything", there).await;
        line.sim().flushed().await;
        let messages = server.messages(&line.token, &of).await;
        let mut said: Vec<_> = told(&messages, "in").into_iter().map(|(text, _)| text).collect();
        said.sort_unstable();
        assert_eq!(said, ["a", "b", "c", "hello"], "{}", line.name());
        assert_eq!(messages.len(), 7, "{}: {}", line.name(), json!(messages));
        assert_eq!(line.shown_texts(), ["one", "two", "three"], "{}", line.name());
        assert_eq!(line.conversations(server).await.len(), 1, "{}", line.name());
    })
    .await;
}

#[actix_web::test]
async fn an_answer_that_is_lost_sends_nothing_twice() {
    at_each(async |server, line| {
        line.writes("hello");
        let of = id(&line.conversation(server).await);
        line.switch(Switch::LostAnswers, true);
        line.answers(server, &of, "first").await;
        line.shows(&["first"]).await;
        line.switch(Switch::LostAnswers, false);
        // What comes behind waits until it is known what became of the first.
        line.answers(server, &of, "second").await;
        let last = |messages: &[Value]| told(messages, "out").last().is_some_and(|(_, status)| status == line.furthest());
        let messages = line.messages_when(server, &of, "the second answer", last).await;
        assert_eq!(line.shown_texts(), ["first", "second"], "{}: each once, in order\n{}", line.name(), line.calls());
        let out = told(&messages, "out");
        let wanted = [("first".to_owned(), line.furthest().to_owned()), ("second".to_owned(), line.furthest().to_owned())];
        assert_eq!(out, wanted, "{}", line.name());
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_has_expired_stops_the_channel_and_a_good_one_sends_what_waited() {
    at_each(async |server, line| {
        line.writes("hello");
        let of = id(&line.conversation(server).await);
        line.switch(Switch::TokenExpired, true);
        line.answers(server, &of, "later").await;
        let path = format!("/api/v1/channels/{}", line.channel_id);
        let stopped = until("the channel stops", async || {
            let channel = server.get(&line.token, &path).await.good();
            if channel["status"] == "disconnected" { Ok(channel) } else { Err(format!("{}: {channel}\n{}", line.name(), line.calls())) }
        })
        .await;
        assert!(stopped["status_detail"].as_str().is_some_and(|words| words.len() > 20), "{}: {stopped}", line.name());
        let refused = server.post(Some(&line.token), &format!("{path}/connect"), &json!({})).await;
        assert_eq!(refused.status, 422, "{}: {refused:?}", line.name());
        assert!(line.shown_texts().is_empty(), "{}", line.name());
        line.switch(Switch::TokenExpired, false);
        server.post(Some(&line.token), &format!("{path}/connect"), &json!({})).await.good();
        let sent = |messages: &[Value]| told(messages, "out") == [("later".to_owned(), line.furthest().to_owned())];
        line.messages_when(server, &of, "what waited", sent).await;
        assert_eq!(line.shown_texts(), ["later"], "{}", line.name());
    })
    .await;
}

#[actix_web::test]
async fn what_is_not_rightly_signed_is_not_believed() {
    at_each(async |server, line| {
        line.switch(Switch::Redeliver, false);
        for switch in [Switch::WrongSignature, Switch::Unsigned] {
            line.switch(switch, true);
            line.writes("not me");
            line.sim().flushed().await;
            line.switch(switch, false);
            let answer = line.sim().look(|world| world.deliveries.back().and_then(|delivery| delivery.status));
            assert!(answer.is_some_and(|status| status == 401 || status == 403), "{}: {switch:?} {answer:?}", line.name());
        }
        assert!(line.conversations(server).await.is_empty(), "{}", line.name());
        // What is refused for another reason (a busy server) comes again.
        line.switch(Switch::Redeliver, true);
        line.writes("me");
        let of = id(&line.conversation(server).await);
        assert_eq!(told(&server.messages(&line.token, &of).await, "in").len(), 1, "{}", line.name());
    })
    .await;
}

// sms.md checklist 21
#[actix_web::test]
async fn a_text_message_whose_answer_and_receipts_are_lost_is_found_in_the_list_and_not_sent_again() {
    let scene = Scene::with(Simulated::Sms).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("hello");
    let of = id(&line.conversation(server).await);
    let known = line.answers(server, &of, "the same words").await;
    line.message_when(server, (&of, &id(&known)), "the first", |message| message["status"] == "delivered").await;
    line.sim().flushed().await;
    // Nothing that Twilio tells is believed any more, and its answers do not come through either.
    line.switch(Switch::WrongSignature, true);
    line.switch(Switch::LostAnswers, true);
    let lost = line.answers(server, &of, "the same words").await;
    line.shows(&["the same words", "the same words"]).await;
    line.switch(Switch::LostAnswers, false);
    line.message_when(server, (&of, &id(&lost)), "found in the list", |message| message["status"] == "sent").await;
    line.shows(&["the same words", "the same words"]).await;
}

// slack.md checklist 31
#[actix_web::test]
async fn a_post_whose_answer_and_event_are_lost_is_found_by_its_metadata_and_not_made_again() {
    let scene = Scene::with(Simulated::Slack).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("hello");
    let of = id(&line.conversation(server).await);
    let known = line.answers(server, &of, "the same words").await;
    line.message_when(server, (&of, &id(&known)), "the first", |message| message["status"] == "delivered").await;
    line.sim().flushed().await;
    // Nothing that Slack tells is believed any more, and its answers do not come through either.
    line.switch(Switch::WrongSignature, true);
    line.switch(Switch::LostAnswers, true);
    let lost = line.answers(server, &of, "the same words").await;
    line.shows(&["the same words", "the same words"]).await;
    line.switch(Switch::LostAnswers, false);
    line.message_when(server, (&of, &id(&lost)), "found in the history", |message| message["status"] == "sent").await;
    line.shows(&["the same words", "the same words"]).await;
    assert!(line.calls().contains("conversations.history"), "{}", line.calls());
}
