//! Conversations: the list that agents work from, one of them, and what can be changed about it.
//!
//! Guarantees: nobody sees a conversation in somebody else's personal inbox, but for owners and admins of the workspace, and programs.
//!
//! Does not: say anything; messages are the business of [`super::messages`].

mod delete;
mod get;
mod list;
mod restore;
mod trash;
mod update;
pub mod wire;

use actors::conversation::Command;
use entities::{BulkJobId, ConversationId, Role, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use self::wire::ConversationView;
pub use self::{delete::empty_trash, list::fitting, update::apply};
use super::{
    App,
    access::Caller,
    problem::{Answer, Code, Problem},
};
use crate::store::read::{
    self,
    conversation::{Found, Viewer},
};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_conversations)
        .service(get::get_conversation)
        .service(update::update_conversation)
        .service(trash::trash_conversation)
        .service(restore::restore_conversation)
        .service(delete::delete_conversation);
}

/// Which conversation a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ConversationPath {
    /// The conversation.
    pub conversation_id: ConversationId,
}

/// How the caller sees conversations.
pub fn viewer(caller: &Caller) -> Viewer {
    match caller {
        Caller::Agent { id, role, .. } => Viewer { agent_id: Some(*id), sees_all: matches!(role, Role::Owner | Role::Admin) },
        Caller::Service { .. } => Viewer { agent_id: None, sees_all: true },
    }
}

/// Answers 404 unless the caller may see the conversation.
pub async fn require_visible(app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId) -> Answer<()> {
    if read::conversation::is_visible(&app.db, tenant_id, viewer(caller), id).await? {
        return Ok(());
    }
    Err(Problem::new(Code::NotFound).detail("no such conversation"))
}

/// Has a conversation that the caller may see do something; what it is then.
///
/// # Errors
/// 404, 409, 412, 503.
pub async fn told(app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId, command: Command) -> Answer<ConversationView> {
    require_visible(app, tenant_id, caller, id).await?;
    app.directory.ask(tenant_id, id, command).await?;
    find(app, tenant_id, caller, id).await
}

/// A command as part of a job, if it is of one.
pub fn for_job(command: Command, job: Option<BulkJobId>) -> Command {
    match job {
        Some(job) => Command::ForJob { job, command: Box::new(command) },
        None => command,
    }
}

fn view(found: Found) -> ConversationView {
    ConversationView { conversation: found.conversation, unread_count: found.unread_count, last_message: found.last_message }
}

/// One conversation that the caller may see.
///
/// # Errors
/// 404, 503.
pub async fn find(app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId) -> Answer<ConversationView> {
    let found = read::conversation::find(&app.db, tenant_id, viewer(caller), id).await?;
    found.map(view).ok_or_else(|| Problem::new(Code::NotFound).detail("no such conversation"))
}
