//! Conventions: ids, bodies, errors, lists, repeats, versions, limits, and who is asking.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Scene, good, has, names, text, well_formed};
use crate::support::{
    multipart::file,
    server::PASSWORD,
    widget::{jwt, mac},
};

/// The members of a problem, sorted.
const PROBLEM: [&str; 7] = ["code", "detail", "errors", "request_id", "status", "title", "type"];
const RATE_HEADERS: [&str; 3] = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

#[actix_web::test]
async fn ids_are_plain_hyphenated_uuidv7_and_times_are_rfc_3339_in_utc() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let said = scene.says(&visitor, "Hello").await;
    assert_eq!(well_formed(&said), (3, 0));
    assert_eq!(well_formed(&json!({"visitorId": visitor.id})), (1, 0));
    for resource in ["conversations", "contacts", "channels", "agents", "tokens", "service-accounts", "workspaces", "audit-log"] {
        let list = scene.get(&format!("/api/v1/{resource}")).await;
        let (ids, times) = well_formed(&list);
        let rows = list["data"].as_array().unwrap().len();
        assert!(rows == 0 || (ids >= rows && times >= rows), "{resource}: {ids} ids and {times} times in {list}");
    }
    let messages = scene.get(&format!("/api/v1/conversations/{}/messages", text(&said["conversationId"]))).await;
    assert_eq!(well_formed(&messages), (4, 1));
    assert_eq!(well_formed(&scene.history(&visitor).await), (1, 1));
    let missing = scene.server.get("/nothing").send().await.json();
    assert_eq!(well_formed(&missing), (1, 0));
    scene.end().await;
}

#[actix_web::test]
async fn tickets_carry_a_number_counted_per_workspace_from_1() {
    let scene = Scene::start().await;
    let away = scene.server.workspace("Contoso").await;
    let channels = scene.server.get_as(&away.token, "/api/v1/channels").await.json();
    let away_key = text(&channels["data"][0]["settings"]["api_key"]);
    for (api_key, number) in [(&scene.api_key, 1), (&scene.api_key, 2), (&away_key, 1)] {
        let email = format!("visitor-{number}@example.com");
        let form = json!({"apiKey": api_key, "name": "Jane Doe", "email": email, "message": "Hello", "customFields": {}});
        let sent = good(scene.post("/api/widget/contact", &form).send().await);
        assert_eq!(sent["ticketNumber"], number);
    }
    let shown = scene.get("/api/v1/conversations?sort=created_at").await;
    assert_eq!((&shown["data"][0]["ticket"]["number"], &shown["data"][1]["ticket"]["number"]), (&json!(1), &json!(2)));
    scene.end().await;
}

#[actix_web::test]
async fn bodies_are_json_in_utf8_of_at_most_1_mib() {
    const MIB: usize = 1024 * 1024;
    let scene = Scene::start().await;
    for path in scene.mounts("contacts") {
        let send = |body: Vec<u8>| {
            let request = scene.server.post(&path).bearer(&scene.home.token).header("Content-Type", "application/json; charset=utf-8");
            request.body(body).send()
        };
        let padded = |bytes: usize| {
            let body = json!({"name": "Jane Doe"}).to_string();
            format!("{body}{}", " ".repeat(bytes - body.len())).into_bytes()
        };
        assert_eq!(send(padded(MIB)).await.status, 201, "{path}");
        assert_eq!(send(padded(MIB + 1)).await.problem(), (413, "payload_too_large".to_owned()), "{path}");
        assert_eq!(send(b"{\"name\": \"\xff\xfe\"}".to_vec()).await.problem(), (400, "invalid_json".to_owned()), "{path}");
        assert_eq!(send(b"name=Jane".to_vec()).await.problem(), (400, "invalid_json".to_owned()), "{path}");
        let form = scene.server.post(&path).bearer(&scene.home.token).header("Content-Type", "application/x-www-form-urlencoded");
        assert_eq!(form.body("name=Jane").send().await.problem(), (415, "unsupported_media_type".to_owned()), "{path}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn unknown_fields_in_requests_are_refused_with_a_pointer_to_the_field() {
    let scene = Scene::start().await;
    for path in scene.mounts("contacts") {
        let reply = scene.post_as(&scene.home.token, &path, &json!({"name": "Jane Doe", "shoe_size": 38})).send().await;
        assert_eq!(reply.problem(), (422, "validation_failed".to_owned()));
        assert_eq!(
            (&reply.json()["errors"][0]["pointer"], &reply.json()["errors"][0]["code"]),
            (&json!("/shoe_size"), &json!("unknown_field"))
        );
    }
    scene.end().await;
}

#[actix_web::test]
async fn errors_are_rfc_9457_problems() {
    let scene = Scene::start().await;
    for path in scene.mounts("contacts") {
        let reply = scene.post_as(&scene.home.token, &path, &json!({"email": "nobody"})).send().await;
        assert_eq!(reply.problem(), (422, "validation_failed".to_owned()));
        let problem = reply.json();
        assert_eq!(names(&problem), PROBLEM);
        assert_eq!(problem["type"], "/docs/errors#validation_failed");
        assert_eq!(names(&problem["errors"][0]), ["code", "detail", "pointer"]);
        assert_eq!(problem["errors"][0]["pointer"], "/email");
    }
    // The type's address explains it.
    let explained = scene.server.get("/docs/errors").send().await;
    assert!(explained.text().contains("validation_failed"));
    scene.end().await;
}

#[actix_web::test]
async fn widget_endpoints_add_success_false_and_error() {
    let scene = Scene::start().await;
    let reply = scene.post("/api/widget/init", &json!({"apiKey": "wk_nobody"})).send().await;
    assert_eq!(reply.problem(), (401, "unauthenticated".to_owned()));
    let problem = reply.json();
    assert_eq!(names(&problem), ["code", "detail", "error", "request_id", "status", "success", "title", "type"]);
    assert_eq!((&problem["success"], &problem["error"]), (&json!(false), &problem["detail"]));
    scene.end().await;
}

#[actix_web::test]
async fn a_query_that_cannot_be_read_names_its_parameter() {
    let scene = Scene::start().await;
    let cases = [
        ("conversations?status=closed", "?status"),
        ("conversations?priority=1", "?priority"),
        ("conversations?channel_id=x", "?channel_id"),
        ("conversations?limit=many", "?limit"),
        ("conversations?limit=1&limit=2", "?limit"),
        ("conversations?colour=red", "?colour"),
        ("contacts?limit=-1", "?limit"),
    ];
    for (query, parameter) in cases {
        for path in scene.mounts(query) {
            let reply = scene.server.get_as(&scene.home.token, &path).await;
            assert_eq!(reply.problem(), (400, "invalid_request".to_owned()), "{path}");
            assert_eq!(reply.json()["errors"][0]["pointer"], parameter, "{path}");
        }
    }
    let missing = scene.server.get("/api/widget/config").send().await;
    assert_eq!(missing.json()["errors"][0]["pointer"], "?apiKey");
    scene.end().await;
}

#[actix_web::test]
async fn lists_are_data_and_next_cursor_with_a_limit_of_25_up_to_100() {
    let scene = Scene::start().await;
    for n in 0..26 {
        good(scene.post_as(&scene.home.token, "/api/v1/contacts", &json!({"name": format!("Contact {n}")})).send().await);
    }
    for path in scene.mounts("contacts") {
        let page = scene.get(&path).await;
        assert_eq!(names(&page), ["data", "next_cursor"]);
        assert_eq!((page["data"].as_array().unwrap().len(), page["next_cursor"].is_string()), (25, true));
        let all = scene.get(&format!("{path}?limit=100")).await;
        assert_eq!((all["data"].as_array().unwrap().len(), &all["next_cursor"]), (26, &Value::Null));
        for limit in ["101", "0"] {
            let refused = scene.server.get_as(&scene.home.token, &format!("{path}?limit={limit}")).await;
            assert_eq!(refused.problem(), (400, "invalid_request".to_owned()));
        }
    }
    scene.end().await;
}

#[actix_web::test]
async fn pages_are_stable_under_inserts() {
    let scene = Scene::start().await;
    let make = async |name: &str| good(scene.post_as(&scene.home.token, "/api/v1/contacts", &json!({"name": name})).send().await);
    for n in 0..6 {
        make(&format!("Contact {n}")).await;
    }
    let all = scene.get("/api/v1/contacts").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = scene.get(&format!("/api/v1/contacts?limit=2{cursor}")).await;
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
        make("Somebody new").await;
    }
    let expected: Vec<Value> = all["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    assert_eq!(seen, expected);
    scene.end().await;
}

#[actix_web::test]
async fn every_post_takes_an_idempotency_key() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let conversation = text(&scene.says(&visitor, "Hello").await["conversationId"]);
    let cases = [
        ("contacts".to_owned(), json!({"name": "Jane Doe"})),
        (format!("conversations/{conversation}/messages"), json!({"text": "We are here"})),
        ("tokens".to_owned(), json!({"name": "Import", "scopes": ["contacts:read"]})),
        ("channels".to_owned(), json!({"kind": "widget", "name": "Shop"})),
        (format!("channels/{}/identity-secret", scene.channel_id), json!({})),
    ];
    for (resource, body) in cases {
        for (number, path) in scene.mounts(&resource).iter().enumerate() {
            let key = format!("{resource}-{number}");
            let send = |body: &Value| scene.post_as(&scene.home.token, path, body).header("Idempotency-Key", &key).send();
            let (first, again) = (send(&body).await, send(&body).await);
            assert_eq!((first.status, first.header("idempotent-replay")), (201, ""), "{path} {}", first.text());
            assert_eq!((again.status, again.header("idempotent-replay")), (201, "true"), "{path}");
            assert_eq!(first.json(), again.json(), "{path}");
            let other = send(&json!({"name": "Another"})).await;
            assert_eq!(other.problem(), (422, "idempotency_mismatch".to_owned()), "{path}");
        }
    }
    let message = json!({"sessionToken": visitor.token, "message": "Once", "attachments": []});
    let form = json!({"apiKey": scene.api_key, "name": "Jane Doe", "email": "jane@example.com", "message": "Once", "customFields": {}});
    for (path, body) in [("/api/widget/message", message), ("/api/widget/contact", form)] {
        let send = |body: &Value| scene.post(path, body).header("Idempotency-Key", "order-1").send();
        let (first, again) = (send(&body).await, send(&body).await);
        assert_eq!((first.header("idempotent-replay"), again.header("idempotent-replay")), ("", "true"), "{path}");
        assert_eq!(good(first), good(again), "{path}");
        let mut other = body.clone();
        other["message"] = json!("Twice");
        assert_eq!(send(&other).await.problem(), (422, "idempotency_mismatch".to_owned()), "{path}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn every_patch_takes_an_idempotency_key_which_is_the_tokens_own() {
    let scene = Scene::start().await;
    let contact = good(scene.post_as(&scene.home.token, "/api/v1/contacts", &json!({"name": "Jane"})).send().await);
    let session = scene.server.sign_in(&scene.home.owner_email).await;
    let path = format!("/api/v1/contacts/{}", text(&contact["id"]));
    let send = |token: &str, name: &str| {
        let request = scene.server.request("PATCH", &path).bearer(token).json(&json!({"name": name}));
        request.header("Idempotency-Key", "rename").send()
    };
    let (first, again) = (send(&scene.home.token, "Jane Doe").await, send(&scene.home.token, "Jane Doe").await);
    assert_eq!((first.status, again.status, again.header("idempotent-replay")), (200, 200, "true"));
    assert_eq!(first.json(), again.json());
    assert_eq!(send(&scene.home.token, "Other").await.problem(), (422, "idempotency_mismatch".to_owned()));
    let others = send(&session, "Jane Roe").await;
    assert_eq!((others.status, others.header("idempotent-replay")), (200, ""));
    scene.end().await;
}

#[actix_web::test]
async fn concurrent_repeats_make_one_row() {
    let scene = Scene::start().await;
    let body = json!({"name": "Jane Doe", "email": "jane@example.com"});
    let send = || scene.post_as(&scene.home.token, "/api/v1/contacts", &body).header("Idempotency-Key", "jane").send();
    let replies = join_all((0..5).map(|_| send())).await;
    for reply in &replies {
        assert_eq!((reply.status, reply.json()), (201, replies[0].json()));
    }
    assert_eq!(scene.get("/api/v1/contacts").await["data"].as_array().unwrap().len(), 1);
    scene.end().await;
}

#[actix_web::test]
async fn resources_carry_a_version_and_if_match_is_honoured_with_412_when_stale() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let said = scene.says(&visitor, "Hello").await;
    let contact = good(scene.post_as(&scene.home.token, "/api/v1/contacts", &json!({"name": "Jane"})).send().await);
    let (member, _) = scene.agent("Maya").await;
    let cases = [
        (format!("contacts/{}", text(&contact["id"])), json!({"name": "Jane Doe"}), json!({"name": "Jane Roe"})),
        (format!("conversations/{}", text(&said["conversationId"])), json!({"priority": "high"}), json!({"priority": "low"})),
        (format!("channels/{}", scene.channel_id), json!({"name": "Shop"}), json!({"name": "Store"})),
        (format!("agents/{member}"), json!({"name": "Maya"}), json!({"name": "Maya Chen"})),
    ];
    for (resource, one, two) in cases {
        for path in scene.mounts(&resource) {
            let shown = scene.server.get_as(&scene.home.token, &path).await;
            let version = shown.json()["version"].as_u64().unwrap_or_else(|| panic!("{path} has no version"));
            let quoted = format!("\"{version}\"");
            assert_eq!(shown.header("etag"), quoted, "{path}");
            let send = |body: &Value| scene.patch(&path, body).header("If-Match", &quoted).send();
            let changed = send(&one).await;
            assert_eq!(changed.status, 200, "{path} {}", changed.text());
            assert!(changed.json()["version"].as_u64().unwrap() > version, "{path}");
            assert_eq!(send(&two).await.problem(), (412, "stale_version".to_owned()), "{path}");
            good(scene.patch(&path, &two).send().await);
        }
    }
    scene.end().await;
}

#[actix_web::test]
async fn every_api_answer_carries_the_rate_limit_headers() {
    let scene = Scene::start().await;
    scene.set(json!({"allow_file_uploads": true})).await;
    let visitor = scene.visitor().await;
    let owner = scene.server.sign_in(&scene.home.owner_email).await;
    let server = &scene.server;
    let message = json!({"message": "Hello"});
    let requests = [
        server.get("/api/v1/contacts").bearer(&scene.home.token),
        server.get("/api/v1/contacts").cookie(&owner),
        server.get("/api/v1/contacts"),
        server.get("/api/v1/contacts").bearer("sb_nobody"),
        server.get("/api/v1/contacts/nothing").bearer(&scene.home.token),
        server.request("DELETE", "/api/v1/contacts").bearer(&scene.home.token),
        server.get("/api/nothing"),
        server.get("/api/nothing").bearer(&scene.home.token),
        server.get("/api/health"),
        server.get("/api/health").bearer(&scene.home.token),
        server.get("/api/health/ready"),
        server.request("HEAD", "/api/health"),
        server.get("/api/auth/me").bearer(&owner),
        server.post("/api/auth/login").json(&json!({"email": "nobody@example.com", "password": PASSWORD})),
        server.post("/api/auth/login").bearer("x").json(&json!({})),
        server.post("/api/widget/init").json(&json!({"apiKey": scene.api_key})),
        server.post("/api/widget/init").bearer("x").json(&json!({"apiKey": scene.api_key})),
        server.get("/api/widget/config?apiKey=nobody"),
        server.get("/api/widget/message").bearer(&visitor.token),
        server.post("/api/widget/message").bearer(&visitor.token).json(&message),
        server.post("/api/upload").bearer(&visitor.token).form(&[file("a.txt", "text/plain", b"a")]),
        server.post("/api/upload").form(&[]),
        server.get("/api/attachments/nothing/download").bearer(&visitor.token),
    ];
    for request in requests {
        let named = format!("{request:?}");
        let reply = request.send().await;
        for name in RATE_HEADERS {
            assert!(reply.header(name).parse::<u64>().is_ok(), "{name} is missing: {} {named}", reply.status);
        }
    }
    let counted = scene.server.get_as(&scene.home.token, "/api/v1/contacts").await;
    assert_eq!(counted.header("ratelimit-limit"), "600");
    scene.end().await;
}

#[actix_web::test]
async fn buckets_are_per_token_and_workspace_and_429_carries_retry_after() {
    let scene = Scene::start_with(&["--rate-token", "3", "--rate-workspace", "5"]).await;
    let path = "/api/v1/contacts";
    // One request was made to find the widget.
    for _ in 0..2 {
        assert_eq!(scene.server.get_as(&scene.home.token, path).await.status, 200);
    }
    let refused = scene.server.get_as(&scene.home.token, path).await;
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert_eq!((refused.header("ratelimit-limit"), refused.header("ratelimit-remaining")), ("3", "0"));
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|secs| secs > 0));
    let other = scene.server.token(scene.home.tenant_id, &[entities::Permission::ContactsRead], None).await;
    for _ in 0..2 {
        assert_eq!(scene.server.get_as(&other, path).await.status, 200);
    }
    let whole = scene.server.get_as(&other, path).await;
    assert_eq!((whole.problem().0, whole.header("ratelimit-limit")), (429, "5"));
    let away = scene.server.workspace("Contoso").await;
    assert_eq!(scene.server.get_as(&away.token, path).await.status, 200);
}

#[actix_web::test]
async fn one_office_behind_one_address_is_not_one_visitor() {
    let scene = Scene::start_with(&["--rate-visitor", "1", "--rate-prefix", "3", "--trusted-proxy", "127.0.0.1"]).await;
    let visitors = [scene.visitor().await, scene.visitor().await, scene.visitor().await];
    let from = |n: usize, address: &str, message: &str| {
        let body = json!({"sessionToken": visitors[n].token, "message": message});
        scene.post("/api/widget/message", &body).header("X-Forwarded-For", address).send()
    };
    assert_eq!(from(0, "203.0.113.1", "one").await.status, 200);
    let own = from(0, "203.0.113.1", "two").await;
    assert_eq!(own.problem(), (429, "rate_limited".to_owned()));
    assert_eq!((own.header("ratelimit-limit"), own.header("ratelimit-remaining")), ("1", "0"));
    assert!(!own.header("retry-after").is_empty());
    for n in [1, 2] {
        assert_eq!(from(n, "203.0.113.9", "one").await.status, 200);
    }
    let fourth = scene.visitor().await;
    let body = json!({"sessionToken": fourth.token, "message": "one"});
    let full = scene.post("/api/widget/message", &body).header("X-Forwarded-For", "203.0.113.77").send().await;
    assert_eq!((full.problem().0, full.header("ratelimit-limit")), (429, "3"));
    scene.end().await;
}

#[actix_web::test]
async fn the_default_plan_is_as_the_contract_says() {
    let scene = Scene::start().await;
    let workspace = scene.get(&format!("/api/v1/workspaces/{}", scene.home.tenant_id)).await;
    assert_eq!(workspace["limits"]["agents"], 20);
    assert_eq!(workspace["limits"]["requests_per_minute_token"], 600);
    assert_eq!(workspace["limits"]["requests_per_minute_workspace"], 3000);
    let options = &scene.server.options().server.rates;
    assert_eq!((options.visitor, options.prefix), (60, 600));
    scene.end().await;
}

#[actix_web::test]
async fn a_request_id_is_accepted_made_where_absent_and_returned() {
    let scene = Scene::start().await;
    let sent = scene.server.get("/api/v1/contacts").header("X-Request-Id", "order-7.retry-2").send().await;
    assert_eq!((sent.header("x-request-id"), &sent.json()["request_id"]), ("order-7.retry-2", &json!("order-7.retry-2")));
    let made = scene.server.get("/api/v1/contacts").send().await;
    assert_eq!(made.json()["request_id"], made.header("x-request-id"));
    assert!(!scene.server.get("/openapi.json").send().await.header("x-request-id").is_empty());
    scene.end().await;
}

#[actix_web::test]
async fn all_answers_carry_security_headers_and_cors_only_where_said() {
    let scene = Scene::start().await;
    let origin = "https://shop.example";
    let visitor = scene.visitor().await;
    let history = format!("/api/widget/message?sessionToken={}", visitor.token);
    let config = format!("/api/widget/config?apiKey={}", scene.api_key);
    for (path, open) in
        [(history.as_str(), true), (&config, true), ("/api/health", false), ("/api/v1/contacts", false), ("/nothing", false)]
    {
        let reply = scene.server.get(path).header("Origin", origin).send().await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!reply.header("content-security-policy").is_empty(), "{path}");
        assert!(!reply.header("referrer-policy").is_empty(), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), if open { origin } else { "" }, "{path}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_service_token_has_scopes_an_expiry_and_is_shown_once() {
    let scene = Scene::start().await;
    for path in scene.mounts("tokens") {
        let body = json!({"name": "Import", "scopes": ["contacts:read", "contacts:write"], "expires_in_days": 90});
        let made = good(scene.post_as(&scene.home.token, &path, &body).send().await);
        let token = text(&made["token"]);
        assert!(token.starts_with("sb_"), "{token}");
        has(&made, &["id", "name", "scopes", "expires_at", "created_at"]);
        let listed = scene.get(&path).await.to_string();
        assert!(listed.contains(&text(&made["id"])) && !listed.contains(&token));
        assert_eq!(scene.server.get_as(&token, "/api/v1/contacts").await.status, 200);
        assert_eq!(scene.server.get_as(&token, "/api/v1/conversations").await.problem(), (403, "forbidden".to_owned()));
        // Stored hashed: it stands in no file of the database.
        for entry in std::fs::read_dir(scene.server.folder.path()).unwrap() {
            let file = entry.unwrap().path();
            let bytes = if file.is_file() { std::fs::read(&file).unwrap() } else { Vec::new() };
            assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{}", file.display());
        }
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_service_token_is_rotatable_with_overlap_and_revocable_at_once() {
    let scene = Scene::start().await;
    let body = json!({"name": "Import", "scopes": ["contacts:read"]});
    let made = good(scene.post_as(&scene.home.token, "/api/v1/tokens", &body).send().await);
    let (path, old) = (format!("/api/v1/tokens/{}", text(&made["id"])), text(&made["token"]));
    let rotated = good(scene.post_as(&scene.home.token, &format!("{path}/rotate"), &json!({"overlap_hours": 24})).send().await);
    let new = text(&rotated["token"]);
    for token in [&old, &new] {
        assert_eq!(scene.server.get_as(token, "/api/v1/contacts").await.status, 200);
    }
    let revoked = scene.server.request("DELETE", &path).bearer(&scene.home.token).send().await;
    assert_eq!(revoked.status, 204);
    for token in [&old, &new] {
        assert_eq!(scene.server.get_as(token, "/api/v1/contacts").await.problem(), (401, "unauthenticated".to_owned()));
    }
    scene.end().await;
}

#[actix_web::test]
async fn an_agent_signs_in_for_a_cookie_or_the_same_as_bearer() {
    let scene = Scene::start().await;
    let body = json!({"email": scene.home.owner_email, "password": PASSWORD, "workspace_id": scene.home.tenant_id});
    let reply = scene.post("/api/auth/login", &body).send().await;
    let cookie = reply.header("set-cookie").to_owned();
    let login = good(reply);
    assert_eq!(names(&login), ["agent", "expires_at", "token", "workspace_id"]);
    assert_eq!(names(&login["agent"]), ["email", "id", "name", "role"]);
    assert_eq!(well_formed(&login), (2, 1));
    assert_eq!((&login["agent"]["role"], &login["workspace_id"]), (&json!("owner"), &json!(scene.home.tenant_id)));
    let token = text(&login["token"]);
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    assert!(name.starts_with("__Host-") && value == token, "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(attributes.split("; ").any(|known| known == attribute), "{attribute} is missing in {cookie}");
    }
    let by_cookie = good(scene.server.get("/api/auth/me").header("Cookie", pair).send().await);
    assert_eq!(by_cookie, good(scene.server.get_as(&token, "/api/auth/me").await));
    assert_eq!(by_cookie["agent"], login["agent"]);
    let wrong = scene.post("/api/auth/login", &json!({"email": scene.home.owner_email, "password": "wrong wrong"})).send().await;
    assert_eq!(wrong.problem(), (401, "wrong_credentials".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn signing_out_ends_this_session_or_everywhere() {
    let scene = Scene::start().await;
    let sign_in = || scene.server.sign_in(&scene.home.owner_email);
    let (one, two, three) = (sign_in().await, sign_in().await, sign_in().await);
    let me = async |token: &str| scene.server.get_as(token, "/api/auth/me").await.status;
    assert_eq!(scene.server.post("/api/auth/logout").bearer(&one).send().await.status, 204);
    assert_eq!((me(&one).await, me(&two).await, me(&three).await), (401, 200, 200));
    assert_eq!(scene.post_as(&two, "/api/auth/logout", &json!({"everywhere": true})).send().await.status, 204);
    assert_eq!((me(&two).await, me(&three).await), (401, 401));
    scene.end().await;
}

#[actix_web::test]
async fn ten_failed_sign_ins_lock_out_one_email_from_one_prefix_with_429() {
    let scene = Scene::start_with(&["--trusted-proxy", "127.0.0.1"]).await;
    let sign_in = |from: &str, password: &str| {
        let body = json!({"email": scene.home.owner_email, "password": password});
        scene.post("/api/auth/login", &body).header("X-Forwarded-For", from).send()
    };
    for _ in 0..10 {
        assert_eq!(sign_in("203.0.113.1", "wrong wrong").await.status, 401);
    }
    let locked = sign_in("203.0.113.1", PASSWORD).await;
    assert_eq!(locked.problem(), (429, "locked_out".to_owned()));
    assert!(!locked.header("retry-after").is_empty());
    assert_eq!(sign_in("198.51.100.1", PASSWORD).await.status, 200);
    scene.end().await;
}

#[actix_web::test]
async fn roles_are_owner_admin_agent_and_viewer_each_a_set_of_permissions() {
    use entities::Role;
    let scene = Scene::start().await;
    for (role, name, writes, administers) in [
        (Role::Owner, "owner", true, true),
        (Role::Admin, "admin", true, true),
        (Role::Agent, "agent", true, false),
        (Role::Viewer, "viewer", false, false),
    ] {
        let email = format!("{name}@roles.example");
        scene.server.member(scene.home.tenant_id, &email, role).await;
        let token = scene.server.sign_in(&email).await;
        let me = good(scene.server.get_as(&token, "/api/auth/me").await);
        assert_eq!(me["agent"]["role"], name);
        assert_eq!(scene.server.get_as(&token, "/api/v1/conversations").await.status, 200, "{name}");
        let contact = scene.post_as(&token, "/api/v1/contacts", &json!({"name": "Jane"})).send().await;
        assert_eq!(contact.status, if writes { 201 } else { 403 }, "{name}");
        let account = scene.post_as(&token, "/api/v1/tokens", &json!({"name": "x", "scopes": ["contacts:read"]})).send().await;
        assert_eq!(account.status, if administers { 201 } else { 403 }, "{name}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn an_identified_visitor_has_a_jwt_or_an_identifier_hash() {
    let scene = Scene::start().await;
    for path in scene.mounts(&format!("channels/{}/identity-secret", scene.channel_id)) {
        let made = good(scene.post_as(&scene.home.token, &path, &json!({})).send().await);
        assert_eq!(names(&made), ["key_id", "secret"]);
        let (key_id, secret) = (text(&made["key_id"]), text(&made["secret"]));
        let channel = scene.get(&format!("/api/v1/channels/{}", scene.channel_id)).await;
        assert!(channel["settings"]["identity"]["key_ids"].as_array().unwrap().contains(&json!(key_id)));
        assert!(!channel.to_string().contains(&secret));
        let header = json!({"alg": "HS256", "typ": "JWT", "kid": key_id});
        let signed = jwt(&secret, &header, &json!({"sub": "user-81", "exp": 4_000_000_000_u64}));
        let hash = hex::encode(mac(&secret, "user-81"));
        for identity in [
            json!({"jwt": signed}),
            json!({"identifier": "user-81", "identifier_hash": hash, "name": "Jane Doe", "email": "jane@example.com"}),
        ] {
            good(scene.post("/api/widget/init", &json!({"apiKey": scene.api_key, "identity": identity})).send().await);
        }
        let expired = jwt(&secret, &header, &json!({"sub": "user-81", "exp": 1_000_000_000}));
        let forged = jwt("is_guessed", &header, &json!({"sub": "user-81", "exp": 4_000_000_000_u64}));
        let unsigned = jwt(&secret, &json!({"alg": "none", "kid": key_id}), &json!({"sub": "user-81", "exp": 4_000_000_000_u64}));
        let nameless = jwt(&secret, &header, &json!({"exp": 4_000_000_000_u64}));
        let endless = jwt(&secret, &header, &json!({"sub": "user-81"}));
        for bad in [expired, forged, unsigned, nameless, endless] {
            let reply = scene.post("/api/widget/init", &json!({"apiKey": scene.api_key, "identity": {"jwt": bad}})).send().await;
            assert_eq!(reply.problem(), (401, "identity_invalid".to_owned()));
        }
        let wrong = json!({"identifier": "user-82", "identifier_hash": hash});
        let reply = scene.post("/api/widget/init", &json!({"apiKey": scene.api_key, "identity": wrong})).send().await;
        assert_eq!(reply.problem(), (401, "identity_invalid".to_owned()));
    }
    let contacts = scene.get("/api/v1/contacts").await;
    let known = contacts["data"].as_array().unwrap().iter().filter(|contact| contact["verified"] == true).count();
    assert_eq!(known, 1, "{contacts}");
    // Where identity is required, nobody else comes in.
    scene.set(json!({"identity": {"required": true}})).await;
    let anybody = scene.post("/api/widget/init", &json!({"apiKey": scene.api_key})).send().await;
    assert_eq!(anybody.problem(), (401, "identity_required".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn the_workspace_must_match_the_path_or_the_header_and_a_mismatch_is_404() {
    let scene = Scene::start().await;
    let away = scene.server.workspace("Contoso").await;
    let (own, other) = (scene.home.tenant_id.to_string(), away.tenant_id.to_string());
    let by_path = |id: &str| scene.server.get(&format!("/api/v1/workspaces/{id}/contacts")).bearer(&scene.home.token).send();
    let by_header = |id: &str| scene.server.get("/api/v1/contacts").header("X-Workspace-Id", id).bearer(&scene.home.token).send();
    assert_eq!((by_path(&own).await.status, by_header(&own).await.status), (200, 200));
    assert_eq!(by_path(&other).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(by_header(&other).await.problem(), (404, "not_found".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn every_v1_resource_is_mounted_twice() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    scene.says(&visitor, "Hello").await;
    let document = scene.server.get("/openapi.json").send().await.json();
    let readable = document["paths"].as_object().unwrap().iter().filter(|(_, item)| item["get"].is_object());
    let lists = readable.filter_map(|(path, _)| path.strip_prefix("/api/v1/"));
    let mut seen = 0;
    for resource in lists.filter(|resource| !resource.contains('{') && !resource.starts_with("workspaces")) {
        // A search wants words.
        let resource = if resource == "search" { "search?q=hello" } else { resource };
        let [one, two] = scene.mounts(resource);
        assert_eq!(scene.get(&one).await, scene.get(&two).await, "{resource}");
        seen += 1;
    }
    assert!(seen >= 7, "{seen}");
    scene.end().await;
}
