//! The kill drill: clients send with retries while the server, or the database itself, is killed at random instants.
//!
//! Small in the tests; `scripts/drill kill` runs it at full size. Afterwards, read from the tables: every acknowledged message is there
//! exactly once, where it was acknowledged, in the order of its sender; every other at most once; `seq` and `position` have no gap.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use tokio::task::JoinSet;

use super::{
    chance::Chance,
    house::{House, Server},
    ledger::Ledger,
    person::{Person, Side, Stage},
    resume::people,
    size,
};
use crate::support::postgres;

/// Acknowledgements between two kills, at most; how many it is, is chance.
const ACKS_BETWEEN_MAX: u64 = 60;
/// Turns of the scheduler between the last of them and the kill, at most.
const TURNS_MAX: u64 = 3_000;
/// Visitors and agents who send over HTTP.
const OVER_HTTP: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_the_server_loses_nothing_acknowledged_on_sqlite() {
    server_is_killed(House::on_sqlite(), "kill -9 of the server, SQLite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_the_server_loses_nothing_acknowledged_on_postgres() {
    server_is_killed(House::on_postgres(), "kill -9 of the server, PostgreSQL").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_of_the_database_loses_nothing_acknowledged_on_postgres() {
    let kills = size("SWITCHBOARD_DRILL_DATABASE_KILLS", 2);
    let story = "kill -9 of PostgreSQL";
    let mut chance = Chance::new(story);
    let mut database = postgres::Server::start();
    let house = House::on_database(database.database());
    let server = house.start();
    let stage = Stage::new(Some(&server.address), 0);
    let cast = Cast::enter(&house, &server, &stage, &mut chance).await;
    for _ in 0..kills {
        random_instant(&stage, &mut chance).await;
        database.kill();
        // Some of them notice while it is down.
        for _ in 0..chance.below(TURNS_MAX) {
            tokio::task::yield_now().await;
        }
        database.restart();
    }
    cast.take_stock(&house, &server, &stage, story, kills).await;
    drop(server);
}

async fn server_is_killed(house: House, story: &str) {
    let kills = size("SWITCHBOARD_DRILL_KILLS", 5);
    let mut chance = Chance::new(story);
    let mut server = house.start();
    let stage = Stage::new(Some(&server.address), 0);
    let cast = Cast::enter(&house, &server, &stage, &mut chance).await;
    for _ in 0..kills {
        random_instant(&stage, &mut chance).await;
        server.kill();
        stage.address.send_replace(None);
        server = house.start();
        stage.address.send_replace(Some(server.address.clone()));
    }
    cast.take_stock(&house, &server, &stage, story, kills).await;
}

/// Somewhere in the traffic.
async fn random_instant(stage: &Stage, chance: &mut Chance) {
    stage.acks(1 + chance.below(ACKS_BETWEEN_MAX)).await;
    for _ in 0..chance.below(TURNS_MAX) {
        tokio::task::yield_now().await;
    }
}

/// Everybody on the stage.
struct Cast {
    tasks: JoinSet<Person>,
}

impl Cast {
    async fn enter(house: &House, server: &Server, stage: &Stage, chance: &mut Chance) -> Self {
        let (owner, people) = people(house, server, chance).await;
        let mut tasks = JoinSet::new();
        for person in people {
            tasks.spawn(person.live(stage.clone()));
        }
        for number in 0..OVER_HTTP {
            let session = server.visitor(house).await;
            let (conversation, _) = server.visitor_says(&session, "first", "The first message").await;
            let visitor = Person::new(&format!("hv{number}"), Side::Visitor, &session, &conversation, chance.fork());
            let agent = Person::new(&format!("ha{number}"), Side::Agent, &owner, &conversation, chance.fork());
            tasks.spawn(visitor.live_over_http(stage.clone()));
            tasks.spawn(agent.live_over_http(stage.clone()));
        }
        Self { tasks }
    }

    async fn take_stock(mut self, house: &House, server: &Server, stage: &Stage, story: &str, kills: usize) {
        stage.acks(ACKS_BETWEEN_MAX).await;
        stage.end();
        let mut people = Vec::new();
        while let Some(person) = self.tasks.join_next().await {
            people.push(person.expect("nobody's expectations were disappointed"));
        }
        let ledger = Ledger::read(house).await;
        let (mut acked, mut kept) = (0, 0);
        let mut of_conversation: BTreeMap<&str, usize> = BTreeMap::new();
        for person in &mut people {
            if !person.events.is_empty() {
                person.catch_up(&server.address, ledger.last_place(person)).await;
                ledger.equals_what_was_seen_by(person);
            }
        }
        for person in &people {
            let own = ledger.keeps_promises_to(person);
            *of_conversation.entry(&person.conversation).or_default() += own;
            kept += own;
            acked += person.acked.len();
        }
        // Nothing is there that nobody said: one message began each conversation, the others are known by their keys.
        for (conversation, own) in of_conversation {
            assert_eq!(ledger.said(conversation).len(), own + 1);
        }
        let reconnects = stage.reconnects.load(Ordering::SeqCst);
        println!(
            "{story:<36} | kills {kills:>3} | acknowledged {acked:>6} | in the table {kept:>6} | events {:>6} | reconnects {reconnects:>6} | lost 0, doubled 0, gaps 0",
            ledger.events.len()
        );
    }
}
