//! What became of our messages: Twilio's status callbacks (specification `sms`, A4, A6).
//!
//! Guarantees: each callback is one receipt, with our own id of the message where the address that we gave along holds it, so that it may
//! come before our call was answered.
//!
//! Does not: put receipts in order (`delivered` often comes before `sent`): the highest wins where they are kept. `RawDlrDoneDate` is not
//! read: it has minutes, in a zone that carriers choose.

use entities::{
    ChannelKind, Consequence, Happening, Inbound, ProviderError, Receipt, ReceiptStatus,
    inbound::{ChannelNews, ChannelNewsKind},
};

use super::{
    errors,
    inbound::{account, party, sid},
};
use crate::channels::{
    adapter::Unreadable,
    credential::Credential,
    sms::{calls::OWN_ID, keywords, parameters::Parameters},
    tidy,
};

/// Whether parameters are a status callback; else they are a message that came in.
pub fn is_receipt(parameters: &Parameters) -> bool {
    let of_inbound = |status: &str| matches!(status, "received" | "receiving");
    match parameters.any(&["MessageStatus", "SmsStatus"]) {
        Some(status) if of_inbound(status) => parameters.has("MessageStatus") && !parameters.has("Body") && !parameters.has("NumMedia"),
        Some(_) => true,
        None => false,
    }
}

/// Reads a callback.
///
/// # Errors
/// [`Unreadable`] if it names no message, or neither end.
pub fn read(credential: &Credential, parameters: &Parameters) -> Result<Vec<Inbound>, Unreadable> {
    let ours = super::verify::our_end(parameters.get("From"));
    let account = account(credential, parameters, parameters.get("From"));
    let word = parameters.any(&["MessageStatus", "SmsStatus"]).unwrap_or_default();
    let mut happenings = Vec::new();
    if let Some(status) = status(word) {
        let code = parameters.some("ErrorCode").and_then(|code| code.trim().parse::<u32>().ok()).filter(|code| *code != 0);
        let error = (status == ReceiptStatus::Failed).then(|| error(parameters, code, word));
        let own_id = parameters.some(OWN_ID).map(str::to_owned);
        happenings.push(Happening::Receipt(Receipt {
            target: sid(parameters)?.to_owned(),
            own_id,
            status,
            error,
            consequence: Consequence::None,
        }));
        if code == Some(errors::OPTED_OUT) {
            let contact = party(&Parameters::default(), parameters.get("To"), &ours)?.address;
            happenings.push(keywords::opted_out(contact));
        }
        happenings.extend(code.and_then(news));
    } else {
        let word = tidy::name(word).unwrap_or_default();
        happenings.push(Happening::Ignored { reason: format!("message status {word}") });
    }
    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at: None, what };
    Ok(happenings.into_iter().map(inbound).collect())
}

/// A4's table; `None`: of a message that came in, or not known.
fn status(word: &str) -> Option<ReceiptStatus> {
    match word {
        "accepted" | "scheduled" | "queued" | "sending" => Some(ReceiptStatus::Accepted),
        "sent" => Some(ReceiptStatus::Sent),
        "delivered" => Some(ReceiptStatus::Delivered),
        "read" => Some(ReceiptStatus::Read),
        "undelivered" | "failed" | "canceled" => Some(ReceiptStatus::Failed),
        _ => None,
    }
}

fn error(parameters: &Parameters, code: Option<u32>, word: &str) -> ProviderError {
    let told = parameters.any(&["ErrorMessage", "ChannelStatusMessage"]).and_then(tidy::name);
    let Some(code) = code else {
        return ProviderError::new(word, told.unwrap_or_else(|| "not delivered, and Twilio does not say why".to_owned()));
    };
    let error = ProviderError::new(code.to_string(), errors::meaning(code).unwrap_or("not delivered"));
    match told {
        Some(told) => error.with_detail(told),
        None => error,
    }
}

/// What a failure says about the channel as a whole (A9).
fn news(code: u32) -> Option<Happening> {
    let kind = match code {
        errors::SUSPENDED | errors::TOLL_FREE_UNVERIFIED | errors::NO_CAMPAIGN => ChannelNewsKind::Restricted,
        errors::FILTERED => ChannelNewsKind::Notice,
        _ => return None,
    };
    let detail = format!("Twilio {code}: {}", errors::meaning(code).unwrap_or_default());
    Some(Happening::Channel(ChannelNews { kind, detail, data: None }))
}
