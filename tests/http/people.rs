//! Who wrote, and who answers, as a provider says it: two addresses of one person, and conversations that another sender handles. WhatsApp
//! stands for all.

use actors::port::Clock as _;
use entities::Role;
use serde_json::{Value, json};
use switchboard::crypto::mac;

use crate::support::api::{Answer, Api};

const SECRET: &str = "example-app-secret-01";
const NUMBER: &str = "106000000000001";

struct Stage {
    api: Api,
    /// An agent, who is a person; the workspace's own token is a program's.
    agent: String,
}

impl Stage {
    async fn set() -> Self {
        let api = Api::start().await;
        let secrets = json!({"app_secret": SECRET, "verify_token": "a-word-of-ours", "access_token": "EXAMPLE_TOKEN"});
        let body = json!({"provider": "whatsapp", "name": "App", "secrets": secrets, "check": false});
        let credential = api.post(&api.home.token, "/api/v1/credentials", body).await;
        assert_eq!(credential.status, 201, "{credential:?}");
        let body = json!({"kind": "whatsapp", "name": "Line", "address": NUMBER, "credential_id": credential.body["id"]});
        let channel = api.post(&api.home.token, "/api/v1/channels", body).await;
        assert_eq!(channel.status, 201, "{channel:?}");
        let (_, agent) = api.agent(Role::Agent, "Ann").await;
        Self { api, agent }
    }

    /// Now and so many seconds, as WhatsApp writes it.
    fn secs(&self, later: i64) -> String {
        (self.api.clock.now().micros() / 1_000_000 + later).to_string()
    }

    async fn told(&self, field: &str, mut value: Value) {
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] = json!({"display_phone_number": "15550100001", "phone_number_id": NUMBER});
        let change = json!({"field": field, "value": value});
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "102000000000001", "changes": [change]}]}).to_string();
        let signature = format!("sha256={}", hex::encode(mac::hmac_sha256_joined(SECRET.as_bytes(), &[body.as_bytes()])));
        let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
        let answer = self.api.call("POST", "/api/webhooks/whatsapp", &headers, Some(body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Somebody writes who has a telephone number, a user id, or both.
    async fn writes(&self, id: &str, (phone, user): (Option<&str>, Option<&str>)) {
        let mut contact = json!({"profile": {"name": "Dana Field"}});
        let mut message = json!({"id": id, "timestamp": self.secs(0), "type": "text", "text": {"body": id}});
        for (known, of_contact, of_message) in [(phone, "wa_id", "from"), (user, "user_id", "from_user_id")] {
            if let Some(known) = known {
                contact[of_contact] = known.into();
                message[of_message] = known.into();
            }
        }
        self.told("messages", json!({"contacts": [contact], "messages": [message]})).await;
    }

    /// The values of each contact's addresses, sorted.
    async fn contacts(&self) -> Vec<Vec<String>> {
        let listed = self.api.get(&self.api.home.token, "/api/v1/contacts").await;
        let mut contacts = Vec::new();
        for id in listed.ids() {
            let contact = self.api.get(&self.api.home.token, &format!("/api/v1/contacts/{id}")).await;
            let addresses = contact.body["addresses"].as_array().unwrap().iter();
            let mut values: Vec<String> = addresses.map(|address| address["value"].as_str().unwrap().to_owned()).collect();
            values.sort();
            contacts.push(values);
        }
        contacts.sort();
        contacts
    }

    async fn conversations(&self) -> Vec<String> {
        self.api.get(&self.api.home.token, "/api/v1/conversations").await.ids()
    }

    async fn answers(&self, token: &str, conversation: &str) -> Answer {
        let path = format!("/api/v1/conversations/{conversation}/messages");
        self.api.post(token, &path, json!({"text": "yes, from 10 to 16"})).await
    }

    async fn messages(&self, conversation: &str) -> Vec<Value> {
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let mut messages = self.api.get(&self.api.home.token, &path).await.body["data"].as_array().unwrap().clone();
        messages.sort_by_key(|message| message["seq"].as_u64());
        messages
    }
}

const DANA: &str = "15550109999";
const USER: &str = "US.13000000000000000042";

// whatsapp.md checklist 18, 35
#[actix_web::test]
async fn who_is_known_by_the_user_id_and_then_writes_with_the_number_too_is_the_same_contact_in_the_same_conversation() {
    let stage = Stage::set().await;
    stage.writes("wamid.1", (None, Some(USER))).await;
    stage.writes("wamid.2", (Some(DANA), Some(USER))).await;
    stage.writes("wamid.3", (Some(DANA), None)).await;
    let number = format!("+{DANA}");
    assert_eq!(stage.contacts().await, [[number.as_str(), DANA, USER]]);
    let conversations = stage.conversations().await;
    assert_eq!(conversations.len(), 1);
    assert_eq!(stage.messages(&conversations[0]).await.len(), 3);
}

// whatsapp.md checklist 18, 35
#[actix_web::test]
async fn a_user_id_that_is_another_contact_s_stays_that_one_s_and_nobody_is_merged() {
    let stage = Stage::set().await;
    stage.writes("wamid.1", (None, Some(USER))).await;
    stage.writes("wamid.2", (Some(DANA), None)).await;
    stage.writes("wamid.3", (Some(DANA), Some(USER))).await;
    let number = format!("+{DANA}");
    assert_eq!(stage.contacts().await, [vec![number.as_str(), DANA], vec![USER]]);
    let told = [stage.messages(&stage.conversations().await[0]).await.len(), stage.messages(&stage.conversations().await[1]).await.len()];
    assert_eq!(told.iter().sum::<usize>(), 3, "each message stands in one conversation");
}

// whatsapp.md checklist 35
#[actix_web::test]
async fn a_user_id_that_changes_is_the_same_contact_s_and_says_nothing_in_the_conversation() {
    let stage = Stage::set().await;
    stage.writes("wamid.1", (Some(DANA), Some(USER))).await;
    let news = json!({"wa_id": DANA, "user_id": {"previous": USER, "current": "US.13000000000000000077"}, "timestamp": stage.secs(1)});
    for _repeat in 0..2 {
        stage.told("user_id_update", json!({"user_id_update": [news.clone()]})).await;
    }
    let number = format!("+{DANA}");
    assert_eq!(stage.contacts().await, [[number.as_str(), DANA, USER, "US.13000000000000000077"]]);
    assert_eq!(stage.messages(&stage.conversations().await[0]).await.len(), 1);
}

// whatsapp.md checklist 36, messenger.md checklist 22
#[actix_web::test]
async fn what_another_sender_handles_is_stored_once_and_marked_and_automation_keeps_still_until_it_is_handed_to_us() {
    let stage = Stage::set().await;
    let contact = json!({"profile": {"name": "Dana Field"}, "wa_id": DANA});
    let message = json!({"from": DANA, "id": "wamid.S1", "timestamp": stage.secs(0), "type": "text", "text": {"body": "are you open?"}});
    let content =
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": DANA, "type": "text", "text": {"body": "yes"}});
    let echo = json!({"id": "wamid.S2", "timestamp": stage.secs(0), "message": content});
    let status = json!({"id": "wamid.S2", "status": "delivered", "timestamp": stage.secs(1), "recipient_id": DANA});
    for _repeat in 0..2 {
        stage.told("standby", json!({"standby": {"contacts": [contact], "messages": [message]}})).await;
        stage.told("standby", json!({"standby": {"message_echoes": [echo]}})).await;
        stage.told("standby", json!({"standby": {"statuses": [status]}})).await;
    }
    let conversation = stage.conversations().await.remove(0);
    let messages = stage.messages(&conversation).await;
    let shown: Vec<_> = messages.iter().map(|message| (&message["content_text"], &message["via"]["details"]["standby"])).collect();
    assert_eq!(shown, [(&json!("are you open?"), &json!(true)), (&json!("yes"), &json!(true))]);
    let refused = stage.answers(&stage.api.home.token, &conversation).await;
    assert_eq!(refused.refusal(), json!([409, "handled_elsewhere", []]));
    assert_eq!(stage.answers(&stage.agent, &conversation).await.status, 201, "a person may take it over");
    let passed = json!({
        "sender": {"phone_number": DANA}, "type": "control_passed", "timestamp": stage.secs(2),
        "control_passed": {"new_owner_role": "escalation", "metadata": "asked for a person"},
    });
    stage.told("messaging_handovers", passed).await;
    let view = stage.api.get(&stage.api.home.token, &format!("/api/v1/conversations/{conversation}")).await;
    assert_eq!(view.body["remote"]["handled_elsewhere"], false);
    assert_eq!(stage.answers(&stage.api.home.token, &conversation).await.status, 201);
    stage.told("messaging_handovers", json!({"sender": {"phone_number": DANA}, "type": "unheard_of", "timestamp": stage.secs(3)})).await;
}

// whatsapp.md checklist 11, messenger.md checklist 9, sms.md checklist 15, slack.md checklist 8
#[actix_web::test]
async fn the_same_notification_on_several_connections_at_once_is_one_message() {
    let stage = Stage::set().await;
    futures_util::future::join_all((0..8).map(|_| stage.writes("wamid.1", (Some(DANA), None)))).await;
    let conversations = stage.conversations().await;
    assert_eq!((conversations.len(), stage.contacts().await.len()), (1, 1));
    assert_eq!(stage.messages(&conversations[0]).await.len(), 1);
}

// messenger.md checklist 13, slack.md checklist 29
#[actix_web::test]
async fn a_reaction_that_comes_before_its_message_waits_for_it() {
    let stage = Stage::set().await;
    stage.writes("wamid.1", (Some(DANA), None)).await;
    let reaction = json!({"message_id": "wamid.2", "emoji": "👍"});
    let message = json!({"from": DANA, "id": "wamid.R", "timestamp": stage.secs(1), "type": "reaction", "reaction": reaction});
    stage.told("messages", json!({"messages": [message]})).await;
    let conversation = stage.conversations().await.remove(0);
    assert_eq!(stage.messages(&conversation).await[0]["reactions"], json!([]));
    stage.writes("wamid.2", (Some(DANA), None)).await;
    assert_eq!(stage.messages(&conversation).await[1]["reactions"][0]["emoji"], "👍");
}
