//! What was said in a conversation, to the contact and among agents, and saying something.
//!
//! Guarantees: whoever may not see the conversation sees no message of it; a `client_id` makes one message, however often it is sent.

pub mod draft;
mod get;
mod list;
mod post;
mod react;
mod retry;
pub mod template;
pub mod wire;

pub use self::post::say;

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_messages)
        .service(post::post_message)
        .service(retry::retry_message)
        .service(react::react_to_message)
        .service(get::get_message);
}
