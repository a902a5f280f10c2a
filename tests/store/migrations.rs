//! The schema: from nothing, from every earlier version, and not from a later one.

use actors::port::StoreError;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use switchboard::store::{self, Database};

use crate::support::databases::{self, Fresh};

#[tokio::test]
async fn sqlite_migrates_forward_from_every_earlier_version() {
    for steps in 0..=Migrator::migrations().len() {
        forward_from(databases::sqlite_empty().await, steps).await;
    }
}

#[tokio::test]
async fn postgres_migrates_forward_from_every_earlier_version() {
    for steps in 0..=Migrator::migrations().len() {
        forward_from(databases::postgres_empty().await, steps).await;
    }
}

#[tokio::test]
async fn sqlite_of_a_newer_version_is_refused() {
    newer_is_refused(databases::sqlite().await).await;
}

#[tokio::test]
async fn postgres_of_a_newer_version_is_refused() {
    newer_is_refused(databases::postgres().await).await;
}

#[tokio::test]
async fn two_processes_may_migrate_one_postgres_at_once() {
    let fresh = databases::postgres_empty().await;
    let other = Database::open(&fresh.url, store::OpenOptions::default()).await.expect("open");
    let (one, two) = tokio::join!(store::migrate(&fresh.db), store::migrate(&other));
    one.expect("the first migrates");
    two.expect("the second finds it done");
}

/// Every table that this binary's schema has; the shape must not depend on where the way began.
async fn forward_from(fresh: Fresh, steps: usize) {
    let already = u32::try_from(steps).expect("few steps");
    fresh
        .db
        .exclusively(async |writer| Migrator::up(writer, Some(already)).await.map_err(store::unavailable))
        .await
        .expect("go part of the way");
    assert_eq!(store::pending(&fresh.db).await.expect("ask what is pending").len(), Migrator::migrations().len() - steps);
    store::migrate(&fresh.db).await.expect("go the rest");
    store::migrate(&fresh.db).await.expect("do nothing the second time");
    assert!(store::pending(&fresh.db).await.expect("ask again").is_empty());
    for table in ["meta", "tenant", "channel", "contact", "conversation", "ticket", "message", "event", "attachment", "idempotency_key"] {
        let count = Statement::from_string(fresh.db.backend(), format!("SELECT count(*) AS n FROM {table}"));
        let row = fresh.db.read().query_one_raw(count).await.expect(table).expect("one row");
        assert_eq!(row.try_get::<i64>("", "n").expect("a number"), i64::from(table == "meta"), "{table}");
    }
    // Kept until here, so that the file outlives its connections.
    drop(fresh.folder);
}

async fn newer_is_refused(fresh: Fresh) {
    let at = if fresh.db.backend() == DbBackend::Postgres { "9" } else { "'9'" };
    let insert = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_flight', {at})");
    fresh.db.write(async |tx| tx.execute_unprepared(&insert).await.map_err(store::unavailable)).await.expect("pretend");
    let refused = store::migrate(&fresh.db).await.expect_err("a newer database is refused");
    let StoreError::Unavailable(text) = refused else { panic!("{refused:?}") };
    assert_eq!(
        &*text,
        "the database was migrated by a newer Switchboard (step m20991231_000001_flight is unknown here): use that version or a later one"
    );
}
