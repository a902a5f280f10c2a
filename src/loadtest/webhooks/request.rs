//! Reading a delivery from the bytes of a connection: only what is counted is looked at, because the tool must cost less than the server.
//!
//! Does not: read chunked bodies; the server gives lengths.

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::WebhookSecret;

use crate::crypto::hmac_sha256_joined;

/// Before the webhook's number.
const PATH: &str = "/hook/";

/// A delivery as it came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// Which of the tool's webhooks; `None` for a path that is none.
    pub hook: Option<usize>,
    /// The event's id.
    pub event_id: &'a str,
    /// When it was signed.
    pub timestamp: &'a str,
    /// The signature of Standard Webhooks.
    pub standard: &'a str,
    /// The plain signature; empty if the server gives it another name.
    pub plain: &'a str,
    /// The delivery's id.
    pub delivery_id: &'a str,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// The body.
    pub body: &'a [u8],
}

/// What stands at the beginning of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// Not the whole of a request yet.
    More,
    /// Something else than a request with a length.
    Unreadable,
    /// A request, and how many bytes it takes.
    Whole(Request<'a>, usize),
}

/// Reads the request at the beginning of these bytes.
pub fn read(bytes: &[u8]) -> Read<'_> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Read::More };
    let Some((head, rest)) = bytes.split_at_checked(end + 4) else { return Read::More };
    let Ok(head) = std::str::from_utf8(head) else { return Read::Unreadable };
    let mut lines = head.split("\r\n");
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let mut request = Request { hook: path.strip_prefix(PATH).and_then(|number| number.parse().ok()), ..Request::default() };
    let mut length = None;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("content-length") {
            length = value.parse::<usize>().ok();
        } else if is("webhook-id") {
            request.event_id = value;
        } else if is("webhook-timestamp") {
            request.timestamp = value;
        } else if is("webhook-signature") {
            request.standard = value;
        } else if is("x-switchboard-signature") {
            request.plain = value;
        } else if is("x-switchboard-delivery") {
            request.delivery_id = value;
        } else if is("x-switchboard-attempt") {
            request.attempt = value.parse().unwrap_or(0);
        }
    }
    let Some(length) = length else { return Read::Unreadable };
    let Some(body) = rest.get(..length) else { return Read::More };
    request.body = body;
    Read::Whole(request, end + 4 + length)
}

impl Request<'_> {
    /// Whether both signatures are those of this secret.
    pub fn is_signed(&self, secret: &WebhookSecret) -> bool {
        let standard = hmac_sha256_joined(secret.key(), &[self.event_id.as_bytes(), b".", self.timestamp.as_bytes(), b".", self.body]);
        let plain = || hex::encode(hmac_sha256_joined(secret.text().as_bytes(), &[self.body]));
        let is_standard = self.standard.strip_prefix("v1,") == Some(BASE64_STANDARD.encode(standard).as_str());
        is_standard && (self.plain.is_empty() || self.plain == plain())
    }
}

/// The path of a webhook's URL.
pub fn path(hook: usize) -> String {
    format!("{PATH}{hook}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"id":"0198","event":"ticket.created"}"#;

    /// Signed apart from this code, as the test of `delivery::signature` says.
    fn request(body: &str) -> Vec<u8> {
        format!(
            "POST /hook/12 HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nWebhook-Id: 01890a5d-ac96-774b-bcce-b302099a8057\r\n\
             webhook-timestamp: 1774535400\r\nwebhook-signature: v1,yJr83QrmAhQF/UUcoh58yicTuOpSbnCgjBU41BGXqtg=\r\nX-Switchboard-Signature: 92008800ebe9903579d3ed84df7c1ef50cbb1103a3ead848761057a3aa4dde6c\r\n\
             x-switchboard-delivery: d\r\nx-switchboard-attempt: 2\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let bytes = request(BODY);
        for end in [0, 20, bytes.len() - BODY.len() - 1, bytes.len() - 1] {
            assert_eq!(read(&bytes[..end]), Read::More);
        }
        let two = [bytes.as_slice(), b"POST /hook/1 HT"].concat();
        let Read::Whole(whole, length) = read(&two) else { panic!("it is whole") };
        assert_eq!((whole.hook, whole.delivery_id, whole.attempt, whole.body), (Some(12), "d", 2, BODY.as_bytes()));
        assert_eq!(length, bytes.len());
        assert_eq!(read(b"GET / HTTP/1.1\r\n\r\n"), Read::Unreadable, "it says no length");
    }

    #[test]
    fn a_signature_counts_for_its_secret_and_its_bytes() {
        let secret = WebhookSecret::from_random([7; 32]);
        let bytes = request(BODY);
        let Read::Whole(signed, _) = read(&bytes) else { panic!("it is whole") };
        assert!(signed.is_signed(&secret));
        assert!(!signed.is_signed(&WebhookSecret::from_random([9; 32])));
        let other = request("{\"id\":\"0198\",\"event\":\"ticket.deleted\"}");
        let Read::Whole(tampered, _) = read(&other) else { panic!("it is whole") };
        assert!(!tampered.is_signed(&secret));
    }
}
