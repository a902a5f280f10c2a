//! The event feed: a workspace's whole history of events, for programs that cannot be called, page by page, waiting, or as a stream.
//!
//! Guarantees: a reader that hands back its cursor gets every event behind it, in order, once, and the very bytes that webhooks sign;
//! also with a filter, and whatever is committed meanwhile. Hints only make it quick: every reader looks again each second.
//!
//! Does not: remember anybody. The cursor is the reader's own; webhooks, which remember, are another resource.
//!
//! Start reading at [`list`], then [`page`] (what is read), [`stream`] (server-sent events) and [`readers`] (who waits).

mod list;
mod page;
pub mod readers;
mod stream;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use readers::Readers;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::list_events);
}
