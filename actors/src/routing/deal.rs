//! Who is given what. Pure: what is seen in, moves out.
//!
//! Guarantees: the oldest that anybody may be given is dealt first; nothing goes to somebody who is not online, may take nothing, is full, or is
//! not of the conversation's team. By load, with equal capacities, nobody who is given a conversation has more than one above anybody else who
//! could have been given it; in turn, of two who could both be given all that is dealt, neither gets two while the other gets none.
//!
//! Does not: take from those who are there, to even out what ended unevenly: a contact keeps its agent.

use std::collections::{BTreeSet, HashSet};

use entities::{AgentId, ConversationId, Presence, RoutingMode, TeamId, Timestamp};

use crate::{
    conversation::Assign,
    port::{Held, Member, Survey, Waiting},
};

/// One conversation that is to change hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub id: ConversationId,
    /// From whom to whom, as it was seen.
    pub assign: Assign,
}

/// Those who are there and may be given something.
#[derive(Debug)]
pub struct Floor<'a> {
    mode: RoutingMode,
    desks: Vec<Desk<'a>>,
}

#[derive(Debug)]
struct Desk<'a> {
    member: &'a Member,
    load: u32,
    turn: Turn,
}

/// How long ago one was given something: the least is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Never,
    At(Timestamp),
    /// In this very deal, as the so-manieth.
    Now(usize),
}

impl<'a> Floor<'a> {
    /// Of all members, those who are online and may be given conversations.
    #[must_use]
    pub fn of(survey: &'a Survey, present: &[(AgentId, Presence)]) -> Self {
        let online: HashSet<AgentId> = online(present).collect();
        let desks = survey.members.iter().filter(|member| member.takes && online.contains(&member.agent_id)).map(|member| Desk {
            member,
            load: member.load,
            turn: member.given_at.map_or(Turn::Never, Turn::At),
        });
        Self { mode: survey.rules.mode, desks: desks.collect() }
    }

    /// Nobody is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.desks.is_empty()
    }

    /// The teams of which somebody is there.
    #[must_use]
    pub fn teams(&self) -> Vec<TeamId> {
        teams(self.desks.iter())
    }

    /// The teams of which somebody has a place free; `None` if nobody at all has.
    #[must_use]
    pub fn free_teams(&self) -> Option<Vec<TeamId>> {
        self.desks.iter().any(Desk::has_place).then(|| teams(self.desks.iter().filter(|desk| desk.has_place())))
    }

    /// Deals what waits, the oldest first, until it or the places are used up.
    pub fn deal(&mut self, waiting: &[Waiting]) -> Vec<Move> {
        let mut moves = Vec::new();
        for conversation in waiting {
            let mode = self.mode;
            let could = self.desks.iter_mut().filter(|desk| desk.has_place() && desk.member.is_of(conversation.team_id));
            // Those behind it may be of a team that still has a place.
            let Some(desk) = could.min_by(|a, b| a.before(b, mode)) else { continue };
            desk.load += 1;
            desk.turn = Turn::Now(moves.len());
            let assign = Assign { from: None, team_id: conversation.team_id, to: Some(desk.member.agent_id) };
            moves.push(Move { id: conversation.id, assign });
        }
        moves
    }
}

impl Desk<'_> {
    fn has_place(&self) -> bool {
        self.load < self.member.capacity
    }

    /// Who comes first. By load: whoever would be the less full with one more, as a part of what they can take on.
    fn before(&self, other: &Self, mode: RoutingMode) -> std::cmp::Ordering {
        let in_turn = (self.turn, self.member.agent_id).cmp(&(other.turn, other.member.agent_id));
        match mode {
            RoutingMode::Manual | RoutingMode::RoundRobin => in_turn,
            RoutingMode::ByLoad => {
                let (own, others) = (u64::from(self.load) + 1, u64::from(other.load) + 1);
                let filled = (own * u64::from(other.member.capacity)).cmp(&(others * u64::from(self.member.capacity)));
                filled.then(in_turn)
            }
        }
    }
}

impl Member {
    /// Whether they may be given what is of this team.
    fn is_of(&self, team_id: Option<TeamId>) -> bool {
        team_id.is_none_or(|team_id| self.teams.contains(&team_id))
    }
}

impl Held {
    /// It waits for anybody again.
    #[must_use]
    pub fn given_back(&self) -> Move {
        Move { id: self.id, assign: Assign { from: Some(self.agent_id), team_id: self.team_id, to: None } }
    }
}

/// Those who are online, of all who are present.
pub fn online(present: &[(AgentId, Presence)]) -> impl Iterator<Item = AgentId> {
    present.iter().filter(|(_, presence)| *presence == Presence::Online).map(|(agent_id, _)| *agent_id)
}

fn teams<'d>(desks: impl Iterator<Item = &'d Desk<'d>>) -> Vec<TeamId> {
    desks.flat_map(|desk| desk.member.teams.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
}
