//! Health and metrics.

use serde_json::json;

use super::{Scene, has, names, well_formed};

#[actix_web::test]
async fn get_health_answers_status_version_uptime_checks_and_timestamp() {
    let scene = Scene::start().await;
    let reply = scene.server.get("/api/health").send().await;
    assert_eq!(reply.status, 200);
    let health = reply.json();
    assert_eq!(names(&health), ["checks", "status", "timestamp", "uptime", "version"]);
    assert_eq!(names(&health["checks"]), ["database", "environment", "redis"]);
    assert!(["healthy", "degraded"].contains(&health["status"].as_str().unwrap()), "{health}");
    has(&health["checks"]["database"], &["status", "latencyMs"]);
    assert!(health["checks"]["database"]["latencyMs"].is_u64());
    assert_eq!(health["checks"]["redis"], json!({"status": "not_configured"}));
    assert_eq!(health["checks"]["environment"], json!({"status": "healthy"}));
    assert!(health["version"].is_string() && health["uptime"].is_u64());
    assert_eq!(well_formed(&health), (0, 1));
    scene.end().await;
}

#[actix_web::test]
async fn it_is_503_when_a_check_failed_and_says_which() {
    let scene = Scene::start().await;
    scene.server.ground.db.close().await.expect("close");
    let reply = scene.server.get("/api/health").send().await;
    assert_eq!(reply.status, 503);
    assert!(reply.header("retry-after").parse::<u64>().is_ok_and(|secs| secs > 0));
    let health = reply.json();
    assert_eq!((&health["status"], &health["checks"]["database"]["status"]), (&json!("unhealthy"), &json!("unhealthy")));
    assert!(health["checks"]["database"]["detail"].is_string());
    assert_eq!(health["checks"]["environment"]["status"], "healthy");
    let ready = scene.server.get("/api/health/ready").send().await;
    assert_eq!(ready.problem(), (503, "unavailable".to_owned()));
    assert!(!ready.header("retry-after").is_empty());
    // No checks are made for HEAD.
    let head = scene.server.request("HEAD", "/api/health").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[actix_web::test]
async fn head_health_is_200_without_a_body() {
    let scene = Scene::start().await;
    let head = scene.server.request("HEAD", "/api/health").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    scene.end().await;
}

#[actix_web::test]
async fn ready_is_for_load_balancers() {
    let scene = Scene::start().await;
    assert_eq!(scene.server.get("/api/health/ready").send().await.status, 200);
    scene.end().await;
}

#[actix_web::test]
async fn metrics_are_for_prometheus() {
    let scene = Scene::start().await;
    scene.server.get("/api/health").send().await;
    let metrics = scene.server.get("/metrics").send().await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    assert!(metrics.text().lines().any(|line| line.starts_with("# TYPE switchboard_")), "{}", metrics.text());
    scene.end().await;
}
