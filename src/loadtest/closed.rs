//! The closed loop: each sender keeps its window full, and says the next thing when the last was answered.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{
    LoadError,
    chat::{Talker, Turn},
};

/// Talks and listens until the socket ends or the task is stopped.
pub async fn drive(mut talker: Talker, window: usize) {
    if let Err(error) = talk(&mut talker, window).await {
        talker.board.borrow_mut().closed(error.to_string());
    }
}

async fn talk(talker: &mut Talker, window: usize) -> Result<(), LoadError> {
    if talker.speaks {
        let numbers: Vec<u32> = talker.conversations.iter().map(|(number, _)| *number).collect();
        for number in numbers.iter().flat_map(|number| std::iter::repeat_n(*number, window)) {
            say_next(talker, number).await?;
        }
        talker.session.flush().await?;
    }
    // Conversations that were told to wait; at most one window each.
    let mut waiting: Vec<(Instant, u32)> = Vec::new();
    loop {
        let due = waiting.iter().map(|(at, _)| *at).min();
        let mut taken = tokio::select! {
            biased;
            taken = talker.session.next() => Some(taken),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
        };
        while let Some(frame) = taken {
            match talker.take(frame) {
                Turn::None => {}
                Turn::Answered(number) => say_next(talker, number).await?,
                Turn::Refused(number, after_ms) => waiting.push((Instant::now() + Duration::from_millis(after_ms), number)),
                Turn::Over => return Ok(()),
            }
            taken = talker.session.next_now();
        }
        let now = Instant::now();
        let (due, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(at, _)| *at <= now);
        waiting = later;
        for (_, number) in due {
            say_next(talker, number).await?;
        }
        talker.session.flush().await?;
    }
}

async fn say_next(talker: &mut Talker, number: u32) -> Result<(), LoadError> {
    let (now, end) = {
        let board = talker.board.borrow();
        (board.now(), board.end())
    };
    if now < end { talker.say(number, now).await } else { Ok(()) }
}
