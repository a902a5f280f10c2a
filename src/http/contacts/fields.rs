//! What may stand in a contact's fields, and what follows for its addresses.
//!
//! Guarantees: e-mail addresses and telephone numbers are in their normal form, so that two spellings are one address.

use std::collections::BTreeMap;

use entities::{
    Address, AddressKind, Contact, TextError,
    text::{self, NAME_CHARS_MAX},
};
use serde_json::Value;
use url::Url;

use crate::http::fields::Fields;

/// Most names in the custom attributes.
const ATTRIBUTES_MAX: usize = 100;
/// Longest name of a custom attribute, in characters.
const ATTRIBUTE_NAME_CHARS_MAX: usize = 64;
/// Longest custom attributes, in bytes of JSON.
const ATTRIBUTES_BYTES_MAX: usize = 16_384;
/// Longest address of a picture, in bytes.
const URL_BYTES_MAX: usize = 2_048;

/// A name in one line.
pub fn name(text: &str) -> Result<String, TextError> {
    text::line(text, NAME_CHARS_MAX)
}

/// A telephone number in E.164: a plus sign and 7 to 15 digits. Spaces, dashes, dots and brackets between them are dropped.
pub fn phone(text: &str) -> Result<String, TextError> {
    const MALFORMED: TextError = TextError::Malformed("is not a telephone number in international form, such as +4930123456");
    let bare: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let digits = bare.strip_prefix('+').ok_or(MALFORMED)?;
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if is_number { Ok(bare) } else { Err(MALFORMED) }
}

/// The `https` address of a picture.
pub fn picture(text: &str) -> Result<String, TextError> {
    const MALFORMED: TextError = TextError::Malformed("is not an https address");
    if text.len() > URL_BYTES_MAX {
        return Err(TextError::TooLong { max: URL_BYTES_MAX });
    }
    let url = Url::parse(text).map_err(|_not_a_url| MALFORMED)?;
    if url.scheme() == "https" && url.has_host() { Ok(url.into()) } else { Err(MALFORMED) }
}

/// Sets the contact's attributes to `after`, or notes why they cannot be taken.
pub fn set_attributes(contact: &mut Contact, after: BTreeMap<String, Value>, fields: &mut Fields) {
    if after.len() > ATTRIBUTES_MAX {
        fields.refuse("/custom_attributes", "too_many", format!("would hold more than {ATTRIBUTES_MAX} names"));
        return;
    }
    for name in after.keys() {
        let pointer = format!("/custom_attributes/{}", name.replace('~', "~0").replace('/', "~1"));
        fields.text(&pointer, text::line(name, ATTRIBUTE_NAME_CHARS_MAX));
    }
    let bytes = serde_json::to_string(&after).map_or(usize::MAX, |json| json.len());
    if bytes > ATTRIBUTES_BYTES_MAX {
        fields.refuse("/custom_attributes", "too_long", format!("would be longer than {ATTRIBUTES_BYTES_MAX} bytes"));
    }
    contact.custom_attributes = after;
}

/// Sets the e-mail address to show; it takes the place of the old one among the addresses.
pub fn set_email(contact: &mut Contact, email: Option<String>) {
    let before = std::mem::replace(&mut contact.email, email.clone());
    replace(&mut contact.addresses, AddressKind::Email, before, email);
}

/// Sets the telephone number to show; it takes the place of the old one among the addresses.
pub fn set_phone(contact: &mut Contact, phone: Option<String>) {
    let before = std::mem::replace(&mut contact.phone, phone.clone());
    replace(&mut contact.addresses, AddressKind::Phone, before, phone);
}

fn replace(addresses: &mut Vec<Address>, kind: AddressKind, before: Option<String>, after: Option<String>) {
    if before == after {
        return;
    }
    if let Some(value) = before {
        addresses.retain(|address| !(address.kind == kind && address.value == value));
    }
    if let Some(value) = after {
        let address = Address { kind, value };
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_telephone_number_are_one_number() {
        for text in ["+4930123456", "+49 30 123456", "+49 (30) 123-456", " +49.30.123456 "] {
            assert_eq!(phone(text).unwrap(), "+4930123456", "{text}");
        }
        for text in ["", "030123456", "+49", "+0123456789", "+49301234567890123", "+49x30123456", "++4930123456"] {
            assert!(phone(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_picture_lies_at_an_https_address() {
        assert_eq!(picture("https://example.com/jane.png").unwrap(), "https://example.com/jane.png");
        for text in ["", "http://example.com/x.png", "javascript:alert(1)", "https://", "jane.png"] {
            assert!(picture(text).is_err(), "{text}");
        }
    }
}
