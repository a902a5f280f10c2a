//! Whatever comes, nothing panics.

use proptest::prelude::*;

use super::{fixtures, fuzzed};

fn everything_with(body: &[u8], text: &str) {
    fuzzed::verify(&[text.as_bytes(), b"\n", body].concat());
    fuzzed::parse(body);
    fuzzed::answer(body);
    fuzzed::answer(text.as_bytes());
    fuzzed::signed_request(text.as_bytes());
}

/// JSON of any shape with the names that Messenger uses.
fn odd_json() -> impl Strategy<Value = serde_json::Value> {
    let names = prop::sample::select(vec![
        "object",
        "entry",
        "messaging",
        "standby",
        "changes",
        "id",
        "sender",
        "recipient",
        "timestamp",
        "message",
        "mid",
        "text",
        "is_echo",
        "attachments",
        "type",
        "payload",
        "url",
        "sticker_id",
        "reply_to",
        "story",
        "postback",
        "title",
        "delivery",
        "mids",
        "watermark",
        "read",
        "reaction",
        "action",
        "message_edit",
        "num_edit",
        "pass_thread_control",
        "policy_enforcement",
        "optin",
        "referral",
        "coordinates",
        "lat",
        "long",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,20}".prop_map(Into::into),
        prop::sample::select(vec!["messages", "text", "edit", "system", "interactive", "page", "\u{0}a", "US.1", "15550109999"])
            .prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            prop::collection::vec((names.clone(), inner), 0..5)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        ]
    })
}

/// A JSON value with one of its values replaced.
fn replaced(value: &mut serde_json::Value, at: &mut usize, by: &serde_json::Value) {
    if *at == 0 {
        *value = by.clone();
    }
    *at = at.wrapping_sub(1);
    match value {
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replaced(item, at, by)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|item| replaced(item, at, by)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,80}") {
        everything_with(&body, &text);
    }

    #[test]
    fn no_changed_byte_of_a_fixture_makes_it_panic(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), end in any::<prop::sample::Index>()) {
        let all = fixtures();
        let (_, body) = &all[which.index(all.len())];
        let mut body = body.clone();
        let at = at.index(body.len());
        body[at] = byte;
        everything_with(&body, "sha256=00");
        body.truncate(end.index(body.len()));
        everything_with(&body, "");
    }

    #[test]
    fn no_replaced_value_of_a_fixture_makes_it_panic(which in any::<prop::sample::Index>(), at in 0_usize..60, by in odd_json()) {
        let all = fixtures();
        let (_, body) = &all[which.index(all.len())];
        let mut value: serde_json::Value = serde_json::from_slice(body).unwrap();
        replaced(&mut value, &mut { at }, &by);
        everything_with(value.to_string().as_bytes(), "");
    }

    #[test]
    fn no_json_makes_it_panic(value in odd_json()) {
        let inner = serde_json::json!({"object": "page", "entry": [{"id": "1", "messaging": [{"sender": {"id": "2"}, "recipient": {"id": "1"}, "message": value}, value]}]});
        everything_with(value.to_string().as_bytes(), "");
        everything_with(inner.to_string().as_bytes(), "");
    }
}
