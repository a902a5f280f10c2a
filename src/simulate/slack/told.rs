//! What the business is told: events (specification `slack` 4) and interactions (5).

use serde_json::{Map, Value, json};

use super::{BOT, BOT_USER, CHANNEL, Slack, files, text};
use crate::simulate::{
    provider::{Act, Acted, Notice, Refused, To, Told},
    world::{Customer, FileRef, Message, Side, World},
};

/// A user that nobody is.
pub fn free_user(world: &World) -> String {
    let users = (1..10_000u32).map(|last| format!("U0CUSTOMER{last}"));
    let mut free = users.filter(|user| world.customer(user).is_none());
    free.next().unwrap_or_default()
}

/// The channel in which the bot and somebody are alone.
pub fn direct_channel(user: &str) -> String {
    format!("D{}", user.get(1..).unwrap_or_default())
}

/// Who is alone with the bot in a channel.
pub fn user_of_direct(channel: &str) -> Option<String> {
    channel.strip_prefix('D').map(|rest| format!("U{rest}"))
}

/// A timestamp that no message has: seconds, and a number that rises.
pub fn fresh_ts(world: &mut World) -> String {
    let (number, now_ms) = (world.next_id(), world.now_ms());
    format!("{}.{:06}", now_ms / 1_000, number % 1_000_000)
}

/// A message's id here.
pub fn id_of(channel: &str, ts: &str) -> String {
    format!("{channel}:{ts}")
}

/// A message's channel and timestamp.
pub fn parts(id: &str) -> (&str, &str) {
    id.split_once(':').unwrap_or((CHANNEL, id))
}

fn channel_type(channel: &str) -> &'static str {
    if channel.starts_with('D') { "im" } else { "channel" }
}

/// Something that a customer posts.
struct Post<'a> {
    channel: &'a str,
    text: &'a str,
    /// The root of the thread that it is in.
    root: Option<&'a str>,
    subtype: Option<&'a str>,
    /// Further fields.
    fields: Value,
    files: Vec<FileRef>,
}

impl Slack {
    /// An event in its envelope.
    pub(super) fn event(&self, world: &mut World, event: Value, about: &str) -> Notice {
        let (number, now_ms) = (world.next_id(), world.now_ms());
        let authorization = json!({
            "enterprise_id": null, "team_id": self.team_id, "user_id": BOT_USER, "is_bot": true, "is_enterprise_install": false,
        });
        let envelope = json!({
            "token": "deprecated-ignore", "team_id": self.team_id, "api_app_id": self.app_id, "event": event, "type": "event_callback",
            "event_id": format!("Ev{number}"), "event_time": now_ms / 1_000, "authorizations": [authorization],
            "is_ext_shared_channel": false, "event_context": format!("4-{number}"),
        });
        Notice::json(envelope, about)
    }

    /// Notes a post of the customer and tells of it.
    fn post(&self, world: &mut World, user: &str, post: Post<'_>) -> Acted {
        let (ts, now_ms) = (fresh_ts(world), world.now_ms());
        let id = id_of(post.channel, &ts);
        let mut event = Map::new();
        for (name, value) in
            [("type", "message"), ("user", user), ("ts", &ts), ("channel", post.channel), ("event_ts", &ts), ("team", &self.team_id)]
        {
            event.insert(name.to_owned(), value.into());
        }
        event.insert("text".to_owned(), text::written(post.text).into());
        event.insert("client_msg_id".to_owned(), format!("0b0ee47e-1111-4222-8333-{:012}", world.next_id() % 1_000_000_000_000).into());
        event.insert("channel_type".to_owned(), channel_type(post.channel).into());
        if let Some(root) = post.root {
            event.insert("thread_ts".to_owned(), parts(root).1.into());
        }
        if let Some(subtype) = post.subtype {
            event.insert("subtype".to_owned(), subtype.into());
        }
        if let Value::Object(fields) = post.fields {
            event.extend(fields);
        }
        let kind = post.subtype.unwrap_or("message");
        let mut shown = Message::new(id.clone(), Side::Customer, if kind == "message" { "text" } else { kind }, post.text, now_ms);
        shown.files = post.files;
        shown.reply_to = post.root.map(str::to_owned);
        if post.channel.starts_with('C') {
            "#support".clone_into(&mut shown.author);
        }
        if let Some(customer) = world.customer_mut(user) {
            customer.push(shown);
            customer.last_wrote_ms = Some(now_ms);
        }
        let notice = self.event(world, Value::Object(event), &format!("event: {kind}")).ticking(user, &id);
        Acted { message_id: Some(id), notices: vec![notice] }
    }

    /// The customer does something.
    pub(super) fn customer_does(&self, world: &mut World, user: &str, act: &Act) -> Result<Acted, Refused> {
        let customer = world.customer(user).ok_or_else(|| Refused::NoCustomer(user.to_owned()))?.clone();
        let known = |id: &str| customer.message(id).cloned().ok_or_else(|| Refused::NoMessage(id.to_owned()));
        match act {
            Act::Write { text, file_id, reply_to } => {
                let target = reply_to.as_deref().map(known).transpose()?;
                // A thread has one root: an answer to an answer is an answer to the root.
                let root = target.map(|target| target.reply_to.clone().unwrap_or(target.id));
                let direct = direct_channel(user);
                let channel = root.as_deref().map_or(direct.as_str(), |root| parts(root).0);
                let mut post = Post { channel, text, root: root.as_deref(), subtype: None, fields: Value::Null, files: Vec::new() };
                if let Some(file_id) = file_id {
                    let file = world.file(file_id).ok_or_else(|| Refused::Nothing(format!("file {file_id}")))?.clone();
                    let described = files::described(world, &self.team_id, user, &file);
                    post.files.push(files::shown(&file));
                    post.subtype = Some("file_share");
                    post.fields = json!({"files": [described], "upload": false});
                }
                Ok(self.post(world, user, post))
            }
            Act::React { message_id, emoji } => Ok(self.react(world, user, &known(message_id)?, emoji)),
            Act::Press { message_id, button_id } => self.press(world, &customer, &known(message_id)?, button_id),
            Act::Edit { message_id, text } => {
                let before = known(message_id)?;
                if let Some(message) = world.customer_mut(user).and_then(|customer| customer.message_mut(message_id)) {
                    text.clone_into(&mut message.text);
                    message.edited = true;
                }
                let fields = json!({"text": text::written(text), "edited": {"user": user, "ts": fresh_ts(world)}});
                Ok(Acted { message_id: None, notices: vec![self.changed(world, user, &before, fields, "event: message_changed")] })
            }
            Act::Delete { message_id } => Ok(self.delete(world, &customer, &known(message_id)?)),
            Act::Extra { name } => self.extra(world, &customer, name),
        }
    }

    fn react(&self, world: &mut World, user: &str, target: &Message, emoji: &str) -> Acted {
        let (channel, ts) = parts(&target.id);
        let before = target.reactions.iter().find(|reaction| reaction.by == Side::Customer).map(|reaction| reaction.emoji.clone());
        if let Some(message) = world.customer_mut(user).and_then(|customer| customer.message_mut(&target.id)) {
            message.react(Side::Customer, emoji);
        }
        let item_user = if target.from == Side::Business { BOT_USER } else { user };
        let mut acted = Acted::default();
        for (kind, emoji) in [("reaction_removed", before), ("reaction_added", Some(emoji.to_owned()).filter(|emoji| !emoji.is_empty()))] {
            let Some(emoji) = emoji else { continue };
            let event = json!({
                "type": kind, "user": user, "reaction": text::name_of(&emoji), "item": {"type": "message", "channel": channel, "ts": ts},
                "item_user": item_user, "event_ts": fresh_ts(world),
            });
            acted.notices.push(self.event(world, event, &format!("event: {kind}")));
        }
        acted
    }

    fn press(&self, world: &mut World, customer: &Customer, target: &Message, button_id: &str) -> Result<Acted, Refused> {
        let button = target.buttons.iter().find(|button| button.id == button_id);
        let button = button.ok_or_else(|| Refused::Nothing(format!("button {button_id}")))?;
        let (channel, ts) = parts(&target.id);
        let number = world.next_id();
        let (action_id, value) = button.id.split_once('\n').unwrap_or((&button.id, ""));
        let user = json!({"id": customer.key, "username": "dana", "name": "dana", "team_id": self.team_id});
        let action = json!({
            "action_id": action_id, "block_id": "b1", "text": {"type": "plain_text", "text": button.title, "emoji": true},
            "value": value, "type": "button", "action_ts": fresh_ts(world),
        });
        let payload = json!({
            "type": "block_actions", "user": user, "api_app_id": self.app_id, "token": "deprecated-ignore",
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": false},
            "trigger_id": format!("{number}.47445629121.simulated"), "team": {"id": self.team_id, "domain": "example"}, "enterprise": null,
            "is_enterprise_install": false, "channel": {"id": channel, "name": "directmessage"},
            "message": {"type": "message", "bot_id": BOT, "text": target.text, "user": BOT_USER, "ts": ts},
            "response_url": format!("{}/actions/{}/{number}/simulated", world.own_url, self.team_id), "actions": [action],
        });
        let told = Told::Form(vec![("payload".to_owned(), payload.to_string())]);
        let notice = Notice { to: To::Hook(""), told, about: "interaction: block_actions".to_owned(), ticks: Vec::new(), after: 0 };
        Ok(Acted { message_id: None, notices: vec![notice] })
    }

    /// A message that is another now: an edit, a preview, a stone where a root was (4.6, 4.7).
    fn changed(&self, world: &mut World, user: &str, before: &Message, fields: Value, about: &str) -> Notice {
        let (channel, ts) = parts(&before.id);
        let mut message = json!({"type": "message", "user": user, "text": text::written(&before.text), "ts": ts});
        let previous = message.clone();
        if let (Some(message), Value::Object(fields)) = (message.as_object_mut(), fields) {
            message.extend(fields);
        }
        let event_ts = fresh_ts(world);
        let event = json!({
            "type": "message", "subtype": "message_changed", "message": message, "previous_message": previous, "channel": channel,
            "hidden": true, "ts": event_ts, "event_ts": event_ts, "channel_type": channel_type(channel),
        });
        self.event(world, event, about)
    }

    fn delete(&self, world: &mut World, customer: &Customer, target: &Message) -> Acted {
        let (channel, ts) = parts(&target.id);
        if let Some(message) = world.customer_mut(&customer.key).and_then(|customer| customer.message_mut(&target.id)) {
            message.deleted = true;
        }
        let replies = customer.messages.iter().filter(|message| message.reply_to.as_deref() == Some(&target.id)).count();
        if replies > 0 {
            let fields = json!({"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": true, "thread_ts": ts, "reply_count": replies});
            let notice = self.changed(world, &customer.key, target, fields, "event: message_changed (tombstone)");
            return Acted { message_id: None, notices: vec![notice] };
        }
        let event_ts = fresh_ts(world);
        let event = json!({
            "type": "message", "subtype": "message_deleted", "deleted_ts": ts, "channel": channel, "hidden": true, "ts": event_ts,
            "previous_message": {"type": "message", "user": customer.key, "text": text::written(&target.text), "ts": ts},
            "event_ts": event_ts, "channel_type": channel_type(channel),
        });
        Acted { message_id: None, notices: vec![self.event(world, event, "event: message_deleted")] }
    }

    fn extra(&self, world: &mut World, customer: &Customer, name: &str) -> Result<Acted, Refused> {
        let user = customer.key.as_str();
        let into_channel = |text| Post { channel: CHANNEL, text, root: None, subtype: None, fields: Value::Null, files: Vec::new() };
        Ok(match name {
            "channel" => self.post(world, user, into_channel("Is anybody there?")),
            "mention" => {
                let mut acted = self.post(world, user, into_channel(""));
                let mention = format!("<@{BOT_USER}> help please");
                let told = acted.notices.first_mut().map(|notice| &mut notice.told);
                if let Some(text) =
                    told.and_then(|told| if let Told::Json(envelope) = told { envelope.pointer_mut("/event/text") } else { None })
                {
                    *text = mention.as_str().into();
                }
                let id = acted.message_id.clone().unwrap_or_default();
                if let Some(message) = world.customer_mut(user).and_then(|customer| customer.message_mut(&id)) {
                    "@bot help please".clone_into(&mut message.text);
                }
                let ts = parts(&id).1;
                let event = json!({"type": "app_mention", "user": user, "text": mention, "ts": ts, "team": self.team_id, "channel": CHANNEL, "event_ts": ts});
                acted.notices.push(self.event(world, event, "event: app_mention"));
                acted
            }
            "broadcast" => {
                let root = customer.messages.iter().rev().find(|message| message.id.starts_with(CHANNEL) && message.reply_to.is_none());
                let root = root.ok_or_else(|| Refused::Nothing("thread in #support yet".to_owned()))?.id.clone();
                let post = Post { root: Some(&root), subtype: Some("thread_broadcast"), ..into_channel("for everyone") };
                self.post(world, user, post)
            }
            "connect_file" => {
                let file = json!({"id": "F0EXAMPLE02", "mode": "file_access", "file_access": "check_file_info", "created": 0, "timestamp": 0, "user": ""});
                let post = Post { subtype: Some("file_share"), fields: json!({"files": [file]}), ..into_channel("") };
                self.post(world, user, post)
            }
            "unfurl" => {
                let last = customer.messages.iter().rev().find(|message| message.from == Side::Customer);
                let last = last.ok_or_else(|| Refused::Nothing("message to preview a link in".to_owned()))?;
                let fields = json!({"attachments": [{"from_url": "https://example.org", "title": "Example", "id": 1}]});
                Acted { message_id: None, notices: vec![self.changed(world, user, last, fields, "event: message_changed (preview)")] }
            }
            "slash" => self.slash(world, customer),
            other => Acted {
                message_id: None,
                notices: vec![self.happening(world, user, other).ok_or_else(|| Refused::Nothing(format!("extra {other}")))?],
            },
        })
    }

    /// What happens to the channel or to the app.
    fn happening(&self, world: &mut World, user: &str, name: &str) -> Option<Notice> {
        let (ts, now_ms) = (fresh_ts(world), world.now_ms());
        let event = match name {
            "other_bot" => json!({
                "type": "message", "subtype": "bot_message", "bot_id": "B0OTHER0001", "username": "ci", "text": "build failed", "ts": ts,
                "channel": CHANNEL, "event_ts": ts, "channel_type": "channel",
            }),
            "join" => json!({
                "type": "message", "subtype": "channel_join", "user": user, "text": format!("<@{user}> has joined the channel"), "ts": ts,
                "channel": CHANNEL, "event_ts": ts, "channel_type": "channel",
            }),
            "uninstalled" => json!({"type": "app_uninstalled"}),
            "revoked" => json!({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}}),
            "app_rate_limited" => {
                let limited = json!({
                    "token": "deprecated-ignore", "type": "app_rate_limited", "team_id": self.team_id,
                    "minute_rate_limited": now_ms / 60_000 * 60, "api_app_id": self.app_id,
                });
                return Some(Notice::json(limited, "app_rate_limited"));
            }
            _ => return None,
        };
        let about = format!("event: {name}");
        Some(self.event(world, event, &about))
    }

    fn slash(&self, world: &mut World, customer: &Customer) -> Acted {
        let number = world.next_id();
        let response_url = format!("{}/actions/{}/{number}/simulated", world.own_url, self.team_id);
        let pairs = [
            ("token", "deprecated-ignore"),
            ("team_id", &self.team_id),
            ("team_domain", "example"),
            ("channel_id", CHANNEL),
            ("channel_name", "support"),
            ("user_id", &customer.key),
            ("user_name", "dana"),
            ("command", "/desk"),
            ("text", "help please"),
            ("response_url", &response_url),
            ("trigger_id", &format!("{number}.1.simulated")),
            ("api_app_id", &self.app_id),
        ];
        let told = Told::Form(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        Acted {
            message_id: None,
            notices: vec![Notice { to: To::Hook(""), told, about: "slash command".to_owned(), ticks: Vec::new(), after: 0 }],
        }
    }

    /// Every post of the bot comes back (4.8).
    pub(super) fn own_post(&self, world: &mut World, message: &Message, written: &str, fields: Value) -> Notice {
        let (channel, ts) = parts(&message.id);
        let profile = json!({"id": BOT, "app_id": self.app_id, "name": "desk", "deleted": false, "team_id": self.team_id});
        let mut event = json!({
            "type": "message", "bot_id": BOT, "app_id": self.app_id, "user": BOT_USER, "text": written, "ts": ts, "team": self.team_id,
            "bot_profile": profile, "channel": channel, "event_ts": ts, "channel_type": channel_type(channel),
        });
        if let (Some(event), Value::Object(fields)) = (event.as_object_mut(), fields) {
            event.extend(fields);
            if let Some(root) = &message.reply_to {
                event.insert("thread_ts".to_owned(), parts(root).1.into());
            }
        }
        self.event(world, event, "event: our own post")
    }
}
