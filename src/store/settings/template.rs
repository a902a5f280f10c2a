//! Message templates: kept as a provider lists them, and when each account's are to be listed again.
//!
//! Guarantees: a list replaces the whole of the one before, in one transaction; of several nodes one lists an account's at a time, by moving the
//! due instant ahead.

use actors::port::StoreError;
use entities::{CredentialId, Provider, TenantId, Timestamp, template::Template};
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::store::{Database, journal::read::rows, unavailable};

/// Most accounts that are taken up at a time.
const TAKEN_MAX: i64 = 4;
/// Most accounts that [`adopt`] notes at a time.
const ADOPTED_MAX: i64 = 1_000;

/// An account whose templates are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub credential_id: CredentialId,
}

/// Keeps what an account lists now in place of what it listed before; it is listed again at `due_at`, or earlier if that was wished for since it
/// was taken up until `lease`.
pub async fn replace(
    db: &Database,
    of: Holder,
    templates: &[Template],
    now: Timestamp,
    (lease, due_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    const DROP: &str = "DELETE FROM message_template WHERE tenant_id = $1 AND credential_id = $2";
    // The same name and language twice: the last one counts.
    const ADD: &str = "INSERT INTO message_template (tenant_id, credential_id, name, language, status, template) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (tenant_id, credential_id, name, language) DO UPDATE SET status = excluded.status, template = excluded.template";
    const NOTE: &str = "INSERT INTO template_sync (credential_id, tenant_id, due_at, synced_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (credential_id) DO UPDATE SET synced_at = excluded.synced_at, error = NULL, \
        due_at = CASE WHEN template_sync.due_at < $5 THEN template_sync.due_at ELSE excluded.due_at END";
    let statement = |sql: &str, values: Vec<Value>| Statement::from_sql_and_values(db.backend(), sql, values);
    let (tenant, credential) = (of.tenant_id.uuid(), of.credential_id.uuid());
    let mut statements = vec![statement(DROP, vec![tenant.into(), credential.into()])];
    for template in templates {
        let json = serde_json::to_string(template).map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        let (name, language) = (template.name.as_str(), template.language.as_str());
        let values = vec![tenant.into(), credential.into(), name.into(), language.into(), template.status.as_str().into(), json.into()];
        statements.push(statement(ADD, values));
    }
    let note = vec![credential.into(), tenant.into(), due_at.micros().into(), now.micros().into(), lease.micros().into()];
    statements.push(statement(NOTE, note));
    db.write(async |transaction| {
        for statement in statements {
            transaction.execute_raw(statement).await.map_err(unavailable)?;
        }
        Ok(())
    })
    .await
}

/// Notes that an account could not be listed, and why; what was listed before stays. As to `lease` and `due_at` like [`replace`].
pub async fn fail(db: &Database, of: Holder, why: &str, (lease, due_at): (Timestamp, Timestamp)) -> Result<(), StoreError> {
    const NOTE: &str = "INSERT INTO template_sync (credential_id, tenant_id, due_at, error) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (credential_id) DO UPDATE SET error = excluded.error, \
        due_at = CASE WHEN template_sync.due_at < $5 THEN template_sync.due_at ELSE excluded.due_at END";
    let (credential, tenant) = (of.credential_id.uuid(), of.tenant_id.uuid());
    let values: [Value; 5] = [credential.into(), tenant.into(), due_at.micros().into(), why.into(), lease.micros().into()];
    execute(db, NOTE, values).await.map(|_rows| ())
}

/// Takes up an account, whether it is due or not: until `lease` nobody else does.
pub async fn hold(db: &Database, of: Holder, lease: Timestamp) -> Result<(), StoreError> {
    const HOLD: &str = "INSERT INTO template_sync (credential_id, tenant_id, due_at) VALUES ($1, $2, $3) \
        ON CONFLICT (credential_id) DO UPDATE SET due_at = excluded.due_at";
    let values: [Value; 3] = [of.credential_id.uuid().into(), of.tenant_id.uuid().into(), lease.micros().into()];
    execute(db, HOLD, values).await.map(|_rows| ())
}

/// Has an account listed at `due_at`, unless it is to be earlier.
pub async fn wish(db: &Database, of: Holder, due_at: Timestamp) -> Result<(), StoreError> {
    const WISH: &str = "INSERT INTO template_sync (credential_id, tenant_id, due_at) VALUES ($1, $2, $3) \
        ON CONFLICT (credential_id) DO UPDATE SET due_at = excluded.due_at WHERE template_sync.due_at > excluded.due_at";
    let values: [Value; 3] = [of.credential_id.uuid().into(), of.tenant_id.uuid().into(), due_at.micros().into()];
    execute(db, WISH, values).await.map(|_rows| ())
}

/// Changes the status of one template, as its provider told; nothing happens if it is not known.
pub async fn set_status(db: &Database, of: Holder, (name, language): (&str, &str), status: &str) -> Result<(), StoreError> {
    const SET: &str = "UPDATE message_template SET status = $5 WHERE tenant_id = $1 AND credential_id = $2 AND name = $3 AND language = $4";
    let values: [Value; 5] = [of.tenant_id.uuid().into(), of.credential_id.uuid().into(), name.into(), language.into(), status.into()];
    execute(db, SET, values).await.map(|_rows| ())
}

/// Takes up accounts that are due, whosever they are, the longest due first: until `lease` nobody else does.
pub async fn take(db: &Database, now: Timestamp, lease: Timestamp) -> Result<Vec<Holder>, StoreError> {
    const LEASE: &str = "UPDATE template_sync SET due_at = $3 WHERE credential_id = $1 AND due_at = $2";
    let mut taken = Vec::new();
    for row in rows(db, DUE, [Value::from(now.micros()), TAKEN_MAX.into()]).await? {
        let uuid = |column| row.try_get::<Uuid>("", column).map_err(unavailable);
        let (id, due_at): (Uuid, i64) = (uuid("credential_id")?, row.try_get("", "due_at").map_err(unavailable)?);
        if execute(db, LEASE, [Value::from(id), due_at.into(), lease.micros().into()]).await? == 1 {
            taken.push(Holder { tenant_id: TenantId::new(uuid("tenant_id")?), credential_id: CredentialId::new(id) });
        }
    }
    Ok(taken)
}

/// The accounts that are due at `$1`, at most `$2`.
pub const DUE: &str = "SELECT credential_id, tenant_id, due_at FROM template_sync WHERE due_at <= $1 ORDER BY due_at LIMIT $2";

/// Has the accounts of a provider listed that nobody has thought of yet; how many.
pub async fn adopt(db: &Database, provider: Provider, now: Timestamp) -> Result<u64, StoreError> {
    const ADOPT: &str = "INSERT INTO template_sync (credential_id, tenant_id, due_at) SELECT c.id, c.tenant_id, $2 FROM credential c \
        WHERE c.provider = $1 AND NOT EXISTS (SELECT 1 FROM template_sync s WHERE s.credential_id = c.id) LIMIT $3 ON CONFLICT DO NOTHING";
    execute(db, ADOPT, [Value::from(provider.as_str()), now.micros().into(), ADOPTED_MAX.into()]).await
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
