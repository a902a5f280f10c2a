//! Health, counters, the look at the actors, and the API's description.

use crate::support::server::TestServer;

#[actix_web::test]
async fn health_tells_each_check_and_head_tells_only_that_it_answers() {
    let server = TestServer::start().await;
    let health = server.get("/api/health").send().await;
    assert_eq!(health.status, 200);
    let body = health.json();
    assert_eq!(body["status"], "healthy");
    assert_eq!(body["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(body["checks"]["database"]["status"], "healthy");
    assert!(body["checks"]["database"]["latencyMs"].is_u64());
    assert_eq!(body["checks"]["redis"], serde_json::json!({"status": "not_configured"}));
    assert_eq!(body["checks"]["environment"]["status"], "healthy");
    assert!(body["uptime"].is_u64() && body["timestamp"].is_string());
    let head = server.request("HEAD", "/api/health").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(server.get("/api/health/ready").send().await.json(), serde_json::json!({"ready": true}));
    server.stop().await;
}

#[actix_web::test]
async fn health_fails_when_the_database_or_the_folder_is_away() {
    let server = TestServer::start().await;
    server.ground.db.close().await.expect("close");
    let health = server.get("/api/health").send().await;
    assert_eq!((health.status, health.json()["status"].as_str().unwrap()), (503, "unhealthy"));
    assert_eq!(server.get("/api/health/ready").send().await.problem(), (503, "unavailable".to_owned()));
    assert_eq!(server.request("HEAD", "/api/health").send().await.status, 200);
    let refused = server.get("/api/auth/me").bearer("sb_any").send().await;
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    assert!(!refused.header("retry-after").is_empty());
    assert!(!refused.text().contains("sqlite") && !refused.text().contains("pool"));
    server.stop().await;
}

#[actix_web::test]
async fn counters_and_actors_are_for_operators() {
    let server = TestServer::start().await;
    server.get("/api/health").send().await;
    let metrics = server.get("/metrics").send().await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    let actors = server.get("/admin/actors").send().await.json();
    assert_eq!((&actors["awake"], &actors["deaths"]), (&0.into(), &0.into()));
    // Through a proxy everybody looks local, so such a request does not count as local.
    let proxied = server.get("/metrics").header("X-Forwarded-For", "127.0.0.1").send().await;
    assert_eq!(proxied.problem(), (403, "forbidden".to_owned()));
    server.stop().await;

    let server = TestServer::start_with(&["--operator-token", "let-me-look"]).await;
    let workspace = server.workspace("Acme").await;
    assert_eq!(server.get("/metrics").send().await.status, 401);
    assert_eq!(server.get_as(&workspace.token, "/admin/actors").await.problem(), (401, "unauthenticated".to_owned()));
    assert_eq!(server.get_as("let-me-look", "/admin/actors").await.status, 200);
    server.stop().await;
}

#[actix_web::test]
async fn the_description_names_every_v1_path_in_both_mounts() {
    let server = TestServer::start().await;
    let document = server.get("/openapi.json").send().await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(id) = operation["operationId"].as_str() {
                assert!(ids.insert(id.to_owned()), "{method} {path}: the operation id {id} is used twice");
            }
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
            assert!(operation["security"].is_array(), "{method} {path}");
        }
        if let Some(rest) = path.strip_prefix("/api/v1/").filter(|rest| !rest.starts_with("workspaces")) {
            assert!(paths.contains_key(&format!("/api/v1/workspaces/{{workspace_id}}/{rest}")), "{path} is mounted once");
        }
    }
    assert_eq!(server.get("/docs/errors").send().await.status, 200);
    server.stop().await;
}
