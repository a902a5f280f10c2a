//! Words from outside made fit to be stored and shown.
//!
//! Guarantees: no control characters but line breaks and tabs, no NUL, never longer than the bound; what was cut ends with `…`.

use entities::text::{MESSAGE_CHARS_MAX, NAME_CHARS_MAX};

/// A message's text: bounded, several lines allowed, without white space at its ends; perhaps empty.
pub fn message(text: &str) -> String {
    let kept: String = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    cut(kept.trim(), MESSAGE_CHARS_MAX)
}

/// A name: one line, bounded; `None` if nothing is left.
pub fn name(text: &str) -> Option<String> {
    let spaced: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let name = cut(spaced.trim(), NAME_CHARS_MAX);
    (!name.is_empty()).then_some(name)
}

/// The text, or as much of its beginning as fits with `…` behind it.
pub fn cut(text: &str, chars_max: usize) -> String {
    // Bytes bound characters from above: most texts are not walked.
    if text.len() <= chars_max || text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    short.push('…');
    short
}
