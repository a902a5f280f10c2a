//! Fields of a PATCH that may be left out, be null, or hold a value: three different wishes.
//!
//! Guarantees: left out is `None`, null is `Some(None)`, a value is `Some(Some(value))`; with `#[serde(default)]` beside it.

use serde::{Deserialize, Deserializer};

/// Left out, null, or a value.
pub type Nullable<T> = Option<Option<T>>;

/// Reads a field that is there: null or a value.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Nullable<T>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{Nullable, nullable};

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    struct Body {
        #[serde(default, deserialize_with = "nullable")]
        name: Nullable<String>,
    }

    #[test]
    fn left_out_null_and_a_value_are_three_things() {
        let read = |text: &str| serde_json::from_str::<Body>(text).unwrap().name;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"name": null}"#), Some(None));
        assert_eq!(read(r#"{"name": "Jane"}"#), Some(Some("Jane".to_owned())));
    }
}
