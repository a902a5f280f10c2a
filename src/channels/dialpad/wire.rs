//! Dialpad's shapes, walked leniently: what is missing or of another type is as if it were not there.
//!
//! Guarantees: an id is the same whether it comes as a number or as text, to the last of its digits.

use chrono::NaiveDateTime;
use entities::Timestamp;
use serde_json::Value;

/// Latest instant that is believed, in milliseconds: the year 5138.
const MILLIS_MAX: u64 = 99_999_999_999_999;
/// Numbers up to here are exact in a float (2^53).
const EXACT_FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

/// A string that is there and not empty.
pub fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// A flag.
pub fn is(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false)
}

/// An id: 64 bits, as a number or as its digits. `null`, 0, `""` and `"null"` are none (`dialpad.md`, part 6.11).
pub fn id(value: &Value, pointer: &str) -> Option<u64> {
    id_of(value.pointer(pointer)?)
}

/// As [`id`], of a bare value.
pub fn id_of(value: &Value) -> Option<u64> {
    let number = match value {
        // Only an integer is exact: JSON with a fraction or an exponent has been through a float.
        Value::Number(number) => number.as_u64(),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
        }
        _ => None,
    };
    number.filter(|number| *number != 0)
}

/// A number of milliseconds: an integer, a fraction (cut), or its digits.
pub fn millis(value: &Value, pointer: &str) -> Option<u64> {
    let value = value.pointer(pointer)?;
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse::<u64>().ok().or_else(|| text.trim().parse::<f64>().ok().and_then(whole)),
        _ => None,
    };
    number.filter(|number| *number <= MILLIS_MAX)
}

fn whole(number: f64) -> Option<u64> {
    (0.0..EXACT_FLOAT_MAX).contains(&number).then_some(number as u64)
}

/// An instant in milliseconds since 1970, or as ISO 8601 has it, in UTC where it names no zone (part 1); 0 is none.
pub fn at(value: &Value, pointer: &str) -> Option<Timestamp> {
    if let Some(iso) = text(value, pointer).filter(|text| text.contains('T')) {
        let naive = NaiveDateTime::parse_from_str(iso.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        return Some(Timestamp::new(naive.and_utc()));
    }
    let millis = millis(value, pointer).filter(|millis| *millis > 0)?;
    i64::try_from(millis).ok().map(|millis| Timestamp::from_micros(millis * 1_000))
}

/// The strings of a value that may be one, several or none.
pub fn strings<'a>(value: &'a Value, pointer: &str) -> Vec<&'a str> {
    let all: &'a [Value] = match value.pointer(pointer) {
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    all.iter().filter_map(Value::as_str).filter(|text| !text.trim().is_empty()).collect()
}

/// A list; none where there is no list.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
