//! What customers send: every payload of the specification's sections 6.1 to 6.15 and 6.17 to 6.19, and what it tells.

use serde_json::json;

use super::told;

// checklist 9, 6.1
#[test]
fn a_text_is_a_message_of_somebody_known_by_number_and_by_user_id() {
    assert_eq!(told("text"), json!([{"message": {"kind": "text", "text": "Hello, is the blue one in stock? 👋"}}]));
}

// checklist 9, 6.2
#[test]
fn a_text_of_somebody_without_a_number_comes_from_the_user_id() {
    assert_eq!(
        told("text_from_user_id_alone"),
        json!([{"message": {
            "id": "wamid.BSUIDONLY1", "kind": "text",
            "party": {"address": "whatsapp:US.13000000000000000042", "also": ["whatsapp:US.ENT.11000000000000000007"], "name": "Dana Field"},
            "text": "no phone number in this one",
        }}])
    );
}

// checklist 9, 6.3
#[test]
fn a_picture_is_a_file_with_its_caption_and_its_hash_in_digits() {
    assert_eq!(
        told("image"),
        json!([{"message": {
            "kind": "image",
            "media": [{
                "auth": "bearer", "id": "2754850000000001", "kind": "image", "mime": "image/jpeg",
                "sha256": "666f72206578616d706c65206f6e6c79206e6f74206120686173682121212121",
                "url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=2754850000000001&source=webhook&ext=1760000300&hash=EXAMPLE",
            }],
            "text": "this one",
        }}])
    );
}

// checklist 9, 6.4
#[test]
fn a_film_that_was_passed_on_says_so() {
    assert_eq!(
        told("video_forwarded"),
        json!([{"message": {
            "details": {"forwarded": true}, "kind": "video",
            "media": [{"auth": "bearer", "id": "2754850000000002", "kind": "video", "mime": "video/mp4"}], "text": "leak",
        }}])
    );
}

// checklist 9, 6.5
#[test]
fn what_was_spoken_is_a_voice_message() {
    assert_eq!(
        told("voice_note"),
        json!([{"message": {
            "kind": "voice", "media": [{"auth": "bearer", "id": "2754850000000003", "kind": "voice", "mime": "audio/ogg; codecs=opus"}],
            "text": "",
        }}])
    );
}

// checklist 9, 6.6
#[test]
fn a_document_keeps_its_name() {
    assert_eq!(
        told("document_with_unicode_name"),
        json!([{"message": {
            "kind": "document",
            "media": [{"auth": "bearer", "filename": "Rechnung März.pdf", "id": "2754850000000004", "kind": "document", "mime": "application/pdf"}],
            "text": "Invoice",
        }}])
    );
}

// checklist 9, 6.7
#[test]
fn a_sticker_is_a_sticker() {
    assert_eq!(
        told("sticker"),
        json!([{"message": {
            "details": {"animated": true}, "kind": "sticker",
            "media": [{"auth": "bearer", "id": "2754850000000005", "kind": "sticker", "mime": "image/webp"}], "text": "",
        }}])
    );
}

// checklist 9, 6.8
#[test]
fn a_place_says_where_it_is() {
    assert_eq!(
        told("location"),
        json!([{"message": {
            "details": {"location": {
                "address": "Stephansplatz 1, Wien", "latitude": 48.208_174, "longitude": 16.373_819, "name": "Cathedral square",
                "url": "https://example.org/place/1",
            }},
            "kind": "location", "text": "Cathedral square, Stephansplatz 1, Wien",
        }}])
    );
}

// checklist 9, 6.9
#[test]
fn cards_of_people_are_listed() {
    assert_eq!(
        told("contact_cards"),
        json!([{"message": {
            "details": {"contacts": [{
                "birthday": "1990-01-31", "emails": [{"email": "pat@example.org", "type": "WORK"}],
                "name": {"first_name": "Pat", "formatted_name": "Pat Example", "last_name": "Example"},
                "org": {"company": "Example Ltd", "title": "Buyer"},
                "phones": [{"phone": "+1 555-010-7777", "type": "CELL", "wa_id": "15550107777"}],
            }]},
            "kind": "contacts", "text": "Pat Example, +1 555-010-7777, pat@example.org",
        }}])
    );
}

// checklist 9, 6.10
#[test]
fn a_reaction_names_the_message() {
    assert_eq!(told("reaction"), json!([{"reaction": {"emoji": "👍", "from": "Dana", "target": "wamid.OUT0001"}}]));
}

// checklist 9, 6.10
#[test]
fn a_reaction_without_an_emoji_takes_it_back() {
    assert_eq!(told("reaction_removed_by_missing_emoji"), json!([{"reaction": {"from": "Dana", "target": "wamid.OUT0001"}}]));
}

// checklist 9, 6.11; 21
#[test]
fn an_answer_names_what_it_answers() {
    assert_eq!(told("reply"), json!([{"message": {"kind": "text", "reply_to": "wamid.OUT0001", "text": "Yes, that one"}}]));
}

// checklist 9, 6.11
#[test]
fn a_chain_letter_is_marked() {
    assert_eq!(
        told("frequently_forwarded"),
        json!([{"message": {"details": {"frequently_forwarded": true}, "kind": "text", "text": "FW: FW: please read"}}])
    );
}

// checklist 9, 6.11
#[test]
fn a_question_about_goods_names_them() {
    assert_eq!(
        told("product_question"),
        json!([{"message": {
            "details": {"product": {"catalog_id": "194836987003835", "product_retailer_id": "SKU-77"}}, "kind": "text",
            "reply_to": "wamid.OUT0009", "text": "Is this still available?",
        }}])
    );
}

// checklist 9, 6.12
#[test]
fn a_templates_button_has_a_label_and_a_payload() {
    assert_eq!(
        told("template_button"),
        json!([{"message": {"kind": "interactive_reply", "payload": "CONFIRM_42", "reply_to": "wamid.TEMPLATE1", "text": "Confirm"}}])
    );
}

// checklist 9, 6.13
#[test]
fn a_reply_button_has_a_title_and_an_id() {
    assert_eq!(
        told("reply_button"),
        json!([{"message": {"kind": "interactive_reply", "payload": "yes", "reply_to": "wamid.OUT0002", "text": "Yes please"}}])
    );
}

// checklist 9, 6.13
#[test]
fn a_row_of_a_list_has_a_description_besides() {
    assert_eq!(
        told("list_row"),
        json!([{"message": {
            "details": {"description": "45 minutes"}, "kind": "interactive_reply", "payload": "slot-3", "reply_to": "wamid.OUT0003",
            "text": "Tue 14:00",
        }}])
    );
}

// checklist 9, 6.13
#[test]
fn a_form_shows_its_answers() {
    assert_eq!(
        told("flow_form"),
        json!([{"message": {
            "details": {"form": {"flow_token": "ft-1", "rating": "5"}}, "kind": "form_reply", "reply_to": "wamid.OUT0004",
            "text": "Sent\nrating: 5",
        }}])
    );
}

// checklist 9, 6.14
#[test]
fn an_order_lists_the_goods() {
    assert_eq!(
        told("order"),
        json!([{"message": {
            "details": {"order": {
                "catalog_id": "354160437000001",
                "product_items": [{"currency": "EUR", "item_price": 30, "product_retailer_id": "SKU-77", "quantity": 2}],
                "text": "gift wrap please",
            }},
            "kind": "order", "text": "gift wrap please\n2 × SKU-77 (30 EUR)",
        }}])
    );
}

// checklist 9, 6.15
#[test]
fn where_the_customer_came_from_is_kept_whole() {
    assert_eq!(
        told("ad_referral"),
        json!([{"message": {
            "details": {"referral": {
                "body": "Everything must go", "ctwa_clid": "ARexampleclid", "headline": "Summer sale",
                "image_url": "https://scontent.example.org/ad.jpg", "media_type": "image", "source_id": "120210000000000001",
                "source_type": "ad", "source_url": "https://fb.me/ex4mple", "welcome_message": {"text": "Hi! How can we help?"},
            }},
            "kind": "text", "text": "I saw your ad",
        }}])
    );
}

// checklist 9, 6.17
#[test]
fn what_meta_cannot_pass_on_is_a_placeholder() {
    assert_eq!(
        told("unsupported_poll"),
        json!([{"message": {"kind": "unsupported", "text": "Message type is currently not supported. (poll)"}}])
    );
}

// checklist 9, 6.17
#[test]
fn an_interactive_message_without_content_is_a_placeholder() {
    assert_eq!(
        told("interactive_without_body"),
        json!([{"message": {"kind": "unsupported", "reply_to": "wamid.OUT0004", "text": "Unsupported webhook payload (interactive)"}}])
    );
}

// checklist 9, 6.18
#[test]
fn an_edit_is_the_whole_message_under_its_first_id() {
    assert_eq!(
        told("edit"),
        json!([{"edit": {"message": {"id": "wamid.IN0007", "kind": "text", "text": "corrected text"}, "revision": 1_760_000_000_000_000_i64}}])
    );
}

// checklist 9, 6.18
#[test]
fn a_message_taken_back_is_a_deletion() {
    assert_eq!(told("revoke"), json!([{"deletion": {"target": "wamid.IN0007"}}]));
}

// checklist 9, 6.19; 32
#[test]
fn a_group_is_ignored() {
    assert_eq!(told("group_message"), json!([{"ignored": {"reason": "group"}}]));
}
