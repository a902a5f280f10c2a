//! Saying something, and what was said.

use entities::{Permission, Role};
use serde_json::{Value, json};

use crate::support::api::{Api, tidy};

async fn jane(api: &Api) -> String {
    api.visitor_says("Jane", "Hello").await;
    format!("/api/v1/conversations/{}/messages", api.of("Jane").0)
}

#[actix_web::test]
async fn a_reply_is_answered_with_the_whole_message() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let (_, token) = api.agent(Role::Agent, "Noor").await;
    let body = json!({"text": " We are here.\n\nHow can we help? ", "client_id": "reply-1", "last_seen_seq": 4});
    let answer = api.post(&token, &path, body.clone()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(
        tidy(&answer.body),
        json!({
            "id": "id 3", "conversation_id": "id 2", "ticket_id": "id 4", "seq": 5, "kind": "message", "direction": "out",
            "author": {"type": "agent", "id": "id 1", "name": "Noor", "avatar_url": null},
            "content": {"type": "doc", "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "We are here."}]},
                {"type": "paragraph", "content": [{"type": "text", "text": "How can we help?"}]},
            ]},
            "content_text": "We are here.\n\nHow can we help?", "attachments": [], "reactions": [], "status": "sent",
            "client_id": "reply-1", "created_at": "at",
        })
    );
    let again = api.post(&token, &path, body).await;
    assert_eq!((again.status, &again.body), (200, &answer.body));
    let one = api.get(&token, &format!("{path}/{}", answer.body["id"].as_str().unwrap())).await;
    assert_eq!((one.status, &one.body), (200, &answer.body));
    assert_eq!(api.get(&token, &path).await.body["data"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn notes_and_documents_are_kept_as_they_were_said() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let content = json!({"type": "doc", "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "see ", "marks": [{"type": "bold"}]},
        {"type": "text", "text": "this", "marks": [{"type": "link", "attrs": {"href": "https://example.com/"}}]},
    ]}]});
    let note = api.post(&api.home.token, &path, json!({"content": content, "kind": "note"})).await;
    assert_eq!(note.status, 201, "{note:?}");
    assert_eq!(
        json!([note.body["kind"], note.body["content"], note.body["content_text"], note.body["author"]["type"]]),
        json!(["note", content, "see this", "service"])
    );
    assert_eq!(api.get(&api.home.token, &path).await.body["data"][0], note.body);
    let conversation = api.get(&api.home.token, path.trim_end_matches("/messages")).await;
    assert_eq!(conversation.body["last_message"]["content_text"], "Hello", "a note is not the last message");
}

#[actix_web::test]
async fn five_equal_sends_at_once_make_one_message() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let send = || api.post(&api.home.token, &path, json!({"text": "once", "client_id": "k"}));
    let (a, b, c, d, e) = tokio::join!(send(), send(), send(), send(), send());
    let mut statuses: Vec<u16> = [&a, &b, &c, &d, &e].iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 201]);
    assert!([&b, &c, &d, &e].iter().all(|answer| answer.body == a.body));
    let keyed = || api.send("POST", &api.home.token, &path, json!({"text": "keyed"}), &[("idempotency-key", "k-1")]);
    let (a, b, c, d, e) = tokio::join!(keyed(), keyed(), keyed(), keyed(), keyed());
    assert!([&a, &b, &c, &d, &e].iter().all(|answer| answer.status == 201 && answer.body == a.body));
    assert_eq!([&a, &b, &c, &d, &e].iter().filter(|answer| answer.headers.contains_key("idempotent-replay")).count(), 4);
    let other = api.send("POST", &api.home.token, &path, json!({"text": "other"}), &[("idempotency-key", "k-1")]).await;
    assert_eq!(other.refusal(), json!([422, "idempotency_mismatch", []]));
    assert_eq!(api.get(&api.home.token, &path).await.body["data"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn a_reply_behind_anothers_is_refused_with_what_was_not_seen() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let (_, noor) = api.agent(Role::Agent, "Noor").await;
    let (_, maya) = api.agent(Role::Agent, "Maya").await;
    let first = api.post(&noor, &path, json!({"text": "I have it", "last_seen_seq": 3})).await;
    let second = api.post(&maya, &path, json!({"text": "I have it, too", "last_seen_seq": 3})).await;
    assert_eq!(second.refusal(), json!([409, "stale_reply", []]));
    assert_eq!(second.body["unseen"], json!([first.body]));
    let seen = first.body["seq"].clone();
    let again = api.post(&maya, &path, json!({"text": "I have it, too", "last_seen_seq": seen})).await;
    assert_eq!(again.status, 201);
    let note = api.post(&noor, &path, json!({"text": "a note answers nobody", "kind": "note", "last_seen_seq": 3})).await;
    assert_eq!(note.status, 201);
}

#[actix_web::test]
async fn what_cannot_be_said_is_refused_with_the_field() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let file = "0198a1fd-fc00-7000-8000-000000000001";
    let document = |content: Value| json!({"content": {"type": "doc", "content": content}});
    for (body, refusal) in [
        (json!({}), "/text missing_field"),
        (json!({"text": "  "}), "/text empty"),
        (json!({"text": "a\u{0}b"}), "/text control_character"),
        (json!({"text": "x".repeat(10_001)}), "/text too_long"),
        (json!({"text": 1}), "/text wrong_type"),
        (json!({"text": "a", "content": {"type": "doc", "content": []}}), "/content ambiguous"),
        (document(json!([])), "/content empty"),
        (
            document(
                json!([{"type": "paragraph", "content": [{"type": "text", "text": "x", "marks": [{"type": "link", "attrs": {"href": "javascript:x"}}]}]}]),
            ),
            "/content malformed",
        ),
        (json!({"text": "a", "kind": "shout"}), "/kind unknown_value"),
        (json!({"text": "a", "client_id": ""}), "/client_id invalid_value"),
        (json!({"text": "a", "client_id": "x".repeat(65)}), "/client_id invalid_value"),
        (json!({"text": "a", "last_seen_seq": -1}), "/last_seen_seq invalid_value"),
        (json!({"text": "a", "html": "<b>"}), "/html unknown_field"),
        (json!({"text": "a", "attachments": [file]}), "/attachments not_found"),
        (json!({"text": "a", "attachments": ["x"]}), "/attachments/0 invalid_value"),
        (json!({"text": "a", "attachments": vec![file; 11]}), "/attachments too_many"),
    ] {
        let answer = api.post(&api.home.token, &path, body.clone()).await;
        assert_eq!(answer.refusal(), json!([422, "validation_failed", [refusal]]), "{body}");
    }
    assert_eq!(api.get(&api.home.token, &path).await.body["data"].as_array().unwrap().len(), 1);
}

async fn timeline(api: Api) {
    let path = jane(&api).await;
    for n in 0..6 {
        assert_eq!(api.post(&api.home.token, &path, json!({"text": format!("reply {n}")})).await.status, 201);
    }
    let said = async |query: &str| -> (Vec<String>, Option<String>) {
        let answer = api.get(&api.home.token, &format!("{path}?{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let texts = answer.body["data"].as_array().unwrap().iter().map(|row| row["content_text"].as_str().unwrap().to_owned());
        (texts.collect(), answer.body["next_cursor"].as_str().map(str::to_owned))
    };
    let (newest, cursor) = said("limit=3").await;
    assert_eq!(newest, ["reply 5", "reply 4", "reply 3"]);
    api.visitor_says("Jane", "thanks").await;
    let (older, cursor) = said(&format!("limit=3&cursor={}", cursor.unwrap())).await;
    assert_eq!(older, ["reply 2", "reply 1", "reply 0"]);
    let (oldest, cursor) = said(&format!("limit=3&cursor={}", cursor.unwrap())).await;
    assert_eq!((oldest, cursor), (vec!["Hello".to_owned()], None));
    let (from_the_beginning, cursor) = said("order=asc&limit=2").await;
    assert_eq!(from_the_beginning, ["Hello", "reply 0"]);
    assert_eq!(said(&format!("order=asc&limit=2&cursor={}", cursor.unwrap())).await.0, ["reply 1", "reply 2"]);
    assert_eq!(said("order=asc&after_seq=10&before_seq=14").await.0, ["reply 3", "reply 4"]);
    assert_eq!(said("after_seq=18446744073709551615").await.0, Vec::<String>::new());
    let refused = api.get(&api.home.token, &format!("{path}?order=down")).await;
    assert_eq!(refused.status, 400);
}

#[actix_web::test]
async fn a_timeline_is_read_from_either_end() {
    timeline(Api::start().await).await;
}

#[actix_web::test]
async fn a_timeline_is_read_the_same_on_postgres() {
    timeline(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn messages_of_conversations_that_one_may_not_see_answer_404() {
    let api = Api::start().await;
    let path = jane(&api).await;
    let message = api.get(&api.home.token, &path).await.ids().remove(0);
    for path in [path.clone(), format!("{path}/{message}")] {
        assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    }
    assert_eq!(api.post(&api.away.token, &path, json!({"text": "a"})).await.refusal(), json!([404, "not_found", []]));
    let nobodys = "/api/v1/conversations/0198a1fd-fc00-7000-8000-000000000001/messages";
    assert_eq!(api.post(&api.home.token, nobodys, json!({"text": "a"})).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.get(&api.home.token, &format!("{path}/{}", api.home.id)).await.refusal(), json!([404, "not_found", []]));
    let reader = api.token(&[Permission::ConversationsRead]).await;
    assert_eq!(api.post(&reader, &path, json!({"text": "a"})).await.refusal(), json!([403, "forbidden", []]));
    let (_, viewer) = api.agent(Role::Viewer, "Vic").await;
    assert_eq!(api.post(&viewer, &path, json!({"text": "a"})).await.refusal(), json!([403, "forbidden", []]));
}

#[actix_web::test]
async fn a_message_takes_its_authors_own_files_of_this_conversation_alone() {
    let api = Api::start().await;
    let path = jane(&api).await;
    api.visitor_says("John", "Hello").await;
    let bearer = format!("Bearer {}", api.home.token);
    let part =
        |name: &str, rest: &str, value: &str| format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{value}\r\n");
    let conversation = api.of("Jane").0.to_string();
    let body = [part("conversationId", "", &conversation), part("file", "; filename=\"note.txt\"", "hello"), "--cut--\r\n".into()].concat();
    let headers = [("authorization", bearer.as_str()), ("content-type", "multipart/form-data; boundary=cut")];
    let file = api.call("POST", "/api/upload", &headers, Some(body.as_bytes())).await;
    assert_eq!(file.status, 200, "{file:?}");
    for content_type in ["application/json", "multipart/form-data", "multipart/form-data; boundary="] {
        let odd = api.call("POST", "/api/upload", &[("authorization", &bearer), ("content-type", content_type)], Some(b"{}")).await;
        assert_eq!(odd.refusal()[0].as_u64().unwrap() / 100, 4, "{content_type}");
    }
    let untyped = api.call("POST", "/api/upload", &[("authorization", &bearer)], None).await;
    assert_eq!(untyped.refusal()[0].as_u64().unwrap() / 100, 4);
    let said = json!({"attachments": [file.body["id"]]});
    let elsewhere = format!("/api/v1/conversations/{}/messages", api.of("John").0);
    let not_found = json!([422, "validation_failed", ["/attachments not_found"]]);
    assert_eq!(api.post(&api.home.token, &elsewhere, said.clone()).await.refusal(), not_found);
    let (_, noor) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.post(&noor, &path, said.clone()).await.refusal(), not_found);
    let answer = api.post(&api.home.token, &path, said).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let shown = json!([{"id": file.body["id"], "filename": "note.txt", "size": 5, "type": file.body["type"]}]);
    assert_eq!(json!([answer.body["content_text"], answer.body["attachments"]]), json!(["", shown]));
}
