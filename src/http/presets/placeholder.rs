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
