//! Webhooks: the secret that signs, the schedule of retries, and what came of one attempt.
//!
//! Guarantees: a secret never shows itself by `Debug`; an [`AttemptOutcome`] can be stored as it is (bounded, no NUL) and says of every
//! failure which kind it was and, in a sentence, what happened.
//!
//! Does not: sign, send or judge; the server's `delivery` does.

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::message::words;

/// What every secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// The fewest and the most bytes of a secret (Standard Webhooks, "Signature scheme": between 24 and 64 bytes).
pub const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// The longest that a receiver can put us off.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(24);
/// The most retries after the first attempt.
pub const RETRIES_MAX: usize = 10;
/// The shortest and the longest wait before a retry.
pub const RETRY_DELAY: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

/// What signs a webhook's deliveries: `whsec_` and base64 of 24 to 64 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret {
    text: String,
    key: Vec<u8>,
}

impl WebhookSecret {
    /// Wraps fresh random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self { text: format!("{SECRET_PREFIX}{}", BASE64_STANDARD.encode(bytes)), key: bytes.to_vec() }
    }

    /// The secret as it is shown, prefix included; the key of the plain signature.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes behind the prefix; the key of the Standard Webhooks signature.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

/// Why a text is no secret. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be whsec_ and the base64 of 24 to 64 bytes")]
pub struct SecretMalformed;

impl FromStr for WebhookSecret {
    type Err = SecretMalformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.strip_prefix(SECRET_PREFIX).ok_or(SecretMalformed)?;
        let key = BASE64_STANDARD.decode(encoded).map_err(|_the_text_is_secret| SecretMalformed)?;
        if !SECRET_BYTES.contains(&key.len()) {
            return Err(SecretMalformed);
        }
        Ok(Self { text: text.to_owned(), key })
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

/// How long to wait before each retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule(Vec<Duration>);

impl RetrySchedule {
    /// The waits, in order; at most [`RETRIES_MAX`].
    #[must_use]
    pub fn delays(&self) -> &[Duration] {
        &self.0
    }

    /// How long to wait after so many failed attempts; `None` when there is no retry left.
    #[must_use]
    pub fn delay_after(&self, failures: usize) -> Option<Duration> {
        failures.checked_sub(1).and_then(|index| self.0.get(index)).copied()
    }
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self([10, 60, 360, 2160, 12_960].map(Duration::from_secs).to_vec())
    }
}

/// Why a text is no retry schedule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScheduleMalformed {
    /// An entry is not a length of time.
    #[error("`{0}` is not a length of time like 30s, 6m or 3h36m")]
    Entry(String),
    /// An entry is out of bounds.
    #[error("`{0}` is not between 1s and 24h")]
    OutOfBounds(String),
    /// Too many entries.
    #[error("has {0} entries; at most {max} are possible", max = RETRIES_MAX)]
    TooMany(usize),
}

impl FromStr for RetrySchedule {
    type Err = ScheduleMalformed;

    /// Reads `10s,1m,6m,36m,3h36m`. An empty text means: no retries.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let entries: Vec<&str> = text.split(',').map(str::trim).collect();
        if entries.len() > RETRIES_MAX {
            return Err(ScheduleMalformed::TooMany(entries.len()));
        }
        let mut delays = Vec::with_capacity(entries.len());
        for entry in entries {
            let delay = length_of_time(entry).ok_or_else(|| ScheduleMalformed::Entry(entry.to_owned()))?;
            if !RETRY_DELAY.contains(&delay) {
                return Err(ScheduleMalformed::OutOfBounds(entry.to_owned()));
            }
            delays.push(delay);
        }
        Ok(Self(delays))
    }
}

/// Reads `3h36m`: numbers with h, m or s behind them, each unit at most once and the larger ones first.
fn length_of_time(text: &str) -> Option<Duration> {
    let mut secs = 0_u64;
    let mut rest = text;
    for (unit, unit_secs) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            secs = number.parse::<u64>().ok()?.checked_mul(unit_secs)?.checked_add(secs)?;
            rest = behind;
        }
    }
    (rest.is_empty() && !text.is_empty()).then(|| Duration::from_secs(secs))
}

words! {
    /// What kind of failure an attempt had.
    ErrorClass {
        /// The name could not be looked up.
        Dns = "dns",
        /// The address, or what the name resolves to, is one that webhooks may not reach.
        AddressRefused = "address_refused",
        /// No connection came about.
        Connect = "connect",
        /// The server's own proxy opened no connection: it refused, or is not there.
        Proxy = "proxy",
        /// The TLS handshake failed, or the certificate is not to be trusted.
        Tls = "tls",
        /// The deadline ran out.
        Timeout = "timeout",
        /// What came back is not HTTP.
        Protocol = "protocol",
        /// The connection ended before the answer's head was there.
        Reset = "reset",
        /// An answer came, and its status says no.
        HttpStatus = "http_status",
    }
}

words! {
    /// What an attempt means for its delivery.
    Verdict {
        /// The receiver has it.
        Delivered = "delivered",
        /// It did not arrive; try again as the schedule says.
        Failed = "failed",
        /// The receiver wants no more of this webhook (410).
        Gone = "gone",
    }
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptError {
    /// What kind of failure.
    pub class: ErrorClass,
    /// What happened, for whoever runs the receiver.
    pub detail: String,
}

/// How long the parts of an attempt took, in milliseconds; a part that did not take place, or did not end, has none.
///
/// `dns`, `connect` and `tls` are absent on a connection that was kept open from an earlier attempt, `dns` also where the URL holds an
/// address, `tls` also for plain http.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// Looking up the name.
    pub dns: Option<u32>,
    /// Opening the connection.
    pub connect: Option<u32>,
    /// The TLS handshake.
    pub tls: Option<u32>,
    /// From the first byte sent on the open connection to the answer's head.
    pub first_byte: Option<u32>,
    /// All of it.
    pub total: u32,
}

/// How long the receiver asked us to wait, counted from its answer; at most [`RETRY_AFTER_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfter(Duration);

impl RetryAfter {
    /// Cuts the wait down to [`RETRY_AFTER_MAX`].
    #[must_use]
    pub fn new(wait: Duration) -> Self {
        Self(wait.min(RETRY_AFTER_MAX))
    }

    /// The wait.
    #[must_use]
    pub const fn wait(self) -> Duration {
        self.0
    }
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptOutcome {
    /// What it means for the delivery.
    pub verdict: Verdict,
    /// The answer's status, if its head came.
    pub http_status: Option<u16>,
    /// The answer's headers, sorted by their lower-case names; at most 64 and 8 KiB.
    pub response_headers: Vec<(String, String)>,
    /// The answer's body as far as it was read, at most 16 KiB, as text; `None` if no head came.
    pub response_body: Option<String>,
    /// Why it failed; `None` exactly when it was delivered.
    pub error: Option<AttemptError>,
    /// What the receiver asked for; only on failures.
    pub retry_after: Option<RetryAfter>,
    /// How long the parts took.
    pub timings: Timings,
    /// Where the connection went, if there was one.
    pub address: Option<SocketAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_does_not_show_itself() {
        let secret = WebhookSecret::from_random([7; 32]);
        assert_eq!(secret.text(), "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        assert_eq!(secret.text().parse::<WebhookSecret>().unwrap(), secret);
        assert_eq!(secret.key(), [7; 32]);
        assert_eq!(format!("{secret:?}"), "WebhookSecret(..)");
        let short = format!("whsec_{}", BASE64_STANDARD.encode([1; 23]));
        let long = format!("whsec_{}", BASE64_STANDARD.encode([1; 65]));
        for bad in ["", "whsec_", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=", "whsec_!!", &short, &long] {
            assert_eq!(bad.parse::<WebhookSecret>().unwrap_err(), SecretMalformed, "{bad}");
        }
    }

    #[test]
    fn a_retry_schedule_is_read_as_it_is_written() {
        assert_eq!("10s,1m,6m,36m,3h36m".parse::<RetrySchedule>().unwrap(), RetrySchedule::default());
        assert!("".parse::<RetrySchedule>().unwrap().delays().is_empty());
        let schedule: RetrySchedule = "1s, 24h".parse().unwrap();
        let delays = [1, 2, 3].map(|failures| schedule.delay_after(failures).map(|delay| delay.as_secs()));
        assert_eq!(delays, [Some(1), Some(86_400), None]);
        assert_eq!(schedule.delay_after(0), None);
    }

    #[test]
    fn a_wrong_retry_schedule_is_refused_with_its_entry() {
        let said = |text: &str| text.parse::<RetrySchedule>().unwrap_err().to_string();
        assert_eq!(said("10s,soon"), "`soon` is not a length of time like 30s, 6m or 3h36m");
        for entry in ["10", "m", "1m1h", "1s1s", "-1s", "+1s", "1.5s", "99999999999999999999h"] {
            assert_eq!(said(entry), format!("`{entry}` is not a length of time like 30s, 6m or 3h36m"));
        }
        assert_eq!(said("10s,,1m"), "`` is not a length of time like 30s, 6m or 3h36m");
        assert_eq!(said("0s"), "`0s` is not between 1s and 24h");
        assert_eq!(said("24h1s"), "`24h1s` is not between 1s and 24h");
        assert_eq!(said("1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s"), "has 11 entries; at most 10 are possible");
    }

    #[test]
    fn nobody_puts_us_off_for_more_than_a_day() {
        assert_eq!(RetryAfter::new(Duration::from_hours(25)).wait(), RETRY_AFTER_MAX);
        assert_eq!(RetryAfter::new(Duration::from_secs(3)).wait().as_secs(), 3);
    }
}
