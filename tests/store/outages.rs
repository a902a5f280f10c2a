//! What happens to the journal when the database goes away and comes back.

use std::{collections::BTreeSet, future::pending, sync::Arc};

use actors::{
    port::{CommitError, Journal, StoreError},
    testing::Talk,
};
use entities::TenantId;
use sea_orm::ConnectionTrait;
use switchboard::store::{self, Database, OpenOptions};
use tokio::sync::oneshot;

use super::journal::bench;
use crate::support::{
    databases::{self, Fresh},
    postgres::Server,
};

/// PostgreSQL is killed again and again while ten conversations write, each sending again what was not acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgres_costs_delay_and_no_message() {
    const KILLS: usize = 3;
    const TALKS: usize = 10;
    let mut server = Server::start();
    let url = server.database();
    let db = Database::open(&url, OpenOptions::default()).await.expect("open");
    store::migrate(&db).await.expect("migrate");
    let fresh = Fresh { db, url, folder: tempfile::tempdir().expect("a folder") };
    let bench = bench(&fresh).await;
    let tenant = bench.tenant().await;
    let mut talks = Vec::new();
    for _ in 0..TALKS {
        talks.push(bench.begun(tenant).await);
    }
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut writers = Vec::new();
    for talk in talks {
        writers.push(tokio::spawn(keep_saying(bench.journal.clone(), talk, stop.clone())));
    }
    for _ in 0..KILLS {
        // Some writes go through between two kills: wait for them by their positions, not by the clock.
        let head = bench.bus.events(tenant).len();
        while bench.bus.events(tenant).len() < head + 200 {
            tokio::task::yield_now().await;
        }
        tokio::task::block_in_place(|| {
            server.kill();
            server.restart();
        });
    }
    let head = bench.bus.events(tenant).len();
    while bench.bus.events(tenant).len() < head + 200 {
        tokio::task::yield_now().await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for writer in writers {
        let (talk, acknowledged) = writer.await.expect("a writer");
        let loaded = bench.journal.load(tenant, talk.row.id, 100_000).await.expect("load").expect("it is there");
        let stored: Vec<String> = loaded.recent.iter().skip(1).map(|message| message.content_text.clone()).collect();
        let distinct: BTreeSet<&String> = stored.iter().collect();
        assert_eq!(distinct.len(), stored.len(), "nothing is there twice");
        assert_eq!(stored, acknowledged, "what was acknowledged is there, in order");
    }
    let events = bench.journal.events_after(tenant, 0, 1_000_000).await.expect("read events");
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "positions have no gap");
    let heard = bench.bus.events(tenant);
    assert!(heard.iter().zip(1..).all(|(event, position)| event.position == position), "the bus heard each once, in order");
    assert_eq!(heard.len(), events.len());
}

/// What a test leaves behind must not fail it: a task within a transaction is dropped with it after the runtime was left.
#[actix_web::test]
async fn a_test_may_end_while_a_task_is_within_a_transaction() {
    let fresh = databases::sqlite().await;
    let (begun, seen) = oneshot::channel();
    drop(actix_web::rt::spawn(async move {
        let endless = fresh.db.write(async |_| {
            begun.send(()).expect("the test waits");
            pending().await
        });
        let ended: Result<(), StoreError> = endless.await;
        unreachable!("{ended:?}");
    }));
    seen.await.expect("the task has begun");
}

async fn keep_saying(journal: Arc<dyn Journal>, mut talk: Talk, stop: Arc<std::sync::atomic::AtomicBool>) -> (Talk, Vec<String>) {
    let mut acknowledged = Vec::new();
    let mut number = 0;
    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
        number += 1;
        let text = format!("message {number}");
        let mut write = talk.say(&text, Some(&text.replace(' ', "-")));
        loop {
            match journal.commit(write.clone()).await {
                Ok(_) => break,
                Err(CommitError::Duplicate { .. }) => panic!("a settled outcome is never a duplicate"),
                Err(CommitError::Busy | CommitError::Unavailable(_)) => {}
                Err(CommitError::Conflict) => panic!("nobody else writes here"),
            }
            if let Some(conversation) = &mut write.conversation {
                conversation.unsure_client_ids = true;
            }
        }
        acknowledged.push(text);
    }
    (talk, acknowledged)
}

/// A trigger stands for a row that the database refuses for a reason of its own.
async fn one_bad_row(fresh: Fresh, trigger: &[&str]) {
    let bench = bench(&fresh).await;
    let tenant = bench.tenant().await;
    let mut talks = Vec::new();
    for _ in 0..5 {
        talks.push(bench.begun(tenant).await);
    }
    for statement in trigger {
        fresh.db.write(async |tx| tx.execute_unprepared(statement).await.map_err(store::unavailable)).await.expect("set the trap");
    }
    let writes: Vec<_> =
        talks.iter_mut().enumerate().map(|(index, talk)| talk.say(if index == 2 { "poison" } else { "good" }, None)).collect();
    let answers = futures_util::future::join_all(writes.into_iter().map(|write| bench.journal.commit(write))).await;
    for (index, answer) in answers.iter().enumerate() {
        match answer {
            Ok(_) => assert_ne!(index, 2),
            Err(error) => assert!(index == 2 && matches!(error, CommitError::Unavailable(_)), "{index}: {error:?}"),
        }
    }
    let events = bench.journal.events_after(tenant, 0, 1_000).await.expect("read events");
    assert_eq!(events.len(), 5 * 5 + 4 * 2);
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "positions have no gap");
}

#[tokio::test]
async fn a_row_that_sqlite_refuses_fails_alone() {
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON message WHEN NEW.content_text = 'poison' BEGIN SELECT RAISE(ABORT, 'no'); END";
    one_bad_row(databases::sqlite().await, &[trap]).await;
}

#[tokio::test]
async fn a_row_that_postgres_refuses_fails_alone() {
    let trap = [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE TRIGGER trap BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.content_text = 'poison') EXECUTE FUNCTION refuse()",
    ];
    one_bad_row(databases::postgres().await, &trap).await;
}

#[tokio::test]
async fn a_tenant_that_is_not_there_gets_no_positions() {
    for fresh in [databases::sqlite().await, databases::postgres().await] {
        let bench = bench(&fresh).await;
        let tenant = bench.tenant().await;
        let stranger = TenantId::new(bench.clock.new_id());
        let (_, lost) = Talk::begin(&bench.clock, stranger, "hello");
        let (_, good) = Talk::begin(&bench.clock, tenant, "hello");
        let (lost, good) = tokio::join!(bench.journal.commit(lost), bench.journal.commit(good));
        assert!(matches!(lost, Err(CommitError::Unavailable(_))), "{lost:?}");
        assert_eq!(good.expect("the other is good").first_position, 1);
    }
}

/// Two nodes on one PostgreSQL: the row version decides, and positions stay whole.
#[tokio::test]
async fn two_nodes_share_one_postgres() {
    let fresh = databases::postgres().await;
    let (one, two) = (bench(&fresh).await, bench(&fresh).await);
    let tenant = one.tenant().await;
    let mut talks = Vec::new();
    for _ in 0..4 {
        talks.push(one.begun(tenant).await);
    }
    let mut taken = 0;
    for round in 0..20 {
        for talk in &mut talks {
            let (mut ours, mut theirs) = (talk.clone(), talk.clone());
            let (ours_said, theirs_said) = (ours.say(&format!("one {round}"), None), theirs.say(&format!("two {round}"), None));
            let (a, b) = tokio::join!(one.journal.commit(ours_said), two.journal.commit(theirs_said));
            match (a, b) {
                (Ok(_), Err(CommitError::Conflict)) => *talk = ours,
                (Err(CommitError::Conflict), Ok(_)) => *talk = theirs,
                odd => panic!("one of two wins: {odd:?}"),
            }
            taken += 1;
        }
    }
    let events = one.journal.events_after(tenant, 0, 10_000).await.expect("read events");
    assert_eq!(events.len(), 4 * 5 + taken * 2);
    assert!(events.iter().zip(1..).all(|(event, position)| event.position == position), "positions have no gap");
}
