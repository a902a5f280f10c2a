//! What is asked of dispatches is served by an index, however many wait: both databases say so.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use switchboard::store::{
    Database,
    dispatches::{due_sql, neglected_sql, next_sql},
};
use uuid::Uuid;

use crate::support::databases;

/// Rows in the table, so that a planner that counts does not take it for empty.
const ROWS: i64 = 20_000;

/// Dispatches of a hundred channels, of four thousand conversations, all due but one in a hundred.
async fn fill(db: &Database) {
    let numbers = format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})");
    let sqlite = db.backend() == DbBackend::Sqlite;
    let id = |n: &str| {
        if sqlite { format!("CAST(printf('%016d', {n}) AS BLOB)") } else { format!("CAST(lpad(CAST({n} AS text), 32, '0') AS uuid)") }
    };
    let sql = format!(
        "INSERT INTO dispatch (channel_id, position, tenant_id, conversation_id, seq, tries, due_at, wished_at) {numbers} \
         SELECT {}, n, {}, {}, n, 0, CASE WHEN n % 100 = 0 THEN n + 1000000 ELSE n END, n FROM numbers",
        id("n % 100"),
        id("1"),
        id("n % 4000"),
    );
    let statement = Statement::from_string(db.backend(), sql);
    db.write(async |write| write.execute_raw(statement).await.map_err(switchboard::store::unavailable)).await.unwrap();
    if !sqlite {
        db.read().execute_unprepared("ANALYZE").await.unwrap();
    }
}

async fn plans(db: &Database, explain: &str, column: &str, bad: &str) {
    fill(db).await;
    let id = || Value::from(Uuid::from_u128(1));
    let asked: [(String, Vec<Value>); 3] = [
        (due_sql(), vec![id(), 500_000_i64.into(), 65_i64.into()]),
        (next_sql(), vec![id(), 500_000_i64.into()]),
        (neglected_sql(db.backend()), vec![500_000_i64.into(), 10_i64.into(), 1_000_i64.into()]),
    ];
    for (sql, values) in asked {
        let statement = Statement::from_sql_and_values(db.backend(), format!("{explain} {sql}"), values);
        let rows = db.read().query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let plan = rows.iter().map(|row| row.try_get("", column).unwrap()).collect::<Vec<String>>().join("\n");
        assert!(!plan.contains(bad), "{sql}\nis served by\n{plan}");
    }
}

#[tokio::test]
async fn dispatches_are_found_by_an_index_on_sqlite() {
    plans(&databases::sqlite().await.db, "EXPLAIN QUERY PLAN", "detail", "SCAN d\n").await;
}

#[tokio::test]
async fn dispatches_are_found_by_an_index_on_postgres() {
    plans(&databases::postgres().await.db, "EXPLAIN", "QUERY PLAN", "Seq Scan on dispatch").await;
}
