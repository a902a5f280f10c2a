//! A day of a provider's notifications, recorded from its simulator before anything is sent, and what a server makes of it at the end.

use std::{collections::BTreeMap, io, sync::atomic::Ordering, time::Duration};

use serde_json::{Value, json};
use switchboard::simulate::{
    Running, Simulated,
    faults::Proof,
    provider::{Act, Notice, Provider, Sealed, Sealing, To},
    world::{Side, Status, World},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::{Line, Relay, Scene, Simulation, now_ms};
use crate::stories::chance::Chance;

/// Notifications for one customer, about.
const EACH: usize = 25;
/// Fewest and most customers; the simulator keeps 200.
const CUSTOMERS: std::ops::RangeInclusive<usize> = 4..=180;
/// How long ago the day began, in milliseconds: none of it is in the future.
const AGO_MS: i64 = 8 * 60 * 60 * 1_000;

/// Attempts of one notification.
const ATTEMPTS_MAX: u32 = 10_000;

/// What can happen besides writing: the business answers from elsewhere, and whatever else the provider tells.
fn extras(provider: Simulated) -> (Option<&'static str>, &'static [&'static str]) {
    match provider {
        Simulated::Whatsapp => {
            (Some("phone_app_answer"), &["location", "contacts", "unsupported", "ad", "stop_marketing", "resume_marketing"])
        }
        Simulated::Messenger => (Some("inbox_answer"), &["get_started", "thumb", "location", "share", "unsupported"]),
        // Twilio does not say when: whether STOP came before START is not to be known from a shuffled day.
        Simulated::Sms => (None, &["stop", "help"]),
        Simulated::Slack => (None, &["unfurl", "join"]),
        Simulated::Dialpad => (Some("agent_answer"), &["call_answered", "call_missed", "call_voicemail", "call_transfer", "stop", "start"]),
    }
}

/// The notifications of a day, in the order in which things happened.
pub fn record((provider, running, ahead_ms): &Simulation, count: usize, chance: &mut Chance) -> Vec<Notice> {
    ahead_ms.store(-AGO_MS, Ordering::SeqCst);
    let sim = running.simulator();
    let wanted = (count / EACH).clamp(*CUSTOMERS.start(), *CUSTOMERS.end());
    let mut people = vec![sim.look(|world| world.customers[0].key.clone())];
    while people.len() < wanted {
        people.push(sim.add_customer(&format!("Customer {}", people.len()), None).expect("somebody new").key);
    }
    let mut notices = Vec::new();
    while notices.len() < count {
        // Providers count in seconds: what happens within one has no order.
        ahead_ms.fetch_add(1_000, Ordering::SeqCst);
        let person = &people[chance.below(people.len() as u64) as usize];
        notices.extend(sim.change(|world| happens(*provider, running, world, person, chance)));
    }
    ahead_ms.store(0, Ordering::SeqCst);
    notices
}

fn happens(provider: Simulated, running: &Running, world: &mut World, person: &str, chance: &mut Chance) -> Vec<Notice> {
    let played = &running.simulator().provider;
    let (can, (echo, extras)) = (played.profile().can, extras(provider));
    let customer = world.customer(person).expect("the customer");
    let theirs: Vec<_> =
        customer.messages.iter().filter(|message| message.from == Side::Customer).map(|message| message.id.clone()).collect();
    let mut one = |of: &[String]| (!of.is_empty()).then(|| of[chance.below(of.len() as u64) as usize].clone());
    let target = one(&theirs);
    let extra = extras[chance.below(extras.len() as u64) as usize];
    let text = format!("said at {}", world.now_ms());
    let act = match (chance.below(20), target) {
        (0..=2, Some(message_id)) if can.react => {
            Act::React { message_id, emoji: ["👍", "❤️", "😂", ""][chance.below(4) as usize].to_owned() }
        }
        (3..=5, Some(message_id)) if can.edit => Act::Edit { message_id, text },
        // Messenger tells of no deletion.
        (6, Some(message_id)) if can.delete && provider != Simulated::Messenger => Act::Delete { message_id },
        (7..=9, Some(_)) if echo.is_some() => Act::Extra { name: echo.expect("an echo").to_owned() },
        (10, Some(_)) => Act::Extra { name: extra.to_owned() },
        _ => Act::Write { text, file_id: None, reply_to: None },
    };
    let mut notices = played.act(world, person, &act).unwrap_or_else(|refused| panic!("{act:?}: {refused}")).notices;
    if matches!(&act, Act::Extra { name } if Some(name.as_str()) == echo) {
        notices.extend(receipts(&**played, world, person));
    }
    notices
}

/// The receipts of what the business has said last.
fn receipts(played: &dyn Provider, world: &mut World, person: &str) -> Vec<Notice> {
    let customer = world.customer(person).expect("the customer");
    let Some(message) = customer.messages.iter().rev().find(|message| message.from == Side::Business).cloned() else { return Vec::new() };
    let statuses = [Status::Sent, Status::Delivered, Status::Read];
    statuses.into_iter().flat_map(|status| played.receipt(world, person, &message, status, None)).collect()
}

/// Sends a notification until it is taken, as its provider would.
pub async fn deliver(relay: &Relay, (provider, running, _): &Simulation, notice: &Notice) {
    for attempt in 1..ATTEMPTS_MAX {
        match deliver_once(relay, (*provider, running), notice, attempt).await {
            Ok(200..=299) => return,
            Ok(503) => tokio::task::yield_now().await,
            Err(_) => sleep(Duration::from_millis(5)).await,
            Ok(status) => panic!("{} was refused with {status}: {:?}", notice.about, notice.told),
        }
    }
    panic!("{} is never taken", notice.about);
}

/// Sends a notification once; the answer's status. An error means that nothing is known of its outcome.
pub async fn deliver_once(relay: &Relay, by: (Simulated, &Running), notice: &Notice, attempt: u32) -> io::Result<u16> {
    let url = match &notice.to {
        To::Hook(suffix) => format!("{}/api/webhooks/{}{suffix}", relay.url, by.0.name()),
        To::Url(url) => url.clone(),
    };
    let sealing = Sealing { url, proof: Proof::Right, now_ms: now_ms(), attempt, reason: "http_error" };
    let sealed = by.1.simulator().provider.seal(notice, &sealing);
    let address = relay.address().ok_or(io::ErrorKind::ConnectionRefused)?;
    post(&address, &relay.url, &sealed).await
}

impl Scene {
    /// What the line's conversations and contacts have come to, without what depends on when it came.
    pub async fn projection(&self, line: &Line) -> BTreeMap<String, Value> {
        let server = self.server();
        let mut all = BTreeMap::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/conversations?channel_id={}&sort=created_at&limit=100{cursor}", line.channel_id);
            let page = server.get(&line.token, &path).await.good();
            for conversation in page["data"].as_array().expect("a list") {
                let (key, is) = self.projected(line, conversation).await;
                assert!(all.insert(key.clone(), is).is_none(), "two conversations of {key}");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    async fn projected(&self, line: &Line, conversation: &Value) -> (String, Value) {
        let server = self.server();
        let contact = conversation["contact"]["id"].as_str().expect("a contact");
        let contact = server.get(&line.token, &format!("/api/v1/contacts/{contact}")).await.good();
        let mut addresses: Vec<String> = contact["addresses"]
            .as_array()
            .expect("addresses")
            .iter()
            .map(|address| format!("{} {}", address["kind"].as_str().unwrap(), address["value"].as_str().unwrap()))
            .collect();
        addresses.sort_unstable();
        let messages = server.messages(&line.token, conversation["id"].as_str().expect("an id")).await;
        let known = messages.len();
        let messages: BTreeMap<String, Value> = messages.iter().map(message).collect();
        assert_eq!(messages.len(), known, "a message stands twice in the conversation of {addresses:?}");
        let opted_out = conversation.pointer("/remote/opted_out").cloned().unwrap_or_default();
        (addresses.join(", "), json!({"name": contact["name"], "opted_out": opted_out, "messages": messages}))
    }
}

fn message(message: &Value) -> (String, Value) {
    let key = message["client_id"].as_str().unwrap_or_else(|| panic!("no key: {message}")).to_owned();
    let mut reactions: Vec<String> = message["reactions"]
        .as_array()
        .expect("reactions")
        .iter()
        .map(|reaction| format!("{} {}", reaction["author"]["type"].as_str().unwrap(), reaction["emoji"].as_str().unwrap()))
        .collect();
    reactions.sort_unstable();
    let is = json!({
        "text": message["content_text"], "direction": message["direction"], "status": message["status"], "reactions": reactions,
        "deleted": message["deleted_at"].is_string(), "edited": message["edited_at"].is_string(), "kind": message["kind"],
        "type": message["via"]["type"], "files": message["attachments"].as_array().map(Vec::len), "details": message["via"]["details"],
    });
    (key, is)
}

/// Posts a sealed notification and answers with the status.
async fn post(address: &str, public_url: &str, sealed: &Sealed) -> io::Result<u16> {
    let path = sealed.url.strip_prefix(public_url).expect("an address of the server");
    let headers: String = sealed.headers.iter().fold(String::new(), |all, (name, value)| all + &format!("{name}: {value}\r\n"));
    let host = public_url.trim_start_matches("http://");
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n", sealed.body.len());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&sealed.body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let head = String::from_utf8_lossy(&answer);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
