//! What becomes of the conversations of a team that is deleted: they are no team's from then on, each by a command of its own, as if somebody
//! had changed it.
//!
//! Guarantees: done to the end, whatever happens in between: the team's row stays until nothing is its, and a sweep goes on with it.

use actors::{
    conversation::{AskError, Command, Rejection, Update},
    port::StoreError,
};
use entities::{TeamId, TenantId, Timestamp};

use crate::{
    http::App,
    store::{read, settings},
};

/// Conversations read at once.
const BATCH: u64 = 100;
/// Batches in a row; what is more is left to the next round of the sweep.
const BATCHES_MAX: usize = 1_000;
/// Deleted teams of one round.
const TEAMS_A_ROUND: u64 = 100;
/// For how long the row of a deleted team stays: what was given to the team at the very moment is found by then.
const KEPT_MS: i64 = 60_000;

/// Has the conversations of a team be no team's; how many did. One that changes at the same time is tried again, or left to the sweep.
///
/// # Errors
/// [`StoreError`], and conversations that do not answer: the rest is left to the sweep.
pub async fn conversations(app: &App, tenant_id: TenantId, id: TeamId) -> Result<u64, StoreError> {
    let mut released = 0;
    for _batch in 0..BATCHES_MAX {
        let found = read::team::conversations(&app.db, tenant_id, id, BATCH).await?;
        if found.is_empty() {
            break;
        }
        for (conversation_id, version) in found {
            let update = Update { team_id: Some(None), expected_version: Some(version), ..Update::default() };
            match app.directory.ask(tenant_id, conversation_id, Command::Update(Box::new(update))).await {
                Ok(_updated) => released += 1,
                Err(AskError::Rejected(Rejection::StaleVersion { .. })) => {}
                Err(error) => return Err(StoreError::Unavailable(error.to_string().into())),
            }
        }
    }
    Ok(released)
}

/// Goes on with the teams that were deleted, and forgets those that nothing is left of.
///
/// # Errors
/// As [`conversations`]: the last of them, when all teams were come to.
pub async fn go_on(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let (mut released, mut failed) = (0, None);
    for (tenant_id, id) in read::team::deleted(&app.db, TEAMS_A_ROUND).await? {
        // One that cannot be finished holds up none behind it.
        match finish(app, tenant_id, id, now).await {
            Ok(more) => released += more,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(released), Err)
}

async fn finish(app: &App, tenant_id: TenantId, id: TeamId, now: Timestamp) -> Result<u64, StoreError> {
    let released = conversations(app, tenant_id, id).await?;
    if read::team::conversations(&app.db, tenant_id, id, 1).await?.is_empty() {
        settings::team::forget(&app.db, tenant_id, id, now.plus_ms(-KEPT_MS)).await?;
    }
    Ok(released)
}
