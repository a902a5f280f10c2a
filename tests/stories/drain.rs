//! SIGTERM under traffic.

use futures_util::future::join_all;
use serde_json::json;

use super::{chance::Chance, client::Heard, house::House, ledger::Ledger, person::Stage, resume::people};

#[tokio::test]
async fn a_server_that_is_told_to_stop_keeps_all_it_acknowledged_and_exits_with_0_on_sqlite() {
    drain(House::on_sqlite(), "drain on SQLite").await;
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_keeps_all_it_acknowledged_and_exits_with_0_on_postgres() {
    drain(House::on_postgres(), "drain on PostgreSQL").await;
}

async fn drain(house: House, story: &str) {
    let mut chance = Chance::new(story);
    let server = house.start();
    let (_, people) = people(&house, &server, &mut chance).await;
    let stage = Stage::new(Some(&server.address), 0);
    let (mut people, next) = tokio::join!(join_all(people.into_iter().map(|person| person.live(stage.clone()))), async {
        stage.acks(200).await;
        // From here on nobody knows where to go until the next server stands.
        stage.address.send_replace(None);
        server.terminate();
        assert_eq!(server.ended().await, Some(0));
        let at_exit = Ledger::read(&house).await;
        let next = house.start();
        stage.address.send_replace(Some(next.address.clone()));
        stage.acks(200).await;
        stage.end();
        (next, at_exit)
    });
    let (server, at_exit) = next;
    assert!(!at_exit.events.is_empty());
    let ledger = Ledger::read(&house).await;
    for person in &mut people {
        let last = ledger.last_place(person);
        person.catch_up(&server.address, last).await;
        ledger.equals_what_was_seen_by(person);
        ledger.keeps_promises_to(person);
    }
}

#[tokio::test]
async fn sockets_of_a_draining_server_are_told_when_to_come_back() {
    let house = House::on_sqlite();
    let server = house.start();
    let owner = server.owner().await;
    let session = server.visitor(&house).await;
    let mut visitor = server.visitor_socket(&session).await;
    let mut agent = server.agent_socket(&owner, &["inbox"]).await;
    server.terminate();
    for client in [&mut visitor, &mut agent] {
        let goodbye = client.hear_type("goodbye").await;
        assert_eq!(goodbye["reason"], "draining");
        assert!(goodbye["reconnect_after_ms"].as_u64().is_some_and(|ms| ms <= 30_000), "{goodbye}");
        assert_eq!(client.hear().await, Heard::Closed(Some(4000)));
    }
    assert_eq!(server.ended().await, Some(0));
    let again = json!({"apiKey": house.api_key});
    let server = house.start();
    server.post(None, "/api/widget/init", &again).await.good();
}
