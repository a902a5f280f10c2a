//! What is told besides messages: receipts, reactions, links that led here, policies (sections 6.10, 6.11, 6.13, 6.14, 6.17).

use entities::{
    Consequence, Happening, Inbound, Receipt, ReceiptStatus,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::{Value, json};

use super::Event;
use crate::channels::meta::read;

/// Most messages that one delivery names.
const MIDS_MAX: usize = 1_000;

/// Delivered: each message that is named, and everything up to the watermark.
pub fn delivery(event: &Event<'_>, delivery: &Value, customer: String) -> Vec<Inbound> {
    let named = read::list(delivery, "mids").iter().take(MIDS_MAX).filter_map(|mid| read::id(&json!({"mid": mid}), "mid"));
    let mut told: Vec<Inbound> = named.map(|target| receipt(event, target, ReceiptStatus::Delivered)).collect();
    told.extend(watermark(event, delivery, customer, ReceiptStatus::Delivered));
    if told.is_empty() {
        told.push(event.ignored("a delivery of nothing"));
    }
    told
}

/// Read: everything up to the watermark. Instagram names a message instead (section 6.19): that one and all before it were seen when this
/// was told, so the instant of the event is the watermark.
pub fn read_up_to(event: &Event<'_>, seen: &Value, customer: String) -> Vec<Inbound> {
    let Some(target) = read::id(seen, "mid") else {
        let told = watermark(event, seen, customer, ReceiptStatus::Read);
        return vec![told.unwrap_or_else(|| event.ignored("nothing was read"))];
    };
    let mut told = vec![receipt(event, target, ReceiptStatus::Read)];
    if let Some(up_to) = event.at {
        let contact = event.address(customer);
        told.push(event.tell(Happening::Watermark { contact, thread: None, status: ReceiptStatus::Read, up_to }));
    }
    told
}

fn receipt(event: &Event<'_>, target: String, status: ReceiptStatus) -> Inbound {
    event.tell(Happening::Receipt(Receipt { target, own_id: None, status, error: None, consequence: Consequence::None }))
}

fn watermark(event: &Event<'_>, holder: &Value, customer: String, status: ReceiptStatus) -> Option<Inbound> {
    let up_to = read::instant(holder, "watermark")?;
    Some(event.tell(Happening::Watermark { contact: event.address(customer), thread: None, status, up_to }))
}

/// A reaction. The emoji is told; where it is not, the word stands for one.
pub fn reaction(event: &Event<'_>, reaction: &Value, customer: String) -> Inbound {
    let Some(target) = read::id(reaction, "mid") else { return event.ignored("a reaction to nothing") };
    let emoji = match read::word(reaction, "action") {
        "unreact" => None,
        "react" => match read::line(reaction, "emoji").or_else(|| read::line(reaction, "reaction").map(|word| emoji_of(&word))) {
            Some(emoji) => Some(emoji),
            None => return event.ignored("a reaction without an emoji"),
        },
        other => return event.ignored(format!("reaction: {}", read::one_line(other))),
    };
    event.tell(Happening::Reaction { target, from: event.party(customer), emoji })
}

fn emoji_of(word: &str) -> String {
    let emoji = match word {
        "love" => "❤️",
        "smile" => "😆",
        "wow" => "😮",
        "sad" => "😢",
        "angry" => "😠",
        "like" | "yes" => "👍",
        "dislike" | "no" => "👎",
        other => other,
    };
    emoji.to_owned()
}

/// A violation of Meta's policies, or its end.
pub fn policy(event: &Event<'_>, policy: &Value) -> Inbound {
    let action = read::one_line(read::word(policy, "action"));
    let (kind, words) = match action.as_str() {
        "block" => (ChannelNewsKind::Restricted, "Meta does not let the page send"),
        "unblock" => (ChannelNewsKind::Restored, "Meta lets the page send again"),
        "warning" => (ChannelNewsKind::Notice, "Meta warns the page"),
        _ => (ChannelNewsKind::Notice, "News of Meta's policies"),
    };
    let reason = read::line(policy, "reason");
    let detail = reason.as_ref().map_or_else(|| words.to_owned(), |reason| format!("{words}: {reason}"));
    event.tell(Happening::Channel(ChannelNews { kind, detail, data: Some(json!({"action": action, "reason": reason})) }))
}

/// Something about a customer that is no message: where they came from, what they opted into.
pub fn notice(event: &Event<'_>, key: &str, words: &str, what: &Value, customer: String) -> Inbound {
    let what = match read::tidied(what) {
        Value::Object(fields) => read::details(fields),
        _ => None,
    };
    let data = json!({"contact": event.address(customer), key: what});
    event.tell(Happening::Channel(ChannelNews { kind: ChannelNewsKind::Notice, detail: words.to_owned(), data: Some(data) }))
}
