//! `Retry-After`: how long a receiver asks us to wait (RFC 9110 section 10.2.3).

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use entities::{RetryAfter, Timestamp};

/// Reads seconds, or a date in any of the three forms of RFC 9110 section 5.6.7 counted from `now`. A date that has passed is no wait at
/// all; anything else is `None`, as if the header were not there.
#[must_use]
pub fn parse(value: &str, now: Timestamp) -> Option<RetryAfter> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a very long wait, which is cut to the longest that counts.
        return Some(RetryAfter::new(Duration::from_secs(value.parse().unwrap_or(u64::MAX))));
    }
    let date: SystemTime = httpdate::parse_http_date(value).ok()?;
    let wait = DateTime::<Utc>::from(date).signed_duration_since(now.utc());
    Some(RetryAfter::new(wait.to_std().unwrap_or(Duration::ZERO)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_waits_of_at_most_a_day() {
        // 26 March 2026 14:30:00.25 UTC.
        let now = Timestamp::from_micros(1_774_535_400_250_000);
        for (value, wait_ms) in [
            ("0", Some(0)),
            (" 120 ", Some(120_000)),
            ("86401", Some(86_400_000)),
            ("99999999999999999999999", Some(86_400_000)),
            ("Thu, 26 Mar 2026 14:31:00 GMT", Some(59_750)),
            ("Thursday, 26-Mar-26 14:31:00 GMT", Some(59_750)),
            ("Thu Mar 26 14:31:00 2026", Some(59_750)),
            ("Thu, 26 Mar 2026 14:29:00 GMT", Some(0)),
            ("Thu, 26 Mar 2099 14:29:00 GMT", Some(86_400_000)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("2026-03-26T14:31:00Z", None),
        ] {
            assert_eq!(parse(value, now).map(|after| after.wait().as_millis()), wait_ms, "{value}");
        }
    }
}
