//! Sending with Twilio (specification `sms`, A7).
//!
//! Guarantees: a long text goes out in pieces, in order, the files with the first; every piece asks for receipts that name our message, by
//! which a send is known again whose answer was lost.
//!
//! Does not: number the pieces, or send twice.

use entities::{Action, Address, AddressKind, Outbound, OutboundMessage, outbound::MessageExtra};
use serde_json::json;

use super::{
    credential::{BASE, authorization, path},
    whatsapp,
};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall},
    credential::Credential,
    sms::{calls, phone},
    split::{Count, split},
};

/// The purpose of a call that sends.
pub const SEND: &str = "twilio.send";
/// Longest body (A7; over it error 21617). Twilio counts characters; UTF-16 units are never fewer.
const TEXT_MAX: usize = 1600;
/// Letters of a SID.
const SERVICE_SID_CHARS: usize = 34;
/// Most files of one message, and their sum in bytes (A7).
const MEDIA_MAX: usize = 10;
const MEDIA_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// The calls that send a message.
///
/// # Errors
/// [`Unsupported`] for anything but a message, and for one that Twilio would refuse.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let Action::Send(message) = &outbound.what else {
        return Err(Unsupported::new("unsupported", "text messages can only be sent: no reactions, changes or read marks"));
    };
    let ends = ends(outbound)?;
    let contents = contents(message)?;
    let receipts = calls::receipts_url(credential, message.id, None);
    let call = |content: Vec<(String, String)>| {
        let mut form = ends.clone();
        form.extend(content);
        form.extend(receipts.clone().map(|url| field("StatusCallback", url)));
        ProviderCall::sending("POST", BASE, path(credential, "Messages.json"), Body::Form(form), SEND)
            .header("authorization", authorization(credential))
    };
    Ok(contents.into_iter().map(call).collect())
}

fn field(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// From whom to whom. A service chooses the number that the customer knows ("sticky sender"), unless the thread names one.
fn ends(outbound: &Outbound) -> Result<Vec<(String, String)>, Unsupported> {
    let account = outbound.account.as_str();
    let mut form = vec![field("To", to(account, &outbound.to)?)];
    if is_service(account) {
        form.push(field("MessagingServiceSid", account));
        form.extend(outbound.thread.as_deref().filter(|thread| thread.starts_with('+')).map(|number| field("From", number)));
    } else {
        form.push(field("From", account));
    }
    Ok(form)
}

/// Whether an account is a messaging service: a SID, which no name of a sender is as long as.
fn is_service(account: &str) -> bool {
    account.len() == SERVICE_SID_CHARS && account.starts_with("MG")
}

/// The recipient, in the same channel as our end.
fn to(account: &str, to: &Address) -> Result<String, Unsupported> {
    let service = is_service(account);
    match account.split_once(':') {
        Some(("messenger", _)) if to.kind == AddressKind::Messenger => Ok(format!("messenger:{}", to.value)),
        Some((prefix, _)) if prefix != "whatsapp" => Ok(format!("{prefix}:{}", phone::dialled(to)?)),
        None if !(service && to.kind == AddressKind::Whatsapp) => phone::dialled(&plussed(to)),
        // Users whose number is hidden have an id like `US.1234`.
        _ if to.kind == AddressKind::Whatsapp && to.value.contains('.') => Ok(format!("{}{}", whatsapp::PREFIX, to.value)),
        _ => Ok(format!("{}{}", whatsapp::PREFIX, phone::dialled(&plussed(to))?)),
    }
}

/// WhatsApp writes numbers without `+`.
fn plussed(to: &Address) -> Address {
    let value = if to.kind == AddressKind::Whatsapp && !to.value.starts_with('+') { format!("+{}", to.value) } else { to.value.clone() };
    Address { kind: to.kind, value }
}

/// What each call says.
fn contents(message: &OutboundMessage) -> Result<Vec<Vec<(String, String)>>, Unsupported> {
    if let Some(MessageExtra::Template { name, variables, .. }) = &message.extra {
        if !name.starts_with("HX") {
            return Err(Unsupported::new("template", "a template of Twilio is named by its Content SID, which begins with HX"));
        }
        let mut content = vec![field("ContentSid", name)];
        if !variables.is_empty() {
            content.push(field("ContentVariables", json!(variables).to_string()));
        }
        return Ok(vec![content]);
    }
    calls::plain(message)?;
    if message.media.len() > MEDIA_MAX {
        return Err(Unsupported::new("too_many_files", "a text message takes at most 10 files"));
    }
    if message.media.iter().map(|file| file.size).fold(0, u64::saturating_add) > MEDIA_BYTES_MAX {
        return Err(Unsupported::new("file_too_large", "the files of a text message may have 5 MB together"));
    }
    let mut contents: Vec<_> =
        split(message.text.trim(), TEXT_MAX, Count::Utf16).into_iter().map(|piece| vec![field("Body", piece)]).collect();
    if contents.is_empty() {
        contents.push(Vec::new());
    }
    if let Some(first) = contents.first_mut() {
        first.extend(message.media.iter().map(|file| field("MediaUrl", &file.url)));
    }
    Ok(contents)
}
