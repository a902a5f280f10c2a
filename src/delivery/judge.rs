//! Judging: what an answer, or the lack of one, means. Pure; the only place that knows it.
//!
//! The rules (contract of webhooks): any 2xx is delivered, however its body ends; 410 means that the receiver wants no more; everything else
//! has failed, 3xx too, for redirects are never followed. `Retry-After` counts on every failure.

use std::{net::SocketAddr, time::Duration};

use entities::{AttemptError, AttemptOutcome, ErrorClass, Timestamp, Timings, Verdict};
use thiserror::Error;

use super::{address_guard::AddressRefusal, proxy::ProxyRefusal, retry_after, trace::Phase};

/// An answer, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The status with its usual words, for people.
    pub status_words: String,
    /// The headers that are kept.
    pub headers: Vec<(String, String)>,
    /// `Retry-After`, kept or not.
    pub retry_after: Option<String>,
    /// The body that was read.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// The address guard says no.
    #[error(transparent)]
    Refused(#[from] AddressRefusal),
    /// The name leads nowhere.
    #[error("{0}")]
    Lookup(String),
    /// Nobody answers at the address.
    #[error("no connection to {address}: {error}")]
    Connect {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: String,
    },
    /// The operator's proxy opens no connection.
    #[error(transparent)]
    Proxy(#[from] ProxyRefusal),
    /// No trust.
    #[error("{0}")]
    Tls(String),
    /// Too slow.
    #[error("{} within {}", .phase.undone(), words(*.limit))]
    Timeout {
        /// What it was busy with.
        phase: Phase,
        /// The whole attempt's limit.
        limit: Duration,
    },
    /// Not HTTP.
    #[error("{0}")]
    Protocol(String),
    /// Gone away.
    #[error("{0}")]
    Reset(String),
}

impl Failure {
    /// Which kind it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Refused(_) => ErrorClass::AddressRefused,
            Self::Lookup(_) => ErrorClass::Dns,
            Self::Connect { .. } => ErrorClass::Connect,
            Self::Proxy(_) => ErrorClass::Proxy,
            Self::Tls(_) => ErrorClass::Tls,
            Self::Timeout { .. } => ErrorClass::Timeout,
            Self::Protocol(_) => ErrorClass::Protocol,
            Self::Reset(_) => ErrorClass::Reset,
        }
    }
}

impl Phase {
    const fn undone(self) -> &'static str {
        match self {
            Self::Lookup => "the name was not looked up",
            Self::Connect => "no connection came about",
            Self::Tunnel => "the server's proxy opened no connection",
            Self::Tls => "the TLS handshake was not finished",
            Self::Answer => "no answer came",
        }
    }
}

/// A limit for people: whole seconds where it is that.
fn words(limit: Duration) -> String {
    if limit.subsec_millis() == 0 { format!("{} s", limit.as_secs()) } else { format!("{} ms", limit.as_millis()) }
}

/// One try over the network, over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The answer, or why there is none.
    pub answer: Result<Answer, Failure>,
    /// How long its parts took.
    pub timings: Timings,
    /// Where the connection went.
    pub address: Option<SocketAddr>,
}

/// What it means. `now` is when the exchange was over: dates in the answer are counted from there.
#[must_use]
pub fn judge(exchange: Exchange, now: Timestamp) -> AttemptOutcome {
    let Exchange { answer, timings, address } = exchange;
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => {
            return AttemptOutcome {
                verdict: Verdict::Failed,
                http_status: None,
                response_headers: Vec::new(),
                response_body: None,
                error: Some(AttemptError { class: failure.class(), detail: failure.to_string() }),
                retry_after: None,
                timings,
                address,
            };
        }
    };
    let verdict = match answer.status {
        200..300 => Verdict::Delivered,
        410 => Verdict::Gone,
        _ => Verdict::Failed,
    };
    let refused = verdict != Verdict::Delivered;
    let retry_after = answer.retry_after.as_deref().and_then(|value| retry_after::parse(value, now));
    AttemptOutcome {
        verdict,
        http_status: Some(answer.status),
        error: refused.then(|| AttemptError { class: ErrorClass::HttpStatus, detail: refusal_of(answer.status, &answer.status_words) }),
        retry_after: retry_after.filter(|_| refused),
        response_headers: answer.headers,
        response_body: Some(text(&answer.body)),
        timings,
        address,
    }
}

fn refusal_of(status: u16, words: &str) -> String {
    match status {
        100..200 => format!("the receiver answered {words}, which is no final answer"),
        300..400 => format!("the receiver answered {words}; redirects are not followed"),
        410 => format!("the receiver answered {words}: it wants no more of this webhook"),
        _ => format!("the receiver answered {words}"),
    }
}

/// The body as text that every database takes: PostgreSQL has no NUL.
fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_micros(1_774_535_400_000_000)
    }

    fn judged(status: u16, retry_after: &str) -> AttemptOutcome {
        let (status_words, retry_after) = (format!("{status} Words"), Some(retry_after.to_owned()));
        let answer = Answer { status, status_words, headers: Vec::new(), retry_after, body: b"a\0b\xff".to_vec() };
        judge(Exchange { answer: Ok(answer), timings: Timings::default(), address: None }, now())
    }

    #[test]
    fn two_hundreds_are_delivered_and_ask_for_nothing() {
        for status in [200, 201, 204, 226, 299] {
            let outcome = judged(status, "60");
            assert_eq!((outcome.verdict, outcome.error, outcome.retry_after), (Verdict::Delivered, None, None), "{status}");
            assert_eq!(outcome.response_body.as_deref(), Some("a\u{fffd}b\u{fffd}"));
        }
    }

    #[test]
    fn everything_else_has_failed_and_says_how() {
        for (status, verdict, detail) in [
            (100, Verdict::Failed, "the receiver answered 100 Words, which is no final answer"),
            (301, Verdict::Failed, "the receiver answered 301 Words; redirects are not followed"),
            (304, Verdict::Failed, "the receiver answered 304 Words; redirects are not followed"),
            (404, Verdict::Failed, "the receiver answered 404 Words"),
            (410, Verdict::Gone, "the receiver answered 410 Words: it wants no more of this webhook"),
            (503, Verdict::Failed, "the receiver answered 503 Words"),
            (999, Verdict::Failed, "the receiver answered 999 Words"),
        ] {
            let outcome = judged(status, "60");
            assert_eq!(outcome.verdict, verdict, "{status}");
            assert_eq!(outcome.error, Some(AttemptError { class: ErrorClass::HttpStatus, detail: detail.to_owned() }));
            assert_eq!(outcome.retry_after.map(|after| after.wait().as_secs()), Some(60), "{status}");
        }
    }

    #[test]
    fn no_answer_is_a_failure_with_its_kind() {
        let address: SocketAddr = "192.0.2.1:443".parse().unwrap();
        let limit = Duration::from_secs(15);
        for (failure, class, detail) in [
            (Failure::Lookup("x cannot be looked up".to_owned()), ErrorClass::Dns, "x cannot be looked up"),
            (
                Failure::Refused(AddressRefusal::Fragment),
                ErrorClass::AddressRefused,
                "the URL must not hold a fragment (#…), which would not be sent",
            ),
            (Failure::Connect { address, error: "refused".to_owned() }, ErrorClass::Connect, "no connection to 192.0.2.1:443: refused"),
            (Failure::Timeout { phase: Phase::Lookup, limit }, ErrorClass::Timeout, "the name was not looked up within 15 s"),
            (Failure::Timeout { phase: Phase::Connect, limit }, ErrorClass::Timeout, "no connection came about within 15 s"),
            (Failure::Timeout { phase: Phase::Tunnel, limit }, ErrorClass::Timeout, "the server's proxy opened no connection within 15 s"),
            (Failure::Proxy(ProxyRefusal::Status(502)), ErrorClass::Proxy, "the server's proxy answered 502 Bad Gateway"),
            (Failure::Timeout { phase: Phase::Tls, limit }, ErrorClass::Timeout, "the TLS handshake was not finished within 15 s"),
            (Failure::Timeout { phase: Phase::Answer, limit: limit / 10 }, ErrorClass::Timeout, "no answer came within 1500 ms"),
        ] {
            let outcome = judge(Exchange { answer: Err(failure), timings: Timings::default(), address: Some(address) }, now());
            assert_eq!((outcome.verdict, outcome.http_status, outcome.response_body), (Verdict::Failed, None, None));
            assert_eq!(outcome.error, Some(AttemptError { class, detail: detail.to_owned() }));
        }
    }
}
