//! When an answer may be sent, and when it is refused before anything is.

use entities::{
    ChannelKind, Consequence, Happening, MessageKind, MessageStatus, ProviderError, Receipt, ReceiptStatus, inbound::PreferenceScope,
    outbound::MessageExtra,
};

use super::line::{Line, answer, minutes, party, settled, text};
use crate::conversation::{Command, Post, Rejection, state::Fact};

const DAY: i64 = 24 * 60;

fn post(line: &Line, post: Post) -> Result<(), Rejection> {
    line.clone().decide(&Command::Post(Box::new(post))).map(drop)
}

fn template() -> MessageExtra {
    MessageExtra::Template { name: "hello".to_owned(), language: "en".to_owned(), variables: [].into(), components: None }
}

fn at(kind: ChannelKind, after: i64) -> Line {
    let mut line = Line::begun(kind);
    line.now = minutes(after);
    line
}

#[test]
fn the_window_closes_a_day_after_the_contact_s_last_message() {
    assert_eq!(post(&at(ChannelKind::Whatsapp, DAY - 1), answer("hello", None)), Ok(()));
    assert_eq!(post(&at(ChannelKind::Whatsapp, DAY), answer("hello", None)), Ok(()));
    let late = at(ChannelKind::Whatsapp, DAY + 1);
    let closed = Rejection::WindowClosed { until: minutes(DAY), templates: true };
    assert_eq!(post(&late, answer("hello", None)), Err(closed));
    let note = Post { kind: MessageKind::Note, ..answer("call them", None) };
    assert_eq!(post(&late, note), Ok(()), "a note goes nowhere");
    assert_eq!(post(&at(ChannelKind::Sms, 900 * DAY), answer("hello", None)), Ok(()), "where there is no window");
}

#[test]
fn the_window_counts_from_the_newest_message_by_the_provider_s_clock() {
    let mut line = at(ChannelKind::Whatsapp, DAY + 1);
    line.hears(text("m-3", "newest"), minutes(100));
    line.hears(text("m-2", "older, and later here"), minutes(50));
    assert_eq!((line.remote().last_inbound_at, line.remote().last_inbound_id.as_deref()), (Some(minutes(100)), Some("m-3")));
    assert_eq!(post(&line, answer("hello", None)), Ok(()));
    line.now = minutes(100 + DAY + 1);
    assert!(matches!(post(&line, answer("hello", None)), Err(Rejection::WindowClosed { .. })));
}

#[test]
fn an_approved_template_may_be_sent_where_there_are_templates() {
    let late = |kind| at(kind, DAY + 1);
    assert_eq!(post(&late(ChannelKind::Whatsapp), answer("hello", Some(template()))), Ok(()));
    let mut robot = answer("hello", Some(template()));
    robot.author.kind = entities::AuthorKind::Service;
    assert!(matches!(post(&late(ChannelKind::Messenger), robot), Err(Rejection::WindowClosed { templates: false, .. })));
}

#[test]
fn a_person_may_answer_for_a_week_and_a_robot_for_a_day() {
    let robot = || {
        let mut robot = answer("hello", None);
        robot.author.kind = entities::AuthorKind::Service;
        robot
    };
    for kind in [ChannelKind::Messenger, ChannelKind::Instagram] {
        assert_eq!(post(&at(kind, DAY - 1), robot()), Ok(()));
        assert!(matches!(post(&at(kind, DAY + 1), robot()), Err(Rejection::WindowClosed { .. })));
        assert_eq!(post(&at(kind, DAY + 1), answer("hello", None)), Ok(()));
        assert_eq!(post(&at(kind, 7 * DAY - 1), answer("hello", None)), Ok(()));
        assert!(matches!(post(&at(kind, 7 * DAY + 1), answer("hello", None)), Err(Rejection::WindowClosed { .. })));
    }
}

#[test]
fn who_wants_no_messages_gets_none_until_they_want_some_again() {
    let mut line = at(ChannelKind::Sms, 1);
    let mut says = |wants, scope, minute| {
        line.hears(Happening::Preference { contact: party("dana").address, wants, scope, keyword: None }, minutes(minute));
        post(&line, answer("hello", None))
    };
    assert_eq!(says(false, PreferenceScope::Marketing, 1), Ok(()), "no marketing is not no answers");
    assert_eq!(says(false, PreferenceScope::All, 2), Err(Rejection::OptedOut));
    assert_eq!(says(true, PreferenceScope::All, 4), Ok(()));
    assert_eq!(says(false, PreferenceScope::All, 3), Ok(()), "what was said before, and comes later, does not count");
    assert_eq!(says(false, PreferenceScope::All, 5), Err(Rejection::OptedOut));
}

// sms.md checklist 17
#[test]
fn a_yes_of_somebody_who_has_not_opted_out_changes_nothing() {
    let mut line = at(ChannelKind::Sms, 1);
    let yes = |wants| Happening::Preference { contact: party("dana").address, wants, scope: PreferenceScope::All, keyword: None };
    line.hears(yes(true), minutes(2));
    assert_eq!((line.remote().opted_out, post(&line, answer("hello", None))), (false, Ok(())));
    line.hears(yes(false), minutes(3));
    assert_eq!(post(&line, answer("hello", None)), Err(Rejection::OptedOut));
}

#[test]
fn a_no_to_marketing_that_comes_first_does_not_hide_an_earlier_no_to_everything() {
    let mut line = at(ChannelKind::Sms, 10);
    for (scope, minute) in [(PreferenceScope::Marketing, 5), (PreferenceScope::All, 4)] {
        line.hears(Happening::Preference { contact: party("dana").address, wants: false, scope, keyword: None }, minutes(minute));
    }
    assert!(line.remote().opted_out && line.remote().opted_out_of_marketing);
}

fn closed() -> Happening {
    let error = ProviderError::new("131047", "Re-engagement message");
    Happening::Receipt(Receipt {
        target: "p-1".to_owned(),
        own_id: None,
        status: ReceiptStatus::Failed,
        error: Some(error),
        consequence: Consequence::WindowClosed,
    })
}

/// The fields of a conversation that facts change.
fn changed(facts: &[Fact]) -> Vec<&'static str> {
    let changes =
        facts.iter().filter_map(|fact| if let Fact::Changed { changes, .. } = fact { Some(changes.keys().copied()) } else { None });
    changes.flatten().collect()
}

// whatsapp.md 11.2: an error in a failed status is proof that the window is closed
#[test]
fn a_receipt_that_says_that_the_window_is_closed_closes_it_and_whoever_looks_is_told() {
    let mut line = at(ChannelKind::Whatsapp, 1);
    let seq = line.answers("hello");
    let facts = line.hears_of(seq, closed(), minutes(2));
    assert_eq!((changed(&facts), line.status(seq)), (vec!["reply_until"], MessageStatus::Failed));
    assert!(matches!(post(&line, answer("again", None)), Err(Rejection::WindowClosed { templates: true, .. })));
    assert_eq!(post(&line, answer("hello", Some(template()))), Ok(()));
    assert!(line.hears_of(seq, closed(), minutes(2)).is_empty(), "a repeat tells nothing");
    line.hears(text("m-2", "here I am"), minutes(3));
    assert_eq!(post(&line, answer("again", None)), Ok(()));
}

#[test]
fn a_refusal_that_says_that_the_window_is_closed_is_told_too() {
    let mut line = at(ChannelKind::Whatsapp, 1);
    let seq = line.answers("hello");
    assert_eq!(changed(&line.settles(settled(seq, &[], Some(Consequence::WindowClosed)))), ["reply_until"]);
    let seq = {
        line.hears(text("m-2", "hello"), minutes(3));
        line.now = minutes(4);
        line.answers("hello")
    };
    assert_eq!(changed(&line.settles(settled(seq, &[], Some(Consequence::OptedOut)))), ["opted_out"]);
}

#[test]
fn whether_a_window_is_closed_does_not_depend_on_the_order_of_the_news() {
    for (said, is_open) in [(minutes(1), false), (minutes(3), true)] {
        let ends = [true, false].map(|first| {
            let mut line = at(ChannelKind::Whatsapp, 1);
            let seq = line.answers("hello");
            for now in [first, !first] {
                if now { drop(line.hears(text("m-2", "hello"), said)) } else { drop(line.hears_of(seq, closed(), minutes(2))) }
            }
            line.now = minutes(5);
            post(&line, answer("again", None)).is_ok()
        });
        assert_eq!(ends, [is_open; 2]);
    }
}

#[test]
fn where_there_is_no_window_none_is_closed() {
    let mut line = at(ChannelKind::Sms, 1);
    let seq = line.answers("hello");
    assert!(changed(&line.hears_of(seq, closed(), minutes(2))).is_empty());
    assert_eq!(post(&line, answer("again", None)), Ok(()));
}
