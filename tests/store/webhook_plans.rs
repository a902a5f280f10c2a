//! What is asked of webhooks' deliveries is served by an index, however many there are: both databases say so.

use entities::{DeliveryStatus, TenantId, WebhookId};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use switchboard::store::{
    Database,
    read::{delivery, replay, webhook},
};
use uuid::Uuid;

use crate::support::databases;

/// Rows in the tables, so that a planner that counts does not take them for empty.
const ROWS: i64 = 20_000;

/// A query with its values, and the index that must serve it on SQLite and on PostgreSQL.
struct Hot {
    sql: String,
    values: Vec<Value>,
    sqlite: &'static str,
    postgres: &'static str,
}

fn hot(backend: DbBackend) -> Vec<Hot> {
    let id = || Value::from(Uuid::from_u128(1));
    let page = || vec![id(), id(), 0.into(), 10_000.into(), 26.into()];
    let looking = || {
        let open = [Value::from(5_000_i64), Some("ticket.created").into(), Value::from(None::<i64>), Value::from(None::<i64>)];
        page().into_iter().chain(open).collect::<Vec<_>>()
    };
    let key = "SEARCH delivery USING PRIMARY KEY (webhook_id=? AND position>? AND position<?)";
    let by_status = "SEARCH delivery USING INDEX delivery_by_status (webhook_id=? AND status=? AND position>? AND position<?)";
    vec![
        Hot { sql: delivery::page_sql(backend, None, false), values: page(), sqlite: key, postgres: "delivery_pkey" },
        Hot {
            sql: delivery::page_sql(backend, Some(DeliveryStatus::Failed), false),
            values: page(),
            sqlite: by_status,
            postgres: "delivery_by_status",
        },
        Hot {
            sql: delivery::page_sql(backend, Some(DeliveryStatus::Delivered), true),
            values: looking(),
            sqlite: key,
            postgres: "delivery_pkey",
        },
        Hot { sql: delivery::page_sql(backend, None, true), values: looking(), sqlite: key, postgres: "delivery_pkey" },
        Hot { sql: delivery::last_looked_at_sql(backend, None), values: page(), sqlite: key, postgres: "delivery_pkey" },
        Hot {
            sql: delivery::attempts_sql(2, true),
            values: vec![id(), 12.into(), 5.into(), 6.into()],
            sqlite: "SEARCH a USING PRIMARY KEY (webhook_id=? AND position=? AND number>?)",
            postgres: "attempt_pkey",
        },
        Hot { sql: webhook::OLDEST.to_owned(), values: vec![id()], sqlite: "INDEX delivery_due (webhook_id=?)", postgres: "delivery_due" },
        Hot {
            sql: webhook::backlog_sql(backend),
            values: vec![id(), 100.into()],
            sqlite: "INDEX delivery_in_order (webhook_id=?)",
            postgres: "delivery_",
        },
        replays(backend),
    ]
}

/// The first page of a webhook's replays.
fn replays(backend: DbBackend) -> Hot {
    let one = Uuid::from_u128(1);
    let page = replay::page_statement(backend, TenantId::new(one), WebhookId::new(one));
    let values = page.values.map(|values| values.0).unwrap_or_default();
    Hot {
        sql: page.sql,
        values,
        sqlite: "SEARCH replay USING INDEX replay_by_webhook (tenant_id=? AND webhook_id=?)",
        postgres: "replay_by_webhook",
    }
}

async fn fill(db: &Database) {
    let numbers = format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})");
    let sqlite = db.backend() == DbBackend::Sqlite;
    let id = |n: &str| {
        if sqlite { format!("CAST(printf('%016d', {n}) AS BLOB)") } else { format!("CAST(lpad(CAST({n} AS text), 32, '0') AS uuid)") }
    };
    let one = id("1");
    let deliveries = format!(
        "INSERT INTO delivery (webhook_id, position, tenant_id, id, event_id, kind, status, next_trigger, due_at, at, attempts) {numbers} \
         SELECT {one}, n, {one}, {}, {one}, 'ticket.created', CASE WHEN n % 100 = 0 THEN 'failed' WHEN n % 100 = 1 THEN 'pending' ELSE 'delivered' END, \
         'auto', n, n, 1 FROM numbers",
        id("n")
    );
    let attempts = format!(
        "INSERT INTO attempt (webhook_id, position, number, trigger_kind, started_at, total_ms) {numbers} SELECT {one}, n, 1, 'auto', n, 9 FROM numbers"
    );
    let replays = format!(
        "INSERT INTO replay (id, tenant_id, webhook_id, only_kind, next_position, last_position, first_position, status, created_at) {numbers} \
         SELECT {}, {one}, CASE WHEN n % 100 = 0 THEN {one} ELSE {} END, 'all', 1, 1, 1, 'done', n FROM numbers",
        id("n"),
        id("n")
    );
    for sql in [deliveries.as_str(), &attempts, &replays] {
        let statement = Statement::from_string(db.backend(), sql);
        db.write(async |write| write.execute_raw(statement).await.map_err(switchboard::store::unavailable)).await.unwrap();
    }
    if !sqlite {
        db.read().execute_unprepared("ANALYZE").await.unwrap();
    }
}

async fn plans(db: &Database, explain: &str, column: &str, wanted: impl Fn(&Hot) -> &'static str, never: &[&str]) {
    fill(db).await;
    for hot in hot(db.backend()) {
        let statement = Statement::from_sql_and_values(db.backend(), format!("{explain} {}", hot.sql), hot.values.clone());
        let rows = db.read().query_all_raw(statement).await.unwrap_or_else(|error| panic!("{}: {error}", hot.sql));
        let plan = rows.iter().map(|row| row.try_get("", column).unwrap()).collect::<Vec<String>>().join("\n");
        assert!(plan.contains(wanted(&hot)), "{}\nis served by\n{plan}", hot.sql);
        assert!(!never.iter().any(|bad| plan.contains(bad)), "{}\nis served by\n{plan}", hot.sql);
    }
}

#[tokio::test]
async fn deliveries_are_found_by_an_index_on_sqlite() {
    let fresh = databases::sqlite().await;
    plans(
        &fresh.db,
        "EXPLAIN QUERY PLAN",
        "detail",
        |hot| hot.sqlite,
        &["SCAN delivery", "SCAN attempt", "SCAN a", "SCAN d", "SCAN replay"],
    )
    .await;
}

#[tokio::test]
async fn deliveries_are_found_by_an_index_on_postgres() {
    let fresh = databases::postgres().await;
    plans(&fresh.db, "EXPLAIN", "QUERY PLAN", |hot| hot.postgres, &["Seq Scan"]).await;
}
