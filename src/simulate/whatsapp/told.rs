//! What the business is told: the notifications of section 6 of the specification.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::{WhatsApp, errors, graph};
use crate::{
    crypto::mac,
    simulate::{
        provider::{Act, Acted, Notice, Refused},
        world::{Button, Customer, FileRef, Message, Side, Status, World},
    },
};

/// Whether it is a business-scoped user id: two capitals, a dot, perhaps `ENT.`, letters and digits (1).
pub fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else { return false };
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    let letters = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    letters && (1..=128).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The user id that belongs to a number here.
pub fn user_id_of(number: &str) -> String {
    format!("US.1300000000{number}")
}

/// A number that nobody has.
pub fn free_number(world: &World) -> String {
    let numbers = (0..10_000u32).rev().map(|last| format!("1555010{last:04}"));
    let mut free = numbers.filter(|number| world.customer(number).is_none());
    free.next().unwrap_or_default()
}

/// A message's id, as opaque as a real one.
pub fn message_id(world: &mut World) -> String {
    let number = world.next_id();
    format!("wamid.{}", BASE64_STANDARD.encode(format!("HBgL{number}/+")))
}

fn seconds(ms: i64) -> String {
    (ms / 1_000).to_string()
}

/// Something that the customer says.
struct Said<'a> {
    /// The provider's word for what it is.
    kind: &'a str,
    /// What the page shows.
    shown: &'a str,
    /// The fields of this kind.
    fields: Value,
    files: Vec<FileRef>,
    /// The message that it answers.
    reply_to: Option<&'a str>,
}

impl WhatsApp {
    /// The outermost part of every notification.
    pub(super) fn envelope(&self, changes: Vec<Value>) -> Value {
        json!({"object": "whatsapp_business_account", "entry": [{"id": self.waba_id, "changes": changes}]})
    }

    fn notice(&self, field: &str, value: Value, about: &str) -> Notice {
        Notice::json(self.envelope(vec![json!({"field": field, "value": value})]), about)
    }

    fn value(&self, customer: Option<&Customer>, name: &str, items: Vec<Value>) -> Value {
        let mut value = Map::new();
        value.insert("messaging_product".to_owned(), "whatsapp".into());
        let metadata = json!({"display_phone_number": self.display_phone_number, "phone_number_id": self.phone_number_id});
        value.insert("metadata".to_owned(), metadata);
        if let Some(customer) = customer {
            let mut contact = json!({"profile": {"name": customer.name}});
            if let Some(contact) = contact.as_object_mut() {
                identify(customer, contact, "wa_id", "user_id");
            }
            value.insert("contacts".to_owned(), json!([contact]));
        }
        value.insert(name.to_owned(), items.into());
        Value::Object(value)
    }

    /// One message of a customer. Its own fields are added to those that every message has.
    fn message(&self, customer: &Customer, id: &str, at_ms: i64, kind: &str, fields: Value) -> Notice {
        let mut message = Map::new();
        identify(customer, &mut message, "from", "from_user_id");
        message.insert("id".to_owned(), id.into());
        message.insert("timestamp".to_owned(), seconds(at_ms).into());
        message.insert("type".to_owned(), kind.into());
        if let Value::Object(fields) = fields {
            message.extend(fields);
        }
        let value = self.value(Some(customer), "messages", vec![Value::Object(message)]);
        self.notice("messages", value, &format!("message: {kind}"))
    }

    /// Notes a message of the customer and tells of it.
    fn say(&self, world: &mut World, key: &str, said: Said<'_>) -> Acted {
        let (id, now_ms) = (message_id(world), world.now_ms());
        let Said { kind, shown, mut fields, files, reply_to } = said;
        if let (Some(reply_to), Some(fields)) = (reply_to, fields.as_object_mut()) {
            fields.insert("context".to_owned(), json!({"from": self.display_phone_number, "id": reply_to}));
        }
        let Some(customer) = world.customer_mut(key) else { return Acted::default() };
        let mut message = Message::new(id.clone(), Side::Customer, kind, shown, now_ms);
        message.files = files;
        message.reply_to = reply_to.map(str::to_owned);
        customer.push(message);
        customer.last_wrote_ms = Some(now_ms);
        let notice = self.message(customer, &id, now_ms, kind, fields).ticking(&customer.key, &id);
        Acted { message_id: Some(id), notices: vec![notice] }
    }

    /// The customer does something.
    pub(super) fn customer_does(&self, world: &mut World, key: &str, act: &Act) -> Result<Acted, Refused> {
        let customer = world.customer(key).ok_or_else(|| Refused::NoCustomer(key.to_owned()))?.clone();
        let known = |id: &str| customer.message(id).ok_or_else(|| Refused::NoMessage(id.to_owned()));
        match act {
            Act::Write { text, file_id: None, reply_to } => {
                let fields = json!({"text": {"body": text}});
                Ok(self.say(world, key, Said { kind: "text", shown: text, fields, files: Vec::new(), reply_to: reply_to.as_deref() }))
            }
            Act::Write { text, file_id: Some(file_id), reply_to } => self.send_file(world, key, text, file_id, reply_to.as_deref()),
            Act::React { message_id, emoji } => {
                known(message_id)?;
                let mut reaction = json!({"message_id": message_id});
                // Removal comes without the emoji (6.10).
                if let Some(reaction) = reaction.as_object_mut().filter(|_| !emoji.is_empty()) {
                    reaction.insert("emoji".to_owned(), emoji.as_str().into());
                }
                let (id, now_ms) = (self::message_id(world), world.now_ms());
                if let Some(customer) = world.customer_mut(key) {
                    customer.last_wrote_ms = Some(now_ms);
                    if let Some(message) = customer.message_mut(message_id) {
                        message.react(Side::Customer, emoji);
                    }
                }
                let notice = self.message(&customer, &id, now_ms, "reaction", json!({"reaction": reaction}));
                Ok(Acted { message_id: Some(id), notices: vec![notice] })
            }
            Act::Press { message_id, button_id } => {
                let message = known(message_id)?;
                let button = message.buttons.iter().find(|button| button.id == *button_id);
                let button = button.ok_or_else(|| Refused::Nothing(format!("button {button_id}")))?.clone();
                Ok(self.press(world, key, message_id, &button))
            }
            Act::Edit { message_id, text } => {
                known(message_id)?;
                let event = json!({"edit": {"original_message_id": message_id, "message": {"type": "text", "text": {"body": text}}}});
                Ok(self.change(world, &customer, "edit", event, message_id, Some(text)))
            }
            Act::Delete { message_id } => {
                known(message_id)?;
                let event = json!({"revoke": {"original_message_id": message_id}});
                Ok(self.change(world, &customer, "revoke", event, message_id, None))
            }
            Act::Extra { name } => self.extra(world, &customer, name),
        }
    }

    fn send_file(&self, world: &mut World, key: &str, caption: &str, file_id: &str, reply_to: Option<&str>) -> Result<Acted, Refused> {
        let file = world.file(file_id).ok_or_else(|| Refused::Nothing(format!("file {file_id}")))?.clone();
        let plain = file.mime.split(';').next().unwrap_or_default().trim();
        let kind = match plain.split('/').next().unwrap_or_default() {
            "image" if plain == "image/webp" => "sticker",
            "image" => "image",
            "video" => "video",
            "audio" => "audio",
            _ => "document",
        };
        let mut media = json!({"mime_type": file.mime, "sha256": BASE64_STANDARD.encode(mac::sha256(&file.bytes)), "id": file.id});
        if let Some(media) = media.as_object_mut() {
            if !caption.is_empty() && kind != "audio" && kind != "sticker" {
                media.insert("caption".to_owned(), caption.into());
            }
            match kind {
                "document" => drop(media.insert("filename".to_owned(), file.name.as_str().into())),
                "audio" => drop(media.insert("voice".to_owned(), plain.eq("audio/ogg").into())),
                "sticker" => drop(media.insert("animated".to_owned(), false.into())),
                _ => {}
            }
        }
        let shown =
            FileRef { kind: kind.to_owned(), mime: file.mime.clone(), name: file.name.clone(), file_id: Some(file.id.clone()), link: None };
        Ok(self.say(world, key, Said { kind, shown: caption, fields: json!({kind: media}), files: vec![shown], reply_to }))
    }

    fn press(&self, world: &mut World, key: &str, message_id: &str, button: &Button) -> Acted {
        let (id, title) = (button.id.as_str(), button.title.as_str());
        let (kind, fields) = match button.sort {
            "template" => ("button", json!({"button": {"payload": id, "text": title}})),
            "list_reply" => ("interactive", json!({"interactive": {"type": "list_reply", "list_reply": {"id": id, "title": title}}})),
            "flow" => {
                let reply = json!({"name": "flow", "body": "Sent", "response_json": "{\"flow_token\":\"simulated\",\"rating\":\"5\"}"});
                ("interactive", json!({"interactive": {"type": "nfm_reply", "nfm_reply": reply}}))
            }
            "location" => ("location", json!({"location": {"latitude": 48.208_174, "longitude": 16.373_819}})),
            _ => ("interactive", json!({"interactive": {"type": "button_reply", "button_reply": {"id": id, "title": title}}})),
        };
        self.say(world, key, Said { kind, shown: title, fields, files: Vec::new(), reply_to: Some(message_id) })
    }

    /// An edit or a deletion: an event with an id of its own. It does not open the window (11.2).
    fn change(&self, world: &mut World, customer: &Customer, kind: &str, event: Value, target: &str, text: Option<&str>) -> Acted {
        let (id, now_ms) = (message_id(world), world.now_ms());
        if let Some(message) = world.customer_mut(&customer.key).and_then(|customer| customer.message_mut(target)) {
            match text {
                Some(text) => {
                    text.clone_into(&mut message.text);
                    message.edited = true;
                }
                None => message.deleted = true,
            }
        }
        Acted { message_id: Some(id.clone()), notices: vec![self.message(customer, &id, now_ms, kind, event)] }
    }

    fn extra(&self, world: &mut World, customer: &Customer, name: &str) -> Result<Acted, Refused> {
        let key = customer.key.as_str();
        let say = |world: &mut World, kind: &str, shown: &str, fields| {
            self.say(world, key, Said { kind, shown, fields, files: Vec::new(), reply_to: None })
        };
        Ok(match name {
            "location" => {
                let place = json!({"latitude": 48.208_174, "longitude": 16.373_819, "name": "Cathedral square", "address": "Stephansplatz 1, Wien"});
                say(world, "location", "📍 Cathedral square", json!({"location": place}))
            }
            "contacts" => {
                let card = json!({
                    "name": {"formatted_name": "Pat Example", "first_name": "Pat", "last_name": "Example"},
                    "phones": [{"phone": "+1 555-010-7777", "wa_id": "15550107777", "type": "CELL"}],
                    "emails": [{"email": "pat@example.org", "type": "WORK"}],
                });
                say(world, "contacts", "👤 Pat Example", json!({"contacts": [card]}))
            }
            "unsupported" => {
                let details = json!({"details": "Message type is currently not supported."});
                let error =
                    json!({"code": 131_051, "title": "Message type unknown", "message": "Message type unknown", "error_data": details});
                say(world, "unsupported", "📊 a poll", json!({"errors": [error], "unsupported": {"type": "poll"}}))
            }
            "ad" => {
                let referral = json!({
                    "source_url": "https://fb.me/ex4mple", "source_id": "120210000000000001", "source_type": "ad", "headline": "Summer sale",
                    "body": "Everything must go", "media_type": "image", "image_url": "https://scontent.example.org/ad.jpg", "ctwa_clid": "ARexampleclid",
                });
                say(world, "text", "I saw your ad", json!({"text": {"body": "I saw your ad"}, "referral": referral}))
            }
            "number_changed" => self.number_changed(world, customer),
            "stop_marketing" | "resume_marketing" => self.marketing(world, customer, name == "stop_marketing"),
            "phone_app_answer" => self.echo(world, customer),
            "template_paused" => self.template(("order_update", "en_US"), "PAUSED", Some("LOW_QUALITY")),
            "template_approved" => self.template(("order_update", "en_US"), "APPROVED", None),
            "partner_removed" => {
                let value =
                    json!({"event": "PARTNER_REMOVED", "waba_info": {"waba_id": self.waba_id, "owner_business_id": "232000000000001"}});
                Acted { message_id: None, notices: vec![self.notice("account_update", value, "account update: PARTNER_REMOVED")] }
            }
            other => return Err(Refused::Nothing(format!("extra {other}"))),
        })
    }

    /// A template gets another status (6.24).
    fn template(&self, (name, language): (&'static str, &str), status: &'static str, reason: Option<&str>) -> Acted {
        self.set_template_status(name, status);
        let value = json!({
            "event": status, "message_template_id": 1_689_000_000_000_001_u64, "message_template_name": name,
            "message_template_language": language, "reason": reason.unwrap_or("NONE"), "message_template_category": "UTILITY",
        });
        let about = format!("template {name}: {status}");
        Acted { message_id: None, notices: vec![self.notice("message_template_status_update", value, &about)] }
    }

    fn number_changed(&self, world: &mut World, customer: &Customer) -> Acted {
        let (id, now_ms, number) = (message_id(world), world.now_ms(), free_number(world));
        let user_id = user_id_of(&number);
        let system = json!({
            "body": format!("{} changed from {} to {number}", customer.name, customer.key), "wa_id": number, "user_id": user_id,
            "type": "user_changed_number", "previous_user_id": customer.also,
        });
        let mut message = Map::new();
        identify(customer, &mut message, "from", "from_user_id");
        message.extend([("id".to_owned(), id.into()), ("timestamp".to_owned(), seconds(now_ms).into())]);
        message.extend([("type".to_owned(), "system".into()), ("system".to_owned(), system)]);
        if let Some(customer) = world.customer_mut(&customer.key) {
            customer.address = format!("+{number}");
            customer.key = number;
            customer.also = Some(user_id);
        }
        let value = self.value(None, "messages", vec![Value::Object(message)]);
        Acted { message_id: None, notices: vec![self.notice("messages", value, "system: the number changed")] }
    }

    fn marketing(&self, world: &World, customer: &Customer, stop: bool) -> Acted {
        let (detail, value) = if stop {
            ("User requested to stop marketing messages", "stop")
        } else {
            ("User requested to resume marketing messages", "resume")
        };
        let mut wish = json!({"detail": detail, "category": "marketing_messages", "value": value, "timestamp": world.now_ms() / 1_000});
        if let Some(wish) = wish.as_object_mut() {
            identify(customer, wish, "wa_id", "user_id");
        }
        let value = self.value(Some(customer), "user_preferences", vec![wish]);
        Acted { message_id: None, notices: vec![self.notice("user_preferences", value, "marketing preference")] }
    }

    fn echo(&self, world: &mut World, customer: &Customer) -> Acted {
        let (id, now_ms, text) = (message_id(world), world.now_ms(), "answered from the phone app");
        if let Some(customer) = world.customer_mut(&customer.key) {
            let mut message = Message::new(id.clone(), Side::Business, "text", text, now_ms);
            message.status = Status::Read;
            customer.push(message);
        }
        let mut echo =
            json!({"from": self.display_phone_number, "id": id, "timestamp": seconds(now_ms), "type": "text", "text": {"body": text}});
        if let Some(echo) = echo.as_object_mut() {
            identify(customer, echo, "to", "to_user_id");
        }
        let value = self.value(Some(customer), "message_echoes", vec![echo]);
        Acted { message_id: Some(id), notices: vec![self.notice("smb_message_echoes", value, "echo from the phone app")] }
    }

    /// A status of a message of the business (6.20).
    pub(super) fn status(&self, customer: &str, message: &Message, status: Status, code: Option<&str>, now_ms: i64) -> Option<Notice> {
        let word = match status {
            Status::Accepted => return None,
            Status::Sent => "sent",
            Status::Delivered => "delivered",
            Status::Read => "read",
            Status::Failed => "failed",
        };
        let mut item = json!({"id": message.id, "status": word, "timestamp": seconds(now_ms)});
        let item_fields = item.as_object_mut()?;
        if is_user_id(customer) {
            item_fields.insert("recipient_user_id".to_owned(), customer.into());
        } else {
            item_fields.insert("recipient_id".to_owned(), customer.into());
            item_fields.insert("recipient_user_id".to_owned(), user_id_of(customer).into());
        }
        if let Some(reference) = &message.reference {
            item_fields.insert("biz_opaque_callback_data".to_owned(), reference.as_str().into());
        }
        if matches!(status, Status::Sent | Status::Delivered) {
            let pricing = json!({"billable": true, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"});
            item_fields.insert("pricing".to_owned(), pricing);
        }
        if status == Status::Failed {
            let code = code.unwrap_or("131000");
            let row = graph::row(errors::FAULTS, code);
            let number: u32 = code.split('/').next().and_then(|code| code.parse().ok()).unwrap_or(131_000);
            let data = json!({"details": errors::details(code, row.title)});
            let href = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/";
            let error = json!({"code": number, "title": row.title, "message": row.title, "error_data": data, "href": href});
            item_fields.insert("errors".to_owned(), json!([error]));
        }
        Some(self.notice("messages", self.value(None, "statuses", vec![item]), &format!("status: {word}")))
    }
}

/// Writes the ids of a customer: the number where there is one, and the user id.
fn identify(customer: &Customer, into: &mut Map<String, Value>, number: &str, user_id: &str) {
    if is_user_id(&customer.key) {
        into.insert(user_id.to_owned(), customer.key.as_str().into());
        return;
    }
    into.insert(number.to_owned(), customer.key.as_str().into());
    if let Some(also) = &customer.also {
        into.insert(user_id.to_owned(), also.as_str().into());
    }
}
