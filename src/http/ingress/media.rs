//! Files that come with a message: each has its row, and its place in the message, before its bytes are fetched.
//!
//! Guarantees: a message that is committed has its files waiting to be fetched; a repeat of the message makes no second file.

use entities::{AttachmentRef, ConversationId, Happening, Inbound, InboundMedia, thread};

use super::take::{Line, NotYet};
use crate::{
    http::attachments::filename,
    store::settings::media_fetch::{self, Wished},
};

/// Most files of one message.
const FILES_MAX: usize = 20;
/// What a file is shown as whose type the provider does not tell.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// What the item's message shows of its files; each is noted to be fetched.
pub async fn attachments(
    line: &Line<'_>,
    item: &Inbound,
    media: Vec<InboundMedia>,
    conversation_id: ConversationId,
) -> Result<Vec<AttachmentRef>, NotYet> {
    if media.is_empty() {
        return Ok(Vec::new());
    }
    let key = match &item.what {
        Happening::Message(message) | Happening::Edit { message, .. } => message.id.clone(),
        Happening::Call(call) => call.legs.iter().min().map(|leg| actors::conversation::call_key(leg)).unwrap_or_default(),
        _ => return Ok(Vec::new()),
    };
    let mut wished = Vec::new();
    for media in media.into_iter().take(FILES_MAX) {
        // What is the same file in two pieces of news has the same id there; where the provider gives none, its address.
        let name = media.id.clone().or_else(|| media.url.clone()).unwrap_or_else(|| wished.len().to_string());
        let media_type = media.mime.as_deref().map_or(UNKNOWN_TYPE, |mime| mime.split(';').next().unwrap_or(UNKNOWN_TYPE).trim());
        let shown_as = AttachmentRef {
            id: thread::media_id(line.channel_id, &key, &name),
            filename: filename::clean(media.filename.as_deref().unwrap_or(media.kind.as_str())),
            size: media.size.unwrap_or(0),
            media_type: media_type.to_owned(),
        };
        wished.push(Wished { shown_as, provider_id: key.clone(), media });
    }
    let at = (line.channel_id, conversation_id);
    let noted = media_fetch::wish(&line.app.db, line.tenant_id, at, &wished, line.app.clock.now()).await;
    noted.map_err(|error| error.to_string())?;
    line.app.files_wished.notify_one();
    Ok(wished.into_iter().map(|wished| wished.shown_as).collect())
}
