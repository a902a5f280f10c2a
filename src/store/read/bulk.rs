//! Jobs over many conversations, as they stand.
//!
//! Guarantees: what is done is counted from what is left, so that it is right at every moment, however a job was interrupted.

use actors::port::StoreError;
use entities::{AgentId, BulkJobId, ConversationId, ServiceAccountId, TenantId, Timestamp, TokenId};
use sea_orm::{QueryResult, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    damaged, json,
    page::{Listed, Place, cut},
};
use crate::store::{
    Database,
    journal::read::{number, rows},
    unavailable,
};

/// Who asked for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester {
    /// A member.
    Agent(AgentId),
    /// A program, with one of its tokens.
    Service(ServiceAccountId, TokenId),
}

impl Requester {
    /// The columns: the kind, whose id, and of which token.
    #[must_use]
    pub const fn columns(self) -> (&'static str, Uuid, Option<Uuid>) {
        match self {
            Self::Agent(id) => ("agent", id.uuid(), None),
            Self::Service(id, token_id) => ("service", id.uuid(), Some(token_id.uuid())),
        }
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let (kind, id): (String, Uuid) = (get(row, "by_kind")?, get(row, "by_id")?);
        match (kind.as_str(), get::<Option<Uuid>>(row, "token_id")?) {
            ("agent", None) => Ok(Self::Agent(AgentId::new(id))),
            ("service", Some(token_id)) => Ok(Self::Service(ServiceAccountId::new(id), TokenId::new(token_id))),
            _ => Err(damaged("bulk_job.by_kind")),
        }
    }
}

/// A conversation in which it could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Which.
    pub conversation_id: ConversationId,
    /// Why, for programs.
    pub code: String,
    /// Why, for people.
    pub detail: String,
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub id: BulkJobId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Who asked.
    pub by: Requester,
    /// What is to be done, as JSON.
    pub action: String,
    /// With how many conversations.
    pub total: u64,
    /// How many wait still.
    pub left: u64,
    /// In how many it could not be done.
    pub failed: u64,
    /// The first of those.
    pub errors: Vec<Failed>,
    /// Until when a node works it, if one does.
    pub lease_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When nothing was left.
    pub finished_at: Option<Timestamp>,
}

/// One item of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// How often it could not be tried to the end.
    pub tries: u64,
}

const COLUMNS: &str = "j.id, j.tenant_id, j.by_kind, j.by_id, j.token_id, j.action, j.total, j.failed, j.errors, j.lease_until, j.created_at, \
     j.finished_at, (SELECT COUNT(*) FROM bulk_item i WHERE i.job_id = j.id) AS items_left";

/// Finds a job of the tenant; of one asker alone, if one is given.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn find(db: &Database, tenant_id: TenantId, by: Option<AgentId>, id: BulkJobId) -> Result<Option<Job>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM bulk_job j WHERE j.id = $1 AND j.tenant_id = $2");
    let found = rows(db, &sql, [id.uuid().into(), tenant_id.uuid().into()]).await?;
    let found = found.first().map(job).transpose()?;
    Ok(found.filter(|job| by.is_none_or(|by| job.by == Requester::Agent(by))))
}

/// Lists a page of the tenant's jobs, the newest first; of one asker alone, if one is given.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    by: Option<AgentId>,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Job>, StoreError> {
    let mut values: Vec<Value> = vec![tenant_id.uuid().into(), i64::try_from(limit + 1).unwrap_or(i64::MAX).into()];
    let mut sql = format!("SELECT {COLUMNS} FROM bulk_job j WHERE j.tenant_id = $1");
    if let Some(by) = by {
        values.push(by.uuid().into());
        sql.push_str(&format!(" AND j.by_kind = 'agent' AND j.by_id = ${}", values.len()));
    }
    if let Some(place) = after {
        let (at, id) = place.parts();
        values.extend([at.into(), id.into()]);
        sql.push_str(&format!(" AND (j.created_at, j.id) < (${}, ${})", values.len() - 1, values.len()));
    }
    sql.push_str(" ORDER BY j.created_at DESC, j.id DESC LIMIT $2");
    let mut found = rows(db, &sql, values).await?.iter().map(job).collect::<Result<Vec<_>, _>>()?;
    let next = cut(&mut found, limit, |job| Place::of_micros(job.created_at.micros(), job.id.uuid()));
    Ok(Listed { data: found, next })
}

/// Jobs that are not finished and that nobody works at `$1`, at most `$2`, the oldest first. Of every tenant: the sweep asks, not a caller.
pub const WAITING: &str = "FROM bulk_job j WHERE j.finished_at IS NULL AND (j.lease_until IS NULL OR j.lease_until <= $1) \
     ORDER BY j.created_at, j.id LIMIT $2";

/// Finds [`WAITING`].
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn waiting(db: &Database, now: Timestamp, limit: u64) -> Result<Vec<Job>, StoreError> {
    let sql = format!("SELECT {COLUMNS} {WAITING}");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows(db, &sql, [now.micros().into(), limit.into()]).await?.iter().map(job).collect()
}

/// Items of a job behind `after`, in the order of their ids, at most `limit`.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn items(db: &Database, id: BulkJobId, after: Option<ConversationId>, limit: u64) -> Result<Vec<Item>, StoreError> {
    const ITEMS: &str =
        "SELECT conversation_id, tries FROM bulk_item WHERE job_id = $1 AND conversation_id > $2 ORDER BY conversation_id LIMIT $3";
    let after = after.map_or(Uuid::nil(), ConversationId::uuid);
    let found = rows(db, ITEMS, [id.uuid().into(), after.into(), i64::try_from(limit).unwrap_or(i64::MAX).into()]).await?;
    let item = |row: &QueryResult| {
        Ok(Item { conversation_id: ConversationId::new(get(row, "conversation_id")?), tries: number(row, "tries").map_err(unavailable)? })
    };
    found.iter().map(item).collect()
}

fn job(row: &QueryResult) -> Result<Job, StoreError> {
    let errors: String = get(row, "errors")?;
    let at = |column| Ok::<_, StoreError>(get::<Option<i64>>(row, column)?.map(Timestamp::from_micros));
    Ok(Job {
        id: BulkJobId::new(get(row, "id")?),
        tenant_id: TenantId::new(get(row, "tenant_id")?),
        by: Requester::read(row)?,
        action: get(row, "action")?,
        total: number(row, "total").map_err(unavailable)?,
        left: number(row, "items_left").map_err(unavailable)?,
        failed: number(row, "failed").map_err(unavailable)?,
        errors: json("bulk_job.errors", &errors)?,
        lease_until: at("lease_until")?,
        created_at: Timestamp::from_micros(get(row, "created_at")?),
        finished_at: at("finished_at")?,
    })
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    row.try_get("", column).map_err(unavailable)
}
