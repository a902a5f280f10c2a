//! What is recorded together: while one transaction is on its way to the disk, what other webhooks have to record waits, and goes with the next.
//!
//! Guarantees: nobody waits for a timer: with nothing under way one is written at once. If a transaction fails that several share, each is
//! written by itself, so that one that cannot be written fails alone. Whoever asks is answered when its own is durable, or has failed.
//!
//! Bound: what waits is at most one record for each webhook at work, of at most as many attempts as one may leave unrecorded.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actors::port::{Recorded, StoreError};
use tokio::sync::oneshot;

use super::record::{Item, record};
use crate::store::Database;

/// Attempts of one transaction, but for those of one webhook, which are not divided.
const ATTEMPTS_MAX: usize = 512;

/// Records attempts, those of several webhooks together.
pub struct Recorder {
    db: Database,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Asked>,
    /// Somebody is writing, and will write what waits.
    writing: bool,
}

struct Asked {
    item: Item,
    answer: oneshot::Sender<Result<Recorded, StoreError>>,
}

impl Recorder {
    /// With nothing to record yet.
    pub fn new(db: Database) -> Arc<Self> {
        Arc::new(Self { db, line: Mutex::default() })
    }

    /// Records what came of one webhook's attempts. Goes on also when whoever waits for it does not any longer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: it may be written or not.
    pub async fn record(self: &Arc<Self>, item: Item) -> Result<Recorded, StoreError> {
        let (answer, told) = oneshot::channel();
        let is_first = {
            let mut line = self.lock();
            line.waiting.push(Asked { item, answer });
            !std::mem::replace(&mut line.writing, true)
        };
        if is_first {
            tokio::spawn(Writing(self.clone()).write_all());
        }
        told.await.unwrap_or_else(|_dropped| Err(StoreError::Unavailable("the recording of attempts broke off".into())))
    }

    /// What is written next; none ends the writing.
    fn next(&self) -> Vec<Asked> {
        let mut line = self.lock();
        let (mut webhooks, mut attempts) = (HashSet::new(), 0);
        let fits = line.waiting.iter().take_while(|asked| {
            attempts += asked.item.attempts.len();
            webhooks.insert(asked.item.lease.webhook_id) && (attempts <= ATTEMPTS_MAX || webhooks.len() == 1)
        });
        let count = fits.count();
        let next = line.waiting.drain(..count).collect();
        line.writing = count > 0;
        next
    }

    async fn write(&self, batch: Vec<Asked>) {
        let (items, answers): (Vec<Item>, Vec<_>) = batch.into_iter().map(|asked| (asked.item, asked.answer)).unzip();
        let told: Vec<Result<Recorded, StoreError>> = match record(&self.db, &items).await {
            Ok(recorded) => recorded.into_iter().map(Ok).collect(),
            Err(error) if items.len() == 1 => vec![Err(error)],
            Err(error) => {
                tracing::warn!(webhooks = items.len(), %error, "attempts could not be recorded together; each webhook's are recorded alone");
                let mut told = Vec::with_capacity(items.len());
                for item in &items {
                    let alone = record(&self.db, std::slice::from_ref(item)).await;
                    told.push(alone.map(|recorded| recorded.first().copied().unwrap_or(Recorded::LeaseLost)));
                }
                told
            }
        };
        for (answer, told) in answers.into_iter().zip(told) {
            // Who has gone away does not want to know.
            let _gone = answer.send(told);
        }
    }

    /// A panic can leave nothing half-way in a list: a poisoned lock is taken all the same.
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one that writes. Should it die, whoever waits is told by its answer being dropped, and the next who asks begins anew.
struct Writing(Arc<Recorder>);

impl Writing {
    async fn write_all(self) {
        loop {
            let batch = self.0.next();
            if batch.is_empty() {
                return;
            }
            self.0.write(batch).await;
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut line = self.0.lock();
            line.writing = false;
            line.waiting.clear();
        }
    }
}
