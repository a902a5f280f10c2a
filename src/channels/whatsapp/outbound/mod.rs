//! What is sent over WhatsApp, as calls (sections 10 and 11).
//!
//! Guarantees: outside the 24 hours after the customer's last message only a template goes out; what is over a limit is refused before
//! anything is sent, or split where it is text; every message carries our own id, so that its receipts name it.
//!
//! Does not: know how many tries there were, or send two parts at once; each call waits for the one before.
//!
//! Start reading at [`plan`].

pub mod media;
mod rich;

use entities::{Action, Address, AddressKind, Outbound, OutboundMessage, outbound::MessageExtra};
use serde_json::{Map, Value, json};

use super::inbound::recipient;
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall},
    credential::Credential,
    meta::graph::{self, Request},
    split::{Count, split},
};

/// Longest text of one message (section 11.1). Whether it is counted in code points or UTF-16 units is not settled (section 18): the larger
/// count is safe.
pub const TEXT_MAX: usize = 4_096;
/// How WhatsApp counts.
pub const COUNT: Count = Count::Utf16;
/// The customer service window (section 11.2).
pub const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// Purpose of a call that uploads a file.
pub const UPLOAD: &str = "upload";
/// Purpose of a call that sends.
const SEND: &str = "send";

/// The calls that do what is wanted.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let to = Recipient::of(&outbound.to)?;
    if credential.secret("access_token").is_none() {
        return Err(Unsupported::new("not_connected", "The channel has no access token: connect it again"));
    }
    let line = Line { credential, outbound };
    match &outbound.what {
        Action::Send(message) => line.message(&to, message),
        Action::React { target, emoji, .. } => {
            line.within_window()?;
            let reaction = json!({"message_id": target, "emoji": emoji.as_deref().unwrap_or_default()});
            Ok(vec![line.send(to.body("reaction", reaction))])
        }
        Action::MarkRead { target } => {
            Ok(vec![line.ask(json!({"messaging_product": "whatsapp", "status": "read", "message_id": target}), "read")])
        }
        // There is no "stops": it ends with the next message or after 25 seconds. It needs a message of the customer, and marks it read.
        Action::Typing { target: Some(target), on: true } => {
            let typing = json!({
                "messaging_product": "whatsapp", "status": "read", "message_id": target, "typing_indicator": {"type": "text"},
            });
            Ok(vec![line.ask(typing, "typing")])
        }
        Action::Typing { .. } => Ok(Vec::new()),
        Action::Edit { .. } => Err(Unsupported::new("unsupported", "WhatsApp cannot change a message that was sent")),
        Action::Delete { .. } => Err(Unsupported::new("unsupported", "WhatsApp cannot take back a message that was sent")),
    }
}

/// Whom a message goes to: a telephone number, or a business-scoped user id where there is none.
struct Recipient {
    name: &'static str,
    value: String,
}

impl Recipient {
    fn of(to: &Address) -> Result<Self, Unsupported> {
        let ours = matches!(to.kind, AddressKind::Whatsapp | AddressKind::Phone);
        recipient(&to.value)
            .filter(|_| ours)
            .map(|(name, value)| Self { name, value: value.to_owned() })
            .ok_or_else(|| Unsupported::new("address", "This is neither a telephone number nor a WhatsApp user"))
    }

    /// The body of a message of this type.
    fn body(&self, kind: &str, content: Value) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("messaging_product".to_owned(), json!("whatsapp"));
        body.insert("recipient_type".to_owned(), json!("individual"));
        body.insert(self.name.to_owned(), json!(self.value));
        body.insert("type".to_owned(), json!(kind));
        body.insert(kind.to_owned(), content);
        body
    }
}

/// One of our numbers, with what is to be done on it.
struct Line<'a> {
    credential: &'a Credential,
    outbound: &'a Outbound,
}

impl Line<'_> {
    fn message(&self, to: &Recipient, message: &OutboundMessage) -> Result<Vec<ProviderCall>, Unsupported> {
        let mut parts = Vec::new();
        match &message.extra {
            Some(MessageExtra::Template { name, language, variables, components }) => {
                if !message.media.is_empty() {
                    return Err(Unsupported::new("unsupported", "A template cannot have files besides: they belong into its header"));
                }
                parts.push(Part::Said("template", rich::template(name, language, variables, components.as_ref())?));
            }
            extra => {
                self.within_window()?;
                parts = said(message, extra.as_ref())?;
            }
        }
        if parts.is_empty() {
            return Err(Unsupported::new("empty", "There is nothing to send"));
        }
        let mut calls = Vec::new();
        let mut first = true;
        for part in parts {
            let (kind, content) = match part {
                Part::Said(kind, content) => (kind, content),
                Part::Uploaded(upload, kind, content) => {
                    calls.push(self.upload(*upload));
                    (kind, content)
                }
            };
            let mut body = to.body(kind, content);
            body.insert("biz_opaque_callback_data".to_owned(), json!(message.id.to_string()));
            if let Some(target) = message.reply_to.as_ref().filter(|_| first) {
                body.insert("context".to_owned(), json!({"message_id": target}));
            }
            calls.push(self.send(body));
            first = false;
        }
        Ok(calls)
    }

    /// Refuses what the provider would refuse with 131047.
    fn within_window(&self) -> Result<(), Unsupported> {
        let age = self.outbound.last_inbound_at.map(|at| self.outbound.now.ms_since(at));
        if age.is_some_and(|age| age <= WINDOW_MS) {
            return Ok(());
        }
        Err(Unsupported::new(
            "window_closed",
            "More than 24 hours have passed since the customer last wrote: only an approved template can be sent until they write again",
        ))
    }

    fn send(&self, body: Map<String, Value>) -> ProviderCall {
        self.request("messages", Body::Json(Value::Object(body)), SEND, true)
    }

    fn ask(&self, body: Value, purpose: &'static str) -> ProviderCall {
        self.request("messages", Body::Json(body), purpose, false)
    }

    fn upload(&self, upload: media::Upload) -> ProviderCall {
        self.request("media", upload.body, UPLOAD, false).capture(upload.capture, "/id")
    }

    fn request(&self, edge: &str, body: Body, purpose: &'static str, sends: bool) -> ProviderCall {
        let request = Request {
            method: "POST",
            base: graph::BASE,
            token: self.credential.secret("access_token"),
            segments: &[&self.outbound.account, edge],
            query: "",
            body,
            purpose,
            sends,
        };
        request.call(self.credential)
    }
}

/// One message of several that make up ours.
enum Part {
    /// Of a type, with its content.
    Said(&'static str, Value),
    /// The same, once a file is with WhatsApp.
    Uploaded(Box<media::Upload>, &'static str, Value),
}

/// Files first, then the text, the last piece of it with the buttons. A text that a file can carry goes with the first such file.
fn said(message: &OutboundMessage, extra: Option<&MessageExtra>) -> Result<Vec<Part>, Unsupported> {
    let caption = media::caption(message, extra);
    let mut parts = media::parts(&message.media, caption.as_ref())?;
    if caption.is_none() {
        parts.extend(words(message.text.trim(), extra)?);
    }
    Ok(parts)
}

fn words(text: &str, extra: Option<&MessageExtra>) -> Result<Vec<Part>, Unsupported> {
    let Some(interactive) = rich::Interactive::of(extra)? else {
        return Ok(split(text, TEXT_MAX, COUNT).into_iter().map(plain).collect());
    };
    let mut pieces = split(text, interactive.body_max(), COUNT);
    let Some(last) = pieces.pop() else {
        return Err(Unsupported::new("empty", "Buttons and lists need a text above them"));
    };
    let mut parts: Vec<Part> = pieces.into_iter().map(plain).collect();
    parts.push(Part::Said("interactive", interactive.json(&last)));
    Ok(parts)
}

fn plain(body: String) -> Part {
    let preview = body.contains("https://") || body.contains("http://");
    Part::Said("text", json!({"body": body, "preview_url": preview}))
}
