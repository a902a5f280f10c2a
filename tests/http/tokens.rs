//! Tokens of programs: making, rotating, revoking.

use entities::{Permission, Role};
use serde_json::json;

use crate::support::api::{Api, tidy};

async fn life(api: Api) {
    let body = json!({"name": "Import", "scopes": ["contacts:write", "contacts:read", "contacts:read"], "expires_in_days": 30});
    let made = api.post(&api.home.token, "/api/v1/tokens", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let text = made.body["token"].as_str().unwrap().to_owned();
    assert!(text.starts_with("sb_") && text.len() > 40);
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().remove("token");
    assert_eq!(
        tidy(&shown),
        json!({
            "id": "id 1", "service_account_id": "id 2", "name": "Import", "hint": &text[text.len() - 4..],
            "scopes": ["contacts:read", "contacts:write"], "expires_at": "at", "revoked_at": null, "previous_until": null,
            "last_used_at": null, "version": 1, "created_at": "at",
        })
    );
    let list = api.get(&api.home.token, "/api/v1/tokens").await;
    assert_eq!(list.body["data"][0], shown);
    assert!(!list.body.to_string().contains(&text));
    let accounts = api.get(&api.home.token, "/api/v1/service-accounts").await;
    assert_eq!(tidy(&accounts.body["data"][0]), json!({"id": "id 1", "name": "Import", "disabled": false, "created_at": "at"}));
    assert_eq!(api.get(&text, "/api/v1/contacts").await.status, 200);
    assert_eq!(api.get(&text, "/api/v1/agents").await.refusal(), json!([403, "forbidden", []]));

    let path = format!("/api/v1/tokens/{}", made.body["id"].as_str().unwrap());
    let rotated = api.post(&api.home.token, &format!("{path}/rotate"), json!({})).await;
    assert_eq!(json!([rotated.status, rotated.body["version"]]), json!([200, 2]));
    let second = rotated.body["token"].as_str().unwrap().to_owned();
    for text in [&text, &second] {
        assert_eq!(api.get(text, "/api/v1/contacts").await.status, 200);
    }
    let rotated = api.post(&api.home.token, &format!("{path}/rotate"), json!({"overlap_hours": 0})).await;
    assert_eq!(rotated.body["previous_until"], json!(null));
    let third = rotated.body["token"].as_str().unwrap().to_owned();
    for (text, status) in [(&text, 401), (&second, 401), (&third, 200)] {
        assert_eq!(api.get(text, "/api/v1/contacts").await.status, status);
    }
    for _ in 0..2 {
        assert_eq!(api.delete(&api.home.token, &path).await.status, 204);
    }
    assert_eq!(api.get(&third, "/api/v1/contacts").await.refusal(), json!([401, "unauthenticated", []]));
    assert_eq!(api.post(&api.home.token, &format!("{path}/rotate"), json!({})).await.refusal(), json!([409, "conflict", []]));
    assert_ne!(api.get(&api.home.token, "/api/v1/tokens").await.body["data"][0]["revoked_at"], json!(null));
}

#[actix_web::test]
async fn a_token_lives_is_rotated_with_overlap_and_ends_at_once() {
    life(Api::start().await).await;
}

#[actix_web::test]
async fn a_token_lives_the_same_on_postgres() {
    life(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn nobody_hands_out_what_they_do_not_have() {
    let api = Api::start().await;
    let narrow = api.token(&[Permission::TokensRead, Permission::TokensWrite, Permission::ContactsRead]).await;
    let wide = json!({"name": "x", "scopes": ["contacts:read", "agents:write"]});
    assert_eq!(api.post(&narrow, "/api/v1/tokens", wide).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.post(&narrow, "/api/v1/tokens", json!({"name": "x", "scopes": ["contacts:read"]})).await.status, 201);
    let list = api.get(&api.home.token, "/api/v1/tokens").await;
    let everything = list.body["data"].as_array().unwrap().iter().find(|row| row["scopes"].as_array().unwrap().len() > 10).unwrap();
    let rotate = format!("/api/v1/tokens/{}/rotate", everything["id"].as_str().unwrap());
    assert_eq!(api.post(&narrow, &rotate, json!({})).await.refusal(), json!([403, "forbidden", []]));
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&agent, "/api/v1/tokens").await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.get(&agent, "/api/v1/service-accounts").await.refusal(), json!([403, "forbidden", []]));
}

#[actix_web::test]
async fn what_cannot_be_a_token_is_refused_and_strangers_find_none() {
    let api = Api::start().await;
    for (body, fields) in [
        (json!({"name": "x", "scopes": []}), json!(["/scopes empty"])),
        (json!({"name": "", "scopes": ["contacts:read"]}), json!(["/name empty"])),
        (json!({"name": "x", "scopes": ["everything"]}), json!(["/scopes/0 unknown_value"])),
        (json!({"name": "x", "scopes": ["contacts:read"], "expires_in_days": 0}), json!(["/expires_in_days out_of_range"])),
        (json!({"name": "x", "scopes": ["contacts:read"], "expires_in_days": 3651}), json!(["/expires_in_days out_of_range"])),
        (json!({"name": "x"}), json!(["/scopes missing_field"])),
    ] {
        let answer = api.post(&api.home.token, "/api/v1/tokens", body.clone()).await;
        assert_eq!(answer.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    let id = api.get(&api.home.token, "/api/v1/tokens").await.ids().remove(0);
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(api.delete(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.post(&api.away.token, &format!("{path}/rotate"), json!({})).await.refusal(), json!([404, "not_found", []]));
    let long = api.post(&api.home.token, &format!("{path}/rotate"), json!({"overlap_hours": 169})).await;
    assert_eq!(long.refusal(), json!([422, "validation_failed", ["/overlap_hours out_of_range"]]));
}
