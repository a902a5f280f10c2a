//! A write that is sent again is answered again, and done once.

use serde_json::json;

use crate::support::server::TestServer;

#[actix_web::test]
async fn five_at_once_make_one_row_and_five_equal_answers() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let body = json!({"name": "Import", "scopes": ["contacts:read"]});
    let send = || server.post("/api/v1/tokens").bearer(&workspace.token).header("Idempotency-Key", "k-1").json(&body).send();
    let replies = futures_util::future::join_all((0..5).map(|_| send())).await;
    let first = replies[0].json();
    for reply in &replies {
        assert_eq!((reply.status, reply.json()), (201, first.clone()));
    }
    assert_eq!(replies.iter().filter(|reply| reply.header("idempotent-replay") == "true").count(), 4);
    let listed = server.get_as(&workspace.token, "/api/v1/tokens").await.json();
    assert_eq!(listed["data"].as_array().unwrap().iter().filter(|token| token["name"] == "Import").count(), 1);
    let later = send().await;
    assert_eq!((later.header("idempotent-replay"), later.json()), ("true", first));
    server.stop().await;
}

#[actix_web::test]
async fn a_key_belongs_to_its_request_and_its_caller() {
    let server = TestServer::start().await;
    let (acme, bolt) = (server.workspace("Acme").await, server.workspace("Bolt").await);
    let send = |token: &str, name: &str| {
        let body = json!({"name": name, "scopes": ["contacts:read"]});
        server.post("/api/v1/tokens").bearer(token).header("Idempotency-Key", "k-1").json(&body).send()
    };
    assert_eq!(send(&acme.token, "One").await.status, 201);
    assert_eq!(send(&acme.token, "Two").await.problem(), (422, "idempotency_mismatch".to_owned()));
    let other = send(&bolt.token, "One").await;
    assert_eq!((other.status, other.header("idempotent-replay")), (201, ""));
    server.stop().await;
}

#[actix_web::test]
async fn a_refusal_by_the_rules_is_kept_and_one_of_the_moment_is_not() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let send = |token: &str, key: &str, body: &serde_json::Value| {
        server.post("/api/v1/tokens").bearer(token).header("Idempotency-Key", key).json(body).send()
    };
    let bad = json!({"name": "", "scopes": ["contacts:read"]});
    let first = send(&workspace.token, "bad", &bad).await;
    assert_eq!(first.problem().0, 422);
    let again = send(&workspace.token, "bad", &bad).await;
    assert_eq!((again.status, again.header("idempotent-replay")), (422, "true"));
    let weak = server.token(workspace.tenant_id, &[entities::Permission::ContactsRead], None).await;
    for _ in 0..2 {
        let refused = send(&weak, "weak", &json!({"name": "x", "scopes": ["contacts:read"]})).await;
        assert_eq!((refused.status, refused.header("idempotent-replay")), (403, ""));
    }
    assert_eq!(send("sb_nobody", "k", &bad).await.problem(), (401, "unauthenticated".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn a_key_that_is_no_key_is_refused() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let long = "x".repeat(256);
    for key in [" ", "with space", long.as_str()] {
        let body = json!({"name": "x", "scopes": ["contacts:read"]});
        let reply = server.post("/api/v1/tokens").bearer(&workspace.token).header("Idempotency-Key", key).json(&body).send().await;
        assert_eq!(reply.problem(), (400, "invalid_request".to_owned()), "{key:?}");
    }
    server.stop().await;
}
