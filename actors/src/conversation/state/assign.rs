//! Who answers from now on, decided elsewhere on what was seen of the conversation then. Pure, like its parent.

use entities::{ConversationStatus, Timestamp};

use super::{Decision, Outcome, State};
use crate::conversation::message::{Assign, Rejection, Update};

impl State {
    /// Decides whether the conversation still is as it was seen; only then it changes hands.
    pub(super) fn decide_assign(&self, assign: &Assign, now: Timestamp) -> Result<Decision, Rejection> {
        let row = &self.row;
        let is_as_seen = row.status == ConversationStatus::Open
            && row.owner_id.is_none()
            && row.assignee_id == assign.from
            && row.team_id == assign.team_id;
        if !is_as_seen {
            return Ok(Decision { facts: Vec::new(), outcome: Outcome::Updated });
        }
        self.decide_update(&Update { assignee_id: Some(assign.to), ..Update::default() }, now)
    }
}
