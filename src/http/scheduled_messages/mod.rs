//! Messages that are sent later: setting them, moving them, taking them back.
//!
//! Guarantees: whoever may not see the conversation sees none of them; each becomes one ordinary message of its author's, not before its time.
//!
//! Does not: send them. The sweep puts what is due before its conversation ([`actors::sweep::DueTimers`]).

mod create;
mod delete;
mod get;
mod list;
mod update;
pub mod wire;

use actors::conversation::{AskError, Rejection, Reply};
use entities::{ConversationId, ScheduledMessage, ScheduledMessageId, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::store::read;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_scheduled_messages)
        .service(create::create_scheduled_message)
        .service(get::get_scheduled_message)
        .service(update::update_scheduled_message)
        .service(delete::delete_scheduled_message);
}

/// Which scheduled message a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ScheduledMessagePath {
    conversation_id: ConversationId,
    scheduled_message_id: ScheduledMessageId,
}

async fn find(app: &App, tenant_id: TenantId, path: ScheduledMessagePath) -> Answer<ScheduledMessage> {
    let found = read::scheduled::find(&app.db, tenant_id, path.conversation_id, path.scheduled_message_id).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such scheduled message: it was sent, taken back, or never there")
}

/// The scheduled message that a conversation answers with, and whether it waited before.
fn answered(answer: Result<Reply, AskError>) -> Answer<(ScheduledMessage, bool)> {
    match answer {
        Ok(Reply::Scheduled { message, repeated }) => Ok((*message, repeated)),
        Ok(Reply::Posted(_) | Reply::Updated(_) | Reply::Read | Reply::Received(_)) => {
            Err(Problem::internal("a scheduled message was answered as something else"))
        }
        Err(AskError::Rejected(Rejection::NotFound)) => Err(not_found()),
        Err(error) => Err(error.into()),
    }
}
