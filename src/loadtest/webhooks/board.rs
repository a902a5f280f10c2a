//! What was sent, acknowledged and delivered, message by message and webhook by webhook.
//!
//! Guarantees: each delivery is counted once as delivered, and every further one as a repeat; what the server refused is expected nowhere. A
//! delivery is timed from when its message was due, and from when its commit was acknowledged; one that came before the acknowledgement
//! took no time from there.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::super::{
    LoadError,
    frame::{Mark, parts},
    lane::histogram,
    report::Latency,
};

/// Most webhooks of one workspace: a bit each.
pub const HOOKS_MAX: usize = 64;

/// How many of what, the warm-up included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Messages sent, each of which is one event.
    pub sent: u64,
    /// Acknowledged: the event and its deliveries are committed.
    pub accepted: u64,
    /// Deliveries that came, each counted once.
    pub delivered: u64,
    /// Deliveries of acknowledged events that never came.
    pub lost: u64,
    /// Deliveries that came again although they were answered with 200.
    pub repeated: u64,
    /// Deliveries that came behind a later one of the same conversation.
    pub overtaken: u64,
    /// Deliveries without a good signature.
    pub badly_signed: u64,
    /// Deliveries, and messages of the server, that the tool does not understand.
    pub unreadable: u64,
    /// Neither acknowledged nor refused.
    pub unanswered: u64,
    /// Refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// Sockets that ended before the run did, by reason.
    pub closed: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Default)]
struct Message {
    /// In nanoseconds of the run, as all of these.
    due: u64,
    acked: Option<u64>,
    refused: bool,
    /// The webhooks that have it, a bit each.
    had: u64,
}

/// One conversation.
struct Lane {
    /// How many webhooks want its messages.
    hooks: usize,
    messages: Vec<Message>,
    /// For each webhook, the latest message that came.
    latest: Vec<Option<u32>>,
}

/// All messages of a run.
pub struct Board {
    run: u32,
    base: Instant,
    counted: std::ops::Range<u64>,
    lanes: Vec<Lane>,
    to_ack: Histogram<u64>,
    from_ack: Histogram<u64>,
    from_due: Histogram<u64>,
    accepted_in_time: u64,
    delivered_in_time: u64,
    unanswered: u64,
    undelivered: u64,
    counts: Counts,
}

/// What a run came to.
pub struct Figures {
    /// Acknowledged in the counted time.
    pub accepted_in_time: u64,
    /// Delivered in the counted time.
    pub delivered_in_time: u64,
    /// From due to the acknowledgement.
    pub to_ack: Latency,
    /// From the acknowledgement of the commit to the receiver.
    pub from_ack: Latency,
    /// From due to the receiver.
    pub from_due: Latency,
    /// How many of what.
    pub counts: Counts,
}

impl Board {
    /// An empty board that counts from `warm_up` on for `time`; `hooks` says how many webhooks want each conversation's messages.
    pub fn new(run: u32, hooks: &[usize], warm_up: Duration, time: Duration) -> Result<Self, LoadError> {
        let from = warm_up.as_nanos() as u64;
        let lane = |hooks: usize| Lane { hooks, messages: Vec::new(), latest: vec![None; hooks] };
        Ok(Self {
            run,
            base: Instant::now(),
            counted: from..from + time.as_nanos() as u64,
            lanes: hooks.iter().map(|hooks| lane((*hooks).min(HOOKS_MAX))).collect(),
            to_ack: histogram()?,
            from_ack: histogram()?,
            from_due: histogram()?,
            accepted_in_time: 0,
            delivered_in_time: 0,
            unanswered: 0,
            undelivered: 0,
            counts: Counts::default(),
        })
    }

    /// Nanoseconds since the run began.
    pub fn now(&self) -> u64 {
        self.base.elapsed().as_nanos() as u64
    }

    /// When the run began.
    pub const fn base(&self) -> Instant {
        self.base
    }

    /// When the counted time ends, in nanoseconds of the run.
    pub const fn end(&self) -> u64 {
        self.counted.end
    }

    /// Takes down a message that is about to be sent, and names it.
    pub fn send(&mut self, conversation: u32, due: u64) -> Option<Mark> {
        let lane = self.lanes.get_mut(conversation as usize)?;
        let number = lane.messages.len() as u32;
        lane.messages.push(Message { due, ..Message::default() });
        self.counts.sent += 1;
        self.unanswered += 1;
        self.undelivered += lane.hooks as u64;
        Some(Mark { run: self.run, conversation, by_agent: false, number })
    }

    /// A message was acknowledged.
    pub fn acked(&mut self, reference: u64, now: u64) {
        let Some(message) = self.message(reference).filter(|message| message.acked.is_none() && !message.refused) else { return };
        message.acked = Some(now);
        let due = message.due;
        self.unanswered -= 1;
        self.counts.accepted += 1;
        self.accepted_in_time += u64::from(self.counted.contains(&now));
        if self.counted.contains(&due) {
            self.to_ack.saturating_record(now.saturating_sub(due) / 1_000);
        }
    }

    /// A message was refused. Answers with its conversation.
    pub fn refused(&mut self, reference: u64, code: &str) -> Option<u32> {
        let message = self.message(reference).filter(|message| message.acked.is_none() && !message.refused)?;
        message.refused = true;
        let (conversation, _) = parts(reference);
        let hooks = self.lanes.get(conversation as usize).map_or(0, |lane| lane.hooks);
        self.unanswered -= 1;
        self.undelivered = self.undelivered.saturating_sub(hooks as u64);
        *self.counts.refused.entry(code.to_owned()).or_default() += 1;
        Some(conversation)
    }

    /// A delivery came to the workspace's webhook of this number. Answers with the conversation whose message now has come to all of them. One
    /// that was `put_off` by the tool itself is not timed.
    pub fn delivered(&mut self, mark: Mark, hook: usize, put_off: bool, now: u64) -> Option<u32> {
        if mark.run != self.run {
            return None;
        }
        let lane = self.lanes.get_mut(mark.conversation as usize)?;
        // The first message, with which the conversation began, has no number that was given here.
        let (message, latest) = (lane.messages.get_mut(mark.number as usize)?, lane.latest.get_mut(hook)?);
        if message.had & (1 << hook) != 0 {
            self.counts.repeated += 1;
            return None;
        }
        message.had |= 1 << hook;
        self.counts.delivered += 1;
        self.undelivered = self.undelivered.saturating_sub(1);
        self.counts.overtaken += u64::from(latest.is_some_and(|latest| latest > mark.number));
        *latest = (*latest).max(Some(mark.number));
        self.delivered_in_time += u64::from(self.counted.contains(&now));
        if self.counted.contains(&message.due) && !put_off {
            self.from_due.saturating_record(now.saturating_sub(message.due) / 1_000);
            self.from_ack.saturating_record(message.acked.map_or(0, |acked| now.saturating_sub(acked)) / 1_000);
        }
        (message.had.count_ones() as usize == lane.hooks).then_some(mark.conversation)
    }

    /// A delivery was signed badly.
    pub fn badly_signed(&mut self) {
        self.counts.badly_signed += 1;
    }

    /// Something was not understood.
    pub fn unreadable(&mut self) {
        self.counts.unreadable += 1;
    }

    /// A socket ended before the run did.
    pub fn closed(&mut self, why: String) {
        *self.counts.closed.entry(why).or_default() += 1;
    }

    /// Everything sent was answered, and what was not refused has been delivered.
    pub const fn is_settled(&self) -> bool {
        self.unanswered == 0 && self.undelivered == 0
    }

    /// Deliveries in the counted time so far.
    pub const fn delivered_in_time(&self) -> u64 {
        self.delivered_in_time
    }

    /// The figures. What was acknowledged and has not come is lost.
    pub fn figures(&self) -> Figures {
        let mut counts = self.counts.clone();
        counts.unanswered = self.unanswered;
        let missing = |lane: &Lane| {
            let accepted = lane.messages.iter().filter(|message| message.acked.is_some());
            accepted.map(|message| lane.hooks as u64 - u64::from(message.had.count_ones())).sum::<u64>()
        };
        counts.lost = self.lanes.iter().map(missing).sum();
        Figures {
            accepted_in_time: self.accepted_in_time,
            delivered_in_time: self.delivered_in_time,
            to_ack: Latency::of(&self.to_ack),
            from_ack: Latency::of(&self.from_ack),
            from_due: Latency::of(&self.from_due),
            counts,
        }
    }

    fn message(&mut self, reference: u64) -> Option<&mut Message> {
        let (conversation, number) = parts(reference);
        self.lanes.get_mut(conversation as usize)?.messages.get_mut(number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn board(hooks: &[usize]) -> Board {
        Board::new(1, hooks, Duration::ZERO, Duration::from_secs(1)).unwrap()
    }

    fn reference(mark: Mark) -> u64 {
        u64::from(mark.conversation) << 32 | u64::from(mark.number)
    }

    #[test]
    fn lost_repeated_and_overtaken_deliveries_are_counted() {
        let mut board = board(&[2]);
        let marks: Vec<Mark> = (0..3).map(|at| board.send(0, at).unwrap()).collect();
        for mark in &marks[..2] {
            board.acked(reference(*mark), MS);
        }
        assert_eq!(board.refused(reference(marks[2]), "busy"), Some(0));
        assert_eq!(board.delivered(marks[1], 0, false, 2 * MS), None, "the other webhook has not got it");
        assert_eq!(board.delivered(marks[0], 0, false, 2 * MS), None);
        assert_eq!(board.delivered(marks[0], 0, false, 2 * MS), None);
        assert_eq!(board.delivered(marks[1], 1, false, 3 * MS), Some(0), "now both have it");
        assert_eq!(board.delivered(Mark { run: 2, ..marks[0] }, 1, false, 3 * MS), None, "another run's");
        assert!(!board.is_settled());
        let Figures { accepted_in_time, delivered_in_time, counts, .. } = board.figures();
        assert_eq!((accepted_in_time, delivered_in_time), (2, 3));
        let expected = Counts {
            sent: 3,
            accepted: 2,
            delivered: 3,
            lost: 1,
            repeated: 1,
            overtaken: 1,
            refused: BTreeMap::from([("busy".to_owned(), 1)]),
            ..Counts::default()
        };
        assert_eq!(counts, expected);
        board.delivered(marks[0], 1, false, 4 * MS);
        assert!(board.is_settled());
    }

    #[test]
    fn a_delivery_is_timed_from_its_commit_and_from_when_it_was_due() {
        let mut board = board(&[1]);
        let mark = board.send(0, 0).unwrap();
        board.acked(reference(mark), 2 * MS);
        board.delivered(mark, 0, false, 5 * MS);
        let figures = board.figures();
        let slowest = [figures.to_ack.max_ms, figures.from_ack.max_ms, figures.from_due.max_ms].map(|ms| format!("{ms:.1}"));
        assert_eq!(slowest, ["2.0", "3.0", "5.0"]);
    }
}
