//! What waits in memory for one webhook: the deliveries that were read, whether there are more, and how fast they may go. Pure.

use std::{collections::VecDeque, time::Duration};

use entities::Timestamp;

use super::message::{HELD_BYTES_MAX, HELD_MAX};
use crate::port::{Due, Page, Room};

/// In which the rate limit counts.
pub const RATE_WINDOW: Duration = Duration::from_secs(1);

/// Deliveries that were read and not begun.
#[derive(Debug, Default)]
pub struct Queue {
    held: VecDeque<Due>,
    held_bytes: usize,
    /// There may be due deliveries that were not read.
    more: bool,
    /// When there is one that is not due yet; may be too early, never too late.
    next_due_at: Option<Timestamp>,
    /// When the attempts of the last second were begun, at most as many as the rate limit allows; empty without one.
    began: VecDeque<Timestamp>,
}

impl Queue {
    /// There may be something new to read.
    pub fn expect_more(&mut self) {
        self.more = true;
    }

    /// Something is due then.
    pub fn note_due(&mut self, at: Timestamp) {
        self.next_due_at = Some(self.next_due_at.map_or(at, |earlier| earlier.min(at)));
    }

    /// The positions that are held.
    pub fn positions(&self) -> impl Iterator<Item = i64> {
        self.held.iter().map(|due| due.position)
    }

    /// How many are held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether reading may find something.
    pub fn has_more(&self, now: Timestamp) -> bool {
        self.more || self.next_due_at.is_some_and(|at| at <= now)
    }

    /// The next instant at which there is something to do, now included.
    pub fn work_at(&self, now: Timestamp) -> Option<Timestamp> {
        if self.held.is_empty() && !self.more { self.next_due_at } else { Some(now) }
    }

    /// A page is read from here on, and finds everything that is due now; how much it may bring.
    pub fn read(&mut self, now: Timestamp) -> Room {
        self.more = false;
        self.next_due_at = self.next_due_at.filter(|at| *at > now);
        Room { rows: HELD_MAX.saturating_sub(self.held.len()), bytes: HELD_BYTES_MAX.saturating_sub(self.held_bytes) }
    }

    /// Takes what was read.
    pub fn take(&mut self, page: Page) {
        self.more |= page.more;
        if let Some(at) = page.next_due_at {
            self.note_due(at);
        }
        self.held_bytes += page.due.iter().map(|due| due.body.len()).sum::<usize>();
        self.held.extend(page.due);
    }

    /// Forgets what is held: it has to be read again before it is sent.
    pub fn forget(&mut self) {
        self.more |= !self.held.is_empty();
        self.held.clear();
        self.held_bytes = 0;
    }

    /// The next delivery, counted as begun now.
    pub fn pop(&mut self, now: Timestamp, rate_limit: Option<u32>) -> Option<Due> {
        let due = self.held.pop_front()?;
        self.held_bytes = self.held_bytes.saturating_sub(due.body.len());
        if rate_limit.is_some() {
            self.began.push_back(now);
        }
        Some(due)
    }

    /// When the rate limit lets the next one begin; `None` for at once.
    pub fn rate_allows_at(&mut self, now: Timestamp, rate_limit: Option<u32>) -> Option<Timestamp> {
        let Some(limit) = rate_limit else {
            self.began.clear();
            return None;
        };
        let window_ms = RATE_WINDOW.as_millis() as i64;
        while self.began.front().is_some_and(|began| now.ms_since(*began) >= window_ms) {
            self.began.pop_front();
        }
        // A limit of none at all would never end.
        let over = (self.began.len() + 1).checked_sub(limit.max(1) as usize).filter(|over| *over > 0)?;
        self.began.get(over - 1).map(|began| began.plus_ms(window_ms))
    }
}
