//! Placeholders in prepared texts: `{{contact.first_name}}` becomes the contact's first name where the text is used.
//!
//! Guarantees: a text that was checked holds no placeholder but those of [`NAMES`]. Does not: look for them across the marks of a document; the plain
//! form is what is looked at.

use crate::http::fields::Fields;

/// Every placeholder there is.
pub const NAMES: [&str; 4] = ["contact.name", "contact.first_name", "agent.name", "agent.first_name"];
/// Most placeholders of one text that are refused by name.
const REFUSED_MAX: usize = 10;
/// How much of an unknown name is told back, in characters.
const TOLD_CHARS_MAX: usize = 64;

/// Refuses each placeholder that is not known.
pub fn check(fields: &mut Fields, pointer: &str, text: &str) {
    let mut unknown: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("{{").and_then(|(_before, behind)| behind.split_once("}}")) {
        if !NAMES.contains(&name) && !unknown.contains(&name) && unknown.len() < REFUSED_MAX {
            unknown.push(name);
        }
        rest = after;
    }
    for name in unknown {
        let told: String = name.chars().take(TOLD_CHARS_MAX).collect();
        let known = NAMES.map(|name| format!("{{{{{name}}}}}")).join(", ");
        fields.refuse(pointer, "unknown_placeholder", format!("{{{{{told}}}}} is no placeholder; there are {known}"));
    }
}

/// The text with each placeholder replaced by what `value` has for its name; a name that it does not know stays as it is.
pub fn fill<'a>(text: &'a str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(before, behind)| Some((before, behind.split_once("}}")?))) {
        filled.push_str(before);
        match value(name) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["{{", name, "}}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The first name in a whole one.
pub fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_in_and_everything_else_stays() {
        let value = |name: &str| match name {
            "contact.name" => Some("{{agent.name}} Chen"),
            "agent.name" => Some(""),
            _ => None,
        };
        assert_eq!(
            fill("Hi {{contact.name}}, {{agent.name}}!", value),
            "Hi {{agent.name}} Chen, !",
            "what is filled in is not looked at again"
        );
        assert_eq!(fill("{{x}} }} {{{contact.name}} {{", value), "{{x}} }} {{{contact.name}} {{");
        assert_eq!((first_name("  Maya Chen"), first_name("")), ("Maya", ""));
    }
}
