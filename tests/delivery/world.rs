//! A courier, the names it knows, and what it delivers.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::IpAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use actors::port::{Courier, Promise, WebhookRequest};
use entities::{AttemptOutcome, DeliveryId, EventId, RetrySchedule, Timestamp, WebhookSecret};
use switchboard::{
    delivery::{Resolve, WebhookCourier, webhook_courier::DEADLINE},
    options::{SignatureHeader, WebhookOptions},
};
use uuid::Uuid;

use crate::support::receiver::Receiver;

/// The name that leads to this machine.
pub const NAME: &str = "hook.test";
/// What is delivered.
pub const BODY: &str = r#"{"event":"ticket.created"}"#;

/// Names that lead where a test wants them: each look-up takes the next answer, the last one stays.
#[derive(Default)]
pub struct Names {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    lookups: Mutex<Vec<String>>,
}

impl Names {
    /// Names that always lead to the same one address each.
    pub fn leading(names: &[(&str, &str)]) -> Self {
        let answers = names.iter().map(|(name, address)| ((*name).to_owned(), VecDeque::from([vec![address.parse().unwrap()]])));
        Self { answers: Mutex::new(answers.collect()), lookups: Mutex::default() }
    }

    /// Every look-up so far.
    pub fn lookups(&self) -> Vec<String> {
        self.lookups.lock().unwrap().clone()
    }
}

impl Resolve for Names {
    fn lookup(&self, name: &str) -> Promise<'static, io::Result<Vec<IpAddr>>> {
        self.lookups.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let found = answers.get_mut(name).map(|waiting| if waiting.len() > 1 { waiting.pop_front().unwrap() } else { waiting[0].clone() });
        let found = found.ok_or_else(|| io::Error::other("no such name"));
        Box::pin(async { found })
    }
}

/// A courier in a world of its own.
pub struct World {
    /// The names it knows.
    pub names: Arc<Names>,
    /// The courier.
    pub courier: WebhookCourier,
}

/// What differs from world to world.
pub struct Setting<'a> {
    /// Ranges that are opened.
    pub allow: &'a [&'a str],
    /// Plain http.
    pub insecure: bool,
    /// Certificates to trust.
    pub ca_file: Option<&'a Path>,
    /// The limit of an attempt.
    pub deadline: Duration,
    /// The proxy to go through.
    pub proxy: Option<&'a str>,
    /// What names lead to, look-up by look-up.
    pub names: &'a [(&'a str, &'a [&'a [&'a str]])],
    /// The header of the plain signature.
    pub header: &'a str,
}

impl Default for Setting<'_> {
    fn default() -> Self {
        Self {
            allow: &["127.0.0.0/8"],
            insecure: true,
            ca_file: None,
            deadline: DEADLINE,
            proxy: None,
            names: &[(NAME, &[&["127.0.0.1"]])],
            header: "X-Switchboard-Signature",
        }
    }
}

impl World {
    /// Makes it.
    pub fn new(setting: Setting<'_>) -> Self {
        let options = WebhookOptions {
            signature_header: setting.header.parse::<SignatureHeader>().unwrap(),
            allow_cidrs: setting.allow.iter().map(|range| range.parse().unwrap()).collect(),
            allow_insecure: setting.insecure,
            ca_file: setting.ca_file.map(Path::to_owned),
            proxy: setting.proxy.map(|address| address.parse().unwrap()),
            retry_schedule: RetrySchedule::default(),
        };
        let answer = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        let answers = setting.names.iter().map(|(name, answers)| ((*name).to_owned(), answers.iter().map(answer).collect()));
        let names = Arc::new(Names { answers: Mutex::new(answers.collect()), lookups: Mutex::default() });
        let courier = WebhookCourier::new(&options, names.clone(), setting.deadline).unwrap();
        Self { names, courier }
    }

    /// A world whose attempts are over soon: for receivers that let one wait.
    pub fn impatient() -> Self {
        Self::new(Setting { deadline: Duration::from_millis(300), ..Setting::default() })
    }

    /// Delivers to a URL and tells what came of it; the receiver's port is left out.
    pub async fn deliver(&self, url: &str) -> Told {
        Told::of(self.courier.deliver(request(url)).await)
    }

    /// Delivers to a receiver over plain http.
    pub async fn deliver_to(&self, receiver: &Receiver) -> Told {
        self.deliver(&url("http", receiver)).await
    }
}

/// A receiver's URL.
pub fn url(scheme: &str, receiver: &Receiver) -> String {
    format!("{scheme}://{NAME}:{}/hook?a=1", receiver.address.port())
}

/// One attempt.
pub fn request(url: &str) -> WebhookRequest {
    WebhookRequest {
        url: url.into(),
        event_id: EventId::new(Uuid::from_u128(1)),
        event: "ticket.created".into(),
        delivery_id: DeliveryId::new(Uuid::from_u128(2)),
        attempt: 3,
        body: BODY.as_bytes().into(),
        secret: WebhookSecret::from_random([7; 32]),
        previous_secret: None,
        headers: Arc::new([]),
        at: Timestamp::from_micros(1_774_535_400_000_000),
    }
}

/// Everything of an outcome but how long it took and at which port.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// Verdict and status.
    pub verdict: String,
    /// The headers, `name: value`, one a line.
    pub headers: String,
    /// The body.
    pub body: Option<String>,
    /// Class and sentence.
    pub error: Option<String>,
    /// In seconds.
    pub retry_after: Option<u64>,
    /// Which parts were timed.
    pub parts: String,
    /// The address without its port.
    pub address: Option<String>,
}

impl Told {
    /// Tells of an outcome.
    pub fn of(outcome: AttemptOutcome) -> Self {
        let status = outcome.http_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let port = outcome.address.map_or_else(|| "no port".to_owned(), |address| format!(":{}", address.port()));
        let timings = outcome.timings;
        let parts = [("dns", timings.dns), ("connect", timings.connect), ("tls", timings.tls), ("first_byte", timings.first_byte)];
        let parts: Vec<_> = parts.iter().filter(|(_, took)| took.is_some()).map(|(part, _)| *part).collect();
        let headers: Vec<_> = outcome.response_headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        Self {
            verdict: format!("{} {status}", outcome.verdict),
            headers: headers.join("\n"),
            body: outcome.response_body,
            error: outcome.error.map(|error| format!("{}: {}", error.class, error.detail.replace(&port, ":port"))),
            retry_after: outcome.retry_after.map(|after| after.wait().as_secs()),
            parts: parts.join(" "),
            address: outcome.address.map(|address| address.ip().to_string()),
        }
    }

    /// A delivery to a receiver at 127.0.0.1 over a fresh plain connection that was answered.
    pub fn answered(verdict: &str, headers: &str, body: &str) -> Self {
        Self {
            verdict: verdict.to_owned(),
            headers: headers.to_owned(),
            body: Some(body.to_owned()),
            error: None,
            retry_after: None,
            parts: "dns connect first_byte".to_owned(),
            address: Some("127.0.0.1".to_owned()),
        }
    }

    /// A delivery that was not answered. `parts` are those that ended.
    pub fn failed(error: &str, parts: &str, address: Option<&str>) -> Self {
        Self {
            verdict: "failed -".to_owned(),
            headers: String::new(),
            body: None,
            error: Some(error.to_owned()),
            retry_after: None,
            parts: parts.to_owned(),
            address: address.map(str::to_owned),
        }
    }

    /// The same with an error.
    pub fn because(self, error: &str) -> Self {
        Self { error: Some(error.to_owned()), ..self }
    }
}
