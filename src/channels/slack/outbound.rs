//! What we want done, as calls to Slack's methods (`slack.md`, parts 8 to 10).
//!
//! Guarantees: each message names our own id in its metadata, so that its echo settles it; nothing that anybody typed mentions anybody.

use entities::{
    Action, Outbound, OutboundMessage,
    outbound::{Choice, MessageExtra},
};
use serde_json::{Value, json};

use super::{credential, emoji, files, files::API, text, wire};
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall},
    credential::Credential,
    tidy,
};

/// Names our metadata: what carries it was posted by us.
pub const METADATA_EVENT: &str = "switchboard_message";
/// The purpose of the calls that post a message.
pub const POST: &str = "chat.postMessage";
/// The channel of a direct message that is opened first.
const DIRECT: &str = "slack-direct-channel";
/// Longest text of a section, which stands above buttons (part 10.1).
const SECTION_MAX: usize = 3_000;
/// Longest words on a button or in a menu, and longest value behind a button (part 10.1).
const CHOICE_TITLE_MAX: usize = 75;
const BUTTON_VALUE_MAX: usize = 2_000;
/// Most buttons in one block, most rows of a menu, and longest value of a row (Slack's Block Kit reference: actions block, static select).
const BUTTONS_MAX: usize = 25;
const ROWS_MAX: usize = 100;
const ROW_VALUE_MAX: usize = 150;
/// Longest name shown beside a message.
const USERNAME_MAX: usize = 80;

/// The calls that do it.
pub fn plan(credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
    match &outbound.what {
        Action::Send(message) => send(credential, outbound, message),
        Action::React { target, emoji, previous } => react(credential, target, emoji.as_deref(), previous.as_deref()),
        Action::Edit { target, text } => edit(credential, target, text),
        Action::Delete { target } => Ok(vec![delete(credential, target)?]),
        Action::MarkRead { .. } => Err(Unsupported::new("unsupported", "Slack has no read marks for apps")),
        Action::Typing { .. } => Err(Unsupported::new("unsupported", "Slack shows nobody that an app is typing")),
    }
}

fn asking(credential: &Credential, path: &'static str, body: Value, purpose: &'static str) -> ProviderCall {
    ProviderCall::asking("POST", API, path, Body::Json(body), purpose).header("authorization", credential::bearer(credential))
}

/// Where a message goes.
struct Destination {
    channel: String,
    root: Option<String>,
    /// A reply in a direct message is shown in the channel, too: nobody looks for a thread there.
    broadcast: bool,
    /// Opens the channel first.
    opening: Option<ProviderCall>,
}

fn destination(credential: &Credential, outbound: &Outbound, reply_to: Option<&str>) -> Result<Destination, Unsupported> {
    if let Some(thread) = outbound.thread.as_deref() {
        if let Some((channel, root)) = wire::message_parts(thread) {
            return Ok(Destination { channel: channel.to_owned(), root: Some(root.to_owned()), broadcast: false, opening: None });
        }
        let root = reply_to.and_then(wire::message_parts).filter(|(channel, _)| *channel == thread).map(|(_, ts)| ts.to_owned());
        return Ok(Destination { channel: thread.to_owned(), broadcast: root.is_some(), root, opening: None });
    }
    let user = outbound.to.value.rsplit_once('/').map(|(_, user)| user).filter(|user| !user.is_empty());
    let user = user.ok_or_else(|| Unsupported::new("bad_address", "the contact's Slack address names no user"))?;
    let opening =
        asking(credential, "/api/conversations.open", json!({ "users": user }), "conversations.open").capture(DIRECT, "/channel/id");
    Ok(Destination { channel: format!("{{{DIRECT}}}"), root: None, broadcast: false, opening: Some(opening) })
}

fn send(credential: &Credential, outbound: &Outbound, message: &OutboundMessage) -> Result<Vec<ProviderCall>, Unsupported> {
    let destination = destination(credential, outbound, message.reply_to.as_deref())?;
    let words = text::encode_message(&message.content, &message.text);
    let choices = message.extra.as_ref().map(choices).transpose()?;
    let max = if choices.is_some() { SECTION_MAX } else { text::MESSAGE_MAX };
    let pieces = text::pieces(&words, max);
    if pieces.is_empty() && choices.is_some() {
        return Err(Unsupported::new("no_text", "buttons need a text above them"));
    }
    if pieces.is_empty() && message.media.is_empty() {
        return Err(Unsupported::new("no_text", "there is nothing to send"));
    }
    let parts = pieces.len() + usize::from(!message.media.is_empty());
    let last = pieces.len();
    let mut calls: Vec<ProviderCall> = destination.opening.clone().into_iter().collect();
    for (index, piece) in pieces.iter().enumerate() {
        let blocks = choices.as_ref().filter(|_| index + 1 == last);
        let body = post(&destination, message, piece, blocks, (index + 1, parts));
        calls.push(
            ProviderCall::sending("POST", API, "/api/chat.postMessage", Body::Json(body), POST)
                .header("authorization", credential::bearer(credential)),
        );
    }
    if !message.media.is_empty() {
        calls.extend(files::upload(credential, &message.media, &destination.channel, destination.root.as_deref())?);
    }
    Ok(calls)
}

fn post(
    destination: &Destination,
    message: &OutboundMessage,
    piece: &str,
    choices: Option<&Value>,
    (part, parts): (usize, usize),
) -> Value {
    let mut body = json!({
        "channel": destination.channel,
        "text": piece,
        "unfurl_links": false,
        "metadata": { "event_type": METADATA_EVENT, "event_payload": { "id": message.id.to_string(), "part": part, "parts": parts } },
    });
    let Some(fields) = body.as_object_mut() else { return body };
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    if let Some(root) = &destination.root {
        set("thread_ts", json!(root));
    }
    if destination.broadcast {
        set("reply_broadcast", json!(true));
    }
    if let Some(name) = message.author.name.as_deref().and_then(tidy::name) {
        set("username", json!(tidy::cut(&name, USERNAME_MAX)));
    }
    if let Some(picture) = message.author.avatar_url.as_deref().filter(|url| url.starts_with("https://")) {
        set("icon_url", json!(picture));
    }
    if let Some(choices) = choices {
        let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": piece } });
        set("blocks", json!([section, choices]));
    }
    body
}

/// Buttons or a menu as a block; what is pressed comes back with the choice's id as its value.
fn choices(extra: &MessageExtra) -> Result<Value, Unsupported> {
    match extra {
        MessageExtra::Buttons { buttons } => {
            bounded("too_many_buttons", buttons, BUTTONS_MAX, BUTTON_VALUE_MAX)?;
            let elements: Vec<Value> = buttons
                .iter()
                .enumerate()
                .map(|(index, button)| {
                    json!({ "type": "button", "action_id": format!("choice_{}", index + 1), "value": button.id, "text": label(&button.title) })
                })
                .collect();
            Ok(json!({ "type": "actions", "elements": elements }))
        }
        MessageExtra::List { button, rows } => {
            bounded("too_many_rows", rows, ROWS_MAX, ROW_VALUE_MAX)?;
            let options: Vec<Value> = rows.iter().map(row).collect();
            Ok(json!({
                "type": "actions",
                "elements": [{ "type": "static_select", "action_id": "choice", "placeholder": label(button), "options": options }],
            }))
        }
        MessageExtra::Template { .. } => Err(Unsupported::new("unsupported", "Slack has no templates: any text may be sent at any time")),
    }
}

fn row(row: &Choice) -> Value {
    let mut option = json!({ "text": label(&row.title), "value": row.id });
    if let (Some(description), Some(option)) = (row.description.as_deref().and_then(tidy::name), option.as_object_mut()) {
        option.insert("description".to_owned(), label(&description));
    }
    option
}

fn label(text: &str) -> Value {
    json!({ "type": "plain_text", "text": tidy::cut(text, CHOICE_TITLE_MAX), "emoji": true })
}

fn bounded(code: &'static str, choices: &[Choice], most: usize, value_max: usize) -> Result<(), Unsupported> {
    if choices.is_empty() || choices.len() > most {
        return Err(Unsupported::new(code, format!("Slack takes 1 to {most} choices here, not {}", choices.len())));
    }
    if choices.iter().any(|choice| choice.id.is_empty() || choice.id.chars().count() > value_max || choice.title.trim().is_empty()) {
        return Err(Unsupported::new("choice_too_long", format!("each choice needs a title, and an id of at most {value_max} characters")));
    }
    Ok(())
}

fn react(credential: &Credential, target: &str, emoji: Option<&str>, previous: Option<&str>) -> Result<Vec<ProviderCall>, Unsupported> {
    let (channel, ts) = on_message(target)?;
    let call = |path: &'static str, emoji: &str, purpose: &'static str| {
        let name =
            emoji::name_of(emoji).ok_or_else(|| Unsupported::new("unknown_emoji", "Slack's name for this emoji is not known here"))?;
        Ok(asking(credential, path, json!({ "channel": channel, "timestamp": ts, "name": name }), purpose))
    };
    let mut calls = Vec::new();
    // One reaction of ours on a message: the one before goes first.
    if let Some(previous) = previous.filter(|previous| Some(*previous) != emoji) {
        calls.push(call("/api/reactions.remove", previous, "reactions.remove")?);
    }
    if let Some(emoji) = emoji {
        calls.push(call("/api/reactions.add", emoji, "reactions.add")?);
    }
    if calls.is_empty() {
        return Err(Unsupported::new("unsupported", "Slack takes a reaction back by its emoji, and none is named"));
    }
    Ok(calls)
}

fn edit(credential: &Credential, target: &str, words: &str) -> Result<Vec<ProviderCall>, Unsupported> {
    let (channel, ts) = on_message(target)?;
    let words = text::encode_plain(words.trim());
    if words.is_empty() {
        return Err(Unsupported::new("no_text", "a message cannot be changed to nothing: delete it"));
    }
    if words.chars().count() > text::MESSAGE_MAX {
        return Err(Unsupported::new("text_too_long", format!("a changed message may have at most {} characters", text::MESSAGE_MAX)));
    }
    Ok(vec![asking(credential, "/api/chat.update", json!({ "channel": channel, "ts": ts, "text": words }), "chat.update")])
}

fn delete(credential: &Credential, target: &str) -> Result<ProviderCall, Unsupported> {
    if target.starts_with('F') && !target.contains(':') {
        // A file's message is known by the file alone, and goes with it.
        return Ok(asking(credential, "/api/files.delete", json!({ "file": target }), "files.delete"));
    }
    let (channel, ts) = on_message(target)?;
    Ok(asking(credential, "/api/chat.delete", json!({ "channel": channel, "ts": ts }), "chat.delete"))
}

/// A message by its key; presses and commands have keys of our own making and are no messages at Slack.
fn on_message(target: &str) -> Result<(&str, &str), Unsupported> {
    wire::message_parts(target)
        .ok_or_else(|| Unsupported::new("unsupported", "Slack knows no message for this: a file, a press or a command"))
}
