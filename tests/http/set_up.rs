//! What a server sets up at a provider so that it is told of what happens: made once, led elsewhere when a secret changes, and removed again.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use switchboard::{
    crypto::mac,
    simulate::{self, Pace, Running, Simulated, SimulatorOptions, faults::Switch, provider::Act},
};

use crate::support::api::{Answer, Api};

pub const KEY: &str = "simulated-dialpad-api-key";
const SECRET: &str = "simulated-dialpad-webhook-secret";
const NEXT: &str = "the-next-webhook-secret-of-this-office";

/// A server and a simulated office. The office has nowhere to tell anything until it is told where.
pub struct Stage {
    pub api: Api,
    pub running: Running,
    credential: String,
}

impl Stage {
    pub async fn set() -> Self {
        Self::with(async |options| Api::start_with(options).await).await
    }

    pub async fn set_on_postgres() -> Self {
        Self::with(async |options| Api::start_on_postgres_with(options).await).await
    }

    async fn with(start: impl AsyncFnOnce(&[&str]) -> Api) -> Self {
        let now = Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64);
        let mut options = SimulatorOptions::new(Simulated::Dialpad, "http://127.0.0.1:1", now);
        options.pace = Pace::AT_ONCE;
        let running = simulate::start(options).unwrap();
        let api = start(&["--provider-base-url", &format!("dialpad={}", running.url)]).await;
        let secrets = json!({"webhook_secret": SECRET, "api_key": KEY});
        let body = json!({"provider": "dialpad", "name": "Office", "account": running.account(), "secrets": secrets});
        let made = api.post(&api.home.token, "/api/v1/credentials", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let credential = made.body["id"].as_str().unwrap().to_owned();
        Self { api, running, credential }
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.api.post(&self.api.home.token, &format!("/api/v1/{path}"), body).await
    }

    /// Makes the channel.
    pub async fn channel(&self) -> Value {
        let body = json!({"kind": "dialpad", "name": "Office", "address": self.running.account(), "credential_id": self.credential});
        let made = self.post("channels", body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body
    }

    async fn act(&self, channel: &Value, act: &str) -> Value {
        let done = self.post(&format!("channels/{}/{act}", channel["id"].as_str().unwrap()), json!({})).await;
        assert_eq!(done.status, 200, "{done:?}");
        done.body
    }

    /// What is set up there: webhooks' addresses, and kinds of subscriptions with what they lead to and whose events they tell.
    fn there(&self) -> Value {
        let books = self.running.simulator().provider.books();
        let subscriptions = books["subscriptions"].as_array().unwrap().iter();
        let subscriptions: Vec<Value> =
            subscriptions.map(|one| json!([one["kind"], one["fields"]["target_type"], one["fields"]["enabled"]])).collect();
        json!([books["webhooks"], subscriptions])
    }

    fn ours(&self) -> Value {
        let hook = format!("http://{}/api/webhooks/dialpad/{}", self.api.server.address, self.credential);
        json!([[hook], [["sms", "office", true], ["call", "office", true]]])
    }

    /// What was changed there, in order.
    fn changes(&self) -> Vec<String> {
        let kinds = ["/webhooks", "/subscriptions"];
        self.running.simulator().look(|world| {
            let calls = world.calls.iter().filter(|call| call.method != "GET" && kinds.iter().any(|kind| call.path.contains(kind)));
            let kind = |path: &str| path.split('/').skip(3).take_while(|part| part.parse::<u64>().is_err()).collect::<Vec<_>>().join("/");
            calls.map(|call| format!("{} {}", call.method, kind(&call.path))).collect()
        })
    }

    /// The customer writes; the event goes where it was set up to go.
    pub async fn written(&self, words: &str) {
        let dana = self.running.simulator().look(|world| world.customers[0].key.clone());
        let act = Act::Write { text: words.to_owned(), file_id: None, reply_to: None };
        self.running.simulator().act(&dana, &act).unwrap();
    }

    /// Waits until it is in the workspace.
    pub async fn comes_in(&self, words: &str) {
        let mut cursor = String::new();
        for _round in 0..20 {
            let path = format!("/api/v1/events?types=conversation.message_created&wait=10&limit=100{cursor}");
            let page = self.api.get(&self.api.home.token, &path).await;
            cursor = format!("&after={}", page.body["next_cursor"].as_str().unwrap());
            let found = page.body["data"].as_array().unwrap().iter().any(|event| event["data"]["content_text"] == words);
            if found {
                return;
            }
        }
        panic!("{words} never came in");
    }

    /// An event by this secret, as Dialpad would send it.
    async fn told_by(&self, secret: &str) -> u16 {
        let head = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = json!({"id": 1, "state": "odd", "call_id": 1, "internal_number": self.running.account()}).to_string();
        let signed = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let mac = BASE64_URL_SAFE_NO_PAD.encode(mac::hmac_sha256_joined(secret.as_bytes(), &[signed.as_bytes()]));
        let (path, body) = (format!("/api/webhooks/dialpad/{}", self.credential), format!("{signed}.{mac}"));
        self.api.call("POST", &path, &[("content-type", "application/jwt")], Some(body.as_bytes())).await.status
    }

    /// The living webhook secrets' ids, the newest first.
    async fn living(&self) -> Vec<String> {
        let found = self.api.get(&self.api.home.token, &format!("/api/v1/credentials/{}", self.credential)).await;
        let living = found.body["secrets"]["webhook_secret"]["living"].as_array().unwrap().clone();
        living.iter().map(|secret| secret["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn end(&self, secret: &str) -> Answer {
        let path = format!("/api/v1/credentials/{}/secrets/webhook_secret/{secret}", self.credential);
        self.api.delete(&self.api.home.token, &path).await
    }

    fn switch(&self, switch: Switch, on: bool) {
        self.running.simulator().change(|world| if on { world.switches.insert(switch) } else { world.switches.remove(&switch) });
    }
}

// dialpad.md 32
#[actix_web::test]
async fn a_channel_sets_dialpad_up_by_itself_and_connecting_it_again_creates_nothing() {
    twice(Stage::set().await).await;
}

#[actix_web::test]
async fn a_channel_sets_dialpad_up_by_itself_and_connecting_it_again_creates_nothing_on_postgres() {
    twice(Stage::set_on_postgres().await).await;
}

async fn twice(stage: Stage) {
    let channel = stage.channel().await;
    assert_eq!(channel["status"], "connected", "{channel}");
    assert_eq!(stage.there(), stage.ours());
    assert_eq!(stage.changes(), ["POST webhooks", "POST subscriptions/sms", "POST subscriptions/call"]);
    assert_eq!(stage.act(&channel, "connect").await["status"], "connected");
    assert_eq!(stage.changes().len(), 3, "{:?}", stage.changes());
    stage.written("is my order ready?").await;
    stage.comes_in("is my order ready?").await;
}

// dialpad.md 32
#[actix_web::test]
async fn disconnecting_removes_what_is_ours_there_and_nothing_else_and_so_does_removing_the_channel() {
    let stage = Stage::set().await;
    let client = awc::Client::builder().finish();
    let theirs = json!({"hook_url": "https://crm.example.com/dialpad", "secret": "theirs"});
    let made = client.post(format!("{}/api/v2/webhooks", stage.running.url)).bearer_auth(KEY).send_json(&theirs).await.unwrap();
    assert_eq!(made.status().as_u16(), 200);
    let channel = stage.channel().await;
    assert_eq!(stage.there()[0].as_array().unwrap().len(), 2);
    let disconnected = stage.act(&channel, "disconnect").await;
    assert_eq!(disconnected["status_detail"], "disconnected by hand; connect it to go on");
    assert_eq!(stage.there(), json!([["https://crm.example.com/dialpad"], []]));
    assert_eq!(stage.act(&channel, "connect").await["status"], "connected");
    assert_eq!(stage.there()[1], stage.ours()[1], "it is set up again");
    let removed = stage.api.delete(&stage.api.home.token, &format!("/api/v1/channels/{}", channel["id"].as_str().unwrap())).await;
    assert_eq!(removed.status, 204, "{removed:?}");
    assert_eq!(stage.there(), json!([["https://crm.example.com/dialpad"], []]));
}

// dialpad.md 32
#[actix_web::test]
async fn a_webhooks_secret_is_changed_without_a_moment_in_which_an_event_is_refused() {
    let stage = Stage::set().await;
    stage.channel().await;
    let path = format!("credentials/{}/secrets/webhook_secret", stage.credential);
    let added = stage.post(&path, json!({"value": NEXT})).await;
    assert_eq!(added.status, 201, "{added:?}");
    let changes = stage.changes();
    assert_eq!(changes[3..], ["POST webhooks", "PATCH subscriptions/sms", "PATCH subscriptions/call", "DELETE webhooks"]);
    assert_eq!(stage.there(), stage.ours());
    assert_eq!((stage.told_by(SECRET).await, stage.told_by(NEXT).await), (200, 200), "what is still under way is taken");
    stage.written("by the new one").await;
    stage.comes_in("by the new one").await;
    let living = stage.living().await;
    assert_eq!(stage.end(&living[1]).await.status, 204);
    assert_eq!((stage.told_by(SECRET).await, stage.told_by(NEXT).await), (401, 200));
    assert_eq!(stage.changes(), changes, "Dialpad signs with the new one already");
}

// dialpad.md 32
#[actix_web::test]
async fn a_secret_that_dialpad_signs_with_is_ended_only_when_it_signs_with_another() {
    let stage = Stage::set().await;
    stage.channel().await;
    let path = format!("credentials/{}/secrets/webhook_secret", stage.credential);
    assert_eq!(stage.post(&path, json!({"value": NEXT})).await.status, 201);
    let newest = stage.living().await.remove(0);
    stage.switch(Switch::TokenExpired, true);
    let refused = stage.end(&newest).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (502, Some("provider_unreachable")), "{refused:?}");
    assert!(refused.body["detail"].as_str().unwrap().starts_with("dialpad may still sign with it"), "{refused:?}");
    assert_eq!(stage.living().await.len(), 2, "nothing was changed");
    stage.switch(Switch::TokenExpired, false);
    assert_eq!(stage.end(&newest).await.status, 204);
    assert_eq!((stage.told_by(SECRET).await, stage.told_by(NEXT).await), (200, 401));
    stage.written("by the old one").await;
    stage.comes_in("by the old one").await;
}

// dialpad.md 32
#[actix_web::test]
async fn a_channel_that_dialpad_does_not_tell_of_says_so_in_its_words_and_connecting_it_mends_it() {
    let stage = Stage::set().await;
    stage.switch(Switch::TokenExpired, true);
    let channel = stage.channel().await;
    assert_eq!(channel["status"], "degraded");
    assert_eq!(
        channel["status_detail"],
        "messages do not come in: the provider does not tell us of them (Invalid credentials (401): badRequest); connect it again"
    );
    stage.switch(Switch::TokenExpired, false);
    let connected = stage.act(&channel, "connect").await;
    assert_eq!((&connected["status"], stage.there()), (&json!("connected"), stage.ours()));
    stage.switch(Switch::TokenExpired, true);
    let disconnected = stage.act(&channel, "disconnect").await;
    assert_eq!(disconnected["status"], "disconnected");
    let detail = disconnected["status_detail"].as_str().unwrap();
    assert!(detail.starts_with("disconnected by hand; connect it to go on (dialpad still tells us of it: "), "{detail}");
}
