//! Making, changing and removing credentials. What comes in here sealed is kept sealed.
//!
//! Guarantees: whatever changes of a credential, its secrets included, raises its version; of a name that sends and verifies nothing, one
//! secret is alive; a credential that a channel uses is not removed.

use actors::port::StoreError;
use entities::{
    CredentialId, CredentialSecretId, CredentialStatus, Provider, TenantId, Timestamp,
    table::{channel, credential, credential_secret},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, UpdateMany, sea_query::Expr,
};
use serde_json::{Value, json};

use super::audit::{self, Deed, Doer};
use crate::{
    crypto::{Keys, SealError},
    store::{Database, read::credential::SEALED_COLUMN, unavailable},
};

/// Most credentials of one tenant.
pub const CREDENTIALS_MAX: u64 = 100;
/// Most living secrets of one name.
pub const SECRETS_MAX: u64 = 5;

/// A credential to make.
#[derive(Debug)]
pub struct NewCredential {
    /// Its id.
    pub id: CredentialId,
    /// Whose servers it is for.
    pub provider: Provider,
    /// The vendor, for providers that have several.
    pub vendor: Option<String>,
    /// The name that agents see.
    pub name: String,
    /// The account at the provider, as entered.
    pub account: Option<String>,
    /// Its secrets.
    pub secrets: Vec<NewSecret>,
    /// What the provider said of it, if it was asked.
    pub checked: Option<Checked>,
}

/// A secret to keep.
#[derive(Debug)]
pub struct NewSecret {
    /// Its id.
    pub id: CredentialSecretId,
    /// The field that it is for.
    pub name: String,
    /// The value, sealed.
    pub sealed: String,
    /// What people may see of it.
    pub hint: String,
}

/// What a provider said of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong, in words; `None` if nothing is.
    pub error: Option<String>,
    /// When it was asked.
    pub at: Timestamp,
}

impl NewSecret {
    /// Seals a value for a tenant's credential.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal(
        keys: &Keys,
        tenant_id: TenantId,
        id: CredentialSecretId,
        name: &str,
        value: &str,
        hint: String,
    ) -> Result<Self, SealError> {
        let sealed = keys.seal(tenant_id, SEALED_COLUMN, value.trim().as_bytes())?;
        Ok(Self { id, name: name.to_owned(), sealed, hint })
    }
}

impl Checked {
    fn status(&self) -> CredentialStatus {
        if self.error.is_none() { CredentialStatus::Working } else { CredentialStatus::Failing }
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The tenant has as many credentials, or the name as many secrets, as it may.
    TooMany,
    /// So many channels use it.
    InUse(u64),
    /// Several are alive: it must be said which.
    Ambiguous,
    /// It is the last of a name that is needed.
    Last,
}

/// Makes a credential.
pub async fn create(db: &Database, tenant_id: TenantId, doer: &Doer, new: NewCredential) -> Result<Result<(), Refused>, StoreError> {
    let NewCredential { id, provider, vendor, name, account, secrets, checked } = new;
    let detail = json!({"provider": provider, "vendor": vendor, "name": name});
    let row = credential::ActiveModel {
        id: Set(id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        provider: Set(provider.as_str().to_owned()),
        vendor: Set(vendor),
        name: Set(name),
        account: Set(account),
        status: Set(checked.as_ref().map_or(CredentialStatus::Unchecked, Checked::status).as_str().to_owned()),
        status_detail: Set(checked.as_ref().and_then(|checked| checked.error.clone())),
        checked_at: Set(checked.map(|checked| checked.at.micros())),
        installed_for: Set(None),
        expires_at: Set(None),
        renew_at: Set(None),
        version: Set(1),
        created_at: Set(doer.at.micros()),
        updated_at: Set(doer.at.micros()),
    };
    let rows: Vec<_> = secrets.into_iter().map(|secret| secret_row(tenant_id, id, secret, doer.at)).collect();
    db.write(async |transaction| {
        let has = credential::Entity::find().filter(credential::Column::TenantId.eq(tenant_id.uuid())).count(transaction).await;
        if has.map_err(unavailable)? >= CREDENTIALS_MAX {
            return Ok(Err(Refused::TooMany));
        }
        credential::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        credential_secret::Entity::insert_many(rows).exec_without_returning(transaction).await.map_err(unavailable)?;
        audit::record(transaction, tenant_id, doer, deed("credential.created", id, detail)).await.map(Ok)
    })
    .await
}

/// Writes a credential's name and account, if it still has the version that it was read with. `changed` names the fields, for the log.
///
/// # Errors
/// A conflict that [`super::is_stale`] knows, if the version is another.
pub async fn update(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    (id, version): (CredentialId, u64),
    name: &str,
    account: Option<&str>,
    changed: &[&str],
) -> Result<(), StoreError> {
    db.write(async |transaction| {
        let update = touching(tenant_id, id, doer)
            .col_expr(credential::Column::Name, Expr::value(name))
            .col_expr(credential::Column::Account, Expr::value(account.map(str::to_owned)))
            .filter(credential::Column::Version.eq(version as i64));
        if update.exec(transaction).await.map_err(unavailable)?.rows_affected == 0 {
            return Err(super::stale());
        }
        audit::record(transaction, tenant_id, doer, deed("credential.updated", id, json!({"changed": changed}))).await
    })
    .await
}

/// Removes a credential with its secrets, unless a channel uses it.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such credential.
pub async fn delete(db: &Database, tenant_id: TenantId, doer: &Doer, id: CredentialId) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        lock(transaction, tenant_id, id).await?;
        let used = channel::Entity::find()
            .filter(channel::Column::CredentialId.eq(id.uuid()))
            .filter(channel::Column::TenantId.eq(tenant_id.uuid()))
            .count(transaction)
            .await
            .map_err(unavailable)?;
        if used > 0 {
            return Ok(Err(Refused::InUse(used)));
        }
        living(tenant_id, id).exec(transaction).await.map_err(unavailable)?;
        credential::Entity::delete_by_id(id.uuid()).exec(transaction).await.map_err(unavailable)?;
        audit::record(transaction, tenant_id, doer, deed("credential.deleted", id, json!({}))).await.map(Ok)
    })
    .await
}

/// Adds a secret. With `replaces`, those of its name before it end. What a check said of the credential with it is kept, too.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such credential.
pub async fn add_secret(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: CredentialId,
    secret: NewSecret,
    replaces: bool,
    checked: Option<Checked>,
) -> Result<Result<(), Refused>, StoreError> {
    let name = secret.name.clone();
    let detail = json!({"name": name, "secret_id": secret.id, "replaced": replaces});
    let row = secret_row(tenant_id, id, secret, doer.at);
    db.write(async |transaction| {
        lock(transaction, tenant_id, id).await?;
        if replaces {
            let before = living(tenant_id, id).filter(credential_secret::Column::Name.eq(name.as_str()));
            before.exec(transaction).await.map_err(unavailable)?;
        } else if count(transaction, tenant_id, id, &name).await? >= SECRETS_MAX {
            return Ok(Err(Refused::TooMany));
        }
        credential_secret::Entity::insert(row).exec_without_returning(transaction).await.map_err(unavailable)?;
        touching(tenant_id, id, doer).exec(transaction).await.map_err(unavailable)?;
        if let Some(checked) = &checked {
            note(transaction, tenant_id, id, checked).await?;
        }
        audit::record(transaction, tenant_id, doer, deed("credential.secret_added", id, detail)).await.map(Ok)
    })
    .await
}

/// Ends a secret; without its id, the only one of its name. `needed` means that one of the name must stay.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such credential, or the credential no such secret.
pub async fn end_secret(
    db: &Database,
    tenant_id: TenantId,
    doer: &Doer,
    id: CredentialId,
    name: &str,
    secret_id: Option<CredentialSecretId>,
    needed: bool,
) -> Result<Result<(), Refused>, StoreError> {
    db.write(async |transaction| {
        lock(transaction, tenant_id, id).await?;
        let alive = count(transaction, tenant_id, id, name).await?;
        if secret_id.is_none() && alive > 1 {
            return Ok(Err(Refused::Ambiguous));
        }
        let mut ending = living(tenant_id, id).filter(credential_secret::Column::Name.eq(name));
        if let Some(secret_id) = secret_id {
            ending = ending.filter(credential_secret::Column::Id.eq(secret_id.uuid()));
        }
        if ending.exec(transaction).await.map_err(unavailable)?.rows_affected == 0 {
            return Err(StoreError::NotFound);
        }
        if needed && alive == 1 {
            return Err(StoreError::Conflict(LAST));
        }
        touching(tenant_id, id, doer).exec(transaction).await.map_err(unavailable)?;
        let detail = json!({"name": name, "secret_id": secret_id});
        audit::record(transaction, tenant_id, doer, deed("credential.secret_ended", id, detail)).await.map(Ok)
    })
    .await
    .or_else(|error| if matches!(error, StoreError::Conflict(LAST)) { Ok(Err(Refused::Last)) } else { Err(error) })
}

/// Rolls the transaction back in which the last secret of a needed name was removed.
const LAST: &str = "the last secret of a name that is needed";

/// Keeps what a provider said of a credential. Its settings are as they were, and so is its version.
///
/// # Errors
/// [`StoreError::NotFound`] if the tenant has no such credential.
pub async fn record_check(db: &Database, tenant_id: TenantId, id: CredentialId, checked: &Checked) -> Result<(), StoreError> {
    db.write(async |transaction| note(transaction, tenant_id, id, checked).await).await
}

pub(super) async fn note(
    transaction: &DatabaseTransaction,
    tenant_id: TenantId,
    id: CredentialId,
    checked: &Checked,
) -> Result<(), StoreError> {
    use credential::Column as C;
    let done = credential::Entity::update_many()
        .col_expr(C::Status, Expr::value(checked.status().as_str()))
        .col_expr(C::StatusDetail, Expr::value(checked.error.clone()))
        .col_expr(C::CheckedAt, Expr::value(Some(checked.at.micros())))
        .filter(C::TenantId.eq(tenant_id.uuid()))
        .filter(C::Id.eq(id.uuid()))
        .exec(transaction)
        .await
        .map_err(unavailable)?;
    if done.rows_affected == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(())
}

async fn count(transaction: &DatabaseTransaction, tenant_id: TenantId, id: CredentialId, name: &str) -> Result<u64, StoreError> {
    use credential_secret::Column as C;
    let alive = credential_secret::Entity::find()
        .filter(C::CredentialId.eq(id.uuid()))
        .filter(C::Name.eq(name))
        .filter(C::TenantId.eq(tenant_id.uuid()));
    alive.count(transaction).await.map_err(unavailable)
}

async fn lock(transaction: &DatabaseTransaction, tenant_id: TenantId, id: CredentialId) -> Result<(), StoreError> {
    let row = credential::Entity::find()
        .filter(credential::Column::TenantId.eq(tenant_id.uuid()))
        .filter(credential::Column::Id.eq(id.uuid()))
        .lock_exclusive()
        .one(transaction)
        .await
        .map_err(unavailable)?;
    row.map(drop).ok_or(StoreError::NotFound)
}

/// All secrets of a credential, to be removed.
fn living(tenant_id: TenantId, id: CredentialId) -> sea_orm::DeleteMany<credential_secret::Entity> {
    credential_secret::Entity::delete_many()
        .filter(credential_secret::Column::CredentialId.eq(id.uuid()))
        .filter(credential_secret::Column::TenantId.eq(tenant_id.uuid()))
}

pub(super) fn secret_row(tenant_id: TenantId, id: CredentialId, secret: NewSecret, at: Timestamp) -> credential_secret::ActiveModel {
    credential_secret::ActiveModel {
        credential_id: Set(id.uuid()),
        name: Set(secret.name),
        id: Set(secret.id.uuid()),
        tenant_id: Set(tenant_id.uuid()),
        sealed: Set(secret.sealed),
        hint: Set(secret.hint),
        created_at: Set(at.micros()),
    }
}

/// An update of the tenant's credential that raises its version.
fn touching(tenant_id: TenantId, id: CredentialId, doer: &Doer) -> UpdateMany<credential::Entity> {
    use sea_orm::sea_query::ExprTrait as _;
    credential::Entity::update_many()
        .col_expr(credential::Column::Version, Expr::col(credential::Column::Version).add(1))
        .col_expr(credential::Column::UpdatedAt, Expr::value(doer.at.micros()))
        .filter(credential::Column::TenantId.eq(tenant_id.uuid()))
        .filter(credential::Column::Id.eq(id.uuid()))
}

pub(super) fn deed(action: &'static str, id: CredentialId, detail: Value) -> Deed {
    Deed { action, target_kind: "credential", target_id: id.uuid(), detail }
}
