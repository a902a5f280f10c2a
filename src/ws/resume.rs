//! From a cursor to live, without a gap and without a double.
//!
//! A session joins the hub first and reads second. While it reads, what the hub sends is not kept, only how far it went; when the pages
//! have reached that, everything that comes is behind the last page, and the session is live. Each page is written before the next is
//! read, and a client that does not read is not polled, so a page is the most that waits.

use std::sync::Arc;

use actors::{
    hub::{LiveEvent, View},
    port::StoreError,
};
use entities::{Cursor, Epoch, StoredEvent};

use super::{
    close::Close,
    frame::ServerFrame,
    socket::{Context, Door, Seat, Socket},
};

/// Events read at once.
const PAGE: usize = 128;
/// A session that is further behind than this loads its screen instead.
pub(super) const BEHIND_MAX: u64 = 100_000;

/// How events reach the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// None is wanted yet: an agent that has subscribed to nothing.
    Silent {
        /// Where the first subscription goes on from.
        resume_from: Option<u64>,
    },
    /// History is being read.
    Replaying {
        /// The last place read.
        at: u64,
        /// The place to be reached: what was there when the session joined, or has been sent by the hub since.
        until: u64,
        /// `until` as it was when the page that is now under way was asked for.
        asked: u64,
    },
    /// Events are shown as they come.
    Live {
        /// The last place that was shown or passed over.
        at: u64,
    },
}

/// Why a cursor cannot be resumed from.
pub(super) fn refuse_cursor(cursor: Cursor, epoch: Epoch, oldest: u64, head: u64) -> Option<&'static str> {
    if cursor.epoch != epoch || cursor.place > head {
        Some("epoch")
    } else if cursor.place + 1 < oldest {
        Some("too_old")
    } else if head - cursor.place > BEHIND_MAX {
        Some("too_far_behind")
    } else {
        None
    }
}

impl Socket {
    /// The place of an event in this session's numbering.
    fn place_of(&self, event: &StoredEvent) -> u64 {
        match self.door {
            Door::Visitor => event.seq.unwrap_or(0),
            Door::Agent => event.position,
        }
    }

    /// Takes events from the hub.
    pub(super) fn live(&mut self, events: &[Arc<LiveEvent>], ctx: &mut Context) {
        match self.flow {
            Flow::Silent { .. } => {}
            Flow::Replaying { at, until, asked } => {
                let last = events.last().map_or(0, |live| self.place_of(&live.event));
                self.flow = Flow::Replaying { at, until: until.max(last), asked };
            }
            Flow::Live { mut at } => {
                for live in events {
                    let place = self.place_of(&live.event);
                    if place > at {
                        at = place;
                        self.show(live, ctx);
                    }
                }
                self.flow = Flow::Live { at };
            }
        }
    }

    /// Shows everything behind `after`, at least up to `until`, then goes live.
    pub(super) fn replay(&mut self, after: u64, until: u64, ctx: &mut Context) {
        self.read_page(after, until, ctx);
    }

    fn read_page(&mut self, after: u64, until: u64, ctx: &mut Context) {
        self.flow = Flow::Replaying { at: after, until, asked: until };
        let journal = self.app.journal.clone();
        let (tenant_id, conversation_id) = match &self.seat {
            Some(Seat::Visitor(seat)) => (seat.session.tenant_id, Some(seat.session.conversation_id)),
            Some(Seat::Agent(seat)) => (seat.tenant_id, None),
            None => return,
        };
        let read = async move {
            match conversation_id {
                Some(id) => journal.visitor_events_after(tenant_id, id, after, PAGE).await,
                None => journal.events_after(tenant_id, after, PAGE).await,
            }
        };
        self.beside(read, Self::show_page, ctx);
    }

    fn show_page(&mut self, page: Result<Vec<StoredEvent>, StoreError>, ctx: &mut Context) {
        let Flow::Replaying { mut at, until, asked } = self.flow else { return };
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                tracing::warn!(session.id = %self.id, %error, "could not read a session's history; it will reconnect");
                return self.close(Close::ServerError, ctx);
            }
        };
        let (whole, empty) = (page.len() == PAGE, page.is_empty());
        for event in page {
            at = self.place_of(&event);
            if self.covers(&event) {
                self.show(&LiveEvent::new(event), ctx);
            }
        }
        // What the hub told of while the page was under way may have been committed too late to be on it. What it told of before was
        // committed before: if the page has nothing, it is not there any more.
        let told_meanwhile = until > asked;
        if whole || told_meanwhile || (at < until && !empty) {
            return self.read_page(at, until, ctx);
        }
        self.flow = Flow::Live { at: at.max(until) };
    }

    fn covers(&self, event: &StoredEvent) -> bool {
        match &self.seat {
            Some(Seat::Visitor(seat)) => View::Visitor { conversation_id: seat.session.conversation_id }.covers(event),
            Some(Seat::Agent(seat)) => seat.view().covers(event),
            None => false,
        }
    }

    /// Tells the client to load its screen, and goes on from the head.
    pub(super) fn resync(&self, reason: &'static str, ctx: &mut Context) {
        metrics::counter!("switchboard_socket_resyncs_total", "reason" => reason).increment(1);
        self.say(&ServerFrame::ResyncRequired { reason }, ctx);
    }
}
