//! The `Range` header (RFC 9110, section 14.2): one range of bytes; several at once are answered with the whole file, as the RFC allows.

/// Which bytes a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    Whole,
    /// From `first` to `last`, both included; never empty, never beyond the end.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// None that exist: answer 416.
    Unsatisfiable,
}

/// Reads the header against a file's size. What cannot be read is ignored, as the RFC says.
#[must_use]
pub fn parse(header: Option<&str>, size: u64) -> Wanted {
    let Some((first, last)) = header.and_then(|text| text.strip_prefix("bytes=")).and_then(|text| text.trim().split_once('-')) else {
        return Wanted::Whole;
    };
    match (number(first), number(last)) {
        (Some(first), _) if first >= size && (last.is_empty() || number(last).is_some_and(|last| last >= first)) => Wanted::Unsatisfiable,
        (Some(first), Some(last)) if first <= last => Wanted::Part { first, last: last.min(size.saturating_sub(1)) },
        (Some(first), None) if last.is_empty() => Wanted::Part { first, last: size.saturating_sub(1) },
        (None, Some(0)) if first.is_empty() => Wanted::Unsatisfiable,
        (None, Some(_)) if first.is_empty() && size == 0 => Wanted::Unsatisfiable,
        (None, Some(count)) if first.is_empty() => Wanted::Part { first: size.saturating_sub(count), last: size.saturating_sub(1) },
        _ => Wanted::Whole,
    }
}

fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) { None } else { text.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_against_the_size() {
        for (header, wanted) in [
            ("bytes=0-4", Wanted::Part { first: 0, last: 4 }),
            ("bytes=5-", Wanted::Part { first: 5, last: 9 }),
            ("bytes=-3", Wanted::Part { first: 7, last: 9 }),
            ("bytes=-99", Wanted::Part { first: 0, last: 9 }),
            ("bytes=8-99", Wanted::Part { first: 8, last: 9 }),
            ("bytes=10-", Wanted::Unsatisfiable),
            ("bytes=10-20", Wanted::Unsatisfiable),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=4-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=99999999999999999999-", Wanted::Whole),
            ("items=0-4", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(parse(Some(header), 10), wanted, "{header}");
        }
        assert_eq!(parse(None, 10), Wanted::Whole);
        assert_eq!(parse(Some("bytes=0-"), 0), Wanted::Unsatisfiable);
        assert_eq!(parse(Some("bytes=-5"), 0), Wanted::Unsatisfiable);
    }
}
