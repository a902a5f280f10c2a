//! What the business calls (specification `slack` 9, 10, 12).

use serde_json::{Map, Value, json};

use super::{ARCHIVED_CHANNEL, BOT, BOT_USER, CHANNEL, OTHER_CHANNEL, Slack, errors, told};
use crate::simulate::{
    faults::Switch,
    provider::{ApiRequest, Reply, text},
    world::{Customer, World},
};

/// An error, as Slack says it.
pub fn failed(code: &str) -> Reply {
    let http = errors::FAULTS.iter().find(|fault| fault.code == code).map_or(200, |fault| fault.http);
    let reply = Reply::json(http, json!({"ok": false, "error": code}));
    if http == 429 { reply.header("retry-after", "1") } else { reply }
}

/// The scope that a method needs (10).
fn scope_of(method: &str) -> Option<&'static str> {
    Some(match method {
        "chat.postMessage" | "chat.update" | "chat.delete" | "chat.postEphemeral" => "chat:write",
        "conversations.open" => "im:write",
        "conversations.join" => "channels:join",
        "conversations.info" | "conversations.list" | "conversations.members" | "users.conversations" => "channels:read",
        "conversations.history" | "conversations.replies" => "channels:history",
        "users.info" | "users.list" => "users:read",
        "users.lookupByEmail" => "users:read.email",
        "reactions.add" | "reactions.remove" => "reactions:write",
        "files.info" => "files:read",
        "files.getUploadURLExternal" | "files.completeUploadExternal" | "files.delete" => "files:write",
        "team.info" => "team:read",
        _ => return None,
    })
}

/// What was given: JSON, a form, or the query.
fn given(call: &ApiRequest) -> Value {
    let mut given: Map<String, Value> = call.query.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    match call.json() {
        Value::Object(fields) => given.extend(fields),
        _ => given.extend(call.form().into_iter().map(|(name, value)| (name, value.into()))),
    }
    Value::Object(given)
}

impl Slack {
    /// Answers a call.
    pub(super) fn answer(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["oauth", "v2", "authorize"]) => self.consent(world, call),
            ("GET", ["files-pri", place, ..]) => self.download(world, call, place),
            ("POST", ["upload", "v1", number]) => self.take_bytes(world, call, number),
            ("POST", ["actions", ..]) => Reply::json(200, json!({"ok": true})),
            (_, ["api", "oauth.v2.access"]) => self.access(world, call, &given(call)),
            (_, ["api", method]) => self.method(world, call, method),
            _ => Reply::json(404, json!({"ok": false, "error": "unknown_method"})),
        }
    }

    fn method(&self, world: &mut World, call: &ApiRequest, method: &str) -> Reply {
        let given = given(call);
        let token = call.bearer().unwrap_or_else(|| text(&given, "/token"));
        if token.is_empty() {
            return failed("not_authed");
        }
        if !self.note(|books| books.tokens.contains(token)) {
            return failed("invalid_auth");
        }
        let now_ms = world.now_ms();
        let is_over = self.note(|books| books.ends_ms.get(token).is_some_and(|ends_ms| *ends_ms <= now_ms));
        if is_over || world.is_on(Switch::TokenExpired) {
            return failed("token_expired");
        }
        if let Some(needed) = scope_of(method).filter(|needed| !self.scopes.split(',').any(|scope| scope == *needed)) {
            return Reply::json(200, json!({"ok": false, "error": "missing_scope", "needed": needed, "provided": self.scopes}));
        }
        if world.is_on(Switch::RateLimit) && method != "auth.test" {
            return failed("ratelimited");
        }
        match method {
            "auth.test" => Reply::json(200, self.identity()).header("x-oauth-scopes", self.scopes.clone()),
            "chat.postMessage" => self.post_message(world, &given),
            "chat.update" => self.update(world, &given),
            "chat.delete" => self.delete_message(world, &given),
            "chat.postEphemeral" => Reply::json(200, json!({"ok": true, "message_ts": told::fresh_ts(world)})),
            "reactions.add" => self.react_as_bot(world, &given, true),
            "reactions.remove" => self.react_as_bot(world, &given, false),
            "conversations.open" => open(world, &given),
            "conversations.join" => self.join(&given),
            "conversations.info" => self.channel(world, &given),
            "conversations.list" => {
                let channels: Vec<Value> = [CHANNEL, OTHER_CHANNEL, ARCHIVED_CHANNEL].map(|id| self.described(id)).into();
                Reply::json(200, json!({"ok": true, "channels": channels, "response_metadata": {"next_cursor": ""}}))
            }
            "conversations.members" => {
                let members: Vec<&str> = world.customers.iter().map(|customer| customer.key.as_str()).chain([BOT_USER]).collect();
                Reply::json(200, json!({"ok": true, "members": members, "response_metadata": {"next_cursor": ""}}))
            }
            "conversations.history" | "conversations.replies" => self.history(world, method, &given),
            "users.conversations" => self.own_channels(world, &given),
            "users.info" => match world.customer(text(&given, "/user")) {
                Some(customer) => Reply::json(200, json!({"ok": true, "user": self.user(customer)})),
                None => failed("user_not_found"),
            },
            "users.lookupByEmail" => match world.customers.iter().find(|customer| email(customer) == text(&given, "/email")) {
                Some(customer) => Reply::json(200, json!({"ok": true, "user": self.user(customer)})),
                None => failed("users_not_found"),
            },
            "files.info" => self.file_info(world, &given),
            "files.getUploadURLExternal" => self.upload_address(world, &given),
            "files.completeUploadExternal" => self.complete(world, &given),
            "team.info" => Reply::json(200, json!({"ok": true, "team": {"id": self.team_id, "name": "Example", "domain": "example"}})),
            "files.delete" | "views.open" | "views.update" | "apps.uninstall" => Reply::json(200, json!({"ok": true})),
            "auth.revoke" => {
                self.note(|books| books.tokens.remove(token));
                Reply::json(200, json!({"ok": true, "revoked": true}))
            }
            _ => failed("unknown_method"),
        }
    }

    fn identity(&self) -> Value {
        json!({
            "ok": true, "url": "https://example.slack.com/", "team": "Example", "user": "desk", "team_id": self.team_id, "user_id": BOT_USER,
            "bot_id": BOT, "app_id": self.app_id, "is_enterprise_install": false,
        })
    }

    fn user(&self, customer: &Customer) -> Value {
        let name = customer.name.to_lowercase().replace(' ', ".");
        json!({
            "id": customer.key, "team_id": self.team_id, "name": name, "deleted": false, "real_name": customer.name, "tz": "Europe/Vienna",
            "is_bot": false, "profile": {
                "real_name": customer.name, "real_name_normalized": customer.name, "display_name": name, "display_name_normalized": name,
                "email": email(customer), "team": self.team_id,
            },
        })
    }

    pub(super) fn described(&self, id: &str) -> Value {
        let name = match id {
            CHANNEL => "support",
            OTHER_CHANNEL => "general",
            ARCHIVED_CHANNEL => "old",
            _ => "directmessage",
        };
        let member = id.starts_with('D') || self.note(|books| books.joined.contains(id));
        json!({
            "id": id, "name": name, "is_channel": id.starts_with('C'), "is_im": id.starts_with('D'), "is_private": id.starts_with('D'),
            "is_archived": id == ARCHIVED_CHANNEL, "is_member": member,
        })
    }

    fn channel(&self, world: &World, given: &Value) -> Reply {
        let id = text(given, "/channel");
        let direct = told::user_of_direct(id).is_some_and(|user| world.customer(&user).is_some());
        if !direct && ![CHANNEL, OTHER_CHANNEL, ARCHIVED_CHANNEL].contains(&id) {
            return failed("channel_not_found");
        }
        Reply::json(200, json!({"ok": true, "channel": self.described(id)}))
    }

    fn join(&self, given: &Value) -> Reply {
        match text(given, "/channel") {
            ARCHIVED_CHANNEL => failed("is_archived"),
            id @ (CHANNEL | OTHER_CHANNEL) => {
                self.note(|books| books.joined.insert(id.to_owned()));
                Reply::json(200, json!({"ok": true, "channel": self.described(id)}))
            }
            _ => failed("channel_not_found"),
        }
    }
}

fn email(customer: &Customer) -> String {
    format!("{}@example.org", customer.name.to_lowercase().replace(' ', "."))
}

fn open(world: &World, given: &Value) -> Reply {
    let user = text(given, "/users");
    if world.customer(user).is_none() {
        return failed("user_not_found");
    }
    Reply::json(200, json!({"ok": true, "no_op": true, "already_open": true, "channel": {"id": told::direct_channel(user)}}))
}
