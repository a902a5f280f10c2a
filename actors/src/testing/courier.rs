//! A courier that follows a script and remembers what it was given.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entities::{AttemptError, AttemptOutcome, ErrorClass, RetryAfter, Timings, Verdict};

use crate::port::{Courier, LocalPromise, WebhookRequest};

/// What becomes of an attempt, and how long that takes.
#[derive(Debug, Clone)]
pub struct Answer {
    /// So long.
    pub after: Duration,
    /// Then this.
    pub outcome: AttemptOutcome,
}

type Script = Box<dyn FnMut(&WebhookRequest) -> Answer + Send>;

/// A courier that follows a script and remembers what it was given.
pub struct ScriptedCourier {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    script: Script,
    sent: Vec<WebhookRequest>,
    /// Under way now and the most that were at once, for each URL.
    under_way: HashMap<Arc<str>, (usize, usize)>,
}

/// One attempt under way; also one that is dropped half-way ends.
struct UnderWay {
    inner: Arc<Mutex<Inner>>,
    url: Arc<str>,
}

impl ScriptedCourier {
    /// One that answers as the script says.
    #[must_use]
    pub fn new(script: impl FnMut(&WebhookRequest) -> Answer + Send + 'static) -> Self {
        let inner = Inner { script: Box::new(script), sent: Vec::new(), under_way: HashMap::new() };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Answers from now on as another script says.
    pub fn follow(&self, script: impl FnMut(&WebhookRequest) -> Answer + Send + 'static) {
        lock(&self.inner).script = Box::new(script);
    }

    /// Everything that it was given, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<WebhookRequest> {
        lock(&self.inner).sent.clone()
    }

    /// The most attempts that were under way to this URL at once.
    #[must_use]
    pub fn most_at_once(&self, url: &str) -> usize {
        lock(&self.inner).under_way.get(url).map_or(0, |(_, most)| *most)
    }
}

impl Courier for ScriptedCourier {
    fn deliver(&self, request: WebhookRequest) -> LocalPromise<AttemptOutcome> {
        let mut inner = lock(&self.inner);
        let answer = (inner.script)(&request);
        let url = request.url.clone();
        let (now, most) = inner.under_way.entry(url.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        inner.sent.push(request);
        let under_way = UnderWay { inner: self.inner.clone(), url };
        Box::pin(async move {
            tokio::time::sleep(answer.after).await;
            drop(under_way);
            answer.outcome
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((now, _)) = lock(&self.inner).under_way.get_mut(&self.url) {
            *now -= 1;
        }
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer with this status, at once; 2xx is a success and 410 the end.
#[must_use]
pub fn status(status: u16) -> Answer {
    let verdict = match status {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone,
        _ => Verdict::Failed,
    };
    let error =
        (verdict != Verdict::Delivered).then(|| AttemptError { class: ErrorClass::HttpStatus, detail: format!("the answer was {status}") });
    let outcome = AttemptOutcome {
        verdict,
        http_status: Some(status),
        response_headers: Vec::new(),
        response_body: Some(String::new()),
        error,
        retry_after: None,
        timings: Timings { total: 1, ..Timings::default() },
        address: None,
    };
    Answer { after: Duration::ZERO, outcome }
}

/// No answer until the deadline.
#[must_use]
pub fn hang(deadline: Duration) -> Answer {
    let answer = status(504);
    let error = Some(AttemptError { class: ErrorClass::Timeout, detail: "no answer within the deadline".to_owned() });
    Answer { after: deadline, outcome: AttemptOutcome { http_status: None, response_body: None, error, ..answer.outcome } }
}

impl Answer {
    /// The same, later.
    #[must_use]
    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    /// The same, with the wish to be left alone for a while.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.outcome.retry_after = Some(RetryAfter::new(wait));
        self
    }
}
