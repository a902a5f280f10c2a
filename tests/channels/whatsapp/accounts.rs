//! Accounts, numbers and handovers: what concerns who may speak.

use entities::{
    Direction, Happening,
    inbound::{ChannelNewsKind, PreferenceScope},
};
use serde_json::json;
use switchboard::channels::{
    adapter::{Adapter, Notification},
    whatsapp::Whatsapp,
};

use super::{NUMBER, THEN, WABA, change, credential_with, fixture, fixture_json, parse, post, said, seconds, told_of, whatsapp};

fn news(body: &[u8]) -> (String, ChannelNewsKind) {
    let told = parse(body).remove(0);
    match told.what {
        Happening::Channel(news) => (told.account, news.kind),
        other => panic!("no news: {other:?}"),
    }
}

fn account_update(value: serde_json::Value) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [{"field": "account_update", "value": value}]}]})
        .to_string()
        .into_bytes()
}

// checklist 16
#[test]
fn each_item_names_its_number_so_that_an_unknown_one_leads_nowhere() {
    let mut body = fixture_json("text");
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("999");
    assert_eq!(parse(body.to_string().as_bytes())[0].account, "999");
    assert_eq!(Whatsapp.claimed_accounts(&post(body.to_string().as_bytes(), &[])), ["999", WABA]);
}

// checklist 16
#[test]
fn what_another_business_account_sends_about_a_number_is_not_believed() {
    let mut body = fixture_json("text");
    body["entry"][0]["id"] = json!("102000000000666");
    let told = parse(body.to_string().as_bytes());
    assert_eq!(told_of(&told), json!([{"ignored": {"reason": "waba_mismatch: from 102000000000666"}}]));
    let notification = Notification { body: fixture("text"), content_type: String::new(), kind: String::new(), received_at: seconds(THEN) };
    let without = credential_with(&[("app_secret", "x")]);
    assert!(matches!(Whatsapp.parse(&without, &notification).unwrap()[0].what, Happening::Message(_)), "without one, nothing is compared");
}

#[test]
fn a_request_claims_every_number_in_it_once_and_then_the_business_accounts() {
    let mut body = fixture_json("batch");
    body["entry"][0]["changes"][1]["value"]["metadata"]["phone_number_id"] = json!("107");
    let other = json!({"id": "103", "changes": [fixture_json("handover_passed")["entry"][0]["changes"][0]]});
    body["entry"].as_array_mut().unwrap().push(other);
    assert_eq!(Whatsapp.claimed_accounts(&post(body.to_string().as_bytes(), &[])), [NUMBER, "107", WABA, "103"]);
    assert!(Whatsapp.claimed_accounts(&post(b"{", &[])).is_empty());
}

#[test]
fn the_dashboards_test_button_is_ignored() {
    let mut body = fixture_json("text");
    body["entry"][0]["id"] = json!("0");
    assert_eq!(told_of(&parse(body.to_string().as_bytes())), json!([{"ignored": {"reason": "test of the app dashboard"}}]));
}

#[test]
fn what_our_own_number_says_never_comes_back_as_a_customers_words() {
    let body = change(
        "messages",
        json!({
            "metadata": {"display_phone_number": "+1 555-010-0001", "phone_number_id": NUMBER},
            "messages": [{"from": "15550100001", "id": "wamid.X", "timestamp": "1760000000", "type": "text", "text": {"body": "loop"}}],
        }),
    );
    assert_eq!(told_of(&parse(&body)), json!([{"ignored": {"reason": "from our own number"}}]));
}

// checklist 33
#[test]
fn what_ends_the_account_disconnects_and_what_brings_it_back_connects() {
    for (value, kind) in [
        (json!({"event": "PARTNER_REMOVED"}), ChannelNewsKind::Uninstalled),
        (json!({"event": "PARTNER_APP_UNINSTALLED"}), ChannelNewsKind::Uninstalled),
        (json!({"event": "ACCOUNT_DELETED"}), ChannelNewsKind::Uninstalled),
        (json!({"event": "ACCOUNT_OFFBOARDED"}), ChannelNewsKind::Uninstalled),
        (json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}), ChannelNewsKind::Uninstalled),
        (json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}), ChannelNewsKind::Restricted),
        (json!({"event": "ACCOUNT_RECONNECTED"}), ChannelNewsKind::Restored),
        (json!({"event": "ACCOUNT_RESTRICTION"}), ChannelNewsKind::Restricted),
        (json!({"event": "ACCOUNT_VIOLATION"}), ChannelNewsKind::Restricted),
        (json!({"event": "SOMETHING_NEW"}), ChannelNewsKind::Notice),
    ] {
        assert_eq!(news(&account_update(value.clone())), (WABA.to_owned(), kind), "{value}");
    }
}

// checklist 17
#[test]
fn the_other_fields_of_an_account_are_news_or_ignored() {
    for field in ["message_template_quality_update", "template_category_update", "message_template_components_update"] {
        assert_eq!(news(&change(field, json!({"message_template_name": "a"}))).1, ChannelNewsKind::TemplateChanged, "{field}");
    }
    for field in ["account_alerts", "account_review_update", "phone_number_quality_update", "phone_number_name_update", "security"] {
        assert_eq!(news(&change(field, json!({"event": "FLAGGED"}))).1, ChannelNewsKind::Notice, "{field}");
    }
    for field in ["flows", "group_lifecycle_update", "smb_app_state_sync", "history", "automatic_events", "something_new", ""] {
        let told = parse(&change(field, json!({})));
        assert!(matches!(told[0].what, Happening::Ignored { .. }), "{field}");
    }
}

#[test]
fn errors_that_belong_to_no_message_are_news_as_bad_as_their_code() {
    for (code, kind) in [(190, ChannelNewsKind::TokenRevoked), (131_031, ChannelNewsKind::Restricted), (130_429, ChannelNewsKind::Notice)] {
        let body = change("messages", json!({"errors": [{"code": code, "title": "t", "message": "m", "error_data": {"details": "d"}}]}));
        assert_eq!(news(&body), (NUMBER.to_owned(), kind), "{code}");
    }
}

// checklist 36
#[test]
fn handovers_name_the_owner_and_unknown_ones_are_ignored() {
    let handover = |value: serde_json::Value| {
        let told = parse(&change("messaging_handovers", value));
        match &told[0].what {
            Happening::Channel(news) => news.data.clone().unwrap(),
            Happening::Ignored { reason } => json!(reason),
            other => panic!("{other:?}"),
        }
    };
    let taken = handover(
        json!({"sender": {"phone_number": "15550109999"}, "type": "control_taken", "control_taken": {"new_owner_role": "a new role"}}),
    );
    assert_eq!((&taken["owner"], &taken["new_owner_role"]), (&json!("another"), &json!("a new role")));
    assert_eq!(handover(json!({"type": "control_passed"}))["owner"], "us", "every detail is optional");
    assert_eq!(handover(json!({"type": "control_shared"})), "handover: control_shared");
}

// checklist 36
#[test]
fn an_empty_standby_is_ignored() {
    assert_eq!(told_of(&parse(&change("standby", json!({"standby": {}})))), json!([{"ignored": {"reason": "nothing to do: standby"}}]));
}

// checklist 31
#[test]
fn what_the_phone_app_edits_or_takes_back_keeps_its_direction() {
    let body = change(
        "smb_message_echoes",
        json!({"message_echoes": [
            {"from": "15550100001", "to": "15550109999", "id": "wamid.E1", "timestamp": "1760000000", "type": "edit",
             "edit": {"original_message_id": "wamid.ECHO1", "message": {"type": "text", "text": {"body": "better"}}}},
            {"from": "15550100001", "to": "15550109999", "id": "wamid.E2", "timestamp": "1760000000", "type": "revoke",
             "revoke": {"original_message_id": "wamid.ECHO1"}},
            {"from": "15550100001", "to": "15550109999", "id": "wamid.E3", "timestamp": "1760000000", "type": "reaction",
             "reaction": {"message_id": "wamid.IN1", "emoji": "👍"}},
        ]}),
    );
    let told = parse(&body);
    let Happening::Edit { message, .. } = &told[0].what else { panic!("{told:?}") };
    assert_eq!((message.id.as_str(), message.direction, message.text.as_str()), ("wamid.ECHO1", Direction::Out, "better"));
    assert_eq!(told[1].what, Happening::Deletion { target: "wamid.ECHO1".to_owned() });
    assert!(matches!(told[2].what, Happening::Ignored { .. }), "our own reaction is not the customer's");
}

// checklist 31
#[test]
fn an_echo_names_what_it_answers_as_a_message_does() {
    let body = change(
        "smb_message_echoes",
        json!({"message_echoes": [{"from": "15550100001", "to": "15550109999", "id": "wamid.E", "type": "image", "context": {"id": "wamid.IN1"},
            "image": {"id": "1", "mime_type": "image/jpeg", "caption": "look"}}]}),
    );
    let echo = said(&body);
    assert_eq!(
        (echo.direction, echo.party.address, echo.reply_to.as_deref()),
        (Direction::Out, whatsapp("15550109999"), Some("wamid.IN1"))
    );
}

#[test]
fn preferences_are_about_marketing_alone() {
    for (value, wants) in [("stop", Some(false)), ("resume", Some(true)), ("signup", Some(true)), ("perhaps", None)] {
        let body = change("user_preferences", json!({"user_preferences": [{"wa_id": "15550109999", "value": value}]}));
        let expected = wants.map(|wants| (whatsapp("15550109999"), wants, PreferenceScope::Marketing));
        let told = match parse(&body).remove(0).what {
            Happening::Preference { contact, wants, scope, .. } => Some((contact, wants, scope)),
            _ => None,
        };
        assert_eq!(told, expected, "{value}");
    }
}

#[test]
fn a_summary_beside_messages_is_a_note_with_a_key_that_a_repeat_repeats() {
    let mut body = fixture_json("text");
    body["entry"][0]["changes"][0]["value"]["conversation_context"] = json!({"summary": {"text": "Wants blue"}});
    let told = parse(body.to_string().as_bytes());
    let Happening::Note { contact, key, text } = &told[1].what else { panic!("{told:?}") };
    assert_eq!((contact.address.value.as_str(), text.as_str()), ("15550109999", "Wants blue"));
    let again = parse(body.to_string().as_bytes());
    assert!(matches!(&again[1].what, Happening::Note { key: again, .. } if again == key));
}
