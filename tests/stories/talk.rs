//! A conversation, both ways, and how many messages are unread.

use serde_json::{Value, json};

use super::{client::Client, house::House};

#[tokio::test]
async fn a_visitor_and_an_agent_talk_on_sqlite() {
    talk(House::on_sqlite()).await;
}

#[tokio::test]
async fn a_visitor_and_an_agent_talk_on_postgres() {
    talk(House::on_postgres()).await;
}

async fn talk(house: House) {
    let server = house.start();
    let owner = server.owner().await;
    let session = server.visitor(&house).await;
    let mut inbox = server.agent_socket(&owner, &["inbox"]).await;
    let mut visitor = server.visitor_socket(&session).await;

    let first = visitor.send_text(None, "v-1", "Hello, does the Fjord come in a 54 cm frame?").await;
    assert_eq!(first["type"], "ack");
    let conversation = first["conversation_id"].as_str().unwrap().to_owned();
    let begun = inbox.hear_event("conversation.created").await;
    assert_eq!(begun["data"]["id"], *conversation);
    let ticket = inbox.hear_event("ticket.created").await;
    assert_eq!((&ticket["data"]["number"], &ticket["data"]["status"]), (&json!(1), &json!("open")));

    let mut agent = server.agent_socket(&owner, &[&format!("conversation:{conversation}")]).await;
    let reply = agent.send_text(Some(&conversation), "a-1", "Yes, it does.").await;
    assert_eq!(reply["type"], "ack");
    let seen = hear_message(&mut visitor, "Yes, it does.").await;
    assert_eq!(
        (&seen["seq"], &seen["data"]["direction"], &seen["data"]["author"]["type"], &seen["data"]["kind"]),
        (&reply["seq"], &json!("out"), &json!("agent"), &json!("message"))
    );
    assert_eq!(hear_message(&mut agent, "Yes, it does.").await["data"]["client_id"], "a-1");

    let note =
        json!({"type": "send", "ref": "n", "client_id": "a-2", "kind": "note", "conversation_id": conversation, "text": "Likes blue."});
    assert_eq!(agent.answer(&note).await["type"], "ack");
    assert_eq!(visitor.send_text(None, "v-2", "Thank you!").await["type"], "ack");
    // The agent sees the note and the answer; the visitor its own words, and no note, with no hole in its own numbering.
    assert_eq!(hear_message(&mut agent, "Likes blue.").await["data"]["kind"], "note");
    hear_message(&mut agent, "Thank you!").await;
    let own = visitor.hear_type("event").await;
    assert_eq!((&own["data"]["content_text"], &own["prev"]), (&json!("Thank you!"), &reply["seq"]));

    let texts =
        |messages: Vec<Value>| messages.iter().map(|message| message["content_text"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(server.history(&session).await), ["Hello, does the Fjord come in a 54 cm frame?", "Yes, it does.", "Thank you!"]);
    assert_eq!(
        texts(server.messages(&owner, &conversation).await),
        ["Hello, does the Fjord come in a 54 cm frame?", "Yes, it does.", "Likes blue.", "Thank you!"]
    );
}

#[tokio::test]
async fn what_is_unread_is_counted_for_each_agent_and_gone_when_read() {
    let house = House::on_sqlite();
    let server = house.start();
    let owner = server.owner().await;
    let (_, ben) = server.agent(&owner, "Ben").await;
    let session = server.visitor(&house).await;
    let mut visitor = server.visitor_socket(&session).await;
    let conversation = visitor.send_text(None, "v-1", "One").await["conversation_id"].as_str().unwrap().to_owned();
    let last = visitor.send_text(None, "v-2", "Two").await["seq"].as_u64().unwrap();
    let path = format!("/api/v1/conversations/{conversation}");
    let unread = async |token: &str| server.get(token, &path).await.good()["unread_count"].as_u64().unwrap();
    assert_eq!((unread(&owner).await, unread(&ben).await), (2, 2));

    let mut agent = server.agent_socket(&ben, &[&format!("conversation:{conversation}")]).await;
    agent.say(&json!({"type": "read", "conversation_id": conversation, "seq": last})).await;
    let read = agent.hear_event("conversation.read").await;
    assert_eq!((&read["data"]["by"]["type"], &read["data"]["seq"]), (&json!("agent"), &json!(last)));
    assert_eq!(visitor.hear_event("conversation.read").await["data"]["seq"], last);
    assert_eq!((unread(&owner).await, unread(&ben).await), (2, 0));

    visitor.send_text(None, "v-3", "Three").await;
    assert_eq!((unread(&owner).await, unread(&ben).await), (3, 1));
}

/// The event of the message with this text; events before it are dropped.
async fn hear_message(client: &mut Client, text: &str) -> Value {
    loop {
        let event = client.hear_event("conversation.message_created").await;
        if event["data"]["content_text"] == text {
            return event;
        }
    }
}
