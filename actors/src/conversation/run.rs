//! One run: the commands that wait, decided one on the state that the one before leaves, and made durable by one commit.
//!
//! Guarantees: an answer is given only when everything it rests on is durable. After a conflict the state is read again and the whole
//! run decided anew, [`CONFLICTS_MAX`] times; a failure leaves no state behind, so that nothing that was not committed is ever built on.

use std::sync::Arc;

use entities::{ClientId, Contact, ConversationId, MessageId, ScheduledMessage, TenantId, TicketId, Timestamp};

use super::{
    message::{AskError, Command, Opening, Posted, Rejection, Reply},
    plan::Plan,
    state::{Decision, Fresh, Outcome, RECENT_MAX, State, begin},
};
use crate::port::{Clock, CommitError, Committed, Journal, StoreError, Wanted, Write};

/// How often a run is decided again after another node was first.
pub const CONFLICTS_MAX: usize = 3;
/// What a busy journal asks for.
const BUSY_RETRY_MS: u64 = 250;
/// How many messages one watermark may mark; those before them were marked by earlier ones.
const WATERMARK_MESSAGES_MAX: usize = 200;

/// The conversation and the doors a run needs.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Whose conversation.
    pub tenant_id: TenantId,
    /// Which.
    pub id: ConversationId,
    /// Where it is kept.
    pub journal: &'a dyn Journal,
    /// Time and ids.
    pub clock: &'a dyn Clock,
}

/// What a run leaves behind.
pub struct Ran {
    /// The state, if it is known to equal the table's.
    pub state: Option<State>,
    /// An answer to each of the first commands; those behind did not fit into this write and come first in the next run.
    pub answers: Vec<Result<Reply, AskError>>,
}

/// Decides the commands, commits, answers. At least the first command is answered.
pub async fn run(scene: Scene<'_>, state: Option<State>, commands: &[Arc<Command>]) -> Ran {
    // What may change nothing is then measured against no version: it is said of what the table has, or another node's change would be overlooked
    // for as long as this one stays awake.
    let anew = |command: &Command| {
        matches!(command, Command::Wake | Command::Trash { .. } | Command::Restore { .. } | Command::Erase { .. } | Command::ForJob { .. })
    };
    let mut state = state.filter(|_| !commands.iter().any(|command| anew(command)));
    let mut repeats: Vec<(ClientId, Posted)> = Vec::new();
    let mut conflicts = 0;
    // Each round either ends, counts a conflict, or learns of one more repeat: bounded by both.
    for _round in 0..=CONFLICTS_MAX + commands.len() {
        let before = match ready(scene, state.take(), commands).await {
            Ok(before) => before,
            Err(error) => return failed(commands.len(), &error),
        };
        let before = match in_hand(scene, before, commands).await {
            Ok(before) => before,
            Err(error) => return failed(commands.len(), &error),
        };
        let before = match scheduled(scene, before, commands).await {
            Ok(before) => before,
            Err(error) => return failed(commands.len(), &error),
        };
        let mut draft = decide(scene, before, &repeats, commands);
        let Some(write) = draft.write.take() else {
            return draft.finish(None);
        };
        match scene.journal.commit(write).await {
            Ok(committed) => return draft.finish(Some(committed)),
            Err(CommitError::Conflict) => {
                conflicts += 1;
                if conflicts > CONFLICTS_MAX {
                    return failed(commands.len(), &AskError::Busy { retry_after_ms: BUSY_RETRY_MS });
                }
            }
            Err(CommitError::Duplicate { client_id, message_id, seq, ticket_id }) => {
                repeats.push((client_id, repeat(scene.id, message_id, seq, ticket_id)));
            }
            Err(CommitError::Busy) => return failed(commands.len(), &AskError::Busy { retry_after_ms: BUSY_RETRY_MS }),
            Err(CommitError::Unavailable(why)) => return failed(commands.len(), &AskError::Unavailable(why)),
        }
    }
    failed(commands.len(), &AskError::Busy { retry_after_ms: BUSY_RETRY_MS })
}

/// What is known before deciding.
enum Before {
    Begun(Box<State>),
    /// Not begun; the contact that would begin it, if it exists.
    Absent(Option<Box<Contact>>),
}

async fn ready(scene: Scene<'_>, state: Option<State>, commands: &[Arc<Command>]) -> Result<Before, AskError> {
    if let Some(state) = state {
        return Ok(Before::Begun(Box::new(state)));
    }
    if let Some(loaded) = scene.journal.load(scene.tenant_id, scene.id, RECENT_MAX).await.map_err(unavailable)? {
        return Ok(Before::Begun(Box::new(State::loaded(loaded))));
    }
    let Some(opening) = commands.iter().find_map(|command| opening(command)) else { return Ok(Before::Absent(None)) };
    let contact = scene.journal.find_contact(scene.tenant_id, opening.contact_id).await.map_err(unavailable)?;
    Ok(Before::Absent(contact.map(Box::new)))
}

/// Reads the messages that the commands are about, where they are not at hand. What is read late is measured against the row's version when
/// the run is committed, like all else.
async fn in_hand(scene: Scene<'_>, before: Before, commands: &[Arc<Command>]) -> Result<Before, AskError> {
    let Before::Begun(mut state) = before else { return Ok(before) };
    if state.row.remote.is_none() {
        return Ok(Before::Begun(state));
    }
    let mut places: Vec<u64> = commands.iter().filter_map(|command| about(command)).filter(|seq| !state.holds(*seq)).collect();
    places.sort_unstable();
    places.dedup();
    let until = commands.iter().filter_map(|command| watermark(command)).max();
    let until = until.map(|up_to| Wanted::SentUntil(up_to, WATERMARK_MESSAGES_MAX));
    for wanted in until.into_iter().chain((!places.is_empty()).then_some(Wanted::At(places))) {
        let found = scene.journal.find_messages(scene.tenant_id, scene.id, wanted).await.map_err(unavailable)?;
        for held in found {
            state.hold(Arc::new(held));
        }
    }
    Ok(Before::Begun(state))
}

/// Reads the scheduled messages, if a command is about any: always anew, so that also what changes nothing is decided on what the table has.
async fn scheduled(scene: Scene<'_>, before: Before, commands: &[Arc<Command>]) -> Result<Before, AskError> {
    let concerned = commands.iter().any(|command| {
        matches!(**command, Command::Schedule(_) | Command::Reschedule(_) | Command::Unschedule { .. } | Command::Fire { .. })
    });
    let Before::Begun(mut state) = before else { return Ok(before) };
    if concerned {
        state.hold_scheduled(scene.journal.scheduled(scene.tenant_id, scene.id).await.map_err(unavailable)?);
    }
    Ok(Before::Begun(state))
}

/// Where the message stands that a command is about.
fn about(command: &Command) -> Option<u64> {
    match command {
        Command::Receive(received) => received.target_seq,
        Command::Settle(settled) => Some(settled.seq).filter(|_| settled.of_message),
        Command::Resend { seq } | Command::React { seq, .. } | Command::FileFetched { seq, .. } => Some(*seq),
        Command::Post(_)
        | Command::Update(_)
        | Command::Assign(_)
        | Command::Trash { .. }
        | Command::Restore { .. }
        | Command::Erase { .. }
        | Command::ForJob { .. }
        | Command::MarkRead { .. }
        | Command::ChangeContact { .. }
        | Command::Wake
        | Command::Schedule(_)
        | Command::Reschedule(_)
        | Command::Unschedule { .. }
        | Command::Fire { .. } => None,
    }
}

fn watermark(command: &Command) -> Option<Timestamp> {
    let Command::Receive(received) = command else { return None };
    match received.inbound.what {
        entities::Happening::Watermark { up_to, .. } => Some(up_to),
        // An echo may be of one of our latest.
        entities::Happening::Message(ref message) if message.direction == entities::Direction::Out => {
            Some(Timestamp::from_micros(i64::MAX / 2))
        }
        _ => None,
    }
}

fn opening(command: &Command) -> Option<&Opening> {
    match command {
        Command::Post(post) => post.opening.as_ref(),
        Command::Receive(received) => received.opening.as_ref(),
        Command::Update(_)
        | Command::Assign(_)
        | Command::Trash { .. }
        | Command::Restore { .. }
        | Command::Erase { .. }
        | Command::ForJob { .. }
        | Command::MarkRead { .. }
        | Command::ChangeContact { .. }
        | Command::Settle(_)
        | Command::Resend { .. }
        | Command::FileFetched { .. }
        | Command::React { .. }
        | Command::Wake
        | Command::Schedule(_)
        | Command::Reschedule(_)
        | Command::Unschedule { .. }
        | Command::Fire { .. } => None,
    }
}

/// What an answer shows of the state behind its command.
enum Shown {
    Nothing,
    Conversation(Box<entities::Conversation>),
    Scheduled(Box<ScheduledMessage>),
}

/// A run decided, not yet durable.
struct Draft {
    state: Option<State>,
    outcomes: Vec<Result<Outcome, Rejection>>,
    /// For each outcome, what its answer shows.
    shown: Vec<Shown>,
    write: Option<Write>,
}

fn decide(scene: Scene<'_>, before: Before, repeats: &[(ClientId, Posted)], commands: &[Arc<Command>]) -> Draft {
    let (mut state, contact) = match before {
        Before::Begun(state) => (Some(*state), None),
        Before::Absent(contact) => (None, contact),
    };
    if let Some(state) = state.as_mut() {
        for (client_id, posted) in repeats {
            state.remember_repeat(client_id.clone(), *posted);
        }
    }
    let mut plan = Plan::new(scene.clock, scene.tenant_id, state.as_ref().map_or(0, |state| state.row.seq));
    let mut outcomes = Vec::with_capacity(commands.len());
    let mut shown = Vec::with_capacity(commands.len());
    for command in commands {
        let now = scene.clock.now();
        let fresh = Fresh { message_id: MessageId::new(scene.clock.new_id()), ticket_id: TicketId::new(scene.clock.new_id()) };
        let decided = match state.as_ref() {
            Some(state) => state.decide(command, fresh, now),
            None => begin(command, contact.as_deref(), scene.id, fresh, now).map(|(begun, decision)| {
                state = Some(begun);
                decision
            }),
        };
        match decided {
            Ok(decision) => {
                if !plan.has_room_for(&decision.facts) {
                    break;
                }
                let outcome = add(&mut plan, state.as_mut(), decision, now);
                shown.push(state.as_ref().map_or(Shown::Nothing, |state| show(state, outcome)));
                outcomes.push(Ok(outcome));
            }
            Err(rejection) => {
                shown.push(Shown::Nothing);
                outcomes.push(Err(rejection));
            }
        }
    }
    let write = match state.as_ref() {
        Some(state) if !plan.is_empty() => Some(plan.write(state)),
        _ => None,
    };
    if let Some(state) = state.as_mut() {
        state.forget_scheduled();
    }
    Draft { state, outcomes, shown, write }
}

fn show(state: &State, outcome: Outcome) -> Shown {
    match outcome {
        Outcome::Updated => Shown::Conversation(Box::new(state.row.conversation())),
        Outcome::Scheduled { id, .. } => {
            state.scheduled(id).map_or(Shown::Nothing, |message| Shown::Scheduled(Box::new(ScheduledMessage::clone(message))))
        }
        Outcome::Posted(_) | Outcome::Read | Outcome::Received(_) => Shown::Nothing,
    }
}

fn add(plan: &mut Plan<'_>, state: Option<&mut State>, decision: Decision, now: Timestamp) -> Outcome {
    if let Some(state) = state {
        for fact in decision.facts {
            plan.add(state, fact, now);
        }
    }
    decision.outcome
}

impl Draft {
    fn finish(mut self, committed: Option<Committed>) -> Ran {
        let number = committed.and_then(|committed| committed.ticket_number);
        if let (Some(state), Some(number)) = (self.state.as_mut(), number) {
            state.number_ticket(number);
        }
        let answers = self.outcomes.into_iter().zip(self.shown).map(|(outcome, shown)| match (outcome, shown) {
            (Err(rejection), _) => Err(AskError::Rejected(rejection)),
            (Ok(Outcome::Read), _) => Ok(Reply::Read),
            (Ok(Outcome::Posted(posted)), _) => Ok(Reply::Posted(numbered(posted, number))),
            (Ok(Outcome::Received(posted)), _) => Ok(Reply::Received(posted.map(|posted| numbered(posted, number)))),
            (Ok(Outcome::Updated), Shown::Conversation(mut conversation)) => {
                if let (Some(ticket), Some(number)) = (conversation.ticket.as_mut().filter(|ticket| ticket.number == 0), number) {
                    ticket.number = number;
                }
                Ok(Reply::Updated(conversation))
            }
            (Ok(Outcome::Scheduled { repeated, .. }), Shown::Scheduled(message)) => Ok(Reply::Scheduled { message, repeated }),
            (Ok(Outcome::Updated | Outcome::Scheduled { .. }), _) => Err(AskError::Rejected(Rejection::NotFound)),
        });
        Ran { answers: answers.collect(), state: self.state }
    }
}

/// Number 0 is a ticket that this very commit opened.
fn numbered(posted: Posted, number: Option<u64>) -> Posted {
    let ticket_number = if posted.ticket_number == 0 { number.unwrap_or(0) } else { posted.ticket_number };
    Posted { ticket_number, ..posted }
}

fn repeat(conversation_id: ConversationId, message_id: MessageId, seq: u64, ticket_id: TicketId) -> Posted {
    Posted { conversation_id, message_id, seq, ticket_id, ticket_number: 0, repeated: true }
}

fn failed(count: usize, error: &AskError) -> Ran {
    Ran { state: None, answers: (0..count).map(|_| Err(error.clone())).collect() }
}

fn unavailable(error: StoreError) -> AskError {
    match error {
        StoreError::Unavailable(why) => AskError::Unavailable(why),
        StoreError::NotFound => AskError::Rejected(Rejection::NotFound),
        StoreError::Conflict(what) => AskError::Unavailable(what.into()),
    }
}
