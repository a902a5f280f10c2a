//! What comes from Messenger: every payload of the specification's sections 5 and 6.1 to 6.18, and what it tells.

use serde_json::json;

use super::told;

// checklist 6
#[test]
fn a_batch_is_three_messages_in_two_accounts() {
    assert_eq!(
        told("batch_of_two_pages"),
        json!([
            {"message": {"id": "m_1", "kind": "text", "text": "one"}},
            {"at": "2025-10-09T08:53:20.124000Z", "message": {"id": "m_2", "kind": "text", "text": "two"}},
            {
                "account": "110000000000002",
                "message": {"id": "m_3", "kind": "text", "party": {"address": "messenger:7100000000000009"}, "text": "other page"},
            },
        ])
    );
}

// checklist 5, 6.1
#[test]
fn a_text_is_a_message_of_the_pages_user() {
    assert_eq!(told("text"), json!([{"message": {"kind": "text", "text": "Hello 👋 is anybody there?"}}]));
}

// checklist 5, 6.2
#[test]
fn a_quick_reply_has_a_label_and_a_payload() {
    assert_eq!(told("quick_reply"), json!([{"message": {"kind": "interactive_reply", "payload": "COLOR_RED", "text": "Red"}}]));
}

// checklist 5, 6.3
#[test]
fn an_answer_names_what_it_answers() {
    assert_eq!(told("reply"), json!([{"message": {"kind": "text", "reply_to": "m_OurEarlierMessage", "text": "yes, this"}}]));
}

// checklist 5, 6.4
#[test]
fn two_pictures_are_one_message_with_two_files_that_expire() {
    assert_eq!(
        told("two_images"),
        json!([{"message": {
            "kind": "image",
            "media": [
                {
                    "auth": "none", "expires_at": "2025-10-15T20:11:44.000000Z", "filename": "a.jpg", "kind": "image",
                    "url": "https://scontent.xx.fbcdn.net/v/t1.15752-9/a.jpg?oh=x&oe=68F00000",
                },
                {
                    "auth": "none", "expires_at": "2025-10-15T20:11:44.000000Z", "filename": "b.jpg", "kind": "image",
                    "url": "https://scontent.xx.fbcdn.net/v/t1.15752-9/b.jpg?oh=y&oe=68F00000",
                },
            ],
            "text": "",
        }}])
    );
}

// checklist 5, 6.4
#[test]
fn sound_is_a_file_named_by_its_address() {
    assert_eq!(
        told("audio"),
        json!([{"message": {
            "kind": "audio",
            "media": [{
                "auth": "none", "expires_at": "2025-10-15T20:11:44.000000Z", "filename": "voice.mp4", "kind": "audio",
                "url": "https://cdn.fbsbx.com/v/t59/voice.mp4?oe=68F00000",
            }],
            "text": "",
        }}])
    );
}

// checklist 5, 6.6
#[test]
fn a_place_says_where_it_is() {
    assert_eq!(
        told("location"),
        json!([{"message": {"details": {"location": {"latitude": 48.208_174, "longitude": 16.373_819}}, "kind": "location", "text": "48.208174, 16.373819"}}])
    );
}

// checklist 5, 6.7
#[test]
fn a_link_with_a_preview_is_a_text() {
    assert_eq!(
        told("link_share"),
        json!([{"message": {
            "details": {"shares": [{"title": "An article", "type": "fallback", "url": "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Farticle"}]},
            "kind": "text", "text": "https://example.org/article",
        }}])
    );
}

// checklist 5, 6.7
#[test]
fn a_reel_is_shared_by_its_link() {
    assert_eq!(
        told("reel"),
        json!([{"message": {
            "details": {"shares": [{"title": "A reel", "type": "reel", "url": "https://www.facebook.com/reel/123/"}]}, "kind": "share",
            "text": "A reel\nhttps://www.facebook.com/reel/123/",
        }}])
    );
}

// checklist 5, 6.8
#[test]
fn a_question_about_goods_names_them() {
    assert_eq!(
        told("product_question"),
        json!([{"message": {"details": {"referral": {"product": {"id": "5500000000000001"}}}, "kind": "text", "text": "how much?"}}])
    );
}

// checklist 5, 6.8
#[test]
fn where_the_customer_came_from_is_kept_whole() {
    assert_eq!(
        told("ad_referral_in_message"),
        json!([{"message": {
            "details": {"referral": {
                "ad_id": "6045246247433",
                "ads_context_data": {"ad_title": "Summer sale", "photo_url": "https://example.org/p.jpg", "post_id": "1_2", "video_url": ""},
                "ref": "summer", "source": "ADS", "type": "OPEN_THREAD",
            }},
            "kind": "text", "text": "hi",
        }}])
    );
}

// checklist 5, 6.9
#[test]
fn a_pressed_button_is_a_message() {
    assert_eq!(
        told("postback_get_started"),
        json!([{"message": {
            "details": {"referral": {"ref": "qr-42", "source": "SHORTLINK", "type": "OPEN_THREAD"}}, "id": "m_PostbackMid",
            "kind": "interactive_reply", "payload": "GET_STARTED", "text": "Get Started",
        }}])
    );
}

// checklist 5, 6.10
#[test]
fn a_referral_without_a_message_is_news_and_no_message() {
    assert_eq!(
        told("referral_alone"),
        json!([{"channel": {
            "data": {"contact": "messenger:7100000000000001", "referral": {"ref": "qr-42", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
            "detail": "Somebody came by a link or an advertisement", "kind": "notice",
        }}])
    );
}

// checklist 5, 6.11
#[test]
fn an_opt_in_is_news_and_no_message() {
    assert_eq!(
        told("optin"),
        json!([{"channel": {
            "data": {
                "contact": "messenger:7100000000000001",
                "optin": {
                    "notification_messages_frequency": "WEEKLY", "notification_messages_token": "1122334455", "payload": "weekly",
                    "title": "News", "token_expiry_timestamp": 1_790_000_000_000_i64, "type": "notification_messages",
                    "user_token_status": "NOT_REFRESHED",
                },
            },
            "detail": "Somebody opted in", "kind": "notice",
        }}])
    );
}

// checklist 5, 6.12
#[test]
fn an_echo_is_outgoing_and_brings_our_own_id_back() {
    assert_eq!(
        told("echo_with_metadata"),
        json!([{"message": {"direction": "out", "id": "m_EchoMid", "kind": "text", "own_id": "out_01J9ZK", "text": "sent from the Page inbox"}}])
    );
}

// checklist 5, 6.13
#[test]
fn a_delivery_names_messages_and_a_watermark() {
    assert_eq!(
        told("delivery_with_mids"),
        json!([
            {"receipt": {"status": "delivered", "target": "m_OurMessage1"}},
            {"watermark": {"status": "delivered", "up_to": "2025-10-09T08:53:19.123000Z"}},
        ])
    );
}

// checklist 5, 6.13
#[test]
fn a_delivery_may_have_the_watermark_alone() {
    assert_eq!(told("delivery_watermark_alone"), json!([{"watermark": {"status": "delivered", "up_to": "2025-10-09T08:53:19.123000Z"}}]));
}

// checklist 5, 6.13
#[test]
fn what_was_read_is_a_watermark() {
    assert_eq!(told("read_watermark"), json!([{"watermark": {"status": "read", "up_to": "2025-10-09T08:53:19.623000Z"}}]));
}

// checklist 5, 6.14
#[test]
fn a_reaction_names_the_message() {
    assert_eq!(told("reaction"), json!([{"reaction": {"emoji": "❤", "target": "m_OurMessage1"}}]));
}

// checklist 5, 6.14
#[test]
fn a_reaction_is_taken_back() {
    assert_eq!(told("reaction_removed"), json!([{"reaction": {"target": "m_OurMessage1"}}]));
}

// checklist 5, 6.15
#[test]
fn an_edit_keeps_the_id_and_counts_itself() {
    assert_eq!(
        told("edit"),
        json!([{"edit": {"message": {"id": "m_TheirMessage", "kind": "text", "text": "corrected text"}, "revision": 1}}])
    );
}

// checklist 5, 6.16
#[test]
fn what_another_app_handles_is_marked() {
    assert_eq!(told("standby"), json!([{"message": {"details": {"standby": true}, "kind": "text", "text": "for the other app"}}]));
}

// checklist 5, 6.16
#[test]
fn a_thread_handed_to_us_is_ours() {
    assert_eq!(
        told("thread_control_passed"),
        json!([{"channel": {
            "data": {
                "contact": "messenger:7100000000000001", "new_owner_app_id": "1234567890", "owner": "us",
                "previous_owner_app_id": "263902037430900", "reason": "to desk",
            },
            "detail": "The conversation was handed to us: to desk", "kind": "thread_control",
        }}])
    );
}

// checklist 5, 6.17
#[test]
fn a_blocked_page_is_restricted() {
    assert_eq!(
        told("policy_block"),
        json!([{"channel": {
            "data": {"action": "block", "reason": "The bot violated a policy."},
            "detail": "Meta does not let the page send: The bot violated a policy.", "kind": "restricted",
        }}])
    );
}

// checklist 5, 6.17
#[test]
fn what_meta_cannot_pass_on_is_a_placeholder() {
    assert_eq!(told("unsupported"), json!([{"message": {"kind": "unsupported", "text": "A message that cannot be shown"}}]));
}

// checklist 5, 6.18
#[test]
fn a_comment_is_ignored() {
    assert_eq!(told("page_comment"), json!([{"ignored": {"reason": "field: feed"}}]));
}

// checklist 5, 6.5
#[test]
fn a_thumbs_up_told_twice_is_one_sticker() {
    assert_eq!(
        told("sticker_as_image_and_sticker"),
        json!([{"message": {"details": {"sticker_id": "369239263222822"}, "kind": "sticker", "text": "👍"}}])
    );
}

// checklist 5, 6.5
#[test]
fn a_thumbs_up_is_a_thumbs_up() {
    assert_eq!(
        told("sticker_alone"),
        json!([{"message": {"details": {"sticker_id": "369239263222822"}, "kind": "sticker", "text": "👍"}}])
    );
}
