//! Tokens, scopes, roles, and other workspaces.

use entities::{Permission, Role};
use serde_json::json;

use crate::support::server::TestServer;

#[actix_web::test]
async fn without_a_good_proof_nothing_is_answered() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let path = "/api/v1/conversations";
    let reply = server.get(path).send().await;
    assert_eq!(reply.problem(), (401, "unauthenticated".to_owned()));
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    let long = "x".repeat(10_000);
    for token in ["sb_wrong", "ss_wrong", "", long.as_str(), &workspace.token[..20]] {
        assert_eq!(server.get(path).bearer(token).send().await.problem(), (401, "unauthenticated".to_owned()));
    }
    assert_eq!(server.get(path).header("Authorization", "Basic YTpi").send().await.problem(), (401, "unauthenticated".to_owned()));
    assert_eq!(server.get(path).cookie(&workspace.token).send().await.problem(), (401, "unauthenticated".to_owned()));
    assert_eq!(server.get_as(&workspace.token, path).await.status, 200);
    server.stop().await;
}

#[actix_web::test]
async fn both_mounts_answer_and_another_workspace_is_not_found() {
    let server = TestServer::start().await;
    let (acme, bolt) = (server.workspace("Acme").await, server.workspace("Bolt").await);
    let own = format!("/api/v1/workspaces/{}/conversations", acme.tenant_id);
    let foreign = format!("/api/v1/workspaces/{}/conversations", bolt.tenant_id);
    assert_eq!(server.get_as(&acme.token, &own).await.status, 200);
    assert_eq!(server.get_as(&acme.token, &foreign).await.problem(), (404, "not_found".to_owned()));
    let headed = |id: String| server.get("/api/v1/conversations").bearer(&acme.token).header("X-Workspace-Id", id).send();
    assert_eq!(headed(acme.tenant_id.to_string()).await.status, 200);
    assert_eq!(headed(bolt.tenant_id.to_string()).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(headed("rubbish".to_owned()).await.problem(), (404, "not_found".to_owned()));
    assert_eq!(server.get_as(&acme.token, "/api/v1/workspaces/rubbish/conversations").await.problem(), (404, "not_found".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn a_token_may_do_what_its_scopes_say_and_no_more() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let token = server.token(workspace.tenant_id, &[Permission::ContactsRead], None).await;
    assert_eq!(server.get_as(&token, "/api/v1/contacts").await.status, 200);
    let refused = server.get_as(&token, "/api/v1/conversations").await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    assert_eq!(refused.json()["detail"], "this needs the permission conversations:read");
    server.stop().await;
}

#[actix_web::test]
async fn a_viewer_reads_and_does_not_write() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    server.member(workspace.tenant_id, "vera@acme.example", Role::Viewer).await;
    let session = server.sign_in("vera@acme.example").await;
    assert_eq!(server.get_as(&session, "/api/v1/conversations").await.status, 200);
    assert_eq!(server.get_as(&session, "/api/v1/tokens").await.problem(), (403, "forbidden".to_owned()));
    let made = server.post("/api/v1/tokens").bearer(&session).json(&json!({"name": "x", "scopes": ["contacts:read"]})).send().await;
    assert_eq!(made.problem(), (403, "forbidden".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn an_expired_token_is_nobody() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let expired = server.token(workspace.tenant_id, &[Permission::ContactsRead], Some(0)).await;
    assert_eq!(server.get_as(&expired, "/api/v1/contacts").await.problem(), (401, "unauthenticated".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn revoking_counts_at_once_and_rotating_lets_both_live_for_a_while() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let make = json!({"name": "Import", "scopes": ["contacts:read"]});
    let made = server.post("/api/v1/tokens").bearer(&workspace.token).json(&make).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let (id, old) = (made.json()["id"].as_str().unwrap().to_owned(), made.json()["token"].as_str().unwrap().to_owned());
    let path = format!("/api/v1/tokens/{id}");
    let rotate = |hours| server.post(&format!("{path}/rotate")).bearer(&workspace.token).json(&json!({"overlap_hours": hours})).send();
    let rotated = rotate(1).await;
    let new = rotated.json()["token"].as_str().expect("a token").to_owned();
    for token in [&old, &new] {
        assert_eq!(server.get_as(token, "/api/v1/contacts").await.status, 200);
    }
    let newest = rotate(0).await.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(server.get_as(&new, "/api/v1/contacts").await.status, 401);
    assert_eq!(server.get_as(&newest, "/api/v1/contacts").await.status, 200);
    let revoked = server.request("DELETE", &path).bearer(&workspace.token).send().await;
    assert!(matches!(revoked.status, 200 | 204), "{}", revoked.text());
    assert_eq!(server.get_as(&newest, "/api/v1/contacts").await.problem(), (401, "unauthenticated".to_owned()));
    server.stop().await;
}
