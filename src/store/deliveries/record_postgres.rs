//! How PostgreSQL records attempts: one statement that is a transaction by itself, one array a column. It goes to the server and back once, where
//! a transaction of single statements would go five times.

use std::collections::HashSet;

use actors::port::{Attempted, StoreError};
use entities::{DeliveryStatus, Timestamp, WebhookId};
use sea_orm::sqlx::{PgPool, query_scalar};
use uuid::Uuid;

use super::record::{Item, due_at, headers};
use crate::store::connect::lost;

/// What follows from a webhook whose lease is lost is left out with it.
const RECORD: &str = "WITH held AS (\
    UPDATE webhook SET failures = r.failures, exhausted = r.exhausted, failing_since = r.failing_since, paused_until = r.paused_until, \
    delivered = webhook.delivered + r.delivered, failed = webhook.failed + r.failed, \
    last_success_at = COALESCE(r.last_success_at, webhook.last_success_at), \
    warned_at = CASE WHEN r.failing_since IS NULL THEN NULL ELSE webhook.warned_at END \
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) \
    AS r (id, owner, failures, exhausted, failing_since, paused_until, delivered, failed, last_success_at) \
    WHERE webhook.id = r.id AND webhook.lease_owner = r.owner AND webhook.status = 'enabled' RETURNING webhook.id), \
    made AS (SELECT * FROM unnest($10::uuid[], $11::bigint[], $12::bigint[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], \
    $17::bigint[], $18::bigint[], $19::bigint[], $20::text[], $21::bigint[], $22::text[], $23::text[], $24::text[], $25::text[], \
    $26::bigint[], $27::text[], $28::bigint[]) AS r (webhook_id, position, number, trigger_kind, started_at, dns_ms, connect_ms, tls_ms, \
    first_byte_ms, total_ms, address, http_status, response_headers, response_body, error_class, error, next_due_at, status, due_at) \
    WHERE r.webhook_id IN (SELECT id FROM held)), \
    kept AS (INSERT INTO attempt (webhook_id, position, number, trigger_kind, started_at, dns_ms, connect_ms, tls_ms, first_byte_ms, \
    total_ms, address, http_status, response_headers, response_body, error_class, error, next_due_at) \
    SELECT webhook_id, position, number, trigger_kind, started_at, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms, address, \
    http_status, response_headers, response_body, error_class, error, next_due_at FROM made ON CONFLICT DO NOTHING), \
    changed AS (UPDATE delivery SET attempts = made.number, status = made.status, due_at = made.due_at, next_trigger = 'auto' FROM made \
    WHERE delivery.webhook_id = made.webhook_id AND delivery.position = made.position AND delivery.attempts < made.number) \
    SELECT id FROM held";

/// Writes all of it, or nothing; which webhooks' leases held.
pub async fn record(pool: &PgPool, items: &[Item]) -> Result<HashSet<Uuid>, StoreError> {
    let of_items = |value: fn(&Item) -> i64| items.iter().map(value).collect::<Vec<_>>();
    let instants = |value: fn(&Item) -> Option<i64>| items.iter().map(value).collect::<Vec<_>>();
    let attempts: Vec<(WebhookId, &Attempted)> =
        items.iter().flat_map(|item| item.attempts.iter().map(|attempt| (item.lease.webhook_id, attempt))).collect();
    let numbers = |value: fn(&Attempted) -> i64| attempts.iter().map(|(_, attempt)| value(attempt)).collect::<Vec<_>>();
    let maybe = |value: fn(&Attempted) -> Option<i64>| attempts.iter().map(|(_, attempt)| value(attempt)).collect::<Vec<_>>();
    let headers = attempts.iter().map(|(_, attempt)| headers(attempt)).collect::<Result<Vec<_>, _>>()?;
    let held = query_scalar(RECORD)
        .bind(items.iter().map(|item| item.lease.webhook_id.uuid()).collect::<Vec<_>>())
        .bind(items.iter().map(|item| item.lease.owner.uuid()).collect::<Vec<_>>())
        .bind(of_items(|item| item.health.failures.into()))
        .bind(of_items(|item| item.health.exhausted.into()))
        .bind(instants(|item| item.health.failing_since.map(Timestamp::micros)))
        .bind(instants(|item| item.health.paused_until.map(Timestamp::micros)))
        .bind(of_items(|item| item.count(DeliveryStatus::Delivered)))
        .bind(of_items(|item| item.count(DeliveryStatus::Failed)))
        .bind(instants(Item::last_success_at))
        .bind(attempts.iter().map(|(webhook_id, _)| webhook_id.uuid()).collect::<Vec<_>>())
        .bind(numbers(|attempt| attempt.position))
        .bind(numbers(|attempt| attempt.number.into()))
        .bind(attempts.iter().map(|(_, attempt)| attempt.trigger.as_str()).collect::<Vec<_>>())
        .bind(numbers(|attempt| attempt.started_at.micros()))
        .bind(maybe(|attempt| attempt.outcome.timings.dns.map(i64::from)))
        .bind(maybe(|attempt| attempt.outcome.timings.connect.map(i64::from)))
        .bind(maybe(|attempt| attempt.outcome.timings.tls.map(i64::from)))
        .bind(maybe(|attempt| attempt.outcome.timings.first_byte.map(i64::from)))
        .bind(numbers(|attempt| attempt.outcome.timings.total.into()))
        .bind(attempts.iter().map(|(_, attempt)| attempt.outcome.address.map(|address| address.to_string())).collect::<Vec<_>>())
        .bind(maybe(|attempt| attempt.outcome.http_status.map(i64::from)))
        .bind(headers)
        .bind(attempts.iter().map(|(_, attempt)| attempt.outcome.response_body.as_deref()).collect::<Vec<_>>())
        .bind(attempts.iter().map(|(_, attempt)| attempt.outcome.error.as_ref().map(|error| error.class.as_str())).collect::<Vec<_>>())
        .bind(attempts.iter().map(|(_, attempt)| attempt.outcome.error.as_ref().map(|error| error.detail.as_str())).collect::<Vec<_>>())
        .bind(maybe(|attempt| attempt.next_due_at.map(Timestamp::micros)))
        .bind(attempts.iter().map(|(_, attempt)| attempt.status.as_str()).collect::<Vec<_>>())
        .bind(numbers(due_at));
    let held: Vec<Uuid> = held.fetch_all(pool).await.map_err(|error| lost(&error))?;
    Ok(held.into_iter().collect())
}
