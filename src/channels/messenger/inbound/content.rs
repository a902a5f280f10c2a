//! What a message says: its text, its files, and what was shared with it (sections 6.1 to 6.8 and 6.19).
//!
//! Guarantees: what was shared (posts, reels, stories, links) is kept as a link and never fetched; a message without anything that can be shown
//! is a visible placeholder.

use entities::{InboundMedia, MediaAuth, MessageType, Timestamp};
use serde_json::{Map, Value, json};

use crate::channels::{form, meta::read, tidy};

/// The thumbs-up in its three sizes (section 6.5).
const THUMBS_UP: [&str; 3] = ["369239263222822", "369239343222814", "369239383222810"];
/// Most attachments of a message that are looked at; people can send about thirty pictures at once.
const ATTACHMENTS_MAX: usize = 100;

/// What a message says.
pub struct Content {
    pub kind: MessageType,
    pub text: String,
    pub media: Vec<InboundMedia>,
    pub payload: Option<String>,
    pub details: Map<String, Value>,
}

/// The attachments of a message, sorted by what they are.
#[derive(Default)]
struct Attached {
    /// The kind of the first that decides one.
    kind: Option<MessageType>,
    media: Vec<InboundMedia>,
    /// Ids of stickers that are in already.
    stickers: Vec<String>,
    shares: Vec<Value>,
    /// Lines that say what cannot be shown otherwise.
    lines: Vec<String>,
    details: Map<String, Value>,
}

/// The content of a message; always something that can be seen.
pub fn of(said: &Value) -> Content {
    let mut attached = Attached::default();
    for attachment in read::list(said, "attachments").iter().take(ATTACHMENTS_MAX) {
        attached.take(attachment);
    }
    if let Some(story) = said.get("reply_to").and_then(|reply| reply.get("story")).filter(|story| story.is_object()) {
        attached.details.insert("story".to_owned(), read::tidied(story));
    }
    if !attached.shares.is_empty() {
        attached.details.insert("shares".to_owned(), Value::Array(attached.shares));
    }
    let written = read::text(said, "text");
    let reply = said.get("quick_reply").and_then(|reply| read::text(reply, "payload"));
    let kind = match (&reply, &written, attached.kind) {
        (Some(_), ..) => MessageType::InteractiveReply,
        // A link with a preview of it is a text.
        (None, Some(_), None | Some(MessageType::Share)) => MessageType::Text,
        (None, _, Some(kind)) => kind,
        (None, None, None) => MessageType::Unsupported,
    };
    let lines = if written.is_some() && kind == MessageType::Text { Vec::new() } else { attached.lines };
    let text: Vec<String> = written.into_iter().chain(lines).collect();
    let mut text = tidy::message(&text.join("\n"));
    if text.is_empty() && attached.media.is_empty() {
        text = reply.clone().unwrap_or_else(|| "A message that cannot be shown".to_owned());
    }
    Content { kind, text, media: attached.media, payload: reply, details: attached.details }
}

/// Whether a message is that somebody was mentioned in a story.
pub fn mentions_story(said: &Value) -> bool {
    read::list(said, "attachments").iter().any(|attachment| read::word(attachment, "type") == "story_mention")
}

impl Attached {
    fn take(&mut self, attachment: &Value) {
        let payload = attachment.get("payload").unwrap_or(&Value::Null);
        match read::word(attachment, "type") {
            "image" | "sticker" if read::id(payload, "sticker_id").is_some() => self.sticker(payload),
            "image" => self.file(payload, MessageType::Image),
            "sticker" => self.file(payload, MessageType::Sticker),
            "audio" => self.file(payload, MessageType::Audio),
            "video" => self.file(payload, MessageType::Video),
            "file" => self.file(payload, MessageType::Document),
            "location" => self.location(payload),
            "like_heart" => self.line(MessageType::Sticker, "❤️"),
            "story_mention" => self.story(payload),
            kind @ ("fallback" | "share" | "post" | "reel" | "ig_reel" | "ig_post" | "ig_story" | "template") => {
                self.share(kind, attachment, payload);
            }
            other => self.line(MessageType::Unsupported, &format!("An attachment that cannot be shown ({})", read::one_line(other))),
        }
    }

    fn line(&mut self, kind: MessageType, line: &str) {
        self.kind.get_or_insert(kind);
        self.lines.push(line.to_owned());
    }

    /// A file: its address is signed and needs no token; it has neither a name nor a size (sections 6.4, 9).
    fn file(&mut self, payload: &Value, kind: MessageType) {
        let Some(url) = read::url(payload, "url") else {
            return self.line(MessageType::Unsupported, "A file that cannot be fetched");
        };
        // A sticker may lead and its picture follow; what people mean is the first.
        self.kind.get_or_insert(kind);
        self.media.push(InboundMedia {
            kind,
            id: None,
            mime: None,
            filename: name_in(&url),
            size: None,
            sha256: None,
            auth: MediaAuth::None,
            expires_at: expiry_in(&url),
            url: Some(url),
        });
    }

    /// One sticker, however often it is told: as a picture, as a picture and a sticker, or as a sticker (section 6.5).
    fn sticker(&mut self, payload: &Value) {
        let id = read::id(payload, "sticker_id").unwrap_or_default();
        if self.stickers.contains(&id) {
            return;
        }
        if THUMBS_UP.contains(&id.as_str()) {
            self.line(MessageType::Sticker, "👍");
        } else {
            self.file(payload, MessageType::Sticker);
        }
        self.details.insert("sticker_id".to_owned(), Value::String(id.clone()));
        self.stickers.push(id);
    }

    fn location(&mut self, payload: &Value) {
        let coordinates = payload.get("coordinates").unwrap_or(&Value::Null);
        let (Some(latitude), Some(longitude)) = (read::degrees(coordinates, "lat"), read::degrees(coordinates, "long")) else {
            return self.line(MessageType::Unsupported, "A place that cannot be shown");
        };
        let title = read::line(payload, "title").unwrap_or_else(|| format!("{latitude}, {longitude}"));
        self.line(MessageType::Location, &title);
        self.details.insert("location".to_owned(), json!({"latitude": latitude, "longitude": longitude}));
    }

    /// The story's address expires with the story and may be forbidden to keep: the link alone is stored (section 6.19).
    fn story(&mut self, payload: &Value) {
        self.line(MessageType::Share, "You were mentioned in a story");
        self.details.insert("story".to_owned(), read::tidied(payload));
    }

    /// A post, a reel, a link: title and address. Since April 2026 a post comes as `ig_post`, for a while as `share` besides.
    fn share(&mut self, kind: &str, attachment: &Value, payload: &Value) {
        let goods = payload.get("product").and_then(|product| read::list(product, "elements").first()).unwrap_or(&Value::Null);
        let title = read::line(payload, "title").or_else(|| read::line(attachment, "title")).or_else(|| read::line(goods, "title"));
        let url = read::url(payload, "url").or_else(|| read::url(attachment, "url"));
        let media_id = read::id(payload, "ig_post_media_id");
        let share = json!({"type": kind, "title": title, "url": url, "path": path(payload), "ig_post_media_id": media_id});
        let share = read::without_nulls(share);
        let same = |known: &&mut Value| {
            let alike = |key: &str, value: Option<&str>| value.is_some() && known.get(key).and_then(Value::as_str) == value;
            alike("ig_post_media_id", media_id.as_deref()) || alike("url", url.as_deref())
        };
        if let Some(known) = self.shares.iter_mut().find(same) {
            if kind == "ig_post" {
                *known = share;
            }
            return;
        }
        self.shares.push(share);
        let parts: Vec<String> = title.into_iter().chain(url).collect();
        let line = if parts.is_empty() { "Shared content".to_owned() } else { parts.join("\n") };
        self.line(MessageType::Share, &line);
    }
}

/// A relative address (`/reel/123/`), kept to be seen.
fn path(payload: &Value) -> Option<String> {
    read::line(payload, "url").filter(|url| url.starts_with('/'))
}

/// The name at the end of an address' path, if it looks like a file's.
fn name_in(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_, name) = path.rsplit_once('/')?;
    let decoded = form::decode(name.replace('+', "%2B").replace(['&', '='], "_").as_bytes()).into_iter().next()?.0;
    let (stem, extension) = decoded.rsplit_once('.')?;
    if stem.is_empty() || extension.is_empty() {
        return None;
    }
    read::file_name(&json!({"name": decoded}), "name")
}

/// Until when an address is good: `oe` is the second in hexadecimal digits (section 9).
fn expiry_in(url: &str) -> Option<Timestamp> {
    let (_, query) = url.split_once('?')?;
    let pairs = form::decode(query.as_bytes());
    let seconds = u32::from_str_radix(form::first(&pairs, "oe")?, 16).ok()?;
    (seconds > 0).then(|| Timestamp::from_micros(i64::from(seconds) * 1_000_000))
}
