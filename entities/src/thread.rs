//! Ids that are derived from others, so that whoever makes a thing twice makes one: above all, which contact and conversation a
//! newcomer's thread on a channel will have.
//!
//! A visitor's first message may arrive twice at once, on two nodes. If each made up ids there would be two conversations. So the
//! ids are derived from what both know: the channel and the thread's key (for the widget: the visitor id). They hold until a row of
//! table `thread` says otherwise, which it does when contacts turn out to be the same person.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::{AttachmentId, ChannelId, ClientId, ContactId, ConversationId, DeliveryId, EventId, WebhookId};

/// The contact and conversation of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadIds {
    /// Who writes.
    pub contact_id: ContactId,
    /// Where it is kept.
    pub conversation_id: ConversationId,
}

/// Derives a new thread's ids from its channel and key; the same on every node, every time.
#[must_use]
pub fn derive_ids(channel_id: ChannelId, key: &str) -> ThreadIds {
    ThreadIds {
        contact_id: ContactId::new(derive(channel_id, key, b"contact")),
        conversation_id: ConversationId::new(derive(channel_id, key, b"conversation")),
    }
}

/// The file of a message that came over a channel: the same however often the message comes.
#[must_use]
pub fn media_id(channel_id: ChannelId, message: &str, file: &str) -> AttachmentId {
    AttachmentId::new(derive(channel_id, &format!("{message}\0{file}"), b"media"))
}

/// The delivery of an event for a webhook: the same whoever makes it, and however often.
#[must_use]
pub fn delivery_id(event_id: EventId, webhook_id: WebhookId) -> DeliveryId {
    let digest = Sha256::new()
        .chain_update(b"delivery\0")
        .chain_update(webhook_id.uuid().as_bytes())
        .chain_update(event_id.uuid().as_bytes())
        .finalize();
    DeliveryId::new(dated_like(event_id.uuid(), &digest))
}

/// The key that makes a repeat of a provider's message a repeat: its id, or what stands for one that is too long or no plain text.
#[must_use]
pub fn client_id(provider_id: &str) -> Option<ClientId> {
    if let Ok(id) = ClientId::parse(&format!("p:{provider_id}")) {
        return Some(id);
    }
    let digest = Sha256::digest(provider_id.as_bytes());
    let halves = digest.iter().take(24).flat_map(|byte| [byte >> 4, byte & 15]);
    let hex: String = halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect();
    ClientId::parse(&format!("p#{hex}")).ok()
}

/// A UUIDv7 whose time is the key's own if the key is a UUIDv7 (so that indexes stay in order), else the channel's.
fn derive(channel_id: ChannelId, key: &str, noun: &[u8]) -> Uuid {
    let digest = Sha256::new()
        .chain_update(noun)
        .chain_update([0])
        .chain_update(channel_id.uuid().as_bytes())
        .chain_update(key.as_bytes())
        .finalize();
    dated_like(Uuid::parse_str(key).ok().filter(|id| id.get_version_num() == 7).unwrap_or(channel_id.uuid()), &digest)
}

/// A UUIDv7 of another's time, with these bytes for its random part.
fn dated_like(dated: Uuid, digest: &[u8]) -> Uuid {
    let millis = (dated.as_u128() >> 80) as u64;
    let mut random = [0u8; 10];
    for (to, from) in random.iter_mut().zip(digest) {
        *to = *from;
    }
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
