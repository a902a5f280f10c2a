//! Webhooks: who may make, change, see and try out which.

use entities::{Permission, Role};
use serde_json::{Value, json};
use switchboard::crypto::hmac_sha256_joined;

use crate::support::{
    api::{Answer, Api, tidy},
    receiver::{Manner, Receiver},
};

const WEBHOOKS: &str = "/api/v1/webhooks";
/// Literal addresses need no look-up, so that these tests ask no resolver.
const URL: &str = "https://93.184.215.14/hook";
/// What lets a receiver on this machine be reached.
const HERE: &[&str] = &["--allow-insecure-webhooks", "--webhook-allow-cidr", "127.0.0.0/8"];

async fn make(api: &Api, body: Value) -> Answer {
    let made = api.post(&api.home.token, WEBHOOKS, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made
}

fn at(made: &Answer) -> String {
    format!("{WEBHOOKS}/{}", made.body["id"].as_str().unwrap())
}

async fn audited(api: &Api) -> Vec<String> {
    let log = api.get(&api.home.token, "/api/v1/audit-log").await.body;
    let actions = log["data"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned());
    let mut actions: Vec<_> = actions.filter(|action| action.starts_with("webhook.")).collect();
    actions.reverse();
    actions
}

#[actix_web::test]
async fn a_webhook_is_made_with_a_secret_that_is_never_shown_again() {
    let api = Api::start().await;
    let body = json!({"url": URL, "events": ["ticket.created", "contact.*", "ticket.created"], "description": " Orders ",
        "headers": {"X-Api-Key": "hush-hush"}, "filter": {"labels": ["vip"]}, "ordered": true, "rate_limit_per_second": 5});
    let made = make(&api, body).await;
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() > 40, "{secret}");
    assert_eq!(made.headers["etag"], "\"1\"");
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().remove("secret");
    assert_eq!(shown.as_object_mut().unwrap().remove("previous_secret_until"), Some(Value::Null));
    assert_eq!(
        tidy(&shown),
        json!({
            "id": "id 1", "url": URL, "description": "Orders", "events": ["ticket.created", "contact.*"], "headers": {"X-Api-Key": {"set": true}},
            "filter": {"labels": ["vip"]}, "ordered": true, "rate_limit_per_second": 5, "status": "enabled", "disabled_reason": null,
            "failing_since": null, "warned_at": null, "version": 1, "created_at": "at", "updated_at": "at",
        })
    );
    assert_eq!(api.get(&api.home.token, &at(&made)).await.body, shown);
    let listed = api.get(&api.home.token, WEBHOOKS).await.body;
    assert_eq!(listed, json!({"data": [shown], "next_cursor": null}));
    let scoped = format!("/api/v1/workspaces/{}/webhooks", api.home.id);
    assert_eq!(api.get(&api.home.token, &scoped).await.body, listed);
    let log = api.get(&api.home.token, "/api/v1/audit-log").await.body.to_string();
    assert!(log.contains("webhook.created") && !log.contains("hush-hush") && !log.contains(&secret), "{log}");
}

#[actix_web::test]
async fn a_repeat_with_the_same_key_gets_the_same_secret_and_makes_one_webhook() {
    let api = Api::start().await;
    let body = json!({"url": URL, "events": ["*"]});
    let send = async || api.send("POST", &api.home.token, WEBHOOKS, body.clone(), &[("idempotency-key", "k-1")]).await;
    let (first, second) = (send().await, send().await);
    assert_eq!((first.status, second.status, &first.body), (201, 201, &second.body));
    assert_eq!(second.headers["idempotent-replay"], "true");
    assert_eq!(api.get(&api.home.token, WEBHOOKS).await.ids().len(), 1);
    // The kept answer lies sealed.
    let kept = stored(&api, "SELECT body FROM idempotency_key").await;
    assert!(!kept.contains(first.body["secret"].as_str().unwrap()), "{kept}");
}

/// What a column of bytes holds in all rows, as text.
async fn stored(api: &Api, sql: &str) -> String {
    use sea_orm::{ConnectionTrait, Statement};
    let rows = api.db().read().query_all_raw(Statement::from_string(api.db().backend(), sql)).await.unwrap();
    rows.iter().map(|row| String::from_utf8_lossy(&row.try_get_by_index::<Vec<u8>>(0).unwrap()).into_owned()).collect()
}

#[actix_web::test]
async fn secrets_and_headers_lie_sealed() {
    let api = Api::start().await;
    let made = make(&api, json!({"url": URL, "events": ["*"], "headers": {"X-Api-Key": "hush-hush"}})).await;
    let row = stored(&api, "SELECT secret FROM webhook").await + &stored(&api, "SELECT headers FROM webhook").await;
    assert!(row.matches("v1.").count() == 2 && !row.contains("hush") && !row.contains("Api-Key"), "{row}");
    assert!(!row.contains(made.body["secret"].as_str().unwrap().trim_start_matches("whsec_")));
}

#[actix_web::test]
async fn what_cannot_be_a_webhook_is_refused_field_by_field() {
    let api = Api::start().await;
    let many: Vec<_> = (0..101).map(|number| format!("label {number}")).collect();
    let headers: serde_json::Map<String, Value> = (0..21).map(|number| (format!("x-{number}"), json!("x"))).collect();
    for (change, refusal) in [
        (json!({"url": "http://93.184.215.14/"}), "/url not_https"),
        (json!({"url": "ftp://93.184.215.14/"}), "/url not_https"),
        (json!({"url": "93.184.215.14"}), "/url malformed"),
        (json!({"url": "https://me:pass@93.184.215.14/"}), "/url user_info"),
        (json!({"url": "https://93.184.215.14/#x"}), "/url fragment"),
        (json!({"url": "https://93.184.215.14:22/"}), "/url port_refused"),
        (json!({"url": "https://localhost/"}), "/url address_refused"),
        (json!({"url": "https://127.1/"}), "/url address_refused"),
        (json!({"url": "https://0x7f000001/"}), "/url address_refused"),
        (json!({"url": "https://169.254.169.254/latest/meta-data"}), "/url address_refused"),
        (json!({"url": "https://[::ffff:10.0.0.1]/"}), "/url address_refused"),
        (json!({"url": format!("https://93.184.215.14/{}", "x".repeat(2048))}), "/url malformed"),
        (json!({"url": 7}), "/url wrong_type"),
        (json!({"events": []}), "/events empty"),
        (json!({"events": ["*", "ticket.exploded"]}), "/events/1 unknown_event"),
        (json!({"events": vec!["*"; 101]}), "/events too_many"),
        (json!({"description": "x".repeat(501)}), "/description too_long"),
        (json!({"headers": {"Host": "x"}}), "/headers/Host reserved"),
        (json!({"headers": {"webhook-id": "x"}}), "/headers/webhook-id reserved"),
        (json!({"headers": {"X-Switchboard-Signature": "x"}}), "/headers/X-Switchboard-Signature reserved"),
        (json!({"headers": {"a/b": "x"}}), "/headers/a~1b malformed"),
        (json!({"headers": {"X-A": "a\r\nb"}}), "/headers/X-A invalid_value"),
        (json!({"headers": {"X-A": "1", "x-a": "2"}}), "/headers/x-a duplicate_field"),
        (json!({"headers": headers}), "/headers too_many"),
        (json!({"filter": {"labels": many}}), "/filter/labels too_many"),
        (json!({"filter": {"colour": []}}), "/filter/colour unknown_field"),
        (json!({"rate_limit_per_second": 0}), "/rate_limit_per_second out_of_range"),
        (json!({"rate_limit_per_second": 1001}), "/rate_limit_per_second out_of_range"),
        (json!({"secret": "whsec_mine"}), "/secret unknown_field"),
    ] {
        let mut body = json!({"url": URL, "events": ["*"]});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = api.post(&api.home.token, WEBHOOKS, body).await;
        assert_eq!(answer.refusal(), json!([422, "validation_failed", [refusal]]), "{change}");
    }
    let both = api.post(&api.home.token, WEBHOOKS, json!({"url": "https://10.0.0.1/", "events": ["x"]})).await;
    assert_eq!(both.refusal(), json!([422, "validation_failed", ["/url address_refused", "/events/0 unknown_event"]]));
    let said = both.body["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("10.0.0.0/8") && said.contains("--webhook-allow-cidr 10.0.0.1/32"), "{said}");
    assert_eq!(api.get(&api.home.token, WEBHOOKS).await.ids(), Vec::<String>::new());
}

#[actix_web::test]
async fn a_name_that_leads_nowhere_now_is_taken() {
    let api = Api::start().await;
    make(&api, json!({"url": "https://hook.invalid/in", "events": ["*"]})).await;
}

async fn changes(api: Api) {
    let made = make(&api, json!({"url": URL, "events": ["*"], "headers": {"X-Api-Key": "a", "X-Old": "b"}})).await;
    let path = at(&made);
    let state = async || webhook_version(&api).await;
    let before = state().await;
    let body = json!({"url": "https://93.184.215.14/other", "description": "Orders", "headers": {"x-api-key": "c", "X-Old": null},
        "ordered": true, "rate_limit_per_second": 9});
    let changed = api.send("PATCH", &api.home.token, &path, body, &[("if-match", "\"1\"")]).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        json!([changed.body["url"], changed.body["description"], changed.body["headers"], changed.body["version"]]),
        json!(["https://93.184.215.14/other", "Orders", {"x-api-key": {"set": true}}, 2])
    );
    assert_eq!(state().await, before, "nothing that decides about events has changed");
    let filtered = api.patch(&api.home.token, &path, json!({"events": ["ticket.*"], "filter": {"labels": ["b", "a", "b"]}})).await;
    assert_eq!(json!([filtered.body["events"], filtered.body["filter"]]), json!([["ticket.*"], {"labels": ["a", "b"]}]));
    assert_eq!(state().await, before + 1);
    let same = api.patch(&api.home.token, &path, json!({"events": ["ticket.*"], "headers": {"x-api-key": "c"}})).await;
    assert_eq!((same.body["version"].as_u64(), state().await), (Some(3), before + 1));
    let cleared = json!({"filter": null, "description": null, "rate_limit_per_second": null, "headers": {"X-API-KEY": null}});
    let cleared = api.patch(&api.home.token, &path, cleared).await.body;
    assert_eq!(
        json!([cleared["filter"], cleared["description"], cleared["rate_limit_per_second"], cleared["headers"], cleared["version"]]),
        json!([{}, "", null, {}, 4])
    );
    let stale = api.send("PATCH", &api.home.token, &path, json!({"ordered": false}), &[("if-match", "\"3\"")]).await;
    assert_eq!((stale.refusal(), &stale.body["version"]), (json!([412, "stale_version", []]), &json!(4)));
    for (body, refusal) in [
        (json!({"url": "https://10.0.0.1/"}), "/url address_refused"),
        (json!({"events": []}), "/events empty"),
        (json!({"status": "disabled"}), "/status unknown_field"),
        (json!({"headers": {"Host": "x"}}), "/headers/Host reserved"),
    ] {
        assert_eq!(api.patch(&api.home.token, &path, body).await.refusal(), json!([422, "validation_failed", [refusal]]));
    }
    assert_eq!(audited(&api).await, ["webhook.created", "webhook.updated", "webhook.updated", "webhook.updated"]);
}

async fn webhook_version(api: &Api) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let sql = "SELECT webhook_version FROM tenant WHERE id = $1";
    let statement = Statement::from_sql_and_values(api.db().backend(), sql, [api.home.id.uuid().into()]);
    api.db().read().query_one_raw(statement).await.unwrap().unwrap().try_get("", "webhook_version").unwrap()
}

#[actix_web::test]
async fn a_webhook_is_changed_and_only_what_decides_about_events_is_told_to_the_journal() {
    changes(Api::start().await).await;
}

#[actix_web::test]
async fn a_webhook_is_changed_and_only_what_decides_about_events_is_told_to_the_journal_on_postgres() {
    changes(Api::start_on_postgres().await).await;
}

async fn rests(api: Api) {
    let made = make(&api, json!({"url": URL, "events": ["*"]})).await;
    let path = at(&made);
    let before = webhook_version(&api).await;
    let off = api.post(&api.home.token, &format!("{path}/disable"), json!({})).await;
    assert_eq!(
        json!([off.status, off.body["status"], off.body["disabled_reason"], off.body["version"]]),
        json!([200, "disabled", "disabled by hand", 2])
    );
    let again = api.post(&api.home.token, &format!("{path}/disable"), json!({})).await;
    assert_eq!((again.status, again.body["version"].as_u64()), (200, Some(2)));
    let on = api.call("POST", &format!("{path}/enable"), &[("authorization", &format!("Bearer {}", api.home.token))], None).await;
    assert_eq!(json!([on.status, on.body["status"], on.body["disabled_reason"], on.body["version"]]), json!([200, "enabled", null, 3]));
    assert!(webhook_version(&api).await >= before + 2);
    assert_eq!(audited(&api).await, ["webhook.created", "webhook.disabled", "webhook.enabled"]);
    assert_eq!(api.delete(&api.home.token, &path).await.status, 204);
    assert!(webhook_version(&api).await >= before + 3);
    assert_eq!(api.get(&api.home.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.delete(&api.home.token, &path).await.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn a_webhook_rests_works_and_goes() {
    rests(Api::start().await).await;
}

#[actix_web::test]
async fn a_webhook_rests_works_and_goes_on_postgres() {
    rests(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn the_plan_bounds_the_webhooks() {
    let api = Api::start().await;
    let limits = format!("UPDATE tenant SET limits = '{}' WHERE name = 'Northwind Cycles'", json!({"webhooks": 2}));
    run(&api, &limits).await;
    assert_eq!(api.get(&api.home.token, &format!("/api/v1/workspaces/{}", api.home.id)).await.body["limits"]["webhooks"], 2);
    let body = json!({"url": URL, "events": ["*"]});
    let first = make(&api, body.clone()).await;
    make(&api, body.clone()).await;
    let refused = api.post(&api.home.token, WEBHOOKS, body.clone()).await;
    assert_eq!((refused.refusal(), &refused.body["limit"]), (json!([403, "quota_exceeded", []]), &json!(2)));
    assert_eq!(api.post(&api.away.token, WEBHOOKS, body.clone()).await.status, 201);
    assert_eq!(api.delete(&api.home.token, &at(&first)).await.status, 204);
    make(&api, body).await;
}

async fn run(api: &Api, sql: &str) {
    use sea_orm::{ConnectionTrait, Statement};
    let statement = Statement::from_string(api.db().backend(), sql);
    api.db().write(async |write| write.execute_raw(statement).await.map_err(switchboard::store::unavailable)).await.unwrap();
}

#[actix_web::test]
async fn the_list_goes_page_by_page() {
    let api = Api::start().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(make(&api, json!({"url": URL, "events": ["*"]})).await.body["id"].as_str().unwrap().to_owned());
    }
    let first = api.get(&api.home.token, &format!("{WEBHOOKS}?limit=2")).await;
    assert_eq!(first.ids(), ids[..2]);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = api.get(&api.home.token, &format!("{WEBHOOKS}?limit=2&cursor={cursor}")).await;
    assert_eq!((second.ids(), &second.body["next_cursor"]), (ids[2..].to_vec(), &Value::Null));
}

#[actix_web::test]
async fn another_workspace_sees_nothing() {
    let api = Api::start().await;
    let made = make(&api, json!({"url": URL, "events": ["*"]})).await;
    let path = at(&made);
    let unknown = "01980000-0000-7000-8000-000000000001";
    let away = &api.away.token;
    assert_eq!(api.get(away, WEBHOOKS).await.ids(), Vec::<String>::new());
    for (method, rest, body) in [
        ("GET", String::new(), None),
        ("PATCH", String::new(), Some(json!({"ordered": true}))),
        ("DELETE", String::new(), None),
        ("POST", "/enable".to_owned(), Some(json!({}))),
        ("POST", "/disable".to_owned(), Some(json!({}))),
        ("POST", "/rotate-secret".to_owned(), Some(json!({}))),
        ("POST", "/test".to_owned(), Some(json!({}))),
        ("GET", "/stats".to_owned(), None),
        ("GET", "/deliveries".to_owned(), None),
        ("GET", format!("/deliveries/{unknown}"), None),
        ("POST", format!("/deliveries/{unknown}/retry"), Some(json!({}))),
        ("POST", "/replay".to_owned(), Some(json!({"only": "all"}))),
        ("GET", format!("/replays/{unknown}"), None),
    ] {
        let answer = match body {
            Some(body) => api.send(method, away, &format!("{path}{rest}"), body, &[]).await,
            None => api.call(method, &format!("{path}{rest}"), &[("authorization", &format!("Bearer {away}"))], None).await,
        };
        assert_eq!(answer.refusal(), json!([404, "not_found", []]), "{method} {rest}");
    }
    assert_eq!(api.get(&api.home.token, &path).await.body["version"], 1);
}

#[actix_web::test]
async fn reading_and_changing_need_their_permissions() {
    let api = Api::start().await;
    let made = make(&api, json!({"url": URL, "events": ["*"]})).await;
    let path = at(&made);
    let reads = api.token(&[Permission::WebhooksRead]).await;
    assert_eq!(api.get(&reads, &path).await.status, 200);
    for rest in ["/enable", "/disable", "/rotate-secret", "/test", "/replay"] {
        assert_eq!(api.post(&reads, &format!("{path}{rest}"), json!({})).await.refusal(), json!([403, "forbidden", []]), "{rest}");
    }
    assert_eq!(api.patch(&reads, &path, json!({})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.delete(&reads, &path).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.post(&reads, WEBHOOKS, json!({"url": URL, "events": ["*"]})).await.refusal(), json!([403, "forbidden", []]));
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    for path in [WEBHOOKS.to_owned(), path.clone(), format!("{path}/stats"), format!("{path}/deliveries")] {
        assert_eq!(api.get(&agent, &path).await.refusal(), json!([403, "forbidden", []]), "{path}");
    }
    assert_eq!(api.get("", WEBHOOKS).await.refusal(), json!([401, "unauthenticated", []]));
}

/// The plain signature of a body under a secret, as anybody writes it in one line.
fn signed(secret: &str, body: &[u8]) -> String {
    hex::encode(hmac_sha256_joined(secret.as_bytes(), &[body]))
}

async fn tried_out(api: Api) {
    let receiver = Receiver::plain(Manner::status("200 OK", &["x-served-by: a", "x-served-by: b"], "thanks")).await;
    let url = format!("http://{}/hook", receiver.address);
    let made = make(&api, json!({"url": url, "events": ["webhook.test"], "headers": {"X-Api-Key": "hush"}})).await;
    let (path, secret) = (at(&made), made.body["secret"].as_str().unwrap().to_owned());
    let tried = api.post(&api.home.token, &format!("{path}/test"), json!({})).await;
    assert_eq!(tried.status, 200, "{tried:?}");
    let mut told = tidy(&tried.body);
    let timings = told["timings_ms"].take();
    assert!(timings["total"].is_u64() && timings["first_byte"].is_u64() && timings["tls"].is_null(), "{timings}");
    assert_eq!(
        told,
        json!({
            "delivery_id": "id 1", "event_id": "id 2", "event": "webhook.test", "delivered": true, "number": 1, "trigger": "test",
            "started_at": "at", "timings_ms": null, "address": receiver.address.to_string(), "http_status": 200, "error": null,
            "next_due_at": null, "response_headers": {"content-length": "6", "x-served-by": "a, b"}, "response_body": "thanks",
        })
    );
    let got = receiver.received().remove(0);
    assert_eq!(got.header("x-switchboard-signature"), signed(&secret, &got.body));
    assert_eq!(got.header("webhook-id"), tried.body["event_id"]);
    assert_eq!(
        (got.header("x-api-key"), got.header("x-switchboard-event"), got.header("x-switchboard-attempt")),
        ("hush", "webhook.test", "1")
    );
    let sent: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(json!([sent["event"], sent["workspace_id"], sent["version"]]), json!(["webhook.test", api.home.id, 1]));
    assert!(sent["position"].as_i64().unwrap() < 0, "{sent}");

    let kept = format!("{path}/deliveries/{}", tried.body["delivery_id"].as_str().unwrap());
    let kept = api.get(&api.home.token, &kept).await;
    assert_eq!((kept.status, &kept.body["payload"], &kept.body["status"]), (200, &sent, &json!("delivered")));
    assert_eq!(kept.body["attempts"][0]["response_body"], "thanks");
    let other = api.post(&api.home.token, &format!("{path}/test"), json!({"event": "ticket.updated"})).await;
    assert_eq!((other.status, &other.body["event"]), (200, &json!("ticket.updated")));
    let listed = api.get(&api.home.token, &format!("{path}/deliveries")).await;
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 2);
    assert!(listed.body["data"][0]["attempts"][0].get("response_body").is_none());
    // What is tried out does not count.
    let stats = api.get(&api.home.token, &format!("{path}/stats")).await.body;
    assert_eq!(json!([stats["attempts"], stats["delivered"], stats["success_rate"]]), json!([0, 0, null]));
    assert_eq!(api.delete(&api.home.token, &path).await.status, 204);
    assert_eq!(audited(&api).await, ["webhook.created", "webhook.tested", "webhook.tested", "webhook.deleted"]);
}

#[actix_web::test]
async fn a_webhook_is_tried_out_and_the_attempt_is_kept() {
    tried_out(Api::start_with(HERE).await).await;
}

#[actix_web::test]
async fn a_webhook_is_tried_out_and_the_attempt_is_kept_on_postgres() {
    tried_out(Api::start_on_postgres_with(HERE).await).await;
}

#[actix_web::test]
async fn a_failed_try_says_why_and_is_not_sent_again() {
    let api = Api::start_with(HERE).await;
    let receiver = Receiver::plain(Manner::status("500 Internal Server Error", &[], "no")).await;
    let made = make(&api, json!({"url": format!("http://{}/", receiver.address), "events": ["*"]})).await;
    let tried = api.post(&api.home.token, &format!("{}/test", at(&made)), json!({"event": "contact.created"})).await.body;
    assert_eq!(json!([tried["delivered"], tried["http_status"], tried["error"]["class"]]), json!([false, 500, "http_status"]));
    let listed = api.get(&api.home.token, &format!("{}/deliveries?status=failed", at(&made))).await.body;
    assert_eq!(json!([listed["data"][0]["status"], listed["data"][0]["next_due_at"]]), json!(["failed", null]));
    let unknown = api.post(&api.home.token, &format!("{}/test", at(&made)), json!({"event": "ticket.exploded"})).await;
    assert_eq!(unknown.refusal(), json!([422, "validation_failed", ["/event unknown_value"]]));
}

#[actix_web::test]
async fn after_a_rotation_both_secrets_sign_until_the_overlap_is_over() {
    let api = Api::start_with(HERE).await;
    let receiver = Receiver::plain(Manner::status("204 No Content", &[], "")).await;
    let made = make(&api, json!({"url": format!("http://{}/", receiver.address), "events": ["webhook.test"]})).await;
    let path = at(&made);
    let rotate = async |hours: u32| {
        let rotated = api.post(&api.home.token, &format!("{path}/rotate-secret"), json!({"overlap_hours": hours})).await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        rotated.body
    };
    let send = async || {
        api.post(&api.home.token, &format!("{path}/test"), json!({})).await;
        receiver.received().pop().unwrap()
    };
    let first = made.body["secret"].as_str().unwrap().to_owned();
    let rotated = rotate(168).await;
    let second = rotated["secret"].as_str().unwrap().to_owned();
    assert!(second != first && rotated["previous_secret_until"].is_string(), "{rotated}");
    let got = send().await;
    assert_eq!(got.header("x-switchboard-signature"), signed(&second, &got.body));
    assert_eq!(got.header("x-switchboard-signature-previous"), signed(&first, &got.body));
    assert_eq!(got.header("webhook-signature").split(' ').count(), 2);
    let rotated = rotate(0).await;
    let third = rotated["secret"].as_str().unwrap().to_owned();
    assert_eq!(rotated["previous_secret_until"], Value::Null);
    let got = send().await;
    assert_eq!(got.header("x-switchboard-signature"), signed(&third, &got.body));
    assert_eq!((got.header("x-switchboard-signature-previous"), got.header("webhook-signature").split(' ').count()), ("", 1));
    let too_long = api.post(&api.home.token, &format!("{path}/rotate-secret"), json!({"overlap_hours": 169})).await;
    assert_eq!(too_long.refusal(), json!([422, "validation_failed", ["/overlap_hours out_of_range"]]));
    let shown =
        api.get(&api.home.token, &path).await.body.to_string() + &api.get(&api.home.token, "/api/v1/audit-log").await.body.to_string();
    assert!([first, second, third].iter().all(|secret| !shown.contains(secret.as_str())), "{shown}");
}
