//! The journal over SQL: the only way a conversation or a contact changes.
//!
//! Guarantees: everything in [`actors::port::journal`], and that what is answered is on the disk. Writes that wait together are written
//! together (group commit), each judged by itself.
//!
//! Does not: decide what a write may contain, or run twice on one node: there is one writer, on a thread of its own. Many nodes may write to
//! one PostgreSQL; there the row version arbitrates, and each node tells its bus of its own writes.
//!
//! Start reading at [`writer`], which holds the way of a batch; [`batch`] judges and numbers it, `sqlite` and `postgres` write it, and
//! [`read`] reads it back.

mod batch;
pub mod erase;
mod messages;
mod outgoing;
mod postgres;
mod postgres_remote;
mod postgres_rows;
mod postgres_settings;
mod prepare;
pub mod read;
mod rows;
mod sqlite;
mod sqlite_settings;
mod statements;
mod writer;

use std::{sync::Arc, thread};

use actors::port::{Bus, CommitError, Committed, HeldMessage, Journal, LoadedConversation, Promise, StoreError, Wanted, Write};
use entities::{Contact, ContactId, ConversationId, Epoch, ScheduledMessage, StoredEvent, TenantId};
use sea_orm::Value;
use tokio::sync::{mpsc, oneshot, watch};

use self::{
    prepare::Prepared,
    writer::{Job, Writer},
};
use super::{Database, connect::Origin};

/// Most writes that wait for the writer; one more is refused as busy.
const QUEUE_MAX: usize = 8_192;

/// The journal over SQL.
pub struct SqlJournal {
    db: Database,
    epoch: Epoch,
    queue: mpsc::Sender<Job>,
    /// Closes when the writer has ended.
    alive: watch::Receiver<()>,
}

impl SqlJournal {
    /// [`Self::open_with`] the bound that serves best.
    ///
    /// # Errors
    /// As [`Self::open_with`].
    pub async fn open(db: Database, bus: Arc<dyn Bus>) -> Result<Self, StoreError> {
        Self::open_with(db, bus, writer::BATCH_WRITES_MAX).await
    }

    /// Reads the database's epoch and starts the writer, which tells `bus` and takes at most so many writes into one transaction. The
    /// database must have this binary's schema.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the database does not answer, has no epoch, or the writer's thread cannot be started.
    pub async fn open_with(db: Database, bus: Arc<dyn Bus>, batch_writes_max: usize) -> Result<Self, StoreError> {
        let epoch = epoch(&db).await?;
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let (living, alive) = watch::channel(());
        let (origin, writers_db) = (db.origin().clone(), db.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::Unavailable(Arc::from(format!("the journal has no runtime: {error}"))))?;
        let work = move || {
            // Dropped when the thread ends, by a panic too.
            let _living = living;
            match origin {
                Origin::Sqlite(options) => {
                    runtime.block_on(
                        Writer::new(sqlite::SqliteConnect(options.get_filename().to_owned()), bus, writers_db).run(jobs, batch_writes_max),
                    );
                }
                Origin::Postgres(options) => {
                    runtime.block_on(Writer::new(postgres::PostgresConnect(*options), bus, writers_db).run(jobs, batch_writes_max));
                }
            }
        };
        let started = thread::Builder::new().name("journal".to_owned()).spawn(work);
        started.map_err(|error| StoreError::Unavailable(Arc::from(format!("the journal has no thread: {error}"))))?;
        Ok(Self { db, epoch, queue, alive })
    }

    /// Waits until the writer has ended, which it does not while this journal lives unless it panicked. Nothing can be acknowledged
    /// after that: the process must end.
    pub async fn dead(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// The database behind it.
    pub fn database(&self) -> &Database {
        &self.db
    }

    async fn hand_in(&self, write: Write) -> Result<Committed, CommitError> {
        let prepared = Prepared::new(write)?;
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Job { prepared, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => CommitError::Busy,
            mpsc::error::TrySendError::Closed(_) => CommitError::Unavailable(Arc::from("the journal's writer has ended")),
        })?;
        let gone = || CommitError::Unavailable(Arc::from("the journal's writer ended before it answered"));
        answered.await.map_err(|_ended| gone())?
    }
}

async fn epoch(db: &Database) -> Result<Epoch, StoreError> {
    let found = read::rows(db, "SELECT value FROM meta WHERE name = $1", [Value::from("epoch")]).await?;
    let text: Option<String> = found.first().map(|row| row.try_get("", "value")).transpose().map_err(super::unavailable)?;
    let epoch = text.and_then(|text| text.parse().ok()).map(Epoch::new);
    epoch.ok_or_else(|| StoreError::Unavailable(Arc::from("the database has no epoch: it was not migrated")))
}

impl Journal for SqlJournal {
    fn load(
        &self,
        tenant_id: TenantId,
        id: ConversationId,
        recent_max: usize,
    ) -> Promise<'_, Result<Option<LoadedConversation>, StoreError>> {
        Box::pin(read::load(&self.db, tenant_id, id, recent_max))
    }

    fn find_contact(&self, tenant_id: TenantId, id: ContactId) -> Promise<'_, Result<Option<Contact>, StoreError>> {
        Box::pin(read::find_contact(&self.db, tenant_id, id))
    }

    fn find_messages(&self, tenant_id: TenantId, id: ConversationId, wanted: Wanted) -> Promise<'_, Result<Vec<HeldMessage>, StoreError>> {
        Box::pin(read::find_messages(&self.db, tenant_id, id, wanted))
    }

    fn scheduled(&self, tenant_id: TenantId, id: ConversationId) -> Promise<'_, Result<Vec<ScheduledMessage>, StoreError>> {
        Box::pin(super::read::scheduled::list(&self.db, tenant_id, id))
    }

    fn commit(&self, write: Write) -> Promise<'_, Result<Committed, CommitError>> {
        Box::pin(self.hand_in(write))
    }

    fn epoch(&self) -> Epoch {
        self.epoch
    }

    fn head(&self, tenant_id: TenantId) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(read::head(&self.db, tenant_id))
    }

    fn oldest(&self, tenant_id: TenantId) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(read::oldest(&self.db, tenant_id))
    }

    fn events_after(&self, tenant_id: TenantId, after: u64, limit: usize) -> Promise<'_, Result<Vec<StoredEvent>, StoreError>> {
        Box::pin(read::events_after(&self.db, tenant_id, after, limit))
    }

    fn visitor_events_after(
        &self,
        tenant_id: TenantId,
        id: ConversationId,
        after_seq: u64,
        limit: usize,
    ) -> Promise<'_, Result<Vec<StoredEvent>, StoreError>> {
        Box::pin(read::visitor_events_after(&self.db, tenant_id, id, after_seq, limit))
    }
}
