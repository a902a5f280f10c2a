//! Who is on the other side: telephone number, user id, or both (sections 1 and 15).

use entities::{Address, AddressKind, Party};
use serde_json::Value;

use super::Scope;
use crate::channels::meta::read;

/// Longest telephone number that is one, in digits: E.164 has 15.
const DIGITS_MAX: usize = 15;

/// The digits of a number as it is shown.
pub fn digits(shown: &str) -> String {
    shown.chars().filter(char::is_ascii_digit).take(DIGITS_MAX + 1).collect()
}

/// A telephone number as WhatsApp writes it: digits alone, perhaps behind a `+`.
pub fn phone(text: &str) -> Option<&str> {
    let number = text.trim().trim_start_matches('+');
    (!number.is_empty() && number.len() <= DIGITS_MAX && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

/// Whether a text is a business-scoped user id: `^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`.
pub fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else { return false };
    let id = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The addresses behind ids as they come, each once: a telephone number is a WhatsApp user and an E.164 number.
pub fn addresses<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<Address> {
    let mut known: Vec<Address> = Vec::new();
    for id in ids {
        let found = match phone(id) {
            Some(number) => vec![
                Address { kind: AddressKind::Whatsapp, value: number.to_owned() },
                Address { kind: AddressKind::Phone, value: format!("+{number}") },
            ],
            None if is_user_id(id) => vec![Address { kind: AddressKind::Whatsapp, value: id.to_owned() }],
            None => Vec::new(),
        };
        for address in found {
            if !known.contains(&address) {
                known.push(address);
            }
        }
    }
    known
}

/// The ids of an item under the names that it has there, telephone numbers first (section 15: they lead).
fn leading<'a>(item: &'a Value, names: &[&str]) -> Vec<&'a str> {
    let ids: Vec<&str> = names.iter().map(|name| read::word(item, name)).filter(|id| !id.is_empty()).collect();
    let (mut phones, others): (Vec<&str>, Vec<&str>) = ids.into_iter().partition(|id| phone(id).is_some());
    phones.extend(others);
    phones
}

/// The person behind an item; `None` if it names nobody.
pub fn of(scope: &Scope<'_>, item: &Value, names: &[&str]) -> Option<Party> {
    let mut ids = leading(item, names);
    let contact = scope.contacts.iter().find(|contact| {
        [read::word(contact, "wa_id"), read::word(contact, "user_id")].into_iter().any(|id| !id.is_empty() && ids.contains(&id))
    });
    // A message that names nobody in a change that tells of one person is that person's.
    let contact = contact.or_else(|| scope.contacts.first().filter(|_| ids.is_empty() && scope.contacts.len() == 1));
    if let Some(contact) = contact {
        let further = leading(contact, &["wa_id", "user_id", "parent_user_id"]);
        let (phones, others): (Vec<&str>, Vec<&str>) = further.into_iter().partition(|id| phone(id).is_some());
        let at = ids.iter().take_while(|id| phone(id).is_some()).count();
        ids.splice(at..at, phones);
        ids.extend(others);
    }
    let mut known = addresses(ids).into_iter();
    let address = known.next()?;
    let profile = contact.and_then(|contact| contact.get("profile"));
    let name = profile.and_then(|profile| {
        read::line(profile, "name").or_else(|| read::line(profile, "username").map(|name| name.trim_start_matches('@').to_owned()))
    });
    Some(Party { address, also: known.collect(), name, avatar_url: None })
}
