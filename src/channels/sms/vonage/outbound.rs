//! Sending with Vonage: by the Messages API, or by the SMS API where the credential says so (specification `sms`, part B).
//!
//! Guarantees: every call gives our own id along, which receipts give back.

use entities::{Action, Outbound, OutboundMessage, outbound::OutboundMedia};
use serde_json::{Value, json};

use super::credential::{API, REST, api_key, api_secret};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall},
    credential::Credential,
    jwt,
    sms::{
        calls::{self, basic},
        phone,
        segments::{Alphabet, Longest, alphabet, pieces},
    },
};

/// The purpose of a call of the Messages API that sends.
pub const SEND: &str = "vonage.messages";
/// The purpose of a call of the SMS API that sends.
pub const SEND_SMS: &str = "vonage.sms";
/// Longest text: what both APIs take (1000 characters by the Messages API's reference; nine parts in UCS-2).
const LONGEST: Longest = Longest { gsm7: 1000, ucs2: 603 };
/// How long a token of ours is good.
const TOKEN_SECS: i64 = 15 * 60;

/// The calls that send a message.
///
/// # Errors
/// [`Unsupported`] for anything but a message, and for one that Vonage would refuse.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let Action::Send(message) = &outbound.what else {
        return Err(Unsupported::new("unsupported", "text messages can only be sent: no reactions, changes or read marks"));
    };
    calls::plain(message)?;
    let to = phone::dialled(&outbound.to)?;
    let (from, to) = (phone::bare(&outbound.account), phone::bare(&to));
    if credential.secret("api") == Some("sms") {
        by_sms(credential, message, from, to)
    } else {
        by_messages(credential, outbound, message, from, to)
    }
}

fn by_sms(credential: &Credential, message: &OutboundMessage, from: &str, to: &str) -> Result<Vec<ProviderCall>, Unsupported> {
    if !message.media.is_empty() {
        return Err(Unsupported::new("unsupported", "Vonage's SMS API sends no files: choose the Messages API for this credential"));
    }
    let id = message.id.to_string();
    let callback = calls::webhook_url(credential);
    let call = |text: String| {
        let mut form = vec![("api_key", api_key(credential).to_owned()), ("api_secret", api_secret(credential).to_owned())];
        form.extend([("from", from.to_owned()), ("to", to.to_owned())]);
        if alphabet(&text) == Alphabet::Ucs2 {
            form.push(("type", "unicode".to_owned()));
        }
        form.extend([("text", text), ("client-ref", id.clone())]);
        form.extend(callback.clone().map(|url| ("callback", url)));
        let form = form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        ProviderCall::sending("POST", REST, "/sms/json", Body::Form(form), SEND_SMS)
    };
    Ok(pieces(message.text.trim(), LONGEST).into_iter().map(call).collect())
}

fn by_messages(
    credential: &Credential,
    outbound: &Outbound,
    message: &OutboundMessage,
    from: &str,
    to: &str,
) -> Result<Vec<ProviderCall>, Unsupported> {
    let texts = pieces(message.text.trim(), LONGEST)
        .into_iter()
        .map(|text| json!({"channel": "sms", "message_type": "text", "text": text, "sms": {"encoding_type": "auto"}}));
    let files = message.media.iter().map(file).collect::<Result<Vec<_>, _>>()?;
    let id = message.id.to_string();
    let mut calls = Vec::new();
    for (at, mut body) in texts.chain(files).enumerate() {
        if let Some(body) = body.as_object_mut() {
            let ours = [("to", to), ("from", from), ("client_ref", id.as_str())];
            body.extend(ours.map(|(name, value)| (name.to_owned(), Value::from(value))));
        }
        let authorization = authorization(credential, outbound, &format!("{id}-{at}"))?;
        calls.push(ProviderCall::sending("POST", API, "/v1/messages", Body::Json(body), SEND).header("authorization", authorization));
    }
    Ok(calls)
}

/// A message of the kind that the file is.
fn file(file: &OutboundMedia) -> Result<Value, Unsupported> {
    let kind = match file.mime.split('/').next().unwrap_or_default() {
        _ if matches!(file.mime.as_str(), "text/vcard" | "text/x-vcard") => "vcard",
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        _ => return Err(Unsupported::new("file_type", "Vonage sends pictures, films, sound and cards, and no other files: send a link")),
    };
    Ok(json!({"channel": "mms", "message_type": kind, kind: {"url": file.url}}))
}

/// A token by the application's key where there is one, else name and password.
fn authorization(credential: &Credential, outbound: &Outbound, token_id: &str) -> Result<String, Unsupported> {
    let (Some(application), Some(key)) = (credential.secret("application_id"), credential.secret("private_key")) else {
        return Ok(basic(api_key(credential), api_secret(credential)));
    };
    let now = outbound.now.micros().div_euclid(1_000_000);
    let claims = json!({"application_id": application, "iat": now, "exp": now + TOKEN_SECS, "jti": token_id});
    let token = jwt::rs256(&claims, key).ok_or_else(|| Unsupported::new("unconfigured", "the application's private key cannot be read"))?;
    Ok(format!("Bearer {token}"))
}
