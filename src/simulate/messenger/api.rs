//! What the business calls (specification `messenger` 2, 9, 10, 11).

use serde_json::{Value, json};

use super::{HUMAN_WINDOW_MS, Messenger, WINDOW_MS, content, errors, graph, told};
use crate::simulate::{
    consent,
    faults::{Switch, When},
    multipart,
    provider::{ApiRequest, Reply, find, text},
    world::{Customer, File, Message, Side, World},
};

/// Typing shows so long (10).
const TYPING_MS: i64 = 20_000;
/// Messages shown of a conversation (2: only the newest have details).
const HISTORY_MAX: usize = 20;

fn refuse(code: &str, title: Option<&str>) -> Reply {
    let row = graph::row(errors::FAULTS, code);
    graph::error(code, row.http, title.unwrap_or(row.title), None)
}

fn success() -> Reply {
    Reply::json(200, json!({"success": true}))
}

impl Messenger {
    /// Answers a call.
    pub(super) fn answer(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let parts = call.parts();
        let (_, path) = graph::unversioned(&parts);
        match (call.method.as_str(), path) {
            ("GET", ["simulated-cdn", id, ..]) => return download(world, call, id),
            ("GET", ["dialog", "oauth"] | ["oauth", "authorize"]) => return self.consent(world, call),
            ("GET" | "POST", ["oauth", "access_token"]) => return self.exchange(world, call),
            ("GET", ["access_token" | "refresh_access_token"]) => return self.extend(call),
            ("GET", ["debug_token"]) => return self.inspect(call),
            _ => {}
        }
        if let Err(refusal) = graph::authorise(call, &self.page_access_token, &self.app_secret) {
            return *refusal;
        }
        if world.is_on(Switch::TokenExpired) {
            return refuse("190/463", None);
        }
        let own = |id: &str| id == self.page_id || id == self.instagram_id || id == "me";
        match (call.method.as_str(), path) {
            ("POST", [id, "messages"]) if own(id) => self.send(world, call),
            ("POST", [id, "message_attachments"]) if own(id) => upload(world, call),
            ("GET", ["me", "accounts"]) => {
                // Two lists; on the page of the second the person may not answer.
                if call.query("after") == Some("a") {
                    let other = json!({"id": "110000000000009", "name": "A page to read", "access_token": "none", "tasks": ["ANALYZE"]});
                    return Reply::json(200, json!({"data": [other], "paging": {"cursors": {"before": "b", "after": "b"}}}));
                }
                let next = "https://graph.facebook.com/v25.0/me/accounts?after=a";
                Reply::json(200, json!({"data": [self.page()], "paging": {"cursors": {"before": "a", "after": "a"}, "next": next}}))
            }
            ("GET", [id]) if *id == self.instagram_id => {
                Reply::json(200, json!({"id": id, "user_id": id, "username": "simulated.business", "name": "Simulated business"}))
            }
            ("GET", [id]) if own(id) => Reply::json(200, self.page()),
            ("GET", [id, "subscribed_apps"]) if own(id) => {
                let fields = self.subscribed(|fields| fields.clone());
                Reply::json(200, json!({"data": [{"id": self.app_id, "name": "Simulated app", "subscribed_fields": fields}]}))
            }
            ("POST", [id, "subscribed_apps"]) if own(id) => {
                let form = call.form();
                let json = call.json();
                let fields = call
                    .query("subscribed_fields")
                    .or_else(|| find(&form, "subscribed_fields"))
                    .unwrap_or_else(|| text(&json, "/subscribed_fields"));
                self.subscribed(|known| {
                    *known = fields.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect();
                });
                success()
            }
            ("DELETE", [id, "subscribed_apps"]) if own(id) => {
                self.subscribed(Vec::clear);
                success()
            }
            ("POST" | "DELETE", [id, "messenger_profile"]) if own(id) => Reply::json(200, json!({"result": "success"})),
            ("POST", [id, "pass_thread_control" | "take_thread_control" | "request_thread_control"]) if own(id) => success(),
            ("GET", [id, "thread_owner"]) if own(id) => Reply::json(200, json!({"data": [{"thread_owner": {"app_id": self.app_id}}]})),
            ("GET", [id, "conversations"]) if own(id) => {
                let known = call.query("user_id").filter(|user| world.customer(user).is_some());
                let found: Vec<Value> = known.into_iter().map(|user| json!({"id": format!("t_{user}")})).collect();
                Reply::json(200, json!({"data": found}))
            }
            ("GET", [id]) => self.look_up(world, id),
            _ => refuse("100", Some("Unsupported request")),
        }
    }

    fn page(&self) -> Value {
        json!({
            "id": self.page_id, "name": "Simulated page", "access_token": self.page_access_token, "tasks": ["MESSAGING", "MANAGE"],
            "instagram_business_account": {"id": self.instagram_id, "username": "simulated.business"},
        })
    }

    /// A person's profile, or a conversation's messages.
    fn look_up(&self, world: &World, id: &str) -> Reply {
        if let Some(customer) = id.strip_prefix("t_").and_then(|user| world.customer(user)) {
            let account = self.account_of(&customer.key);
            let messages: Vec<Value> = customer.messages.iter().rev().take(HISTORY_MAX).map(|message| {
                let (from, to) = if message.from == Side::Customer { (customer.key.as_str(), account) } else { (account, customer.key.as_str()) };
                json!({"id": message.id, "created_time": message.at_ms / 1_000, "from": {"id": from}, "to": {"data": [{"id": to}]}, "message": message.text})
            }).collect();
            return Reply::json(200, json!({"id": id, "messages": {"data": messages}}));
        }
        let Some(customer) = world.customer(id) else { return refuse("100/33", Some("Unsupported get request. Object does not exist")) };
        let (first, last) = customer.name.split_once(' ').unwrap_or((&customer.name, ""));
        if told::is_instagram(&customer.key) {
            let username = customer.name.to_lowercase().replace(' ', ".");
            return Reply::json(
                200,
                json!({"id": id, "name": customer.name, "username": username, "is_verified_user": false, "follower_count": 42}),
            );
        }
        Reply::json(200, json!({"id": id, "first_name": first, "last_name": last, "name": customer.name}))
    }

    fn send(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let parts = multipart::parts(call);
        let body = if parts.is_empty() { call.json() } else { whole(&parts) };
        let key = text(&body, "/recipient/id").to_owned();
        if world.customer(&key).is_none() {
            return refuse("100/2018001", None);
        }
        let action = text(&body, "/sender_action");
        if !action.is_empty() {
            return sender_action(world, &key, action, &body);
        }
        if world.is_on(Switch::RateLimit) {
            return refuse("613", None);
        }
        if let Some(code) = world.take_injected(When::Answer) {
            return refuse(&code, None);
        }
        let uploaded = multipart::named(&parts, "filedata").map(|part| store(world, part));
        let message = body.get("message").cloned().unwrap_or(Value::Null);
        let seen = match content::read(world, &message, told::is_instagram(&key), uploaded.as_deref()) {
            Ok(seen) => seen,
            Err((code, title)) => return refuse(code, Some(&title)),
        };
        if let Some(refusal) = window(world, &key, &body) {
            return refusal;
        }
        self.accept(world, &key, &body, seen)
    }

    fn accept(&self, world: &mut World, key: &str, body: &Value, seen: content::Seen) -> Reply {
        let (id, now_ms) = (told::mid(world, told::is_instagram(key)), world.now_ms());
        let mut shown = Message::new(id.clone(), Side::Business, &seen.kind, &seen.text, now_ms);
        shown.files = seen.files;
        shown.buttons = seen.buttons;
        let given = |pointer: &str| Some(text(body, pointer)).filter(|text| !text.is_empty()).map(str::to_owned);
        shown.reply_to = given("/reply_to/mid");
        shown.reference = given("/message/metadata");
        let echo = self.echo(now_ms, key, &shown, self.app_id.parse().unwrap_or_default());
        if let Some(customer) = world.customer_mut(key) {
            customer.push(shown);
        }
        Reply::json(200, json!({"recipient_id": key, "message_id": id})).accepted(key, &id).telling([echo])
    }

    /// The page where somebody agrees (11.1).
    fn consent(&self, world: &mut World, call: &ApiRequest) -> Reply {
        if call.query("redirect_uri").is_none() || call.query("client_id") != Some(&self.app_id) {
            return refuse("100", Some("Invalid client_id or redirect_uri"));
        }
        consent::meta_dialog(world, call, &self.codes, "Facebook Login")
    }

    fn exchange(&self, world: &mut World, call: &ApiRequest) -> Reply {
        if let Some(code) = world.take_injected(When::Answer) {
            return consent::garbage(&code).unwrap_or_else(|| refuse(&code, None));
        }
        let form = call.form();
        let given = |name: &str| call.query(name).or_else(|| find(&form, name)).unwrap_or_default();
        if given("client_id") != self.app_id || given("client_secret") != self.app_secret {
            return graph::error("101", 400, "Error validating client secret.", None);
        }
        if given("grant_type") == "fb_exchange_token" {
            // A long token is as good: that is how it is renewed before it ends.
            let right = ["EAAsimulatedShortLivedUserToken", &self.page_access_token].contains(&given("fb_exchange_token"));
            let long = json!({"access_token": self.page_access_token, "token_type": "bearer", "expires_in": self.token_secs});
            return if right { Reply::json(200, long) } else { refuse("190", None) };
        }
        let code = given("code");
        if !self.codes.fits(code, given("redirect_uri")) {
            return graph::error(
                "100/36008",
                400,
                "Error validating verification code: the redirect_uri is not the one of the dialog.",
                None,
            );
        }
        if code.is_empty() || !self.first_use(code) {
            return graph::error("100/36009", 400, "This authorization code has been used.", None);
        }
        if call.method == "POST" {
            let words = json!({"access_token": self.page_access_token, "user_id": self.instagram_id, "permissions": "instagram_business_basic,instagram_business_manage_messages"});
            return Reply::json(200, words);
        }
        Reply::json(200, json!({"access_token": "EAAsimulatedShortLivedUserToken", "token_type": "bearer", "expires_in": 5_400}))
    }

    /// Instagram's longer tokens (11.2).
    fn extend(&self, call: &ApiRequest) -> Reply {
        if call.query("access_token") != Some(&self.page_access_token) {
            return refuse("190", None);
        }
        Reply::json(200, json!({"access_token": self.page_access_token, "token_type": "bearer", "expires_in": 5_183_944}))
    }

    fn inspect(&self, call: &ApiRequest) -> Reply {
        if call.query("access_token") != Some(&format!("{}|{}", self.app_id, self.app_secret)) {
            return refuse("190", None);
        }
        let valid = call.query("input_token") == Some(&self.page_access_token);
        let scopes = ["pages_messaging", "pages_manage_metadata", "pages_show_list", "instagram_manage_messages"];
        let data = json!({"app_id": self.app_id, "type": "PAGE", "is_valid": valid, "expires_at": 0, "data_access_expires_at": 0, "scopes": scopes});
        Reply::json(200, json!({"data": data}))
    }
}

/// Typing, read marks, reactions: alone in a request (10).
fn sender_action(world: &mut World, key: &str, action: &str, body: &Value) -> Reply {
    let now_ms = world.now_ms();
    let target = text(body, "/payload/message_id");
    if body.get("message").is_some() {
        return refuse("100", Some("sender_action cannot be combined with message"));
    }
    if matches!(action, "react" | "unreact") {
        return react(world, key, action, target, text(body, "/payload/reaction"));
    }
    if let Some(code) = world.take_injected(When::Mark) {
        return refuse(&code, None);
    }
    let Some(customer) = world.customer_mut(key) else { return refuse("100/2018001", None) };
    match action {
        "typing_on" => customer.typing_by_business(now_ms + TYPING_MS),
        "typing_off" => customer.typing_by_business(0),
        "mark_seen" => see(customer),
        _ => return refuse("100", Some("Invalid sender_action")),
    }
    Reply::json(200, json!({"recipient_id": key}))
}

fn react(world: &mut World, key: &str, action: &str, target: &str, reaction: &str) -> Reply {
    let Some(customer) = world.customer_mut(key) else { return refuse("100/2018001", None) };
    let emoji = match reaction {
        "love" => "❤️",
        "like" => "👍",
        other => other,
    };
    let Some(message) = customer.message_mut(target) else { return refuse("100", Some("The message does not exist")) };
    message.react(Side::Business, if action == "react" { emoji } else { "" });
    Reply::json(200, json!({"recipient_id": key}))
}

/// The business has seen everything.
fn see(customer: &mut Customer) {
    let last = customer.messages.iter().rev().find(|message| message.from == Side::Customer).map(|message| message.id.clone());
    if let Some(last) = last {
        customer.read_by_business(&last);
    }
}

/// The windows of 10.1: a day, seven days for people with the tag; other tags are switched off.
fn window(world: &World, key: &str, body: &Value) -> Option<Reply> {
    let age = world.customer(key)?.last_wrote_ms.map(|at| world.now_ms() - at);
    let closed = world.is_on(Switch::WindowClosed);
    let open = |limit: i64| age.is_some_and(|age| age <= limit) && !closed;
    match text(body, "/messaging_type") {
        "MESSAGE_TAG" if text(body, "/tag") != "HUMAN_AGENT" => Some(refuse("100", Some("Param tag must be one of {HUMAN_AGENT}"))),
        "MESSAGE_TAG" if age.is_some_and(|age| age <= HUMAN_WINDOW_MS) => None,
        "RESPONSE" | "UPDATE" | "" if open(WINDOW_MS) => None,
        "RESPONSE" | "UPDATE" | "" | "MESSAGE_TAG" => Some(refuse("10/2018278", None)),
        other => Some(refuse("100", Some(&format!("Invalid messaging_type {other}")))),
    }
}

/// A send whose fields came as parts, each of them JSON.
fn whole(parts: &[multipart::Part]) -> Value {
    let mut body = serde_json::Map::new();
    for part in parts.iter().filter(|part| part.name != "filedata") {
        let text = part.text();
        body.insert(part.name.clone(), serde_json::from_str(&text).unwrap_or(Value::String(text)));
    }
    Value::Object(body)
}

fn store(world: &mut World, part: &multipart::Part) -> String {
    let id = world.next_id().to_string();
    world.add_file(File {
        id: id.clone(),
        mime: part.mime.clone(),
        name: part.file_name.clone().unwrap_or_default(),
        bytes: part.bytes.clone(),
    });
    id
}

fn upload(world: &mut World, call: &ApiRequest) -> Reply {
    let parts = multipart::parts(call);
    let message =
        if parts.is_empty() { call.json().get("message").cloned() } else { whole(&parts).get("message").cloned() }.unwrap_or(Value::Null);
    let kind = text(&message, "/attachment/type");
    let Some(part) = multipart::named(&parts, "filedata") else {
        return refuse("100/2018008", Some("Files by address are not fetched here: send filedata"));
    };
    if let Err((code, title)) = content::fits(kind, part.bytes.len()) {
        return refuse(code, Some(&title));
    }
    let id = store(world, part);
    Reply::json(200, json!({"attachment_id": id}))
}

/// A file of a customer: no token, but only in time (9).
fn download(world: &World, call: &ApiRequest, id: &str) -> Reply {
    let fresh = i64::from_str_radix(call.query("oe").unwrap_or_default(), 16).is_ok_and(|until| until >= world.now_ms() / 1_000);
    match world.file(id) {
        Some(file) if fresh => Reply::bytes(&file.mime, file.bytes.clone()),
        _ => {
            let mut gone = Reply::bytes("text/plain", "URL signature expired".into());
            gone.status = 403;
            gone
        }
    }
}
