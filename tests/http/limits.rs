//! Rate limits.

use crate::support::server::TestServer;

#[actix_web::test]
async fn every_api_answer_says_how_much_is_left_and_a_full_stop_says_when_to_come_back() {
    let server = TestServer::start_with(&["--rate-token", "3", "--rate-workspace", "4"]).await;
    let (acme, bolt) = (server.workspace("Acme").await, server.workspace("Bolt").await);
    let other = server.token(acme.tenant_id, &[entities::Permission::ContactsRead], None).await;
    for remaining in ["2", "1", "0"] {
        let reply = server.get_as(&acme.token, "/api/v1/contacts").await;
        assert_eq!((reply.status, reply.header("ratelimit-limit"), reply.header("ratelimit-remaining")), (200, "3", remaining));
        assert!(reply.header("ratelimit-reset").parse::<u64>().unwrap() <= 60);
    }
    let refused = server.get_as(&acme.token, "/api/v1/contacts").await;
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert_eq!((refused.header("ratelimit-limit"), refused.header("ratelimit-remaining")), ("3", "0"));
    assert!((1..=20).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(server.get_as(&other, "/api/v1/contacts").await.status, 200);
    let whole = server.get_as(&other, "/api/v1/contacts").await;
    assert_eq!((whole.problem(), whole.header("ratelimit-limit")), ((429, "rate_limited".to_owned()), "4"));
    assert_eq!(server.get_as(&bolt.token, "/api/v1/contacts").await.status, 200);
    server.stop().await;
}

#[actix_web::test]
async fn callers_without_a_token_are_counted_by_network_and_health_is_never_refused() {
    let server = TestServer::start_with(&["--rate-anonymous", "2", "--trusted-proxy", "127.0.0.1"]).await;
    let workspace = server.workspace("Acme").await;
    let guess = |from: &'static str| server.get("/api/v1/contacts").header("X-Forwarded-For", from).bearer("sb_guess").send();
    assert_eq!(guess("203.0.113.1").await.status, 401);
    assert_eq!(guess("203.0.113.2").await.status, 401);
    assert_eq!(guess("203.0.113.3").await.problem(), (429, "rate_limited".to_owned()));
    assert_eq!(guess("198.51.100.1").await.status, 401);
    assert_eq!(server.get("/api/health").header("X-Forwarded-For", "203.0.113.1").send().await.status, 200);
    let known = server.get("/api/v1/contacts").header("X-Forwarded-For", "203.0.113.1").bearer(&workspace.token).send().await;
    assert_eq!(known.status, 200);
    server.stop().await;
}
