//! Sending with Plivo (specification `sms`, part E).

use entities::{Action, Outbound};
use serde_json::{Value, json};

use super::credential::{BASE, authorization, path};
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
pub const SEND: &str = "plivo.send";
/// Longest text (Plivo, "What is the character limit for SMS text messages").
const LONGEST: Longest = Longest { gsm7: 1600, ucs2: 737 };
/// Most files of one message.
const MEDIA_MAX: usize = 10;

/// The calls that send a message.
///
/// # Errors
/// [`Unsupported`] for anything but a message, and for one that Plivo would refuse.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let Action::Send(message) = &outbound.what else {
        return Err(Unsupported::new("unsupported", "text messages can only be sent: no reactions, changes or read marks"));
    };
    calls::plain(message)?;
    if message.media.len() > MEDIA_MAX {
        return Err(Unsupported::new("too_many_files", "a text message takes at most 10 files"));
    }
    let to = phone::dialled(&outbound.to)?;
    let mut texts = pieces(message.text.trim(), LONGEST);
    if texts.is_empty() {
        texts.push(String::new());
    }
    let receipts = calls::receipts_url(credential, message.id, None);
    let call = |(at, text): (usize, String)| {
        let with_files = at == 0 && !message.media.is_empty();
        let kind = if with_files { "mms" } else { "sms" };
        let mut body = json!({"src": phone::bare(&outbound.account), "dst": phone::bare(&to), "text": text, "type": kind});
        if let Some(body) = body.as_object_mut() {
            if with_files {
                let urls: Vec<&str> = message.media.iter().map(|file| file.url.as_str()).collect();
                body.insert("media_urls".to_owned(), json!(urls));
            }
            if let Some(url) = receipts.clone() {
                body.extend([("url".to_owned(), Value::from(url)), ("method".to_owned(), Value::from("POST"))]);
            }
        }
        ProviderCall::sending("POST", BASE, path(credential, "Message/"), Body::Json(body), SEND)
            .header("authorization", authorization(credential))
    };
    Ok(texts.into_iter().enumerate().map(call).collect())
}
