//! Members: who may add, change and disable whom.

use entities::Role;
use serde_json::json;

use crate::support::api::{Api, tidy};

const PASSWORD: &str = "a long pass phrase";

#[actix_web::test]
async fn a_member_is_added_listed_and_signs_in() {
    let api = Api::start().await;
    let owner = api.sign_in(api.home.owner).await;
    let body = json!({"name": "Noor", "email": "Noor@Example.com", "role": "agent", "password": PASSWORD});
    let made = api.post(&owner, "/api/v1/agents", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 1", "name": "Noor", "email": "noor@example.com", "role": "agent", "avatar_url": null, "disabled": false,
            "capacity": null, "presence": "offline", "version": 1, "created_at": "at",
        })
    );
    let path = format!("/api/v1/agents/{}", made.body["id"].as_str().unwrap());
    assert_eq!(api.get(&owner, &path).await.body, made.body);
    let list = api.get(&owner, "/api/v1/agents").await;
    assert_eq!(list.ids(), [api.home.owner.to_string(), made.body["id"].as_str().unwrap().to_owned()]);
    assert_eq!(api.get(&api.away.token, "/api/v1/agents").await.ids(), [api.away.owner.to_string()]);
    let signed_in = api.post("", "/api/auth/login", json!({"email": "noor@example.com", "password": PASSWORD})).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
}

#[actix_web::test]
async fn members_change_themselves_and_admins_change_others() {
    let api = Api::start().await;
    let (noor, noor_token) = api.agent(Role::Agent, "Noor").await;
    let (_, admin) = api.agent(Role::Admin, "Ada").await;
    let path = format!("/api/v1/agents/{noor}");
    let own = api.patch(&noor_token, &path, json!({"name": "Noor B", "avatar_url": "https://example.com/n.png"})).await;
    assert_eq!(
        json!([own.status, own.body["name"], own.body["avatar_url"], own.body["version"]]),
        json!([200, "Noor B", "https://example.com/n.png", 2])
    );
    assert_eq!(api.patch(&noor_token, &path, json!({"role": "admin"})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.patch(&noor_token, &path, json!({"disabled": true})).await.refusal(), json!([403, "forbidden", []]));
    let others = format!("/api/v1/agents/{}", api.home.owner);
    assert_eq!(api.patch(&noor_token, &others, json!({"name": "x"})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.patch(&admin, &path, json!({"role": "viewer", "avatar_url": null})).await.body["role"], "viewer");
    assert_eq!(api.patch(&admin, &path, json!({"role": "owner"})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.patch(&admin, &others, json!({"disabled": true})).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.patch(&admin, &others, json!({"password": PASSWORD})).await.refusal(), json!([403, "forbidden", []]));
    let owner = json!({"name": "x", "email": "x@example.com", "role": "owner", "password": PASSWORD});
    assert_eq!(api.post(&admin, "/api/v1/agents", owner.clone()).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.post(&api.home.token, "/api/v1/agents", owner).await.refusal(), json!([403, "forbidden", []]));
    let stale = api.send("PATCH", &admin, &path, json!({"name": "x"}), &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
}

async fn last_owner(api: Api) {
    let owner = api.sign_in(api.home.owner).await;
    let path = format!("/api/v1/agents/{}", api.home.owner);
    for body in [json!({"role": "admin"}), json!({"disabled": true})] {
        assert_eq!(api.patch(&owner, &path, body).await.refusal(), json!([409, "conflict", []]));
    }
    let (second, second_token) = api.agent(Role::Owner, "Second").await;
    let second_path = format!("/api/v1/agents/{second}");
    // Each takes the other's role away at the same time: one of them must stay.
    let (a, b) =
        tokio::join!(api.patch(&owner, &second_path, json!({"role": "agent"})), api.patch(&second_token, &path, json!({"role": "agent"})));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert!(statuses == [200, 409] || statuses == [200, 403], "{statuses:?}");
    let roles: Vec<_> =
        api.get(&api.home.token, "/api/v1/agents").await.body["data"].as_array().unwrap().iter().map(|row| row["role"].clone()).collect();
    assert_eq!(roles.iter().filter(|role| **role == "owner").count(), 1);
}

#[actix_web::test]
async fn the_last_owner_stays() {
    last_owner(Api::start().await).await;
}

#[actix_web::test]
async fn the_last_owner_stays_on_postgres() {
    last_owner(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn who_is_disabled_or_gets_a_new_password_is_signed_out() {
    let api = Api::start().await;
    let (noor, token) = api.agent(Role::Agent, "Noor").await;
    let path = format!("/api/v1/agents/{noor}");
    let change = async |body| api.patch(&token, &path, body).await.refusal();
    assert_eq!(
        change(json!({"password": "another pass phrase"})).await,
        json!([422, "validation_failed", ["/current_password missing_field"]])
    );
    let wrong = json!({"password": "another pass phrase", "current_password": "wrong"});
    assert_eq!(change(wrong).await, json!([422, "validation_failed", ["/current_password wrong"]]));
    let short = json!({"password": "short", "current_password": PASSWORD});
    assert_eq!(change(short).await, json!([422, "validation_failed", ["/password length"]]));
    assert_eq!(change(json!({"current_password": PASSWORD})).await, json!([422, "validation_failed", ["/current_password ambiguous"]]));
    let right = json!({"password": "another pass phrase", "current_password": PASSWORD});
    assert_eq!(api.patch(&token, &path, right).await.status, 200);
    assert_eq!(api.get(&token, &path).await.refusal(), json!([401, "unauthenticated", []]));
    let again = api.post("", "/api/auth/login", json!({"email": "noor@northwind.example", "password": "another pass phrase"})).await;
    assert_eq!(again.status, 200, "{again:?}");
    let token = again.body["token"].as_str().unwrap();
    assert_eq!(api.patch(&api.home.token, &path, json!({"disabled": true})).await.body["disabled"], true);
    assert_eq!(api.get(token, &path).await.refusal(), json!([401, "unauthenticated", []]));
}

#[actix_web::test]
async fn the_plan_bounds_the_members_who_may_sign_in() {
    let api = Api::start().await;
    for n in 0..18 {
        api.agent(Role::Agent, &format!("Agent {n}")).await;
    }
    let (last, _) = api.agent(Role::Agent, "Last").await;
    let body = json!({"name": "One more", "email": "more@example.com", "role": "agent", "password": PASSWORD});
    let refused = api.post(&api.home.token, "/api/v1/agents", body.clone()).await;
    assert_eq!(refused.refusal(), json!([403, "quota_exceeded", []]));
    assert_eq!(refused.body["limit"], 20);
    let path = format!("/api/v1/agents/{last}");
    assert_eq!(api.patch(&api.home.token, &path, json!({"disabled": true})).await.status, 200);
    assert_eq!(api.post(&api.home.token, "/api/v1/agents", body).await.status, 201);
    assert_eq!(api.patch(&api.home.token, &path, json!({"disabled": false})).await.refusal(), json!([403, "quota_exceeded", []]));
}

#[actix_web::test]
async fn what_cannot_be_a_member_is_refused() {
    let api = Api::start().await;
    for (body, refusal) in [
        (
            json!({"name": "", "email": "x", "role": "agent", "password": PASSWORD}),
            json!([422, "validation_failed", ["/name empty", "/email malformed"]]),
        ),
        (
            json!({"name": "x", "email": "x@example.com", "role": "agent", "password": "short"}),
            json!([422, "validation_failed", ["/password length"]]),
        ),
        (
            json!({"name": "x", "email": "x@example.com", "role": "boss", "password": PASSWORD}),
            json!([422, "validation_failed", ["/role unknown_value"]]),
        ),
        (json!({"name": "x", "email": "owner@northwind.example", "role": "agent", "password": PASSWORD}), json!([409, "conflict", []])),
    ] {
        assert_eq!(api.post(&api.home.token, "/api/v1/agents", body.clone()).await.refusal(), refusal, "{body}");
    }
    let path = format!("/api/v1/agents/{}", api.home.owner);
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.patch(&api.away.token, &path, json!({"name": "x"})).await.refusal(), json!([404, "not_found", []]));
}
