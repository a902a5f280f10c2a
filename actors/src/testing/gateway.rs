//! A gateway that follows a script and remembers what it was given.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entities::{ChannelId, Consequence, Holds, Outbound, ProviderError, SendOutcome, Timestamp};

use crate::port::{Clock, Gateway, Line, LocalPromise, PartDone, Report};

/// What becomes of a send, and how long that takes.
#[derive(Debug, Clone)]
pub struct Answer {
    /// So long.
    pub after: Duration,
    /// Then this. What is accepted adds a part.
    pub outcome: SendOutcome,
    /// So many parts are accepted before that.
    pub parts: usize,
}

/// A send as it was asked for.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When.
    pub at: Timestamp,
    /// On which channel.
    pub line: Line,
    /// What.
    pub outbound: Outbound,
    /// Without these parts.
    pub done: Vec<PartDone>,
    /// Since when it is in doubt whether some of it was sent.
    pub doubt: Option<Timestamp>,
}

type Script = Box<dyn FnMut(&Sent) -> Answer + Send>;

/// A gateway that follows a script and remembers what it was given.
pub struct ScriptedGateway {
    inner: Arc<Mutex<Inner>>,
    clock: Arc<dyn Clock>,
}

struct Inner {
    script: Script,
    sent: Vec<Sent>,
    /// Under way now and the most that were at once, for each channel.
    under_way: HashMap<ChannelId, (usize, usize)>,
}

/// One send under way; also one that is dropped half-way ends.
struct UnderWay {
    inner: Arc<Mutex<Inner>>,
    channel_id: ChannelId,
}

impl ScriptedGateway {
    /// One that answers as the script says.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, script: impl FnMut(&Sent) -> Answer + Send + 'static) -> Self {
        let inner = Inner { script: Box::new(script), sent: Vec::new(), under_way: HashMap::new() };
        Self { inner: Arc::new(Mutex::new(inner)), clock }
    }

    /// Answers from now on as another script says.
    pub fn follow(&self, script: impl FnMut(&Sent) -> Answer + Send + 'static) {
        lock(&self.inner).script = Box::new(script);
    }

    /// Everything that it was given, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.inner).sent.clone()
    }

    /// The most sends that were under way on this channel at once.
    #[must_use]
    pub fn most_at_once(&self, id: ChannelId) -> usize {
        lock(&self.inner).under_way.get(&id).map_or(0, |(_, most)| *most)
    }
}

impl Gateway for ScriptedGateway {
    fn send(&self, line: Line, outbound: Outbound, done: Vec<PartDone>, doubt: Option<Timestamp>) -> LocalPromise<Report> {
        let sent = Sent { at: self.clock.now(), line, outbound, done, doubt };
        let mut inner = lock(&self.inner);
        let answer = (inner.script)(&sent);
        let (channel_id, mut done) = (sent.line.id, sent.done.clone());
        let (now, most) = inner.under_way.entry(channel_id).or_default();
        *now += 1;
        *most = (*most).max(*now);
        inner.sent.push(sent);
        let under_way = UnderWay { inner: self.inner.clone(), channel_id };
        Box::pin(async move {
            tokio::time::sleep(answer.after).await;
            drop(under_way);
            for part in 0..answer.parts {
                done.push(PartDone { id: Some(format!("part.{}", done.len() + part)), delivered: false });
            }
            if let SendOutcome::Accepted { id, delivered, .. } = &answer.outcome {
                done.push(PartDone { id: id.clone(), delivered: *delivered });
            }
            Report { done, outcome: answer.outcome }
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((now, _)) = lock(&self.inner).under_way.get_mut(&self.channel_id) {
            *now -= 1;
        }
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(outcome: SendOutcome) -> Answer {
    Answer { after: Duration::ZERO, outcome, parts: 0 }
}

/// What a script's provider says is wrong.
#[must_use]
pub fn error() -> ProviderError {
    ProviderError::new("1", "out of order")
}

/// The provider has it, at once.
#[must_use]
pub fn accepted() -> Answer {
    answer(SendOutcome::Accepted { id: Some("provider.1".to_owned()), delivered: false, also: Vec::new() })
}

/// Not now.
#[must_use]
pub fn retry(holds: Holds, after_ms: Option<u64>) -> Answer {
    answer(SendOutcome::Retry { after_ms, holds, error: error(), tries_max: None })
}

/// Never like this.
#[must_use]
pub fn refused() -> Answer {
    answer(SendOutcome::Refused { error: error(), consequence: Consequence::WindowClosed })
}

/// Not until somebody does something.
#[must_use]
pub fn halted() -> Answer {
    answer(SendOutcome::Halted { error: error(), remedy: "reconnect the number".to_owned() })
}

/// No word of it.
#[must_use]
pub fn unknown() -> Answer {
    answer(SendOutcome::Unknown { error: ProviderError::new("timeout", "no answer") })
}

impl Answer {
    /// The same, later.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// The same, after so many parts were accepted.
    #[must_use]
    pub fn behind_parts(self, parts: usize) -> Self {
        Self { parts, ..self }
    }
}
