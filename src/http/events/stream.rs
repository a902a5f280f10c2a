//! The feed as server-sent events: everything behind the cursor, then whatever is committed, for as long as somebody reads.
//!
//! Guarantees: the same events, in the same order, with the same bytes as page by page; each event's `id` is the cursor to come back with.
//! At most one page waits in memory: the next is read when this one is written. A reader that stops reading is ended by the connection's own
//! time limit (`ws::accept`). The token is looked at again every few seconds: a revoked one ends the stream.
//!
//! Does not: end by itself otherwise, but when the server stops; the client comes back with its cursor.

use std::{collections::VecDeque, convert::Infallible, sync::atomic::Ordering, time::Duration};

use actix_web::{HttpResponse, http::header, web, web::Bytes};
use entities::{Cursor, StoredEvent};
use futures_util::stream;
use tokio::time::{Instant, sleep_until};

use super::{
    page::{self, Filter, Start, Unread},
    readers::Reader,
};
use crate::http::{
    App,
    access::{Allowed, Proof, ReadWebhooks},
    problem::Answer,
};

/// A comment is sent this often, so that nothing on the way thinks the connection dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the token is looked at again.
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// Events that wait in memory at most.
const EVENTS_MAX: usize = 100;

/// Opens a stream. The token has been checked; `proof` is what it is checked by again.
///
/// # Errors
/// 410 `resync_required`; 429 and 503 where there is no place for another reader.
pub async fn open(app: web::Data<App>, allowed: Allowed<ReadWebhooks>, proof: Proof, filter: Filter, start: Start) -> Answer {
    let reader = app.feed.enter(allowed.tenant_id, allowed.caller.token())?;
    let at = start.position(&*app.journal, allowed.tenant_id).await?;
    let now = Instant::now();
    // The first block carries the cursor: who is cut off before the first event still knows where to go on.
    let first = format!("retry: 2000\nid: {}\n\n", app.journal.epoch().at(at));
    let feed = Feed {
        app,
        allowed,
        proof,
        filter,
        reader,
        at,
        said: at,
        behind: true,
        queue: VecDeque::from([Bytes::from(first)]),
        heartbeat_at: now + HEARTBEAT,
        check_at: now + CHECK_EVERY,
        over: false,
    };
    let blocks = stream::unfold(feed, |mut feed| async move { feed.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), feed)) });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Reverse proxies that buffer answers would hold events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(blocks))
}

struct Feed {
    app: web::Data<App>,
    allowed: Allowed<ReadWebhooks>,
    proof: Proof,
    filter: Filter,
    reader: Reader,
    /// How far was looked.
    at: u64,
    /// The last place that the client was told of.
    said: u64,
    /// There may be something behind `at`.
    behind: bool,
    /// At most [`EVENTS_MAX`].
    queue: VecDeque<Bytes>,
    heartbeat_at: Instant,
    check_at: Instant,
    over: bool,
}

impl Feed {
    /// The next block; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.queue.pop_front() {
                return Some(bytes);
            }
            if self.over || self.app.draining.load(Ordering::Acquire) {
                return None;
            }
            if Instant::now() >= self.check_at {
                self.check().await;
                continue;
            }
            if Instant::now() >= self.heartbeat_at {
                return Some(self.heartbeat());
            }
            if self.behind {
                self.read().await;
                continue;
            }
            tokio::select! {
                () = self.reader.told() => self.behind = true,
                () = sleep_until(self.heartbeat_at.min(self.check_at)) => {}
            }
        }
    }

    async fn read(&mut self) {
        match page::read(&*self.app.journal, self.allowed.tenant_id, &self.filter, self.at, EVENTS_MAX).await {
            Ok(found) => {
                for event in &found.events {
                    if !self.push(event) {
                        // None behind it may be sent: the client would take its cursor for having this one.
                        self.over = true;
                        return;
                    }
                }
                self.at = found.at;
                self.behind = !found.caught_up;
            }
            Err(unread) => self.give_up(&unread),
        }
    }

    /// Puts an event in the queue; false if it cannot be written.
    fn push(&mut self, event: &StoredEvent) -> bool {
        match event.envelope() {
            Ok(envelope) => {
                self.queue.push_back(block(self.app.journal.epoch().at(event.position), event.kind.as_str(), &envelope));
                self.said = event.position;
                true
            }
            Err(error) => {
                tracing::error!(%error, event.id = %event.id, "an envelope could not be written; the stream ends before it");
                false
            }
        }
    }

    /// Ends the stream where it cannot be read on; the client comes back with its cursor, and is told the rest then.
    fn give_up(&mut self, unread: &Unread) {
        self.over = true;
        if let Some(reason) = unread.reason() {
            self.queue.push_back(Bytes::from(format!("event: resync_required\ndata: {{\"reason\":\"{reason}\"}}\n\n")));
        } else {
            tracing::warn!(%unread, "the event feed could not be read; the stream ends, and the client comes back");
        }
    }

    /// Ends the stream where its token is not good any more, or nobody can say.
    async fn check(&mut self) {
        self.check_at = Instant::now() + CHECK_EVERY;
        if let Err(problem) = self.proof.require(&self.app, &self.allowed).await {
            tracing::info!(code = problem.code().as_str(), "a stream of events ends: its token was not confirmed");
            self.over = true;
        }
    }

    /// A comment; with the cursor, where events were passed over that the filter does not cover.
    fn heartbeat(&mut self) -> Bytes {
        self.heartbeat_at = Instant::now() + HEARTBEAT;
        if self.at == self.said {
            return Bytes::from_static(b":\n\n");
        }
        self.said = self.at;
        Bytes::from(format!(":\nid: {}\n\n", self.app.journal.epoch().at(self.at)))
    }
}

/// One event of the stream. An envelope's JSON has no line breaks.
fn block(cursor: Cursor, name: &str, envelope: &str) -> Bytes {
    Bytes::from(format!("id: {cursor}\nevent: {name}\ndata: {envelope}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_what_an_event_source_reads() {
        let cursor = entities::Epoch::new(0x9f3c_01ab).at(5);
        assert_eq!(block(cursor, "ticket.created", r#"{"a":1}"#), "id: 9f3c01ab-5\nevent: ticket.created\ndata: {\"a\":1}\n\n");
    }
}
