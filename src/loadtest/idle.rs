//! Visitors' sockets that do nothing: how fast they come in, and what each costs.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    LoadError, Plan, Report,
    lane::histogram,
    machine::Process,
    report::{IdleReport, Latency},
    session::{Session, Taken},
    setup::{self, AT_ONCE},
};

/// Before memory is read, so that what the handshakes used is given back.
const REST: Duration = Duration::from_secs(2);

/// Opens the sockets and looks at the server.
pub async fn measure(plan: &Plan, count: usize) -> Result<Report, LoadError> {
    let visitors = setup::visitors(&plan.url, &plan.api_key, count).await?;
    let server = Process::server(&plan.url, plan.server_pid);
    tokio::time::sleep(REST).await;
    let (memory_before, cpu_before) = (server.and_then(Process::memory_kib), server.and_then(Process::cpu_ms));
    let began = Instant::now();
    let opened = visitors.iter().map(|visitor| async move {
        let began = Instant::now();
        let (session, _) = Session::open(&plan.url, "/ws/visitor", &visitor.token, None).await?;
        Ok::<_, LoadError>((session, began.elapsed()))
    });
    let opened: Vec<(Session, Duration)> = stream::iter(opened).buffer_unordered(AT_ONCE).try_collect().await?;
    let took = began.elapsed();
    let cpu = server.and_then(Process::cpu_ms).zip(cpu_before).map(|(after, before)| after.saturating_sub(before));
    tokio::time::sleep(REST).await;
    let memory_after = server.and_then(Process::memory_kib);
    let mut connect = histogram()?;
    let mut closed = 0;
    for (mut session, time) in opened {
        connect.saturating_record(time.as_micros() as u64);
        while let Some(taken) = session.next_now() {
            if matches!(taken, Taken::Closed(_)) {
                closed += 1;
                break;
            }
        }
    }
    let grown = memory_after.zip(memory_before).map(|(after, before)| after.saturating_sub(before));
    Ok(Report::Idle(IdleReport {
        sockets: count,
        connects_a_second: count as f64 / took.as_secs_f64(),
        connect: Latency::of(&connect),
        memory_before_kib: memory_before,
        memory_after_kib: memory_after,
        memory_a_socket_kib: grown.map(|grown| grown as f64 / count.max(1) as f64),
        server_cpu_ms_a_connect: cpu.map(|ms| ms as f64 / count.max(1) as f64),
        closed,
    }))
}
