//! The open loop: messages are due at a fixed pace, whatever the server does.
//!
//! Guarantees: a message's time runs from the moment when it was due. If the tool or the server is late, that shows in the latency.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinSet};

use super::{
    LoadError,
    chat::{Talker, Turn},
    lane::Board,
};

/// Messages that may be due and not yet sent, a socket. Beyond it the pace-maker waits; the time they were due stays.
pub const DUE_MAX: usize = 4_096;
/// Messages that may be unanswered, a socket: what fits into the buffers of a connection.
pub const UNANSWERED_MAX: usize = 1_000;
/// Closer than this is now: a sleep would come back later.
const CLOSE: Duration = Duration::from_micros(20);

/// A message that is due: its conversation, and when in nanoseconds of the run.
pub type Due = (u32, u64);

/// Starts a task a socket, and the pace-maker on a thread of its own, whose sleeps are finer than the runtime's.
pub fn start(talkers: Vec<Talker>, rate: u32, board: &Rc<RefCell<Board>>, tasks: &mut JoinSet<()>) -> Result<(), LoadError> {
    let mut senders = Vec::new();
    for talker in talkers {
        let (send, due) = mpsc::channel(DUE_MAX);
        if talker.speaks {
            senders.extend(talker.conversations.iter().map(|(number, _)| (*number, send.clone())));
        }
        tasks.spawn_local(drive(talker, due));
    }
    // Both sides of a conversation take turns.
    senders.sort_by_key(|(number, _)| *number);
    let (base, end) = (board.borrow().base(), board.borrow().end());
    pace(senders, rate, base, end)
}

/// Starts the pace-maker alone: `rate` messages a second from `base` on until `end_ns` behind it, the senders by turns.
pub fn pace(senders: Vec<(u32, mpsc::Sender<Due>)>, rate: u32, base: Instant, end_ns: u64) -> Result<(), LoadError> {
    let pace = std::thread::Builder::new().name("pace".to_owned()).spawn(move || keep_pace(&senders, rate, base, end_ns));
    pace.map(drop).map_err(LoadError::io("start a thread"))
}

fn keep_pace(senders: &[(u32, mpsc::Sender<Due>)], rate: u32, base: Instant, end_ns: u64) {
    for (count, (conversation, sender)) in (0_u64..).zip(senders.iter().cycle()) {
        let due_ns = count * 1_000_000_000 / u64::from(rate.max(1));
        if due_ns >= end_ns {
            return;
        }
        let wait = (base + Duration::from_nanos(due_ns)).saturating_duration_since(Instant::now());
        if wait > CLOSE {
            std::thread::sleep(wait);
        }
        if sender.blocking_send((*conversation, due_ns)).is_err() {
            tracing::debug!(conversation, "a message was due on a socket that has ended");
        }
    }
}

async fn drive(mut talker: Talker, mut due: mpsc::Receiver<Due>) {
    if let Err(error) = talk(&mut talker, &mut due).await {
        talker.board.borrow_mut().closed(error.to_string());
    }
}

async fn talk(talker: &mut Talker, due: &mut mpsc::Receiver<Due>) -> Result<(), LoadError> {
    let mut unanswered = 0_usize;
    let mut paced = talker.speaks;
    loop {
        tokio::select! {
            message = due.recv(), if paced && unanswered < UNANSWERED_MAX => match message {
                Some((conversation, due_ns)) => {
                    talker.say(conversation, due_ns).await?;
                    unanswered += 1;
                    while unanswered < UNANSWERED_MAX && let Ok((conversation, due_ns)) = due.try_recv() {
                        talker.say(conversation, due_ns).await?;
                        unanswered += 1;
                    }
                }
                None => paced = false,
            },
            taken = talker.session.next() => {
                let mut taken = Some(taken);
                while let Some(frame) = taken {
                    match talker.take(frame) {
                        Turn::None => {}
                        Turn::Answered(_) | Turn::Refused(..) => unanswered = unanswered.saturating_sub(1),
                        Turn::Over => return Ok(()),
                    }
                    taken = talker.session.next_now();
                }
            }
        }
        talker.session.flush().await?;
    }
}
