//! The SQL journal: the suite of promises on both databases, and what only a database can do to it.

use std::sync::Arc;

use actors::{
    port::{Clock, Promise},
    testing::{
        ManualClock, RecordingBus,
        conformance::{self, Bench, Waiting},
    },
};
use entities::{ChannelId, ConversationId, TenantId};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use switchboard::store::{self, SqlJournal, timers::SqlTimers};

use crate::support::databases::{self, Fresh};

/// A bench on a fresh database.
pub async fn bench(fresh: &Fresh) -> Bench {
    let bus = Arc::new(RecordingBus::default());
    let journal = Arc::new(SqlJournal::open(fresh.db.clone(), bus.clone()).await.expect("open the journal"));
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
    let (db, now) = (fresh.db.clone(), clock.now());
    let add_tenant = Box::new(move |id: TenantId| -> Promise<'static, ()> {
        let db = db.clone();
        Box::pin(async move {
            let sql = "INSERT INTO tenant (id, name, created_at, updated_at) VALUES ($1, 'Acme', $2, $2)";
            let insert = Statement::from_sql_and_values(db.backend(), sql, [Value::from(id.uuid()), Value::from(now.utc())]);
            let write = db.write(async |tx| tx.execute_raw(insert).await.map_err(store::unavailable));
            write.await.expect("add a tenant");
        })
    });
    let db = fresh.db.clone();
    let dispatches = Box::new(move |tenant_id: TenantId, channel_id: ChannelId| -> Promise<'static, Vec<Waiting>> {
        let db = db.clone();
        Box::pin(async move {
            let sql = "SELECT position, seq, action FROM dispatch WHERE tenant_id = $1 AND channel_id = $2 ORDER BY position";
            let values = [Value::from(tenant_id.uuid()), Value::from(channel_id.uuid())];
            let rows = db.read().query_all_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await.expect("read dispatches");
            rows.iter().map(waiting).collect()
        })
    });
    let db = fresh.db.clone();
    let place_of = Box::new(move |tenant_id, channel_id, id: String| -> Promise<'static, Option<(ConversationId, u64)>> {
        let db = db.clone();
        Box::pin(async move { store::read::provider::find_place(&db, tenant_id, channel_id, &id).await.expect("find a place") })
    });
    let timers = Arc::new(SqlTimers::new(fresh.db.clone()));
    Bench { journal, bus, clock, add_tenant, dispatches, place_of, timers }
}

fn waiting(row: &QueryResult) -> Waiting {
    let (position, seq): (i64, i64) = (row.try_get("", "position").expect("a position"), row.try_get("", "seq").expect("a seq"));
    let action: Option<String> = row.try_get("", "action").expect("an action");
    (position, seq.cast_unsigned(), action.map(|action| serde_json::from_str(&action).expect("JSON")))
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
