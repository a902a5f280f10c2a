//! Text messages as calls.

use entities::{
    Action, Address, AddressKind, AttachmentId, ChannelKind, Document, MessageId, Outbound, OutboundMessage,
    outbound::{Choice, MessageExtra, OutboundAuthor, OutboundMedia},
};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, ProviderCall},
    dialpad::Dialpad,
};

use super::{credential, credential_with, fixture, now};

pub fn message(text: &str) -> OutboundMessage {
    OutboundMessage {
        id: MessageId::new(uuid::Uuid::from_u128(1)),
        content: Document::plain(text),
        text: text.to_owned(),
        media: Vec::new(),
        reply_to: None,
        author: OutboundAuthor { name: Some("Alex".to_owned()), avatar_url: None, human: true },
        extra: None,
    }
}

fn file(name: &str, size: u64) -> OutboundMedia {
    OutboundMedia {
        id: AttachmentId::new(uuid::Uuid::from_u128(7)),
        filename: name.to_owned(),
        mime: "image/png".to_owned(),
        size,
        url: String::new(),
    }
}

fn outbound(what: Action) -> Outbound {
    Outbound {
        channel: ChannelKind::Dialpad,
        account: "+15005550006".to_owned(),
        to: Address { kind: AddressKind::Phone, value: "+15005550001".to_owned() },
        thread: None,
        last_inbound_at: None,
        now: now(),
        what,
    }
}

pub fn planned(message: OutboundMessage) -> Vec<ProviderCall> {
    Dialpad.plan(&credential(), &outbound(Action::Send(Box::new(message)))).expect("it can be sent")
}

fn refused(outbound: &Outbound) -> &'static str {
    Dialpad.plan(&credential(), outbound).unwrap_err().code
}

fn body(call: &ProviderCall) -> &Value {
    match &call.body {
        Body::Json(json) | Body::JsonWithFile { json, .. } => json,
        _ => panic!("no JSON"),
    }
}

#[test]
fn a_text_is_sent_from_our_number_to_one_recipient() {
    let calls = planned(message("Yes, you can collect it."));
    let [call] = &calls[..] else { panic!("one call") };
    assert_eq!((call.method, call.base, call.path.as_str(), call.sends), ("POST", "https://dialpad.com", "/api/v2/sms", true));
    assert_eq!(call.headers, [("authorization", "Bearer key-EXAMPLE".to_owned())], "never in the address, which ends up in logs");
    assert_eq!(*body(call), serde_json::from_str::<Value>(fixture!("sms_request.json")).unwrap());
}

#[test]
fn the_sandbox_is_another_host() {
    let calls = Dialpad.plan(&credential_with(&[("environment", "sandbox")]), &outbound(Action::Send(Box::new(message("x"))))).unwrap();
    assert_eq!(calls[0].base, "https://sandbox.dialpad.com");
}

// checklist 30
#[test]
fn a_text_over_the_limit_is_cut() {
    assert_eq!(planned(message(&"x".repeat(1_600))).len(), 1);
    let two = planned(message(&format!("{} {}", "x".repeat(1_000), "y".repeat(600))));
    assert_eq!(two.iter().map(|call| body(call)["text"].as_str().unwrap().len()).collect::<Vec<_>>(), [1_000, 600]);
    assert_eq!(planned(message(&"x".repeat(1_601))).len(), 2);
}

// checklist 30
#[test]
fn a_file_goes_with_the_last_words_and_a_large_one_is_refused() {
    let mut wanted = message(&"word ".repeat(400));
    wanted.media = vec![file("a.png", 500 * 1_024), file("b.png", 1)];
    let calls = planned(wanted.clone());
    let shapes: Vec<_> = calls
        .iter()
        .map(|call| (matches!(call.body, Body::JsonWithFile { pointer: "/media", .. }), body(call).get("text").is_some()))
        .collect();
    assert_eq!(shapes, [(false, true), (true, true), (true, false)]);
    wanted.media = vec![file("a.png", 500 * 1_024 + 1)];
    assert_eq!(refused(&outbound(Action::Send(Box::new(wanted.clone())))), "file_too_large");
    wanted.media = vec![file("a.png", 1); 11];
    assert_eq!(refused(&outbound(Action::Send(Box::new(wanted)))), "too_many_files");
    let mut alone = message("");
    alone.media = vec![file("a.png", 1)];
    assert_eq!(
        body(&planned(alone)[0]),
        &json!({ "from_number": "+15005550006", "to_numbers": ["+15005550001"], "infer_country_code": false, "media": "" })
    );
}

#[test]
fn what_a_text_message_cannot_do_is_said_before_anything_is_sent() {
    let target = || "6095000000000001".to_owned();
    let impossible = [
        Action::React { target: target(), emoji: Some("👍".to_owned()), previous: None },
        Action::Edit { target: target(), text: "x".to_owned() },
        Action::Delete { target: target() },
        Action::MarkRead { target: target() },
        Action::Typing { target: None, on: true },
    ];
    for action in impossible {
        assert_eq!(refused(&outbound(action)), "unsupported");
    }
    let mut buttons = message("x");
    buttons.extra = Some(MessageExtra::Buttons { buttons: vec![Choice { id: "a".to_owned(), title: "A".to_owned(), description: None }] });
    assert_eq!(refused(&outbound(Action::Send(Box::new(buttons)))), "unsupported");
    assert_eq!(refused(&outbound(Action::Send(Box::new(message(" "))))), "no_text");
    let mut other = outbound(Action::Send(Box::new(message("x"))));
    other.account = "office:5520000000000001".to_owned();
    assert_eq!(refused(&other), "no_number");
    // checklist 29
    let mut anonymous = outbound(Action::Send(Box::new(message("x"))));
    anonymous.to = Address { kind: AddressKind::External, value: "anonymous:dialpad:5310000000000001".to_owned() };
    assert_eq!(refused(&anonymous), "address");
}

#[test]
fn an_answer_quotes_nothing_because_text_messages_cannot() {
    let mut wanted = message("Yes");
    wanted.reply_to = Some("6095000000000001".to_owned());
    assert_eq!(body(&planned(wanted)[0]).as_object().unwrap().len(), 4);
}
