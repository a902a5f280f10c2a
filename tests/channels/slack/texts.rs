//! Slack's writing to plain text, and back.

use entities::{Action, ChannelKind, Document, MessageId, Outbound, OutboundMessage, outbound::OutboundAuthor};
use proptest::prelude::*;
use serde_json::{Value, json};
use switchboard::channels::{adapter::Adapter, call::Body, slack::Slack};

use super::{changed, credential, fixture, message, now};

fn read(text: &str) -> String {
    message(&changed(fixture!("direct_message"), &[("/event/text", json!(text))])).text
}

/// What is posted for a document.
pub fn posted_document(content: Document, text: &str) -> Vec<String> {
    let what = Action::Send(Box::new(OutboundMessage {
        id: MessageId::new(uuid::Uuid::nil()),
        content,
        text: text.to_owned(),
        media: Vec::new(),
        reply_to: None,
        author: OutboundAuthor { name: None, avatar_url: None, human: true },
        extra: None,
    }));
    let outbound = Outbound {
        channel: ChannelKind::Slack,
        account: "T0EXAMPLE01".to_owned(),
        to: entities::Address { kind: entities::AddressKind::Slack, value: "T0EXAMPLE01/U0CUSTOMER1".to_owned() },
        thread: Some("C0SUPPORT01:1760000000.000100".to_owned()),
        last_inbound_at: None,
        now: now(),
        what,
    };
    let calls = Slack.plan(&credential(), &outbound).expect("it can be sent");
    calls
        .iter()
        .map(|call| {
            let Body::Json(body) = &call.body else { panic!("no JSON") };
            body["text"].as_str().expect("a text").to_owned()
        })
        .collect()
}

/// What is posted for a plain text.
fn posted(text: &str) -> Vec<String> {
    posted_document(Document::plain(text), text)
}

fn document(content: Value) -> (Document, String) {
    let document: Document = serde_json::from_value(json!({ "type": "doc", "content": content })).unwrap();
    document.check().unwrap()
}

// checklist 14
#[test]
fn each_entity_is_opened_once() {
    assert_eq!(read("a &amp; b &lt;c&gt;"), "a & b <c>");
    assert_eq!(read("&amp;lt;"), "&lt;");
    assert_eq!(read("&amp;amp;"), "&amp;");
    assert_eq!(read("&quot;&nbsp;"), "&quot;&nbsp;", "Slack writes three entities and no other");
}

// checklist 14
#[test]
fn mentions_show_their_label_or_else_the_id() {
    assert_eq!(read("ask <@U123> or <@U456|dana>"), "ask @U123 or @dana");
    assert_eq!(read("in <#C123|general> and <#C456>"), "in #general and #C456");
    assert_eq!(read("<!here> <!channel> <!everyone> <!here|here>"), "@here @channel @everyone @here");
    assert_eq!(read("<!subteam^S1|@support> <!subteam^S1>"), "@support @S1");
    assert_eq!(read("on <!date^1392734382^{date_short}|Feb 18, 2014>"), "on Feb 18, 2014");
}

// checklist 14
#[test]
fn links_show_their_label_and_where_they_lead() {
    assert_eq!(read("<https://example.org|site>"), "site (https://example.org)");
    assert_eq!(read("<https://example.org>"), "https://example.org");
    assert_eq!(read("<https://example.org/?a=1&amp;b=2|R&amp;D>"), "R&D (https://example.org/?a=1&b=2)");
    assert_eq!(read("<http://example.org|example.org>"), "http://example.org", "Slack linked it by itself");
    assert_eq!(read("<mailto:a@example.org|a@example.org> <tel:+15005550001|call>"), "a@example.org +15005550001");
}

// checklist 14
#[test]
fn known_emoji_are_shown_and_others_keep_their_name() {
    assert_eq!(read("hi :wave: :+1::skin-tone-2: :our_logo: 10:30:45"), "hi 👋 👍🏻 :our_logo: 10:30:45");
    assert_eq!(read("<https://example.org/:smile:>"), "https://example.org/:smile:", "an address is no text");
}

// checklist 14
#[test]
fn half_a_tag_stays_as_it_is() {
    assert_eq!(read("a < b and <unfinished"), "a < b and <unfinished");
    assert_eq!(read("<<https://example.org>"), "<https://example.org");
}

#[test]
fn a_text_that_is_all_brackets_and_colons_is_read_to_a_bound() {
    for sign in ["<", ":", "<:", "&"] {
        let text = read(&sign.repeat(200_000));
        assert_eq!(text.chars().count(), entities::text::MESSAGE_CHARS_MAX, "{sign}");
    }
}

#[test]
fn only_our_own_mention_at_the_beginning_is_dropped() {
    assert_eq!(read("<@U0OURBOT001>: where is it?"), "where is it?");
    assert_eq!(read("<@U0OURBOT001|desk> hello"), "hello");
    assert_eq!(read("hello <@U0OURBOT001>"), "hello @U0OURBOT001");
    assert_eq!(read("<@U0OURBOT0019> hello"), "@U0OURBOT0019 hello");
}

// checklist 15
#[test]
fn what_anybody_types_mentions_nobody() {
    assert_eq!(
        posted("<!channel> a & b <@U1> <https://evil.example|bank>"),
        ["&lt;!channel&gt; a &amp; b &lt;@U1&gt; &lt;https://evil.example|bank&gt;"]
    );
    assert_eq!(posted("[<!here>](https://example.org/<!channel>)"), ["<https://example.org/%3C!channel%3E|&lt;!here&gt;>"]);
}

// checklist 15
#[test]
fn typed_marks_become_slacks_own() {
    assert_eq!(posted("**now** or [here](https://example.org/?a=1&b=2)"), ["*now* or <https://example.org/?a=1&amp;b=2|here>"]);
    assert_eq!(posted("2 ** 3 ** 4, a*b, `**code**`, [not](javascript:x)"), ["2 ** 3 ** 4, a*b, `**code**`, [not](javascript:x)"]);
    assert_eq!(posted("**[docs](https://example.org)**"), ["*<https://example.org|docs>*"]);
}

#[test]
fn a_document_keeps_its_marks_lists_and_links() {
    let (content, text) = document(json!([
        { "type": "paragraph", "content": [
            { "type": "text", "text": "Dear " },
            { "type": "text", "text": "Dana & co ", "marks": [{ "type": "bold" }, { "type": "italic" }] },
            { "type": "text", "text": "x<y", "marks": [{ "type": "code" }] },
            { "type": "hardBreak" },
            { "type": "text", "text": "terms", "marks": [{ "type": "link", "attrs": { "href": "https://example.org/a|b" } }] },
        ]},
        { "type": "bulletList", "content": [
            { "type": "listItem", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "one" }] }] },
            { "type": "listItem", "content": [
                { "type": "paragraph", "content": [{ "type": "text", "text": "two" }] },
                { "type": "orderedList", "content": [
                    { "type": "listItem", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": "deep" }] }] },
                ]},
            ]},
        ]},
        { "type": "image", "attrs": { "src": "https://example.org/p.png", "alt": "a picture" } },
    ]));
    let expected = "Dear *_Dana &amp; co_* `x&lt;y`\n<https://example.org/a%7Cb|terms>\n• one\n• two\n    1. deep\n<https://example.org/p.png|a picture>";
    assert_eq!(posted_document(content, &text), [expected]);
}

// checklist 18
#[test]
fn a_text_of_the_limit_is_one_message_and_one_more_character_makes_two() {
    assert_eq!(posted(&"x".repeat(3_900)).len(), 1);
    let two = posted(&format!("{} {}", "x".repeat(3_000), "y".repeat(900)));
    assert_eq!(two, ["x".repeat(3_000), "y".repeat(900)], "cut at the space");
    let apart = posted(&format!("a{}b", " ".repeat(9_000)));
    assert_eq!(apart, ["a", "b"], "white space that fits in no message is none");
    for length in [3_901, 4_000, 4_001] {
        let pieces = posted(&"x".repeat(length));
        assert_eq!(pieces.len(), 2, "{length}");
        assert_eq!(pieces.concat().len(), length);
    }
}

// checklist 18
#[test]
fn forty_thousand_characters_are_posted_in_order_and_none_is_lost() {
    let text: Vec<String> = (0..7_000).map(|word| format!("w{word}")).collect();
    let text = text.join(" ");
    assert!(text.len() > 40_000);
    let pieces = posted(&text);
    assert!(pieces.iter().all(|piece| piece.chars().count() <= 3_900));
    assert_eq!(pieces.join(" "), text);
}

// checklist 18
#[test]
fn a_code_block_that_is_cut_is_closed_and_opened_again() {
    let code: Vec<String> = (0..400).map(|line| format!("    let x{line} = {line};")).collect();
    let pieces = posted(&format!("Look:\n```\n{}\n```\nthat is all", code.join("\n")));
    assert!(pieces.len() > 1);
    for piece in &pieces {
        assert_eq!(piece.matches("```").count() % 2, 0, "each piece stands alone");
        assert!(piece.chars().count() <= 3_900);
    }
    let lines: Vec<&str> = pieces.iter().flat_map(|piece| piece.lines()).filter(|line| !line.starts_with("```")).collect();
    assert_eq!(lines.len(), 402, "every line once, with its indentation");
    assert!(lines[1..401].iter().all(|line| line.starts_with("    let x")));
}

#[test]
fn a_cut_is_never_inside_a_link_or_an_entity() {
    let link = "[a label of some words](https://example.org/a/rather/long/address)";
    let pieces = posted(&format!("{} {}", "x".repeat(3_870), link.repeat(3)));
    let tag = "<https://example.org/a/rather/long/address|a label of some words>";
    assert_eq!(pieces.iter().map(|piece| piece.matches(tag).count()).sum::<usize>(), 3);
    let pieces = posted(&"&".repeat(2_000));
    assert!(pieces.iter().all(|piece| piece.replace("&amp;", "").is_empty()), "only whole entities");
    assert_eq!(pieces.concat().matches("&amp;").count(), 2_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_posted_reads_back_as_what_was_typed(words in proptest::collection::vec("[a-z<>&!@#|;]{1,12}", 1..40)) {
        let text = words.join(" ");
        let posted = posted(&text).join(" ");
        prop_assert!(!posted.contains('<') && !posted.contains('>'));
        prop_assert_eq!(posted.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), text);
    }

    #[test]
    fn a_long_text_of_anything_is_cut_within_the_limit(text in proptest::collection::vec(prop::sample::select(vec![" ", "\n", "\n\n", "```", "&", "<", "é", "👩‍👩‍👧", "word", "[x](https://a.b)", "    "]), 2_000..6_000)) {
        let text = format!("a{}", text.concat());
        for piece in posted(&text) {
            prop_assert!(piece.chars().count() <= 3_900);
            prop_assert!(!piece.trim().is_empty());
        }
    }
}
