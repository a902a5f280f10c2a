//! What was said while nobody heard it (`slack.md`, part 7): Slack gives up on an event after some minutes, and shows for good what stands in the
//! channels that the bot is in.
//!
//! Guarantees: a message that is read here has the id that its event gives it, so it is stored once, whichever comes first; what we posted
//! ourselves is the receipt of it or nothing.
//!
//! Does not: find reactions, what was deleted without leaving a stone, or edits of what was said before; nor what was said in a direct message's
//! threads whose root is older and in which we have not been. Group messages are not listed: that takes a scope that the app does not ask for.

use entities::{ChannelKind, Happening, Inbound, Timestamp};
use serde_json::Value;

use super::{
    answers, credential,
    files::API,
    inbound,
    message::{Installation, Place},
    wire,
};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    histories::{Asked, Histories, Page},
};

/// The purpose of the calls.
const LIST: &str = "missed";
/// Channels a page, and messages a page: some kilobytes each, well within an answer's mebibyte. Slack gives 15 messages to apps that are sold
/// outside its Marketplace, whatever they ask for (part 11).
const CHANNELS_PAGE: &str = "200";
const MESSAGES_PAGE: &str = "100";
/// What the bot's scopes let it list (part 12).
const TYPES: &str = "public_channel,private_channel,im";
/// Most that is read of one page.
const ENTRIES_MAX: usize = 1_000;

/// Slack's channels and threads. A subject is a channel's id, or a thread's key.
pub struct Rooms;

impl Histories for Rooms {
    fn who(&self, credential: &Credential) -> ProviderCall {
        answers::check(credential)
    }

    fn ask(&self, credential: &Credential, subject: &str, since: Timestamp, cursor: Option<&str>) -> Option<ProviderCall> {
        let oldest = wire::ts_of(since);
        let said = [("oldest", oldest.as_str()), ("inclusive", "true"), ("include_all_metadata", "true"), ("limit", MESSAGES_PAGE)];
        let (path, mut pairs) = match (subject, wire::message_parts(subject)) {
            ("", _) => ("/api/users.conversations", vec![("types", TYPES), ("exclude_archived", "true"), ("limit", CHANNELS_PAGE)]),
            (_, Some((channel, root))) => {
                ("/api/conversations.replies", [("channel", channel), ("ts", root)].into_iter().chain(said).collect())
            }
            (channel, None) if wire::is_id(channel) => {
                ("/api/conversations.history", [("channel", channel)].into_iter().chain(said).collect())
            }
            _ => return None,
        };
        pairs.extend(cursor.map(|cursor| ("cursor", cursor)));
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(ProviderCall::asking("POST", API, path, Body::Form(pairs), LIST).header("authorization", credential::bearer(credential)))
    }

    fn is_thread(&self, subject: &str) -> bool {
        wire::message_parts(subject).is_some()
    }

    fn read(&self, credential: &Credential, asked: &Asked<'_>, reply: &ProviderReply) -> Page {
        let answer = reply.json();
        let cursor = wire::cursor(&answer).map(str::to_owned);
        if asked.subject.is_empty() {
            let channels = list(&answer, "channels").iter().filter_map(|channel| wire::id(channel, "/id"));
            return Page { items: Vec::new(), further: channels.map(str::to_owned).collect(), cursor };
        }
        let (channel, thread) = wire::message_parts(asked.subject).map_or((asked.subject, None), |(channel, root)| (channel, Some(root)));
        let who = asked.who.json();
        let installation = installation(credential, asked.account, &who);
        // A thread's page begins with its root, whenever that was said.
        let fresh = |message: &&Value| wire::ts(message, "/ts").and_then(wire::at).is_some_and(|at| at >= asked.since);
        let mut messages: Vec<&Value> = list(&answer, "messages").iter().take(ENTRIES_MAX).filter(fresh).collect();
        messages.sort_by_key(|message| wire::ts(message, "/ts").and_then(wire::micros));
        let told = |message: &&Value| Inbound {
            channel: ChannelKind::Slack,
            account: asked.account.to_owned(),
            at: wire::ts(message, "/ts").and_then(wire::at),
            what: happened(message, channel, installation),
        };
        let items = messages.iter().map(told).filter(|told| !matches!(told.what, Happening::Ignored { .. })).collect();
        let threads = messages.iter().filter(|_| thread.is_none()).filter_map(|message| answered(message, channel, asked.since));
        Page { items, further: threads.collect(), cursor }
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer.get(name).and_then(Value::as_array).map_or(&[], |list| list.get(..list.len().min(ENTRIES_MAX)).unwrap_or_default())
}

/// What is ours there, as `auth.test` and the credential name it: a message does not say for whom it is shown.
fn installation<'a>(credential: &'a Credential, account: &'a str, who: &'a Value) -> Installation<'a> {
    Installation {
        team: wire::id(who, "/team_id").unwrap_or(account),
        app: credential.secret(credential::APP_ID),
        bot_user: wire::id(who, "/user_id"),
        bot: credential.secret(credential::BOT_ID).or_else(|| wire::id(who, "/bot_id")),
        other_bots: credential.secret(credential::OTHER_BOTS) == Some(credential::ALLOW),
    }
}

/// What a message's events would have told.
fn happened(message: &Value, channel: &str, installation: Installation<'_>) -> Happening {
    let place = Place { channel, direct: wire::is_direct(channel) };
    if wire::text(message, "/subtype") == Some("tombstone") {
        let target = wire::ts(message, "/ts").map(|ts| wire::message_id(channel, ts));
        return target.map_or_else(|| inbound::ignored("a tombstone that names no message"), |target| Happening::Deletion { target });
    }
    let revision = wire::ts(message, "/edited/ts").and_then(wire::micros);
    match (inbound::told(message, place, installation), revision) {
        (Happening::Message(message), Some(revision)) => Happening::Edit { message, revision },
        (happening, _) => happening,
    }
}

/// The thread that a message is the root of, if something was said there since.
fn answered(message: &Value, channel: &str, since: Timestamp) -> Option<String> {
    let root = wire::ts(message, "/thread_ts").filter(|root| Some(*root) == wire::ts(message, "/ts"))?;
    let latest = wire::ts(message, "/latest_reply").and_then(wire::at);
    latest.is_none_or(|latest| latest >= since).then(|| wire::message_id(channel, root))
}
