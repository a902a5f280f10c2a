//! What our own app posts never comes back as somebody's message.

use entities::{Consequence, Happening, Receipt, ReceiptStatus};
use serde_json::json;

use super::{changed, credential, credential_with, fixture, ignored, parsed, parsed_with};

const OWN_ID: &str = "0199a1b2-0000-7000-8000-000000000001";

/// An own message with nothing of ours but what is put in.
fn bare(sign: &[(&str, serde_json::Value)]) -> String {
    let mut changes = vec![
        ("/event/bot_id", json!(null)),
        ("/event/app_id", json!(null)),
        ("/event/user", json!("U0SOMEBODY")),
        ("/event/bot_profile", json!(null)),
        ("/api_app_id", json!("A0EXAMPLE01")),
    ];
    changes.extend_from_slice(sign);
    changed(fixture!("own_bot_message"), &changes)
}

// checklist 10
#[test]
fn our_own_message_is_known_by_any_one_sign() {
    assert!(matches!(parsed(&bare(&[])).what, Happening::Message(_)), "with no sign it is somebody's");
    let signs: [&[(&str, serde_json::Value)]; 4] = [
        &[("/event/user", json!("U0OURBOT001"))],
        &[("/event/app_id", json!("A0EXAMPLE01"))],
        &[("/event/bot_profile", json!({ "app_id": "A0EXAMPLE01" }))],
        &[("/event/metadata", json!({ "event_type": "switchboard_message", "event_payload": {} }))],
    ];
    for sign in signs {
        assert_eq!(ignored(&bare(sign)), "our own", "{sign:?}");
    }
    let by_bot = bare(&[("/event/bot_id", json!("B0OURBOT001"))]);
    let allowing = credential_with(&[("bot_id", "B0OURBOT001"), ("other_bots", "allow")]);
    assert_eq!(parsed_with(&allowing, &by_bot).what, Happening::Ignored { reason: "our own".to_owned() });
}

// checklist 10
#[test]
fn our_own_message_stays_out_where_other_bots_are_let_in() {
    let allowing = credential_with(&[("other_bots", "allow")]);
    assert!(matches!(parsed_with(&allowing, fixture!("own_bot_message")).what, Happening::Ignored { .. }));
}

#[test]
fn without_an_app_id_in_the_credential_the_envelopes_own_is_taken() {
    let plain = switchboard::channels::credential::Credential::new([("signing_secret".to_owned(), super::SECRET.to_owned())]);
    let body = bare(&[("/event/app_id", json!("A0EXAMPLE01"))]);
    assert!(matches!(parsed_with(&plain, &body).what, Happening::Ignored { .. }));
}

// checklist 10
#[test]
fn other_bots_are_ignored_unless_they_are_let_in() {
    assert_eq!(ignored(fixture!("other_bot_message")), "another bot's");
    let allowing = credential_with(&[("other_bots", "allow")]);
    let Happening::Message(message) = parsed_with(&allowing, fixture!("other_bot_message")).what else { panic!("no message") };
    assert_eq!(message.party.address.value, "T0EXAMPLE01/B0OTHER0001");
    assert_eq!(message.party.name.as_deref(), Some("ci"));
    assert_eq!(message.text, "build failed");
    let slackbot = changed(fixture!("direct_message"), &[("/event/user", json!("USLACKBOT"))]);
    assert_eq!(ignored(&slackbot), "another bot's");
    assert!(matches!(parsed_with(&credential(), fixture!("other_bot_message")).what, Happening::Ignored { .. }));
}

// checklist 10
#[test]
fn our_own_messages_changes_and_reactions_are_ignored() {
    for (pointer, own) in
        [("/event/message/user", "U0OURBOT001"), ("/event/message/app_id", "A0EXAMPLE01"), ("/event/previous_message/user", "U0OURBOT001")]
    {
        assert_eq!(ignored(&changed(fixture!("edited"), &[(pointer, json!(own))])), "our own, changed", "{pointer}");
    }
    assert_eq!(ignored(&changed(fixture!("edited"), &[("/event/message/bot_id", json!("B0OTHER"))])), "another bot's");
    assert_eq!(ignored(&changed(fixture!("reaction_added"), &[("/event/user", json!("U0OURBOT001"))])), "our own reaction");
}

// checklist 10, and 31 in its place: an unknown outcome is settled by the echo
#[test]
fn the_echo_of_a_message_settles_it_by_our_own_id() {
    let metadata = json!({ "event_type": "switchboard_message", "event_payload": { "id": OWN_ID, "part": 1, "parts": 2 } });
    let echo =
        |ts: &str| parsed(&changed(fixture!("own_bot_message"), &[("/event/metadata", metadata.clone()), ("/event/ts", json!(ts))])).what;
    for ts in ["1760000190.001200", "1760000190.001201"] {
        let target = format!("D0DIRECT001:{ts}");
        let delivered = Receipt {
            target,
            own_id: Some(OWN_ID.to_owned()),
            status: ReceiptStatus::Delivered,
            error: None,
            consequence: Consequence::None,
        };
        assert_eq!(echo(ts), Happening::Receipt(delivered), "each piece by its own key");
    }
}

#[test]
fn metadata_of_others_settles_nothing() {
    let metadata = json!({ "event_type": "their_thing", "event_payload": { "id": OWN_ID } });
    let theirs = changed(fixture!("direct_message"), &[("/event/metadata", metadata.clone())]);
    assert!(matches!(parsed(&theirs).what, Happening::Message(_)));
    assert_eq!(ignored(&changed(fixture!("own_bot_message"), &[("/event/metadata", metadata)])), "our own");
}

// checklist 17
#[test]
fn the_event_of_a_file_of_ours_is_its_receipt() {
    let echo = changed(
        fixture!("file_share"),
        &[("/event/user", json!("U0OURBOT001")), ("/event/bot_id", json!("B0OURBOT001")), ("/event/files/0/id", json!("F0NEW000001"))],
    );
    let delivered = Receipt {
        target: "F0NEW000001".to_owned(),
        own_id: None,
        status: ReceiptStatus::Delivered,
        error: None,
        consequence: Consequence::None,
    };
    assert_eq!(parsed(&echo).what, Happening::Receipt(delivered));
}
