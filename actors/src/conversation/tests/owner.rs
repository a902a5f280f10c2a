//! Who handles a conversation at its provider, and what automation may say meanwhile.

use entities::{
    AuthorKind, ChannelKind, Happening, InboundMessage,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::json;

use super::line::{Line, answer, events, minutes, party, text};
use crate::conversation::{Command, Post, Rejection, state::Fact};

fn handed_to(owner: &str) -> Happening {
    let data = Some(json!({"contact": party("dana").address, "owner": owner, "reason": "asked for a person"}));
    Happening::Channel(ChannelNews { kind: ChannelNewsKind::ThreadControl, detail: "handed over".to_owned(), data })
}

fn standby(id: &str) -> Happening {
    let message = InboundMessage { details: Some(json!({"standby": true})), ..InboundMessage::text(id, party("dana"), "are you open?") };
    Happening::Message(Box::new(message))
}

fn by(line: &Line, kind: AuthorKind) -> Result<(), Rejection> {
    let mut post: Post = answer("hello", None);
    post.author.kind = kind;
    line.clone().decide(&Command::Post(Box::new(post))).map(drop)
}

fn robot(line: &Line) -> Result<(), Rejection> {
    by(line, AuthorKind::Service)
}

// whatsapp.md checklist 36, messenger.md checklist 22
#[test]
fn while_another_sender_handles_the_conversation_a_person_may_answer_and_automation_may_not() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    line.now = minutes(5);
    assert_eq!(robot(&line), Ok(()));
    line.hears(standby("m-2"), minutes(1));
    let place = line.state.row.last_message_seq;
    assert!(line.hears(standby("m-2"), minutes(1)).is_empty(), "it is stored once");
    assert_eq!(line.held(place).message.via.and_then(|via| via.details), Some(json!({"standby": true})));
    assert_eq!((robot(&line), by(&line, AuthorKind::System)), (Err(Rejection::HandledElsewhere), Err(Rejection::HandledElsewhere)));
    assert_eq!(by(&line, AuthorKind::Agent), Ok(()));
    assert!(line.remote().view().handled_elsewhere);
    line.hears(text("m-3", "to you now"), minutes(2));
    assert_eq!(robot(&line), Ok(()), "what comes to us alone is ours");
}

#[test]
fn a_handover_changes_who_handles_it_and_whoever_looks_is_told_once() {
    let mut line = Line::begun(ChannelKind::Messenger);
    line.now = minutes(5);
    let facts = line.hears(handed_to("another"), minutes(1));
    let [Fact::Changed { changes, .. }] = facts.as_slice() else { panic!("{facts:?}") };
    assert_eq!(changes.keys().copied().collect::<Vec<_>>(), ["handled_elsewhere"]);
    assert_eq!(robot(&line), Err(Rejection::HandledElsewhere));
    assert_eq!(events(&line.hears(handed_to("another"), minutes(1))), 0, "a repeat tells nothing");
    line.hears(handed_to("us"), minutes(3));
    assert_eq!(robot(&line), Ok(()));
    assert!(line.hears(handed_to("another"), minutes(2)).is_empty(), "what was before comes too late");
    assert_eq!(robot(&line), Ok(()));
}

#[test]
fn other_news_of_a_channel_says_nothing_of_who_handles_a_conversation() {
    let mut line = Line::begun(ChannelKind::Whatsapp);
    let news = ChannelNews { kind: ChannelNewsKind::Notice, detail: String::new(), data: Some(json!({"owner": "another"})) };
    assert!(line.hears(Happening::Channel(news), minutes(1)).is_empty());
    let asked = ChannelNews { kind: ChannelNewsKind::ThreadControl, detail: String::new(), data: Some(json!({})) };
    assert!(line.hears(Happening::Channel(asked), minutes(1)).is_empty(), "an app that only asks has nothing yet");
}
