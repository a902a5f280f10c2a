//! Whatever comes, nothing panics, nothing unsigned gets in, and nothing unbounded gets on.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fuzzed;

const FIXTURES: [&str; 14] = [
    include_str!("../fixtures/sms/twilio_sms.form"),
    include_str!("../fixtures/sms/twilio_mms_with_picture_and_card_and_no_text.form"),
    include_str!("../fixtures/sms/twilio_whatsapp_location.form"),
    include_str!("../fixtures/sms/twilio_whatsapp_button_pressed.form"),
    include_str!("../fixtures/sms/twilio_receipt_undelivered_30003.form"),
    include_str!("../fixtures/sms/vonage_sms_api_text.form"),
    include_str!("../fixtures/sms/vonage_sms_api_receipt_failed.form"),
    include_str!("../fixtures/sms/vonage_messages_mms_picture.json"),
    include_str!("../fixtures/sms/vonage_messages_receipt_rejected.json"),
    include_str!("../fixtures/sms/telnyx_message_received_with_picture.json"),
    include_str!("../fixtures/sms/telnyx_message_finalized_delivery_failed.json"),
    include_str!("../fixtures/sms/messagebird_sms.form"),
    include_str!("../fixtures/sms/plivo_sms.form"),
    include_str!("../fixtures/sms/plivo_receipt_of_second_part_opted_out_200.form"),
];

fn everything_with(body: &[u8], line: &str) {
    fuzzed::verify(&[line.as_bytes(), b"\n", body].concat());
    fuzzed::parse(body);
    fuzzed::answer(body);
}

/// What a value may be instead of what it is.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!([])),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,20}".prop_map(Into::into),
        prop::sample::select(vec!["\u{0}", "a\u{0}b", " ", "\u{1b}[1m", "delivered", "+15005550001", "whatsapp:", "..", "é"])
            .prop_map(Into::into),
        (0_usize..20_000).prop_map(|times| Value::from("x".repeat(times))),
    ]
}

/// A JSON value with one of its values replaced.
fn replaced(value: &mut Value, at: &mut usize, by: &Value) {
    if *at == 0 {
        *value = by.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replaced(item, at, by)),
        Value::Object(members) => members.values_mut().for_each(|item| replaced(item, at, by)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), line in "\\PC{0,80}") {
        everything_with(&body, &line);
    }

    #[test]
    fn no_changed_byte_of_a_fixture_makes_it_panic(which in 0_usize..14, at in any::<prop::sample::Index>(), byte in any::<u8>(), end in any::<prop::sample::Index>()) {
        let mut body = FIXTURES[which].as_bytes().to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        everything_with(&body, "a");
        body.truncate(end.index(body.len()));
        everything_with(&body, "");
    }

    #[test]
    fn no_replaced_value_of_a_fixture_makes_it_panic(which in 0_usize..14, at in 0_usize..40, by in odd()) {
        if let Ok(mut value) = serde_json::from_str::<Value>(FIXTURES[which]) {
            replaced(&mut value, &mut { at }, &by);
            everything_with(value.to_string().as_bytes(), "");
        } else {
            let mut pairs = switchboard::channels::form::decode(FIXTURES[which].as_bytes());
            let at = at % pairs.len();
            pairs[at].1 = by.as_str().map_or_else(|| by.to_string(), str::to_owned);
            let body = switchboard::channels::form::encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            everything_with(body.as_bytes(), "");
        }
    }
}

#[test]
fn an_id_of_nothing_that_can_be_kept_is_unreadable_and_a_long_one_has_a_bound() {
    use super::{ACCOUNT_SID, message, notification, signed, twilio, twilio_tells};
    use switchboard::channels::{adapter::Adapter, sms::Sms};
    let body = |id: &str| format!("AccountSid={ACCOUNT_SID}&MessageSid={id}&From=%2B15005550001&To=%2B15005550006&Body=x");
    let nothing = notification(&twilio(), &signed("https://msg.example.org/in", &body("%00%07")));
    assert_eq!(Sms.parse(&twilio(), &nothing).unwrap_err().0, "an id of nothing that can be kept");
    assert_eq!(message(&twilio_tells(&body("S%00M1"))).id, "SM1");
    assert_eq!(message(&twilio_tells(&body(&"9".repeat(5000)))).id.len(), 255);
}

#[test]
fn a_file_whose_address_is_too_long_to_be_one_stays_and_cannot_be_fetched() {
    use super::{ACCOUNT_SID, message, twilio, twilio_tells};
    use switchboard::channels::{adapter::Adapter, sms::Sms};
    let url = format!("https%3A%2F%2Fapi.twilio.com%2F{}", "x".repeat(9000));
    let body = format!(
        "AccountSid={ACCOUNT_SID}&MessageSid=SM1&From=%2B15005550001&To=%2B15005550006&MediaUrl0={url}&MediaContentType0=image%2Fpng"
    );
    let inbound = twilio_tells(&body);
    let file = &message(&inbound).media[0];
    assert_eq!(file.url, None);
    assert_eq!(Sms.media(&twilio(), file).unwrap_err().code, "media_address");
}
