//! The events of the specification's part 4.

use entities::{AddressKind, ChannelKind, Direction, Happening, MessageType, Timestamp, inbound::ChannelNewsKind};
use serde_json::json;
use switchboard::channels::{adapter::Adapter, slack::Slack};

use super::{changed, credential, fixture, ignored, message, notification, parsed};

// checklist 9: a direct message
#[test]
fn a_direct_message_is_a_text_in_the_thread_of_its_channel() {
    let told = parsed(fixture!("direct_message"));
    assert_eq!(told.channel, ChannelKind::Slack);
    assert_eq!(told.account, "T0EXAMPLE01");
    assert_eq!(told.at, Some(Timestamp::from_micros(1_760_000_000_000_100)));
    let message = message(fixture!("direct_message"));
    assert_eq!(message.id, "D0DIRECT001:1760000000.000100");
    assert_eq!(message.direction, Direction::In);
    assert_eq!((message.party.address.kind, message.party.address.value.as_str()), (AddressKind::Slack, "T0EXAMPLE01/U0CUSTOMER1"));
    assert_eq!(message.thread.as_deref(), Some("D0DIRECT001"));
    assert_eq!(message.kind, MessageType::Text);
    assert_eq!(message.text, "Hello & welcome <3 site (https://example.org)");
    assert_eq!((message.reply_to, message.own_id, message.payload), (None, None, None));
}

#[test]
fn a_threads_answer_in_a_direct_message_stays_in_its_one_conversation() {
    let body = changed(fixture!("direct_message"), &[("/event/thread_ts", json!("1759999999.000001"))]);
    let message = message(&body);
    assert_eq!(message.thread.as_deref(), Some("D0DIRECT001"));
    assert_eq!(message.reply_to.as_deref(), Some("D0DIRECT001:1759999999.000001"));
}

// checklist 9: a thread reply; checklist 13
#[test]
fn a_reply_stands_in_the_thread_of_its_root_and_an_unknown_root_makes_one() {
    let reply = message(fixture!("channel_thread_reply"));
    assert_eq!(reply.id, "C0SUPPORT01:1760000100.000200");
    assert_eq!(reply.thread.as_deref(), Some("C0SUPPORT01:1760000000.000100"));
    let root = message(&changed(
        fixture!("channel_thread_reply"),
        &[("/event/ts", json!("1760000000.000100")), ("/event/thread_ts", json!("1760000000.000100"))],
    ));
    assert_eq!(root.thread, reply.thread, "a root that has replies");
    let bare = message(&changed(
        fixture!("channel_thread_reply"),
        &[("/event/ts", json!("1760000000.000100")), ("/event/thread_ts", json!(null))],
    ));
    assert_eq!(bare.thread, reply.thread, "a root that has none yet");
}

// checklist 9: a thread broadcast
#[test]
fn a_thread_broadcast_is_one_reply() {
    let message = message(fixture!("thread_broadcast"));
    assert_eq!(message.text, "for everyone");
    assert_eq!(message.thread.as_deref(), Some("C0SUPPORT01:1760000000.000100"));
}

// checklist 8; checklist 9: a mention
#[test]
fn a_mention_and_its_double_are_one_message_without_the_mention() {
    let mention = message(fixture!("app_mention"));
    assert_eq!(mention.text, "help please");
    let double = message(&changed(
        fixture!("app_mention"),
        &[("/event/type", json!("message")), ("/event/channel_type", json!("channel")), ("/event_id", json!("Ev0OTHER"))],
    ));
    assert_eq!(mention, double, "the same id, and the same words");
    assert_eq!(mention.id, "C0SUPPORT01:1760000120.000400");
}

// checklist 8
#[test]
fn a_repeated_event_gives_the_same_message() {
    assert_eq!(parsed(fixture!("direct_message")), parsed(fixture!("direct_message")));
}

// checklist 12
#[test]
fn a_ts_is_a_string() {
    let longer = message(fixture!("direct_message"));
    let shorter = message(&changed(fixture!("direct_message"), &[("/event/ts", json!("1760000000.0001"))]));
    assert_ne!(longer.id, shorter.id);
    assert!(
        ignored(&changed(fixture!("direct_message"), &[("/event/ts", json!(1_760_000_000.000_1))])).contains("ts"),
        "a number names no message"
    );
}

// checklist 9: an edit; checklist 11
#[test]
fn an_edit_is_the_whole_message_with_its_revision() {
    let told = parsed(fixture!("edited"));
    let Happening::Edit { message, revision } = told.what else { panic!("no edit: {:?}", told.what) };
    assert_eq!(message.id, "D0DIRECT001:1760000000.000100", "the id that it always had, so an unknown one can be taken in");
    assert_eq!(message.text, "corrected");
    assert_eq!(message.party.address.value, "T0EXAMPLE01/U0CUSTOMER1");
    assert_eq!(message.thread.as_deref(), Some("D0DIRECT001"));
    assert_eq!(revision, 1_760_000_150_000_700);
    assert_eq!(told.at, Some(Timestamp::from_micros(1_760_000_150_000_700)));
}

// checklist 11
#[test]
fn the_later_of_two_edits_has_the_higher_revision() {
    let revision = |event_ts: &str| match parsed(&changed(fixture!("edited"), &[("/event/event_ts", json!(event_ts))])).what {
        Happening::Edit { revision, .. } => revision,
        other => panic!("no edit: {other:?}"),
    };
    assert!(revision("1760000150.000700") < revision("1760000150.000701"));
    assert!(revision("1760000150.999999") < revision("1760000151.000001"));
}

// checklist 11
#[test]
fn links_that_were_unfurled_are_no_edit() {
    assert_eq!(ignored(fixture!("link_unfurled")), "changed in nothing that is said");
}

#[test]
fn an_edit_of_files_or_blocks_is_an_edit() {
    let base = fixture!("link_unfurled");
    for (name, before, now) in [
        ("files", json!([{ "id": "F1" }]), json!([{ "id": "F1", "mode": "tombstone" }])),
        ("blocks", json!([{ "type": "divider" }]), json!([{ "type": "header" }])),
    ] {
        let body = changed(base, &[(&format!("/event/previous_message/{name}"), before), (&format!("/event/message/{name}"), now)]);
        assert!(matches!(parsed(&body).what, Happening::Edit { .. }), "{name}");
    }
}

// checklist 9: deletions; checklist 11
#[test]
fn a_deletion_and_a_tombstone_name_what_is_gone() {
    assert_eq!(parsed(fixture!("deleted")).what, Happening::Deletion { target: "D0DIRECT001:1760000000.000100".to_owned() });
    assert_eq!(parsed(fixture!("thread_root_tombstone")).what, Happening::Deletion { target: "C0SUPPORT01:1760000000.000100".to_owned() });
}

// checklist 9: reactions; checklist 29
#[test]
fn reactions_come_and_go_by_name() {
    let Happening::Reaction { target, from, emoji } = parsed(fixture!("reaction_added")).what else { panic!("no reaction") };
    assert_eq!(target, "D0DIRECT001:1760000190.001200");
    assert_eq!(from.address.value, "T0EXAMPLE01/U0CUSTOMER1");
    assert_eq!(emoji.as_deref(), Some("👍"));
    let with = |name: &str| match parsed(&changed(fixture!("reaction_added"), &[("/event/reaction", json!(name))])).what {
        Happening::Reaction { emoji, .. } => emoji,
        other => panic!("no reaction: {other:?}"),
    };
    assert_eq!(with("+1::skin-tone-3").as_deref(), Some("👍🏼"));
    assert_eq!(with("our_logo").as_deref(), Some(":our_logo:"), "a workspace's own emoji keeps its name");
    let removed = changed(fixture!("reaction_added"), &[("/event/type", json!("reaction_removed"))]);
    assert!(matches!(parsed(&removed).what, Happening::Reaction { emoji: None, .. }));
}

#[test]
fn a_reaction_to_a_file_says_nothing() {
    assert!(ignored(&changed(fixture!("reaction_added"), &[("/event/item/type", json!("file"))])).contains("no message"));
}

// checklist 9: lifecycle; checklist 24
#[test]
fn an_uninstalled_app_and_a_revoked_token_are_news_of_the_channel_in_any_order() {
    let kind = |body: &str| match parsed(body).what {
        Happening::Channel(news) => news.kind,
        other => panic!("no news: {other:?}"),
    };
    for _ in 0..2 {
        assert_eq!(kind(fixture!("app_uninstalled")), ChannelNewsKind::Uninstalled);
        assert_eq!(kind(fixture!("tokens_revoked")), ChannelNewsKind::TokenRevoked);
    }
    assert_eq!(parsed(fixture!("app_uninstalled")).at, Some(Timestamp::from_micros(1_760_000_300_000_000)));
    let people = changed(fixture!("tokens_revoked"), &[("/event/tokens/bot", json!([]))]);
    assert!(ignored(&people).contains("people"));
    let others = changed(
        fixture!("tokens_revoked"),
        &[("/authorizations", json!([{ "team_id": "T0EXAMPLE01", "user_id": "U0ANOTHER", "is_bot": true }]))],
    );
    assert!(ignored(&others).contains("people"));
}

// checklist 25
#[test]
fn dropped_events_are_told_though_there_is_no_event() {
    let Happening::Channel(news) = parsed(fixture!("app_rate_limited")).what else { panic!("no news") };
    assert_eq!(news.kind, ChannelNewsKind::Notice);
    assert_eq!(news.data, Some(json!({ "app_rate_limited": true, "minute": 1_760_000_280 })));
}

#[test]
fn what_happens_to_channels_and_people_is_news() {
    let event = |event: serde_json::Value| parsed(&changed(fixture!("direct_message"), &[("/event", event)])).what;
    for lost in ["channel_archive", "channel_deleted", "channel_left", "group_left"] {
        assert!(matches!(event(json!({ "type": lost, "channel": "C1" })), Happening::Channel(_)), "{lost}");
    }
    assert!(matches!(event(json!({ "type": "member_joined_channel", "user": "U0OURBOT001", "channel": "C1" })), Happening::Channel(_)));
    assert!(matches!(event(json!({ "type": "member_joined_channel", "user": "U0CUSTOMER1", "channel": "C1" })), Happening::Ignored { .. }));
    let renamed = event(json!({ "type": "user_change", "user": { "id": "U1", "team_id": "T1", "profile": { "display_name": "Dana" } } }));
    assert!(matches!(renamed, Happening::ContactChanged { known_by, name: Some(name), .. } if known_by.value == "T1/U1" && name == "Dana"));
}

// checklist 9: what nobody says
#[test]
fn subtypes_that_nobody_says_are_ignored() {
    for subtype in [
        "channel_join",
        "channel_leave",
        "channel_topic",
        "channel_archive",
        "pinned_item",
        "bot_add",
        "huddle_thread",
        "ekm_access_denied",
    ] {
        let body = changed(fixture!("direct_message"), &[("/event/subtype", json!(subtype))]);
        assert_eq!(ignored(&body), format!("nobody says it: {subtype}"));
    }
}

#[test]
fn an_unknown_subtype_with_words_is_a_message_and_without_is_nothing() {
    let with = changed(fixture!("direct_message"), &[("/event/subtype", json!("something_new"))]);
    assert_eq!(message(&with).text, "Hello & welcome <3 site (https://example.org)");
    let without = changed(fixture!("direct_message"), &[("/event/subtype", json!("something_new")), ("/event/text", json!(""))]);
    assert!(ignored(&without).contains("something_new"));
}

#[test]
fn who_speaks_of_themselves_is_named() {
    let me = [("/event/subtype", json!("me_message")), ("/event/text", json!("waves"))];
    assert_eq!(message(&changed(fixture!("direct_message"), &me)).text, "@U0CUSTOMER1 waves");
    let mut named = me.to_vec();
    named.push(("/event/user_profile", json!({ "display_name": "Dana", "image_72": "https://a.slack-edge.com/d.png" })));
    let named = message(&changed(fixture!("direct_message"), &named));
    assert_eq!(named.text, "Dana waves");
    assert_eq!(named.party.name.as_deref(), Some("Dana"));
    assert_eq!(named.party.avatar_url.as_deref(), Some("https://a.slack-edge.com/d.png"));
}

#[test]
fn blocks_speak_where_there_is_no_text() {
    let body = changed(fixture!("direct_message"), &[("/event/text", json!(""))]);
    assert_eq!(message(&body).text, "Hello & welcome <3 site");
}

#[test]
fn a_message_that_was_passed_on_is_a_share() {
    let attachments =
        json!([{ "is_share": true, "from_url": "https://example.slack.com/archives/C1/p1?a=1&amp;b=2", "text": "the &lt;original&gt;" }]);
    let body = changed(
        fixture!("direct_message"),
        &[("/event/text", json!("")), ("/event/blocks", json!([])), ("/event/attachments", attachments)],
    );
    let message = message(&body);
    assert_eq!(message.kind, MessageType::Share);
    assert_eq!(message.text, "the <original>\nhttps://example.slack.com/archives/C1/p1?a=1&b=2");
}

#[test]
fn a_message_that_says_nothing_that_we_can_read_is_shown_as_such() {
    let body = changed(fixture!("direct_message"), &[("/event/text", json!("")), ("/event/blocks", json!([]))]);
    let message = message(&body);
    assert_eq!(message.kind, MessageType::Unsupported);
    assert!(!message.text.is_empty());
}

#[test]
fn a_text_is_bounded_and_holds_no_control_characters() {
    let body = changed(fixture!("direct_message"), &[("/event/text", json!(format!("a\u{0}b{}", "x".repeat(40_000))))]);
    let text = message(&body).text;
    assert_eq!(text.chars().count(), entities::text::MESSAGE_CHARS_MAX);
    assert!(text.starts_with("abx") && text.ends_with('…'));
}

// checklist 28
#[test]
fn a_shared_channel_is_routed_by_the_authorization_and_its_people_by_their_home() {
    let base = changed(
        fixture!("channel_thread_reply"),
        &[
            ("/team_id", json!("T0PARTNER01")),
            ("/is_ext_shared_channel", json!(true)),
            ("/event/user_team", json!("T0PARTNER01")),
            ("/event/source_team", json!("T0PARTNER02")),
        ],
    );
    assert_eq!(parsed(&base).account, "T0EXAMPLE01", "ours, not the sender's");
    assert_eq!(message(&base).party.address.value, "T0PARTNER01/U0CUSTOMER1");
    let source = changed(&base, &[("/event/user_team", json!(null))]);
    assert_eq!(message(&source).party.address.value, "T0PARTNER02/U0CUSTOMER1");
    let home = changed(&source, &[("/event/source_team", json!(null)), ("/event/team", json!(null))]);
    assert_eq!(message(&home).party.address.value, "T0EXAMPLE01/U0CUSTOMER1", "ours where nothing is said");
}

// checklist 32, and 22 where it concerns events
#[test]
fn the_installation_is_the_enterprise_only_for_an_organisation_wide_install() {
    let with = |wide: bool| {
        changed(
            fixture!("direct_message"),
            &[("/authorizations/0/enterprise_id", json!("E0EXAMPLE01")), ("/authorizations/0/is_enterprise_install", json!(wide))],
        )
    };
    assert_eq!(parsed(&with(true)).account, "E0EXAMPLE01");
    assert_eq!(message(&with(true)).party.address.value, "T0EXAMPLE01/U0CUSTOMER1", "people stay those of their workspace");
    assert_eq!(parsed(&with(false)).account, "T0EXAMPLE01");
}

// checklist 32
#[test]
fn an_event_for_another_app_is_ignored() {
    assert_eq!(ignored(&changed(fixture!("direct_message"), &[("/api_app_id", json!("A0ANOTHER"))])), "for another app");
}

#[test]
fn what_is_not_known_is_ignored_and_what_is_no_event_is_kept_aside() {
    assert!(ignored(&changed(fixture!("direct_message"), &[("/type", json!("brand_new"))])).contains("brand_new"));
    assert!(ignored(&changed(fixture!("direct_message"), &[("/event/type", json!("brand_new"))])).contains("brand_new"));
    for body in ["", "no json", "[]", "{}"] {
        assert!(Slack.parse(&credential(), &notification(body, "application/json")).is_err(), "{body}");
    }
}
