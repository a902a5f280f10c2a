//! Who somebody is, asked of Meta (sections 2 and 14).

use entities::{Address, AddressKind};
use serde_json::{Value, json};
use switchboard::channels::{adapter::Adapter, call::ProviderReply, messenger::Messenger};

use super::{IGSID, PSID, credential};

fn address(kind: AddressKind, value: &str) -> Address {
    Address { kind, value: value.to_owned() }
}

fn named(kind: AddressKind, status: u16, answer: &Value) -> Option<String> {
    let reply = ProviderReply::Answered { status, headers: Vec::new(), body: answer.to_string().into_bytes() };
    Messenger.judge_profile(&address(kind, PSID), &reply).and_then(|party| party.name)
}

#[test]
fn each_kind_of_account_is_asked_for_its_own_fields_and_where_it_is_known() {
    let path = |credential, kind, value: &str| Messenger.profile(credential, &address(kind, value)).map(|call| (call.base, call.path));
    let page = credential();
    let (base, asked) = path(&page, AddressKind::Messenger, PSID).unwrap();
    assert_eq!(base, "https://graph.facebook.com");
    assert!(asked.starts_with(&format!("/v25.0/{PSID}?fields=first_name,last_name&appsecret_proof=")), "{asked}");
    let (base, asked) = path(&page, AddressKind::Instagram, IGSID).unwrap();
    assert_eq!(base, "https://graph.facebook.com");
    assert!(asked.starts_with(&format!("/v25.0/{IGSID}?fields=name,username&")), "{asked}");
    let mut login = credential();
    login.vendor = Some("instagram".to_owned());
    assert_eq!(path(&login, AddressKind::Instagram, IGSID).unwrap().0, "https://graph.instagram.com");
    assert!(path(&page, AddressKind::Phone, "+15550109999").is_none(), "an address of another provider");
    assert!(path(&page, AddressKind::Messenger, "../me").unwrap().1.starts_with("/v25.0/..%2Fme?"), "an id stays in its place");
}

// checklist 31
#[test]
fn a_name_is_what_the_profile_has_of_one_and_else_there_is_none() {
    let messenger = AddressKind::Messenger;
    assert_eq!(named(messenger, 200, &json!({"first_name": "Dana", "last_name": "Field"})).as_deref(), Some("Dana Field"));
    assert_eq!(named(messenger, 200, &json!({"first_name": "Dana"})).as_deref(), Some("Dana"));
    assert_eq!(named(messenger, 200, &json!({"id": PSID})), None);
    assert_eq!(named(AddressKind::Instagram, 200, &json!({"name": "Dana", "username": "dana.f"})).as_deref(), Some("Dana"));
    assert_eq!(named(AddressKind::Instagram, 200, &json!({"username": "dana.f"})).as_deref(), Some("@dana.f"));
    let refused = json!({"error": {"code": 100, "error_subcode": 33, "message": "Object does not exist"}});
    assert_eq!(named(messenger, 400, &refused), None);
}
