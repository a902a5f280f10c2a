//! Webhooks that do nothing: what each costs the server in memory, before and after it has once delivered something.

use std::{rc::Rc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    super::{
        LoadError,
        frame::{Heard, Mark},
        session::Session,
        setup,
    },
    Plan,
    board::Board,
    certificate,
    receiver::{Desk, Manner, Receiver},
    report::IdleReport,
    scene::{self, Wanted},
    steady::EVENT,
};

/// Before memory is read: attempts are recorded, leases given back.
const REST: Duration = Duration::from_secs(3);
/// Longest wait for one workspace's deliveries.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the webhooks, lets each have one event, and looks at the server.
pub async fn measure(plan: &Plan, count: usize) -> Result<IdleReport, LoadError> {
    let run = setup::random()?;
    let places = plan.workspaces.len().max(1);
    let desk = Desk::new(Board::new(run, &[], Duration::ZERO, Duration::ZERO)?);
    let receiver = Receiver::start(certificate::acceptor(&plan.certificate)?, desk.clone()).await?;
    let sessions = scene::conversations(&plan.url, &plan.workspaces, run, places).await?;
    let processes = plan.processes();
    sleep(REST).await;
    let memory_before_kib = processes.memory_kib();
    let each = count.div_ceil(places);
    let wanted = Wanted { each, event: EVENT, ordered: false, manner: Manner::Count };
    let began = Instant::now();
    let made = scene::webhooks(&plan.url, &plan.workspaces, &wanted, &receiver, &desk).await?;
    let made_a_second = made.len() as f64 / began.elapsed().as_secs_f64();
    sleep(REST).await;
    let memory_made_kib = processes.memory_kib();
    // One workspace after the other: all at once would show what hundreds of connections cost.
    let mut missing = 0;
    for (at, session) in sessions.into_iter().enumerate() {
        missing += each - deliver_one(session, run, at as u32, each, &desk).await?;
    }
    sleep(REST).await;
    let memory_after_kib = processes.memory_kib();
    let grown = memory_after_kib.zip(memory_before_kib).map(|(after, before)| after.saturating_sub(before));
    let report = IdleReport {
        webhooks: made.len(),
        workspaces: plan.workspaces.len(),
        made_a_second,
        memory_before_kib,
        memory_made_kib,
        memory_after_kib,
        memory_a_webhook_kib: grown.map(|grown| grown as f64 / made.len().max(1) as f64),
        missing,
        badly_signed: desk.board.borrow().figures().counts.badly_signed,
    };
    scene::remove(&plan.url, &made).await?;
    Ok(report)
}

/// Says one thing, and waits until so many webhooks have it; how many have.
async fn deliver_one(mut session: Session, run: u32, conversation: u32, webhooks: usize, desk: &Rc<Desk>) -> Result<usize, LoadError> {
    let before = desk.counted.get();
    session.say(Mark { run, conversation, by_agent: false, number: 0 }.send(None, 80)).await?;
    session.flush().await?;
    session.await_frame("an acknowledgement", |heard| matches!(heard, Heard::Ack { .. }).then_some(())).await?;
    let end = Instant::now() + PATIENCE;
    while desk.counted.get() - before < webhooks && Instant::now() < end {
        sleep(Duration::from_millis(1)).await;
    }
    Ok((desk.counted.get() - before).min(webhooks))
}
