//! Deliveries to an HTTPS receiver of the tool's own: how many a second, how soon, and what they cost.
//!
//! Visitors write over their sockets; each message is one event, `conversation.message_created`, and each of its workspace's webhooks gets one
//! delivery of it. The receiver checks the signatures and tells by the number in the text what was lost, repeated or overtaken.
//!
//! Guarantees: latency runs from the moment when a message was due, and, apart from that, from when its commit was acknowledged. Flat out,
//! each conversation has a fixed number of messages that have not come to all webhooks, so what is accepted cannot run away from what is
//! delivered. The webhooks are removed at the end.
//!
//! Does not: start the server. It must trust the receiver's certificate and be allowed to call this machine.
//!
//! Start reading at [`run`]; then `steady`, `hanging` and `idle`; `receiver`, `writer` and `board` do the work.

mod board;
pub mod certificate;
mod hanging;
mod idle;
mod receiver;
mod report;
mod request;
mod retries;
mod scene;
mod spent;
mod steady;
mod writer;

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use self::spent::Processes;
use super::{LoadError, machine::Process};

pub use board::HOOKS_MAX;
pub use report::WebhooksReport;
pub use writer::Pace;

/// What to do to which server.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `http://HOST:PORT` of the server.
    pub url: String,
    /// The workspaces.
    pub workspaces: Vec<Workspace>,
    /// The file with the receiver's certificate and key.
    pub certificate: PathBuf,
    /// The server's process, where it cannot be found by its port.
    pub server_pid: Option<u32>,
    /// The first of the database's processes, whose children are counted with it.
    pub database_pid: Option<u32>,
    /// What to measure.
    pub kind: Kind,
}

/// A workspace, as `workspace create --json` prints it.
#[derive(Debug, Clone, Deserialize)]
pub struct Workspace {
    /// The widget's public key.
    pub widget_api_key: String,
    /// A token that may make webhooks.
    pub api_token: String,
}

/// What to measure.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Deliveries under load.
    Steady(Load),
    /// The same in all workspaces but the first, whose webhooks hang with so many deliveries.
    Hanging {
        /// Deliveries that wait.
        deliveries: usize,
        /// What the others do.
        load: Load,
    },
    /// Webhooks that do nothing.
    Idle {
        /// How many, shared out evenly.
        webhooks: usize,
    },
}

/// Deliveries under load.
#[derive(Debug, Clone)]
pub struct Load {
    /// Webhooks of each workspace.
    pub webhooks: usize,
    /// Conversations over all workspaces.
    pub conversations: usize,
    /// How the messages come.
    pub pace: Pace,
    /// Counted for this long.
    pub time: Duration,
    /// Not counted before that.
    pub warm_up: Duration,
    /// Characters in a message.
    pub text_chars: usize,
    /// One delivery at a time, in order.
    pub ordered: bool,
    /// The receiver puts some off, and it is looked at how late they come again.
    pub retries: bool,
}

/// Carries the plan out, on a thread and a runtime of its own, and answers with the figures.
///
/// # Errors
/// [`LoadError`]: why there are none.
pub fn run(plan: Plan) -> Result<WebhooksReport, LoadError> {
    super::alone(async move || carry_out(&plan).await)
}

async fn carry_out(plan: &Plan) -> Result<WebhooksReport, LoadError> {
    match &plan.kind {
        Kind::Steady(load) => Ok(WebhooksReport::Steady(Box::pin(steady::measure(plan, &plan.workspaces, load)).await?)),
        Kind::Hanging { deliveries, load } => Box::pin(hanging::measure(plan, *deliveries, load)).await.map(WebhooksReport::Hanging),
        Kind::Idle { webhooks } => Box::pin(idle::measure(plan, *webhooks)).await.map(WebhooksReport::Idle),
    }
}

impl Plan {
    fn processes(&self) -> Processes {
        Processes { server: Process::server(&self.url, self.server_pid), database: self.database_pid.map(Process::numbered) }
    }
}
