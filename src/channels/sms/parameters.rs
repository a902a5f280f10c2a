//! Names and values, as vendors write them in a form, a query or flat JSON.
//!
//! Guarantees: order and doubles are kept; what is missing reads as nothing; a number in JSON reads like its digits.

use serde_json::Value;

use crate::channels::form;

/// Names and values, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// From a form's body or a query.
    pub fn from_form(bytes: &[u8]) -> Self {
        Self(form::decode(bytes))
    }

    /// From the members of a JSON object that are no objects; a list gives its name several times. Nothing else gives any.
    pub fn from_json(value: &Value) -> Self {
        let mut pairs = Vec::new();
        for (name, value) in value.as_object().into_iter().flatten() {
            match value {
                Value::Array(items) => pairs.extend(items.iter().filter_map(scalar).map(|text| (name.clone(), text))),
                value => pairs.extend(scalar(value).map(|text| (name.clone(), text))),
            }
        }
        Self(pairs)
    }

    /// The first value of a name; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        form::first(&self.0, name).unwrap_or_default()
    }

    /// The first value of a name, if there is one that is not empty.
    pub fn some(&self, name: &str) -> Option<&str> {
        form::first(&self.0, name).filter(|value| !value.is_empty())
    }

    /// The first value that is not empty among several names.
    pub fn any(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.some(name))
    }

    /// Whether a name is there, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// All of them.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

/// A value as text; nothing for null and for what has parts.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
