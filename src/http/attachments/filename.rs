//! Names of files: what a stranger's program called a file, made harmless, and the header that gives it back.
//!
//! Guarantees: a name has no folders, no control characters and nothing that turns the reading direction (so that `gpj.exe` cannot show as
//! `exe.jpg`), is never empty, and has at most [`CHARS_MAX`] characters, its ending kept. Files are never stored under it.

use std::fmt::Write;

/// Longest name that is kept, in characters.
pub const CHARS_MAX: usize = 150;
const FALLBACK: &str = "file";
/// Longest ending that is kept when a name is cut, in characters, dot included.
const ENDING_CHARS_MAX: usize = 16;

/// Makes a name from outside harmless.
#[must_use]
pub fn clean(name: &str) -> String {
    // Only the last folder's content counts, whichever system wrote it.
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let kept: String = name.chars().filter(|c| !c.is_control() && !turns_direction(*c)).collect();
    let kept = kept.trim().trim_start_matches('.').trim();
    let kept = shorten(kept);
    if kept.is_empty() { FALLBACK.to_owned() } else { kept }
}

fn shorten(name: &str) -> String {
    let count = name.chars().count();
    if count <= CHARS_MAX {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).filter(|ending| ending.chars().count() <= ENDING_CHARS_MAX);
    let ending = ending.unwrap_or_default();
    let front: String = name.chars().take(CHARS_MAX - ending.chars().count()).collect();
    front + &ending
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm (Unicode UAX 9, section 2), line separators, and the byte
/// order mark.
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The value of `Content-Disposition` (RFC 6266): a plain name for old programs and the exact one as `filename*` (RFC 8187).
#[must_use]
pub fn disposition(inline: bool, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' }).collect();
    let mut exact = String::new();
    for byte in name.bytes() {
        // attr-char of RFC 8187, section 3.2.1.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    let how = if inline { "inline" } else { "attachment" };
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_controls_and_direction_marks_are_taken_out() {
        for (from, to) in [
            ("frame.png", "frame.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\jane\\bill.pdf", "bill.pdf"),
            ("/", "file"),
            ("..", "file"),
            ("...", "file"),
            (".htaccess", "htaccess"),
            ("", "file"),
            (" \t ", "file"),
            ("a\u{0}b\r\nX: y.txt", "abX: y.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("Fahrräder – Übersicht.pdf", "Fahrräder – Übersicht.pdf"),
            ("سياسة.pdf", "سياسة.pdf"),
        ] {
            assert_eq!(clean(from), to, "{from:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_keeps_its_ending() {
        let name = clean(&("ä".repeat(500) + ".jpeg"));
        assert_eq!(name.chars().count(), CHARS_MAX);
        assert!(name.ends_with("ä.jpeg"));
        let name = clean(&("a.".to_owned() + &"b".repeat(500)));
        assert_eq!(name.chars().count(), CHARS_MAX);
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(disposition(true, "a b.png"), "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png");
        assert_eq!(
            disposition(false, "\"; x=\"%41\\ü\r\n.pdf"),
            "attachment; filename=\"_; x=__41____.pdf\"; filename*=UTF-8''%22%3B%20x%3D%22%2541%5C%C3%BC%0D%0A.pdf"
        );
    }

    proptest::proptest! {
        #[test]
        fn every_name_becomes_harmless_and_stays_so(name in ".*") {
            let cleaned = clean(&name);
            proptest::prop_assert!(!cleaned.is_empty() && cleaned.chars().count() <= CHARS_MAX);
            proptest::prop_assert!(!cleaned.contains(['/', '\\']) && !cleaned.chars().any(char::is_control) && cleaned != "..");
            proptest::prop_assert_eq!(&clean(&cleaned), &cleaned);
            proptest::prop_assert!(disposition(false, &cleaned).bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
        }
    }
}
