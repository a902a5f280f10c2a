//! Headers that a webhook's owner wants sent with each delivery: which names and values are possible.
//!
//! Guarantees: what was vetted can be sent, does not replace a header of ours, and does not change how the request is framed or routed.

use std::collections::HashSet;

use awc::http::header::{HeaderName, HeaderValue};
use thiserror::Error;

use super::signature;
use crate::options::SignatureHeader;

/// The most custom headers on one webhook.
pub const HEADERS_MAX: usize = 20;
/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 100;
/// The longest value, in bytes.
pub const VALUE_BYTES_MAX: usize = 2000;

/// What belongs to one connection or frames a message (RFC 9110 sections 7.6.1, 8.6, 10.1.1; RFC 9112 section 6.1), and what is ours to say.
const TAKEN: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    signature::ID,
    signature::TIMESTAMP,
    signature::SIGNATURE,
];
/// Every name that begins like this is ours, now and later.
const OUR_PREFIXES: &[&str] = &["x-switchboard-", "webhook-"];

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderRefusal {
    /// Not a name that HTTP knows.
    #[error("`{0}` is not a header name of at most 100 characters")]
    Name(String),
    /// A name that is ours or the connection's.
    #[error("{0} is set by Switchboard and cannot be replaced")]
    Taken(String),
    /// A value that cannot be sent.
    #[error("the value of {0} must be at most 2,000 visible ASCII characters, spaces and tabs")]
    Value(String),
    /// The same name again.
    #[error("{0} is there twice")]
    Twice(String),
    /// Too many.
    #[error("there are {0} headers; at most 20 are possible")]
    TooMany(usize),
}

/// Vets all custom headers of one webhook and returns them ready to be sent.
///
/// # Errors
/// [`HeaderRefusal`], for the first that is wrong.
pub fn vet(headers: &[(String, String)], signature: &SignatureHeader) -> Result<Vec<(HeaderName, HeaderValue)>, HeaderRefusal> {
    if headers.len() > HEADERS_MAX {
        return Err(HeaderRefusal::TooMany(headers.len()));
    }
    let mut seen = HashSet::new();
    let mut vetted = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let header = vet_name(name, signature)?;
        if !seen.insert(header.clone()) {
            return Err(HeaderRefusal::Twice(name.clone()));
        }
        let plain = value.len() <= VALUE_BYTES_MAX && value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
        let value = plain.then(|| HeaderValue::from_str(value).ok()).flatten();
        vetted.push((header, value.ok_or_else(|| HeaderRefusal::Value(name.clone()))?));
    }
    Ok(vetted)
}

/// Vets one name.
///
/// # Errors
/// [`HeaderRefusal::Name`] or [`HeaderRefusal::Taken`].
pub fn vet_name(name: &str, signature: &SignatureHeader) -> Result<HeaderName, HeaderRefusal> {
    let header = HeaderName::from_bytes(name.as_bytes()).ok().filter(|_| name.len() <= NAME_BYTES_MAX);
    let header = header.ok_or_else(|| HeaderRefusal::Name(name.chars().take(NAME_BYTES_MAX).collect()))?;
    let lower = header.as_str();
    let ours = [signature.name(), &signature.previous_name()].iter().any(|ours| ours.eq_ignore_ascii_case(lower));
    if ours || TAKEN.contains(&lower) || OUR_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
        return Err(HeaderRefusal::Taken(name.to_owned()));
    }
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vetted(headers: &[(&str, &str)]) -> Result<usize, HeaderRefusal> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        vet(&headers, &"X-Old-Signature".parse().unwrap()).map(|vetted| vetted.len())
    }

    #[test]
    fn ordinary_headers_are_let_through() {
        assert_eq!(vetted(&[("Authorization", "Bearer abc"), ("X-Api-Key", ""), ("Date", "a\tb")]), Ok(3));
    }

    #[test]
    fn names_of_ours_and_of_the_connection_are_refused_in_any_case() {
        for taken in [
            "Host",
            "CONTENT-LENGTH",
            "Content-Type",
            "transfer-encoding",
            "Connection",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Upgrade",
            "Proxy-Authorization",
            "Expect",
            "User-Agent",
            "Webhook-Id",
            "webhook-signature",
            "X-Switchboard-Attempt",
            "X-Switchboard-Anything",
            "x-old-signature",
            "X-Old-Signature-Previous",
        ] {
            assert_eq!(vetted(&[(taken, "x")]), Err(HeaderRefusal::Taken(taken.to_owned())));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for name in ["", "two words", "a:b", "naïve", &"x".repeat(101)] {
            assert!(matches!(vetted(&[(name, "x")]), Err(HeaderRefusal::Name(_))), "{name}");
        }
        for value in ["a\r\nEvil: yes", "a\0", "naïve", &"x".repeat(2001)] {
            assert_eq!(vetted(&[("X-A", value)]), Err(HeaderRefusal::Value("X-A".to_owned())), "{value}");
        }
        assert_eq!(vetted(&[("X-A", "1"), ("x-a", "2")]), Err(HeaderRefusal::Twice("x-a".to_owned())));
        let many: Vec<_> = (0..21).map(|number| format!("x-{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(vetted(&many), Err(HeaderRefusal::TooMany(21)));
    }
}
