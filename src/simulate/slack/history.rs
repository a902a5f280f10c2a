//! What stands in channels and threads, page by page (specification `slack` 7, 10, 11): what an app reads that has missed events.

use std::collections::{BTreeMap, VecDeque};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{ARCHIVED_CHANNEL, BOT, BOT_USER, CHANNEL, OTHER_CHANNEL, Slack, api::failed, files, text as markup, told};
use crate::simulate::{
    provider::{Reply, text},
    world::{Customer, Message, Side, World, count_within},
};

/// Objects of a page, if nobody asks for another number, and most (`conversations.history`, argument `limit`).
const PAGE_USUAL: usize = 100;
const PAGE_MAX: usize = 999;
/// Objects of a page for an app that is sold outside the Marketplace, and its requests a minute (11).
const SOLD_PAGE_MAX: usize = 15;
const SOLD_A_MINUTE: usize = 1;
/// Requests a minute to a method of tier 3 (11).
const TIER_3_A_MINUTE: usize = 50;
const MINUTE_MS: i64 = 60_000;

/// When each method was called last, for its limit.
pub type Calls = BTreeMap<String, VecDeque<i64>>;

/// Where a page ends: the next one begins behind this message, towards the newer or the older.
struct Cursor {
    newer: bool,
    ts: String,
}

impl Cursor {
    fn written(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", if self.newer { "newer" } else { "older" }, self.ts))
    }

    fn read(text: &str) -> Option<Self> {
        let plain = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (way, ts) = plain.split_once(':')?;
        Some(Self { newer: way == "newer", ts: ts.to_owned() })
    }
}

impl Slack {
    /// Whether a method was called too often; then after how many seconds it may be called again.
    fn is_too_often(&self, world: &World, method: &str) -> Option<i64> {
        let most = if self.sold { SOLD_A_MINUTE } else { TIER_3_A_MINUTE };
        let now_ms = world.now_ms();
        self.note(|books| {
            let calls = books.calls.entry(method.to_owned()).or_default();
            let oldest = calls.iter().find(|at| **at > now_ms - MINUTE_MS).copied();
            if calls.iter().filter(|at| **at > now_ms - MINUTE_MS).count() >= most {
                return oldest.map(|at| ((at + MINUTE_MS - now_ms) + 999) / 1_000);
            }
            count_within(calls, now_ms, MINUTE_MS, most);
            None
        })
    }

    fn page(&self, given: &Value) -> usize {
        let wanted = given.get("limit").and_then(|limit| limit.as_u64().or_else(|| limit.as_str()?.parse().ok()));
        let (usual, most) = if self.sold { (SOLD_PAGE_MAX, SOLD_PAGE_MAX) } else { (PAGE_USUAL, PAGE_MAX) };
        wanted.map_or(usual, |wanted| usize::try_from(wanted).unwrap_or(most)).clamp(1, most)
    }

    /// The messages of a channel, newest first, or of a thread, oldest first, between two instants. Where only the earlier one is given, the page
    /// is the one next to it, and pages go on towards the newer.
    pub(super) fn history(&self, world: &World, method: &str, given: &Value) -> Reply {
        let channel = text(given, "/channel");
        let root = if method == "conversations.replies" { text(given, "/ts") } else { "" };
        if let Some(seconds) = self.is_too_often(world, method) {
            return Reply::json(429, json!({"ok": false, "error": "ratelimited"})).header("retry-after", seconds.to_string());
        }
        if let Err(error) = self.may_read(world, channel) {
            return failed(error);
        }
        let Some(mut found) = found(world, channel, root, given) else { return failed("thread_not_found") };
        let (oldest, latest) = (text(given, "/oldest"), text(given, "/latest"));
        let cursor = match text(given, "/cursor") {
            "" => None,
            cursor => match Cursor::read(cursor) {
                Some(cursor) => Some(cursor),
                None => return failed("invalid_cursor"),
            },
        };
        let newer = cursor.as_ref().map_or(!root.is_empty() || (latest.is_empty() && !oldest.is_empty()), |cursor| cursor.newer);
        if !newer {
            found.reverse();
        }
        if let Some(cursor) = &cursor {
            let ts = |message: &Message| told::parts(&message.id).1.to_owned();
            found.retain(|(_, message)| if newer { ts(message) > cursor.ts } else { ts(message) < cursor.ts });
        }
        let limit = self.page(given);
        let more = found.len() > limit;
        found.truncate(limit);
        let end = found.last().filter(|_| more).map(|(_, message)| Cursor { newer, ts: told::parts(&message.id).1.to_owned() });
        // A channel's page stands newest first, whichever way the pages go.
        if newer && root.is_empty() {
            found.reverse();
        }
        let metadata = given.get("include_all_metadata").is_some_and(|wanted| wanted == true || wanted == "true" || wanted == "1");
        let messages: Vec<Value> = found.iter().map(|(customer, message)| self.listed(world, customer, message, metadata)).collect();
        let mut answer = json!({"ok": true, "messages": messages, "has_more": more});
        if let (Some(end), Some(answer)) = (end, answer.as_object_mut()) {
            answer.insert("response_metadata".to_owned(), json!({"next_cursor": end.written()}));
        }
        Reply::json(200, answer)
    }

    fn may_read(&self, world: &World, channel: &str) -> Result<(), &'static str> {
        match channel {
            CHANNEL | OTHER_CHANNEL | ARCHIVED_CHANNEL if self.note(|books| books.joined.contains(channel)) => Ok(()),
            OTHER_CHANNEL | ARCHIVED_CHANNEL => Err("not_in_channel"),
            direct if told::user_of_direct(direct).is_some_and(|user| world.customer(&user).is_some()) => Ok(()),
            _ => Err("channel_not_found"),
        }
    }

    /// The channels that the bot is in, page by page.
    pub(super) fn own_channels(&self, world: &World, given: &Value) -> Reply {
        let kinds = text(given, "/types");
        let is_wanted = |kind: &str| kinds.split(',').any(|wanted| wanted.trim() == kind) || (kinds.is_empty() && kind == "public_channel");
        let mut ids: Vec<String> = Vec::new();
        if is_wanted("public_channel") {
            ids.extend(self.note(|books| books.joined.iter().cloned().collect::<Vec<_>>()));
        }
        if is_wanted("im") {
            ids.extend(world.customers.iter().filter(|one| !one.messages.is_empty()).map(|one| told::direct_channel(&one.key)));
        }
        let begin: usize = match text(given, "/cursor") {
            "" => 0,
            cursor => match cursor.strip_prefix("at").and_then(|at| at.parse().ok()) {
                Some(begin) => begin,
                None => return failed("invalid_cursor"),
            },
        };
        let limit =
            given.get("limit").and_then(|limit| limit.as_u64().or_else(|| limit.as_str()?.parse().ok())).unwrap_or(PAGE_USUAL as u64);
        let limit = usize::try_from(limit).unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
        let page: Vec<Value> = ids.iter().skip(begin).take(limit).map(|id| self.described(id)).collect();
        let end = begin + page.len();
        let next = if end < ids.len() { format!("at{end}") } else { String::new() };
        Reply::json(200, json!({"ok": true, "channels": page, "response_metadata": {"next_cursor": next}}))
    }

    fn listed(&self, world: &World, customer: &Customer, message: &Message, metadata: bool) -> Value {
        let (_, ts) = told::parts(&message.id);
        let mut listed = json!({"type": "message", "text": markup::written(&message.text), "ts": ts, "team": self.team_id});
        let Some(fields) = listed.as_object_mut() else { return listed };
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        let by_bot = message.from == Side::Business;
        set("user", if by_bot { BOT_USER.into() } else { customer.key.as_str().into() });
        if by_bot {
            set("bot_id", BOT.into());
            set("app_id", self.app_id.as_str().into());
        }
        if message.edited {
            set("edited", json!({"user": if by_bot { BOT_USER } else { &customer.key }, "ts": ts}));
        }
        if !by_bot && !message.files.is_empty() {
            let kept = message.files.iter().filter_map(|file| world.file(file.file_id.as_deref()?));
            let described: Vec<Value> = kept.map(|file| files::described(world, &self.team_id, &customer.key, file)).collect();
            set("files", described.into());
        }
        let replies: Vec<&Message> = answers(world, &message.id).collect();
        if let Some(root) = &message.reply_to {
            set("thread_ts", told::parts(root).1.into());
        } else if let Some(latest) = replies.iter().map(|reply| told::parts(&reply.id).1).max() {
            set("thread_ts", ts.into());
            set("reply_count", replies.len().into());
            set("latest_reply", latest.into());
        }
        if message.deleted {
            set("subtype", "tombstone".into());
            set("text", "This message was deleted.".into());
            set("user", "USLACKBOT".into());
            set("hidden", true.into());
        }
        if message.kind == "thread_broadcast" {
            set("subtype", "thread_broadcast".into());
        }
        let kept = message.reference.as_deref().filter(|_| metadata).and_then(|kept| serde_json::from_str::<Value>(kept).ok());
        if let Some(kept) = kept {
            set("metadata", kept);
        }
        listed
    }
}

/// What answers a message.
fn answers<'a>(world: &'a World, id: &'a str) -> impl Iterator<Item = &'a Message> {
    let all = world.customers.iter().flat_map(|customer| customer.messages.iter());
    all.filter(move |message| message.reply_to.as_deref() == Some(id) && !message.deleted)
}

/// What is listed, the oldest first: of a channel what stands in it and not in its threads, of a thread its root and its answers. `None`: there
/// is no such thread.
fn found<'a>(world: &'a World, channel: &str, root: &str, given: &Value) -> Option<Vec<(&'a Customer, &'a Message)>> {
    let (oldest, latest) = (text(given, "/oldest"), text(given, "/latest"));
    let inclusive = given.get("inclusive").is_some_and(|inclusive| inclusive == true || inclusive == "true" || inclusive == "1");
    let within = |ts: &str| {
        let edge = inclusive && (ts == oldest || ts == latest);
        edge || ((oldest.is_empty() || ts > oldest) && (latest.is_empty() || ts < latest))
    };
    let thread = told::id_of(channel, root);
    let all = world.customers.iter().flat_map(|customer| customer.messages.iter().map(move |message| (customer, message)));
    let here = all.filter(|(_, message)| told::parts(&message.id).0 == channel);
    // What was deleted is gone, unless others have answered it.
    let there = here.filter(|(_, message)| !message.deleted || answers(world, &message.id).next().is_some());
    let mut found: Vec<(&Customer, &Message)> = if root.is_empty() {
        there
            .filter(|(_, message)| message.reply_to.is_none() || message.kind == "thread_broadcast")
            .filter(|(_, message)| within(told::parts(&message.id).1))
            .collect()
    } else {
        there
            .filter(|(_, message)| message.id == thread || message.reply_to.as_ref() == Some(&thread))
            .filter(|(_, message)| message.id == thread || within(told::parts(&message.id).1))
            .collect()
    };
    if !root.is_empty() && found.is_empty() {
        return None;
    }
    found.sort_by(|(_, a), (_, b)| told::parts(&a.id).1.cmp(told::parts(&b.id).1));
    Some(found)
}
