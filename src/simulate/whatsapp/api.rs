//! What the business calls (specification `whatsapp` 2, 10, 11, 12).

use serde_json::{Value, json};

use super::{
    WINDOW_MS, WhatsApp,
    catalogue::{TEMPLATES, Template},
    content, errors, graph, told,
};
use crate::{
    crypto::mac,
    simulate::{
        consent,
        faults::{Switch, When},
        multipart,
        provider::{ApiRequest, Reply, text},
        world::{Customer, File, Message, Side, World, count_within},
    },
};

/// A download's address lives so long (10).
const LINK_SECS: i64 = 300;
/// Typing shows so long (11).
const TYPING_MS: i64 = 25_000;
/// Messages to one customer within six seconds (14).
const PAIR_MAX: usize = 45;
/// Messages a second of the whole number (14).
const THROUGHPUT_MAX: usize = 80;

fn refuse(code: &str, detail: Option<&str>) -> Reply {
    let row = graph::row(errors::FAULTS, code);
    graph::error(code, row.http, detail.unwrap_or(&errors::details(code, row.title)), Some("whatsapp"))
}

impl WhatsApp {
    /// Answers a call.
    pub(super) fn answer(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let parts = call.parts();
        let (_, path) = graph::unversioned(&parts);
        match (call.method.as_str(), path) {
            ("GET", ["dialog", "oauth"]) => return self.sign_up(world, call),
            ("GET", ["oauth", "access_token"]) => return self.exchange(world, call),
            ("GET", ["debug_token"]) => return self.inspect(world, call),
            ("GET", ["whatsapp_business", "attachments"]) => return self.download(world, call),
            _ => {}
        }
        if let Err(refusal) = graph::authorise(call, &self.access_token, &self.app_secret) {
            return *refusal;
        }
        if world.is_on(Switch::TokenExpired) {
            return refuse("190/463", None);
        }
        let (own, waba) = (self.phone_number_id.as_str(), self.waba_id.as_str());
        match (call.method.as_str(), path) {
            ("POST", [id, "messages"]) if *id == own => self.send(world, &call.json()),
            ("POST", [id, "media"]) if *id == own => upload(world, call),
            ("POST", [id, "register"]) if *id == own => match text(&call.json(), "/pin") {
                pin if pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()) => {
                    if self.register(pin) {
                        success()
                    } else {
                        refuse("133005", None)
                    }
                }
                _ => refuse("133005", None),
            },
            ("POST", [id, "deregister"]) if *id == own => success(),
            ("GET", [id]) if *id == own => Reply::json(200, self.number()),
            ("GET", [id, "phone_numbers"]) if *id == waba => {
                Reply::json(200, json!({"data": [self.number()], "paging": {"cursors": {"before": "a", "after": "a"}}}))
            }
            ("GET", [id, "message_templates"]) if *id == waba => self.templates(call),
            ("GET", [id, "subscribed_apps"]) if *id == waba => {
                let app =
                    json!({"whatsapp_business_api_data": {"id": self.app_id, "name": "Simulated app", "link": "https://example.org"}});
                Reply::json(200, json!({"data": [app]}))
            }
            ("POST" | "DELETE", [id, "subscribed_apps"]) if *id == waba => match world.take_injected(When::Status) {
                Some(code) => refuse(&code, None),
                None => success(),
            },
            ("GET", [id]) if world.file(id).is_some() => self.locate(world, id),
            ("DELETE", [id]) if world.remove_file(id) => success(),
            _ => refuse("100/33", None),
        }
    }

    fn number(&self) -> Value {
        json!({
            "id": self.phone_number_id, "display_phone_number": self.display_phone_number, "verified_name": "Simulated business",
            "quality_rating": "GREEN", "status": self.standing(), "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"},
        })
    }

    fn send(&self, world: &mut World, body: &Value) -> Reply {
        if text(body, "/messaging_product") != "whatsapp" {
            return refuse("100", Some("The parameter messaging_product is required."));
        }
        if text(body, "/status") == "read" {
            return read_mark(world, body);
        }
        if world.is_on(Switch::RateLimit) {
            return refuse("130429", None);
        }
        if let Some(code) = world.take_injected(When::Answer) {
            return refuse(&code, None);
        }
        let kind = match text(body, "/type") {
            "" => "text",
            kind => kind,
        };
        let to = [text(body, "/to"), text(body, "/recipient")].into_iter().find(|to| !to.is_empty()).unwrap_or_default();
        let key: String = if told::is_user_id(to) { to.to_owned() } else { to.chars().filter(char::is_ascii_digit).collect() };
        if key.is_empty() {
            return refuse("131008", Some("Parameter to or recipient is required"));
        }
        if key == self.display_phone_number {
            return refuse("131021", None);
        }
        if text(body, "/biz_opaque_callback_data").len() > 512 {
            return refuse("100", Some("biz_opaque_callback_data must be at most 512 characters long"));
        }
        if kind == "reaction" {
            return react(world, body, &key);
        }
        if kind == "template" {
            let (name, language) = (text(body, "/template/name"), text(body, "/template/language/code"));
            match self.template_status(name, language).as_deref() {
                None | Some("APPROVED") => {}
                Some("PAUSED") => return refuse("132015", Some(&format!("template {name} is paused"))),
                Some("DISABLED") => return refuse("132016", Some(&format!("template {name} is disabled"))),
                Some(_) => return refuse("132001", Some(&format!("template name ({name}) is not approved in {language}"))),
            }
        }
        let seen = match content::read(world, kind, body) {
            Ok(seen) => seen,
            Err((code, detail)) => return refuse(code, Some(&detail)),
        };
        if world.customer(&key).is_none() {
            let somebody = stranger(&key);
            if !world.add_customer(somebody) {
                return refuse("131026", None);
            }
        }
        accept(world, body, kind, &key, seen)
    }

    /// The first step of a download (10).
    fn locate(&self, world: &World, id: &str) -> Reply {
        let Some(file) = world.file(id) else { return refuse("100/33", None) };
        let until = world.now_ms() / 1_000 + LINK_SECS;
        let url = format!(
            "{}/whatsapp_business/attachments/?mid={id}&ext={until}&hash={}",
            world.own_url,
            self.link_hash(id, &until.to_string())
        );
        let hash = hex::encode(mac::sha256(&file.bytes));
        // The size is text here, and the hash in hexadecimal digits, unlike in notifications (10).
        let size = file.bytes.len().to_string();
        Reply::json(
            200,
            json!({"messaging_product": "whatsapp", "url": url, "mime_type": file.mime, "sha256": hash, "file_size": size, "id": id}),
        )
    }

    fn link_hash(&self, id: &str, until: &str) -> String {
        let hash = mac::hmac_sha256_joined(self.app_secret.as_bytes(), &[id.as_bytes(), b" ", until.as_bytes()]);
        hex::encode(hash).chars().take(20).collect()
    }

    /// The second step: with the same bearer, in time, and with a `User-Agent` (10).
    fn download(&self, world: &World, call: &ApiRequest) -> Reply {
        let sent_away = |status, words: &str| {
            let mut page = Reply::bytes("text/html; charset=utf-8", format!("<html><body>{words}</body></html>").into());
            page.status = status;
            page
        };
        let (id, until) = (call.query("mid").unwrap_or_default(), call.query("ext").unwrap_or_default());
        if call.bearer() != Some(&self.access_token) || world.is_on(Switch::TokenExpired) {
            return sent_away(401, "Unauthorized");
        }
        if call.header("user-agent").is_none() {
            return sent_away(403, "Forbidden");
        }
        let fresh = until.parse::<i64>().is_ok_and(|until| until >= world.now_ms() / 1_000);
        match world.file(id) {
            Some(file) if fresh && call.query("hash") == Some(&self.link_hash(id, until)) => Reply::bytes(&file.mime, file.bytes.clone()),
            _ => sent_away(404, "Not Found"),
        }
    }

    /// The page of an embedded sign-up (12).
    fn sign_up(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let known = call.query("client_id") == Some(&self.app_id) && call.query("config_id").is_some_and(|id| !id.is_empty());
        if !known || call.query("redirect_uri").is_none() {
            return refuse("100", Some("Invalid client_id, config_id or redirect_uri"));
        }
        consent::meta_dialog(world, call, &self.codes, "WhatsApp sign-up")
    }

    /// The catalogue, in pages (2).
    fn templates(&self, call: &ApiRequest) -> Reply {
        let limit = call.query("limit").and_then(|limit| limit.parse::<usize>().ok()).unwrap_or(25).clamp(1, 100);
        let from = call.query("after").and_then(|after| after.parse::<usize>().ok()).unwrap_or(0);
        let status = |template: &Template| self.template_status(template.name, template.language).unwrap_or_default();
        let listed = |(id, template): (usize, &Template)| template.listed(id, &status(template));
        let page: Vec<Value> = TEMPLATES.iter().enumerate().skip(from).take(limit).map(listed).collect();
        let after = from + page.len();
        let mut paging = json!({"cursors": {"before": from.to_string(), "after": after.to_string()}});
        if let Some(paging) = paging.as_object_mut().filter(|_| after < TEMPLATES.len()) {
            paging.insert("next".to_owned(), format!("https://graph.facebook.com/next?after={after}").into());
        }
        Reply::json(200, json!({"data": page, "paging": paging}))
    }

    /// The code of an embedded sign-up for a token (12): good once, and any text is one.
    fn exchange(&self, world: &mut World, call: &ApiRequest) -> Reply {
        if let Some(code) = world.take_injected(When::Answer) {
            return consent::garbage(&code).unwrap_or_else(|| refuse(&code, None));
        }
        let right = call.query("client_id") == Some(&self.app_id) && call.query("client_secret") == Some(&self.app_secret);
        if !right {
            return graph::error("101", 400, "Error validating client secret.", None);
        }
        match call.query("code") {
            Some(code) if !self.codes.fits(code, call.query("redirect_uri").unwrap_or_default()) => {
                graph::error("100/36008", 400, "Error validating verification code: the redirect_uri is not the one of the dialog.", None)
            }
            Some(code) if !code.is_empty() && self.first_use(code) => {
                let mut token = json!({"access_token": self.access_token, "token_type": "bearer"});
                if let Some(token) = token.as_object_mut().filter(|_| self.token_secs > 0) {
                    token.insert("expires_in".to_owned(), self.token_secs.into());
                }
                Reply::json(200, token)
            }
            _ => graph::error("100/36009", 400, "This authorization code has been used.", None),
        }
    }

    fn inspect(&self, world: &World, call: &ApiRequest) -> Reply {
        if call.query("access_token") != Some(&format!("{}|{}", self.app_id, self.app_secret)) {
            return graph::error("190", 401, "Invalid OAuth access token signature.", None);
        }
        let valid = call.query("input_token") == Some(&self.access_token);
        let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
        let granular: Vec<Value> = scopes.iter().map(|scope| json!({"scope": scope, "target_ids": [self.waba_id]})).collect();
        let expires_at = if self.token_secs > 0 { world.now_ms() / 1_000 + self.token_secs } else { 0 };
        let data = json!({"app_id": self.app_id, "type": "SYSTEM_USER", "is_valid": valid, "expires_at": expires_at, "scopes": scopes, "granular_scopes": granular});
        Reply::json(200, json!({"data": data}))
    }
}

/// Limits, the window, and then the message is on its way.
fn accept(world: &mut World, body: &Value, kind: &str, key: &str, seen: content::Seen) -> Reply {
    let (now_ms, id, closed) = (world.now_ms(), told::message_id(world), world.is_on(Switch::WindowClosed));
    if count_within(&mut world.sends_ms, now_ms, 1_000, THROUGHPUT_MAX + 1) > THROUGHPUT_MAX {
        return refuse("130429", None);
    }
    let Some(customer) = world.customer_mut(key) else { return refuse("131026", None) };
    if count_within(&mut customer.sends_ms, now_ms, 6_000, PAIR_MAX + 1) > PAIR_MAX {
        return refuse("131056", None);
    }
    let open = customer.last_wrote_ms.is_some_and(|at| now_ms - at <= WINDOW_MS) && !closed;
    let mut message = Message::new(id.clone(), Side::Business, kind, &seen.text, now_ms);
    message.files = seen.files;
    message.buttons = seen.buttons;
    message.reply_to = Some(text(body, "/context/message_id")).filter(|id| !id.is_empty()).map(str::to_owned);
    message.reference = Some(text(body, "/biz_opaque_callback_data")).filter(|data| !data.is_empty()).map(str::to_owned);
    customer.push(message);
    let answer = taken(customer, &id);
    let key = customer.key.clone();
    // 6.20: the window is judged after the message was taken; the answer is 200, and the failure comes as a status.
    if kind == "template" || open { answer.accepted(&key, &id) } else { answer.failing(&key, &id, "131047") }
}

fn react(world: &mut World, body: &Value, key: &str) -> Reply {
    let id = told::message_id(world);
    let target = text(body, "/reaction/message_id");
    let Some(customer) = world.customer_mut(key) else { return refuse("131026", None) };
    let answer = taken(customer, &id);
    match customer.message_mut(target) {
        Some(message) => message.react(Side::Business, text(body, "/reaction/emoji")),
        None => return refuse("131009", Some("The message to react to does not exist")),
    }
    answer
}

/// Somebody to whom the business writes first.
fn stranger(key: &str) -> Customer {
    if told::is_user_id(key) {
        return Customer::new(key.to_owned(), "Somebody", "no phone number".to_owned());
    }
    let mut somebody = Customer::new(key.to_owned(), "Somebody", format!("+{key}"));
    somebody.also = Some(told::user_id_of(key));
    somebody
}

fn taken(customer: &Customer, id: &str) -> Reply {
    let mut contact = json!({"input": customer.key, "wa_id": customer.key, "user_id": customer.also});
    if told::is_user_id(&customer.key) {
        contact = json!({"input": customer.key, "user_id": customer.key});
    }
    Reply::json(
        200,
        json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": id, "message_status": "accepted"}]}),
    )
}

fn success() -> Reply {
    Reply::json(200, json!({"success": true}))
}

/// Read marks, and typing with them (11).
fn read_mark(world: &mut World, body: &Value) -> Reply {
    let (id, now_ms) = (text(body, "/message_id"), world.now_ms());
    if let Some(code) = world.take_injected(When::Mark) {
        return refuse(&code, None);
    }
    let Some(customer) = world.customer_of_message(id) else { return refuse("131009", Some("The message to mark as read does not exist")) };
    customer.read_by_business(id);
    if body.get("typing_indicator").is_some() {
        customer.typing_by_business(now_ms + TYPING_MS);
    }
    success()
}

fn upload(world: &mut World, call: &ApiRequest) -> Reply {
    let parts = multipart::parts(call);
    let Some(file) = multipart::named(&parts, "file") else { return refuse("100", Some("(#100) The parameter file is required.")) };
    if multipart::named(&parts, "messaging_product").map(multipart::Part::text).as_deref() != Some("whatsapp") {
        return refuse("100", Some("The parameter messaging_product is required."));
    }
    let declared = multipart::named(&parts, "type").map(multipart::Part::text).filter(|mime| !mime.is_empty());
    let mime = declared.unwrap_or_else(|| file.mime.clone());
    let kind = mime.split('/').next().unwrap_or_default();
    let kind = if mime == "image/webp" { "sticker" } else { kind };
    if let Err((code, detail)) = content::accepted(kind, &mime, file.bytes.len()) {
        return refuse(code, Some(&detail));
    }
    let id = world.next_id().to_string();
    world.add_file(File { id: id.clone(), mime, name: file.file_name.clone().unwrap_or_default(), bytes: file.bytes.clone() });
    Reply::json(200, json!({"id": id}))
}
