//! Stories of providers that ask for rest: for a channel, for a contact, or until somebody does something.

use std::time::Duration;

use entities::{ChannelKind, Holds};

use super::{
    MINUTE,
    stage::{Stage, position, story},
};
use crate::testing::gateway::{accepted, halted, retry};

#[test]
fn a_channel_that_is_held_up_sends_nothing_and_others_go_on() {
    story(async {
        let stage = Stage::set();
        let (held, other) = (stage.channel(ChannelKind::Whatsapp), stage.channel(ChannelKind::Whatsapp));
        let mut first = true;
        stage.gateway.follow(move |sent| {
            let hold = sent.line.id == held && std::mem::take(&mut first);
            if hold { retry(Holds::Channel, Some(40_000)) } else { accepted().after(Duration::from_millis(100)) }
        });
        stage.put(held, 1..=20);
        stage.node.wake(held);
        stage.pass_sweeping(Duration::from_secs(5)).await;
        let before = stage.sent().len();
        assert!(before <= 8, "those that were under way already: {before}");
        stage.put(held, 21..=22);
        stage.put(other, [1]);
        stage.node.wake(held);
        stage.node.wake(other);
        stage.pass_sweeping(Duration::from_secs(30)).await;
        assert_eq!(stage.sent().len(), before + 1, "the other's alone");
        let holder = stage.dispatches.lease(held).expect("it keeps the lease: nobody else knows of the rest");
        assert!(holder.1 > stage.now());
        stage.pass_sweeping(MINUTE).await;
        let times = stage.times();
        assert!(times[before + 1..].iter().all(|ms| *ms >= 40_000), "{times:?}");
        assert_eq!((stage.ends().len(), stage.failures()), (23, vec![]));
        assert_eq!(stage.node.observe().awake, 0);
    });
}

#[test]
fn a_long_rest_is_kept_by_one_that_stays_awake_under_its_lease() {
    story(async {
        let stage = Stage::set();
        let other = stage.another_node(stage.dispatches.clone());
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut first = true;
        stage.gateway.follow(move |_| if std::mem::take(&mut first) { retry(Holds::Channel, Some(1_800_000)) } else { accepted() });
        stage.put(channel, [1]);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(1)).await;
        stage.put(channel, 2..=3);
        for _ in 0..29 {
            stage.pass_sweeping(MINUTE).await;
            other.sweep(stage.now()).await.expect("sweep");
            other.wake(channel);
        }
        assert_eq!(stage.sent(), [1]);
        assert!(
            stage.dispatches.calls().claims < 29 * 7,
            "few renewals, the other's vain asking counted: {}",
            stage.dispatches.calls().claims
        );
        stage.pass_sweeping(MINUTE * 2).await;
        assert_eq!((stage.sent().len(), stage.failures()), (4, vec![]));
        assert!(stage.times()[1] >= 1_800_000);
    });
}

#[test]
fn after_a_rest_one_goes_first_and_each_rest_is_longer() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut refusals = 0;
        stage.gateway.follow(move |_| {
            refusals += 1;
            let answer = if refusals <= 12 { retry(Holds::Channel, None) } else { accepted() };
            answer.after(Duration::from_millis(20))
        });
        stage.put(channel, 1..=40);
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE * 3).await;
        let times = stage.times();
        let rests: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).filter(|wait| *wait >= 500).collect();
        assert_eq!(rests.len(), 5, "eight at once count as one: {rests:?}");
        for (rest, least) in rests.iter().zip([1_000, 2_000, 4_000, 8_000, 16_000]) {
            assert!((least..=least * 6 / 5 + 500).contains(rest), "{rests:?}");
        }
        assert_eq!((stage.ends().len(), stage.failures()), (40, vec![]));
    });
}

#[test]
fn a_contact_that_is_held_up_waits_by_powers_of_four_and_nobody_else_does() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|sent| if sent.outbound.to.value == "1" { retry(Holds::Contact, None) } else { accepted() });
        stage.put(channel, [1, 2, 3, 1]);
        let elsewhere = stage.put_to(channel, 9, "1");
        stage.node.wake(channel);
        stage.pass_sweeping(Duration::from_millis(900)).await;
        let mut sent = stage.sent();
        sent.retain(|position| *position != elsewhere);
        sent.sort_unstable();
        assert_eq!(sent, [1, 2, 3], "another message of the contact waits, in whatever conversation, if it was not under way");
        stage.pass_sweeping(MINUTE * 2).await;
        let sent = stage.gateway.sent();
        let of: Vec<_> = sent.iter().filter(|one| position(one) == 1).map(|one| one.at).collect();
        let waits: Vec<i64> = of.windows(2).map(|pair| pair[1].ms_since(pair[0])).collect();
        assert_eq!(waits.len(), 4, "{waits:?}");
        for (wait, least) in waits.iter().zip([1_000, 4_000, 16_000, 64_000]) {
            // A hold that the other message brought about may come on top.
            assert!((least..=least * 5).contains(wait), "{waits:?}");
        }
    });
}

#[test]
fn a_contact_s_rest_is_kept_for_its_other_conversations_and_outlives_the_actor() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Slack);
        let mut first = true;
        stage.gateway.follow(move |_| if std::mem::take(&mut first) { retry(Holds::Contact, Some(300_000)) } else { accepted() });
        stage.put_to(channel, 1, "U1");
        stage.put_to(channel, 2, "U1");
        stage.put_to(channel, 3, "U2");
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE).await;
        assert_eq!(stage.sent(), [1, 3]);
        assert_eq!(stage.node.observe().awake, 0, "it is written in the rows");
        stage.pass_sweeping(MINUTE * 5).await;
        assert_eq!(stage.sent()[2..], [1, 2]);
        assert!(stage.times()[2] >= 300_000);
    });
}

#[test]
fn a_message_s_rest_is_its_conversation_s() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut first = true;
        stage.gateway.follow(move |_| if std::mem::take(&mut first) { retry(Holds::Message, Some(20_000)) } else { accepted() });
        stage.put_to(channel, 1, "same");
        stage.put_to(channel, 1, "same");
        stage.put_to(channel, 2, "same");
        stage.node.wake(channel);
        stage.pass_sweeping(Duration::from_secs(19)).await;
        assert_eq!(stage.sent(), [1, 3]);
        stage.pass_sweeping(Duration::from_secs(5)).await;
        assert_eq!(stage.sent(), [1, 3, 1, 2]);
    });
}

#[test]
fn a_channel_that_cannot_send_stops_keeps_its_queue_and_goes_on_when_it_is_connected_again() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        let mut count = 0;
        stage.gateway.follow(move |_| {
            count += 1;
            let answer = if count > 3 { halted() } else { accepted() };
            answer.after(Duration::from_millis(count))
        });
        stage.put(channel, 1..=20);
        stage.node.wake(channel);
        stage.pass_sweeping(MINUTE).await;
        assert_eq!(stage.dispatches.disconnected(channel).as_deref(), Some("out of order (1); reconnect the number"));
        assert_eq!(stage.dispatches.told(stage.tenant_id), 1, "once, however many were under way");
        let (sent, rows) = (stage.sent().len(), stage.rows(channel));
        assert!(sent <= 11, "{sent}");
        assert_eq!((stage.ends().len(), rows.len()), (3, 17));
        assert!(rows.iter().all(|row| row.due.tries == 0 && row.due.state == crate::port::DispatchState::Pending));
        assert_eq!((stage.node.observe().awake, stage.dispatches.lease(channel)), (0, None));
        stage.gateway.follow(|_| accepted());
        stage.dispatches.switch(channel, true);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(5)).await;
        assert_eq!((stage.ends().len(), stage.failures()), (20, vec![]));
        assert!(stage.rows(channel).is_empty());
    });
}

#[test]
fn a_channel_that_its_owner_disconnects_begins_nothing_more_and_ends_what_is_under_way() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.gateway.follow(|_| accepted().after(Duration::from_secs(25)));
        stage.put(channel, 1..=50);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(1)).await;
        stage.dispatches.switch(channel, false);
        stage.pass_sweeping(MINUTE * 5).await;
        let sent = stage.sent().len();
        assert!(sent <= 16, "{sent}: what was under way, and what was begun before the lease was to be renewed");
        assert_eq!((stage.ends().len(), stage.rows(channel).len()), (sent, 50 - sent));
        assert!(stage.rows(channel).iter().all(|row| row.due.tries == 0));
        assert_eq!((stage.node.observe().awake, stage.node.observe().in_flight), (0, 0));
    });
}
