//! What was missed, and whether a post was made whose answer was lost: what is asked of Slack's histories, and what is read there.

use entities::{Action, Happening, Receipt, ReceiptStatus, Timestamp};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, ProviderCall, ProviderReply},
    histories::{Asked, Page},
    slack::Slack,
};

use super::{
    answered, credential, credential_with, now,
    outbound::{THREAD, message, outbound},
};

const CHANNEL: &str = "C0SUPPORT01";
const OURS: &str = "00000000-0000-0000-0000-000000000001";

fn form(call: &ProviderCall) -> Vec<String> {
    let Body::Form(pairs) = &call.body else { panic!("no form: {call:?}") };
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

fn asked(subject: &str, cursor: Option<&str>) -> Option<(String, Vec<String>)> {
    let call = Slack.histories().unwrap().ask(&credential(), subject, now(), cursor)?;
    assert!(!call.sends);
    Some((call.path.clone(), form(&call)))
}

fn who() -> ProviderReply {
    answered(200, &[], &json!({"ok": true, "team_id": "T0EXAMPLE01", "user_id": "U0OURBOT001", "bot_id": "B0OURBOT001"}).to_string())
}

fn page_with(credential: &switchboard::channels::credential::Credential, subject: &str, answer: &Value) -> Page {
    let who = who();
    let asked = Asked { account: "T0EXAMPLE01", subject, since: now(), who: &who };
    Slack.histories().unwrap().read(credential, &asked, &answered(200, &[], &answer.to_string()))
}

fn page(subject: &str, messages: &[Value]) -> Page {
    page_with(&credential(), subject, &json!({"ok": true, "messages": messages, "has_more": false}))
}

fn said(ts: &str, text: &str) -> Value {
    json!({"type": "message", "user": "U0CUSTOMER1", "team": "T0EXAMPLE01", "text": text, "ts": ts})
}

fn texts(page: &Page) -> Vec<String> {
    let text = |what: &Happening| match what {
        Happening::Message(message) => message.text.clone(),
        other => format!("{other:?}"),
    };
    page.items.iter().map(|item| text(&item.what)).collect()
}

// checklist 31
#[test]
fn channels_histories_and_threads_are_asked_for_from_an_instant_on_and_behind_a_cursor() {
    let (path, pairs) = asked("", None).unwrap();
    assert_eq!(path, "/api/users.conversations");
    assert_eq!(pairs, ["types=public_channel,private_channel,im", "exclude_archived=true", "limit=200"]);
    let (path, pairs) = asked(CHANNEL, None).unwrap();
    assert_eq!(path, "/api/conversations.history");
    let since = ["oldest=1760000000.000000", "inclusive=true", "include_all_metadata=true", "limit=100"];
    assert_eq!(pairs, [&["channel=C0SUPPORT01"], &since[..]].concat());
    let (path, pairs) = asked(THREAD, Some("bmV4dA==")).unwrap();
    assert_eq!(path, "/api/conversations.replies");
    assert_eq!(pairs, [&["channel=C0SUPPORT01", "ts=1760000000.000100"], &since[..], &["cursor=bmV4dA=="]].concat());
    for other in ["slack:T0EXAMPLE01/U0CUSTOMER1", "a channel", "C0SUPPORT01:yesterday"] {
        assert_eq!(asked(other, None), None, "{other} is nothing that Slack has");
    }
    let histories = Slack.histories().unwrap();
    assert!(histories.is_thread(THREAD) && !histories.is_thread(CHANNEL) && !histories.is_thread(""));
}

// checklist 31
#[test]
fn a_page_of_messages_is_what_their_events_would_have_told_the_oldest_first() {
    let newest_first = [
        json!({"type": "message", "subtype": "channel_join", "user": "U0CUSTOMER1", "text": "has joined", "ts": "1760000050.000000"}),
        said("1760000040.000000", "<@U0OURBOT001> third"),
        said("1760000030.000000", "second"),
        json!({"type": "message", "user": "U0OURBOT001", "bot_id": "B0OURBOT001", "text": "ours", "ts": "1760000020.000000",
               "metadata": {"event_type": "switchboard_message", "event_payload": {"id": OURS, "part": 1, "parts": 1}}}),
        json!({"type": "message", "user": "U0OURBOT001", "bot_id": "B0OURBOT001", "text": "ours without a sign", "ts": "1760000015.000000"}),
        said("1760000010.000000", "first"),
        said("1759999999.999999", "before"),
    ];
    let read = page(CHANNEL, &newest_first);
    let receipt = Receipt {
        target: "C0SUPPORT01:1760000020.000000".to_owned(),
        own_id: Some(OURS.to_owned()),
        status: ReceiptStatus::Delivered,
        error: None,
        consequence: entities::Consequence::None,
    };
    assert_eq!(texts(&read), ["first", &format!("{:?}", Happening::Receipt(receipt)), "second", "third"]);
    let Happening::Message(first) = &read.items[0].what else { panic!("a message") };
    assert_eq!((first.id.as_str(), first.thread.as_deref()), ("C0SUPPORT01:1760000010.000000", Some("C0SUPPORT01:1760000010.000000")));
    assert_eq!(first.party.address.value, "T0EXAMPLE01/U0CUSTOMER1");
    assert_eq!(read.items[0].at, Some(Timestamp::from_micros(1_760_000_010_000_000)));
    assert_eq!((read.further.len(), read.cursor), (0, None));
    let allowing = credential_with(&[("other_bots", "allow")]);
    let again = page_with(&allowing, CHANNEL, &json!({"ok": true, "messages": newest_first}));
    assert_eq!(again.items.len(), 4, "where other bots are let in, our own stays out by its user alone");
}

// checklist 31
#[test]
fn edits_and_stones_are_read_as_such_and_threads_that_were_answered_are_to_be_read() {
    let mut edited = said("1760000010.000000", "corrected");
    edited["edited"] = json!({"user": "U0CUSTOMER1", "ts": "1760000011.000000"});
    let stone = json!({"type": "message", "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT",
                       "ts": "1760000020.000000", "thread_ts": "1760000020.000000", "latest_reply": "1760000021.000000"});
    let mut quiet = said("1760000005.000000", "quiet thread");
    quiet["thread_ts"] = "1760000005.000000".into();
    quiet["latest_reply"] = "1759999000.000000".into();
    let mut reply = said("1760000030.000000", "in a thread");
    reply["thread_ts"] = "1760000020.000000".into();
    let read = page(CHANNEL, &[reply.clone(), stone, edited, quiet]);
    let kinds: Vec<&Happening> = read.items.iter().map(|item| &item.what).collect();
    assert!(matches!(kinds[1], Happening::Edit { message, revision: 1_760_000_011_000_000 } if message.text == "corrected"), "{kinds:?}");
    assert_eq!(kinds[2], &Happening::Deletion { target: "C0SUPPORT01:1760000020.000000".to_owned() });
    assert_eq!(read.further, ["C0SUPPORT01:1760000020.000000"]);
    let thread = page("C0SUPPORT01:1760000020.000000", &[said("1759990000.000000", "the root, of long ago"), reply]);
    assert_eq!((texts(&thread), thread.further.len()), (vec!["in a thread".to_owned()], 0));
}

// checklist 31
#[test]
fn a_list_of_channels_names_them_and_where_it_goes_on() {
    let answer = json!({"ok": true, "channels": [{"id": CHANNEL}, {"id": "D0DIRECT001"}, {"id": "no id"}, {}],
                        "response_metadata": {"next_cursor": "dGVhbTo="}});
    let read = page_with(&credential(), "", &answer);
    assert_eq!((read.further, read.cursor.as_deref()), (vec![CHANNEL.to_owned(), "D0DIRECT001".to_owned()], Some("dGVhbTo=")));
    for none in [json!({"ok": false, "error": "missing_scope"}), json!([]), json!({"messages": {"ts": 1}, "channels": 7})] {
        assert_eq!(page_with(&credential(), "", &none), Page::default());
        assert_eq!(page_with(&credential(), CHANNEL, &none), Page::default());
    }
}

fn planned(thread: Option<&str>) -> Vec<ProviderCall> {
    Slack.plan(&credential(), &outbound(thread, Action::Send(Box::new(message("Hello & welcome"))))).unwrap()
}

fn posted(ts: &str, part: u64, id: &str) -> Value {
    json!({"type": "message", "bot_id": "B0OURBOT001", "text": "other words", "ts": ts,
           "metadata": {"event_type": "switchboard_message", "event_payload": {"id": id, "part": part, "parts": 1}}})
}

// checklist 31
#[test]
fn a_post_whose_answer_was_lost_is_looked_up_by_our_id_in_its_metadata() {
    let call = &planned(Some(THREAD))[0];
    let question = Slack.sent_since(&credential(), call, now()).unwrap();
    assert_eq!((question.path.as_str(), question.sends), ("/api/conversations.replies", false));
    let since = ["oldest=1759999940.000000", "inclusive=true", "include_all_metadata=true", "limit=100"];
    assert_eq!(form(&question), [&["channel=C0SUPPORT01", "ts=1760000000.000100"], &since[..]].concat());
    let direct = &planned(Some("D0DIRECT001"))[0];
    assert_eq!(Slack.sent_since(&credential(), direct, now()).unwrap().path, "/api/conversations.history");

    let read = |messages: &[Value]| Slack.read_sent(call, &answered(200, &[], &json!({"ok": true, "messages": messages}).to_string()));
    let other = "00000000-0000-0000-0000-000000000002";
    let listed = [
        posted("1760000009.000000", 1, OURS),
        posted("1760000008.000000", 2, OURS),
        posted("1760000007.000000", 1, other),
        json!({"type": "message", "bot_id": "B0OURBOT001", "text": "Hello &amp; welcome", "ts": "1760000006.000000"}),
    ];
    assert_eq!(read(&listed), ["C0SUPPORT01:1760000009.000000"], "this part of this message and no other");
    assert_eq!(read(&listed[1..]), ["C0SUPPORT01:1760000006.000000"], "without metadata its words tell");
    assert!(read(&listed[1..3]).is_empty());
    assert!(read(&[said("1760000006.000000", "Hello &amp; welcome")]).is_empty(), "what a person says is not ours");
}

// checklist 31
#[test]
fn what_follows_the_page_is_asked_for_until_there_is_no_cursor() {
    let call = &planned(Some(THREAD))[0];
    let question = Slack.sent_since(&credential(), call, now()).unwrap();
    let reply = |cursor: &str| answered(200, &[], &json!({"ok": true, "response_metadata": {"next_cursor": cursor}}).to_string());
    let second = Slack.sent_further(&question, &reply("a")).unwrap();
    let third = Slack.sent_further(&second, &reply("b")).unwrap();
    assert_eq!(form(&third).last().unwrap(), "cursor=b");
    assert_eq!(form(&third).len(), form(&question).len() + 1);
    assert!(Slack.sent_further(&third, &reply("b")).is_none(), "round in a circle");
    assert!(Slack.sent_further(&third, &reply("")).is_none());
    let opening = planned(None);
    assert_eq!(opening[0].purpose, "conversations.open");
    assert!(Slack.sent_since(&credential(), &opening[0], now()).is_none(), "what opens a channel may be repeated");
    assert!(form(&Slack.sent_since(&credential(), &opening[1], now()).unwrap())[0].contains('{'), "the channel is asked for first");
}
