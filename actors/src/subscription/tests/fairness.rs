//! Stories of places: nobody's trouble is another's.

use std::time::Duration;

use entities::{DeliveryStatus, TenantId};

use super::stage::{Stage, story};
use crate::{
    port::Clock,
    testing::courier::{hang, status},
};

#[test]
fn five_thousand_deliveries_for_hanging_endpoints_delay_nobody_else() {
    story(async {
        let stage = Stage::set();
        stage.courier.follow(|request| {
            if request.url.contains("hangs") { hang(Duration::from_secs(15)) } else { status(200).after(Duration::from_millis(5)) }
        });
        let crowded = TenantId::new(stage.clock.new_id());
        for number in 0..50 {
            let hook = stage.webhook_of(crowded, false);
            stage.deliveries.change(hook, |claimed| claimed.url = format!("https://hangs.example/{number}").into());
            stage.put(hook, 1..=100);
            stage.node.wake(hook);
        }
        stage.pass(Duration::from_millis(50)).await;
        assert!(stage.node.observe().in_flight >= 40, "the crowded workspace has all that it may have");
        // Another's events come at 25 a second for a minute.
        let hook = stage.webhook(false);
        let mut committed_at = Vec::new();
        for position in 1..=1_500 {
            committed_at.push(stage.now());
            stage.put(hook, position..=position);
            stage.node.wake(hook);
            stage.pass(Duration::from_millis(40)).await;
        }
        let rows = stage.rows(hook);
        assert!(rows.iter().all(|row| row.status == DeliveryStatus::Delivered && row.attempts.len() == 1));
        let begun = stage.courier.sent().into_iter().filter(|request| !request.url.contains("hangs"));
        let waits = begun.map(|request| request.at.ms_since(committed_at[stage.position(request.event_id) as usize - 1]));
        assert_eq!(waits.max(), Some(0), "each is sent in the instant of its commit");
        assert!(stage.node.observe().in_flight <= 64);
    });
}

#[test]
fn webhooks_that_hang_leave_places_for_those_of_the_same_workspace() {
    story(async {
        let stage = Stage::set();
        stage.courier.follow(|request| {
            if request.url.contains("hangs") { hang(Duration::from_secs(15)) } else { status(200).after(Duration::from_millis(5)) }
        });
        for number in 0..12 {
            let hook = stage.webhook(false);
            stage.deliveries.change(hook, |claimed| claimed.url = format!("https://hangs.example/{number}").into());
            stage.put(hook, 1..=100);
            stage.node.wake(hook);
        }
        stage.pass(Duration::from_secs(1)).await;
        let hook = stage.webhook(false);
        let begun_at = stage.now();
        stage.put(hook, 1..=1);
        stage.node.wake(hook);
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.rows(hook)[0].attempts[&1].started_at, begun_at);
    });
}

#[test]
fn a_full_node_serves_all_that_wait_by_turns() {
    story(async {
        let stage = Stage::with(|limits| limits.node_in_flight_max = 4);
        stage.courier.follow(|_| status(200).after(Duration::from_secs(1)));
        let hooks: Vec<_> = (0..20).map(|_| stage.webhook_of(TenantId::new(stage.clock.new_id()), false)).collect();
        for hook in &hooks {
            stage.put(*hook, 1..=10);
            stage.node.wake(*hook);
        }
        // Four at a time: a round of all takes five seconds.
        for round in 1..=10 {
            stage.pass(Duration::from_secs(5)).await;
            let counts: Vec<usize> =
                hooks.iter().map(|hook| stage.rows(*hook).iter().filter(|row| !row.attempts.is_empty()).count()).collect();
            assert!(counts.iter().all(|count| count.abs_diff(round) <= 1), "in round {round}: {counts:?}");
        }
        stage.pass(Duration::from_secs(10)).await;
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
    });
}
