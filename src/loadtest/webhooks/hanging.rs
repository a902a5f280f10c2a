//! Fairness: the first workspace has deliveries that wait for receivers which never answer; what do the others notice of it?

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    super::{
        LoadError,
        frame::{Heard, Mark},
        session::Session,
        setup,
    },
    Load, Plan,
    board::Board,
    certificate,
    receiver::{Desk, Manner, Receiver},
    report::HangingReport,
    scene::{self, Wanted},
    steady::{self, EVENT},
};

/// Webhooks that hang: more than the workspace may have attempts under way for at once.
const WEBHOOKS: usize = 10;
/// Conversations whose messages they want.
const CONVERSATIONS: usize = 10;
/// Messages that a conversation has unacknowledged.
const AHEAD: usize = 16;

/// Lets deliveries wait in the first workspace and measures in the others.
pub async fn measure(plan: &Plan, deliveries: usize, load: &Load) -> Result<HangingReport, LoadError> {
    let Some((first, others)) = plan.workspaces.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(LoadError::Unreadable { what: "take a workspace that hangs", answer: "there are not two".to_owned() });
    };
    let first = std::slice::from_ref(first);
    let desk = Desk::new(Board::new(setup::random()?, &[], load.warm_up, load.time)?);
    let receiver = Receiver::start(certificate::acceptor(&plan.certificate)?, desk.clone()).await?;
    let run = setup::random()?;
    let sessions = scene::conversations(&plan.url, first, run, CONVERSATIONS).await?;
    let wanted = Wanted { each: WEBHOOKS, event: EVENT, ordered: false, manner: Manner::Hang };
    let made = scene::webhooks(&plan.url, first, &wanted, &receiver, &desk).await?;
    let each = deliveries.div_ceil(WEBHOOKS * CONVERSATIONS);
    let fill = sessions.into_iter().enumerate().map(|(at, session)| write(session, run, at as u32, each, load.text_chars));
    // Kept open: a visitor who leaves would be another event.
    let kept: Vec<Session> = stream::iter(fill).buffer_unordered(CONVERSATIONS).try_collect().await?;
    let waiting_before = scene::backlog(&plan.url, &made).await?;
    let others = steady::measure(plan, others, load).await?;
    let waiting_after = scene::backlog(&plan.url, &made).await?;
    scene::remove(&plan.url, &made).await?;
    drop(kept);
    Ok(HangingReport { webhooks: WEBHOOKS, waiting_before, waiting_after, others })
}

/// Says so many things and waits until all are acknowledged.
async fn write(mut session: Session, run: u32, conversation: u32, count: usize, text_chars: usize) -> Result<Session, LoadError> {
    let mut said = 0;
    while said < count {
        let now = AHEAD.min(count - said);
        for number in said..said + now {
            let mark = Mark { run, conversation, by_agent: false, number: number as u32 };
            session.say(mark.send(None, text_chars)).await?;
        }
        session.flush().await?;
        for _ in 0..now {
            session.await_frame("an acknowledgement", |heard| matches!(heard, Heard::Ack { .. }).then_some(())).await?;
        }
        said += now;
    }
    Ok(session)
}
