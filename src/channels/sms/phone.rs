//! Who sends and who is sent to, in one normal form: numbers, short codes and names.
//!
//! Guarantees: one person has one spelling, whatever the vendor leaves out (`+`) or puts in (spaces, brackets).
//!
//! Does not: know countries. A number is not checked to exist, and none is completed by a country code.

use entities::{Address, AddressKind};

use crate::channels::adapter::Unsupported;

/// Digits of the longest number (E.164, section 6).
const NUMBER_DIGITS_MAX: usize = 15;
/// Digits of the longest short code; a longer row of digits without `+` is a number (specification `sms`, neutral model).
const SHORT_CODE_DIGITS_MAX: usize = 8;
/// Digits of the shortest short code.
const SHORT_CODE_DIGITS_MIN: usize = 3;
/// The longest name that is kept: a true one has 11 characters, an identity of RCS some more.
const NAME_CHARS_MAX: usize = 64;
/// What an address begins with that nobody can answer.
const NAME_PREFIX: &str = "alpha:";

/// One end of a text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A telephone number, E.164 with `+`.
    Number(String),
    /// A short code: digits that mean something in one country or network alone.
    ShortCode(String),
    /// Letters (an alphanumeric sender id): cannot be answered.
    Name(String),
}

/// Reads one end as a vendor writes it; `None` if there is nothing.
pub fn end(text: &str) -> Option<End> {
    let text = text.trim();
    let international = text.starts_with('+');
    let numeric = text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '-' | '(' | ')' | '.'));
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 => {}
        SHORT_CODE_DIGITS_MIN..=SHORT_CODE_DIGITS_MAX if numeric && !international => return Some(End::ShortCode(digits)),
        1..=NUMBER_DIGITS_MAX if numeric && (international || digits.len() > SHORT_CODE_DIGITS_MAX) => {
            return Some(End::Number(format!("+{digits}")));
        }
        _ => {}
    }
    let name: String = text.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS_MAX).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| End::Name(name.to_owned()))
}

/// Our own end, as a channel's `address` has it; empty if there is nothing.
pub fn ours(text: &str) -> String {
    match end(text) {
        Some(End::Number(text) | End::ShortCode(text) | End::Name(text)) => text,
        None => String::new(),
    }
}

/// The contact's address. A short code is somebody only together with the number of ours that it wrote to.
pub fn contact(text: &str, our_account: &str) -> Option<Address> {
    let value = match end(text)? {
        End::Number(number) => number,
        End::ShortCode(code) => format!("{code}@{our_account}"),
        End::Name(name) => format!("{NAME_PREFIX}{name}"),
    };
    Some(Address { kind: AddressKind::Phone, value })
}

/// Whom to send to, with `+` where it is a number.
///
/// # Errors
/// [`Unsupported`] for a name, which cannot be answered, and for what is no telephone.
pub fn dialled(to: &Address) -> Result<String, Unsupported> {
    if to.value.starts_with(NAME_PREFIX) {
        return Err(Unsupported::new("cannot_reply", "this sender is a name, not a number: it cannot be answered"));
    }
    let value = to.value.split_once('@').map_or(to.value.as_str(), |(code, _)| code);
    match (to.kind, end(value)) {
        (AddressKind::Phone | AddressKind::Whatsapp, Some(End::Number(number))) => Ok(number),
        (AddressKind::Phone, Some(End::ShortCode(code))) => Ok(code),
        _ => Err(Unsupported::new("address", "the contact has no telephone number that a text message can be sent to")),
    }
}

/// A number as vendors want it that write no `+`.
pub fn bare(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

/// Whether it is a toll-free number of the North American plan, for which carriers handle fewer words (specification `sms`, A6).
pub fn is_toll_free(number: &str) -> bool {
    const CODES: [&str; 7] = ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"];
    number.len() == "+18005550100".len() && CODES.iter().any(|code| number.starts_with(code))
}
