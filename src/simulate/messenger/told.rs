//! What the business is told (specification `messenger` 5 and 6).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::Messenger;
use crate::simulate::{
    provider::{Act, Acted, Notice, Refused},
    world::{Customer, File, FileRef, Message, Side, Status, World},
};

/// A file's address lives so long.
const LINK_SECS: i64 = 24 * 3_600;

/// Whether an id is one of Instagram here: those begin with 118, those of Messenger with 71.
pub fn is_instagram(id: &str) -> bool {
    id.starts_with("118")
}

/// An id that nobody has.
pub fn free_id(world: &World, instagram: bool) -> String {
    let first = if instagram { 118_u64 } else { 710 };
    let ids = (1..10_000u64).map(|last| (first * 10_000_000_000_000 + last).to_string());
    let mut free = ids.filter(|id| world.customer(id).is_none());
    free.next().unwrap_or_default()
}

/// A message's id, as opaque as a real one.
pub fn mid(world: &mut World, instagram: bool) -> String {
    let number = world.next_id();
    if instagram {
        format!("aWdfZAG1{}", BASE64_URL_SAFE_NO_PAD.encode(number.to_string()))
    } else {
        format!("m_AbCdEf{number}-simulated_1")
    }
}

/// A reaction's name (6.14).
pub fn reaction_name(emoji: &str) -> &'static str {
    match emoji.trim_end_matches('\u{fe0f}') {
        "❤" | "😍" => "love",
        "👍" => "like",
        "👎" => "dislike",
        "😂" | "😆" => "smile",
        "😮" => "wow",
        "😢" => "sad",
        "😠" => "angry",
        _ => "other",
    }
}

/// A file's address at the CDN: needs no token, and expires (9).
pub fn link(world: &World, file: &File) -> String {
    let until = world.now_ms() / 1_000 + LINK_SECS;
    let name = if file.name.is_empty() { "file" } else { &file.name };
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("{}/simulated-cdn/{}/{name}?oe={until:X}", world.own_url, file.id)
}

impl Messenger {
    /// The account's id by which an event about a customer comes.
    pub(super) fn account_of(&self, customer: &str) -> &str {
        if is_instagram(customer) { &self.instagram_id } else { &self.page_id }
    }

    /// An event of a customer in its envelope; `fields` say what it is.
    fn event(&self, now_ms: i64, customer: &str, fields: Value, about: &str) -> Notice {
        self.within(now_ms, customer, "messaging", false, fields, about)
    }

    fn within(&self, now_ms: i64, customer: &str, list: &str, echo: bool, fields: Value, about: &str) -> Notice {
        let account = self.account_of(customer);
        let (sender, recipient) = if echo { (account, customer) } else { (customer, account) };
        let mut event = Map::new();
        event.insert("sender".to_owned(), json!({"id": sender}));
        event.insert("recipient".to_owned(), json!({"id": recipient}));
        event.insert("timestamp".to_owned(), now_ms.into());
        if let Value::Object(fields) = fields {
            event.extend(fields);
        }
        let object = if is_instagram(customer) { "instagram" } else { "page" };
        let entry = json!({"id": account, "time": now_ms, list: [event]});
        Notice::json(json!({"object": object, "entry": [entry]}), about)
    }

    /// Notes a message of the customer and tells of it.
    fn say(&self, world: &mut World, key: &str, shown: Message, fields: Value) -> Notice {
        let (id, now_ms) = (shown.id.clone(), shown.at_ms);
        let about = format!("message: {}", shown.kind);
        let mut message = json!({"mid": id});
        if let (Some(message), Value::Object(fields)) = (message.as_object_mut(), fields) {
            message.extend(fields);
            if let Some(target) = &shown.reply_to {
                message.insert("reply_to".to_owned(), json!({"mid": target}));
            }
        }
        if let Some(customer) = world.customer_mut(key) {
            customer.push(shown);
            customer.last_wrote_ms = Some(now_ms);
        }
        self.event(now_ms, key, json!({"message": message}), &about).ticking(key, &id)
    }

    /// The customer does something.
    pub(super) fn customer_does(&self, world: &mut World, key: &str, act: &Act) -> Result<Acted, Refused> {
        let customer = world.customer(key).ok_or_else(|| Refused::NoCustomer(key.to_owned()))?.clone();
        let now_ms = world.now_ms();
        let known = |id: &str| customer.message(id).ok_or_else(|| Refused::NoMessage(id.to_owned()));
        match act {
            Act::Write { text, file_id, reply_to } => self.write(world, key, text, file_id.as_deref(), reply_to.as_deref()),
            Act::React { message_id, emoji } => {
                known(message_id)?;
                if let Some(message) = world.customer_mut(key).and_then(|customer| customer.message_mut(message_id)) {
                    message.react(Side::Customer, emoji);
                }
                let reaction = if emoji.is_empty() {
                    json!({"mid": message_id, "action": "unreact"})
                } else {
                    json!({"mid": message_id, "action": "react", "reaction": reaction_name(emoji), "emoji": emoji})
                };
                Ok(Acted { message_id: None, notices: vec![self.event(now_ms, key, json!({"reaction": reaction}), "reaction")] })
            }
            Act::Press { message_id, button_id } => {
                let button = known(message_id)?.buttons.iter().find(|button| button.id == *button_id);
                let button = button.ok_or_else(|| Refused::Nothing(format!("button {button_id}")))?;
                let (id, title) = (mid(world, is_instagram(key)), button.title.as_str());
                if button.sort == "quick_reply" {
                    let shown = Message::new(id.clone(), Side::Customer, "quick_reply", title, now_ms);
                    let fields = json!({"text": title, "quick_reply": {"payload": button.id}});
                    let notice = self.say(world, key, shown, fields);
                    return Ok(Acted { message_id: Some(id), notices: vec![notice] });
                }
                Ok(self.postback(world, key, title, &button.id, Value::Null))
            }
            Act::Edit { message_id, text } => {
                known(message_id)?;
                let edits = world.customer_mut(key).and_then(|customer| customer.message_mut(message_id)).map_or(1, |message| {
                    text.clone_into(&mut message.text);
                    message.edited = true;
                    // Of the customer's own messages the reference counts the edits (6.15).
                    let edits = message.reference.as_deref().and_then(|count| count.parse::<u32>().ok()).unwrap_or(0) + 1;
                    message.reference = Some(edits.to_string());
                    edits
                });
                let edit = json!({"mid": message_id, "text": text, "num_edit": edits});
                Ok(Acted { message_id: None, notices: vec![self.event(now_ms, key, json!({"message_edit": edit}), "edit")] })
            }
            Act::Delete { message_id } if is_instagram(key) => {
                known(message_id)?;
                if let Some(message) = world.customer_mut(key).and_then(|customer| customer.message_mut(message_id)) {
                    message.deleted = true;
                }
                let unsent = json!({"message": {"mid": message_id, "is_deleted": true}});
                Ok(Acted { message_id: None, notices: vec![self.event(now_ms, key, unsent, "unsent")] })
            }
            Act::Delete { .. } => Err(Refused::Unknown("Messenger (only Instagram tells of messages that are taken back)")),
            Act::Extra { name } => self.extra(world, &customer, name),
        }
    }

    /// A file and a text are two messages here.
    fn write(&self, world: &mut World, key: &str, text: &str, file_id: Option<&str>, reply_to: Option<&str>) -> Result<Acted, Refused> {
        let mut acted = Acted::default();
        if let Some(file_id) = file_id {
            let file = world.file(file_id).ok_or_else(|| Refused::Nothing(format!("file {file_id}")))?.clone();
            let kind = match file.mime.split('/').next().unwrap_or_default() {
                "image" => "image",
                "video" => "video",
                "audio" => "audio",
                _ => "file",
            };
            let id = mid(world, is_instagram(key));
            let mut shown = Message::new(id.clone(), Side::Customer, kind, "", world.now_ms());
            shown.files.push(FileRef {
                kind: kind.to_owned(),
                mime: file.mime.clone(),
                name: file.name.clone(),
                file_id: Some(file.id.clone()),
                link: None,
            });
            shown.reply_to = reply_to.map(str::to_owned);
            let attachments = json!({"attachments": [{"type": kind, "payload": {"url": link(world, &file)}}]});
            acted.notices.push(self.say(world, key, shown, attachments));
            acted.message_id = Some(id);
        }
        if !text.is_empty() || file_id.is_none() {
            let id = mid(world, is_instagram(key));
            let mut shown = Message::new(id.clone(), Side::Customer, "text", text, world.now_ms());
            shown.reply_to = reply_to.map(str::to_owned);
            acted.notices.push(self.say(world, key, shown, json!({"text": text})));
            acted.message_id = Some(id);
        }
        Ok(acted)
    }

    fn postback(&self, world: &mut World, key: &str, title: &str, payload: &str, referral: Value) -> Acted {
        let (id, now_ms) = (mid(world, is_instagram(key)), world.now_ms());
        let mut postback = json!({"mid": id, "title": title, "payload": payload});
        if let Some(postback) = postback.as_object_mut().filter(|_| !referral.is_null()) {
            postback.insert("referral".to_owned(), referral);
        }
        if let Some(customer) = world.customer_mut(key) {
            customer.push(Message::new(id.clone(), Side::Customer, "postback", title, now_ms));
            customer.last_wrote_ms = Some(now_ms);
        }
        let notice = self.event(now_ms, key, json!({"postback": postback}), "postback").ticking(key, &id);
        Acted { message_id: Some(id), notices: vec![notice] }
    }

    fn extra(&self, world: &mut World, customer: &Customer, name: &str) -> Result<Acted, Refused> {
        let (key, now_ms) = (customer.key.as_str(), world.now_ms());
        let told = |fields: Value, about: &str| Acted { message_id: None, notices: vec![self.event(now_ms, key, fields, about)] };
        let mut say = |shown: &str, fields: Value| {
            let id = mid(world, is_instagram(key));
            let message = Message::new(id.clone(), Side::Customer, name, shown, now_ms);
            Acted { notices: vec![self.say(world, key, message, fields)], message_id: Some(id) }
        };
        let one = |kind: &str, payload: Value| json!({"attachments": [{"type": kind, "payload": payload}]});
        let referral = json!({"ref": "qr-42", "source": "SHORTLINK", "type": "OPEN_THREAD"});
        Ok(match name {
            "get_started" => self.postback(world, key, "Get Started", "GET_STARTED", referral),
            "thumb" => {
                let url = "https://scontent.xx.fbcdn.net/v/st.png";
                say("👍", one("sticker", json!({"url": url, "sticker_id": 369_239_263_222_822_u64})))
            }
            "location" => say("📍", one("location", json!({"coordinates": {"lat": 48.208_174, "long": 16.373_819}}))),
            "share" if is_instagram(key) => {
                let url = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=3&signature=x";
                say("a post", one("ig_post", json!({"ig_post_media_id": "18139494541000001", "title": "Build a workspace", "url": url})))
            }
            "share" => say("a reel", one("reel", json!({"url": "/reel/123/", "title": "A reel", "reel_video_id": 123}))),
            "story" => {
                let url = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=2&signature=x";
                say("a story that mentions the business", one("story_mention", json!({"url": url})))
            }
            "unsupported" => say("(something that vanishes)", json!({"is_unsupported": true})),
            "referral" => told(json!({"referral": referral}), "referral"),
            "optin" => told(
                json!({"optin": {
                    "type": "notification_messages", "payload": "weekly", "notification_messages_token": "1122334455",
                    "notification_messages_frequency": "WEEKLY", "user_token_status": "NOT_REFRESHED", "title": "News",
                }}),
                "opt-in",
            ),
            "standby" => {
                let id = mid(world, is_instagram(key));
                let text = "for the other app";
                let shown = Message::new(id.clone(), Side::Customer, "standby", text, now_ms);
                if let Some(customer) = world.customer_mut(key) {
                    customer.push(shown);
                }
                let fields = json!({"message": {"mid": id, "text": text}});
                let notice = self.within(now_ms, key, "standby", false, fields, "standby: message").ticking(key, &id);
                Acted { message_id: Some(id), notices: vec![notice] }
            }
            "pass_thread_control" => {
                let pass = json!({"previous_owner_app_id": "263902037430900", "new_owner_app_id": self.app_id, "metadata": "to desk"});
                told(json!({"pass_thread_control": pass}), "the conversation is handed over")
            }
            "inbox_answer" => {
                let id = mid(world, is_instagram(key));
                let mut shown = Message::new(id.clone(), Side::Business, "text", "sent from the Page inbox", now_ms);
                shown.status = Status::Read;
                let notice = self.echo(now_ms, key, &shown, 263_902_037_430_900);
                if let Some(customer) = world.customer_mut(key) {
                    customer.push(shown);
                }
                Acted { message_id: Some(id), notices: vec![notice] }
            }
            "policy" | "test_button" => Acted { message_id: None, notices: vec![self.of_the_console(now_ms, name)] },
            other => return Err(Refused::Nothing(format!("extra {other}"))),
        })
    }

    /// What no customer does: a violation that is punished (6.17), and the console's test (6.19).
    fn of_the_console(&self, now_ms: i64, name: &str) -> Notice {
        if name == "policy" {
            let punished = json!({"action": "block", "reason": "The bot violated a policy."});
            let event = json!({"recipient": {"id": self.page_id}, "timestamp": now_ms, "policy_enforcement": punished});
            let entry = json!({"id": self.page_id, "time": now_ms, "messaging": [event]});
            return Notice::json(json!({"object": "page", "entry": [entry]}), "policy enforcement");
        }
        let message = json!({"mid": "random_mid", "text": "random_text"});
        let event = json!({"sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824", "message": message});
        let entry = json!({"id": "0", "time": now_ms, "messaging": [event]});
        Notice::json(json!({"object": "instagram", "entry": [entry]}), "test button")
    }

    /// Everything that the business sends comes back (6.12).
    pub(super) fn echo(&self, now_ms: i64, customer: &str, message: &Message, app_id: u64) -> Notice {
        let mut echo = json!({"is_echo": true, "app_id": app_id, "mid": message.id});
        if let Some(echo) = echo.as_object_mut() {
            if !message.text.is_empty() {
                echo.insert("text".to_owned(), message.text.as_str().into());
            }
            if let Some(metadata) = &message.reference {
                echo.insert("metadata".to_owned(), metadata.as_str().into());
            }
            if !message.files.is_empty() {
                let attachments = message.files.iter().map(|file| {
                    let url = file
                        .link
                        .clone()
                        .unwrap_or_else(|| format!("https://scontent.xx.fbcdn.net/{}", file.file_id.as_deref().unwrap_or_default()));
                    json!({"type": file.kind, "payload": {"url": url}})
                });
                echo.insert("attachments".to_owned(), attachments.collect());
            }
        }
        self.within(now_ms, customer, "messaging", true, json!({"message": echo}), "echo")
    }

    /// Deliveries and reads (6.13); Instagram tells only what was read (6.19). What is only sent, or fails later, is not told.
    pub(super) fn status(&self, world: &World, customer: &str, message: &Message, status: Status) -> Option<Notice> {
        let now_ms = world.now_ms();
        match (status, is_instagram(customer)) {
            (Status::Delivered, false) => {
                let delivery = json!({"delivery": {"mids": [message.id], "watermark": now_ms}});
                Some(self.event(now_ms, customer, delivery, "delivery"))
            }
            (Status::Read, false) => Some(self.event(now_ms, customer, json!({"read": {"watermark": now_ms}}), "read")),
            (Status::Read, true) => Some(self.event(now_ms, customer, json!({"read": {"mid": message.id}}), "read")),
            _ => None,
        }
    }
}
