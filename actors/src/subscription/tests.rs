//! Stories of webhooks at work, over deliveries in memory and under paused time.

mod crash;
mod fairness;
mod stage;
mod threads;

use std::time::Duration;

use entities::{DeliveryStatus, EventKind};

use self::stage::{Stage, story};
use crate::testing::courier::{hang, status};

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn what_is_due_is_delivered_once_and_then_nobody_is_awake() {
    story(async {
        let stage = Stage::set();
        let hooks: Vec<_> = (0..100).map(|_| stage.webhook(false)).collect();
        for hook in &hooks {
            stage.put(*hook, 1..=30);
            stage.node.wake(*hook);
        }
        stage.pass(Duration::from_secs(2)).await;
        assert_eq!(stage.courier.sent().len(), 3_000);
        for hook in &hooks {
            assert!(stage.rows(*hook).iter().all(|row| row.status == DeliveryStatus::Delivered));
            assert_eq!(stage.deliveries.lease(*hook), None, "the lease is given back");
        }
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
        let calls = stage.deliveries.calls();
        assert_eq!((calls.claims, calls.releases), (100, 100));
        assert!(calls.records < 3_000, "what finishes together is recorded together, in {} records", calls.records);
    });
}

#[test]
fn a_hint_for_nothing_costs_one_look() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        for _ in 0..50 {
            stage.node.wake(hook);
        }
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.deliveries.calls().claims, 1);
        assert_eq!(stage.node.observe().awake, 0);
    });
}

#[test]
fn a_failing_delivery_is_retried_on_time_with_the_same_event_and_the_next_number() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|_| status(500));
        stage.put(hook, 1..=1);
        stage.node.wake(hook);
        stage.pass_sweeping(HOUR * 5).await;
        let sent = stage.courier.sent();
        let waits: Vec<i64> = sent.windows(2).map(|pair| pair[1].at.ms_since(pair[0].at)).collect();
        for (wait, least) in waits.iter().zip([10_000, 60_000, 360_000, 2_160_000, 12_960_000]) {
            assert!((least..=least * 6 / 5 + 100).contains(wait), "{waits:?}");
        }
        assert_eq!(sent.iter().map(|request| request.attempt).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert!(sent.windows(2).all(|pair| pair[0].event_id == pair[1].event_id && pair[0].body == pair[1].body));
        let row = &stage.rows(hook)[0];
        assert_eq!((row.status, row.attempts.len()), (DeliveryStatus::Failed, 6));
        for pair in row.attempts.values().zip(row.attempts.values().skip(1)) {
            let late = pair.1.started_at.ms_since(pair.0.next_due_at.expect("a retry"));
            assert!((0..=100).contains(&late), "{late} ms late");
        }
        assert_eq!(stage.deliveries.health(hook).map(|health| (health.failures, health.exhausted)), Some((6, 1)));
    });
}

#[test]
fn an_ordered_webhook_keeps_its_line_through_failures() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(true);
        // Every third delivery fails twice.
        let mut attempts = std::collections::HashMap::new();
        stage.courier.follow(move |request| {
            let count = attempts.entry(request.event_id).or_insert(0);
            *count += 1;
            status(if request.event_id.uuid().as_u128() % 3 == 0 && *count < 3 { 500 } else { 200 }).after(Duration::from_millis(3))
        });
        stage.put(hook, 1..=150);
        stage.node.wake(hook);
        stage.pass_sweeping(HOUR * 2).await;
        let sent: Vec<_> = stage.courier.sent().iter().map(|request| (stage.position(request.event_id), request.attempt)).collect();
        assert!(sent.windows(2).all(|pair| pair[0] < pair[1]), "each attempt of one before the first of the next: {sent:?}");
        assert!(sent.len() > 150 && stage.rows(hook).iter().all(|row| row.status == DeliveryStatus::Delivered));
        assert_eq!(stage.at_once(hook), 1);
    });
}

#[test]
fn one_probe_at_a_time_goes_to_an_endpoint_that_hangs() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|_| hang(Duration::from_secs(15)));
        stage.put(hook, 1..=40);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(16)).await;
        assert_eq!((stage.courier.sent().len(), stage.at_once(hook)), (12, 8), "eight, and one for each that failed before the fifth");
        stage.pass(Duration::from_secs(15 * 10)).await;
        assert_eq!(stage.courier.sent().len(), 22, "and then one at a time");
        stage.courier.follow(|_| status(200).after(Duration::from_millis(10)));
        stage.pass_sweeping(Duration::from_mins(10)).await;
        assert!(stage.rows(hook).iter().all(|row| row.status == DeliveryStatus::Delivered));
        assert_eq!(stage.deliveries.health(hook).map(|health| health.failures), Some(0));
    });
}

#[test]
fn a_receiver_that_asks_for_rest_gets_it() {
    story(async {
        for code in [429, 503] {
            let stage = Stage::set();
            let hook = stage.webhook(false);
            let mut first = true;
            stage.courier.follow(move |_| {
                if std::mem::take(&mut first) {
                    status(code).retry_after(Duration::from_secs(40))
                } else {
                    status(200).after(Duration::from_secs(1))
                }
            });
            stage.put(hook, 1..=20);
            stage.node.wake(hook);
            stage.pass(Duration::from_secs(39)).await;
            assert_eq!(stage.courier.sent().len(), 8, "those that were under way already");
            stage.pass(Duration::from_secs(10)).await;
            let sent = stage.courier.sent();
            assert!(sent[8..].iter().all(|request| request.at.ms_since(sent[0].at) >= 40_000));
            assert!(stage.rows(hook).iter().all(|row| row.status == DeliveryStatus::Delivered));
        }
    });
}

#[test]
fn a_long_rest_is_slept_through() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        let mut first = true;
        stage.courier.follow(move |_| if std::mem::take(&mut first) { status(503).retry_after(HOUR) } else { status(200) });
        stage.put(hook, 1..=1);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        stage.put(hook, 2..=3);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!((stage.node.observe().awake, stage.courier.sent().len()), (0, 1));
        stage.pass_sweeping(HOUR + Duration::from_secs(1)).await;
        let sent = stage.courier.sent();
        assert_eq!(sent.len(), 4);
        for request in &sent[1..] {
            let ms = request.at.ms_since(sent[0].at);
            assert!((3_600_000..=3_600_100).contains(&ms), "{ms} ms");
        }
    });
}

#[test]
fn a_rate_limit_holds_in_any_second() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.deliveries.change(hook, |claimed| claimed.rate_limit_per_second = Some(10));
        for from in [1, 31] {
            stage.put(hook, from..=from + 29);
            stage.node.wake(hook);
            stage.pass(Duration::from_millis(3_300)).await;
        }
        let sent = stage.courier.sent();
        assert_eq!(sent.len(), 60);
        assert!(sent.windows(11).all(|window| window[10].at.ms_since(window[0].at) >= 1_000));
    });
}

#[test]
fn gone_disables_at_once() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|_| status(410));
        stage.put(hook, 1..=20);
        stage.node.wake(hook);
        stage.pass(HOUR).await;
        let reason = "the receiver answered 410 Gone: it wants no more of this webhook";
        assert_eq!(stage.deliveries.disabled_reason(hook).as_deref(), Some(reason));
        assert_eq!(stage.deliveries.told(stage.tenant_id), [EventKind::WebhookDisabled]);
        let rows = stage.rows(hook);
        assert_eq!(rows[0].status, DeliveryStatus::Failed);
        assert_eq!(stage.courier.sent().len(), rows.iter().map(|row| row.attempts.len()).sum::<usize>(), "all that was sent is recorded");
        assert!(stage.courier.sent().len() <= 8);
        assert_eq!(stage.node.observe().awake, 0);
    });
}

#[test]
fn a_webhook_without_a_success_is_warned_of_once_and_disabled_after_three_days() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.courier.follow(|_| status(500));
        let mut told = Vec::new();
        for hours in 0..80_i64 {
            stage.put(hook, hours..=hours);
            stage.node.wake(hook);
            stage.pass_sweeping(HOUR).await;
            let now = stage.deliveries.told(stage.tenant_id);
            if now.len() > told.len() {
                told.push((hours, now[told.len()]));
            }
        }
        let kinds: Vec<_> = told.iter().map(|(_, kind)| *kind).collect();
        assert_eq!(kinds, [EventKind::WebhookFailing, EventKind::WebhookDisabled]);
        assert!((35..=37).contains(&told[0].0) && (71..=73).contains(&told[1].0), "{told:?}");
        let reason = stage.deliveries.disabled_reason(hook).expect("a reason");
        assert!(reason.starts_with("no delivery has succeeded since 2026-03-26T14:30:00"), "{reason}");
    });
}

#[test]
fn what_nobody_hinted_at_is_found_by_the_sweep() {
    story(async {
        let stage = Stage::set();
        let hooks: Vec<_> = (0..50).map(|_| stage.webhook(false)).collect();
        for hook in &hooks {
            stage.put(*hook, 1..=2);
        }
        assert_eq!(stage.node.sweep(stage.now()).await.expect("sweep"), 50);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.courier.sent().len(), 100);
        assert_eq!(stage.node.sweep(stage.now()).await.expect("sweep"), 0);
    });
}

#[test]
fn no_more_than_the_bound_are_awake_and_the_others_come_later() {
    story(async {
        let stage = Stage::with(|limits| limits.awake_max = 10);
        let hooks: Vec<_> = (0..25).map(|_| stage.webhook(false)).collect();
        for hook in &hooks {
            stage.put(*hook, 1..=2);
            stage.node.wake(*hook);
        }
        assert_eq!((stage.node.observe().awake, stage.node.observe().put_off), (10, 15));
        stage.pass_sweeping(Duration::from_mins(2)).await;
        assert_eq!(stage.courier.sent().len(), 50);
    });
}

#[test]
fn changed_settings_are_used_from_the_next_claim_on() {
    story(async {
        let stage = Stage::set();
        let hook = stage.webhook(false);
        stage.put(hook, 1..=1);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        stage.deliveries.change(hook, |claimed| claimed.url = "https://elsewhere.example/".into());
        stage.put(hook, 2..=2);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(&*stage.courier.sent()[1].url, "https://elsewhere.example/");
    });
}
