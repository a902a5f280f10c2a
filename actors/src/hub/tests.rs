//! Stories of the hub, over the journal in memory: who is told what, in which order, and what happens when the bus forgets.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use entities::{AgentId, Author, AuthorKind, EventId, EventKind, Role, SessionId, StoredEvent, TenantId, WebhookId};
use tokio::sync::mpsc;

use super::{Delivery, Hubs, Outlet, Topics, View, message::EVENTS_WAITING_MAX};
use crate::{
    port::{Body, Bus, Clock, Journal, NewEvent, Published, SettingsWrite, Signal, WebhookChange, WebhookWrite, Write},
    runtime::shard::Shards,
    testing::{ManualClock, MemoryJournal, Talk},
};

/// A bus to the hubs that forgets when it is told to, or hands things over in the wrong order.
#[derive(Default)]
struct Wire {
    hubs: Mutex<Option<Hubs>>,
    held_back: Mutex<Option<Vec<Published>>>,
}

impl Wire {
    fn hold_back(&self) {
        *self.held_back.lock().expect("lock") = Some(Vec::new());
    }

    /// What was held back, which is from now on handed over again.
    fn release(&self) -> Vec<Published> {
        self.held_back.lock().expect("lock").take().unwrap_or_default()
    }
}

impl Bus for Wire {
    fn publish(&self, published: Published) {
        if let Some(held) = self.held_back.lock().expect("lock").as_mut() {
            return held.push(published);
        }
        if let Some(hubs) = &*self.hubs.lock().expect("lock") {
            hubs.publish(published);
        }
    }
    fn signal(&self, tenant_id: TenantId, signal: Signal) {
        if let Some(hubs) = &*self.hubs.lock().expect("lock") {
            hubs.signal(tenant_id, signal);
        }
    }

    fn wake(&self, _webhooks: &[entities::WebhookId]) {}
}

struct Stage {
    wire: Arc<Wire>,
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
    hubs: Hubs,
    tenant_id: TenantId,
}

/// One session's end.
struct Ear {
    id: SessionId,
    outlet: Arc<Outlet>,
    deliveries: mpsc::Receiver<Delivery>,
    joined_at: u64,
}

impl Ear {
    /// The positions of everything that has arrived.
    fn heard(&mut self) -> Vec<u64> {
        let mut positions = Vec::new();
        while let Ok(delivery) = self.deliveries.try_recv() {
            if let Delivery::Events(events) = delivery {
                self.outlet.took(&events);
                positions.extend(events.iter().map(|live| live.event.position));
            }
        }
        positions
    }

    fn barred(&mut self) -> usize {
        let mut barred = 0;
        while let Ok(delivery) = self.deliveries.try_recv() {
            barred += usize::from(matches!(delivery, Delivery::Barred));
        }
        barred
    }

    fn signals(&mut self) -> Vec<Signal> {
        let mut signals = Vec::new();
        while let Ok(delivery) = self.deliveries.try_recv() {
            if let Delivery::Signal(signal) = delivery {
                signals.push((*signal).clone());
            }
        }
        signals
    }
}

impl Stage {
    fn set() -> Self {
        let wire = Arc::new(Wire::default());
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new(wire.clone()));
        let hubs = Hubs::start(Arc::new(Shards::here()), &journal);
        *wire.hubs.lock().expect("lock") = Some(hubs.clone());
        let tenant_id = TenantId::new(clock.new_id());
        Self { wire, journal, clock, hubs, tenant_id }
    }

    async fn join(&self, view: View) -> Ear {
        let id = SessionId::new(self.clock.new_id());
        let (outlet, deliveries) = Outlet::new();
        let joined_at = self.hubs.join(self.tenant_id, id, outlet.clone(), view).await.expect("join");
        Ear { id, outlet, deliveries, joined_at }
    }

    fn agent(&self, topics: Topics) -> View {
        self.member(Role::Agent, topics)
    }

    fn member(&self, role: Role, topics: Topics) -> View {
        View::Agent { agent_id: AgentId::new(self.clock.new_id()), login_session_id: None, role, topics }
    }

    async fn begin(&self) -> Talk {
        let (mut talk, write) = Talk::begin(&self.clock, self.tenant_id, "hello");
        let committed = self.journal.commit(write).await.expect("begin");
        talk.numbered(committed.ticket_number.expect("a ticket"));
        talk
    }

    async fn say(&self, talk: &mut Talk, text: &str) {
        let write = talk.say(text, None);
        self.journal.commit(write).await.expect("say");
    }

    /// The server tells of a webhook: an event that happened in no conversation.
    fn report(&self, kind: EventKind) -> Write {
        let at = self.clock.now();
        let id = WebhookId::new(self.clock.new_id());
        let data = serde_json::value::to_raw_value(&serde_json::json!({"id": id})).expect("JSON");
        let event = NewEvent {
            id: EventId::new(self.clock.new_id()),
            kind,
            place: None,
            visitor_visible: false,
            body: Body::Settings(data.into()),
            at,
        };
        let settings = Some(SettingsWrite::Webhook(WebhookWrite { id, change: WebhookChange::Warned, at }));
        Write { tenant_id: self.tenant_id, contact: None, conversation: None, settings, events: vec![event] }
    }

    async fn events(&self) -> Vec<StoredEvent> {
        self.journal.events_after(self.tenant_id, 0, 10_000).await.expect("events")
    }
}

fn inbox() -> Topics {
    Topics { inbox: true, ..Topics::default() }
}

/// Lets everything that is ready run.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

fn story(told: impl Future<Output = ()>) {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
    });
    system.block_on(told);
}

#[test]
fn a_visitor_hears_its_own_conversation_and_no_notes() {
    story(async {
        let stage = Stage::set();
        let (mut mine, mut other) = (stage.begin().await, stage.begin().await);
        let mut ear = stage.join(View::Visitor { conversation_id: mine.row.id }).await;
        stage.say(&mut mine, "for me").await;
        stage.say(&mut other, "for somebody else").await;
        let note = mine.note("among agents");
        stage.journal.commit(note).await.expect("note");
        settle().await;
        assert_eq!(ear.heard(), [ear.joined_at + 1]);
    });
}

#[test]
fn an_agent_hears_by_topic_and_nothing_twice() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut everything = stage.join(stage.agent(Topics { conversations: vec![talk.row.id], ..inbox() })).await;
        let mut list = stage.join(stage.agent(inbox())).await;
        let mut nothing = stage.join(stage.agent(Topics::default())).await;
        stage.say(&mut talk, "one").await;
        stage.say(&mut talk, "two").await;
        settle().await;
        let told: Vec<u64> = stage
            .events()
            .await
            .iter()
            .filter(|event| event.position > list.joined_at && !event.kind.off_sockets())
            .map(|event| event.position)
            .collect();
        assert_eq!(told.len(), 2, "the ticket's twins are not for sockets");
        assert_eq!((everything.heard(), list.heard(), nothing.heard()), (told.clone(), told, Vec::new()));
    });
}

#[test]
fn only_who_may_see_webhooks_hears_of_them_and_the_rest_hear_on() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut ears = Vec::new();
        for role in [Role::Owner, Role::Admin, Role::Agent, Role::Viewer] {
            ears.push(stage.join(stage.member(role, inbox())).await);
        }
        let mut elsewhere =
            stage.join(stage.member(Role::Owner, Topics { inbox: false, presence: true, conversations: vec![talk.row.id] })).await;
        let before = ears[0].joined_at;
        for kind in [EventKind::WebhookFailing, EventKind::WebhookDisabled] {
            stage.journal.commit(stage.report(kind)).await.expect("report");
        }
        stage.say(&mut talk, "and now something else").await;
        settle().await;
        let heard: Vec<Vec<u64>> = ears.iter_mut().map(Ear::heard).collect();
        let (all, rest) = (vec![before + 1, before + 2, before + 3], vec![before + 3]);
        assert_eq!(heard, [all.clone(), all, rest.clone(), rest.clone()]);
        assert_eq!(elsewhere.heard(), rest, "the topic is the inbox");
    });
}

#[test]
fn a_session_that_joins_hears_everything_behind_the_position_it_was_told() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        stage.say(&mut talk, "before").await;
        let mut first = stage.join(stage.agent(inbox())).await;
        assert_eq!(first.joined_at, stage.journal.head(stage.tenant_id).await.expect("head"));
        stage.say(&mut talk, "between").await;
        let mut second = stage.join(stage.agent(inbox())).await;
        stage.say(&mut talk, "after").await;
        settle().await;
        assert_eq!(first.heard().len(), 2);
        assert_eq!(second.heard(), [second.joined_at + 1]);
    });
}

#[test]
fn what_comes_in_the_wrong_order_is_handed_out_in_the_right_one() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut ear = stage.join(stage.agent(inbox())).await;
        stage.wire.hold_back();
        for text in ["one", "two", "three"] {
            stage.say(&mut talk, text).await;
        }
        let mut held = stage.wire.release();
        held.reverse();
        for published in held {
            stage.hubs.publish(published);
        }
        settle().await;
        let heard = ear.heard();
        assert_eq!(heard.len(), 3);
        assert!(heard.is_sorted(), "{heard:?}");
    });
}

#[test]
fn what_the_bus_lost_is_read_as_soon_as_a_later_event_shows_it() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut ear = stage.join(stage.agent(inbox())).await;
        stage.wire.hold_back();
        stage.say(&mut talk, "lost").await;
        drop(stage.wire.release());
        settle().await;
        assert_eq!(ear.heard(), [0; 0]);
        stage.say(&mut talk, "heard").await;
        settle().await;
        assert_eq!(ear.heard().len(), 2);
    });
}

#[test]
fn the_last_event_that_the_bus_lost_is_found_by_the_head_check() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut ear = stage.join(stage.agent(inbox())).await;
        stage.wire.hold_back();
        stage.say(&mut talk, "lost").await;
        drop(stage.wire.release());
        tokio::time::sleep(super::HEAD_CHECK + Duration::from_secs(1)).await;
        assert_eq!(ear.heard().len(), 1);
    });
}

#[test]
fn a_session_that_does_not_read_is_cut_and_others_hear_on() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut reader = stage.join(stage.agent(inbox())).await;
        let stalled = stage.join(stage.agent(inbox())).await;
        let mut heard = 0;
        for index in 0..EVENTS_WAITING_MAX + 10 {
            stage.say(&mut talk, &format!("message {index}")).await;
            settle().await;
            heard += reader.heard().len();
        }
        assert_eq!(heard, EVENTS_WAITING_MAX + 10);
        assert!(stalled.outlet.is_cut());
        assert!(!reader.outlet.is_cut());
        let watch = stage.hubs.watch(stage.tenant_id, stalled.id, inbox()).await;
        assert!(watch.is_err(), "a cut session is out: {watch:?}");
    });
}

#[test]
fn signals_reach_those_whom_they_concern() {
    story(async {
        let stage = Stage::set();
        let talk = stage.begin().await;
        let topics = Topics { conversations: vec![talk.row.id], presence: true, inbox: false };
        let mut visitor = stage.join(View::Visitor { conversation_id: talk.row.id }).await;
        let mut follower = stage.join(stage.agent(topics)).await;
        let mut stranger = stage.join(stage.agent(inbox())).await;
        let author = Author { kind: AuthorKind::Agent, id: Some(stage.clock.new_id()), name: Some("Ann".to_owned()), avatar_url: None };
        let typing = Signal::Typing { conversation_id: talk.row.id, on: true, author, internal: false };
        let presence = Signal::Presence { agents: Vec::new() };
        stage.hubs.signal(stage.tenant_id, typing.clone());
        stage.hubs.signal(stage.tenant_id, presence.clone());
        settle().await;
        assert_eq!(visitor.signals(), std::slice::from_ref(&typing));
        assert_eq!(follower.signals(), [typing, presence]);
        assert_eq!(stranger.signals(), []);
    });
}

#[test]
fn a_topic_that_is_dropped_is_heard_no_more_and_a_session_that_leaves_is_out() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let mut ear = stage.join(stage.agent(inbox())).await;
        stage.hubs.watch(stage.tenant_id, ear.id, Topics::default()).await.expect("watch nothing");
        stage.say(&mut talk, "one").await;
        settle().await;
        assert_eq!(ear.heard(), [0; 0]);
        stage.hubs.leave(stage.tenant_id, ear.id);
        settle().await;
        assert!(stage.hubs.watch(stage.tenant_id, ear.id, inbox()).await.is_err());
        assert_eq!(stage.hubs.drain().await, 0);
    });
}

#[test]
fn a_visitor_whose_contact_is_blocked_is_told_and_agents_and_other_visitors_are_not() {
    story(async {
        let stage = Stage::set();
        let mut talk = stage.begin().await;
        let other = stage.begin().await;
        let mut visitor = stage.join(View::Visitor { conversation_id: talk.row.id }).await;
        let mut neighbour = stage.join(View::Visitor { conversation_id: other.row.id }).await;
        let mut agent = stage.join(stage.agent(inbox())).await;
        for blocked in [false, true] {
            let from = talk.contact.summary();
            stage.journal.commit(talk.change_contact(|contact| contact.blocked = blocked)).await.expect("the contact changes");
            stage.journal.commit(talk.tell_of_contact(&from)).await.expect("the conversation is told");
        }
        settle().await;
        assert_eq!([visitor.barred(), neighbour.barred(), agent.barred()], [1, 0, 0]);
    });
}
