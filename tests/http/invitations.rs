//! Invitations: a link that makes one member, once, in time.

use entities::Role;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::api::{Answer, Api, tidy};

const ALL: &str = "/api/v1/invitations";
const LOOK: &str = "/api/auth/invitation";
const ACCEPT: &str = "/api/auth/invitation/accept";
const PASSWORD: &str = "a pass phrase of my own";

async fn invite(api: &Api, email: &str) -> Answer {
    let made = api.post(&api.home.token, ALL, json!({"email": email, "name": "Noor", "role": "agent"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    made
}

fn path(made: &Answer) -> String {
    format!("{ALL}/{}", made.body["id"].as_str().unwrap())
}

async fn accept(api: &Api, made: &Answer) -> Answer {
    api.post("", ACCEPT, json!({"token": made.body["token"], "password": PASSWORD})).await
}

async fn run(api: &Api, sql: &str) {
    let statement = Statement::from_string(api.db().backend(), sql);
    api.db().write(async |tx| tx.execute_raw(statement).await.map_err(switchboard::store::unavailable)).await.expect(sql);
}

/// What an invitation that is over is answered with.
fn over() -> Value {
    json!([404, "not_found", []])
}

async fn a_link_makes_one_member(api: Api) {
    let admin = api.sign_in(api.home.owner).await;
    let made = api.post(&admin, ALL, json!({"email": "Noor@Example.com", "role": "admin"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let (token, link) = (made.body["token"].as_str().unwrap(), made.body["link"].as_str().unwrap());
    assert!(token.starts_with("iv_") && link.ends_with(&format!("/#invitation={token}")), "{link}");
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().retain(|name, _| name != "token" && name != "link");
    assert_eq!(
        tidy(&shown),
        json!({
            "id": "id 1", "email": "noor@example.com", "name": null, "role": "admin", "status": "pending", "agent_id": null, "created_at": "at",
            "expires_at": "at",
        })
    );
    assert_eq!(api.get(&admin, &path(&made)).await.body, shown, "the link is shown once");
    assert_eq!(api.get(&admin, ALL).await.body, json!({"data": [shown], "next_cursor": null}));
    assert_eq!(api.get(&api.away.token, &path(&made)).await.refusal(), over());
    assert_eq!(api.delete(&api.away.token, &path(&made)).await.refusal(), over());
    assert_eq!(api.get(&api.away.token, ALL).await.body["data"], json!([]));
    let look = api.post("", LOOK, json!({"token": token})).await;
    assert_eq!(
        tidy(&look.body),
        json!({"workspace_name": "Northwind Cycles", "email": "noor@example.com", "name": null, "role": "admin", "expires_at": "at"})
    );
    let nameless = api.post("", ACCEPT, json!({"token": token, "password": "short"})).await;
    assert_eq!(nameless.refusal(), json!([422, "validation_failed", ["/name missing_field", "/password length"]]));
    let body = json!({"token": token, "name": "Noor", "password": PASSWORD});
    let (one, other) = tokio::join!(api.post("", ACCEPT, body.clone()), api.post("", ACCEPT, body.clone()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert!(statuses == [200, 404] || statuses == [200, 409], "of two at once one makes a member: {statuses:?}");
    let joined = if one.status == 200 { one } else { other };
    assert_eq!(joined.body["workspace_id"], json!(api.home.id));
    assert!(joined.headers["set-cookie"].starts_with("__Host-switchboard_session="));
    let me = api.get(joined.body["token"].as_str().unwrap(), "/api/auth/me").await;
    assert_eq!(json!([me.body["agent"]["email"], me.body["agent"]["role"]]), json!(["noor@example.com", "admin"]));
    let signed_in = api.post("", "/api/auth/login", json!({"email": "noor@example.com", "password": PASSWORD})).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    assert_eq!(api.post("", ACCEPT, body).await.refusal(), over());
    let after = api.get(&admin, &path(&made)).await.body;
    assert_eq!(json!([after["status"], after["agent_id"]]), json!(["accepted", joined.body["agent"]["id"]]));
    assert_eq!(api.delete(&admin, &path(&made)).await.refusal(), json!([409, "conflict", []]));
    let log = api.get(&admin, "/api/v1/audit-log").await;
    let lines: Vec<_> = log.body["data"].as_array().unwrap().iter().map(|row| json!([row["action"], row["actor"]["name"]])).collect();
    assert_eq!(json!(lines), json!([["invitation.accepted", "Noor"], ["invitation.created", "Maya Chen"]]));
    assert!(!log.body.to_string().contains(token) && !log.body.to_string().contains("noor@"));
}

async fn one_that_is_over_works_no_more(api: Api) {
    let revoked = invite(&api, "a@example.com").await;
    let twice = api.post(&api.home.token, ALL, json!({"email": "A@example.com", "role": "viewer"})).await;
    assert_eq!(twice.refusal(), json!([409, "conflict", ["/email invited"]]));
    assert_eq!(api.delete(&api.home.token, &path(&revoked)).await.status, 204);
    assert_eq!(api.get(&api.home.token, &path(&revoked)).await.body["status"], "revoked");
    assert_eq!(api.delete(&api.home.token, &path(&revoked)).await.refusal(), json!([409, "conflict", []]));
    let expired = invite(&api, "a@example.com").await;
    run(&api, "UPDATE invitation SET expires_at = created_at + 1 WHERE revoked_at IS NULL").await;
    assert_eq!(api.get(&api.home.token, &path(&expired)).await.body["status"], "expired");
    for dead in [&revoked, &expired] {
        assert_eq!(accept(&api, dead).await.refusal(), over());
        assert_eq!(api.post("", LOOK, json!({"token": dead.body["token"]})).await.refusal(), over());
    }
    let overtaken = invite(&api, "a@example.com").await;
    let member = json!({"name": "A", "email": "a@example.com", "role": "agent", "password": PASSWORD});
    assert_eq!(api.post(&api.home.token, "/api/v1/agents", member).await.status, 201);
    assert_eq!(accept(&api, &overtaken).await.refusal(), json!([409, "conflict", ["/email taken"]]));
    let taken = api.post(&api.home.token, ALL, json!({"email": "a@example.com", "role": "agent"})).await;
    assert_eq!(taken.refusal(), json!([409, "conflict", ["/email taken"]]));
    let first = api.get(&api.home.token, &format!("{ALL}?limit=2")).await;
    let next = api.get(&api.home.token, &format!("{ALL}?limit=2&cursor={}", first.body["next_cursor"].as_str().unwrap())).await;
    let ids: Vec<_> = [&overtaken, &expired, &revoked].iter().map(|made| made.body["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!([first.ids(), next.ids()].concat(), ids, "the latest first");
    run(&api, "UPDATE invitation SET expires_at = 1").await;
    let fresh = invite(&api, "b@example.com").await;
    assert_eq!(api.get(&api.home.token, ALL).await.ids(), [fresh.body["id"].as_str().unwrap()], "what ended long ago is forgotten");
}

#[actix_web::test]
async fn a_link_makes_one_member_once() {
    a_link_makes_one_member(Api::start().await).await;
}

#[actix_web::test]
async fn a_link_makes_one_member_once_on_postgres() {
    a_link_makes_one_member(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn an_invitation_that_is_over_works_no_more() {
    one_that_is_over_works_no_more(Api::start().await).await;
}

#[actix_web::test]
async fn an_invitation_that_is_over_works_no_more_on_postgres() {
    one_that_is_over_works_no_more(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn who_may_not_add_members_invites_nobody_and_owners_invite_owners() {
    let api = Api::start().await;
    let (_, agent) = api.agent(Role::Agent, "Agent").await;
    let (_, admin) = api.agent(Role::Admin, "Ada").await;
    let owner = api.sign_in(api.home.owner).await;
    let body = |role| json!({"email": "x@example.com", "role": role});
    assert_eq!(api.post(&agent, ALL, body("viewer")).await.refusal(), json!([403, "forbidden", []]));
    for token in [&admin, &api.home.token] {
        assert_eq!(api.post(token, ALL, body("owner")).await.refusal(), json!([403, "forbidden", []]));
    }
    let made = api.post(&owner, ALL, body("owner")).await;
    assert_eq!(made.status, 201);
    assert_eq!(api.delete(&agent, &path(&made)).await.refusal(), json!([403, "forbidden", []]));
    for (body, fields) in [
        (json!({"email": "x", "name": "", "role": "agent"}), json!(["/email malformed", "/name empty"])),
        (json!({"email": "y@example.com", "role": "boss"}), json!(["/role unknown_value"])),
        (json!({"email": "y@example.com", "role": "agent", "password": "x"}), json!(["/password unknown_field"])),
        (json!({"role": "agent"}), json!(["/email missing_field"])),
    ] {
        assert_eq!(api.post(&owner, ALL, body.clone()).await.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
}

#[actix_web::test]
async fn the_plan_bounds_members_and_a_number_bounds_open_invitations() {
    let api = Api::start().await;
    let waiting = invite(&api, "waiting@example.com").await;
    for n in 0..99 {
        invite(&api, &format!("n{n}@example.com")).await;
    }
    let more = api.post(&api.home.token, ALL, json!({"email": "more@example.com", "role": "agent"})).await;
    assert_eq!(json!([more.refusal(), more.body["limit"]]), json!([[403, "quota_exceeded", []], 100]));
    for n in 0..19 {
        api.agent(Role::Agent, &format!("Agent {n}")).await;
    }
    for refused in
        [accept(&api, &waiting).await, api.post(&api.home.token, ALL, json!({"email": "late@example.com", "role": "agent"})).await]
    {
        assert_eq!(json!([refused.refusal(), refused.body["limit"]]), json!([[403, "quota_exceeded", []], 20]));
    }
}

#[actix_web::test]
async fn guessing_is_stopped_like_failed_sign_ins() {
    let api = Api::start().await;
    let made = invite(&api, "noor@example.com").await;
    let long = "x".repeat(1_000);
    for n in 0..10 {
        assert_eq!(api.post("", LOOK, json!({"token": made.body["token"]})).await.status, 200, "what is right is not counted");
        let wrong = if n == 0 { long.clone() } else { format!("iv_{n}") };
        let path = if n % 2 == 0 { LOOK } else { ACCEPT };
        let body = if n % 2 == 0 { json!({"token": wrong}) } else { json!({"token": wrong, "password": PASSWORD}) };
        assert_eq!(api.post("", path, body).await.refusal(), over());
    }
    assert_eq!(accept(&api, &made).await.refusal(), json!([429, "locked_out", []]));
    let signed_in = api.post("", "/api/auth/login", json!({"email": "owner@northwind.example", "password": "a long pass phrase"})).await;
    assert_ne!(signed_in.status, 429, "signing in is counted apart");
}
