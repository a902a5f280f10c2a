//! The door for providers' notifications, over a socket: what is believed, what is kept, and what is answered. WhatsApp stands for all.

use entities::{EventKind, TenantId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use switchboard::{crypto::mac, http::ingress::replay, store::read};

use crate::support::{
    api::{Answer, Api, Tenant},
    postgres,
};

const SECRET: &str = "example-app-secret-01";
const NUMBER: &str = "106000000000001";
const SHARED: &str = "/api/webhooks/whatsapp";

/// A credential whose app has this secret; its id.
async fn credential(api: &Api, tenant: &Tenant, secret: &str) -> String {
    let secrets = json!({"app_secret": secret, "verify_token": "a-word-of-ours", "access_token": "EXAMPLE_TOKEN"});
    let body = json!({"provider": "whatsapp", "name": "App", "secrets": secrets, "check": false});
    let made = api.post(&tenant.token, "/api/v1/credentials", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["id"].as_str().unwrap().to_owned()
}

/// A number that sends and verifies with a credential; its id.
async fn channel(api: &Api, tenant: &Tenant, credential: &str, number: &str) -> String {
    let body = json!({"kind": "whatsapp", "name": "WhatsApp", "address": number, "credential_id": credential});
    let made = api.post(&tenant.token, "/api/v1/channels", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["id"].as_str().unwrap().to_owned()
}

/// A number of the workspace that the test is about, and its credential.
async fn connected(api: &Api) -> String {
    let credential = credential(api, &api.home, SECRET).await;
    channel(api, &api.home, &credential, NUMBER).await;
    credential
}

fn text(id: &str, words: &str) -> Value {
    json!({"from": "15550109999", "id": id, "timestamp": "1760000000", "type": "text", "text": {"body": words}})
}

/// What is told of several numbers in one notification.
fn told(of: &[(&str, Value)]) -> Vec<u8> {
    let change = |(number, messages): &(&str, Value)| {
        json!({"field": "messages", "value": {
            "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550100001", "phone_number_id": number},
            "contacts": [{"profile": {"name": "Dana Field"}, "wa_id": "15550109999"}], "messages": messages,
        }})
    };
    let changes: Vec<Value> = of.iter().map(change).collect();
    json!({"object": "whatsapp_business_account", "entry": [{"id": "102000000000001", "changes": changes}]}).to_string().into_bytes()
}

fn one(id: &str, words: &str) -> Vec<u8> {
    told(&[(NUMBER, json!([text(id, words)]))])
}

fn signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac::hmac_sha256_joined(secret.as_bytes(), &[body])))
}

async fn notify(api: &Api, path: &str, secret: &str, body: &[u8]) -> Answer {
    let signature = signature(secret, body);
    api.call("POST", path, &[("content-type", "application/json"), ("x-hub-signature-256", &signature)], Some(body)).await
}

/// Every message of a workspace, in the order of their positions.
async fn said(api: &Api, tenant_id: TenantId) -> Vec<String> {
    let events = api.server.app.journal.events_after(tenant_id, 0, 10_000).await.unwrap();
    let messages = events.iter().filter(|event| event.kind == EventKind::ConversationMessageCreated);
    let texts = messages.map(|event| serde_json::from_str::<Value>(event.data.get()).unwrap()["content_text"].as_str().unwrap().to_owned());
    texts.collect()
}

async fn quarantined(api: &Api, tenant_id: TenantId) -> usize {
    read::provider::list_quarantined(api.db(), tenant_id, None, 100).await.unwrap().len()
}

#[actix_web::test]
async fn a_handshake_is_answered_to_whoever_knows_the_word() {
    let api = Api::start().await;
    let id = connected(&api).await;
    for path in [SHARED.to_owned(), format!("{SHARED}/{id}")] {
        let ask = |word: &str| format!("{path}?hub.mode=subscribe&hub.verify_token={word}&hub.challenge=1158201444");
        let right = api.call("GET", &ask("a-word-of-ours"), &[], None).await;
        assert_eq!((right.status, right.body), (200, json!(1_158_201_444)));
        let wrong = api.call("GET", &ask("another"), &[], None).await;
        assert_eq!(wrong.status, 403);
        assert!(!wrong.body.to_string().contains("1158201444"));
    }
}

#[actix_web::test]
async fn what_is_not_signed_is_refused_and_nothing_of_it_is_kept() {
    let api = Api::start().await;
    let id = connected(&api).await;
    let body = one("wamid.1", "hello");
    let right = signature(SECRET, &body);
    let tampered = one("wamid.1", "hallo");
    let other = signature("another-secret", &body);
    for path in [SHARED.to_owned(), format!("{SHARED}/{id}")] {
        for (headers, body) in [
            (vec![], &body),
            (vec![("x-hub-signature-256", "")], &body),
            (vec![("x-hub-signature-256", "sha256=00")], &body),
            (vec![("x-hub-signature-256", other.as_str())], &body),
            (vec![("x-hub-signature-256", right.as_str())], &tampered),
            (vec![("x-hub-signature-256", right.as_str()), ("x-hub-signature-256", other.as_str())], &body),
        ] {
            assert_eq!(api.call("POST", &path, &headers, Some(body)).await.status, 401, "{headers:?}");
        }
    }
    assert!(said(&api, api.home.id).await.is_empty());
    assert_eq!(quarantined(&api, api.home.id).await, 0);
}

#[actix_web::test]
async fn a_notification_is_taken_on_both_paths_and_a_repeat_changes_nothing() {
    let api = Api::start().await;
    let id = connected(&api).await;
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.1", "hello")).await.status, 200);
    let head = api.server.app.journal.head(api.home.id).await.unwrap();
    for path in [SHARED.to_owned(), format!("{SHARED}/{id}")] {
        assert_eq!(notify(&api, &path, SECRET, &one("wamid.1", "hello")).await.status, 200);
    }
    assert_eq!(api.server.app.journal.head(api.home.id).await.unwrap(), head);
    assert_eq!(notify(&api, &format!("{SHARED}/{id}"), SECRET, &one("wamid.2", "again")).await.status, 200);
    assert_eq!(said(&api, api.home.id).await, ["hello", "again"]);
    assert_eq!(api.get(&api.home.token, "/api/v1/conversations").await.ids().len(), 1);
}

#[actix_web::test]
async fn three_mebibytes_are_taken_and_not_one_byte_more() {
    let api = Api::start().await;
    connected(&api).await;
    let mut body = one("wamid.1", "hello");
    body.resize(3 * 1024 * 1024, b' ');
    assert_eq!(notify(&api, SHARED, SECRET, &body).await.status, 200);
    body.push(b' ');
    let answer = notify(&api, SHARED, SECRET, &body).await;
    assert_eq!(answer.refusal(), json!([413, "payload_too_large", []]));
    assert_eq!(said(&api, api.home.id).await, ["hello"]);
}

#[actix_web::test]
async fn who_is_not_known_is_not_found_and_what_is_no_request_not_allowed() {
    let api = Api::start().await;
    let id = connected(&api).await;
    let body = one("wamid.1", "hello");
    let nobody = format!("{SHARED}/{}", uuid::Uuid::now_v7());
    let elsewhere = format!("/api/webhooks/messenger/{id}");
    for path in ["/api/webhooks/telegram", "/api/webhooks/widget", "/api/webhooks/whatsapp/none", &nobody, &elsewhere] {
        assert_eq!(notify(&api, path, SECRET, &body).await.refusal(), json!([404, "not_found", []]), "{path}");
    }
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = api.call(method, SHARED, &[("content-length", "0")], None).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    assert!(said(&api, api.home.id).await.is_empty());
}

#[actix_web::test]
async fn the_account_leads_to_the_credential_and_nothing_crosses() {
    let api = Api::start().await;
    let (ours, theirs) = (credential(&api, &api.home, SECRET).await, credential(&api, &api.away, "their-app-secret").await);
    channel(&api, &api.home, &ours, NUMBER).await;
    channel(&api, &api.away, &theirs, "106000000000002").await;
    let for_them = told(&[("106000000000002", json!([text("wamid.1", "to them")]))]);
    assert_eq!(notify(&api, SHARED, "their-app-secret", &for_them).await.status, 200);
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.1", "to us")).await.status, 200);
    // Each signs for itself: for the other's number its signature is that of somebody who has no such number.
    assert_eq!(notify(&api, SHARED, SECRET, &told(&[("106000000000002", json!([text("wamid.2", "forged")]))])).await.status, 200);
    assert_eq!(notify(&api, SHARED, "their-app-secret", &one("wamid.3", "forged")).await.status, 200);
    assert_eq!(notify(&api, &format!("{SHARED}/{ours}"), "their-app-secret", &one("wamid.4", "forged")).await.status, 401);
    assert_eq!(said(&api, api.home.id).await, ["to us"]);
    assert_eq!(said(&api, api.away.id).await, ["to them"]);
}

#[actix_web::test]
async fn two_tenants_may_have_the_same_number_and_the_same_customer() {
    let api = Api::start().await;
    let (ours, theirs) = (credential(&api, &api.home, SECRET).await, credential(&api, &api.away, "their-app-secret").await);
    channel(&api, &api.home, &ours, NUMBER).await;
    channel(&api, &api.away, &theirs, NUMBER).await;
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.1", "to us")).await.status, 200);
    assert_eq!(notify(&api, SHARED, "their-app-secret", &one("wamid.1", "to them")).await.status, 200);
    assert_eq!((said(&api, api.home.id).await, said(&api, api.away.id).await), (vec!["to us".to_owned()], vec!["to them".to_owned()]));
}

#[actix_web::test]
async fn two_credentials_of_one_app_have_each_its_part_of_a_batch() {
    let api = Api::start().await;
    let (ours, theirs) = (credential(&api, &api.home, SECRET).await, credential(&api, &api.away, SECRET).await);
    channel(&api, &api.home, &ours, NUMBER).await;
    channel(&api, &api.away, &theirs, "106000000000002").await;
    let batch = told(&[(NUMBER, json!([text("wamid.1", "to us")])), ("106000000000002", json!([text("wamid.2", "to them")]))]);
    for _ in 0..2 {
        assert_eq!(notify(&api, SHARED, SECRET, &batch).await.status, 200);
    }
    assert_eq!(said(&api, api.home.id).await, ["to us"]);
    assert_eq!(said(&api, api.away.id).await, ["to them"]);
}

#[actix_web::test]
async fn an_account_that_is_no_channel_is_acknowledged_and_ignored() {
    let api = Api::start().await;
    connected(&api).await;
    let body = told(&[("999", json!([text("wamid.1", "hello")]))]);
    assert_eq!(notify(&api, SHARED, SECRET, &body).await.status, 200);
    assert!(said(&api, api.home.id).await.is_empty());
    assert_eq!(quarantined(&api, api.home.id).await, 0);
}

#[actix_web::test]
async fn one_odd_item_spoils_no_other() {
    let api = Api::start().await;
    connected(&api).await;
    let odd = json!({"from": "15550109999", "id": "wamid.2", "timestamp": "1760000001", "type": "hologram", "hologram": {"depth": 3}});
    let broken = json!({"from": 7, "type": []});
    let messages = json!([text("wamid.1", "one"), broken, odd, "nothing", text("wamid.3", "three")]);
    assert_eq!(notify(&api, SHARED, SECRET, &told(&[(NUMBER, messages)])).await.status, 200);
    let said = said(&api, api.home.id).await;
    assert_eq!((said.first().map(String::as_str), said.last().map(String::as_str)), (Some("one"), Some("three")), "{said:?}");
    assert!(said.len() >= 3, "what cannot be shown is said to be there: {said:?}");
}

#[actix_web::test]
async fn several_secrets_are_alive_until_they_are_ended() {
    let api = Api::start().await;
    let id = connected(&api).await;
    let secrets = format!("/api/v1/credentials/{id}/secrets/app_secret");
    let added = api.post(&api.home.token, &secrets, json!({"value": "example-app-secret-02", "check": false})).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.1", "by the old one")).await.status, 200);
    assert_eq!(notify(&api, SHARED, "example-app-secret-02", &one("wamid.2", "by the new one")).await.status, 200);
    let living = api.get(&api.home.token, &format!("/api/v1/credentials/{id}")).await;
    let known = living.body["secrets"]["app_secret"]["living"].as_array().unwrap();
    let [_new, old] = known.as_slice() else { panic!("two are alive: {living:?}") };
    let old = old["id"].as_str().unwrap();
    assert_eq!(api.delete(&api.home.token, &format!("{secrets}/{old}")).await.status, 204);
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.3", "by a dead one")).await.status, 401, "at once");
    assert_eq!(notify(&api, SHARED, "example-app-secret-02", &one("wamid.4", "by the new one")).await.status, 200);
    assert_eq!(said(&api, api.home.id).await, ["by the old one", "by the new one", "by the new one"]);
}

/// `channel replay` as a process of its own; whether it succeeded, and what it said.
async fn command(api: &Api, token: String) -> (bool, String) {
    let (workspace, url) = (api.home.id.to_string(), format!("http://{}", api.server.address));
    let run = move || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(["channel", "replay", "--workspace", &workspace, "--url", &url, "--json"]);
        command.env_clear().env("SWITCHBOARD_TOKEN", token).env("SWITCHBOARD_LOG", "error").output().unwrap()
    };
    let output = actix_web::rt::task::spawn_blocking(run).await.unwrap();
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(said).unwrap())
}

async fn unreadable(api: Api) {
    let id = connected(&api).await;
    for body in [&b"{\"object\": "[..], b"no JSON at all"] {
        assert_eq!(notify(&api, &format!("{SHARED}/{id}"), SECRET, body).await.status, 200);
    }
    let nothing = replay::replay(&api.server.app, api.home.id).await.unwrap();
    assert_eq!((nothing.taken, nothing.left), (0, 2));
    assert_eq!(replay::replay(&api.server.app, api.away.id).await.unwrap(), replay::Replayed::default());
    let kept = read::provider::list_quarantined(api.db(), api.home.id, None, 10).await.unwrap();
    assert_eq!(kept.iter().map(|payload| payload.body.as_slice()).collect::<Vec<_>>(), [&b"{\"object\": "[..], b"no JSON at all"]);
    assert!(kept.iter().all(|payload| !payload.error.is_empty()));
    // As after an update that can read it.
    let values = [one("wamid.1", "at last").into(), kept[1].id.into()];
    let mend = Statement::from_sql_and_values(api.db().backend(), "UPDATE quarantine SET body = $1 WHERE id = $2", values);
    api.db().write(async |tx| tx.execute_raw(mend).await.map_err(switchboard::store::unavailable)).await.unwrap();
    let taken = replay::replay(&api.server.app, api.home.id).await.unwrap();
    assert_eq!((taken.taken, taken.left), (1, 1));
    assert_eq!(said(&api, api.home.id).await, ["at last"]);
    assert_eq!(quarantined(&api, api.home.id).await, 1);
    let answer = api.post(&api.home.token, "/api/v1/channels/replay", json!({})).await;
    assert_eq!((answer.status, answer.body), (200, json!({"taken": 0, "left": 1})));
    let (success, said) = command(&api, api.home.token.clone()).await;
    assert_eq!((success, serde_json::from_str(&said).ok()), (true, Some(json!({"taken": 0, "left": 1}))), "{said}");
    let (success, said) = command(&api, api.away.token.clone()).await;
    assert!(!success && said.contains("the server answered 40"), "{said}");
    let reader = api.token(&[entities::Permission::ChannelsRead]).await;
    assert_eq!(api.post(&reader, "/api/v1/channels/replay", json!({})).await.refusal(), json!([403, "forbidden", []]));
}

#[actix_web::test]
async fn what_cannot_be_read_is_kept_and_taken_in_when_it_can() {
    unreadable(Api::start().await).await;
}

#[actix_web::test]
async fn what_cannot_be_read_is_kept_on_postgres() {
    unreadable(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn while_the_database_is_away_the_provider_is_told_to_come_back() {
    let mut server = postgres::Server::start();
    let api = Api::start_at(server.database()).await;
    connected(&api).await;
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.1", "before")).await.status, 200);
    server.kill();
    let away = notify(&api, SHARED, SECRET, &one("wamid.2", "meanwhile")).await;
    assert_eq!(away.status, 503, "{away:?}");
    assert!(away.headers.contains_key("retry-after"), "{away:?}");
    server.restart();
    let mut answers = Vec::new();
    while answers.last() != Some(&200) && answers.len() < 50 {
        answers.push(notify(&api, SHARED, SECRET, &one("wamid.2", "meanwhile")).await.status);
    }
    assert!(answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
    assert_eq!(notify(&api, SHARED, SECRET, &one("wamid.2", "meanwhile")).await.status, 200);
    assert_eq!(said(&api, api.home.id).await, ["before", "meanwhile"], "and it is there once");
}
