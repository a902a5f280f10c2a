//! Delivery: the only place that opens outbound connections.
//!
//! Guarantees: nothing is connected to that the address guard did not let through in the same look-up; certificates are always verified; one
//! deadline bounds an attempt as a whole, and bounds on head and body bound its memory.
//!
//! Does not: touch the database, know an actor, retry or decide when; pure input and output.
//!
//! Start reading at [`webhook_courier`] (one attempt from end to end), then [`address_guard`] (where it may go) and [`judge`] (what came of
//! it). Below them: [`http_client`], [`connector`], [`proxy`], [`stream`], [`interim`] and [`trace`].

pub mod address_guard;
mod connector;
pub mod custom_headers;
pub mod feed_client;
pub mod http_client;
mod interim;
pub mod judge;
mod pools;
pub mod provider_body;
pub mod provider_check;
pub mod provider_dialogue;
pub mod provider_gateway;
pub mod provider_http;
pub mod provider_media;
pub mod provider_templates;
pub mod proxy;
pub mod resolver;
pub mod retry_after;
pub mod signature;
pub mod special_ranges;
mod stream;
pub mod tls;
pub mod trace;
pub mod webhook_courier;

pub use address_guard::{AddressGuard, AddressRefusal, VettedUrl};
pub use provider_http::ProviderHttp;
pub use resolver::{Resolve, SystemResolver};
pub use webhook_courier::WebhookCourier;
