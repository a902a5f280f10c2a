//! What every vendor's news is held to before it leaves this folder.
//!
//! Guarantees: no string is longer than its bound or holds what a database refuses (NUL) or a screen should not get (control characters),
//! whatever the vendor wrote; texts and names were tidied where they were read.

use entities::{Happening, Inbound, InboundMedia, InboundMessage, ProviderError, Receipt, text::MESSAGE_CHARS_MAX};
use serde_json::Value;

use crate::channels::{adapter::Unreadable, tidy};

/// Longest id, in characters: a real one has under a hundred.
const ID_CHARS_MAX: usize = 255;
/// Longest address of a file, in characters; signed ones have a thousand or two.
const URL_CHARS_MAX: usize = 8 * 1024;
/// Longest payload of a button, in characters.
const PAYLOAD_CHARS_MAX: usize = 1_000;

/// The news, within bounds.
///
/// # Errors
/// [`Unreadable`] if nothing is left of a message's id: under none it would be taken for another.
pub fn within(mut inbound: Inbound) -> Result<Inbound, Unreadable> {
    clean(&mut inbound.account, ID_CHARS_MAX);
    let id = match &mut inbound.what {
        Happening::Message(message) => {
            of_message(message);
            &message.id
        }
        Happening::Part(part) => {
            of_message(&mut part.message);
            clean(&mut part.of, ID_CHARS_MAX);
            &part.message.id
        }
        Happening::Receipt(receipt) => {
            of_receipt(receipt);
            &receipt.target
        }
        // What this folder makes besides is made of tidied words alone.
        _ => return Ok(inbound),
    };
    if id.trim().is_empty() { Err(Unreadable("an id of nothing that can be kept".to_owned())) } else { Ok(inbound) }
}

fn of_message(message: &mut InboundMessage) {
    clean(&mut message.id, ID_CHARS_MAX);
    clean_some(&mut message.reply_to, ID_CHARS_MAX);
    clean_some(&mut message.payload, PAYLOAD_CHARS_MAX);
    message.media.iter_mut().for_each(of_media);
    message.details.iter_mut().for_each(of_details);
}

/// A file whose address is too long to be one stays, and cannot be fetched.
fn of_media(file: &mut InboundMedia) {
    file.url = file.url.take().filter(|url| url.chars().nth(URL_CHARS_MAX).is_none() && !url.chars().any(char::is_control));
    for text in [&mut file.id, &mut file.mime, &mut file.sha256] {
        clean_some(text, ID_CHARS_MAX);
    }
}

fn of_receipt(receipt: &mut Receipt) {
    clean(&mut receipt.target, ID_CHARS_MAX);
    clean_some(&mut receipt.own_id, ID_CHARS_MAX);
    receipt.error.iter_mut().for_each(of_error);
}

fn of_error(error: &mut ProviderError) {
    clean(&mut error.code, ID_CHARS_MAX);
    clean(&mut error.title, ID_CHARS_MAX);
    clean_some(&mut error.detail, PAYLOAD_CHARS_MAX);
}

/// Their names are ours and they are a few levels deep.
fn of_details(details: &mut Value) {
    match details {
        Value::String(text) => {
            // Not trimmed: the spaces at the ends of a part are part of the text.
            let kept: String = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
            *text = tidy::cut(&kept, MESSAGE_CHARS_MAX);
        }
        Value::Array(items) => items.iter_mut().for_each(of_details),
        Value::Object(members) => members.values_mut().for_each(of_details),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn clean(text: &mut String, chars_max: usize) {
    if text.chars().any(char::is_control) || text.chars().nth(chars_max).is_some() {
        *text = text.chars().filter(|letter| !letter.is_control()).take(chars_max).collect();
    }
}

fn clean_some(text: &mut Option<String>, chars_max: usize) {
    if let Some(text) = text {
        clean(text, chars_max);
    }
}
