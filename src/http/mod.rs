//! HTTP: the API, its problems, and who may call what.
//!
//! Guarantees: every answer carries a request id and security headers; every refusal is a problem with a code of `problem`'s table.
//!
//! Does not: hold rules of conversations (a handler extracts, converts, makes one call, converts back), or speak WebSocket.
//!
//! Start reading at [`routes`], the API as one table; then [`access`] and [`problem`].

pub mod access;
pub mod admin;
pub mod agents;
pub mod answer;
pub mod assets;
pub mod attachments;
pub mod audit_log;
pub mod auth;
pub mod bulk_jobs;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod credentials;
pub mod describe;
pub mod event_types;
pub mod events;
pub mod extract;
mod fields;
pub mod health;
pub mod idempotency;
pub mod ingress;
pub mod installs;
pub mod invitations;
pub mod limits;
pub mod messages;
pub mod middleware;
mod nullable;
pub mod openapi;
pub mod page;
pub mod presets;
pub mod problem;
pub mod providers;
pub mod routes;
pub mod routing;
pub mod scheduled_messages;
pub mod search;
pub mod teams;
pub mod tokens;
pub mod webhooks;
pub mod widget;
pub mod workspaces;

use std::sync::{Arc, atomic::AtomicBool};

use actors::{
    channel::Channels,
    hub::Hubs,
    port::{Bus, Clock, Courier, Journal},
    routing::Routers,
    runtime::Directory,
    subscription::Subscriptions,
    tenant::Tenants,
};
use entities::{EventId, Timestamp};

pub use limits::Limits;

use crate::{
    crypto::Keys,
    delivery::{AddressGuard, ProviderHttp},
    geoip::Countries,
    observe::Exporter,
    options::Options,
    store::{
        Database,
        settings::{audit::Doer, channel_change::Changer},
    },
    ws::OpenSockets,
};

/// What every handler has: one for the process, shared by its threads.
pub struct App {
    /// The database, for reading screens and for settings.
    pub db: Database,
    /// The journal, for reading events.
    pub journal: Arc<dyn Journal>,
    /// The way to the conversations.
    pub directory: Directory,
    /// The way to the tenants' presence.
    pub tenants: Tenants,
    /// Fan-out, for what is told to sessions and not stored.
    pub bus: Arc<dyn Bus>,
    /// Where live sessions join.
    pub hubs: Hubs,
    /// Who waits for events of the feed.
    pub feed: events::Readers,
    /// The places of open sockets.
    pub sockets: OpenSockets,
    /// The channels at work on this node.
    pub channels: Channels,
    /// The routers at work on this node.
    pub routers: Routers,
    /// The webhooks at work on this node.
    pub subscriptions: Subscriptions,
    /// Takes webhooks' deliveries to their receivers.
    pub courier: Arc<dyn Courier>,
    /// Calls providers.
    pub providers: ProviderHttp,
    /// Told when a file is to be fetched from a provider; a hint, which may be lost.
    pub files_wished: tokio::sync::Notify,
    /// Told when the renewal of tokens is to look up: something is due, or the server stops.
    pub renewals_wished: tokio::sync::Notify,
    /// Where webhooks may go.
    pub address_guard: AddressGuard,
    /// Time and ids.
    pub clock: Arc<dyn Clock>,
    /// Derived keys and sealing.
    pub keys: Keys,
    /// What the operator chose.
    pub options: Arc<Options>,
    /// The origin under which browsers reach this server, without a slash at the end; known once the port is.
    pub public_url: String,
    /// How much each caller may ask for.
    pub limits: Limits,
    /// Failed sign-ins of late.
    pub lockout: auth::Lockout,
    /// Where visitors are who have not written yet.
    pub newcomers: widget::Newcomers,
    /// Which country an address is in.
    pub countries: Countries,
    /// A stop has begun: load balancers are told to look elsewhere.
    pub draining: AtomicBool,
    /// What writes the counters out.
    pub exporter: Exporter,
    /// The API's description, as `/openapi.json` serves it.
    pub description: serde_json::Value,
    /// When the process began to answer.
    pub started_at: Timestamp,
}

impl App {
    /// Changes a channel and tells of it, on behalf of `doer`, or of the server itself.
    pub fn changer<'a>(&'a self, doer: Option<&'a Doer>) -> Changer<'a> {
        let at = doer.map_or_else(|| self.clock.now(), |doer| doer.at);
        Changer { db: &self.db, journal: self.journal.as_ref(), doer, event_id: EventId::new(self.clock.new_id()), at }
    }
}
