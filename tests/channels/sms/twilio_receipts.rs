//! What Twilio tells of messages that we sent.

use entities::{Happening, ReceiptStatus, inbound::ChannelNewsKind};
use switchboard::channels::{adapter::Adapter, sms::Sms};

use super::{
    ACCOUNT_SID, CUSTOMER, OUR_NUMBER, OWN_ID, form_request, ignored, notification, preferences, receipt, request, signed, told, twilio,
    twilio_signature, twilio_tells,
};

fn status(word: &str, more: &str) -> String {
    format!("AccountSid={ACCOUNT_SID}&MessageSid=SM9&MessageStatus={word}&SmsStatus={word}&From=%2B15005550006&To=%2B15005550001{more}")
}

// checklist 17
#[test]
fn an_undelivered_message_has_failed_with_the_code_and_what_it_means() {
    let inbound = twilio_tells(include_str!("../fixtures/sms/twilio_receipt_undelivered_30003.form"));
    assert_eq!((inbound.len(), inbound[0].account.as_str()), (1, OUR_NUMBER));
    let receipt = receipt(&inbound);
    assert_eq!((receipt.target.as_str(), receipt.status), ("SM00000000000000000000000000000009", ReceiptStatus::Failed));
    assert_eq!(receipt.error.as_ref().unwrap().to_string(), "the handset is off or out of reach (30003)");
}

// checklist 16
#[test]
fn each_status_has_its_place_and_an_unknown_one_changes_nothing() {
    let place = |word: &str| receipt(&twilio_tells(&status(word, ""))).status;
    for word in ["accepted", "scheduled", "queued", "sending"] {
        assert_eq!(place(word), ReceiptStatus::Accepted, "{word}");
    }
    assert_eq!(place("sent"), ReceiptStatus::Sent);
    assert_eq!(place("delivered"), ReceiptStatus::Delivered);
    assert_eq!(place("read"), ReceiptStatus::Read);
    for word in ["undelivered", "failed", "canceled"] {
        assert_eq!(place(word), ReceiptStatus::Failed, "{word}");
    }
    assert_eq!(ignored(&twilio_tells(&status("teleported", ""))), "message status teleported");
    assert_eq!(ignored(&twilio_tells(&status("received", ""))), "message status received");
    assert_eq!(ignored(&twilio_tells(&status("receiving", ""))), "message status receiving");
}

// checklist 16
#[test]
fn a_receipt_says_the_same_however_often_and_in_whatever_order_it_comes() {
    let delivered = twilio_tells(&status("delivered", ""));
    assert_eq!(twilio_tells(&status("sent", "")).len(), 1);
    assert_eq!(twilio_tells(&status("delivered", "")), delivered);
    assert_eq!((receipt(&delivered).target.as_str(), receipt(&delivered).own_id.as_ref()), ("SM9", None));
}

// checklist 16
#[test]
fn a_receipt_names_our_own_id_so_that_it_may_come_before_our_call_was_answered() {
    let url = format!("https://msg.example.org/api/webhooks/sms?mid={OWN_ID}");
    let inbound = told(&twilio(), &signed(&url, &status("sent", "")));
    assert_eq!(receipt(&inbound).own_id.as_deref(), Some(OWN_ID));
    let get = format!("{url}&{}", status("sent", ""));
    let signature = twilio_signature(super::TOKEN, &get, "");
    let inbound = told(&twilio(), &request("GET", &get, &[("x-twilio-signature", &signature)], ""));
    assert_eq!(receipt(&inbound).own_id.as_deref(), Some(OWN_ID));

    // The id is in the address, and so it is signed.
    let body = status("sent", "");
    let signature = twilio_signature(super::TOKEN, &url, &body);
    let other = url.replace("000000000001", "000000000002");
    assert!(Sms.verify(&twilio(), &form_request(&other, &[("x-twilio-signature", &signature)], &body)).is_err());
}

// checklist 17
#[test]
fn codes_of_receipts_are_said_in_words() {
    let words = |code: u32| receipt(&twilio_tells(&status("failed", &format!("&ErrorCode={code}")))).error.clone().unwrap().title;
    assert_eq!(words(30003), "the handset is off or out of reach");
    assert_eq!(words(30004), "blocked by the recipient or the carrier");
    assert_eq!(words(30005), "the number does not exist");
    assert_eq!(words(30006), "a landline, or a carrier that cannot be reached");
    assert_eq!(words(30007), "filtered as spam by the carrier");
    assert_eq!(words(30008), "not delivered, for a reason that is not known");
    assert_eq!(words(31999), "not delivered");
    let told = receipt(&twilio_tells(&status("failed", "&ErrorCode=30005&ErrorMessage=Unknown+destination"))).error.clone().unwrap();
    assert_eq!(told.detail.as_deref(), Some("Unknown destination"));
    let silent = receipt(&twilio_tells(&status("undelivered", ""))).error.clone().unwrap();
    assert_eq!(silent.to_string(), "not delivered, and Twilio does not say why (undelivered)");
}

// checklist 17
#[test]
fn code_21610_in_a_receipt_is_an_opt_out() {
    let inbound = twilio_tells(&status("failed", "&ErrorCode=21610"));
    assert_eq!(receipt(&inbound).status, ReceiptStatus::Failed);
    assert_eq!(preferences(&inbound), [(CUSTOMER.to_owned(), false, None)]);
    assert!(preferences(&twilio_tells(&status("failed", "&ErrorCode=30004"))).is_empty());
}

#[test]
fn failures_that_concern_the_whole_channel_are_said_of_it() {
    let news = |code: u32| {
        let inbound = twilio_tells(&status("failed", &format!("&ErrorCode={code}")));
        inbound.iter().find_map(|item| match &item.what {
            Happening::Channel(news) => Some((news.kind, news.detail.clone())),
            _ => None,
        })
    };
    assert_eq!(news(30034), Some((ChannelNewsKind::Restricted, "Twilio 30034: our number is in no A2P campaign".to_owned())));
    assert_eq!(news(30032).unwrap().0, ChannelNewsKind::Restricted);
    assert_eq!(news(30002).unwrap().0, ChannelNewsKind::Restricted);
    assert_eq!(news(30007).unwrap().0, ChannelNewsKind::Notice);
    assert_eq!(news(30003), None);
}

#[test]
fn receipts_of_whatsapp_messages_stay_on_their_channel() {
    let body = format!(
        "AccountSid={ACCOUNT_SID}&MessageSid=SM9&MessageStatus=read&From=whatsapp%3A%2B15005550006&To=whatsapp%3A%2B15005550001&EventType=READ"
    );
    let inbound = twilio_tells(&body);
    assert_eq!((inbound[0].account.as_str(), receipt(&inbound).status), ("whatsapp:+15005550006", ReceiptStatus::Read));
    let blocked = body.replace("read", "failed") + "&ErrorCode=21610";
    assert_eq!(preferences(&twilio_tells(&blocked)), [("15005550001".to_owned(), false, None)]);
}

#[test]
fn a_receipt_that_names_no_message_is_unreadable() {
    let body = format!("AccountSid={ACCOUNT_SID}&MessageStatus=sent&From=%2B15005550006&To=%2B15005550001");
    let notification = notification(&twilio(), &signed("https://msg.example.org/in", &body));
    assert_eq!(Sms.parse(&twilio(), &notification).unwrap_err().0, "no MessageSid");
}
