//! What the database holds at the end, and whether it is what people saw and were promised.
//!
//! Read with the journal itself, beside the server, so that nothing of the server's memory can hide a hole.

use std::{collections::BTreeMap, sync::Arc};

use actors::port::{Bus, Journal, Published, Signal};
use entities::{StoredEvent, TenantId};
use serde_json::Value;
use switchboard::store::{Database, OpenOptions, journal::SqlJournal};

use super::{
    house::House,
    person::{Person, Side},
};

/// Events read at once.
const PAGE: usize = 1_000;

struct Nobody;

impl Bus for Nobody {
    fn publish(&self, _published: Published) {}
    fn signal(&self, _tenant_id: TenantId, _signal: Signal) {}

    fn wake(&self, _webhooks: &[entities::WebhookId]) {}
}

/// The database's own story.
pub struct Ledger {
    /// Every event of the workspace, by position.
    pub events: Vec<StoredEvent>,
}

impl Ledger {
    /// Reads all events of the house's workspace and checks that neither `position` nor any conversation's `seq` has a gap or a double.
    pub async fn read(house: &House) -> Self {
        let db = Database::open(&house.database_url, OpenOptions::default()).await.expect("open the database");
        let journal = SqlJournal::open(db, Arc::new(Nobody)).await.expect("open the journal");
        let tenant_id: TenantId = house.workspace_id.parse().expect("an id");
        let mut events: Vec<StoredEvent> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event.position);
            let page = journal.events_after(tenant_id, after, PAGE).await.expect("read the events");
            if page.is_empty() {
                break;
            }
            events.extend(page);
        }
        let head = journal.head(tenant_id).await.expect("read the head");
        for (place, event) in (1..).zip(&events) {
            assert_eq!(event.position, place, "the workspace's positions have a gap or a double");
        }
        assert_eq!(head, events.len() as u64, "the head is not the last event");
        let mut seqs: BTreeMap<_, u64> = BTreeMap::new();
        for event in &events {
            let Some(conversation) = event.conversation_id else { continue };
            let last = seqs.entry(conversation).or_default();
            assert_eq!(event.seq, Some(*last + 1), "a conversation's seq has a gap or a double at position {}", event.position);
            *last += 1;
        }
        Self { events }
    }

    /// The messages of a conversation: `client_id` to `seq`, in order.
    pub fn said(&self, conversation: &str) -> Vec<(String, u64)> {
        let of = |event: &&StoredEvent| {
            event.kind.as_str() == "conversation.message_created" && event.conversation_id.is_some_and(|id| id.to_string() == conversation)
        };
        let events = self.events.iter().filter(of).map(|event| {
            let data: Value = serde_json::from_str(event.data.get()).expect("an event's data is JSON");
            (data["client_id"].as_str().unwrap_or_default().to_owned(), event.seq.expect("a message has a seq"))
        });
        events.collect()
    }

    /// The place of the last event that this person may see.
    pub fn last_place(&self, person: &Person) -> u64 {
        self.shown_to(person).map(|event| place(person, event)).last().unwrap_or(0)
    }

    fn shown_to<'a>(&'a self, person: &'a Person) -> impl Iterator<Item = &'a StoredEvent> {
        self.events.iter().filter(|event| {
            let here = event.conversation_id.is_some_and(|id| id.to_string() == person.conversation);
            here && !event.kind.off_sockets() && (person.side == Side::Agent || event.visitor_visible)
        })
    }

    /// Checks that everything acknowledged to this person is there once, where it was said to be, in the order of sending; and that
    /// nothing of theirs is there twice.
    pub fn keeps_promises_to(&self, person: &Person) -> usize {
        let prefix = format!("{}-", person.name);
        let said = self.said(&person.conversation);
        let own: Vec<(usize, u64)> =
            said.iter().filter_map(|(client_id, seq)| Some((client_id.strip_prefix(&prefix)?.parse().ok()?, *seq))).collect();
        let kept: BTreeMap<usize, u64> = own.iter().copied().collect();
        assert_eq!(kept.len(), own.len(), "{}: a message is there twice", person.name);
        for (number, seq) in &person.acked {
            assert_eq!(kept.get(number), Some(seq), "{}: message {number} was acknowledged at {seq}", person.name);
        }
        let in_order = own.iter().map(|(number, _)| number).filter(|number| !person.refused.contains(number));
        assert!(in_order.is_sorted(), "{}: messages are out of order", person.name);
        kept.len()
    }

    /// Checks that what this person saw is what the database holds for them behind where they began, all of it, in order.
    pub fn equals_what_was_seen_by(&self, person: &Person) {
        let first = person.events.first().map_or(0, |event| person.place_in(event));
        let kept: Vec<(u64, String, Value)> = self
            .shown_to(person)
            .filter(|event| place(person, event) >= first)
            .map(|event| {
                let data = serde_json::from_str(event.data.get()).expect("an event's data is JSON");
                (place(person, event), event.kind.as_str().to_owned(), data)
            })
            .collect();
        let seen: Vec<(u64, String, Value)> = person
            .events
            .iter()
            .map(|event| (person.place_in(event), event["event"].as_str().expect("a name").to_owned(), event["data"].clone()))
            .collect();
        assert_eq!(seen.len(), kept.len(), "{} has not seen as much as there is", person.name);
        for (seen, kept) in seen.iter().zip(&kept) {
            assert_eq!(seen, kept, "{} has seen something else than there is", person.name);
        }
    }
}

fn place(person: &Person, event: &StoredEvent) -> u64 {
    if person.side == Side::Agent { event.position } else { event.seq.unwrap_or(0) }
}
