//! Simulators: what a provider of messages looks like from Switchboard, on this machine and without an account.
//!
//! Guarantees: each speaks its provider's wire (shapes, signatures, token checks, limits, failures) from the provider's documents alone: it
//! shares no code with the adapters that it tests, only `crypto::mac`; memory is bounded; a simulator can be started inside a test on any
//! free port and driven without the page.
//!
//! Does not: keep anything over a restart, speak TLS, or know what a customer would write by itself.
//!
//! Start reading at [`start`]; `provider` is what a simulated provider implements, `world` what it remembers, `signed_sender` how it notifies,
//! `control` what the page and tests say to it.

mod api;
mod consent;
mod control;
mod dialpad;
pub mod faults;
mod graph;
mod messenger;
mod multipart;
mod page;
pub mod provider;
mod signed_sender;
pub mod simulator;
mod slack;
mod sms;
mod whatsapp;
pub mod wire_log;
pub mod world;

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{self, Data},
};
use thiserror::Error;
use tokio::{sync::mpsc, task::JoinHandle};

use provider::Provider;
use simulator::{QUEUE_MAX, Simulator};
use world::{FILE_BYTES_MAX, World};

/// Tells the time, in milliseconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Which provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulated {
    /// WhatsApp Cloud API.
    Whatsapp,
    /// Messenger, and Instagram on the same wire.
    Messenger,
    /// Text messages by Twilio.
    Sms,
    /// Slack.
    Slack,
    /// Dialpad.
    Dialpad,
}

impl Simulated {
    /// The word in paths and options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Messenger => "messenger",
            Self::Sms => "sms",
            Self::Slack => "slack",
            Self::Dialpad => "dialpad",
        }
    }

    /// Where it listens unless told otherwise.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Whatsapp => 9101,
            Self::Messenger => 9102,
            Self::Sms => 9103,
            Self::Slack => 9104,
            Self::Dialpad => 9105,
        }
    }

    /// All of them.
    pub const ALL: &[Self] = &[Self::Whatsapp, Self::Messenger, Self::Sms, Self::Slack, Self::Dialpad];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|simulated| simulated.name() == name)
    }

    /// The provider alone, with the usual credentials: for who asks it for notifications and sends them by themselves.
    pub fn alone(self) -> Arc<dyn Provider> {
        self.provider(&mut Overrides(BTreeMap::new()))
    }

    fn provider(self, overrides: &mut Overrides) -> Arc<dyn Provider> {
        match self {
            Self::Whatsapp => Arc::new(whatsapp::WhatsApp::new(overrides)),
            Self::Messenger => Arc::new(messenger::Messenger::new(overrides)),
            Self::Sms => Arc::new(sms::Sms::new(overrides)),
            Self::Slack => Arc::new(slack::Slack::new(overrides)),
            Self::Dialpad => Arc::new(dialpad::Dialpad::new(overrides)),
        }
    }
}

/// How quickly things happen.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between a send and `sent`, `sent` and `delivered`, `delivered` and `read`.
    pub tick: Duration,
    /// The unit of the waits before a notification is sent again.
    pub redelivery: Duration,
    /// How long notifications are gathered for a batch, or to be mixed up.
    pub gather: Duration,
    /// How late a slow answer is.
    pub slow: Duration,
}

impl Pace {
    /// For people who watch.
    pub const WATCHED: Self = Self {
        tick: Duration::from_millis(600),
        redelivery: Duration::from_secs(1),
        gather: Duration::from_millis(1_500),
        slow: Duration::from_secs(8),
    };
    /// For tests: at once.
    pub const AT_ONCE: Self = Self {
        tick: Duration::ZERO,
        redelivery: Duration::from_millis(1),
        gather: Duration::from_millis(50),
        slow: Duration::from_millis(50),
    };
}

/// What to simulate, and where.
#[derive(Clone)]
pub struct SimulatorOptions {
    /// Which provider.
    pub provider: Simulated,
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// `http://HOST:PORT` where Switchboard listens.
    pub target: String,
    /// The path of Switchboard that takes the provider's notifications.
    pub path: String,
    /// Scheme and host under which the provider knows Switchboard; notifications for it are sent to the target.
    pub public_url: String,
    /// Under which the simulator is reached; by default its address.
    pub own_url: Option<String>,
    /// Credentials other than the usual ones, by field.
    pub credentials: BTreeMap<String, String>,
    /// How quickly things happen.
    pub pace: Pace,
    /// Tells the time.
    pub now: Now,
}

impl SimulatorOptions {
    /// A simulator of this provider for the Switchboard at this address, on a free port of this machine.
    pub fn new(provider: Simulated, target: &str, now: Now) -> Self {
        let target = target.trim_end_matches('/').to_owned();
        Self {
            provider,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            path: format!("/api/webhooks/{}", provider.name()),
            public_url: target.clone(),
            target,
            own_url: None,
            credentials: BTreeMap::new(),
            pace: Pace::WATCHED,
            now,
        }
    }
}

/// Credentials that somebody wants instead of the usual ones; each is taken out by the provider that has it.
pub struct Overrides(BTreeMap<String, String>);

impl Overrides {
    /// The wanted value, or the usual one.
    pub fn take(&mut self, name: &str, usual: &str) -> String {
        self.0.remove(name).unwrap_or_else(|| usual.to_owned())
    }
}

/// Why a simulator did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The target is not one that can be reached.
    #[error("cannot use the target {0}: give http://HOST:PORT (plain HTTP: put the simulator on the server's side of the proxy)")]
    Target(String),
    /// A credential that the provider does not have.
    #[error("{provider} has no credential {name}")]
    Credential {
        /// The provider.
        provider: &'static str,
        /// The field.
        name: String,
    },
}

/// A simulator that runs until it is stopped or dropped.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Under which it is reached: the base of the provider's interface, and the page.
    pub url: String,
    simulator: Arc<Simulator>,
    server: ServerHandle,
    sender: JoinHandle<()>,
}

impl Running {
    /// Its inside: customers, acts, failures, and what the business sent.
    pub fn simulator(&self) -> &Arc<Simulator> {
        &self.simulator
    }

    /// What has to be pasted into a credential of Switchboard, by field.
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        self.simulator.provider.credentials()
    }

    /// The channel's address.
    pub fn account(&self) -> String {
        self.simulator.provider.account()
    }

    /// One of the credentials; empty if there is none of this name.
    pub fn credential(&self, name: &str) -> String {
        self.credentials().into_iter().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// Ends it; what was under way is dropped.
    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.sender.abort();
        // The command to stop is given by the call; waiting would only tell when it is done.
        drop(self.server.stop(false));
    }
}

/// Starts a simulator within the running actix system.
///
/// # Errors
/// [`StartError`].
pub fn start(options: SimulatorOptions) -> Result<Running, StartError> {
    let target = url::Url::parse(&options.target).ok().filter(|url| url.scheme() == "http" && url.has_host() && url.path() == "/");
    if target.is_none() {
        return Err(StartError::Target(options.target));
    }
    let mut overrides = Overrides(options.credentials);
    let provider = options.provider.provider(&mut overrides);
    if let Some(name) = overrides.0.into_keys().next() {
        return Err(StartError::Credential { provider: options.provider.name(), name });
    }
    let hook_url = format!("{}{}", options.public_url, options.path);
    let world = World::new(options.now, String::new(), hook_url);
    let (queue, queued) = mpsc::channel(QUEUE_MAX);
    let simulator = Arc::new(Simulator::new(provider, options.pace, options.target, options.public_url, world, queue));
    let data = Data::from(Arc::clone(&simulator));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(web::PayloadConfig::new(FILE_BYTES_MAX))
            .configure(page::routes)
            .configure(control::routes)
            .default_service(web::to(api::call))
    });
    let refused = |source| StartError::Listen { address: options.listen, source };
    let server = server.workers(1).disable_signals().shutdown_timeout(1).bind(options.listen).map_err(refused)?;
    let address = server.addrs().first().copied().unwrap_or(options.listen);
    let url = options.own_url.unwrap_or_else(|| format!("http://{address}"));
    simulator.change(|world| {
        world.own_url.clone_from(&url);
        let somebody = simulator.provider.customer(world, "Dana Field", None);
        world.add_customer(somebody);
    });
    let server = server.run();
    let handle = server.handle();
    drop(actix_web::rt::spawn(server));
    let sender = actix_web::rt::spawn(signed_sender::run(Arc::clone(&simulator), queued));
    Ok(Running { address, url, simulator, server: handle, sender })
}
