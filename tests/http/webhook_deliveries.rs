//! Deliveries: listed, found, sent again; and how a webhook does.

use actors::port::Clock;
use entities::{
    DeliveryId, DeliveryStatus, EventId, EventKind, Timestamp, WebhookId,
    table::{attempt, delivery},
    thread,
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use switchboard::store::unavailable;
use uuid::Uuid;

use crate::support::api::{Api, tidy};

/// Far enough ahead that nobody sends it meanwhile.
const LATER_MS: i64 = 3_600_000;
const SECOND_MS: i64 = 1_000;

/// A webhook that nobody is behind, and rows of its own.
struct Hook<'a> {
    api: &'a Api,
    id: WebhookId,
    path: String,
    began: Timestamp,
}

impl<'a> Hook<'a> {
    async fn new(api: &'a Api) -> Self {
        let made = api.post(&api.home.token, "/api/v1/webhooks", json!({"url": "https://hook.invalid/", "events": ["webhook.test"]})).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/webhooks/{id}");
        Self { api, id: id.parse().unwrap(), path, began: api.clock.now().plus_ms(-1_000 * SECOND_MS) }
    }

    /// The instant of the event at this place: one a second.
    fn at(&self, position: i64) -> Timestamp {
        self.began.plus_ms(position * SECOND_MS)
    }

    fn event_id(position: i64) -> EventId {
        EventId::new(Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + position as u128))
    }

    fn delivery_id(&self, position: i64) -> DeliveryId {
        thread::delivery_id(Self::event_id(position), self.id)
    }

    /// Puts rows there as the journal and the webhook's actor would.
    async fn add(&self, rows: &[(i64, DeliveryStatus, EventKind, i64)]) {
        let deliveries = rows.iter().map(|(position, status, kind, attempts)| delivery::ActiveModel {
            webhook_id: Set(self.id.uuid()),
            position: Set(*position),
            tenant_id: Set(self.api.home.id.uuid()),
            id: Set(self.delivery_id(*position).uuid()),
            event_id: Set(Self::event_id(*position).uuid()),
            kind: Set(kind.to_string()),
            status: Set(status.to_string()),
            attempts: Set(*attempts),
            budget_from: Set(0),
            next_trigger: Set("auto".to_owned()),
            due_at: Set(self.api.clock.now().plus_ms(LATER_MS).micros()),
            at: Set(self.at(*position).micros()),
        });
        let attempts = rows.iter().flat_map(|(position, status, _, attempts)| {
            (1..=*attempts).map(|number| self.attempt(*position, number, *status == DeliveryStatus::Delivered && number == *attempts))
        });
        let (deliveries, attempts): (Vec<_>, Vec<_>) = (deliveries.collect(), attempts.collect());
        let write = async |transaction: &sea_orm::DatabaseTransaction| {
            for some in deliveries.chunks(500) {
                delivery::Entity::insert_many(some.to_vec()).exec_without_returning(transaction).await.map_err(unavailable)?;
            }
            for some in attempts.chunks(500) {
                attempt::Entity::insert_many(some.to_vec()).exec_without_returning(transaction).await.map_err(unavailable)?;
            }
            Ok(())
        };
        self.api.db().write(write).await.unwrap();
    }

    fn attempt(&self, position: i64, number: i64, succeeded: bool) -> attempt::ActiveModel {
        attempt::ActiveModel {
            webhook_id: Set(self.id.uuid()),
            position: Set(position),
            number: Set(number),
            trigger_kind: Set("auto".to_owned()),
            started_at: Set(self.at(position).plus_ms(number).micros()),
            dns_ms: Set(Some(1)),
            connect_ms: Set(Some(2)),
            tls_ms: Set(Some(3)),
            first_byte_ms: Set(Some(4)),
            total_ms: Set(10 * position),
            address: Set(Some("203.0.113.7:443".to_owned())),
            http_status: Set(Some(if succeeded { 200 } else { 500 })),
            response_headers: Set(r#"[["content-type","text/plain"]]"#.to_owned()),
            response_body: Set(Some("said".to_owned())),
            error_class: Set((!succeeded).then(|| "http_status".to_owned())),
            error: Set((!succeeded).then(|| "answered 500".to_owned())),
            next_due_at: Set(None),
        }
    }

    async fn get(&self, rest: &str) -> crate::support::api::Answer {
        self.api.get(&self.api.home.token, &format!("{}{rest}", self.path)).await
    }

    async fn post(&self, rest: &str, body: Value) -> crate::support::api::Answer {
        self.api.post(&self.api.home.token, &format!("{}{rest}", self.path), body).await
    }

    /// The places of a list, read to its end.
    async fn places(&self, query: &str) -> Vec<i64> {
        let mut places = Vec::new();
        let mut cursor = String::new();
        for _page in 0..1_000 {
            let page = self.get(&format!("/deliveries?{query}{cursor}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            places.extend(page.ids().iter().map(|id| self.place(id)));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return places,
            }
        }
        panic!("the list does not end");
    }

    fn place(&self, id: &str) -> i64 {
        (1..20_000).find(|position| self.delivery_id(*position).to_string() == id).expect("a delivery that was put there")
    }
}

use DeliveryStatus::{Delivered, Failed, Pending, Skipped};
use EventKind::{ContactCreated, TicketCreated};

async fn list(api: Api) {
    let hook = Hook::new(&api).await;
    hook.add(&[
        (1, Delivered, TicketCreated, 2),
        (2, Failed, ContactCreated, 3),
        (3, Pending, TicketCreated, 0),
        (4, Skipped, TicketCreated, 0),
        (5, Delivered, ContactCreated, 1),
    ])
    .await;
    assert_eq!(hook.places("").await, [5, 4, 3, 2, 1]);
    assert_eq!(hook.places("limit=2").await, [5, 4, 3, 2, 1]);
    assert_eq!(hook.places("status=delivered").await, [5, 1]);
    assert_eq!(hook.places("status=failed&limit=1").await, [2]);
    assert_eq!(hook.places("status=pending&event=ticket.created").await, [3]);
    assert_eq!(hook.places("event=ticket.created&limit=1").await, [4, 3, 1]);
    assert_eq!(hook.places(&format!("event_id={}", Hook::event_id(2))).await, [2]);
    assert_eq!(hook.places(&format!("event_id={}&status=pending", Hook::event_id(2))).await, Vec::<i64>::new());
    let (from, to) = (hook.at(2), hook.at(4));
    assert_eq!(hook.places(&format!("from={from}&to={to}")).await, [3, 2]);
    assert_eq!(hook.places(&format!("from={to}")).await, [5, 4]);
    assert_eq!(hook.places(&format!("to={from}&limit=1")).await, [1]);
    let first = hook.get("/deliveries?limit=1").await;
    let mut row = tidy(&first.body["data"][0]);
    assert_eq!(row["attempts"].as_array_mut().map(|attempts| attempts.len()), Some(1));
    assert_eq!(
        row,
        json!({
            "id": "id 2", "webhook_id": "id 3", "event_id": "id 1", "event": "contact.created", "status": "delivered", "attempt_count": 1,
            "next_due_at": null, "created_at": "at",
            "attempts": [{
                "number": 1, "trigger": "auto", "started_at": "at", "timings_ms": {"dns": 1, "connect": 2, "tls": 3, "first_byte": 4, "total": 50},
                "address": "203.0.113.7:443", "http_status": 200, "error": null, "next_due_at": null,
            }],
        })
    );
    let pending = hook.get("/deliveries?status=pending").await;
    assert!(pending.body["data"][0]["next_due_at"].is_string(), "{pending:?}");
    for (query, field) in [
        ("status=lost", "? invalid"),
        ("event=ticket.exploded", "? invalid"),
        ("colour=red", "?colour invalid"),
        ("limit=101", "?limit out_of_range"),
        ("cursor=AAAA", "?cursor invalid"),
    ] {
        let refusal = hook.get(&format!("/deliveries?{query}")).await.refusal();
        assert_eq!(json!([refusal[0], refusal[1]]), json!([400, "invalid_request"]), "{query}");
        if field != "? invalid" {
            assert_eq!(refusal[2], json!([field]), "{query}");
        }
    }
}

#[actix_web::test]
async fn deliveries_are_listed_by_what_is_asked_for() {
    list(Api::start().await).await;
}

#[actix_web::test]
async fn deliveries_are_listed_by_what_is_asked_for_on_postgres() {
    list(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn a_list_stays_the_same_while_new_deliveries_come() {
    let api = Api::start().await;
    let hook = Hook::new(&api).await;
    let rows: Vec<_> = (1..=6).map(|position| (position, Delivered, TicketCreated, 1)).collect();
    hook.add(&rows).await;
    let first = hook.get("/deliveries?limit=3").await;
    hook.add(&[(7, Delivered, TicketCreated, 1), (8, Failed, TicketCreated, 1)]).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = hook.get(&format!("/deliveries?limit=3&cursor={cursor}")).await;
    let places: Vec<_> = first.ids().iter().chain(&second.ids()).map(|id| hook.place(id)).collect();
    assert_eq!(places, [6, 5, 4, 3, 2, 1]);
    assert_eq!(second.body["next_cursor"], Value::Null);
}

async fn few_among_many(api: Api) {
    let hook = Hook::new(&api).await;
    let many: Vec<_> =
        (1..=12_000).map(|position| (position, Delivered, if position % 4_000 == 1 { ContactCreated } else { TicketCreated }, 0)).collect();
    hook.add(&many).await;
    // Nobody looks at more than 5,000 for one page; the pages lead on all the same.
    let first = hook.get("/deliveries?event=contact.created&limit=25").await;
    assert_eq!(first.ids().len(), 1);
    assert!(first.body["next_cursor"].is_string());
    assert_eq!(hook.places("event=contact.created").await, [8_001, 4_001, 1]);
    assert_eq!(hook.places("status=delivered&event=contact.created&limit=1").await, [8_001, 4_001, 1]);
    assert_eq!(hook.places("status=failed").await, Vec::<i64>::new());
}

#[actix_web::test]
async fn what_is_rare_is_found_among_many() {
    few_among_many(Api::start().await).await;
}

#[actix_web::test]
async fn what_is_rare_is_found_among_many_on_postgres() {
    few_among_many(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn one_delivery_shows_every_attempt() {
    let api = Api::start().await;
    let hook = Hook::new(&api).await;
    hook.add(&[(1, Failed, TicketCreated, 14)]).await;
    let listed = hook.get("/deliveries").await;
    let attempts = listed.body["data"][0]["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[0]["number"], &attempts[11]["number"]), (12, &json!(3), &json!(14)));
    let whole = hook.get(&format!("/deliveries/{}", hook.delivery_id(1))).await.body;
    assert_eq!((whole["attempts"].as_array().unwrap().len(), &whole["attempt_count"], &whole["payload"]), (14, &json!(14), &Value::Null));
    assert_eq!(
        json!([whole["attempts"][0]["response_headers"], whole["attempts"][0]["response_body"], whole["attempts"][0]["error"]]),
        json!([{"content-type": "text/plain"}, "said", {"class": "http_status", "detail": "answered 500"}])
    );
    let other = Hook::new(&api).await;
    let elsewhere = other.get(&format!("/deliveries/{}", hook.delivery_id(1))).await;
    assert_eq!(elsewhere.refusal(), json!([404, "not_found", []]));
}

async fn again(api: Api) {
    let hook = Hook::new(&api).await;
    hook.add(&[
        (1, Failed, TicketCreated, 6),
        (2, Pending, TicketCreated, 1),
        (3, Delivered, TicketCreated, 1),
        (4, Skipped, TicketCreated, 0),
    ])
    .await;
    let retry = async |position| hook.post(&format!("/deliveries/{}/retry", hook.delivery_id(position)), json!({})).await;
    for position in [1, 3, 4] {
        let answer = retry(position).await;
        assert_eq!((answer.status, &answer.body["status"]), (202, &json!("pending")), "{answer:?}");
        assert!(answer.body["next_due_at"].is_string());
    }
    let waiting = retry(2).await;
    assert_eq!(waiting.refusal(), json!([409, "delivery_pending", []]));
    assert!(waiting.body["next_due_at"].is_string(), "{waiting:?}");
    assert_eq!(retry(9).await.refusal(), json!([404, "not_found", []]));
    let row = delivery::Entity::find_by_id((hook.id.uuid(), 1)).one(api.db().read()).await.unwrap().unwrap();
    assert_eq!((row.next_trigger.as_str(), row.budget_from), ("manual", 6));
    assert!(row.due_at <= api.clock.now().plus_ms(60_000).micros());
    hook.post("/disable", json!({})).await;
    assert_eq!(retry(2).await.refusal(), json!([409, "webhook_disabled", []]));
    assert_eq!(hook.post("/replay", json!({})).await.refusal(), json!([409, "webhook_disabled", []]));
}

#[actix_web::test]
async fn a_delivery_is_sent_again_with_its_whole_schedule() {
    again(Api::start().await).await;
}

#[actix_web::test]
async fn a_delivery_is_sent_again_with_its_whole_schedule_on_postgres() {
    again(Api::start_on_postgres().await).await;
}

async fn replayed(api: Api) {
    api.visitor_says("Jane", "hello").await;
    let hook = Hook::new(&api).await;
    let began = hook.post("/replay", json!({"from": "2026-01-01T00:00:00Z", "only": "missing"})).await;
    assert_eq!(began.status, 202, "{began:?}");
    assert_eq!(json!([began.body["only"], began.body["from"], began.body["to"]]), json!(["missing", "2026-01-01T00:00:00.000000Z", null]));
    let at = format!("/replays/{}", began.body["id"].as_str().unwrap());
    let shown = hook.get(&at).await;
    assert_eq!((shown.status, &shown.body["id"], &shown.body["webhook_id"]), (200, &began.body["id"], &json!(hook.id)));
    assert!(shown.body["progress"].as_f64().is_some_and(|progress| (0.0..=1.0).contains(&progress)), "{shown:?}");
    let row = entities::table::replay::Entity::find_by_id(began.body["id"].as_str().unwrap().parse::<Uuid>().unwrap());
    let row = row.one(api.db().read()).await.unwrap().unwrap();
    assert_eq!((row.first_position, row.last_position > 1), (1, true));
    // The events of long ago: none.
    let past = hook.post("/replay", json!({"to": "2020-01-01T00:00:00Z", "only": "all"})).await;
    assert_eq!(past.status, 202, "{past:?}");
    let other = Hook::new(&api).await;
    assert_eq!(other.get(&at).await.refusal(), json!([404, "not_found", []]));
    assert_eq!(hook.post("/replay", json!({"only": "some"})).await.refusal(), json!([422, "validation_failed", ["/only unknown_value"]]));
    let turned = json!({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"});
    assert_eq!(hook.post("/replay", turned).await.refusal(), json!([422, "validation_failed", ["/to out_of_range"]]));
}

async fn replays(api: Api) {
    let (hook, other) = (Hook::new(&api).await, Hook::new(&api).await);
    assert_eq!(hook.get("/replays").await.body, json!({"data": [], "next_cursor": null}));
    let mut begun = Vec::new();
    for only in ["failed", "missing", "all", "failed", "all"] {
        begun.insert(0, hook.post("/replay", json!({"only": only})).await.body["id"].as_str().unwrap().to_owned());
    }
    other.post("/replay", json!({})).await;
    assert_eq!(hook.get("/replays").await.ids(), begun, "the newest first");
    let shown = hook.get(&format!("/replays/{}", begun[1])).await.body;
    assert_eq!((&hook.get("/replays").await.body["data"][1]["only"], &shown["only"]), (&json!("failed"), &json!("failed")));
    // Two a page; what is begun meanwhile moves nothing.
    let first = hook.get("/replays?limit=2").await;
    hook.post("/replay", json!({})).await;
    let cursor = |page: &crate::support::api::Answer| page.body["next_cursor"].as_str().unwrap().to_owned();
    let second = hook.get(&format!("/replays?limit=2&cursor={}", cursor(&first))).await;
    let third = hook.get(&format!("/replays?limit=2&cursor={}", cursor(&second))).await;
    let paged: Vec<_> = [&first, &second, &third].into_iter().flat_map(crate::support::api::Answer::ids).collect();
    assert_eq!((paged, &third.body["next_cursor"]), (begun, &Value::Null));
    // A list's cursor is good for no other webhook's.
    let foreign = other.get(&format!("/replays?cursor={}", cursor(&first))).await;
    assert_eq!(foreign.refusal(), json!([400, "invalid_request", ["?cursor invalid"]]));
    assert_eq!(hook.get("/replays?limit=0").await.refusal(), json!([400, "invalid_request", ["?limit out_of_range"]]));
    let away = api.get(&api.away.token, &format!("{}/replays", hook.path)).await;
    assert_eq!(away.refusal(), json!([404, "not_found", []]), "another workspace sees nothing");
}

#[actix_web::test]
async fn replays_are_listed_the_newest_first() {
    replays(Api::start().await).await;
}

#[actix_web::test]
async fn replays_are_listed_the_newest_first_on_postgres() {
    replays(Api::start_on_postgres().await).await;
}

#[actix_web::test]
async fn a_replay_is_a_job_that_is_kept() {
    replayed(Api::start().await).await;
}

#[actix_web::test]
async fn a_replay_is_a_job_that_is_kept_on_postgres() {
    replayed(Api::start_on_postgres().await).await;
}

async fn figures(api: Api) {
    let hook = Hook::new(&api).await;
    let none = hook.get("/stats").await;
    assert_eq!(
        none.body,
        json!({"success_rate": null, "attempts": 0, "latency_ms": {"p50": null, "p95": null}, "delivered": 0, "failed": 0, "backlog": 0,
            "oldest_due_at": null, "failing_since": null})
    );
    hook.add(&[
        (1, Delivered, TicketCreated, 1),
        (2, Failed, TicketCreated, 2),
        (3, Delivered, TicketCreated, 1),
        (4, Pending, TicketCreated, 0),
    ])
    .await;
    let some = hook.get("/stats").await.body;
    assert_eq!(
        json!([some["success_rate"], some["attempts"], some["latency_ms"], some["backlog"]]),
        json!([0.5, 4, {"p50": 20, "p95": 30}, 1])
    );
    assert!(some["oldest_due_at"].is_string(), "{some}");
}

#[actix_web::test]
async fn figures_are_of_the_latest_attempts() {
    figures(Api::start().await).await;
}

#[actix_web::test]
async fn figures_are_of_the_latest_attempts_on_postgres() {
    figures(Api::start_on_postgres().await).await;
}

async fn gone(api: Api) {
    let (hook, other) = (Hook::new(&api).await, Hook::new(&api).await);
    // More than are removed in one transaction.
    let rows: Vec<_> = (1..=1_100).map(|position| (position, Delivered, TicketCreated, 1)).collect();
    hook.add(&rows).await;
    other.add(&rows[..3]).await;
    hook.post("/replay", json!({"only": "all"})).await;
    assert_eq!(api.delete(&api.home.token, &hook.path).await.status, 204);
    let left = delivery::Entity::find().all(api.db().read()).await.unwrap();
    assert_eq!(left.iter().map(|row| row.webhook_id).collect::<Vec<_>>(), [other.id.uuid(); 3]);
    assert_eq!(attempt::Entity::find().all(api.db().read()).await.unwrap().len(), 3);
    assert_eq!(entities::table::replay::Entity::find().all(api.db().read()).await.unwrap().len(), 0);
}

#[actix_web::test]
async fn a_webhook_takes_its_deliveries_with_it() {
    gone(Api::start().await).await;
}

#[actix_web::test]
async fn a_webhook_takes_its_deliveries_with_it_on_postgres() {
    gone(Api::start_on_postgres().await).await;
}
