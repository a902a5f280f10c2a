//! What is asked of routing is served by an index, however many conversations there are: both databases say so.

use actors::port::Selection;
use entities::{AgentId, ConversationId, TeamId, TenantId};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use switchboard::store::{
    Database,
    routing::{held_sql, loads_sql, waiting_sql},
};
use uuid::Uuid;

use crate::support::databases;

/// Rows in the table, so that a planner that counts does not take it for empty.
const ROWS: i64 = 20_000;

/// Conversations of four tenants and ten agents: one in fifty waits, one in ten is somebody's, all others are resolved.
async fn fill(db: &Database) {
    let numbers = format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})");
    let sqlite = db.backend() == DbBackend::Sqlite;
    let id = |n: &str| {
        if sqlite { format!("CAST(printf('%016d', {n}) AS BLOB)") } else { format!("CAST(lpad(CAST({n} AS text), 32, '0') AS uuid)") }
    };
    let at = if sqlite { "'2026-03-26T14:30:00+00:00'" } else { "timestamptz '2026-03-26T14:30:00Z' + n * interval '1 second'" };
    let sql = format!(
        "INSERT INTO conversation (id, tenant_id, channel_id, contact_id, status, priority, assignee_id, labels, seq, inbound_count, \
         inbound_seen, contact_read_seq, agent_read_seq, last_message_seq, created_at, updated_at, opened_at) {numbers} \
         SELECT {}, {}, {}, {}, CASE WHEN n % 10 = 0 THEN 'open' ELSE 'resolved' END, 'none', CASE WHEN n % 50 = 0 THEN NULL ELSE {} END, \
         '[]', 1, 1, 0, 0, 0, 1, {at}, {at}, {at} FROM numbers",
        id("n"),
        id("n % 4"),
        id("1"),
        id("n"),
        id("n % 10"),
    );
    let statement = Statement::from_string(db.backend(), sql);
    db.write(async |write| write.execute_raw(statement).await.map_err(switchboard::store::unavailable)).await.unwrap();
    if !sqlite {
        db.read().execute_unprepared("ANALYZE").await.unwrap();
    }
}

async fn plans(db: &Database, explain: &str, column: &str, bad: &str) {
    fill(db).await;
    let tenant_id = TenantId::new(Uuid::from_u128(2));
    let selection = Selection {
        teams: vec![TeamId::new(Uuid::from_u128(3)), TeamId::new(Uuid::from_u128(4))],
        without: vec![ConversationId::new(Uuid::from_u128(5))],
        limit: 128,
    };
    let by = [AgentId::new(Uuid::from_u128(6)), AgentId::new(Uuid::from_u128(7))];
    let asked: [((String, Vec<Value>), &str); 4] = [
        (waiting_sql(db.backend(), tenant_id, &selection), "conversation_waiting"),
        (waiting_sql(db.backend(), tenant_id, &Selection { limit: 128, ..Selection::default() }), "conversation_waiting"),
        (held_sql(db.backend(), tenant_id, &by, true, &selection), "conversation_held"),
        ((loads_sql(db.backend()), vec![tenant_id.uuid().into()]), "conversation_held"),
    ];
    for ((sql, values), index) in asked {
        let statement = Statement::from_sql_and_values(db.backend(), format!("{explain} {sql}"), values);
        let rows = db.read().query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let plan = rows.iter().map(|row| row.try_get("", column).unwrap()).collect::<Vec<String>>().join("\n");
        assert!(plan.contains(index) && !plan.contains(bad), "{sql}\nis served by\n{plan}");
    }
}

#[tokio::test]
async fn what_waits_is_found_by_an_index_on_sqlite() {
    plans(&databases::sqlite().await.db, "EXPLAIN QUERY PLAN", "detail", "SCAN c\n").await;
}

#[tokio::test]
async fn what_waits_is_found_by_an_index_on_postgres() {
    plans(&databases::postgres().await.db, "EXPLAIN", "QUERY PLAN", "Seq Scan").await;
}
