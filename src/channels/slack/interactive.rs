//! Buttons, menus, forms, shortcuts and commands (`slack.md`, parts 3 and 5).
//!
//! Guarantees: pressing one choice twice says it once; a `response_url` is neither kept nor called.

use entities::{ChannelKind, Happening, Inbound, InboundMessage, MessageType, Party, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    inbound::{ignored, installation},
    message::{Installation, Place},
    text, wire,
};
use crate::channels::{
    adapter::{Notification, Unreadable},
    credential::Credential,
    form,
    request::Answer,
    tidy,
};
use crate::crypto::mac;

/// What a person who sends a command reads; nobody else sees it.
const COMMAND_TAKEN: &str = "Thank you, we have your message and will answer you in a direct message.";
/// What a person who sends a command without words reads.
const COMMAND_EMPTY: &str = "Write your question behind the command.";
/// What an empty form is answered with.
const FORM_EMPTY: &str = "Please fill this in.";
/// Most fields of a form, and most buttons of one payload, that are read.
const ITEMS_MAX: usize = 50;

/// What a verified form tells.
pub fn parse(credential: &Credential, pairs: &[(String, String)]) -> Result<Vec<Inbound>, Unreadable> {
    if let Some(payload) = form::first(pairs, "payload") {
        let payload: Value = serde_json::from_str(payload).map_err(|error| Unreadable(format!("the payload is no JSON: {error}")))?;
        let account = wire::account(&payload).or_else(|| wire::id(&payload, "/user/team_id"));
        let account = account.ok_or_else(|| Unreadable("names no workspace".to_owned()))?;
        let happenings = interaction(&payload, installation(credential, &payload, account));
        return Ok(happenings.into_iter().map(|(at, what)| inbound(account, at, what)).collect());
    }
    let named: Map<String, Value> = pairs.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
    let command = Value::Object(named);
    let account = wire::account(&command).ok_or_else(|| Unreadable("names no workspace".to_owned()))?;
    Ok(vec![inbound(account, None, slash(&command, installation(credential, &command, account)))])
}

fn inbound(account: &str, at: Option<Timestamp>, what: Happening) -> Inbound {
    Inbound { channel: ChannelKind::Slack, account: account.to_owned(), at, what }
}

fn interaction(payload: &Value, installation: Installation<'_>) -> Vec<(Option<Timestamp>, Happening)> {
    let kind = wire::text(payload, "/type").unwrap_or_default();
    let Some(party) = party(payload, installation) else { return vec![(None, ignored("an interaction of nobody"))] };
    let one = |what: Happening| vec![(None, what)];
    match kind {
        "block_actions" | "interactive_message" => presses(payload, &party),
        "view_submission" => one(submission(payload, party)),
        "message_action" => one(shortcut_on_message(payload, party, installation)),
        _ => one(ignored(format!("an interaction that says nothing: {}", tidy::cut(kind, 80)))),
    }
}

fn party(payload: &Value, installation: Installation<'_>) -> Option<Party> {
    let user = wire::id(payload, "/user/id")?;
    let team = wire::id(payload, "/user/team_id").unwrap_or(installation.team);
    let name = ["/user/name", "/user/username"].iter().find_map(|at| wire::text(payload, at)).and_then(tidy::name);
    Some(Party { address: wire::address(team, user), also: Vec::new(), name, avatar_url: None })
}

/// Where an interaction took place, and the message that it belongs to.
fn origin(payload: &Value) -> Option<(Place<'_>, &str)> {
    let channel = wire::id(payload, "/container/channel_id").or_else(|| wire::id(payload, "/channel/id"))?;
    let ts = ["/container/message_ts", "/message/ts", "/message_ts", "/original_message/ts"].iter().find_map(|at| wire::ts(payload, at))?;
    Some((Place { channel, direct: wire::is_direct(channel) }, ts))
}

fn presses(payload: &Value, party: &Party) -> Vec<(Option<Timestamp>, Happening)> {
    let actions = payload.get("actions").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let Some((place, ts)) = origin(payload) else { return vec![(None, ignored("a press outside of any message"))] };
    let root = ["/container/thread_ts", "/message/thread_ts"].iter().find_map(|at| wire::ts(payload, at)).unwrap_or(ts);
    let mut told = Vec::new();
    for action in actions.iter().take(ITEMS_MAX) {
        let (label, value) = chosen(action);
        let action_id = ["/action_id", "/name"].iter().find_map(|at| wire::text(action, at)).unwrap_or_default();
        let Some(label) = label.or_else(|| value.clone()) else {
            told.push((None, ignored("a press that chooses nothing")));
            continue;
        };
        // A second press of the same choice says nothing new, whatever its own `action_ts` and `trigger_id` are.
        let press = json!([party.address.value, action_id, value]).to_string();
        let press = hex::encode(mac::short_sha256(press.as_bytes()));
        let mut message = InboundMessage::text(format!("{}/press/{press}", wire::message_id(place.channel, ts)), party.clone(), label);
        message.kind = MessageType::InteractiveReply;
        message.thread = Some(wire::thread(place.channel, place.direct, root));
        message.reply_to = Some(wire::message_id(place.channel, ts));
        message.payload = value;
        told.push((wire::ts(action, "/action_ts").and_then(wire::at), Happening::Message(Box::new(message))));
    }
    if told.is_empty() {
        told.push((None, ignored("an interaction without an action")));
    }
    told
}

/// The words and the machine's value of what was chosen: a button, an option of a menu, or several.
fn chosen(action: &Value) -> (Option<String>, Option<String>) {
    let words = |value: &Value, at: &str| {
        wire::text(value, at).map(|text| tidy::message(&text::decode(text, None))).filter(|text| !text.is_empty())
    };
    let machine = |value: &Value, at: &str| wire::text(value, at).map(tidy::message);
    let option = action.get("selected_option").filter(|option| option.is_object()).or_else(|| action.pointer("/selected_options/0"));
    if let Some(option) = option {
        let several: Vec<String> = action
            .get("selected_options")
            .and_then(Value::as_array)
            .map_or_else(|| std::slice::from_ref(option), Vec::as_slice)
            .iter()
            .take(ITEMS_MAX)
            .filter_map(|option| words(option, "/text/text").or_else(|| words(option, "/value")))
            .collect();
        return (Some(several.join(", ")).filter(|text| !text.is_empty()), machine(option, "/value"));
    }
    let value = ["/value", "/selected_date", "/selected_time", "/selected_user", "/selected_conversation", "/selected_channel"]
        .iter()
        .find_map(|at| machine(action, at));
    (words(action, "/text/text").or_else(|| words(action, "/text")), value)
}

/// The filled-in fields of a form, by block and action, with what was entered.
fn filled(payload: &Value) -> Vec<(String, String, String)> {
    let mut filled = Vec::new();
    let blocks = payload.pointer("/view/state/values").and_then(Value::as_object);
    for (block, fields) in blocks.into_iter().flatten().take(ITEMS_MAX) {
        for (name, field) in fields.as_object().into_iter().flatten().take(ITEMS_MAX) {
            let (label, value) = chosen(field);
            if let Some(entered) = label.or(value).filter(|entered| !entered.trim().is_empty()) {
                filled.push((block.clone(), name.clone(), entered));
            }
        }
    }
    filled
}

fn submission(payload: &Value, party: Party) -> Happening {
    let fields = filled(payload);
    let Some(view) = wire::id(payload, "/view/id").filter(|_| !fields.is_empty()) else { return ignored("an empty form") };
    let mut said = String::new();
    for (_, name, entered) in &fields {
        said.push_str(&format!("{name}: {entered}\n"));
    }
    let mut message = InboundMessage::text(format!("view:{view}"), party, tidy::message(&said));
    message.kind = MessageType::FormReply;
    message.payload = wire::text(payload, "/view/callback_id").map(tidy::message);
    let values: Vec<Value> =
        fields.iter().map(|(block, name, entered)| json!({ "block": block, "field": name, "value": entered })).collect();
    let private = wire::text(payload, "/view/private_metadata").map(tidy::message);
    message.details = Some(json!({ "form": values, "private_metadata": private }));
    Happening::Message(Box::new(message))
}

/// "Send this message to support": the message, said by who passed it on.
fn shortcut_on_message(payload: &Value, party: Party, installation: Installation<'_>) -> Happening {
    let Some((place, ts)) = origin(payload) else { return ignored("a shortcut on no message") };
    let message = payload.get("message").unwrap_or(&Value::Null);
    if installation.posted(message) {
        return ignored("a shortcut on our own message");
    }
    let Some(mut shared) = super::message::read(message, place, installation) else { return ignored("a shortcut on no message") };
    let root = wire::ts(message, "/thread_ts").unwrap_or(ts);
    let by = hex::encode(mac::short_sha256(party.address.value.as_bytes()));
    shared.id = format!("{}/shared/{by}", wire::message_id(place.channel, ts));
    shared.kind = if shared.media.is_empty() { MessageType::Share } else { shared.kind };
    shared.thread = Some(wire::thread(place.channel, place.direct, root));
    shared.party = party;
    Happening::Message(Box::new(shared))
}

/// A command: what stands behind it is the message. It stands in no thread; the answer goes to a direct message.
fn slash(command: &Value, installation: Installation<'_>) -> Happening {
    let (Some(user), Some(trigger)) = (wire::id(command, "/user_id"), wire::text(command, "/trigger_id")) else {
        return ignored("a form that is neither an interaction nor a command");
    };
    let said = tidy::message(&text::decode(wire::text(command, "/text").unwrap_or_default(), None));
    if said.is_empty() {
        return ignored("a command without words");
    }
    let name = wire::text(command, "/user_name").and_then(tidy::name);
    let party = Party { address: wire::address(installation.team, user), also: Vec::new(), name, avatar_url: None };
    // Slack gives a command no id; its trigger is its own, and a repeat repeats it (part 5).
    let mut message = InboundMessage::text(format!("slash:{}", tidy::cut(trigger, 100)), party, said);
    message.thread = wire::id(command, "/channel_id").filter(|channel| wire::is_direct(channel)).map(str::to_owned);
    message.details = Some(json!({ "command": wire::text(command, "/command").map(|command| tidy::cut(command, 100)) }));
    Happening::Message(Box::new(message))
}

/// What a committed request is answered with: nothing, but for menus, empty forms and commands.
pub fn acknowledgement(notification: &Notification) -> Answer {
    if notification.content_type != "application/x-www-form-urlencoded" {
        return Answer::empty(200);
    }
    let pairs = form::decode(&notification.body);
    let Some(payload) = form::first(&pairs, "payload") else {
        return match form::first(&pairs, "command") {
            None => Answer::empty(200),
            Some(_) if form::first(&pairs, "text").is_none_or(|text| text.trim().is_empty()) => Answer::plain(COMMAND_EMPTY),
            Some(_) => Answer::plain(COMMAND_TAKEN),
        };
    };
    let payload: Value = serde_json::from_str(payload).unwrap_or(Value::Null);
    let answer = match wire::text(&payload, "/type") {
        Some("block_suggestion") => json!({ "options": [] }),
        Some("view_submission") if filled(&payload).is_empty() => {
            let block = payload.pointer("/view/state/values").and_then(Value::as_object).and_then(|blocks| blocks.keys().next());
            let Some(block) = block else { return Answer::empty(200) };
            json!({ "response_action": "errors", "errors": { block.as_str(): FORM_EMPTY } })
        }
        _ => return Answer::empty(200),
    };
    Answer { status: 200, content_type: "application/json", body: answer.to_string() }
}
