//! A webhook with a million deliveries: how long a page of their list takes, near the beginning and far behind it, and what it costs others
//! when the old ones are dropped. On SQLite and on PostgreSQL.
//!
//! `cargo bench --bench deliveries`, with the number of deliveries behind `--` (1,000,000 by default). Pages are read by the function that the
//! API uses, each behind the row at which the one before ended; the first and the thousandth are then read again and again, and their medians
//! compared. Half of the deliveries are older than they are kept: rounds of the sweep drop some of them while small writes come one after the
//! other, and the longest of these tells what the sweep keeps others waiting.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench stops where it fails, and prints")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actors::{port::Clock, testing::ManualClock};
use entities::{DeliveryStatus, TenantId, Timestamp, WebhookId};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use switchboard::store::{
    self, Database, OpenOptions,
    deliveries::retain,
    read::delivery::{self, Wanted},
};

#[path = "../tests/support/postgres.rs"]
mod postgres;

/// The most that the API gives at once.
const PAGE: u64 = 100;
/// Which page is compared with the first.
const FAR: usize = 1_000;
/// How often each is read.
const READS: usize = 200;
/// Rows of one statement while the tables are filled.
const CHUNK: i64 = 50_000;
/// Rounds of the sweep that are looked at.
const ROUNDS: usize = 3;

struct Scene {
    db: Database,
    tenant_id: TenantId,
    webhook_id: WebhookId,
    now: Timestamp,
}

fn main() {
    let deliveries = std::env::args().find_map(|argument| argument.parse::<i64>().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = format!("sqlite://{}", folder.path().join("deliveries.db").display());
    for (database, url) in [("sqlite", sqlite), ("postgres", postgres::database())] {
        runtime.block_on(async {
            let scene = Scene::set(&url).await;
            let begun = Instant::now();
            scene.fill(deliveries).await;
            println!("{database}: {deliveries} deliveries with an attempt each, written in {:.1} s", begun.elapsed().as_secs_f64());
            scene.pages(database, "all", Wanted::default()).await;
            scene.pages(database, "failed", Wanted { status: Some(DeliveryStatus::Failed), ..Wanted::default() }).await;
            scene.retention(database).await;
        });
    }
}

impl Scene {
    async fn set(url: &str) -> Self {
        let db = Database::open(url, OpenOptions::default()).await.expect("open");
        store::migrate(&db).await.expect("migrate");
        let clock = ManualClock::default();
        let (tenant_id, webhook_id) = (TenantId::new(clock.new_id()), WebhookId::new(clock.new_id()));
        let scene = Self { db, tenant_id, webhook_id, now: clock.now() };
        let tenant = "INSERT INTO tenant (id, name, position, created_at, updated_at) VALUES ($1, 'Acme', 0, $2, $2)";
        scene.run(tenant, vec![tenant_id.uuid().into(), scene.now.utc().into()]).await;
        let webhook = "INSERT INTO webhook (id, tenant_id, url, events, secret, status, created_at, updated_at) \
            VALUES ($1, $2, 'https://example.com/', '[\"*\"]', $3, 'enabled', 0, 0)";
        scene.run(webhook, vec![webhook_id.uuid().into(), tenant_id.uuid().into(), vec![0_u8].into()]).await;
        scene
    }

    /// Deliveries at the positions from 1 on, one an hour's part apart; every hundredth has failed. The older half is 40 days old.
    async fn fill(&self, count: i64) {
        let (series, id) = match self.db.backend() {
            DbBackend::Sqlite => {
                ("(WITH RECURSIVE n(p) AS (SELECT $1 UNION ALL SELECT p + 1 FROM n WHERE p < $2) SELECT p FROM n)", "randomblob(16)")
            }
            _ => ("(SELECT generate_series(CAST($1 AS bigint), CAST($2 AS bigint)) AS p)", "gen_random_uuid()"),
        };
        let bodies = format!("INSERT INTO event_body (tenant_id, position, body) SELECT $3, p, $4 FROM {series} AS s");
        let attempts = format!(
            "INSERT INTO attempt (webhook_id, position, number, trigger_kind, started_at, first_byte_ms, total_ms, address, http_status, response_headers) \
             SELECT $3, p, 1, 'auto', p, 3, 3, '203.0.113.7:443', CASE WHEN p % 100 = 0 THEN 500 ELSE 200 END, $4 FROM {series} AS s"
        );
        let rows = format!(
            "INSERT INTO delivery (webhook_id, position, tenant_id, id, event_id, kind, status, attempts, next_trigger, due_at, at) \
             SELECT $3, p, $4, {id}, {id}, 'ticket.updated', CASE WHEN p % 100 = 0 THEN 'failed' ELSE 'delivered' END, 1, 'auto', 0, \
             CASE WHEN p <= CAST($5 AS bigint) THEN CAST($6 AS bigint) ELSE CAST($7 AS bigint) END FROM {series} AS s"
        );
        let old = self.now.plus_ms(-40 * 24 * 60 * 60 * 1_000).micros();
        let body = format!("{{\"id\":\"0198\",\"data\":\"{}\"}}", "x".repeat(600));
        let headers = "[[\"content-length\",\"0\"],[\"server\",\"nginx\"]]";
        let mut from = 1;
        while from <= count {
            let to = (from + CHUNK - 1).min(count);
            let range: [Value; 2] = [from.into(), to.into()];
            let with = |more: Vec<Value>| range.iter().cloned().chain(more).collect::<Vec<_>>();
            self.run(&bodies, with(vec![self.tenant_id.uuid().into(), body.clone().into()])).await;
            self.run(&attempts, with(vec![self.webhook_id.uuid().into(), headers.into()])).await;
            let half = vec![(count / 2).into(), old.into(), self.now.micros().into()];
            let whose = vec![self.webhook_id.uuid().into(), self.tenant_id.uuid().into()];
            self.run(&rows, with(whose.into_iter().chain(half).collect())).await;
            from = to + 1;
        }
        self.run("UPDATE tenant SET position = $1 WHERE id = $2", vec![count.into(), self.tenant_id.uuid().into()]).await;
        if self.db.backend() == DbBackend::Postgres {
            // As in earnest, where its own upkeep does it.
            self.run("ANALYZE", Vec::new()).await;
        }
    }

    async fn pages(&self, database: &str, name: &str, wanted: Wanted) {
        let (mut after, mut last) = (None, None);
        let mut read = 0;
        let walked = Instant::now();
        while read < FAR {
            let page = delivery::list(&self.db, self.tenant_id, self.webhook_id, wanted, after, PAGE).await.expect("a page");
            read += 1;
            last = after;
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let walked = walked.elapsed();
        let first = self.median(wanted, None).await;
        let far = self.median(wanted, last).await;
        println!(
            "{database}: {name}: the first page of {PAGE} in {:.2} ms, page {read} in {:.2} ms: {:.2} times; all {read} in {:.2} s",
            ms(first),
            ms(far),
            far.as_secs_f64() / first.as_secs_f64(),
            walked.as_secs_f64()
        );
    }

    async fn median(&self, wanted: Wanted, after: Option<i64>) -> Duration {
        let mut took = Vec::with_capacity(READS);
        for _ in 0..READS {
            let asked = Instant::now();
            delivery::list(&self.db, self.tenant_id, self.webhook_id, wanted, after, PAGE).await.expect("a page");
            took.push(asked.elapsed());
        }
        took.sort_unstable();
        took.get(READS / 2).copied().unwrap_or_default()
    }

    /// Rounds of the sweep beside somebody who writes all the time, and beside nobody the same writes.
    async fn retention(&self, database: &str) {
        let alone = self.writes(async || tokio::time::sleep(Duration::from_secs(2)).await).await;
        let before = self.now.plus_ms(-30 * 24 * 60 * 60 * 1_000);
        let (mut rows, begun) = (0, Instant::now());
        let beside = self
            .writes(async || {
                for _ in 0..ROUNDS {
                    rows += retain::forget_before(&self.db, before).await.expect("forget");
                }
            })
            .await;
        let took = begun.elapsed();
        println!(
            "{database}: retention: {ROUNDS} rounds dropped {rows} rows in {:.2} s; a small write beside them p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms \
             (alone {:.2}, {:.2}, {:.2} ms)",
            took.as_secs_f64(),
            ms(beside.p50),
            ms(beside.p99),
            ms(beside.longest),
            ms(alone.p50),
            ms(alone.p99),
            ms(alone.longest)
        );
    }

    /// Makes small writes one after the other while `work` goes on.
    async fn writes(&self, work: impl AsyncFnOnce()) -> Waits {
        let over = Arc::new(AtomicBool::new(false));
        let (db, tenant_id, seen) = (self.db.clone(), self.tenant_id, over.clone());
        let writer = tokio::spawn(async move {
            let mut took = Vec::new();
            while !seen.load(Ordering::Relaxed) {
                let sql = "UPDATE tenant SET name = 'Acme' WHERE id = $1";
                let update = Statement::from_sql_and_values(db.backend(), sql, [Value::from(tenant_id.uuid())]);
                let asked = Instant::now();
                db.write(async |tx| tx.execute_raw(update).await.map_err(store::unavailable)).await.expect("write");
                took.push(asked.elapsed());
            }
            took
        });
        work().await;
        over.store(true, Ordering::Relaxed);
        let mut took = writer.await.expect("the writer");
        took.sort_unstable();
        let at = |of: usize| took.get((took.len() * of / 100).min(took.len() - 1)).copied().unwrap_or_default();
        Waits { p50: at(50), p99: at(99), longest: took.last().copied().unwrap_or_default() }
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable).map(|_done| ())).await.expect(sql);
    }
}

/// How long small writes took.
struct Waits {
    p50: Duration,
    p99: Duration,
    longest: Duration,
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1_000.0
}
