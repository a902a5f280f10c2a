//! Text messages (`dialpad.md`, part 5).

use entities::{
    Consequence, Direction, Happening, InboundMedia, InboundMessage, MediaAuth, MessageType, ProviderError, Receipt, ReceiptStatus,
    Timestamp,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::{Map, Value, json};

use super::{
    inbound::{self, Told, ignored},
    wire,
};
use crate::channels::{
    sms::{keywords, words},
    tidy,
};

/// Most files of one message.
const MEDIA_MAX: usize = 10;
/// In place of words that the key may not see (part 5.2).
const WITHHELD: &str = "(content not available: the API key lacks the scope message_content_export)";

/// What an event about a text message tells: the message, what became of it, and what the contact wishes.
pub fn read(event: &Value, account: &str, happened: Option<Timestamp>) -> Told {
    let outbound = wire::text(event, "/direction") == Some("outbound");
    let contact = if outbound { wire::strings(event, "/to_number").first().copied() } else { wire::text(event, "/from_number") };
    let (Some(id), Some(contact)) = (wire::id(event, "/id"), contact) else { return ignored("a text message without an id or a number") };
    let Some(party) = inbound::party(event, contact, account) else { return ignored("a text message without a number") };
    let sent = wire::at(event, "/created_date").or(happened);
    let mut message = InboundMessage::text(id.to_string(), party, String::new());
    let withheld = fill(&mut message, event);
    let wish = keywords::wish(&message.text, account).filter(|_| !outbound && !withheld);
    let mut details = details(event, outbound);
    if let Some(wish) = wish {
        details.insert("keyword".to_owned(), json!(wish.word()));
    }
    if outbound {
        message.direction = Direction::Out;
        // The name of a shared line is nobody's; only a user is a person.
        let user = wire::text(event, "/target/type") == Some("user") && wire::id(event, "/sender_id") == wire::id(event, "/target/id");
        message.author_name = wire::text(event, "/target/name").filter(|_| user).and_then(tidy::name);
    }
    message.details = (!details.is_empty()).then_some(Value::Object(details));
    let preference = wish.and_then(|wish| keywords::preference(wish, message.party.address.clone(), &message.text));
    let mut told = vec![(sent, Happening::Message(Box::new(message)))];
    told.extend(preference.map(|preference| (sent, preference)));
    if outbound {
        told.extend(receipt(event, id).map(|receipt| (happened, Happening::Receipt(receipt))));
    }
    if withheld {
        told.push((happened, scope_is_missing()));
    }
    told
}

/// The words and files of a message; whether its words were withheld.
fn fill(message: &mut InboundMessage, event: &Value) -> bool {
    let told = ["/text", "/text_content"].iter().any(|at| event.pointer(at).is_some_and(Value::is_string));
    let words = ["/text", "/text_content"].iter().find_map(|at| wire::text(event, at)).unwrap_or_default();
    message.text = tidy::message(words);
    let addresses = wire::strings(event, "/mms_url");
    message.media = addresses.iter().take(MEDIA_MAX).map(|url| file(url)).collect();
    if let Some(first) = message.media.first() {
        message.kind = first.kind;
        return !told;
    }
    if wire::is(event, "/mms") {
        message.kind = MessageType::Unsupported;
        let line = "(a file that Dialpad does not name)";
        message.text = if message.text.is_empty() { line.to_owned() } else { tidy::message(&format!("{}\n{line}", message.text)) };
        return !told;
    }
    if !told {
        message.kind = MessageType::Unsupported;
        WITHHELD.clone_into(&mut message.text);
        return true;
    }
    if message.text.is_empty() {
        words::EMPTY.clone_into(&mut message.text);
    }
    false
}

fn scope_is_missing() -> Happening {
    Happening::Channel(ChannelNews {
        kind: ChannelNewsKind::Restricted,
        detail:
            "Dialpad tells of text messages without their words: give the API key the scope message_content_export (for the whole company \
                 message_content_export:all) and make the subscription again"
                .to_owned(),
        data: Some(json!({ "missing_scope": "message_content_export" })),
    })
}

/// A file of a message. Its type is known only once it is fetched (part 5.3); its name says what it probably is.
fn file(url: &str) -> InboundMedia {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().filter(|name| name.contains('.'));
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    let kind = match ending.as_deref() {
        Some("mp4" | "mov" | "3gp" | "webm") => MessageType::Video,
        Some("mp3" | "m4a" | "amr" | "wav" | "ogg" | "aac") => MessageType::Audio,
        Some("pdf" | "vcf" | "txt" | "csv" | "zip" | "ics") => MessageType::Document,
        _ => MessageType::Image,
    };
    InboundMedia {
        kind,
        id: None,
        url: Some(url.to_owned()),
        mime: None,
        filename: name.and_then(tidy::name),
        size: None,
        sha256: None,
        auth: MediaAuth::Bearer,
        expires_at: None,
    }
}

/// Who else is in a group, and who of ours sent it.
fn details(event: &Value, outbound: bool) -> Map<String, Value> {
    let mut details = Map::new();
    let others: Vec<String> =
        wire::strings(event, "/to_number").into_iter().skip(1).take(MEDIA_MAX).map(|number| tidy::cut(number, 40)).collect();
    if !others.is_empty() {
        details.insert("participants".to_owned(), json!(others));
    }
    if let Some(sender) = wire::id(event, "/sender_id").filter(|_| outbound) {
        details.insert("sender_id".to_owned(), json!(sender.to_string()));
    }
    details
}

/// What became of a message that was sent (part 5.5). Its acceptance says nothing new: the message itself is told of.
fn receipt(event: &Value, id: u64) -> Option<Receipt> {
    let result = wire::text(event, "/message_delivery_result");
    let (status, error) = match wire::text(event, "/message_status")? {
        // The carrier's acceptance; Dialpad has no receipt of the handset.
        "success" => (ReceiptStatus::Delivered, None),
        "failed" => (ReceiptStatus::Failed, Some(failure(result))),
        _ => return None,
    };
    Some(Receipt { target: id.to_string(), own_id: None, status, error, consequence: Consequence::None })
}

fn failure(result: Option<&str>) -> ProviderError {
    let title = match result {
        Some("internal_error" | "time_out") => "Dialpad or the carrier failed: send it again",
        Some("invalid_destination" | "no_route" | "not_supported") => "this number cannot receive text messages",
        Some("invalid_source") => "our number cannot send text messages: ask Dialpad",
        Some("rejected" | "rejected_spam") => "the carrier rejected it, perhaps as unwanted: check the number's registration at Dialpad",
        _ => "it could not be delivered",
    };
    ProviderError::new(tidy::cut(result.unwrap_or("failed"), 100), title)
}
