//! Calls that somebody places at Dialpad for a conversation or a contact of ours, and says so with `custom_data`.

use serde_json::{Value, json};

use super::set_up::{KEY, Stage};

impl Stage {
    /// Somebody has an agent call a number.
    async fn calls(&self, number: &str, custom_data: &Value) {
        let body = json!({"phone_number": number, "user_id": 5_990_000_000_000_001_u64, "custom_data": custom_data});
        let client = awc::Client::builder().finish();
        let placed = client.post(format!("{}/api/v2/call", self.running.url)).bearer_auth(KEY).send_json(&body).await.unwrap();
        assert_eq!(placed.status().as_u16(), 200);
    }

    /// Waits until so many calls have ended; in which conversation the last one stands, and whose it is.
    async fn called(&self, count: usize) -> (Value, Value) {
        let (mut ended, mut cursor) = (Vec::new(), String::new());
        for _round in 0..20 {
            let page = self.api.get(&self.api.home.token, &format!("/api/v1/events?types=call.ended&wait=10&limit=100{cursor}")).await;
            ended.extend(page.body["data"].as_array().unwrap().clone());
            cursor = format!("&after={}", page.body["next_cursor"].as_str().unwrap());
            if let Some(last) = ended.get(count - 1) {
                let id = last["data"]["conversation_id"].clone();
                let path = format!("/api/v1/conversations/{}", id.as_str().unwrap());
                let conversation = self.api.get(&self.api.home.token, &path).await;
                return (id, conversation.body["contact"]["id"].clone());
            }
        }
        panic!("the call never came in: {ended:?}");
    }

    async fn contact(&self, token: &str, name: &str) -> Value {
        let made = self.api.post(token, "/api/v1/contacts", json!({"name": name})).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body["id"].clone()
    }

    async fn conversations(&self) -> usize {
        self.api.get(&self.api.home.token, "/api/v1/conversations").await.ids().len()
    }
}

// dialpad.md 28
#[actix_web::test]
async fn a_call_that_names_a_conversation_stands_in_it_and_one_that_names_a_contact_is_theirs() {
    correlated(Stage::set().await).await;
}

#[actix_web::test]
async fn a_call_that_names_a_conversation_stands_in_it_and_one_that_names_a_contact_is_theirs_on_postgres() {
    correlated(Stage::set_on_postgres().await).await;
}

async fn correlated(stage: Stage) {
    stage.channel().await;
    stage.written("please call my other number").await;
    stage.comes_in("please call my other number").await;
    let first = json!(stage.api.get(&stage.api.home.token, "/api/v1/conversations").await.ids().remove(0));
    stage.calls("+15005550021", &first).await;
    let (conversation, dana) = stage.called(1).await;
    assert_eq!((&conversation, stage.conversations().await), (&first, 1));
    let path = format!("/api/v1/contacts/{}", dana.as_str().unwrap());
    let known = stage.api.get(&stage.api.home.token, &path).await.body["addresses"].to_string();
    assert!(known.contains("+15005550021"), "the number is Dana's: {known}");
    // Somebody of whom no number was known.
    let kim = stage.contact(&stage.api.home.token, "Kim").await;
    stage.calls("+15005550022", &kim).await;
    let (conversation, whose) = stage.called(2).await;
    assert!(whose == kim && conversation != first, "{whose}");
}

// dialpad.md 28
#[actix_web::test]
async fn what_a_call_names_counts_less_than_whose_number_it_is_and_nothing_across_workspaces() {
    let stage = Stage::set().await;
    stage.channel().await;
    stage.written("hello").await;
    stage.comes_in("hello").await;
    let first = json!(stage.api.get(&stage.api.home.token, "/api/v1/conversations").await.ids().remove(0));
    let dana = stage.running.simulator().look(|world| world.customers[0].key.clone());
    let (kim, stranger) = (stage.contact(&stage.api.home.token, "Kim").await, stage.contact(&stage.api.away.token, "Sam").await);
    stage.calls(&dana, &kim).await;
    assert_eq!(stage.called(1).await.0, first, "Dana's number is Dana's");
    let odd = [stranger.clone(), json!("out_01J9ZK"), json!(""), json!("x".repeat(10_000)), json!("{\"id\": 1}")];
    for (at, custom_data) in odd.iter().enumerate() {
        stage.calls(&format!("+1500555003{at}"), custom_data).await;
        let (conversation, whose) = stage.called(at + 2).await;
        assert!(conversation != first && whose != kim && whose != stranger, "{custom_data}");
    }
    assert_eq!(stage.conversations().await, 1 + odd.len(), "each number is somebody of their own");
    let path = format!("/api/v1/contacts/{}", stranger.as_str().unwrap());
    let sam = stage.api.get(&stage.api.away.token, &path).await.body;
    assert!(!sam["addresses"].to_string().contains("+1500"), "{sam}");
}
