//! What a file is, by its first bytes.
//!
//! Guarantees: the type we keep and serve is one of the table below, decided by the content; what the sender declared is believed only
//! where it makes a text or an archive more precise, and never to something that a browser would run. HTML and SVG are plain text here.
//!
//! Signatures: WHATWG MIME Sniffing, sections 6.1 to 6.4 (read November 2026), and the formats' own specifications.

/// How many first bytes decide.
pub const HEAD_BYTES: usize = 4096;

/// The type of what is not known.
pub const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain";
const ZIP: &str = "application/zip";

/// Signatures at the beginning of a file.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"OggS\0", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
];

/// Declared types that a text may keep: none of them is run or shown as a page.
const TEXTS: &[&str] = &["text/plain", "text/csv", "text/calendar", "text/vcard", "text/markdown", "application/json"];

/// Declared types that are zip archives inside.
const ARCHIVES: &[&str] = &[
    "application/zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
];

/// The type of a file, from its first [`HEAD_BYTES`] and what was declared. `whole` says that `head` is all there is.
#[must_use]
pub fn sniff(head: &[u8], whole: bool, declared: Option<&str>) -> &'static str {
    if let Some((_, found)) = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
        return if *found == ZIP { refined(declared, ARCHIVES, ZIP) } else { found };
    }
    if let Some(found) = container(head) {
        return found;
    }
    if is_text(head, whole) {
        return refined(declared, TEXTS, TEXT);
    }
    UNKNOWN
}

/// How a file is given out: the header's value, and whether a browser may show it in place.
#[must_use]
pub fn served_as(media_type: &str) -> (&'static str, bool) {
    match media_type {
        "image/png" => ("image/png", true),
        "image/jpeg" => ("image/jpeg", true),
        "image/gif" => ("image/gif", true),
        "image/webp" => ("image/webp", true),
        "application/pdf" => ("application/pdf", false),
        kept if TEXTS.contains(&kept) => ("text/plain; charset=utf-8", true),
        _ => (UNKNOWN, false),
    }
}

fn refined(declared: Option<&str>, allowed: &'static [&'static str], otherwise: &'static str) -> &'static str {
    let declared = declared.map(|text| text.split(';').next().unwrap_or(text).trim().to_ascii_lowercase());
    allowed.iter().copied().find(|known| declared.as_deref() == Some(known)).unwrap_or(otherwise)
}

/// Formats whose name stands behind a length.
fn container(head: &[u8]) -> Option<&'static str> {
    let (front, rest) = head.split_first_chunk::<4>()?;
    match (front, rest.first_chunk::<4>(), rest.get(4..8)) {
        (b"RIFF", _, Some(b"WEBP")) => Some("image/webp"),
        (b"RIFF", _, Some(b"WAVE")) => Some("audio/wav"),
        (_, Some(b"ftyp"), Some(brand)) => Some(match brand {
            b"M4A " => "audio/mp4",
            b"heic" | b"heix" | b"mif1" => "image/heic",
            b"avif" => "image/avif",
            b"qt  " => "video/quicktime",
            _ => "video/mp4",
        }),
        _ => None,
    }
}

fn is_text(head: &[u8], whole: bool) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The head may end inside a character; nothing else may be wrong with it.
        Err(error) => !whole && error.error_len().is_none(),
    };
    valid && !head.iter().any(|byte| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_not_the_declaration() {
        let cases: &[(&[u8], &str, &str)] = &[
            (b"\x89PNG\r\n\x1a\n....", "text/html", "image/png"),
            (b"\xff\xd8\xff\xe0..", "image/png", "image/jpeg"),
            (b"GIF89a;", "image/svg+xml", "image/gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/png", "image/webp"),
            (b"%PDF-1.7\n", "image/png", "application/pdf"),
            (b"\0\0\0\x18ftypisom", "x/y", "video/mp4"),
            (b"<html><script>alert(1)</script>", "text/html", "text/plain"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "image/svg+xml", "text/plain"),
            (b"a,b\n1,2\n", "text/csv; charset=utf-8", "text/csv"),
            (b"a,b\n1,2\n", "image/png", "text/plain"),
            (
                b"PK\x03\x04....",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (b"PK\x03\x04....", "application/java-archive", "application/zip"),
            (b"MZ\x90\0\x03\0", "image/png", "application/octet-stream"),
            (b"\x7fELF", "text/plain", "application/octet-stream"),
            (b"", "text/plain", "text/plain"),
        ];
        for (head, declared, kept) in cases {
            assert_eq!(sniff(head, true, Some(declared)), *kept, "{declared} {head:?}");
        }
    }

    #[test]
    fn a_head_that_ends_inside_a_character_is_still_text() {
        let head = "ü".as_bytes();
        assert_eq!(sniff(&head[..1], false, None), "text/plain");
        assert_eq!(sniff(&head[..1], true, None), UNKNOWN);
        assert_eq!(sniff(b"a\xffb", false, None), UNKNOWN);
    }

    #[test]
    fn only_pictures_and_plain_text_are_shown_in_place() {
        for (kept, served) in [
            ("image/png", ("image/png", true)),
            ("text/csv", ("text/plain; charset=utf-8", true)),
            ("application/pdf", ("application/pdf", false)),
            ("image/svg+xml", (UNKNOWN, false)),
            ("text/html", (UNKNOWN, false)),
            ("video/mp4", (UNKNOWN, false)),
        ] {
            assert_eq!(served_as(kept), served, "{kept}");
        }
    }
}
