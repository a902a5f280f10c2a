//! `application/x-www-form-urlencoded`, as providers write and sign it.
//!
//! Guarantees: order and doubles are kept; `+` is a space; bytes that are no UTF-8 become U+FFFD; nothing is trimmed or dropped.

/// The pairs of a body or a query, decoded, in order.
pub fn decode(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// The first value of a name.
pub fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The pairs as a body.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
