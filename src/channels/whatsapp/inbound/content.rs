//! What a message says, by its type. The same shapes stand in messages, edits, echoes and what another sender sent.

use base64::{Engine, engine::general_purpose::STANDARD};
use entities::{InboundMedia, MediaAuth, MessageType};
use serde_json::{Map, Value};

use crate::channels::{meta::read, tidy};

/// Most cards, goods or answers that the text of a message lists; all are in its details.
const LINES_MAX: usize = 20;

/// What a message says.
pub struct Content {
    pub kind: MessageType,
    pub text: String,
    pub media: Vec<InboundMedia>,
    pub payload: Option<String>,
    pub details: Map<String, Value>,
}

impl Content {
    pub fn new(kind: MessageType) -> Self {
        Self { kind, text: String::new(), media: Vec::new(), payload: None, details: Map::new() }
    }

    fn text(kind: MessageType, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(kind) }
    }

    fn detail(mut self, name: &str, value: &Value) -> Self {
        self.details.insert(name.to_owned(), read::tidied(value));
        self
    }
}

/// The content of an item; `None` if it is of a type that is not known, or lacks what its type needs.
pub fn of(item: &Value, kind: &str) -> Option<Content> {
    let inner = item.get(kind)?;
    match kind {
        "text" => Some(Content::text(MessageType::Text, read::text(inner, "body")?)),
        "image" => media(inner, MessageType::Image),
        "video" => media(inner, MessageType::Video),
        "document" => media(inner, MessageType::Document),
        "sticker" => media(inner, MessageType::Sticker),
        "voice" => media(inner, MessageType::Voice),
        "audio" => media(inner, if read::marked(inner, "voice") { MessageType::Voice } else { MessageType::Audio }),
        "location" => location(inner),
        "contacts" => contacts(inner),
        "button" => {
            let payload = read::text(inner, "payload");
            let text = read::text(inner, "text").or_else(|| payload.clone())?;
            Some(Content { payload, ..Content::text(MessageType::InteractiveReply, text) })
        }
        "interactive" => interactive(inner),
        "order" => order(inner),
        // A template that another sender of ours used: only its name is told.
        "template" => Some(Content::text(MessageType::Text, format!("Template: {}", read::line(inner, "name")?))),
        _ => None,
    }
}

/// A file: it is fetched by its id in two steps, which always works, or from the address that newer notifications have (sections 6.3, 10).
fn media(inner: &Value, kind: MessageType) -> Option<Content> {
    let (id, url) = (read::id(inner, "id"), read::url(inner, "url").or_else(|| read::url(inner, "link")));
    if (id.is_none() && url.is_none()) || !read::list(inner, "errors").is_empty() {
        return None;
    }
    let file = InboundMedia {
        kind,
        id,
        url,
        mime: read::line(inner, "mime_type"),
        filename: read::file_name(inner, "filename"),
        size: read::number(inner, "file_size"),
        sha256: sha256(read::word(inner, "sha256")),
        auth: MediaAuth::Bearer,
        expires_at: None,
    };
    let text = read::text(inner, "caption").unwrap_or_default();
    let mut content = Content { media: vec![file], ..Content::text(kind, text) };
    if read::marked(inner, "animated") {
        content = content.detail("animated", &Value::Bool(true));
    }
    Some(content)
}

/// A SHA-256 in lower-case digits: notifications have it in base64 and the answer of the media call in digits (section 10).
pub fn sha256(text: &str) -> Option<String> {
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text.to_ascii_lowercase());
    }
    STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 32).map(hex::encode)
}

/// A place; a shared position has no name, and latitude 0 is one (section 6.8).
fn location(inner: &Value) -> Option<Content> {
    let (latitude, longitude) = (read::degrees(inner, "latitude")?, read::degrees(inner, "longitude")?);
    let named: Vec<String> = ["name", "address"].into_iter().filter_map(|key| read::line(inner, key)).collect();
    let text = if named.is_empty() { format!("{latitude}, {longitude}") } else { named.join(", ") };
    Some(Content::text(MessageType::Location, text).detail("location", inner))
}

fn contacts(inner: &Value) -> Option<Content> {
    let cards = inner.as_array().filter(|cards| !cards.is_empty())?;
    let lines: Vec<String> = cards.iter().take(LINES_MAX).map(card).collect();
    Some(Content::text(MessageType::Contacts, tidy::message(&lines.join("\n"))).detail("contacts", inner))
}

/// `Pat Example, +1 555-010-7777, pat@example.org`; any part may be missing.
fn card(card: &Value) -> String {
    let name = card.get("name").and_then(|name| {
        read::line(name, "formatted_name").or_else(|| {
            let parts: Vec<String> = ["first_name", "last_name"].into_iter().filter_map(|key| read::line(name, key)).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
    });
    let name = name.or_else(|| read::word(card, "vcard").lines().find_map(|line| line.strip_prefix("FN:")).map(read::one_line));
    let phones = read::list(card, "phones").iter().filter_map(|phone| read::line(phone, "phone").or_else(|| read::line(phone, "wa_id")));
    let emails = read::list(card, "emails").iter().filter_map(|email| read::line(email, "email"));
    let parts: Vec<String> = name.into_iter().chain(phones.take(3)).chain(emails.take(3)).collect();
    if parts.is_empty() { "A contact".to_owned() } else { parts.join(", ") }
}

fn interactive(inner: &Value) -> Option<Content> {
    let kind = read::word(inner, "type");
    let reply = inner.get(kind)?;
    match kind {
        "button_reply" | "list_reply" => {
            let payload = read::text(reply, "id");
            let text = read::text(reply, "title").or_else(|| payload.clone())?;
            let content = Content { payload, ..Content::text(MessageType::InteractiveReply, text) };
            Some(match read::text(reply, "description") {
                Some(description) => content.detail("description", &Value::String(description)),
                None => content,
            })
        }
        "nfm_reply" => Some(form(reply)),
        // What we or another sender of ours asked, in an echo.
        _ => inner.get("body").and_then(|body| read::text(body, "text")).map(|text| Content::text(MessageType::Text, text)),
    }
}

/// A form: its answers are JSON in a string; if they are no object, the string is kept as it is (section 6.13).
fn form(reply: &Value) -> Content {
    let raw = read::word(reply, "response_json");
    let answers = serde_json::from_str::<Value>(raw).ok().filter(Value::is_object).unwrap_or_else(|| Value::String(raw.to_owned()));
    let said = read::text(reply, "body").unwrap_or_else(|| "A form".to_owned());
    let lines =
        answers.as_object().into_iter().flatten().filter(|(name, _)| *name != "flow_token").take(LINES_MAX).map(|(name, answer)| {
            let answer = answer.as_str().map_or_else(|| answer.to_string(), ToOwned::to_owned);
            format!("{}: {}", read::one_line(name), read::one_line(&answer))
        });
    let text = std::iter::once(said).chain(lines).collect::<Vec<_>>().join("\n");
    Content::text(MessageType::FormReply, tidy::message(&text)).detail("form", &answers)
}

/// A cart: what is wanted, in lines, below what the customer wrote with it (section 6.14).
fn order(inner: &Value) -> Option<Content> {
    if !inner.is_object() {
        return None;
    }
    let goods = read::list(inner, "product_items").iter().take(LINES_MAX).map(|item| {
        let quantity = read::number(item, "quantity").unwrap_or(1);
        let name = read::id(item, "product_retailer_id").map_or_else(|| "?".to_owned(), |name| read::one_line(&name));
        let price = item.get("item_price").filter(|price| price.is_number() || price.is_string()).map(|price| {
            let amount = price.as_str().map_or_else(|| price.to_string(), ToOwned::to_owned);
            format!(" ({} {})", read::one_line(&amount), read::one_line(read::word(item, "currency")))
        });
        format!("{quantity} × {name}{}", price.unwrap_or_default())
    });
    let lines: Vec<String> = read::text(inner, "text").into_iter().chain(goods).collect();
    let text = if lines.is_empty() { "An order".to_owned() } else { lines.join("\n") };
    Some(Content::text(MessageType::Order, tidy::message(&text)).detail("order", inner))
}
