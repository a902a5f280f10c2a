//! Stories of channels at work, over dispatches in memory and under paused time.

mod crash;
mod holds;
mod stage;
mod typing;

use std::time::Duration;

use entities::{ChannelKind, Consequence, Holds};

use self::stage::{Stage, position, story};
use crate::{
    port::DueDispatch,
    testing::gateway::{accepted, error, refused, retry, unknown},
};

const MINUTE: Duration = Duration::from_mins(1);

#[test]
fn what_is_due_is_sent_once_its_conversation_hears_of_it_and_then_nobody_is_awake() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.put(channel, 1..=30);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(5)).await;
        stage.assert_done(channel, 1..=30);
        let ends = stage.ends();
        assert_eq!((ends.len(), stage.failures()), (30, vec![]));
        assert!(ends.iter().all(|end| end.done.len() == 1 && end.done[0].id.as_deref() == Some("provider.1")));
        assert_eq!(stage.gateway.most_at_once(channel), 8);
    });
}

#[test]
fn a_hint_for_nothing_costs_one_look() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        for _ in 0..50 {
            stage.node.wake(channel);
        }
        stage.pass(Duration::from_secs(1)).await;
        assert_eq!(stage.dispatches.calls().claims, 1);
        assert_eq!(stage.node.observe().awake, 0);
    });
}

#[test]
fn a_conversation_keeps_its_order_through_failures_and_others_go_on() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        // Every third fails twice.
        let mut tries = std::collections::HashMap::new();
        stage.gateway.follow(move |sent| {
            let count = tries.entry(position(sent)).or_insert(0);
            *count += 1;
            let answer = if position(sent) % 3 == 0 && *count < 3 { retry(Holds::Message, None) } else { accepted() };
            answer.after(Duration::from_millis(30))
        });
        for _ in 0..10 {
            stage.put(channel, 1..=12);
        }
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE * 2).await;
        assert_eq!((stage.ends().len(), stage.failures()), (120, vec![]));
        for conversation in 1..=12_i64 {
            let of: Vec<i64> = stage.sent().into_iter().filter(|position| position % 12 == conversation % 12).collect();
            assert!(of.windows(2).all(|pair| pair[0] <= pair[1]), "{of:?}");
        }
        let times = stage.times();
        assert!(times.len() == 200 && times[11] < 1_000, "{times:?}");
    });
}

#[test]
fn one_conversation_has_one_message_under_way() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| accepted().after(Duration::from_millis(50)));
        for _ in 0..20 {
            stage.put(channel, [1]);
        }
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(5)).await;
        assert_eq!(stage.sent(), (1..=20).collect::<Vec<_>>());
        assert_eq!(stage.gateway.most_at_once(channel), 1);
    });
}

#[test]
fn the_pace_of_a_channel_is_kept_even_across_a_sleep() {
    story(async {
        let stage = Stage::set();
        let (slow, quick) = (stage.channel(ChannelKind::Sms), stage.channel(ChannelKind::Whatsapp));
        for from in [1, 4] {
            stage.put(slow, from..=from + 2);
            stage.node.wake(slow);
            stage.pass(Duration::from_millis(2_500)).await;
        }
        stage.pass(Duration::from_secs(2)).await;
        let times = stage.times();
        assert!(times.len() == 6 && times.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{times:?}");
        stage.put(quick, 1..=400);
        stage.node.wake(quick);
        stage.pass(Duration::from_secs(10)).await;
        let times = &stage.times()[6..];
        assert!(times.len() == 400 && times.windows(89).all(|window| window[88] - window[0] >= 1_000));
        assert!(times[399] - times[0] < 6_000, "and is used: {} ms", times[399] - times[0]);
    });
}

#[test]
fn a_message_of_several_parts_is_paid_for_by_each() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Sms);
        stage.gateway.follow(|_| accepted().behind_parts(3));
        stage.put(channel, 1..=2);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(10)).await;
        assert!(stage.times()[1] >= 4_000, "{:?}", stage.times());
        assert_eq!(stage.ends()[0].done.len(), 4);
    });
}

#[test]
fn a_message_that_fails_is_tried_eight_times_and_then_its_conversation_hears_why() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| retry(Holds::Message, None));
        stage.put(channel, [1]);
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE * 10).await;
        let times = stage.times();
        let waits: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (wait, least) in waits.iter().zip([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]) {
            assert!((least..=least * 6 / 5 + 100).contains(wait), "{waits:?}");
        }
        assert_eq!(times.len(), 8);
        let ends = stage.ends();
        assert_eq!(ends.len(), 1);
        assert_eq!(ends[0].failure, Some((error(), Consequence::None)));
        assert!(stage.rows(channel).is_empty());
    });
}

#[test]
fn a_refusal_is_final_and_what_stands_behind_it_goes_on() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|sent| if position(sent) == 1 { refused().behind_parts(2) } else { accepted() });
        stage.put(channel, [1, 1, 1]);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(5)).await;
        assert_eq!(stage.sent(), [1, 2, 3]);
        let ends = stage.ends();
        assert_eq!(ends[0].failure, Some((error(), Consequence::WindowClosed)));
        assert_eq!((ends[0].done.len(), ends[0].seq), (2, 1), "with the parts that the provider has");
        assert_eq!(stage.failures(), [1]);
    });
}

#[test]
fn parts_that_the_provider_has_are_not_sent_again() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|sent| if sent.done.is_empty() { retry(Holds::Message, None).behind_parts(2) } else { accepted() });
        stage.put(channel, [1]);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(5)).await;
        let sent = stage.gateway.sent();
        assert_eq!(sent.iter().map(|one| one.done.len()).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(stage.ends()[0].done.len(), 3);
    });
}

#[test]
fn what_may_have_been_sent_is_sent_again_only_where_a_receipt_would_have_told_of_it() {
    story(async {
        for (kind, tries) in [(ChannelKind::Whatsapp, 2), (ChannelKind::Dialpad, 1)] {
            let stage = Stage::set();
            let channel = stage.channel(kind);
            let mut first = true;
            stage.gateway.follow(move |_| if std::mem::take(&mut first) { unknown() } else { accepted() });
            stage.put(channel, [1, 1, 2]);
            stage.node.wake(channel);
            stage.pass_sweeping(Duration::from_secs(29)).await;
            assert_eq!(stage.sent(), [1, 3], "its conversation waits, others do not");
            stage.pass_sweeping(Duration::from_secs(10)).await;
            assert_eq!(stage.sent().iter().filter(|position| **position == 1).count(), tries);
            assert_eq!(*stage.sent().last().expect("all is sent"), 2);
            assert!(stage.times()[2] >= 30_000);
            let doubtful: Vec<bool> = stage.gateway.sent().iter().map(|sent| sent.doubt.is_some()).collect();
            assert_eq!(doubtful, [false, false, tries == 2, false][..doubtful.len()], "the gateway is told which may have been sent");
            if kind == ChannelKind::Dialpad {
                let (error, _) = stage.ends()[1].failure.clone().expect("it has failed");
                assert_eq!(error.title, "it is not known whether the provider has it; send it again by hand if it does not appear");
                assert_eq!(stage.failures(), [1]);
            } else {
                assert!(stage.failures().is_empty());
            }
        }
    });
}

#[test]
fn a_receipt_settles_what_may_have_been_sent() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut first = true;
        stage.gateway.follow(move |_| if std::mem::take(&mut first) { unknown() } else { accepted() });
        stage.put(channel, [1, 1]);
        stage.node.wake(channel);
        stage.pass_sweeping(Duration::from_secs(10)).await;
        assert_eq!(stage.sent(), [1]);
        assert!(stage.dispatches.settle(1, Stage::conversation(1)), "the receipt names it, and its conversation takes it away");
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE * 2).await;
        stage.assert_done(channel, 1..=2);
    });
}

#[test]
fn what_the_provider_has_told_of_is_settled_and_not_sent_again() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut first = true;
        stage.gateway.follow(move |_| if std::mem::take(&mut first) { unknown() } else { accepted() });
        stage.put(channel, [1, 1]);
        stage.node.wake(channel);
        stage.pass_sweeping(Duration::from_secs(10)).await;
        let row = stage.rows(channel)[0].clone();
        stage.dispatches.put(channel, DueDispatch { heard_of: true, ..row.due }, row.due_at);
        stage.pass_sweeping(MINUTE).await;
        stage.assert_done(channel, 1..=2);
        assert!(stage.failures().is_empty());
    });
}

#[test]
fn what_nobody_knows_the_fate_of_is_given_up_at_last() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| unknown());
        stage.put(channel, [1]);
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE * 30).await;
        assert_eq!((stage.sent().len(), stage.failures()), (8, vec![1]));
    });
}

#[test]
fn what_can_never_be_sent_is_settled_without_a_try() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.put(channel, [1, 1]);
        let mut due = stage.rows(channel)[0].due.clone();
        due.outbound = Err(error());
        stage.dispatches.put(channel, due, stage.now());
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(2)).await;
        assert_eq!((stage.sent(), stage.failures()), (vec![2], vec![1]));
    });
}

#[test]
fn what_nobody_hinted_at_is_found_by_the_sweep() {
    story(async {
        let stage = Stage::set();
        let channels: Vec<_> = (0..20).map(|_| stage.channel(ChannelKind::Slack)).collect();
        for channel in &channels {
            stage.put(*channel, [1]);
        }
        assert_eq!(stage.node.sweep(stage.now()).await.expect("sweep"), 20);
        stage.pass(Duration::from_secs(2)).await;
        assert_eq!(stage.sent().len(), 20);
        assert_eq!(stage.node.sweep(stage.now()).await.expect("sweep"), 0);
    });
}

#[test]
fn places_are_shared_and_a_channel_that_hangs_leaves_some_to_others() {
    story(async {
        let stage = Stage::with(|limits| (limits.node_in_flight_max, limits.tenant_in_flight_max) = (64, 16));
        let (hanging, well) = (stage.channel(ChannelKind::Whatsapp), stage.channel(ChannelKind::Whatsapp));
        stage.gateway.follow(move |sent| accepted().after(Duration::from_secs(if sent.line.id == hanging { 50 } else { 0 })));
        stage.put(hanging, 1..=50);
        stage.node.wake(hanging);
        stage.pass(Duration::from_secs(1)).await;
        let before = stage.sent().len();
        assert_eq!(before, 4, "a quarter of what its workspace has");
        stage.put(well, 1..=50);
        stage.node.wake(well);
        stage.pass(Duration::from_secs(5)).await;
        assert_eq!(stage.sent().len() - before, 50);
    });
}

#[test]
fn no_more_than_the_bound_are_awake_and_the_others_come_later() {
    story(async {
        let stage = Stage::with(|limits| limits.awake_max = 5);
        let channels: Vec<_> = (0..12).map(|_| stage.channel(ChannelKind::Whatsapp)).collect();
        for channel in &channels {
            stage.put(*channel, [1]);
            stage.node.wake(*channel);
        }
        assert_eq!((stage.node.observe().awake, stage.node.observe().put_off), (5, 7));
        stage.pass_sweeping(MINUTE).await;
        assert_eq!(stage.sent().len(), 12);
    });
}
