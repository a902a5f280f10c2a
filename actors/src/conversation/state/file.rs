//! What becomes of a message when a file of it, which lay at the provider, lies here. Pure, like its parent.

use std::sync::Arc;

use entities::{AttachmentRef, Changes, EventKind};

use super::{Decision, Fact, Outcome, State, note};
use crate::conversation::message::Rejection;

impl State {
    /// Decides what comes of a file that was fetched: the message shows it as it is. Nothing, if it does so already or no longer has the file.
    pub(super) fn decide_file(&self, seq: u64, file: &AttachmentRef) -> Result<Decision, Rejection> {
        let held = self.hand.get(&seq).ok_or(Rejection::NotFound)?;
        let mut next = (**held).clone();
        for shown in next.message.attachments.iter_mut().filter(|shown| shown.id == file.id) {
            shown.clone_from(file);
        }
        let mut changes = Changes::new();
        note(&mut changes, "attachments", &held.message.attachments, &next.message.attachments);
        let mut facts = Vec::new();
        if !changes.is_empty() {
            facts.push(Fact::MessageChanged { held: Arc::new(next), kind: EventKind::MessageUpdated, changes });
        }
        Ok(Decision { facts, outcome: Outcome::Received(None) })
    }
}

#[cfg(test)]
mod tests {
    use entities::{
        Address, AddressKind, AttachmentId, Author, AuthorKind, ChannelId, ChannelKind, ConversationId, Direction, Document, MessageId,
        MessageKind, Remote, TicketId, Timestamp, thread,
    };
    use uuid::Uuid;

    use super::*;
    use crate::conversation::{
        message::{Command, ContactDraft, Opening, Post},
        state::{Fresh, begin},
    };

    fn file(id: u128, size: u64, media_type: &str) -> AttachmentRef {
        AttachmentRef { id: AttachmentId::new(Uuid::from_u128(id)), filename: "image".to_owned(), size, media_type: media_type.to_owned() }
    }

    fn fresh() -> Fresh {
        Fresh { message_id: MessageId::new(Uuid::from_u128(1)), ticket_id: TicketId::new(Uuid::from_u128(2)) }
    }

    /// A conversation over WhatsApp that began with a message of two files; where the message stands.
    fn begun() -> (State, u64) {
        let channel_id = ChannelId::new(Uuid::from_u128(3));
        let from = Address { kind: AddressKind::Whatsapp, value: "15550109999".to_owned() };
        let post = Post {
            author: Author { kind: AuthorKind::Visitor, id: None, name: None, avatar_url: None },
            kind: MessageKind::Message,
            direction: Direction::In,
            content: Document::plain(""),
            text: String::new(),
            attachments: vec![file(7, 0, "application/octet-stream"), file(8, 5, "application/pdf")],
            client_id: None,
            repeat_guard: None,
            last_seen_seq: None,
            opening: Some(Opening {
                channel_id,
                thread_key: "whatsapp:15550109999".to_owned(),
                contact_id: thread::derive_ids(channel_id, "whatsapp:15550109999").contact_id,
                contact: ContactDraft { addresses: vec![from.clone()], ..ContactDraft::default() },
                remote: Some(Box::new(Remote::new(ChannelKind::Whatsapp, from, None))),
            }),
            subject: None,
            via: None,
            provider_id: Some("wamid.1".to_owned()),
        };
        let id = ConversationId::new(Uuid::from_u128(4));
        let (mut state, decision) = begin(&Command::Post(Box::new(post)), None, id, fresh(), Timestamp::from_micros(1)).unwrap();
        // The state begins with the conversation; what was said comes behind it.
        for fact in decision.facts.iter().filter(|fact| !matches!(fact, Fact::Began { .. } | Fact::ContactCreated(_))) {
            state.apply(fact);
        }
        let seq = decision.facts.iter().find_map(|fact| match fact {
            Fact::Said { message, .. } => Some(message.seq),
            _ => None,
        });
        (state, seq.unwrap())
    }

    fn told(state: &State, seq: u64, file: AttachmentRef) -> Result<Decision, Rejection> {
        state.decide(&Command::FileFetched { seq, file }, fresh(), Timestamp::from_micros(2))
    }

    #[test]
    fn a_message_shows_its_file_as_it_is_once_it_was_fetched_and_says_so_once() {
        let (mut state, seq) = begun();
        let is = file(7, 61_901, "image/jpeg");
        let decision = told(&state, seq, is.clone()).unwrap();
        let [Fact::MessageChanged { held, kind, changes }] = decision.facts.as_slice() else { panic!("{:?}", decision.facts) };
        assert_eq!(*kind, EventKind::MessageUpdated);
        assert_eq!(held.message.attachments, vec![is.clone(), file(8, 5, "application/pdf")]);
        assert_eq!(changes.keys().copied().collect::<Vec<_>>(), ["attachments"]);
        let before = state.row.seq;
        state.apply(&decision.facts[0]);
        assert_eq!(state.row.seq, before + 1);
        assert!(told(&state, seq, is).unwrap().facts.is_empty(), "a repeat changes nothing");
    }

    #[test]
    fn a_file_that_the_message_does_not_have_changes_nothing_and_a_message_that_is_not_there_is_not_found() {
        let (state, seq) = begun();
        assert!(told(&state, seq, file(9, 1, "image/png")).unwrap().facts.is_empty());
        assert_eq!(told(&state, seq + 40, file(7, 1, "image/png")).unwrap_err(), Rejection::NotFound);
    }
}
