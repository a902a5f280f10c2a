//! Credentials that were made by consent, and the renewal of their tokens.
//!
//! Guarantees: an account at a provider has one such credential in a tenant, however often and however much at once somebody agrees; new tokens
//! take the old ones' place in one transaction with the instant at which they end. Whoever renews takes the due instant first, and who was
//! overtaken changes nothing.

use actors::port::StoreError;
use entities::{CredentialId, CredentialStatus, Provider, TenantId, Timestamp, table::credential_secret};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryResult, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use super::{
    audit::{self, Doer},
    credential::{self, CREDENTIALS_MAX, Checked, NewSecret, Refused},
};
use crate::store::{Database, journal::read::rows, unavailable};

/// What was granted, sealed, and known to work.
#[derive(Debug)]
pub struct Granted {
    /// The credential's id, if there is none yet.
    pub id: CredentialId,
    /// Whose servers it is for.
    pub provider: Provider,
    /// The account at the provider.
    pub account: String,
    /// The name that agents see, if there is none yet.
    pub name: String,
    /// The secrets; those of the same names end.
    pub secrets: Vec<NewSecret>,
    /// When the token ends.
    pub expires_at: Option<Timestamp>,
    /// When it is to be renewed.
    pub renew_at: Option<Timestamp>,
}

/// Keeps what was granted: as a new credential, or in the place of what the account's credential had.
pub async fn keep(db: &Database, tenant_id: TenantId, doer: &Doer, new: Granted) -> Result<Result<CredentialId, Refused>, StoreError> {
    const HAS: &str = "SELECT count(*) AS others, count(CASE WHEN provider = $2 AND installed_for = $3 THEN 1 END) AS own FROM credential \
        WHERE tenant_id = $1";
    const KEEP: &str = "INSERT INTO credential (id, tenant_id, provider, name, account, status, installed_for, expires_at, renew_at, version, \
        created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $5, $7, $8, 1, $9, $9) \
        ON CONFLICT (tenant_id, provider, installed_for) WHERE installed_for IS NOT NULL DO UPDATE SET expires_at = excluded.expires_at, \
        renew_at = excluded.renew_at, version = credential.version + 1, updated_at = excluded.updated_at RETURNING id, version";
    let provider = new.provider.as_str();
    let account = new.account.as_str();
    let has = Statement::from_sql_and_values(db.backend(), HAS, [tenant_id.uuid().into(), provider.into(), account.into()]);
    let row: [Value; 9] = [
        new.id.uuid().into(),
        tenant_id.uuid().into(),
        provider.into(),
        new.name.as_str().into(),
        account.into(),
        CredentialStatus::Working.as_str().into(),
        new.expires_at.map(Timestamp::micros).into(),
        new.renew_at.map(Timestamp::micros).into(),
        doer.at.micros().into(),
    ];
    let keep = Statement::from_sql_and_values(db.backend(), KEEP, row);
    let detail = json!({"provider": new.provider, "account": new.account, "name": new.name, "by": "consent"});
    db.write(async |transaction| {
        let counted = transaction.query_one_raw(has).await.map_err(unavailable)?;
        let count = |column: &str| counted.as_ref().map_or(Ok(0), |row| row.try_get::<i64>("", column)).map_err(unavailable);
        if count("own")? == 0 && count("others")?.cast_unsigned() >= CREDENTIALS_MAX {
            return Ok(Err(Refused::TooMany));
        }
        let kept = transaction.query_one_raw(keep).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
        let id = CredentialId::new(uuid(&kept, "id")?);
        let is_new = kept.try_get::<i64>("", "version").map_err(unavailable)? == 1;
        replace(transaction, tenant_id, id, new.secrets, doer.at).await?;
        credential::note(transaction, tenant_id, id, &Checked { error: None, at: doer.at }).await?;
        let action = if is_new { "credential.created" } else { "credential.renewed" };
        audit::record(transaction, tenant_id, doer, credential::deed(action, id, detail)).await?;
        Ok(Ok(id))
    })
    .await
}

async fn replace(
    transaction: &DatabaseTransaction,
    tenant_id: TenantId,
    id: CredentialId,
    secrets: Vec<NewSecret>,
    at: Timestamp,
) -> Result<(), StoreError> {
    use credential_secret::Column as C;
    let before = credential_secret::Entity::delete_many()
        .filter(C::CredentialId.eq(id.uuid()))
        .filter(C::TenantId.eq(tenant_id.uuid()))
        .filter(C::Name.is_in(secrets.iter().map(|secret| secret.name.as_str())));
    before.exec(transaction).await.map_err(unavailable)?;
    let rows: Vec<_> = secrets.into_iter().map(|secret| credential::secret_row(tenant_id, id, secret, at)).collect();
    credential_secret::Entity::insert_many(rows).exec_without_returning(transaction).await.map_err(unavailable)?;
    Ok(())
}

/// A credential whose token is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// Which.
    pub id: CredentialId,
    /// Whose.
    pub tenant_id: TenantId,
    /// At which provider.
    pub provider: Provider,
    /// The account that consent was given for.
    pub account: String,
    /// When the token ends.
    pub expires_at: Option<Timestamp>,
    /// Until when it is this node's to renew.
    lease: Timestamp,
}

/// What is due.
pub const DUE: &str = "SELECT id, tenant_id, provider, installed_for, expires_at, renew_at FROM credential WHERE renew_at <= $1 \
    ORDER BY renew_at LIMIT $2";

/// Takes up the token that has been due longest, whosever it is: until `lease` nobody else does.
pub async fn take(db: &Database, now: Timestamp, lease: Timestamp) -> Result<Option<Due>, StoreError> {
    const LEASE: &str = "UPDATE credential SET renew_at = $3 WHERE id = $1 AND renew_at = $2";
    /// Of several nodes each finds one.
    const LOOKED_AT: i64 = 10;
    for row in rows(db, DUE, [now.micros().into(), LOOKED_AT.into()]).await? {
        let id = uuid(&row, "id")?;
        let was: i64 = row.try_get("", "renew_at").map_err(unavailable)?;
        if execute(db, LEASE, [Value::from(id), was.into(), lease.micros().into()]).await? == 1 {
            return read(&row, lease).map(Some);
        }
    }
    Ok(None)
}

fn read(row: &QueryResult, lease: Timestamp) -> Result<Due, StoreError> {
    let text = |column| row.try_get::<Option<String>>("", column).map_err(unavailable);
    let damaged = || crate::store::read::damaged("credential.provider");
    Ok(Due {
        id: CredentialId::new(uuid(row, "id")?),
        tenant_id: TenantId::new(uuid(row, "tenant_id")?),
        provider: text("provider")?.as_deref().and_then(Provider::parse).ok_or_else(damaged)?,
        account: text("installed_for")?.unwrap_or_default(),
        expires_at: row.try_get::<Option<i64>>("", "expires_at").map_err(unavailable)?.map(Timestamp::from_micros),
        lease,
    })
}

/// Puts new tokens in the place of the old ones; false if somebody else was quicker, and then nothing changes.
pub async fn renewed(
    db: &Database,
    due: &Due,
    doer: &Doer,
    secrets: Vec<NewSecret>,
    (expires_at, renew_at): (Option<Timestamp>, Option<Timestamp>),
) -> Result<bool, StoreError> {
    const RENEW: &str = "UPDATE credential SET expires_at = $4, renew_at = $5, version = version + 1, updated_at = $6 \
        WHERE id = $1 AND tenant_id = $2 AND renew_at = $3";
    let values: [Value; 6] = [
        due.id.uuid().into(),
        due.tenant_id.uuid().into(),
        due.lease.micros().into(),
        expires_at.map(Timestamp::micros).into(),
        renew_at.map(Timestamp::micros).into(),
        doer.at.micros().into(),
    ];
    let renew = Statement::from_sql_and_values(db.backend(), RENEW, values);
    db.write(async |transaction| {
        if transaction.execute_raw(renew).await.map_err(unavailable)?.rows_affected() == 0 {
            return Ok(false);
        }
        replace(transaction, due.tenant_id, due.id, secrets, doer.at).await?;
        credential::note(transaction, due.tenant_id, due.id, &Checked { error: None, at: doer.at }).await?;
        let deed = credential::deed("credential.renewed", due.id, json!({"provider": due.provider, "expires_at": expires_at}));
        audit::record(transaction, due.tenant_id, doer, deed).await.map(|()| true)
    })
    .await
}

/// Tries again at an instant, or not at all; where somebody else was quicker, nothing changes.
pub async fn put_off(db: &Database, due: &Due, renew_at: Option<Timestamp>) -> Result<(), StoreError> {
    const LATER: &str = "UPDATE credential SET renew_at = $4 WHERE id = $1 AND tenant_id = $2 AND renew_at = $3";
    let values: [Value; 4] =
        [due.id.uuid().into(), due.tenant_id.uuid().into(), due.lease.micros().into(), renew_at.map(Timestamp::micros).into()];
    execute(db, LATER, values).await.map(|_rows| ())
}

fn uuid(row: &QueryResult, column: &str) -> Result<Uuid, StoreError> {
    row.try_get("", column).map_err(unavailable)
}

async fn execute(db: &Database, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
}
