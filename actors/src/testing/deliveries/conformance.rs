//! The promises of [`Deliveries`], one function each; every implementation is held to all of them.
//!
//! A test makes a [`Fixture`] and calls [`all`]; a broken promise panics and its name is in the backtrace. Promises share the fixture, each with
//! webhooks of its own, so one database serves them all.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a broken promise is a panic")]

use entities::{DeliveryId, DeliveryStatus, EventId, EventKind, NodeId, TenantId, Timestamp, Trigger, WebhookId};

use crate::{
    port::{Attempted, Claimed, Clock, Deliveries, Due, Health, Lease, Page, Promise, Recorded, Room},
    testing::courier::status,
};

/// Deliveries under test, and what makes and shows their rows.
pub trait Fixture: Send + Sync {
    /// The deliveries.
    fn deliveries(&self) -> &dyn Deliveries;

    /// Where ids and times come from.
    fn clock(&self) -> &dyn Clock;

    /// Makes a tenant.
    fn add_tenant(&self) -> Promise<'_, TenantId>;

    /// Makes a webhook that is enabled and well and has no rate limit.
    fn add_webhook(&self, tenant_id: TenantId, ordered: bool) -> Promise<'_, WebhookId>;

    /// Makes a delivery of a `ticket.created` at this position, with this body, pending and never attempted, due then.
    fn add_delivery(&self, id: WebhookId, position: i64, body: String, due_at: Timestamp) -> Promise<'_, (DeliveryId, EventId)>;

    /// Disables a webhook as its owner does.
    fn switch_off(&self, id: WebhookId) -> Promise<'_, ()>;

    /// What became of a delivery.
    fn status(&self, id: WebhookId, position: i64) -> Promise<'_, DeliveryStatus>;

    /// The numbers of a delivery's attempts that are kept, in order.
    fn attempts(&self, id: WebhookId, position: i64) -> Promise<'_, Vec<u32>>;

    /// What was said in a tenant's events, in order.
    fn told(&self, tenant_id: TenantId) -> Promise<'_, Vec<EventKind>>;
}

/// Holds the deliveries to every promise.
pub async fn all(fixture: &dyn Fixture) {
    a_webhook_is_one_node_s_at_a_time(fixture).await;
    a_lease_that_is_given_back_is_anybody_s(fixture).await;
    a_page_shows_what_is_due_the_oldest_first(fixture).await;
    a_page_is_bounded_in_rows_and_bytes(fixture).await;
    a_page_leaves_out_what_is_in_somebody_s_hands(fixture).await;
    an_ordered_page_ends_where_the_line_is_not_due(fixture).await;
    what_came_of_attempts_is_kept(fixture).await;
    a_repeated_record_changes_nothing(fixture).await;
    nothing_is_recorded_under_a_lost_lease(fixture).await;
    many_attempts_are_recorded_at_once(fixture).await;
    webhooks_that_record_at_once_are_told_apart(fixture).await;
    a_disabled_webhook_is_nobody_s_and_said_once(fixture).await;
    a_webhook_that_its_owner_disabled_is_nobody_s(fixture).await;
    a_warning_is_said_and_kept_until_a_success(fixture).await;
    the_neglected_are_due_free_and_enabled(fixture).await;
}

/// A webhook under test.
struct Stage<'a> {
    fixture: &'a dyn Fixture,
    tenant_id: TenantId,
    id: WebhookId,
    now: Timestamp,
}

const ROOM: Room = Room { rows: 64, bytes: 1 << 20 };

impl<'a> Stage<'a> {
    async fn set(fixture: &'a dyn Fixture, ordered: bool) -> Self {
        let tenant_id = fixture.add_tenant().await;
        let id = fixture.add_webhook(tenant_id, ordered).await;
        Self { fixture, tenant_id, id, now: fixture.clock().now() }
    }

    fn lease(&self) -> Lease {
        Lease { webhook_id: self.id, owner: NodeId::new(self.fixture.clock().new_id()) }
    }

    async fn claim(&self, lease: Lease, now_ms: i64, until_ms: i64) -> Option<Claimed> {
        let (now, until) = (self.now.plus_ms(now_ms), self.now.plus_ms(until_ms));
        self.fixture.deliveries().claim(lease, now, until).await.expect("claim")
    }

    async fn claimed(&self) -> (Lease, Claimed) {
        let lease = self.lease();
        (lease, self.claim(lease, 0, 60_000).await.expect("it is free"))
    }

    /// Makes deliveries at these positions, due so many milliseconds from now.
    async fn put<const N: usize>(&self, deliveries: [(i64, i64); N]) -> [(DeliveryId, EventId); N] {
        let mut made = Vec::new();
        for (position, due_ms) in deliveries {
            made.push(self.fixture.add_delivery(self.id, position, self.body(position), self.now.plus_ms(due_ms)).await);
        }
        made.try_into().expect("as many as asked for")
    }

    /// Bytes that must come back as they are.
    fn body(&self, position: i64) -> String {
        format!(r#"{{"webhook":"{}", "position": {position}.0,"text":"h\u00e4\u0000ßlich \" 🙂"}}"#, self.id)
    }

    async fn page(&self, claimed: &Claimed, busy: &[i64], room: Room) -> Page {
        self.fixture.deliveries().page(claimed, self.now, busy, room).await.expect("page")
    }

    fn attempted(&self, due: &Due, answer: u16, next_ms: Option<i64>) -> Attempted {
        let status_now = match (answer, next_ms) {
            (200, _) => DeliveryStatus::Delivered,
            (_, Some(_)) => DeliveryStatus::Pending,
            (_, None) => DeliveryStatus::Failed,
        };
        Attempted {
            position: due.position,
            number: due.attempts + 1,
            trigger: due.trigger,
            started_at: self.now,
            outcome: status(answer).outcome,
            status: status_now,
            next_due_at: next_ms.map(|ms| self.now.plus_ms(ms)),
        }
    }

    async fn record(&self, lease: Lease, attempts: Vec<Attempted>, health: Health) -> Recorded {
        self.fixture.deliveries().record(lease, attempts, health).await.expect("record")
    }

    async fn fate(&self, position: i64) -> (DeliveryStatus, Vec<u32>) {
        (self.fixture.status(self.id, position).await, self.fixture.attempts(self.id, position).await)
    }

    /// Whether it is among the neglected, and since when it waits.
    async fn neglected(&self, now_ms: i64, soon_ms: i64) -> Option<Timestamp> {
        let (now, soon) = (self.now.plus_ms(now_ms), self.now.plus_ms(soon_ms));
        let found = self.fixture.deliveries().neglected(now, soon, 100_000).await.expect("neglected");
        found.into_iter().find(|neglected| neglected.id == self.id).map(|neglected| neglected.due_at)
    }
}

fn positions(page: &Page) -> Vec<i64> {
    page.due.iter().map(|due| due.position).collect()
}

fn ill(now: Timestamp) -> Health {
    Health { failures: 3, exhausted: 1, failing_since: Some(now.plus_ms(-5)), warned_at: None, paused_until: Some(now.plus_ms(7)) }
}

/// A lease keeps others out until it ends, and can be renewed by its owner.
pub async fn a_webhook_is_one_node_s_at_a_time(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, true).await;
    let (ours, theirs) = (stage.lease(), stage.lease());
    let claimed = stage.claim(ours, 0, 1_000).await.expect("it is free");
    assert_eq!((claimed.tenant_id, claimed.id, claimed.ordered), (stage.tenant_id, stage.id, true));
    assert_eq!((claimed.health, claimed.rate_limit_per_second), (Health::default(), None));
    assert!(stage.claim(theirs, 999, 2_000).await.is_none());
    assert!(stage.claim(ours, 999, 3_000).await.is_some());
    assert!(stage.claim(theirs, 2_999, 4_000).await.is_none());
    assert!(stage.claim(theirs, 3_001, 4_000).await.is_some());
    assert!(stage.claim(ours, 3_002, 5_000).await.is_none());
    let unknown = Lease { webhook_id: WebhookId::new(fixture.clock().new_id()), ..ours };
    assert!(stage.claim(unknown, 0, 1_000).await.is_none());
}

/// Only the owner gives a lease back.
pub async fn a_lease_that_is_given_back_is_anybody_s(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    let (ours, theirs) = (stage.lease(), stage.lease());
    stage.claim(ours, 0, 1_000).await.expect("it is free");
    fixture.deliveries().release(theirs).await.expect("release");
    assert!(stage.claim(theirs, 1, 1_000).await.is_none());
    fixture.deliveries().release(ours).await.expect("release");
    assert!(stage.claim(theirs, 1, 1_000).await.is_some());
}

/// What is due comes whole, the longest due first; what is not due tells when it will be.
pub async fn a_page_shows_what_is_due_the_oldest_first(fixture: &dyn Fixture) {
    let (stage, other) = (Stage::set(fixture, false).await, Stage::set(fixture, false).await);
    let made = stage.put([(1, 0), (2, -10), (3, 500), (4, -10), (5, 400)]).await;
    other.put([(6, -100)]).await;
    let (_, claimed) = stage.claimed().await;
    let page = stage.page(&claimed, &[], ROOM).await;
    assert_eq!((positions(&page), page.more, page.next_due_at), (vec![2, 4, 1], false, Some(stage.now.plus_ms(400))));
    let first = &page.due[0];
    assert_eq!((first.id, first.event_id, first.kind), (made[1].0, made[1].1, EventKind::TicketCreated));
    assert_eq!((first.attempts, first.failures_in_budget, first.trigger), (0, 0, Trigger::Auto));
    assert_eq!(first.due_at, stage.now.plus_ms(-10));
    assert_eq!(&*first.body, stage.body(2).as_bytes());
}

/// A page has room for so many rows and bytes, the first whatever its size; it says if there is more.
pub async fn a_page_is_bounded_in_rows_and_bytes(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    for position in 1..=5 {
        fixture.add_delivery(stage.id, position, "1".repeat(1_000), stage.now.plus_ms(position)).await;
    }
    let stage = Stage { now: stage.now.plus_ms(10), ..stage };
    let (_, claimed) = stage.claimed().await;
    let read = async |rows, bytes| {
        let page = stage.page(&claimed, &[], Room { rows, bytes }).await;
        (positions(&page), page.more)
    };
    assert_eq!(read(2, 1 << 20).await, (vec![1, 2], true));
    assert_eq!(read(5, 1 << 20).await, (vec![1, 2, 3, 4, 5], false));
    assert_eq!(read(64, 3_000).await, (vec![1, 2, 3], true));
    assert_eq!(read(64, 2_999).await, (vec![1, 2], true));
    assert_eq!(read(64, 10).await, (vec![1], true));
}

/// What is busy is not shown, and what is behind it is.
pub async fn a_page_leaves_out_what_is_in_somebody_s_hands(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0), (2, 0), (3, 0), (4, 0)]).await;
    let (_, claimed) = stage.claimed().await;
    let page = stage.page(&claimed, &[1, 3], Room { rows: 1, ..ROOM }).await;
    assert_eq!((positions(&page), page.more), (vec![2], true));
    let page = stage.page(&claimed, &[1, 2, 3, 4, 99], ROOM).await;
    assert_eq!((positions(&page), page.more, page.next_due_at), (vec![], false, None));
}

/// An ordered line is shown by position, up to the first that is not due.
pub async fn an_ordered_page_ends_where_the_line_is_not_due(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, true).await;
    stage.put([(1, 0), (2, -10), (3, 500), (4, 0)]).await;
    let (lease, claimed) = stage.claimed().await;
    let page = stage.page(&claimed, &[], ROOM).await;
    assert_eq!((positions(&page), page.more, page.next_due_at), (vec![1, 2], false, Some(stage.now.plus_ms(500))));
    let page = stage.page(&claimed, &[], Room { rows: 1, ..ROOM }).await;
    assert_eq!((positions(&page), page.more), (vec![1], true));
    let head = &page.due[0];
    assert_eq!(stage.record(lease, vec![stage.attempted(head, 500, Some(300))], Health::default()).await, Recorded::Written);
    let page = stage.page(&claimed, &[], ROOM).await;
    assert_eq!((positions(&page), page.more, page.next_due_at), (vec![], false, Some(stage.now.plus_ms(300))));
}

/// Attempts, deliveries and health are as they were recorded; the next attempt of one that failed is made automatically.
pub async fn what_came_of_attempts_is_kept(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0), (2, 0), (3, 0), (4, 0)]).await;
    let (lease, claimed) = stage.claimed().await;
    let due = stage.page(&claimed, &[], ROOM).await.due;
    let attempts = vec![stage.attempted(&due[0], 200, None), stage.attempted(&due[1], 500, Some(-1)), stage.attempted(&due[2], 500, None)];
    assert_eq!(stage.record(lease, attempts, ill(stage.now)).await, Recorded::Written);
    assert_eq!(stage.fate(1).await, (DeliveryStatus::Delivered, vec![1]));
    assert_eq!(stage.fate(2).await, (DeliveryStatus::Pending, vec![1]));
    assert_eq!(stage.fate(3).await, (DeliveryStatus::Failed, vec![1]));
    assert_eq!(stage.fate(4).await, (DeliveryStatus::Pending, vec![]));
    assert_eq!(stage.claim(lease, 0, 60_000).await.expect("ours").health, ill(stage.now));
    let page = stage.page(&claimed, &[], ROOM).await;
    assert_eq!(positions(&page), [2, 4]);
    let again = &page.due[0];
    assert_eq!((again.attempts, again.failures_in_budget, again.trigger), (1, 1, Trigger::Auto));
    assert_eq!((again.due_at, again.event_id, &again.body), (stage.now.plus_ms(-1), due[1].event_id, &due[1].body));
}

/// What was recorded already, whatever it says now, is not counted or changed again.
pub async fn a_repeated_record_changes_nothing(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0), (2, 0)]).await;
    let (lease, claimed) = stage.claimed().await;
    let due = stage.page(&claimed, &[], ROOM).await.due;
    let first = vec![stage.attempted(&due[0], 500, Some(-1)), stage.attempted(&due[1], 200, None)];
    for _ in 0..2 {
        assert_eq!(stage.record(lease, first.clone(), ill(stage.now)).await, Recorded::Written);
    }
    let now = stage.page(&claimed, &[], ROOM).await.due;
    assert_eq!(stage.record(lease, vec![stage.attempted(&now[0], 500, Some(900))], ill(stage.now)).await, Recorded::Written);
    // The first record comes once more, behind the second attempt.
    assert_eq!(stage.record(lease, first, ill(stage.now)).await, Recorded::Written);
    assert_eq!(stage.fate(1).await, (DeliveryStatus::Pending, vec![1, 2]));
    assert_eq!(stage.fate(2).await, (DeliveryStatus::Delivered, vec![1]));
    let page = stage.page(&claimed, &[], ROOM).await;
    assert_eq!((positions(&page), page.next_due_at), (vec![], Some(stage.now.plus_ms(900))));
}

/// Once another has the lease, or it was given back, a record writes nothing.
pub async fn nothing_is_recorded_under_a_lost_lease(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0)]).await;
    let (ours, theirs) = (stage.lease(), stage.lease());
    let claimed = stage.claim(ours, 0, 1_000).await.expect("it is free");
    let due = stage.page(&claimed, &[], ROOM).await.due;
    stage.claim(theirs, 1_001, 9_000).await.expect("it is free again");
    let attempts = vec![stage.attempted(&due[0], 200, None)];
    assert_eq!(stage.record(ours, attempts.clone(), ill(stage.now)).await, Recorded::LeaseLost);
    fixture.deliveries().release(theirs).await.expect("release");
    assert_eq!(stage.record(ours, attempts, ill(stage.now)).await, Recorded::LeaseLost);
    assert_eq!(stage.fate(1).await, (DeliveryStatus::Pending, vec![]));
    assert_eq!(stage.claim(theirs, 1_002, 9_000).await.expect("it is free").health, Health::default());
}

/// A whole page is recorded in one call.
pub async fn many_attempts_are_recorded_at_once(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    for position in 1..=64 {
        stage.put([(position, 0)]).await;
    }
    let (lease, claimed) = stage.claimed().await;
    let due = stage.page(&claimed, &[], ROOM).await.due;
    assert_eq!(due.len(), 64);
    let attempts = due.iter().map(|due| stage.attempted(due, 200, None)).collect();
    assert_eq!(stage.record(lease, attempts, Health::default()).await, Recorded::Written);
    assert!(stage.page(&claimed, &[], ROOM).await.due.is_empty());
    assert_eq!(stage.fate(64).await, (DeliveryStatus::Delivered, vec![1]));
}

/// Webhooks that record at the same time are each told of their own lease, and a lost one keeps nothing of the others back.
pub async fn webhooks_that_record_at_once_are_told_apart(fixture: &dyn Fixture) {
    let stages = [Stage::set(fixture, false).await, Stage::set(fixture, false).await, Stage::set(fixture, false).await];
    let mut ready = Vec::new();
    for stage in &stages {
        stage.put([(1, 0)]).await;
        let (lease, claimed) = stage.claimed().await;
        ready.push((lease, vec![stage.attempted(&stage.page(&claimed, &[], ROOM).await.due[0], 200, None)]));
    }
    fixture.switch_off(stages[1].id).await;
    let record = |at: usize| stages[at].record(ready[at].0, ready[at].1.clone(), Health::default());
    assert_eq!(tokio::join!(record(0), record(1), record(2)), (Recorded::Written, Recorded::LeaseLost, Recorded::Written));
    assert_eq!((stages[0].fate(1).await, stages[1].fate(1).await.1), ((DeliveryStatus::Delivered, vec![1]), vec![]));
}

/// Disabling says so in the tenant's events; then there is nothing to claim, record, sweep, or say again.
pub async fn a_disabled_webhook_is_nobody_s_and_said_once(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0)]).await;
    let (lease, claimed) = stage.claimed().await;
    let due = stage.page(&claimed, &[], ROOM).await.due;
    for _ in 0..2 {
        fixture.deliveries().disable(lease, "it keeps failing".to_owned(), stage.now).await.expect("disable");
    }
    assert!(stage.claim(lease, 1, 60_000).await.is_none());
    assert_eq!(stage.record(lease, vec![stage.attempted(&due[0], 200, None)], Health::default()).await, Recorded::LeaseLost);
    assert_eq!(stage.neglected(100_000, 100_000).await, None);
    let told = fixture.told(stage.tenant_id).await;
    assert_eq!(told.iter().filter(|kind| **kind == EventKind::WebhookDisabled).count(), 1);
}

/// Whoever works it when its owner disables it records nothing more.
pub async fn a_webhook_that_its_owner_disabled_is_nobody_s(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0)]).await;
    let (lease, claimed) = stage.claimed().await;
    let due = stage.page(&claimed, &[], ROOM).await.due;
    fixture.switch_off(stage.id).await;
    assert!(stage.claim(lease, 1, 60_000).await.is_none());
    assert_eq!(stage.record(lease, vec![stage.attempted(&due[0], 200, None)], Health::default()).await, Recorded::LeaseLost);
    assert_eq!(stage.neglected(100_000, 100_000).await, None);
}

/// A warning is an event and an instant, which a success takes away.
pub async fn a_warning_is_said_and_kept_until_a_success(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    stage.put([(1, 0), (2, 0)]).await;
    let (lease, claimed) = stage.claimed().await;
    let due = stage.page(&claimed, &[], ROOM).await.due;
    let ill = Health { paused_until: None, ..ill(stage.now) };
    stage.record(lease, vec![stage.attempted(&due[0], 500, None)], ill).await;
    fixture.deliveries().warn(lease, stage.now).await.expect("warn");
    let told = fixture.told(stage.tenant_id).await;
    assert_eq!(told.iter().filter(|kind| **kind == EventKind::WebhookFailing).count(), 1);
    let warned = Health { warned_at: Some(stage.now), ..ill };
    assert_eq!(stage.claim(lease, 0, 60_000).await.expect("ours").health, warned);
    stage.record(lease, vec![stage.attempted(&due[1], 200, None)], Health::default()).await;
    assert_eq!(stage.claim(lease, 0, 60_000).await.expect("ours").health, Health::default());
}

/// The sweep finds what is due, or will be soon, and is worked by nobody and not paused.
pub async fn the_neglected_are_due_free_and_enabled(fixture: &dyn Fixture) {
    let stage = Stage::set(fixture, false).await;
    assert_eq!(stage.neglected(0, 0).await, None, "nothing is due");
    stage.put([(1, 500), (2, 400)]).await;
    assert_eq!(stage.neglected(0, 399).await, None, "nothing is due soon");
    assert_eq!(stage.neglected(0, 400).await, Some(stage.now.plus_ms(400)));
    let lease = stage.lease();
    let claimed = stage.claim(lease, 0, 1_000).await.expect("it is free");
    assert_eq!(stage.neglected(999, 5_000).await, None, "somebody works it");
    assert_eq!(stage.neglected(1_001, 1_001).await, Some(stage.now.plus_ms(400)), "whose lease has ended");
    let due = fixture.deliveries().page(&claimed, stage.now.plus_ms(400), &[], ROOM).await.expect("page").due;
    let paused = Health { paused_until: Some(stage.now.plus_ms(700)), ..Health::default() };
    stage.record(lease, vec![stage.attempted(&due[0], 429, Some(800))], paused).await;
    fixture.deliveries().release(lease).await.expect("release");
    assert_eq!(stage.neglected(600, 699).await, None, "paused");
    assert_eq!(stage.neglected(600, 700).await, Some(stage.now.plus_ms(500)));
    let earlier = Stage::set(fixture, false).await;
    earlier.put([(3, -1_000_000)]).await;
    let first = fixture.deliveries().neglected(stage.now.plus_ms(700), stage.now.plus_ms(700), 1).await.expect("neglected");
    assert_eq!(first.len(), 1, "no more than asked for");
    assert_eq!(first[0].due_at, earlier.now.plus_ms(-1_000_000), "the one that waits the longest");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ManualClock, MemoryDeliveries};

    #[derive(Default)]
    struct InMemory {
        deliveries: MemoryDeliveries,
        clock: ManualClock,
    }

    impl Fixture for InMemory {
        fn deliveries(&self) -> &dyn Deliveries {
            &self.deliveries
        }
        fn clock(&self) -> &dyn Clock {
            &self.clock
        }
        fn add_tenant(&self) -> Promise<'_, TenantId> {
            Box::pin(async { TenantId::new(self.clock.new_id()) })
        }
        fn add_webhook(&self, tenant_id: TenantId, ordered: bool) -> Promise<'_, WebhookId> {
            Box::pin(async move {
                let id = WebhookId::new(self.clock.new_id());
                self.deliveries.add(tenant_id, id, ordered);
                id
            })
        }
        fn add_delivery(&self, id: WebhookId, position: i64, body: String, due_at: Timestamp) -> Promise<'_, (DeliveryId, EventId)> {
            Box::pin(async move {
                let ids = (DeliveryId::new(self.clock.new_id()), EventId::new(self.clock.new_id()));
                self.deliveries.put(id, position, ids, body, due_at);
                ids
            })
        }
        fn switch_off(&self, id: WebhookId) -> Promise<'_, ()> {
            Box::pin(async move { self.deliveries.switch_off(id) })
        }
        fn status(&self, id: WebhookId, position: i64) -> Promise<'_, DeliveryStatus> {
            Box::pin(async move { self.deliveries.row(id, position).expect("it is there").status })
        }
        fn attempts(&self, id: WebhookId, position: i64) -> Promise<'_, Vec<u32>> {
            Box::pin(async move { self.deliveries.row(id, position).expect("it is there").attempts.into_keys().collect() })
        }
        fn told(&self, tenant_id: TenantId) -> Promise<'_, Vec<EventKind>> {
            Box::pin(async move { self.deliveries.told(tenant_id) })
        }
    }

    #[tokio::test]
    async fn the_deliveries_in_memory_keep_every_promise() {
        all(&InMemory::default()).await;
    }
}
