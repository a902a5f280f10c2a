//! One socket: its life from the upgrade to the close, and the way frames and events take through it.
//!
//! Guarantees: frames are taken in order, each begun only when the one before stands where it belongs; nothing is read from the
//! client while that waits, so a client that sends faster than we can take is slowed by TCP. What arrives of events while history is
//! sent is not kept but read again from the journal, so nothing here grows with traffic.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, StreamHandler, WrapFuture, fut};
use actix_http::ws::{Item, ProtocolError};
use actix_web::web;
use actix_web_actors::ws::{self, WebsocketContext};
use actors::{
    hub::{Delivery, LiveEvent, Outlet},
    port::Signal,
    tenant::News,
};
use entities::{SessionId, TenantId};
use futures_util::stream;
use tokio::sync::mpsc;

use super::{
    agent::AgentSeat,
    budget::Budget,
    close::Close,
    frame::{self, ClientFrame, FRAME_BYTES_MAX, HEARTBEAT_SECS, Hello, PresenceOf, Refused, ServerFrame},
    open_sockets::Place,
    resume::Flow,
    visitor::VisitorSeat,
};
use crate::http::{
    App,
    problem::{Code, Problem},
};

/// `hello` must come within this.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// Heard of nothing for so long: closed.
const SILENT_MAX: Duration = Duration::from_mins(1);
/// Draining clients come back spread over this, in milliseconds.
const RECONNECT_SPREAD_MS: std::ops::Range<u64> = 500..15_000;

pub(super) type Context = WebsocketContext<Socket>;

/// Which door the client came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// `/ws/visitor`
    Visitor,
    /// `/ws/agent`
    Agent,
}

/// What the upgrade request said.
pub struct Upgrade {
    /// The page's origin, if it is a page's.
    pub origin: Option<String>,
    /// Where the client is.
    pub address: IpAddr,
    /// The page is one of this server's own.
    pub own_origin: bool,
    /// The agent's session cookie.
    pub cookie: Option<String>,
}

/// Whose socket it is, once `hello` was accepted.
pub(super) enum Seat {
    Visitor(VisitorSeat),
    Agent(AgentSeat),
}

/// One socket.
pub struct Socket {
    pub(super) app: web::Data<App>,
    pub(super) door: Door,
    pub(super) upgrade: Upgrade,
    pub(super) id: SessionId,
    pub(super) seat: Option<Seat>,
    pub(super) outlet: Option<Arc<Outlet>>,
    pub(super) flow: Flow,
    /// The place of the last `event` frame sent, or of `welcome.cursor`.
    pub(super) prev: u64,
    place: Option<Place>,
    heard_at: Instant,
    budget: Budget,
    /// A frame that comes in pieces, at most [`FRAME_BYTES_MAX`].
    pieces: Vec<u8>,
    closing: bool,
}

impl Socket {
    pub(super) fn new(app: web::Data<App>, door: Door, upgrade: Upgrade) -> Self {
        let now = Instant::now();
        let id = SessionId::new(app.clock.new_id());
        let budget = Budget::new(app.options.server.rates.socket_frames, now);
        Self {
            app,
            door,
            upgrade,
            id,
            seat: None,
            outlet: None,
            flow: Flow::Silent { resume_from: None },
            prev: 0,
            place: None,
            heard_at: now,
            budget,
            pieces: Vec::new(),
            closing: false,
        }
    }

    /// Whose data this socket may see.
    pub(super) fn tenant_id(&self) -> Option<TenantId> {
        match &self.seat {
            Some(Seat::Visitor(seat)) => Some(seat.session.tenant_id),
            Some(Seat::Agent(seat)) => Some(seat.tenant_id),
            None => None,
        }
    }

    /// Takes the seat that `hello` was given: from here on events may come.
    pub(super) fn sit(&mut self, seat: Seat, place: Place, outlet: Arc<Outlet>, mut events: mpsc::Receiver<Delivery>, ctx: &mut Context) {
        self.seat = Some(seat);
        self.place = Some(place);
        self.outlet = Some(outlet);
        ctx.add_stream(stream::poll_fn(move |cx| events.poll_recv(cx)));
    }

    pub(super) fn say(&self, frame: &ServerFrame<'_>, ctx: &mut Context) {
        match frame.text() {
            Ok(text) => ctx.text(text),
            Err(error) => tracing::error!(session.id = %self.id, %error, "could not write a frame"),
        }
    }

    pub(super) fn refuse(&self, refused: Refused<'_>, ctx: &mut Context) {
        metrics::counter!("switchboard_socket_refusals_total", "code" => refused.code).increment(1);
        self.say(&ServerFrame::Refused(refused), ctx);
    }

    pub(super) fn close(&mut self, close: Close, ctx: &mut Context) {
        if self.closing {
            return;
        }
        self.closing = true;
        metrics::counter!("switchboard_socket_closes_total", "code" => close.code().to_string()).increment(1);
        ctx.close(Some(close.into()));
        ctx.stop();
    }

    /// Writes an event frame if it is the next of this session's view.
    pub(super) fn show(&mut self, live: &LiveEvent, ctx: &mut Context) {
        let event = &live.event;
        let (position, place) = match self.door {
            Door::Visitor => (None, event.seq.unwrap_or(0)),
            Door::Agent => (Some(event.position), event.position),
        };
        match frame::event(live, position, self.prev) {
            Ok(text) => {
                self.prev = place;
                ctx.text(text);
            }
            Err(error) => {
                tracing::error!(session.id = %self.id, event.id = %event.id, %error, "could not write an event frame");
                self.close(Close::ServerError, ctx);
            }
        }
    }

    fn heartbeat(&mut self, ctx: &mut Context) {
        if self.heard_at.elapsed() >= SILENT_MAX {
            return self.close(Close::Idle, ctx);
        }
        if self.is_cut() {
            return self.close(Close::Slow, ctx);
        }
        ctx.ping(b"");
        // A tenant's actor that died is rebuilt by this.
        self.announce(ctx);
    }

    /// Tells the tenant that this agent is here.
    pub(super) fn announce(&self, ctx: &mut Context) {
        if let Some(Seat::Agent(seat)) = &self.seat {
            self.tell(News::Here { agent: seat.summary() }, ctx);
        }
    }

    pub(super) fn tell(&self, news: News, ctx: &mut Context) {
        if let Some(tenant_id) = self.tenant_id() {
            let (tenants, id) = (self.app.tenants.clone(), self.id);
            ctx.wait(async move { tenants.tell(tenant_id, id, news).await }.into_actor(self));
        }
    }

    fn is_cut(&self) -> bool {
        self.outlet.as_ref().is_some_and(|outlet| outlet.is_cut())
    }

    fn text(&mut self, text: &str, ctx: &mut Context) {
        self.heard_at = Instant::now();
        if self.closing {
            return;
        }
        let frame = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::debug!(session.id = %self.id, %error, "a frame could not be read");
                return self.close(Close::BadFrame, ctx);
            }
        };
        if let Err(wait_ms) = self.budget.take(self.heard_at) {
            let ClientFrame::Send(send) = &frame else { return self.close(Close::BadFrame, ctx) };
            return self.refuse(Refused::later(Some(&send.reference), "rate_limited", "too many frames".to_owned(), wait_ms), ctx);
        }
        match (frame, &self.seat) {
            (ClientFrame::Hello(hello), None) => self.hello(hello, ctx),
            (_, None) | (ClientFrame::Hello(_), Some(_)) => self.close(Close::BadFrame, ctx),
            (ClientFrame::Ping {}, Some(_)) => self.say(&ServerFrame::Pong {}, ctx),
            (frame, Some(Seat::Visitor(_))) => self.visitor_frame(frame, ctx),
            (frame, Some(Seat::Agent(_))) => self.agent_frame(frame, ctx),
        }
    }

    fn hello(&mut self, hello: Hello, ctx: &mut Context) {
        match self.door {
            Door::Visitor => self.visitor_hello(hello, ctx),
            Door::Agent => self.agent_hello(hello, ctx),
        }
    }

    fn piece(&mut self, item: Item, ctx: &mut Context) {
        let (bytes, last) = match item {
            Item::FirstText(bytes) => {
                self.pieces.clear();
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
            Item::FirstBinary(_) => return self.close(Close::BadFrame, ctx),
        };
        if self.pieces.len() + bytes.len() > FRAME_BYTES_MAX {
            return self.close(Close::TooLarge, ctx);
        }
        self.pieces.extend_from_slice(&bytes);
        if last {
            let whole = std::mem::take(&mut self.pieces);
            match std::str::from_utf8(&whole) {
                Ok(text) => self.text(text, ctx),
                Err(_not_utf8) => self.close(Close::BadFrame, ctx),
            }
        }
    }

    fn signal(&mut self, signal: &Signal, ctx: &mut Context) {
        match signal {
            Signal::Typing { conversation_id, on, author, .. } => {
                self.say(&ServerFrame::Typing { conversation_id: *conversation_id, on: *on, author: author.into() }, ctx);
            }
            Signal::Presence { agents } => {
                let agents = agents.iter().map(|(id, status)| PresenceOf { id: *id, status: *status }).collect();
                self.say(&ServerFrame::Presence { agents }, ctx);
            }
            Signal::Viewers { conversation_id, agents } => {
                self.say(&ServerFrame::Viewers { conversation_id: *conversation_id, agents }, ctx);
            }
            Signal::Revoked { .. } => self.close(Close::Revoked, ctx),
        }
    }

    fn drain(&mut self, ctx: &mut Context) {
        let reconnect_after_ms = spread(self.id);
        self.say(&ServerFrame::Goodbye { reason: "draining", reconnect_after_ms }, ctx);
        self.close(Close::Draining, ctx);
    }
}

/// When this client shall come back: spread evenly by the random part of its id.
fn spread(id: SessionId) -> u64 {
    let width = RECONNECT_SPREAD_MS.end - RECONNECT_SPREAD_MS.start;
    RECONNECT_SPREAD_MS.start + (id.uuid().as_u128() as u64) % width
}

impl Actor for Socket {
    type Context = Context;

    fn started(&mut self, ctx: &mut Context) {
        ctx.run_later(HELLO_WITHIN, |socket, ctx| {
            if socket.seat.is_none() {
                socket.close(Close::Unauthenticated, ctx);
            }
        });
        ctx.run_interval(Duration::from_secs(HEARTBEAT_SECS), Self::heartbeat);
    }

    fn stopped(&mut self, _ctx: &mut Context) {
        let Some(tenant_id) = self.tenant_id() else { return };
        self.app.hubs.leave(tenant_id, self.id);
        if matches!(self.seat, Some(Seat::Agent(_))) {
            let (tenants, id) = (self.app.tenants.clone(), self.id);
            actix_web::rt::spawn(async move { tenants.tell(tenant_id, id, News::Gone).await });
        }
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for Socket {
    fn handle(&mut self, item: Result<ws::Message, ProtocolError>, ctx: &mut Context) {
        match item {
            Ok(ws::Message::Text(text)) => self.text(&text, ctx),
            Ok(ws::Message::Ping(bytes)) => {
                self.heard_at = Instant::now();
                ctx.pong(&bytes);
            }
            Ok(ws::Message::Pong(_)) => self.heard_at = Instant::now(),
            Ok(ws::Message::Binary(_)) => self.close(Close::BadFrame, ctx),
            Ok(ws::Message::Continuation(item)) => self.piece(item, ctx),
            Ok(ws::Message::Close(_)) => {
                self.closing = true;
                ctx.close(None);
                ctx.stop();
            }
            Ok(ws::Message::Nop) => {}
            Err(ProtocolError::Overflow) => self.close(Close::TooLarge, ctx),
            Err(error) => {
                tracing::debug!(session.id = %self.id, %error, "a socket broke the protocol");
                self.close(Close::BadFrame, ctx);
            }
        }
    }

    fn finished(&mut self, ctx: &mut Context) {
        ctx.stop();
    }
}

impl StreamHandler<Delivery> for Socket {
    fn handle(&mut self, delivery: Delivery, ctx: &mut Context) {
        match delivery {
            Delivery::Events(events) => {
                if let Some(outlet) = &self.outlet {
                    outlet.took(&events);
                }
                self.live(&events, ctx);
            }
            Delivery::Signal(signal) => self.signal(&signal, ctx),
            Delivery::Barred => {
                let problem = Problem::new(Code::Forbidden).detail("this contact may not write to us");
                self.refuse(Refused::from_problem(None, &problem), ctx);
                self.close(Close::Revoked, ctx);
            }
            Delivery::Drain => self.drain(ctx),
        }
        if self.is_cut() {
            self.close(Close::Slow, ctx);
        }
    }

    /// The hub has dropped its end: this session was cut.
    fn finished(&mut self, ctx: &mut Context) {
        self.close(Close::Slow, ctx);
    }
}

impl Socket {
    /// Runs a piece of work before the next frame is taken, and goes on with its result.
    pub(super) fn before_next<T: 'static>(
        &mut self,
        work: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut Self, T, &mut Context) + 'static,
        ctx: &mut Context,
    ) {
        ctx.wait(work.into_actor(self).map(|result, socket: &mut Self, ctx| {
            if !socket.closing {
                then(socket, result, ctx);
            }
        }));
    }

    /// Runs a piece of work beside what else comes, and goes on with its result.
    pub(super) fn beside<T: 'static>(
        &mut self,
        work: impl Future<Output = T> + 'static,
        then: impl FnOnce(&mut Self, T, &mut Context) + 'static,
        ctx: &mut Context,
    ) {
        ctx.spawn(work.into_actor(self).then(|result, socket: &mut Self, ctx| {
            if !socket.closing {
                then(socket, result, ctx);
            }
            fut::ready(())
        }));
    }
}
