//! What the business calls (specification `dialpad` 1, 2, 9, 10).

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::DateTime;
use serde_json::{Value, json};

use super::{AGENT_ID, Dialpad, OFFICE_ID, QUEUE_ID, books::Webhook, errors, fresh_id, texts::Text};
use crate::simulate::{
    faults::{Switch, When},
    provider::{ApiRequest, Reply, text},
    world::{Customer, File, FileRef, Message, Side, World, count_within},
};

/// The company.
const COMPANY_ID: &str = "5500000000000001";
/// Texts a minute (1, tier 0).
const TEXTS_A_MINUTE: usize = 100;
/// A file of a text (9).
const MEDIA_BYTES_MAX: usize = 500 * 1024;
/// Recipients of a text (9).
const RECIPIENTS_MAX: usize = 10;
/// What a subscription may be for (2).
const TARGETS: &[&str] = &["office", "department", "callcenter", "user", "callrouter", "channel", "coachingteam", "room", "staffgroup"];
/// Kinds of subscriptions.
const KINDS: &[&str] = &["sms", "call", "contact", "agent_status", "changelog"];

/// An error, as Dialpad says it (10).
pub fn refuse(code: &str, words: Option<&str>) -> Reply {
    let row = errors::row(code);
    let words = words.unwrap_or(row.title);
    let error = json!({"domain": "global", "message": words, "reason": "badRequest"});
    let reply = Reply::json(row.http, json!({"error": {"code": row.http, "message": words, "errors": [error]}}));
    if row.http == 429 { reply.header("retry-after", "1") } else { reply }
}

fn list(items: Vec<Value>) -> Reply {
    Reply::json(200, json!({"items": items}))
}

impl Dialpad {
    /// Answers a call.
    pub(super) fn answer(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let parts = call.parts();
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["oauth2", "authorize"]) => return self.consent(world, call),
            ("POST", ["oauth2", "token"]) => return self.token(world, call),
            _ => {}
        }
        let now_ms = world.now_ms();
        let right = call.bearer().is_some_and(|token| self.note(|books| books.takes(token, now_ms)));
        if !right || world.is_on(Switch::TokenExpired) {
            return refuse("401", None);
        }
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["mms", id]) => world.file(id).map_or_else(|| refuse("404", None), |file| Reply::bytes(&file.mime, file.bytes.clone())),
            ("GET", ["r" | "blob", ..]) => Reply::bytes("audio/mpeg", vec![0xff, 0xfb, 0x90, 0x00].into()),
            ("POST", ["oauth2", "deauthorize"]) => {
                self.note(|books| books.tokens.remove(call.bearer().unwrap_or_default()));
                Reply::json(200, json!({}))
            }
            (method, ["api", "v2", rest @ ..]) => self.v2(world, call, method, rest),
            _ => refuse("404", None),
        }
    }

    fn v2(&self, world: &mut World, call: &ApiRequest, method: &str, path: &[&str]) -> Reply {
        match (method, path) {
            (_, ["webhooks", rest @ ..]) => self.webhooks(world, call, method, rest),
            (_, ["subscriptions", kind, rest @ ..]) if KINDS.contains(kind) => self.subscriptions(world, call, method, kind, rest),
            ("POST", ["sms"]) => self.send(world, &call.json()),
            ("POST", ["call"]) => self.start_call(world, &call.json()),
            ("GET", ["call"]) => {
                let after = call.query("started_after").and_then(|after| after.parse::<i64>().ok()).unwrap_or(0);
                let began = |call: &Value| text(call, "/date_started").parse::<i64>().unwrap_or(i64::MAX);
                list(self.note(|books| books.calls.iter().map(|(_, call)| call.clone()).filter(|call| began(call) >= after).collect()))
            }
            ("GET", ["call", id]) => {
                match self.note(|books| books.calls.iter().find(|(known, _)| known.to_string() == *id).map(|(_, call)| call.clone())) {
                    Some(call) => Reply::json(200, call),
                    None => refuse("404", None),
                }
            }
            ("GET", ["transcripts", id]) => self.transcript(id),
            ("POST", ["recordingsharelink"]) => {
                let id = text(&call.json(), "/recording_id").to_owned();
                Reply::json(200, json!({"id": id, "access_link": format!("{}/r/{id}", world.own_url), "privacy": "public"}))
            }
            ("GET", ["users", "me"]) => Reply::json(200, self.agent()),
            ("GET", ["users"]) => list(vec![self.agent()]),
            ("GET", ["company"]) => Reply::json(200, json!({"id": COMPANY_ID, "name": "Example Ltd", "domain": "example.org"})),
            ("GET", ["company", COMPANY_ID, "smsoptout"]) => Reply::json(200, self.note(|books| books.opt_outs(call.query("cursor")))),
            ("GET", ["offices"]) => {
                list(vec![json!({"id": OFFICE_ID.to_string(), "name": "Example Office", "phone_numbers": [self.number]})])
            }
            ("GET", ["callcenters"]) => {
                list(vec![json!({"id": QUEUE_ID.to_string(), "name": "Support queue", "office_id": OFFICE_ID.to_string()})])
            }
            ("GET", ["numbers"]) => {
                list(vec![json!({"number": self.number, "status": "office", "target_id": OFFICE_ID.to_string(), "target_type": "office"})])
            }
            _ => refuse("404", None),
        }
    }

    fn agent(&self) -> Value {
        json!({
            "id": AGENT_ID.to_string(), "first_name": "Alex", "last_name": "Agent", "display_name": "Alex Agent", "emails": ["agent@example.org"],
            "phone_numbers": [self.number], "office_id": OFFICE_ID.to_string(), "company_id": COMPANY_ID, "state": "active",
        })
    }

    fn webhooks(&self, world: &mut World, call: &ApiRequest, method: &str, rest: &[&str]) -> Reply {
        let body = call.json();
        let (hook_url, secret) = (text(&body, "/hook_url").to_owned(), text(&body, "/secret").to_owned());
        let id = world.next_id().to_string();
        self.note(|books| {
            let at = rest.first().and_then(|id| books.webhooks.iter().position(|webhook| webhook.id == *id));
            match (method, rest, at) {
                ("GET", [], _) => list(books.webhooks.iter().map(Webhook::shown).collect()),
                ("POST", [], _) if hook_url.is_empty() => refuse("400", Some("hook_url is required")),
                ("POST", [], _) if books.webhooks.iter().any(|webhook| webhook.hook_url == hook_url && webhook.secret == secret) => {
                    refuse("409", None)
                }
                ("POST", [], _) if !books.has_room() => refuse("400", Some("there are too many webhooks")),
                ("POST", [], _) => {
                    let webhook = Webhook { id, hook_url, secret };
                    let shown = webhook.shown();
                    books.webhooks.push(webhook);
                    Reply::json(200, shown)
                }
                ("DELETE", [_], Some(at)) => Reply::json(200, books.webhooks.remove(at).shown()),
                ("GET" | "PATCH", [_], Some(at)) => {
                    let Some(webhook) = books.webhooks.get_mut(at) else { return refuse("404", None) };
                    if method == "PATCH" {
                        webhook.hook_url = Some(hook_url).filter(|url| !url.is_empty()).unwrap_or_else(|| webhook.hook_url.clone());
                        webhook.secret = Some(secret).filter(|secret| !secret.is_empty()).unwrap_or_else(|| webhook.secret.clone());
                    }
                    Reply::json(200, webhook.shown())
                }
                _ => refuse("404", None),
            }
        })
    }

    fn subscriptions(&self, world: &mut World, call: &ApiRequest, method: &str, kind: &str, rest: &[&str]) -> Reply {
        let body = call.json();
        let id = world.next_id().to_string();
        self.note(|books| {
            let found = |(known, fields): &(String, Value)| known == kind && rest.first().is_some_and(|id| text(fields, "/id") == *id);
            let at = books.subscriptions.iter().position(found);
            match (method, rest, at) {
                ("GET", [], _) => {
                    list(books.subscriptions.iter().filter(|(known, _)| known == kind).map(|(_, fields)| fields.clone()).collect())
                }
                ("POST", [], _) => {
                    let endpoint = text(&body, "/endpoint_id");
                    if !books.webhooks.iter().any(|webhook| webhook.id == endpoint) || !books.has_room() {
                        return refuse("400", Some("endpoint_id must be the id of a webhook"));
                    }
                    if !body.get("target_type").is_none_or(|target| TARGETS.iter().any(|known| target == known)) {
                        return refuse("400", Some("target_type is not one of the known"));
                    }
                    if kind == "sms" && !["inbound", "outbound", "all"].contains(&text(&body, "/direction")) {
                        return refuse("400", Some("direction is required"));
                    }
                    let mut fields = body.clone();
                    if let Some(fields) = fields.as_object_mut() {
                        fields.insert("id".to_owned(), id.into());
                    }
                    books.subscriptions.push((kind.to_owned(), fields.clone()));
                    Reply::json(200, fields)
                }
                ("DELETE", [_], Some(at)) => Reply::json(200, books.subscriptions.remove(at).1),
                ("GET" | "PATCH", [_], Some(at)) => {
                    let Some((_, fields)) = books.subscriptions.get_mut(at) else { return refuse("404", None) };
                    if let (true, Some(fields), Value::Object(wanted)) = (method == "PATCH", fields.as_object_mut(), body) {
                        fields.extend(wanted.into_iter().filter(|(name, _)| name != "id"));
                    }
                    Reply::json(200, fields.clone())
                }
                _ => refuse("404", None),
            }
        })
    }

    fn send(&self, world: &mut World, body: &Value) -> Reply {
        let now_ms = world.now_ms();
        if world.is_on(Switch::RateLimit) || count_within(&mut world.sends_ms, now_ms, 60_000, TEXTS_A_MINUTE + 1) > TEXTS_A_MINUTE {
            return refuse("429", None);
        }
        if let Some(code) = world.take_injected(When::Answer) {
            return refuse(&code, None);
        }
        let (words, media) = (text(body, "/text"), text(body, "/media"));
        let to: Vec<&str> = body.get("to_numbers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let by_user = body.get("user_id").is_some_and(|user| !user.is_null());
        let from = text(body, "/from_number");
        let file = BASE64_STANDARD.decode(media).ok();
        let e164 = |number: &str| {
            number
                .strip_prefix('+')
                .is_some_and(|digits| (3..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let wrong = match () {
            () if words.is_empty() && media.is_empty() => "Must provide text field, media field, or both",
            () if to.is_empty() || to.len() > RECIPIENTS_MAX => "to_numbers must hold one to ten numbers",
            () if !to.iter().all(|number| e164(number)) => "to_numbers must be in E.164",
            () if from != self.number && !by_user => "from_number is not assigned",
            () if file.as_ref().is_none_or(|file| file.len() > MEDIA_BYTES_MAX) => "media must be base64 of at most 500 KiB",
            () => "",
        };
        if !wrong.is_empty() {
            return refuse("400", Some(wrong));
        }
        let Some(number) = to.first().copied() else { return refuse("400", None) };
        self.accept(world, number, words, file.filter(|file| !file.is_empty()))
    }

    fn accept(&self, world: &mut World, number: &str, words: &str, file: Option<Vec<u8>>) -> Reply {
        if world.customer(number).is_none() && !world.add_customer(Customer::new(number.to_owned(), "Somebody", number.to_owned())) {
            return refuse("400", Some("the number cannot be reached"));
        }
        let (id, now_ms) = (fresh_id(world), world.now_ms());
        let mut message = Message::new(id.to_string(), Side::Business, "sms", words, now_ms);
        if let Some(bytes) = file {
            let mime = kind_of(&bytes).to_owned();
            let file_id = world.next_id().to_string();
            let kind = if mime.starts_with("image/") { "image" } else { "document" };
            world.add_file(File { id: file_id.clone(), mime: mime.clone(), name: String::new(), bytes: bytes.into() });
            message.files.push(FileRef { kind: kind.to_owned(), mime, name: String::new(), file_id: Some(file_id), link: None });
        }
        let Some(customer) = world.customer_mut(number) else { return refuse("400", None) };
        customer.push(message);
        let customer = customer.clone();
        let said = Text { id, created_ms: now_ms, inbound: false, words: Some(words), mms_url: None, status: "pending", result: None };
        let event = self.text_event(world, &customer, &said);
        // REST times have no zone (1).
        let created = DateTime::from_timestamp_millis(now_ms).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string());
        let answer = json!({
            "contact_id": "5910000000000001", "created_date": created, "device_type": "public_api", "direction": "outbound",
            "from_number": self.number, "id": id.to_string(), "message_status": "pending", "target_id": AGENT_ID.to_string(),
            "target_type": "user", "text": words, "to_numbers": [number], "user_id": AGENT_ID.to_string(),
        });
        let reply = Reply::json(200, answer).telling(self.tell("sms", &event, "text: outbound", 0));
        let (key, id) = (customer.key.as_str(), id.to_string());
        // 15: what an opted-out recipient's answer looks like is not known; the carrier's refusal is.
        if customer.opted_out { reply.failing(key, &id, "rejected") } else { reply.accepted(key, &id) }
    }

    /// Rings the agent, and then the customer (9).
    fn start_call(&self, world: &mut World, body: &Value) -> Reply {
        let number = text(body, "/phone_number");
        if body.get("user_id").is_none_or(Value::is_null) {
            return refuse("400", Some("user_id is required"));
        }
        if world.customer(number).is_none() && !world.add_customer(Customer::new(number.to_owned(), "Somebody", number.to_owned())) {
            return refuse("400", None);
        }
        match self.ring(world, number, "call_outbound", body.get("custom_data").and_then(Value::as_str)) {
            Ok((id, acted)) => Reply::json(200, json!({"call_id": id.to_string()})).telling(acted.notices),
            Err(_refused) => refuse("400", None),
        }
    }

    fn transcript(&self, id: &str) -> Reply {
        if !self.note(|books| books.calls.iter().any(|(known, _)| known.to_string() == id)) {
            return refuse("404", None);
        }
        let line =
            |who: &str, words: &str, kind: &str| json!({"content": words, "name": who, "time": "2025-10-09T08:53:40.300000", "type": kind});
        let lines = [
            line("Dana Field", "hello", "transcript"),
            line("Alex Agent", "good morning", "transcript"),
            line("Alex Agent", "price_inquiry", "moment"),
        ];
        Reply::json(200, json!({"call_id": id, "lines": lines}))
    }
}

/// A file's type by its first bytes: the wire does not tell it.
fn kind_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, ..] => "image/jpeg",
        [b'G', b'I', b'F', ..] => "image/gif",
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        _ => "application/octet-stream",
    }
}
