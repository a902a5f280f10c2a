//! Dialpad's own list of who wants no texts (part 5.6).

use entities::{Happening, Timestamp};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::{Adapter, Missed, Unreadable},
    call::ProviderCall,
    dialpad::Dialpad,
};

use super::{answered, at, credential, credential_with};

const OURS: &str = "+15005550006";

fn read(asked: &ProviderCall, answer: &Value) -> Result<Missed, Unreadable> {
    Dialpad.read_opt_outs(&credential(), OURS, asked, &answered(200, &[], &answer.to_string()))
}

// 15
#[test]
fn the_list_is_asked_for_by_the_companys_id_which_the_keys_owner_tells() {
    let path = |missed: Missed| missed.next.unwrap().path;
    let person = Dialpad.opt_outs(&credential()).unwrap();
    assert_eq!((person.method, person.path.as_str(), person.sends), ("GET", "/api/v2/users/me", false));
    let first = read(&person, &json!({"id": "5990000000000001", "company_id": "5500000000000001"})).unwrap();
    assert!(first.items.is_empty());
    assert_eq!(path(first), "/api/v2/company/5500000000000001/smsoptout");
    let company = Dialpad.opt_outs(&credential_with(&[("key_level", "company")])).unwrap();
    assert_eq!(company.path, "/api/v2/company");
    let first = read(&company, &json!({"id": 5_500_000_000_000_001_u64})).unwrap();
    assert_eq!(path(first), "/api/v2/company/5500000000000001/smsoptout");
    assert!(read(&person, &json!({"id": "5990000000000001"})).is_err(), "a person is no company");
    assert!(read(&company, &json!({"items": []})).is_err());
}

// 15
#[test]
fn each_entry_is_a_wish_of_its_own_time_and_a_long_list_goes_on() {
    let mut list = Dialpad.opt_outs(&credential()).unwrap();
    list.path = "/api/v2/company/5500000000000001/smsoptout?cursor=x".to_owned();
    let entry = |number: &str, state: &str, date: Value| json!({"external_endpoint": number, "opt_out_state": state, "date": date});
    let answer = json!({"cursor": "a b", "items": [
        entry("+15005550001", "opted_out", json!(1_760_000_000_000_u64)),
        entry("+15005550002", "opted_back_in", json!("2025-10-09T08:53:20.000000")),
        entry("+15005550003", "opted_out", json!(null)),
        entry("+15005550004", "considering", json!(1)), entry("", "opted_out", json!(1)), json!("odd"), json!(null),
    ]});
    let Missed { items, next } = read(&list, &answer).unwrap();
    let wish = |what: Happening, at: Option<Timestamp>| match what {
        Happening::Preference { contact, wants, .. } => (contact.value, wants, at),
        other => panic!("{other:?}"),
    };
    let wishes: Vec<(String, bool, Option<Timestamp>)> = items.into_iter().map(|item| wish(item.what, item.at)).collect();
    let dated = Some(at(1_760_000_000_000));
    let expected = [("+15005550001", false, dated), ("+15005550002", true, dated), ("+15005550003", false, Some(at(0)))];
    assert_eq!(wishes, expected.map(|(number, wants, at)| (number.to_owned(), wants, at)), "what is not dated counts least");
    assert_eq!(next.unwrap().path, "/api/v2/company/5500000000000001/smsoptout?cursor=a+b");
    assert_eq!(read(&list, &json!({"items": []})).unwrap(), Missed::default());
    assert!(read(&list, &json!("garbage")).is_err());
}
