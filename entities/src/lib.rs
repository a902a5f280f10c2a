//! The nouns of Switchboard: ids, time, bounded text, content, status, and the resources that the outside sees.
//!
//! Guarantees: a value of a type here is valid; what comes from outside is parsed into these types at the edge and not
//! checked again. The JSON of [`Message`], [`Conversation`], [`Ticket`] and [`Contact`] is the one shape that the REST API, the
//! sockets and the event feed share.
//!
//! Does not: read a clock, make an id, talk to a database (the SeaORM models in [`table`] are plain rows, for the store alone).
//!
//! Start reading at [`conversation`] and [`event`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod agent;
pub mod attachment;
pub mod channel;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod cursor;
pub mod event;
pub mod id;
pub mod inbound;
pub mod message;
pub mod outbound;
pub mod parts;
pub mod permission;
pub mod provider;
pub mod remote;
pub mod routing;
pub mod scheduled;
mod schema;
pub mod subscription;
pub mod table;
pub mod template;
pub mod text;
pub mod thread;
pub mod time;
pub mod webhook;

pub use agent::{AgentSummary, Presence, Role};
pub use attachment::AttachmentRef;
pub use channel::{ChannelKind, ChannelStatus, WidgetSettings};
pub use contact::{Address, AddressKind, Contact, ContactSummary};
pub use content::Document;
pub use conversation::{Change, Changes, Conversation, ConversationStatus, Priority, Ticket, TicketSummary};
pub use cursor::{Cursor, Epoch};
pub use event::{EventKind, StoredEvent};
pub use id::*;
pub use inbound::{Happening, Inbound, InboundMedia, InboundMessage, MediaAuth, MessageType, Party, Receipt, ReceiptStatus};
pub use message::{Author, AuthorKind, Direction, Message, MessageKind, MessageStatus};
pub use outbound::{Action, Consequence, Holds, Outbound, OutboundMessage, SendOutcome};
pub use permission::Permission;
pub use provider::{Capabilities, CredentialStatus, Provider, ProviderError};
pub use remote::{Remote, RemoteView, Via};
pub use routing::{RoutingMode, RoutingRules, WhenAway};
pub use scheduled::{Refusal, ScheduledMessage, ScheduledStatus};
pub use subscription::{DeliveryStatus, EventPattern, ReplayOnly, ReplayStatus, SubscriptionFilter, Trigger, WebhookReport, WebhookStatus};
pub use text::{ClientId, Label, TextError};
pub use time::Timestamp;
pub use webhook::{AttemptError, AttemptOutcome, ErrorClass, RetryAfter, RetrySchedule, Timings, Verdict, WebhookSecret};
