//! Backups: made while serving, restored into either database, and never over something by mistake.

use std::path::Path;

use actors::testing::{Talk, conformance::Bench};
use entities::{Label, TenantId};
use switchboard::store::{
    SqlJournal,
    backup::{self, BackupError},
    journal::read,
};

use super::{journal::bench, search};
use crate::support::databases::{self, Fresh};

#[tokio::test]
async fn what_sqlite_held_comes_back_in_sqlite() {
    round(databases::sqlite().await, databases::sqlite_empty().await).await;
}

#[tokio::test]
async fn what_sqlite_held_comes_back_in_postgres() {
    round(databases::sqlite().await, databases::postgres_empty().await).await;
}

#[tokio::test]
async fn what_postgres_held_comes_back_in_sqlite() {
    round(databases::postgres().await, databases::sqlite_empty().await).await;
}

#[tokio::test]
async fn what_postgres_held_comes_back_in_postgres() {
    round(databases::postgres().await, databases::postgres().await).await;
}

#[tokio::test]
async fn a_backup_taken_under_traffic_is_one_instant() {
    for fresh in [databases::sqlite().await, databases::postgres().await] {
        let bench = bench(&fresh).await;
        let (tenant, place) = (bench.tenant().await, fresh.folder.path().join("backup"));
        let mut talk = bench.begun(tenant).await;
        let saying = async {
            for _ in 0..200 {
                bench.journal.commit(talk.say("still here", None)).await.expect("say something");
            }
        };
        let files = fresh.folder.path().join("attachments");
        let (made, ()) = tokio::join!(backup::backup(&fresh.db, &files, &place), saying);
        made.expect("back up");
        let other = databases::sqlite_empty().await;
        backup::restore(&other.db, &other.folder.path().join("attachments"), &place, false).await.expect("restore");
        let loaded = read::load(&other.db, tenant, talk.row.id, 1_000).await.expect("load").expect("it is there");
        let events = read::events_after(&other.db, tenant, 0, 10_000).await.expect("read events");
        assert_eq!(events.len() as u64, read::head(&other.db, tenant).await.expect("head"), "the counter and the events agree");
        assert_eq!(events.last().expect("an event").seq, Some(loaded.row.seq), "the conversation and the events agree");
        assert_eq!(loaded.recent.last().expect("a message").seq, loaded.row.last_message_seq, "the conversation and the messages agree");
    }
}

#[tokio::test]
async fn nothing_is_overwritten_without_being_told() {
    let (fresh, other) = (databases::sqlite().await, databases::sqlite().await);
    let (files, place) = (fresh.folder.path().join("attachments"), fresh.folder.path().join("backup"));
    let bench = bench(&fresh).await;
    bench.tenant().await;
    backup::backup(&fresh.db, &files, &place).await.expect("back up");
    assert!(matches!(backup::backup(&fresh.db, &files, &place).await, Err(BackupError::NotEmpty(_))), "an older backup stays");
    assert!(matches!(backup::restore(&fresh.db, &files, &place, false).await, Err(BackupError::NotEmpty(_))), "a filled database stays");
    let others = other.folder.path().join("attachments");
    write(&others.join("here"), "mine");
    assert!(matches!(backup::restore(&other.db, &others, &place, false).await, Err(BackupError::NotEmpty(_))), "files stay");
    backup::restore(&other.db, &others, &place, true).await.expect("unless forced");
    assert!(!others.join("here").exists());
    let nothing = backup::restore(&other.db, &others, fresh.folder.path(), true).await;
    assert!(matches!(nothing, Err(BackupError::NotABackup(_))), "{nothing:?}");
}

async fn round(from: Fresh, to: Fresh) {
    let source = bench(&from).await;
    let (tenant, talk) = filled(&source).await;
    let (files, place) = (from.folder.path().join("attachments"), from.folder.path().join("backup"));
    write(&files.join("ab").join("file"), "bytes");
    backup::backup(&from.db, &files, &place).await.expect("back up");

    let restored = to.folder.path().join("attachments");
    backup::restore(&to.db, &restored, &place, false).await.expect("restore");
    assert_eq!(std::fs::read_to_string(restored.join("ab").join("file")).expect("the file is there"), "bytes");

    let target = bench(&to).await;
    assert_ne!(target.journal.epoch(), source.journal.epoch(), "cursors of before are of another life");
    let (was, is) = (loaded(&source, tenant, &talk).await, loaded(&target, tenant, &talk).await);
    assert_eq!(was, is);
    for (q, texts) in [("quoted", vec!["it's \"quoted\" \u{1f642}"]), ("jane", vec!["contact Jane"]), ("note", vec!["a note"])] {
        assert_eq!(search::found(&to.db, tenant, q).await, texts, "{q} is found after the way");
    }
    let mut next = talk.clone();
    next.row = was.0;
    let committed = target.journal.commit(next.say("life goes on", None)).await.expect("the next write fits");
    assert_eq!(committed.first_position, was.2.len() as u64 + 1);
}

type Everything = (actors::port::ConversationRow, Vec<entities::Message>, Vec<(u64, String)>, Option<entities::Contact>);

async fn loaded(bench: &Bench, tenant: TenantId, talk: &Talk) -> Everything {
    let loaded = bench.journal.load(tenant, talk.row.id, 100).await.expect("load").expect("it is there");
    let events = bench.journal.events_after(tenant, 0, 1_000).await.expect("read events");
    let contact = bench.journal.find_contact(tenant, talk.contact.id).await.expect("find");
    let messages = loaded.recent.iter().map(|message| (**message).clone()).collect();
    (loaded.row, messages, events.iter().map(|event| (event.position, event.data.get().to_owned())).collect(), contact)
}

async fn filled(bench: &Bench) -> (TenantId, Talk) {
    let tenant = bench.tenant().await;
    let mut talk = bench.begun(tenant).await;
    let writes = [
        talk.say("it's \"quoted\" \u{1f642}", Some("key")),
        talk.update(|row| row.labels = vec![Label::parse("vip").expect("a label")]),
        talk.read(entities::AgentId::new(bench.clock.new_id())),
        talk.rename("Jane"),
        talk.note("a note"),
    ];
    for write in writes {
        bench.journal.commit(write).await.expect("commit");
    }
    (tenant, talk)
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("make the folder");
    std::fs::write(path, text).expect("write the file");
}

#[tokio::test]
async fn a_journal_needs_the_schema() {
    let fresh = databases::sqlite_empty().await;
    let refused = SqlJournal::open(fresh.db.clone(), std::sync::Arc::new(actors::testing::RecordingBus::default())).await;
    assert!(refused.is_err(), "there is no epoch in an empty file");
}
