//! Stories of read marks, which nothing waits for, and of typing, which takes another way.

use std::time::Duration;

use entities::{Action, ChannelKind, Holds};

use super::stage::{Stage, story};
use crate::{
    channel::Came,
    testing::gateway::{accepted, refused, retry, unknown},
};

fn signals(stage: &Stage) -> Vec<bool> {
    let sent = stage.gateway.sent();
    let of = sent.iter().filter_map(|sent| match sent.outbound.what {
        Action::Typing { on, .. } => Some(on),
        _ => None,
    });
    of.collect()
}

fn came(stage: &Stage) -> Vec<Came> {
    stage.signals.lock().expect("lock").clone()
}

#[test]
fn a_read_mark_that_fails_is_over_and_the_message_behind_it_goes_out_at_once() {
    story(async {
        for failure in [refused(), retry(Holds::Message, None), retry(Holds::Message, Some(60_000)), unknown()] {
            let stage = Stage::set();
            let channel = stage.channel(ChannelKind::Whatsapp);
            stage.gateway.follow(move |sent| match sent.outbound.what {
                Action::MarkRead { .. } => failure.clone(),
                _ => accepted(),
            });
            let mark = stage.mark(channel, 1);
            stage.put(channel, [1]);
            stage.node.wake(channel);
            stage.pass(Duration::from_secs(2)).await;
            assert_eq!((stage.sent(), stage.failures()), (vec![mark, mark + 1], vec![mark]));
            assert!(stage.rows(channel).is_empty() && stage.times()[1] < 1_000);
        }
    });
}

#[test]
fn typing_is_shown_once_and_again_when_it_is_about_to_end() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.meet(channel, 1);
        for _ in 0..10 {
            stage.types(1, true).await;
            stage.pass(Duration::from_secs(3)).await;
        }
        assert_eq!(signals(&stage), [true, true]);
        let sent = stage.gateway.sent();
        let Action::Typing { target, .. } = &sent[0].outbound.what else { panic!("typing") };
        assert_eq!((target.as_deref(), sent[0].outbound.to.value.as_str()), (Some("m-1"), "1"));
        assert_eq!(came(&stage), [Came::Accepted, Came::Accepted]);
        assert_eq!(stage.node.observe().awake, 0, "no actor is needed for it");
    });
}

#[test]
fn a_message_ends_typing_and_the_next_word_shows_it_again() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.meet(channel, 1);
        stage.types(1, true).await;
        stage.put(channel, [1]);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(4)).await;
        stage.types(1, true).await;
        assert_eq!(signals(&stage), [true, true]);
    });
}

#[test]
fn typing_that_fails_is_dropped_and_leaves_the_provider_alone() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Messenger);
        (1..=2).for_each(|number| stage.meet(channel, number));
        stage.gateway.follow(|_| retry(Holds::Channel, Some(5_000)));
        stage.types(1, true).await;
        stage.pass(Duration::from_secs(5)).await;
        stage.types(1, true).await;
        stage.types(2, true).await;
        assert_eq!(signals(&stage), [true], "the provider asked for rest");
        stage.gateway.follow(|_| accepted());
        stage.pass(Duration::from_mins(1)).await;
        for on in [true, false, false] {
            stage.types(2, on).await;
        }
        assert_eq!(signals(&stage), [true, true, false]);
        assert_eq!(came(&stage), [Came::Retry, Came::Retry, Came::Accepted, Came::Accepted]);
        assert!(stage.rows(channel).is_empty() && stage.ends().is_empty(), "nothing was written");
    });
}

#[test]
fn while_a_channel_rests_nobody_is_shown_to_type() {
    story(async {
        let stage = Stage::set();
        let channel = stage.channel(ChannelKind::Whatsapp);
        stage.meet(channel, 1);
        stage.gateway.follow(|_| retry(Holds::Channel, Some(30_000)));
        stage.put(channel, [7]);
        stage.node.wake(channel);
        stage.pass(Duration::from_secs(1)).await;
        stage.types(1, true).await;
        assert_eq!(signals(&stage), [false; 0]);
    });
}

#[test]
fn where_nobody_can_be_shown_to_type_nobody_is() {
    story(async {
        let stage = Stage::set();
        let (sms, gone) = (stage.channel(ChannelKind::Sms), stage.channel(ChannelKind::Whatsapp));
        stage.meet(sms, 1);
        stage.meet(gone, 2);
        stage.dispatches.switch(gone, false);
        for number in [1, 2, 3] {
            stage.types(number, true).await;
        }
        stage.meet(stage.channel(ChannelKind::Whatsapp), 4);
        stage.pass(Duration::from_hours(25)).await;
        stage.types(4, true).await;
        assert_eq!((signals(&stage), came(&stage)), (vec![], vec![]));
    });
}
