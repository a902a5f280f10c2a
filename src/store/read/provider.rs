//! What the door for providers' notifications reads: where messages stand that a provider names, who its people are, and what waits.

use std::iter;

use actors::port::StoreError;
use entities::{Address, ChannelId, ContactId, ConversationId, Inbound, Provider, Remote, TenantId, Timestamp, thread::ThreadIds};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::store::{Database, journal::read::rows, unavailable};

/// Where a message stands.
pub type Place = (ConversationId, u64);

/// Where the message stands that the provider calls so.
pub async fn find_place(db: &Database, tenant_id: TenantId, channel_id: ChannelId, provider_id: &str) -> Result<Option<Place>, StoreError> {
    const FIND: &str =
        "SELECT conversation_id, seq FROM provider_message WHERE channel_id = $1 AND provider_id = $2 AND (tenant_id = $3) IS TRUE";
    let found = rows(db, FIND, [channel_id.uuid().into(), provider_id.into(), tenant_id.uuid().into()]).await?;
    found.first().map(place).transpose()
}

fn place(row: &QueryResult) -> Result<Place, StoreError> {
    let id: Uuid = row.try_get("", "conversation_id").map_err(unavailable)?;
    let seq: i64 = row.try_get("", "seq").map_err(unavailable)?;
    Ok((ConversationId::new(id), seq.cast_unsigned()))
}

/// Whom an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The contact.
    pub contact_id: ContactId,
    /// The conversation and its channel, if it names one.
    pub conversation: Option<(ConversationId, ChannelId)>,
}

/// Whom an id names, if it is a conversation's or a contact's of this tenant.
pub async fn find_named(db: &Database, tenant_id: TenantId, id: Uuid) -> Result<Option<Named>, StoreError> {
    const CONVERSATION: &str = "SELECT contact_id, channel_id FROM conversation WHERE id = $1 AND (tenant_id = $2) IS TRUE";
    const CONTACT: &str = "SELECT id FROM contact WHERE id = $1 AND (tenant_id = $2) IS TRUE";
    let uuid = |row: &QueryResult, column: &str| row.try_get::<Uuid>("", column).map_err(unavailable);
    if let Some(row) = rows(db, CONVERSATION, [id.into(), tenant_id.uuid().into()]).await?.first() {
        let conversation = Some((ConversationId::new(id), ChannelId::new(uuid(row, "channel_id")?)));
        return Ok(Some(Named { contact_id: ContactId::new(uuid(row, "contact_id")?), conversation }));
    }
    let found = rows(db, CONTACT, [id.into(), tenant_id.uuid().into()]).await?;
    let named = |row| Ok(Named { contact_id: ContactId::new(uuid(row, "id")?), conversation: None });
    found.first().map(named).transpose()
}

/// Where threads of a channel lead.
#[derive(Debug, Clone)]
pub struct Led {
    /// To whom and where: what the first key says that leads anywhere.
    pub ids: ThreadIds,
    /// The keys that lead nowhere yet.
    pub unknown: Vec<String>,
    /// The contact has a name.
    pub named: bool,
    /// The contact may not write to us.
    pub blocked: bool,
}

/// Where these threads of a channel lead, if any of them leads anywhere.
pub async fn find_thread(db: &Database, tenant_id: TenantId, channel_id: ChannelId, keys: &[String]) -> Result<Option<Led>, StoreError> {
    let places: Vec<String> = (3..3 + keys.len()).map(|number| format!("${number}")).collect();
    let find = format!(
        "SELECT t.thread_key, t.contact_id, t.conversation_id, CASE WHEN c.name IS NULL THEN 0 ELSE 1 END AS named, c.blocked \
         FROM thread t LEFT JOIN contact c ON c.id = t.contact_id \
         WHERE t.tenant_id = $1 AND t.channel_id = $2 AND t.thread_key IN ({})",
        places.join(", ")
    );
    let mut values: Vec<Value> = vec![tenant_id.uuid().into(), channel_id.uuid().into()];
    values.extend(keys.iter().map(|key| Value::from(key.as_str())));
    let mut led: Vec<(String, ThreadIds, bool, bool)> = Vec::new();
    for row in rows(db, &find, values).await? {
        let contact_id: Uuid = row.try_get("", "contact_id").map_err(unavailable)?;
        let conversation_id: Uuid = row.try_get("", "conversation_id").map_err(unavailable)?;
        let ids = ThreadIds { contact_id: ContactId::new(contact_id), conversation_id: ConversationId::new(conversation_id) };
        let named: i32 = row.try_get("", "named").map_err(unavailable)?;
        let blocked: Option<bool> = row.try_get("", "blocked").map_err(unavailable)?;
        led.push((row.try_get("", "thread_key").map_err(unavailable)?, ids, named == 1, blocked.unwrap_or(false)));
    }
    let known = |key: &&String| led.iter().any(|(known, ..)| known == *key);
    let unknown = keys.iter().filter(|key| !known(key)).cloned().collect();
    let first = keys.iter().find_map(|key| led.iter().find(|(known, ..)| known == key));
    Ok(first.map(|(_, ids, named, blocked)| Led { ids: *ids, unknown, named: *named, blocked: *blocked }))
}

/// The providers' threads of a channel's conversations that have changed since an instant, the latest first.
pub async fn list_threads(
    db: &Database,
    tenant_id: TenantId,
    channel_id: ChannelId,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let values = [tenant_id.uuid().into(), since.utc().into(), channel_id.uuid().into(), i64::from(limit).into()];
    let mut threads = Vec::new();
    for row in rows(db, THREADS, values).await? {
        let remote: String = row.try_get("", "remote").map_err(unavailable)?;
        threads.extend(super::json::<Remote>("conversation.remote", &remote)?.thread);
    }
    Ok(threads)
}

/// Conversations of channel `$3` of a provider's that have changed since `$2`, at most `$4`.
pub const THREADS: &str = "SELECT c.remote FROM conversation c WHERE c.tenant_id = $1 AND c.updated_at >= $2 \
    AND c.channel_id = $3 AND c.remote IS NOT NULL ORDER BY c.updated_at DESC LIMIT $4";

/// Whose addresses these are, where they are anybody's: in the order of the addresses.
pub async fn find_owners(db: &Database, tenant_id: TenantId, addresses: &[Address]) -> Result<Vec<Option<ContactId>>, StoreError> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let each = |index: usize| format!("(kind = ${} AND value = ${})", 2 * index + 2, 2 * index + 3);
    let asked: Vec<String> = (0..addresses.len()).map(each).collect();
    let find = format!("SELECT kind, value, contact_id FROM contact_address WHERE tenant_id = $1 AND ({})", asked.join(" OR "));
    let pairs = addresses.iter().flat_map(|address| [address.kind.as_str().into(), address.value.as_str().into()]);
    let values: Vec<Value> = iter::once(tenant_id.uuid().into()).chain(pairs).collect();
    let mut owned: Vec<(String, String, Uuid)> = Vec::new();
    for row in rows(db, &find, values).await? {
        let of = |column: &str| row.try_get("", column).map_err(unavailable);
        owned.push((of("kind")?, of("value")?, row.try_get("", "contact_id").map_err(unavailable)?));
    }
    let owner = |address: &Address| owned.iter().find(|(kind, value, _)| kind == address.kind.as_str() && *value == address.value);
    Ok(addresses.iter().map(|address| owner(address).map(|(.., id)| ContactId::new(*id))).collect())
}

/// What waits for a message.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Whose.
    pub tenant_id: TenantId,
    /// The channel.
    pub channel_id: ChannelId,
    /// What the provider calls the message.
    pub target: String,
    /// Makes two that say the same one.
    pub digest: Vec<u8>,
    /// What was told of it.
    pub item: Inbound,
}

/// What waits for a message of a channel, at most `limit`.
pub async fn list_waiting(
    db: &Database,
    tenant_id: TenantId,
    channel_id: ChannelId,
    target: &str,
    limit: u64,
) -> Result<Vec<Waiting>, StoreError> {
    const LIST: &str = "SELECT tenant_id, channel_id, target, digest, item FROM waiting_item \
        WHERE channel_id = $1 AND target = $2 AND (tenant_id = $3) IS TRUE ORDER BY received_at LIMIT $4";
    let values: [Value; 4] = [channel_id.uuid().into(), target.into(), tenant_id.uuid().into(), limit.cast_signed().into()];
    rows(db, LIST, values).await?.iter().map(waiting).collect()
}

/// What waits for messages that have come meanwhile, of any tenant, at most `limit`: for the sweep.
pub async fn list_come(db: &Database, limit: u64) -> Result<Vec<Waiting>, StoreError> {
    const LIST: &str = "SELECT w.tenant_id, w.channel_id, w.target, w.digest, w.item FROM waiting_item w \
        JOIN provider_message p ON p.channel_id = w.channel_id AND p.provider_id = w.target ORDER BY w.received_at LIMIT $1";
    rows(db, LIST, [Value::from(limit.cast_signed())]).await?.iter().map(waiting).collect()
}

fn waiting(row: &QueryResult) -> Result<Waiting, StoreError> {
    let item: String = row.try_get("", "item").map_err(unavailable)?;
    Ok(Waiting {
        tenant_id: TenantId::new(row.try_get("", "tenant_id").map_err(unavailable)?),
        channel_id: ChannelId::new(row.try_get("", "channel_id").map_err(unavailable)?),
        target: row.try_get("", "target").map_err(unavailable)?,
        digest: row.try_get("", "digest").map_err(unavailable)?,
        item: super::json("waiting_item.item", &item)?,
    })
}

/// The credentials of a provider, whosever they are, the newest first, at most `limit`: for requests that name no account.
pub async fn list_credentials(
    db: &Database,
    provider: Provider,
    limit: u64,
) -> Result<Vec<(TenantId, entities::CredentialId)>, StoreError> {
    const LIST: &str = "SELECT tenant_id, id FROM credential WHERE provider = $1 ORDER BY created_at DESC, id LIMIT $2";
    let found = rows(db, LIST, [provider.as_str().into(), limit.cast_signed().into()]).await?;
    let read = |row: &QueryResult| {
        let tenant_id: Uuid = row.try_get("", "tenant_id").map_err(unavailable)?;
        let id: Uuid = row.try_get("", "id").map_err(unavailable)?;
        Ok((TenantId::new(tenant_id), entities::CredentialId::new(id)))
    };
    found.iter().map(read).collect()
}

/// An authentic payload that could not be read.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: TenantId,
    /// The credential that verified it.
    pub credential_id: entities::CredentialId,
    /// Whose servers sent it.
    pub provider: Provider,
    /// As [`crate::channels::adapter::Notification`] has it.
    pub kind: String,
    /// Likewise.
    pub content_type: String,
    /// Likewise.
    pub body: Vec<u8>,
    /// Why it could not be read.
    pub error: String,
    /// When it came.
    pub received_at: entities::Timestamp,
}

/// A tenant's quarantined payloads, the oldest first, at most `limit`: all, or those behind one.
pub async fn list_quarantined(
    db: &Database,
    tenant_id: TenantId,
    after: Option<&Quarantined>,
    limit: u64,
) -> Result<Vec<Quarantined>, StoreError> {
    const LIST: &str = "SELECT id, credential_id, provider, kind, content_type, body, error, received_at FROM quarantine \
        WHERE tenant_id = $1 AND (received_at, id) > ($2, $3) ORDER BY received_at, id LIMIT $4";
    let (at, id) = after.map_or((i64::MIN, Uuid::nil()), |payload| (payload.received_at.micros(), payload.id));
    let found = rows(db, LIST, [tenant_id.uuid().into(), at.into(), id.into(), limit.cast_signed().into()]).await?;
    found.iter().map(|row| quarantined(tenant_id, row)).collect()
}

fn quarantined(tenant_id: TenantId, row: &QueryResult) -> Result<Quarantined, StoreError> {
    let provider: String = row.try_get("", "provider").map_err(unavailable)?;
    Ok(Quarantined {
        id: row.try_get("", "id").map_err(unavailable)?,
        tenant_id,
        credential_id: entities::CredentialId::new(row.try_get("", "credential_id").map_err(unavailable)?),
        provider: Provider::parse(&provider).ok_or_else(|| super::damaged("quarantine.provider"))?,
        kind: row.try_get("", "kind").map_err(unavailable)?,
        content_type: row.try_get("", "content_type").map_err(unavailable)?,
        body: row.try_get("", "body").map_err(unavailable)?,
        error: row.try_get("", "error").map_err(unavailable)?,
        received_at: entities::Timestamp::from_micros(row.try_get("", "received_at").map_err(unavailable)?),
    })
}
