//! The load tool: real sockets against a running server, and what they saw.
//!
//! Guarantees: latency is counted from the moment when a message was due, so a server that stalls cannot hide it; every message carries
//! its own number, so that lost, doubled and misplaced ones are counted, not guessed; the tool's own CPU time is shown beside the server's.
//!
//! Does not: go round the server's limits (raise them with its own options), speak TLS to the server, or reach into the database.
//!
//! Start reading at [`chat`] (two people in each conversation), then `idle`, `fanout` and `cut`, [`webhooks`] for deliveries, and
//! [`channels`] for providers' notifications; `session` is one socket, `setup` makes
//! the people, `machine` reads what the processes used, `report` is what is printed.

pub mod channels;
mod chat;
mod closed;
mod cut;
mod fanout;
mod frame;
mod http;
mod idle;
mod lane;
mod machine;
mod open;
pub mod report;
mod session;
mod setup;
pub mod webhooks;

use std::time::Duration;

use thiserror::Error;

pub use report::Report;

/// What to do to which server.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `http://HOST:PORT` of the server.
    pub url: String,
    /// The widget's public key.
    pub api_key: String,
    /// The e-mail address of somebody who may add agents, or at least answer.
    pub email: String,
    /// That person's password.
    pub password: String,
    /// The server's process, where it cannot be found by its port.
    pub server_pid: Option<u32>,
    /// What to measure.
    pub kind: Kind,
}

/// What to measure.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Two people in each of many conversations.
    Chat(Talk),
    /// Visitors' sockets that do nothing.
    Idle {
        /// How many.
        sockets: usize,
    },
    /// One event to many agents.
    Fanout {
        /// Agents' sockets.
        agents: usize,
        /// For how long.
        time: Duration,
    },
    /// Visitors' sockets that are cut, miss ten messages each, and come back all at once.
    Cut {
        /// How many.
        sockets: usize,
    },
}

/// Two people in each of many conversations.
#[derive(Debug, Clone)]
pub struct Talk {
    /// How many conversations.
    pub conversations: usize,
    /// One: only the visitor writes. Two: the agent as well.
    pub participants: usize,
    /// Messages that each sender keeps unacknowledged (closed loop).
    pub window: usize,
    /// Messages a second over all conversations, whatever the server does (open loop). Takes the place of `window`.
    pub rate: Option<u32>,
    /// Counted for this long.
    pub time: Duration,
    /// Not counted before that.
    pub warm_up: Duration,
    /// Characters in a message.
    pub text_chars: usize,
}

/// Why a run came to nothing.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The server's address is not one that the tool can speak to.
    #[error("cannot use the address {0}: give http://HOST:PORT")]
    Url(String),
    /// No connection, or it was cut.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted.
        what: &'static str,
        /// What happened.
        source: std::io::Error,
    },
    /// A socket could not be opened, or broke.
    #[error("{what}: {source}")]
    Socket {
        /// What was attempted.
        what: &'static str,
        /// What happened.
        source: Box<tokio_tungstenite::tungstenite::Error>,
    },
    /// The server said no.
    #[error("{what}: the server answered {answer}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// What it said.
        answer: String,
    },
    /// The server said something that the tool does not understand.
    #[error("{what}: cannot read the server's answer: {answer}")]
    Unreadable {
        /// What was asked.
        what: &'static str,
        /// What it said.
        answer: String,
    },
    /// Waited in vain.
    #[error("waited in vain for {0}")]
    TimedOut(&'static str),
}

impl LoadError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    pub(crate) fn socket(what: &'static str) -> impl FnOnce(tokio_tungstenite::tungstenite::Error) -> Self {
        move |source| Self::Socket { what, source: Box::new(source) }
    }
}

/// Carries the plan out, on a thread and a runtime of its own, and answers with the figures.
///
/// # Errors
/// [`LoadError`]: why there are none.
pub fn run(plan: Plan) -> Result<Report, LoadError> {
    alone(async move || carry_out(&plan).await)
}

/// Does the work on a thread and a runtime of its own.
fn alone<T: Send + 'static>(work: impl AsyncFnOnce() -> Result<T, LoadError> + Send + 'static) -> Result<T, LoadError> {
    let worker = std::thread::Builder::new().name("loadtest".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(LoadError::io("start the runtime"))?;
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, work())
    });
    let finished = worker.map_err(LoadError::io("start a thread"))?.join();
    finished.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

async fn carry_out(plan: &Plan) -> Result<Report, LoadError> {
    match &plan.kind {
        Kind::Chat(talk) => Box::pin(chat::measure(plan, talk)).await,
        Kind::Idle { sockets } => Box::pin(idle::measure(plan, *sockets)).await,
        Kind::Fanout { agents, time } => Box::pin(fanout::measure(plan, *agents, *time)).await,
        Kind::Cut { sockets } => Box::pin(cut::measure(plan, *sockets)).await,
    }
}
