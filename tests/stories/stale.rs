//! Two agents answer at once.

use serde_json::{Value, json};

use super::house::House;

#[tokio::test]
async fn the_second_of_two_replies_is_refused_with_the_first_and_goes_through_when_sent_again() {
    let house = House::on_sqlite();
    let server = house.start();
    let maya = server.owner().await;
    let (_, ben) = server.agent(&maya, "Ben").await;
    let session = server.visitor(&house).await;
    let (conversation, seen) = server.visitor_says(&session, "v-1", "Is it in stock?").await;
    let topic = format!("conversation:{conversation}");
    let mut maya_socket = server.agent_socket(&maya, &[&topic]).await;
    let mut ben_socket = server.agent_socket(&ben, &[&topic]).await;
    let reply = |who: &str, text: &str, last_seen: u64| json!({"type": "send", "ref": who, "client_id": format!("{who}-1"), "conversation_id": conversation, "text": text, "last_seen_seq": last_seen});
    let (from_maya, from_ben) = (reply("maya", "Yes, two left.", seen), reply("ben", "Sorry, sold out.", seen));
    let (first, second) = tokio::join!(maya_socket.answer(&from_maya), ben_socket.answer(&from_ben));
    let (acked, refused, loser, mut loser_socket, text) = if first["type"] == "ack" {
        (first, second, "ben", ben_socket, "Sorry, sold out.")
    } else {
        (second, first, "maya", maya_socket, "Yes, two left.")
    };
    assert_eq!(
        (&acked["type"], &refused["type"], &refused["code"], &refused["retry"]),
        (&json!("ack"), &json!("refused"), &json!("stale_reply"), &json!("now"))
    );
    let unseen: Vec<&Value> = refused["unseen"].as_array().unwrap().iter().map(|message| &message["id"]).collect();
    assert_eq!(unseen, [&acked["message_id"]]);

    let last_seen = acked["seq"].as_u64().unwrap();
    let again = loser_socket.answer(&reply(loser, text, last_seen)).await;
    assert_eq!(again["type"], "ack");
    assert_eq!(server.messages(&maya, &conversation).await.len(), 3);

    // The same over HTTP: 409 with the unseen message, 201 when it has been seen.
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let stale = server.post(Some(&maya), &path, &json!({"text": "And blue?", "client_id": "h-1", "last_seen_seq": seen})).await;
    assert_eq!((stale.status, &stale.body["code"]), (409, &json!("stale_reply")));
    assert!(!stale.body["unseen"].as_array().unwrap().is_empty());
    let seen_all = json!({"text": "And blue?", "client_id": "h-1", "last_seen_seq": again["seq"]});
    assert_eq!(server.post(Some(&maya), &path, &seen_all).await.status, 201);
}
