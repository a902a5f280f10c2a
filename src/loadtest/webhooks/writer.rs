//! Who makes the events: a visitor's socket a conversation, that says something when it is told to.

use std::{rc::Rc, time::Duration};

use tokio::{
    sync::mpsc,
    task::{JoinSet, spawn_local},
    time::sleep,
};

use super::{
    super::{
        LoadError,
        frame::{Heard, hear},
        open::{self, DUE_MAX, Due, UNANSWERED_MAX},
        session::{Session, Taken},
    },
    receiver::Desk,
};

/// How the messages come.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Each conversation has so many messages that have not come to all webhooks.
    Window(usize),
    /// So many a second over all conversations, whatever the server does.
    Rate(u32),
}

/// Starts a task a conversation; the sessions are those of conversations 0, 1, 2 and so on.
///
/// # Errors
/// [`LoadError::Io`].
pub fn start(sessions: Vec<Session>, pace: Pace, text_chars: usize, desk: &Rc<Desk>, tasks: &mut JoinSet<()>) -> Result<(), LoadError> {
    let mut senders = Vec::new();
    for (conversation, session) in (0_u32..).zip(sessions) {
        let capacity = if let Pace::Window(window) = pace { window } else { DUE_MAX };
        // Twice: what was refused comes again while others have come.
        let (sender, due) = mpsc::channel(capacity.max(1) * 2);
        senders.push((conversation, sender));
        let writer = Writer { session, conversation, text_chars, desk: desk.clone() };
        tasks.spawn_local(writer.drive(due));
    }
    match pace {
        Pace::Rate(rate) => {
            let board = desk.board.borrow();
            open::pace(senders, rate, board.base(), board.end())
        }
        Pace::Window(window) => {
            *desk.turns.borrow_mut() = senders.iter().map(|(_, sender)| sender.clone()).collect();
            for _ in 0..window.max(1) {
                for (conversation, _) in &senders {
                    desk.turn(*conversation);
                }
            }
            Ok(())
        }
    }
}

struct Writer {
    session: Session,
    conversation: u32,
    text_chars: usize,
    desk: Rc<Desk>,
}

impl Writer {
    async fn drive(mut self, mut due: mpsc::Receiver<Due>) {
        if let Err(error) = self.talk(&mut due).await {
            self.desk.board.borrow_mut().closed(error.to_string());
        }
    }

    async fn talk(&mut self, due: &mut mpsc::Receiver<Due>) -> Result<(), LoadError> {
        let (mut unanswered, mut told) = (0_usize, true);
        loop {
            tokio::select! {
                message = due.recv(), if told && unanswered < UNANSWERED_MAX => match message {
                    Some((_, due_ns)) => {
                        self.say(due_ns).await?;
                        unanswered += 1;
                        while unanswered < UNANSWERED_MAX && let Ok((_, due_ns)) = due.try_recv() {
                            self.say(due_ns).await?;
                            unanswered += 1;
                        }
                    }
                    None => told = false,
                },
                taken = self.session.next() => {
                    let mut taken = Some(taken);
                    while let Some(frame) = taken {
                        if let Taken::Closed(why) = &frame {
                            self.desk.board.borrow_mut().closed(why.clone());
                            return Ok(());
                        }
                        unanswered = unanswered.saturating_sub(self.take(&frame));
                        taken = self.session.next_now();
                    }
                }
            }
            self.session.flush().await?;
        }
    }

    async fn say(&mut self, due_ns: u64) -> Result<(), LoadError> {
        let mark = self.desk.board.borrow_mut().send(self.conversation, due_ns);
        let Some(mark) = mark else { return Ok(()) };
        self.session.say(mark.send(None, self.text_chars)).await
    }

    /// Takes a frame down; how many messages it answers.
    fn take(&self, frame: &Taken) -> usize {
        let Taken::Text(text) = frame else { return 0 };
        let mut board = self.desk.board.borrow_mut();
        match hear(text) {
            Heard::Ack { reference, .. } => {
                let now = board.now();
                board.acked(reference, now);
                1
            }
            Heard::Refused { reference: Some(reference), code, retry_after_ms } => {
                if let Some(conversation) = board.refused(reference, code) {
                    let desk = self.desk.clone();
                    spawn_local(async move {
                        sleep(Duration::from_millis(retry_after_ms.unwrap_or(1_000))).await;
                        desk.turn(conversation);
                    });
                }
                1
            }
            Heard::Unreadable | Heard::Resync | Heard::Refused { reference: None, .. } => {
                board.unreadable();
                0
            }
            Heard::Welcome { .. } | Heard::Pong | Heard::Other | Heard::Event(_) => 0,
        }
    }
}
