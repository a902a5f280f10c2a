//! What a page says about its visitor, made bounded: answers of a form, and where the visitor is.
//!
//! Guarantees: nothing here is trusted more than "the visitor says"; at most [`FIELDS_MAX`] fields of bounded length; a field of a wrong
//! type is refused with a pointer to it.

use std::collections::BTreeMap;

use entities::text::{self, NAME_CHARS_MAX};
use serde_json::{Map, Value};

use crate::http::problem::{Answer, Problem};

/// Most fields of one request, and most attributes that a visitor can bring a contact to.
pub const FIELDS_MAX: usize = 50;
/// Longest name of a field, in bytes.
pub const FIELD_NAME_BYTES_MAX: usize = 64;
/// Longest value of a field, in characters.
pub const FIELD_CHARS_MAX: usize = 1_000;
/// What is kept of a page's address, title and the like, in characters.
const METADATA_CHARS_MAX: usize = 500;

/// What somebody says of themselves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Said {
    /// The name.
    pub name: Option<String>,
    /// The e-mail address, not proven.
    pub email: Option<String>,
    /// The telephone number, as written.
    pub phone: Option<String>,
    /// Everything else.
    pub attributes: BTreeMap<String, Value>,
}

impl Said {
    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads `name`, `email`, `phone` and any other field; `skip` names those that mean something else. `at` is the pointer to the object.
///
/// # Errors
/// 422 with a pointer to the field that is too long, of a wrong type, or no e-mail address.
pub fn said(fields: &Map<String, Value>, skip: &[&str], at: &str) -> Answer<Said> {
    let mut said = Said::default();
    for (name, value) in fields.iter().filter(|(name, _)| !skip.contains(&name.as_str())) {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        match name.as_str() {
            "name" => said.name = one_line(value, &pointer)?,
            "email" => said.email = optional(value, &pointer, text::email)?,
            "phone" => said.phone = one_line(value, &pointer)?,
            _ => {
                if name.is_empty() || name.len() > FIELD_NAME_BYTES_MAX || name.chars().any(char::is_control) {
                    return Err(Problem::invalid(pointer, "invalid_name", "a field's name has 1 to 64 bytes and no control characters"));
                }
                said.attributes.insert(name.clone(), attribute(value, &pointer)?);
            }
        }
        if said.attributes.len() > FIELDS_MAX {
            return Err(Problem::invalid(at, "too_many", format!("at most {FIELDS_MAX} fields are taken")));
        }
    }
    Ok(said)
}

/// Keeps of a page's metadata what is short and plain; the rest is left out, because a page's title is nobody's mistake to be told of.
#[must_use]
pub fn metadata(fields: &Map<String, Value>, user_agent: Option<&str>) -> BTreeMap<String, Value> {
    let mut kept: BTreeMap<String, Value> = fields
        .iter()
        .filter(|(name, _)| !name.is_empty() && name.len() <= FIELD_NAME_BYTES_MAX && !name.chars().any(char::is_control))
        .filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) => Value::String(plain(text)?),
                Value::Number(_) | Value::Bool(_) => value.clone(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some((name.clone(), value))
        })
        .take(FIELDS_MAX)
        .collect();
    if let Some(agent) = user_agent.and_then(plain) {
        kept.entry("user_agent".to_owned()).or_insert(Value::String(agent));
    }
    kept
}

/// Adds attributes to those that are there, newer ones over older, without passing [`FIELDS_MAX`].
pub fn merge(into: &mut BTreeMap<String, Value>, attributes: &BTreeMap<String, Value>) {
    for (name, value) in attributes {
        if into.len() < FIELDS_MAX || into.contains_key(name) {
            into.insert(name.clone(), value.clone());
        }
    }
}

fn plain(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(METADATA_CHARS_MAX).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn one_line(value: &Value, pointer: &str) -> Answer<Option<String>> {
    optional(value, pointer, |text| text::line(text, NAME_CHARS_MAX))
}

/// An empty answer is none.
fn optional(value: &Value, pointer: &str, check: impl FnOnce(&str) -> Result<String, text::TextError>) -> Answer<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => check(text).map(Some).map_err(|error| Problem::invalid(pointer, "invalid_value", error.to_string())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(Problem::invalid(pointer, "wrong_type", "must be a text"))
        }
    }
}

fn attribute(value: &Value, pointer: &str) -> Answer<Value> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        Value::String(text) if text.trim().is_empty() => Ok(Value::String(String::new())),
        Value::String(text) => text::lines(text, FIELD_CHARS_MAX)
            .map(Value::String)
            .map_err(|error| Problem::invalid(pointer, "invalid_value", error.to_string())),
        Value::Array(_) | Value::Object(_) => Err(Problem::invalid(pointer, "wrong_type", "must be a text, a number or a bool")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_form_is_read_into_what_we_know_and_the_rest() {
        let fields = object(json!({"name": " Jane ", "email": "Jane@Example.com", "phone": "", "order": "4711", "vip": true, "jwt": "x"}));
        let said = said(&fields, &["jwt"], "/identity").unwrap();
        assert_eq!(said.name.as_deref(), Some("Jane"));
        assert_eq!(said.email.as_deref(), Some("jane@example.com"));
        assert_eq!(said.phone, None);
        assert_eq!(said.attributes, BTreeMap::from([("order".to_owned(), json!("4711")), ("vip".to_owned(), json!(true))]));
    }

    #[test]
    fn a_bad_field_is_refused() {
        for bad in [
            json!({"name": 1}),
            json!({"name": "a\nb"}),
            json!({"name": "x".repeat(201)}),
            json!({"email": "nobody"}),
            json!({"phone": {}}),
            json!({"order": {"a": 1}}),
            json!({"order": ["a"]}),
            json!({"order": "x".repeat(1001)}),
            json!({"order": "a\u{0}"}),
            json!({"": "x"}),
            json!({"a\u{0}": "x"}),
        ] {
            assert!(said(&object(bad.clone()), &[], "/identity").is_err(), "{bad}");
        }
        let many: Map<String, Value> = (0..=FIELDS_MAX).map(|n| (format!("f{n}"), json!(n))).collect();
        assert!(said(&many, &[], "/identity").is_err());
    }

    #[test]
    fn metadata_is_cut_and_never_refused() {
        let fields = object(json!({"page_url": "x".repeat(2000), "title": "a\u{0}b", "deep": {"a": 1}, "width": 390, "referrer": ""}));
        let kept = metadata(&fields, Some("Browser/1"));
        assert_eq!(kept["page_url"].as_str().unwrap().len(), METADATA_CHARS_MAX);
        assert_eq!(kept["title"], json!("ab"));
        assert_eq!(kept.keys().map(String::as_str).collect::<Vec<_>>(), ["page_url", "title", "user_agent", "width"]);
    }
}
