//! What Twilio tells of messages that came in.

use entities::{AddressKind, ChannelKind, Direction, Happening, InboundMedia, MediaAuth, MessageType};
use proptest::prelude::*;
use serde_json::json;
use switchboard::channels::{
    adapter::{Adapter, Notification},
    call::MediaCall,
    sms::Sms,
};

use super::{
    ACCOUNT_SID, CUSTOMER, OUR_NUMBER, TOKEN, answered, credential, header, ignored, message, notification, now, preferences, signed, told,
    twilio, twilio_signature, twilio_tells,
};

/// A message of the customer, with what is given instead or besides.
fn sms(more: &str) -> String {
    format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From=%2B15005550001&To=%2B15005550006&SmsStatus=received&{more}")
}

fn whatsapp(more: &str) -> String {
    format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From=whatsapp%3A%2B15005550001&To=whatsapp%3A%2B15005550006&SmsStatus=received&{more}")
}

// checklist 11
#[test]
fn a_text_message_is_a_message_of_the_customer_on_our_number() {
    let inbound = twilio_tells(include_str!("../fixtures/sms/twilio_sms.form"));
    assert_eq!(inbound.len(), 1);
    assert_eq!((inbound[0].channel, inbound[0].account.as_str(), inbound[0].at), (ChannelKind::Sms, OUR_NUMBER, None));
    let message = message(&inbound);
    assert_eq!(message.id, "SM00000000000000000000000000000001");
    assert_eq!(message.direction, Direction::In);
    assert_eq!((message.party.address.kind, message.party.address.value.as_str()), (AddressKind::Phone, CUSTOMER));
    assert_eq!((message.kind, message.text.as_str()), (MessageType::Text, "Hello there"));
    assert_eq!((message.thread.as_ref(), message.details.as_ref(), message.media.len()), (None, None, 0));
}

// checklist 11
#[test]
fn files_without_text_are_one_message_with_all_of_them() {
    let inbound = twilio_tells(include_str!("../fixtures/sms/twilio_mms_with_picture_and_card_and_no_text.form"));
    assert_eq!(inbound.len(), 1);
    let message = message(&inbound);
    assert_eq!((message.id.as_str(), message.kind, message.text.as_str()), ("MM00000000000000000000000000000002", MessageType::Image, ""));
    let first = InboundMedia {
        kind: MessageType::Image,
        id: Some("ME00000000000000000000000000000001".to_owned()),
        url: Some(format!(
            "https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/MM00000000000000000000000000000002/Media/ME00000000000000000000000000000001"
        )),
        mime: Some("image/jpeg".to_owned()),
        filename: None,
        size: None,
        sha256: None,
        auth: MediaAuth::Basic,
        expires_at: None,
    };
    assert_eq!(message.media[0], first);
    assert_eq!(message.media.len(), 2);
}

// checklist 12
#[test]
fn a_card_is_a_contact_and_a_type_may_be_wrong_or_have_parameters() {
    let kind = |mime: &str| {
        let body = sms(&format!("MediaUrl0=https%3A%2F%2Fapi.twilio.com%2FME1&MediaContentType0={mime}"));
        let inbound = twilio_tells(&body);
        (message(&inbound).kind, message(&inbound).media[0].mime.clone())
    };
    assert_eq!(kind("text%2Fx-vcard"), (MessageType::Contacts, Some("text/x-vcard".to_owned())));
    assert_eq!(kind("text%2FvCard%3B+charset%3Dutf-8"), (MessageType::Contacts, Some("text/vcard".to_owned())));
    assert_eq!(kind("IMAGE%2FPNG"), (MessageType::Image, Some("image/png".to_owned())));
    assert_eq!(kind("video%2F3gpp"), (MessageType::Video, Some("video/3gpp".to_owned())));
    assert_eq!(kind("audio%2Famr"), (MessageType::Audio, Some("audio/amr".to_owned())));
    assert_eq!(kind("application%2Foctet-stream"), (MessageType::Document, Some("application/octet-stream".to_owned())));
    assert_eq!(kind("nonsense"), (MessageType::Document, Some("nonsense".to_owned())));
    assert_eq!(kind(""), (MessageType::Document, None));
}

// checklist 11
#[test]
fn ten_files_are_all_kept_and_an_eleventh_is_not_asked_for() {
    let file = |n| format!("&MediaUrl{n}=https%3A%2F%2Fapi.twilio.com%2FME{n}&MediaContentType{n}=image%2Fjpeg");
    let files = (0..11).map(file).collect::<Vec<_>>().concat();
    let inbound = twilio_tells(&sms(&format!("Body=look&NumMedia=10{files}")));
    assert_eq!(message(&inbound).media.len(), 10);
    assert_eq!(message(&inbound).text, "look");
    assert_eq!(message(&twilio_tells(&sms("Body=x&NumMedia=5"))).media.len(), 0, "announced and not there");
}

// checklist 11
#[test]
fn a_message_that_says_nothing_is_shown_as_empty() {
    for body in ["Body=&NumMedia=0", "NumMedia=0", "Body=%20%20", "Body=%00"] {
        let inbound = twilio_tells(&sms(body));
        assert_eq!((message(&inbound).kind, message(&inbound).text.as_str()), (MessageType::Text, "(empty message)"), "{body}");
    }
}

// checklist 11
#[test]
fn a_zero_byte_and_other_control_characters_are_left_out_and_lines_are_kept() {
    let inbound = twilio_tells(&sms("Body=a%00b%07c%0D%0Ad%09e%1B%5B1m"));
    assert_eq!(message(&inbound).text, "abc\nd\te[1m");
    let inbound = twilio_tells(&sms("Body=caf%E9"));
    assert_eq!(message(&inbound).text, "caf\u{fffd}", "bytes that are no UTF-8");
}

#[test]
fn a_text_longer_than_a_message_may_be_is_cut_with_a_mark() {
    let inbound = twilio_tells(&sms(&format!("Body={}", "%C3%A4".repeat(10_001))));
    let text = &message(&inbound).text;
    assert_eq!(text.chars().count(), 10_000);
    assert!(text.ends_with("ä…"));
    let inbound = twilio_tells(&sms(&format!("Body={}", "a".repeat(10_000))));
    assert!(!message(&inbound).text.ends_with('…'));
}

#[test]
fn what_looks_like_base64_is_shown_as_it_came() {
    assert_eq!(message(&twilio_tells(&sms("Body=SGVsbG8gd29ybGQ%3D"))).text, "SGVsbG8gd29ybGQ=");
}

// checklist 13
#[test]
fn a_file_is_fetched_with_our_password_at_twilio_alone() {
    let with_key =
        credential("twilio", &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN), ("api_key_sid", "SK1"), ("api_key_secret", "secret")]);
    let fetched = |url: &str| {
        let media = InboundMedia {
            kind: MessageType::Image,
            id: None,
            url: Some(url.to_owned()),
            mime: None,
            filename: None,
            size: None,
            sha256: None,
            auth: MediaAuth::Basic,
            expires_at: None,
        };
        Sms.media(&with_key, &media)
    };
    let Ok(MediaCall::Direct(source)) = fetched("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1") else { panic!() };
    assert_eq!(source.headers, [("authorization", "Basic U0sxOnNlY3JldA==".to_owned())]);
    assert_eq!(source.trusted_hosts, ["api.twilio.com"]);
    assert!(source.follow_redirects);
    // Another host may be fetched, but is not one that gets the password.
    assert!(matches!(fetched("https://cdn.example.org/x"), Ok(MediaCall::Direct(source)) if source.trusted_hosts == ["api.twilio.com"]));
    for url in [
        "http://api.twilio.com/x",
        "ftp://api.twilio.com/x",
        "file:///etc/passwd",
        "https://u:p@api.twilio.com/x",
        "x",
        "http://10.0.0.1/x",
    ] {
        assert_eq!(fetched(url).unwrap_err().code, "media_address", "{url}");
    }
    assert!(fetched("http://127.0.0.1:9101/x").is_ok(), "a simulator on this machine");
}

// checklist 14
#[test]
fn the_answer_is_an_empty_response_of_xml() {
    for body in [include_str!("../fixtures/sms/twilio_sms.form"), include_str!("../fixtures/sms/twilio_receipt_undelivered_30003.form")] {
        let answer = Sms.acknowledgement(&notification(&twilio(), &signed("https://msg.example.org/in", body)));
        assert_eq!((answer.status, answer.content_type), (200, "text/xml"));
        assert_eq!(answer.body, r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#);
    }
}

// checklist 15
#[test]
fn a_retry_and_a_call_of_the_fallback_address_are_the_same_message() {
    let first = twilio_tells(&sms("Body=Hi"));
    assert_eq!(twilio_tells(&sms("Body=Hi")), first);
    assert_eq!(twilio_tells(&sms("Body=Hi&ErrorCode=11200&ErrorUrl=https%3A%2F%2Fmsg.example.org%2Fin")), first);
    let only_old_name = format!("AccountSid={ACCOUNT_SID}&SmsSid=SM1&From=%2B15005550001&To=%2B15005550006&Body=Hi");
    assert_eq!(twilio_tells(&only_old_name), first);
}

// checklist 18
#[test]
fn words_like_stop_are_a_message_and_a_preference() {
    let said = |body: &str| preferences(&twilio_tells(&sms(body)));
    let out = |word: &str| vec![(CUSTOMER.to_owned(), false, Some(word.to_owned()))];
    let back = |word: &str| vec![(CUSTOMER.to_owned(), true, Some(word.to_owned()))];
    assert_eq!(said("Body=+stop+"), out("stop"));
    assert_eq!(said("Body=Stop"), out("Stop"));
    for word in ["STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"] {
        assert_eq!(said(&format!("Body={word}")), out(word));
    }
    for word in ["START", "YES", "UNSTOP"] {
        assert_eq!(said(&format!("Body={word}")), back(word));
    }
    for text in ["please+stop", "STOP!", "STOP+IT", "S+T+O+P", "HELP", "INFO", "hello"] {
        assert_eq!(said(&format!("Body={text}")), [], "{text}");
    }
    let inbound = twilio_tells(&sms("Body=STOP"));
    assert_eq!(inbound.len(), 2);
    assert_eq!(message(&inbound).text, "STOP");
    assert_eq!(message(&inbound).details, Some(json!({"keyword": "stop"})));
    assert_eq!(message(&twilio_tells(&sms("Body=help"))).details, Some(json!({"keyword": "help"})));
}

// checklist 18
#[test]
fn where_twilio_has_judged_its_word_counts_and_ours_does_not() {
    let said = |body: &str| preferences(&twilio_tells(&sms(body)));
    assert_eq!(said("Body=ARRET&OptOutType=STOP"), [(CUSTOMER.to_owned(), false, Some("ARRET".to_owned()))]);
    assert_eq!(said("Body=please+stop&OptOutType=STOP"), [(CUSTOMER.to_owned(), false, Some("please stop".to_owned()))]);
    assert_eq!(said("Body=STOP&OptOutType=HELP"), []);
    assert_eq!(said("Body=STOP&OptOutType=START"), [(CUSTOMER.to_owned(), true, Some("STOP".to_owned()))]);
    assert_eq!(said("Body=STOP&OptOutType="), [(CUSTOMER.to_owned(), false, Some("STOP".to_owned()))]);
}

// checklist 18
#[test]
fn on_a_toll_free_number_only_the_words_count_that_carriers_handle() {
    let said = |word: &str| {
        let body = format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From=%2B15005550001&To=%2B18885550100&Body={word}");
        preferences(&twilio_tells(&body)).len()
    };
    assert_eq!(["STOP", "START", "UNSTOP"].map(said), [1, 1, 1]);
    assert_eq!(["END", "CANCEL", "YES", "QUIT"].map(said), [0, 0, 0, 0]);
}

// checklist 22
#[test]
fn a_notification_goes_to_the_service_where_the_credential_names_it_and_else_to_the_number() {
    let body = sms("Body=Hi&MessagingServiceSid=MG00000000000000000000000000000001");
    assert_eq!(twilio_tells(&body)[0].account, OUR_NUMBER);
    let service = credential(
        "twilio",
        &[("account_sid", ACCOUNT_SID), ("auth_token", TOKEN), ("messaging_service_sid", "MG00000000000000000000000000000001")],
    );
    let url = "https://msg.example.org/in";
    let inbound = told(&service, &signed(url, &body));
    assert_eq!(inbound[0].account, "MG00000000000000000000000000000001");
    assert_eq!(message(&inbound).details, Some(json!({"received_on": OUR_NUMBER})));
    assert_eq!(message(&inbound).thread, None, "one conversation a contact, whichever number of the service it wrote to");
    let other = sms("Body=Hi&MessagingServiceSid=MG00000000000000000000000000000002");
    assert_eq!(told(&service, &signed(url, &other))[0].account, OUR_NUMBER);
}

// checklist 23
#[test]
fn short_codes_and_names_are_somebody_too() {
    let from = |from: &str, to: &str| {
        let body = format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From={from}&To={to}&Body=Hi");
        let inbound = twilio_tells(&body);
        (message(&inbound).party.address.value.clone(), inbound[0].account.clone())
    };
    assert_eq!(from("12345", "%2B15005550006"), ("12345@+15005550006".to_owned(), OUR_NUMBER.to_owned()));
    assert_eq!(from("MYBANK", "%2B15005550006"), ("alpha:MYBANK".to_owned(), OUR_NUMBER.to_owned()));
    assert_eq!(from("%2B15005550001", "54321"), (CUSTOMER.to_owned(), "54321".to_owned()));
    assert_eq!(from("%2B1+(500)+555-0001", "%2B15005550006").0, CUSTOMER, "spelled for people");
    assert_eq!(from("+15005550001", "%2B15005550006").0, CUSTOMER, "a plus that was not escaped");
}

// checklist 24
#[test]
fn a_place_of_whatsapp_is_shown_as_a_line_and_kept_with_its_parts() {
    let inbound = twilio_tells(include_str!("../fixtures/sms/twilio_whatsapp_location.form"));
    assert_eq!(inbound[0].account, "whatsapp:+15005550006");
    let message = message(&inbound);
    assert_eq!((message.party.address.kind, message.party.address.value.as_str()), (AddressKind::Whatsapp, "15005550001"));
    assert_eq!(message.party.also[0].value, CUSTOMER);
    assert_eq!(message.party.name.as_deref(), Some("Dana"));
    assert_eq!((message.kind, message.text.as_str()), (MessageType::Location, "Shop, Stephansplatz 1 (48.208174, 16.373819)"));
    assert_eq!(
        message.details,
        Some(json!({"location": {"latitude": 48.208_174, "longitude": 16.373_819, "name": "Shop", "address": "Stephansplatz 1"}}))
    );
}

// checklist 24
#[test]
fn a_pressed_button_of_whatsapp_tells_what_it_stands_for_and_means_nothing_in_a_text_message() {
    let inbound = twilio_tells(include_str!("../fixtures/sms/twilio_whatsapp_button_pressed.form"));
    let pressed = message(&inbound);
    assert_eq!(
        (pressed.kind, pressed.text.as_str(), pressed.payload.as_deref()),
        (MessageType::InteractiveReply, "Confirm", Some("CONFIRM_42"))
    );
    assert_eq!(pressed.reply_to.as_deref(), Some("SM00000000000000000000000000000008"));

    let inbound = twilio_tells(&whatsapp("Body=Two&ListId=row_2&ListTitle=Row+two&MessageType=interactive"));
    assert_eq!((message(&inbound).text.as_str(), message(&inbound).payload.as_deref()), ("Row two", Some("row_2")));

    let inbound = twilio_tells(&sms("ButtonText=Confirm&ButtonPayload=X&Body=words"));
    assert_eq!(
        (message(&inbound).kind, message(&inbound).text.as_str(), message(&inbound).payload.as_ref()),
        (MessageType::Text, "words", None)
    );
}

// checklist 24
#[test]
fn a_whatsapp_user_is_known_by_number_by_user_id_or_by_both() {
    let party = |more: &str| message(&twilio_tells(&whatsapp(more))).party.clone();
    let values = |party: &entities::Party| -> Vec<(AddressKind, String)> {
        std::iter::once(&party.address).chain(&party.also).map(|address| (address.kind, address.value.clone())).collect()
    };
    let both = party("Body=Hi&WaId=15005550001&ExternalUserId=whatsapp%3AUS.1234567");
    assert_eq!(
        values(&both),
        [
            (AddressKind::Whatsapp, "15005550001".to_owned()),
            (AddressKind::Whatsapp, "US.1234567".to_owned()),
            (AddressKind::Phone, CUSTOMER.to_owned())
        ]
    );
    let hidden = format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From=whatsapp%3AUS.1234567&To=whatsapp%3A%2B15005550006&Body=Hi");
    assert_eq!(values(&message(&twilio_tells(&hidden)).party), [(AddressKind::Whatsapp, "US.1234567".to_owned())]);
}

// checklist 24
#[test]
fn a_new_profile_name_comes_with_the_next_message() {
    let name = |more: &str| message(&twilio_tells(&whatsapp(more))).party.name.clone();
    assert_eq!(name("Body=1&ProfileName=Dana"), Some("Dana".to_owned()));
    assert_eq!(name("Body=1&ProfileName=Dana+B.%00%0A"), Some("Dana B.".to_owned()));
    assert_eq!(name("Body=1"), None);
}

#[test]
fn a_whatsapp_message_of_a_kind_that_nobody_knows_is_shown_as_such() {
    let inbound = twilio_tells(&whatsapp("Body=&MessageType=hologram&NumMedia=0"));
    assert_eq!(message(&inbound).kind, MessageType::Unsupported);
    assert!(!message(&inbound).text.is_empty());
}

#[test]
fn where_a_whatsapp_user_came_from_and_that_a_message_was_passed_on_is_kept() {
    let inbound = twilio_tells(&whatsapp("Body=Hi&Forwarded=true&ReferralSourceId=77&ReferralHeadline=Sale&ReferralCtwaClid=abc"));
    assert_eq!(
        message(&inbound).details,
        Some(json!({"forwarded": true, "referral": {"source_id": "77", "headline": "Sale", "ctwa_clid": "abc"}}))
    );
}

#[test]
fn messenger_and_rcs_by_twilio_keep_their_channel() {
    let from = |from: &str, to: &str| {
        let body = format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From={from}&To={to}&Body=Hi");
        let inbound = twilio_tells(&body);
        let address = message(&inbound).party.address.clone();
        (address.kind, address.value, inbound[0].account.clone())
    };
    assert_eq!(
        from("messenger%3A778899001122", "messenger%3A11"),
        (AddressKind::Messenger, "778899001122".to_owned(), "messenger:11".to_owned())
    );
    assert_eq!(from("rcs%3A%2B15005550001", "rcs%3Abrand_agent"), (AddressKind::Phone, CUSTOMER.to_owned(), "rcs:brand_agent".to_owned()));
}

#[test]
fn what_names_no_message_or_nobody_is_unreadable_and_json_tells_nothing() {
    let unreadable = |body: String| {
        let url = "https://msg.example.org/in";
        Sms.parse(&twilio(), &notification(&twilio(), &signed(url, &body))).unwrap_err().0
    };
    assert_eq!(unreadable(format!("AccountSid={ACCOUNT_SID}&From=%2B15005550001&To=%2B15005550006&Body=x")), "no MessageSid");
    assert_eq!(unreadable(format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&To=%2B15005550006&Body=x")), "nobody sent it");
    assert_eq!(unreadable(format!("AccountSid={ACCOUNT_SID}&MessageSid=SM1&From=%2B15005550001&Body=x")), "no To");
    let json = Notification { body: b"{}".to_vec(), content_type: "application/json".to_owned(), kind: String::new(), received_at: now() };
    assert!(ignored(&Sms.parse(&twilio(), &json).unwrap()).contains("JSON"));
}

// checklist 25
#[test]
fn a_list_of_messages_gives_the_missed_one_the_id_that_its_webhook_has() {
    use switchboard::channels::{adapter::Missed, sms::twilio::missed};
    let call = missed::ask(&twilio(), OUR_NUMBER, now()).unwrap();
    assert_eq!(
        call.path,
        format!("/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json?To=%2B15005550006&DateSent%3E=2025-10-09T08%3A53%3A20Z&PageSize=100")
    );
    assert!(!call.sends && header(&call, "authorization").starts_with("Basic "));

    let answer = answered(200, &[], include_str!("../fixtures/sms/twilio_message_list_with_one_missed.json"));
    let Missed { items: inbound, next } = missed::read(&twilio(), OUR_NUMBER, &answer);
    assert_eq!(next.unwrap().path, format!("/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json?Page=1&PageToken=PAMM11"));
    let ids: Vec<_> = inbound.iter().map(|item| message(std::slice::from_ref(item)).id.clone()).collect();
    assert_eq!(ids, ["SM00000000000000000000000000000001", "MM00000000000000000000000000000011"], "what we sent ourselves is not in it");
    assert_eq!(inbound[0].at, Some(now()));
    let by_webhook = twilio_tells(include_str!("../fixtures/sms/twilio_sms.form"));
    assert_eq!(message(&inbound), message(&by_webhook), "whichever comes first, the other changes nothing");
    assert_eq!(message(&inbound[1..]).text, "(2 files, kept at Twilio)");

    let elsewhere = answered(200, &[], r#"{"messages": [], "next_page_uri": "https://evil.example/x"}"#);
    assert_eq!(missed::read(&twilio(), OUR_NUMBER, &elsewhere), Missed::default());
    assert_eq!(missed::read(&twilio(), OUR_NUMBER, &answered(500, &[], "<html>")), Missed::default());
    for other in ["MG00000000000000000000000000000001", "whatsapp:+15005550006"] {
        assert!(missed::ask(&twilio(), other, now()).is_none(), "{other}: such a list does not exist");
    }
}

proptest! {
    #[test]
    fn no_parameter_whatever_it_holds_breaks_a_message(values in prop::collection::vec("\\PC{0,20}", 12), prefix in "(whatsapp:|rcs:|)") {
        let names = [
            "Body", "ProfileName", "WaId", "ExternalUserId", "ButtonText", "ListId", "Latitude", "Longitude", "Label", "MediaUrl0",
            "MediaContentType0", "OptOutType",
        ];
        let mut pairs = vec![("AccountSid", ACCOUNT_SID.to_owned()), ("MessageSid", "SM1".to_owned())];
        pairs.push(("From", format!("{prefix}{CUSTOMER}")));
        pairs.push(("To", format!("{prefix}{OUR_NUMBER}")));
        pairs.extend(names.into_iter().zip(values));
        let body = switchboard::channels::form::encode(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let url = "https://msg.example.org/in";
        let signature = twilio_signature(TOKEN, url, &body);
        let request = super::form_request(url, &[("x-twilio-signature", &signature)], &body);
        let inbound = told(&twilio(), &request);
        prop_assert!(matches!(&inbound[0].what, Happening::Message(message) if !message.text.is_empty() || !message.media.is_empty()));
    }
}
