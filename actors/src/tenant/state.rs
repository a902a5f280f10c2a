//! Who is there and who looks at what. Pure: each change answers what others must be told.

use std::collections::{BTreeMap, HashMap};

use entities::{AgentId, AgentSummary, ConversationId, Presence, SessionId};

use crate::port::Signal;

/// The presence of one tenant's agents.
#[derive(Debug, Default)]
pub struct State {
    /// Live sockets of agents on this node.
    sessions: HashMap<SessionId, Seat>,
    /// What agents chose to be; kept over the grace time and forgotten with the last socket.
    chosen: HashMap<AgentId, Presence>,
}

#[derive(Debug)]
struct Seat {
    agent: AgentSummary,
    viewing: Option<ConversationId>,
}

impl State {
    /// A socket opened, or says again that it is there.
    pub fn here(&mut self, session_id: SessionId, agent: AgentSummary) -> Vec<Signal> {
        let id = agent.id;
        let before = self.presence_of(id);
        let seat = self.sessions.entry(session_id).or_insert_with(|| Seat { agent: agent.clone(), viewing: None });
        seat.agent = agent;
        self.chosen.entry(id).or_insert(Presence::Online);
        self.changed(id, before)
    }

    /// The agent of a socket chose what to be.
    pub fn choose(&mut self, session_id: SessionId, presence: Presence) -> Vec<Signal> {
        let Some(id) = self.sessions.get(&session_id).map(|seat| seat.agent.id) else { return Vec::new() };
        let before = self.presence_of(id);
        self.chosen.insert(id, presence);
        self.changed(id, before)
    }

    /// A socket shows another conversation.
    pub fn viewing(&mut self, session_id: SessionId, conversation: Option<ConversationId>) -> Vec<Signal> {
        let Some(seat) = self.sessions.get_mut(&session_id) else { return Vec::new() };
        let before = std::mem::replace(&mut seat.viewing, conversation);
        if before == conversation {
            return Vec::new();
        }
        before.into_iter().chain(conversation).map(|id| self.viewers(id)).collect()
    }

    /// A socket closed. Presence changes later, by [`State::forget_if_gone`].
    pub fn gone(&mut self, session_id: SessionId) -> (Option<AgentId>, Vec<Signal>) {
        let Some(seat) = self.sessions.remove(&session_id) else { return (None, Vec::new()) };
        (Some(seat.agent.id), seat.viewing.into_iter().map(|id| self.viewers(id)).collect())
    }

    /// The grace time is over: without a socket the agent is offline.
    pub fn forget_if_gone(&mut self, id: AgentId) -> Vec<Signal> {
        if self.sessions.values().any(|seat| seat.agent.id == id) {
            return Vec::new();
        }
        let before = self.presence_of(id);
        self.chosen.remove(&id);
        self.changed(id, before)
    }

    /// Everybody who is not offline.
    pub fn present(&self) -> Vec<(AgentId, Presence)> {
        self.chosen.iter().filter(|(_, presence)| **presence != Presence::Offline).map(|(id, presence)| (*id, *presence)).collect()
    }

    fn presence_of(&self, id: AgentId) -> Presence {
        self.chosen.get(&id).copied().unwrap_or(Presence::Offline)
    }

    fn changed(&self, id: AgentId, before: Presence) -> Vec<Signal> {
        let now = self.presence_of(id);
        if now == before { Vec::new() } else { vec![Signal::Presence { agents: vec![(id, now)] }] }
    }

    fn viewers(&self, conversation_id: ConversationId) -> Signal {
        let seats = self.sessions.values().filter(|seat| seat.viewing == Some(conversation_id));
        let agents: BTreeMap<AgentId, AgentSummary> = seats.map(|seat| (seat.agent.id, seat.agent.clone())).collect();
        Signal::Viewers { conversation_id, agents: agents.into_values().collect() }
    }
}
