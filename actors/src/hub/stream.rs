//! One tenant's stream of events on a hub: puts them in order, knows what is missing, finds who is to be told. Pure but for the outlets.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use entities::{ConversationId, EventKind, SessionId};
use serde_json::Value;

use super::message::{LiveEvent, Outlet, Topics, View};
use crate::port::Signal;

/// Events that may wait for those before them; beyond this they are dropped and read from the journal later.
const WAITING_MAX: usize = 8_192;

/// One tenant's stream.
#[derive(Default)]
pub struct Stream {
    /// The next position to hand out; `None` until the head was read.
    next: Option<u64>,
    /// Events that came before their turn. Bounded by [`WAITING_MAX`].
    waiting: BTreeMap<u64, Arc<LiveEvent>>,
    /// The sessions of this tenant on this node.
    sessions: HashMap<SessionId, Member>,
    /// Who follows a conversation: its visitor's sessions and agents that have it open.
    followers: HashMap<ConversationId, Vec<SessionId>>,
    /// Agents that watch the whole inbox.
    inbox: HashSet<SessionId>,
}

struct Member {
    outlet: Arc<Outlet>,
    view: View,
}

impl Stream {
    /// The next position, once known.
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// Whether anybody listens.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Something has arrived whose predecessors have not.
    pub fn has_gap(&self) -> bool {
        self.next.is_some() && !self.waiting.is_empty()
    }

    /// Begins behind `head`, if it has not begun; hands out what came meanwhile.
    pub fn begin(&mut self, head: u64) {
        if self.next.is_none() {
            self.next = Some(head + 1);
            self.advance();
        }
    }

    /// Takes events in, from the bus or from the journal, in any order, known or not; hands out what is in turn.
    pub fn take(&mut self, events: impl IntoIterator<Item = Arc<LiveEvent>>) {
        for live in events {
            let position = live.event.position;
            if self.next.is_none_or(|next| position >= next) && self.waiting.len() < WAITING_MAX {
                self.waiting.insert(position, live);
            }
        }
        self.advance();
    }

    fn advance(&mut self) {
        let Some(mut next) = self.next else { return };
        self.waiting = self.waiting.split_off(&next);
        let mut turn = Vec::new();
        while let Some(live) = self.waiting.remove(&next) {
            turn.push(live);
            next += 1;
        }
        self.next = Some(next);
        if !turn.is_empty() {
            self.hand_out(&turn);
        }
    }

    fn hand_out(&mut self, turn: &[Arc<LiveEvent>]) {
        let mut shares: HashMap<SessionId, Vec<Arc<LiveEvent>>> = HashMap::new();
        for live in turn {
            let followers = live.event.conversation_id.and_then(|id| self.followers.get(&id)).into_iter().flatten();
            for session_id in followers.chain(self.inbox.iter()) {
                let covered = self.sessions.get(session_id).is_some_and(|member| member.view.covers(&live.event));
                if covered {
                    let share = shares.entry(*session_id).or_default();
                    // A session may follow the conversation and the inbox.
                    if share.last().is_none_or(|last| last.event.position != live.event.position) {
                        share.push(live.clone());
                    }
                }
            }
        }
        for (session_id, share) in shares {
            let taken = self.sessions.get(&session_id).is_some_and(|member| member.outlet.push_events(share));
            if !taken {
                self.leave(session_id);
            }
        }
        self.bar(turn);
    }

    /// Ends visitors' sessions whose contact was blocked. The conversation's own change tells of it, and no change is missed on any node.
    fn bar(&self, turn: &[Arc<LiveEvent>]) {
        for live in turn.iter().filter(|live| live.event.kind == EventKind::ConversationUpdated) {
            let followers = live.event.conversation_id.and_then(|id| self.followers.get(&id)).into_iter().flatten();
            let visitors = followers.filter_map(|id| self.sessions.get(id)).filter(|member| matches!(member.view, View::Visitor { .. }));
            let mut visitors = visitors.peekable();
            if visitors.peek().is_some() && tells_of_a_block(live) {
                visitors.for_each(|member| member.outlet.push_barred());
            }
        }
    }

    /// Adds a session.
    pub fn join(&mut self, session_id: SessionId, outlet: Arc<Outlet>, view: View) {
        self.leave(session_id);
        match &view {
            View::Visitor { conversation_id } => self.followers.entry(*conversation_id).or_default().push(session_id),
            View::Agent { topics, .. } => self.follow(session_id, &topics.clone()),
        }
        self.sessions.insert(session_id, Member { outlet, view });
    }

    fn follow(&mut self, session_id: SessionId, topics: &Topics) {
        for id in &topics.conversations {
            self.followers.entry(*id).or_default().push(session_id);
        }
        if topics.inbox {
            self.inbox.insert(session_id);
        }
    }

    /// Changes an agent's topics; false if there is no such session.
    pub fn watch(&mut self, session_id: SessionId, new: Topics) -> bool {
        self.unfollow(session_id);
        let Some(Member { view: View::Agent { topics, .. }, .. }) = self.sessions.get_mut(&session_id) else { return false };
        topics.clone_from(&new);
        self.follow(session_id, &new);
        true
    }

    /// Takes a session out.
    pub fn leave(&mut self, session_id: SessionId) {
        self.unfollow(session_id);
        self.sessions.remove(&session_id);
    }

    fn unfollow(&mut self, session_id: SessionId) {
        let followed = match self.sessions.get(&session_id).map(|member| &member.view) {
            Some(View::Visitor { conversation_id }) => vec![*conversation_id],
            Some(View::Agent { topics, .. }) => topics.conversations.clone(),
            None => return,
        };
        for id in followed {
            if let Some(list) = self.followers.get_mut(&id) {
                list.retain(|follower| *follower != session_id);
                if list.is_empty() {
                    self.followers.remove(&id);
                }
            }
        }
        self.inbox.remove(&session_id);
    }

    /// Tells those who listen of something of the moment.
    pub fn signal(&self, signal: &Arc<Signal>) {
        let tell = |member: &Member| {
            if member.view.hears(signal) {
                member.outlet.push_signal(signal);
            }
        };
        match &**signal {
            Signal::Typing { conversation_id, .. } | Signal::Viewers { conversation_id, .. } => {
                let followers = self.followers.get(conversation_id).into_iter().flatten();
                followers.filter_map(|id| self.sessions.get(id)).for_each(tell);
            }
            Signal::Presence { .. } | Signal::Revoked { .. } => self.sessions.values().for_each(tell),
        }
    }

    /// Tells all to reconnect elsewhere; how many will hear.
    pub fn drain(&self) -> usize {
        self.sessions.values().filter(|member| member.outlet.push_drain()).count()
    }
}

/// Whether a conversation's change says that its contact may not write any more.
fn tells_of_a_block(live: &LiveEvent) -> bool {
    let text = live.event.data.get();
    // Most changes are of something else: those are not read.
    text.contains("\"blocked\":true")
        && serde_json::from_str::<Value>(text).is_ok_and(|data| data.pointer("/changes/contact/to/blocked") == Some(&Value::Bool(true)))
}
