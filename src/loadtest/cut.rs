//! Visitors' sockets that are cut, miss ten messages each, and come back all at once.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::timeout;

use super::{
    LoadError, Plan, Report,
    frame::{Heard, Mark, hear},
    lane::histogram,
    machine::Process,
    report::{CutReport, Latency},
    session::{Session, Taken},
    setup,
};

/// Messages that each has missed.
const MISSED: u32 = 10;
/// Agents' sockets that write what is missed.
const AGENT_SOCKETS: usize = 20;
/// Unacknowledged messages of each of these.
const AHEAD: usize = 8;
/// Handshakes under way at once when all come back; what waits is counted as waiting.
const BACK_AT_ONCE: usize = 512;
/// Longest wait for one socket to catch up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A visitor who is away.
struct Away {
    token: String,
    cursor: String,
    conversation_id: String,
}

/// How a return went.
struct Return {
    took: Duration,
    gaps: usize,
    caught_up: bool,
}

/// Begins, cuts, writes, lets all come back.
pub async fn measure(plan: &Plan, count: usize) -> Result<Report, LoadError> {
    let run = setup::random()?;
    let begun = setup::begin_all(&plan.url, &plan.api_key, run, 0, count).await?;
    // Dropped with its session, a socket is cut without a closing word.
    let away: Vec<Away> = begun
        .into_iter()
        .map(|begun| Away {
            token: begun.visitor.token,
            cursor: format!("{}-{}", begun.epoch, begun.session.place),
            conversation_id: begun.conversation_id,
        })
        .collect();
    write_all(plan, run, &away).await?;
    let server = Process::server(&plan.url, plan.server_pid);
    let cpu_before = server.and_then(Process::cpu_ms);
    let start = Instant::now();
    let back = away.iter().enumerate().map(|(at, away)| come_back(plan, run, at as u32, away, start));
    let back: Vec<(Session, Return)> = stream::iter(back).buffer_unordered(BACK_AT_ONCE).try_collect().await?;
    let all = start.elapsed();
    let cpu = server.and_then(Process::cpu_ms).zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
    let mut each = histogram()?;
    for (_, back) in &back {
        each.saturating_record(back.took.as_micros() as u64);
    }
    Ok(Report::Cut(CutReport {
        sockets: count,
        missed_each: MISSED as usize,
        all_caught_up_ms: all.as_secs_f64() * 1_000.0,
        each: Latency::of(&each),
        gaps: back.iter().map(|(_, back)| back.gaps).sum(),
        behind: back.iter().filter(|(_, back)| !back.caught_up).count(),
        server_cpu_ms: cpu,
    }))
}

/// Agents write to everybody who is away.
async fn write_all(plan: &Plan, run: u32, away: &[Away]) -> Result<(), LoadError> {
    let sockets = AGENT_SOCKETS.min(away.len()).max(1);
    let tokens = setup::agents(plan, sockets).await?;
    let shares = tokens.iter().enumerate().map(|(line, token)| {
        let share = away.iter().enumerate().skip(line).step_by(sockets);
        let messages = share.flat_map(move |(at, away)| {
            let mark = move |number| Mark { run, conversation: at as u32, by_agent: true, number };
            (0..MISSED).map(move |number| mark(number).send(Some(&away.conversation_id), 80))
        });
        write_some(plan, token, messages)
    });
    stream::iter(shares).buffer_unordered(sockets).try_collect().await
}

async fn write_some(plan: &Plan, token: &str, messages: impl Iterator<Item = String>) -> Result<(), LoadError> {
    let mut session = setup::agent_socket(plan, token).await?;
    let mut unanswered = 0_usize;
    for message in messages {
        session.say(message).await?;
        unanswered += 1;
        if unanswered == AHEAD {
            session.flush().await?;
            while unanswered > 0 {
                session.await_frame("an acknowledgement", |heard| matches!(heard, Heard::Ack { .. }).then_some(())).await?;
                unanswered -= 1;
            }
        }
    }
    session.flush().await?;
    for _ in 0..unanswered {
        session.await_frame("an acknowledgement", |heard| matches!(heard, Heard::Ack { .. }).then_some(())).await?;
    }
    Ok(())
}

/// Comes back with the cursor and reads until the last missed message. `start` is when all were let go.
async fn come_back(plan: &Plan, run: u32, conversation: u32, away: &Away, start: Instant) -> Result<(Session, Return), LoadError> {
    let (mut session, _) = Session::open(&plan.url, "/ws/visitor", &away.token, Some(&away.cursor)).await?;
    let mut gaps = 0;
    let last = Mark { run, conversation, by_agent: true, number: MISSED - 1 };
    let read = async {
        loop {
            let text = match session.next().await {
                Taken::Text(text) => text,
                Taken::Nothing => continue,
                Taken::Closed(_) => return false,
            };
            if let Heard::Event(event) = hear(&text) {
                gaps += usize::from(!session.follows(&event));
                if event.mark == Some(last) {
                    return true;
                }
            }
        }
    };
    let caught_up = timeout(PATIENCE, read).await.unwrap_or(false);
    Ok((session, Return { took: start.elapsed(), gaps, caught_up }))
}
