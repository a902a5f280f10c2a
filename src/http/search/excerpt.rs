//! The part of a text that shows why it was found.

use super::wire::Part;
use crate::store::read::search::Words;

/// Longest excerpt, in characters, the dots where it goes on not counted.
const CHARS_MAX: usize = 200;
/// How much of it stands before the first hit.
const BEFORE_CHARS: usize = 60;
/// Where the text goes on.
const DOTS: &str = "…";

/// What of the text is shown, with the hits marked.
pub fn of(text: &str, words: &Words) -> Vec<Part> {
    let places = words.places(text);
    let first = places.first().map_or(0, |place| place.start);
    let from = start(text, first);
    let shown = text.get(from..).unwrap_or_default();
    let to = from + shown.char_indices().nth(CHARS_MAX).map_or(shown.len(), |(at, _)| at);
    let mut parts = Parts::default();
    if from > 0 {
        parts.add(DOTS, false);
    }
    let mut at = from;
    for place in places {
        let (start, end) = (place.start.clamp(at, to), place.end.clamp(at, to));
        parts.add(text.get(at..start).unwrap_or_default(), false);
        parts.add(text.get(start..end).unwrap_or_default(), true);
        at = end;
    }
    parts.add(text.get(at..to).unwrap_or_default(), false);
    if to < text.len() {
        parts.add(DOTS, false);
    }
    parts.0
}

/// Where the excerpt begins: a little before the first hit, at a word's beginning if there is one.
fn start(text: &str, first: usize) -> usize {
    let before = text.get(..first).unwrap_or_default();
    let Some((earliest, _)) = before.char_indices().rev().nth(BEFORE_CHARS) else { return 0 };
    let space = text.get(earliest..first).and_then(|near| near.char_indices().find(|(_, letter)| letter.is_whitespace()));
    space.map_or(earliest, |(at, letter)| earliest + at + letter.len_utf8())
}

#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    fn add(&mut self, text: &str, hit: bool) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.hit == hit => last.text.push_str(text),
            _ => self.0.push(Part { text: text.to_owned(), hit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, query: &str) -> String {
        of(text, &Words::parse(query)).into_iter().map(|part| if part.hit { format!("[{}]", part.text) } else { part.text }).collect()
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        assert_eq!(shown("Where is my parcel?", "parcel"), "Where is my [parcel]?");
        assert_eq!(shown("Where is my parcel?", "nothing"), "Where is my parcel?");
        assert_eq!(shown("", "nothing"), "");
    }

    #[test]
    fn a_long_text_is_shown_around_its_first_hit() {
        let long = format!("{}parcel {}", "word ".repeat(100), "tail ".repeat(100));
        let shown = shown(&long, "parcel");
        assert!(shown.starts_with("…word word") && shown.ends_with('…') && shown.contains("[parcel]"), "{shown}");
        assert!(shown.chars().count() <= CHARS_MAX + 4, "{shown}");
        let unbroken = format!("{} parcel", "語".repeat(500));
        assert!(self::shown(&unbroken, "parcel").starts_with("…"));
        assert!(self::shown(&"語".repeat(500), "語").ends_with("]…"));
    }
}
