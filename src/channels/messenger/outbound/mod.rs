//! What is sent over Messenger and Instagram, as calls (section 10).
//!
//! Guarantees: within 24 hours of the customer's last message anything goes out; within seven days a person's answer, under the human agent
//! tag; later, and from automation, nothing. No other tag is known: the others were switched off in February 2026. Every message carries our
//! own id in `metadata`, which its echo brings back.
//!
//! Does not: send two parts at once; each call waits for the one before.
//!
//! Start reading at [`plan`].

pub mod media;
mod rich;

use entities::{Action, AddressKind, ChannelKind, Outbound, OutboundMessage};
use serde_json::{Value, json};

use super::credential::{INSTAGRAM_BASE, is_instagram_login, may_use_human_agent};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall},
    credential::Credential,
    meta::graph::{self, Request},
    split::{Count, split},
};

/// Longest text of Messenger, in UTF-16 units (section 10.2).
pub const MESSENGER_TEXT_MAX: usize = 2_000;
/// Longest text of Instagram, in bytes of UTF-8.
pub const INSTAGRAM_TEXT_MAX: usize = 1_000;
/// The standard window (section 10.1).
pub const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// Within this a person may answer under the human agent tag.
pub const HUMAN_WINDOW_MS: i64 = 7 * WINDOW_MS;
/// Purpose of a call that uploads a file.
pub const UPLOAD: &str = "upload";
/// Purpose of a call that sends.
const SEND: &str = "send";

/// The calls that do what is wanted.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    let kind = if outbound.channel == ChannelKind::Instagram { AddressKind::Instagram } else { AddressKind::Messenger };
    if outbound.to.kind != kind || outbound.to.value.is_empty() {
        return Err(Unsupported::new("address", "This is no user of this page or account"));
    }
    if credential.secret("page_access_token").is_none() {
        return Err(Unsupported::new("not_connected", "The channel has no access token: connect it again"));
    }
    let page = Page { credential, outbound };
    match &outbound.what {
        Action::Send(message) => page.message(message),
        Action::React { target, emoji, .. } => {
            page.permitted(false)?;
            let (action, payload) = match emoji {
                Some(emoji) => ("react", json!({"message_id": target, "reaction": rich::reaction(emoji)})),
                None => ("unreact", json!({"message_id": target})),
            };
            let body = json!({"recipient": page.recipient(), "sender_action": action, "payload": payload});
            Ok(vec![page.request("messages", Body::Json(body), action, false)])
        }
        // Outside the window Meta would refuse both, and nobody waits for them.
        Action::MarkRead { .. } if page.permitted(false).is_ok() => Ok(vec![page.sender_action("mark_seen")]),
        Action::Typing { on, .. } if page.permitted(false).is_ok() => {
            Ok(vec![page.sender_action(if *on { "typing_on" } else { "typing_off" })])
        }
        Action::MarkRead { .. } | Action::Typing { .. } => Ok(Vec::new()),
        Action::Edit { .. } => Err(Unsupported::new("unsupported", "A message that was sent cannot be changed here")),
        Action::Delete { .. } => Err(Unsupported::new("unsupported", "A message that was sent cannot be taken back here")),
    }
}

/// Under what a message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// An answer within 24 hours.
    Response,
    /// A person's answer within seven days.
    HumanAgent,
}

/// One of our pages or accounts, with what is to be done on it.
struct Page<'a> {
    credential: &'a Credential,
    outbound: &'a Outbound,
}

impl Page<'_> {
    fn message(&self, message: &OutboundMessage) -> Result<Vec<ProviderCall>, Unsupported> {
        let choices = rich::Choices::of(message.extra.as_ref())?;
        let tag = self.permitted(message.author.human)?;
        let instagram = self.outbound.channel == ChannelKind::Instagram;
        let (max, count) = if instagram { (INSTAGRAM_TEXT_MAX, Count::Bytes) } else { (MESSENGER_TEXT_MAX, Count::Utf16) };
        // Text and files cannot be in one message: files first, then the text (section 10.2).
        let mut parts = media::parts(&message.media, instagram)?;
        parts.extend(
            split(message.text.trim(), max, count).into_iter().map(|text| media::Part { upload: None, message: json!({"text": text}) }),
        );
        match choices {
            Some(rich::Choices::Quick(replies)) => match parts.last_mut().and_then(|part| part.message.as_object_mut()) {
                Some(last) => {
                    last.insert("quick_replies".to_owned(), replies);
                }
                None => return Err(Unsupported::new("empty", "Buttons need a text or a file above them")),
            },
            Some(rich::Choices::Cards(template)) => parts.push(media::Part { upload: None, message: json!({"attachment": template}) }),
            None => {}
        }
        if parts.is_empty() {
            return Err(Unsupported::new("empty", "There is nothing to send"));
        }
        let mut calls = Vec::new();
        for (at, mut part) in parts.into_iter().enumerate() {
            if let Some(upload) = part.upload.take() {
                calls.push(self.request("message_attachments", upload.body, UPLOAD, false).capture(upload.capture, "/attachment_id"));
            }
            let quoted = message.reply_to.as_deref().filter(|_| at == 0);
            calls.push(self.send(part.message, &message.id.to_string(), tag, quoted));
        }
        Ok(calls)
    }

    /// Under what a message may go out now.
    fn permitted(&self, human: bool) -> Result<Tag, Unsupported> {
        let age = self.outbound.last_inbound_at.map(|at| self.outbound.now.ms_since(at));
        let human_agent = may_use_human_agent(self.credential);
        match age {
            Some(age) if age <= WINDOW_MS => Ok(Tag::Response),
            Some(age) if age <= HUMAN_WINDOW_MS && human && human_agent => Ok(Tag::HumanAgent),
            Some(age) if age <= HUMAN_WINDOW_MS && human_agent => Err(Unsupported::new(
                "window_closed",
                "More than 24 hours have passed since the customer last wrote: only a person may answer now, with a message",
            )),
            Some(age) if age <= HUMAN_WINDOW_MS => Err(Unsupported::new(
                "window_closed",
                "More than 24 hours have passed since the customer last wrote, and the app has no Human Agent permission: they have to write first",
            )),
            _ => Err(Unsupported::new(
                "window_closed",
                "More than 7 days have passed since the customer last wrote: they have to write first",
            )),
        }
    }

    fn recipient(&self) -> Value {
        json!({"id": self.outbound.to.value})
    }

    fn send(&self, mut message: Value, own_id: &str, tag: Tag, quoted: Option<&str>) -> ProviderCall {
        if let Some(fields) = message.as_object_mut() {
            fields.insert("metadata".to_owned(), json!(own_id));
        }
        let mut body = match tag {
            Tag::Response => json!({"recipient": self.recipient(), "messaging_type": "RESPONSE", "message": message}),
            Tag::HumanAgent => {
                json!({"recipient": self.recipient(), "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "message": message})
            }
        };
        if let (Some(fields), Some(quoted)) = (body.as_object_mut(), quoted) {
            fields.insert("reply_to".to_owned(), json!({"mid": quoted}));
        }
        self.request("messages", Body::Json(body), SEND, true)
    }

    /// What stands alone in a request.
    fn sender_action(&self, action: &'static str) -> ProviderCall {
        let body = json!({"recipient": self.recipient(), "sender_action": action});
        self.request("messages", Body::Json(body), action, false)
    }

    fn request(&self, edge: &str, body: Body, purpose: &'static str, sends: bool) -> ProviderCall {
        let by_instagram = is_instagram_login(self.credential);
        // An Instagram account that is linked to a page is served by the page, whose token says which it is.
        let node = if self.outbound.channel == ChannelKind::Instagram && !by_instagram { "me" } else { self.outbound.account.as_str() };
        let request = Request {
            method: "POST",
            base: if by_instagram { INSTAGRAM_BASE } else { graph::BASE },
            token: self.credential.secret("page_access_token"),
            segments: &[node, edge],
            query: "",
            body,
            purpose,
            sends,
        };
        request.call(self.credential)
    }
}
