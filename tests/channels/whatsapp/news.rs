//! What else is told: every payload of the specification's sections 6.16 and 6.20 to 6.26.

use serde_json::json;

use super::told;

// checklist 9, 6.16; 19
#[test]
fn a_changed_number_adds_the_new_number_and_user_id() {
    assert_eq!(
        told("number_changed"),
        json!([{"contact_changed": {
            "also": [
                "whatsapp:15550108888",
                "phone:+15550108888",
                "whatsapp:US.13000000000000000043",
                "phone:+15550109999",
                "whatsapp:US.13000000000000000042",
            ],
            "known_by": "whatsapp:15550109999",
        }}])
    );
}

// checklist 9, 6.16
#[test]
fn a_changed_user_id_adds_the_new_one() {
    assert_eq!(
        told("user_id_changed"),
        json!([{"contact_changed": {
            "also": ["whatsapp:US.13000000000000000043", "whatsapp:US.ENT.11000000000000000008"],
            "known_by": "whatsapp:US.13000000000000000042",
        }}])
    );
}

// checklist 9, 6.16
#[test]
fn a_changed_device_adds_nothing() {
    assert_eq!(told("identity_changed"), json!([{"ignored": {"reason": "system: customer_identity_changed"}}]));
}

// checklist 9, 6.20
#[test]
fn sent_brings_our_own_id_back() {
    assert_eq!(
        told("status_sent"),
        json!([{"at": "2025-10-09T08:55:00.000000Z", "receipt": {"own_id": "out_01J9ZK", "status": "sent", "target": "wamid.OUT0001"}}])
    );
}

// checklist 9, 6.20
#[test]
fn delivered_is_a_receipt() {
    assert_eq!(
        told("status_delivered"),
        json!([{"at": "2025-10-09T08:55:00.000000Z", "receipt": {"status": "delivered", "target": "wamid.OUT0001"}}])
    );
}

// checklist 9, 6.20
#[test]
fn read_is_a_receipt() {
    assert_eq!(
        told("status_read"),
        json!([{"at": "2025-10-09T08:55:00.000000Z", "receipt": {"status": "read", "target": "wamid.OUT0001"}}])
    );
}

// checklist 9, 6.20
#[test]
fn played_is_a_receipt() {
    assert_eq!(
        told("status_played"),
        json!([{"at": "2025-10-09T08:55:00.000000Z", "receipt": {"status": "played", "target": "wamid.OUT0001"}}])
    );
}

// checklist 9, 6.20
#[test]
fn failed_says_why() {
    assert_eq!(
        told("status_failed_window"),
        json!([{
            "at": "2025-10-09T08:55:00.000000Z",
            "receipt": {
                "error": {
                    "code": "131047",
                    "detail": "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
                    "title": "Re-engagement message",
                },
                "status": "failed", "target": "wamid.OUT0001", "consequence": "window_closed",
            },
        }])
    );
}

// checklist 9, 6.21; 31
#[test]
fn what_the_phone_app_sent_is_outgoing() {
    assert_eq!(
        told("echo_from_phone_app"),
        json!([{
            "at": "2025-10-09T08:56:40.000000Z",
            "message": {"direction": "out", "id": "wamid.ECHO1", "kind": "text", "text": "answered from the phone app"},
        }])
    );
}

// checklist 9, 6.22; 10
#[test]
fn a_batch_is_two_messages_and_two_receipts_in_order() {
    assert_eq!(
        told("batch"),
        json!([
            {"at": "2025-10-09T08:53:21.000000Z", "message": {"id": "wamid.B1", "kind": "text", "text": "one"}},
            {"at": "2025-10-09T08:53:22.000000Z", "message": {"id": "wamid.B2", "kind": "text", "text": "two"}},
            {"at": "2025-10-09T08:53:23.000000Z", "receipt": {"status": "delivered", "target": "wamid.OUT0001"}},
            {"at": "2025-10-09T08:53:22.000000Z", "receipt": {"status": "sent", "target": "wamid.OUT0001"}},
        ])
    );
}

// checklist 9, 6.23
#[test]
fn who_stops_marketing_still_gets_answers() {
    assert_eq!(
        told("marketing_stop"),
        json!([{"preference": {
            "contact": "whatsapp:15550109999", "keyword": "User requested to stop marketing messages", "scope": "marketing",
            "wants": false,
        }}])
    );
}

// checklist 9, 6.24
#[test]
fn a_rejected_template_is_news_of_the_business_account() {
    assert_eq!(
        told("template_rejected"),
        json!([{
            "account": "102000000000001",
            "channel": {
                "data": {
                    "category": "UTILITY", "event": "REJECTED", "field": "message_template_status_update", "id": "1689000000000001",
                    "language": "en_US", "name": "order_confirmation", "reason": "INVALID_FORMAT", "status": "rejected",
                },
                "detail": "Template order_confirmation: REJECTED (INVALID_FORMAT)", "kind": "template_changed",
            },
        }])
    );
}

// checklist 9, 6.24
#[test]
fn a_removed_app_disconnects() {
    assert_eq!(
        told("account_partner_removed"),
        json!([{
            "account": "102000000000001",
            "channel": {
                "data": {"event": "PARTNER_REMOVED", "waba_info": {"owner_business_id": "232000000000001", "waba_id": "102000000000001"}},
                "detail": "The app was removed from the WhatsApp account (PARTNER_REMOVED)", "kind": "uninstalled",
            },
        }])
    );
}

// checklist 9, 6.25
#[test]
fn a_call_that_is_over_says_how_long_was_spoken() {
    assert_eq!(
        told("call_ended"),
        json!([{
            "at": "2025-10-09T09:01:40.000000Z",
            "call": {
                "connected_at": "2025-10-09T09:00:00.000000Z", "ended_at": "2025-10-09T09:01:30.000000Z", "legs": ["wacid.HBgL0001"],
                "phase": "ended", "talk_ms": 90000,
            },
        }])
    );
}

// checklist 9, 6.26
#[test]
fn what_another_sender_handles_is_marked() {
    assert_eq!(
        told("standby_message"),
        json!([{"message": {"details": {"standby": true}, "id": "wamid.STANDBY0001", "kind": "text", "text": "Are you open on Sunday?"}}])
    );
}

// checklist 9, 6.26
#[test]
fn what_another_sender_said_is_outgoing_and_marked() {
    assert_eq!(
        told("standby_echo"),
        json!([{
            "at": "2025-10-09T08:53:25.000000Z",
            "message": {
                "details": {"standby": true}, "direction": "out", "id": "wamid.STANDBY0002", "kind": "text",
                "party": {"address": "whatsapp:15550109999", "also": ["phone:+15550109999"]}, "reply_to": "wamid.STANDBY0001",
                "text": "Yes, from 10 to 16.",
            },
        }])
    );
}

// checklist 9, 6.26
#[test]
fn a_receipt_of_another_sender_is_a_receipt() {
    assert_eq!(
        told("standby_status"),
        json!([{"at": "2025-10-09T08:53:27.000000Z", "receipt": {"status": "delivered", "target": "wamid.STANDBY0002"}}])
    );
}

// checklist 9, 6.26
#[test]
fn a_conversation_handed_to_us_comes_with_a_note() {
    assert_eq!(
        told("handover_passed"),
        json!([
            {
                "at": "2025-10-09T08:53:30.000000Z",
                "channel": {
                    "data": {
                        "contact": "whatsapp:15550109999", "new_owner_role": "escalation", "owner": "us",
                        "previous_owner_app_id": "1000000000000001", "previous_owner_app_role": "meta_business_agent",
                        "previous_owner_role": "ai_agent", "reason": "customer asked for a person",
                    },
                    "detail": "The conversation was handed to us: customer asked for a person", "kind": "thread_control",
                },
            },
            {
                "at": "2025-10-09T08:53:30.000000Z",
                "note": {
                    "contact": {"address": "whatsapp:15550109999", "also": ["phone:+15550109999"]},
                    "key": "derived:3ce9d4811d6515b82e26d11f3c7a799eec865d42ee61fe2666b5b19573b7ef80",
                    "text": "Customer asks about Sunday hours and wants to talk to staff.",
                },
            },
        ])
    );
}
