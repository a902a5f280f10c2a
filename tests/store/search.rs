//! Searching: what is found, by whom, and as what it stands there now; on both databases.

use std::sync::Arc;

use actors::{
    port::{HeldMessage, Marks, Write},
    testing::{Talk, conformance::Bench},
};
use entities::{AgentId, Message, TenantId};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use switchboard::store::{
    self, Database,
    read::{
        conversation::Viewer,
        search::{self, Hit, Wanted, Words},
    },
};

use super::journal::bench;
use crate::support::databases::{self, Fresh};

const ALL: Viewer = Viewer { agent_id: None, sees_all: true };

fn shown(hit: &Hit) -> String {
    match hit {
        Hit::Conversation(_, ticket) => format!("#{}", ticket.number),
        Hit::Contact(contact, _) => format!("contact {}", contact.name.as_deref().unwrap_or_default()),
        Hit::Message(message, ..) => message.content_text.clone(),
    }
}

/// Everything that is found, page by page.
pub async fn found_by(db: &Database, tenant_id: TenantId, viewer: Viewer, q: &str, limit: u64) -> Vec<String> {
    let wanted = Wanted { words: Words::parse(q), number: q.parse().ok(), contacts: true, messages: true };
    let (mut all, mut after) = (Vec::new(), None);
    for _page in 0..100 {
        let page = search::list(db, tenant_id, viewer, &wanted, after, limit).await.unwrap_or_else(|error| panic!("{q}: {error}"));
        assert!(page.data.len() as u64 <= limit);
        all.extend(page.data.iter().map(shown));
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
    panic!("the search has no end")
}

pub async fn found(db: &Database, tenant_id: TenantId, q: &str) -> Vec<String> {
    found_by(db, tenant_id, ALL, q, 100).await
}

/// The newest of what was said in the talk, as it says it now.
fn now_says(talk: &mut Talk, message: &Message, text: Option<&str>) -> Write {
    let mut message = message.clone();
    let at = talk.clock.now();
    (message.edited_at, message.deleted_at) = (text.map(|_| at), text.is_none().then_some(at));
    message.content_text = text.unwrap_or_default().to_owned();
    message.content = entities::Document::plain(&message.content_text);
    let mut write = talk.update(|_row| ());
    let conversation = write.conversation.as_mut().expect("a conversation");
    conversation.remote.changed = vec![Arc::new(HeldMessage { message, marks: Marks::default() })];
    write
}

async fn said(bench: &Bench, talk: &mut Talk, text: &str) -> Message {
    bench.journal.commit(talk.say(text, None)).await.expect("say something");
    let loaded = bench.journal.load(talk.tenant_id, talk.row.id, 1).await.expect("load").expect("it is there");
    (**loaded.recent.last().expect("a message")).clone()
}

async fn words(fresh: Fresh) {
    let (db, bench) = (&fresh.db, bench(&fresh).await);
    let (tenant, away) = (bench.tenant().await, bench.tenant().await);
    let (mut talk, mut other, mut foreign) = (bench.begun(tenant).await, bench.begun(tenant).await, bench.begun(away).await);
    for text in
        ["Where is my Parcel?", "It's at ann.b@example.com <b>bold</b>", "Mein Käse kostet 3,50 €", "قال شكراً لك 🙂", "parcels, my own"]
    {
        said(&bench, &mut talk, text).await;
    }
    bench.journal.commit(other.note("My parcel again")).await.expect("note");
    said(&bench, &mut foreign, "My parcel is elsewhere").await;
    for (q, texts) in [
        ("parcel my", vec!["My parcel again", "Where is my Parcel?"]),
        ("parcel where", vec!["Where is my Parcel?"]),
        ("par", vec!["My parcel again", "parcels, my own", "Where is my Parcel?"]),
        ("par again", vec![]),
        ("\"my parcel\"", vec!["My parcel again", "Where is my Parcel?"]),
        ("\"my par", vec!["My parcel again", "Where is my Parcel?"]),
        ("\"parcel my\"", vec![]),
        ("example.com", vec!["It's at ann.b@example.com <b>bold</b>"]),
        ("ann.b@exam", vec!["It's at ann.b@example.com <b>bold</b>"]),
        ("bold", vec!["It's at ann.b@example.com <b>bold</b>"]),
        ("KASE", vec!["Mein Käse kostet 3,50 €"]),
        ("käs", vec!["Mein Käse kostet 3,50 €"]),
        ("\"3,50\"", vec!["Mein Käse kostet 3,50 €"]),
        ("شكرا", vec!["قال شكراً لك 🙂"]),
        ("🙂", vec![]),
        ("NEAR(parcel my)", vec![]),
        ("parcel OR nothing", vec![]),
        ("parcel*", vec!["My parcel again", "parcels, my own", "Where is my Parcel?"]),
        ("-parcel my", vec!["My parcel again", "Where is my Parcel?"]),
        ("content_text : parcel", vec![]),
    ] {
        assert_eq!(found(db, tenant, q).await, texts, "{q}");
        assert_eq!(found_by(db, tenant, ALL, q, 1).await, texts, "{q}, one by one");
    }
    assert_eq!(found(db, away, "parcel").await, ["My parcel is elsewhere"]);
    assert_eq!(found(db, TenantId::new(bench.clock.new_id()), "parcel").await, Vec::<String>::new());
}

#[tokio::test]
async fn words_are_found_in_their_own_tenant() {
    words(databases::sqlite().await).await;
}

#[tokio::test]
async fn words_are_found_in_their_own_tenant_on_postgres() {
    words(databases::postgres().await).await;
}

async fn changed(fresh: Fresh) {
    let (db, bench) = (&fresh.db, bench(&fresh).await);
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let first = said(&bench, &mut talk, "an apple").await;
    let second = said(&bench, &mut talk, "an apricot").await;
    assert_eq!(found(db, tenant, "ap").await, ["an apricot", "an apple"]);
    bench.journal.commit(now_says(&mut talk, &first, Some("a banana"))).await.expect("edit");
    assert_eq!(found(db, tenant, "apple").await, Vec::<String>::new());
    assert_eq!(found(db, tenant, "banana").await, ["a banana"]);
    bench.journal.commit(now_says(&mut talk, &first, Some("a cherry"))).await.expect("edit again");
    bench.journal.commit(now_says(&mut talk, &second, None)).await.expect("delete");
    assert_eq!(found(db, tenant, "banana").await, Vec::<String>::new());
    assert_eq!(found(db, tenant, "apricot").await, Vec::<String>::new());
    assert_eq!(found(db, tenant, "an a cherry").await, Vec::<String>::new());
    assert_eq!(found(db, tenant, "cherry").await, ["a cherry"]);
    bench.journal.commit(talk.rename("Pomona Apfel")).await.expect("rename");
    assert_eq!(found(db, tenant, "apfel").await, ["contact Pomona Apfel"]);
    bench.journal.commit(talk.rename("Flora")).await.expect("rename again");
    assert_eq!(found(db, tenant, "apfel").await, Vec::<String>::new());
    assert_eq!(found(db, tenant, "flora").await, ["contact Flora"]);
    // What was there before the step is found after it, as it is now.
    without_the_step(db).await;
    store::migrate(db).await.expect("migrate");
    for (q, texts) in [("cherry", vec!["a cherry"]), ("an", vec![]), ("banana", vec![]), ("flora", vec!["contact Flora"])] {
        assert_eq!(found(db, tenant, q).await, texts, "{q}");
    }
    said(&bench, &mut talk, "a cherry cake").await;
    bench.journal.commit(now_says(&mut talk, &first, None)).await.expect("delete");
    assert_eq!(found(db, tenant, "cherry").await, ["a cherry cake"]);
    let gone = Statement::from_string(db.backend(), "DELETE FROM message");
    db.write(async |tx| tx.execute_raw(gone).await.map_err(store::unavailable)).await.expect("delete for good");
    assert_eq!(found(db, tenant, "cherry").await, Vec::<String>::new());
}

/// Takes the database back to before the search was there.
async fn without_the_step(db: &Database) {
    let name = Migrator::migrations().iter().map(|step| step.name().to_owned()).find(|name| name.ends_with("_search")).expect("the step");
    let of_sqlite = [
        "DROP TRIGGER search_tenant_added",
        "DROP TRIGGER search_tenant_removed",
        "DROP TRIGGER search_message_added",
        "DROP TRIGGER search_message_removed",
        "DROP TRIGGER search_message_said",
        "DROP TRIGGER search_message_changed",
        "DROP TRIGGER search_contact_added",
        "DROP TRIGGER search_contact_changed",
        "DROP TRIGGER search_contact_removed",
        "DROP TABLE search_tenant",
        "DROP TABLE search_message",
        "DROP TABLE search_contact",
        "DROP TABLE search_contact_number",
    ];
    let of_postgres = ["DROP INDEX message_by_word", "DROP INDEX message_state_by_word", "DROP INDEX contact_by_word"];
    let own = if db.backend() == DbBackend::Sqlite { &of_sqlite[..] } else { &of_postgres[..] };
    let both = ["DROP INDEX message_by_position", "ALTER TABLE message_state DROP COLUMN content_text"];
    let forget = format!("DELETE FROM seaql_migrations WHERE version = '{name}'");
    db.write(async |tx| {
        for statement in own.iter().chain(&both).copied().chain([forget.as_str()]) {
            tx.execute_unprepared(statement).await.map_err(store::unavailable)?;
        }
        Ok(())
    })
    .await
    .expect("go back");
}

#[tokio::test]
async fn a_message_is_found_by_what_it_says_now() {
    changed(databases::sqlite().await).await;
}

#[tokio::test]
async fn a_message_is_found_by_what_it_says_now_on_postgres() {
    changed(databases::postgres().await).await;
}

async fn inboxes(fresh: Fresh) {
    let (db, bench) = (&fresh.db, bench(&fresh).await);
    let tenant = bench.tenant().await;
    let (mut shared, mut own) = (bench.begun(tenant).await, bench.begun(tenant).await);
    let (noor, maya) = (AgentId::new(bench.clock.new_id()), AgentId::new(bench.clock.new_id()));
    bench.journal.commit(own.update(|row| row.owner_id = Some(noor))).await.expect("make it personal");
    said(&bench, &mut shared, "a secret of all").await;
    for _ in 0..250 {
        bench.journal.commit(own.say("a secret of one", None)).await.expect("say");
    }
    let sees = |agent_id| Viewer { agent_id: Some(agent_id), sees_all: false };
    assert_eq!(found_by(db, tenant, sees(maya), "secret", 10).await, ["a secret of all"]);
    assert_eq!(found_by(db, tenant, sees(noor), "secret", 10).await.len(), 251);
    assert_eq!(found_by(db, tenant, ALL, "secret", 100).await.len(), 251);
    let number = own.ticket.number.to_string();
    assert_eq!(found_by(db, tenant, sees(maya), &number, 10).await, Vec::<String>::new());
    assert_eq!(found_by(db, tenant, sees(noor), &number, 10).await, [format!("#{number}")]);
}

#[tokio::test]
async fn nobody_finds_what_stands_in_somebody_elses_inbox() {
    inboxes(databases::sqlite().await).await;
}

#[tokio::test]
async fn nobody_finds_what_stands_in_somebody_elses_inbox_on_postgres() {
    inboxes(databases::postgres().await).await;
}

#[tokio::test]
async fn many_tenants_in_one_batch_are_found() {
    let fresh = databases::sqlite().await;
    let bench = bench(&fresh).await;
    let mut talks = Vec::new();
    for _ in 0..5 {
        let tenant = bench.tenant().await;
        talks.push(bench.begun(tenant).await);
    }
    for round in 0..20 {
        let text = format!("round {round}");
        let writes: Vec<Write> = talks.iter_mut().map(|talk| talk.say(&text, None)).collect();
        let commits = writes.into_iter().map(|write| bench.journal.commit(write));
        for committed in futures_util::future::join_all(commits).await {
            committed.expect("commit");
        }
    }
    for talk in &talks {
        assert_eq!(found(&fresh.db, talk.tenant_id, "round").await.len(), 20);
        assert_eq!(found(&fresh.db, talk.tenant_id, "\"round 7\"").await, ["round 7"]);
    }
}

#[tokio::test]
async fn sqlite_goes_through_one_tenants_hits_in_their_order() {
    let fresh = databases::sqlite().await;
    let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {}", search::sql(DbBackend::Sqlite)));
    let rows = fresh.db.read().query_all_raw(explain).await.expect("a plan");
    let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a line")).collect();
    assert!(
        plan.iter().any(|line| line.starts_with("SEARCH m USING INDEX message_by_position")
            || line.starts_with("SEARCH m USING COVERING INDEX message_by_position")),
        "{plan:#?}"
    );
    assert!(plan.iter().any(|line| line.starts_with("SCAN f VIRTUAL TABLE INDEX")), "{plan:#?}");
    assert!(!plan.join("\n").contains("TEMP B-TREE"), "{plan:#?}");
}
