//! What was sent, acknowledged and seen, message by message: one board for all sockets of a run.
//!
//! Guarantees: each message is counted once in each column; a message that the server refused is expected nowhere.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::{
    LoadError,
    frame::{Happened, Mark, parts},
    report::{Counts, Latency},
};

const ACKED: u8 = 1;
const SEEN: u8 = 2;
const REFUSED: u8 = 4;
/// Longest time that is told apart, in microseconds.
const LATENCY_US_MAX: u64 = 120_000_000;

/// One sender in one conversation.
#[derive(Default)]
struct Lane {
    /// When each message was due, in nanoseconds of the run.
    due_ns: Vec<u64>,
    /// What became of each.
    fate: Vec<u8>,
    /// The one that was seen last.
    last_seen: Option<u32>,
}

/// All messages of a run.
pub struct Board {
    run: u32,
    base: Instant,
    /// The counted time, in nanoseconds of the run.
    counted: std::ops::Range<u64>,
    /// Two a conversation: the visitor's, the agent's.
    lanes: Vec<Lane>,
    acks: Histogram<u64>,
    receipts: Histogram<u64>,
    acked_in_time: u64,
    unanswered: u64,
    unseen: u64,
    counts: Counts,
}

impl Board {
    /// An empty board for so many conversations, counting from `warm_up` on for `time`.
    pub fn new(run: u32, conversations: usize, warm_up: Duration, time: Duration) -> Result<Self, LoadError> {
        let from = warm_up.as_nanos() as u64;
        Ok(Self {
            run,
            base: Instant::now(),
            counted: from..from + time.as_nanos() as u64,
            lanes: std::iter::repeat_with(Lane::default).take(conversations * 2).collect(),
            acks: histogram()?,
            receipts: histogram()?,
            acked_in_time: 0,
            unanswered: 0,
            unseen: 0,
            counts: Counts::default(),
        })
    }

    /// Nanoseconds since the run began.
    pub fn now(&self) -> u64 {
        self.base.elapsed().as_nanos() as u64
    }

    /// When the run began.
    pub fn base(&self) -> Instant {
        self.base
    }

    /// When the counted time ends, in nanoseconds of the run.
    pub fn end(&self) -> u64 {
        self.counted.end
    }

    /// Takes down a message that is about to be sent, and names it.
    pub fn send(&mut self, conversation: u32, by_agent: bool, due_ns: u64) -> Option<Mark> {
        let lane = self.lanes.get_mut(place(conversation, by_agent))?;
        let number = lane.due_ns.len() as u32;
        lane.due_ns.push(due_ns);
        lane.fate.push(0);
        self.counts.sent += 1;
        self.unanswered += 1;
        self.unseen += 1;
        Some(Mark { run: self.run, conversation, by_agent, number })
    }

    /// A message was acknowledged. Answers with its conversation.
    pub fn acked(&mut self, reference: u64, by_agent: bool, now: u64) -> Option<u32> {
        let (conversation, number) = parts(reference);
        let lane = self.lanes.get_mut(place(conversation, by_agent))?;
        let (fate, due) = (lane.fate.get_mut(number as usize)?, *lane.due_ns.get(number as usize)?);
        if *fate & ACKED != 0 {
            self.counts.doubled += 1;
            return None;
        }
        *fate |= ACKED;
        self.unanswered -= 1;
        self.counts.acked += 1;
        if self.counted.contains(&now) {
            self.acked_in_time += 1;
        }
        if self.counted.contains(&due) {
            self.acks.saturating_record((now - due) / 1_000);
        }
        Some(conversation)
    }

    /// A message was refused: it is expected nowhere. Answers with its conversation.
    pub fn refused(&mut self, reference: u64, by_agent: bool, code: &str) -> Option<u32> {
        let (conversation, number) = parts(reference);
        let lane = self.lanes.get_mut(place(conversation, by_agent))?;
        let fate = lane.fate.get_mut(number as usize)?;
        *fate |= REFUSED;
        self.unanswered -= 1;
        self.unseen -= 1;
        *self.counts.refused.entry(code.to_owned()).or_default() += 1;
        Some(conversation)
    }

    /// An event came to the side `to_agent`; `follows` is whether it was the next of its stream.
    pub fn happened(&mut self, event: &Happened, to_agent: bool, follows: bool, now: u64) {
        if !follows {
            self.counts.gaps += 1;
        }
        let Some(mark) = event.mark.filter(|mark| mark.run == self.run && mark.by_agent != to_agent) else { return };
        let Some(lane) = self.lanes.get_mut(place(mark.conversation, mark.by_agent)) else { return };
        let (Some(fate), Some(due)) = (lane.fate.get_mut(mark.number as usize), lane.due_ns.get(mark.number as usize)) else { return };
        if *fate & SEEN != 0 {
            self.counts.doubled += 1;
            return;
        }
        *fate |= SEEN;
        self.unseen -= 1;
        self.counts.seen += 1;
        if lane.last_seen.is_some_and(|last| last > mark.number) {
            self.counts.out_of_order += 1;
        }
        lane.last_seen = Some(mark.number);
        if self.counted.contains(due) {
            self.receipts.saturating_record((now - due) / 1_000);
        }
    }

    /// A frame that the tool does not understand.
    pub fn unreadable(&mut self) {
        self.counts.unreadable += 1;
    }

    /// A socket ended before the run did.
    pub fn closed(&mut self, why: String) {
        *self.counts.closed.entry(why).or_default() += 1;
    }

    /// Everything sent was answered, and everything not refused was seen.
    pub fn is_settled(&self) -> bool {
        self.unanswered == 0 && self.unseen == 0
    }

    /// The figures. Acknowledged and not seen by the other side is lost.
    pub fn figures(&mut self) -> Figures {
        let fates = self.lanes.iter().flat_map(|lane| &lane.fate);
        self.counts.lost = fates.clone().filter(|fate| **fate & (ACKED | SEEN) == ACKED).count() as u64;
        self.counts.unanswered = fates.filter(|fate| **fate & (ACKED | REFUSED) == 0).count() as u64;
        Figures {
            acked_in_time: self.acked_in_time,
            ack: Latency::of(&self.acks),
            receipt: Latency::of(&self.receipts),
            counts: self.counts.clone(),
        }
    }
}

/// What a run came to.
pub struct Figures {
    /// Acknowledged within the counted time.
    pub acked_in_time: u64,
    /// From due to acknowledged.
    pub ack: Latency,
    /// From due to the other side's receipt.
    pub receipt: Latency,
    /// How many of what.
    pub counts: Counts,
}

fn place(conversation: u32, by_agent: bool) -> usize {
    conversation as usize * 2 + usize::from(by_agent)
}

/// A histogram of microseconds, to three digits.
pub fn histogram() -> Result<Histogram<u64>, LoadError> {
    Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)
        .map_err(|error| LoadError::io("make a histogram")(std::io::Error::other(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_doubled_and_misplaced_messages_are_counted() {
        let mut board = Board::new(1, 1, Duration::ZERO, Duration::from_secs(1)).unwrap();
        let marks: Vec<Mark> = (0..4).map(|at| board.send(0, false, at).unwrap()).collect();
        for number in [0, 1, 2] {
            assert_eq!(board.acked(number, false, 1_000_000), Some(0));
        }
        assert_eq!(board.refused(3, false, "busy"), Some(0));
        let event = |number: usize, place: u64| Happened { place, prev: place - 1, mark: Some(marks[number]) };
        board.happened(&event(1, 1), true, true, 2_000_000);
        board.happened(&event(1, 2), true, true, 2_000_000);
        board.happened(&event(0, 4), true, false, 2_000_000);
        // Its own sender sees it too: that is not a receipt.
        board.happened(&event(2, 5), false, true, 2_000_000);
        assert!(!board.is_settled());
        let Figures { counts, acked_in_time, .. } = board.figures();
        assert_eq!((acked_in_time, counts.lost, counts.doubled, counts.out_of_order, counts.gaps, counts.unanswered), (3, 1, 1, 1, 1, 0));
    }
}
