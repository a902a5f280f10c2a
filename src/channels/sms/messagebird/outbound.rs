//! Sending with MessageBird (specification `sms`, part D).

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
pub const SEND: &str = "messagebird.send";
/// Longest text: nine parts.
const LONGEST: Longest = Longest { gsm7: 1377, ucs2: 603 };

/// The calls that send a message. Receipts do not name our number, so the address for them does.
///
/// # Errors
/// [`Unsupported`] for anything but a text.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let Action::Send(message) = &outbound.what else {
        return Err(Unsupported::new("unsupported", "text messages can only be sent: no reactions, changes or read marks"));
    };
    calls::plain(message)?;
    if !message.media.is_empty() {
        return Err(Unsupported::new("unsupported", "files cannot be sent with MessageBird from here: send a link"));
    }
    let to = phone::dialled(&outbound.to)?;
    let report = calls::receipts_url(credential, message.id, Some(&outbound.account));
    let call = |text: String| {
        let mut body = json!({
            "originator": phone::bare(&outbound.account),
            "recipients": [phone::bare(&to)],
            "body": text,
            "reference": message.id,
            "datacoding": "auto",
        });
        if let (Some(body), Some(url)) = (body.as_object_mut(), report.clone()) {
            body.insert("reportUrl".to_owned(), Value::from(url));
        }
        ProviderCall::sending("POST", BASE, "/messages", Body::Json(body), SEND).header("authorization", authorization(credential))
    };
    Ok(pieces(message.text.trim(), LONGEST).into_iter().map(call).collect())
}
