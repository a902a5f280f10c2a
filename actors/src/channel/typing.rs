//! Typing: shows the other side of a provider's conversation that one of ours is writing, for as long as one is.
//!
//! Guarantees: bounded and out of the way. It is said once for as long as the provider shows it; of a channel at most [`UNDER_WAY_MAX`] are under
//! way, and none while the channel rests. What fails is dropped and counted: nobody waits for it, nothing is written, no message stands behind it.
//!
//! Does not: decide who types where. Sessions do.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entities::{Action, Capabilities, ChannelId, ChannelKind, ConversationId, Holds, Outbound, SendOutcome, TenantId, Timestamp};

use super::{actor::Doors, message::Came};
use crate::port::Line;

/// Signals of one channel under way at once.
pub const UNDER_WAY_MAX: usize = 4;
/// Conversations that are remembered; beyond them nobody is shown to type.
const KNOWN_MAX: usize = 10_000;
/// Channels whose rest is remembered; beyond them the one that ends first is forgotten.
const RESTS_MAX: usize = 10_000;
/// A signal is said again so long before it ends at the provider.
const AHEAD_MS: i64 = 5_000;
/// The least time between two, however often somebody begins and stops.
const BETWEEN_MS: i64 = 3_000;
/// What is known of a conversation is looked up again after so long.
const KNOWN_MS: i64 = 60_000;
/// A provider that is busy, or refuses, is left alone for so long.
const REST_MS: i64 = 60_000;
/// Longer than this a signal is not waited for.
const LIMIT: Duration = Duration::from_secs(10);

/// What is known of a conversation's signal.
#[derive(Debug, Clone, Copy)]
struct Known {
    at: Timestamp,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// The first is on its way.
    Asking,
    /// There is none, or not now.
    Unable,
    /// It was begun, or stopped.
    Said { kind: ChannelKind, on: bool },
}

/// Who is shown to type where, on this node.
#[derive(Debug, Default)]
pub struct Indicators {
    /// At most [`KNOWN_MAX`]; what is older than [`KNOWN_MS`] goes first.
    known: HashMap<ConversationId, Known>,
    /// Channels that rest, until when; at most [`RESTS_MAX`].
    rests: HashMap<ChannelId, Timestamp>,
    /// Signals under way.
    under_way: HashMap<ChannelId, usize>,
}

impl Indicators {
    /// Somebody began or stopped: whether the provider is to be told.
    pub fn wish(&mut self, id: ConversationId, on: bool, now: Timestamp) -> bool {
        let Some(known) = self.known.get_mut(&id).filter(|known| now.ms_since(known.at) < KNOWN_MS) else {
            return on && self.begin(id, now);
        };
        let age = now.ms_since(known.at);
        let What::Said { kind, on: was_on } = known.what else { return false };
        let Some(able) = Capabilities::of(kind) else { return false };
        let shows = was_on && age < i64::from(able.typing_secs) * 1_000;
        let told = if on {
            age >= BETWEEN_MS && !(shows && age < i64::from(able.typing_secs) * 1_000 - AHEAD_MS)
        } else {
            shows && able.typing_stops
        };
        if told {
            *known = Known { at: now, what: What::Said { kind, on } };
        }
        told
    }

    fn begin(&mut self, id: ConversationId, now: Timestamp) -> bool {
        if self.known.len() >= KNOWN_MAX {
            self.known.retain(|_, known| now.ms_since(known.at) < KNOWN_MS);
        }
        let has_room = self.known.len() < KNOWN_MAX;
        if has_room {
            self.known.insert(id, Known { at: now, what: What::Asking });
        }
        has_room
    }

    /// What came of the wish.
    fn learn(&mut self, id: ConversationId, what: What, now: Timestamp) {
        if let Some(known) = self.known.get_mut(&id) {
            // A signal that was said counts from when it was wished for.
            let at = if matches!(what, What::Said { .. }) { known.at } else { now };
            *known = Known { at, what };
        }
    }

    /// A message of ours went out: the provider shows nobody typing any more.
    pub fn said(&mut self, id: ConversationId) {
        if let Some(Known { what: What::Said { on, .. }, .. }) = self.known.get_mut(&id) {
            *on = false;
        }
    }

    /// A channel is left alone until then.
    pub fn rest(&mut self, id: ChannelId, until: Timestamp, now: Timestamp) {
        self.rests.retain(|_, until| *until > now);
        if self.rests.len() >= RESTS_MAX {
            let first = self.rests.iter().min_by_key(|(_, until)| **until).map(|(id, _)| *id);
            first.and_then(|id| self.rests.remove(&id));
        }
        let known = self.rests.entry(id).or_insert(until);
        *known = until.max(*known);
    }

    fn take_place(&mut self, id: ChannelId, now: Timestamp) -> bool {
        if self.rests.get(&id).is_some_and(|until| *until > now) {
            return false;
        }
        let under_way = self.under_way.entry(id).or_default();
        let has_room = *under_way < UNDER_WAY_MAX;
        *under_way += usize::from(has_room);
        has_room
    }

    fn give_back(&mut self, id: ChannelId) {
        if let Some(under_way) = self.under_way.get_mut(&id) {
            *under_way -= 1;
            if *under_way == 0 {
                self.under_way.remove(&id);
            }
        }
    }
}

/// A signal under way; however it ends, its place is given back.
struct Place {
    doors: Arc<Doors>,
    id: ChannelId,
}

impl Place {
    fn find(doors: &Arc<Doors>, id: ChannelId, now: Timestamp) -> Option<Self> {
        lock(&doors.indicators).take_place(id, now).then(|| Self { doors: doors.clone(), id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.doors.indicators).give_back(self.id);
    }
}

/// Tells the provider, if there is one to be told, and remembers what came of it.
pub(super) async fn show(doors: Arc<Doors>, tenant_id: TenantId, id: ConversationId, on: bool) {
    let now = doors.clock.now();
    let what = match doors.dispatches.reach(tenant_id, id).await {
        Ok(Some((line, remote))) if remote.may_show_typing(now) => {
            let outbound = Outbound {
                channel: line.kind,
                account: line.address.clone(),
                to: remote.address,
                thread: remote.thread,
                last_inbound_at: remote.last_inbound_at,
                now,
                what: Action::Typing { target: remote.last_inbound_id, on },
            };
            say(&doors, line, outbound).await
        }
        Ok(_) => What::Unable,
        Err(error) => {
            tracing::debug!(conversation.id = %id, %error, "who types was not shown: the conversation could not be read");
            What::Unable
        }
    };
    lock(&doors.indicators).learn(id, what, doors.clock.now());
}

async fn say(doors: &Arc<Doors>, line: Line, outbound: Outbound) -> What {
    let (kind, channel_id) = (line.kind, line.id);
    let on = matches!(outbound.what, Action::Typing { on: true, .. });
    let Some(_place) = Place::find(doors, channel_id, outbound.now) else {
        (doors.typing_told)(kind, Came::Retry);
        return What::Said { kind, on: false };
    };
    let Ok(report) = tokio::time::timeout(LIMIT, doors.gateway.send(line, outbound, Vec::new(), None)).await else {
        (doors.typing_told)(kind, Came::Unknown);
        return What::Unable;
    };
    (doors.typing_told)(kind, Came::from(&report.outcome));
    let now = doors.clock.now();
    match report.outcome {
        SendOutcome::Accepted { .. } => return What::Said { kind, on },
        SendOutcome::Retry { after_ms, holds: Holds::Channel, .. } => {
            let asked_for = after_ms.map_or(REST_MS, |ms| i64::try_from(ms).unwrap_or(i64::MAX).clamp(REST_MS, 60 * REST_MS));
            lock(&doors.indicators).rest(channel_id, now.plus_ms(asked_for), now);
        }
        SendOutcome::Halted { .. } => lock(&doors.indicators).rest(channel_id, now.plus_ms(REST_MS), now),
        SendOutcome::Retry { .. } | SendOutcome::Refused { .. } | SendOutcome::Unknown { .. } => {}
    }
    What::Unable
}

/// What is known holds no invariant that a panic could break half-way: a poisoned lock is taken all the same.
pub(super) fn lock(indicators: &Mutex<Indicators>) -> MutexGuard<'_, Indicators> {
    indicators.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_micros(1_774_535_400_000_000).plus_ms(ms)
    }

    fn conversation(number: u128) -> ConversationId {
        ConversationId::new(uuid::Uuid::from_u128(number))
    }

    fn begun(kind: ChannelKind) -> Indicators {
        let mut indicators = Indicators::default();
        assert!(indicators.wish(conversation(1), true, at(0)));
        assert!(!indicators.wish(conversation(1), true, at(100)), "the first is on its way");
        indicators.learn(conversation(1), What::Said { kind, on: true }, at(200));
        indicators
    }

    #[test]
    fn it_is_said_again_shortly_before_it_ends() {
        for (kind, again) in [(ChannelKind::Whatsapp, 20_000), (ChannelKind::Messenger, 15_000)] {
            let mut indicators = begun(kind);
            assert!((1..again / 1_000).all(|second| !indicators.wish(conversation(1), true, at(second * 1_000))));
            assert!(indicators.wish(conversation(1), true, at(again)));
            assert!(!indicators.wish(conversation(1), true, at(again + 3_000)));
        }
    }

    #[test]
    fn it_is_taken_back_where_that_can_be_done_and_not_more_often_than_every_three_seconds_begun() {
        let mut whatsapp = begun(ChannelKind::Whatsapp);
        assert!(!whatsapp.wish(conversation(1), false, at(4_000)));
        assert!(!whatsapp.wish(conversation(1), true, at(8_000)), "it still shows");
        let mut messenger = begun(ChannelKind::Messenger);
        assert!(messenger.wish(conversation(1), false, at(4_000)));
        assert!(!messenger.wish(conversation(1), false, at(4_500)), "there is nothing to take back");
        assert!(!messenger.wish(conversation(1), true, at(5_000)));
        assert!(messenger.wish(conversation(1), true, at(7_000)));
    }

    #[test]
    fn behind_a_message_the_next_word_shows_again() {
        let mut indicators = begun(ChannelKind::Whatsapp);
        indicators.said(conversation(1));
        assert!(indicators.wish(conversation(1), true, at(4_000)));
    }

    #[test]
    fn who_stops_without_having_begun_is_not_told_of() {
        assert!(!Indicators::default().wish(conversation(1), false, at(0)));
    }

    #[test]
    fn where_it_cannot_be_shown_it_is_looked_up_once_a_minute() {
        let mut indicators = Indicators::default();
        assert!(indicators.wish(conversation(1), true, at(0)));
        indicators.learn(conversation(1), What::Unable, at(10));
        assert!((1..60).all(|second| !indicators.wish(conversation(1), true, at(second * 1_000))));
        assert!(indicators.wish(conversation(1), true, at(60_010)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut indicators = Indicators::default();
        assert!((0..KNOWN_MAX as u128).all(|number| indicators.wish(conversation(number), true, at(0))));
        assert!(!indicators.wish(conversation(u128::MAX), true, at(1)));
        assert!(indicators.wish(conversation(u128::MAX), true, at(KNOWN_MS)));
        assert_eq!(indicators.known.len(), 1);
    }

    #[test]
    fn of_a_channel_few_are_under_way_and_none_while_it_rests() {
        let (mut indicators, channel) = (Indicators::default(), ChannelId::new(uuid::Uuid::from_u128(1)));
        assert!((0..UNDER_WAY_MAX).all(|_| indicators.take_place(channel, at(0))));
        assert!(!indicators.take_place(channel, at(0)));
        (0..UNDER_WAY_MAX).for_each(|_| indicators.give_back(channel));
        assert!(indicators.under_way.is_empty());
        indicators.rest(channel, at(5_000), at(0));
        indicators.rest(channel, at(3_000), at(0));
        assert!(!indicators.take_place(channel, at(4_999)));
        assert!(indicators.take_place(channel, at(5_000)));
    }
}
