//! Deliveries under load.

use std::{rc::Rc, time::Duration};

use tokio::{
    task::{JoinSet, spawn_local},
    time::{sleep, timeout},
};

use super::{
    super::{LoadError, setup},
    Load, Pace, Plan, Workspace,
    board::Board,
    certificate,
    receiver::{Desk, Manner, Receiver},
    report::SteadyReport,
    retries,
    scene::{self, Wanted},
    spent::{Processes, Reading, Spent},
    writer,
};

/// What is undelivered at the end gets so long; a retry comes after 10 seconds and up to a fifth more.
const SETTLE: Duration = Duration::from_secs(30);
/// The event that each message is.
pub const EVENT: &str = "conversation.message_created";

/// Sets everybody up, lets them write, and counts.
pub async fn measure(plan: &Plan, workspaces: &[Workspace], load: &Load) -> Result<SteadyReport, LoadError> {
    let run = setup::random()?;
    let sessions = scene::conversations(&plan.url, workspaces, run, load.conversations).await?;
    let hooks = vec![load.webhooks; load.conversations];
    // Its time runs from here on; so it is made anew when all is set up.
    let desk = Desk::new(Board::new(run, &hooks, load.warm_up, load.time)?);
    let receiver = Receiver::start(certificate::acceptor(&plan.certificate)?, desk.clone()).await?;
    let manner = if load.retries { Manner::PutOffSome } else { Manner::Take };
    let wanted = Wanted { each: load.webhooks, event: EVENT, ordered: load.ordered, manner };
    let made = scene::webhooks(&plan.url, workspaces, &wanted, &receiver, &desk).await?;
    desk.board.replace(Board::new(run, &hooks, load.warm_up, load.time)?);
    let mut tasks = JoinSet::new();
    writer::start(sessions, load.pace, load.text_chars, &desk, &mut tasks)?;
    let timing = spawn_local(timed(desk.clone(), plan.processes(), load.clone()));
    let settled = async {
        sleep(load.warm_up + load.time).await;
        while !desk.board.borrow().is_settled() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    // What is not settled then is counted as unanswered or lost.
    drop(timeout(load.warm_up + load.time + SETTLE, settled).await);
    let spent = timing.await.unwrap_or_default();
    tasks.abort_all();
    let late = if load.retries { Some(retries::lateness(&plan.url, &made, &desk).await?) } else { None };
    scene::remove(&plan.url, &made).await?;
    let figures = desk.board.borrow().figures();
    let seconds = load.time.as_secs_f64();
    Ok(SteadyReport {
        workspaces: workspaces.len(),
        webhooks_each: load.webhooks,
        conversations: load.conversations,
        ordered: load.ordered,
        window: if let Pace::Window(window) = load.pace { Some(window) } else { None },
        offered_a_second: if let Pace::Rate(rate) = load.pace { Some(rate) } else { None },
        seconds,
        accepted_a_second: figures.accepted_in_time as f64 / seconds,
        delivered_a_second: figures.delivered_in_time as f64 / seconds,
        ack: figures.to_ack,
        commit_to_receipt: figures.from_ack,
        due_to_receipt: figures.from_due,
        retries: late,
        counts: figures.counts,
        spent,
    })
}

/// What the processes spend in the counted time.
async fn timed(desk: Rc<Desk>, processes: Processes, load: Load) -> Spent {
    let look = || -> (Reading, u64) { (processes.read(), desk.board.borrow().delivered_in_time()) };
    sleep(load.warm_up).await;
    let (before, delivered_before) = look();
    sleep(load.time).await;
    let (after, delivered) = look();
    Spent::between(before, after, load.time.as_secs_f64(), delivered - delivered_before, processes.memory_kib())
}
