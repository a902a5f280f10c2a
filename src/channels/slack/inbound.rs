//! Events (`slack.md`, part 4) as what happened.
//!
//! Guarantees: one request tells one thing; what our own app did becomes a receipt of it or nothing at all.

use entities::{
    Consequence, Happening, Inbound, InboundMessage, Receipt, ReceiptStatus,
    inbound::{ChannelNews, ChannelNewsKind},
};
use serde_json::{Value, json};

use super::{
    credential, emoji, interactive,
    message::{self, Installation, Place},
    outbound, wire,
};
use crate::channels::{
    adapter::{Notification, Unreadable},
    credential::Credential,
    form, tidy,
};

/// Subtypes of messages that say nothing of a person's (part 4.11).
const NOBODY_SAYS: &[&str] = &[
    "channel_join",
    "channel_leave",
    "channel_topic",
    "channel_purpose",
    "channel_name",
    "channel_archive",
    "channel_unarchive",
    "group_join",
    "group_leave",
    "group_topic",
    "group_purpose",
    "group_name",
    "group_archive",
    "group_unarchive",
    "pinned_item",
    "reminder_add",
    "bot_add",
    "bot_remove",
    "ekm_access_denied",
    "huddle_thread",
    "assistant_app_thread",
];

/// What a verified request tells.
pub fn parse(credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    if notification.content_type == "application/x-www-form-urlencoded" {
        return interactive::parse(credential, &form::decode(&notification.body));
    }
    let envelope: Value = serde_json::from_slice(&notification.body).map_err(|error| Unreadable(format!("no JSON: {error}")))?;
    let account = wire::account(&envelope).ok_or_else(|| Unreadable("names no workspace".to_owned()))?;
    let at = wire::ts(&envelope, "/event/ts").or_else(|| wire::ts(&envelope, "/event/event_ts"));
    let at = at.and_then(wire::at).or_else(|| {
        let seconds = envelope.get("event_time").and_then(Value::as_i64).filter(|seconds| (0..=99_999_999_999).contains(seconds))?;
        Some(entities::Timestamp::from_micros(seconds * 1_000_000))
    });
    let what = outer(credential, &envelope, account);
    Ok(vec![Inbound { channel: entities::ChannelKind::Slack, account: account.to_owned(), at, what }])
}

/// Nothing to do.
pub fn ignored(reason: impl Into<String>) -> Happening {
    Happening::Ignored { reason: reason.into() }
}

fn outer(credential: &Credential, envelope: &Value, account: &str) -> Happening {
    match wire::text(envelope, "/type") {
        Some("event_callback") => {}
        Some("app_rate_limited") => {
            return news(
                ChannelNewsKind::Notice,
                "Slack dropped events: more than 30,000 an hour came from this workspace",
                json!({ "app_rate_limited": true, "minute": envelope.get("minute_rate_limited") }),
            );
        }
        other => return ignored(format!("an outer type {} that is not known", tidy::cut(other.unwrap_or("(none)"), 80))),
    }
    let installation = installation(credential, envelope, account);
    if let (Some(own), Some(app)) = (credential.secret(credential::APP_ID), wire::id(envelope, "/api_app_id"))
        && own != app
    {
        return ignored("for another app");
    }
    let event = envelope.get("event").unwrap_or(&Value::Null);
    match wire::text(event, "/type").unwrap_or_default() {
        "message" | "app_mention" => said(event, installation),
        "reaction_added" => reaction(event, installation, true),
        "reaction_removed" => reaction(event, installation, false),
        kind => lifecycle(kind, event, installation),
    }
}

/// Which installation an envelope is for, and what is ours there. The app is known from the credential and from the envelope: its own
/// signature vouches for that.
pub fn installation<'a>(credential: &'a Credential, envelope: &'a Value, account: &'a str) -> Installation<'a> {
    let authorization = envelope.pointer("/authorizations/0").unwrap_or(&Value::Null);
    let bot = authorization.get("is_bot").and_then(Value::as_bool).unwrap_or(false);
    Installation {
        team: ["/team_id", "/team/id"]
            .iter()
            .find_map(|at| wire::id(authorization, at).or_else(|| wire::id(envelope, at)))
            .unwrap_or(account),
        app: credential.secret(credential::APP_ID).or_else(|| wire::id(envelope, "/api_app_id")),
        bot_user: wire::id(authorization, "/user_id").filter(|_| bot),
        bot: credential.secret(credential::BOT_ID),
        other_bots: credential.secret(credential::OTHER_BOTS) == Some(credential::ALLOW),
    }
}

/// A message event of any subtype.
fn said(event: &Value, installation: Installation<'_>) -> Happening {
    let Some(place) = Place::of(event) else { return ignored("a message without a channel") };
    match wire::text(event, "/subtype") {
        Some("message_changed") => changed(event, place, installation),
        Some("message_deleted") => {
            let ts = wire::ts(event, "/deleted_ts").or_else(|| wire::ts(event, "/previous_message/ts"));
            ts.map_or_else(
                || ignored("a deletion that names no message"),
                |ts| Happening::Deletion { target: wire::message_id(place.channel, ts) },
            )
        }
        _ => told(event, place, installation),
    }
}

/// A message as it stands there: somebody's, our own, or nobody's.
pub fn told(message: &Value, place: Place<'_>, installation: Installation<'_>) -> Happening {
    let subtype = wire::text(message, "/subtype").unwrap_or_default();
    if NOBODY_SAYS.contains(&subtype) {
        return ignored(format!("nobody says it: {subtype}"));
    }
    if installation.posted(message) {
        return own(message, place);
    }
    if let Some(reason) = unwanted_bot(message, installation) {
        return ignored(reason);
    }
    let known = matches!(subtype, "" | "file_share" | "thread_broadcast" | "me_message" | "bot_message");
    if !known && wire::text(message, "/text").is_none() {
        return ignored(format!("a kind of message that is not known: {}", tidy::cut(subtype, 80)));
    }
    message::read(message, place, installation)
        .map_or_else(|| ignored("a message without an author or a ts"), |message| Happening::Message(Box::new(message)))
}

fn unwanted_bot(message: &Value, installation: Installation<'_>) -> Option<&'static str> {
    (message::is_bots(message) && !installation.other_bots).then_some("another bot's")
}

/// What our own app posted: the receipt of a message of ours, where it says which. Files come without our id: they are known by Slack's id
/// of the file, which is what their sending was answered with (part 9).
fn own(event: &Value, place: Place<'_>) -> Happening {
    let Some(ts) = wire::ts(event, "/ts") else { return ignored("our own") };
    let delivered = |target: String, own_id: Option<String>| {
        Happening::Receipt(Receipt { target, own_id, status: ReceiptStatus::Delivered, error: None, consequence: Consequence::None })
    };
    let payload = event.pointer("/metadata/event_payload").unwrap_or(&Value::Null);
    let ours = wire::text(event, "/metadata/event_type") == Some(outbound::METADATA_EVENT);
    if let Some(id) = wire::id(payload, "/id").filter(|_| ours) {
        return delivered(wire::message_id(place.channel, ts), Some(id.to_owned()));
    }
    if let Some(file) = wire::id(event, "/files/0/id") {
        return delivered(file.to_owned(), None);
    }
    ignored("our own")
}

/// `message_changed`: an edit, a deletion in disguise, or nothing.
fn changed(event: &Value, place: Place<'_>, installation: Installation<'_>) -> Happening {
    let now = event.get("message").unwrap_or(&Value::Null);
    if wire::text(now, "/subtype") == Some("tombstone") {
        return wire::ts(now, "/ts").map_or_else(
            || ignored("a tombstone that names no message"),
            |ts| Happening::Deletion { target: wire::message_id(place.channel, ts) },
        );
    }
    let before = event.get("previous_message").filter(|before| before.is_object());
    if installation.posted(now) || before.is_some_and(|before| installation.posted(before)) {
        return ignored("our own, changed");
    }
    if let Some(reason) = unwanted_bot(now, installation) {
        return ignored(reason);
    }
    let edited = wire::ts(now, "/edited/ts");
    if !before.map_or(edited.is_some(), |before| message::differs(now, before)) {
        return ignored("changed in nothing that is said");
    }
    let revision =
        wire::text(event, "/event_ts").or_else(|| wire::text(event, "/ts")).or(edited).and_then(wire::micros).unwrap_or_default();
    message::read(now, place, installation).map_or_else(
        || ignored("a changed message without an author or a ts"),
        |message: InboundMessage| Happening::Edit { message: Box::new(message), revision },
    )
}

fn reaction(event: &Value, installation: Installation<'_>, added: bool) -> Happening {
    if wire::text(event, "/item/type").is_some_and(|kind| kind != "message") {
        return ignored("a reaction to something that is no message");
    }
    if installation.posted(event) {
        return ignored("our own reaction");
    }
    let (Some(channel), Some(ts)) = (wire::id(event, "/item/channel"), wire::ts(event, "/item/ts")) else {
        return ignored("a reaction that names no message");
    };
    let name = wire::text(event, "/reaction").filter(|name| emoji::is_name(name));
    let (Some(from), Some(name)) = (message::party(event, installation), name) else {
        return ignored("a reaction of nobody or of nothing");
    };
    let emoji = added.then(|| emoji::by_name(name).unwrap_or_else(|| format!(":{name}:")));
    Happening::Reaction { target: wire::message_id(channel, ts), from, emoji }
}

fn news(kind: ChannelNewsKind, detail: &str, data: Value) -> Happening {
    Happening::Channel(ChannelNews { kind, detail: detail.to_owned(), data: Some(data) })
}

/// What happens to the installation (parts 4.10 and 4.11).
fn lifecycle(kind: &str, event: &Value, installation: Installation<'_>) -> Happening {
    let channel = wire::id(event, "/channel").or_else(|| wire::id(event, "/channel/id"));
    match kind {
        "app_uninstalled" => news(ChannelNewsKind::Uninstalled, "the app was removed from the workspace: install it again", json!({})),
        "tokens_revoked" => {
            let bots = event.pointer("/tokens/bot").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            // An app has one bot in a workspace: where ours is not named, any is ours.
            let ours = bots.iter().filter_map(Value::as_str).any(|bot| installation.bot_user.is_none_or(|own| own == bot));
            if ours {
                news(ChannelNewsKind::TokenRevoked, "the bot's token was revoked: install the app again", json!({}))
            } else {
                ignored("tokens of people, of which we have none")
            }
        }
        "member_joined_channel" if installation.bot_user.is_some() && wire::text(event, "/user") == installation.bot_user => {
            news(ChannelNewsKind::Notice, "the bot was added to a Slack channel", json!({ "joined": channel }))
        }
        "channel_archive" | "channel_deleted" | "channel_left" | "group_archive" | "group_deleted" | "group_left" => news(
            ChannelNewsKind::Notice,
            "a Slack channel was archived or deleted, or the bot was removed from it: answers to its threads will be refused",
            json!({ "lost": channel, "event": kind }),
        ),
        "user_change" => {
            let user = event.get("user").unwrap_or(&Value::Null);
            let names = ["/profile/display_name", "/profile/real_name_normalized", "/profile/real_name", "/real_name"];
            let name = names.iter().find_map(|at| wire::text(user, at)).and_then(tidy::name);
            match (wire::id(user, "/id"), name) {
                (Some(id), Some(name)) => Happening::ContactChanged {
                    known_by: wire::address(wire::id(user, "/team_id").unwrap_or(installation.team), id),
                    also: Vec::new(),
                    name: Some(name),
                },
                _ => ignored("a user without a name"),
            }
        }
        _ => ignored(format!("an event that is not known: {}", tidy::cut(kind, 80))),
    }
}
