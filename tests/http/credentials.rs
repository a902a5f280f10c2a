//! Credentials: made only if the provider takes them, never read back, changed without a gap.

use entities::{ChannelKind, CredentialId, Permission, Provider, Role};
use serde_json::{Value, json};
use switchboard::store::read::credential;

use crate::support::{
    api::{Answer, Api, tidy},
    receiver::{Manner, Receiver, answer},
};

const CREDENTIALS: &str = "/api/v1/credentials";
/// What Slack says of a good token.
const GOOD: &str = r#"{"ok":true,"team":"Northwind","team_id":"T0001","bot_id":"B0001","user_id":"U0001"}"#;
const SIGNING: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const TOKEN: &str = "xoxb-1234-5678-abcdefgh";

/// A Slack that answers everything alike.
async fn slack(body: &str) -> Receiver {
    Receiver::plain(Manner::status("200 OK", &["content-type: application/json"], body)).await
}

async fn start(slack: &Receiver) -> Api {
    Api::start_with(&["--provider-base-url", &format!("slack=http://{}", slack.address)]).await
}

fn body() -> Value {
    json!({"provider": "slack", "name": "Our Slack", "secrets": {"signing_secret": SIGNING, "bot_token": TOKEN, "app_id": "A0001"}})
}

async fn make(api: &Api) -> Answer {
    let made = api.post(&api.home.token, CREDENTIALS, body()).await;
    assert_eq!(made.status, 201, "{made:?}");
    made
}

fn at(made: &Answer) -> String {
    format!("{CREDENTIALS}/{}", made.body["id"].as_str().unwrap())
}

fn living(credential: &Value, name: &str) -> Vec<String> {
    credential["secrets"][name]["living"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

async fn made_and_read(api: Api, slack: Receiver) {
    let made = make(&api).await;
    assert_eq!(made.headers["etag"], "\"1\"");
    let id = made.body["id"].as_str().unwrap().to_owned();
    let mut told = tidy(&made.body);
    let url = told["webhook_url"].take();
    assert_eq!(url, format!("http://{}/api/webhooks/slack/{id}", api.server.address));
    let unset = json!({"set": false, "hint": null, "living": []});
    let set = |hint: &str, id: &str| json!({"set": true, "hint": hint, "living": [{"id": id, "hint": hint, "created_at": "at"}]});
    assert_eq!(
        told,
        json!({
            "id": "id 1", "provider": "slack", "vendor": null, "name": "Our Slack", "account": null, "status": "working",
            "status_detail": null, "checked_at": "at", "expires_at": null, "webhook_url": null, "version": 1, "created_at": "at", "updated_at": "at",
            "secrets": {"signing_secret": set("…85a5", "id 4"), "bot_token": set("…efgh", "id 3"), "app_id": set("A0001", "id 2"),
                "bot_id": unset, "other_bots": unset},
            "accounts": [{"address": "T0001", "name": "Northwind"}],
        })
    );
    let asked = slack.received().remove(0);
    assert_eq!((asked.line.as_str(), asked.header("authorization")), ("POST /api/auth.test HTTP/1.1", &*format!("Bearer {TOKEN}")));
    let mut read = made.body.clone();
    read.as_object_mut().unwrap().remove("accounts");
    assert_eq!(api.get(&api.home.token, &at(&made)).await.body, read);
    let in_workspace = format!("/api/v1/workspaces/{}/credentials", api.home.id);
    assert_eq!(api.get(&api.home.token, &in_workspace).await.body["data"], json!([read]));
    let changed = api.patch(&api.home.token, &at(&made), json!({"name": "Slack", "account": "T0001"})).await;
    assert_eq!(
        json!([changed.status, changed.body["name"], changed.body["account"], changed.body["version"]]),
        json!([200, "Slack", "T0001", 2])
    );
    let same = api.patch(&api.home.token, &at(&made), json!({"name": "Slack"})).await;
    assert_eq!((same.status, &same.body), (200, &changed.body));
    let stale = api.send("PATCH", &api.home.token, &at(&made), json!({"name": "x"}), &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
    let fixed = api.patch(&api.home.token, &at(&made), json!({"provider": "sms"})).await;
    assert_eq!(fixed.refusal(), json!([422, "validation_failed", ["/provider unknown_field"]]));
    let log = api.get(&api.home.token, "/api/v1/audit-log").await.body;
    let shown = log.to_string() + &changed.body.to_string();
    assert!(![SIGNING, TOKEN].iter().any(|secret| shown.contains(secret)), "{shown}");
    // As ingress and sending have it.
    let app = &api.server.app;
    let credential_id: CredentialId = CredentialId::new(id.parse().unwrap());
    let opened = credential::open(api.db(), &app.keys, api.home.id, credential_id).await.unwrap().unwrap();
    assert_eq!((opened.provider, opened.version), (Provider::Slack, 2));
    assert_eq!(["signing_secret", "bot_token", "bot_id"].map(|name| opened.credential.secret(name)), [Some(SIGNING), Some(TOKEN), None]);
    assert!(credential::open(api.db(), &app.keys, api.away.id, credential_id).await.unwrap().is_none());
    assert_eq!(credential::find_tenant(api.db(), Provider::Slack, credential_id).await.unwrap(), Some(api.home.id));
    assert_eq!(credential::find_tenant(api.db(), Provider::Sms, credential_id).await.unwrap(), None);
    assert_eq!(api.delete(&api.home.token, &at(&made)).await.status, 204);
    assert_eq!(api.get(&api.home.token, &at(&made)).await.refusal(), json!([404, "not_found", []]));
    assert!(credential::open(api.db(), &app.keys, api.home.id, credential_id).await.unwrap().is_none());
}

#[actix_web::test]
async fn a_credential_is_checked_made_read_without_its_secrets_changed_and_removed() {
    let slack = slack(GOOD).await;
    made_and_read(start(&slack).await, slack).await;
}

#[actix_web::test]
async fn a_credential_is_checked_made_read_without_its_secrets_changed_and_removed_on_postgres() {
    let slack = slack(GOOD).await;
    let option = format!("slack=http://{}", slack.address);
    made_and_read(Api::start_on_postgres_with(&["--provider-base-url", &option]).await, slack).await;
}

#[actix_web::test]
async fn what_the_provider_refuses_is_not_made_and_said_in_its_own_words() {
    let refusing = slack(r#"{"ok":false,"error":"invalid_auth"}"#).await;
    let api = start(&refusing).await;
    let refused = api.post(&api.home.token, CREDENTIALS, body()).await;
    assert_eq!(
        (refused.refusal(), &refused.body["provider_error"]["code"]),
        (json!([422, "credential_refused", []]), &json!("invalid_auth"))
    );
    assert!(refused.body["detail"].as_str().unwrap().contains("slack refuses it"), "{refused:?}");
    assert_eq!(api.get(&api.home.token, CREDENTIALS).await.ids(), Vec::<String>::new());
    let broken = Receiver::plain(Manner::Answer(answer("503 Service Unavailable", &[], "no"))).await;
    let gone = Receiver::plain(Manner::Reset).await;
    for silent in [broken, gone] {
        let api = start(&silent).await;
        let unasked = api.post(&api.home.token, CREDENTIALS, body()).await;
        assert_eq!(unasked.refusal(), json!([502, "provider_unreachable", []]));
        assert_eq!(api.get(&api.home.token, CREDENTIALS).await.ids(), Vec::<String>::new());
        let mut unchecked = body();
        unchecked["check"] = json!(false);
        let made = api.post(&api.home.token, CREDENTIALS, unchecked).await;
        assert_eq!(
            json!([made.status, made.body["status"], made.body["checked_at"], made.body["accounts"]]),
            json!([201, "unchecked", null, []])
        );
        let check = api.post(&api.home.token, &format!("{}/check", at(&made)), json!({})).await;
        assert_eq!(json!([check.status, check.body["ok"], check.body["accounts"]]), json!([200, false, []]));
        assert!(check.body["detail"].as_str().unwrap().contains("could not be asked"), "{check:?}");
        assert_eq!(api.get(&api.home.token, &at(&made)).await.body["status"], "unchecked");
    }
}

#[actix_web::test]
async fn fields_that_cannot_be_are_refused_by_name() {
    let api = Api::start().await;
    let with = |name: &str, value: Value| {
        let mut body = body();
        body[name] = value;
        body
    };
    for (body, fields) in [
        (with("provider", json!("fax")), json!(["/provider unknown_value"])),
        (with("name", json!(" ")), json!(["/name empty"])),
        (with("vendor", json!("twilio")), json!(["/vendor unsupported"])),
        (with("token", json!("x")), json!(["/token unknown_field"])),
        (with("secrets", json!({"bot_token": TOKEN})), json!(["/secrets/signing_secret missing_field"])),
        (
            with("secrets", json!({"signing_secret": " ", "bot_token": "a\u{1}b", "a/b": "c"})),
            json!(["/secrets/a~1b unknown_field", "/secrets/bot_token control_character", "/secrets/signing_secret empty"]),
        ),
        (json!({"provider": "sms", "name": "x", "secrets": {}}), json!(["/vendor missing_field"])),
        (json!({"provider": "sms", "vendor": "acme", "name": "x", "secrets": {}}), json!(["/vendor unknown_value"])),
    ] {
        let refused = api.post(&api.home.token, CREDENTIALS, body.clone()).await;
        assert_eq!(refused.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    let twilio = api.post(&api.home.token, CREDENTIALS, json!({"provider": "sms", "vendor": "twilio", "name": "x", "secrets": {}})).await;
    assert_eq!(twilio.body["errors"][0]["pointer"], "/secrets/account_sid", "{twilio:?}");
}

async fn changed_over(api: Api) {
    let made = make(&api).await;
    let path = at(&made);
    let add = async |name: &str, value: &str| api.post(&api.home.token, &format!("{path}/secrets/{name}"), json!({"value": value})).await;
    let first = living(&made.body, "signing_secret").remove(0);
    let added = add("signing_secret", "ffffffffffffffffffffffffffff0002").await;
    assert_eq!((added.status, added.headers["etag"].as_str()), (201, "\"2\""));
    let both = living(&added.body, "signing_secret");
    assert_eq!((both.len(), both[1].as_str(), &added.body["secrets"]["signing_secret"]["hint"]), (2, first.as_str(), &json!("…0002")));
    // What sends takes the place of what sent before.
    let rotated = add("bot_token", "xoxb-1234-5678-newnewnew").await;
    assert_eq!((rotated.status, living(&rotated.body, "bot_token").len()), (201, 1));
    assert_ne!(living(&rotated.body, "bot_token"), living(&made.body, "bot_token"));
    let secrets = format!("{path}/secrets/signing_secret");
    assert_eq!(api.delete(&api.home.token, &secrets).await.refusal(), json!([409, "conflict", []]));
    let unknown = format!("{secrets}/01980000-0000-7000-8000-000000000001");
    assert_eq!(api.delete(&api.home.token, &unknown).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.delete(&api.home.token, &format!("{secrets}/{first}")).await.status, 204);
    for last in [secrets.clone(), format!("{secrets}/{}", both[0])] {
        assert_eq!(api.delete(&api.home.token, &last).await.refusal(), json!([409, "conflict", []]), "{last}");
    }
    let now = api.get(&api.home.token, &path).await;
    assert_eq!((living(&now.body, "signing_secret"), &now.body["version"]), (vec![both[0].clone()], &json!(4)));
    assert_eq!(api.delete(&api.home.token, &format!("{path}/secrets/app_id")).await.status, 204);
    assert_eq!(api.delete(&api.home.token, &format!("{path}/secrets/app_id")).await.refusal(), json!([404, "not_found", []]));
    for number in 1..5 {
        assert_eq!(add("signing_secret", &format!("ffffffffffffffffffffffffffff{number:04}")).await.status, 201);
    }
    assert_eq!(add("signing_secret", "ffffffffffffffffffffffffffff9999").await.refusal(), json!([403, "quota_exceeded", []]));
    assert_eq!(add("password", "x").await.refusal(), json!([422, "validation_failed", ["/value unknown_field"]]));
    let app = &api.server.app;
    let id = CredentialId::new(made.body["id"].as_str().unwrap().parse().unwrap());
    let opened = credential::open(api.db(), &app.keys, api.home.id, id).await.unwrap().unwrap().credential;
    assert_eq!(opened.secrets("signing_secret").count(), 5);
    assert_eq!(opened.secret("signing_secret"), Some("ffffffffffffffffffffffffffff0004"));
    assert_eq!(opened.secret("bot_token"), Some("xoxb-1234-5678-newnewnew"));
}

#[actix_web::test]
async fn secrets_are_changed_without_a_gap() {
    let slack = slack(GOOD).await;
    changed_over(start(&slack).await).await;
}

#[actix_web::test]
async fn secrets_are_changed_without_a_gap_on_postgres() {
    let slack = slack(GOOD).await;
    let option = format!("slack=http://{}", slack.address);
    changed_over(Api::start_on_postgres_with(&["--provider-base-url", &option]).await).await;
}

#[actix_web::test]
async fn a_new_token_is_asked_about_and_a_signing_secret_is_not() {
    let refusing = slack(r#"{"ok":false,"error":"token_revoked"}"#).await;
    let api = start(&refusing).await;
    let mut unchecked = body();
    unchecked["check"] = json!(false);
    let made = api.post(&api.home.token, CREDENTIALS, unchecked).await;
    let path = at(&made);
    let signing =
        api.post(&api.home.token, &format!("{path}/secrets/signing_secret"), json!({"value": "ffffffffffffffffffffffffffff0002"})).await;
    assert_eq!((signing.status, refusing.received().len()), (201, 0));
    let token = api.post(&api.home.token, &format!("{path}/secrets/bot_token"), json!({"value": "xoxb-new-new-new"})).await;
    assert_eq!((token.refusal(), refusing.received().len()), (json!([422, "credential_refused", []]), 1));
    assert_eq!(refusing.received()[0].header("authorization"), "Bearer xoxb-new-new-new");
    assert_eq!(api.get(&api.home.token, &path).await.body["secrets"]["bot_token"]["hint"], "…efgh");
    let kept = api.post(&api.home.token, &format!("{path}/secrets/bot_token"), json!({"value": "xoxb-new-new-new", "check": false})).await;
    assert_eq!((kept.status, &kept.body["secrets"]["bot_token"]["hint"]), (201, &json!("…-new")));
}

async fn connected(api: Api, refusing: String) {
    let made = make(&api).await;
    let id = made.body["id"].as_str().unwrap().to_owned();
    let channel = json!({"kind": "slack", "name": "Slack", "address": "T0001", "credential_id": id});
    let first = api.post(&api.home.token, "/api/v1/channels", channel.clone()).await;
    assert_eq!(
        (first.status, tidy(&first.body)),
        (
            201,
            json!({
                "id": "id 2", "kind": "slack", "name": "Slack", "address": "T0001", "credential_id": "id 1", "owner_id": null,
                "status": "connected", "status_detail": null, "settings": {}, "version": 1, "created_at": "at",
            })
        )
    );
    let path = format!("/api/v1/channels/{}", first.body["id"].as_str().unwrap());
    assert_eq!(api.post(&api.home.token, "/api/v1/channels", channel).await.refusal(), json!([409, "conflict", []]));
    assert_eq!(api.delete(&api.home.token, &at(&made)).await.refusal(), json!([409, "conflict", []]));
    let claimed = credential::find_by_accounts(api.db(), &[ChannelKind::Slack], &["T0001".to_owned()]).await.unwrap();
    assert_eq!(claimed.iter().map(|(tenant, _, _)| *tenant).collect::<Vec<_>>(), [api.home.id]);
    assert!(credential::find_by_accounts(api.db(), &[ChannelKind::Sms], &["T0001".to_owned()]).await.unwrap().is_empty());
    assert!(credential::find_by_accounts(api.db(), &[ChannelKind::Slack], &["T\0".to_owned()]).await.unwrap().is_empty());

    let off = api.post(&api.home.token, &format!("{path}/disconnect"), json!({})).await;
    assert_eq!(json!([off.status, off.body["status"], off.body["version"]]), json!([200, "disconnected", 2]));
    let on = api.post(&api.home.token, &format!("{path}/connect"), json!({})).await;
    assert_eq!(json!([on.status, on.body["status"], on.body["status_detail"], on.body["version"]]), json!([200, "connected", null, 3]));
    // The token is revoked at Slack, and replaced.
    let revoked = api.post(&api.home.token, &format!("{}/secrets/bot_token", at(&made)), json!({"value": refusing, "check": false})).await;
    assert_eq!(revoked.status, 201);
    let check = api.post(&api.home.token, &format!("{}/check", at(&made)), json!({})).await.body;
    assert_eq!(json!([check["ok"], check["error"]["code"]]), json!([false, "token_revoked"]));
    let degraded = api.get(&api.home.token, &path).await.body;
    assert_eq!(degraded["status"], "degraded");
    assert!(degraded["status_detail"].as_str().unwrap().contains("reconnect"), "{degraded}");
    assert_eq!(api.post(&api.home.token, &format!("{path}/connect"), json!({})).await.refusal(), json!([422, "credential_refused", []]));
    let replaced = api.post(&api.home.token, &format!("{}/secrets/bot_token", at(&made)), json!({"value": TOKEN})).await;
    assert_eq!(json!([replaced.status, replaced.body["status"], replaced.body["status_detail"]]), json!([201, "working", null]));
    assert_eq!(api.get(&api.home.token, &path).await.body["status"], "connected");

    let second = make(&api).await;
    let moved = api.patch(&api.home.token, &path, json!({"credential_id": second.body["id"]})).await;
    assert_eq!((moved.status, &moved.body["credential_id"]), (200, &second.body["id"]));
    assert_eq!(api.delete(&api.home.token, &at(&made)).await.status, 204);
    assert_eq!(api.delete(&api.home.token, &path).await.status, 204);
    assert_eq!(api.get(&api.home.token, &path).await.refusal(), json!([404, "not_found", []]));
}

/// A Slack that refuses one token.
async fn choosy() -> (Receiver, String) {
    let revoked = "xoxb-revoked-revoked".to_owned();
    let good = answer("200 OK", &["content-type: application/json"], GOOD);
    let bad = answer("200 OK", &["content-type: application/json"], r#"{"ok":false,"error":"token_revoked"}"#);
    (Receiver::plain(Manner::Unless(format!("Bearer {revoked}"), good, bad)).await, revoked)
}

#[actix_web::test]
async fn a_channel_is_connected_fails_with_its_credential_and_comes_back() {
    let (slack, revoked) = choosy().await;
    connected(start(&slack).await, revoked).await;
}

#[actix_web::test]
async fn a_channel_is_connected_fails_with_its_credential_and_comes_back_on_postgres() {
    let (slack, revoked) = choosy().await;
    let option = format!("slack=http://{}", slack.address);
    connected(Api::start_on_postgres_with(&["--provider-base-url", &option]).await, revoked).await;
}

#[actix_web::test]
async fn a_channel_needs_a_credential_that_fits() {
    let slack = slack(GOOD).await;
    let api = start(&slack).await;
    let made = make(&api).await;
    let id = made.body["id"].as_str().unwrap();
    for (body, fields) in [
        (json!({"kind": "slack", "name": "x"}), json!(["/address missing_field", "/credential_id missing_field"])),
        (json!({"kind": "sms", "name": "x", "address": "+15550100", "credential_id": id}), json!(["/credential_id unfit"])),
        (
            json!({"kind": "slack", "name": "x", "address": "T1", "credential_id": "01980000-0000-7000-8000-000000000001"}),
            json!(["/credential_id unknown"]),
        ),
        (json!({"kind": "slack", "name": "x", "address": "T1", "credential_id": id, "settings": {}}), json!(["/settings unsupported"])),
        (
            json!({"kind": "widget", "name": "x", "address": "T1", "credential_id": id}),
            json!(["/address unsupported", "/credential_id unsupported"]),
        ),
        (json!({"kind": "email", "name": "x"}), json!(["/kind unsupported"])),
    ] {
        let refused = api.post(&api.home.token, "/api/v1/channels", body.clone()).await;
        assert_eq!(refused.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    let strange = json!({"kind": "slack", "name": "x", "address": "T1", "credential_id": id});
    let refused = api.post(&api.away.token, "/api/v1/channels", strange).await;
    assert_eq!(refused.refusal(), json!([422, "validation_failed", ["/credential_id unknown"]]));
    let widget = format!("/api/v1/channels/{}", api.home.channel);
    for rest in ["connect", "disconnect"] {
        assert_eq!(api.post(&api.home.token, &format!("{widget}/{rest}"), json!({})).await.refusal(), json!([409, "conflict", []]));
    }
    api.visitor_says("Jane", "hello").await;
    assert_eq!(api.delete(&api.home.token, &widget).await.refusal(), json!([409, "conflict", []]));
}

#[actix_web::test]
async fn another_workspace_sees_nothing_and_agents_change_nothing() {
    let slack = slack(GOOD).await;
    let api = start(&slack).await;
    let made = make(&api).await;
    let path = at(&made);
    let secret = living(&made.body, "app_id").remove(0);
    let away = &api.away.token;
    assert_eq!(api.get(away, CREDENTIALS).await.ids(), Vec::<String>::new());
    let reads = api.token(&[Permission::ChannelsRead]).await;
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&reads, &path).await.status, 200);
    for (method, rest, body) in [
        ("GET", String::new(), None),
        ("PATCH", String::new(), Some(json!({"name": "x"}))),
        ("DELETE", String::new(), None),
        ("POST", "/check".to_owned(), Some(json!({}))),
        ("POST", "/secrets/bot_token".to_owned(), Some(json!({"value": "x"}))),
        ("DELETE", "/secrets/app_id".to_owned(), None),
        ("DELETE", format!("/secrets/app_id/{secret}"), None),
    ] {
        let send = async |token: &str| match &body {
            Some(body) => api.send(method, token, &format!("{path}{rest}"), body.clone(), &[]).await,
            None => api.call(method, &format!("{path}{rest}"), &[("authorization", &format!("Bearer {token}"))], None).await,
        };
        assert_eq!(send(away).await.refusal(), json!([404, "not_found", []]), "{method} {rest}");
        if method != "GET" {
            assert_eq!(send(&reads).await.refusal(), json!([403, "forbidden", []]), "{method} {rest}");
            assert_eq!(send(&agent).await.refusal(), json!([403, "forbidden", []]), "{method} {rest}");
        }
    }
    assert_eq!(slack.received().len(), 1);
}

#[actix_web::test]
async fn a_repeated_request_makes_one_credential_and_the_list_goes_page_by_page() {
    let slack = slack(GOOD).await;
    let api = start(&slack).await;
    let key = [("idempotency-key", "k1")];
    let first = api.send("POST", &api.home.token, CREDENTIALS, body(), &key).await;
    let again = api.send("POST", &api.home.token, CREDENTIALS, body(), &key).await;
    assert_eq!((first.status, &again.body, again.headers["idempotent-replay"].as_str()), (201, &first.body, "true"));
    let second = make(&api).await;
    let page = api.get(&api.home.token, &format!("{CREDENTIALS}?limit=1")).await;
    assert_eq!(page.ids(), [first.body["id"].as_str().unwrap()]);
    let rest = api.get(&api.home.token, &format!("{CREDENTIALS}?limit=1&cursor={}", page.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!((rest.ids(), &rest.body["next_cursor"]), (vec![second.body["id"].as_str().unwrap().to_owned()], &Value::Null));
}

#[actix_web::test]
async fn providers_say_what_they_need_and_what_their_channels_can_do() {
    let api = Api::start().await;
    let told = api.get(&api.home.token, "/api/v1/providers").await;
    let data = told.body["data"].as_array().unwrap();
    let names: Vec<&str> = data.iter().map(|provider| provider["provider"].as_str().unwrap()).collect();
    assert!(["whatsapp", "sms", "slack"].iter().all(|name| names.contains(name)), "{names:?}");
    let slack = data.iter().find(|provider| provider["provider"] == "slack").unwrap();
    assert_eq!(slack["webhook_url"], format!("http://{}/api/webhooks/slack", api.server.address));
    assert_eq!(json!([slack["kinds"][0]["kind"], slack["kinds"][0]["capabilities"]["edits"]]), json!(["slack", true]));
    assert_eq!(slack["credentials"][0]["vendor"], Value::Null);
    assert_eq!(
        slack["credentials"][0]["fields"][0],
        json!({
            "name": "signing_secret", "label": "Signing secret", "hint": "api.slack.com/apps, your app, Basic Information, App Credentials",
            "required": true, "verifies": true, "secret": true,
        })
    );
    let sms = data.iter().find(|provider| provider["provider"] == "sms").unwrap();
    assert_eq!(sms["credentials"][0]["vendor"], "twilio");
    assert_eq!(api.get("", "/api/v1/providers").await.refusal(), json!([401, "unauthenticated", []]));
}
