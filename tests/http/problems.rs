//! Every refusal is a whole problem, also those that the framework makes.

use serde_json::json;

use crate::support::{
    http::{Reply, Request},
    server::TestServer,
};

#[actix_web::test]
async fn unknown_paths_and_wrong_methods_are_problems() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/api/nothing").send().await.problem(), (404, "not_found".to_owned()));
    assert_eq!(server.get("/nothing/at/all").send().await.problem(), (404, "not_found".to_owned()));
    let reply = server.request("DELETE", "/api/health").send().await;
    assert_eq!(reply.problem(), (405, "method_not_allowed".to_owned()));
    assert_eq!(reply.header("allow"), "GET, HEAD");
    let reply = server.request("PUT", "/api/v1/conversations").send().await;
    assert_eq!(reply.problem(), (405, "method_not_allowed".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_place() {
    let server = TestServer::start().await;
    let address = server.address;
    let login = move || Request::new(address, "POST", "/api/auth/login");
    let typed = move |body: &[u8]| login().header("Content-Type", "application/json").body(body);

    assert_eq!(login().body("{}").send().await.problem(), (415, "unsupported_media_type".to_owned()));
    assert_eq!(login().header("Content-Type", "text/plain").body("{}").send().await.problem(), (415, "unsupported_media_type".to_owned()));
    assert_eq!(typed(b"").send().await.problem(), (400, "invalid_json".to_owned()));
    assert_eq!(typed(b"{").send().await.problem(), (400, "invalid_json".to_owned()));
    assert_eq!(typed(b"{\"email\":\"\xff\xfe\"}").send().await.problem(), (400, "invalid_json".to_owned()));
    assert_eq!(typed(&vec![b' '; 1024 * 1024 + 1]).send().await.problem(), (413, "payload_too_large".to_owned()));

    let fields = |reply: Reply| {
        assert_eq!(reply.problem(), (422, "validation_failed".to_owned()));
        let error = reply.json()["errors"][0].clone();
        (error["pointer"].as_str().unwrap_or_default().to_owned(), error["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |body: serde_json::Value| async move { fields(login().json(&body).send().await) };
    assert_eq!(refused(json!({"email": "a@b.example", "password": "x", "x": 1})).await, ("/x".to_owned(), "unknown_field".to_owned()));
    assert_eq!(refused(json!({"email": "a@b.example"})).await, ("/password".to_owned(), "missing_field".to_owned()));
    assert_eq!(refused(json!({"email": 7, "password": "x"})).await, ("/email".to_owned(), "wrong_type".to_owned()));
    assert_eq!(refused(json!({"email": "nobody", "password": "x"})).await, ("/email".to_owned(), "malformed".to_owned()));
    let doubled = typed(br#"{"email":"a@b.example","email":"c@d.example","password":"x"}"#).send().await;
    assert_eq!(fields(doubled), ("/email".to_owned(), "duplicate_field".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn paths_queries_and_cursors_that_cannot_be_read_are_problems() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    for path in [
        "/api/v1/conversations?limit=101",
        "/api/v1/conversations?limit=0",
        "/api/v1/conversations?cursor=rubbish",
        "/api/v1/conversations/no-id",
    ] {
        assert_eq!(server.get_as(&workspace.token, path).await.problem(), (400, "invalid_request".to_owned()), "{path}");
    }
    server.stop().await;
}

#[actix_web::test]
async fn the_widgets_problems_say_success_false() {
    let server = TestServer::start().await;
    let reply = server.post("/api/widget/init").json(&json!({"apiKey": "wk_nobody"})).send().await;
    reply.problem();
    assert_eq!(reply.json()["success"], false);
    assert_eq!(reply.json()["error"], reply.json()["detail"]);
    server.stop().await;
}

#[actix_web::test]
async fn a_request_that_is_no_http_is_answered_and_others_go_on() {
    let server = TestServer::start().await;
    let reply = server.request("GET", "/api/health").header("Content-Length", "nonsense").send().await;
    assert_eq!(reply.status, 400);
    assert_eq!(server.get("/api/health").send().await.status, 200);
    server.stop().await;
}
