//! Sending with Telnyx (specification `sms`, part C).

use entities::{Action, Outbound};
use serde_json::{Value, json};

use super::credential::{BASE, authorization};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall},
    credential::Credential,
    sms::{
        calls, phone,
        segments::{Longest, pieces},
    },
};

/// The purpose of a call that sends.
pub const SEND: &str = "telnyx.send";
/// Longest text: ten parts (Telnyx, error 40302).
const LONGEST: Longest = Longest { gsm7: 1530, ucs2: 670 };
/// Most files of one message.
const MEDIA_MAX: usize = 10;

/// The calls that send a message.
///
/// # Errors
/// [`Unsupported`] for anything but a message, and for one that Telnyx would refuse.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let Action::Send(message) = &outbound.what else {
        return Err(Unsupported::new("unsupported", "text messages can only be sent: no reactions, changes or read marks"));
    };
    calls::plain(message)?;
    if message.media.len() > MEDIA_MAX {
        return Err(Unsupported::new("too_many_files", "a text message takes at most 10 files"));
    }
    let to = phone::dialled(&outbound.to)?;
    let mut texts: Vec<Option<String>> = pieces(message.text.trim(), LONGEST).into_iter().map(Some).collect();
    if texts.is_empty() {
        texts.push(None);
    }
    let webhook = calls::webhook_url(credential);
    let call = |(at, text): (usize, Option<String>)| {
        let mut body = serde_json::Map::new();
        body.insert("from".to_owned(), json!(outbound.account));
        body.insert("to".to_owned(), json!(to));
        body.extend(text.map(|text| ("text".to_owned(), Value::from(text))));
        if at == 0 && !message.media.is_empty() {
            let urls: Vec<&str> = message.media.iter().map(|file| file.url.as_str()).collect();
            body.insert("media_urls".to_owned(), json!(urls));
        }
        body.extend(webhook.clone().map(|url| ("webhook_url".to_owned(), Value::from(url))));
        body.insert("tags".to_owned(), json!([message.id]));
        ProviderCall::sending("POST", BASE, "/v2/messages", Body::Json(Value::Object(body)), SEND)
            .header("authorization", authorization(credential))
    };
    Ok(texts.into_iter().enumerate().map(call).collect())
}
