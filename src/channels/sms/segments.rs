//! How many text messages a text is: the alphabets of 3GPP TS 23.038 and the parts of a long message.
//!
//! Guarantees: counts as networks do. GSM-7 has 160 units in a single message and 153 in each part of a longer one, UCS-2 70 and 67; the
//! characters of the extension table take two units; neither they nor surrogate pairs are torn between two parts.

use crate::channels::split::{Count, split};

/// The basic table of GSM-7 but for digits and the letters of English (3GPP TS 23.038, section 6.2.1).
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Its extension: each takes two units (section 6.2.1.1).
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The alphabet that a text is sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Seven bits.
    Gsm7,
    /// Sixteen bits: a single character outside GSM-7 is enough.
    Ucs2,
}

impl Alphabet {
    /// Units in a message that stands alone, and in each part of a longer one.
    const fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }
}

fn septets(letter: char) -> Option<usize> {
    if letter.is_ascii_alphanumeric() || BASIC.contains(letter) { Some(1) } else { EXTENSION.contains(letter).then_some(2) }
}

/// The alphabet that a text needs.
pub fn alphabet(text: &str) -> Alphabet {
    if text.chars().all(|letter| septets(letter).is_some()) { Alphabet::Gsm7 } else { Alphabet::Ucs2 }
}

/// How many units each character takes, in the text's alphabet.
fn units(text: &str) -> impl Iterator<Item = usize> + '_ {
    let alphabet = alphabet(text);
    text.chars().map(move |letter| match alphabet {
        Alphabet::Gsm7 => septets(letter).unwrap_or(1),
        Alphabet::Ucs2 => letter.len_utf16(),
    })
}

/// How many units a text takes.
pub fn length(text: &str) -> usize {
    units(text).sum()
}

/// How many text messages a text is; an empty one is one.
pub fn segments(text: &str) -> usize {
    let (alone, part) = alphabet(text).room();
    if length(text) <= alone {
        return 1;
    }
    let (mut parts, mut used) = (1, 0);
    for unit in units(text) {
        if used + unit > part {
            parts += 1;
            used = 0;
        }
        used += unit;
    }
    parts
}

/// The longest text that a vendor takes in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    /// In units of GSM-7.
    pub gsm7: usize,
    /// In units of UCS-2, if one character outside GSM-7 is there.
    pub ucs2: usize,
}

/// Cuts a text into pieces that a vendor takes, in order; an empty text is none.
pub fn pieces(text: &str, longest: Longest) -> Vec<String> {
    let mut pieces = Vec::new();
    for piece in split(text, longest.gsm7.max(longest.ucs2), Count::Utf16) {
        fit(piece, longest, &mut pieces);
    }
    pieces
}

/// A piece of few enough characters may still take too many units: it is in UCS-2, or has characters that count double.
fn fit(piece: String, longest: Longest, pieces: &mut Vec<String>) {
    let max = match alphabet(&piece) {
        Alphabet::Gsm7 => longest.gsm7,
        Alphabet::Ucs2 => longest.ucs2,
    };
    if length(&piece) <= max {
        pieces.push(piece);
        return;
    }
    // Extensions count double and are one UTF-16 unit: half is always enough for them, and all of it for UCS-2.
    let narrower = if alphabet(&piece) == Alphabet::Ucs2 { max } else { max / 2 };
    pieces.extend(split(&piece, narrower.max(1), Count::Utf16));
}
