//! Whether a request is Slack's own, and the two that only want an answer (`slack.md`, parts 2 and 3).

use serde_json::Value;

use super::{credential, wire};
use crate::channels::{
    adapter::{Notification, Refusal, Verified},
    credential::Credential,
    form,
    request::{Answer, RawRequest},
};
use crate::crypto::mac;

/// How far Slack's clock and ours may be apart, in either direction, in seconds (part 2, step 2).
const CLOCK_SKEW_SECONDS_MAX: i64 = 300;
/// Longest challenge that is answered; Slack's have about fifty characters.
const CHALLENGE_BYTES_MAX: usize = 1_024;

/// Judges the signature over the raw body, then answers handshakes.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    if request.method != "POST" {
        return Err(Refusal::Malformed("Slack only posts"));
    }
    if credential.secret(credential::SIGNING_SECRET).is_none() {
        return Err(Refusal::Unconfigured(credential::SIGNING_SECRET));
    }
    let timestamp = request.header("x-slack-request-timestamp").ok_or(Refusal::Unauthentic("no single timestamp"))?;
    fresh(timestamp, request)?;
    let given = request.header("x-slack-signature").ok_or(Refusal::Unauthentic("no single signature"))?;
    let parts: &[&[u8]] = &[b"v0:", timestamp.as_bytes(), b":", &request.body];
    let mut ours = false;
    for secret in credential.secrets(credential::SIGNING_SECRET) {
        let expected = format!("v0={}", hex::encode(mac::hmac_sha256_joined(secret.as_bytes(), parts)));
        ours |= mac::equal(expected.as_bytes(), given.as_bytes());
    }
    if !ours {
        return Err(Refusal::Unauthentic("no living signing secret gives this signature"));
    }
    handshake(request).map_or_else(
        || {
            Ok(Verified::Notification(Notification {
                body: request.body.clone(),
                content_type: request.content_type(),
                kind: request.kind.clone(),
                received_at: request.received_at,
            }))
        },
        |answer| answer.map(Verified::Handshake),
    )
}

fn fresh(timestamp: &str, request: &RawRequest) -> Result<(), Refusal> {
    let digits = (1..=12).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i64 = timestamp.parse().ok().filter(|_| digits).ok_or(Refusal::Unauthentic("the timestamp is no integer"))?;
    let now = request.received_at.micros().div_euclid(1_000_000);
    if now.abs_diff(seconds) > CLOCK_SKEW_SECONDS_MAX.unsigned_abs() {
        return Err(Refusal::Unauthentic("the timestamp is not within five minutes"));
    }
    Ok(())
}

/// The answer to `url_verification` and `ssl_check`; `None`: the request tells something.
fn handshake(request: &RawRequest) -> Option<Result<Answer, Refusal>> {
    if is_form(request) {
        let pairs = form::decode(&request.body);
        let check = form::first(&pairs, "ssl_check") == Some("1") && form::first(&pairs, "command").is_none();
        return check.then(|| Ok(Answer::empty(200)));
    }
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    if wire::text(&body, "/type") != Some("url_verification") {
        return None;
    }
    let challenge = wire::text(&body, "/challenge")
        .filter(|challenge| challenge.len() <= CHALLENGE_BYTES_MAX && challenge.bytes().all(|byte| byte.is_ascii_graphic()));
    Some(challenge.map(Answer::plain).ok_or(Refusal::Malformed("a url_verification without a challenge")))
}

/// Forms come from buttons, menus and commands; events are JSON.
pub fn is_form(request: &RawRequest) -> bool {
    request.content_type() == "application/x-www-form-urlencoded"
}

/// The installations that a request claims to be for, the likeliest first.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    let mut claimed = Vec::new();
    let mut claim = |id: Option<&str>| {
        if let Some(id) = id.filter(|id| !claimed.iter().any(|known| known == id)) {
            claimed.push(id.to_owned());
        }
    };
    let body = if is_form(request) {
        let pairs = form::decode(&request.body);
        let named = serde_json::json!({ "team_id": form::first(&pairs, "team_id"), "enterprise_id": form::first(&pairs, "enterprise_id") });
        for pointer in ["/team_id", "/enterprise_id"] {
            claim(wire::id(&named, pointer));
        }
        form::first(&pairs, "payload").and_then(|payload| serde_json::from_str(payload).ok()).unwrap_or(Value::Null)
    } else {
        serde_json::from_slice(&request.body).unwrap_or(Value::Null)
    };
    claim(wire::account(&body));
    for pointer in [
        "/authorizations/0/team_id",
        "/team_id",
        "/team/id",
        "/user/team_id",
        "/authorizations/0/enterprise_id",
        "/enterprise_id",
        "/enterprise/id",
    ] {
        claim(wire::id(&body, pointer));
    }
    claimed
}
