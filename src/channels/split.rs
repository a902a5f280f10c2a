//! Cutting a long text into messages that a channel takes.
//!
//! Guarantees: the pieces, joined with what was cut between them, say what the text said; each is within the limit; none begins or ends
//! inside a character, a combining sequence or an emoji that is joined of several. Cut is at a paragraph, else a line, else a sentence, else a
//! space, else between characters as people see them (grapheme clusters of UAX 29).

use unicode_segmentation::UnicodeSegmentation;

/// How a provider counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Unicode code points.
    CodePoints,
    /// UTF-16 units: an emoji is two.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

impl Count {
    /// How long a text is.
    pub fn of(self, text: &str) -> usize {
        match self {
            Self::CodePoints => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// A cut worth less than this part of the limit is passed over for a coarser one further on.
const LEAST_SHARE: usize = 2;

/// Cuts a text into pieces of at most `max`; a text that fits is one piece, an empty one is none.
pub fn split(text: &str, max: usize, count: Count) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if count.of(rest) <= max {
            pieces.push(rest.to_owned());
            break;
        }
        let end = fitting(rest, max, count);
        let (head, _) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let at = cut(head, count.of(head) / LEAST_SHARE, count).unwrap_or(end);
        let (piece, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let piece = piece.trim_end();
        if !piece.is_empty() {
            pieces.push(piece.to_owned());
        }
        rest = behind.trim_start();
    }
    pieces
}

/// The end of the longest beginning that fits and that breaks no visible character; at least one code point.
fn fitting(text: &str, max: usize, count: Count) -> usize {
    let whole = prefix(text.grapheme_indices(true), max, count);
    if whole > 0 {
        return whole;
    }
    // One visible character alone is longer than the limit: it has to be broken.
    let letters = text.char_indices().map(|(at, letter)| (at, text.get(at..at + letter.len_utf8()).unwrap_or_default()));
    prefix(letters, max, count).max(text.chars().next().map_or(0, char::len_utf8))
}

fn prefix<'a>(parts: impl Iterator<Item = (usize, &'a str)>, max: usize, count: Count) -> usize {
    let (mut used, mut end) = (0, 0);
    for (at, part) in parts {
        used += count.of(part);
        if used > max {
            break;
        }
        end = at + part.len();
    }
    end
}

/// Where to cut within `head`, behind at least `least`.
fn cut(head: &str, least: usize, count: Count) -> Option<usize> {
    let behind = |mark: &str| head.rfind(mark).map(|at| at + mark.len());
    let sentence = [". ", "! ", "? ", "。", "！", "？"].into_iter().filter_map(behind).max();
    let space =
        head.rfind(char::is_whitespace).map(|at| at + head.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let worth = |at: &usize| head.get(..*at).is_some_and(|piece| count.of(piece) >= least);
    [behind("\n\n"), behind("\n"), sentence, space].into_iter().flatten().find(worth).or(space)
}
