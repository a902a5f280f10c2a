//! What a visitor's socket does: its own conversation, and nothing else.

use std::sync::Arc;

use actors::{
    conversation::{AskError, Command, Reader, Reply},
    hub::{Delivery, Outlet, View},
    port::{Signal, StoreError},
};
use entities::{Author, AuthorKind, ConversationId, Cursor, cursor::NotACursor};
use tokio::sync::mpsc;

use super::{
    close::Close,
    frame::{ClientFrame, FrameLimits, HEARTBEAT_SECS, Hello, Reference, Refused, SendFrame, ServerFrame},
    resume::refuse_cursor,
    socket::{Context, Seat, Socket},
};
use crate::{
    http::{
        problem::{Code, Problem},
        widget::{
            origin,
            post::{PostInput, prepare},
            session::{self, VisitorSession},
        },
    },
    store::journal::read::has_forgotten_after,
};

/// A visitor, once known.
pub(super) struct VisitorSeat {
    pub session: Arc<VisitorSession>,
}

/// What `hello` leads to.
struct Entry {
    session: VisitorSession,
    outlet: Arc<Outlet>,
    events: mpsc::Receiver<Delivery>,
    /// The cursor leads to where events are not kept any more.
    too_old: bool,
}

impl Socket {
    pub(super) fn visitor_hello(&mut self, hello: Hello, ctx: &mut Context) {
        let (app, id) = (self.app.clone(), self.id);
        let page_origin = self.upgrade.origin.clone();
        let token = hello.token.unwrap_or_default();
        let cursor = hello.cursor.map(|cursor| cursor.parse::<Cursor>());
        let asked = cursor.as_ref().and_then(|cursor| cursor.as_ref().ok()).map(|cursor| cursor.place);
        let work = async move {
            let session = session::open(&app, &token).await.map_err(|problem| closing(&problem))?;
            if !origin::allowed(&session.settings, page_origin.as_deref(), &app.public_url) || session.blocked {
                return Err(Close::Forbidden);
            }
            let (outlet, events) = Outlet::new();
            let view = View::Visitor { conversation_id: session.conversation_id };
            let failed = |error: StoreError| {
                tracing::warn!(session.id = %id, %error, "a visitor's socket could not join");
                Close::ServerError
            };
            app.hubs.join(session.tenant_id, id, outlet.clone(), view).await.map_err(failed)?;
            let (tenant_id, conversation_id) = (session.tenant_id, session.conversation_id);
            let too_old = match asked.filter(|place| *place < session.seq) {
                Some(place) => has_forgotten_after(&app.db, tenant_id, conversation_id, place).await.map_err(failed)?,
                None => false,
            };
            Ok(Entry { session, outlet, events, too_old })
        };
        self.before_next(work, move |socket, entry, ctx| socket.visitor_enters(entry, cursor, ctx), ctx);
    }

    fn visitor_enters(&mut self, entry: Result<Entry, Close>, cursor: Option<Result<Cursor, NotACursor>>, ctx: &mut Context) {
        let Entry { session, outlet, events, too_old } = match entry {
            Ok(entry) => entry,
            Err(close) => return self.close(close, ctx),
        };
        let Some(place) = self.app.sockets.enter(session.visitor_id.uuid()) else {
            self.app.hubs.leave(session.tenant_id, self.id);
            return self.close(Close::TooMany, ctx);
        };
        // Read before the session joined: what came between is behind it and is replayed.
        let head = session.seq;
        let epoch = self.app.journal.epoch();
        self.sit(Seat::Visitor(VisitorSeat { session: Arc::new(session) }), place, outlet, events, ctx);
        let (from, resync) = match cursor {
            None => (head, None),
            Some(Err(_not_a_cursor)) => (head, Some("epoch")),
            Some(Ok(cursor)) => match refuse_cursor(cursor, epoch, 0, head).or(too_old.then_some("too_old")) {
                Some(reason) => (head, Some(reason)),
                None => (cursor.place, None),
            },
        };
        self.prev = from;
        let welcome =
            ServerFrame::Welcome { session_id: self.id, cursor: epoch.at(from), heartbeat_secs: HEARTBEAT_SECS, limits: FrameLimits::TOLD };
        self.say(&welcome, ctx);
        if let Some(reason) = resync {
            self.resync(reason, ctx);
        }
        self.replay(from, from, ctx);
    }

    fn visitor(&self) -> Option<Arc<VisitorSession>> {
        match &self.seat {
            Some(Seat::Visitor(seat)) => Some(seat.session.clone()),
            Some(Seat::Agent(_)) | None => None,
        }
    }

    pub(super) fn visitor_frame(&mut self, frame: ClientFrame, ctx: &mut Context) {
        let Some(session) = self.visitor() else { return };
        match frame {
            ClientFrame::Send(send) => self.visitor_send(session, *send, ctx),
            ClientFrame::Typing { conversation_id, on } if conversation_id == session.conversation_id => {
                let author = Author { kind: AuthorKind::Visitor, id: Some(session.contact_id.uuid()), name: None, avatar_url: None };
                self.app.bus.signal(session.tenant_id, Signal::Typing { conversation_id, on, author, internal: false });
            }
            ClientFrame::Read { conversation_id, seq } if conversation_id == session.conversation_id => {
                self.read(session.tenant_id, conversation_id, Reader::Contact, seq, ctx);
            }
            ClientFrame::Typing { .. } | ClientFrame::Read { .. } => self.refuse_foreign(None, ctx),
            ClientFrame::Subscribe { .. }
            | ClientFrame::Unsubscribe { .. }
            | ClientFrame::Viewing { .. }
            | ClientFrame::Presence { .. } => {
                let problem = Problem::new(Code::Forbidden).detail("this frame is for agents");
                self.refuse(Refused::from_problem(None, &problem), ctx);
            }
            ClientFrame::Hello(_) | ClientFrame::Ping {} => {}
        }
    }

    fn visitor_send(&mut self, session: Arc<VisitorSession>, send: SendFrame, ctx: &mut Context) {
        if send.conversation_id.is_some_and(|id| id != session.conversation_id) {
            return self.refuse_foreign(Some(&send.reference), ctx);
        }
        let (app, address) = (self.app.clone(), self.upgrade.address);
        let SendFrame { reference, client_id, text, content, attachments, .. } = send;
        let work = async move {
            let input = PostInput { text, content, attachments, client_id: Some(client_id), address, guard_repeats: false };
            let command = prepare(&app, &session, input).await?;
            app.directory.hand_in(session.tenant_id, session.conversation_id, command).await.map_err(Problem::from)
        };
        self.before_next(work, move |socket, pending, ctx| socket.await_answer(pending, reference, None, ctx), ctx);
    }

    /// Another's conversation looks like one that does not exist.
    pub(super) fn refuse_foreign(&self, reference: Option<&Reference>, ctx: &mut Context) {
        self.refuse(Refused::from_problem(reference, &Problem::new(Code::NotFound)), ctx);
    }

    pub(super) fn read(&mut self, tenant_id: entities::TenantId, id: ConversationId, reader: Reader, seq: u64, ctx: &mut Context) {
        let directory = self.app.directory.clone();
        let work = async move { directory.ask(tenant_id, id, Command::MarkRead { reader, seq }).await };
        let then = move |socket: &mut Self, answer: Result<Reply, AskError>, ctx: &mut Context| {
            if let Err(error) = answer {
                socket.refuse(Refused::from_problem(None, &Problem::from(error)), ctx);
            }
        };
        self.beside(work, then, ctx);
    }
}

/// How a socket ends whose `hello` was refused.
pub(super) fn closing(problem: &Problem) -> Close {
    match problem.code() {
        Code::Unavailable | Code::Internal | Code::Busy => Close::ServerError,
        Code::Forbidden | Code::OriginForbidden => Close::Forbidden,
        _ => Close::Unauthenticated,
    }
}
