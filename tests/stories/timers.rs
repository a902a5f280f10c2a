//! What is to happen at a time to come happens then, once, whatever happened to the server meanwhile.
//!
//! How late it happens is printed, and asserted nowhere.

use std::{collections::BTreeMap, time::Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    house::{House, Server},
    ledger::Ledger,
};

/// How far ahead: long enough that it is not due yet when the server is killed, and mostly not when the next one is there.
const AHEAD_MS: i64 = 5_000;
/// Messages that are due at the same instant, for two nodes to quarrel about.
const AT_ONCE: usize = 15;

#[tokio::test]
async fn a_snooze_and_a_message_to_be_sent_later_outlive_a_kill_on_sqlite() {
    outlive(House::on_sqlite(), "SQLite").await;
}

#[tokio::test]
async fn a_snooze_and_a_message_to_be_sent_later_outlive_a_kill_on_postgres() {
    outlive(House::on_postgres(), "PostgreSQL").await;
}

async fn outlive(house: House, name: &str) {
    let server = house.start();
    let (token, session) = (house.api_token.clone(), server.visitor(&house).await);
    let (conversation, _) = server.visitor_says(&session, "v-1", "Call me tomorrow, please.").await;
    let path = format!("/api/v1/conversations/{conversation}");
    let (until, send_at) = (ahead(AHEAD_MS), ahead(AHEAD_MS + 300));
    server.patch(&token, &path, &json!({"status": "snoozed", "snoozed_until": text(until)})).await.good();
    let later = json!({"text": "Good morning!", "send_at": text(send_at)});
    let scheduled = server.post(Some(&token), &format!("{path}/scheduled-messages"), &later).await.good();
    server.kill();

    let server = house.start();
    let woken = happened(&server, &token, |event| event["data"]["changes"]["status"]["to"] == "open").await;
    let said = happened(&server, &token, |event| event["data"]["content_text"] == "Good morning!").await;
    println!(
        "kill -9, {name:<10} | a snooze ended {} ms late | a message was sent {} ms late",
        late_ms("the snooze", &woken["timestamp"], until),
        late_ms("the message", &said["data"]["created_at"], send_at)
    );
    assert_eq!(woken["event"], "conversation.updated");
    assert_eq!(said["data"]["client_id"], format!("scheduled:{}", scheduled["id"].as_str().unwrap()));
    server.kill();

    // Another start finds nothing left to do: what is due after it has had its turn, and so has all that was due before.
    let server = house.start();
    let last = json!({"text": "Good evening!", "send_at": text(ahead(500))});
    server.post(Some(&token), &format!("{path}/scheduled-messages"), &last).await.good();
    happened(&server, &token, |event| event["data"]["content_text"] == "Good evening!").await;
    let shown = server.get(&token, &path).await.good();
    assert_eq!(json!([shown["status"], shown["snoozed_until"], shown["scheduled_count"]]), json!(["open", null, 0]));
    assert_eq!(server.get(&token, &format!("{path}/scheduled-messages")).await.good()["data"], json!([]));
    drop(server);
    let ledger = Ledger::read(&house).await;
    assert_eq!(texts(&ledger, &conversation), ["Call me tomorrow, please.", "Good morning!", "Good evening!"]);
    let woken = ledger.events.iter().filter(|event| event.kind.as_str() == "conversation.updated" && opens(event.data.get())).count();
    assert_eq!(woken, 1, "the snooze ended once");
}

#[tokio::test]
async fn of_two_nodes_that_find_the_same_one_acts() {
    let house = House::on_postgres();
    // A house of its own beside it, on the same database: its server looks after every workspace's timers.
    let neighbour = House::on_database(house.database_url.clone());
    let (here, there) = (house.start(), neighbour.start());
    let token = house.api_token.clone();
    let begun = Instant::now();
    let mut conversations = Vec::new();
    for _number in 0..AT_ONCE {
        let session = here.visitor(&house).await;
        let (conversation, _) = here.visitor_says(&session, "v-1", "Hello").await;
        // Awake on both nodes, so that each of them has its own opinion of it.
        for server in [&here, &there] {
            server.patch(&token, &format!("/api/v1/conversations/{conversation}"), &json!({"priority": "high"})).await.good();
        }
        conversations.push(conversation);
    }
    // As long again as that took: a busy machine needs more.
    let due = ahead(AHEAD_MS + i64::try_from(begun.elapsed().as_millis()).expect("not that long"));
    for (number, conversation) in conversations.iter().enumerate() {
        let path = format!("/api/v1/conversations/{conversation}");
        here.patch(&token, &path, &json!({"status": "snoozed", "snoozed_until": text(due)})).await.good();
        let later = json!({"text": format!("later {number}"), "send_at": text(due)});
        let server = if number % 2 == 0 { &here } else { &there };
        server.post(Some(&token), &format!("{path}/scheduled-messages"), &later).await.good();
    }
    let mut worst = 0;
    for number in 0..AT_ONCE {
        let said = happened(&here, &token, |event| event["data"]["content_text"] == format!("later {number}")).await;
        worst = worst.max(late_ms("a message", &said["data"]["created_at"], due));
    }
    println!("two nodes           | {AT_ONCE} snoozes and {AT_ONCE} messages at one instant | the last was sent {worst} ms late");
    for conversation in &conversations {
        happened(&here, &token, |event| woke(event, conversation)).await;
    }
    drop((here, there));
    let ledger = Ledger::read(&house).await;
    let mut woken: BTreeMap<String, usize> = BTreeMap::new();
    for event in ledger.events.iter().filter(|event| event.kind.as_str() == "conversation.updated" && opens(event.data.get())) {
        *woken.entry(event.conversation_id.expect("a conversation").to_string()).or_default() += 1;
    }
    for (number, conversation) in conversations.iter().enumerate() {
        assert_eq!(texts(&ledger, conversation), ["Hello".to_owned(), format!("later {number}")]);
        assert_eq!(woken.get(conversation), Some(&1), "the snooze ended once");
    }
}

fn ahead(ms: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::milliseconds(ms)
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// How long after its time something happened; never before it.
fn late_ms(what: &str, at: &Value, due: DateTime<Utc>) -> i64 {
    let at: DateTime<Utc> = at.as_str().expect("an instant").parse().expect("an instant");
    // The server keeps microseconds.
    assert!(at.timestamp_micros() >= due.timestamp_micros(), "{what} came before its time: {at} and not {due}");
    (at - due).num_milliseconds()
}

/// The first event of which this holds; waits for it.
async fn happened(server: &Server, token: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let mut after = String::new();
    for _page in 0..1_000 {
        let page = server.get(token, &format!("/api/v1/events?limit=100&wait=20{after}")).await.good();
        if let Some(event) = page["data"].as_array().expect("a page").iter().find(|event| holds(event)) {
            return event.clone();
        }
        after = format!("&after={}", page["next_cursor"].as_str().expect("a cursor"));
    }
    panic!("it never happened");
}

fn opens(data: &str) -> bool {
    let data: Value = serde_json::from_str(data).expect("JSON");
    data["changes"]["status"]["to"] == "open"
}

/// The snooze of this conversation has ended.
fn woke(event: &Value, conversation: &str) -> bool {
    event["data"]["id"] == conversation && event["data"]["changes"]["status"]["to"] == "open"
}

/// What was said in a conversation, in order.
fn texts(ledger: &Ledger, conversation: &str) -> Vec<String> {
    let said = ledger.events.iter().filter(|event| {
        event.kind.as_str() == "conversation.message_created" && event.conversation_id.is_some_and(|id| id.to_string() == conversation)
    });
    said.map(|event| {
        let data: Value = serde_json::from_str(event.data.get()).expect("JSON");
        data["content_text"].as_str().expect("a text").to_owned()
    })
    .collect()
}
