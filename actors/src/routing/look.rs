//! One look at a tenant: read what there is, decide, have the conversations do it.
//!
//! Guarantees: everything is decided on what was read in this look, under the lease; nothing is given to somebody who is not online when it is
//! handed in. A conversation that changed meanwhile refuses by its own rules.

use entities::{TenantId, Timestamp};
use futures_util::future::join_all;

use super::{
    Tools,
    deal::{Floor, Move, online},
    ledger::{Glance, Ledger, Moved},
    state::Looked,
};
use crate::{
    conversation::AskError,
    port::{Held, Selection, StoreError, Survey},
};

/// Most conversations that one look gives out, or gives back: what is more comes with the next, at once.
const MOVES_MAX: usize = 128;

/// Looks; `whole` if it is not enough that nothing seems to have changed. Nothing is given out from `until` on.
pub async fn look(tools: &Tools, tenant_id: TenantId, ledger: &mut Ledger, whole: bool, until: Timestamp) -> Result<Looked, StoreError> {
    let glance = glance(tools, tenant_id).await?;
    let now = tools.clock.now();
    if online(&glance.present).next().is_none() {
        ledger.interrupted();
        return Ok(Looked::Routed { attended: false, again: false, turn_at: None });
    }
    if !whole && !ledger.has_news(&glance, now) {
        return Ok(Looked::Routed { attended: true, again: false, turn_at: ledger.turn_at() });
    }
    ledger.interrupted();
    let Some(survey) = tools.routing.survey(tenant_id).await? else { return Ok(Looked::Unrouted) };
    let moves = decide(tools, tenant_id, ledger, &survey, &glance, now).await?;
    if tools.clock.now() >= until {
        // Reading took so long that another node may have begun: all of it is decided anew.
        return Ok(Looked::Routed { attended: true, again: true, turn_at: None });
    }
    let again = carry_out(tools, tenant_id, ledger, &moves).await?;
    ledger.looked(glance, &survey, tools.clock.now());
    Ok(Looked::Routed { attended: true, again, turn_at: ledger.turn_at() })
}

/// The head is read first: what is committed while the rest is read shows at the next glance.
async fn glance(tools: &Tools, tenant_id: TenantId) -> Result<Glance, StoreError> {
    let head = tools.journal.head(tenant_id).await?;
    let mut present = tools.attendance.present(tenant_id).await?;
    present.sort_unstable();
    Ok(Glance { head, present })
}

async fn decide(
    tools: &Tools,
    tenant_id: TenantId,
    ledger: &mut Ledger,
    survey: &Survey,
    glance: &Glance,
    now: Timestamp,
) -> Result<Vec<Move>, StoreError> {
    let errands = ledger.survey(survey, &glance.present, now);
    let selection = |teams| Selection { teams, without: ledger.aside(), limit: MOVES_MAX };
    if let Some((gone, teams, unanswered_only)) = errands.give_back {
        let held = tools.routing.held(tenant_id, gone, unanswered_only, selection(teams)).await?;
        if !held.is_empty() {
            // They are likely to be older than what waits, and so come first in the next look.
            return Ok(held.iter().map(Held::given_back).collect());
        }
    }
    let Some(teams) = errands.serve else { return Ok(Vec::new()) };
    let waiting = tools.routing.waiting(tenant_id, selection(teams)).await?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    // Asked again, because reading took its time: whoever has gone meanwhile is given nothing.
    let present = tools.attendance.present(tenant_id).await?;
    Ok(Floor::of(survey, &present).deal(&waiting))
}

/// Has the conversations do it, all at once and in order; whether there may be more to do.
async fn carry_out(tools: &Tools, tenant_id: TenantId, ledger: &mut Ledger, moves: &[Move]) -> Result<bool, StoreError> {
    let asked = moves.iter().map(|wish| tools.conversations.assign(tenant_id, wish.id, wish.assign));
    let answers = join_all(asked).await;
    let now = tools.clock.now();
    let (mut done, mut trouble) = (0_usize, None);
    for (wish, answer) in moves.iter().zip(answers) {
        let moved = match answer {
            Ok(true) => Moved::Done,
            Ok(false) => Moved::Overtaken,
            Err(error) => Moved::Failed(error),
        };
        match &moved {
            Moved::Done => done += 1,
            Moved::Failed(error @ (AskError::Busy { .. } | AskError::Unavailable(_))) => trouble = Some(error.to_string()),
            Moved::Overtaken | Moved::Failed(AskError::Rejected(_)) => {}
        }
        ledger.moved(wish.id, &moved, now);
    }
    match trouble {
        Some(why) if done == 0 => Err(StoreError::Unavailable(why.into())),
        Some(why) => {
            tracing::warn!(tenant.id = %tenant_id, why, "some conversations could not be given out and are tried again");
            Ok(true)
        }
        None => Ok(!moves.is_empty()),
    }
}
