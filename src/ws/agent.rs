//! What an agent's socket does: topics, replies and notes, presence, who is looking at what.

use std::{str::FromStr, sync::Arc};

use actors::{
    conversation::{AskError, Reader, Rejection, Reply},
    hub::{Delivery, Outlet, Topics, View, message::TOPICS_MAX},
    port::{Signal, StoreError},
    runtime::directory::Pending,
    tenant::News,
};
use entities::{
    AgentId, AgentSummary, Author, ClientId, ConversationId, Cursor, LoginSessionId, Message, MessageKind, Permission, Role, TenantId,
};
use tokio::sync::mpsc;

use super::{
    close::Close,
    frame::{ClientFrame, FrameLimits, HEARTBEAT_SECS, Hello, Reference, Refused, Retry, SendFrame, ServerFrame},
    resume::{Flow, refuse_cursor},
    socket::{Context, Seat, Socket},
    visitor::closing,
};
use crate::http::{
    App, access,
    access::Caller,
    conversations::require_visible,
    messages::draft::{Draft, unseen},
    problem::{Code, Problem},
};

/// An agent, once known.
pub(super) struct AgentSeat {
    pub tenant_id: TenantId,
    id: AgentId,
    name: String,
    role: Role,
    login_session_id: LoginSessionId,
    caller: Arc<Caller>,
    topics: Topics,
}

struct Entry {
    seat: AgentSeat,
    outlet: Arc<Outlet>,
    events: mpsc::Receiver<Delivery>,
    joined_at: u64,
    oldest: u64,
}

impl AgentSeat {
    pub(super) fn summary(&self) -> AgentSummary {
        AgentSummary { id: self.id, name: self.name.clone() }
    }

    pub(super) fn view(&self) -> View {
        View::Agent { agent_id: self.id, login_session_id: Some(self.login_session_id), role: self.role, topics: self.topics.clone() }
    }
}

impl Socket {
    pub(super) fn agent_hello(&mut self, hello: Hello, ctx: &mut Context) {
        let (app, id) = (self.app.clone(), self.id);
        // A page of another site could use the browser's cookie; a program has no origin, and no cookie of anybody's.
        if self.upgrade.origin.is_some() && !self.upgrade.own_origin {
            return self.close(Close::Forbidden, ctx);
        }
        let cookie = self.upgrade.cookie.clone().filter(|_| self.upgrade.own_origin);
        let work = async move {
            let (tenant_id, caller) = match (hello.token, cookie) {
                (Some(token), _) => access::authenticate_bearer(&app, &token).await,
                (None, Some(cookie)) => access::authenticate_session(&app, &cookie).await,
                (None, None) => Err(Problem::new(Code::Unauthenticated)),
            }
            .map_err(|problem| closing(&problem))?;
            enter(&app, id, tenant_id, caller).await
        };
        let cursor = hello.cursor;
        self.before_next(work, move |socket, entry, ctx| socket.agent_enters(entry, cursor.as_deref(), ctx), ctx);
    }

    fn agent_enters(&mut self, entry: Result<Entry, Close>, cursor: Option<&str>, ctx: &mut Context) {
        let Entry { seat, outlet, events, joined_at, oldest } = match entry {
            Ok(entry) => entry,
            Err(close) => return self.close(close, ctx),
        };
        let Some(place) = self.app.sockets.enter(seat.id.uuid()) else {
            self.app.hubs.leave(seat.tenant_id, self.id);
            return self.close(Close::TooMany, ctx);
        };
        let epoch = self.app.journal.epoch();
        self.sit(Seat::Agent(seat), place, outlet, events, ctx);
        let (resume_from, resync) = match cursor.map(str::parse::<Cursor>) {
            None => (None, None),
            Some(Err(_not_a_cursor)) => (None, Some("epoch")),
            Some(Ok(cursor)) => match refuse_cursor(cursor, epoch, oldest, joined_at) {
                Some(reason) => (None, Some(reason)),
                None => (Some(cursor.place), None),
            },
        };
        let from = resume_from.unwrap_or(joined_at);
        self.prev = from;
        self.flow = Flow::Silent { resume_from };
        let welcome =
            ServerFrame::Welcome { session_id: self.id, cursor: epoch.at(from), heartbeat_secs: HEARTBEAT_SECS, limits: FrameLimits::TOLD };
        self.say(&welcome, ctx);
        if let Some(reason) = resync {
            self.resync(reason, ctx);
        }
        self.announce(ctx);
    }

    pub(super) fn agent_frame(&mut self, frame: ClientFrame, ctx: &mut Context) {
        let Some(Seat::Agent(seat)) = &self.seat else { return };
        let (tenant_id, agent_id) = (seat.tenant_id, seat.id);
        match frame {
            ClientFrame::Subscribe { topics } => self.subscribe(&topics, ctx),
            ClientFrame::Unsubscribe { topics } => self.unsubscribe(&topics, ctx),
            ClientFrame::Send(send) => self.agent_send(*send, ctx),
            ClientFrame::Typing { conversation_id, on } => self.agent_types(conversation_id, on, ctx),
            ClientFrame::Read { conversation_id, seq } => self.read(tenant_id, conversation_id, Reader::Agent(agent_id), seq, ctx),
            ClientFrame::Viewing { conversation_id } => {
                // Only what it follows, which was authorised: others' ids would tell who looks at what.
                let followed = conversation_id.is_none_or(|id| seat.topics.conversations.contains(&id));
                if followed { self.tell(News::Viewing(conversation_id), ctx) } else { self.refuse_foreign(None, ctx) }
            }
            ClientFrame::Presence { status } => self.tell(News::Presence(status), ctx),
            ClientFrame::Hello(_) | ClientFrame::Ping {} => {}
        }
    }

    fn agent_types(&mut self, conversation_id: ConversationId, on: bool, ctx: &mut Context) {
        let Some(Seat::Agent(seat)) = &self.seat else { return };
        if !seat.topics.conversations.contains(&conversation_id) {
            return self.refuse_foreign(None, ctx);
        }
        let author: Author = seat.caller.author();
        if let Some(shown) = self.app.channels.show_typing(seat.tenant_id, conversation_id, on) {
            // It has its own limit, and outlives the socket: what was begun is ended.
            actix_web::rt::spawn(shown);
        }
        self.app.bus.signal(seat.tenant_id, Signal::Typing { conversation_id, on, author, internal: false });
    }

    fn subscribe(&mut self, topics: &[String], ctx: &mut Context) {
        let Some(Seat::Agent(seat)) = &self.seat else { return };
        let mut wanted = seat.topics.clone();
        let mut asked = Vec::new();
        for topic in topics {
            match Topic::from_str(topic) {
                Ok(Topic::Inbox) => wanted.inbox = true,
                Ok(Topic::Presence) => wanted.presence = true,
                Ok(Topic::Conversation(id)) if !wanted.conversations.contains(&id) => {
                    wanted.conversations.push(id);
                    asked.push(id);
                }
                Ok(Topic::Conversation(_)) => {}
                Err(problem) => return self.refuse(Refused::from_problem(None, &problem), ctx),
            }
        }
        if wanted.conversations.len() > TOPICS_MAX {
            let problem =
                Problem::new(Code::ValidationFailed).detail(format!("at most {TOPICS_MAX} conversations can be followed at once"));
            return self.refuse(Refused::from_problem(None, &problem), ctx);
        }
        let (app, id, tenant_id, caller) = (self.app.clone(), self.id, seat.tenant_id, seat.caller.clone());
        let work = async move {
            for conversation_id in asked {
                require_visible(&app, tenant_id, &caller, conversation_id).await?;
            }
            let watched_at = app.hubs.watch(tenant_id, id, wanted.clone()).await?;
            Ok((wanted, watched_at))
        };
        self.before_next(work, Self::subscribed, ctx);
    }

    fn subscribed(&mut self, subscribed: Result<(Topics, u64), Problem>, ctx: &mut Context) {
        let (topics, watched_at) = match subscribed {
            Ok(subscribed) => subscribed,
            Err(problem) => return self.refuse(Refused::from_problem(None, &problem), ctx),
        };
        if let Some(Seat::Agent(seat)) = &mut self.seat {
            seat.topics = topics;
        }
        match self.flow {
            Flow::Silent { resume_from: Some(from) } => self.replay(from, watched_at, ctx),
            Flow::Silent { resume_from: None } => self.flow = Flow::Live { at: watched_at },
            Flow::Replaying { .. } | Flow::Live { .. } => {}
        }
    }

    fn unsubscribe(&mut self, topics: &[String], ctx: &mut Context) {
        let Some(Seat::Agent(seat)) = &self.seat else { return };
        let mut wanted = seat.topics.clone();
        for topic in topics {
            match Topic::from_str(topic) {
                Ok(Topic::Inbox) => wanted.inbox = false,
                Ok(Topic::Presence) => wanted.presence = false,
                Ok(Topic::Conversation(id)) => wanted.conversations.retain(|followed| *followed != id),
                Err(problem) => return self.refuse(Refused::from_problem(None, &problem), ctx),
            }
        }
        let (hubs, id, tenant_id) = (self.app.hubs.clone(), self.id, seat.tenant_id);
        let work = async move {
            let watched_at = hubs.watch(tenant_id, id, wanted.clone()).await?;
            Ok::<_, Problem>((wanted, watched_at))
        };
        self.before_next(work, Self::subscribed, ctx);
    }

    fn agent_send(&mut self, send: SendFrame, ctx: &mut Context) {
        let Some(Seat::Agent(seat)) = &self.seat else { return };
        let SendFrame { reference, conversation_id, client_id, text, content, attachments, kind, last_seen_seq } = send;
        if !seat.role.allows(Permission::MessagesWrite) {
            return self.refuse(Refused::from_problem(Some(&reference), &Problem::new(Code::Forbidden)), ctx);
        }
        let Some(conversation_id) = conversation_id else {
            let problem = Problem::invalid("/conversation_id", "required", "say in which conversation");
            return self.refuse(Refused::from_problem(Some(&reference), &problem), ctx);
        };
        let followed = seat.topics.conversations.contains(&conversation_id);
        let (app, tenant_id, caller) = (self.app.clone(), seat.tenant_id, seat.caller.clone());
        let work = async move {
            // What it follows was found to be visible when it subscribed.
            if !followed {
                require_visible(&app, tenant_id, &caller, conversation_id).await?;
            }
            let client_id =
                ClientId::parse(&client_id).map_err(|error| Problem::invalid("/client_id", "invalid_value", error.to_string()))?;
            let kind = kind.unwrap_or(MessageKind::Message);
            let draft = Draft { text, content, kind, client_id: Some(client_id), attachments, last_seen_seq, via: None };
            let command = draft.command(&app, tenant_id, &caller, conversation_id).await?;
            app.directory.hand_in(tenant_id, conversation_id, command).await.map_err(Problem::from)
        };
        let stale = Some((tenant_id, conversation_id));
        self.before_next(work, move |socket, pending, ctx| socket.await_answer(pending, reference, stale, ctx), ctx);
    }

    /// Waits for a handed-in message to be stored, beside what else the socket does, and says so. `stale` is where to read what the
    /// author had not seen, should another agent have been first.
    pub(super) fn await_answer(
        &mut self,
        pending: Result<Pending, Problem>,
        reference: Reference,
        stale: Option<(TenantId, ConversationId)>,
        ctx: &mut Context,
    ) {
        let pending = match pending {
            Ok(pending) => pending,
            Err(problem) => return self.refuse(Refused::from_problem(Some(&reference), &problem), ctx),
        };
        let app = self.app.clone();
        let work = async move {
            let answer = pending.answer().await;
            let missed = match (&answer, stale) {
                (Err(AskError::Rejected(Rejection::StaleReply { last_seen_seq })), Some((tenant_id, id))) => {
                    Some(unseen(&app, tenant_id, id, *last_seen_seq).await)
                }
                _ => None,
            };
            (answer, missed)
        };
        self.beside(work, move |socket, (answer, unseen), ctx| socket.answered(answer, unseen, &reference, ctx), ctx);
    }

    fn answered(
        &self,
        answer: Result<Reply, AskError>,
        unseen: Option<Result<Vec<Message>, StoreError>>,
        reference: &Reference,
        ctx: &mut Context,
    ) {
        let problem = match answer {
            Ok(Reply::Posted(posted)) => {
                let ack =
                    ServerFrame::Ack { reference, message_id: posted.message_id, seq: posted.seq, conversation_id: posted.conversation_id };
                return self.say(&ack, ctx);
            }
            Ok(Reply::Updated(_) | Reply::Read | Reply::Received(_) | Reply::Scheduled { .. }) => {
                Problem::internal("a message was answered like something else")
            }
            Err(error) => Problem::from(error),
        };
        let mut refused = Refused::from_problem(Some(reference), &problem);
        match unseen {
            Some(Ok(messages)) => {
                refused.retry = Retry::Now;
                refused.unseen = Some(messages);
            }
            Some(Err(error)) => refused = Refused::from_problem(Some(reference), &Problem::from(error)),
            None => {}
        }
        self.refuse(refused, ctx);
    }
}

async fn enter(app: &App, id: entities::SessionId, tenant_id: TenantId, caller: Caller) -> Result<Entry, Close> {
    let Caller::Agent { id: agent_id, name, role, session_id, .. } = &caller else {
        return Err(Close::Unauthenticated);
    };
    let (outlet, events) = Outlet::new();
    let seat = AgentSeat {
        tenant_id,
        id: *agent_id,
        name: name.clone(),
        role: *role,
        login_session_id: *session_id,
        topics: Topics::default(),
        caller: Arc::new(caller.clone()),
    };
    let failed = |error: StoreError| {
        tracing::warn!(session.id = %id, %error, "an agent's socket could not join");
        Close::ServerError
    };
    let oldest = app.journal.oldest(tenant_id).await.map_err(failed)?;
    let joined_at = app.hubs.join(tenant_id, id, outlet.clone(), seat.view()).await.map_err(failed)?;
    Ok(Entry { seat, outlet, events, joined_at, oldest })
}

/// What an agent can follow.
enum Topic {
    Inbox,
    Presence,
    Conversation(ConversationId),
}

impl FromStr for Topic {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        match text.split_once(':') {
            None if text == "inbox" => Ok(Self::Inbox),
            None if text == "presence" => Ok(Self::Presence),
            Some(("conversation", id)) => id.parse().map(Self::Conversation).map_err(|_not_an_id| Problem::new(Code::NotFound)),
            _ => Err(Problem::new(Code::ValidationFailed).detail("topics are inbox, presence and conversation:{id}")),
        }
    }
}
