//! What is odd, missing, repeated, too long or not what it should be.

use entities::{
    Happening, MessageType, Receipt, ReceiptStatus,
    inbound::{CallPhase, PreferenceScope},
    text::{MESSAGE_CHARS_MAX, NAME_CHARS_MAX},
};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Notification, Unreadable},
    whatsapp::Whatsapp,
};

use super::{MID, THEN, change, credential, fixture_json, message, parse, phone, said, seconds, told_of, whatsapp};

/// A message as in the fixtures, with these fields instead.
fn item(fields: Value) -> Value {
    let mut item = json!({"from": "15550109999", "from_user_id": "US.13000000000000000042", "id": MID, "timestamp": "1760000000"});
    item.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    item
}

fn read(body: &[u8]) -> Result<Vec<entities::Inbound>, Unreadable> {
    let notification =
        Notification { body: body.to_vec(), content_type: String::new(), kind: String::new(), received_at: seconds(THEN + 1) };
    Whatsapp.parse(&credential(), &notification)
}

// checklist 11
#[test]
fn a_message_that_comes_twice_has_the_same_id_twice() {
    let mut body = fixture_json("text");
    let messages = body["entry"][0]["changes"][0]["value"]["messages"].as_array_mut().unwrap();
    messages.push(messages[0].clone());
    let told = parse(body.to_string().as_bytes());
    assert_eq!((told.len(), &told[0]), (2, &told[1]));
}

// checklist 12, 13, 14
#[test]
fn receipts_in_any_order_carry_their_instants_and_none_is_dropped() {
    let status =
        |status: &str, at: &str| json!({"id": "wamid.OUT1", "status": status, "timestamp": at, "biz_opaque_callback_data": "ours"});
    let body = change(
        "messages",
        json!({"statuses": [status("read", "1760000002"), status("delivered", "1760000001"), status("failed", "1760000003")]}),
    );
    let kinds: Vec<_> = parse(&body)
        .into_iter()
        .map(|told| match told.what {
            Happening::Receipt(Receipt { target, own_id, status, error, .. }) => {
                assert_eq!((target.as_str(), own_id.as_deref()), ("wamid.OUT1", Some("ours")));
                (told.at.unwrap(), status, error.map(|error| error.code))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            (seconds(THEN + 2), ReceiptStatus::Read, None),
            (seconds(THEN + 1), ReceiptStatus::Delivered, None),
            (seconds(THEN + 3), ReceiptStatus::Failed, Some("unknown".to_owned())),
        ]
    );
}

#[test]
fn statuses_that_say_nothing_to_us_are_ignored() {
    for status in ["deleted", "warning", "something_new", ""] {
        let told = parse(&change("messages", json!({"statuses": [{"id": "wamid.OUT1", "status": status}]})));
        assert!(matches!(told[0].what, Happening::Ignored { .. }), "{status}");
    }
    let group = json!({"id": "wamid.OUT1", "status": "read", "recipient_type": "group", "recipient_participant_id": "15550109999"});
    assert!(matches!(parse(&change("messages", json!({"statuses": [group]})))[0].what, Happening::Ignored { .. }));
}

#[test]
fn a_failure_because_marketing_was_stopped_is_an_opt_out_of_marketing() {
    let status =
        json!({"id": "wamid.OUT1", "status": "failed", "recipient_id": "15550109999", "errors": [{"code": 131_050, "title": "t"}]});
    let told = parse(&change("messages", json!({"statuses": [status]})));
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1].what,
        Happening::Preference { contact: whatsapp("15550109999"), wants: false, scope: PreferenceScope::Marketing, keyword: None }
    );
}

// checklist 17
#[test]
fn an_unknown_type_is_a_visible_placeholder() {
    for (fields, text) in [
        (json!({"type": "foo", "foo": {"bar": 1}}), "A message that cannot be shown (foo)"),
        (json!({}), "A message that cannot be shown"),
        (json!({"type": "text"}), "A message that cannot be shown (text)"),
        (json!({"type": "text", "text": {"body": "\u{0}"}}), "A message that cannot be shown (text)"),
        (json!({"type": "text", "text": "bare"}), "A message that cannot be shown (text)"),
        (json!({"type": "location", "location": {"latitude": 91.5e9, "longitude": 0}}), "A message that cannot be shown (location)"),
        (json!({"type": "contacts", "contacts": []}), "A message that cannot be shown (contacts)"),
        (
            json!({"type": "interactive", "interactive": {"type": "new_reply", "new_reply": {}}}),
            "A message that cannot be shown (interactive)",
        ),
        (
            json!({"type": "image", "image": {"id": "1", "caption": "see", "errors": [{"code": 131_052, "title": "Media download error"}]}}),
            "see\nMedia download error (image)",
        ),
    ] {
        let message = said(&message(item(fields.clone())));
        assert_eq!((message.kind, message.text.as_str()), (MessageType::Unsupported, text), "{fields}");
    }
}

#[test]
fn one_odd_item_spoils_no_other() {
    let good = item(json!({"type": "text", "text": {"body": "good"}}));
    let odd =
        [json!(null), json!(7), json!("text"), json!([]), json!({}), json!({"type": "reaction"}), json!({"type": "system", "system": []})];
    for odd in odd {
        let told = parse(&change("messages", json!({"messages": [good, odd, good], "statuses": [odd], "contacts": [odd]})));
        let texts = told.iter().filter(|told| matches!(&told.what, Happening::Message(message) if message.text == "good")).count();
        assert_eq!(texts, 2, "{odd}");
    }
}

#[test]
fn only_what_is_no_json_object_is_unreadable() {
    for body in [&b""[..], b"{", b"[]", b"null", b"\"text\"", b"a=b"] {
        assert!(read(body).is_err(), "{body:?}");
    }
    for body in [
        "{}",
        r#"{"object":"page","entry":[]}"#,
        r#"{"object":"whatsapp_business_account"}"#,
        r#"{"object":"whatsapp_business_account","entry":[{"changes":[{}]}]}"#,
    ] {
        let told = read(body.as_bytes()).unwrap();
        assert!(told.iter().all(|told| matches!(told.what, Happening::Ignored { .. })), "{body}");
    }
}

#[test]
fn half_an_emoji_spoils_nothing() {
    let text = String::from_utf8(message(item(json!({"type": "text", "text": {"body": "HALF"}})))).unwrap();
    for (half, whole) in
        [("\\ud83d", "\u{fffd}"), ("a\\\\ud83d\\ude00\\ud83d", "a\\ud83d\u{fffd}\u{fffd}"), ("\\ud83d\\ude00\\udc00x", "😀\u{fffd}x")]
    {
        assert_eq!(said(text.replace("HALF", half).as_bytes()).text, whole, "{half}");
    }
    let mut bytes = text.replace("HALF", "caf_").into_bytes();
    let at = bytes.windows(4).position(|window| window == b"caf_").unwrap();
    bytes[at + 3] = 0xE9;
    assert_eq!(said(&bytes).text, "caf\u{fffd}");
}

// checklist 18
#[test]
fn a_person_with_number_and_user_id_has_both_addresses_whichever_field_they_stand_in() {
    let both = vec![phone("+15550109999"), whatsapp("US.13000000000000000042")];
    for fields in [
        json!({"from": "15550109999", "from_user_id": "US.13000000000000000042"}),
        json!({"from": "15550109999", "from_user_id": null}),
        json!({"from": null, "from_user_id": "US.13000000000000000042"}),
        json!({"from": "US.13000000000000000042", "from_user_id": null}),
        json!({"from": null, "from_user_id": null}),
        json!({"from": "+15550109999", "from_user_id": "US.13000000000000000042"}),
    ] {
        let party = said(&message(item(
            json!({"type": "text", "text": {"body": "a"}, "from": fields["from"], "from_user_id": fields["from_user_id"]}),
        )))
        .party;
        assert_eq!(
            (party.address, party.also, party.name.as_deref()),
            (whatsapp("15550109999"), both.clone(), Some("Dana Field")),
            "{fields}"
        );
    }
}

// checklist 18
#[test]
fn contacts_are_found_by_id_and_not_by_place() {
    let body = change(
        "messages",
        json!({
            "contacts": [
                {"profile": {"name": "Other"}, "wa_id": "15550100002"},
                {"profile": {"name": "", "username": "@dana.f"}, "wa_id": "15550109999"},
            ],
            "messages": [item(json!({"type": "text", "text": {"body": "a"}}))],
        }),
    );
    assert_eq!(said(&body).party.name.as_deref(), Some("dana.f"));
    let stranger = message(item(json!({"from": "15550107777", "from_user_id": null, "type": "text", "text": {"body": "a"}})));
    assert_eq!(said(&stranger).party.name, None, "somebody else's name is not taken");
}

// checklist 20
#[test]
fn an_empty_emoji_takes_the_reaction_back() {
    for (reaction, emoji) in [(json!({"emoji": ""}), None), (json!({"emoji": null}), None), (json!({"emoji": "🎉"}), Some("🎉"))] {
        let mut whole = item(json!({"type": "reaction", "reaction": reaction}));
        whole["reaction"]["message_id"] = json!("wamid.UNKNOWN");
        match parse(&message(whole)).remove(0).what {
            Happening::Reaction { target, emoji: told, .. } => assert_eq!((target.as_str(), told.as_deref()), ("wamid.UNKNOWN", emoji)),
            other => panic!("{other:?}"),
        }
    }
}

// checklist 22
#[test]
fn a_form_whose_answers_are_no_object_is_kept_with_the_raw_string() {
    for raw in ["{not json", "[1]", "", "\"text\""] {
        let reply = json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": raw}});
        let message = said(&message(item(json!({"type": "interactive", "interactive": reply}))));
        assert_eq!(
            (message.kind, message.text.as_str(), &message.details.unwrap()["form"]),
            (MessageType::FormReply, "A form", &json!(raw))
        );
    }
}

// checklist 24
#[test]
fn sound_is_voice_only_if_it_says_so() {
    for (fields, kind) in [
        (json!({"type": "audio", "audio": {"id": "1", "voice": true}}), MessageType::Voice),
        (json!({"type": "audio", "audio": {"id": "1", "voice": false}}), MessageType::Audio),
        (json!({"type": "audio", "audio": {"id": "1"}}), MessageType::Audio),
        (json!({"type": "voice", "voice": {"id": "1"}}), MessageType::Voice),
    ] {
        let message = said(&message(item(fields)));
        assert_eq!((message.kind, message.media[0].kind), (kind, kind));
    }
}

// checklist 24
#[test]
fn a_files_name_keeps_its_letters_and_loses_what_leads_elsewhere() {
    for (name, kept) in [
        ("Rechnung März 😀.pdf", Some("Rechnung März 😀.pdf")),
        ("../../etc/passwd", Some("_.._etc_passwd")),
        ("..\\a\\b.exe", Some("_a_b.exe")),
        ("a\u{0}b\nc\u{202E}fdp.exe", Some("ab cfdp.exe")),
        ("..", None),
        ("", None),
    ] {
        let message = said(&message(item(json!({"type": "document", "document": {"id": "1", "filename": name}}))));
        assert_eq!(message.media[0].filename.as_deref(), kept, "{name:?}");
    }
}

#[test]
fn latitude_nought_is_a_place_and_degrees_may_be_in_letters() {
    for (location, text) in
        [(json!({"latitude": 0, "longitude": 0}), "0, 0"), (json!({"latitude": "48.2", "longitude": "-16.5"}), "48.2, -16.5")]
    {
        let message = said(&message(item(json!({"type": "location", "location": location}))));
        assert_eq!((message.kind, message.text.as_str()), (MessageType::Location, text));
    }
}

#[test]
fn a_card_is_the_senders_own_only_if_it_answers_our_request() {
    let card = |origin: &str| json!([{"origin": origin, "vcard": "BEGIN:VCARD\nFN:Pat\nEND:VCARD", "phones": [{"wa_id": "15550107777"}]}]);
    let own = said(&message(item(json!({"type": "contacts", "contacts": card("contact_request")}))));
    assert!(own.party.also.contains(&whatsapp("15550107777")) && own.party.also.contains(&phone("+15550107777")));
    assert_eq!(own.text, "Pat, 15550107777");
    let other = said(&message(item(json!({"type": "contacts", "contacts": card("other")}))));
    assert!(!other.party.also.contains(&whatsapp("15550107777")));
}

// checklist 19, 35
#[test]
fn an_old_identity_is_looked_for_in_the_specifications_order() {
    let cases = [
        (
            json!({"system": {"type": "user_changed_user_id", "previous_user_id": "US.1", "user_id": "US.2"}, "from": null, "from_user_id": "US.9"}),
            "US.1",
        ),
        (
            json!({"system": {"type": "user_changed_number", "wa_id": "15550108888", "user_id": "US.2"}, "from_user_id": "US.2"}),
            "15550109999",
        ),
        (json!({"system": {"type": "user_changed_user_id", "user_id": "US.2"}, "from": null, "from_user_id": "US.1"}), "US.1"),
        (
            json!({"system": {"type": "user_changed_user_id", "user_id": "US.2", "body": "User D changed from US.1 to US.2."}, "from": null, "from_user_id": "US.2"}),
            "US.1",
        ),
        (
            json!({"system": {"type": "user_changed_user_id", "body": "User D changed from US.1 to US.2"}, "from": null, "from_user_id": null}),
            "US.1",
        ),
        (json!({"system": {"type": "customer_changed_number", "new_wa_id": "15550108888"}}), "15550109999"),
    ];
    for (fields, expected) in cases {
        let mut fields = fields;
        fields["type"] = json!("system");
        let told = parse(&message(item(fields.clone())));
        assert_eq!((told.len(), &told), (1, &parse(&message(item(fields.clone())))), "a repeat tells the same, and no message");
        match &told[0].what {
            Happening::ContactChanged { known_by, also, .. } => {
                let new = if fields["system"]["type"] == "user_changed_user_id" { whatsapp("US.2") } else { whatsapp("15550108888") };
                assert_eq!((known_by, &also[0]), (&whatsapp(expected), &new), "{fields}");
            }
            other => panic!("{other:?}"),
        }
    }
}

// checklist 35
#[test]
fn the_announced_form_of_a_user_id_change_tells_the_same() {
    let body = change(
        "user_id_update",
        json!({"user_id_update": [{"wa_id": "15550109999", "detail": "d", "timestamp": "1760000000",
        "user_id": {"previous": "US.1", "current": "US.2"}, "parent_user_id": {"previous": "US.ENT.1", "current": "US.ENT.2"}}]}),
    );
    assert_eq!(
        told_of(&parse(&body)),
        json!([{"contact_changed": {"known_by": "whatsapp:US.1",
            "also": ["whatsapp:US.2", "whatsapp:US.ENT.2", "whatsapp:15550109999", "phone:+15550109999"]}}])
    );
}

#[test]
fn a_system_message_without_a_new_identity_changes_nobody() {
    for system in [json!({"type": "user_changed_number"}), json!({"type": "new", "body": "from US.1 to US.2"}), json!({})] {
        let told = parse(&message(item(json!({"type": "system", "system": system, "from": null, "from_user_id": null}))));
        assert!(matches!(told[0].what, Happening::Ignored { .. }), "{told:?}");
    }
}

// checklist 34
#[test]
fn instants_come_in_seconds_or_milliseconds_as_numbers_or_letters_or_not_at_all() {
    for (timestamp, at) in [
        (json!("1760000000"), Some(seconds(THEN))),
        (json!(1_760_000_000), Some(seconds(THEN))),
        (json!("1760000000000"), Some(seconds(THEN))),
        (json!(1_760_000_000_000_i64), Some(seconds(THEN))),
        (json!("yesterday"), None),
        (json!(""), None),
        (json!(-5), None),
        (json!(0), None),
        (json!("99999999999999999999"), None),
        (json!(i64::MAX), None),
        (json!(null), None),
    ] {
        let told = parse(&message(item(json!({"type": "text", "text": {"body": "a"}, "timestamp": timestamp}))));
        assert_eq!(told[0].at, at, "{timestamp}");
        assert!(matches!(told[0].what, Happening::Message(_)));
    }
}

// checklist 37
#[test]
fn nul_is_removed_and_what_is_too_long_is_cut() {
    let body = change(
        "messages",
        json!({
            "contacts": [{"profile": {"name": "D\u{0}ana\n".to_owned() + &"a".repeat(500)}, "wa_id": "15550109999"}],
            "messages": [item(json!({"type": "text", "text": {"body": format!("a\u{0}\u{7}b\r\nc{}", "x".repeat(20_000))},
                "referral": {"head\u{0}line": "s\u{0}s"}}))],
        }),
    );
    let message = said(&body);
    assert!(message.text.starts_with("ab\ncx") && message.text.ends_with('…'));
    assert_eq!(message.text.chars().count(), MESSAGE_CHARS_MAX);
    let name = message.party.name.unwrap();
    assert!(name.starts_with("Dana a") && name.ends_with('…') && name.chars().count() == NAME_CHARS_MAX);
    assert_eq!(message.details.unwrap(), json!({"referral": {"headline": "ss"}}));
}

#[test]
fn details_that_are_too_long_are_left_out_and_said_to_be() {
    let cards: Vec<_> =
        (0..3_000).map(|n| json!({"name": {"formatted_name": format!("Person {n}, whose name is long enough to count")}})).collect();
    let message = said(&message(item(json!({"type": "contacts", "contacts": cards, "context": {"forwarded": true}}))));
    assert_eq!(message.text.lines().count(), 20);
    assert_eq!(message.details.unwrap(), json!({"truncated": true}));
}

#[test]
fn an_id_that_is_missing_or_endless_becomes_one_that_a_repeat_repeats() {
    for id in [json!(null), json!(""), json!("w".repeat(5_000))] {
        let body = message(item(json!({"id": id, "type": "text", "text": {"body": "a"}})));
        let first = said(&body).id;
        assert!(first.starts_with("derived:") && first.len() < 100);
        assert_eq!(first, said(&body).id);
        let another = message(item(json!({"id": id, "type": "text", "text": {"body": "b"}})));
        assert_eq!(first == said(&another).id, id.as_str().is_some_and(|id| !id.is_empty()));
    }
}

#[test]
fn calls_ring_are_answered_missed_and_rejected() {
    let call = |fields: Value| {
        let mut call =
            json!({"id": "wacid.1", "from": "15550109999", "to": "15550100001", "direction": "USER_INITIATED", "timestamp": "1760000000"});
        call.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        match parse(&change("calls", json!({"calls": [call]}))).remove(0).what {
            Happening::Call(call) => (call.party.address.value, call.phase),
            other => panic!("{other:?}"),
        }
    };
    let dana = || "15550109999".to_owned();
    assert_eq!(call(json!({"event": "connect"})), (dana(), Some(CallPhase::Ringing)));
    assert_eq!(call(json!({"event": "terminate", "status": "FAILED"})), (dana(), Some(CallPhase::Missed)));
    let out = json!({"event": "terminate", "direction": "BUSINESS_INITIATED", "from": "15550100001", "to": "15550109999"});
    assert_eq!(call(out), (dana(), Some(CallPhase::NoAnswer)));
    for (status, phase) in [("RINGING", CallPhase::Ringing), ("ACCEPTED", CallPhase::Answered), ("REJECTED", CallPhase::NoAnswer)] {
        for field in ["calls", "messages"] {
            let item = json!({"id": "wacid.1", "type": "call", "status": status, "timestamp": "1760000000", "recipient_id": "15550109999"});
            match &parse(&change(field, json!({"statuses": [item]})))[0].what {
                Happening::Call(call) => assert_eq!((call.legs[0].as_str(), call.phase), ("wacid.1", Some(phase))),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn clicks_on_marketing_are_ignored() {
    let told = parse(&change("messages", json!({"user_actions": [{"action_type": "marketing_messages_link_click"}]})));
    assert_eq!(told_of(&told), json!([{"ignored": {"reason": "user_actions"}}]));
}
