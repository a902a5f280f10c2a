//! `webhook listen`: reads the event feed of a server and forwards each event to a local program, as a webhook would.
//!
//! Guarantees: events go in order, one at a time, with the bytes, headers and signatures of webhooks; one that is not taken is tried again
//! until it is, so none is skipped; the cursor that is said at the end leads to the first event that was not taken.
//!
//! Does not: keep anything. Who wants to go on later hands the cursor back with `--after`.

use std::{sync::Arc, time::Duration};

use actors::port::{Clock, Courier, WebhookRequest};
use clap::Args;
use entities::{AttemptOutcome, Cursor, DeliveryId, Epoch, EventId, RetryAfter, Verdict, WebhookSecret};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};
use url::Url;

use super::output::{CliError, say};
use crate::{
    compose::SystemClock,
    crypto::random_bytes,
    delivery::{
        AddressGuard, SystemResolver, VettedUrl, WebhookCourier,
        feed_client::{FeedAnswer, FeedClient},
        tls,
        webhook_courier::DEADLINE,
    },
    options::{Cidr, Options, Secret, WebhookOptions},
};

/// How long the server may let a request wait for an event, in seconds.
const WAIT_SECS: u32 = 50;
/// The limit of a request: its wait, and time for a full page over a slow line.
const ANSWER_WITHIN: Duration = Duration::from_secs(WAIT_SECS as u64 + 40);
/// The first wait after a failure; each further one is twice as long, up to [`BACKOFF_MAX`].
const BACKOFF: Duration = Duration::from_millis(500);
/// The longest wait after a failure: somebody sits before the screen.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

pub(super) const HELP: &str = "\
The token needs the scope webhooks:read:

  switchboard token create --workspace ID --name Laptop --scope webhooks:read
  SWITCHBOARD_TOKEN=sb_… switchboard webhook listen --url https://chat.example.com --forward http://localhost:3000/hook

Each event is sent as a webhook sends it (see docs/webhooks.md) and tried again until the receiver answers 2xx. Ctrl-C ends it and says with
which --after to go on.";

/// The options of `webhook listen`.
#[derive(Debug, Args)]
pub struct Listen {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A token with the scope webhooks:read; better given by the variable than by the flag, which others on the machine can see.
    #[arg(long, env = "SWITCHBOARD_TOKEN", hide_env_values = true)]
    token: Secret,
    /// Where to send the events. Any address may be named here, this machine's too.
    #[arg(long, value_name = "URL")]
    forward: String,
    /// Which events: names, `ticket.*` or `*`, separated by commas.
    #[arg(long, default_value = "*", value_name = "TYPES")]
    events: String,
    /// The secret to sign with. [default: a fresh one, which is printed]
    #[arg(long, value_name = "WHSEC", env = "SWITCHBOARD_WEBHOOK_SECRET", hide_env_values = true, value_parser = secret)]
    secret: Option<WebhookSecret>,
    /// Where to begin: a cursor, `latest` (behind the newest event), or `oldest` (with the oldest that is kept).
    #[arg(long, default_value = "latest", value_name = "CURSOR")]
    after: String,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

impl Listen {
    /// Forwards until SIGINT or SIGTERM.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mut listener = Listener::new(self, options)?;
        let outcome = tokio::select! {
            never = listener.listen() => never,
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        };
        listener.say_goodbye()?;
        outcome
    }
}

/// A page of the feed, each envelope with its own bytes.
#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    next_cursor: Cursor,
}

/// What is needed of an envelope.
#[derive(Deserialize)]
struct Head {
    id: EventId,
    event: String,
    position: u64,
}

struct Listener {
    options: Listen,
    feed: FeedClient,
    guard: AddressGuard,
    courier: WebhookCourier,
    secret: WebhookSecret,
    clock: SystemClock,
    /// Behind the last event that was taken; `None` for the oldest that is kept.
    after: Option<String>,
}

impl Listener {
    fn new(options: Listen, shared: &Options) -> Result<Self, CliError> {
        // Whoever sits here names both ends: the guard's rules against special addresses are for owners of webhooks on a server.
        let everywhere = ["0.0.0.0/0", "::/0"].iter().map(|range| range.parse::<Cidr>()).collect::<Result<Vec<_>, _>>();
        let allow_cidrs = everywhere.map_err(|error| CliError::Refused(error.to_owned()))?;
        let webhooks = WebhookOptions { allow_cidrs, allow_insecure: true, proxy: None, ..shared.server.webhooks.clone() };
        let courier = WebhookCourier::new(&webhooks, Arc::new(SystemResolver), DEADLINE)?;
        let guard = courier.guard().clone();
        guard.vet_url(&options.forward).map_err(|refusal| CliError::Refused(format!("--forward: {refusal}")))?;
        let server = guard.vet_url(&options.url).map_err(|refusal| CliError::Refused(format!("--url: {refusal}")))?;
        let tls = if server.is_secure() { Some(tls::client_config(webhooks.ca_file.as_deref())?) } else { None };
        let feed = FeedClient::new(guard.clone(), tls, options.token.expose(), ANSWER_WITHIN).map_err(CliError::Refused)?;
        let secret = options.secret.clone().unwrap_or_else(|| WebhookSecret::from_random(random_bytes()));
        let after = (options.after != "oldest").then(|| options.after.clone());
        Ok(Self { options, feed, guard, courier, secret, clock: SystemClock::default(), after })
    }

    /// Forwards for ever.
    async fn listen(&mut self) -> Result<(), CliError> {
        // The first page is asked for without waiting, so that what is said next is true: from here on nothing is missed.
        let mut page = self.page(0).await?;
        if self.options.after == "latest" {
            self.after = Some(page.next_cursor.to_string());
        }
        self.say_hello()?;
        loop {
            for envelope in &page.data {
                self.forward(envelope, page.next_cursor.epoch).await?;
            }
            self.after = Some(page.next_cursor.to_string());
            page = self.page(WAIT_SECS).await?;
        }
    }

    /// The next page; asks again for as long as the server is away or has no place.
    async fn page(&self, wait: u32) -> Result<Page, CliError> {
        let url = self.page_url(wait)?;
        let mut failures = 0;
        loop {
            let (why, pause) = match self.feed.get(&url).await {
                Ok(answer) if answer.status == 200 => {
                    let read = serde_json::from_slice(&answer.body);
                    return read.map_err(|error| CliError::Refused(format!("{} answered with no page of events: {error}", url.host())));
                }
                Ok(answer) if answer.status == 429 || answer.status >= 500 => (refusal(&answer), answer.retry_after),
                Ok(answer) => return Err(CliError::Refused(refusal(&answer))),
                Err(why) => (why, None),
            };
            failures += 1;
            let pause = backoff(failures).max(pause.unwrap_or_default()).min(BACKOFF_MAX);
            tracing::warn!(why, again_in_ms = pause.as_millis() as u64, "the events cannot be read; the cursor is kept");
            sleep(pause).await;
        }
    }

    fn page_url(&self, wait: u32) -> Result<VettedUrl, CliError> {
        let refused = |why: String| CliError::Refused(format!("--url: {why}"));
        let mut url = Url::parse(&self.options.url).map_err(|error| refused(error.to_string()))?;
        url.set_path(&format!("{}/api/v1/events", url.path().trim_end_matches('/')));
        url.query_pairs_mut().clear().append_pair("types", &self.options.events).append_pair("wait", &wait.to_string());
        url.query_pairs_mut().append_pair("limit", "100").extend_pairs(self.after.as_ref().map(|cursor| ("after", cursor)));
        self.guard.vet_url(url.as_str()).map_err(|refusal| refused(refusal.to_string()))
    }

    /// Sends one event until it is taken.
    async fn forward(&mut self, envelope: &RawValue, epoch: Epoch) -> Result<(), CliError> {
        let unreadable = |error| CliError::Refused(format!("the server sent an event that cannot be read: {error}"));
        let head: Head = serde_json::from_str(envelope.get()).map_err(unreadable)?;
        let delivery_id = DeliveryId::new(self.clock.new_id());
        for attempt in 1.. {
            let request = WebhookRequest {
                url: self.options.forward.as_str().into(),
                event_id: head.id,
                event: head.event.as_str().into(),
                delivery_id,
                attempt,
                body: envelope.get().as_bytes().into(),
                secret: self.secret.clone(),
                previous_secret: None,
                headers: Arc::new([]),
                at: self.clock.now(),
            };
            let outcome = self.courier.deliver(request).await;
            let asked = outcome.retry_after.map(RetryAfter::wait).unwrap_or_default();
            let pause = backoff(attempt).max(asked).min(BACKOFF_MAX);
            let again = (outcome.verdict == Verdict::Failed).then_some(pause);
            self.say_attempt(&head, attempt, &outcome, again)?;
            match outcome.verdict {
                Verdict::Delivered => break,
                Verdict::Failed => sleep(pause).await,
                Verdict::Gone => {
                    return Err(CliError::Refused("the receiver answered 410, at which a webhook is disabled".to_owned()));
                }
            }
        }
        self.after = Some(epoch.at(head.position).to_string());
        Ok(())
    }

    fn print(&self, object: &Value, lines: &str) -> Result<(), CliError> {
        if self.options.json { say(&object.to_string()) } else { say(lines) }
    }

    fn say_hello(&self) -> Result<(), CliError> {
        let Listen { forward, events, .. } = &self.options;
        let (secret, after) = (self.secret.text(), self.after.as_deref());
        let from = after.unwrap_or("the oldest event");
        self.print(
            &json!({"type": "ready", "forward": forward, "events": events, "secret": secret, "cursor": after}),
            &format!("Forwarding {events} to {forward}, from {from} on\nSigning with {secret}\nCtrl-C ends it\n"),
        )
    }

    fn say_attempt(&self, head: &Head, attempt: u32, outcome: &AttemptOutcome, again: Option<Duration>) -> Result<(), CliError> {
        let error = outcome.error.as_ref().map(|error| error.detail.as_str());
        let (total, status) = (outcome.timings.total, outcome.http_status.map_or_else(|| "---".to_owned(), |status| status.to_string()));
        let more = match (error, again) {
            (Some(error), Some(again)) => format!("  attempt {attempt}: {error}; again in {} s", again.as_secs_f32()),
            (Some(error), None) => format!("  attempt {attempt}: {error}"),
            (None, _) => String::new(),
        };
        self.print(
            &json!({
                "type": "attempt", "event_id": head.id, "event": head.event, "position": head.position, "attempt": attempt,
                "delivered": outcome.verdict == Verdict::Delivered, "http_status": outcome.http_status, "error": error, "total_ms": total,
                "again_in_ms": again.map(|again| again.as_millis() as u64),
            }),
            &format!("{status}  {:<34}{}  {total} ms{more}", head.event, head.id),
        )
    }

    fn say_goodbye(&self) -> Result<(), CliError> {
        let after = self.after.as_deref();
        self.print(&json!({"type": "end", "cursor": after}), &format!("\nGo on from here with --after {}", after.unwrap_or("oldest")))
    }
}

/// How long to wait after so many failures.
fn backoff(failures: u32) -> Duration {
    BACKOFF.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(BACKOFF_MAX)
}

/// What a refusal says, for the person at the keyboard.
fn refusal(answer: &FeedAnswer) -> String {
    #[derive(Deserialize)]
    struct Problem {
        code: String,
        detail: String,
    }
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => format!("the server answered {} {}: {}", answer.status, problem.code, problem.detail),
        Err(_not_ours) => format!("the server answered {}, and not as Switchboard does", answer.status),
    }
}

fn secret(text: &str) -> Result<WebhookSecret, String> {
    text.parse::<WebhookSecret>().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        let waits: Vec<_> = [1, 2, 3, 6, 7, 8, 1_000_000].map(|failures| backoff(failures).as_millis()).into();
        assert_eq!(waits, [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
    }
}
