//! The webhooks' drill: events flow while the server, or the database, is killed at random instants, and receivers that now and then refuse
//! must in the end have every event, signed, the ordered one in order.
//!
//! Small in the tests; `scripts/drill webhooks` runs it at full size. What the receivers got is held against the feed, which is read from the
//! same table that the sockets' promises are held against.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use serde_json::{Value, json};
use switchboard::crypto::hmac_sha256_joined;
use tokio::time::{Instant, sleep, timeout};

use super::{
    chance::Chance,
    house::{House, Server},
    http, size,
};
use crate::support::{
    postgres,
    receiver::{Manner, Received, Receiver},
};

/// Everything must have arrived so long after the last event; far longer than it takes.
const PATIENCE: Duration = Duration::from_mins(2);
/// The drill sets it: within so many milliseconds of each restart both webhooks must have gone on.
const GOES_ON_MAX: &str = "SWITCHBOARD_DRILL_GOES_ON_MS";
/// Messages between two kills.
const MESSAGES: usize = 12;
/// The options of a server whose receivers are on this machine.
const OPTIONS: [&str; 5] =
    ["--allow-insecure-webhooks", "--webhook-allow-cidr", "127.0.0.0/8", "--webhook-retry-schedule", "1s,1s,1s,1s,1s,1s,1s,1s,1s,1s"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_the_server_loses_no_event_of_a_webhook_on_sqlite() {
    server_is_killed(House::on_sqlite(), "webhooks, kill -9 of the server, SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_the_server_loses_no_event_of_a_webhook_on_postgres() {
    server_is_killed(House::on_postgres(), "webhooks, kill -9 of the server, PostgreSQL").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_the_database_loses_no_event_of_a_webhook() {
    let kills = size("SWITCHBOARD_DRILL_DATABASE_KILLS", 1);
    let mut database = postgres::Server::start();
    let house = House::on_database(database.database());
    let server = house.start_with(&OPTIONS);
    let mut scene = Scene::set(&house, &server).await;
    scene.talk(&server, 0).await;
    for round in 1..=kills {
        database.kill();
        let before = scene.requests();
        database.restart();
        scene.talk_again(&server, round, before).await;
    }
    scene.take_stock(&server, &house, "webhooks, kill -9 of PostgreSQL", kills).await;
    drop(server);
}

async fn server_is_killed(house: House, story: &str) {
    let kills = size("SWITCHBOARD_DRILL_KILLS", 3);
    let mut chance = Chance::new(story);
    let mut server = house.start_with(&OPTIONS);
    let mut scene = Scene::set(&house, &server).await;
    scene.talk(&server, 0).await;
    for round in 1..=kills {
        for _ in 0..chance.below(3_000) {
            tokio::task::yield_now().await;
        }
        server.kill();
        let before = scene.requests();
        server = house.start_with(&OPTIONS);
        scene.talk_again(&server, round, before).await;
    }
    scene.take_stock(&server, &house, story, kills).await;
    drop(server);
}

/// A webhook and who receives for it.
struct Subscriber {
    receiver: Receiver,
    path: String,
    secret: String,
    ordered: bool,
}

struct Scene {
    session: String,
    subscribers: Vec<Subscriber>,
    /// The feed's place when the webhooks were made.
    begun: String,
    /// From each restart until both webhooks had gone on.
    went_on: Vec<Duration>,
}

impl Scene {
    async fn set(house: &House, server: &Server) -> Self {
        let mut subscribers = Vec::new();
        for ordered in [true, false] {
            // Each connection carries one answer and is then broken off at the next request: the second try finds a new one.
            let receiver = Receiver::plain(Manner::Once(crate::support::receiver::answer("204 No Content", &[], ""))).await;
            let url = format!("http://{}/hook", receiver.address);
            let body = json!({"url": url, "events": ["*"], "ordered": ordered});
            let made = server.post(Some(&house.api_token), "/api/v1/webhooks", &body).await.good();
            let text = |name: &str| made[name].as_str().expect("a text").to_owned();
            subscribers.push(Subscriber { receiver, path: format!("/api/v1/webhooks/{}", text("id")), secret: text("secret"), ordered });
        }
        let feed = server.get(&house.api_token, "/api/v1/events?limit=100").await.good();
        let begun = feed["next_cursor"].as_str().expect("a cursor").to_owned();
        Self { session: server.visitor(house).await, subscribers, begun, went_on: Vec::new() }
    }

    /// Says a few things; each is said until it is acknowledged.
    async fn talk(&self, server: &Server, round: usize) {
        for number in 0..MESSAGES {
            let body = json!({"sessionToken": self.session, "message": format!("round {round}, {number}"), "clientId": format!("{round}-{number}")});
            let end = Instant::now() + PATIENCE;
            loop {
                match http::request(&server.address, "POST", "/api/widget/message", None, Some(&body)).await {
                    Ok(answer) if answer.status == 200 => break,
                    other => assert!(Instant::now() < end, "the message was never taken: {other:?}"),
                }
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// How many requests each subscriber has had.
    fn requests(&self) -> Vec<usize> {
        self.subscribers.iter().map(|subscriber| subscriber.receiver.tally().requests).collect()
    }

    /// Talks right after a restart, and notes how long it takes until each subscriber has one request more than `before`: the ordered one's is
    /// what the crash had left, where it had left something.
    async fn talk_again(&mut self, server: &Server, round: usize, before: Vec<usize>) {
        let ready = Instant::now();
        let goes_on = async {
            for (subscriber, before) in self.subscribers.iter().zip(before) {
                subscriber.receiver.requested(before + 1).await;
            }
            ready.elapsed()
        };
        let ((), went_on) = tokio::join!(self.talk(server, round), timeout(PATIENCE, goes_on));
        self.went_on.push(went_on.expect("deliveries go on after a restart"));
    }

    async fn take_stock(&self, server: &Server, house: &House, story: &str, kills: usize) {
        let events = self.feed(server, house).await;
        let (mut deliveries, mut repeats) = (0, 0);
        for subscriber in &self.subscribers {
            let got = subscriber.everything(&events).await;
            deliveries += got.len();
            repeats += got.len() - events.len();
            subscriber.is_as_promised(&got, &events);
            self.nothing_is_left(server, house, subscriber).await;
        }
        let slowest = self.went_on.iter().max().copied().unwrap_or_default().as_millis();
        println!(
            "{story:<44} | kills {kills:>3} | events {:>5} | requests {deliveries:>6} | repeats {repeats:>4} | lost 0, stranded 0 \
             | went on within {slowest} ms",
            events.len()
        );
        let allowed = size(GOES_ON_MAX, usize::MAX) as u128;
        assert!(slowest <= allowed, "deliveries went on {slowest} ms after a restart, and {allowed} are allowed: {:?}", self.went_on);
    }

    /// The feed behind the place where the webhooks were made, whole.
    async fn feed(&self, server: &Server, house: &House) -> Vec<Value> {
        let (mut cursor, mut events) = (self.begun.clone(), Vec::new());
        loop {
            let page = server.get(&house.api_token, &format!("/api/v1/events?limit=100&after={cursor}")).await.good();
            events.extend(page["data"].as_array().expect("a list").iter().cloned());
            page["next_cursor"].as_str().expect("a cursor").clone_into(&mut cursor);
            if page["caught_up"] == true {
                return events;
            }
        }
    }

    async fn nothing_is_left(&self, server: &Server, house: &House, subscriber: &Subscriber) {
        let end = Instant::now() + PATIENCE;
        loop {
            let pending = server.get(&house.api_token, &format!("{}/deliveries?status=pending", subscriber.path)).await.good();
            let failed = server.get(&house.api_token, &format!("{}/deliveries?status=failed", subscriber.path)).await.good();
            assert_eq!(failed["data"], json!([]));
            if pending["data"] == json!([]) {
                return;
            }
            assert!(Instant::now() < end, "stranded: {pending}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Subscriber {
    /// Waits until there is a request for each event, and answers all requests.
    async fn everything(&self, events: &[Value]) -> Vec<Received> {
        let end = Instant::now() + PATIENCE;
        loop {
            let got = self.receiver.received();
            let ids: HashSet<&str> = got.iter().map(|request| request.header("webhook-id")).collect();
            let missing = events.iter().filter(|event| !ids.contains(event["id"].as_str().expect("an id"))).count();
            if missing == 0 {
                return got;
            }
            assert!(Instant::now() < end, "{missing} of {} events never arrived", events.len());
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Every request is signed, every repeat is the same bytes under the same id, and the ordered one has them in order.
    fn is_as_promised(&self, got: &[Received], events: &[Value]) {
        let mut bodies: BTreeMap<&str, &[u8]> = BTreeMap::new();
        let mut positions = Vec::new();
        for request in got {
            let signature = hex::encode(hmac_sha256_joined(self.secret.as_bytes(), &[&request.body]));
            assert_eq!(request.header("x-switchboard-signature"), signature);
            let envelope: Value = serde_json::from_slice(&request.body).expect("JSON");
            assert_eq!(envelope["id"], request.header("webhook-id"));
            if let Some(before) = bodies.insert(request.header("webhook-id"), &request.body) {
                assert_eq!(before, request.body, "a repeat says something else");
            } else {
                positions.push(envelope["position"].as_i64().expect("a position"));
            }
            assert!(events.contains(&envelope), "an event that the feed does not know: {envelope}");
        }
        assert_eq!(positions.len(), events.len());
        if self.ordered {
            assert!(positions.is_sorted(), "out of order: {positions:?}");
        }
    }
}
