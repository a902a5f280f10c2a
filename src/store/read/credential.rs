//! Credentials: what may be seen of them, and, for who speaks with a provider, their secrets opened.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    ChannelId, ChannelKind, CredentialId, CredentialSecretId, CredentialStatus, Provider, TenantId, Timestamp,
    table::{channel, credential, credential_secret},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use uuid::Uuid;

use super::{
    damaged,
    page::{Listed, Place, cut, key},
};
use crate::{
    channels,
    crypto::Keys,
    store::{Database, unavailable},
};

/// The place that a secret is sealed for.
pub const SEALED_COLUMN: &str = "credential_secret.sealed";
/// Most channels that a claimed account is looked for in: one number may be connected in several workspaces, of which one proves right.
const CLAIMED_MAX: u64 = 50;

/// An app or account at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The credential's id.
    pub id: CredentialId,
    /// Whose servers it is for.
    pub provider: Provider,
    /// The vendor, for providers that have several.
    pub vendor: Option<String>,
    /// The name that agents see.
    pub name: String,
    /// The account at the provider, as entered.
    pub account: Option<String>,
    /// What is known of it.
    pub status: CredentialStatus,
    /// What is wrong, in words.
    pub status_detail: Option<String>,
    /// When the provider was last asked.
    pub checked_at: Option<Timestamp>,
    /// When its token ends, if it was given by consent and does.
    pub expires_at: Option<Timestamp>,
    /// What may be seen of its living secrets, the newest first.
    pub secrets: Vec<Secret>,
    /// Rises with every change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What may be seen of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The secret's id.
    pub id: CredentialSecretId,
    /// The field that it is for.
    pub name: String,
    /// Its last characters; the whole, where it is no secret.
    pub hint: String,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A credential ready for use.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Whose servers it is for.
    pub provider: Provider,
    /// Its secrets, open. `public_url` is empty: whoever uses it knows it.
    pub credential: channels::credential::Credential,
    /// The version that was read.
    pub version: u64,
}

/// A channel of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Whose.
    pub tenant_id: TenantId,
    /// The channel.
    pub channel_id: ChannelId,
    /// What it is connected to.
    pub kind: ChannelKind,
    /// The account at the provider.
    pub address: String,
    /// What it sends and verifies with.
    pub credential_id: CredentialId,
}

/// Finds one credential.
pub async fn find(db: &Database, tenant_id: TenantId, id: CredentialId) -> Result<Option<Credential>, StoreError> {
    let Some(row) = row(db, tenant_id, id).await? else { return Ok(None) };
    let secrets = secrets(db, tenant_id, vec![row.id]).await?;
    read(row, secrets.iter().map(seen).collect()).map(Some)
}

/// Lists a page of credentials, the oldest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Credential>, StoreError> {
    use credential::Column as C;
    let mut query = credential::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).gt(place.micros_values()));
    }
    let query = query.order_by_asc(C::CreatedAt).order_by_asc(C::Id).limit(limit + 1);
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of_micros(row.created_at, row.id));
    let mut by_credential: HashMap<Uuid, Vec<Secret>> = HashMap::new();
    for secret in secrets(db, tenant_id, rows.iter().map(|row| row.id).collect()).await? {
        by_credential.entry(secret.credential_id).or_default().push(seen(&secret));
    }
    let data = rows.into_iter().map(|row| {
        let secrets = by_credential.remove(&row.id).unwrap_or_default();
        read(row, secrets)
    });
    Ok(Listed { data: data.collect::<Result<_, _>>()?, next })
}

/// Opens a credential's secrets, for use.
///
/// # Errors
/// [`StoreError::Unavailable`] also if a secret does not open: it was sealed with another secret key.
pub async fn open(db: &Database, keys: &Keys, tenant_id: TenantId, id: CredentialId) -> Result<Option<Opened>, StoreError> {
    let Some(row) = row(db, tenant_id, id).await? else { return Ok(None) };
    let provider = Provider::parse(&row.provider).ok_or_else(|| damaged("credential.provider"))?;
    let mut opened = Vec::new();
    for secret in secrets(db, tenant_id, vec![row.id]).await? {
        let plain = keys
            .open(tenant_id, SEALED_COLUMN, &secret.sealed)
            .map_err(|error| StoreError::Unavailable(format!("the secret {} of credential {id} {error}", secret.name).into()))?;
        let text = std::str::from_utf8(&plain).map_err(|_not_text| damaged("credential_secret.sealed"))?;
        opened.push((secret.name, text.to_owned()));
    }
    let mut credential = channels::credential::Credential::new(opened);
    credential.vendor = row.vendor;
    credential.account = row.account;
    Ok(Some(Opened { provider, credential, version: row.version as u64 }))
}

/// Whose credential this is: for a provider's webhook, whose address names the credential alone.
pub async fn find_tenant(db: &Database, provider: Provider, id: CredentialId) -> Result<Option<TenantId>, StoreError> {
    let found = credential::Entity::find_by_id(id.uuid()).one(db.read()).await.map_err(unavailable)?;
    Ok(found.filter(|row| row.provider == provider.as_str()).map(|row| TenantId::new(row.tenant_id)))
}

/// The channels that claim one of these accounts, whosever they are: for a provider's webhook on the shared path. Which of them is meant is
/// proved by the request's signature, and by nothing here.
pub async fn find_by_accounts(
    db: &Database,
    kinds: &[ChannelKind],
    accounts: &[String],
) -> Result<Vec<(TenantId, ChannelId, CredentialId)>, StoreError> {
    // PostgreSQL keeps no NUL; an account that holds one is nobody's.
    let accounts: Vec<&String> = accounts.iter().filter(|account| !account.contains('\0')).collect();
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = kinds.iter().map(|kind| kind.as_str());
    let query = channel::Entity::find()
        .filter(channel::Column::Kind.is_in(kinds))
        .filter(channel::Column::Address.is_in(accounts.iter().copied()))
        .order_by_asc(channel::Column::Id)
        .limit(CLAIMED_MAX * accounts.len() as u64);
    let rows = query.all(db.read()).await.map_err(unavailable)?;
    let rows = rows.into_iter().filter_map(|row| {
        let credential_id = CredentialId::new(row.credential_id?);
        Some((TenantId::new(row.tenant_id), ChannelId::new(row.id), credential_id))
    });
    Ok(rows.collect())
}

/// The channels that use a credential.
pub async fn channels(db: &Database, tenant_id: TenantId, id: CredentialId) -> Result<Vec<Connected>, StoreError> {
    let rows = of(tenant_id, id).order_by_asc(channel::Column::Id).all(db.read()).await.map_err(unavailable)?;
    let connected = |row: channel::Model| {
        let kind = ChannelKind::parse(&row.kind).ok_or_else(|| damaged("channel.kind"))?;
        let address = row.address.unwrap_or_default();
        Ok(Connected { tenant_id, channel_id: ChannelId::new(row.id), kind, address, credential_id: id })
    };
    rows.into_iter().map(connected).collect()
}

/// How many channels use a credential.
pub async fn count_channels(db: &Database, tenant_id: TenantId, id: CredentialId) -> Result<u64, StoreError> {
    of(tenant_id, id).count(db.read()).await.map_err(unavailable)
}

fn of(tenant_id: TenantId, id: CredentialId) -> sea_orm::Select<channel::Entity> {
    channel::Entity::find().filter(channel::Column::CredentialId.eq(id.uuid())).filter(channel::Column::TenantId.eq(tenant_id.uuid()))
}

async fn row(db: &Database, tenant_id: TenantId, id: CredentialId) -> Result<Option<credential::Model>, StoreError> {
    credential::Entity::find()
        .filter(credential::Column::TenantId.eq(tenant_id.uuid()))
        .filter(credential::Column::Id.eq(id.uuid()))
        .one(db.read())
        .await
        .map_err(unavailable)
}

/// The living secrets of some credentials, the newest first.
async fn secrets(db: &Database, tenant_id: TenantId, of: Vec<Uuid>) -> Result<Vec<credential_secret::Model>, StoreError> {
    use credential_secret::Column as C;
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let query = credential_secret::Entity::find().filter(C::TenantId.eq(tenant_id.uuid())).filter(C::CredentialId.is_in(of));
    let mut rows = query.all(db.read()).await.map_err(unavailable)?;
    // Here, not in SQL: their primary key serves the query as it is, and there are few.
    rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
    Ok(rows)
}

fn seen(row: &credential_secret::Model) -> Secret {
    Secret {
        id: CredentialSecretId::new(row.id),
        name: row.name.clone(),
        hint: row.hint.clone(),
        created_at: Timestamp::from_micros(row.created_at),
    }
}

fn read(row: credential::Model, secrets: Vec<Secret>) -> Result<Credential, StoreError> {
    Ok(Credential {
        id: CredentialId::new(row.id),
        provider: Provider::parse(&row.provider).ok_or_else(|| damaged("credential.provider"))?,
        vendor: row.vendor,
        name: row.name,
        account: row.account,
        status: CredentialStatus::parse(&row.status).ok_or_else(|| damaged("credential.status"))?,
        status_detail: row.status_detail,
        checked_at: row.checked_at.map(Timestamp::from_micros),
        expires_at: row.expires_at.map(Timestamp::from_micros),
        secrets,
        version: row.version as u64,
        created_at: Timestamp::from_micros(row.created_at),
        updated_at: Timestamp::from_micros(row.updated_at),
    })
}
