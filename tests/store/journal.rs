//! The SQL journal: the suite of promises on both databases, and what only a database can do to it.

use std::sync::Arc;

use actors::{
    port::{Clock, Promise},
    testing::{
        ManualClock, RecordingBus,
        conformance::{self, Bench},
    },
};
use sea_orm::{ConnectionTrait, Statement, Value};
use switchboard::store::{self, SqlJournal};

use crate::support::databases::{self, Fresh};

/// A bench on a fresh database.
pub async fn bench(fresh: &Fresh) -> Bench {
    let bus = Arc::new(RecordingBus::default());
    let journal = Arc::new(SqlJournal::open(fresh.db.clone(), bus.clone()).await.expect("open the journal"));
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
    let (db, now) = (fresh.db.clone(), clock.now());
    let add_tenant = Box::new(move |id: entities::TenantId| -> Promise<'static, ()> {
        let db = db.clone();
        Box::pin(async move {
            let sql = "INSERT INTO tenant (id, name, created_at, updated_at) VALUES ($1, 'Acme', $2, $2)";
            let insert = Statement::from_sql_and_values(db.backend(), sql, [Value::from(id.uuid()), Value::from(now.utc())]);
            let write = db.write(async |tx| tx.execute_raw(insert).await.map_err(store::unavailable));
            write.await.expect("add a tenant");
        })
    });
    Bench { journal, bus, clock, add_tenant }
}

#[tokio::test]
async fn sqlite_keeps_every_promise() {
    let fresh = databases::sqlite().await;
    conformance::all(&bench(&fresh).await).await;
}

#[tokio::test]
async fn postgres_keeps_every_promise() {
    let fresh = databases::postgres().await;
    conformance::all(&bench(&fresh).await).await;
}
