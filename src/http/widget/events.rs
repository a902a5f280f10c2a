//! `GET /api/widget/events`: what a visitor's socket would send, as server-sent events, for browsers whose WebSocket is blocked.
//!
//! Guarantees: as the socket's resume (`docs/sockets.md`): everything behind the cursor in order, then live, without a gap or a double;
//! each event's `id` is the cursor to come back with. A stream that is read too slowly is ended, and resumes.
//!
//! Does not: take anything in. Messages are sent by `POST /api/widget/message`.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, get, http::header, web, web::Bytes};
use actors::{
    hub::{Delivery, Hubs, LiveEvent, Outlet, View},
    port::Signal,
};
use entities::{Cursor, SessionId, TenantId};
use futures_util::stream;
use tokio::{
    sync::mpsc,
    time::{Interval, MissedTickBehavior},
};

use super::{
    cors,
    session::{self, VisitorSession},
    wire::EventsQuery,
};
use crate::{
    http::{
        App,
        extract::Query,
        problem::{Answer, Code, Problem},
    },
    store::{journal::read::has_forgotten_after, read::visitor},
    ws::{
        Place,
        frame::{self, Refused, ServerFrame, TypingAuthor},
    },
};

/// A comment is sent this often, so that nothing on the way thinks the connection dead.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events read at once.
const PAGE: usize = 200;
/// Missed events that are sent one by one; beyond, the screen is loaded anew.
const MISSED_MAX: usize = 1_000;
/// When to come back to a server that is draining.
const DRAIN_RECONNECT_MS: u64 = 5_000;

/// Streams a visitor's events.
#[utoipa::path(
    tag = "widget", params(EventsQuery), security(("visitor" = [])),
    responses(
        (status = 200, description = "Frames as on the socket; `event: resync_required` asks to load the screen anew", content_type = "text/event-stream", body = String),
    )
)]
#[get("/api/widget/events")]
pub async fn stream_events(app: web::Data<App>, request: HttpRequest, query: Query<EventsQuery>) -> Answer {
    let session = session::open(&app, session::token(&request, None)?).await?;
    cors::allow(&app, &request, &session.settings);
    if session.blocked {
        return Err(Problem::new(Code::Forbidden).detail("this contact may not write to us"));
    }
    let resumed = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let asked = resumed.or(query.0.after.as_deref()).map(str::parse::<Cursor>).transpose().map_err(|error| {
        let detail = format!("after {error}");
        Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?after", "invalid", detail)
    })?;
    let feed = Feed::open(app, session, asked).await?;
    let frames = stream::unfold(feed, |mut feed| async move { feed.next().await.map(|bytes| (Ok::<_, Infallible>(bytes), feed)) });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Reverse proxies that buffer answers would hold events back.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(frames))
}

/// Takes the session out of the hub when the client is gone, however that came about, and gives its place back.
struct Joined {
    hubs: Hubs,
    tenant_id: TenantId,
    session_id: SessionId,
    /// Counted with the sockets.
    _place: Place,
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.hubs.leave(self.tenant_id, self.session_id);
    }
}

struct Feed {
    app: web::Data<App>,
    session: VisitorSession,
    outlet: Arc<Outlet>,
    live: mpsc::Receiver<Delivery>,
    heartbeat: Interval,
    /// The last event that was sent, or the cursor's place.
    last: u64,
    /// What is yet to be read from the journal before the live events count; `None` when all is read.
    missed: Option<usize>,
    /// At most [`PAGE`] and what one delivery holds.
    queue: VecDeque<Bytes>,
    over: bool,
    _joined: Joined,
}

impl Feed {
    /// Joins first and reads second: what is committed in between is found twice, and never not at all.
    async fn open(app: web::Data<App>, session: VisitorSession, asked: Option<Cursor>) -> Answer<Self> {
        let (outlet, live) = Outlet::new();
        let (tenant_id, session_id) = (session.tenant_id, SessionId::new(app.clock.new_id()));
        let place = app.sockets.enter(session.visitor_id.uuid());
        let place = place.ok_or_else(|| Problem::new(Code::RateLimited).detail("this visitor has too many open streams"))?;
        let joined = Joined { hubs: app.hubs.clone(), tenant_id, session_id, _place: place };
        let view = View::Visitor { conversation_id: session.conversation_id };
        app.hubs.join(tenant_id, session_id, outlet.clone(), view).await?;
        let standing = visitor::find_standing(&app.db, tenant_id, session.channel_id, &session.thread_key()).await?;
        let head = standing.and_then(|standing| standing.seq).unwrap_or(0);
        let epoch = app.journal.epoch();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut feed = Self {
            session,
            outlet,
            live,
            heartbeat,
            last: head,
            missed: None,
            queue: VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]),
            over: false,
            _joined: joined,
            app,
        };
        match asked {
            None => {}
            Some(cursor) if cursor.epoch != epoch || cursor.place > head => feed.resync("epoch", head)?,
            Some(cursor) if has_forgotten_after(&feed.app.db, tenant_id, feed.session.conversation_id, cursor.place).await? => {
                feed.resync("too_old", head)?;
            }
            Some(cursor) => {
                feed.last = cursor.place;
                feed.missed = Some(MISSED_MAX);
            }
        }
        Ok(feed)
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.queue.pop_front() {
                return Some(bytes);
            }
            if self.over || self.outlet.is_cut() {
                return None;
            }
            if let Some(left) = self.missed {
                if let Err(problem) = self.read_missed(left).await {
                    // The client comes back with its cursor; nothing was skipped.
                    tracing::warn!(code = problem.code().as_str(), "a visitor's missed events could not be read");
                    return None;
                }
                continue;
            }
            tokio::select! {
                delivery = self.live.recv() => self.take(delivery?),
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b": \n\n")),
            }
        }
    }

    async fn read_missed(&mut self, left: usize) -> Answer<()> {
        let (tenant_id, id) = (self.session.tenant_id, self.session.conversation_id);
        let events = self.app.journal.visitor_events_after(tenant_id, id, self.last, PAGE).await?;
        let full = events.len() == PAGE;
        if full && left <= PAGE {
            let standing = visitor::find_standing(&self.app.db, tenant_id, self.session.channel_id, &self.session.thread_key()).await?;
            let head = standing.and_then(|standing| standing.seq).unwrap_or(self.last);
            self.missed = None;
            return self.resync("too_far_behind", head);
        }
        self.missed = full.then(|| left - PAGE);
        for event in events {
            self.push(&LiveEvent::new(event));
        }
        Ok(())
    }

    fn take(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Events(events) => {
                self.outlet.took(&events);
                for live in &events {
                    self.push(live);
                }
            }
            Delivery::Signal(signal) => {
                if let Signal::Typing { conversation_id, on, author, .. } = &*signal {
                    let typing = ServerFrame::Typing { conversation_id: *conversation_id, on: *on, author: TypingAuthor::from(author) };
                    self.push_frame(None, None, &typing);
                }
            }
            Delivery::Barred => {
                let problem = Problem::new(Code::Forbidden).detail("this contact may not write to us");
                self.push_frame(None, None, &ServerFrame::Refused(Refused::from_problem(None, &problem)));
                self.over = true;
            }
            Delivery::Drain => {
                let goodbye = ServerFrame::Goodbye { reason: "draining", reconnect_after_ms: DRAIN_RECONNECT_MS };
                self.push_frame(None, None, &goodbye);
                self.over = true;
            }
        }
    }

    /// Sends an event, unless it was read from the journal already.
    fn push(&mut self, live: &LiveEvent) {
        let Some(seq) = live.event.seq.filter(|seq| *seq > self.last) else { return };
        match frame::event(live, None, self.last) {
            Ok(text) => {
                self.queue.push_back(block(None, Some(self.app.journal.epoch().at(seq)), &text));
                self.last = seq;
            }
            Err(error) => self.fail(&error),
        }
    }

    fn resync(&mut self, reason: &'static str, head: u64) -> Answer<()> {
        self.last = head;
        let text = ServerFrame::ResyncRequired { reason }.text().map_err(Problem::internal)?;
        self.queue.push_back(block(Some("resync_required"), Some(self.app.journal.epoch().at(head)), &text));
        Ok(())
    }

    fn push_frame(&mut self, name: Option<&str>, cursor: Option<Cursor>, frame: &ServerFrame<'_>) {
        match frame.text() {
            Ok(text) => self.queue.push_back(block(name, cursor, &text)),
            Err(error) => self.fail(&error),
        }
    }

    fn fail(&mut self, error: &serde_json::Error) {
        tracing::error!(%error, "a frame could not be written; the stream ends");
        self.over = true;
    }
}

/// One block of the stream. A frame's JSON has no line breaks.
fn block(name: Option<&str>, cursor: Option<Cursor>, data: &str) -> Bytes {
    let name = name.map(|name| format!("event: {name}\n")).unwrap_or_default();
    let id = cursor.map(|cursor| format!("id: {cursor}\n")).unwrap_or_default();
    Bytes::from(format!("{name}{id}data: {data}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_what_an_event_source_reads() {
        let cursor = entities::Epoch::new(0x9f3c_01ab).at(5);
        assert_eq!(block(None, Some(cursor), r#"{"a":1}"#), "id: 9f3c01ab-5\ndata: {\"a\":1}\n\n");
        assert_eq!(block(Some("resync_required"), None, "{}"), "event: resync_required\ndata: {}\n\n");
    }
}
