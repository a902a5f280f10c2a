//! Taking in what a verified notification tells, item by item.
//!
//! Guarantees: items about one person or message keep their order; an item that can be taken is taken whatever becomes of its neighbours;
//! the whole counts as committed only when each item is, or needs nothing.

use actors::conversation::{AskError, Command, ContactDraft, Opening, Received, Rejection, Reply, call_key, own_id};
use entities::{
    Address, AttachmentRef, ChannelId, ChannelKind, Consequence, ContactId, CredentialId, Direction, Happening, Inbound, InboundMessage,
    Party, Provider, Receipt, ReceiptStatus, Remote, TenantId,
    thread::{self, ThreadIds},
};
use uuid::Uuid;

use super::{contact, media};
use crate::{
    channels::{
        adapter::{Adapter, Notification},
        credential::Credential,
    },
    http::App,
    store::{
        read::{
            self,
            credential::Connected,
            provider::{Led, Quarantined},
        },
        settings,
    },
};

/// What came of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// Everything is committed, or needed nothing.
    Committed,
    /// It could not be read: kept for later.
    Quarantined,
    /// Not everything could be committed: to be sent again.
    NotYet {
        /// For the log.
        why: String,
    },
}

impl Take {
    /// For metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Quarantined => "quarantined",
            Self::NotYet { .. } => "not_yet",
        }
    }
}

/// How often a conversation is tried to be begun with what is known of its contact by then.
const OPENINGS_MAX: u32 = 3;

/// Why an item is not committed yet; in words, for the log.
pub type NotYet = String;

/// Who takes in the notifications of one credential.
#[derive(Clone, Copy)]
pub struct Taker<'a> {
    /// The server.
    pub app: &'a App,
    /// Whose notifications.
    pub provider: Provider,
    /// Who reads them.
    pub adapter: &'static dyn Adapter,
    /// Whose credential.
    pub tenant_id: TenantId,
    /// Which.
    pub credential_id: CredentialId,
}

impl Taker<'_> {
    /// Takes in a notification.
    pub async fn notification(&self, credential: &Credential, notification: &Notification) -> Take {
        let items = match self.adapter.parse(credential, notification) {
            Ok(items) => items,
            Err(unreadable) => return self.quarantine(notification, unreadable.0).await,
        };
        if items.iter().all(|item| matches!(item.what, Happening::Ignored { .. })) {
            tracing::debug!(provider = self.provider.as_str(), kind = notification.kind, "a notification needs nothing");
            return Take::Committed;
        }
        let channels = match read::credential::channels(&self.app.db, self.tenant_id, self.credential_id).await {
            Ok(channels) => channels,
            Err(error) => return Take::NotYet { why: error.to_string() },
        };
        let mut not_yet = None;
        for item in items {
            if let Err(why) = self.routed(credential, &channels, item).await {
                not_yet = Some(why);
            }
        }
        not_yet.map_or(Take::Committed, |why| Take::NotYet { why })
    }

    async fn quarantine(&self, notification: &Notification, error: String) -> Take {
        tracing::warn!(provider = self.provider.as_str(), credential.id = %self.credential_id, %error, "a notification could not be read and is kept");
        let payload = Quarantined {
            id: self.app.clock.new_id(),
            tenant_id: self.tenant_id,
            credential_id: self.credential_id,
            provider: self.provider,
            kind: notification.kind.clone(),
            content_type: notification.content_type.clone(),
            body: notification.body.clone(),
            error,
            received_at: notification.received_at,
        };
        match settings::provider::quarantine(&self.app.db, &payload).await {
            Ok(()) => Take::Quarantined,
            Err(error) => Take::NotYet { why: error.to_string() },
        }
    }

    /// Takes in an item, if its account is a channel of this credential.
    async fn routed(&self, credential: &Credential, found: &[Connected], item: Inbound) -> Result<(), NotYet> {
        if let Happening::Ignored { reason } = &item.what {
            tracing::debug!(provider = self.provider.as_str(), reason, "a notification needs nothing");
            return Ok(());
        }
        let one = found.iter().find(|channel| channel.kind == item.channel && channel.address == item.account);
        if let (None, Happening::Channel(news)) = (one, &item.what) {
            // It concerns the app or the account as a whole, and with it every channel of the credential.
            for channel in found {
                contact::channel_news(&self.line(channel), news).await?;
            }
            return Ok(());
        }
        let Some(channel) = one else {
            metrics::counter!("switchboard_notifications_unrouted_total", "provider" => self.provider.as_str()).increment(1);
            tracing::info!(provider = self.provider.as_str(), credential.id = %self.credential_id, "a notification is for an account that is no channel here");
            return Ok(());
        };
        let line = self.line(channel);
        let nameless = match &item.what {
            Happening::Message(message) if message.party.name.is_none() => Some(message.party.address.clone()),
            _ => None,
        };
        line.take(item).await?;
        match nameless {
            Some(address) if self.adapter.profile(credential, &address).is_some() => {
                if contact::nameless(&line, &address).await?.is_some() {
                    super::asker::wonder(&line, &address).await;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn line(&self, channel: &Connected) -> Line<'_> {
        Line { app: self.app, tenant_id: self.tenant_id, channel_id: channel.channel_id, kind: channel.kind }
    }
}

/// A contact's thread.
struct Threaded {
    /// What it is called, in the first place.
    key: String,
    /// Where it leads.
    ids: ThreadIds,
    /// What else it is called that leads nowhere yet.
    unknown: Vec<String>,
    /// It led there before.
    known: bool,
    /// Its contact has a name.
    named: bool,
    /// Its contact may not write to us.
    blocked: bool,
}

/// A channel that something came in on.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// The server.
    pub app: &'a App,
    /// Whose.
    pub tenant_id: TenantId,
    /// The channel.
    pub channel_id: ChannelId,
    /// What it connects to.
    pub kind: ChannelKind,
}

impl Line<'_> {
    /// Takes in an item, and what waited for it.
    ///
    /// # Errors
    /// [`NotYet`] if it is not durable: the provider must send it again.
    pub async fn take(&self, item: Inbound) -> Result<(), NotYet> {
        let brings = match &item.what {
            Happening::Message(message) | Happening::Edit { message, .. } => Some(message.id.clone()),
            _ => None,
        };
        self.one(item).await?;
        match brings {
            Some(id) => super::waiting::drain(self, &id).await,
            None => Ok(()),
        }
    }

    /// Takes in one item; without what waited for it.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn one(&self, item: Inbound) -> Result<(), NotYet> {
        match &item.what {
            Happening::Message(message) => {
                let message = message.clone();
                self.message(item, &message).await
            }
            Happening::Part(part) => {
                let of = part.of.clone();
                super::parts::take(self, item, &of).await
            }
            Happening::Edit { message, .. } => {
                let message = message.clone();
                match self.place(&message.id).await? {
                    Some(place) => self.about(item, place).await,
                    None => self.said(item, &message.party.clone(), message.thread.as_deref(), None).await,
                }
            }
            Happening::Call(call) => {
                let party = call.party.clone();
                let mut place = None;
                for leg in &call.legs {
                    place = place.or(self.place(&call_key(leg)).await?);
                }
                if let Some(place) = place {
                    return self.about(item, place).await;
                }
                match super::named::place(self, call).await? {
                    Some(ids) => {
                        let files = media::attachments(self, &item, contact::media_of(&item), ids.conversation_id).await?;
                        self.ask(item, ids, None, files, None, None).await
                    }
                    None => self.said(item, &party, None, None).await,
                }
            }
            Happening::Note { contact, .. } => {
                let party = contact.clone();
                self.said(item, &party, None, None).await
            }
            Happening::Receipt(receipt) => {
                let (target, own) = (receipt.target.clone(), receipt.own_id.clone());
                self.targeted(item, &target, own.as_deref()).await
            }
            Happening::Reaction { target, .. } | Happening::Deletion { target } => {
                let target = target.clone();
                self.targeted(item, &target, None).await
            }
            Happening::Watermark { contact, thread, .. } => {
                let key = thread.clone().unwrap_or_else(|| thread_key(contact));
                self.of_thread(item, key).await
            }
            Happening::Preference { contact, .. } => {
                let key = thread_key(contact);
                self.of_thread(item, key).await
            }
            Happening::ContactChanged { known_by, also, name } => contact::changed(self, known_by, also, name.as_deref()).await,
            Happening::Channel(news) => match contact::handed_over(news) {
                Some(contact) => self.of_thread(item, thread_key(&contact)).await,
                None => contact::channel_news(self, news).await,
            },
            Happening::Ignored { .. } => Ok(()),
        }
    }

    async fn message(&self, item: Inbound, message: &InboundMessage) -> Result<(), NotYet> {
        if let Some(place) = self.own_place(message.own_id.as_deref()).await? {
            // An echo of what we sent: as good as a receipt.
            let receipt = Receipt {
                target: message.id.clone(),
                own_id: message.own_id.clone(),
                status: ReceiptStatus::Sent,
                error: None,
                consequence: Consequence::None,
            };
            return self.about(Inbound { what: Happening::Receipt(receipt), ..item }, place).await;
        }
        if let Some(place) = self.place(&message.id).await? {
            // A repeat, unless what stands there came of an edit that was quicker.
            return self.about(item, place).await;
        }
        self.said(item, &message.party, message.thread.as_deref(), message.reply_to.as_deref()).await
    }

    /// Hands in what opens a conversation if there is none.
    pub async fn said(&self, item: Inbound, party: &Party, thread: Option<&str>, reply_to: Option<&str>) -> Result<(), NotYet> {
        let Threaded { key, mut ids, unknown, known, named, blocked } = self.thread(party, thread).await?;
        if blocked && is_written(&item.what) {
            // The conversation would refuse it, but its files would have been wished for by then.
            return Ok(());
        }
        let reply_to_seq = match reply_to {
            Some(id) => self.place(id).await?.filter(|(id, _)| *id == ids.conversation_id).map(|(_, seq)| seq),
            None => None,
        };
        let files = contact::media_of(&item);
        let files = media::attachments(self, &item, files, ids.conversation_id).await?;
        let mut addresses = vec![party.address.clone()];
        addresses.extend(actors::conversation::new_addresses(&addresses, &party.also));
        for attempt in 1.. {
            // A thread that leads somewhere leads to a conversation that is there: nothing will be opened.
            let sure = known && attempt == 1;
            let free = if sure { addresses.clone() } else { contact::free(self, ids.contact_id, &addresses).await? };
            let opening = Opening {
                channel_id: self.channel_id,
                thread_key: key.clone(),
                contact_id: ids.contact_id,
                contact: ContactDraft { name: party.name.clone(), addresses: free, ..ContactDraft::default() },
                remote: Some(Box::new(Remote::new(self.kind, party.address.clone(), thread.map(str::to_owned)))),
            };
            let Err(why) = self.ask(item.clone(), ids, None, files.clone(), reply_to_seq, Some(opening)).await else { break };
            // Somebody who writes to two channels at once for the first time: the other one was quicker and has made the contact.
            let again = self.thread(party, thread).await?.ids;
            if attempt == OPENINGS_MAX || again.conversation_id != ids.conversation_id {
                return Err(why);
            }
            ids = again;
        }
        // What leads here was learnt when it was made to lead here; there is nothing else to be learnt of most messages.
        let learnt = known && unknown.is_empty() && thread.is_none() && addresses.iter().all(|address| address.kind == party.address.kind);
        if !learnt || (party.name.is_some() && !named) {
            contact::learn(self, ids.contact_id, &addresses, party.name.as_deref()).await?;
        }
        for key in unknown.iter().filter(|unknown| known || **unknown != key) {
            let aliased = settings::provider::alias(&self.app.db, self.tenant_id, self.channel_id, key, ids).await;
            aliased.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Hands in what is about a message, or keeps it until there is one.
    async fn targeted(&self, item: Inbound, target: &str, own: Option<&str>) -> Result<(), NotYet> {
        let place = match self.place(target).await? {
            Some(place) => Some(place),
            None => self.own_place(own).await?,
        };
        match place {
            Some(place) => self.about(item, place).await,
            None => super::waiting::keep(self, item, target).await,
        }
    }

    /// Hands in what is about a message that stands here.
    pub async fn about(&self, item: Inbound, place: read::provider::Place) -> Result<(), NotYet> {
        let ids = ThreadIds { conversation_id: place.0, contact_id: ContactId::new(Uuid::nil()) };
        let files = contact::media_of(&item);
        let files = media::attachments(self, &item, files, place.0).await?;
        self.ask(item, ids, Some(place.1), files, None, None).await
    }

    /// Hands in what is about a whole thread; nothing comes of it where there is none.
    async fn of_thread(&self, item: Inbound, key: String) -> Result<(), NotYet> {
        let found = read::provider::find_thread(&self.app.db, self.tenant_id, self.channel_id, &[key]).await;
        match found.map_err(|error| error.to_string())? {
            Some(led) => self.ask(item, led.ids, None, Vec::new(), None, None).await,
            None => Ok(()),
        }
    }

    async fn ask(
        &self,
        inbound: Inbound,
        ids: ThreadIds,
        target_seq: Option<u64>,
        attachments: Vec<AttachmentRef>,
        reply_to_seq: Option<u64>,
        opening: Option<Opening>,
    ) -> Result<(), NotYet> {
        let received = Received { inbound, target_seq, attachments, reply_to_seq, opening };
        let command = Command::Receive(Box::new(received));
        match self.app.directory.ask(self.tenant_id, ids.conversation_id, command).await {
            // Where it is refused there is nothing that it could be about, or the contact may not write to us: a repeat would change nothing.
            Ok(Reply::Received(_) | Reply::Updated(_) | Reply::Posted(_) | Reply::Read | Reply::Scheduled { .. })
            | Err(AskError::Rejected(Rejection::NotFound | Rejection::Blocked | Rejection::Empty)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Where a contact's thread leads, or will lead.
    async fn thread(&self, party: &Party, thread: Option<&str>) -> Result<Threaded, NotYet> {
        let keys: Vec<String> = if let Some(thread) = thread {
            vec![thread.to_owned()]
        } else {
            let same = party.also.iter().filter(|address| address.kind == party.address.kind);
            std::iter::once(&party.address).chain(same).map(thread_key).collect()
        };
        let found = read::provider::find_thread(&self.app.db, self.tenant_id, self.channel_id, &keys).await;
        let key = keys.first().cloned().unwrap_or_default();
        if let Some(Led { ids, unknown, named, blocked }) = found.map_err(|error| error.to_string())? {
            return Ok(Threaded { key, ids, unknown, known: true, named, blocked });
        }
        let derived = thread::derive_ids(self.channel_id, &key);
        let addresses: Vec<Address> = std::iter::once(&party.address).chain(&party.also).cloned().collect();
        let owners = read::provider::find_owners(&self.app.db, self.tenant_id, &addresses).await.map_err(|error| error.to_string())?;
        let contact_id = owners.into_iter().flatten().next().unwrap_or(derived.contact_id);
        Ok(Threaded { key, ids: ThreadIds { contact_id, ..derived }, unknown: keys, known: false, named: false, blocked: false })
    }

    /// Where the message stands that the provider calls so.
    pub async fn place(&self, provider_id: &str) -> Result<Option<read::provider::Place>, NotYet> {
        let found = read::provider::find_place(&self.app.db, self.tenant_id, self.channel_id, provider_id).await;
        found.map_err(|error| error.to_string())
    }

    async fn own_place(&self, own: Option<&str>) -> Result<Option<read::provider::Place>, NotYet> {
        let Some(id) = own.and_then(|own| own.parse().ok()) else { return Ok(None) };
        self.place(&own_id(id)).await
    }
}

/// Whether it is something that the contact wrote.
fn is_written(what: &Happening) -> bool {
    matches!(what, Happening::Message(message) | Happening::Edit { message, .. } if message.direction == Direction::In)
}

/// The key of the one thread of an address.
pub fn thread_key(address: &Address) -> String {
    format!("{}:{}", address.kind, address.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_different_kinds_never_meet() {
        let phone = Address { kind: entities::AddressKind::Phone, value: "+15550109999".to_owned() };
        let whatsapp = Address { kind: entities::AddressKind::Whatsapp, value: "+15550109999".to_owned() };
        assert_ne!(thread_key(&phone), thread_key(&whatsapp));
    }
}
