//! Files that come with messages (contract part 7): taking them in, and giving them out.
//!
//! Guarantees: a file is on disk, under a name of ours, before its row commits; its type is decided by its bytes and served so that no
//! browser runs it; an upload is never whole in memory; who may not see a conversation can neither attach to it nor fetch from it.
//!
//! Does not: scan for malware, or make thumbnails.
//!
//! Start reading at [`upload`], then [`serve`].

pub mod address;
mod download;
mod fetch;
pub mod filename;
pub mod media;
pub mod range;
mod serve;
pub mod storage;
pub mod stored;
mod upload;

use std::collections::BTreeSet;

use actors::port::StoreError;
use entities::{AttachmentId, AttachmentRef, ConversationId, MessageKind, TenantId};

use crate::{
    http::{
        App,
        problem::{Answer, Problem},
    },
    store::{read::attachment::Uploader, settings::attachment},
};

pub use storage::remove_orphans;

/// Mounts the endpoints of files.
pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(upload::upload).service(download::download).service(serve::serve);
}

/// Mounts what is a resource of the API.
pub fn resources(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(fetch::fetch_again);
}

/// What a message or note of this conversation shows of these files, in the order asked for. From here on they count as used, so it is
/// called right before the message is committed; calling it again, for a message that is sent again, answers the same.
///
/// # Errors
/// 422 if one of them is not there, was uploaded by somebody else, belongs to another conversation, or is named twice; 503.
pub async fn find_for_message(
    app: &App,
    tenant_id: TenantId,
    conversation_id: ConversationId,
    uploader: Uploader,
    ids: &[AttachmentId],
    kind: MessageKind,
) -> Answer<Vec<AttachmentRef>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let unknown =
        || Problem::invalid("/attachments", "unknown_attachment", "names a file that is not yours to attach here, or names one twice");
    if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
        return Err(unknown());
    }
    let shown = kind == MessageKind::Message;
    match attachment::mark_used(&app.db, tenant_id, conversation_id, uploader, ids, shown, app.clock.now()).await {
        Ok(refs) => Ok(refs),
        Err(StoreError::NotFound) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}
