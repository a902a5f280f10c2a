//! Buttons, forms, shortcuts and commands.

use entities::{Happening, Inbound, InboundMessage, MessageType, Timestamp};
use serde_json::{Value, json};
use switchboard::channels::{adapter::Adapter, request::Answer, slack::Slack};

use super::{changed, credential, fixture, notification, signed};

const FORM: &str = "application/x-www-form-urlencoded";

/// An interaction as Slack posts it.
pub fn form(payload: &str) -> String {
    switchboard::channels::form::encode([("payload", payload)])
}

fn told(body: &str) -> Vec<Inbound> {
    Slack.parse(&credential(), &notification(body, FORM)).expect("it can be read")
}

fn message(payload: &str) -> InboundMessage {
    match told(&form(payload)).remove(0).what {
        Happening::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

fn answer(body: &str) -> Answer {
    Slack.acknowledgement(&notification(body, FORM))
}

// checklist 26
#[test]
fn a_pressed_button_says_its_label_and_carries_its_value() {
    let told = told(&form(fixture!("button_pressed")));
    assert_eq!((told[0].account.as_str(), told[0].at), ("T0EXAMPLE01", Some(Timestamp::from_micros(1_760_000_220_001_500))));
    let message = message(fixture!("button_pressed"));
    assert_eq!((message.kind, message.text.as_str(), message.payload.as_deref()), (MessageType::InteractiveReply, "Yes", Some("conv_42")));
    assert_eq!(message.party.address.value, "T0EXAMPLE01/U0CUSTOMER1");
    assert_eq!(message.party.name.as_deref(), Some("dana"));
    assert_eq!(message.thread.as_deref(), Some("D0DIRECT001"));
    assert_eq!(message.reply_to.as_deref(), Some("D0DIRECT001:1760000190.001200"));
}

// checklist 26
#[test]
fn the_raw_form_is_what_is_signed() {
    let body = form(fixture!("button_pressed"));
    assert!(Slack.verify(&credential(), &signed(&body, FORM)).is_ok());
    let mut decoded = signed(&body, FORM);
    decoded.body = fixture!("button_pressed").as_bytes().to_vec();
    assert!(Slack.verify(&credential(), &decoded).is_err());
}

// checklist 26
#[test]
fn a_double_click_says_it_once_and_another_choice_again() {
    let first = message(fixture!("button_pressed"));
    let second =
        changed(fixture!("button_pressed"), &[("/trigger_id", json!("9.9.9")), ("/actions/0/action_ts", json!("1760000220.900000"))]);
    assert_eq!(first.id, message(&second).id);
    for other in [
        ("/actions/0/value", "conv_43"),
        ("/user/id", "U0ANOTHER"),
        ("/container/message_ts", "1760000190.001201"),
        ("/actions/0/action_id", "no"),
    ] {
        assert_ne!(first.id, message(&changed(fixture!("button_pressed"), &[(other.0, json!(other.1))])).id, "{other:?}");
    }
}

#[test]
fn a_press_in_a_channel_stands_in_the_thread_of_its_message() {
    let channel = [("/container/channel_id", json!("C0SUPPORT01")), ("/message/thread_ts", json!("1760000000.000100"))];
    assert_eq!(message(&changed(fixture!("button_pressed"), &channel)).thread.as_deref(), Some("C0SUPPORT01:1760000000.000100"));
    assert_eq!(message(&changed(fixture!("button_pressed"), &channel[..1])).thread.as_deref(), Some("C0SUPPORT01:1760000190.001200"));
}

#[test]
fn a_menus_choices_are_read_like_buttons() {
    let option = |label: &str, value: &str| json!({ "text": { "type": "plain_text", "text": label }, "value": value });
    let one = json!([{ "type": "static_select", "action_id": "a", "selected_option": option("Invoice &amp; tax", "inv") }]);
    let chosen = message(&changed(fixture!("button_pressed"), &[("/actions", one)]));
    assert_eq!((chosen.text.as_str(), chosen.payload.as_deref()), ("Invoice & tax", Some("inv")));
    let several = json!([{ "type": "checkboxes", "action_id": "a", "selected_options": [option("A", "a"), option("B", "b")] }]);
    assert_eq!(message(&changed(fixture!("button_pressed"), &[("/actions", several)])).text, "A, B");
    let date = json!([{ "type": "datepicker", "action_id": "a", "selected_date": "2026-01-02" }]);
    assert_eq!(message(&changed(fixture!("button_pressed"), &[("/actions", date)])).text, "2026-01-02");
}

// checklist 26
#[test]
fn an_unknown_action_or_interaction_says_nothing_and_is_acknowledged() {
    let ignored = |payload: &str| matches!(told(&form(payload))[0].what, Happening::Ignored { .. });
    assert!(ignored(&changed(fixture!("button_pressed"), &[("/actions", json!([{ "type": "brand_new" }]))])));
    assert!(ignored(&changed(fixture!("button_pressed"), &[("/actions", json!([]))])));
    assert!(ignored(&changed(fixture!("button_pressed"), &[("/type", json!("view_closed"))])));
    assert!(ignored(&changed(fixture!("button_pressed"), &[("/type", json!("shortcut"))])));
    assert!(ignored(&changed(fixture!("button_pressed"), &[("/user", json!(null))])));
    assert_eq!(answer(&form(fixture!("button_pressed"))), Answer::empty(200));
    assert!(Slack.parse(&credential(), &notification("payload=no+json", FORM)).is_err());
}

// checklist 26
#[test]
fn a_response_url_is_never_kept() {
    let told = format!("{:?}", told(&form(fixture!("button_pressed"))));
    assert!(!told.contains("hooks.slack.com"));
}

// checklist 26
#[test]
fn a_form_is_its_fields_and_an_empty_one_is_answered_with_what_is_wrong() {
    let message = message(fixture!("form_submitted"));
    assert_eq!(
        (message.kind, message.text.as_str(), message.payload.as_deref()),
        (MessageType::FormReply, "reply: Thanks", Some("reply_modal"))
    );
    assert_eq!(message.id, "view:V0EXAMPLE01");
    assert_eq!(
        message.details,
        Some(json!({ "form": [{ "block": "b1", "field": "reply", "value": "Thanks" }], "private_metadata": "conv_42" }))
    );
    assert_eq!(answer(&form(fixture!("form_submitted"))), Answer::empty(200));

    let empty = form(&changed(fixture!("form_submitted"), &[("/view/state/values/b1/reply/value", json!(" "))]));
    assert!(matches!(told(&empty)[0].what, Happening::Ignored { .. }));
    let answer = answer(&empty);
    assert_eq!((answer.status, answer.content_type), (200, "application/json"));
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body, json!({ "response_action": "errors", "errors": { "b1": "Please fill this in." } }));
}

#[test]
fn a_menu_that_asks_for_options_gets_a_list() {
    let asked = form(&changed(fixture!("button_pressed"), &[("/type", json!("block_suggestion"))]));
    assert_eq!(answer(&asked), Answer { status: 200, content_type: "application/json", body: r#"{"options":[]}"#.to_owned() });
    assert!(matches!(told(&asked)[0].what, Happening::Ignored { .. }));
}

#[test]
fn a_message_that_is_passed_on_is_said_by_who_passed_it_on() {
    let payload = changed(
        fixture!("button_pressed"),
        &[
            ("/type", json!("message_action")),
            ("/container", json!(null)),
            ("/channel/id", json!("C0GENERAL01")),
            ("/message", json!({ "type": "message", "user": "U0COLLEAGUE", "text": "it is &lt;broken&gt;", "ts": "1760000001.000200" })),
        ],
    );
    let message = message(&payload);
    assert_eq!((message.kind, message.text.as_str()), (MessageType::Share, "it is <broken>"));
    assert_eq!(message.party.address.value, "T0EXAMPLE01/U0CUSTOMER1");
    assert_eq!(message.thread.as_deref(), Some("C0GENERAL01:1760000001.000200"));
    let ours = changed(&payload, &[("/message/user", json!("U1")), ("/message/app_id", json!("A0EXAMPLE01"))]);
    assert!(matches!(told(&form(&ours))[0].what, Happening::Ignored { .. }));
}

// checklist 27
#[test]
fn a_command_is_a_message_that_is_answered_directly() {
    let body = "token=x&team_id=T0EXAMPLE01&team_domain=example&channel_id=C0GENERAL01&channel_name=general&user_id=U0CUSTOMER1&user_name=dana\
        &command=%2Fsupport&text=my+printer+is+%26lt%3Bbroken%26gt%3B&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1&trigger_id=1.2.abc&api_app_id=A0EXAMPLE01";
    let told_ = told(body);
    let Happening::Message(message) = &told_[0].what else { panic!("no message") };
    assert_eq!(told_[0].account, "T0EXAMPLE01");
    assert_eq!((message.id.as_str(), message.text.as_str()), ("slash:1.2.abc", "my printer is <broken>"));
    assert_eq!(message.party.address.value, "T0EXAMPLE01/U0CUSTOMER1");
    assert_eq!(message.thread, None, "a command stands in no thread of its channel");
    assert_eq!(message.details, Some(json!({ "command": "/support" })));
    assert!(answer(body).body.starts_with("Thank you"));
    assert_eq!(told(body), told_, "a repeat repeats the id");

    let direct = body.replace("C0GENERAL01", "D0DIRECT001");
    let Happening::Message(message) = told(&direct).remove(0).what else { panic!("no message") };
    assert_eq!(message.thread.as_deref(), Some("D0DIRECT001"));

    let empty = body.replace("&text=my+printer+is+%26lt%3Bbroken%26gt%3B", "&text=+");
    assert!(matches!(told(&empty)[0].what, Happening::Ignored { .. }));
    assert!(answer(&empty).body.starts_with("Write your question"));
}
