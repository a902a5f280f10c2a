//! What is sent, and what is refused before anything is.

use std::collections::BTreeMap;

use entities::{
    Action, AttachmentId, ChannelKind, Document, InboundMedia, MediaAuth, MessageId, MessageType, Outbound, OutboundMessage,
    outbound::{Choice, MessageExtra, OutboundAuthor, OutboundMedia},
};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Unsupported},
    call::{Body, MediaCall, ProviderCall},
    whatsapp::Whatsapp,
};

use super::{NUMBER, THEN, credential, credential_with, fixture_json, phone, seconds, whatsapp};

const OURS: &str = "019a0000-0000-7000-8000-000000000001";
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

fn outbound(what: Action) -> Outbound {
    Outbound {
        channel: ChannelKind::Whatsapp,
        account: NUMBER.to_owned(),
        to: whatsapp("15550109999"),
        thread: None,
        last_inbound_at: Some(seconds(THEN)),
        now: seconds(THEN + MINUTE),
        what,
    }
}

fn message(text: &str) -> OutboundMessage {
    OutboundMessage {
        id: OURS.parse::<MessageId>().unwrap(),
        content: Document::plain(text),
        text: text.to_owned(),
        media: Vec::new(),
        reply_to: None,
        author: OutboundAuthor { name: Some("Ada".to_owned()), avatar_url: None, human: true },
        extra: None,
    }
}

fn file(name: &str, mime: &str, size: u64) -> OutboundMedia {
    let id: AttachmentId = OURS.parse().unwrap();
    OutboundMedia { id, filename: name.to_owned(), mime: mime.to_owned(), size, url: format!("https://files.example.org/{name}") }
}

fn plan(outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    Whatsapp.plan(&credential(), outbound)
}

fn send(message: OutboundMessage) -> Result<Vec<Value>, &'static str> {
    let calls = plan(&outbound(Action::Send(Box::new(message)))).map_err(|refused| refused.code)?;
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
    example["biz_opaque_callback_data"] = json!(OURS);
    example
}

fn buttons(count: usize, title: &str) -> MessageExtra {
    let choice = |n| Choice { id: format!("id-{n}"), title: title.to_owned(), description: None };
    MessageExtra::Buttons { buttons: (0..count).map(choice).collect() }
}

fn rows(count: usize, title: &str) -> MessageExtra {
    let choice = |n| Choice { id: format!("id-{n}"), title: title.to_owned(), description: None };
    MessageExtra::List { button: "Slots".to_owned(), rows: (0..count).map(choice).collect() }
}

fn template(variables: &[(&str, &str)], components: Option<Value>) -> MessageExtra {
    let variables: BTreeMap<_, _> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    MessageExtra::Template { name: "order_update".to_owned(), language: "en_US".to_owned(), variables, components }
}

#[test]
fn a_text_goes_out_as_in_the_worked_example() {
    let text = OutboundMessage { reply_to: Some("wamid.IN0001".to_owned()), ..message("Hi Dana, yes it is: https://example.org/blue") };
    let calls = plan(&outbound(Action::Send(Box::new(text)))).unwrap();
    assert_eq!(json_of(&calls[0]), example("send_text"));
    assert_eq!((calls.len(), calls[0].method, calls[0].base, calls[0].sends), (1, "POST", "https://graph.facebook.com", true));
    // The worked example of appsecret_proof: secret example-app-secret-01, token EXAMPLE_TOKEN.
    assert_eq!(
        calls[0].path,
        "/v25.0/106000000000001/messages?appsecret_proof=321cc61ee03b2d502f4fc19a51f769aa57adbbd7575ad3df11b9657865e11bd3"
    );
    assert_eq!(calls[0].headers, [("authorization", "Bearer EXAMPLE_TOKEN".to_owned())]);
}

#[test]
fn a_version_of_the_credential_is_spoken_if_it_is_one() {
    for (version, spoken) in [("v26.0", "/v26.0/"), ("", "/v25.0/"), ("v26.0/../x", "/v25.0/"), ("26.0", "/v25.0/")] {
        let credential = credential_with(&[("access_token", "t"), ("graph_version", version)]);
        let calls = Whatsapp.plan(&credential, &outbound(Action::Send(Box::new(message("a"))))).unwrap();
        assert!(calls[0].path.starts_with(spoken) && !calls[0].path.contains("appsecret_proof"), "{version}");
    }
}

#[test]
fn a_user_id_is_a_recipient_and_a_number_is_a_to() {
    let to = |address| plan(&Outbound { to: address, ..outbound(Action::Send(Box::new(message("Hello")))) });
    let by_id = json_of(&to(whatsapp("US.13000000000000000042")).unwrap()[0]);
    assert_eq!((&by_id["recipient"], &by_id["to"]), (&fixture_json("send_to_user_id")["recipient"], &Value::Null));
    assert_eq!(json_of(&to(phone("+15550109999")).unwrap()[0])["to"], "15550109999");
    assert_eq!(to(whatsapp("../me")).unwrap_err().code, "address");
}

// checklist 25
#[test]
fn a_text_of_4096_is_one_message_and_one_more_makes_two_in_order() {
    assert_eq!(send(message(&"a".repeat(4_096))).unwrap().len(), 1);
    let two = send(message(&format!("{}b", "a".repeat(4_096)))).unwrap();
    assert_eq!((two.len(), &two[0]["text"]["body"], &two[1]["text"]["body"]), (2, &json!("a".repeat(4_096)), &json!("b")));
    assert!(two.iter().all(|part| part["biz_opaque_callback_data"] == OURS), "each part names our message");
}

// checklist 25
#[test]
fn an_emoji_at_the_boundary_is_not_broken() {
    let parts = send(message(&format!("{}👩‍👩‍👧‍👦", "a".repeat(4_090)))).unwrap();
    assert_eq!((parts.len(), &parts[1]["text"]["body"]), (2, &json!("👩‍👩‍👧‍👦")));
}

#[test]
fn only_the_first_part_quotes() {
    let parts = send(OutboundMessage { reply_to: Some("wamid.IN1".to_owned()), ..message(&"a ".repeat(4_000)) }).unwrap();
    assert_eq!((&parts[0]["context"]["message_id"], &parts[1]["context"]), (&json!("wamid.IN1"), &Value::Null));
}

// checklist 26
#[test]
fn free_text_goes_out_for_24_hours_and_templates_always() {
    let at = |now: i64, what: Action| plan(&Outbound { now: seconds(THEN + now), ..outbound(what) }).map_err(|refused| refused.code);
    let text = || Action::Send(Box::new(message("a")));
    let template = || Action::Send(Box::new(OutboundMessage { extra: Some(template(&[], None)), ..message("") }));
    let react = || Action::React { target: "wamid.1".to_owned(), emoji: Some("👍".to_owned()), previous: None };
    assert!(at(DAY - MINUTE, text()).is_ok());
    assert!(at(DAY, text()).is_ok());
    assert_eq!(at(DAY + MINUTE, text()), Err("window_closed"));
    assert_eq!(at(DAY + MINUTE, react()), Err("window_closed"));
    assert!(at(DAY + MINUTE, template()).is_ok());
    assert!(at(DAY + MINUTE, Action::MarkRead { target: "wamid.1".to_owned() }).is_ok());
    let never = Outbound { last_inbound_at: None, ..outbound(text()) };
    assert_eq!(plan(&never).unwrap_err().code, "window_closed", "who never wrote has opened no window");
    let never = Outbound { last_inbound_at: None, ..outbound(template()) };
    assert!(plan(&never).is_ok());
}

#[test]
fn reactions_marks_and_typing_go_out_as_in_the_worked_examples() {
    let one = |what| plan(&outbound(what)).unwrap();
    let target = || "wamid.IN0001".to_owned();
    let react = one(Action::React { target: target(), emoji: Some("✅".to_owned()), previous: None });
    assert_eq!((json_of(&react[0]), react[0].sends), (fixture_json("send_reaction"), true));
    let removed = one(Action::React { target: target(), emoji: None, previous: Some("✅".to_owned()) });
    assert_eq!(json_of(&removed[0])["reaction"]["emoji"], "");
    let read = one(Action::MarkRead { target: target() });
    assert_eq!((json_of(&read[0]), read[0].sends), (fixture_json("mark_read"), false));
    let typing = one(Action::Typing { target: Some(target()), on: true });
    assert_eq!((json_of(&typing[0]), typing[0].sends), (fixture_json("typing"), false));
    assert!(one(Action::Typing { target: Some(target()), on: false }).is_empty());
    assert!(one(Action::Typing { target: None, on: true }).is_empty());
}

#[test]
fn what_was_sent_can_be_neither_changed_nor_taken_back() {
    assert_eq!(plan(&outbound(Action::Edit { target: "wamid.1".to_owned(), text: "b".to_owned() })).unwrap_err().code, "unsupported");
    assert_eq!(plan(&outbound(Action::Delete { target: "wamid.1".to_owned() })).unwrap_err().code, "unsupported");
}

#[test]
fn a_document_goes_by_link_with_its_name_and_caption() {
    let mut invoice = file("invoice.pdf", "application/pdf", 9);
    invoice.url = "https://files.example.org/a/inv.pdf".to_owned();
    let sent = send(OutboundMessage { media: vec![invoice], ..message("Invoice 7") }).unwrap();
    assert_eq!(sent, [example("send_document_by_link")]);
}

#[test]
fn a_file_goes_as_what_its_type_and_size_allow() {
    let mib = 1_024 * 1_024;
    for (mime, size, kind) in [
        ("image/jpeg", 5 * mib, "image"),
        ("image/png", 5 * mib + 1, "document"),
        ("image/webp", 10, "document"),
        ("image/gif", 10, "document"),
        ("audio/mpeg", 16 * mib, "audio"),
        ("audio/ogg", 10, "audio"),
        ("audio/ogg; codecs=opus", 10, "audio"),
        ("audio/ogg; codecs=vorbis", 10, "document"),
        ("audio/wav", 10, "document"),
        ("video/mp4", 16 * mib, "video"),
        ("video/3gpp", 16 * mib + 1, "document"),
        ("VIDEO/MP4", 10, "video"),
        ("", 100 * mib, "document"),
    ] {
        let sent = send(OutboundMessage { media: vec![file("f", mime, size)], ..message("") }).unwrap();
        assert_eq!((&sent[0]["type"], &sent[0][kind]["link"]), (&json!(kind), &json!("https://files.example.org/f")), "{mime}");
    }
    assert_eq!(send(OutboundMessage { media: vec![file("f", "a/b", 100 * mib + 1)], ..message("") }), Err("file_too_large"));
    assert_eq!(send(OutboundMessage { media: vec![file("f", "a/b", 1); 11], ..message("") }), Err("too_many_files"));
}

#[test]
fn sound_carries_no_caption_and_a_long_text_goes_by_itself() {
    let kinds = |parts: Vec<Value>| parts.iter().map(|part| part["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let sound = || file("a.mp3", "audio/mpeg", 9);
    let picture = || file("a.jpg", "image/jpeg", 9);
    assert_eq!(kinds(send(OutboundMessage { media: vec![sound()], ..message("listen") }).unwrap()), ["audio", "text"]);
    let both = send(OutboundMessage { media: vec![sound(), picture()], ..message("listen") }).unwrap();
    assert_eq!((both.len(), &both[1]["image"]["caption"]), (2, &json!("listen")));
    assert_eq!(kinds(send(OutboundMessage { media: vec![picture()], ..message(&"a".repeat(1_024)) }).unwrap()), ["image"]);
    assert_eq!(kinds(send(OutboundMessage { media: vec![picture()], ..message(&"a".repeat(1_025)) }).unwrap()), ["image", "text"]);
    let with_buttons = OutboundMessage { media: vec![picture()], extra: Some(buttons(1, "Yes")), ..message("well?") };
    assert_eq!(kinds(send(with_buttons).unwrap()), ["image", "interactive"]);
}

#[test]
fn a_file_that_meta_cannot_fetch_is_uploaded_and_sent_by_its_id() {
    let mut local = file("a.jpg", "image/jpeg", 9);
    local.url = "http://127.0.0.1:8080/files/a.jpg".to_owned();
    let calls = plan(&outbound(Action::Send(Box::new(OutboundMessage { media: vec![local.clone(), local], ..message("look") })))).unwrap();
    let shape: Vec<_> =
        calls.iter().map(|call| (call.purpose, call.sends, call.captures.first().map(|capture| (capture.name, capture.pointer)))).collect();
    assert_eq!(
        shape,
        [
            ("upload", false, Some(("wa_media_1", "/id"))),
            ("send", true, None),
            ("upload", false, Some(("wa_media_2", "/id"))),
            ("send", true, None),
        ]
    );
    let Body::Multipart { fields, file_field, .. } = &calls[0].body else { panic!("no upload") };
    assert_eq!(fields, &[("messaging_product", "whatsapp".to_owned()), ("type", "image/jpeg".to_owned())]);
    assert_eq!(*file_field, "file");
    assert!(calls[0].path.starts_with("/v25.0/106000000000001/media?"));
    assert_eq!(json_of(&calls[1])["image"], json!({"id": "{wa_media_1}", "caption": "look"}));
    assert_eq!(json_of(&calls[3])["image"], json!({"id": "{wa_media_2}"}));
}

#[test]
fn a_picture_that_goes_as_a_document_is_not_uploaded_as_a_picture() {
    for (mime, size, declared) in
        [("image/webp", 9, "application/octet-stream"), ("application/pdf", 9, "application/pdf"), ("image/png", 9, "image/png")]
    {
        let mut local = file("a", mime, size);
        local.url = "http://127.0.0.1:8080/files/a".to_owned();
        let calls = plan(&outbound(Action::Send(Box::new(OutboundMessage { media: vec![local], ..message("") })))).unwrap();
        let Body::Multipart { fields, .. } = &calls[0].body else { panic!("no upload") };
        assert_eq!(fields[1], ("type", declared.to_owned()));
    }
}

#[test]
fn buttons_and_lists_go_out_as_in_the_worked_examples() {
    let choice = |id: &str, title: &str, description: Option<&str>| Choice {
        id: id.to_owned(),
        title: title.to_owned(),
        description: description.map(ToOwned::to_owned),
    };
    let extra = MessageExtra::Buttons { buttons: vec![choice("yes", "Yes", None), choice("no", "No", None)] };
    let sent = send(OutboundMessage { extra: Some(extra), ..message("Shall we ship today?") }).unwrap();
    let mut expected = example("send_buttons");
    for absent in ["header", "footer"] {
        expected["interactive"].as_object_mut().unwrap().remove(absent);
    }
    assert_eq!(sent, [expected]);
    let extra = MessageExtra::List { button: "Slots".to_owned(), rows: vec![choice("slot-3", "Tue 14:00", Some("45 minutes"))] };
    let sent = send(OutboundMessage { extra: Some(extra), ..message("Pick a slot") }).unwrap();
    let mut expected = example("send_list");
    expected["interactive"]["action"]["sections"][0].as_object_mut().unwrap().remove("title");
    assert_eq!(sent, [expected]);
}

// checklist 29
#[test]
fn what_is_over_the_limits_of_buttons_and_lists_is_refused_before_it_is_sent() {
    let with = |extra| send(OutboundMessage { extra: Some(extra), ..message("well?") }).map(|sent| sent.len());
    assert_eq!(with(buttons(3, &"a".repeat(20))), Ok(1));
    assert_eq!(with(buttons(4, "a")), Err("too_many_buttons"));
    assert_eq!(with(buttons(1, &"a".repeat(21))), Err("title_too_long"));
    assert_eq!(with(buttons(0, "a")), Err("empty"));
    assert_eq!(with(buttons(1, " ")), Err("empty"));
    assert_eq!(with(rows(10, &"a".repeat(24))), Ok(1));
    assert_eq!(with(rows(11, "a")), Err("too_many_buttons"));
    assert_eq!(with(rows(1, &"a".repeat(25))), Err("title_too_long"));
    let one = |id: &str| Choice { id: id.to_owned(), title: "a".to_owned(), description: Some("d".repeat(100)) };
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![one(&"i".repeat(257))] }), Err("id_too_long"));
    assert_eq!(with(MessageExtra::List { button: "b".to_owned(), rows: vec![one(&"i".repeat(201))] }), Err("id_too_long"));
    assert_eq!(with(MessageExtra::Buttons { buttons: vec![one("i"), one("i")] }), Err("id_repeated"));
    assert_eq!(with(MessageExtra::List { button: String::new(), rows: vec![one("i")] }), Err("empty"));
    assert_eq!(send(OutboundMessage { extra: Some(buttons(1, "a")), ..message(" ") }), Err("empty"));
}

// checklist 29
#[test]
fn what_is_only_for_show_is_cut() {
    let row = Choice { id: "i".to_owned(), title: "t".to_owned(), description: Some("d".repeat(100)) };
    let sent =
        send(OutboundMessage { extra: Some(MessageExtra::List { button: "b".repeat(30), rows: vec![row] }), ..message("well?") }).unwrap();
    let action = &sent[0]["interactive"]["action"];
    assert_eq!(action["button"], "b".repeat(19) + "…");
    assert_eq!(action["sections"][0]["rows"][0]["description"], "d".repeat(71) + "…");
}

#[test]
fn a_text_too_long_for_buttons_goes_before_them() {
    let sent = send(OutboundMessage { extra: Some(buttons(1, "Yes")), ..message(&"a".repeat(1_030)) }).unwrap();
    let kinds: Vec<_> = sent.iter().map(|part| &part["type"]).collect();
    assert_eq!(kinds, ["text", "interactive"]);
    assert_eq!(sent[1]["interactive"]["body"]["text"], "a".repeat(6));
}

#[test]
fn a_template_goes_out_as_in_the_worked_example() {
    let components = fixture_json("send_template")["template"]["components"].as_array().unwrap().clone();
    let without_body: Vec<_> = components.iter().filter(|part| part["type"] != "body").cloned().collect();
    let extra = template(&[("first_name", "Dana"), ("order", "#42")], Some(json!(without_body)));
    let sent = send(OutboundMessage { extra: Some(extra), ..message("") }).unwrap();
    let mut expected = example("send_template");
    expected["template"]["language"].as_object_mut().unwrap().remove("policy");
    assert_eq!(sent, [expected]);
}

#[test]
fn numbered_variables_stand_in_their_places() {
    let many: Vec<(String, String)> = (1..=11).map(|n| (n.to_string(), format!("v{n}"))).collect();
    let borrowed: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let sent = send(OutboundMessage { extra: Some(template(&borrowed, None)), ..message("") }).unwrap();
    let texts: Vec<_> =
        sent[0]["template"]["components"][0]["parameters"].as_array().unwrap().iter().map(|part| part["text"].clone()).collect();
    assert_eq!(texts, (1..=11).map(|n| json!(format!("v{n}"))).collect::<Vec<_>>());
}

#[test]
fn variables_that_cannot_be_right_are_refused() {
    let with = |variables: &[(&str, &str)], components| {
        send(OutboundMessage { extra: Some(template(variables, components)), ..message("") }).map(|_| ())
    };
    assert_eq!(with(&[], None), Ok(()));
    assert_eq!(with(&[("1", "a"), ("3", "b")], None), Err("template_variables"));
    assert_eq!(with(&[("1", "a"), ("name", "b")], None), Err("template_variables"));
    assert_eq!(with(&[("1", " ")], None), Err("template_variables"));
    assert_eq!(with(&[("1", &"a".repeat(1_025))], None), Err("template_variables"));
    assert_eq!(with(&[("1", "a")], Some(json!([{"type": "body"}]))), Err("template_variables"));
    assert_eq!(with(&[], Some(json!({}))), Err("template"));
    let with_file = OutboundMessage { extra: Some(template(&[], None)), media: vec![file("f", "a/b", 1)], ..message("") };
    assert_eq!(send(with_file), Err("unsupported"));
}

#[test]
fn nothing_is_not_sent() {
    assert_eq!(send(message(" \n ")), Err("empty"));
    let without_token = credential_with(&[("app_secret", "s")]);
    let refused = Whatsapp.plan(&without_token, &outbound(Action::Send(Box::new(message("a"))))).unwrap_err();
    assert_eq!(refused.code, "not_connected");
}

// checklist 23
#[test]
fn a_file_is_fetched_in_two_steps_with_the_token_for_metas_hosts_alone() {
    let media = InboundMedia {
        kind: MessageType::Image,
        id: Some("2754850000000001".to_owned()),
        url: Some("https://lookaside.fbsbx.com/x".to_owned()),
        mime: None,
        filename: None,
        size: None,
        sha256: None,
        auth: MediaAuth::Bearer,
        expires_at: None,
    };
    let MediaCall::Located { call, url, mime, sha256, source } = Whatsapp.media(&credential(), &media).unwrap() else { panic!("one step") };
    assert!(call.path.starts_with("/v25.0/2754850000000001?appsecret_proof="));
    assert_eq!((call.method, call.sends), ("GET", false));
    let answer = fixture_json("media_answer");
    assert!(answer.pointer(url).is_some() && answer.pointer(mime.unwrap()).is_some() && answer.pointer(sha256.unwrap()).is_some());
    assert_eq!(source.trusted_hosts, ["graph.facebook.com", "lookaside.fbsbx.com", "*.fbsbx.com", "*.fbcdn.net"]);
    assert_eq!(source.headers, [("authorization", "Bearer EXAMPLE_TOKEN".to_owned())]);
    assert!(source.html_means_unauthorised);
    let direct = Whatsapp.media(&credential(), &InboundMedia { id: None, ..media.clone() }).unwrap();
    assert!(matches!(direct, MediaCall::Direct(source) if source.url == "https://lookaside.fbsbx.com/x"));
    assert_eq!(Whatsapp.media(&credential(), &InboundMedia { id: None, url: None, ..media }).unwrap_err().code, "file_gone");
}
