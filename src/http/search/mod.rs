//! Search: over what was said, contacts, and ticket numbers.
//!
//! Guarantees: finds what stands in conversations that the caller's list shows, and nothing else; shows what it found as parts of text with a flag,
//! never as markup.
//!
//! Does not: search; that is [`crate::store::read::search`].

mod excerpt;
mod find;
pub mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

/// The route of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(find::search_all);
}
