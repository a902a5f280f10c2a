//! What providers tell of messages and of what we send: the rules of `state/remote.rs`, on the state alone.

use entities::{
    ChannelKind, Consequence, Happening, InboundMessage, MessageStatus, MessageType, ReceiptStatus, Timestamp, inbound::PreferenceScope,
};
use proptest::prelude::*;

use super::line::{Line, echo, events, minutes, news, opening, party, receipt, settled, start, text, watermark};
use crate::{
    conversation::{Command, Rejection, Settled, state::Fact},
    port::DispatchAction,
};

fn edit(id: &str, said: &str, revision: i64) -> Happening {
    Happening::Edit { message: Box::new(InboundMessage::text(id, party("dana"), said)), revision }
}

fn reaction(who: &str, emoji: Option<&str>) -> Happening {
    Happening::Reaction { target: "p-1".to_owned(), from: party(who), emoji: emoji.map(str::to_owned) }
}

fn deletion() -> Happening {
    Happening::Deletion { target: "p-1".to_owned() }
}

/// Something that happens to one message of ours.
#[derive(Debug, Clone)]
enum Step {
    Settle(Vec<&'static str>),
    Receipt(&'static str, ReceiptStatus),
    Watermark(ReceiptStatus, i64),
    Edit(i64),
    Reaction(&'static str, Option<&'static str>, i64),
    Deletion,
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop::sample::select(vec![
        ReceiptStatus::Accepted,
        ReceiptStatus::Sent,
        ReceiptStatus::Failed,
        ReceiptStatus::Delivered,
        ReceiptStatus::Read,
        ReceiptStatus::Played,
    ]);
    let mark = prop::sample::select(vec![ReceiptStatus::Delivered, ReceiptStatus::Read]);
    prop_oneof![
        2 => Just(Step::Settle(vec!["p-1", "p-2"])),
        6 => (prop::sample::select(vec!["p-1", "p-2", "p-3"]), status).prop_map(|(part, status)| Step::Receipt(part, status)),
        3 => (mark, -2_i64..8).prop_map(|(status, at)| Step::Watermark(status, at)),
        2 => (1_i64..5).prop_map(Step::Edit),
        3 => (prop::sample::select(vec!["dana", "erik"]), prop::sample::select(vec![None, Some("👍"), Some("❤")]), 0_i64..5)
            .prop_map(|(who, emoji, at)| Step::Reaction(who, emoji, at)),
        1 => Just(Step::Deletion),
    ]
}

fn walk(mut line: Line, seq: u64, steps: &[Step]) -> Line {
    for step in steps {
        match step {
            Step::Settle(parts) => drop(line.settles(settled(seq, parts, None))),
            Step::Receipt(part, status) => drop(line.hears_of(seq, receipt(part, *status), start())),
            Step::Watermark(status, at) => drop(line.hears(watermark(*status, minutes(*at)), start())),
            Step::Edit(revision) => drop(line.hears_of(seq, edit("p-1", &format!("text {revision}"), *revision), minutes(*revision))),
            Step::Reaction(who, emoji, at) => drop(line.hears_of(seq, reaction(who, *emoji), minutes(*at))),
            Step::Deletion => drop(line.hears_of(seq, deletion(), minutes(9))),
        }
    }
    line
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn news_of_a_message_ends_the_same_in_any_order_and_told_twice(
        (once, shuffled) in prop::collection::vec(step(), 1..10).prop_flat_map(|steps| {
            let twice: Vec<Step> = steps.iter().chain(&steps).cloned().collect();
            (Just(steps), Just(twice).prop_shuffle())
        })
    ) {
        let mut line = Line::begun(ChannelKind::Whatsapp);
        line.now = minutes(1);
        let seq = line.answers("an answer");
        let (one, other) = (walk(line.clone(), seq, &once), walk(line, seq, &shuffled));
        prop_assert_eq!(one.held(seq), other.held(seq));
        prop_assert_eq!(one.remote(), other.remote());
    }

    #[test]
    fn what_somebody_wants_ends_the_same_in_any_order(
        (once, shuffled) in prop::collection::btree_map(0_i64..20, (any::<bool>(), any::<bool>()), 1..8).prop_flat_map(|said| {
            let steps: Vec<_> = said.into_iter().collect();
            let twice: Vec<_> = steps.iter().chain(&steps).copied().collect();
            (Just(steps), Just(twice).prop_shuffle())
        })
    ) {
        let told = |steps: &[(i64, (bool, bool))]| {
            let mut line = Line::begun(ChannelKind::Whatsapp);
            for (at, (wants, all)) in steps {
                let scope = if *all { PreferenceScope::All } else { PreferenceScope::Marketing };
                line.hears(Happening::Preference { contact: party("dana").address, wants: *wants, scope, keyword: None }, minutes(*at));
            }
            line.remote().clone()
        };
        prop_assert_eq!(told(&once), told(&shuffled));
    }
}

fn sent() -> (Line, u64) {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    line.now = minutes(1);
    let seq = line.answers("an answer");
    (line, seq)
}

#[test]
fn an_answer_is_queued_with_a_dispatch_and_comes_as_far_as_its_last_part() {
    let (mut line, seq) = sent();
    assert_eq!(line.status(seq), MessageStatus::Queued);
    line.settles(settled(seq, &["p-1", "p-2"], None));
    assert_eq!(line.status(seq), MessageStatus::Sent);
    line.hears_of(seq, receipt("p-1", ReceiptStatus::Read), start());
    assert_eq!(line.status(seq), MessageStatus::Sent, "the other part is still under way");
    line.hears_of(seq, receipt("p-2", ReceiptStatus::Delivered), start());
    assert_eq!(line.status(seq), MessageStatus::Delivered);
    line.hears_of(seq, receipt("p-2", ReceiptStatus::Played), start());
    assert_eq!(line.status(seq), MessageStatus::Read);
}

#[test]
fn what_was_delivered_did_not_fail() {
    let (mut line, seq) = sent();
    line.settles(settled(seq, &["p-1"], None));
    line.hears_of(seq, receipt("p-1", ReceiptStatus::Delivered), start());
    assert!(line.hears_of(seq, receipt("p-1", ReceiptStatus::Failed), start()).is_empty());
    assert_eq!((line.status(seq), line.held(seq).message.error), (MessageStatus::Delivered, None));
    let (mut line, seq) = sent();
    line.hears_of(seq, receipt("p-1", ReceiptStatus::Failed), start());
    assert_eq!(line.status(seq), MessageStatus::Failed);
    assert!(line.held(seq).message.error.is_some_and(|why| why.contains("not deliverable")));
    line.hears_of(seq, receipt("p-1", ReceiptStatus::Delivered), start());
    assert_eq!((line.status(seq), line.held(seq).message.error), (MessageStatus::Delivered, None));
}

#[test]
fn a_watermark_counts_before_and_after_the_message_is_settled() {
    let (mut line, seq) = sent();
    line.settles(settled(seq, &["p-1"], None));
    line.hears(watermark(ReceiptStatus::Read, minutes(2)), start());
    assert_eq!(line.status(seq), MessageStatus::Read);
    let (mut line, seq) = sent();
    line.hears(watermark(ReceiptStatus::Delivered, minutes(2)), start());
    assert_eq!(line.status(seq), MessageStatus::Queued, "it is not known to be sent yet");
    line.settles(settled(seq, &["p-1"], None));
    assert_eq!(line.status(seq), MessageStatus::Delivered);
    let (mut line, seq) = sent();
    line.settles(settled(seq, &["p-1"], None));
    line.hears(watermark(ReceiptStatus::Read, start()), start());
    assert_eq!(line.status(seq), MessageStatus::Sent, "what was sent later is not meant");
    assert!(line.hears(watermark(ReceiptStatus::Read, start()), start()).is_empty(), "and once is enough");
}

#[test]
fn a_watermark_does_not_make_a_message_read_that_never_went_out() {
    let (mut line, seq) = sent();
    line.settles(settled(seq, &[], Some(Consequence::None)));
    line.hears(watermark(ReceiptStatus::Read, minutes(5)), start());
    assert_eq!(line.status(seq), MessageStatus::Failed);
    assert!(line.held(seq).message.error.is_some());
}

#[test]
fn a_receipt_that_names_our_own_id_tells_the_provider_s() {
    let (mut line, seq) = sent();
    let own = line.held(seq).message.id.to_string();
    let told = entities::Receipt {
        target: "p-1".to_owned(),
        own_id: Some(own),
        status: ReceiptStatus::Delivered,
        error: None,
        consequence: Consequence::None,
    };
    let facts = line.hears_of(seq, Happening::Receipt(told.clone()), start());
    assert!(facts.iter().any(|fact| matches!(fact, Fact::ProviderIds(ids) if *ids == [("p-1".to_owned(), seq)])), "{facts:?}");
    assert!(line.hears_of(seq, Happening::Receipt(told), start()).is_empty(), "a repeat tells nothing");
    line.settles(settled(seq, &["p-1"], None));
    assert_eq!(line.status(seq), MessageStatus::Delivered, "the answer to the call, which comes later, takes nothing back");
}

#[test]
fn a_message_that_failed_is_sent_again_and_late_news_of_the_first_try_does_not_count() {
    let (mut line, seq) = sent();
    assert_eq!(line.decide(&Command::Resend { seq }).unwrap_err(), Rejection::NotFailed);
    line.settles(settled(seq, &["p-1"], Some(Consequence::None)));
    assert_eq!(line.status(seq), MessageStatus::Failed);
    let facts = line.facts(&Command::Resend { seq });
    assert!(matches!(facts.last(), Some(Fact::Dispatched { action: None, .. })), "{facts:?}");
    assert_eq!((line.status(seq), line.held(seq).message.error), (MessageStatus::Queued, None));
    assert!(line.hears_of(seq, receipt("p-1", ReceiptStatus::Failed), start()).is_empty());
    assert!(line.hears_of(seq, receipt("p-1", ReceiptStatus::Read), start()).is_empty());
    line.settles(Settled { position: 9, ..settled(seq, &["p-2"], None) });
    assert_eq!(line.status(seq), MessageStatus::Sent);
    assert!(line.hears_of(seq, receipt("p-1", ReceiptStatus::Failed), start()).is_empty());
    assert_eq!(line.decide(&Command::Resend { seq: 1 }).unwrap_err(), Rejection::NotFound);
}

#[test]
fn a_settled_dispatch_that_changes_nothing_takes_no_seq() {
    let (mut line, seq) = sent();
    let before = line.state.row.seq;
    let facts = line.settles(Settled { of_message: false, ..settled(seq, &[], None) });
    assert_eq!((events(&facts), line.state.row.seq), (0, before));
    assert!(matches!(facts[..], [Fact::Settled { position: 7 }]), "{facts:?}");
}

#[test]
fn what_a_failure_says_of_the_contact_is_kept_and_the_next_message_refused() {
    let (mut line, seq) = sent();
    line.settles(settled(seq, &[], Some(Consequence::OptedOut)));
    assert!(line.remote().opted_out);
    let refused = line.decide(&Command::Post(Box::new(super::line::answer("again", None))));
    assert_eq!(refused.unwrap_err(), Rejection::OptedOut);
    let (mut line, seq) = sent();
    line.settles(settled(seq, &[], Some(Consequence::WindowClosed)));
    let refused = line.decide(&Command::Post(Box::new(super::line::answer("again", None))));
    assert_eq!(refused.unwrap_err(), Rejection::WindowClosed { until: Timestamp::EPOCH, templates: true });
    line.hears(text("m-2", "still there?"), minutes(2));
    line.answers("now it is open again");
}

#[test]
fn a_reaction_of_ours_is_done_at_the_provider_with_the_one_before() {
    let (mut line, _) = sent();
    let by = super::line::answer("", None).author;
    let react = |emoji: Option<&str>| Command::React { seq: 3, emoji: emoji.map(str::to_owned), by: by.clone() };
    line.facts(&react(Some("👍")));
    line.now = minutes(2);
    let facts = line.facts(&react(None));
    let wished = facts.iter().find_map(|fact| if let Fact::Dispatched { action, .. } = fact { action.clone() } else { None });
    assert_eq!(wished, Some(DispatchAction::React { emoji: None, previous: Some("👍".to_owned()) }));
    assert!(line.held(3).message.reactions.is_empty());
    let mut sms = Line::begun(ChannelKind::Sms);
    assert_eq!(sms.decide(&react(Some("👍"))).unwrap_err(), Rejection::Unsupported);
}

#[test]
fn two_people_in_one_thread_have_each_their_reaction() {
    let mut line = Line::begun(ChannelKind::Slack);
    line.hears_of(3, reaction("dana", Some("👍")), minutes(1));
    line.hears_of(3, reaction("erik", Some("❤")), minutes(2));
    let shown = |line: &Line| {
        let reactions = line.held(3).message.reactions;
        reactions.into_iter().map(|reaction| (reaction.emoji, reaction.author.name.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert_eq!(shown(&line), [("👍".to_owned(), "dana".to_owned()), ("❤".to_owned(), "erik".to_owned())]);
    line.hears_of(3, reaction("dana", None), minutes(3));
    assert_eq!(shown(&line), [("❤".to_owned(), "erik".to_owned())]);
}

#[test]
fn a_reaction_that_is_set_and_taken_back_within_a_second_is_gone_in_either_order() {
    for set_first in [true, false] {
        let mut line = Line::begun(ChannelKind::Whatsapp);
        for set in [set_first, !set_first] {
            line.hears_of(3, reaction("dana", set.then_some("👍")), minutes(1));
        }
        assert!(line.held(3).message.reactions.is_empty());
    }
}

#[test]
fn an_echo_that_overtakes_our_call_is_our_message() {
    let (mut line, seq) = sent();
    let before = line.state.row.seq;
    let facts = line.hears(echo("p-1", "an answer"), minutes(1));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::ProviderIds(ids) if *ids == [("p-1".to_owned(), seq)])), "{facts:?}");
    assert_eq!((line.status(seq), line.state.row.seq), (MessageStatus::Sent, before + 1));
    line.settles(settled(seq, &["p-1"], None));
    assert_eq!((line.status(seq), line.state.row.last_message_seq), (MessageStatus::Sent, seq), "it is there once");
}

#[test]
fn an_echo_of_other_words_or_of_long_ago_is_a_message_of_its_own() {
    for (said, at) in [("other words", minutes(1)), ("an answer", minutes(3))] {
        let (mut line, seq) = sent();
        line.now = at;
        line.hears(echo("p-9", said), at);
        assert_eq!(line.status(seq), MessageStatus::Queued);
        let place = line.state.row.last_message_seq;
        assert!(place > seq);
        let echoed = line.held(place).message;
        assert_eq!((echoed.content_text.as_str(), echoed.status), (said, MessageStatus::Sent), "and it is not sent once more");
    }
}

#[test]
fn an_edit_of_an_unknown_message_is_the_message_and_the_first_words_come_too_late() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    line.hears(edit("m-2", "now", 3), minutes(3));
    let seq = line.state.row.last_message_seq;
    let held = line.held(seq);
    assert_eq!((held.message.content_text.as_str(), held.marks.revision), ("now", Some(3)));
    assert_eq!(held.message.edited_at, Some(minutes(3)));
    assert!(line.hears(text("m-2", "at first"), minutes(1)).is_empty(), "it is known by its id");
    assert!(line.hears_of(seq, edit("m-2", "between", 2), minutes(2)).is_empty());
    line.hears_of(seq, edit("m-2", "at last", 4), minutes(4));
    assert_eq!(line.held(seq).message.content_text, "at last");
}

#[test]
fn a_message_that_comes_behind_its_edit_and_its_deletion_says_what_it_was() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    line.hears(edit("m-2", "now", 3), minutes(3));
    let seq = line.state.row.last_message_seq;
    line.hears_of(seq, deletion(), minutes(4));
    let mut first = InboundMessage::text("m-2", party("dana"), "cannot be shown");
    first.kind = MessageType::Unsupported;
    let first = Happening::Message(Box::new(first));
    line.hears_of(seq, first.clone(), minutes(1));
    let held = line.held(seq).message;
    assert_eq!((held.via.and_then(|via| via.kind), held.content_text.as_str()), (Some(MessageType::Unsupported), ""));
    assert_eq!(held.deleted_at, Some(minutes(4)));
    assert!(line.hears_of(seq, first, minutes(1)).is_empty(), "a repeat changes nothing");
}

#[test]
fn a_deleted_message_keeps_nothing_of_what_it_said() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    line.hears_of(3, deletion(), minutes(1));
    let held = line.held(3).message;
    assert_eq!((held.content_text.as_str(), held.deleted_at, held.attachments.len()), ("", Some(minutes(1)), 0));
    assert!(line.hears_of(3, edit("m-1", "back again", 9), minutes(2)).is_empty());
    assert!(line.hears_of(3, deletion(), minutes(2)).is_empty());
}

#[test]
fn news_of_nothing_begins_nothing() {
    let kind = ChannelKind::Whatsapp;
    let nothing =
        [receipt("p-1", ReceiptStatus::Read), deletion(), reaction("dana", Some("👍")), Happening::Ignored { reason: String::new() }];
    for what in nothing {
        let mut received = news(kind, what, start(), None);
        assert_eq!(begun(&received), Err(Rejection::NotFound));
        received.opening = Some(opening(kind));
        assert_eq!(begun(&received), Err(Rejection::NotFound));
    }
    let mut received = news(kind, text("m-1", "hello"), start(), None);
    assert_eq!(begun(&received), Err(Rejection::NotFound), "a message that does not say where it begins");
    received.opening = Some(opening(kind));
    assert_eq!(begun(&received), Ok(4), "began, a ticket, and the message's two");
    let line = Line::begun(kind);
    assert_eq!((line.remote().last_inbound_at, line.remote().last_inbound_id.as_deref()), (Some(start()), Some("m-1")));
}

fn begun(received: &crate::conversation::Received) -> Result<u64, Rejection> {
    Line::begin(&Command::Receive(Box::new(received.clone())), start()).map(|(_, facts)| events(&facts))
}

#[test]
fn a_blocked_contact_is_heard_no_more_and_what_they_take_back_or_wish_still_counts() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    let seq = line.state.row.last_message_seq;
    let block = |line: &mut Line, blocked: bool| {
        let mut contact = line.state.row.contact.clone();
        contact.blocked = blocked;
        line.facts(&Command::ChangeContact { contact })
    };
    assert_eq!(events(&block(&mut line, true)), 2, "the conversation and its ticket say so, and other nodes learn of it by that");
    assert_eq!(events(&block(&mut line, true)), 0);
    let mut told = |what: Happening, target: Option<u64>| {
        let received = news(ChannelKind::Whatsapp, what, minutes(1), target);
        line.decide(&Command::Receive(Box::new(received))).map(|decision| decision.facts.iter().map(Fact::events).sum::<u64>())
    };
    assert_eq!(told(text("m-2", "hear me"), None).unwrap_err(), Rejection::Blocked);
    assert_eq!(told(edit("m-1", "hear me", 1), Some(seq)).unwrap_err(), Rejection::Blocked);
    assert_eq!(told(edit("m-3", "hear me", 1), None).unwrap_err(), Rejection::Blocked);
    assert_eq!(told(reaction("dana", Some("👍")), Some(seq)).unwrap_err(), Rejection::Blocked);
    assert_eq!(told(deletion(), Some(seq)).expect("taken back"), 1);
    assert!(told(echo("m-4", "from our phone"), None).expect("ours") > 0);
    let mut post = super::line::answer("hear me", None);
    post.author.kind = entities::AuthorKind::Visitor;
    post.direction = entities::Direction::In;
    assert_eq!(line.decide(&Command::Post(Box::new(post))).unwrap_err(), Rejection::Blocked);
    line.answers("we may still write");
    assert_eq!(events(&block(&mut line, false)), 2);
    assert!(!line.hears(text("m-2", "hear me"), minutes(2)).is_empty());
}
