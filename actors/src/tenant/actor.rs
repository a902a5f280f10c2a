//! The tenant's actor: hands news to the state and signals to the bus.

use std::sync::Arc;

use actix::{Actor, AsyncContext, Context, Handler, MessageResult};
use entities::{AgentId, Presence, SessionId, TenantId};

use super::{GRACE, News, state::State};
use crate::port::{Bus, Signal};

/// Mailbox slots; senders wait for one.
const MAILBOX_MAX: usize = 1_024;

pub(super) struct TenantActor {
    tenant_id: TenantId,
    bus: Arc<dyn Bus>,
    state: State,
}

impl TenantActor {
    pub(super) fn new(tenant_id: TenantId, bus: Arc<dyn Bus>) -> Self {
        Self { tenant_id, bus, state: State::default() }
    }

    fn signal(&self, signals: Vec<Signal>) {
        for signal in signals {
            self.bus.signal(self.tenant_id, signal);
        }
    }
}

impl Actor for TenantActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX_MAX);
    }
}

#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Tell {
    pub session_id: SessionId,
    pub news: News,
}

impl Handler<Tell> for TenantActor {
    type Result = ();

    fn handle(&mut self, Tell { session_id, news }: Tell, ctx: &mut Self::Context) {
        let signals = match news {
            News::Here { agent } => self.state.here(session_id, agent),
            News::Presence(presence) => self.state.choose(session_id, presence),
            News::Viewing(conversation) => self.state.viewing(session_id, conversation),
            News::Gone => {
                let (agent_id, signals) = self.state.gone(session_id);
                if let Some(agent_id) = agent_id {
                    ctx.run_later(GRACE, move |actor, _ctx| {
                        let signals = actor.state.forget_if_gone(agent_id);
                        actor.signal(signals);
                    });
                }
                signals
            }
        };
        self.signal(signals);
    }
}

#[derive(actix::Message)]
#[rtype(result = "Vec<(AgentId, Presence)>")]
pub(super) struct Ask;

impl Handler<Ask> for TenantActor {
    type Result = MessageResult<Ask>;

    fn handle(&mut self, _ask: Ask, _ctx: &mut Self::Context) -> Self::Result {
        MessageResult(self.state.present())
    }
}
