//! What is sent, and what is refused before anything is.

use entities::{
    Action, Address, AddressKind, ChannelKind, Document, InboundMedia, MediaAuth, MessageType, Outbound, OutboundMessage, Timestamp,
    outbound::{Choice, MessageExtra, OutboundAuthor, OutboundMedia},
};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Unsupported},
    call::{Body, MediaCall, ProviderCall},
    messenger::Messenger,
};

use super::{super::whatsapp::credential_with, IG, IGSID, PAGE, PSID, THEN_MS, TOKEN, credential, fixture_json};

const OURS: &str = "019a0000-0000-7000-8000-000000000001";
const MINUTE: i64 = 60 * 1_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(ms * 1_000)
}

fn outbound(what: Action) -> Outbound {
    Outbound {
        channel: ChannelKind::Messenger,
        account: PAGE.to_owned(),
        to: Address { kind: AddressKind::Messenger, value: PSID.to_owned() },
        thread: None,
        last_inbound_at: Some(at(THEN_MS)),
        now: at(THEN_MS + MINUTE),
        what,
    }
}

fn by_instagram(what: Action) -> Outbound {
    let to = Address { kind: AddressKind::Instagram, value: IGSID.to_owned() };
    Outbound { channel: ChannelKind::Instagram, account: IG.to_owned(), to, ..outbound(what) }
}

fn message(text: &str) -> OutboundMessage {
    OutboundMessage {
        id: OURS.parse().unwrap(),
        content: Document::plain(text),
        text: text.to_owned(),
        media: Vec::new(),
        reply_to: None,
        author: OutboundAuthor { name: None, avatar_url: None, human: true },
        extra: None,
    }
}

fn send(message: OutboundMessage) -> Action {
    Action::Send(Box::new(message))
}

fn file(name: &str, mime: &str, size: u64) -> OutboundMedia {
    OutboundMedia {
        id: OURS.parse().unwrap(),
        filename: name.to_owned(),
        mime: mime.to_owned(),
        size,
        url: format!("https://files.example.org/{name}"),
    }
}

fn plan(outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    Messenger.plan(&credential(), outbound)
}

fn bodies(outbound: &Outbound) -> Result<Vec<Value>, &'static str> {
    let calls = plan(outbound).map_err(|refused| refused.code)?;
    Ok(calls.iter().map(json_of).collect())
}

fn json_of(call: &ProviderCall) -> Value {
    match &call.body {
        Body::Json(json) => json.clone(),
        _ => json!("no JSON"),
    }
}

/// A worked example, to which our own id belongs.
fn example(name: &str) -> Value {
    let mut example = fixture_json(name);
    example["message"]["metadata"] = json!(OURS);
    example
}

fn buttons(count: usize, title: &str) -> MessageExtra {
    let choice = |n| Choice { id: format!("id-{n}"), title: title.to_owned(), description: None };
    MessageExtra::Buttons { buttons: (0..count).map(choice).collect() }
}

#[test]
fn a_text_goes_out_as_in_the_worked_example() {
    let calls = plan(&outbound(send(message("Hi! How can we help?")))).unwrap();
    assert_eq!((calls.len(), json_of(&calls[0])), (1, example("send_text")));
    assert_eq!((calls[0].method, calls[0].base, calls[0].sends), ("POST", "https://graph.facebook.com", true));
    assert_eq!(
        calls[0].path,
        "/v25.0/110000000000001/messages?appsecret_proof=321cc61ee03b2d502f4fc19a51f769aa57adbbd7575ad3df11b9657865e11bd3"
    );
    assert_eq!(calls[0].headers, [("authorization", format!("Bearer {TOKEN}"))]);
}

#[test]
fn an_answer_quotes_as_in_the_worked_example_and_only_in_its_first_part() {
    let quoting =
        |text: &str| bodies(&outbound(send(OutboundMessage { reply_to: Some("m_TheirMessage".to_owned()), ..message(text) }))).unwrap();
    assert_eq!(quoting("about this one"), [example("send_reply")]);
    let parts = quoting(&"a ".repeat(1_500));
    assert_eq!((&parts[0]["reply_to"]["mid"], &parts[1]["reply_to"]), (&json!("m_TheirMessage"), &Value::Null));
}

// checklist 23
#[test]
fn the_window_and_the_author_decide_under_what_a_message_goes_out() {
    let sent = |after: i64, human: bool| {
        let author = OutboundAuthor { name: None, avatar_url: None, human };
        let message = send(OutboundMessage { author, ..message("Sorry for the delay, here is the answer.") });
        bodies(&Outbound { now: at(THEN_MS + after), ..outbound(message) }).map(|mut bodies| bodies.remove(0))
    };
    let tag = |body: Result<Value, &'static str>| {
        body.map(|body| (body["messaging_type"].as_str().unwrap().to_owned(), body["tag"].as_str().map(ToOwned::to_owned)))
    };
    let response = || Ok(("RESPONSE".to_owned(), None));
    assert_eq!(tag(sent(DAY - MINUTE, true)), response());
    assert_eq!(tag(sent(DAY - MINUTE, false)), response());
    assert_eq!(tag(sent(DAY, false)), response());
    assert_eq!(sent(DAY + MINUTE, true), Ok(example("send_human_agent")));
    assert_eq!(tag(sent(DAY + MINUTE, false)), Err("window_closed"));
    assert_eq!(sent(7 * DAY, true), Ok(example("send_human_agent")));
    assert_eq!(tag(sent(7 * DAY + MINUTE, true)), Err("window_closed"));
    let never = Outbound { last_inbound_at: None, ..outbound(send(message("a"))) };
    assert_eq!(bodies(&never), Err("window_closed"));
}

// checklist 23
#[test]
fn without_the_permission_nobody_answers_after_24_hours() {
    for (setting, taken) in [("off", false), (" No ", false), ("false", false), ("on", true), ("", true)] {
        let credential = credential_with(&[("page_access_token", "t"), ("human_agent", setting)]);
        let late = Outbound { now: at(THEN_MS + DAY + MINUTE), ..outbound(send(message("a"))) };
        assert_eq!(Messenger.plan(&credential, &late).is_ok(), taken, "{setting}");
    }
}

// checklist 24
#[test]
fn the_dead_tags_cannot_be_asked_for() {
    for name in ["CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE", "HUMAN_AGENT"] {
        let extra = MessageExtra::Template {
            name: name.to_owned(),
            language: "en_US".to_owned(),
            variables: std::collections::BTreeMap::new(),
            components: None,
        };
        assert_eq!(bodies(&outbound(send(OutboundMessage { extra: Some(extra), ..message("a") }))), Err("unsupported"), "{name}");
    }
}

// checklist 25
#[test]
fn messenger_takes_2000_utf_16_units() {
    let parts = |text: String| {
        bodies(&outbound(send(message(&text)))).unwrap().iter().map(|body| body["message"]["text"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(parts("a".repeat(2_000)).len(), 1);
    assert_eq!(parts("a".repeat(2_001)), [json!("a".repeat(2_000)), json!("a")]);
    assert_eq!(parts("😀".repeat(1_000)).len(), 1);
    assert_eq!(parts("😀".repeat(1_001)), [json!("😀".repeat(1_000)), json!("😀")]);
}

// checklist 25
#[test]
fn instagram_takes_1000_bytes() {
    let parts = |text: String| bodies(&by_instagram(send(message(&text)))).unwrap().len();
    assert_eq!(parts("ü".repeat(500)), 1);
    assert_eq!(parts("ü".repeat(501)), 2);
    assert_eq!(parts("a".repeat(1_001)), 2);
}

// checklist 26
#[test]
fn files_go_first_then_the_text_with_the_quick_replies_on_the_last() {
    let choice = |title: &str, id: &str| Choice { id: id.to_owned(), title: title.to_owned(), description: None };
    let extra = MessageExtra::Buttons { buttons: vec![choice("Red", "COLOR_RED"), choice("Blue", "COLOR_BLUE")] };
    let media = vec![file("a.jpg", "image/jpeg", 9), file("b.png", "image/png", 9)];
    let sent = bodies(&outbound(send(OutboundMessage { media, extra: Some(extra), ..message("Pick one") }))).unwrap();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0], example("send_image"));
    assert_eq!(sent[1]["message"]["attachment"]["payload"]["url"], "https://files.example.org/b.png");
    assert_eq!(sent[2], example("send_quick_replies"));
    assert!(sent[..2].iter().all(|body| body["message"].get("quick_replies").is_none()));
}

#[test]
fn quick_replies_may_stand_below_a_file() {
    let with = OutboundMessage { media: vec![file("a.jpg", "image/jpeg", 9)], extra: Some(buttons(1, "Yes")), ..message("") };
    let sent = bodies(&outbound(send(with))).unwrap();
    assert_eq!((sent.len(), sent[0]["message"]["quick_replies"].as_array().unwrap().len()), (1, 1));
}

#[test]
fn a_list_is_cards_with_a_button_each() {
    let row = |id: &str, description: Option<&str>| Choice {
        id: id.to_owned(),
        title: "Blue chair".to_owned(),
        description: description.map(ToOwned::to_owned),
    };
    let extra = MessageExtra::List { button: "Buy".to_owned(), rows: vec![row("BUY_1", Some("EUR 49")), row("BUY_2", None)] };
    let sent = bodies(&outbound(send(OutboundMessage { extra: Some(extra), ..message("Chairs") }))).unwrap();
    assert_eq!(sent[0]["message"]["text"], "Chairs");
    let mut expected = fixture_json("send_generic_template")["message"]["attachment"]["payload"]["elements"][0].clone();
    expected.as_object_mut().unwrap().remove("image_url");
    assert_eq!(sent[1]["message"]["attachment"]["payload"]["elements"][0], expected);
    assert_eq!(sent[1]["message"]["attachment"]["payload"]["template_type"], "generic");
}

#[test]
fn what_is_over_the_limits_is_refused_before_it_is_sent() {
    let with = |extra| bodies(&outbound(send(OutboundMessage { extra: Some(extra), ..message("well?") }))).map(|sent| sent.len());
    assert_eq!(with(buttons(13, &"a".repeat(20))), Ok(1));
    assert_eq!(with(buttons(14, "a")), Err("too_many_buttons"));
    assert_eq!(with(buttons(1, &"a".repeat(21))), Err("title_too_long"));
    assert_eq!(with(buttons(0, "a")), Err("empty"));
    let one = |id: &str, title: &str| Choice { id: id.to_owned(), title: title.to_owned(), description: Some("d".repeat(100)) };
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![one(&"i".repeat(1_001), "a")] }), Err("id_too_long"));
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![one("i", "a"), one("i", "b")] }), Err("id_repeated"));
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![one("i", " ")] }), Err("empty"));
    let list = |rows: Vec<Choice>| with(MessageExtra::List { button: "Buy".to_owned(), rows });
    assert_eq!(list((0..10).map(|n| one(&n.to_string(), &"a".repeat(80))).collect()), Ok(2));
    assert_eq!(list((0..11).map(|n| one(&n.to_string(), "a")).collect()), Err("too_many_buttons"));
    assert_eq!(list(vec![one("i", &"a".repeat(81))]), Err("title_too_long"));
    assert_eq!(bodies(&outbound(send(OutboundMessage { extra: Some(buttons(1, "a")), ..message(" ") }))), Err("empty"));
    assert_eq!(bodies(&outbound(send(message("  ")))), Err("empty"));
}

#[test]
fn a_file_goes_as_what_its_type_and_size_allow() {
    let mib = 1_024 * 1_024;
    let sent = |outbound: fn(Action) -> Outbound, mime: &str, size: u64| {
        let bodies = bodies(&outbound(send(OutboundMessage { media: vec![file("f", mime, size)], ..message("") })));
        bodies.map(|bodies| bodies[0]["message"]["attachment"]["type"].as_str().unwrap().to_owned())
    };
    for (mime, size, kind) in [
        ("image/jpeg", 8 * mib, Ok("image")),
        ("image/jpeg", 8 * mib + 1, Ok("file")),
        ("image/webp", 9, Ok("file")),
        ("audio/ogg", 25 * mib, Ok("audio")),
        ("video/mp4", 9, Ok("video")),
        ("text/plain", 9, Ok("file")),
        ("text/plain", 25 * mib + 1, Err("file_too_large")),
    ] {
        assert_eq!(sent(outbound, mime, size), kind.map(ToOwned::to_owned), "{mime}");
    }
    for (mime, size, kind) in [
        ("image/png", 8 * mib, Ok("image")),
        ("image/png", 8 * mib + 1, Err("file_too_large")),
        ("image/gif", 9, Err("file_type")),
        ("audio/mp4", 9, Ok("audio")),
        ("audio/ogg", 9, Err("file_type")),
        ("video/quicktime", 25 * mib + 1, Err("file_too_large")),
        ("application/pdf", 9, Ok("file")),
        ("text/plain", 9, Err("file_type")),
    ] {
        assert_eq!(sent(by_instagram, mime, size), kind.map(ToOwned::to_owned), "{mime}");
    }
    let many = OutboundMessage { media: vec![file("f", "image/png", 1); 11], ..message("") };
    assert_eq!(bodies(&outbound(send(many))), Err("too_many_files"));
}

#[test]
fn a_file_that_meta_cannot_fetch_is_uploaded_and_sent_by_its_id() {
    let mut local = file("a.jpg", "image/jpeg", 9);
    local.url = "http://127.0.0.1:8080/files/a.jpg".to_owned();
    let calls = plan(&outbound(send(OutboundMessage { media: vec![local], ..message("look") }))).unwrap();
    let shape: Vec<_> = calls.iter().map(|call| (call.purpose, call.sends)).collect();
    assert_eq!(shape, [("upload", false), ("send", true), ("send", true)]);
    assert!(calls[0].path.starts_with("/v25.0/110000000000001/message_attachments?"));
    assert_eq!((calls[0].captures[0].name, calls[0].captures[0].pointer), ("fb_file_1", "/attachment_id"));
    let Body::Multipart { fields, file_field, .. } = &calls[0].body else { panic!("no upload") };
    assert_eq!((fields[0].0, *file_field), ("message", "filedata"));
    assert_eq!(json_of(&calls[1])["message"]["attachment"], json!({"type": "image", "payload": {"attachment_id": "{fb_file_1}"}}));
}

#[test]
fn sender_actions_stand_alone() {
    let one = |what| plan(&outbound(what)).unwrap().remove(0);
    let typing = one(Action::Typing { target: None, on: true });
    assert_eq!((json_of(&typing), typing.sends), (fixture_json("sender_action_typing"), false));
    assert_eq!(json_of(&one(Action::Typing { target: None, on: false }))["sender_action"], "typing_off");
    assert_eq!(json_of(&one(Action::MarkRead { target: "m_1".to_owned() }))["sender_action"], "mark_seen");
    let late = Outbound { now: at(THEN_MS + 2 * DAY), ..outbound(Action::Typing { target: None, on: true }) };
    assert!(plan(&late).unwrap().is_empty(), "nobody is shown typing outside the window");
}

#[test]
fn a_reaction_goes_out_as_in_the_worked_example_and_is_taken_back() {
    let react = |emoji: Option<&str>| {
        let what = Action::React { target: "aWdfZAG1faXRlbTox".to_owned(), emoji: emoji.map(ToOwned::to_owned), previous: None };
        bodies(&by_instagram(what)).unwrap().remove(0)
    };
    assert_eq!(react(Some("❤️")), fixture_json("sender_action_react"));
    assert_eq!(react(Some("👍"))["payload"]["reaction"], "like");
    assert_eq!(react(Some("🎉"))["payload"]["reaction"], "🎉");
    let removed = react(None);
    assert_eq!((&removed["sender_action"], &removed["payload"]), (&json!("unreact"), &json!({"message_id": "aWdfZAG1faXRlbTox"})));
    let late = Action::React { target: "m_1".to_owned(), emoji: None, previous: None };
    assert_eq!(bodies(&Outbound { now: at(THEN_MS + 2 * DAY), ..outbound(late) }), Err("window_closed"));
}

#[test]
fn what_was_sent_can_be_neither_changed_nor_taken_back() {
    assert_eq!(bodies(&outbound(Action::Edit { target: "m_1".to_owned(), text: "b".to_owned() })), Err("unsupported"));
    assert_eq!(bodies(&outbound(Action::Delete { target: "m_1".to_owned() })), Err("unsupported"));
}

#[test]
fn instagram_is_sent_by_its_page_or_by_itself() {
    let by_page = plan(&by_instagram(send(message("a")))).unwrap();
    assert!(
        by_page[0].path.starts_with("/v25.0/me/messages?") && by_page[0].base == "https://graph.facebook.com",
        "the page's token says which"
    );
    let mut own = credential_with(&[("page_access_token", "t")]);
    own.vendor = Some("instagram".to_owned());
    let by_itself = Messenger.plan(&own, &by_instagram(send(message("a")))).unwrap();
    assert_eq!((by_itself[0].base, by_itself[0].path.as_str()), ("https://graph.instagram.com", "/v25.0/17841400000000001/messages"));
}

#[test]
fn only_users_of_the_channels_kind_are_written_to() {
    let other = Outbound { to: Address { kind: AddressKind::Instagram, value: IGSID.to_owned() }, ..outbound(send(message("a"))) };
    assert_eq!(bodies(&other), Err("address"));
    let without_token = Messenger.plan(&credential_with(&[]), &outbound(send(message("a"))));
    assert_eq!(without_token.unwrap_err().code, "not_connected");
}

// checklist 30
#[test]
fn a_file_is_fetched_in_one_step_without_a_token_from_metas_hosts() {
    let media = InboundMedia {
        kind: MessageType::Image,
        id: None,
        url: Some("https://scontent.xx.fbcdn.net/v/a.jpg".to_owned()),
        mime: None,
        filename: None,
        size: None,
        sha256: None,
        auth: MediaAuth::None,
        expires_at: None,
    };
    let MediaCall::Direct(source) = Messenger.media(&credential(), &media).unwrap() else { panic!("two steps") };
    assert_eq!((source.url.as_str(), source.headers.len()), ("https://scontent.xx.fbcdn.net/v/a.jpg", 0));
    assert_eq!(source.trusted_hosts, ["*.fbcdn.net", "*.fbsbx.com", "*.cdninstagram.com"]);
    assert_eq!(Messenger.media(&credential(), &InboundMedia { url: None, ..media }).unwrap_err().code, "file_gone");
}
