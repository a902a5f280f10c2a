//! What comes from Instagram: every payload of the specification's section 6.19, and what it tells.

use entities::{ChannelKind, Happening, MessageType};
use serde_json::{Value, json};

use super::{IG, IGSID, MID, parse, told, told_of};

/// An event of the usual person to the usual account, in its envelope.
fn event(fields: Value) -> Vec<u8> {
    let mut event = json!({"sender": {"id": IGSID}, "recipient": {"id": IG}, "timestamp": super::THEN_MS});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    json!({"object": "instagram", "entry": [{"id": IG, "time": super::THEN_MS, "messaging": [event]}]}).to_string().into_bytes()
}

// checklist 5, 6.19
#[test]
fn a_text_comes_from_instagram() {
    assert_eq!(told("ig_text"), json!([{"message": {"id": "aWdfZAG1faXRlbTox", "kind": "text", "text": "hi from IG"}}]));
}

// checklist 5, 6.19
#[test]
fn an_answer_to_a_story_keeps_the_link() {
    assert_eq!(
        told("ig_story_reply"),
        json!([{"message": {
            "details": {"story": {"id": "17900000000000001", "url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=x"}},
            "id": "aWdfZAG1faXRlbToy", "kind": "text", "text": "love it",
        }}])
    );
}

// checklist 5, 6.19
#[test]
fn a_mention_in_a_story_keeps_the_link_and_fetches_nothing() {
    assert_eq!(
        told("ig_story_mention"),
        json!([{"message": {
            "details": {"story": {"url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=2&signature=x"}},
            "id": "aWdfZAG1faXRlbToz", "kind": "share", "text": "You were mentioned in a story",
        }}])
    );
}

// checklist 5, 6.19
#[test]
fn a_shared_post_is_a_link() {
    assert_eq!(
        told("ig_post"),
        json!([{"message": {
            "details": {"shares": [{
                "ig_post_media_id": "18139494541000001", "title": "Build a workspace", "type": "ig_post",
                "url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=3&signature=x",
            }]},
            "id": "aWdfZAG1faXRlbTo0", "kind": "share",
            "text": "Build a workspace\nhttps://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=3&signature=x",
        }}])
    );
}

// checklist 5, 6.19
#[test]
fn what_was_unsent_is_deleted() {
    assert_eq!(told("ig_unsend"), json!([{"deletion": {"target": "aWdfZAG1faXRlbTox"}}]));
}

// checklist 5, 6.19
#[test]
fn what_was_sent_from_the_app_is_outgoing() {
    assert_eq!(
        told("ig_echo"),
        json!([{"message": {"direction": "out", "id": "aWdfZAG1faXRlbTo5", "kind": "text", "text": "from the IG app"}}])
    );
}

// checklist 5, 6.19; 12
#[test]
fn what_was_seen_is_that_message_and_all_before_it() {
    assert_eq!(
        told("ig_read"),
        json!([
            {"receipt": {"status": "read", "target": "aWdfZAG1faXRlbTo5"}},
            {"watermark": {"status": "read", "up_to": "2025-10-09T08:53:20.123000Z"}},
        ])
    );
}

// checklist 5, 6.19
#[test]
fn a_reaction_has_its_emoji() {
    assert_eq!(told("ig_reaction"), json!([{"reaction": {"emoji": "❤️", "target": "aWdfZAG1faXRlbTo5"}}]));
}

// checklist 5, 6.19
#[test]
fn a_heart_is_a_heart() {
    assert_eq!(told("ig_like_heart"), json!([{"message": {"id": "aWdfZAG1faXRlbTo2", "kind": "sticker", "text": "❤️"}}]));
}

// checklist 5, 6.19
#[test]
fn an_ice_breaker_is_a_pressed_button() {
    assert_eq!(
        told("ig_ice_breaker"),
        json!([{"message": {"id": "aWdfZAG1faXRlbTo3", "kind": "interactive_reply", "payload": "ICE_ORDER", "text": "Where is my order?"}}])
    );
}

// checklist 5, 6.19
#[test]
fn an_edit_is_the_message_as_it_is_now() {
    assert_eq!(
        told("ig_edit"),
        json!([{"edit": {"message": {"id": "aWdfZAG1faXRlbTox", "kind": "text", "text": "edited"}, "revision": 1}}])
    );
}

#[test]
fn instagrams_events_are_of_its_channel() {
    for (name, body) in super::fixtures() {
        if name.starts_with("ig_") {
            assert!(parse(&body).iter().all(|told| told.channel == ChannelKind::Instagram), "{name}");
        }
    }
}

#[test]
fn a_post_that_comes_as_share_and_as_ig_post_is_shared_once() {
    let attachment = |kind: &str, id: &str| json!({"type": kind, "payload": {"ig_post_media_id": id, "title": kind, "url": format!("https://lookaside.fbsbx.com/{kind}/{id}")}});
    for order in [["share", "ig_post"], ["ig_post", "share"]] {
        let attachments: Vec<_> = order.iter().map(|kind| attachment(kind, "18")).chain([attachment("ig_post", "19")]).collect();
        let told = parse(&event(json!({"message": {"mid": MID, "attachments": attachments}})));
        let Happening::Message(message) = &told[0].what else { panic!("{told:?}") };
        let shares = message.details.as_ref().unwrap()["shares"].as_array().unwrap().clone();
        let kinds: Vec<_> =
            shares.iter().map(|share| (share["type"].as_str().unwrap(), share["ig_post_media_id"].as_str().unwrap())).collect();
        assert_eq!((message.kind, kinds), (MessageType::Share, vec![("ig_post", "18"), ("ig_post", "19")]));
    }
}

#[test]
fn an_echo_of_a_story_mention_is_ignored() {
    let message = json!({"mid": MID, "is_echo": true, "attachments": [{"type": "story_mention", "payload": {"url": "https://lookaside.fbsbx.com/x"}}]});
    let told = parse(&event(json!({"sender": {"id": IG}, "recipient": {"id": IGSID}, "message": message})));
    assert_eq!(told_of(&told), json!([{"ignored": {"reason": "an echo of a story mention"}}]));
}

// checklist 32
#[test]
fn the_dashboards_test_button_is_ignored() {
    let by_account = json!({"object": "instagram", "entry": [{"id": "0", "time": 1, "messaging": [{"sender": {"id": "12334"}, "recipient": {"id": "23245"},
        "timestamp": "1527459824", "message": {"mid": "random_mid", "text": "random_text"}}]}]});
    let by_change = json!({"object": "instagram", "entry": [{"id": "0", "time": 1, "changes": [{"field": "messages", "value": {"sender": {"id": "12334"}}}]}]});
    for body in [by_account, by_change] {
        let told = parse(body.to_string().as_bytes());
        assert!(matches!(told[..], [entities::Inbound { what: Happening::Ignored { .. }, .. }]), "{told:?}");
    }
}

// checklist 14
#[test]
fn an_edit_whose_text_is_missing_leaves_what_we_have() {
    let told = parse(&event(json!({"message_edit": {"mid": MID, "num_edit": 2}})));
    assert_eq!(told_of(&told), json!([{"ignored": {"reason": "an edit without its message or its text"}}]));
}
