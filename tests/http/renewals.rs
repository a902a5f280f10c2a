//! Tokens that end: renewed before, and told of in words where that is not possible.

use actors::port::Clock as _;
use entities::Timestamp;
use serde_json::{Value, json};
use switchboard::{
    http::installs::renew_due,
    simulate::{Simulated, faults::Switch},
};

use super::installs::Scene;

const HOUR_MS: i64 = 60 * 60 * 1_000;

impl Scene {
    fn after(&self, hours: i64) -> Timestamp {
        self.api.clock.now().plus_ms(hours * HOUR_MS)
    }

    async fn renew(&self, at: Timestamp) -> u64 {
        renew_due(&self.api.server.app, at).await.unwrap()
    }

    async fn credential(&self) -> Value {
        self.credentials().await.remove(0)
    }

    async fn channel(&self) -> Value {
        self.channels().await.remove(0)
    }

    /// How often the provider was asked for a token.
    fn asked(&self, path: &str) -> usize {
        self.running.simulator().look(|world| world.calls.iter().filter(|call| call.path.contains(path)).count())
    }
}

async fn rotating() -> Scene {
    connected(Scene::open(Simulated::Slack, &[("rotation", "on")]).await).await
}

async fn connected(scene: Scene) -> Scene {
    let install = scene.connect().await;
    assert_eq!(install["status"], "connected", "{install}");
    scene
}

#[actix_web::test]
async fn a_token_that_ends_is_renewed_two_hours_before() {
    renewed_before(rotating().await).await;
}

#[actix_web::test]
async fn a_token_that_ends_is_renewed_two_hours_before_on_postgres() {
    renewed_before(connected(Scene::open_on_postgres(Simulated::Slack, &[("rotation", "on")]).await).await).await;
}

async fn renewed_before(scene: Scene) {
    let before = scene.credential().await;
    assert!(before["expires_at"].is_string() && before["secrets"]["refresh_token"]["set"] == true, "{before}");
    assert_eq!(scene.renew(scene.after(9)).await, 0, "not yet");
    assert_eq!(scene.renew(scene.after(10).plus_ms(60_000)).await, 1);
    assert_eq!(scene.renew(scene.after(10).plus_ms(60_000)).await, 0, "once");
    let after = scene.credential().await;
    for name in ["bot_token", "refresh_token"] {
        assert_ne!(after["secrets"][name]["hint"], before["secrets"][name]["hint"], "{name}");
        assert_eq!(after["secrets"][name]["living"].as_array().unwrap().len(), 1, "{name}");
    }
    assert!(after["expires_at"].as_str() > before["expires_at"].as_str());
    assert_eq!((&after["status"], &scene.channel().await["status"]), (&json!("working"), &json!("connected")));
    // The next pair is as good as the first.
    assert_eq!(scene.renew(scene.after(21)).await, 1);
    assert_eq!(scene.credential().await["status"], "working");
}

// slack.md, checklist 23
#[actix_web::test]
async fn of_two_who_renew_at_once_one_asks() {
    one_asks(rotating().await).await;
}

#[actix_web::test]
async fn of_two_who_renew_at_once_one_asks_on_postgres() {
    one_asks(connected(Scene::open_on_postgres(Simulated::Slack, &[("rotation", "on")]).await).await).await;
}

async fn one_asks(scene: Scene) {
    let at = scene.after(11);
    let asked = scene.asked("oauth.v2.access");
    let done = futures_util::future::join(scene.renew(at), scene.renew(at)).await;
    assert_eq!((done.0 + done.1, scene.asked("oauth.v2.access") - asked), (1, 1));
    assert_eq!(scene.credential().await["status"], "working");
}

// slack.md, checklist 23
#[actix_web::test]
async fn a_refused_renewal_is_told_on_the_channel_and_told_otherwise_when_the_token_has_ended() {
    let scene = rotating().await;
    let ends = scene.credential().await["expires_at"].as_str().unwrap().to_owned();
    let (day, minute) = (&ends[..10], &ends[11..16]);
    scene.fail_next("invalid_refresh_token");
    assert_eq!(scene.renew(scene.after(11)).await, 1);
    let told = scene.channel().await;
    assert_eq!(told["status"], "degraded");
    let why = "Slack no longer knows the token by which tokens are renewed: connect Slack again (invalid_refresh_token)";
    let early = format!("the token expires on {day} {minute} UTC and was not renewed, reconnect before: connect slack again ({why})");
    assert_eq!(told["status_detail"], json!(early));
    assert_eq!(scene.renew(scene.after(11)).await, 0, "it is not asked again and again");
    scene.fail_next("invalid_refresh_token");
    assert_eq!(scene.renew(scene.after(13)).await, 1);
    let late = format!("the token expired on {day} {minute} UTC, reconnect: connect slack again ({why})");
    assert_eq!((&scene.channel().await["status_detail"], &scene.credential().await["status_detail"]), (&json!(late), &json!(late)));
    assert_eq!(scene.renew(scene.after(100)).await, 0);
    // Somebody agrees again, and all is well.
    assert_eq!(scene.connect().await["status"], "connected");
    assert_eq!((&scene.channel().await["status"], &scene.credential().await["status"]), (&json!("connected"), &json!("working")));
}

#[actix_web::test]
async fn a_provider_that_is_not_reached_is_asked_again_and_nobody_is_told_before_the_end() {
    let scene = rotating().await;
    scene.fail_next("service_unavailable");
    let at = scene.after(11);
    assert_eq!(scene.renew(at).await, 1);
    assert_eq!((&scene.channel().await["status"], &scene.credential().await["status"]), (&json!("connected"), &json!("working")));
    assert_eq!(scene.renew(at.plus_ms(60_000)).await, 0, "it is left alone for five minutes");
    // The clock of the next try is the server's, which has not moved on.
    assert_eq!(scene.renew(at.plus_ms(6 * 60_000)).await, 1);
    assert_eq!(scene.credential().await["status"], "working");
}

#[actix_web::test]
async fn a_pages_token_is_renewed_by_the_persons_and_a_lost_one_is_told() {
    let scene = Scene::open(Simulated::Messenger, &[]).await;
    assert_eq!(scene.connect().await["status"], "connected");
    let before = scene.credential().await["expires_at"].as_str().unwrap().to_owned();
    assert_eq!(scene.renew(scene.after(24 * 50)).await, 0);
    let at = scene.after(24 * 54);
    assert_eq!(scene.renew(at).await, 1);
    let after = scene.credential().await;
    assert!(after["expires_at"].as_str().unwrap() > before.as_str(), "{after}");
    scene.switch(Switch::TokenExpired, true);
    assert_eq!(scene.renew(scene.after(24 * 110)).await, 1);
    let channels = scene.channels().await;
    assert!(channels.iter().all(|channel| channel["status"] == "degraded"), "{channels:?}");
    assert!(channels[0]["status_detail"].as_str().unwrap().contains("reconnect before: connect messenger again"), "{channels:?}");
}

// whatsapp.md, section 12, step 7
#[actix_web::test]
async fn whatsapps_tokens_are_not_renewed_and_their_end_is_told_a_week_before() {
    let scene = Scene::open(Simulated::Whatsapp, &[("token_secs", "5184000")]).await;
    assert_eq!(scene.connect().await["status"], "connected");
    assert_eq!(scene.renew(scene.after(24 * 52)).await, 0);
    assert_eq!(scene.renew(scene.after(24 * 54)).await, 1);
    let told = scene.channel().await["status_detail"].as_str().unwrap().to_owned();
    assert!(told.starts_with("the token expires on ") && told.contains("connect whatsapp again"), "{told}");
    assert_eq!(scene.renew(scene.after(24 * 61)).await, 1);
    assert!(scene.credential().await["status_detail"].as_str().unwrap().starts_with("the token expired on "));
}

#[actix_web::test]
async fn a_token_without_an_end_is_left_alone() {
    let scene = Scene::open(Simulated::Whatsapp, &[]).await;
    assert_eq!(scene.connect().await["status"], "connected");
    assert_eq!(scene.credential().await["expires_at"], Value::Null);
    assert_eq!(scene.renew(scene.after(24 * 400)).await, 0);
}

async fn dialpad(values: &[(&str, &str)]) -> Scene {
    connected(Scene::open(Simulated::Dialpad, values).await).await
}

// dialpad.md, checklist 31
#[actix_web::test]
async fn of_two_who_renew_dialpads_pair_at_once_one_asks_and_the_pair_stays_whole() {
    one_asks_dialpad(dialpad(&[]).await).await;
}

#[actix_web::test]
async fn of_two_who_renew_dialpads_pair_at_once_one_asks_and_the_pair_stays_whole_on_postgres() {
    one_asks_dialpad(connected(Scene::open_on_postgres(Simulated::Dialpad, &[]).await).await).await;
}

async fn one_asks_dialpad(scene: Scene) {
    let before = scene.credential().await;
    let at = scene.after(2).plus_ms(-5 * 60_000);
    assert_eq!(scene.renew(scene.after(1)).await, 0, "not yet");
    let asked = scene.asked("/oauth2/token");
    let done = futures_util::future::join(scene.renew(at), scene.renew(at)).await;
    assert_eq!((done.0 + done.1, scene.asked("/oauth2/token") - asked), (1, 1));
    let after = scene.credential().await;
    for name in ["api_key", "refresh_token"] {
        assert_ne!(after["secrets"][name]["hint"], before["secrets"][name]["hint"], "{name}");
        assert_eq!(after["secrets"][name]["living"].as_array().unwrap().len(), 1, "{name}");
    }
    // The pair before is dead at Dialpad; the next is good, and so is the one behind it.
    let id = after["id"].as_str().unwrap();
    let check = scene.api.post(&scene.owner, &format!("/api/v1/credentials/{id}/check"), json!({})).await;
    assert_eq!(check.body["ok"], true, "{check:?}");
    assert_eq!(scene.renew(scene.after(5)).await, 1);
    assert_eq!((&scene.credential().await["status"], &scene.channel().await["status"]), (&json!("working"), &json!("connected")));
}

// dialpad.md, checklist 31
#[actix_web::test]
async fn dialpads_static_token_is_left_alone() {
    let scene = dialpad(&[("token_secs", "0")]).await;
    let credential = scene.credential().await;
    assert_eq!((&credential["expires_at"], &credential["secrets"]["refresh_token"]["set"]), (&Value::Null, &Value::Null));
    assert_eq!(scene.renew(scene.after(24 * 400)).await, 0);
}
