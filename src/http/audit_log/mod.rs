//! The audit log: who changed which settings, when, by which request.
//!
//! Guarantees: a change and its line are one transaction. Does not: tell of what was said or read.

mod list;
pub mod wire;

use entities::AuditEntryId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{App, access::Caller, middleware::context};
use crate::store::settings::audit::Doer;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list::list_audit_log);
}

/// Who does what this request does, for its line in the log.
pub fn doer(app: &App, caller: &Caller) -> Doer {
    let author = caller.author();
    Doer {
        entry_id: AuditEntryId::new(app.clock.new_id()),
        at: app.clock.now(),
        kind: author.kind.as_str(),
        id: author.id,
        name: author.name,
        request_id: Some(context::current().request_id.clone()),
    }
}
