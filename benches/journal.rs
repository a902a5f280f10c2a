//! What group commit is worth, and what the search costs: durable messages a second with group commit and with one commit a message, and without the
//! indexes of what was said, on SQLite and on PostgreSQL.
//!
//! `cargo bench --bench journal`, with the seconds for each figure behind `--` (3 by default). A hundred conversations write at once. With
//! window 1 each waits for its message before it sends the next; with window 16 it hands in sixteen messages as one write, as a
//! conversation's actor does with what arrived while its last write was on the way. Figures vary by machine; the ratios do not much.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench stops where it fails, and prints")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actors::{
    port::{Bus, Clock, Journal, Published, Signal},
    testing::{ManualClock, Talk},
};
use entities::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use switchboard::store::{self, Database, OpenOptions, SqlJournal};

#[path = "../tests/support/postgres.rs"]
mod postgres;

const CONVERSATIONS: usize = 100;
const TEXT: &str = "Good morning! Since yesterday I cannot open the dashboard any more, it only shows a blank page. Could you have a look?";

/// Counts what it is told, and drops it.
#[derive(Default)]
struct CountingBus(AtomicU64);

impl Bus for CountingBus {
    fn publish(&self, published: Published) {
        self.0.fetch_add(published.events.len() as u64, Ordering::Relaxed);
    }

    fn signal(&self, _tenant_id: TenantId, _signal: Signal) {}

    fn wake(&self, _webhooks: &[entities::WebhookId]) {}
}

fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse::<u64>().ok()).unwrap_or(3);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    println!("{:<10} {:>7} {:>7} {:>12} {:>8} {:>8} {:>10}", "database", "batch", "window", "messages/s", "p50 ms", "p99 ms", "cpu us/msg");
    for (database, urls) in
        [("sqlite", ["a.db", "b.db", "c.db", "d.db", "e.db"].map(sqlite)), ("postgres", [(); 5].map(|()| postgres::database()))]
    {
        let [one, grouped, wide, grouped_bare, wide_bare] = urls;
        let alone = runtime.block_on(run(database, &one, 1, 1, seconds, true));
        let together = runtime.block_on(run(database, &grouped, 1_024, 1, seconds, true));
        let many = runtime.block_on(run(database, &wide, 1_024, 16, seconds, true));
        println!("{database}: group commit writes {:.1} times the messages of one commit a message", together / alone);
        let together_bare = runtime.block_on(run(database, &grouped_bare, 1_024, 1, seconds, false));
        let many_bare = runtime.block_on(run(database, &wide_bare, 1_024, 16, seconds, false));
        let (share, share_many) = (together / together_bare, many / many_bare);
        println!("{database}: with the search {share:.2} times the messages of without it at window 1, {share_many:.2} times at window 16");
    }
}

async fn run(database: &str, url: &str, batch: usize, window: usize, seconds: u64, searched: bool) -> f64 {
    let db = Database::open(url, OpenOptions::default()).await.expect("open");
    store::migrate(&db).await.expect("migrate");
    if !searched {
        let own = if db.backend() == DbBackend::Sqlite { "DROP TRIGGER search_message_added" } else { "DROP INDEX message_by_word" };
        for statement in [own, "DROP INDEX message_by_position"] {
            let drop = Statement::from_string(db.backend(), statement);
            db.write(async |tx| tx.execute_raw(drop).await.map_err(store::unavailable)).await.expect("drop an index");
        }
    }
    let bus = Arc::new(CountingBus::default());
    let journal = Arc::new(SqlJournal::open_with(db.clone(), bus, batch).await.expect("open the journal"));
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
    let tenant = TenantId::new(clock.new_id());
    let sql = "INSERT INTO tenant (id, name, created_at, updated_at) VALUES ($1, 'Acme', $2, $2)";
    let insert = Statement::from_sql_and_values(db.backend(), sql, [Value::from(tenant.uuid()), Value::from(clock.now().utc())]);
    db.write(async |tx| tx.execute_raw(insert).await.map_err(store::unavailable)).await.expect("add a tenant");
    let mut talks = Vec::new();
    for _ in 0..CONVERSATIONS {
        let (talk, write) = Talk::begin(&clock, tenant, TEXT);
        journal.commit(write).await.expect("begin");
        talks.push(talk);
    }
    let key = Arc::new(AtomicI64::new(0));
    let (begun, cpu) = (Instant::now(), cpu_micros());
    let end = begun + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for mut talk in talks {
        let (journal, key) = (journal.clone(), key.clone());
        tasks.push(tokio::spawn(async move {
            let mut took = Vec::new();
            while Instant::now() < end {
                let keys = (0..window).map(|_| (TEXT, Some(format!("{:020}", key.fetch_add(1, Ordering::Relaxed)))));
                let write = talk.say_all(keys);
                let asked = Instant::now();
                journal.commit(write).await.expect("say something");
                took.push(asked.elapsed());
            }
            took
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("a writer"));
    }
    let rate = (took.len() * window) as f64 / begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let ms = |of: usize| took.get(took.len() * of / 100).map_or(0.0, |took| took.as_secs_f64() * 1_000.0);
    let cpu = (cpu_micros() - cpu) / (took.len() * window) as f64;
    println!("{database:<10} {batch:>7} {window:>7} {rate:>12.0} {:>8.2} {:>8.2} {cpu:>10.1}", ms(50), ms(99));
    rate
}

/// What this process has used of the processors so far; of PostgreSQL, the client's side only.
fn cpu_micros() -> f64 {
    /// Linux counts in hundredths of a second here (proc(5), `sysconf(_SC_CLK_TCK)`).
    const MICROS_PER_TICK: f64 = 10_000.0;
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * MICROS_PER_TICK
}
