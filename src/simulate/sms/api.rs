//! What the business calls (specification `sms`, A1, A7, A8, A11).

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Sms, errors, told};
use crate::{
    crypto::mac,
    simulate::{
        faults::{Switch, When},
        provider::{ApiRequest, Reply, find},
        world::{Customer, FileRef, Message, Side, Status, World},
    },
};

/// The longest body (A7).
const BODY_CHARS_MAX: usize = 1600;
/// Files of one message (A7).
const MEDIA_MAX: usize = 10;
/// The one number's SID.
const NUMBER_SID: &str = "PN00000000000000000000000000000001";
/// A download's address lives so long.
const LINK_SECS: i64 = 300;

/// What is wrong with a send: its code.
type Wrong = &'static str;

fn refuse(code: &str) -> Reply {
    let row = errors::row(code);
    let number: u32 = code.parse().unwrap_or(30_008);
    let info = format!("https://www.twilio.com/docs/errors/{code}");
    let reply = Reply::json(row.http, json!({"code": number, "message": row.title, "more_info": info, "status": row.http}));
    if row.http == 429 { reply.header("retry-after", "1") } else { reply }
}

/// Characters as Twilio may count them: UTF-16 units are never fewer.
fn count(text: &str) -> usize {
    text.encode_utf16().count()
}

impl Sms {
    /// Answers a call.
    pub(super) fn answer(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let parts = call.parts();
        if let ("GET", ["simulated-cdn", id]) = (call.method.as_str(), parts.as_slice()) {
            return self.download(world, call, id);
        }
        let ["2010-04-01", "Accounts", rest @ ..] = parts.as_slice() else { return refuse("20404") };
        if !self.authorised(call) || world.is_on(Switch::TokenExpired) {
            return refuse("20003").header("www-authenticate", "Basic realm=\"Twilio API\"");
        }
        let own = format!("{}.json", self.account_sid);
        match (call.method.as_str(), rest) {
            ("GET", [account]) if *account == own => {
                let words = json!({"sid": self.account_sid, "friendly_name": "Simulated account", "status": "active", "type": "Full"});
                Reply::json(200, words)
            }
            (_, [account, ..]) if *account != self.account_sid => refuse("20404"),
            ("POST", [_, "Messages.json"]) => self.send(world, &call.form()),
            ("GET", [_, "Messages.json"]) => self.list(world, call),
            ("GET", [_, "Messages", file]) => self.fetch(world, file.trim_end_matches(".json")),
            ("DELETE", [_, "Messages", ..]) => Reply::json(204, Value::Null),
            ("GET", [_, "Messages", _, "Media", id]) => self.redirect(world, id),
            ("GET", [_, "IncomingPhoneNumbers.json"]) => {
                let numbers = json!([self.number()]);
                Reply::json(200, json!({"incoming_phone_numbers": numbers, "next_page_uri": null, "page": 0, "page_size": 50}))
            }
            ("GET", [_, "IncomingPhoneNumbers", file]) if file.trim_end_matches(".json") == NUMBER_SID => Reply::json(200, self.number()),
            ("POST", [_, "IncomingPhoneNumbers", file]) if file.trim_end_matches(".json") == NUMBER_SID => {
                let wanted = call
                    .form()
                    .into_iter()
                    .filter(|(name, _)| ["SmsUrl", "SmsMethod", "SmsFallbackUrl", "StatusCallback"].contains(&name.as_str()));
                self.settings(|settings| settings.extend(wanted));
                Reply::json(200, self.number())
            }
            _ => refuse("20404"),
        }
    }

    fn authorised(&self, call: &ApiRequest) -> bool {
        let given = call.header("authorization").and_then(|header| header.strip_prefix("Basic ")).unwrap_or_default();
        let given = BASE64_STANDARD.decode(given).unwrap_or_default();
        let right = |user: &str, password: &str| mac::equal(&given, format!("{user}:{password}").as_bytes());
        right(&self.account_sid, &self.auth_token) || right(&self.api_key_sid, &self.api_key_secret)
    }

    fn number(&self) -> Value {
        let set = |name: &str| self.settings(|settings| settings.get(name).cloned()).unwrap_or_default();
        json!({
            "sid": NUMBER_SID, "account_sid": self.account_sid, "phone_number": self.number, "friendly_name": self.number,
            "capabilities": {"voice": true, "sms": true, "mms": true}, "sms_url": set("SmsUrl"), "sms_method": "POST",
            "sms_fallback_url": set("SmsFallbackUrl"), "status_callback": set("StatusCallback"),
        })
    }

    fn send(&self, world: &mut World, form: &[(String, String)]) -> Reply {
        if world.is_on(Switch::RateLimit) {
            return refuse("20429");
        }
        if let Some(code) = world.take_injected(When::Answer) {
            return refuse(&code);
        }
        if let Err(code) = self.check(form) {
            return refuse(code);
        }
        let to = find(form, "To").unwrap_or_default();
        if world.customer(to).is_none() && !world.add_customer(Customer::new(to.to_owned(), "Somebody", to.to_owned())) {
            return refuse("21611");
        }
        if world.customer(to).is_some_and(|customer| customer.opted_out) {
            return refuse("21610");
        }
        let media: Vec<&str> = form.iter().filter(|(name, _)| name == "MediaUrl").map(|(_, url)| url.as_str()).collect();
        let id = told::sid(world, if media.is_empty() { "SM" } else { "MM" });
        let content = find(form, "ContentSid").map(|sid| format!("(content {sid})"));
        let body = find(form, "Body").map(str::to_owned).or(content).unwrap_or_default();
        let mut message = Message::new(id.clone(), Side::Business, if media.is_empty() { "sms" } else { "mms" }, &body, world.now_ms());
        message.files = media
            .iter()
            .map(|url| {
                let kind =
                    if [".jpg", ".jpeg", ".png", ".gif", ".webp"].iter().any(|ending| url.contains(ending)) { "image" } else { "document" };
                FileRef { kind: kind.to_owned(), mime: String::new(), name: String::new(), file_id: None, link: Some((*url).to_owned()) }
            })
            .collect();
        message.reference = find(form, "StatusCallback").map(str::to_owned);
        let shown = self.resource(to, &message, find(form, "MessagingServiceSid"));
        if let Some(customer) = world.customer_mut(to) {
            customer.push(message);
        }
        Reply::json(201, shown).accepted(to, &id)
    }

    /// Limits and fields (A7, A9).
    fn check(&self, form: &[(String, String)]) -> Result<(), Wrong> {
        let (to, body) = (find(form, "To").unwrap_or_default(), find(form, "Body").unwrap_or_default());
        let media: Vec<&str> = form.iter().filter(|(name, _)| name == "MediaUrl").map(|(_, url)| url.as_str()).collect();
        let web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        let digits = to.strip_prefix('+').unwrap_or(to);
        match (find(form, "From"), find(form, "MessagingServiceSid")) {
            _ if to.is_empty() => Err("21604"),
            _ if digits.len() < 3 || digits.len() > 15 || !digits.bytes().all(|byte| byte.is_ascii_digit()) => Err("21211"),
            (None, None) => Err("21603"),
            (Some(from), None) if from != self.number => Err("21606"),
            (_, Some(service)) if !service.starts_with("MG") => Err("21705"),
            _ if body.is_empty() && media.is_empty() && find(form, "ContentSid").is_none() => Err("21602"),
            _ if count(body) > BODY_CHARS_MAX => Err("21617"),
            _ if media.len() > MEDIA_MAX => Err("21623"),
            _ if !media.iter().all(|url| web(url)) => Err("21620"),
            _ if find(form, "StatusCallback").is_some_and(|url| !web(url)) => Err("21609"),
            _ => Ok(()),
        }
    }

    /// A message as the interface shows it.
    fn resource(&self, customer: &str, message: &Message, service: Option<&str>) -> Value {
        let inbound = message.from == Side::Customer;
        let (from, to) = if inbound { (customer, self.number.as_str()) } else { (self.number.as_str(), customer) };
        let status = match (inbound, message.status) {
            (true, _) => "received",
            (false, Status::Accepted) => "queued",
            (false, Status::Sent) => "sent",
            (false, Status::Delivered | Status::Read) => "delivered",
            (false, Status::Failed) => "failed",
        };
        let date = date(message.at_ms);
        let uri = format!("/2010-04-01/Accounts/{}/Messages/{}", self.account_sid, message.id);
        let media = message.files.len().to_string();
        json!({
            "sid": message.id, "account_sid": self.account_sid, "messaging_service_sid": service, "status": status,
            "direction": if inbound { "inbound" } else { "outbound-api" }, "from": from, "to": to, "body": message.text,
            "num_segments": "1", "num_media": media, "price": null, "price_unit": "USD", "error_code": message.error.as_ref().and_then(|code| code.parse::<u32>().ok()),
            "error_message": null, "date_created": date, "date_sent": if inbound { Value::from(date.clone()) } else { Value::Null }, "date_updated": date,
            "api_version": "2010-04-01", "uri": format!("{uri}.json"), "subresource_uris": {"media": format!("{uri}/Media.json")},
        })
    }

    fn fetch(&self, world: &World, id: &str) -> Reply {
        let found = world.customers.iter().find_map(|customer| Some((customer, customer.message(id)?)));
        found.map_or_else(|| refuse("20404"), |(customer, message)| Reply::json(200, self.resource(&customer.key, message, None)))
    }

    /// All messages, newest first, by sender and recipient (A5: how lost ones are found). The dates of the query are not looked at.
    fn list(&self, world: &World, call: &ApiRequest) -> Reply {
        let size = call.query("PageSize").and_then(|size| size.parse::<usize>().ok()).unwrap_or(50).clamp(1, 1000);
        let page = call.query("Page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(0);
        let (from, to) = (call.query("From"), call.query("To"));
        let all = world.customers.iter().flat_map(|customer| customer.messages.iter().map(move |message| (customer, message)));
        let mut fitting: Vec<_> = all
            .filter(|(customer, message)| {
                let ends = [customer.key.as_str(), self.number.as_str()];
                let [sender, recipient] = if message.from == Side::Customer { ends } else { [ends[1], ends[0]] };
                from.is_none_or(|from| from == sender) && to.is_none_or(|to| to == recipient)
            })
            .collect();
        fitting.sort_by_key(|(_, message)| std::cmp::Reverse((message.at_ms, message.id.clone())));
        let more = fitting.len() > (page + 1) * size;
        let shown: Vec<Value> =
            fitting.iter().skip(page * size).take(size).map(|(customer, message)| self.resource(&customer.key, message, None)).collect();
        let mut next = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| name != "Page") {
            next.append_pair(name, value);
        }
        let next = next.append_pair("Page", &(page + 1).to_string()).finish();
        let next = more.then(|| format!("/2010-04-01/Accounts/{}/Messages.json?{next}", self.account_sid));
        Reply::json(200, json!({"messages": shown, "page": page, "page_size": size, "next_page_uri": next}))
    }

    /// A file: first the interface, with the credentials, which leads to a signed address elsewhere (A8).
    fn redirect(&self, world: &World, id: &str) -> Reply {
        let id = id.trim_start_matches("ME").trim_start_matches('0');
        if world.file(id).is_none() {
            return refuse("20404");
        }
        let until = (world.now_ms() / 1_000 + LINK_SECS).to_string();
        let location = format!("{}/simulated-cdn/{id}?Expires={until}&Signature={}", world.own_url, self.link_hash(id, &until));
        Reply::json(307, Value::Null).header("location", location)
    }

    fn link_hash(&self, id: &str, until: &str) -> String {
        let hash = mac::hmac_sha256_joined(self.auth_token.as_bytes(), &[id.as_bytes(), b" ", until.as_bytes()]);
        hex::encode(hash).chars().take(20).collect()
    }

    fn download(&self, world: &World, call: &ApiRequest, id: &str) -> Reply {
        let until = call.query("Expires").unwrap_or_default();
        let fresh = until.parse::<i64>().is_ok_and(|until| until >= world.now_ms() / 1_000);
        match world.file(id) {
            Some(file) if fresh && call.query("Signature") == Some(&self.link_hash(id, until)) => {
                Reply::bytes(&file.mime, file.bytes.clone())
            }
            _ => Reply::json(403, json!({"error": "AccessDenied"})),
        }
    }
}

/// A date as RFC 2822 writes it.
fn date(at_ms: i64) -> String {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(at_ms.unsigned_abs());
    httpdate::fmt_http_date(time).replace("GMT", "+0000")
}
