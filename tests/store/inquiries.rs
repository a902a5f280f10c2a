//! What is asked of providers and parts of messages, on both databases: taken up once, put off, given up, wished for again, and found by an index.

use entities::{
    Address, AddressKind, ChannelId, ChannelKind, Happening, Inbound, InboundMessage, Party, TenantId, Timestamp, parts::MessagePart,
};
use sea_orm::{ConnectionTrait, Statement, Value};
use switchboard::store::{
    self, Database,
    settings::{
        inquiry::{self, Question, Taken},
        part::{self, At},
    },
};
use uuid::Uuid;

use super::journal::bench;
use crate::support::databases::{self, Fresh};

/// Rows in a table, so that a planner that counts does not take it for empty.
const ROWS: i64 = 20_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(1_774_535_400_000_000).plus_ms(ms)
}

struct Scene {
    db: Database,
    of: (TenantId, ChannelId),
    _fresh: Fresh,
}

impl Scene {
    async fn set(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let of = (TenantId::new(Uuid::from_u128(1)), ChannelId::new(Uuid::from_u128(2)));
        (bench.add_tenant)(of.0).await;
        let scene = Self { db: fresh.db.clone(), of, _fresh: fresh };
        let sql = "INSERT INTO channel (id, tenant_id, kind, name, address, credential_id, status, created_at, updated_at) \
                   VALUES ($1, $2, 'sms', 'Line', '+15005550006', $3, 'connected', $4, $4)";
        let values = vec![of.1.uuid().into(), of.0.uuid().into(), Uuid::from_u128(3).into(), at(0).utc().into()];
        scene.run(sql, values).await;
        scene
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable).map(|_done| ())).await.expect(sql);
    }

    async fn wish(&self, ms: i64) {
        inquiry::wish(&self.db, self.of, Question::Profile, "messenger:42", at(ms)).await.unwrap();
    }

    async fn take(&self, ms: i64) -> Option<Taken> {
        let mut taken = inquiry::take(&self.db, at(ms), at(ms + 60_000), 10).await.unwrap();
        assert!(taken.len() <= 1, "{taken:?}");
        taken.pop()
    }

    /// What serves a query, as the database says it.
    async fn plan(&self, sql: &str, values: Vec<Value>) -> String {
        let (explain, column) = match self.db.backend() {
            sea_orm::DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
            _ => ("EXPLAIN", "QUERY PLAN"),
        };
        let rows =
            self.db.read().query_all_raw(Statement::from_sql_and_values(self.db.backend(), format!("{explain} {sql}"), values)).await;
        rows.unwrap().iter().map(|row| row.try_get("", column).unwrap()).collect::<Vec<String>>().join("\n")
    }

    /// The same row many times over; `id` stands for a number as a column of ids has it, `n` for the number.
    async fn fill(&self, insert: &str, select: &str) {
        let sqlite = self.db.backend() == sea_orm::DbBackend::Sqlite;
        let id = if sqlite { "CAST(printf('%016d', n % 100) AS BLOB)" } else { "CAST(lpad(CAST(n % 100 AS text), 32, '0') AS uuid)" };
        let numbers = format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS})");
        let sql = format!("{insert} {numbers} SELECT {} FROM numbers", select.replace("{id}", id));
        self.run(&sql, Vec::new()).await;
        if !sqlite {
            self.db.read().execute_unprepared("ANALYZE").await.unwrap();
        }
    }
}

async fn is_asked_once_and_again_when_there_is_a_reason(scene: &Scene) {
    scene.wish(0).await;
    scene.wish(5).await;
    let first = scene.take(0).await.unwrap();
    assert_eq!((first.tries, first.question, first.subject.as_str(), first.since), (1, Some(Question::Profile), "messenger:42", None));
    assert!(scene.take(1).await.is_none(), "it is being asked");
    let second = scene.take(60_000).await.unwrap();
    assert_eq!(second.tries, 2, "the lease was over");
    inquiry::finish(&scene.db, &first).await.unwrap();
    inquiry::put_off(&scene.db, &second, None, "the provider tells no name").await.unwrap();
    assert!(scene.take(1_000_000_000).await.is_none(), "given up; and who was overtaken changed nothing");
    scene.wish(2_000_000_000).await;
    let again = scene.take(2_000_000_000).await.unwrap();
    assert_eq!(again.tries, 1, "a new reason");
    inquiry::finish(&scene.db, &again).await.unwrap();
    scene.wish(3_000_000_000).await;
    assert_eq!(scene.take(3_000_000_000).await.unwrap().tries, 1, "it was forgotten");
}

async fn every_channel_of_a_kind_is_looked_after_from_where_it_was_left(scene: &Scene) {
    assert_eq!(inquiry::adopt(&scene.db, ChannelKind::Dialpad, None, at(0)).await.unwrap(), 0);
    assert_eq!(inquiry::adopt(&scene.db, ChannelKind::Sms, None, at(0)).await.unwrap(), 1);
    assert_eq!(inquiry::adopt(&scene.db, ChannelKind::Sms, None, at(0)).await.unwrap(), 0, "once");
    let taken = scene.take(0).await.unwrap();
    assert_eq!((taken.channel_id, taken.question, taken.since), (scene.of.1, Some(Question::Missed), None));
    inquiry::go_on(&scene.db, &taken, at(-300_000), at(600_000)).await.unwrap();
    assert!(scene.take(599_999).await.is_none());
    assert_eq!(inquiry::hasten(&scene.db, at(1_000)).await.unwrap(), 1);
    let taken = scene.take(1_000).await.unwrap();
    assert_eq!((taken.since, taken.tries), (Some(at(-300_000)), 1));
}

async fn rooms_are_read_from_where_they_were_left_page_by_page(scene: &Scene) {
    let wish = async |rooms: &[&str], since: i64, now: i64| {
        let rooms: Vec<String> = rooms.iter().map(|room| (*room).to_owned()).collect();
        inquiry::wish_for_rooms(&scene.db, scene.of, &rooms, at(since), at(now)).await.unwrap();
    };
    assert_eq!(inquiry::adopt(&scene.db, ChannelKind::Sms, Some(at(-9)), at(0)).await.unwrap(), 1);
    let list = scene.take(0).await.unwrap();
    assert_eq!((list.subject.as_str(), list.since), ("", Some(at(-9))));
    inquiry::finish(&scene.db, &list).await.unwrap();
    wish(&[], 0, 0).await;
    wish(&["C1"], -500, 0).await;
    wish(&["C1"], -900, 5).await;
    let first = scene.take(0).await.unwrap();
    assert_eq!((first.question, first.subject.as_str(), first.since), (Some(Question::Missed), "C1", Some(at(-500))));
    wish(&["C1"], 0, 0).await;
    assert!(scene.take(0).await.is_none(), "who is asked about is not asked about twice");
    inquiry::turn_page(&scene.db, &first, Some("7 next"), at(50_000)).await.unwrap();
    inquiry::turn_page(&scene.db, &first, Some("overtaken"), at(0)).await.unwrap();
    assert!(scene.take(49_999).await.is_none());
    let second = scene.take(50_000).await.unwrap();
    assert_eq!((second.page.as_deref(), second.tries, second.since), (Some("7 next"), 1, Some(at(-500))));
    inquiry::put_off(&scene.db, &second, Some(at(200_000)), "no such cursor").await.unwrap();
    let third = scene.take(200_000).await.unwrap();
    assert_eq!((third.page.clone(), third.tries), (None, 2), "from the first page");
    inquiry::rest(&scene.db, &third, at(100), None).await.unwrap();
    assert!(scene.take(1_000_000_000).await.is_none(), "it rests");
    assert_eq!(inquiry::forget_rests(&scene.db, scene.of.1, at(100)).await.unwrap(), 0);
    wish(&["C1"], -900, 300_000).await;
    let again = scene.take(300_000).await.unwrap();
    assert_eq!((again.since, again.tries), (Some(at(100)), 1), "from where it ended");
    inquiry::rest(&scene.db, &again, at(300), None).await.unwrap();
    assert_eq!(inquiry::forget_rests(&scene.db, scene.of.1, at(301)).await.unwrap(), 1);
}

fn piece(number: u32) -> (MessagePart, Inbound) {
    let party = Party::of(Address { kind: AddressKind::Phone, value: "+15005550001".to_owned() });
    let message = InboundMessage::text(format!("id{number}"), party, format!("part {number}"));
    let part = MessagePart { message, of: "a/b/08".to_owned(), number, total: 3 };
    let what = Happening::Part(Box::new(part.clone()));
    (part, Inbound { channel: ChannelKind::Sms, account: "+15005550006".to_owned(), at: Some(at(0)), what })
}

async fn parts_are_kept_once_and_shown_by_one(scene: &Scene) {
    let of = At { tenant_id: scene.of.0, channel_id: scene.of.1 };
    for (number, ms) in [(2, 0), (1, 10), (2, 20)] {
        let (part, item) = piece(number);
        part::keep(&scene.db, of, &part, &item, (at(ms), at(ms + 60_000))).await.unwrap();
    }
    let kept = part::list(&scene.db, of, "a/b/08").await.unwrap();
    let seen: Vec<_> = kept.iter().map(|kept| (kept.part.number, kept.due_at, kept.received_at)).collect();
    assert_eq!(seen, [(2, Some(at(60_000)), at(0)), (1, Some(at(60_010)), at(10))]);
    assert_eq!(kept[0].item, piece(2).1);
    let stranger = At { tenant_id: TenantId::new(Uuid::from_u128(99)), ..of };
    assert!(part::list(&scene.db, stranger, "a/b/08").await.unwrap().is_empty(), "another tenant's");
    assert_eq!(part::due(&scene.db, at(60_010), 10).await.unwrap(), [(of, "a/b/08".to_owned())]);
    let first = &kept[0].part;
    assert!(part::claim(&scene.db, of, first, at(60_000), at(120_000)).await.unwrap());
    assert!(!part::claim(&scene.db, of, first, at(60_000), at(120_000)).await.unwrap(), "one of two");
    part::shown(&scene.db, of, &[first, &kept[1].part]).await.unwrap();
    assert!(part::due(&scene.db, at(1_000_000), 10).await.unwrap().is_empty());
    assert_eq!(part::forget_before(&scene.db, at(5)).await.unwrap(), 1);
    part::forget(&scene.db, of, "a/b/08").await.unwrap();
    assert!(part::list(&scene.db, of, "a/b/08").await.unwrap().is_empty());
}

async fn what_is_due_is_found_by_an_index(scene: &Scene) {
    scene
        .fill(
            "INSERT INTO inquiry (channel_id, kind, subject, tenant_id, tries, due_at)",
            "{id}, 'profile', CAST(n AS text), {id}, 0, CASE WHEN n % 100 = 0 THEN n ELSE n + 1000000 END",
        )
        .await;
    scene
        .fill(
            "INSERT INTO message_part (channel_id, part_of, part_id, tenant_id, item, due_at, received_at)",
            "{id}, CAST(n % 1000 AS text), CAST(n AS text), {id}, '{}', CASE WHEN n % 100 = 0 THEN n END, n",
        )
        .await;
    let id = || Value::from(Uuid::from_u128(7));
    for (sql, values, table) in [
        (inquiry::DUE, vec![500_i64.into(), 8_i64.into()], "inquiry"),
        (inquiry::FORGET, vec![id(), "missed".into(), 500_i64.into(), 8_i64.into()], "inquiry"),
        (part::DUE, vec![500_i64.into(), 8_i64.into()], "message_part"),
        (part::LIST, vec![id(), "7".into(), id(), 1_000_i64.into()], "message_part"),
    ] {
        let plan = scene.plan(sql, values).await;
        assert!(
            !plan.contains(&format!("SCAN {table}\n")) && !plan.contains(&format!("Seq Scan on {table}")),
            "{sql}\nis served by\n{plan}"
        );
        assert_ne!(plan, format!("SCAN {table}"));
    }
}

#[tokio::test]
async fn a_question_is_asked_by_one_and_again_when_there_is_a_new_reason() {
    is_asked_once_and_again_when_there_is_a_reason(&Scene::set(databases::sqlite().await).await).await;
    is_asked_once_and_again_when_there_is_a_reason(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn what_a_channel_missed_is_asked_for_from_where_it_was_left() {
    every_channel_of_a_kind_is_looked_after_from_where_it_was_left(&Scene::set(databases::sqlite().await).await).await;
    every_channel_of_a_kind_is_looked_after_from_where_it_was_left(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn rooms_are_read_from_where_they_were_left_on_both_databases() {
    rooms_are_read_from_where_they_were_left_page_by_page(&Scene::set(databases::sqlite().await).await).await;
    rooms_are_read_from_where_they_were_left_page_by_page(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn a_part_is_kept_once_and_its_message_shown_by_one() {
    parts_are_kept_once_and_shown_by_one(&Scene::set(databases::sqlite().await).await).await;
    parts_are_kept_once_and_shown_by_one(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn what_is_due_is_found_by_an_index_on_both_databases() {
    what_is_due_is_found_by_an_index(&Scene::set(databases::sqlite().await).await).await;
    what_is_due_is_found_by_an_index(&Scene::set(databases::postgres().await).await).await;
}
