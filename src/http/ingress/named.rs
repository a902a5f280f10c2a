//! Calls that were placed for a conversation or a contact of ours, and say so.
//!
//! Guarantees: what a call names is looked for in its own workspace alone; the number that was called counts more: one that is somebody else's
//! stays theirs, and then the call is theirs, too. What names nobody changes nothing.

use entities::{AddressKind, Direction, inbound::Call, thread::ThreadIds};

use super::{
    contact,
    take::{Line, NotYet},
};
use crate::store::read::{self, provider::Named};

/// Where a call belongs by what it names, if that is a conversation on the same channel. Of whom it names otherwise the number is learnt, by which
/// the call then finds its contact.
pub async fn place(line: &Line<'_>, call: &Call) -> Result<Option<ThreadIds>, NotYet> {
    let phone = call.direction == Direction::Out && call.party.address.kind == AddressKind::Phone;
    let Some(id) = call.about.filter(|_| phone) else { return Ok(None) };
    let told = std::slice::from_ref(&call.party.address);
    let found = read::provider::find_named(&line.app.db, line.tenant_id, id).await.map_err(|error| error.to_string())?;
    let Some(Named { contact_id, conversation }) = found else {
        tracing::info!(channel.id = %line.channel_id, "a call names no conversation and no contact of this workspace");
        return Ok(None);
    };
    let owners = read::provider::find_owners(&line.app.db, line.tenant_id, told).await.map_err(|error| error.to_string())?;
    if owners.into_iter().flatten().any(|owner| owner != contact_id) {
        tracing::info!(channel.id = %line.channel_id, contact.id = %contact_id, "a call names one contact and was made to the number of another");
        return Ok(None);
    }
    contact::learn(line, contact_id, told, None).await?;
    let here = conversation.filter(|(_, channel_id)| *channel_id == line.channel_id);
    Ok(here.map(|(conversation_id, _)| ThreadIds { conversation_id, contact_id }))
}
