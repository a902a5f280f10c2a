//! What a provider tells of people and of the channel itself.
//!
//! Guarantees: a contact only gains addresses here; one that is another contact's stays that one's, and the two are not merged. A name
//! that we have is never replaced.

use actors::{
    conversation::{Command, new_addresses},
    port::{Body, CommitError, ContactWrite, NewEvent, Write},
};
use entities::{
    Address, Change, Changes, ChannelStatus, Contact, ContactId, ConversationId, EventId, EventKind, Happening, Inbound, InboundMedia,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde::Deserialize as _;
use serde_json::json;

use super::take::{Line, NotYet, thread_key};
use crate::{
    http::channels::templates,
    store::{read, settings},
};

/// How often a contact is read again because somebody else was quicker.
const ATTEMPTS_MAX: usize = 4;
/// Most addresses of one contact.
const ADDRESSES_MAX: usize = 50;

/// The files that an item brings.
pub fn media_of(item: &Inbound) -> Vec<InboundMedia> {
    match &item.what {
        Happening::Message(message) | Happening::Edit { message, .. } => message.media.clone(),
        Happening::Call(call) => call.recordings.iter().chain(&call.voicemail).cloned().collect(),
        _ => Vec::new(),
    }
}

/// Those of the addresses that are nobody else's.
pub async fn free(line: &Line<'_>, contact_id: ContactId, addresses: &[Address]) -> Result<Vec<Address>, NotYet> {
    let owners = read::provider::find_owners(&line.app.db, line.tenant_id, addresses).await.map_err(|error| error.to_string())?;
    let free = addresses.iter().zip(owners).filter(|(_, owner)| owner.is_none_or(|owner| owner == contact_id));
    Ok(free.map(|(address, _)| address.clone()).collect())
}

/// Adds what was told of a contact, where it is new: free addresses, and the name if it has none.
pub async fn learn(line: &Line<'_>, contact_id: ContactId, told: &[Address], name: Option<&str>) -> Result<(), NotYet> {
    for _attempt in 0..ATTEMPTS_MAX {
        let found = line.app.journal.find_contact(line.tenant_id, contact_id).await.map_err(|error| error.to_string())?;
        let Some(before) = found else { return Ok(()) };
        let mut after = before.clone();
        let new = free(line, contact_id, &new_addresses(&before.addresses, told)).await?;
        after.addresses.extend(new);
        after.addresses.truncate(ADDRESSES_MAX.max(before.addresses.len()));
        after.name = after.name.or_else(|| name.map(str::to_owned));
        if after == before {
            return Ok(());
        }
        after.version += 1;
        after.updated_at = line.app.clock.now();
        match commit(line, &before, &after).await {
            Ok(()) => {
                if before.name != after.name {
                    tell(line, &after).await;
                }
                return Ok(());
            }
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("contact {contact_id} is being changed by others"))
}

async fn commit(line: &Line<'_>, before: &Contact, after: &Contact) -> Result<(), CommitError> {
    let mut changes = Changes::new();
    if before.addresses != after.addresses {
        changes.insert("addresses", Change { from: json!(before.addresses), to: json!(after.addresses) });
    }
    if before.name != after.name {
        changes.insert("name", Change { from: json!(before.name), to: json!(after.name) });
    }
    let event = NewEvent {
        id: EventId::new(line.app.clock.new_id()),
        kind: EventKind::ContactUpdated,
        place: None,
        visitor_visible: false,
        body: Body::Contact(Box::new(after.clone()), changes),
        at: after.updated_at,
    };
    let contact = Some(ContactWrite { contact: after.clone() });
    let write = Write { tenant_id: line.tenant_id, contact, conversation: None, settings: None, events: vec![event] };
    line.app.journal.commit(write).await.map(|_committed| ())
}

/// Tells the contact's conversation here how it is called now. One that is not told shows the old name until it sleeps.
async fn tell(line: &Line<'_>, contact: &Contact) {
    let page = read::conversation::list_of_contact(&line.app.db, line.tenant_id, contact.id, None, 100).await;
    let ids: Vec<ConversationId> = page.unwrap_or_else(|error| {
        tracing::warn!(%error, contact.id = %contact.id, "a contact's conversations could not be listed");
        Vec::new()
    });
    for id in ids {
        let told = line.app.directory.ask(line.tenant_id, id, Command::ChangeContact { contact: contact.summary() }).await;
        if let Err(error) = told {
            tracing::info!(%error, conversation.id = %id, "a conversation was not told of its contact's change");
        }
    }
}

/// A contact has further addresses: they lead where the known one leads, unless they lead elsewhere already.
pub async fn changed(line: &Line<'_>, known_by: &Address, also: &[Address], name: Option<&str>) -> Result<(), NotYet> {
    let keys: Vec<String> = std::iter::once(known_by).chain(also).map(thread_key).collect();
    let found = read::provider::find_thread(&line.app.db, line.tenant_id, line.channel_id, &keys).await;
    let Some(led) = found.map_err(|error| error.to_string())? else {
        // Nobody whom we know: the first message will tell all of it.
        return Ok(());
    };
    let mut told = vec![known_by.clone()];
    told.extend(also.iter().cloned());
    learn(line, led.ids.contact_id, &told, name).await?;
    for key in &led.unknown {
        let aliased = settings::provider::alias(&line.app.db, line.tenant_id, line.channel_id, key, led.ids).await;
        aliased.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Whose conversation was handed over, where the news is that one was.
pub fn handed_over(news: &ChannelNews) -> Option<Address> {
    let contact = news.data.as_ref().filter(|_| news.kind == ChannelNewsKind::ThreadControl)?.get("contact")?;
    Address::deserialize(contact).ok()
}

/// The provider says something of the connection: the channel's status shows it.
pub async fn channel_news(line: &Line<'_>, news: &ChannelNews) -> Result<(), NotYet> {
    let status = match news.kind {
        ChannelNewsKind::TokenRevoked | ChannelNewsKind::Uninstalled => ChannelStatus::Disconnected,
        ChannelNewsKind::Restricted => ChannelStatus::Degraded,
        ChannelNewsKind::Restored => ChannelStatus::Connected,
        ChannelNewsKind::TemplateChanged => return templates::changed(line.app, line.tenant_id, line.channel_id, news).await,
        ChannelNewsKind::ThreadControl | ChannelNewsKind::Notice => {
            tracing::info!(channel.id = %line.channel_id, kind = %news.kind, detail = %news.detail, "a provider has news of a channel");
            return Ok(());
        }
    };
    let detail = Some(news.detail.as_str()).filter(|_| status != ChannelStatus::Connected);
    super::status::set(line.app, line.tenant_id, line.channel_id, status, detail).await.map_err(|error| error.to_string())
}

/// The contact of an address, if it has no name.
pub async fn nameless(line: &Line<'_>, address: &Address) -> Result<Option<ContactId>, NotYet> {
    let owners = read::provider::find_owners(&line.app.db, line.tenant_id, std::slice::from_ref(address)).await;
    let Some(contact_id) = owners.map_err(|error| error.to_string())?.into_iter().flatten().next() else { return Ok(None) };
    let known = line.app.journal.find_contact(line.tenant_id, contact_id).await.map_err(|error| error.to_string())?;
    Ok(known.filter(|contact| contact.name.is_none()).map(|contact| contact.id))
}
