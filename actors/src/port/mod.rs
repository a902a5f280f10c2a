//! The doors through which the actors reach the world: traits and their errors, nothing else.
//!
//! Implementations live in the server (`src/store`, `src/bus`, `src/compose`) and, for tests, in [`crate::testing`]; one conformance
//! suite ([`crate::testing::conformance`]) holds them all to the same promises.

pub mod bus;
pub mod clock;
pub mod courier;
pub mod deliveries;
pub mod dispatches;
pub mod gateway;
pub mod journal;
pub mod remote;
pub mod routing;
mod settings;
pub mod timers;

pub use bus::{Bus, Published, Signal};
pub use clock::Clock;
pub use courier::{Courier, WebhookRequest};
pub use deliveries::{Attempted, Claimed, Deliveries, Due, Health, Lease, Neglected, Page, Recorded, Room};
pub use dispatches::{ChannelLease, DispatchPage, DispatchState, Dispatches, DueDispatch, NeglectedChannel, Postponed, UNKNOWN_MS};
pub use gateway::{Gateway, Line, PartDone, Report};
pub use journal::{
    Body, CommitError, Committed, ContactWrite, ConversationRow, ConversationWrite, Journal, LastReply, LoadedConversation, NewEvent,
    ReadMark, StoreError, TicketRow, Write,
};
pub use remote::{DispatchAction, HeldMessage, Marks, NewDispatch, RemoteWrite, Wanted};
pub use routing::{Attendance, Held, Member, Routing, RoutingLease, Selection, Survey, Waiting};
pub use settings::{AuditLine, ChannelWrite, IdentitySecretWrite, SettingsWrite, WebhookChange, WebhookWrite};
pub use timers::{DueMark, DueTimer, Timer, Timers};

/// A boxed future that may cross threads; what a port's method returns.
pub type Promise<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

/// A boxed future that stays on its thread.
pub type LocalPromise<T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + 'static>>;
