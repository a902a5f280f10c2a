//! Signs notifications and posts them to Switchboard, as often as the provider would.
//!
//! Guarantees: without a switch thrown, notifications go out in order, one at a time; what is not answered as it should be is sent again
//! after the provider's waits (accelerated), beside the others; every attempt is noted.
//!
//! Does not: speak TLS, or follow redirects (no provider here does).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    http::{Method, StatusCode, header::HeaderMap},
    web::Bytes,
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout, timeout_at},
};

use super::{
    faults::{Proof, Switch},
    provider::{Notice, Sealed, Sealing},
    simulator::Simulator,
    wire_log::{Delivery, preview},
    world::{FILE_BYTES_MAX, Status, World},
};

/// Notifications gathered for a batch or to be mixed up.
const GATHERED_MAX: usize = 100;
/// Notifications that wait for a further attempt.
const RETRIES_MAX: usize = 2_000;
/// Bytes read of an answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Sends what is queued until the simulator ends.
pub async fn run(sim: Arc<Simulator>, mut queue: mpsc::Receiver<Notice>) {
    let client = client();
    let mut retries = JoinSet::new();
    while let Some(first) = queue.recv().await {
        let notices = gather(&sim, first, &mut queue).await;
        let gathered = notices.len();
        let notices = if sim.look(|world| world.is_on(Switch::Batch)) { sim.provider.batch(notices) } else { notices };
        for notice in notices {
            let twice = sim.look(|world| world.is_on(Switch::Duplicate));
            for _ in 0..=usize::from(twice) {
                let mut lasting = Lasting { notice: notice.clone(), attempt: 1, reason: "" };
                let room = retries.len() < RETRIES_MAX;
                if let Some(wait) = lasting.attempt(&sim, &client, room).await {
                    let (sim, client) = (Arc::clone(&sim), client.clone());
                    retries.spawn_local(async move { lasting.go_on(&sim, &client, wait).await });
                }
            }
        }
        sim.change(|world| world.pending = world.pending.saturating_sub(gathered));
        while retries.try_join_next().is_some() {}
    }
}

/// The client of every simulator: no redirects, nothing kept for long.
pub fn client() -> awc::Client {
    awc::ClientBuilder::new().disable_redirects().disable_timeout().finish()
}

/// The notification, and those that come within a moment where they are wanted in a batch or mixed up.
async fn gather(sim: &Simulator, first: Notice, queue: &mut mpsc::Receiver<Notice>) -> Vec<Notice> {
    let (batch, reorder) = sim.look(|world| (world.is_on(Switch::Batch), world.is_on(Switch::Reorder)));
    let mut notices = vec![first];
    if batch || reorder {
        let until = tokio::time::Instant::now() + sim.pace.gather;
        while notices.len() < GATHERED_MAX {
            let Ok(Some(next)) = timeout_at(until, queue.recv()).await else { break };
            notices.push(next);
        }
    }
    if reorder {
        notices.reverse();
    }
    notices
}

/// A notification on its way, over all its attempts.
struct Lasting {
    notice: Notice,
    attempt: u32,
    reason: &'static str,
}

impl Lasting {
    /// The further attempts.
    async fn go_on(mut self, sim: &Simulator, client: &awc::Client, first_wait: Duration) {
        let mut wait = Some(first_wait);
        while let Some(time) = wait {
            sleep(time).await;
            self.attempt += 1;
            wait = self.attempt(sim, client, true).await;
        }
    }

    /// One attempt; answers with the wait before the next, if there is to be one.
    async fn attempt(&mut self, sim: &Simulator, client: &awc::Client, room: bool) -> Option<Duration> {
        let proof = sim.look(|world| match () {
            () if world.is_on(Switch::Unsigned) => Proof::Missing,
            () if world.is_on(Switch::WrongSignature) => Proof::Wrong,
            () => Proof::Right,
        });
        let now_ms = sim.look(World::now_ms);
        let sealing = Sealing { url: sim.url_of(&self.notice.to), proof, now_ms, attempt: self.attempt, reason: self.reason };
        let sealed = sim.provider.seal(&self.notice, &sealing);
        let started = Instant::now();
        let outcome = post(sim, client, &sealed).await;
        let took_ms = started.elapsed().as_millis() as u64;
        let (status, answer, stop) = match outcome {
            Ok(answer) => (Some(answer.status), answer.text, answer.stop),
            Err(NoAnswer { why, reason }) => {
                self.reason = reason;
                (None, why, false)
            }
        };
        if status.is_some() {
            self.reason = "http_error";
        }
        let again = if stop || !room { None } else { self.wait(sim, status) };
        sim.change(|world| {
            self.tick(world, status, again.is_some());
            world.log_delivery(Delivery {
                attempt: self.attempt,
                at_ms: now_ms,
                about: self.notice.about.clone(),
                url: sealed.url.clone(),
                status,
                answer,
                took_ms,
                body: preview(&sealed.body),
                again_in_ms: again.map(|wait| wait.as_millis() as u64),
            });
        });
        again
    }

    fn wait(&self, sim: &Simulator, status: Option<u16>) -> Option<Duration> {
        let redelivery = sim.provider.redelivery(&self.notice);
        let wanted = (redelivery.after)(status, self.attempt) && sim.look(|world| world.is_on(Switch::Redeliver));
        let wait = redelivery.waits.get(self.attempt as usize - 1).filter(|_| wanted)?;
        Some(sim.pace.redelivery * *wait)
    }

    /// The customer's own tick: there, or given up.
    fn tick(&self, world: &mut World, status: Option<u16>, again: bool) {
        for (customer, id) in &self.notice.ticks {
            let Some(message) = world.customer_mut(customer).and_then(|customer| customer.message_mut(id)) else { continue };
            if status.is_some_and(|status| (200..300).contains(&status)) {
                if message.status < Status::Delivered || message.status == Status::Failed {
                    message.status = Status::Delivered;
                    message.error = None;
                }
            } else if message.status < Status::Delivered {
                let why = status.map_or_else(|| "no answer".to_owned(), |status| format!("answered {status}"));
                message.error = Some(why);
                if !again {
                    message.status = Status::Failed;
                }
            }
        }
    }
}

/// What came back.
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body's beginning.
    pub text: String,
    /// The receiver asks not to be sent this again (Slack's `X-Slack-No-Retry`).
    stop: bool,
}

/// Nothing came back.
pub struct NoAnswer {
    /// Why, for people.
    pub why: String,
    /// Why, in Slack's words for it.
    reason: &'static str,
}

/// Sends a sealed request and waits for its answer within the provider's deadline.
pub async fn post(sim: &Simulator, client: &awc::Client, sealed: &Sealed) -> Result<Answered, NoAnswer> {
    let deadline = sim.provider.profile().deadline;
    let Ok(method) = Method::from_bytes(sealed.method.as_bytes()) else {
        return Err(NoAnswer { why: format!("{} is no method", sealed.method), reason: "unknown_error" });
    };
    let mut request = client.request(method, sim.reachable(&sealed.url));
    for (name, value) in &sealed.headers {
        request = request.insert_header((*name, value.as_str()));
    }
    let exchange = async {
        let mut response = request.send_body(sealed.body.clone()).await.map_err(|error| error.to_string())?;
        let body = response.body().limit(ANSWER_BYTES_MAX).await.map_err(|error| error.to_string())?;
        let stop = header(response.headers(), "x-slack-no-retry") == Some("1");
        Ok::<_, String>(Answered { status: response.status().as_u16(), text: preview(&body), stop })
    };
    match timeout(deadline, exchange).await {
        Ok(Ok(answered)) => Ok(answered),
        Ok(Err(why)) => Err(NoAnswer { why, reason: "connection_failed" }),
        Err(_late) => Err(NoAnswer { why: format!("no answer within {} s", deadline.as_secs_f64()), reason: "http_timeout" }),
    }
}

/// Fetches a file that the business named by its address, as the provider does: at once, without credentials, through no redirect.
pub async fn fetch(sim: &Simulator, url: &str) -> Result<(String, Bytes), String> {
    let exchange = async {
        let request = client().get(sim.reachable(url)).insert_header(("user-agent", "simulator"));
        let mut response = request.send().await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("answered {}", response.status().as_u16()));
        }
        let mime = header(response.headers(), "content-type").unwrap_or("application/octet-stream").to_owned();
        let bytes = response.body().limit(FILE_BYTES_MAX).await.map_err(|error| error.to_string())?;
        Ok((mime, bytes))
    };
    timeout(sim.provider.profile().deadline, exchange).await.unwrap_or_else(|_late| Err("no answer in time".to_owned()))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
