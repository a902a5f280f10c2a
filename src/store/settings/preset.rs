//! Making, changing and removing what is prepared for the inbox.
//!
//! Guarantees: a handle is there once in its scope, and a scope never holds more of a kind than its bound, also when two come at once; what
//! concerns everybody leaves its line in the log, in the same transaction. An agent's own leaves none.

use actors::port::StoreError;
use entities::{AgentId, PresetId, TenantId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};
use serde_json::json;

use super::{
    agent::lock_tenant,
    audit::{self, Deed, Doer},
};
use crate::store::{
    Database,
    read::preset::{Stored, scope},
    unavailable,
};

/// A kind of things that are prepared. All that the store knows of it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its word, in the table and in the log.
    pub name: &'static str,
    /// What the log says of one that was made, changed, removed.
    pub deeds: [&'static str; 3],
    /// Most of them that are everybody's, and most that one agent has.
    pub max: u64,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its id.
    pub id: PresetId,
    /// Whose it is to be; `None`: everybody's.
    pub owner_id: Option<AgentId>,
    /// What there is once in its scope.
    pub handle: String,
    /// What the kind has of its own, as JSON.
    pub body: String,
}

/// Why the rules refused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The scope has one with this handle.
    Taken,
    /// The scope is full.
    TooMany,
}

/// Makes one.
pub async fn create(db: &Database, tenant_id: TenantId, doer: &Doer, kind: Kind, new: &Draft) -> Result<Result<(), Refused>, StoreError> {
    const ADD: &str = "INSERT INTO preset (id, tenant_id, kind, scope_id, handle, body, version, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)";
    db.write(async |transaction| {
        if let Err(refused) = room(transaction, tenant_id, kind, new, true).await? {
            return Ok(Err(refused));
        }
        let values: [Value; 7] = [
            new.id.uuid().into(),
            tenant_id.uuid().into(),
            kind.name.into(),
            scope(tenant_id, new.owner_id).into(),
            new.handle.as_str().into(),
            new.body.as_str().into(),
            doer.at.micros().into(),
        ];
        execute(transaction, ADD, values).await?;
        if new.owner_id.is_none() {
            let [created, ..] = kind.deeds;
            audit::record(transaction, tenant_id, doer, deed(kind, created, new.id, json!({"name": new.handle}))).await?;
        }
        Ok(Ok(()))
    })
    .await
}

/// Writes one anew, if it still has the version that it was read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    kind: Kind,
    before: &Stored,
    after: &Draft,
    changed: &[String],
) -> Result<Result<(), Refused>, StoreError> {
    const WRITE: &str = "UPDATE preset SET scope_id = $4, handle = $5, body = $6, version = version + 1, updated_at = $7 \
        WHERE id = $1 AND (tenant_id = $2) IS TRUE AND version = $3";
    db.write(async |transaction| {
        let moves = before.owner_id != after.owner_id;
        if let Err(refused) = room(transaction, tenant_id, kind, after, moves).await? {
            return Ok(Err(refused));
        }
        let values: [Value; 7] = [
            after.id.uuid().into(),
            tenant_id.uuid().into(),
            before.version.cast_signed().into(),
            scope(tenant_id, after.owner_id).into(),
            after.handle.as_str().into(),
            after.body.as_str().into(),
            doer.at.micros().into(),
        ];
        if execute(transaction, WRITE, values).await? == 0 {
            return Err(super::stale());
        }
        if before.owner_id.is_none() || after.owner_id.is_none() {
            let [_, updated, _] = kind.deeds;
            let detail = json!({"name": after.handle, "changed": changed});
            audit::record(transaction, tenant_id, doer, deed(kind, updated, after.id, detail)).await?;
        }
        Ok(Ok(()))
    })
    .await
}

/// Removes one, if it still has the version that it was read with.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another or it is gone.
pub async fn delete(db: &Database, tenant_id: TenantId, doer: &Doer, kind: Kind, row: &Stored, handle: &str) -> Result<(), StoreError> {
    const REMOVE: &str = "DELETE FROM preset WHERE id = $1 AND (tenant_id = $2) IS TRUE AND version = $3";
    db.write(async |transaction| {
        let values: [Value; 3] = [row.id.uuid().into(), tenant_id.uuid().into(), row.version.cast_signed().into()];
        if execute(transaction, REMOVE, values).await? == 0 {
            return Err(super::stale());
        }
        if row.owner_id.is_none() {
            let [.., deleted] = kind.deeds;
            audit::record(transaction, tenant_id, doer, deed(kind, deleted, row.id, json!({"name": handle}))).await?;
        }
        Ok(())
    })
    .await
}

/// Whether the scope takes this one: no other has its handle and, if it `comes` to the scope, there is a place left.
async fn room(
    transaction: &DatabaseTransaction,
    tenant_id: TenantId,
    kind: Kind,
    draft: &Draft,
    comes: bool,
) -> Result<Result<(), Refused>, StoreError> {
    const COUNT: &str = "SELECT COUNT(*) AS have, COUNT(CASE WHEN handle = $4 AND id <> $5 THEN 1 END) AS alike FROM preset \
        WHERE tenant_id = $1 AND kind = $2 AND scope_id = $3";
    lock_tenant(transaction, tenant_id).await?;
    let values: [Value; 5] = [
        tenant_id.uuid().into(),
        kind.name.into(),
        scope(tenant_id, draft.owner_id).into(),
        draft.handle.as_str().into(),
        draft.id.uuid().into(),
    ];
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), COUNT, values);
    let row = transaction.query_one_raw(statement).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
    let number = |column| row.try_get::<i64>("", column).map_err(unavailable);
    if number("alike")? > 0 {
        return Ok(Err(Refused::Taken));
    }
    Ok(if comes && number("have")?.cast_unsigned() >= kind.max { Err(Refused::TooMany) } else { Ok(()) })
}

async fn execute(transaction: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())
}

fn deed(kind: Kind, action: &'static str, id: PresetId, detail: serde_json::Value) -> Deed {
    Deed { action, target_kind: kind.name, target_id: id.uuid(), detail }
}
