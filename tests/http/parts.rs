//! Long messages that Vonage's SMS API tells of part by part: shown once, whole, or as far as they came.

use actors::{port::Clock as _, sweep::Chore as _};
use entities::Timestamp;
use serde_json::{Value, json};
use switchboard::http::ingress::Joiner;

use crate::support::{api::Api, vonage};

struct Stage {
    api: Api,
    credential: String,
}

impl Stage {
    async fn set(api: Api) -> Self {
        let secrets = json!({"api_key": "key1", "api_secret": "s", "signature_secret": vonage::SECRET, "signature_method": "sha256"});
        let body = json!({"provider": "sms", "vendor": "vonage", "name": "Vonage", "secrets": secrets, "check": false});
        let credential = api.post(&api.home.token, "/api/v1/credentials", body).await;
        assert_eq!(credential.status, 201, "{credential:?}");
        let body = json!({"kind": "sms", "name": "Line", "address": vonage::NUMBER, "credential_id": credential.body["id"]});
        let channel = api.post(&api.home.token, "/api/v1/channels", body).await;
        assert_eq!(channel.status, 201, "{channel:?}");
        let credential = credential.body["id"].as_str().unwrap().to_owned();
        Self { api, credential }
    }

    fn now(&self) -> Timestamp {
        self.api.clock.now()
    }

    /// Vonage tells of a part of the message `reference`, and is answered at once.
    async fn part(&self, reference: &str, place: (u32, u32), text: &str) {
        let id = format!("{reference}-{}", place.0);
        self.part_with_id(reference, place, &id, text).await;
    }

    async fn part_with_id(&self, reference: &str, place: (u32, u32), id: &str, text: &str) {
        let path = vonage::part(&self.credential, reference, place, id, text, self.now().micros() / 1_000_000);
        let answer = self.api.call("GET", &path, &[], None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// What the contact has said, as the conversation shows it.
    async fn shown(&self) -> Vec<String> {
        let token = &self.api.home.token;
        let Some(id) = self.api.get(token, "/api/v1/conversations").await.ids().into_iter().next() else { return Vec::new() };
        let messages = self.api.get(token, &format!("/api/v1/conversations/{id}/messages")).await;
        let texts = messages.body["data"].as_array().unwrap().iter().map(|message| message["content_text"].as_str().unwrap().to_owned());
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        texts
    }

    /// What is shown once so many seconds have gone by since the last part.
    async fn after(&self, seconds: i64) -> Vec<String> {
        Joiner(self.api.server.app.clone()).run(self.now().plus_ms(seconds * 1_000)).await.unwrap();
        self.shown().await
    }
}

async fn parts_in_any_order_and_repeated_are_one_message(api: Api) {
    let stage = Stage::set(api).await;
    for number in [3, 1, 3, 1] {
        stage.part("08", (number, 3), ["", "one ", "two ", "three"][number as usize]).await;
        assert!(stage.shown().await.is_empty(), "nothing is shown before it is whole");
    }
    stage.part("08", (2, 3), "two ").await;
    assert_eq!(stage.shown().await, ["one two three"]);
    let head = stage.api.server.app.journal.head(stage.api.home.id).await.unwrap();
    for number in 1..=3 {
        stage.part("08", (number, 3), "repeated by Vonage").await;
    }
    assert_eq!(stage.after(61).await, ["one two three"]);
    assert_eq!(stage.api.server.app.journal.head(stage.api.home.id).await.unwrap(), head, "a repeat changes nothing");
}

// sms.md checklist 26
#[actix_web::test]
async fn parts_in_any_order_and_repeated_are_one_message_on_sqlite() {
    parts_in_any_order_and_repeated_are_one_message(Api::start().await).await;
}

#[actix_web::test]
async fn parts_in_any_order_and_repeated_are_one_message_on_postgres() {
    parts_in_any_order_and_repeated_are_one_message(Api::start_on_postgres().await).await;
}

// sms.md checklist 26
#[actix_web::test]
async fn what_is_there_is_shown_after_a_minute_and_a_late_part_is_put_into_it() {
    let stage = Stage::set(Api::start().await).await;
    stage.part("08", (3, 4), "three ").await;
    stage.part("08", (1, 4), "one ").await;
    assert!(stage.after(59).await.is_empty());
    assert_eq!(stage.after(61).await, ["one […] three […]"]);
    assert_eq!(stage.after(600).await.len(), 1, "and once");
    stage.part("08", (2, 4), "two ").await;
    assert_eq!(stage.shown().await, ["one two three […]"]);
    stage.part("08", (4, 4), "four").await;
    assert_eq!(stage.shown().await, ["one two three four"]);
}

// sms.md checklist 26
#[actix_web::test]
async fn a_reference_that_is_used_again_is_another_message() {
    let stage = Stage::set(Api::start().await).await;
    for (round, text) in [("a", "first"), ("b", "second")] {
        stage.part_with_id("08", (2, 2), &format!("{round}2"), "!").await;
        stage.part_with_id("08", (1, 2), &format!("{round}1"), text).await;
    }
    assert_eq!(stage.shown().await, ["first!", "second!"]);
    stage.part("09", (1, 2), "another reference").await;
    stage.part("08", (1, 3), "another length").await;
    assert_eq!(stage.after(61).await, ["another length […]", "another reference […]", "first!", "second!"]);
}

#[actix_web::test]
async fn parts_of_a_channel_that_is_gone_are_forgotten() {
    let stage = Stage::set(Api::start().await).await;
    stage.part("08", (1, 2), "one").await;
    let list = stage.api.get(&stage.api.home.token, "/api/v1/channels").await;
    let line = list.body["data"].as_array().unwrap().iter().find(|channel| channel["kind"] == "sms").map(|channel| channel["id"].clone());
    let path = format!("/api/v1/channels/{}", line.as_ref().and_then(Value::as_str).unwrap());
    let gone = stage.api.delete(&stage.api.home.token, &path).await;
    assert!((200..300).contains(&gone.status), "{gone:?}");
    assert!(stage.after(61).await.is_empty());
    let left = switchboard::store::settings::part::due(stage.api.db(), stage.now().plus_ms(3_600_000), 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

// sms.md checklist 17, 18
#[actix_web::test]
async fn who_says_stop_is_sent_nothing_until_they_say_start() {
    // Nobody listens there: what is sent here goes nowhere.
    let stage = Stage::set(Api::start_with(&["--provider-base-url", "sms=http://127.0.0.1:1"]).await).await;
    let says = async |id: &str, text: &str, at: &str| {
        let now_secs = stage.now().micros() / 1_000_000;
        let path = vonage::told_at(&stage.credential, id, text, &[], (at, now_secs));
        let answer = stage.api.call("GET", &path, &[], None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    let token = &stage.api.home.token;
    says("id1", "hello", "2025-10-09 08:53:20").await;
    let id = stage.api.get(token, "/api/v1/conversations").await.ids().remove(0);
    let answers = async || stage.api.post(token, &format!("/api/v1/conversations/{id}/messages"), json!({"text": "an answer"})).await;
    says("id2", " Stop ", "2025-10-09 08:53:21").await;
    assert_eq!(answers().await.refusal(), json!([409, "opted_out", []]));
    says("id3", "please start", "2025-10-09 08:53:22").await;
    assert_eq!(answers().await.status, 409, "that is a message to a human");
    says("id4", "YES", "2025-10-09 08:53:23").await;
    assert_eq!(answers().await.status, 201);
    assert_eq!(stage.shown().await, ["Stop", "YES", "an answer", "hello", "please start"], "and all of it is shown");
}
