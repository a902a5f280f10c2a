//! The rules, step by step, without a clock, a store or a gateway.

use entities::{ChannelId, ChannelKind, ConversationId, CredentialId, MessageId, NodeId, TenantId, Timestamp};
use uuid::Uuid;

use super::{Answer, LEASE_MS, State, Step, Work};
use crate::{
    port::{ChannelLease, DispatchPage, DispatchState, DueDispatch, Line, PartDone, Postponed, Report},
    testing::{
        dispatches::to_send,
        gateway::{accepted, halted, retry},
    },
};

/// A state with the store, the gateway and the conversations played by the test.
struct Desk {
    state: State,
    now: Timestamp,
    line: Line,
    /// What it asked to be done with dispatches, and was not yet.
    under_way: Vec<(i64, Work)>,
}

impl Desk {
    fn new() -> Self {
        let now = Timestamp::from_micros(1_774_535_400_000_000);
        let lease = ChannelLease { channel_id: ChannelId::new(Uuid::from_u128(1)), owner: NodeId::new(Uuid::from_u128(2)) };
        let line = Line {
            tenant_id: TenantId::new(Uuid::from_u128(3)),
            id: lease.channel_id,
            kind: ChannelKind::Whatsapp,
            address: "1".to_owned(),
            credential_id: CredentialId::new(Uuid::from_u128(4)),
        };
        Self { state: State::new(lease, now), now, line, under_way: Vec::new() }
    }

    /// With the lease, and these dispatches read, each of a conversation of its own.
    fn with(positions: std::ops::RangeInclusive<i64>) -> Self {
        let mut desk = Self::new();
        desk.claim();
        let Step::Page { .. } = desk.state.next(desk.now) else { panic!("it reads what is due") };
        desk.read(positions);
        desk
    }

    fn due(&self, position: i64) -> DueDispatch {
        let id = Uuid::from_u128(position as u128);
        let place = (ConversationId::new(id), position.unsigned_abs());
        to_send(&self.line, place, MessageId::new(id), position, &position.to_string(), "text", self.now)
    }

    fn read(&mut self, positions: std::ops::RangeInclusive<i64>) {
        let due = positions.map(|position| self.due(position)).collect();
        self.state.read(self.now, DispatchPage { due, more: false, next_due_at: None });
    }

    fn wait_ms(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    fn claim(&mut self) {
        let Step::Claim { until } = self.state.next(self.now) else { panic!("it claims the lease") };
        assert_eq!(until.ms_since(self.now), LEASE_MS);
        self.state.claimed(self.now, until, Some(self.line.clone()));
    }

    /// Takes up and begins all that may be; what it does then.
    fn go_on(&mut self) -> Step {
        loop {
            match self.state.next(self.now) {
                Step::TakeUp => drop(self.state.take_up(self.now)),
                Step::Work { position, work } => self.under_way.push((position, work)),
                other => return other,
            }
        }
    }

    /// What is under way, by kind and position.
    fn doing(&self) -> (Vec<i64>, Vec<i64>, Vec<Postponed>, Vec<i64>) {
        let mut doing = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (position, work) in &self.under_way {
            match work {
                Work::Begin => doing.0.push(*position),
                Work::Send(_) => doing.1.push(*position),
                Work::Postpone(postponed) => doing.2.push(postponed.clone()),
                Work::Settle { .. } => doing.3.push(*position),
            }
        }
        doing
    }

    fn done(&mut self, position: i64) {
        self.under_way.retain(|(other, _)| *other != position);
    }

    fn begun(&mut self, position: i64) {
        self.done(position);
        self.state.begun(position, self.now, true);
    }

    fn sent(&mut self, position: i64, answer: &crate::testing::gateway::Answer) {
        self.done(position);
        self.state.sent(position, Report { done: Vec::new(), outcome: answer.outcome.clone() }, self.now, 0.0);
    }
}

#[test]
fn eight_are_begun_at_once_and_settling_gives_no_place_away() {
    let mut desk = Desk::with(1..=20);
    desk.go_on();
    assert_eq!(desk.doing().0, [1, 2, 3, 4, 5, 6, 7, 8]);
    desk.wait_ms(1_000);
    desk.begun(1);
    desk.go_on();
    assert_eq!((desk.doing().0.len(), desk.doing().1), (7, vec![1]));
    desk.sent(1, &accepted());
    desk.go_on();
    assert_eq!((desk.doing().0.len(), desk.doing().3), (8, vec![1]), "its place is another's while it is settled");
    assert!(desk.state.needs_place(2) && !desk.state.needs_place(1));
}

#[test]
fn nothing_is_sent_that_was_not_begun_and_an_old_lease_sends_nothing() {
    let mut desk = Desk::with(1..=1);
    desk.go_on();
    desk.wait_ms(LEASE_MS - 60_000);
    desk.begun(1);
    let step = desk.go_on();
    assert!(matches!(step, Step::Claim { .. }), "{step:?}");
    desk.go_on();
    let (_, sends, postponed, _) = desk.doing();
    assert_eq!((sends.len(), postponed.len()), (0, 1), "a send might outlive the lease: it is put back");
    assert_eq!((postponed[0].tries, postponed[0].due_at, postponed[0].state), (0, desk.now, DispatchState::Pending));
}

#[test]
fn the_lease_is_renewed_while_something_is_in_hand() {
    let mut desk = Desk::with(1..=1);
    desk.go_on();
    desk.begun(1);
    let Step::Wait(Some(at)) = desk.go_on() else { panic!("it waits") };
    assert_eq!(at.ms_since(desk.now), 10_000);
    desk.wait_ms(10_000);
    assert!(matches!(desk.go_on(), Step::Claim { .. }));
}

#[test]
fn what_a_hold_catches_between_begin_and_send_is_put_back_until_its_end() {
    let mut desk = Desk::with(1..=2);
    desk.go_on();
    desk.begun(1);
    desk.go_on();
    desk.sent(1, &retry(entities::Holds::Channel, Some(9_000)));
    desk.begun(2);
    desk.go_on();
    let (_, sends, postponed, _) = desk.doing();
    assert!(sends.is_empty());
    assert_eq!(postponed.iter().map(|one| (one.position, one.tries)).collect::<Vec<_>>(), [(1, 1), (2, 0)]);
    assert!(postponed.iter().all(|one| one.due_at == desk.now.plus_ms(9_000)));
}

#[test]
fn a_begin_that_is_refused_asks_for_the_lease_and_reads_again() {
    let mut desk = Desk::with(1..=1);
    desk.go_on();
    desk.done(1);
    desk.state.begun(1, desk.now, false);
    let Step::Claim { until } = desk.go_on() else { panic!("it asks whose the channel is") };
    desk.state.claimed(desk.now, until, Some(desk.line.clone()));
    assert!(matches!(desk.go_on(), Step::Page { .. }));
}

#[test]
fn a_halt_is_said_at_once_and_what_is_in_hand_is_ended() {
    let mut desk = Desk::with(1..=3);
    desk.go_on();
    (1..=3).for_each(|position| desk.begun(position));
    desk.go_on();
    desk.sent(1, &halted());
    let Step::Halt { reason } = desk.go_on() else { panic!("it halts") };
    assert_eq!(reason, "out of order (1); reconnect the number");
    desk.sent(2, &halted());
    desk.state.halted();
    desk.sent(3, &accepted());
    assert!(matches!(desk.go_on(), Step::Wait(_)), "not twice");
    assert_eq!(desk.doing().3, [3]);
    (1..=2).for_each(|position| desk.state.postponed(position, desk.now));
    desk.state.settled(3, desk.now, Answer::Written);
    assert!(matches!(desk.go_on(), Step::Release));
    desk.state.released();
    assert!(matches!(desk.go_on(), Step::Leave));
}

#[test]
fn the_end_of_a_message_is_told_with_all_its_parts_until_it_is_heard() {
    let mut desk = Desk::with(1..=1);
    desk.go_on();
    desk.begun(1);
    desk.go_on();
    desk.done(1);
    let part = PartDone { id: Some("1".to_owned()), delivered: false };
    desk.state.sent(1, Report { done: vec![part.clone()], outcome: accepted().outcome }, desk.now, 0.0);
    for wait in [100, 200, 400] {
        desk.go_on();
        let Some((_, Work::Settle { settled, .. })) = desk.under_way.pop() else { panic!("it settles") };
        assert_eq!((settled.position, settled.seq, settled.done.clone()), (1, 1, vec![part.clone()]));
        desk.state.settled(1, desk.now, Answer::NotNow { after_ms: None });
        let Step::Wait(Some(at)) = desk.go_on() else { panic!("it waits") };
        assert_eq!(at.ms_since(desk.now), wait);
        desk.wait_ms(wait);
    }
}

#[test]
fn what_is_in_hand_is_not_read_again_nor_believed() {
    let mut desk = Desk::with(1..=12);
    desk.go_on();
    desk.state.stir();
    desk.wait_ms(10);
    let Step::Page { busy, limit, .. } = desk.go_on() else { panic!("it reads") };
    assert_eq!((busy.len(), limit), (12, 60));
    desk.read(1..=13);
    let Step::Wait(_) = desk.go_on() else { panic!("it waits") };
    assert_eq!(desk.state.queue.iter().map(|due| due.position).collect::<Vec<_>>(), [9, 10, 11, 12, 13]);
}

#[test]
fn after_the_lease_has_run_out_everything_is_read_again() {
    let mut desk = Desk::with(1..=20);
    desk.wait_ms(LEASE_MS);
    let Step::Claim { until } = desk.go_on() else { panic!("it claims") };
    desk.state.claimed(desk.now, until, Some(desk.line.clone()));
    let Step::Page { busy, .. } = desk.go_on() else { panic!("it reads") };
    assert!(busy.is_empty());
}
