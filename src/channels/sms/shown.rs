//! Texts and names from outside, made fit to be stored and shown.
//!
//! Guarantees: no NUL and no control characters but line breaks and tabs, never over the bound of the noun, no white space at the ends.

use entities::text::{MESSAGE_CHARS_MAX, NAME_CHARS_MAX};

/// What stands for a message that says nothing at all.
pub const EMPTY: &str = "(empty message)";
/// What stands for a message of a kind that this version does not know.
pub const UNKNOWN: &str = "(a message of a kind that cannot be shown here)";

/// A message's text, cut with `…` where it is too long.
pub fn text(raw: &str) -> String {
    cut(raw.replace("\r\n", "\n").chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')), MESSAGE_CHARS_MAX)
}

/// A name or another single line, cut where it is too long; `None` if nothing is left.
pub fn line(raw: &str) -> Option<String> {
    let line = cut(raw.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).filter(|c| !c.is_control()), NAME_CHARS_MAX);
    (!line.is_empty()).then_some(line)
}

fn cut(letters: impl Iterator<Item = char>, max: usize) -> String {
    let text: String = letters.skip_while(|letter| letter.is_whitespace()).take(max + 1).collect();
    if text.chars().nth(max).is_none() {
        return text.trim_end().to_owned();
    }
    let mut text: String = text.chars().take(max - 1).collect();
    text.push('…');
    text
}
