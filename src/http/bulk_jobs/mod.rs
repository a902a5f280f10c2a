//! Jobs over many conversations: one of a macro's changes, done with up to ten thousand, conversation by conversation, while whoever asked goes on.
//!
//! Guarantees: each conversation's change and the job's progress are one transaction, so that a job goes on after a crash and does nothing twice;
//! what may be done is looked at when the job is made and again as it runs: a role that was lowered, or a token that was revoked, ends it.
//!
//! Does not: say anything, and so does nothing that cannot bear being done again. Start reading at [`work`].

mod create;
mod get;
mod list;
mod requester;
pub mod wire;
pub mod work;

use entities::{AgentId, BulkJobId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{access::Caller, conversations::viewer};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create::create_bulk_job).service(list::list_bulk_jobs).service(get::get_bulk_job);
}

/// Which job a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct BulkJobPath {
    /// The job.
    pub bulk_job_id: BulkJobId,
}

/// Whose jobs the caller sees: their own; owners, admins and programs everybody's.
fn seen(caller: &Caller) -> Option<AgentId> {
    let viewer = viewer(caller);
    viewer.agent_id.filter(|_| !viewer.sees_all)
}
