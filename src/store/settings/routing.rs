//! Changing the rules by which a tenant's waiting conversations find an agent.

use actors::port::StoreError;
use entities::TenantId;
use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::json;

use super::audit::{self, Deed, Doer};
use crate::store::{Database, read::routing::Routing, unavailable};

/// Writes the rules, if they still have the version that they were read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(db: &Database, tenant_id: TenantId, doer: &Doer, routing: &Routing, changed: &[&str]) -> Result<(), StoreError> {
    // The first change makes the row; of two who make it at once, one has changed what the other read.
    const MAKE: &str = "INSERT INTO routing (tenant_id, mode, when_away, away_after_ms, capacity, version, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6 + 1, $7) ON CONFLICT DO NOTHING";
    const CHANGE: &str = "UPDATE routing SET mode = $2, when_away = $3, away_after_ms = $4, capacity = $5, version = $6 + 1, updated_at = $7 \
        WHERE tenant_id = $1 AND version = $6";
    let is_first = routing.version == Routing::default().version;
    let values: [Value; 7] = [
        tenant_id.uuid().into(),
        routing.rules.mode.as_str().into(),
        routing.rules.when_away.as_str().into(),
        i64::from(routing.rules.away_after_ms).into(),
        i64::from(routing.capacity).into(),
        routing.version.cast_signed().into(),
        doer.at.micros().into(),
    ];
    let statement = Statement::from_sql_and_values(db.backend(), if is_first { MAKE } else { CHANGE }, values);
    let detail = json!({"changed": changed, "mode": routing.rules.mode});
    db.write(async |transaction| {
        if transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected() == 0 {
            return Err(super::stale());
        }
        let deed = Deed { action: "routing.updated", target_kind: "routing", target_id: tenant_id.uuid(), detail };
        audit::record(transaction, tenant_id, doer, deed).await
    })
    .await
}
