//! The one writer of a node: takes whatever waits, writes it in one transaction, answers each by itself.
//!
//! There is no timer. While one transaction is on its way to the disk, writes pile up in the queue, and the next takes all of them, up to
//! a bound. An idle node so commits at once, and a busy one in batches.
//!
//! When a transaction fails:
//! * before its commit was asked for, nothing was written; if others were in the way it is tried again as it is;
//! * at the commit, with the connection gone, the outcome is read back: a batch is there whole or not at all, so its first event tells;
//! * while the database is away, the writer tries to reach it again for [`AWAY_MAX`]; the queue fills meanwhile and refuses;
//! * because of a row, each write is tried once more in a transaction of its own, so that it fails alone.

use std::{sync::Arc, time::Duration};

use actors::port::{Bus, CommitError};
use entities::{ChannelId, StoredEvent, WebhookId};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use uuid::Uuid;

use super::{
    batch::{self, Known, Numbers, Verdict},
    outgoing::{self, Subscribers},
    prepare::Prepared,
    rows::Rows,
    statements::{Failure, Statements},
};
use crate::store::Database;

/// Most writes in one transaction.
pub const BATCH_WRITES_MAX: usize = 1_024;
/// Most messages after which a transaction takes no further write.
const BATCH_MESSAGES_MAX: usize = 8_192;
/// How long the writer tries to reach a database that is away before it tells those who wait.
const AWAY_MAX: Duration = Duration::from_secs(30);
/// The pause between two tries to reach it.
const AWAY_PAUSE: Duration = Duration::from_millis(100);
/// How long one statement may take before the connection counts as lost.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How often a transaction is tried again because others were in the way.
const AGAIN_MAX: usize = 20;

/// A write that waits, and who waits for it.
pub struct Job {
    /// The write.
    pub prepared: Prepared,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Verdict>,
}

/// How a connection of this kind is made.
pub trait Connect {
    /// The connection.
    type Connection: Statements;
    /// Makes one.
    async fn connect(&self) -> Result<Self::Connection, Failure>;
}

/// The writer.
pub struct Writer<C: Connect> {
    connect: C,
    /// `None` before the first use and after a failure.
    connection: Option<C::Connection>,
    bus: Arc<dyn Bus>,
    db: Database,
    subscribers: Subscribers,
}

/// What a transaction that went through leaves to do.
struct Written {
    verdicts: Vec<Verdict>,
    events: Vec<StoredEvent>,
    /// Webhooks that have something to deliver.
    due: Vec<WebhookId>,
    /// Channels that have something to send.
    sending: Vec<ChannelId>,
}

/// Where a transaction stood when it failed.
struct Attempt {
    failure: Failure,
    /// The commit was asked for: what it would have made durable.
    at_commit: Option<Written>,
}

impl From<Failure> for Attempt {
    fn from(failure: Failure) -> Self {
        Self { failure, at_commit: None }
    }
}

impl<C: Connect> Writer<C> {
    /// A writer that has not connected yet.
    pub fn new(connect: C, bus: Arc<dyn Bus>, db: Database) -> Self {
        Self { connect, connection: None, bus, db, subscribers: Subscribers::default() }
    }

    /// Works until nobody can ask any more and the queue is empty.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Job>, batch_writes_max: usize) {
        let mut jobs = Vec::new();
        while let Some(job) = queue.recv().await {
            let mut messages = job.prepared.messages.len();
            jobs.push(job);
            while jobs.len() < batch_writes_max && messages < BATCH_MESSAGES_MAX {
                let Ok(job) = queue.try_recv() else { break };
                messages += job.prepared.messages.len();
                jobs.push(job);
            }
            let (mut prepared, answers): (Vec<_>, Vec<_>) = jobs.drain(..).map(|job| (job.prepared, job.answer)).unzip();
            let verdicts = self.batch(&mut prepared).await;
            for (answer, verdict) in answers.into_iter().zip(verdicts) {
                // Whoever asked may have gone; what is written stays written.
                drop(answer.send(verdict));
            }
        }
    }

    /// Writes what may be written, tells the bus, and answers for each write.
    async fn batch(&mut self, prepared: &mut [Prepared]) -> Vec<Verdict> {
        let db = self.db.clone();
        // SQLite has one writer: settings are written between two batches, in the order of asking.
        let _turn = db.turn().await;
        match self.transaction(prepared, false).await {
            Ok(verdicts) => verdicts,
            Err(failure @ Failure::Lost(_)) => prepared.iter().map(|_| Err(CommitError::Unavailable(failure.text().clone()))).collect(),
            Err(failure) => self.one_by_one(prepared, &failure).await,
        }
    }

    async fn one_by_one(&mut self, prepared: &mut [Prepared], failure: &Failure) -> Vec<Verdict> {
        tracing::info!(error = %failure.text(), writes = prepared.len(), "a batch was refused and is tried write by write");
        let mut verdicts = Vec::with_capacity(prepared.len());
        for one in prepared.chunks_mut(1) {
            match self.transaction(one, true).await {
                Ok(verdict) => verdicts.extend(verdict),
                Err(Failure::Taken(_)) => verdicts.push(Err(CommitError::Conflict)),
                Err(failure) => {
                    tracing::error!(error = %failure.text(), "a write was refused by the database");
                    verdicts.push(Err(CommitError::Unavailable(failure.text().clone())));
                }
            }
        }
        verdicts
    }

    /// Tries a transaction until it is made, is refused because of its rows, or the database was away for too long.
    async fn transaction(&mut self, prepared: &mut [Prepared], unsure: bool) -> Result<Vec<Verdict>, Failure> {
        let mut away_since: Option<Instant> = None;
        let mut in_the_way = 0;
        loop {
            let attempt = match self.attempt(prepared, unsure).await {
                Ok(written) => return Ok(self.publish(written)),
                Err(attempt) => attempt,
            };
            if let Some(written) = attempt.at_commit
                && self.was_made(&written).await?
            {
                return Ok(self.publish(written));
            }
            match attempt.failure {
                Failure::Again(_) if in_the_way < AGAIN_MAX => in_the_way += 1,
                Failure::Lost(text) => {
                    self.connection = None;
                    let since = *away_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > AWAY_MAX {
                        return Err(Failure::Lost(text));
                    }
                    tracing::warn!(error = %text, "the journal has lost the database and tries again");
                    tokio::time::sleep(AWAY_PAUSE).await;
                }
                failure => return Err(failure),
            }
        }
    }

    /// Reads back whether a commit whose answer was lost was made after all.
    async fn was_made(&mut self, written: &Written) -> Result<bool, Failure> {
        let Some(first) = written.events.first() else { return Ok(false) };
        let (tenant_id, position, id) = (first.tenant_id.uuid(), first.position.cast_signed(), first.id.uuid());
        self.connection = None;
        let since = Instant::now();
        loop {
            let answer = match self.connected().await {
                Ok(connection) => within(connection.has_event(tenant_id, position, id)).await,
                Err(failure) => Err(failure),
            };
            match answer {
                Ok(made) => return Ok(made),
                Err(failure) if since.elapsed() > AWAY_MAX => return Err(Failure::Lost(failure.text().clone())),
                Err(failure) => {
                    tracing::warn!(error = %failure.text(), "whether a commit was made is not known yet");
                    self.connection = None;
                    tokio::time::sleep(AWAY_PAUSE).await;
                }
            }
        }
    }

    fn publish(&self, written: Written) -> Vec<Verdict> {
        for published in batch::published(written.events) {
            self.bus.publish(published);
        }
        if !written.due.is_empty() {
            self.bus.wake(&written.due);
        }
        if !written.sending.is_empty() {
            self.bus.wake_channels(&written.sending);
        }
        written.verdicts
    }

    async fn connected(&mut self) -> Result<&mut C::Connection, Failure> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => within(self.connect.connect()).await?,
        };
        Ok(self.connection.insert(connection))
    }

    async fn attempt(&mut self, prepared: &mut [Prepared], unsure: bool) -> Result<Written, Attempt> {
        self.connected().await?;
        let Some(connection) = &mut self.connection else { return Err(Failure::Lost(Arc::from("there is no connection")).into()) };
        let done = attempt_on(connection, &mut self.subscribers, prepared, unsure).await;
        if done.is_err() {
            self.subscribers.forget();
        }
        if let Err(Attempt { failure, .. }) = &done
            && !matches!(failure, Failure::Lost(_))
            && let Err(rollback) = connection.rollback().await
        {
            // A connection that cannot even give up is of no use; the next attempt makes another.
            tracing::warn!(error = %rollback.text(), "the journal drops a connection that does not roll back");
            self.connection = None;
        }
        done
    }
}

async fn attempt_on<S: Statements>(
    connection: &mut S,
    subscribers: &mut Subscribers,
    prepared: &mut [Prepared],
    unsure: bool,
) -> Result<Written, Attempt> {
    within(connection.begin()).await?;
    let mut known = ask(connection, prepared, unsure).await?;
    let mut verdicts: Vec<Result<(), CommitError>> = prepared.iter().map(|prepared| known.judge(prepared)).collect();
    change_channels(connection, prepared, &mut verdicts).await?;
    let survivors = || prepared.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_ok()).map(|(prepared, _)| prepared);
    let needs = batch::needs(survivors());
    if needs.is_empty() {
        within(connection.rollback()).await?;
        let refused = verdicts.into_iter().map(|verdict| verdict.and(Err(CommitError::Conflict))).collect();
        return Ok(Written { verdicts: refused, events: Vec::new(), due: Vec::new(), sending: Vec::new() });
    }
    let raised = within(connection.raise(&needs)).await?;
    let wishes = subscribers.of(&raised, connection).await?;
    let mut numbers = Numbers::new(&needs, &raised);
    let mut events = Vec::with_capacity(needs.values().map(|need| need.events as usize).sum());
    let mut numbered: Vec<Verdict> = Vec::with_capacity(prepared.len());
    for (prepared, verdict) in prepared.iter_mut().zip(verdicts.drain(..)) {
        numbered.push(match verdict {
            Ok(()) => numbers.number(prepared, &mut events)?,
            Err(refused) => Err(refused),
        });
    }
    let survivors: Vec<&Prepared> =
        prepared.iter().zip(&numbered).filter(|(_, verdict)| verdict.is_ok()).map(|(prepared, _)| prepared).collect();
    let outgoing = outgoing::outgoing(&survivors, &events, &wishes)?;
    let due = outgoing.due;
    let rows = Rows { bodies: outgoing.bodies, deliveries: outgoing.deliveries, ..batch::rows(&survivors, &events, &known) };
    let mut sending: Vec<_> = rows.dispatches.iter().map(|row| ChannelId::new(row.channel_id)).collect();
    sending.dedup();
    within(connection.write(&rows)).await?;
    let committed = within(connection.commit()).await;
    let written = Written { verdicts: numbered, events, due, sending };
    match committed {
        Ok(()) => Ok(written),
        Err(failure) => Err(Attempt { failure, at_commit: Some(written) }),
    }
}

/// Asks the table about every row that the batch touches, in an order in which two batches cannot lock each other out.
async fn ask<S: Statements>(connection: &mut S, prepared: &[Prepared], unsure: bool) -> Result<Known, Failure> {
    let writes = || prepared.iter().map(|prepared| &prepared.write);
    let conversations = || writes().filter_map(|write| write.conversation.as_ref());
    let ids = sorted(conversations().map(|conversation| conversation.row.id.uuid()));
    let found = if ids.is_empty() { Vec::new() } else { within(connection.conversations(&ids)).await? };
    let ids = sorted(writes().filter_map(|write| write.contact.as_ref()).map(|write| write.contact.id.uuid()));
    let contacts = if ids.is_empty() { Vec::new() } else { within(connection.contacts(&ids)).await? };
    let mut keys = Vec::new();
    for conversation in conversations().filter(|conversation| conversation.unsure_client_ids || unsure) {
        let id = conversation.row.id.uuid();
        keys.extend(conversation.messages.iter().filter_map(|message| message.client_id.as_ref()).map(|key| (id, key.as_str())));
    }
    let taken = if keys.is_empty() { None } else { Some(within(connection.client_ids(&keys)).await?) };
    Ok(Known::new(found, contacts, taken))
}

/// Changes channels, before anything is counted: one that is not as its write has it refuses that write alone. In the order of their ids, in
/// which two batches cannot lock each other out; of one channel in the order of the writes.
async fn change_channels<S: Statements>(
    connection: &mut S,
    prepared: &[Prepared],
    verdicts: &mut [Result<(), CommitError>],
) -> Result<(), Failure> {
    let mut channels: Vec<_> = prepared
        .iter()
        .zip(verdicts)
        .filter(|(_, verdict)| verdict.is_ok())
        .filter_map(|(prepared, verdict)| Some((prepared.write.settings.as_ref()?.channel()?, prepared.write.tenant_id, verdict)))
        .collect();
    channels.sort_by_key(|(channel, _, _)| channel.id);
    for (channel, tenant_id, verdict) in channels {
        if !within(connection.change_channel(tenant_id.uuid(), channel)).await? {
            *verdict = Err(CommitError::Conflict);
        }
    }
    Ok(())
}

pub(super) async fn within<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match tokio::time::timeout(ANSWER_MAX, work).await {
        Ok(done) => done,
        Err(_elapsed) => Err(Failure::Lost(Arc::from("the database did not answer in time"))),
    }
}

fn sorted(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
