//! What people enter when they make a credential: whether it can be taken, and what they see of it later.

use std::collections::BTreeMap;

use super::credential::Field;

/// Longest value, in bytes: a private key in PEM has some 4,000.
pub const VALUE_BYTES_MAX: usize = 8 * 1024;
/// How many of a secret's last characters people see.
const HINT_CHARS: usize = 4;
/// A secret shorter than this shows none of its characters: four of eight would be half of it.
const HINTED_CHARS_MIN: usize = 12;
/// How much of what is no secret people see, in characters.
const SHOWN_CHARS_MAX: usize = 200;

/// Why something entered cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field.
    pub name: String,
    /// A stable word.
    pub code: &'static str,
    /// What is wrong, in words.
    pub detail: String,
}

/// What is wrong with a whole credential; empty if nothing is.
pub fn flaws(fields: &[Field], given: &BTreeMap<String, String>) -> Vec<Flaw> {
    let entered = given.iter().filter_map(|(name, value)| flaw(fields, name, value));
    let missing = fields.iter().filter(|field| field.required && !given.contains_key(field.name));
    let missing = missing.map(|field| Flaw {
        name: field.name.to_owned(),
        code: "missing_field",
        detail: format!("{} is needed ({})", field.label, field.hint),
    });
    entered.chain(missing).collect()
}

/// What is wrong with one value.
pub fn flaw(fields: &[Field], name: &str, value: &str) -> Option<Flaw> {
    let told = |code, detail: String| Some(Flaw { name: name.to_owned(), code, detail });
    if !fields.iter().any(|field| field.name == name) {
        let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
        return told("unknown_field", format!("is no field of this credential; there are {}", known.join(", ")));
    }
    let value = value.trim();
    if value.is_empty() {
        return told("empty", "must not be empty".to_owned());
    }
    if value.len() > VALUE_BYTES_MAX {
        return told("too_long", format!("must have {VALUE_BYTES_MAX} bytes at most"));
    }
    if value.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r')) {
        return told("control_character", "must not hold control characters".to_owned());
    }
    None
}

/// What people see of a value later: of a secret its last characters.
pub fn hint(field: Option<&Field>, value: &str) -> String {
    let value = value.trim();
    let count = value.chars().count();
    if field.is_some_and(|field| !field.secret) {
        return value.chars().take(SHOWN_CHARS_MAX).collect();
    }
    if count < HINTED_CHARS_MIN {
        return "…".to_owned();
    }
    let last: String = value.chars().skip(count - HINT_CHARS).collect();
    format!("…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field { name: "app_secret", label: "App secret", hint: "in the dashboard", required: true, verifies: true, secret: true },
        Field { name: "app_id", label: "App ID", hint: "there, too", required: false, verifies: false, secret: false },
    ];

    fn found(given: &[(&str, &str)]) -> Vec<String> {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        flaws(FIELDS, &given).into_iter().map(|flaw| format!("{} {}", flaw.name, flaw.code)).collect()
    }

    #[test]
    fn what_is_unknown_missing_or_unreadable_is_told_at_once() {
        assert_eq!(found(&[("app_secret", "0123456789abcdef")]), Vec::<String>::new());
        assert_eq!(
            found(&[("app_id", "x\0"), ("token", "x")]),
            ["app_id control_character", "token unknown_field", "app_secret missing_field"]
        );
        assert_eq!(found(&[("app_secret", " "), ("app_id", &"x".repeat(VALUE_BYTES_MAX + 1))]), ["app_id too_long", "app_secret empty"]);
    }

    #[test]
    fn of_a_secret_the_end_is_seen_and_of_a_short_one_nothing() {
        assert_eq!(hint(FIELDS.first(), " 0123456789abcdef\n"), "…cdef");
        assert_eq!(hint(FIELDS.first(), "hush"), "…");
        assert_eq!(hint(FIELDS.get(1), "A0123"), "A0123");
        assert_eq!(hint(None, "0123456789äöüß"), "…äöüß");
    }
}
