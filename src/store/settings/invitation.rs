//! Making, revoking and accepting invitations.
//!
//! Guarantees: an invitation makes one member at most, also when it is accepted twice at once; it makes none once it is revoked or has ended; the
//! plan's number of members is kept; every step leaves its line in the log, in the same transaction.

use actors::port::StoreError;
use entities::{InvitationId, Role, TenantId, Timestamp, table::member};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, Statement, Value};
use serde_json::json;

use super::{
    agent::{enabled, lock_tenant},
    audit::{self, Deed, Doer},
    tenant::{NewMember, insert_member},
};
use crate::store::{Database, unavailable};

/// For how long one that has ended is still shown, in milliseconds: 90 days.
const SHOWN_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// An invitation to make.
#[derive(Debug)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// What they are called, if that is known.
    pub name: Option<String>,
    /// What they will be.
    pub role: Role,
    /// SHA-256 of its token.
    pub hash: [u8; 32],
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// Why the rules refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A member has this e-mail address.
    EmailTaken,
    /// Somebody with this address is invited already.
    Invited,
    /// The plan allows no more members.
    Quota,
    /// Too many wait for an answer.
    TooMany,
    /// It was accepted or revoked meanwhile, or has ended.
    Over,
}

/// Makes an invitation, and forgets those that ended long ago; at most `open_max` may be open then.
pub async fn create(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    new: NewInvitation,
    (members_max, open_max): (u64, u64),
) -> Result<Result<(), Refused>, StoreError> {
    const FORGET: &str = "DELETE FROM invitation WHERE tenant_id = $1 AND expires_at < $2";
    const COUNT: &str = "SELECT COUNT(*) AS open, COUNT(CASE WHEN email = $3 THEN 1 END) AS alike FROM invitation \
        WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2";
    const ADD: &str = "INSERT INTO invitation (id, tenant_id, email, name, role, hash, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (tenant, now) = (tenant_id.uuid(), doer.at);
    db.write(async |transaction| {
        lock_tenant(transaction, tenant_id).await?;
        execute(transaction, FORGET, [Value::from(tenant), now.plus_ms(-SHOWN_MS).micros().into()]).await?;
        if let Err(refused) = place(transaction, tenant_id, &new.email, members_max).await? {
            return Ok(Err(refused));
        }
        let count = statement(transaction, COUNT, [Value::from(tenant), now.micros().into(), new.email.as_str().into()]);
        let row = transaction.query_one_raw(count).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
        let number = |column| row.try_get::<i64>("", column).map(i64::cast_unsigned).map_err(unavailable);
        if number("alike")? > 0 {
            return Ok(Err(Refused::Invited));
        }
        if number("open")? >= open_max {
            return Ok(Err(Refused::TooMany));
        }
        let values: [Value; 8] = [
            new.id.uuid().into(),
            tenant.into(),
            new.email.into(),
            new.name.into(),
            new.role.as_str().into(),
            new.hash.to_vec().into(),
            now.micros().into(),
            new.expires_at.micros().into(),
        ];
        execute(transaction, ADD, values).await?;
        audit::record(transaction, tenant_id, doer, deed("invitation.created", new.id, json!({"role": new.role}))).await.map(Ok)
    })
    .await
}

/// Takes an invitation back, if it is open.
pub async fn revoke(db: &Database, tenant_id: TenantId, doer: &Doer, id: InvitationId) -> Result<Result<(), Refused>, StoreError> {
    const REVOKE: &str = "UPDATE invitation SET revoked_at = $3 WHERE id = $1 AND (tenant_id = $2) IS TRUE \
        AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3";
    db.write(async |transaction| {
        let values: [Value; 3] = [id.uuid().into(), tenant_id.uuid().into(), doer.at.micros().into()];
        if execute(transaction, REVOKE, values).await? == 0 {
            return Ok(Err(Refused::Over));
        }
        audit::record(transaction, tenant_id, doer, deed("invitation.revoked", id, json!({}))).await.map(Ok)
    })
    .await
}

/// Makes the member that was invited, if the invitation is open. The doer is that member.
pub async fn accept(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: InvitationId,
    new: &NewMember,
    members_max: u64,
) -> Result<Result<(), Refused>, StoreError> {
    const USE: &str = "UPDATE invitation SET accepted_at = $3, member_id = $4 WHERE id = $1 AND (tenant_id = $2) IS TRUE \
        AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3";
    db.write(async |transaction| {
        lock_tenant(transaction, tenant_id).await?;
        if let Err(refused) = place(transaction, tenant_id, &new.email, members_max).await? {
            return Ok(Err(refused));
        }
        let values: [Value; 4] = [id.uuid().into(), tenant_id.uuid().into(), doer.at.micros().into(), new.id.uuid().into()];
        if execute(transaction, USE, values).await? == 0 {
            return Ok(Err(Refused::Over));
        }
        insert_member(transaction, tenant_id, new, doer.at).await?;
        let detail = json!({"agent_id": new.id, "role": new.role});
        audit::record(transaction, tenant_id, doer, deed("invitation.accepted", id, detail)).await.map(Ok)
    })
    .await
}

/// Whether the tenant takes another member, and this one.
async fn place(
    transaction: &DatabaseTransaction,
    tenant_id: TenantId,
    email: &str,
    members_max: u64,
) -> Result<Result<(), Refused>, StoreError> {
    let same = member::Entity::find().filter(member::Column::TenantId.eq(tenant_id.uuid())).filter(member::Column::Email.eq(email));
    if same.count(transaction).await.map_err(unavailable)? > 0 {
        return Ok(Err(Refused::EmailTaken));
    }
    Ok(if enabled(transaction, tenant_id).await? >= members_max { Err(Refused::Quota) } else { Ok(()) })
}

fn statement(transaction: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(transaction.get_database_backend(), sql, values)
}

async fn execute(transaction: &DatabaseTransaction, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    Ok(transaction.execute_raw(statement(transaction, sql, values)).await.map_err(unavailable)?.rows_affected())
}

fn deed(action: &'static str, id: InvitationId, detail: serde_json::Value) -> Deed {
    Deed { action, target_kind: "invitation", target_id: id.uuid(), detail }
}
