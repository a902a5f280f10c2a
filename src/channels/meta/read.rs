//! Reading what Meta writes: leniently, bounded, and clean.
//!
//! Guarantees: a number may be a string and a string a number; what is missing is `None` and never an error; no text that comes out of here
//! holds NUL or another control character but line breaks and tabs, and none is longer than its bound.

use chrono::{DateTime, Utc};
use entities::{Timestamp, text::NAME_CHARS_MAX};
use serde_json::{Map, Value};

use crate::{
    channels::{adapter::Unreadable, tidy},
    crypto::mac,
};

/// Longest identifier that is kept as it is, in bytes; documented are 128 (WhatsApp) and 200 (Messenger). A longer one becomes its hash.
const ID_BYTES_MAX: usize = 400;
/// Most that a message's details may be as JSON, in bytes.
const DETAILS_BYTES_MAX: usize = 64 * 1024;
/// What one part of them may be where the whole is too long, in bytes.
const DETAIL_BYTES_MAX: usize = 4 * 1024;
/// Longest address that is kept, in bytes: a longer one could not be fetched by most servers either.
const URL_BYTES_MAX: usize = 4 * 1024;
/// From here on an integer is milliseconds, below it seconds (whatsapp.md section 5, messenger.md section 1).
const MILLISECONDS_FROM: i64 = 1_000_000_000_000;
/// The year 9999 in milliseconds: what is later is no instant.
const MILLISECONDS_MAX: i64 = 253_402_300_799_999;

/// The body as JSON. Half of a surrogate pair (a name that was cut inside an emoji) and bytes that are no UTF-8 become U+FFFD.
pub fn body(bytes: &[u8]) -> Result<Value, Unreadable> {
    let value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(why) => serde_json::from_str(&mended(&String::from_utf8_lossy(bytes))).map_err(|_as_before| Unreadable(why.to_string()))?,
    };
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(Unreadable("the body is no JSON object".to_owned())),
    }
}

/// JSON with every escape of half a surrogate pair replaced.
fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        mended.push_str(before);
        let (taken, good) = match unit(behind) {
            Some(0xD800..=0xDBFF) => {
                let second = behind.get(5..).and_then(|rest| rest.strip_prefix('\\')).and_then(unit);
                if matches!(second, Some(0xDC00..=0xDFFF)) { (11, true) } else { (5, false) }
            }
            Some(0xDC00..=0xDFFF) => (5, false),
            Some(_) => (5, true),
            None => (behind.chars().next().map_or(0, char::len_utf8), true),
        };
        let (escape, next) = behind.split_at_checked(taken).unwrap_or((behind, ""));
        if good {
            mended.push('\\');
            mended.push_str(escape);
        } else {
            mended.push_str("\\ufffd");
        }
        rest = next;
    }
    mended.push_str(rest);
    mended
}

/// The UTF-16 unit that an escape (without its `\`) stands for.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The items of a list; none if it is missing or no list.
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A word that the program decides by (`type`, `status`): a string as it is, empty if there is none.
pub fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether something is marked true.
pub fn marked(value: &Value, key: &str) -> bool {
    match value.get(key) {
        Some(Value::Bool(marked)) => *marked,
        Some(Value::String(word)) => word == "true",
        _ => false,
    }
}

/// An identifier: a string or an integer, without control characters; `None` if it is missing or empty.
pub fn id(value: &Value, key: &str) -> Option<String> {
    let text = match value.get(key)? {
        Value::String(text) => text.chars().filter(|letter| !letter.is_control()).collect::<String>().trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if text.is_empty() {
        return None;
    }
    if text.len() > ID_BYTES_MAX {
        return Some(derived_id(&[text.as_bytes()]));
    }
    Some(text)
}

/// An identifier made of what a repeat repeats, for what comes without one.
pub fn derived_id(parts: &[&[u8]]) -> String {
    let mut joined = Vec::new();
    for part in parts {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    format!("derived:{}", hex::encode(mac::sha256(&joined)))
}

/// A number that is not negative.
pub fn number(value: &Value, key: &str) -> Option<u64> {
    match value.get(key)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A code that may be negative, as errors have it.
pub fn code(value: &Value, key: &str) -> Option<i64> {
    match value.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A degree of latitude or longitude, as a number or in letters.
pub fn degrees(value: &Value, key: &str) -> Option<f64> {
    let degrees = match value.get(key)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (-180.0..=180.0).contains(&degrees).then_some(degrees)
}

/// An instant: seconds or milliseconds as a number or in digits, or ISO 8601; `None` if it is none of these.
pub fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    let count = match value.get(key)? {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|count| count as i64))?,
        Value::String(text) => match text.trim().parse() {
            Ok(count) => count,
            Err(_no_number) => return iso(text.trim()),
        },
        _ => return None,
    };
    let ms = if count < MILLISECONDS_FROM { count.checked_mul(1_000)? } else { count };
    (1..=MILLISECONDS_MAX).contains(&ms).then(|| Timestamp::from_micros(ms * 1_000))
}

/// `2021-09-08T06:34:04+0000` (without a colon in the offset, messenger.md 6.19) and RFC 3339.
fn iso(text: &str) -> Option<Timestamp> {
    let at = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").or_else(|_other_form| DateTime::parse_from_rfc3339(text)).ok()?;
    let at = at.with_timezone(&Utc);
    (1..=MILLISECONDS_MAX).contains(&at.timestamp_millis()).then(|| Timestamp::new(at))
}

/// What a message says: of any number of lines.
pub fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(tidy::message).filter(|text| !text.is_empty())
}

/// A name, a title: one line.
pub fn line(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(one_line).filter(|line| !line.is_empty())
}

/// A web address; anything else, and one that is too long, is none.
pub fn url(value: &Value, key: &str) -> Option<String> {
    let text = word(value, key).trim();
    let known = text.starts_with("https://") || text.starts_with("http://");
    (known && text.len() <= URL_BYTES_MAX && !text.chars().any(|c| c.is_control() || c.is_whitespace())).then(|| text.to_owned())
}

/// A file's name as claimed: one line, nothing that leads out of a folder or writes backwards.
pub fn file_name(value: &Value, key: &str) -> Option<String> {
    let name = line(value, key)?.replace(['/', '\\'], "_");
    let name = name.trim_start_matches('.').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A text without what cannot be shown or stored, cut with `…` at its bound.
pub fn clean(text: &str, chars_max: usize) -> String {
    tidy::cut(&tidy::message(text), chars_max)
}

/// One line of a text, without what turns the direction of writing, at most as long as a name.
pub fn one_line(text: &str) -> String {
    let turns = |letter: &char| matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let flat: String =
        text.chars().map(|letter| if matches!(letter, '\n' | '\t') { ' ' } else { letter }).filter(|letter| !turns(letter)).collect();
    clean(&flat, NAME_CHARS_MAX)
}

/// JSON without NUL and other control characters in its strings and names. As deep as it was, which the reader has bounded.
pub fn tidied(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(tidy::message(text)),
        Value::Array(items) => Value::Array(items.iter().map(tidied).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (one_line(name), tidied(value))).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// An object without the fields that hold nothing.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

/// A message's details: `None` if there are none; where they are too long, the long ones are left out and `truncated` says so.
pub fn details(mut details: Map<String, Value>) -> Option<Value> {
    if details.is_empty() {
        return None;
    }
    let size = |value: &Value| value.to_string().len();
    if details.values().map(size).sum::<usize>() > DETAILS_BYTES_MAX {
        details.retain(|_, value| size(value) <= DETAIL_BYTES_MAX);
        details.insert("truncated".to_owned(), Value::Bool(true));
    }
    Some(Value::Object(details))
}
