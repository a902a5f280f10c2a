//! What is odd, missing, repeated, or not what it should be.

use entities::{Direction, Happening, MessageType, ReceiptStatus, Timestamp, inbound::ChannelNewsKind};
use serde_json::{Value, json};
use switchboard::channels::{adapter::Adapter, messenger::Messenger};

use super::{
    super::whatsapp::{credential_with, post},
    MID, PAGE, PSID, THEN_MS, event, fixture_json, notification, parse, said, told_of,
};

fn message(fields: Value) -> Vec<u8> {
    let mut message = json!({"mid": MID});
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    event(json!({"message": message}))
}

fn attached(attachments: Value) -> entities::InboundMessage {
    said(&message(json!({"attachments": attachments})))
}

fn is_ignored(body: &[u8]) -> bool {
    parse(body).iter().all(|told| matches!(told.what, Happening::Ignored { .. }))
}

// checklist 7
#[test]
fn what_has_no_events_is_ignored_and_what_is_no_object_is_unreadable() {
    for body in [
        "{}",
        r#"{"object":"page"}"#,
        r#"{"object":"page","entry":[]}"#,
        r#"{"object":"page","entry":[{"id":"1"}]}"#,
        r#"{"object":"page","entry":[{"messaging":[{}]}]}"#,
        r#"{"object":"page","entry":[null,7,{"id":"1","messaging":[null,7,"x",[]]}]}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"id":"1"}]}"#,
        r#"{"object":"user","entry":[{"id":"1"}]}"#,
    ] {
        assert!(is_ignored(body.as_bytes()), "{body}");
    }
    for body in [&b""[..], b"[]", b"signed_request=a.b", b"{\"object\":"] {
        assert!(Messenger.parse(&super::credential(), &notification(body)).is_err());
    }
}

// checklist 8
#[test]
fn an_event_whose_other_end_is_not_the_entrys_account_is_ignored() {
    let text = json!({"mid": MID, "text": "a"});
    assert!(is_ignored(&event(json!({"recipient": {"id": "110000000000002"}, "message": text}))));
    assert!(is_ignored(&event(json!({"sender": {"id": PAGE}, "message": text}))), "from the account to itself");
    assert!(is_ignored(&event(json!({"sender": null, "message": text}))));
    let echo = json!({"mid": MID, "text": "a", "is_echo": true});
    for (sender, recipient) in [(PSID, PAGE), (PAGE, PAGE), ("110000000000002", PSID)] {
        assert!(
            is_ignored(&event(json!({"sender": {"id": sender}, "recipient": {"id": recipient}, "message": echo}))),
            "{sender} {recipient}"
        );
    }
    assert!(is_ignored(&event(json!({"sender": {"id": PAGE}, "recipient": null, "message": echo}))));
}

// checklist 9
#[test]
fn a_message_that_comes_twice_has_the_same_id_twice() {
    let mut body = fixture_json("text");
    let messages = body["entry"][0]["messaging"].as_array_mut().unwrap();
    messages.push(messages[0].clone());
    let told = parse(body.to_string().as_bytes());
    assert_eq!((told.len(), &told[0]), (2, &told[1]));
}

// checklist 10
#[test]
fn an_echo_is_never_incoming_whoever_sent_it() {
    for (fields, own_id) in [
        (json!({"metadata": "019a0000-0000-7000-8000-000000000001"}), Some("019a0000-0000-7000-8000-000000000001")),
        (json!({"app_id": 263_902_037_430_900_i64}), None),
        (json!({}), None),
    ] {
        let mut echo = json!({"mid": "m_Echo", "text": "a", "is_echo": true});
        echo.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let echo = said(&event(json!({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": echo})));
        assert_eq!((echo.direction, echo.party.address.value.as_str(), echo.own_id.as_deref()), (Direction::Out, PSID, own_id));
    }
}

// checklist 11
#[test]
fn a_watermark_may_be_in_letters_and_a_delivery_may_be_empty() {
    let told = parse(&event(json!({"read": {"watermark": "1759999999623"}})));
    assert!(
        matches!(&told[0].what, Happening::Watermark { status: ReceiptStatus::Read, up_to, .. } if *up_to == Timestamp::from_micros(1_759_999_999_623_000))
    );
    assert!(is_ignored(&event(json!({"delivery": {}}))));
    assert!(is_ignored(&event(json!({"read": {}}))));
    let told = parse(&event(json!({"delivery": {"mids": ["m_1", null, "", 7, "m_2"]}})));
    let named = told.iter().map(|told| match &told.what {
        Happening::Receipt(receipt) => receipt.target.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(named.collect::<Vec<_>>(), ["m_1", "7", "m_2"]);
}

// checklist 13
#[test]
fn reactions_are_added_replaced_and_removed_also_by_word_alone() {
    let reacted = |reaction: Value| {
        let mut whole = reaction;
        whole["mid"] = json!("m_Unknown");
        match parse(&event(json!({"reaction": whole}))).remove(0).what {
            Happening::Reaction { emoji, .. } => Some(emoji),
            _ => None,
        }
    };
    assert_eq!(reacted(json!({"action": "react", "reaction": "other", "emoji": "🎉"})), Some(Some("🎉".to_owned())));
    assert_eq!(reacted(json!({"action": "react", "reaction": "love"})), Some(Some("❤️".to_owned())));
    assert_eq!(reacted(json!({"action": "unreact", "emoji": "🎉"})), Some(None));
    assert_eq!(reacted(json!({"action": "react"})), None);
    assert_eq!(reacted(json!({"action": "something"})), None);
}

// checklist 14
#[test]
fn edits_count_themselves_and_come_with_the_whole_text() {
    for (num_edit, revision) in [(json!(1), 1), (json!("3"), 3), (json!(null), 1)] {
        match parse(&event(json!({"message_edit": {"mid": "m_1", "text": "b", "num_edit": num_edit}}))).remove(0).what {
            Happening::Edit { message, revision: told } => {
                assert_eq!((message.id.as_str(), message.text.as_str(), told), ("m_1", "b", revision));
            }
            other => panic!("{other:?}"),
        }
    }
}

// checklist 15
#[test]
fn what_was_unsent_is_deleted_whoever_sent_it() {
    let deletion = |body: &[u8]| matches!(&parse(body)[0].what, Happening::Deletion { target } if target == MID);
    assert!(deletion(&message(json!({"is_deleted": true, "text": "still here"}))));
    let echo = json!({"mid": MID, "is_deleted": true, "is_echo": true});
    assert!(deletion(&event(json!({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": echo}))));
}

// checklist 16
#[test]
fn a_sticker_in_its_three_historical_forms_is_one_sticker() {
    let form = |kind: &str| json!({"type": kind, "payload": {"url": "https://scontent.xx.fbcdn.net/v/st.png", "sticker_id": 42}});
    for forms in [json!([form("image")]), json!([form("image"), form("sticker")]), json!([form("sticker")])] {
        let message = attached(forms.clone());
        let files: Vec<_> = message.media.iter().map(|file| file.kind).collect();
        assert_eq!((message.kind, files), (MessageType::Sticker, vec![MessageType::Sticker]), "{forms}");
    }
    for id in [369_239_263_222_822_i64, 369_239_343_222_814, 369_239_383_222_810] {
        let message =
            attached(json!([{"type": "sticker", "payload": {"url": "https://scontent.xx.fbcdn.net/v/st.png", "sticker_id": id}}]));
        assert_eq!((message.kind, message.text.as_str(), message.media.len()), (MessageType::Sticker, "👍", 0));
    }
}

// checklist 17
#[test]
fn what_was_shared_is_shown_by_title_or_link_and_never_fetched() {
    for (payload, text) in [
        (json!({"url": "/reel/123/", "title": "A reel"}), "A reel"),
        (json!({"url": "/reel/123/"}), "Shared content"),
        (json!({}), "Shared content"),
        (json!(null), "Shared content"),
        (json!({"url": "javascript:alert(1)"}), "Shared content"),
        (json!({"url": "https://www.facebook.com/1"}), "https://www.facebook.com/1"),
        (json!({"product": {"elements": [{"title": "Blue chair"}]}}), "Blue chair"),
    ] {
        for kind in ["fallback", "share", "post", "reel", "ig_reel", "ig_post", "template"] {
            let message = attached(json!([{"type": kind, "payload": payload}]));
            assert_eq!((message.kind, message.text.as_str(), message.media.len()), (MessageType::Share, text, 0), "{kind} {payload}");
        }
    }
}

#[test]
fn what_cannot_be_shown_is_a_visible_placeholder() {
    for (fields, text) in [
        (json!({}), "A message that cannot be shown"),
        (json!({"text": ""}), "A message that cannot be shown"),
        (json!({"text": "\u{0}"}), "A message that cannot be shown"),
        (json!({"attachments": [{"type": "hologram", "payload": {}}]}), "An attachment that cannot be shown (hologram)"),
        (json!({"attachments": [{}]}), "An attachment that cannot be shown ()"),
        (json!({"attachments": [{"type": "image"}]}), "A file that cannot be fetched"),
        (json!({"attachments": [{"type": "image", "payload": {"url": "ftp://x/y"}}]}), "A file that cannot be fetched"),
        (json!({"attachments": [{"type": "location", "payload": {"coordinates": {"lat": 1}}}]}), "A place that cannot be shown"),
        (json!({"text": "see", "attachments": [{"type": "hologram"}]}), "see\nAn attachment that cannot be shown (hologram)"),
    ] {
        let message = said(&message(fields.clone()));
        assert_eq!((message.kind, message.text.as_str()), (MessageType::Unsupported, text), "{fields}");
    }
}

#[test]
fn a_files_name_and_end_are_in_its_address() {
    let far = "https://cdn.fbsbx.com/v";
    for (url, name, expires) in [
        (format!("{far}/Rechnung%20M%C3%A4rz.pdf?oe=68F00000"), Some("Rechnung März.pdf"), true),
        (format!("{far}/..%2F..%2Fpasswd.txt?oe=zzz"), Some("_.._passwd.txt"), false),
        (format!("{far}/a=b&c.txt?x=1"), Some("a_b_c.txt"), false),
        (format!("{far}/without"), None, false),
        (format!("{far}/?asset_id=1"), None, false),
        (format!("{far}/.hidden"), None, false),
    ] {
        let file = attached(json!([{"type": "file", "payload": {"url": url}}])).media.remove(0);
        assert_eq!((file.kind, file.filename.as_deref(), file.expires_at.is_some()), (MessageType::Document, name, expires), "{url}");
    }
}

// checklist 18
#[test]
fn an_answer_to_a_story_keeps_the_link_even_without_a_text() {
    let message = said(&message(
        json!({"reply_to": {"story": {"id": "1", "url": "https://lookaside.fbsbx.com/x"}}, "attachments": [{"type": "like_heart"}]}),
    ));
    assert_eq!(message.details.unwrap()["story"], json!({"id": "1", "url": "https://lookaside.fbsbx.com/x"}));
}

// checklist 19
#[test]
fn a_pressed_button_without_an_id_is_known_by_who_pressed_what_and_when() {
    let pressed = |fields: Value| said(&event(fields)).id;
    let button = |payload: &str| json!({"title": "Buy", "payload": payload});
    let first = pressed(json!({"postback": button("A")}));
    assert!(first.starts_with("derived:"));
    assert_eq!(first, pressed(json!({"postback": button("A")})));
    assert_ne!(first, pressed(json!({"postback": button("B")})));
    assert_ne!(first, pressed(json!({"postback": button("A"), "timestamp": THEN_MS + 1})));
    assert_ne!(first, pressed(json!({"postback": button("A"), "sender": {"id": "7100000000000002"}})));
}

// checklist 20
#[test]
fn an_opt_in_without_a_sender_is_ignored() {
    assert!(is_ignored(&event(json!({"sender": null, "optin": {"ref": "a", "user_ref": "b"}}))));
    assert!(is_ignored(&event(json!({"sender": {}, "optin": {"ref": "a", "user_ref": "b"}}))));
}

// checklist 21
#[test]
fn instants_come_in_seconds_milliseconds_letters_and_iso() {
    let ms = |ms: i64| Some(Timestamp::from_micros(ms * 1_000));
    for (timestamp, at) in [
        (json!(1_760_000_000), ms(1_760_000_000_000)),
        (json!(1_760_000_000_123_i64), ms(1_760_000_000_123)),
        (json!("1760000000123"), ms(1_760_000_000_123)),
        (json!("2021-09-08T06:34:04+0000"), ms(1_631_082_844_000)),
        (json!("2021-09-08T08:34:04.5+02:00"), ms(1_631_082_844_500)),
        (json!("soon"), ms(THEN_MS + 500)),
        (json!(null), ms(THEN_MS + 500)),
    ] {
        let told = parse(&event(json!({"timestamp": timestamp, "message": {"mid": MID, "text": "a"}})));
        assert_eq!(told[0].at, at, "{timestamp}: the entry's instant stands in for what is none");
    }
}

// checklist 22
#[test]
fn threads_change_hands_by_app_id_or_by_who_is_told() {
    let owner = |app_id: &str, event: Value| {
        let credential = credential_with(&[("app_id", app_id)]);
        match Messenger.parse(&credential, &notification(&super::event(event))).unwrap().remove(0).what {
            Happening::Channel(news) => {
                assert_eq!(news.kind, ChannelNewsKind::ThreadControl);
                news.data.unwrap().get("owner").and_then(Value::as_str).map(ToOwned::to_owned)
            }
            other => panic!("{other:?}"),
        }
    };
    let pass = || json!({"pass_thread_control": {"new_owner_app_id": 1_234_567_890, "previous_owner_app_id": "1"}});
    assert_eq!(owner("1234567890", pass()).as_deref(), Some("us"));
    assert_eq!(owner("999", pass()).as_deref(), Some("another"));
    assert_eq!(owner("", pass()).as_deref(), Some("us"), "who has no app id believes that it is told of itself");
    assert_eq!(owner("1", json!({"take_thread_control": {"previous_owner_app_id": "1"}})).as_deref(), Some("another"));
    assert_eq!(owner("1", json!({"request_thread_control": {"requested_owner_app_id": "2"}})), None);
}

// checklist 22
#[test]
fn in_standby_messages_buttons_and_edits_are_marked_and_receipts_are_receipts() {
    let standby = |item: Value| {
        let mut whole = json!({"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": THEN_MS});
        whole.as_object_mut().unwrap().extend(item.as_object().unwrap().clone());
        parse(json!({"object": "page", "entry": [{"id": PAGE, "standby": [whole]}]}).to_string().as_bytes()).remove(0).what
    };
    let marked = |message: &entities::InboundMessage| message.details.as_ref().is_some_and(|details| details["standby"] == true);
    assert!(matches!(standby(json!({"message": {"mid": MID, "text": "a"}})), Happening::Message(message) if marked(&message)));
    assert!(
        matches!(standby(json!({"postback": {"mid": MID, "title": "a"}})), Happening::Message(message) if marked(&message) && message.payload.is_none())
    );
    assert!(
        matches!(standby(json!({"message_edit": {"mid": MID, "text": "a", "num_edit": 1}})), Happening::Edit { message, .. } if marked(&message))
    );
    assert!(matches!(standby(json!({"delivery": {"mids": ["m_1"]}})), Happening::Receipt(_)));
}

#[test]
fn policies_restrict_warn_and_end() {
    for (action, kind) in [
        ("block", ChannelNewsKind::Restricted),
        ("unblock", ChannelNewsKind::Restored),
        ("warning", ChannelNewsKind::Notice),
        ("new", ChannelNewsKind::Notice),
    ] {
        let told = parse(&event(json!({"sender": null, "policy_enforcement": {"action": action}})));
        assert!(matches!(&told[0].what, Happening::Channel(news) if news.kind == kind), "{action}");
    }
}

#[test]
fn events_that_are_not_known_are_ignored() {
    for key in ["app_roles", "account_linking", "messaging_feedback", "something_new"] {
        assert_eq!(
            told_of(&parse(&event(json!({key: {"a": 1}})))),
            json!([{"ignored": {"reason": "an event that is not known"}}]),
            "{key}"
        );
    }
}

#[test]
fn a_request_claims_each_of_its_accounts_once() {
    let body = json!({"object": "page", "entry": [{"id": "1"}, {"id": 2}, {"id": "1"}, {}]}).to_string();
    assert_eq!(Messenger.claimed_accounts(&post(body.as_bytes(), &[])), ["1", "2"]);
    assert!(Messenger.claimed_accounts(&post(b"", &[])).is_empty());
}
