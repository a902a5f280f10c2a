//! Files: taking them in, giving them out, and every way to abuse either.

use actors::port::Clock as _;
use entities::{AttachmentId, Permission, attachment::FILE_BYTES_MAX};
use serde_json::{Value, json};
use switchboard::http::attachments::{address, remove_orphans};

use crate::support::{
    api::Api,
    multipart::{BOUNDARY, Part, field, file, form},
    widget::{Page, Raw, Visitor, call},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR rest of a picture";

async fn send(api: &Api, token: Option<&str>, body: &[u8]) -> Raw {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", content_type.as_str())];
    if let Some(bearer) = &bearer {
        headers.push(("authorization", bearer));
    }
    call(api, "POST", "/api/upload", &headers, body).await
}

async fn upload(api: &Api, token: &str, parts: &[Part<'_>]) -> Raw {
    send(api, Some(token), &form(parts)).await
}

async fn picture(api: &Api, token: &str) -> String {
    let answer = upload(api, token, &[file("frame.png", "image/png", PNG)]).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn download(api: &Api, token: &str, id: &str) -> Raw {
    let bearer = format!("Bearer {token}");
    call(api, "GET", &format!("/api/attachments/{id}/download"), &[("authorization", &bearer)], b"").await
}

async fn attach(page: &Page<'_>, visitor: &Visitor, id: &str) -> Raw {
    page.post("/api/widget/message", &json!({"sessionToken": visitor.token, "message": "", "attachments": [id]})).await
}

fn files_on_disk(api: &Api) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }
    count(&api.server.app.options.data_dir.join("attachments"))
}

#[actix_web::test]
async fn a_file_goes_up_into_a_message_and_down_again() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let page = Page::of(&api).await;
        let visitor = page.visitor().await;
        let up = upload(&api, &visitor.token, &[file("frame.png", "image/png", PNG)]).await.json();
        let id = up["id"].as_str().unwrap().to_owned();
        let url = format!("/api/attachments/{id}/download");
        assert_eq!(up, json!({"id": id, "filename": "frame.png", "url": url, "size": PNG.len(), "type": "image/png"}));
        assert_eq!(attach(&page, &visitor, &id).await.status, 200);
        let list = page.get(&format!("/api/widget/message?sessionToken={}", visitor.token)).await.json();
        assert_eq!(
            list["messages"][0]["attachments"],
            json!([{"id": id, "filename": "frame.png", "size": PNG.len(), "type": "image/png"}])
        );

        for token in [&visitor.token, &api.home.token] {
            let down = download(&api, token, &id).await.json();
            assert_eq!((&down["filename"], &down["mimeType"]), (&json!("frame.png"), &json!("image/png")));
            let file = call(&api, "GET", down["url"].as_str().unwrap(), &[], b"").await;
            assert_eq!((file.status, file.body.as_slice()), (200, PNG));
            assert_eq!(file.header("content-type"), "image/png");
            assert_eq!(file.header("content-disposition"), "inline; filename=\"frame.png\"; filename*=UTF-8''frame.png");
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            assert_eq!(file.header("content-security-policy"), "sandbox; default-src 'none'");
            let part = call(&api, "GET", down["url"].as_str().unwrap(), &[("range", "bytes=1-3")], b"").await;
            assert_eq!((part.status, part.body.as_slice()), (206, b"PNG".as_slice()));
            assert_eq!(part.header("content-range"), format!("bytes 1-3/{}", PNG.len()));
            let beyond = call(&api, "GET", down["url"].as_str().unwrap(), &[("range", "bytes=999-")], b"").await;
            assert_eq!((beyond.status, beyond.header("content-range")), (416, format!("bytes */{}", PNG.len()).as_str()));
            let head = call(&api, "HEAD", down["url"].as_str().unwrap(), &[], b"").await;
            assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, PNG.len().to_string().as_str()));
            let same = call(&api, "GET", down["url"].as_str().unwrap(), &[("if-none-match", file.header("etag"))], b"").await;
            assert_eq!((same.status, same.body.len()), (304, 0));
        }
    }
}

#[actix_web::test]
async fn what_a_browser_would_run_is_served_as_text_or_not_shown() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    for (name, declared, bytes, kept, served, inline) in [
        ("x.html", "text/html", b"<script>alert(1)</script>".as_slice(), "text/plain", "text/plain; charset=utf-8", true),
        ("x.svg", "image/svg+xml", b"<svg onload='x()'/>", "text/plain", "text/plain; charset=utf-8", true),
        ("x.pdf", "application/pdf", b"%PDF-1.7 ...", "application/pdf", "application/pdf", false),
        ("x.png", "image/png", b"MZ\x90\0\x03", "application/octet-stream", "application/octet-stream", false),
    ] {
        let up = upload(&api, &visitor.token, &[file(name, declared, bytes)]).await.json();
        assert_eq!(up["type"], kept, "{name}");
        let down = download(&api, &visitor.token, up["id"].as_str().unwrap()).await.json();
        let file = call(&api, "GET", down["url"].as_str().unwrap(), &[], b"").await;
        assert_eq!(file.header("content-type"), served, "{name}");
        assert_eq!(file.header("content-disposition").starts_with("inline"), inline, "{name}");
    }
}

#[actix_web::test]
async fn hostile_names_are_made_harmless() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    for (name, kept) in [("../../etc/passwd", "passwd"), ("C:\\\\windows\\\\a.png", "a.png"), ("..", "file"), ("", "file")] {
        let up = upload(&api, &visitor.token, &[file(name, "image/png", PNG)]).await;
        assert_eq!((up.status, &up.json()["filename"]), (200, &json!(kept)), "{name}");
    }
    assert_eq!(files_on_disk(&api), 4);
}

#[actix_web::test]
async fn an_upload_that_cannot_be_taken_is_refused_and_leaves_nothing() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let token = Some(visitor.token.as_str());
    let png = || file("a.png", "image/png", PNG);
    let refusals = [
        (form(&[]), json!([400, "no_file", []])),
        (form(&[file("", "application/octet-stream", b"")]), json!([400, "no_file", []])),
        (form(&[field("conversationId", "x"), png()]), json!([403, "forbidden", []])),
        (form(&[png(), png()]), json!([400, "invalid_request", []])),
        (form(&[png(), field("other", "x")]), json!([422, "validation_failed", ["/other unknown_field"]])),
        (form(&[field("ticketId", &"x".repeat(2000)), png()]), json!([400, "invalid_request", []])),
        (
            form(&[Part { name: "ticketId", filename: None, content_type: None, bytes: b"\xff" }, png()]),
            json!([400, "invalid_request", []]),
        ),
        (form(&(0..20).map(|_| field("ticketId", "x")).collect::<Vec<_>>()), json!([400, "invalid_request", []])),
    ];
    for (body, refusal) in refusals {
        assert_eq!(send(&api, token, &body).await.refusal(), refusal, "{}", String::from_utf8_lossy(&body));
    }
    let whole = form(&[png()]);
    assert_eq!(send(&api, token, &whole[..whole.len() - 20]).await.status, 400);
    assert_eq!(send(&api, token, b"").await.status, 400);
    let bearer = format!("Bearer {}", visitor.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    assert_eq!(call(&api, "POST", "/api/upload", &headers, b"{}").await.refusal(), json!([400, "no_file", []]));
    let huge = vec![b'a'; FILE_BYTES_MAX as usize + 1];
    assert_eq!(upload(&api, &visitor.token, &[file("a", "text/plain", &huge)]).await.refusal(), json!([400, "file_too_large", []]));
    let fits = upload(&api, &visitor.token, &[file("a", "text/plain", &huge[1..])]).await;
    assert_eq!(fits.status, 200);
    assert_eq!(files_on_disk(&api), 1);
}

#[actix_web::test]
async fn only_those_who_may_write_may_upload() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let body = form(&[file("a.png", "image/png", PNG)]);
    for token in [None, Some("sbv_x"), Some("sb_x"), Some("")] {
        assert_eq!(send(&api, token, &body).await.refusal(), json!([401, "unauthenticated", []]), "{token:?}");
    }
    // Behind the file the session comes too late: nothing of a stranger's is written to disk.
    let late = form(&[file("a.png", "image/png", PNG), field("sessionToken", &visitor.token)]);
    assert_eq!(send(&api, None, &late).await.refusal(), json!([401, "unauthenticated", []]));
    let early = form(&[field("sessionToken", &visitor.token), file("a.png", "image/png", PNG)]);
    assert_eq!(send(&api, None, &early).await.status, 200);
    let reader = api.token(&[Permission::ConversationsRead]).await;
    assert_eq!(send(&api, Some(&reader), &body).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(send(&api, Some(&api.home.token), &body).await.status, 200);
    page.set(json!({"allow_file_uploads": false})).await;
    assert_eq!(send(&api, Some(&visitor.token), &body).await.refusal(), json!([403, "uploads_disabled", []]));
}

#[actix_web::test]
async fn a_conversation_or_ticket_that_is_not_the_callers_is_forbidden_existing_or_not() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let (visitor, other) = (page.visitor().await, page.visitor().await);
    let (own, foreign) = (page.say(&visitor, "Hello").await, page.say(&other, "Hello").await);
    let id = |said: &Value, name: &str| said[name].as_str().unwrap().to_owned();
    let png = || file("a.png", "image/png", PNG);
    for (name, value) in [
        ("conversationId", id(&foreign, "conversationId")),
        ("ticketId", id(&foreign, "ticketId")),
        ("conversationId", "0198a1fd-fc00-7000-8000-000000000001".to_owned()),
        ("ticketId", "0198a1fd-fc00-7000-8000-000000000001".to_owned()),
        ("ticketId", "../x".to_owned()),
    ] {
        assert_eq!(
            upload(&api, &visitor.token, &[field(name, &value), png()]).await.refusal(),
            json!([403, "forbidden", []]),
            "{name} {value}"
        );
    }
    for (name, value) in [("conversationId", id(&own, "conversationId")), ("ticketId", id(&own, "ticketId"))] {
        assert_eq!(upload(&api, &visitor.token, &[png(), field(name, &value)]).await.status, 200, "{name}");
        assert_eq!(upload(&api, &api.home.token, &[png(), field(name, &value)]).await.status, 200, "{name}");
        assert_eq!(upload(&api, &api.away.token, &[png(), field(name, &value)]).await.refusal(), json!([403, "forbidden", []]), "{name}");
    }
}

#[actix_web::test]
async fn a_file_is_attached_by_its_uploader_and_seen_by_those_in_the_conversation() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let (visitor, other) = (page.visitor().await, page.visitor().await);
    let unknown = json!([422, "validation_failed", ["/attachments unknown_attachment"]]);
    let id = picture(&api, &visitor.token).await;
    let agents = picture(&api, &api.home.token).await;
    assert_eq!(attach(&page, &other, &id).await.refusal(), unknown);
    assert_eq!(attach(&page, &visitor, &agents).await.refusal(), unknown);
    let conversation = attach(&page, &visitor, &id).await.json()["conversationId"].as_str().unwrap().to_owned();

    let path = format!("/api/v1/conversations/{conversation}/messages");
    let hidden = picture(&api, &api.home.token).await;
    assert_eq!(api.post(&api.home.token, &path, json!({"text": "look", "kind": "note", "attachments": [hidden]})).await.status, 201);
    assert_eq!(api.post(&api.home.token, &path, json!({"text": "look", "attachments": [agents]})).await.status, 201);

    let not_found = json!([404, "not_found", []]);
    assert_eq!(download(&api, &visitor.token, &agents).await.status, 200);
    assert_eq!(download(&api, &visitor.token, &hidden).await.refusal(), not_found);
    assert_eq!(download(&api, &other.token, &id).await.refusal(), not_found);
    assert_eq!(download(&api, &api.away.token, &id).await.refusal(), not_found);
    assert_eq!(download(&api, &api.home.token, "nonsense").await.refusal(), not_found);
    assert_eq!(download(&api, "sb_x", &id).await.status, 401);
}

#[actix_web::test]
async fn an_address_is_good_for_its_file_and_its_hour() {
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let (one, two) = (picture(&api, &visitor.token).await, picture(&api, &visitor.token).await);
    let app = &api.server.app;
    let id: AttachmentId = one.parse().unwrap();
    let write = |now| address::write(&app.keys, api.home.id, id, now);
    let good = write(app.clock.now());
    assert_eq!(call(&api, "GET", &good, &[], b"").await.status, 200);
    let forbidden = json!([403, "forbidden", []]);
    let over = write(app.clock.now().plus_ms(-address::LIFETIME_MS));
    let foreign = address::write(&app.keys, api.away.id, id, app.clock.now());
    let longer = good.replace("expires=1", "expires=9");
    for address in [over, good.replace(&one, &two), longer, good.replace("signature=", "signature=00"), good.replace(&one, "x")] {
        assert_eq!(call(&api, "GET", &address, &[], b"").await.refusal(), forbidden, "{address}");
    }
    assert_eq!(call(&api, "GET", &foreign, &[], b"").await.status, 404);
    assert_eq!(call(&api, "GET", &format!("/files/{one}"), &[], b"").await.status, 400);
}

#[actix_web::test]
async fn files_that_nobody_used_are_removed_after_a_day() {
    use sea_orm::{ConnectionTrait, Statement};
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let page = Page::of(&api).await;
        let visitor = page.visitor().await;
        let (used, unused) = (picture(&api, &visitor.token).await, picture(&api, &visitor.token).await);
        attach(&page, &visitor, &used).await;
        assert_eq!(remove_orphans(&api.server.app).await.unwrap(), 0);
        let old = api.clock.now().plus_ms(-25 * 60 * 60 * 1000).utc();
        let age = Statement::from_sql_and_values(api.db().backend(), "UPDATE attachment SET created_at = $1", [old.into()]);
        api.db()
            .write(async |transaction| transaction.execute_raw(age).await.map(drop).map_err(|_refused| actors::port::StoreError::NotFound))
            .await
            .unwrap();
        let fresh = picture(&api, &visitor.token).await;
        assert_eq!(remove_orphans(&api.server.app).await.unwrap(), 1);
        assert_eq!(files_on_disk(&api), 2);
        assert_eq!(download(&api, &visitor.token, &unused).await.status, 404);
        for kept in [used, fresh] {
            assert_eq!(download(&api, &visitor.token, &kept).await.status, 200);
        }
    }
}

#[actix_web::test]
async fn a_file_of_a_message_that_is_sent_later_is_kept_until_then() {
    use sea_orm::{ConnectionTrait, Statement};
    let api = Api::start().await;
    let page = Page::of(&api).await;
    let visitor = page.visitor().await;
    let said = page.post("/api/widget/message", &json!({"sessionToken": visitor.token, "message": "Hello"})).await.json();
    let path = format!("/api/v1/conversations/{}/scheduled-messages", said["conversationId"].as_str().unwrap());
    let (used, unused) = (picture(&api, &api.home.token).await, picture(&api, &api.home.token).await);
    let send_at = api.clock.now().plus_ms(300 * 24 * 60 * 60 * 1000).to_string();
    let scheduled = api.post(&api.home.token, &path, json!({"attachments": [used], "send_at": send_at})).await;
    assert_eq!(scheduled.status, 201, "{scheduled:?}");
    let old = api.clock.now().plus_ms(-25 * 60 * 60 * 1000).utc();
    let age = Statement::from_sql_and_values(api.db().backend(), "UPDATE attachment SET created_at = $1", [old.into()]);
    api.db()
        .write(async |transaction| transaction.execute_raw(age).await.map(drop).map_err(|_refused| actors::port::StoreError::NotFound))
        .await
        .unwrap();
    assert_eq!(remove_orphans(&api.server.app).await.unwrap(), 1);
    assert_eq!(download(&api, &api.home.token, &unused).await.status, 404);
    assert_eq!(download(&api, &api.home.token, &used).await.status, 200);
}
