//! A text message as Vonage's SMS API tells of it, signed.

use switchboard::{
    channels::{form, sms::vonage::signature::signed_text},
    crypto::mac,
};

pub const SECRET: &str = "vsecret";
/// Our number, as a channel's address has it.
pub const NUMBER: &str = "+15005550006";

/// The path and query by which Vonage tells of a message at `now_secs`; `more` may make it a part.
pub fn told(credential: &str, id: &str, text: &str, more: &[(&str, &str)], now_secs: i64) -> String {
    told_at(credential, id, text, more, ("2025-10-09 08:53:20", now_secs))
}

/// The same of a message that was said at `at`.
pub fn told_at(credential: &str, id: &str, text: &str, more: &[(&str, &str)], (at, now_secs): (&str, i64)) -> String {
    let timestamp = now_secs.to_string();
    let mut pairs = vec![("msisdn", "15005550001"), ("to", "15005550006"), ("messageId", id), ("type", "text"), ("text", text)];
    pairs.extend([("message-timestamp", at), ("timestamp", timestamp.as_str())]);
    pairs.extend_from_slice(more);
    let owned: Vec<(String, String)> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sig = hex::encode(mac::hmac_sha256_joined(SECRET.as_bytes(), &[signed_text(&owned).as_bytes()]));
    pairs.push(("sig", &sig));
    format!("/api/webhooks/sms/{credential}?{}", form::encode(pairs))
}

/// The path and query by which Vonage tells of the part `number` of `total`.
pub fn part(credential: &str, reference: &str, (number, total): (u32, u32), id: &str, text: &str, now_secs: i64) -> String {
    let (number, total) = (number.to_string(), total.to_string());
    let more = [("concat", "true"), ("concat-ref", reference), ("concat-part", number.as_str()), ("concat-total", total.as_str())];
    told(credential, id, text, &more, now_secs)
}
