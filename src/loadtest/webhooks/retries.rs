//! How late retries begin: the receiver's clock against what the server itself said was due. Both are this machine's.

use entities::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    super::{LoadError, http::Http, lane::histogram, report::Latency},
    receiver::Desk,
    scene::{self, Made},
};

const WHAT: &str = "read a delivery";
/// Most deliveries that are looked at.
const LOOKED_AT_MAX: usize = 2_000;

/// What was seen of retries.
#[derive(Debug, Clone, Serialize)]
pub struct Retries {
    /// Deliveries that the receiver put off.
    pub put_off: usize,
    /// Of these, that came again.
    pub came_again: usize,
    /// Retries that began before they were due.
    pub early: usize,
    /// From when a retry was due until the receiver had it.
    pub late: Latency,
}

/// Compares when retries came with when they were due.
pub async fn lateness(url: &str, made: &[Made], desk: &Desk) -> Result<Retries, LoadError> {
    let put_off: Vec<_> = desk.put_off.borrow().iter().map(|(id, put_off)| (id.clone(), *put_off)).collect();
    let mut late = histogram()?;
    let mut early = 0;
    let mut http = Http::new(url)?;
    let came_again = put_off.iter().filter(|(_, put_off)| put_off.again_at.is_some()).count();
    for (id, put_off) in put_off.iter().take(LOOKED_AT_MAX) {
        let webhook = made.iter().find(|webhook| webhook.place == put_off.hook);
        let (Some(webhook), Some(again_at)) = (webhook, put_off.again_at) else { continue };
        let delivery = scene::delivery(&mut http, webhook, id).await?;
        let Some(due_at) = first_due(&delivery) else {
            return Err(LoadError::Unreadable { what: WHAT, answer: delivery.to_string() });
        };
        let late_us = again_at.micros() - due_at.micros();
        early += usize::from(late_us < 0);
        late.saturating_record(u64::try_from(late_us).unwrap_or(0));
    }
    Ok(Retries { put_off: put_off.len(), came_again, early, late: Latency::of(&late) })
}

/// When the attempt behind the first was due.
fn first_due(delivery: &Value) -> Option<Timestamp> {
    let first = delivery.get("attempts")?.as_array()?.first()?;
    serde_json::from_value(first.get("next_due_at")?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_second_attempt_was_due_stands_at_the_first() {
        let delivery = serde_json::json!({"attempts": [
            {"number": 1, "next_due_at": "2026-03-26T14:30:00Z"}, {"number": 2, "next_due_at": null}
        ]});
        assert_eq!(first_due(&delivery).map(Timestamp::micros), Some(1_774_535_400_000_000));
        assert_eq!(first_due(&serde_json::json!({"attempts": []})), None);
    }
}
