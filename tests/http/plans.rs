//! Every list has an index that serves its order: no plan reads the whole table or sorts it.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use crate::support::databases;

/// The shapes of the lists' queries: their conditions and orders, as the store writes them.
const LISTS: &[(&str, &str)] = &[
    (
        "conversations by change",
        "SELECT id FROM conversation WHERE tenant_id = $1 AND (updated_at, id) < ($2, $1) ORDER BY updated_at DESC, id DESC LIMIT 26",
    ),
    (
        "conversations of a status",
        "SELECT id FROM conversation WHERE tenant_id = $1 AND status = 'open' ORDER BY updated_at DESC, id DESC LIMIT 26",
    ),
    (
        "conversations of an agent",
        "SELECT id FROM conversation WHERE tenant_id = $1 AND assignee_id = $1 ORDER BY updated_at DESC, id DESC LIMIT 26",
    ),
    (
        "conversations of a priority",
        "SELECT id FROM conversation WHERE tenant_id = $1 AND priority = 'high' AND (created_at, id) > ($2, $1) ORDER BY created_at ASC, id ASC LIMIT 26",
    ),
    ("messages", "SELECT * FROM message WHERE conversation_id = $1 AND tenant_id = $1 AND seq < 9 ORDER BY seq DESC LIMIT 26"),
    ("contacts", "SELECT id FROM contact WHERE tenant_id = $1 AND (created_at, id) < ($2, $1) ORDER BY created_at DESC, id DESC LIMIT 26"),
    ("channels", "SELECT id FROM channel WHERE tenant_id = $1 AND (created_at, id) > ($2, $1) ORDER BY created_at ASC, id ASC LIMIT 26"),
    ("agents", "SELECT id FROM member WHERE tenant_id = $1 AND (created_at, id) > ($2, $1) ORDER BY created_at ASC, id ASC LIMIT 26"),
    ("tokens", "SELECT id FROM token WHERE tenant_id = $1 AND (created_at, id) < ($2, $1) ORDER BY created_at DESC, id DESC LIMIT 26"),
    (
        "service accounts",
        "SELECT id FROM service_account WHERE tenant_id = $1 AND (created_at, id) < ($2, $1) ORDER BY created_at DESC, id DESC LIMIT 26",
    ),
    ("webhooks", "SELECT id FROM webhook WHERE tenant_id = $1 AND (created_at, id) > (9, $1) ORDER BY created_at ASC, id ASC LIMIT 26"),
    ("audit log", "SELECT id FROM audit_entry WHERE tenant_id = $1 AND (at, id) < ($2, $1) ORDER BY at DESC, id DESC LIMIT 26"),
    ("conversations of a contact", "SELECT id FROM conversation WHERE tenant_id = $1 AND contact_id = $1 LIMIT 100"),
];

#[actix_web::test]
async fn every_list_has_an_index_on_sqlite() {
    let fresh = databases::sqlite().await;
    for (name, sql) in LISTS {
        let values = [Uuid::nil().into(), chrono::DateTime::UNIX_EPOCH.into()];
        let explain = Statement::from_sql_and_values(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"), values);
        let rows = fresh.db.read().query_all_raw(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        let plan = plan.join("; ");
        assert!(plan.contains("SEARCH") && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{name}: {plan}");
    }
}

#[actix_web::test]
async fn every_list_has_an_index_on_postgres() {
    let fresh = databases::postgres().await;
    fresh
        .db
        .write(async |transaction| {
            // The tables are empty, so the planner is told to think of them as large.
            transaction
                .execute_unprepared("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
                .await
                .unwrap();
            for (name, sql) in LISTS {
                let values = [Uuid::nil().into(), chrono::DateTime::UNIX_EPOCH.into()];
                // A parameter that a query does not use has no type of its own.
                let sql =
                    if sql.contains("$2") { (*sql).to_owned() } else { sql.replacen("WHERE", "WHERE $2::timestamptz IS NOT NULL AND", 1) };
                let explain = Statement::from_sql_and_values(DbBackend::Postgres, format!("EXPLAIN {sql}"), values);
                let rows = transaction.query_all_raw(explain).await.unwrap();
                let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "QUERY PLAN").unwrap()).collect();
                let plan = plan.join("; ");
                assert!(plan.contains("Index") && !plan.contains("Seq Scan") && !plan.contains("Sort"), "{name}: {plan}");
            }
            Ok(())
        })
        .await
        .unwrap();
}
