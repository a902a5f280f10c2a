//! Signing in, out, and being locked out.

use entities::Role;
use serde_json::json;

use crate::support::server::{PASSWORD, TestServer};

#[actix_web::test]
async fn signing_in_answers_a_session_and_a_cookie_that_scripts_cannot_read() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let reply = server.post("/api/auth/login").json(&json!({"email": "OWNER@acme.example", "password": PASSWORD})).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let body = reply.json();
    let token = body["token"].as_str().unwrap();
    assert_eq!(body["workspace_id"], workspace.tenant_id.to_string());
    assert_eq!(body["agent"], json!({"id": workspace.owner_id, "name": "Olivia", "email": "owner@acme.example", "role": "owner"}));
    assert_eq!(
        reply.header("set-cookie"),
        format!("__Host-switchboard_session={token}; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000")
    );
    let by_bearer = server.get_as(token, "/api/auth/me").await;
    let by_cookie = server.get("/api/auth/me").cookie(token).send().await;
    assert_eq!(by_bearer.json(), json!({"workspace_id": workspace.tenant_id, "agent": body["agent"]}));
    assert_eq!(by_cookie.json(), by_bearer.json());
    server.stop().await;
}

#[actix_web::test]
async fn neither_the_address_nor_the_password_is_told_to_be_wrong() {
    let server = TestServer::start().await;
    server.workspace("Acme").await;
    for (email, password) in [("owner@acme.example", "wrong wrong"), ("nobody@acme.example", PASSWORD)] {
        let reply = server.post("/api/auth/login").json(&json!({"email": email, "password": password})).send().await;
        assert_eq!(reply.problem(), (401, "wrong_credentials".to_owned()));
        assert_eq!(reply.header("set-cookie"), "");
    }
    server.stop().await;
}

#[actix_web::test]
async fn which_workspace_is_asked_only_of_who_knows_the_password() {
    let server = TestServer::start().await;
    let first = server.workspace_of("Acme", "ada@example.com").await;
    let second = server.workspace_of("Bolt", "ada@example.com").await;
    let login = |body| server.post("/api/auth/login").json(&body).send();
    assert_eq!(
        login(json!({"email": "ada@example.com", "password": "wrong wrong"})).await.problem(),
        (401, "wrong_credentials".to_owned())
    );
    let asked = login(json!({"email": "ada@example.com", "password": PASSWORD})).await;
    assert_eq!(asked.problem(), (409, "workspace_required".to_owned()));
    let mut names: Vec<_> = asked.json()["workspaces"].as_array().unwrap().iter().map(|w| w["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["Acme", "Bolt"]);
    for workspace in [first, second] {
        let body = json!({"email": "ada@example.com", "password": PASSWORD, "workspace_id": workspace.tenant_id});
        assert_eq!(login(body).await.json()["workspace_id"], workspace.tenant_id.to_string());
    }
    server.stop().await;
}

#[actix_web::test]
async fn ten_failures_lock_out_that_address_from_that_network_and_nobody_else() {
    let server = TestServer::start_with(&["--trusted-proxy", "127.0.0.1"]).await;
    server.workspace("Acme").await;
    let login = |from: &'static str, email: &'static str, password: &'static str| {
        server.post("/api/auth/login").header("X-Forwarded-For", from).json(&json!({"email": email, "password": password})).send()
    };
    for _ in 0..10 {
        assert_eq!(login("203.0.113.7", "owner@acme.example", "wrong wrong").await.status, 401);
    }
    let locked = login("203.0.113.99", "owner@acme.example", PASSWORD).await;
    assert_eq!(locked.problem(), (429, "locked_out".to_owned()));
    assert!(locked.header("retry-after").parse::<u64>().unwrap() > 800);
    assert_eq!(login("198.51.100.1", "owner@acme.example", PASSWORD).await.status, 200);
    assert_eq!(login("203.0.113.7", "other@acme.example", "wrong wrong").await.status, 401);
    server.stop().await;
}

#[actix_web::test]
async fn attempts_made_at_once_do_not_slip_past_the_lockout() {
    let server = TestServer::start().await;
    server.workspace("Acme").await;
    let body = json!({"email": "owner@acme.example", "password": "wrong wrong"});
    let attempts = (0..25).map(|_| server.post("/api/auth/login").json(&body).send());
    let mut statuses: Vec<_> = futures_util::future::join_all(attempts).await.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 15, "{statuses:?}");
    server.stop().await;
}

#[actix_web::test]
async fn signing_out_ends_this_session_or_all_of_them_at_once() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let (first, second) = (server.sign_in(&workspace.owner_email).await, server.sign_in(&workspace.owner_email).await);
    let out = server.post("/api/auth/logout").bearer(&first).send().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(server.get_as(&first, "/api/auth/me").await.problem(), (401, "unauthenticated".to_owned()));
    let third = server.sign_in(&workspace.owner_email).await;
    assert_eq!(server.get_as(&second, "/api/auth/me").await.status, 200);
    assert_eq!(server.post("/api/auth/logout").bearer(&third).json(&json!({"everywhere": true})).send().await.status, 204);
    for token in [second, third] {
        assert_eq!(server.get_as(&token, "/api/auth/me").await.status, 401);
    }
    let by_token = server.post("/api/auth/logout").bearer(&workspace.token).send().await;
    assert_eq!(by_token.problem(), (403, "forbidden".to_owned()));
    server.stop().await;
}

#[actix_web::test]
async fn another_sites_page_cannot_use_the_cookie() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let session = server.sign_in(&workspace.owner_email).await;
    let logout = || server.post("/api/auth/logout").cookie(&session);
    assert_eq!(logout().send().await.problem(), (403, "origin_forbidden".to_owned()));
    assert_eq!(logout().header("Origin", "https://evil.example").send().await.problem(), (403, "origin_forbidden".to_owned()));
    assert_eq!(logout().header("Origin", "null").send().await.problem(), (403, "origin_forbidden".to_owned()));
    assert_eq!(logout().header("Sec-Fetch-Site", "cross-site").send().await.problem(), (403, "origin_forbidden".to_owned()));
    assert_eq!(server.get("/api/auth/me").cookie(&session).header("Origin", "https://evil.example").send().await.status, 200);
    let own = format!("http://{}", server.address);
    assert_eq!(logout().header("Origin", &own).send().await.status, 204);
    server.stop().await;
}

#[actix_web::test]
async fn a_session_is_kept_as_its_hash_alone() {
    let server = TestServer::start().await;
    let workspace = server.workspace("Acme").await;
    let session = server.sign_in(&workspace.owner_email).await;
    server.member(workspace.tenant_id, "alex@acme.example", Role::Viewer).await;
    let path = server.folder.path().join("switchboard.db");
    let whole = [std::fs::read(&path).unwrap(), std::fs::read(path.with_extension("db-wal")).unwrap_or_default()].concat();
    for secret in [session.as_str(), workspace.token.as_str(), PASSWORD] {
        assert!(!whole.windows(secret.len()).any(|window| window == secret.as_bytes()), "a secret lies in the database");
    }
    server.stop().await;
}
