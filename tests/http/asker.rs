//! What providers are asked behind what they tell: who somebody is, and what came while nobody heard it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use actors::port::Clock as _;
use serde_json::{Value, json};
use switchboard::{
    crypto::mac,
    http::ingress::Asker,
    simulate::{self, Pace, Running, Simulated, SimulatorOptions, provider::Act},
};

use crate::support::api::Api;

const MINUTE_MS: i64 = 60_000;

struct Stage {
    api: Api,
    running: Running,
    /// How far the provider's clock is ahead.
    ahead_ms: Arc<AtomicI64>,
}

impl Stage {
    /// A server with a channel at a simulated provider that it hears nothing of.
    async fn set(provider: Simulated) -> Self {
        Self::with(provider, &[]).await
    }

    async fn with(provider: Simulated, values: &[(&str, &str)]) -> Self {
        // A minute ahead: what happens there happens after the channel was made, also to who counts in seconds.
        let ahead_ms = Arc::new(AtomicI64::new(MINUTE_MS));
        let ahead = Arc::clone(&ahead_ms);
        let now = move || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64 + ahead.load(Ordering::SeqCst);
        let mut options = SimulatorOptions::new(provider, "http://127.0.0.1:1", Arc::new(now));
        options.credentials = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        options.pace = Pace::AT_ONCE;
        let running = simulate::start(options).unwrap();
        let base = format!("{}={}", provider.name(), running.url);
        let api = Api::start_with(&["--provider-base-url", &base]).await;
        let secrets: serde_json::Map<String, Value> =
            running.credentials().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let mut body = json!({"provider": provider.name(), "name": "Shop", "secrets": secrets, "check": false});
        if let Some(vendor) = running.simulator().provider.profile().vendor {
            body["vendor"] = vendor.into();
        }
        let credential = api.post(&api.home.token, "/api/v1/credentials", body).await;
        assert_eq!(credential.status, 201, "{credential:?}");
        let body = json!({"kind": provider.name(), "name": "Shop", "address": running.account(), "credential_id": credential.body["id"]});
        let channel = api.post(&api.home.token, "/api/v1/channels", body).await;
        assert_eq!(channel.status, 201, "{channel:?}");
        Self { api, running, ahead_ms }
    }

    fn dana(&self) -> String {
        self.running.simulator().look(|world| world.customers[0].key.clone())
    }

    /// The customer does something of which no notification comes.
    fn unheard(&self, act: &Act) {
        self.running.simulator().act(&self.dana(), act).unwrap();
    }

    /// It is asked what was missed, so many minutes from now.
    async fn asked_after(&self, minutes: i64) {
        let asker = Asker::new(self.api.server.app.clone());
        let now = self.api.clock.now();
        asker.adopt(now).await;
        asker.round(now.plus_ms(minutes * MINUTE_MS)).await.unwrap();
    }

    /// Time goes by at the provider.
    fn pass(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Everything that is due so many minutes from now is asked, room by room; how many questions that were.
    async fn rooms_asked_after(&self, minutes: i64) -> u64 {
        let asker = Asker::new(self.api.server.app.clone());
        let now = self.api.clock.now();
        asker.adopt(now).await;
        let mut asked = 0;
        for _round in 0..100 {
            match asker.round(now.plus_ms(minutes * MINUTE_MS)).await.unwrap() {
                0 => return asked,
                more => asked += more,
            }
        }
        panic!("there is no end to the questions");
    }

    /// What was asked of a method: each status, and the messages of each answer.
    fn asked(&self, method: &str) -> Vec<u16> {
        let path = format!("/api/{method}");
        self.running.simulator().look(|world| world.calls.iter().filter(|call| call.path == path).map(|call| call.status).collect())
    }

    async fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for id in self.api.get(&self.api.home.token, "/api/v1/conversations").await.ids() {
            let messages = self.api.get(&self.api.home.token, &format!("/api/v1/conversations/{id}/messages?limit=100")).await;
            let mut shown = messages.body["data"].as_array().unwrap().clone();
            shown.sort_by_key(|message| message["seq"].as_u64());
            texts.extend(shown.iter().map(|message| message["content_text"].as_str().unwrap().to_owned()));
        }
        texts
    }

    async fn head(&self) -> u64 {
        self.api.server.app.journal.head(self.api.home.id).await.unwrap()
    }

    /// Somebody with this id writes to the page.
    async fn writes_to_the_page(&self, id: &str, text: &str) {
        let secrets = self.running.credentials();
        let secret = secrets.iter().find(|(name, _)| *name == "app_secret").map(|(_, value)| value.clone()).unwrap();
        let (page, at) = (self.running.account(), self.api.clock.now().micros() / 1_000);
        let message = json!({"sender": {"id": id}, "recipient": {"id": page}, "timestamp": at, "message": {"mid": format!("m_{text}"), "text": text}});
        let body = json!({"object": "page", "entry": [{"id": page, "time": at, "messaging": [message]}]}).to_string();
        let signature = format!("sha256={}", hex::encode(mac::hmac_sha256_joined(secret.as_bytes(), &[body.as_bytes()])));
        let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
        let answer = self.api.call("POST", "/api/webhooks/messenger", &headers, Some(body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// How often the provider was asked who somebody is.
    fn looked_up(&self, id: &str) -> usize {
        self.running.simulator().look(|world| world.calls.iter().filter(|call| call.path.contains(&format!("/{id}?"))).count())
    }
}

// messenger.md 14, checklist 31
#[actix_web::test]
async fn who_writes_to_a_page_gets_the_name_of_the_profile_behind_the_message() {
    let stage = Stage::set(Simulated::Messenger).await;
    let name = stage.running.simulator().look(|world| world.customers[0].name.clone());
    stage.writes_to_the_page(&stage.dana(), "hello").await;
    assert_eq!(stage.texts().await, ["hello"], "the message does not wait for the name");
    let mut told = Value::Null;
    for _round in 0..3 {
        let page = stage.api.get(&stage.api.home.token, "/api/v1/events?types=contact.updated&wait=20").await;
        if let Some(event) = page.body["data"].as_array().and_then(|events| events.first()) {
            told = event["data"]["name"].clone();
            break;
        }
    }
    assert_eq!(told, json!(name));
    stage.writes_to_the_page(&stage.dana(), "again").await;
    assert_eq!(stage.looked_up(&stage.dana()), 1, "who has a name is not asked for");
}

// messenger.md checklist 31
#[actix_web::test]
async fn a_profile_that_is_not_told_loses_no_message_and_leaves_the_contact_as_it_is() {
    let stage = Stage::set(Simulated::Messenger).await;
    let nobody = "31000000000000077";
    stage.writes_to_the_page(nobody, "hello").await;
    for _round in 0..5_000 {
        if stage.looked_up(nobody) > 0 {
            break;
        }
        stage.texts().await;
    }
    assert_eq!(stage.looked_up(nobody), 1, "it was asked");
    stage.writes_to_the_page(nobody, "again").await;
    assert_eq!(stage.texts().await, ["hello", "again"]);
    let contact = stage.api.get(&stage.api.home.token, "/api/v1/contacts").await;
    assert_eq!(contact.body["data"][0]["name"], Value::Null);
}

// sms.md checklist 25
#[actix_web::test]
async fn a_text_message_whose_notification_was_lost_is_found_in_twilios_list_and_taken_in_once() {
    let stage = Stage::set(Simulated::Sms).await;
    stage.unheard(&Act::Write { text: "did you hear me?".to_owned(), file_id: None, reply_to: None });
    stage.asked_after(0).await;
    assert!(stage.texts().await.is_empty(), "it may still come by itself");
    stage.asked_after(20).await;
    assert_eq!(stage.texts().await, ["did you hear me?"]);
    let head = stage.head().await;
    stage.asked_after(40).await;
    stage.asked_after(60).await;
    assert_eq!(stage.head().await, head, "once");
}

#[actix_web::test]
async fn what_was_said_before_the_channel_was_made_is_not_taken_in_and_a_provider_that_refuses_is_asked_again() {
    let stage = Stage::set(Simulated::Sms).await;
    stage.unheard(&Act::Write { text: "long ago".to_owned(), file_id: None, reply_to: None });
    stage.running.simulator().change(|world| {
        for message in &mut world.customers[0].messages {
            message.at_ms -= 3_600_000;
        }
    });
    stage.unheard(&Act::Write { text: "now".to_owned(), file_id: None, reply_to: None });
    stage.running.simulator().change(|world| world.switches.insert(simulate::faults::Switch::TokenExpired));
    stage.asked_after(20).await;
    assert!(stage.texts().await.is_empty());
    stage.running.simulator().change(|world| world.switches.remove(&simulate::faults::Switch::TokenExpired));
    stage.asked_after(40).await;
    assert_eq!(stage.texts().await, ["now"]);
}

// dialpad.md 8
#[actix_web::test]
async fn a_call_of_which_no_event_came_is_found_in_dialpads_list_and_stands_there_once() {
    let stage = Stage::set(Simulated::Dialpad).await;
    stage.unheard(&Act::Extra { name: "call_answered".to_owned() });
    stage.asked_after(30).await;
    let texts = stage.texts().await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    let events = stage.api.get(&stage.api.home.token, "/api/v1/events?types=call.ended").await;
    assert_eq!(events.body["data"].as_array().unwrap().len(), 1, "{events:?}");
    let head = stage.head().await;
    stage.asked_after(60).await;
    assert_eq!(stage.head().await, head, "once");
}

/// A message of the customer's to the bot alone, or in a thread, of which no event comes.
fn write(text: &str, reply_to: Option<String>) -> Act {
    Act::Write { text: text.to_owned(), file_id: None, reply_to }
}

// slack.md checklist 31
#[actix_web::test]
async fn what_was_said_in_slack_unheard_is_read_from_channels_and_threads_and_taken_in_once() {
    let stage = Stage::set(Simulated::Slack).await;
    let sim = stage.running.simulator().clone();
    stage.unheard(&write("to you alone", None));
    let root = sim.act(&stage.dana(), &Act::Extra { name: "channel".to_owned() }).unwrap().unwrap();
    stage.unheard(&write("in the thread", Some(root.clone())));
    stage.unheard(&Act::Extra { name: "other_bot".to_owned() });
    stage.unheard(&Act::Extra { name: "join".to_owned() });
    stage.rooms_asked_after(0).await;
    assert!(stage.texts().await.is_empty(), "it may still come by itself");
    stage.rooms_asked_after(70).await;
    let mut texts = stage.texts().await;
    texts.sort_unstable();
    assert_eq!(texts, ["Is anybody there?", "in the thread", "to you alone"]);
    assert_eq!(stage.api.get(&stage.api.home.token, "/api/v1/conversations").await.ids().len(), 2, "the thread is one conversation");
    let head = stage.head().await;
    assert!(stage.rooms_asked_after(140).await > 3, "it was asked again");
    assert_eq!(stage.head().await, head, "once");

    // Later something is said in a thread whose root is long known.
    stage.pass(140 * MINUTE_MS);
    stage.unheard(&write("still in the thread", Some(root)));
    stage.rooms_asked_after(210).await;
    stage.rooms_asked_after(280).await;
    assert!(stage.texts().await.contains(&"still in the thread".to_owned()), "{:?}", stage.texts().await);
    assert_eq!(stage.texts().await.len(), 4);
}

// slack.md checklist 31
#[actix_web::test]
async fn an_app_that_may_read_fifteen_messages_a_minute_reads_them_all_in_order() {
    let stage = Stage::with(Simulated::Slack, &[("distribution", "commercial")]).await;
    let wanted: Vec<String> = (1..=40).map(|number| format!("message {number}")).collect();
    for text in &wanted {
        stage.pass(1_000);
        stage.unheard(&write(text, None));
    }
    for minute in 0..12 {
        stage.rooms_asked_after(20 + minute).await;
        stage.pass(MINUTE_MS + 1_000);
    }
    assert_eq!(stage.texts().await, wanted);
    let answers = stage.asked("conversations.history");
    let good = answers.iter().filter(|status| **status == 200).count();
    let refused = answers.len() - good;
    assert!(good >= 4, "three pages of one channel, and another channel: {answers:?}");
    assert!(refused <= 12, "who is told to wait waits: {answers:?}");
    let head = stage.head().await;
    stage.rooms_asked_after(100).await;
    assert_eq!(stage.head().await, head, "once");
}

// slack.md checklist 31
#[actix_web::test]
async fn slacks_histories_are_asked_again_when_the_token_is_good_again() {
    let stage = Stage::set(Simulated::Slack).await;
    stage.unheard(&write("hello?", None));
    stage.running.simulator().change(|world| world.switches.insert(simulate::faults::Switch::TokenExpired));
    stage.rooms_asked_after(20).await;
    assert!(stage.texts().await.is_empty());
    stage.running.simulator().change(|world| world.switches.remove(&simulate::faults::Switch::TokenExpired));
    stage.rooms_asked_after(40).await;
    assert_eq!(stage.texts().await, ["hello?"]);
}

// dialpad.md checklist 15
#[actix_web::test]
async fn who_opted_out_in_dialpads_own_list_is_not_written_to_until_it_says_otherwise() {
    let stage = Stage::set(Simulated::Dialpad).await;
    stage.unheard(&Act::Extra { name: "call_answered".to_owned() });
    stage.asked_after(30).await;
    let id = stage.api.get(&stage.api.home.token, "/api/v1/conversations").await.ids().remove(0);
    let path = format!("/api/v1/conversations/{id}/messages");
    let answer = async || stage.api.post(&stage.api.home.token, &path, json!({"text": "Your order is ready."})).await;
    // The text is lost; the list has it.
    stage.unheard(&Act::Extra { name: "stop".to_owned() });
    stage.asked_after(60).await;
    let conversation = stage.api.get(&stage.api.home.token, &format!("/api/v1/conversations/{id}")).await;
    assert_ne!(conversation.body["remote"]["opted_out"], true, "the list is read once a day: {conversation:?}");
    stage.asked_after(26 * 60).await;
    assert_eq!(answer().await.refusal(), json!([409, "opted_out", []]));
    let head = stage.head().await;
    stage.asked_after(51 * 60).await;
    assert_eq!(stage.head().await, head, "the same list changes nothing");
    stage.unheard(&Act::Extra { name: "start".to_owned() });
    stage.asked_after(76 * 60).await;
    assert_eq!(answer().await.status, 201);
}

// slack.md checklist 6
#[actix_web::test]
async fn a_provider_that_never_answers_keeps_nobody_waiting_who_writes() {
    // Whoever calls there is connected, and hears nothing ever.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let api = Api::start_with(&["--provider-base-url", &format!("slack=http://{}", silent.local_addr().unwrap())]).await;
    let secrets = json!({"signing_secret": "example-signing-secret", "bot_token": "xoxb-EXAMPLE"});
    let body = json!({"provider": "slack", "name": "Slack", "secrets": secrets, "check": false});
    let credential = api.post(&api.home.token, "/api/v1/credentials", body).await;
    assert_eq!(credential.status, 201, "{credential:?}");
    let body = json!({"kind": "slack", "name": "Slack", "address": "T0TEAM00001", "credential_id": credential.body["id"]});
    let channel = api.post(&api.home.token, "/api/v1/channels", body).await;
    assert_eq!(channel.status, 201, "{channel:?}");
    let secs = api.clock.now().micros() / 1_000_000;
    let mut held = Vec::new();
    for place in 1..=2 {
        let ts = format!("{secs}.00010{place}");
        let event =
            json!({"type": "message", "channel": "D0DIRECT001", "channel_type": "im", "user": "U0CUSTOMER1", "text": "hello", "ts": ts});
        let body = json!({
            "type": "event_callback", "team_id": "T0TEAM00001", "event_id": format!("Ev{place}"), "event": event,
            "authorizations": [{"team_id": "T0TEAM00001", "user_id": "U0BOT000001", "is_bot": true}],
        })
        .to_string();
        let mac = mac::hmac_sha256_joined(b"example-signing-secret", &[format!("v0:{secs}:{body}").as_bytes()]);
        let (signature, stamp) = (format!("v0={}", hex::encode(mac)), secs.to_string());
        let headers = [
            ("content-type", "application/json"),
            ("x-slack-signature", signature.as_str()),
            ("x-slack-request-timestamp", stamp.as_str()),
        ];
        let answer = api.call("POST", "/api/webhooks/slack", &headers, Some(body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        if place == 1 {
            // The name is being asked for, and no answer comes.
            let ear = silent.try_clone().unwrap();
            held.push(tokio::task::spawn_blocking(move || ear.accept()).await.unwrap().unwrap());
        }
    }
    let id = api.get(&api.home.token, "/api/v1/conversations").await.ids().remove(0);
    let messages = api.get(&api.home.token, &format!("/api/v1/conversations/{id}/messages")).await;
    assert_eq!(messages.body["data"].as_array().unwrap().len(), 2);
}
