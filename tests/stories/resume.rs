//! Sockets cut at random under traffic: at the end, what each side shows is what the database holds.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use serde_json::Value;

use super::{
    chance::Chance,
    house::{House, Server},
    ledger::Ledger,
    person::{Person, Side, Stage},
    size,
};

/// Conversations, each with a visitor and two agents' sockets.
const CONVERSATIONS: usize = 4;

#[tokio::test]
async fn a_thousand_cuts_lose_nothing_on_sqlite() {
    cut(House::on_sqlite(), "resume on SQLite").await;
}

#[tokio::test]
async fn a_thousand_cuts_lose_nothing_on_postgres() {
    cut(House::on_postgres(), "resume on PostgreSQL").await;
}

async fn cut(house: House, story: &str) {
    let cuts = size("SWITCHBOARD_STORY_CUTS", 1_000);
    let mut chance = Chance::new(story);
    let server = house.start();
    let (owner, people) = people(&house, &server, &mut chance).await;
    let stage = Stage::new(Some(&server.address), cuts);
    let (mut people, ()) = tokio::join!(join_all(people.into_iter().map(|person| person.live(stage.clone()))), async {
        while stage.cuts_left.load(Ordering::SeqCst) > 0 {
            stage.acks(10).await;
        }
        stage.end();
    });

    let reconnects = stage.reconnects.load(Ordering::SeqCst);
    assert!(reconnects >= cuts as u64, "only {reconnects} of {cuts} cuts were made");
    let ledger = Ledger::read(&house).await;
    let mut messages = 0;
    for person in &mut people {
        let last = ledger.last_place(person);
        person.catch_up(&server.address, last).await;
        ledger.equals_what_was_seen_by(person);
        messages += ledger.keeps_promises_to(person);
        let listed = shown_over_http(&server, &owner, person).await;
        assert_eq!(listed, ledger.said(&person.conversation), "{}: the screen is not the database", person.name);
    }
    println!("{story}: {reconnects} reconnects, {messages} messages, nothing lost, doubled or out of order");
}

/// What the REST list shows of the person's conversation.
async fn shown_over_http(server: &Server, owner: &str, person: &Person) -> Vec<(String, u64)> {
    let messages = match person.side {
        Side::Visitor => server.history(&person.token).await,
        Side::Agent => server.messages(owner, &person.conversation).await,
    };
    let line = |message: &Value| {
        let client_id = message["client_id"].as_str().unwrap_or_default().to_owned();
        (client_id, message["seq"].as_u64().expect("a seq"))
    };
    messages.iter().map(line).collect()
}

/// A visitor and two agents' sockets in each conversation; and the owner's token.
pub async fn people(house: &House, server: &Server, chance: &mut Chance) -> (String, Vec<Person>) {
    let owner = server.owner().await;
    let (_, ben) = server.agent(&owner, "Ben").await;
    let mut people = Vec::new();
    for number in 0..CONVERSATIONS {
        let session = server.visitor(house).await;
        let (conversation, _) = server.visitor_says(&session, "first", "The first message").await;
        let mut add = |name: String, side: Side, token: &str| {
            people.push(Person::new(&name, side, token, &conversation, chance.fork()));
        };
        add(format!("v{number}"), Side::Visitor, &session);
        add(format!("a{number}"), Side::Agent, &owner);
        add(format!("b{number}"), Side::Agent, &ben);
    }
    (owner, people)
}
