//! What is searched for, and where it stands in a text.
//!
//! Guarantees: whatever is typed is plain text. Only letters, digits and the marks on them go to the database, each word in quotes that it cannot
//! contain; what a search language means by `NEAR(`, `*` or `:` means nothing here. Words are cut where the databases cut them, and compared
//! without regard to case and accents.
//!
//! Does not: search. Where a database and this file disagree about a rare letter, something is found and not marked.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Letters that a last word of ASCII must have to stand for every word that begins with it: a single one begins too many.
const PREFIX_CHARS_MIN: usize = 2;

/// What is searched for: all of it is wanted, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    terms: Vec<Term>,
}

/// Words that are wanted one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    /// The last of them may go on.
    prefix: bool,
}

impl Words {
    /// Reads what a person typed: words, and phrases in quotes. What is typed last may go on, unless its quote is closed.
    pub fn parse(text: &str) -> Self {
        let mut terms = Vec::new();
        let (mut quoted, mut open) = (false, false);
        for part in text.split('"') {
            let pieces: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
            let before = terms.len();
            terms.extend(pieces.into_iter().filter_map(Term::parse));
            // Quotes alternate: the last part is within one that nobody closed, or outside.
            open = terms.len() > before && (!quoted || !part.is_empty());
            quoted = !quoted;
        }
        if let Some(term) = terms.last_mut().filter(|_| open) {
            term.prefix = term.words.last().is_some_and(|word| !word.is_ascii() || word.len() >= PREFIX_CHARS_MIN);
        }
        Self { terms }
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// In the words of FTS5.
    pub fn fts5(&self) -> String {
        let term = |term: &Term| format!("\"{}\"{}", term.words.join(" "), if term.prefix { " *" } else { "" });
        self.terms.iter().map(term).collect::<Vec<_>>().join(" ")
    }

    /// In the words of PostgreSQL's `to_tsquery`.
    pub fn tsquery(&self) -> String {
        let term = |term: &Term| {
            let words = term.words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" <-> ");
            format!("({words}{})", if term.prefix { ":*" } else { "" })
        };
        self.terms.iter().map(term).collect::<Vec<_>>().join(" & ")
    }

    /// Where a text holds what is searched for, in bytes: in order, apart from each other.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let cut = cut(text);
        let folded: Vec<String> = cut.iter().map(|(_, word)| fold(word)).collect();
        let wanted: Vec<(Vec<String>, bool)> =
            self.terms.iter().map(|term| (term.words.iter().map(|word| fold(word)).collect(), term.prefix)).collect();
        let mut places: Vec<Range<usize>> = Vec::new();
        for start in 0..cut.len() {
            let longest = wanted.iter().filter(|(words, prefix)| begins(folded.get(start..).unwrap_or_default(), words, *prefix));
            let Some(count) = longest.map(|(words, _)| words.len()).max() else { continue };
            let (Some((first, _)), Some((last, _))) = (cut.get(start), cut.get(start + count - 1)) else { continue };
            match places.last_mut() {
                Some(before) if before.end > first.start => before.end = before.end.max(last.end),
                _ => places.push(first.start..last.end),
            }
        }
        places
    }
}

impl Term {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = cut(text).into_iter().map(|(_, word)| word.to_owned()).collect();
        (!words.is_empty()).then_some(Self { words, prefix: false })
    }
}

/// Whether the text's words begin with these.
fn begins(text: &[String], words: &[String], prefix: bool) -> bool {
    let Some((last, before)) = words.split_last() else { return false };
    let Some((there, first)) = text.get(..words.len()).and_then(|text| text.split_last()) else { return false };
    first == before && if prefix { there.starts_with(last.as_str()) } else { there == last }
}

/// The words of a text with their places: runs of letters, digits and marks.
fn cut(text: &str) -> Vec<(Range<usize>, &str)> {
    let of_word = |letter: char| letter.is_alphanumeric() || is_combining_mark(letter);
    let mut words = Vec::new();
    let mut start = None;
    let ends = text.char_indices().map(|(at, letter)| (at, of_word(letter))).chain([(text.len(), false)]);
    for (at, within) in ends {
        match (start, within) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                let word = text.get(from..at).unwrap_or_default();
                if word.chars().any(char::is_alphanumeric) {
                    words.push((from..at, word));
                }
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    words
}

fn fold(word: &str) -> String {
    word.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(query: &str, text: &str) -> String {
        let mut shown = String::new();
        let mut at = 0;
        for place in Words::parse(query).places(text) {
            shown.push_str(&format!("{}[{}]", &text[at..place.start], &text[place.clone()]));
            at = place.end;
        }
        shown + &text[at..]
    }

    #[test]
    fn what_is_typed_is_words_phrases_and_a_beginning() {
        for (typed, fts5, tsquery) in [
            ("where parcel", r#""where" "parcel" *"#, "('where') & ('parcel':*)"),
            (r#""my parcel" where"#, r#""my parcel" "where" *"#, "('my' <-> 'parcel') & ('where':*)"),
            (r#"where "my parcel""#, r#""where" "my parcel""#, "('where') & ('my' <-> 'parcel')"),
            (r#"where "my par"#, r#""where" "my par" *"#, "('where') & ('my' <-> 'par':*)"),
            ("a.b@c.example", r#""a b c example" *"#, "('a' <-> 'b' <-> 'c' <-> 'example':*)"),
            ("x", r#""x""#, "('x')"),
            ("東", "\"東\" *", "('東':*)"),
            (r"NEAR(a b) OR * ^: -' \", r#""NEAR a" "b" "OR" *"#, "('NEAR' <-> 'a') & ('b') & ('OR':*)"),
            ("\0 🙂 \u{301} \"\" \" ' \\", "", ""),
        ] {
            let words = Words::parse(typed);
            assert_eq!((words.fts5().as_str(), words.tsquery().as_str()), (fts5, tsquery), "{typed}");
        }
    }

    #[test]
    fn what_was_found_is_marked() {
        for (query, text, marked) in [
            ("parcel", "Where is my Parcel? The parcels.", "Where is my [Parcel]? The [parcels]."),
            ("resume", "My Résumé", "My [Résumé]"),
            ("\"my parcel\"", "my parcel, not my own parcel", "[my parcel], not my own parcel"),
            ("شكرا", "قال شكراً لك", "قال [شكراً] لك"),
            ("b a", "a b a", "[a] [b] [a]"),
            ("\"a b\" \"b c\"", "a b c", "[a b c]"),
            ("x", "", ""),
        ] {
            assert_eq!(shown(query, text), marked, "{query}");
        }
    }
}
