//! Request ids, security headers, CORS.

use crate::support::server::TestServer;

#[actix_web::test]
async fn a_request_id_is_taken_if_it_is_good_and_made_otherwise() {
    let server = TestServer::start().await;
    let health = || server.get("/api/health");
    let id_of = |id: &str| {
        let sent = health().header("X-Request-Id", id).send();
        async move { sent.await.header("x-request-id").to_owned() }
    };
    assert_eq!(id_of("order-7/retry.2").await, "order-7/retry.2");
    let long = "x".repeat(129);
    for bad in ["with space", long.as_str()] {
        let made = id_of(bad).await;
        assert!(uuid::Uuid::parse_str(&made).is_ok(), "{bad}: {made}");
    }
    let none = server.get("/api/health").send().await;
    assert!(uuid::Uuid::parse_str(none.header("x-request-id")).is_ok());
    server.stop().await;
}

#[actix_web::test]
async fn every_answer_has_the_security_headers() {
    let server = TestServer::start().await;
    for path in ["/api/health", "/nothing", "/openapi.json"] {
        let reply = server.get(path).send().await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(reply.header("referrer-policy"), "strict-origin-when-cross-origin", "{path}");
    }
    assert_eq!(server.get("/api/health").send().await.header("cache-control"), "no-store");
    assert_eq!(server.get("/api/health").send().await.header("strict-transport-security"), "");
    server.stop().await;
    let server = TestServer::start_with(&["--public-url", "https://chat.example.com"]).await;
    assert_eq!(server.get("/api/health").send().await.header("strict-transport-security"), "max-age=31536000");
    server.stop().await;
}

#[actix_web::test]
async fn only_the_widgets_paths_are_open_to_other_sites() {
    let server = TestServer::start().await;
    let preflight = |path: &'static str| {
        server.request("OPTIONS", path).header("Origin", "https://shop.example").header("Access-Control-Request-Method", "POST").send()
    };
    let open = preflight("/api/widget/init").await;
    assert_eq!((open.status, open.header("access-control-allow-origin")), (204, "https://shop.example"));
    assert_eq!(open.header("access-control-allow-credentials"), "");
    let closed = preflight("/api/auth/login").await;
    assert_eq!((closed.status, closed.header("access-control-allow-origin")), (405, ""));
    let closed = server.get("/api/v1/conversations").header("Origin", "https://shop.example").send().await;
    assert_eq!(closed.header("access-control-allow-origin"), "");
    server.stop().await;
}
