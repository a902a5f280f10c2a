//! Jobs over many conversations, as they are made, worked and ended.
//!
//! Guarantees: a job and its items are made together; one node at a time works a job, by lease; an item that failed goes with the line that says
//! so. What was done goes with the conversation's change, in the journal.

use actors::port::StoreError;
use entities::{BulkJobId, ConversationId, NodeId, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};

use crate::store::{
    Database,
    read::bulk::{Failed, Requester},
    unavailable,
};

/// Most failures of a job that are told one by one.
pub const ERRORS_MAX: usize = 20;
/// Items that one statement adds: databases take only so many values at once.
const ADDED_AT_ONCE: usize = 200;

/// A job to be made.
pub struct NewJob {
    /// Its id.
    pub id: BulkJobId,
    /// Who asked.
    pub by: Requester,
    /// What is to be done, as JSON.
    pub action: String,
    /// With which conversations, each once.
    pub conversations: Vec<ConversationId>,
    /// When.
    pub created_at: Timestamp,
}

/// Makes a job; one without conversations is finished at once.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn create(db: &Database, tenant_id: TenantId, new: &NewJob) -> Result<(), StoreError> {
    const ADD: &str = "INSERT INTO bulk_job (id, tenant_id, by_kind, by_id, token_id, action, total, failed, errors, created_at, finished_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '[]', $8, $9)";
    db.write(async |transaction| {
        let at = new.created_at.micros();
        let (kind, id, token_id) = new.by.columns();
        let values: [Value; 9] = [
            new.id.uuid().into(),
            tenant_id.uuid().into(),
            kind.into(),
            id.into(),
            token_id.into(),
            new.action.as_str().into(),
            count(new.conversations.len()).into(),
            at.into(),
            new.conversations.is_empty().then_some(at).into(),
        ];
        run(db, transaction, ADD, values).await?;
        for some in new.conversations.chunks(ADDED_AT_ONCE) {
            let mut values: Vec<Value> = vec![new.id.uuid().into(), tenant_id.uuid().into()];
            let mut rows = Vec::with_capacity(some.len());
            for id in some {
                values.push(id.uuid().into());
                rows.push(format!("($1, ${}, $2, 0)", values.len()));
            }
            let sql = format!("INSERT INTO bulk_item (job_id, conversation_id, tenant_id, tries) VALUES {}", rows.join(", "));
            run(db, transaction, &sql, values).await?;
        }
        Ok(())
    })
    .await
}

/// Takes the job's lease, or renews it; false if another node has it, or the job is finished.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn claim(db: &Database, id: BulkJobId, owner: NodeId, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    const CLAIM: &str = "UPDATE bulk_job SET lease_owner = $2, lease_until = $4 WHERE id = $1 AND finished_at IS NULL \
                         AND (lease_owner = $2 OR lease_until IS NULL OR lease_until <= $3)";
    let values: [Value; 4] = [id.uuid().into(), owner.uuid().into(), now.micros().into(), until.micros().into()];
    db.write(async |transaction| Ok(run(db, transaction, CLAIM, values).await? > 0)).await
}

/// Gives the lease back, for whoever comes next.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn release(db: &Database, id: BulkJobId, owner: NodeId) -> Result<(), StoreError> {
    const RELEASE: &str = "UPDATE bulk_job SET lease_until = NULL WHERE id = $1 AND lease_owner = $2";
    let values: [Value; 2] = [id.uuid().into(), owner.uuid().into()];
    db.write(async |transaction| run(db, transaction, RELEASE, values).await.map(|_rows| ())).await
}

/// Takes away items that are done: what changed something went with the change already.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn done(db: &Database, id: BulkJobId, conversations: &[ConversationId]) -> Result<(), StoreError> {
    db.write(async |transaction| {
        for conversation_id in conversations {
            drop_item(db, transaction, id, *conversation_id).await?;
        }
        Ok(())
    })
    .await
}

/// Notes that items could not be tried to the end just now.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn tried(db: &Database, id: BulkJobId, conversations: &[ConversationId]) -> Result<(), StoreError> {
    const TRIED: &str = "UPDATE bulk_item SET tries = tries + 1 WHERE job_id = $1 AND conversation_id = $2";
    db.write(async |transaction| {
        for conversation_id in conversations {
            run(db, transaction, TRIED, [id.uuid().into(), conversation_id.uuid().into()]).await?;
        }
        Ok(())
    })
    .await
}

/// Takes away items that failed, and says why. One that went meanwhile did not fail.
///
/// # Errors
/// [`StoreError`].
pub async fn failed(db: &Database, id: BulkJobId, failures: &[Failed]) -> Result<(), StoreError> {
    const READ: &str = "SELECT errors FROM bulk_job WHERE id = $1";
    const SAY: &str = "UPDATE bulk_job SET failed = failed + $2, errors = $3 WHERE id = $1";
    db.write(async |transaction| {
        let mut told = Vec::with_capacity(failures.len());
        for failure in failures {
            if drop_item(db, transaction, id, failure.conversation_id).await? {
                told.push(failure.clone());
            }
        }
        let read = Statement::from_sql_and_values(db.backend(), READ, [id.uuid().into()]);
        let row = transaction.query_one_raw(read).await.map_err(unavailable)?.ok_or(StoreError::NotFound)?;
        let errors: String = row.try_get("", "errors").map_err(unavailable)?;
        let mut errors: Vec<Failed> = crate::store::read::json("bulk_job.errors", &errors)?;
        let more = count(told.len());
        errors.extend(told);
        errors.truncate(ERRORS_MAX);
        let errors = serde_json::to_string(&errors).map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        run(db, transaction, SAY, [id.uuid().into(), more.into(), errors.into()]).await.map(|_rows| ())
    })
    .await
}

/// Ends a job of which nothing is left.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn finish(db: &Database, id: BulkJobId, now: Timestamp) -> Result<(), StoreError> {
    const FINISH: &str = "UPDATE bulk_job SET finished_at = $2, lease_owner = NULL, lease_until = NULL WHERE id = $1 AND finished_at IS NULL \
                          AND NOT EXISTS (SELECT 1 FROM bulk_item WHERE job_id = $1)";
    let values: [Value; 2] = [id.uuid().into(), now.micros().into()];
    db.write(async |transaction| run(db, transaction, FINISH, values).await.map(|_rows| ())).await
}

/// Forgets jobs that were finished before `before`; how many.
///
/// # Errors
/// [`StoreError::Unavailable`].
pub async fn forget_before(db: &Database, before: Timestamp) -> Result<u64, StoreError> {
    const FORGET: &str = "DELETE FROM bulk_job WHERE finished_at < $1";
    db.write(async |transaction| run(db, transaction, FORGET, [before.micros().into()]).await).await
}

async fn drop_item(
    db: &Database,
    transaction: &DatabaseTransaction,
    id: BulkJobId,
    conversation_id: ConversationId,
) -> Result<bool, StoreError> {
    const DROP: &str = "DELETE FROM bulk_item WHERE job_id = $1 AND conversation_id = $2";
    Ok(run(db, transaction, DROP, [id.uuid().into(), conversation_id.uuid().into()]).await? > 0)
}

async fn run(
    db: &Database,
    transaction: &DatabaseTransaction,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(db.backend(), sql, values);
    Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
