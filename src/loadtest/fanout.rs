//! One event to many agents: each watches the inbox and the conversation, one visitor says something, and all wait for it.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use hdrhistogram::Histogram;
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

use super::{
    LoadError, Plan, Report,
    frame::{Heard, Mark, hear},
    lane::histogram,
    report::{FanoutReport, Latency},
    session::{Session, Taken},
    setup::{self, AT_ONCE},
};

/// Longest wait for an event to reach everybody.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two events, so that each finds a server at rest.
const PAUSE: Duration = Duration::from_millis(100);

/// Which event came, and when.
type Receipt = (u32, Instant);

/// Sends events one after the other for `time`, each when the last has reached everybody.
pub async fn measure(plan: &Plan, count: usize, time: Duration) -> Result<Report, LoadError> {
    let run = setup::random()?;
    let visitors = setup::visitors(&plan.url, &plan.api_key, 1).await?;
    let Some(visitor) = visitors.into_iter().next() else { return Err(LoadError::TimedOut("a visitor")) };
    let mut begun = setup::begin(&plan.url, run, 0, visitor).await?;
    let tokens = setup::agents(plan, count).await?;
    let topics = ["inbox".to_owned(), format!("conversation:{}", begun.conversation_id)];
    let topics = &topics;
    let opened = tokens.iter().map(|token| async move {
        let mut session = setup::agent_socket(plan, token).await?;
        session.follow(topics).await?;
        Ok::<_, LoadError>(session)
    });
    let agents: Vec<Session> = stream::iter(opened).buffer_unordered(AT_ONCE).try_collect().await?;
    let (report, mut receipts) = mpsc::channel(count.max(1));
    let mut tasks = JoinSet::new();
    for session in agents {
        tasks.spawn_local(listen(session, run, report.clone()));
    }
    drop(report);
    let (mut each, mut last) = (histogram()?, histogram()?);
    let (mut events, mut missing) = (0_u32, 0);
    let start = Instant::now();
    while start.elapsed() < time {
        let mark = Mark { run, conversation: 0, by_agent: false, number: events };
        let sent = Instant::now();
        begun.session.say(mark.send(None, 80)).await?;
        begun.session.flush().await?;
        missing += collect(&mut receipts, (events, sent), count, &mut each, &mut last).await;
        events += 1;
        // Its own acknowledgements and events are not of interest, but must be read.
        while begun.session.next_now().is_some() {}
        tokio::time::sleep(PAUSE).await;
    }
    tasks.abort_all();
    let events = events as usize;
    Ok(Report::Fanout(FanoutReport { agents: count, events, receipt: Latency::of(&each), last: Latency::of(&last), missing }))
}

/// Waits until the event has come `count` times; answers how many are missing.
async fn collect(
    receipts: &mut mpsc::Receiver<Receipt>,
    (number, sent): (u32, Instant),
    count: usize,
    each: &mut Histogram<u64>,
    last: &mut Histogram<u64>,
) -> usize {
    let (mut got, mut slowest) = (0, Duration::ZERO);
    let all = async {
        while got < count {
            let Some((of, at)) = receipts.recv().await else { return };
            if of == number {
                let took = at.saturating_duration_since(sent);
                each.saturating_record(took.as_micros() as u64);
                slowest = slowest.max(took);
                got += 1;
            }
        }
    };
    // What has not come then is missing, and is counted as such.
    drop(timeout(PATIENCE, all).await);
    last.saturating_record(slowest.as_micros() as u64);
    count - got
}

async fn listen(mut session: Session, run: u32, receipts: mpsc::Sender<Receipt>) {
    loop {
        let at_hand = session.next().await;
        let now = Instant::now();
        let text = match at_hand {
            Taken::Text(text) => text,
            Taken::Nothing => continue,
            Taken::Closed(_) => return,
        };
        let Heard::Event(event) = hear(&text) else { continue };
        session.follows(&event);
        let Some(mark) = event.mark.filter(|mark| mark.run == run) else { continue };
        if receipts.send((mark.number, now)).await.is_err() {
            return;
        }
    }
}
