//! What sockets tell of webhooks: to whom, and with whose numbers.

use serde_json::{Value, json};

use super::{Scene, good, heard, names};
use crate::{
    stories::client::Client,
    support::receiver::{Manner, Receiver},
};

/// Listens up to the event of this name. Every event names the one before it as `prev`, the first the cursor of the welcome.
async fn listen(client: &mut Client, last: &mut Value, until: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let frame = heard(client).await;
        if frame["type"] != "event" {
            continue;
        }
        assert_eq!(&frame["prev"], last, "{frame}");
        *last = frame["position"].clone();
        let done = frame["event"] == until;
        events.push(frame);
        if done {
            return events;
        }
    }
}

/// The number in a welcome's cursor.
fn place(welcome: &Value) -> Value {
    let cursor = welcome["cursor"].as_str().unwrap();
    json!(cursor.rsplit_once('-').unwrap().1.parse::<u64>().unwrap())
}

fn reports(events: &[Value]) -> usize {
    events.iter().filter(|event| event["event"].as_str().unwrap().starts_with("webhook.")).count()
}

#[actix_web::test]
async fn members_who_may_see_webhooks_hear_of_one_that_is_given_up_and_others_hear_on() {
    let receiver = Receiver::plain(Manner::status("410 Gone", &[], "")).await;
    let scene = Scene::start_with(&["--allow-insecure-webhooks", "--webhook-allow-cidr", "127.0.0.0/8"]).await;
    let url = format!("http://{}/hook", receiver.address);
    let wanted = json!({"url": url, "events": ["conversation.created"], "description": "Order system"});
    let made = good(scene.post_as(&scene.home.token, "/api/v1/webhooks", &wanted).send().await);
    let owner = scene.server.sign_in(&scene.home.owner_email).await;
    let (_id, agent) = scene.agent("Ben").await;
    let hello = |token: &str| json!({"type": "hello", "token": token});
    let (mut olivia, welcome) = scene.enter("/ws/agent", hello(&owner)).await;
    let (mut ben, bens) = scene.enter("/ws/agent", hello(&agent)).await;
    let (mut olivias_last, mut bens_last) = (place(&welcome), place(&bens));
    for client in [&mut olivia, &mut ben] {
        client.follow(&["inbox"]).await;
    }

    let visitor = scene.visitor().await;
    scene.says(&visitor, "Hello").await;
    let events = listen(&mut olivia, &mut olivias_last, "webhook.disabled").await;
    let told = events.last().unwrap();
    let example: Value = serde_json::from_str(include_str!("../wire/event.webhook_disabled.admin.json")).unwrap();
    assert_eq!((names(told), names(&told["data"])), (names(&example), names(&example["data"])));
    assert_eq!(json!([told["conversation_id"], told["seq"]]), json!([null, null]));
    let data = &told["data"];
    assert_eq!(json!([data["id"], data["url"], data["description"], data["status"]]), json!([made["id"], url, "Order system", "disabled"]));
    assert!(data["disabled_reason"].as_str().unwrap().contains("410"), "{data}");

    // The same numbers for both: what Ben may not see is no hole in what he sees.
    let resolved = scene.get("/api/v1/conversations").await["data"][0]["id"].as_str().unwrap().to_owned();
    good(scene.patch(&format!("/api/v1/conversations/{resolved}"), &json!({"priority": "high"})).send().await);
    listen(&mut olivia, &mut olivias_last, "conversation.updated").await;
    let events = listen(&mut ben, &mut bens_last, "conversation.updated").await;
    assert_eq!((reports(&events), &bens_last), (0, &olivias_last));

    // Whoever was away is told when it comes back.
    for (token, welcome, expected) in [(&owner, &welcome, 1), (&agent, &bens, 0)] {
        let again = json!({"type": "hello", "token": token, "cursor": welcome["cursor"]});
        let (mut client, resumed) = scene.enter("/ws/agent", again).await;
        client.say(&json!({"type": "subscribe", "topics": ["inbox"]})).await;
        let events = listen(&mut client, &mut place(&resumed), "conversation.updated").await;
        assert_eq!(reports(&events), expected);
    }
    scene.end().await;
}
