//! Two people in each of many conversations: who they are, and what is measured while they talk.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::{JoinSet, spawn_local};

use super::{
    LoadError, Plan, Report, Talk, closed,
    frame::Heard,
    lane::Board,
    machine::Process,
    open,
    report::{ChatReport, MachineUse},
    session::{Session, Taken},
    setup::{self, AT_ONCE, Begun, TOPICS_MAX},
};

/// What is still unanswered at the end gets so long.
const SETTLE: Duration = Duration::from_secs(15);
/// Agents' sockets; more conversations than this share them.
const AGENT_SOCKETS: usize = 50;

/// One socket with what it has to say.
pub struct Talker {
    /// The socket.
    pub session: Session,
    /// It is an agent's.
    pub by_agent: bool,
    /// It says something; else it only listens.
    pub speaks: bool,
    /// Its conversations: the number in this run, and the id.
    pub conversations: Vec<(u32, String)>,
    /// Where everything is taken down.
    pub board: Rc<RefCell<Board>>,
    /// Characters in a message.
    pub text_chars: usize,
}

/// What a frame means for who may go on.
pub enum Turn {
    /// Nothing.
    None,
    /// A message of this conversation was answered: another may follow.
    Answered(u32),
    /// A message of this conversation was refused: another may follow after so many milliseconds.
    Refused(u32, u64),
    /// The socket is at its end.
    Over,
}

impl Talker {
    /// Sends a message that was due at `due_ns`.
    pub async fn say(&mut self, conversation: u32, due_ns: u64) -> Result<(), LoadError> {
        let Some((_, id)) = self.conversations.iter().find(|(number, _)| *number == conversation) else { return Ok(()) };
        let mark = self.board.borrow_mut().send(conversation, self.by_agent, due_ns);
        let Some(mark) = mark else { return Ok(()) };
        let text = mark.send(Some(id).filter(|_| self.by_agent).map(String::as_str), self.text_chars);
        self.session.say(text).await
    }

    /// Takes a frame down.
    pub fn take(&mut self, taken: Taken) -> Turn {
        let text = match taken {
            Taken::Text(text) => text,
            Taken::Nothing => return Turn::None,
            Taken::Closed(why) => {
                self.board.borrow_mut().closed(why);
                return Turn::Over;
            }
        };
        let mut board = self.board.borrow_mut();
        let now = board.now();
        match super::frame::hear(&text) {
            Heard::Ack { reference, .. } => board.acked(reference, self.by_agent, now).map_or(Turn::None, Turn::Answered),
            Heard::Event(event) => {
                let follows = self.session.follows(&event);
                board.happened(&event, self.by_agent, follows, now);
                Turn::None
            }
            Heard::Refused { reference: Some(reference), code, retry_after_ms } => {
                let conversation = board.refused(reference, self.by_agent, code);
                conversation.map_or(Turn::None, |conversation| Turn::Refused(conversation, retry_after_ms.unwrap_or(1_000)))
            }
            Heard::Unreadable | Heard::Resync | Heard::Refused { reference: None, .. } => {
                board.unreadable();
                Turn::None
            }
            Heard::Welcome { .. } | Heard::Pong | Heard::Other => Turn::None,
        }
    }
}

/// Sets everybody up, lets them talk, and counts.
pub async fn measure(plan: &Plan, talk: &Talk) -> Result<Report, LoadError> {
    let run = setup::random()?;
    let begun = setup::begin_all(&plan.url, &plan.api_key, run, 0, talk.conversations).await?;
    let agents = agents(plan, &begun).await?;
    let board = Rc::new(RefCell::new(Board::new(run, talk.conversations, talk.warm_up, talk.time)?));
    let talkers = talkers(begun, agents, &board, talk);
    let (server, own) = (Process::server(&plan.url, plan.server_pid), Process::own());
    let mut tasks = JoinSet::new();
    match talk.rate {
        Some(rate) => open::start(talkers, rate, &board, &mut tasks)?,
        None => {
            for talker in talkers {
                tasks.spawn_local(closed::drive(talker, talk.window.max(1)));
            }
        }
    }
    let timing = spawn_local(time_of(talk.clone(), server, own));
    let settled = async {
        let end = talk.warm_up + talk.time;
        tokio::time::sleep(end).await;
        while !board.borrow().is_settled() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // What is not settled then is counted as unanswered or lost.
    drop(tokio::time::timeout(talk.warm_up + talk.time + SETTLE, settled).await);
    let (server_cpu, own_cpu, memory) = timing.await.unwrap_or_default();
    tasks.abort_all();
    let figures = board.borrow_mut().figures();
    let seconds = talk.time.as_secs_f64();
    let cores = |ms: Option<u64>| ms.map(|ms| ms as f64 / 1_000.0 / seconds);
    Ok(Report::Chat(ChatReport {
        conversations: talk.conversations,
        window: talk.rate.is_none().then_some(talk.window),
        offered_a_second: talk.rate,
        seconds,
        messages_a_second: figures.acked_in_time as f64 / seconds,
        ack: figures.ack,
        receipt: figures.receipt,
        machine: MachineUse {
            server_cpu_ms_a_message: server_cpu.map(|ms| ms as f64 / (figures.acked_in_time.max(1)) as f64),
            server_cores: cores(server_cpu),
            server_memory_kib: memory,
            tool_cores: cores(own_cpu),
        },
        counts: figures.counts,
    }))
}

/// CPU time of the server and of this tool within the counted time, and the server's memory at its end.
async fn time_of(talk: Talk, server: Option<Process>, own: Process) -> (Option<u64>, Option<u64>, Option<u64>) {
    tokio::time::sleep(talk.warm_up).await;
    let before = (server.and_then(Process::cpu_ms), own.cpu_ms());
    tokio::time::sleep(talk.time).await;
    let after = (server.and_then(Process::cpu_ms), own.cpu_ms());
    let spent = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?));
    (spent(before.0, after.0), spent(before.1, after.1), server.and_then(Process::memory_kib))
}

/// Opens the agents' sockets, each following its share of the conversations.
async fn agents(plan: &Plan, begun: &[Begun]) -> Result<Vec<(Session, Vec<(u32, String)>)>, LoadError> {
    let count = begun.len().min(AGENT_SOCKETS).max(begun.len().div_ceil(TOPICS_MAX));
    let mut shares = vec![Vec::new(); count];
    for (at, begun) in begun.iter().enumerate() {
        if let Some(share) = shares.get_mut(at % count) {
            share.push((at as u32, begun.conversation_id.clone()));
        }
    }
    let tokens = setup::agents(plan, count).await?;
    let opened = tokens.iter().zip(shares).map(|(token, share)| async move {
        let mut session = setup::agent_socket(plan, token).await?;
        let topics: Vec<String> = share.iter().map(|(_, id)| format!("conversation:{id}")).collect();
        session.follow(&topics).await?;
        Ok::<_, LoadError>((session, share))
    });
    stream::iter(opened).buffered(AT_ONCE).try_collect().await
}

fn talkers(begun: Vec<Begun>, agents: Vec<(Session, Vec<(u32, String)>)>, board: &Rc<RefCell<Board>>, talk: &Talk) -> Vec<Talker> {
    let visitors = begun.into_iter().enumerate().map(|(at, begun)| Talker {
        session: begun.session,
        by_agent: false,
        speaks: true,
        conversations: vec![(at as u32, begun.conversation_id)],
        board: board.clone(),
        text_chars: talk.text_chars,
    });
    let agents = agents.into_iter().map(|(session, conversations)| Talker {
        session,
        by_agent: true,
        speaks: talk.participants > 1,
        conversations,
        board: board.clone(),
        text_chars: talk.text_chars,
    });
    visitors.chain(agents).collect()
}
