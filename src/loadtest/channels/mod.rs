//! Providers' notifications to a running server: how many a second it takes, and how soon each is answered.
//!
//! The notifications are the simulators': signed as the provider signs them, each a message of one of many customers. They go over as many
//! kept connections as are wanted, to the path that all of a provider's accounts share.
//!
//! Guarantees: a notification's time runs from the moment when it was due to the last byte of the answer, which comes after the commit. At the
//! end every message that was answered with 200 is looked for in the workspace's events: what is not there is lost, what is there twice is
//! doubled.
//!
//! Does not: start the server, send anything again (a refusal is counted), or answer (outbound is the provider's own pace).
//!
//! Start reading at [`run`]; `line` connects the channel, `customers` makes the notifications, `sender` sends them, `told` looks for them.

mod customers;
mod line;
mod report;
mod sender;
mod told;

use std::{cell::RefCell, rc::Rc, time::Duration};

use tokio::{
    sync::mpsc,
    task::{JoinSet, spawn_local},
    time::{sleep, timeout},
};

use self::{customers::Customers, report::Spent, sender::Board};
use super::{
    LoadError,
    machine::Process,
    open::{self, DUE_MAX},
    report::Latency,
    setup,
    webhooks::Workspace,
};
use crate::simulate::Simulated;

pub use report::ChannelsReport;

/// What is unanswered at the end gets so long.
const SETTLE: Duration = Duration::from_secs(30);

/// What to do to which server.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `http://HOST:PORT` of the server.
    pub url: String,
    /// Scheme and host under which the provider knows the server: what some of them sign.
    pub public_url: String,
    /// Whose channel it is.
    pub workspace: Workspace,
    /// Who notifies.
    pub provider: Simulated,
    /// Customers who write by turns.
    pub customers: usize,
    /// Connections.
    pub connections: usize,
    /// Notifications a second, whatever the server does; `None`: each connection sends the next when the one before is answered.
    pub rate: Option<u32>,
    /// Counted for this long.
    pub time: Duration,
    /// Not counted before that.
    pub warm_up: Duration,
    /// The server's process, where it cannot be found by its port.
    pub server_pid: Option<u32>,
}

/// Carries the plan out, on a thread and a runtime of its own, and answers with the figures.
///
/// # Errors
/// [`LoadError`]: why there are none.
pub fn run(plan: Plan) -> Result<ChannelsReport, LoadError> {
    super::alone(async move || Box::pin(measure(&plan)).await)
}

async fn measure(plan: &Plan) -> Result<ChannelsReport, LoadError> {
    let run = setup::random()?;
    let provider = plan.provider.alone();
    line::connect(plan, &*provider).await?;
    let begin = told::latest(plan).await?;
    let customers = Rc::new(RefCell::new(Customers::new(plan, provider, run)));
    let board = Rc::new(RefCell::new(Board::new(plan.warm_up, plan.time)?));
    let mut tasks = JoinSet::new();
    start(plan, &customers, &board, &mut tasks)?;
    let server = Process::server(&plan.url, plan.server_pid);
    let timing = spawn_local({
        let (board, warm_up, time) = (Rc::clone(&board), plan.warm_up, plan.time);
        async move {
            sleep(warm_up).await;
            let (before, count) = (Spent::read(server), board.borrow().taken_in_time());
            sleep(time).await;
            Spent::between(before, Spent::read(server), time.as_secs_f64(), board.borrow().taken_in_time() - count, server)
        }
    });
    let all = async { while tasks.join_next().await.is_some() {} };
    // What is not answered then is counted as unanswered.
    drop(timeout(plan.warm_up + plan.time + SETTLE, all).await);
    tasks.abort_all();
    let spent = timing.await.unwrap_or_default();
    let told = told::count(plan, &begin, run).await?;
    let board = board.borrow();
    let seconds = plan.time.as_secs_f64();
    Ok(ChannelsReport {
        provider: plan.provider.name(),
        customers: customers.borrow().count(),
        connections: plan.connections,
        offered_a_second: plan.rate,
        seconds,
        taken_a_second: board.taken_in_time() as f64 / seconds,
        answer: Latency::of(board.times()),
        sent: board.sent(),
        taken: board.taken().len() as u64,
        unanswered: board.unanswered(),
        refused: board.refused().clone(),
        lost: board.taken().iter().filter(|number| !told.contains_key(number)).count() as u64,
        doubled: told.values().filter(|count| **count > 1).count() as u64,
        spent,
    })
}

/// Starts a task a connection; with a rate, also what says when the next is due.
fn start(plan: &Plan, customers: &Rc<RefCell<Customers>>, board: &Rc<RefCell<Board>>, tasks: &mut JoinSet<()>) -> Result<(), LoadError> {
    let mut senders = Vec::new();
    for number in (0_u32..).take(plan.connections) {
        let mut sender = sender::Sender::new(plan, Rc::clone(customers), Rc::clone(board))?;
        if plan.rate.is_some() {
            let (send, due) = mpsc::channel(DUE_MAX);
            senders.push((number, send));
            tasks.spawn_local(async move { sender.on_time(due).await });
        } else {
            tasks.spawn_local(async move { sender.flat_out().await });
        }
    }
    let Some(rate) = plan.rate else { return Ok(()) };
    let board = board.borrow();
    open::pace(senders, rate, board.base(), board.end_ns())
}
