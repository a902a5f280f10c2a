//! Labels: everybody's, with a colour, a bounded number.

use entities::Role;
use serde_json::json;

use crate::support::api::{Api, tidy};

const ALL: &str = "/api/v1/labels";

async fn made_changed_and_removed(api: Api) {
    let admin = api.sign_in(api.home.owner).await;
    let (_, noor) = api.agent(Role::Agent, "Noor").await;
    let made = api.post(&admin, ALL, json!({"name": " Billing", "color": "#2F6FDE"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 1", "name": "billing", "color": "#2f6fde", "description": "", "owner_id": null, "version": 1, "created_at": "at",
            "updated_at": "at",
        })
    );
    let path = format!("{ALL}/{}", made.body["id"].as_str().unwrap());
    assert_eq!(api.get(&noor, &path).await.body, made.body);
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(api.post(&noor, ALL, json!({"name": "x", "color": "#000000"})).await.refusal(), json!([403, "forbidden", []]));
    let changed = api.patch(&admin, &path, json!({"description": " Invoices "})).await;
    assert_eq!(json!([changed.body["name"], changed.body["description"], changed.body["version"]]), json!(["billing", "Invoices", 2]));
    assert_eq!(api.patch(&admin, &path, json!({"description": ""})).await.body["description"], "");
    let again = api.post(&admin, ALL, json!({"name": "BILLING", "color": "#000000"})).await;
    assert_eq!(again.refusal(), json!([409, "conflict", ["/name taken"]]));
    let (a, b) = tokio::join!(
        api.post(&admin, ALL, json!({"name": "vip", "color": "#000000"})),
        api.post(&api.home.token, ALL, json!({"name": "vip", "color": "#ffffff"}))
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "of two at once one is made");
    assert_eq!(api.delete(&noor, &path).await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.delete(&admin, &path).await.status, 204);
    assert_eq!(api.delete(&admin, &path).await.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn labels_are_made_changed_and_removed() {
    made_changed_and_removed(Api::start().await).await;
}

#[actix_web::test]
async fn labels_are_made_changed_and_removed_on_postgres() {
    made_changed_and_removed(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn what_cannot_be_a_label_is_refused_with_every_field() {
    let api = Api::start().await;
    for (body, fields) in [
        (json!({}), json!(["/name missing_field", "/color missing_field"])),
        (
            json!({"name": "x".repeat(65), "color": "blue", "description": "x".repeat(501)}),
            json!(["/name too_long", "/color malformed", "/description too_long"]),
        ),
        (
            json!({"name": "a\nb", "color": "#2f6fd", "description": "a\nb"}),
            json!(["/name control_character", "/color malformed", "/description control_character"]),
        ),
        (json!({"name": "a", "color": "#２ｆ６ｆ", "owner_id": null}), json!(["/owner_id unknown_field"])),
        (json!({"name": ["a"], "color": "#2f6fde"}), json!(["/name wrong_type"])),
    ] {
        assert_eq!(api.post(&api.home.token, ALL, body.clone()).await.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
}

#[actix_web::test]
async fn there_are_two_hundred_labels_and_no_more() {
    let api = Api::start().await;
    for n in 0..200 {
        let made = api.post(&api.home.token, ALL, json!({"name": format!("label {n}"), "color": "#000000"})).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let refused = api.post(&api.home.token, ALL, json!({"name": "one more", "color": "#000000"})).await;
    assert_eq!(refused.refusal(), json!([403, "quota_exceeded", []]));
    assert_eq!(refused.body["limit"], 200);
    let elsewhere = api.post(&api.away.token, ALL, json!({"name": "one more", "color": "#000000"})).await;
    assert_eq!(elsewhere.status, 201, "another workspace has a bound of its own");
}
