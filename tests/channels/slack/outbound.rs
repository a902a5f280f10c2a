//! What we want done, as calls.

use entities::{
    Action, Address, AddressKind, ChannelKind, Document, MessageId, Outbound, OutboundMessage, SendOutcome,
    outbound::{Choice, MessageExtra, OutboundAuthor},
};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, ProviderCall},
    slack::Slack,
};

use super::{credential, now};

pub const THREAD: &str = "C0SUPPORT01:1760000000.000100";

pub fn message(text: &str) -> OutboundMessage {
    OutboundMessage {
        id: MessageId::new(uuid::Uuid::from_u128(1)),
        content: Document::plain(text),
        text: text.to_owned(),
        media: Vec::new(),
        reply_to: None,
        author: OutboundAuthor { name: None, avatar_url: None, human: true },
        extra: None,
    }
}

pub fn outbound(thread: Option<&str>, what: Action) -> Outbound {
    Outbound {
        channel: ChannelKind::Slack,
        account: "T0EXAMPLE01".to_owned(),
        to: Address { kind: AddressKind::Slack, value: "T0EXAMPLE01/U0CUSTOMER1".to_owned() },
        thread: thread.map(str::to_owned),
        last_inbound_at: None,
        now: now(),
        what,
    }
}

pub fn to_thread(message: OutboundMessage) -> Outbound {
    outbound(Some(THREAD), Action::Send(Box::new(message)))
}

pub fn planned(message: OutboundMessage) -> Vec<ProviderCall> {
    Slack.plan(&credential(), &to_thread(message)).expect("it can be sent")
}

fn planned_in(thread: Option<&str>, what: Action) -> Vec<ProviderCall> {
    Slack.plan(&credential(), &outbound(thread, what)).expect("it can be done")
}

fn refused(what: Action) -> &'static str {
    Slack.plan(&credential(), &outbound(Some(THREAD), what)).unwrap_err().code
}

pub fn body(call: &ProviderCall) -> &Value {
    let Body::Json(body) = &call.body else { panic!("no JSON: {call:?}") };
    body
}

pub fn accepted(id: Option<&str>) -> SendOutcome {
    SendOutcome::Accepted { id: id.map(str::to_owned), delivered: true, also: Vec::new() }
}

#[test]
fn an_answer_is_posted_in_the_thread_with_our_id_and_the_bots_token() {
    let calls = planned(message("Hello & thanks, we are on it."));
    let [call] = &calls[..] else { panic!("one call") };
    assert_eq!((call.method, call.base, call.path.as_str(), call.sends), ("POST", "https://slack.com", "/api/chat.postMessage", true));
    assert_eq!(call.headers, [("authorization", "Bearer xoxb-EXAMPLE".to_owned())]);
    assert_eq!(
        *body(call),
        json!({
            "channel": "C0SUPPORT01", "thread_ts": "1760000000.000100", "text": "Hello &amp; thanks, we are on it.", "unfurl_links": false,
            "metadata": { "event_type": "switchboard_message", "event_payload": { "id": "00000000-0000-0000-0000-000000000001", "part": 1, "parts": 1 } },
        })
    );
}

#[test]
fn the_agents_name_and_picture_go_along() {
    let mut wanted = message("Hello");
    wanted.author = OutboundAuthor {
        name: Some("Alex Agent\u{0}".to_owned()),
        avatar_url: Some("https://desk.example.org/a.png".to_owned()),
        human: true,
    };
    let calls = planned(wanted.clone());
    assert_eq!(
        (&body(&calls[0])["username"], &body(&calls[0])["icon_url"]),
        (&json!("Alex Agent"), &json!("https://desk.example.org/a.png"))
    );
    wanted.author.avatar_url = Some("http://desk.example.org/a.png".to_owned());
    assert_eq!(body(&planned(wanted)[0]).get("icon_url"), None, "Slack shows https pictures alone");
}

#[test]
fn a_direct_message_goes_to_its_channel_and_a_new_one_is_opened_first() {
    let known = planned_in(Some("D0DIRECT001"), Action::Send(Box::new(message("Hi"))));
    assert_eq!((&body(&known[0])["channel"], body(&known[0]).get("thread_ts")), (&json!("D0DIRECT001"), None));

    let new = planned_in(None, Action::Send(Box::new(message("Hi"))));
    let [open, post] = &new[..] else { panic!("two calls") };
    assert_eq!((open.path.as_str(), open.sends, body(open)), ("/api/conversations.open", false, &json!({ "users": "U0CUSTOMER1" })));
    assert_eq!((open.captures[0].name, open.captures[0].pointer), ("slack-direct-channel", "/channel/id"));
    assert_eq!(body(post)["channel"], json!("{slack-direct-channel}"));
}

#[test]
fn a_reply_in_a_direct_message_is_a_thread_that_is_shown_in_the_channel_too() {
    let mut wanted = message("Yes");
    wanted.reply_to = Some("D0DIRECT001:1760000000.000100".to_owned());
    let calls = planned_in(Some("D0DIRECT001"), Action::Send(Box::new(wanted.clone())));
    assert_eq!((&body(&calls[0])["thread_ts"], &body(&calls[0])["reply_broadcast"]), (&json!("1760000000.000100"), &json!(true)));
    let calls = planned(wanted);
    assert_eq!(
        (&body(&calls[0])["thread_ts"], body(&calls[0]).get("reply_broadcast")),
        (&json!("1760000000.000100"), None),
        "a channel's thread is its own"
    );
}

// checklist 18, 20: the pieces of one message in order
#[test]
fn the_pieces_of_a_long_message_are_numbered() {
    let calls = planned(message(&"word ".repeat(1_600)));
    let parts: Vec<_> = calls.iter().map(|call| body(call)["metadata"]["event_payload"].clone()).collect();
    assert_eq!(parts.len(), 3);
    for (index, part) in parts.iter().enumerate() {
        assert_eq!((&part["part"], &part["parts"]), (&json!(index + 1), &json!(3)));
    }
}

fn choice(id: &str, title: &str) -> Choice {
    Choice { id: id.to_owned(), title: title.to_owned(), description: None }
}

#[test]
fn buttons_and_lists_stand_below_the_last_piece_and_their_ids_come_back() {
    let mut wanted = message("Solved?");
    wanted.extra = Some(MessageExtra::Buttons { buttons: vec![choice("yes", "Yes"), choice("no", &"N".repeat(80))] });
    let blocks = body(&planned(wanted.clone())[0])["blocks"].clone();
    assert_eq!(blocks[0], json!({ "type": "section", "text": { "type": "mrkdwn", "text": "Solved?" } }));
    let button = json!({ "type": "button", "action_id": "choice_1", "value": "yes", "text": { "type": "plain_text", "text": "Yes", "emoji": true } });
    assert_eq!((&blocks[1]["type"], &blocks[1]["elements"][0]), (&json!("actions"), &button));
    assert_eq!(blocks[1]["elements"][1]["text"]["text"].as_str().unwrap().chars().count(), 75);

    wanted.extra = Some(MessageExtra::List { button: "Choose".to_owned(), rows: vec![choice("a", "A")] });
    let select = body(&planned(wanted.clone())[0])["blocks"][1]["elements"][0].clone();
    assert_eq!((&select["type"], &select["options"][0]["value"]), (&json!("static_select"), &json!("a")));

    wanted.content = Document::plain(&"word ".repeat(700));
    wanted.text = "word ".repeat(700);
    let calls = planned(wanted);
    assert_eq!(calls.len(), 2, "above buttons stand at most 3,000 characters");
    assert_eq!((body(&calls[0]).get("blocks"), body(&calls[1]).get("blocks").is_some()), (None, true));
}

#[test]
fn what_slack_would_refuse_is_said_before_anything_is_sent() {
    let with = |extra| {
        let mut wanted = message("x");
        wanted.extra = Some(extra);
        refused(Action::Send(Box::new(wanted)))
    };
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![choice("a", "A"); 26] }), "too_many_buttons");
    assert_eq!(with(MessageExtra::Buttons { buttons: Vec::new() }), "too_many_buttons");
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![choice(&"a".repeat(2_001), "A")] }), "choice_too_long");
    assert_eq!(with(MessageExtra::List { button: "b".to_owned(), rows: vec![choice("a", "A"); 101] }), "too_many_rows");
    let template = MessageExtra::Template {
        name: "n".to_owned(),
        language: "en".to_owned(),
        variables: std::collections::BTreeMap::default(),
        components: None,
    };
    assert_eq!(with(template), "unsupported");
    assert_eq!(refused(Action::Send(Box::new(message("")))), "no_text");
    assert_eq!(refused(Action::MarkRead { target: THREAD.to_owned() }), "unsupported");
    assert_eq!(refused(Action::Typing { target: None, on: true }), "unsupported");
    let mut nowhere = outbound(None, Action::Send(Box::new(message("x"))));
    nowhere.to.value = "T0EXAMPLE01/".to_owned();
    assert_eq!(Slack.plan(&credential(), &nowhere).unwrap_err().code, "bad_address");
}

// checklist 29
#[test]
fn a_reaction_replaces_the_one_before_and_is_taken_back_by_name() {
    let target = "D0DIRECT001:1760000190.001200".to_owned();
    let react = |emoji: Option<&str>, previous: Option<&str>| Action::React {
        target: target.clone(),
        emoji: emoji.map(str::to_owned),
        previous: previous.map(str::to_owned),
    };
    let names = |emoji, previous| {
        planned_in(Some("D0DIRECT001"), react(emoji, previous))
            .iter()
            .map(|call| (call.path.clone(), body(call)["name"].as_str().unwrap().to_owned(), call.sends))
            .collect::<Vec<_>>()
    };
    let add = |name: &str| ("/api/reactions.add".to_owned(), name.to_owned(), false);
    let remove = |name: &str| ("/api/reactions.remove".to_owned(), name.to_owned(), false);
    assert_eq!(names(Some("👍"), None), [add("+1")]);
    assert_eq!(names(Some("👍🏼"), None), [add("+1::skin-tone-3")]);
    assert_eq!(names(Some("❤"), Some("👍")), [remove("+1"), add("heart")]);
    assert_eq!(names(None, Some(":our_logo:")), [remove("our_logo")]);
    assert_eq!(names(Some("👍"), Some("👍")), [add("+1")]);
    for (emoji, name) in [("🏅", "sports_medal"), ("🎖️", "medal"), ("☃", "snowman"), ("🤷‍♀️", "woman-shrugging"), ("✅", "white_check_mark")]
    {
        assert_eq!(names(Some(emoji), None), [add(name)]);
    }
    let call = planned_in(None, react(Some("👍"), None)).remove(0);
    assert_eq!((&body(&call)["channel"], &body(&call)["timestamp"]), (&json!("D0DIRECT001"), &json!("1760000190.001200")));
    assert_eq!(refused(react(Some("🫨"), None)), "unknown_emoji");
    assert_eq!(refused(react(None, None)), "unsupported");
    assert_eq!(refused(Action::React { target: "F0NEW000001".to_owned(), emoji: Some("👍".to_owned()), previous: None }), "unsupported");
}

#[test]
fn what_was_sent_can_be_changed_and_taken_back() {
    let target = "D0DIRECT001:1760000190.001200".to_owned();
    let edit = planned_in(None, Action::Edit { target: target.clone(), text: "**better** & <safe>".to_owned() }).remove(0);
    assert_eq!((edit.path.as_str(), edit.sends), ("/api/chat.update", false));
    assert_eq!(*body(&edit), json!({ "channel": "D0DIRECT001", "ts": "1760000190.001200", "text": "*better* &amp; &lt;safe&gt;" }));
    assert_eq!(refused(Action::Edit { target: target.clone(), text: "x".repeat(3_901) }), "text_too_long");
    assert_eq!(refused(Action::Edit { target: target.clone(), text: " ".to_owned() }), "no_text");
    let delete = planned_in(None, Action::Delete { target }).remove(0);
    assert_eq!(
        (delete.path.as_str(), body(&delete)),
        ("/api/chat.delete", &json!({ "channel": "D0DIRECT001", "ts": "1760000190.001200" }))
    );
    let file = planned_in(None, Action::Delete { target: "F0NEW000001".to_owned() }).remove(0);
    assert_eq!((file.path.as_str(), body(&file)), ("/api/files.delete", &json!({ "file": "F0NEW000001" })));
    assert_eq!(refused(Action::Delete { target: "slash:1.2.3".to_owned() }), "unsupported");
}
