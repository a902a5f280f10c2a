//! `hub.challenge`: how Meta asks whether an address is ours.
//!
//! Guarantees: the challenge goes back alone and as plain text, to whoever knows a living verify token, and to nobody else.
//!
//! Sources: whatsapp.md section 3 and messenger.md section 3 (Meta, "Webhooks: verification requests"), read 2026-11.

use crate::{
    channels::{
        adapter::Refusal,
        credential::Credential,
        form,
        request::{Answer, RawRequest},
    },
    crypto::mac,
};

/// The secret that is asked for, by its name in a credential.
const SECRET: &str = "verify_token";
/// Longest challenge that is sent back, in characters. The documentation calls it an integer; it is taken for any text.
const CHALLENGE_CHARS_MAX: usize = 256;

/// The answer to a handshake.
pub fn answer(credential: &Credential, request: &RawRequest) -> Result<Answer, Refusal> {
    let pairs = form::decode(request.query.as_bytes());
    if only(&pairs, "hub.mode") != Some("subscribe") {
        return Err(Refusal::Forbidden("hub.mode is not subscribe"));
    }
    let token = only(&pairs, "hub.verify_token").ok_or(Refusal::Forbidden("hub.verify_token is missing or repeated"))?;
    let mut known = credential.secrets(SECRET).peekable();
    if known.peek().is_none() {
        return Err(Refusal::Unconfigured(SECRET));
    }
    if !known.any(|known| mac::equal(known.as_bytes(), token.as_bytes())) {
        return Err(Refusal::Forbidden("hub.verify_token is none of ours"));
    }
    let challenge = only(&pairs, "hub.challenge").ok_or(Refusal::Forbidden("hub.challenge is missing or repeated"))?;
    if challenge.is_empty() || challenge.chars().count() > CHALLENGE_CHARS_MAX || challenge.chars().any(char::is_control) {
        return Err(Refusal::Forbidden("hub.challenge is no short text"));
    }
    Ok(Answer::plain(challenge))
}

/// The value of a parameter that comes once.
fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = pairs.iter().filter(|(known, _)| known == name);
    let (_, value) = values.next()?;
    values.next().is_none().then_some(value.as_str())
}
