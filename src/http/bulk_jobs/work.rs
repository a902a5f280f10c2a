//! Working jobs: a round takes each that waits and that no other node works, a piece at a time, so that a long one holds up none behind it.
//!
//! Guarantees: an item leaves the job in the transaction of its conversation's change; where nothing changes it leaves behind that, and doing it
//! again does nothing. What cannot be done just now is tried again, [`TRIES_MAX`] times.
//!
//! Does not: hold on to a job. A node that dies loses its lease in [`LEASE_MS`], and another, or it itself, goes on with what is left.

use actors::port::{Promise, StoreError};
use entities::{ConversationId, NodeId, Permission, Timestamp};
use futures_util::{StreamExt, stream};

use super::{requester, wire::BulkJob};
use crate::{
    http::{
        App,
        access::Caller,
        presets::{
            macros::Action,
            run::{self, Runner},
        },
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{
            self,
            bulk::{Failed, Item, Job},
        },
        settings::bulk,
    },
};

/// For how long a node has a job, from each piece on.
pub const LEASE_MS: i64 = 15_000;
/// Jobs of one round.
const JOBS_A_ROUND: u64 = 16;
/// Items that are read at once: a piece.
const PIECE: u64 = 64;
/// Pieces of one job in one round; then it is the next one's turn.
const PIECES_MAX: usize = 8;
/// Conversations that are worked at side by side.
const AT_ONCE: usize = 8;
/// How often an item is tried whose conversation cannot be asked just now: four times a second, for a minute.
pub const TRIES_MAX: u64 = 240;

/// A job as it is shown.
///
/// # Errors
/// 503 if its action cannot be read.
pub fn shown(job: Job) -> Answer<BulkJob> {
    let action = action(&job)?;
    Ok(BulkJob::of(job, action))
}

fn action(job: &Job) -> Result<Action, StoreError> {
    read::json("bulk_job.action", &job.action)
}

/// Works what waits, in the name of `node`; how many items were come to.
///
/// # Errors
/// [`StoreError`]: the last, when all jobs were come to. The next round goes on.
pub async fn round(app: &App, node: NodeId) -> Result<u64, StoreError> {
    let (mut worked, mut failed) = (0, None);
    for job in read::bulk::waiting(&app.db, app.clock.now(), JOBS_A_ROUND).await? {
        let id = job.id;
        match work(app, node, &job).await {
            Ok(more) => worked += more,
            Err(error) => {
                tracing::warn!(bulk_job.id = %id, %error, "a bulk job could not go on and will be tried again");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(worked), Err)
}

async fn work(app: &App, node: NodeId, job: &Job) -> Result<u64, StoreError> {
    let worked = pieces(app, node, job).await;
    // Also where it could not go on: the next round tries again, not the one after the lease.
    bulk::release(&app.db, job.id, node).await?;
    worked
}

async fn pieces(app: &App, node: NodeId, job: &Job) -> Result<u64, StoreError> {
    let mut after = None;
    let mut worked = 0;
    let action = [action(job)?];
    for _piece in 0..PIECES_MAX {
        let now = app.clock.now();
        if !bulk::claim(&app.db, job.id, node, now, now.plus_ms(LEASE_MS)).await? {
            return Ok(worked);
        }
        let items = read::bulk::items(&app.db, job.id, after, PIECE).await?;
        let Some(last) = items.last() else { break };
        after = Some(last.conversation_id);
        worked += items.len() as u64;
        // Looked at again for each piece: what somebody may do can end at any time.
        match allowed(app, job).await {
            Ok(caller) => piece(app, &caller, job, &action, items).await?,
            Err(problem) if problem.code() == Code::Forbidden => {
                let failed: Vec<_> = items.iter().map(|item| why(item.conversation_id, &problem)).collect();
                bulk::failed(&app.db, job.id, &failed).await?;
            }
            Err(problem) => return Err(away(&problem)),
        }
    }
    bulk::finish(&app.db, job.id, app.clock.now()).await?;
    Ok(worked)
}

/// Whoever asked, if they may still.
async fn allowed(app: &App, job: &Job) -> Answer<Caller> {
    let caller = requester::now(app, job.tenant_id, job.by).await?;
    let needed = Permission::ConversationsWrite;
    if caller.may(needed) {
        return Ok(caller);
    }
    Err(Problem::new(Code::Forbidden).detail(format!("whoever asked for it has no permission {needed} any more")))
}

async fn piece(app: &App, caller: &Caller, job: &Job, action: &[Action], items: Vec<Item>) -> Result<(), StoreError> {
    // Its own instant, so that a snooze of some hours means the same however late an item's turn comes, and however often.
    let runner = Runner { app, tenant_id: job.tenant_id, caller, actions: action, key: None, job: Some(job.id), now: job.created_at };
    let runner = &runner;
    let outcomes: Vec<_> = stream::iter(items)
        .map(move |item| async move { (item, runner.quietly(item.conversation_id, runner.actions).await) })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut done, mut tried, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (item, outcome) in outcomes {
        match outcome {
            Ok(()) => done.push(item.conversation_id),
            Err(problem) if problem.code().status() >= 500 && item.tries + 1 < TRIES_MAX => tried.push(item.conversation_id),
            Err(problem) => failed.push(why(item.conversation_id, &problem)),
        }
    }
    bulk::done(&app.db, job.id, &done).await?;
    if !tried.is_empty() {
        bulk::tried(&app.db, job.id, &tried).await?;
    }
    if !failed.is_empty() {
        bulk::failed(&app.db, job.id, &failed).await?;
    }
    Ok(())
}

fn why(conversation_id: ConversationId, problem: &Problem) -> Failed {
    let error = run::why(problem);
    Failed { conversation_id, code: error.code.to_owned(), detail: error.detail }
}

fn away(problem: &Problem) -> StoreError {
    StoreError::Unavailable(problem.to_string().into())
}

/// The jobs, for the sweep.
pub struct Jobs {
    /// Where they are.
    pub app: actix_web::web::Data<App>,
    /// In whose name they are worked.
    pub node: NodeId,
}

impl actors::sweep::Chore for Jobs {
    fn name(&self) -> &'static str {
        "bulk jobs"
    }

    fn run(&self, _now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(round(&self.app, self.node))
    }
}
