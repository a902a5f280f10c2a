//! A contact who is blocked: heard no more, over a socket that was open by then or by a provider, and told so where that can be.

use serde_json::{Value, json};
use switchboard::simulate::{Simulated, provider::Act};

use super::{
    channels::{Scene, id},
    client::{Client, Heard},
    house::{House, Server},
};

/// Blocks the contact of a conversation, or lets them write again.
async fn block(server: &Server, owner: &str, conversation: &str, blocked: bool) {
    let shown = server.get(owner, &format!("/api/v1/conversations/{conversation}")).await.good();
    let contact = shown["contact"]["id"].as_str().expect("a contact");
    server.patch(owner, &format!("/api/v1/contacts/{contact}"), &json!({"blocked": blocked})).await.good();
}

/// What everybody is told of as said, in order.
async fn told(server: &Server, owner: &str) -> Vec<String> {
    let page = server.get(owner, "/api/v1/events?types=conversation.message_created&limit=100").await.good();
    let texts = page["data"].as_array().expect("events").iter();
    texts.map(|event| event["data"]["content_text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Everything until the socket is closed, and the code that it is closed with.
async fn end(socket: &mut Client) -> (Vec<Value>, Option<u16>) {
    let mut frames = Vec::new();
    loop {
        match socket.hear().await {
            Heard::Frame(frame) => frames.push(frame),
            Heard::Closed(code) => return (frames, code),
        }
    }
}

async fn an_open_socket_is_told_and_closed(house: House) {
    let server = house.start();
    let owner = server.owner().await;
    let (session, neighbour) = (server.visitor(&house).await, server.visitor(&house).await);
    let (conversation, _) = server.visitor_says(&session, "v-1", "Hello").await;
    server.visitor_says(&neighbour, "n-1", "Me, too").await;
    let mut socket = server.visitor_socket(&session).await;
    let mut other = server.visitor_socket(&neighbour).await;
    let mut agent = server.agent_socket(&owner, &["inbox"]).await;

    block(&server, &owner, &conversation, true).await;
    // As soon as the block is answered nothing is taken any more, whether the socket has been closed by then or not.
    socket.say(&json!({"type": "send", "ref": "r", "client_id": "v-2", "text": "Hear me"})).await;
    let (frames, code) = end(&mut socket).await;
    assert_eq!(code, Some(4503), "{frames:?}");
    assert!(frames.iter().all(|frame| frame["type"] != "ack"), "{frames:?}");
    let refused: Vec<&Value> = frames.iter().filter(|frame| frame["type"] == "refused").collect();
    assert!(!refused.is_empty(), "{frames:?}");
    assert!(refused.iter().all(|frame| (&frame["code"], &frame["retry"]) == (&json!("forbidden"), &json!("never"))), "{refused:?}");
    let changed = agent.hear_event("conversation.updated").await;
    assert_eq!(changed["data"]["changes"]["contact"]["to"]["blocked"], true);

    // Nor when it comes back, or writes without a socket.
    let mut again = Client::open(&server.address, "/ws/visitor", None).await.expect("it connects");
    again.say(&json!({"type": "hello", "token": session})).await;
    assert_eq!(again.hear_close().await, Some(4502));
    let posted = server.post(None, "/api/widget/message", &json!({"sessionToken": session, "message": "Hear me"})).await;
    assert_eq!(posted.status, 403);
    assert_eq!(other.send_text(None, "n-2", "I am here").await["type"], "ack");
    assert_eq!(told(&server, &owner).await, ["Hello", "Me, too", "I am here"]);

    block(&server, &owner, &conversation, false).await;
    let mut socket = server.visitor_socket(&session).await;
    assert_eq!(socket.send_text(None, "v-3", "Hello again").await["type"], "ack");
    assert_eq!(told(&server, &owner).await.last().map(String::as_str), Some("Hello again"));
}

#[tokio::test]
async fn a_blocked_visitors_open_socket_is_told_and_closed_and_nothing_is_acknowledged_on_sqlite() {
    an_open_socket_is_told_and_closed(House::on_sqlite()).await;
}

#[tokio::test]
async fn a_blocked_visitors_open_socket_is_told_and_closed_and_nothing_is_acknowledged_on_postgres() {
    an_open_socket_is_told_and_closed(House::on_postgres()).await;
}

async fn a_provider_is_answered_and_nothing_comes_of_it(house: House) {
    let scene = Scene::open(house, &[Simulated::Whatsapp]).await;
    let (server, line) = (scene.server(), scene.line());
    line.writes("hello");
    let of = id(&line.conversation(server).await);
    let answer = line.answers(server, &of, "how can we help?").await;
    line.message_when(server, (&of, &id(&answer)), "our answer", |message| message["status"] == line.furthest()).await;
    block(server, &line.token, &of, true).await;
    let before = told(server, &line.token).await;

    line.writes("hear me");
    line.sim().flushed().await;
    let ours = line.shown().last().map(|message| message.id.clone()).expect("our answer");
    line.acts(&Act::React { message_id: ours, emoji: "👍".to_owned() });
    line.sim().flushed().await;
    let answers: Vec<Option<u16>> = line.sim().look(|world| world.deliveries.iter().map(|delivery| delivery.status).collect());
    assert!(answers.iter().all(|status| *status == Some(200)), "the provider need not send it again: {answers:?}");
    assert_eq!(told(server, &line.token).await, before);
    let messages = server.messages(&line.token, &of).await;
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages.iter().all(|message| message["reactions"] == json!([])), "{messages:?}");
    let unread = server.get(&line.token, &format!("/api/v1/conversations/{of}")).await.good();
    assert_eq!(unread["contact"]["blocked"], true);

    block(server, &line.token, &of, false).await;
    line.writes("again");
    let three = |messages: &[Value]| messages.len() == 3;
    let messages = line.messages_when(server, &of, "what is said after it", three).await;
    assert_eq!(messages.last().map(|message| message["content_text"].clone()), Some(json!("again")), "what was said meanwhile stays away");
}

#[actix_web::test]
async fn a_blocked_contact_of_a_provider_is_acknowledged_and_makes_no_message_and_no_event_on_sqlite() {
    a_provider_is_answered_and_nothing_comes_of_it(House::on_sqlite()).await;
}

#[actix_web::test]
async fn a_blocked_contact_of_a_provider_is_acknowledged_and_makes_no_message_and_no_event_on_postgres() {
    a_provider_is_answered_and_nothing_comes_of_it(House::on_postgres()).await;
}
