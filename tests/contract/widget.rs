//! The widget's API.

use serde_json::{Value, json};

use super::{Scene, good, has, names, text, well_formed};
use crate::support::{mmdb::Mmdb, multipart::file, widget::mac};

/// The members of a message as its visitor reads it.
const MESSAGE: [&str; 7] = ["attachments", "author", "content", "content_text", "created_at", "id", "seq"];

#[actix_web::test]
async fn init_answers_session_token_visitor_id_config_conversation_id_and_cursor() {
    let scene = Scene::start().await;
    let first = good(scene.post("/api/widget/init", &json!({"apiKey": scene.api_key})).send().await);
    assert_eq!(names(&first), ["config", "conversationId", "cursor", "sessionToken", "success", "visitorId"]);
    assert_eq!((&first["success"], &first["conversationId"]), (&json!(true), &Value::Null));
    has(&first["config"], &["allowFileUploads", "preChatForm", "theme"]);
    // Also where the owner has chosen nothing.
    has(&first["config"]["theme"], &["position", "primaryColor"]);
    assert!(first["config"]["preChatForm"].is_array() && first["config"]["allowFileUploads"].is_boolean());
    assert!(first["cursor"].as_str().unwrap().contains('-'));
    assert_eq!(well_formed(&first), (1, 0));

    let visitor = super::Visitor { id: text(&first["visitorId"]), token: text(&first["sessionToken"]) };
    let said = scene.says(&visitor, "Hello").await;
    let path = format!("/api/v1/channels/{}/identity-secret", scene.channel_id);
    let secret = text(&good(scene.post_as(&scene.home.token, &path, &json!({})).send().await)["secret"]);
    let whole = json!({
        "apiKey": scene.api_key,
        "visitorId": visitor.id,
        "metadata": {"page_url": "https://northwind.example/bikes", "referrer": "https://northwind.example/", "title": "Bikes"},
        "identity": {
            "identifier": "user-81", "identifier_hash": hex::encode(mac(&secret, "user-81")), "name": "Jane Doe", "email": "jane@example.com",
            "plan": "gold",
        },
    });
    let again = good(scene.post("/api/widget/init", &whole).send().await);
    assert_eq!((&again["visitorId"], &again["conversationId"]), (&first["visitorId"], &said["conversationId"]));
    assert_ne!(again["sessionToken"], first["sessionToken"]);
    let contacts = scene.get("/api/v1/contacts").await;
    let contact = &contacts["data"][0];
    assert_eq!((&contact["name"], &contact["email"], &contact["verified"]), (&json!("Jane Doe"), &json!("jane@example.com"), &json!(true)));
    assert_eq!(contact["custom_attributes"]["page_url"], "https://northwind.example/bikes");
    assert_eq!(contact["custom_attributes"]["plan"], "gold");
    scene.end().await;
}

#[actix_web::test]
async fn config_answers_theme_and_form_fields() {
    let scene = Scene::start().await;
    let path = format!("/api/widget/config?apiKey={}", scene.api_key);
    let plain = good(scene.server.get(&path).send().await);
    assert_eq!(names(&plain), ["config", "success"]);
    assert_eq!(names(&plain["config"]), ["formFields", "theme"]);
    has(&plain["config"]["theme"], &["headerText", "position", "primaryColor"]);
    let question = json!({"name": "email", "label": "E-mail", "type": "email", "required": true});
    scene
        .set(json!({
            "theme": {"primaryColor": "#1f5eff", "position": "bottom-left"}, "header_text": "Northwind Cycles", "pre_chat_form": [question],
        }))
        .await;
    assert_eq!(
        good(scene.server.get(&path).send().await),
        json!({"success": true, "config": {
            "theme": {"primaryColor": "#1f5eff", "headerText": "Northwind Cycles", "position": "bottom-left"},
            "formFields": [question],
        }})
    );
    let begun = good(scene.post("/api/widget/init", &json!({"apiKey": scene.api_key})).send().await);
    assert_eq!((&begun["config"]["theme"]["primaryColor"], &begun["config"]["preChatForm"]), (&json!("#1f5eff"), &json!([question])));
    scene.end().await;
}

#[actix_web::test]
async fn a_message_answers_ticket_id_conversation_id_message_id_and_seq() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let body =
        json!({"sessionToken": visitor.token, "message": "Hello", "attachments": [], "clientId": "5f0c7c1e-8f4b-4a57-9d0e-2b9f1d3a6c70"});
    let said = good(scene.post("/api/widget/message", &body).send().await);
    assert_eq!(names(&said), ["conversationId", "messageId", "seq", "success", "ticketId"]);
    assert_eq!((&said["success"], said["seq"].is_u64()), (&json!(true), true));
    assert_eq!(well_formed(&said), (3, 0));
    scene.end().await;
}

#[actix_web::test]
async fn the_first_message_opens_a_ticket_and_later_ones_join_it() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let (first, second) = (scene.says(&visitor, "Hello").await, scene.says(&visitor, "Is anybody there?").await);
    assert_eq!((&first["ticketId"], &first["conversationId"]), (&second["ticketId"], &second["conversationId"]));
    assert!(second["seq"].as_u64() > first["seq"].as_u64());
    assert_ne!(first["messageId"], second["messageId"]);
    for path in scene.mounts(&format!("conversations/{}", text(&first["conversationId"]))) {
        assert_eq!(scene.get(&path).await["ticket"]["id"], first["ticketId"]);
    }
    scene.end().await;
}

#[actix_web::test]
async fn the_same_text_within_30_s_or_the_same_client_id_ever_is_one_message_and_gets_the_first_answer() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let first = scene.says(&visitor, "Hello").await;
    assert_eq!(scene.says(&visitor, "Hello").await, first);
    let keyed = |message: &str| json!({"sessionToken": visitor.token, "message": message, "attachments": [], "clientId": "key-1"});
    let one = good(scene.post("/api/widget/message", &keyed("One")).send().await);
    assert_eq!(good(scene.post("/api/widget/message", &keyed("One")).send().await), one);
    assert_eq!(good(scene.post("/api/widget/message", &keyed("Changed")).send().await), one);
    assert_eq!(scene.history(&visitor).await["messages"].as_array().unwrap().len(), 2);
    scene.end().await;
}

#[actix_web::test]
async fn messages_are_read_with_content_author_and_attachments_and_go_on_after_a_seq() {
    let scene = Scene::start().await;
    scene.set(json!({"allow_file_uploads": true})).await;
    let visitor = scene.visitor().await;
    let first = scene.says(&visitor, "Hello").await;
    let up = good(scene.server.post("/api/upload").bearer(&visitor.token).form(&[file("a.txt", "text/plain", b"a")]).send().await);
    let with_file = json!({"sessionToken": visitor.token, "message": "Look", "attachments": [up["id"]]});
    good(scene.post("/api/widget/message", &with_file).send().await);
    let page = scene.history(&visitor).await;
    assert_eq!(names(&page), ["cursor", "messages"]);
    let messages = page["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    for message in messages {
        has(message, &MESSAGE);
        assert_eq!(names(&message["author"]), ["avatar_url", "name", "role"]);
        assert_eq!((&message["content"]["type"], &message["author"]["role"]), (&json!("doc"), &json!("visitor")));
        assert_eq!(well_formed(message).1, 1);
    }
    assert_eq!((&messages[0]["id"], &messages[0]["seq"]), (&first["messageId"], &first["seq"]));
    assert_eq!(messages[1]["attachments"][0]["id"], up["id"]);
    let path = format!("/api/widget/message?sessionToken={}&after={}", visitor.token, first["seq"]);
    let after = good(scene.server.get(&path).send().await);
    assert_eq!(after["messages"].as_array().unwrap(), &messages[1..]);
    // The token also goes in the header.
    assert_eq!(good(scene.server.get_as(&visitor.token, "/api/widget/message").await), page);
    scene.end().await;
}

#[actix_web::test]
async fn content_is_a_document_tree_and_content_text_its_plain_form() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    let conversation = text(&scene.says(&visitor, "Hello").await["conversationId"]);
    let marked = |text: &str, mark: Value| json!({"type": "text", "text": text, "marks": [mark]});
    let content = json!({"type": "doc", "content": [
        {"type": "paragraph", "content": [
            marked("bold", json!({"type": "bold"})),
            marked("italic", json!({"type": "italic"})),
            marked("link", json!({"type": "link", "attrs": {"href": "https://northwind.example/"}})),
            marked("code", json!({"type": "code"})),
            {"type": "hardBreak"},
            {"type": "text", "text": "plain"},
        ]},
        {"type": "image", "attrs": {"src": "https://northwind.example/fjord.png", "alt": "The Fjord"}},
        {"type": "bulletList", "content": [
            {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "one"}]}]},
        ]},
        {"type": "orderedList", "content": [
            {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "first"}]}]},
        ]},
    ]});
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let sent = good(scene.post_as(&scene.home.token, &path, &json!({"content": content})).send().await);
    let read = &scene.history(&visitor).await["messages"][1];
    assert_eq!((&sent["content"], &read["content"]), (&content, &content));
    let plain = read["content_text"].as_str().unwrap();
    for said in ["bold", "italic", "link", "code", "plain", "The Fjord", "one", "first"] {
        assert!(plain.contains(said), "{plain}");
    }
    // The agents' API adds who said it, and to whom.
    has(
        &sent,
        &[
            "id",
            "conversation_id",
            "ticket_id",
            "seq",
            "kind",
            "direction",
            "author",
            "content",
            "content_text",
            "attachments",
            "reactions",
            "status",
            "created_at",
        ],
    );
    has(&sent["author"], &["type", "id", "name", "avatar_url"]);
    assert_eq!((&sent["kind"], &sent["direction"], &sent["status"]), (&json!("message"), &json!("out"), &json!("sent")));
    scene.end().await;
}

#[actix_web::test]
async fn a_contact_form_needs_no_session_and_finds_the_contact_by_e_mail() {
    let scene = Scene::start().await;
    let form = |name: &str, message: &str, fields: Value| {
        let body = json!({"apiKey": scene.api_key, "name": name, "email": "jane@example.com", "message": message, "customFields": fields});
        scene.post("/api/widget/contact", &body).send()
    };
    let first = good(form("Jane Doe", "Do you ship to Norway?", json!({"order": "4711"})).await);
    assert_eq!(names(&first), ["message", "success", "ticketId", "ticketNumber"]);
    assert_eq!((&first["success"], &first["ticketNumber"], first["message"].is_string()), (&json!(true), &json!(1), true));
    assert_eq!(well_formed(&first), (1, 0));
    good(form("Jane Doe", "And to Sweden?", json!({"size": "54"})).await);
    for path in scene.mounts("contacts") {
        let contacts = scene.get(&path).await;
        assert_eq!(contacts["data"].as_array().unwrap().len(), 1);
        let contact = &contacts["data"][0];
        assert_eq!((&contact["name"], &contact["email"]), (&json!("Jane Doe"), &json!("jane@example.com")));
        assert_eq!(contact["custom_attributes"], json!({"order": "4711", "size": "54"}));
    }
    scene.end().await;
}

#[actix_web::test]
async fn the_country_comes_from_the_address_where_a_geoip_file_is_configured() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countries.mmdb");
    Mmdb::new("GeoLite2-Country").country("81.2.69.0/24", "GB").write(&file);
    let scene = Scene::start_with(&["--geoip-file", file.to_str().unwrap(), "--trusted-proxy", "127.0.0.1"]).await;
    let form = json!({"apiKey": scene.api_key, "name": "Jane Doe", "email": "jane@example.com", "message": "Hello", "customFields": {}});
    good(scene.post("/api/widget/contact", &form).header("X-Forwarded-For", "81.2.69.160").send().await);
    assert_eq!(scene.get("/api/v1/contacts").await["data"][0]["country"], "GB");
    scene.end().await;
}

#[actix_web::test]
async fn init_and_the_contact_form_enforce_the_origin_allow_list() {
    let scene = Scene::start().await;
    let init = json!({"apiKey": scene.api_key});
    let form = json!({"apiKey": scene.api_key, "name": "Jane Doe", "email": "jane@example.com", "message": "Hello", "customFields": {}});
    let origins = json!(["https://northwind.example", "https://*.northwind.example", "http://localhost:3000"]);
    let own = format!("http://{}", scene.server.address);
    let cases = [
        (Some("https://northwind.example"), true),
        (Some("https://shop.northwind.example"), true),
        (Some("http://localhost:3000"), true),
        (Some(own.as_str()), true),
        (Some("http://northwind.example"), false),
        (Some("https://northwind.example:8443"), false),
        (Some("http://localhost:3001"), false),
        (Some("https://northwind.example.evil.example"), false),
        (Some("null"), false),
        (None, false),
    ];
    for restricted in [false, true] {
        scene.set(json!({"allowed_origins": if restricted { origins.clone() } else { json!([]) }})).await;
        for (origin, listed) in cases {
            for (path, body) in [("/api/widget/init", &init), ("/api/widget/contact", &form)] {
                let request = scene.post(path, body);
                let reply = match origin {
                    Some(origin) => request.header("Origin", origin).send().await,
                    None => request.send().await,
                };
                let allowed = listed || !restricted;
                assert_eq!(reply.status, if allowed { 200 } else { 403 }, "{path} {origin:?}");
                if !allowed {
                    assert_eq!(reply.problem().1, "origin_forbidden");
                }
                assert_eq!(reply.header("access-control-allow-origin"), if allowed { origin.unwrap_or_default() } else { "" });
            }
        }
    }
    scene.end().await;
}

#[actix_web::test]
async fn the_widgets_paths_answer_a_preflight() {
    let scene = Scene::start().await;
    for (path, method) in [
        ("/api/widget/init", "POST"),
        ("/api/widget/message", "GET"),
        ("/api/widget/contact", "POST"),
        ("/api/widget/events", "GET"),
        ("/api/upload", "POST"),
    ] {
        let request = scene.server.request("OPTIONS", path).header("Origin", "https://northwind.example");
        let request = request.header("Access-Control-Request-Method", method);
        let reply = request.header("Access-Control-Request-Headers", "content-type, authorization, idempotency-key").send().await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, "https://northwind.example"), "{path}");
        assert!(reply.header("access-control-allow-methods").contains(method), "{path}");
        let allowed = reply.header("access-control-allow-headers").to_ascii_lowercase();
        for header in ["content-type", "authorization", "idempotency-key"] {
            assert!(allowed.contains(header), "{path} {header}");
        }
    }
    scene.end().await;
}

#[actix_web::test]
async fn events_are_server_sent_after_a_cursor_with_the_token_in_the_header() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    scene.says(&visitor, "First").await;
    let cursor = text(&scene.history(&visitor).await["cursor"]);
    scene.says(&visitor, "Second").await;
    scene.says(&visitor, "Third").await;
    let path = format!("/api/widget/events?after={cursor}");
    let request = scene.server.get(&path).bearer(&visitor.token).header("Accept", "text/event-stream");
    let stream = request.send_until("\n\n", 3).await;
    let (head, body) = stream.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: text/event-stream"), "{head}");
    let events: Vec<Value> =
        body.lines().filter_map(|line| line.strip_prefix("data: ")).map(|data| serde_json::from_str(data).unwrap()).collect();
    assert_eq!(events.len(), 2, "{body}");
    for (event, said) in events.iter().zip(["Second", "Third"]) {
        assert_eq!((&event["event"], &event["data"]["content_text"]), (&json!("conversation.message_created"), &json!(said)));
    }
    let ids: Vec<&str> = body.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    // Each id is the cursor to come back with.
    let (epoch, _) = cursor.split_once('-').unwrap();
    assert_eq!(ids, events.iter().map(|event| format!("{epoch}-{}", event["seq"])).collect::<Vec<_>>());
    // Not in the URL.
    let in_url = scene.server.get(&format!("/api/widget/events?sessionToken={}", visitor.token)).send().await;
    assert_eq!(in_url.problem(), (401, "unauthenticated".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn the_loader_is_a_script_with_the_documented_interface() {
    let scene = Scene::start().await;
    let reply = scene.server.get("/widget/v1/loader.js").send().await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("content-type").contains("javascript"), "{}", reply.header("content-type"));
    let script = reply.text();
    assert!(script.contains("Switchboard"));
    // How each behaves is tested in a browser.
    for method in ["open", "close", "toggle", "show", "hide", "identify", "reset", "setLocale", "setTheme", "on", "off"] {
        assert!(script.contains(&format!("{method}:")), "{method}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_widget_channel_has_the_documented_settings() {
    let scene = Scene::start().await;
    for path in scene.mounts(&format!("channels/{}", scene.channel_id)) {
        let channel = scene.get(&path).await;
        assert_eq!(
            names(&channel),
            ["address", "created_at", "credential_id", "id", "kind", "name", "owner_id", "settings", "status", "status_detail", "version"]
        );
        assert_eq!((&channel["kind"], &channel["status"]), (&json!("widget"), &json!("connected")));
        let settings = &channel["settings"];
        has(settings, &["allow_file_uploads", "allowed_origins", "api_key", "header_text", "identity", "pre_chat_form", "theme"]);
        assert_eq!(names(&settings["identity"]), ["key_ids", "required"]);
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_visitor_may_say_60_messages_a_minute() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    for n in 0..60 {
        scene.says(&visitor, &format!("Message {n}")).await;
    }
    let body = json!({"sessionToken": visitor.token, "message": "One too many"});
    let reply = scene.post("/api/widget/message", &body).send().await;
    assert_eq!(reply.problem(), (429, "rate_limited".to_owned()));
    assert_eq!((reply.header("ratelimit-limit"), reply.header("ratelimit-remaining")), ("60", "0"));
    assert!(!reply.header("retry-after").is_empty());
    let other = scene.visitor().await;
    scene.says(&other, "Behind the same address").await;
    scene.end().await;
}
