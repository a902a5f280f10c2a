//! Files.

use serde_json::{Value, json};
use switchboard::http::attachments::address;

use super::{Scene, good, names, text, well_formed};
use crate::support::{
    http::Request,
    multipart::{field, file},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR rest of a picture";
const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

impl Scene {
    fn upload(&self, token: &str) -> Request {
        self.server.post("/api/upload").bearer(token)
    }
}

#[actix_web::test]
async fn an_upload_answers_id_filename_url_size_and_type() {
    let scene = Scene::start().await;
    scene.set(json!({"allow_file_uploads": true})).await;
    let visitor = scene.visitor().await;
    let said = scene.says(&visitor, "Here is a picture").await;
    for (token, place) in [(&visitor.token, "conversationId"), (&visitor.token, "ticketId"), (&scene.home.token, "conversationId")] {
        let id = text(&said[place]);
        let up = good(scene.upload(token).form(&[file("frame.png", "image/png", PNG), field(place, &id)]).send().await);
        assert_eq!(names(&up), ["filename", "id", "size", "type", "url"]);
        assert_eq!((&up["filename"], &up["size"], &up["type"]), (&json!("frame.png"), &json!(PNG.len()), &json!("image/png")), "{place}");
        assert_eq!(up["url"], format!("/api/attachments/{}/download", text(&up["id"])));
        assert_eq!(well_formed(&up), (1, 0));
    }
    // Visitors may also name their session in the form, before the file.
    let session = [field("sessionToken", &visitor.token), file("frame.png", "image/png", PNG)];
    good(scene.server.post("/api/upload").form(&session).send().await);
    scene.end().await;
}

#[actix_web::test]
async fn an_upload_is_refused_with_400_without_a_file_and_400_over_10_mb() {
    let scene = Scene::start().await;
    let none = scene.upload(&scene.home.token).form(&[]).send().await;
    assert_eq!(none.problem(), (400, "no_file".to_owned()));
    let huge = vec![b'a'; FILE_BYTES_MAX + 1];
    let large = scene.upload(&scene.home.token).form(&[file("a.txt", "text/plain", &huge)]).send().await;
    assert_eq!(large.problem(), (400, "file_too_large".to_owned()));
    let fits = scene.upload(&scene.home.token).form(&[file("a.txt", "text/plain", &huge[1..])]).send().await;
    assert_eq!(good(fits)["size"], FILE_BYTES_MAX);
    scene.end().await;
}

#[actix_web::test]
async fn an_upload_is_refused_with_401_without_proof() {
    let scene = Scene::start().await;
    let nobody = scene.server.post("/api/upload").form(&[file("a.png", "image/png", PNG)]).send().await;
    assert_eq!(nobody.problem(), (401, "unauthenticated".to_owned()));
    let wrong = scene.upload("sbv_nobody").form(&[file("a.png", "image/png", PNG)]).send().await;
    assert_eq!(wrong.problem(), (401, "unauthenticated".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn an_upload_is_refused_with_403_for_what_is_not_the_callers_existing_or_not() {
    let scene = Scene::start().await;
    scene.set(json!({"allow_file_uploads": true})).await;
    let (visitor, other) = (scene.visitor().await, scene.visitor().await);
    scene.says(&visitor, "Mine").await;
    let foreign = scene.says(&other, "Theirs").await;
    let nothing = json!({"conversationId": "0198c0de-0000-7000-8000-000000000000", "ticketId": "0198c0de-0000-7000-8000-000000000000"});
    for ids in [&foreign, &nothing] {
        for place in ["conversationId", "ticketId"] {
            let id = text(&ids[place]);
            let refused = scene.upload(&visitor.token).form(&[field(place, &id), file("a.png", "image/png", PNG)]).send().await;
            assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{place}");
        }
    }
    let away = scene.server.workspace("Contoso").await;
    let id = text(&foreign["conversationId"]);
    let refused = scene.upload(&away.token).form(&[field("conversationId", &id), file("a.png", "image/png", PNG)]).send().await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn visitors_upload_where_the_widget_allows_files() {
    let scene = Scene::start().await;
    let visitor = scene.visitor().await;
    for allowed in [true, false] {
        scene.set(json!({"allow_file_uploads": allowed})).await;
        let reply = scene.upload(&visitor.token).form(&[file("a.png", "image/png", PNG)]).send().await;
        assert_eq!(reply.status, if allowed { 200 } else { 403 });
        let begun = good(scene.post("/api/widget/init", &json!({"apiKey": scene.api_key})).send().await);
        assert_eq!(begun["config"]["allowFileUploads"], allowed);
    }
    scene.end().await;
}

#[actix_web::test]
async fn an_upload_takes_an_idempotency_key() {
    let scene = Scene::start().await;
    scene.set(json!({"allow_file_uploads": true})).await;
    let visitor = scene.visitor().await;
    for token in [&visitor.token, &scene.home.token] {
        let send = |bytes| scene.upload(token).header("Idempotency-Key", "photo-1").form(&[file("a.png", "image/png", bytes)]).send();
        let first = send(PNG).await;
        let again = send(PNG).await;
        assert_eq!((first.header("idempotent-replay"), again.header("idempotent-replay")), ("", "true"));
        assert_eq!(good(first), good(again));
        assert_eq!(send(&PNG[..12]).await.problem(), (422, "idempotency_mismatch".to_owned()));
    }
    scene.end().await;
}

#[actix_web::test]
async fn a_download_answers_url_filename_and_mime_type() {
    let scene = Scene::start().await;
    scene.set(json!({"allow_file_uploads": true})).await;
    let visitor = scene.visitor().await;
    let up = good(scene.upload(&visitor.token).form(&[file("frame.png", "image/png", PNG)]).send().await);
    let body = json!({"sessionToken": visitor.token, "message": "", "attachments": [up["id"]]});
    good(scene.post("/api/widget/message", &body).send().await);
    for token in [&visitor.token, &scene.home.token] {
        let down = good(scene.server.get_as(token, up["url"].as_str().unwrap()).await);
        assert_eq!(names(&down), ["filename", "mimeType", "url"]);
        assert_eq!((&down["filename"], &down["mimeType"]), (&json!("frame.png"), &json!("image/png")));
        // The address alone opens the file.
        let served = scene.server.get(down["url"].as_str().unwrap()).send().await;
        assert_eq!((served.status, served.body.as_slice()), (200, PNG));
        assert_eq!(served.header("content-type"), "image/png");
        assert!(served.header("content-disposition").contains("frame.png"));
        assert_eq!(served.header("x-content-type-options"), "nosniff");
    }
    let stranger = scene.visitor().await;
    let refused = scene.server.get_as(&stranger.token, up["url"].as_str().unwrap()).await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    let nobody = scene.server.get(up["url"].as_str().unwrap()).send().await;
    assert_eq!(nobody.problem(), (401, "unauthenticated".to_owned()));
    scene.end().await;
}

#[actix_web::test]
async fn the_url_is_signed_and_good_for_one_hour() {
    use actors::port::Clock;
    let scene = Scene::start().await;
    let up = good(scene.upload(&scene.home.token).form(&[file("frame.png", "image/png", PNG)]).send().await);
    let down = good(scene.server.get_as(&scene.home.token, up["url"].as_str().unwrap()).await);
    let url = text(&down["url"]);
    assert!(url.contains("signature="), "{url}");
    for tampered in [url.replace("signature=", "signature=0"), url.replace("expires=1", "expires=2")] {
        assert_eq!(scene.server.get(&tampered).send().await.status, 403, "{tampered}");
    }
    let ground = &scene.server.ground;
    let id = text(&up["id"]).parse().unwrap();
    for (age_ms, status) in [(60 * 60 * 1000 - 60_000, 200), (60 * 60 * 1000, 403)] {
        let older = address::write(&ground.keys, scene.home.tenant_id, id, ground.clock.now().plus_ms(-age_ms));
        assert_eq!(scene.server.get(&older).send().await.status, status, "{age_ms}");
    }
    scene.end().await;
}

#[actix_web::test]
async fn files_are_served_with_a_safe_content_type_and_disposition() {
    let scene = Scene::start().await;
    let cases: [(&str, &str, &[u8], &str, &str); 3] = [
        ("page.html", "text/html", b"<script>alert(1)</script>", "text/plain; charset=utf-8", "inline"),
        ("drawing.svg", "image/svg+xml", b"<svg onload='x()'/>", "text/plain; charset=utf-8", "inline"),
        ("setup.png", "image/png", b"MZ\x90\0\x03", "application/octet-stream", "attachment"),
    ];
    for (name, declared, bytes, served_as, disposition) in cases {
        let up = good(scene.upload(&scene.home.token).form(&[file(name, declared, bytes)]).send().await);
        let down: Value = good(scene.server.get_as(&scene.home.token, up["url"].as_str().unwrap()).await);
        let served = scene.server.get(down["url"].as_str().unwrap()).send().await;
        assert_eq!(served.header("content-type"), served_as, "{name}");
        assert!(served.header("content-disposition").starts_with(disposition), "{name}");
        assert_eq!(served.header("content-security-policy"), "sandbox; default-src 'none'", "{name}");
    }
    scene.end().await;
}
