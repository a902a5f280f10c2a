//! Posting, changing, deleting, reacting (specification `slack` 10).

use serde_json::{Value, json};

use super::{ARCHIVED_CHANNEL, BOT, BOT_USER, OTHER_CHANNEL, Slack, api, text as markup, told};
use crate::simulate::{
    faults::When,
    provider::{Reply, text},
    world::{Button, Message, Side, World, count_within},
};

/// Posts into one channel in a second, a short burst included (11).
const BURST_MAX: usize = 10;
/// Characters after which Slack cuts a text off without a word (10.1).
const TEXT_CHARS_MAX: usize = 40_000;
/// Characters of all blocks together (10.1).
const BLOCKS_CHARS_MAX: usize = 13_000;
/// Blocks of a message (10.1).
const BLOCKS_MAX: usize = 50;
/// Bytes of metadata (10.1).
const METADATA_BYTES_MAX: usize = 16 * 1024;

impl Slack {
    /// Who sees what is posted into a channel: who is alone with the bot there, whose thread it is, or else the first.
    fn owner(world: &World, channel: &str, root: &str) -> Option<String> {
        if let Some(user) = told::user_of_direct(channel) {
            return world.customer(&user).map(|customer| customer.key.clone());
        }
        let id = told::id_of(channel, root);
        let of_thread = world.customers.iter().find(|customer| customer.message(&id).is_some());
        of_thread.or_else(|| world.customers.first()).map(|customer| customer.key.clone())
    }

    /// Whether the bot may write there.
    fn admitted(&self, channel: &str) -> Result<(), &'static str> {
        match channel {
            ARCHIVED_CHANNEL => Err("is_archived"),
            channel if channel.starts_with('D') || self.note(|books| books.joined.contains(channel)) => Ok(()),
            OTHER_CHANNEL => Err("not_in_channel"),
            _ => Err("channel_not_found"),
        }
    }

    /// Puts a message of the bot into a channel (its id, its thread's root or nothing, its timestamp) and lets its echo come.
    pub(super) fn put(
        &self,
        world: &mut World,
        (channel, root, ts): (&str, &str, &str),
        written: &str,
        fields: Value,
        finish: impl FnOnce(&mut Message),
    ) -> Result<Reply, &'static str> {
        self.admitted(channel)?;
        let owner = Self::owner(world, channel, root).ok_or("channel_not_found")?;
        let (id, now_ms) = (told::id_of(channel, ts), world.now_ms());
        let mut message = Message::new(id.clone(), Side::Business, "text", &markup::shown(written), now_ms);
        message.reply_to = Some(root).filter(|root| !root.is_empty()).map(|root| told::id_of(channel, root));
        finish(&mut message);
        let customer = world.customer_mut(&owner).ok_or("channel_not_found")?;
        if count_within(&mut customer.sends_ms, now_ms, 1_000, BURST_MAX + 1) > BURST_MAX {
            return Err("ratelimited");
        }
        if message.reply_to.as_ref().is_some_and(|root| customer.message(root).is_none()) {
            return Err("thread_not_found");
        }
        customer.push(message.clone());
        let echo = self.own_post(world, &message, written, fields);
        let mut posted = json!({"type": "message", "user": BOT_USER, "bot_id": BOT, "text": written, "ts": ts});
        if let Some(posted) = posted.as_object_mut().filter(|_| !root.is_empty()) {
            posted.insert("thread_ts".to_owned(), root.into());
        }
        let answer = json!({"ok": true, "channel": channel, "ts": ts, "message": posted});
        Ok(Reply::json(200, answer).accepted(&owner, &id).telling([echo]))
    }

    pub(super) fn post_message(&self, world: &mut World, given: &Value) -> Reply {
        if let Some(code) = world.take_injected(When::Answer) {
            return api::failed(&code);
        }
        let blocks = given.get("blocks").map(listed).unwrap_or_default();
        let attachments = given.get("attachments").map(listed).unwrap_or_default();
        let words =
            cut([text(given, "/text"), text(given, "/markdown_text")].into_iter().find(|words| !words.is_empty()).unwrap_or_default());
        let error = match () {
            () if words.is_empty() && blocks.is_empty() && attachments.is_empty() => Some("no_text"),
            () if blocks.len() > BLOCKS_MAX => Some("invalid_blocks"),
            () if attachments.len() > 100 => Some("too_many_attachments"),
            () if block_texts(&blocks) > BLOCKS_CHARS_MAX => Some("msg_blocks_too_long"),
            () if given.get("metadata").is_some_and(|metadata| metadata.to_string().len() > METADATA_BYTES_MAX) => {
                Some("metadata_too_large")
            }
            () => None,
        };
        if let Some(error) = error {
            return api::failed(error);
        }
        let target = text(given, "/channel");
        // A user's id stands for the channel with them alone.
        let channel = if target.starts_with('U') { told::direct_channel(target) } else { target.to_owned() };
        let (name, picture) = (text(given, "/username").to_owned(), text(given, "/icon_url"));
        let ts = told::fresh_ts(world);
        let mut fields = json!({"blocks": blocks});
        if let Some(fields) = fields.as_object_mut() {
            if let Some(metadata) = given.get("metadata") {
                fields.insert("metadata".to_owned(), metadata.clone());
            }
            if !name.is_empty() {
                fields.insert("username".to_owned(), name.clone().into());
                fields.insert("icons".to_owned(), json!({"image_48": picture}));
            }
        }
        let put = self.put(world, (&channel, text(given, "/thread_ts"), &ts), &words, fields, |message| {
            message.author = name;
            message.reference = given.get("metadata").map(Value::to_string);
            message.buttons = buttons(&blocks);
            if message.text.is_empty() {
                message.text = blocks.iter().map(|block| text(block, "/text/text")).collect::<Vec<_>>().join("\n");
            }
        });
        put.unwrap_or_else(api::failed)
    }

    /// Changes one of the bot's messages.
    pub(super) fn update(&self, world: &mut World, given: &Value) -> Reply {
        let (channel, ts, words) = (text(given, "/channel"), text(given, "/ts"), text(given, "/text"));
        match self.own_message(world, channel, ts, "cant_update_message") {
            Ok(message) => {
                message.text = markup::shown(words);
                message.edited = true;
                Reply::json(200, json!({"ok": true, "channel": channel, "ts": ts, "text": words}))
            }
            Err(error) => api::failed(error),
        }
    }

    /// Takes one of the bot's messages back.
    pub(super) fn delete_message(&self, world: &mut World, given: &Value) -> Reply {
        let (channel, ts) = (text(given, "/channel"), text(given, "/ts"));
        match self.own_message(world, channel, ts, "cant_delete_message") {
            Ok(message) => {
                message.deleted = true;
                Reply::json(200, json!({"ok": true, "channel": channel, "ts": ts}))
            }
            Err(error) => api::failed(error),
        }
    }

    fn own_message<'a>(
        &self,
        world: &'a mut World,
        channel: &str,
        ts: &str,
        foreign: &'static str,
    ) -> Result<&'a mut Message, &'static str> {
        self.admitted(channel)?;
        let id = told::id_of(channel, ts);
        let message = world.customer_of_message(&id).and_then(|customer| customer.message_mut(&id)).ok_or("message_not_found")?;
        if message.from == Side::Business && !message.deleted { Ok(message) } else { Err(foreign) }
    }

    /// Puts an emoji of the bot on a message, or takes it away.
    pub(super) fn react_as_bot(&self, world: &mut World, given: &Value, add: bool) -> Reply {
        let (channel, ts, name) = (text(given, "/channel"), text(given, "/timestamp"), text(given, "/name"));
        if let Err(error) = self.admitted(channel) {
            return api::failed(error);
        }
        let id = told::id_of(channel, ts);
        let Some(message) = world.customer_of_message(&id).and_then(|customer| customer.message_mut(&id)) else {
            return api::failed("message_not_found");
        };
        let emoji = markup::emoji_of(name);
        let there = message.reactions.iter().any(|reaction| reaction.by == Side::Business && reaction.emoji == emoji);
        match (add, there) {
            (true, true) => api::failed("already_reacted"),
            (false, false) => api::failed("no_reaction"),
            _ => {
                message.react(Side::Business, if add { &emoji } else { "" });
                Reply::json(200, json!({"ok": true}))
            }
        }
    }
}

/// A list, or the JSON of one.
fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.as_array().cloned().unwrap_or_default(),
    }
}

fn cut(words: &str) -> String {
    words.chars().take(TEXT_CHARS_MAX).collect()
}

fn block_texts(blocks: &[Value]) -> usize {
    blocks.iter().map(|block| text(block, "/text/text").chars().count()).sum()
}

/// The buttons of all blocks. What goes back with a press is an action's id and a value: both stand in the button's id, on two lines.
fn buttons(blocks: &[Value]) -> Vec<Button> {
    let elements = blocks.iter().filter_map(|block| block.get("elements")?.as_array()).flatten();
    let pressable = elements.filter(|element| text(element, "/type") == "button");
    let read = |button: &Value| {
        let id = format!("{}\n{}", text(button, "/action_id"), text(button, "/value"));
        Button { id, title: text(button, "/text/text").to_owned(), url: None, sort: "button" }
    };
    pressable.map(read).collect()
}
