//! What became of our messages (section 6.20).

use entities::{Consequence, Happening, Inbound, ProviderError, Receipt, ReceiptStatus, inbound::PreferenceScope};
use serde_json::Value;

use super::{Scope, call, party};
use crate::channels::{
    meta::{graph, read},
    whatsapp::answer,
};

/// "User stopped marketing messages" (section 13).
const STOPPED_MARKETING: i64 = 131_050;

/// What a status tells.
pub fn told(scope: &Scope<'_>, item: &Value) -> Vec<Inbound> {
    if read::word(item, "type") == "call" {
        return call::status(scope, item);
    }
    if read::word(item, "recipient_type") == "group" {
        return vec![scope.ignored("group")];
    }
    let Some(target) = read::id(item, "id") else { return vec![scope.ignored("a status of nothing")] };
    let status = match read::word(item, "status") {
        "accepted" => ReceiptStatus::Accepted,
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "played" => ReceiptStatus::Played,
        "failed" => ReceiptStatus::Failed,
        other => return vec![scope.ignored(format!("status: {}", read::one_line(other)))],
    };
    let at = read::instant(item, "timestamp");
    let fault = read::list(item, "errors").first().map(graph::told_fault);
    let stopped = fault.as_ref().is_some_and(|fault| fault.code == Some(STOPPED_MARKETING));
    let consequence = match (&fault, status) {
        (Some(fault), ReceiptStatus::Failed) => answer::consequence(fault),
        _ => Consequence::None,
    };
    let error = (status == ReceiptStatus::Failed)
        .then(|| fault.map_or_else(|| ProviderError::new("unknown", "failed for a reason that was not told"), |fault| fault.error));
    let own_id = read::id(item, "biz_opaque_callback_data");
    let mut told = vec![scope.tell(at, Happening::Receipt(Receipt { target, own_id, status, error, consequence }))];
    if stopped && let Some(party) = party::of(scope, item, &["recipient_id", "recipient_user_id"]) {
        let scope_ = PreferenceScope::Marketing;
        told.push(scope.tell(at, Happening::Preference { contact: party.address, wants: false, scope: scope_, keyword: None }));
    }
    told
}
