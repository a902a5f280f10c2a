//! The widget's API: arriving, writing, reading, the contact form.

use serde_json::{Value, json};
use switchboard::crypto::visitor_token;

use crate::support::{
    api::{Api, tidy},
    widget::{Page, Visitor},
};

fn wire(name: &str) -> Value {
    let path = format!("{}/tests/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Whether both have the same members of the same kinds, as far as the example shows them.
fn same_shape(example: &Value, value: &Value, at: &str) {
    match (example, value) {
        (Value::Object(example), Value::Object(value)) => {
            let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(example), names(value), "members of {at}");
            for (name, member) in example {
                same_shape(member, &value[name], &format!("{at}/{name}"));
            }
        }
        (Value::Array(example), Value::Array(value)) => {
            if let (Some(example), Some(value)) = (example.first(), value.first()) {
                same_shape(example, value, &format!("{at}/0"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (example, value) => assert_eq!(std::mem::discriminant(example), std::mem::discriminant(value), "kind of {at}"),
    }
}

#[actix_web::test]
async fn a_visitor_who_says_nothing_leaves_no_row() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let answer = page.init(json!({"metadata": {"page_url": "https://northwind.example/"}})).await;
    assert_eq!(answer.status, 200);
    let mut body = answer.json();
    let mut example = wire("init.response");
    // The theme holds what the workspace set.
    body["config"]["theme"] = json!({});
    example["config"]["theme"] = json!({});
    same_shape(&example, &body, "");
    assert_eq!(body["conversationId"], Value::Null);
    assert!(body["cursor"].as_str().unwrap().ends_with("-0"));
    assert_eq!(answer.header("cache-control"), "no-store");
    for table in ["contact", "contact_address", "thread", "conversation", "event"] {
        assert_eq!(page.rows(table).await, 0, "{table}");
    }
    let visitor = page.visitor().await;
    assert_eq!(page.reads(&visitor).await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_bad_init_is_refused() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let cases = [
        (json!({"apiKey": "wk_unknown"}), json!([401, "unauthenticated", []])),
        (json!({"apiKey": ""}), json!([401, "unauthenticated", []])),
        (json!({"apiKey": "wk_\u{0}"}), json!([401, "unauthenticated", []])),
        (json!({"apiKey": "x".repeat(500)}), json!([401, "unauthenticated", []])),
        (json!({}), json!([422, "validation_failed", ["/apiKey missing_field"]])),
        (json!({"apiKey": 7}), json!([422, "validation_failed", ["/apiKey wrong_type"]])),
        (json!({"apiKey": page.api_key, "x": 1}), json!([422, "validation_failed", ["/x unknown_field"]])),
        (json!({"apiKey": page.api_key, "visitorId": "me"}), json!([422, "validation_failed", ["/visitorId invalid_value"]])),
        (
            json!({"apiKey": page.api_key, "visitorId": "00000000-0000-0000-0000-000000000000"}),
            json!([422, "validation_failed", ["/visitorId invalid_value"]]),
        ),
        (json!({"apiKey": page.api_key, "metadata": 1}), json!([422, "validation_failed", ["/metadata wrong_type"]])),
        (json!({"apiKey": page.api_key, "identity": {"name": 1}}), json!([422, "validation_failed", ["/identity/name wrong_type"]])),
        (json!({"apiKey": page.api_key, "identity": {"email": "x"}}), json!([422, "validation_failed", ["/identity/email invalid_value"]])),
    ];
    for (body, refusal) in cases {
        let answer = page.post("/api/widget/init", &body).await;
        assert_eq!(answer.refusal(), refusal, "{body}");
        let problem = answer.json();
        assert_eq!((&problem["success"], &problem["error"]), (&json!(false), &problem["detail"]), "{body}");
    }
    let json_type = [("content-type", "application/json")];
    assert_eq!(page.call("POST", "/api/widget/init", &json_type, b"{").await.refusal(), json!([400, "invalid_json", []]));
    assert_eq!(page.call("POST", "/api/widget/init", &json_type, b"\"\xff\"").await.refusal(), json!([400, "invalid_json", []]));
    assert_eq!(page.call("POST", "/api/widget/init", &[], b"{}").await.refusal(), json!([415, "unsupported_media_type", []]));
    let huge = format!("{{\"apiKey\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(page.call("POST", "/api/widget/init", &json_type, huge.as_bytes()).await.refusal(), json!([413, "payload_too_large", []]));
    assert_eq!(page.call("DELETE", "/api/widget/init", &[], b"").await.refusal(), json!([405, "method_not_allowed", []]));
}

#[actix_web::test]
async fn only_allowed_origins_may_arrive_and_read_the_answer() {
    let api = Api::start().await;
    let mut page = Page::of(&api).await;
    page.origin = Some("https://anything.test".into());
    let open = page.init(json!({})).await;
    assert_eq!((open.status, open.header("access-control-allow-origin")), (200, "https://anything.test"));

    page.set(json!({"allowed_origins": ["https://northwind.example", "https://*.northwind.example"]})).await;
    let own = format!("http://{}", api.server.address);
    for origin in ["https://northwind.example", "https://shop.northwind.example", &own] {
        page.origin = Some(origin.to_owned());
        let answer = page.init(json!({})).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
        assert!(answer.header("vary").contains("Origin"), "{answer:?}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    let form = json!({"apiKey": page.api_key, "email": "jane@example.com", "message": "Hello"});
    for origin in [
        None,
        Some("null"),
        Some("https://northwind.example.evil.test"),
        Some("https://evilnorthwind.example"),
        Some("http://northwind.example"),
    ] {
        page.origin = origin.map(str::to_owned);
        for answer in [page.init(json!({})).await, page.post("/api/widget/contact", &form).await] {
            assert_eq!(answer.refusal(), json!([403, "origin_forbidden", []]), "{origin:?}");
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
    }
    page.origin = Some("https://shop.northwind.example".into());
    let headers = [("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")];
    let preflight = page.call("OPTIONS", "/api/widget/init", &headers, b"").await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "https://shop.northwind.example"));
    let same_shape_of_refusal = page.post("/api/widget/init", &json!({"apiKey": "wk_unknown"})).await.json();
    let mut keys: Vec<_> = same_shape_of_refusal.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    let mut example: Vec<_> = wire("problem.widget.origin_forbidden").as_object().unwrap().keys().cloned().collect();
    example.sort();
    assert_eq!(keys, example);
}

#[actix_web::test]
async fn the_config_says_how_to_draw_a_form() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    page.set(json!({
        "header_text": "Northwind", "theme": {"primaryColor": "#1f5eff", "position": "bottom-left"},
        "pre_chat_form": [{"name": "email", "label": "E-mail", "type": "email", "required": true}],
    }))
    .await;
    let answer = page.get(&format!("/api/widget/config?apiKey={}", page.api_key)).await;
    assert_eq!(
        answer.json(),
        json!({"success": true, "config": {
            "theme": {"headerText": "Northwind", "position": "bottom-left", "primaryColor": "#1f5eff"},
            "formFields": [{"name": "email", "label": "E-mail", "type": "email", "required": true}],
        }})
    );
    assert_eq!(page.get("/api/widget/config?apiKey=wk_x").await.refusal(), json!([401, "unauthenticated", []]));
    assert_eq!(page.get("/api/widget/config").await.status, 400);
}

#[actix_web::test]
async fn the_first_message_opens_a_ticket_and_later_ones_join_it() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let page = Page::of(&api).await;
        let visitor = page.visitor_with(json!({"metadata": {"page_url": "https://northwind.example/bikes", "title": "Bikes"}})).await;
        let first = page.say(&visitor, "Hello").await;
        same_shape(&wire("message.post.response"), &first, "");
        let second = page.say(&visitor, "Is anybody there?").await;
        assert_eq!((&first["ticketId"], &first["conversationId"]), (&second["ticketId"], &second["conversationId"]));
        assert!(second["seq"].as_u64() > first["seq"].as_u64());

        let again = page.init(json!({"visitorId": visitor.id})).await.json();
        assert_eq!(again["conversationId"], first["conversationId"]);
        assert!(!again["cursor"].as_str().unwrap().ends_with("-0"));

        let list = page.get(&format!("/api/widget/message?sessionToken={}", visitor.token)).await;
        assert_eq!(list.header("cache-control"), "no-store");
        let list = list.json();
        same_shape(&wire("message.list"), &list, "");
        assert_eq!(list["cursor"], again["cursor"]);
        let mut tidied = tidy(&list["messages"][0]);
        tidied["seq"] = Value::Null;
        assert_eq!(
            tidied,
            json!({
                "id": "id 1", "seq": null, "content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]},
                "content_text": "Hello", "created_at": "at", "author": {"name": null, "avatar_url": null, "role": "visitor"},
                "attachments": [], "status": "sent", "client_id": null,
            })
        );
        let contacts = page.contacts().await;
        assert_eq!(contacts.len(), 1);
        assert_eq!(contacts[0]["addresses"], json!([{"kind": "visitor", "value": visitor.id}]));
        assert_eq!(contacts[0]["custom_attributes"], json!({"page_url": "https://northwind.example/bikes", "title": "Bikes"}));
        assert_eq!(page.rows("thread").await, 1);
    }
}

#[actix_web::test]
async fn the_same_text_of_one_session_and_the_same_client_id_ever_are_one_message() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let first = page.say(&visitor, "Hello").await;
    assert_eq!(page.say(&visitor, "Hello").await, first);
    // Another session of the same browser means it.
    let other = page.visitor_with(json!({"visitorId": visitor.id})).await;
    assert_ne!(page.say(&other, "Hello").await, first);

    let keyed = |token: &str, text: &str| json!({"sessionToken": token, "message": text, "clientId": "key-1"});
    let one = page.post("/api/widget/message", &keyed(&visitor.token, "With a key")).await.json();
    assert_eq!(page.post("/api/widget/message", &keyed(&other.token, "Changed")).await.json(), one);
    assert_eq!(page.reads(&visitor).await, ["Hello", "Hello", "With a key"]);
}

#[actix_web::test]
async fn five_equal_posts_at_once_make_one_row_and_five_equal_answers() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let page = Page::of(&api).await;
        for keyed in [true, false] {
            let visitor = page.visitor().await;
            let mut body = json!({"sessionToken": visitor.token, "message": "Hello"});
            if keyed {
                body["clientId"] = json!("key-1");
            }
            let posts = (0..5).map(|_| page.post("/api/widget/message", &body));
            let answers = futures_util::future::join_all(posts).await;
            for answer in &answers {
                assert_eq!((answer.status, answer.json()), (200, answers[0].json()), "keyed: {keyed}");
            }
            assert_eq!(page.reads(&visitor).await, ["Hello"], "keyed: {keyed}");
        }
        assert_eq!((page.rows("conversation").await, page.rows("ticket").await, page.rows("contact").await), (2, 2, 2));
    }
}

#[actix_web::test]
async fn an_idempotency_key_replays_the_answer() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "k1")];
    let send = async |text: &str| {
        let body = json!({"sessionToken": visitor.token, "message": text, "clientId": text});
        page.call("POST", "/api/widget/message", &headers, body.to_string().as_bytes()).await
    };
    let first = send("one").await;
    assert_eq!((first.status, first.header("idempotent-replay")), (200, ""));
    let again = send("one").await;
    assert_eq!((again.status, again.header("idempotent-replay"), again.json()), (200, "true", first.json()));
    assert_eq!(send("two").await.refusal(), json!([422, "idempotency_mismatch", []]));
    assert_eq!(page.reads(&visitor).await, ["one"]);
}

#[actix_web::test]
async fn a_bad_message_is_refused() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let mut cases = vec![
        (json!({"message": ""}), json!([422, "validation_failed", ["/message empty"]])),
        (json!({"message": " \n "}), json!([422, "validation_failed", ["/message empty"]])),
        (json!({}), json!([422, "validation_failed", ["/message empty"]])),
        (json!({"message": "x".repeat(10_001)}), json!([422, "validation_failed", ["/message too_long"]])),
        (json!({"message": "a\u{0}b"}), json!([422, "validation_failed", ["/message invalid_value"]])),
        (json!({"message": ["a"]}), json!([422, "validation_failed", ["/message wrong_type"]])),
        (json!({"message": "a", "clientId": ""}), json!([422, "validation_failed", ["/clientId invalid_value"]])),
        (json!({"message": "a", "clientId": "ä"}), json!([422, "validation_failed", ["/clientId invalid_value"]])),
        (json!({"message": "a", "clientId": "x".repeat(65)}), json!([422, "validation_failed", ["/clientId invalid_value"]])),
        (json!({"message": "a", "nonsense": 1}), json!([422, "validation_failed", ["/nonsense unknown_field"]])),
        (json!({"message": "a", "attachments": ["x"]}), json!([422, "validation_failed", ["/attachments/0 invalid_value"]])),
        (
            json!({"message": "a", "attachments": ["0198a1fd-fc00-7000-8000-000000000001"]}),
            json!([422, "validation_failed", ["/attachments unknown_attachment"]]),
        ),
    ];
    let eleven: Vec<String> = (0..11).map(|n| format!("0198a1fd-fc00-7000-8000-0000000000{n:02}")).collect();
    cases.push((json!({"message": "a", "attachments": eleven}), json!([422, "validation_failed", ["/attachments too_many"]])));
    for (mut body, refusal) in cases {
        body["sessionToken"] = json!(visitor.token);
        assert_eq!(page.post("/api/widget/message", &body).await.refusal(), refusal, "{body}");
    }
    assert_eq!(page.rows("contact").await, 0);
}

#[actix_web::test]
async fn a_session_is_proven_by_its_token_alone() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    page.say(&visitor, "Hello").await;
    let keys = &api.server.app.keys;
    let now = actors::port::Clock::now(&*api.clock);
    let mut claims = visitor_token::open(keys, &visitor.token, now).unwrap();
    claims.expires_at_secs = u64::try_from(now.micros() / 1_000_000).unwrap();
    let expired = visitor_token::seal(keys, &claims);
    claims.expires_at_secs += 3600;
    claims.tenant_id = api.away.id;
    let foreign = visitor_token::seal(keys, &claims);
    let mut tampered = visitor.token.clone();
    tampered.replace_range(40..41, if &tampered[40..41] == "A" { "B" } else { "A" });
    for (token, code) in [
        (expired.as_str(), "session_expired"),
        (foreign.as_str(), "unauthenticated"),
        (tampered.as_str(), "unauthenticated"),
        ("", "unauthenticated"),
        ("sbv_", "unauthenticated"),
        (api.home.token.as_str(), "unauthenticated"),
    ] {
        let refusal = json!([401, code, []]);
        let post = json!({"sessionToken": token, "message": "Hi"});
        assert_eq!(page.post("/api/widget/message", &post).await.refusal(), refusal, "{token}");
        assert_eq!(page.get(&format!("/api/widget/message?sessionToken={token}")).await.refusal(), refusal, "{token}");
        let bearer = format!("Bearer {token}");
        assert_eq!(page.call("GET", "/api/widget/message", &[("authorization", &bearer)], b"").await.refusal(), refusal, "{token}");
    }
    assert_eq!(page.get("/api/widget/message").await.refusal(), json!([401, "unauthenticated", []]));
    let bearer = format!("Bearer {}", visitor.token);
    let list = page.call("GET", "/api/widget/message", &[("authorization", &bearer)], b"").await;
    assert_eq!(list.json()["messages"].as_array().unwrap().len(), 1);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    assert_eq!(page.call("POST", "/api/widget/message", &headers, br#"{"message":"Hi"}"#).await.status, 200);
}

#[actix_web::test]
async fn history_is_read_in_pages_without_notes_and_by_its_visitor_alone() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let page = Page::of(&api).await;
        let visitor = page.visitor().await;
        let conversation = page.say(&visitor, "m1").await["conversationId"].as_str().unwrap().to_owned();
        for n in 2..=7 {
            page.say(&visitor, &format!("m{n}")).await;
        }
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let note = api.post(&api.home.token, &path, json!({"text": "do not tell", "kind": "note"})).await;
        assert_eq!(note.status, 201, "{note:?}");
        assert_eq!(api.post(&api.home.token, &path, json!({"text": "m8"})).await.status, 201);

        let read = async |query: &str| page.get(&format!("/api/widget/message?sessionToken={}{query}", visitor.token)).await.json();
        let texts = |list: &Value| -> Vec<String> {
            list["messages"].as_array().unwrap().iter().map(|m| m["content_text"].as_str().unwrap().to_owned()).collect()
        };
        let all = read("").await;
        assert_eq!(texts(&all), ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"]);
        assert_eq!(all["messages"][7]["author"]["role"], "service");
        let newest = read("&limit=3").await;
        assert_eq!(texts(&newest), ["m6", "m7", "m8"]);
        assert_eq!(newest["cursor"], all["cursor"]);
        let older = read(&format!("&limit=3&before={}", newest["messages"][0]["seq"])).await;
        assert_eq!(texts(&older), ["m3", "m4", "m5"]);
        let behind = read(&format!("&limit=2&after={}", older["messages"][1]["seq"])).await;
        assert_eq!(texts(&behind), ["m5", "m6"]);
        assert_eq!(behind["cursor"].as_str().unwrap().split('-').nth(1).unwrap(), behind["messages"][1]["seq"].to_string());
        let rest = read(&format!("&after={}", behind["messages"][1]["seq"])).await;
        assert_eq!((texts(&rest), &rest["cursor"]), (vec!["m7".to_owned(), "m8".to_owned()], &all["cursor"]));
        assert_eq!(texts(&read("&after=18446744073709551615").await), Vec::<String>::new());

        for query in ["&limit=0", "&limit=101", "&limit=x", "&after=-1", "&after=1&before=2"] {
            let answer = page.get(&format!("/api/widget/message?sessionToken={}{query}", visitor.token)).await;
            assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid_request")), "{query}");
        }
        let stranger = page.visitor().await;
        assert_eq!(page.reads(&stranger).await, Vec::<String>::new());
        // The same visitor id at another workspace's widget is somebody else.
        let away = Page::in_tenant(&api, &api.away).await;
        let double = away.visitor_with(json!({"visitorId": visitor.id})).await;
        assert_eq!(away.reads(&double).await, Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_visitor_may_write_sixty_messages_a_minute() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    for n in 0..60 {
        page.say(&visitor, &format!("message {n}")).await;
    }
    // One is given back every second while the sixty are written: on a slow machine a few more are taken.
    let mut refused = None;
    for n in 0..200 {
        let post = json!({"sessionToken": visitor.token, "message": format!("one too many, {n}")});
        let answer = page.post("/api/widget/message", &post).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let answer = refused.expect("there is an end to it");
    assert_eq!(answer.refusal(), json!([429, "rate_limited", []]));
    assert_eq!(answer.header("retry-after"), "1");
    same_shape(&wire("problem.widget.rate_limited"), &answer.json(), "");
    assert_eq!(answer.json()["error"], "60 messages a minute are allowed");
    let neighbour = page.visitor().await;
    page.say(&neighbour, "behind the same address").await;
}

#[actix_web::test]
async fn a_blocked_contact_is_refused() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    page.say(&visitor, "Hello").await;
    let id = page.contacts().await[0]["id"].as_str().unwrap().to_owned();
    let blocked = api.patch(&api.home.token, &format!("/api/v1/contacts/{id}"), json!({"blocked": true})).await;
    assert_eq!(blocked.status, 200, "{blocked:?}");
    let post = json!({"sessionToken": visitor.token, "message": "Let me in"});
    assert_eq!(page.post("/api/widget/message", &post).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(page.reads(&visitor).await, ["Hello"]);
}

#[actix_web::test]
async fn a_contact_form_makes_one_contact_and_one_conversation_an_address() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let page = Page::of(&api).await;
        let form = |name: &str, text: &str| {
            json!({"apiKey": page.api_key, "name": name, "email": "Jane@Example.com", "message": text, "subject": "Shipping",
                   "customFields": {"order": "4711", "email": "somebody@else.example"}})
        };
        let first = page.post("/api/widget/contact", &form("Jane Doe", "Do you ship to Norway?")).await;
        assert_eq!(first.status, 200, "{}", String::from_utf8_lossy(&first.body));
        let first = first.json();
        let mut tidied = tidy(&first);
        tidied["message"] = Value::Null;
        assert_eq!(tidied, json!({"success": true, "ticketId": "id 1", "ticketNumber": 1, "message": null}));
        // Pressed twice.
        assert_eq!(page.post("/api/widget/contact", &form("Jane Doe", "Do you ship to Norway?")).await.json(), first);
        // Somebody who knows the address can write, and changes nothing of what is known.
        let second = page.post("/api/widget/contact", &form("Mallory", "And to Sweden?")).await.json();
        assert_eq!(second["ticketId"], first["ticketId"]);
        assert_eq!((page.rows("contact").await, page.rows("conversation").await, page.rows("message").await), (1, 1, 2));
        let contact = &page.contacts().await[0];
        assert_eq!((&contact["name"], &contact["email"]), (&json!("Jane Doe"), &json!("jane@example.com")));
        assert_eq!(contact["custom_attributes"], json!({"order": "4711"}));
        let conversations = api.get(&api.home.token, "/api/v1/conversations").await;
        assert_eq!(conversations.body["data"][0]["ticket"]["subject"], "Shipping");
    }
}

#[actix_web::test]
async fn five_equal_forms_at_once_make_one_message() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let form = json!({"apiKey": page.api_key, "email": "jane@example.com", "message": "Hello"});
    let answers = futures_util::future::join_all((0..5).map(|_| page.post("/api/widget/contact", &form))).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.json()), (200, answers[0].json()));
    }
    assert_eq!((page.rows("contact").await, page.rows("conversation").await, page.rows("message").await), (1, 1, 1));
}

#[actix_web::test]
async fn a_bad_form_is_refused() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let cases = [
        (json!({"email": "jane", "message": "Hi"}), json!([422, "validation_failed", ["/email invalid_value"]])),
        (json!({"email": "jane@example.com", "message": " "}), json!([422, "validation_failed", ["/message empty"]])),
        (json!({"email": "jane@example.com"}), json!([422, "validation_failed", ["/message missing_field"]])),
        (json!({"message": "Hi"}), json!([422, "validation_failed", ["/email missing_field"]])),
        (
            json!({"email": "jane@example.com", "message": "Hi", "subject": "a\nb"}),
            json!([422, "validation_failed", ["/subject invalid_value"]]),
        ),
        (
            json!({"email": "jane@example.com", "message": "Hi", "name": "x".repeat(201)}),
            json!([422, "validation_failed", ["/name invalid_value"]]),
        ),
        (
            json!({"email": "jane@example.com", "message": "Hi", "customFields": {"a": []}}),
            json!([422, "validation_failed", ["/customFields/a wrong_type"]]),
        ),
        (json!({"email": "jane@example.com", "message": "Hi", "extra": 1}), json!([422, "validation_failed", ["/extra unknown_field"]])),
    ];
    for (mut body, refusal) in cases {
        body["apiKey"] = json!(page.api_key);
        assert_eq!(page.post("/api/widget/contact", &body).await.refusal(), refusal, "{body}");
    }
    let unknown = json!({"apiKey": "wk_x", "email": "jane@example.com", "message": "Hi"});
    assert_eq!(page.post("/api/widget/contact", &unknown).await.refusal(), json!([401, "unauthenticated", []]));
    assert_eq!(page.rows("contact").await, 0);
}

#[actix_web::test]
async fn where_a_known_visitor_is_stays_on_the_contact() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor: Visitor = page.visitor().await;
    page.say(&visitor, "Hello").await;
    page.init(json!({"visitorId": visitor.id, "metadata": {"page_url": "https://northwind.example/cart", "deep": {"a": 1}}})).await;
    assert_eq!(page.contacts().await[0]["custom_attributes"], json!({"page_url": "https://northwind.example/cart"}));
}
