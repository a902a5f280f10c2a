//! What is remembered of a tenant between two looks at it. Pure. Lost with the actor: then there is a whole look, and those who are away are
//! waited for anew.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use entities::{AgentId, ConversationId, Presence, TeamId, Timestamp, WhenAway};

use super::deal::{Floor, online};
use crate::{conversation::AskError, port::Survey};

/// How long a conversation is left alone that was not as it was seen, or did not answer: by then it is read anew.
const ASIDE_MS: i64 = 500;
/// How long at most, whatever its actor asks for.
const ASIDE_MS_MAX: i64 = 30_000;
/// Conversations left alone at once. With more, something is wrong with all of them, and the whole look is put off.
const ASIDE_MAX: usize = 64;

/// What can be seen at little cost, and without which nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// The tenant's last position.
    pub head: u64,
    /// Who is not offline, by id.
    pub present: Vec<(AgentId, Presence)>,
}

/// What is to be read, and then done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errands {
    /// Whose conversations are given back, those of which teams, and whether only the unanswered.
    pub give_back: Option<(Vec<AgentId>, Vec<TeamId>, bool)>,
    /// There are places; for conversations of these teams, beside those of none.
    pub serve: Option<Vec<TeamId>>,
}

/// How a move ended.
#[derive(Debug)]
pub enum Moved {
    /// It changed hands.
    Done,
    /// It was not as it was seen: somebody was faster.
    Overtaken,
    /// It did not go through.
    Failed(AskError),
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Ledger {
    /// What the last whole look was taken on.
    seen: Option<Glance>,
    /// Agents with open conversations who are not online, since they were first missed; at most the members.
    missed: BTreeMap<AgentId, Timestamp>,
    /// Conversations that are left alone until then; at most [`ASIDE_MAX`].
    aside: BTreeMap<ConversationId, Timestamp>,
    /// When time alone brings something to do.
    turn_at: Option<Timestamp>,
}

impl Ledger {
    /// Whether anything may have changed since the last whole look.
    #[must_use]
    pub fn has_news(&self, glance: &Glance, now: Timestamp) -> bool {
        self.turn_at.is_some_and(|at| at <= now) || self.seen.as_ref() != Some(glance)
    }

    /// When time alone brings something to do.
    #[must_use]
    pub const fn turn_at(&self) -> Option<Timestamp> {
        self.turn_at
    }

    /// The conversations that are left alone.
    #[must_use]
    pub fn aside(&self) -> Vec<ConversationId> {
        self.aside.keys().copied().collect()
    }

    /// Notes who is missed, and says what is to be done on what is seen.
    pub fn survey(&mut self, survey: &Survey, present: &[(AgentId, Presence)], now: Timestamp) -> Errands {
        self.aside.retain(|_, until| *until > now);
        let online: HashSet<AgentId> = online(present).collect();
        let absent = survey.members.iter().filter(|member| member.load > 0 && !online.contains(&member.agent_id));
        let absent: BTreeSet<AgentId> = absent.map(|member| member.agent_id).collect();
        self.missed.retain(|agent_id, _| absent.contains(agent_id));
        for agent_id in absent {
            self.missed.entry(agent_id).or_insert(now);
        }
        let floor = Floor::of(survey, present);
        Errands { give_back: self.give_back(survey, &floor, now), serve: floor.free_teams() }
    }

    /// Whose conversations are to be given back: of those who have been missed for long enough, while somebody is there to see them.
    fn give_back(&self, survey: &Survey, floor: &Floor<'_>, now: Timestamp) -> Option<(Vec<AgentId>, Vec<TeamId>, bool)> {
        let unanswered_only = match survey.rules.when_away {
            WhenAway::Keep => return None,
            WhenAway::GiveBackUnanswered => true,
            WhenAway::GiveBack => false,
        };
        let long_enough = |since: Timestamp| now.ms_since(since) >= i64::from(survey.rules.away_after_ms);
        let gone: Vec<AgentId> = self.missed.iter().filter(|(_, since)| long_enough(**since)).map(|(agent_id, _)| *agent_id).collect();
        (!gone.is_empty() && !floor.is_empty()).then(|| (gone, floor.teams(), unanswered_only))
    }

    /// Notes how a move ended.
    pub fn moved(&mut self, id: ConversationId, moved: &Moved, now: Timestamp) {
        let aside_ms = match moved {
            // Nothing is wrong with the conversation.
            Moved::Done | Moved::Failed(AskError::Unavailable(_)) => return,
            Moved::Overtaken => ASIDE_MS,
            Moved::Failed(AskError::Busy { retry_after_ms }) => i64::try_from(*retry_after_ms).unwrap_or(ASIDE_MS_MAX),
            Moved::Failed(AskError::Rejected(_)) => ASIDE_MS_MAX,
        };
        if self.aside.len() < ASIDE_MAX {
            self.aside.insert(id, now.plus_ms(aside_ms.clamp(ASIDE_MS, ASIDE_MS_MAX)));
        }
    }

    /// Notes that everything was looked at, as it was at this glance or later. What changed after it shows at the next.
    pub fn looked(&mut self, glance: Glance, survey: &Survey, now: Timestamp) {
        let keeps = survey.rules.when_away == WhenAway::Keep;
        let due = self.missed.values().filter(|_| !keeps).map(|since| since.plus_ms(i64::from(survey.rules.away_after_ms)));
        self.turn_at = self.aside.values().copied().chain(due).filter(|at| *at > now).min();
        self.seen = Some(glance);
    }

    /// Notes that a look was not finished: the next is a whole one.
    pub fn interrupted(&mut self) {
        self.seen = None;
    }
}
