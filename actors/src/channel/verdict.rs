//! What an outcome means for its dispatch and for those beside it. Pure.

use entities::{Action, Address, Capabilities, ChannelKind, Consequence, Holds, ProviderError, SendOutcome, Timestamp};

use crate::port::{DispatchState, UNKNOWN_MS};

/// Tries of one dispatch, where its error does not say otherwise (whatsapp.md 13).
pub const TRIES_MAX: u32 = 8;
/// A dispatch that was wished for longer ago is not tried again (whatsapp.md 13).
pub const PATIENCE_MS: i64 = 15 * 60_000;
/// The first wait and the longest.
const BACK_OFF_MS: std::ops::RangeInclusive<i64> = 1_000..=60_000;
/// Up to so much of a wait comes on top of it, by chance.
const JITTER: f64 = 0.2;
/// No provider's wish for rest is followed for longer than a day.
const REST_MS_MAX: i64 = 24 * 60 * 60_000;
/// The longest that a contact is held up by our own count: 4⁶ seconds.
const CONTACT_POWER_MAX: u32 = 6;

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// When it was begun.
    pub begun_at: Timestamp,
    /// How many tries of the dispatch there were, this one counted.
    pub tries: u32,
    /// When the dispatch was wished for.
    pub wished_at: Timestamp,
    /// How often in a row the whole channel was held up.
    pub channel_holds: u32,
    /// Whether there is another try, if this one was in vain.
    pub once: bool,
}

/// What becomes of a dispatch.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is over.
    Settle {
        /// Why it failed, if it did.
        failure: Option<(ProviderError, Consequence)>,
        /// Other addresses of the contact.
        also: Vec<Address>,
    },
    /// It is tried again, or looked at again.
    Postpone {
        /// When.
        due_at: Timestamp,
        /// How many tries count.
        tries: u32,
        /// Whether it may have been sent.
        state: DispatchState,
        /// Why.
        error: ProviderError,
    },
    /// It stays, and so does everything on the channel.
    Halt {
        /// Why.
        error: ProviderError,
        /// In words, for the channel.
        reason: String,
    },
}

/// Who is held up besides the dispatch itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Everything on the channel, until then.
    Channel(Timestamp),
    /// Everything for the contact, until then, and why.
    Contact(Timestamp, ProviderError),
}

/// Judges an outcome. `fraction` is random, from 0 up to but not including 1.
#[must_use]
pub fn weigh(outcome: SendOutcome, tried: Tried, now: Timestamp, fraction: f64) -> (Verdict, Option<Hold>) {
    match outcome {
        SendOutcome::Accepted { also, .. } => (Verdict::Settle { failure: None, also }, None),
        SendOutcome::Refused { error, consequence } => (failed(error, consequence), None),
        SendOutcome::Halted { error, remedy } => {
            let reason = format!("{error}; {remedy}");
            (Verdict::Halt { error, reason }, None)
        }
        SendOutcome::Unknown { error } if tried.once => (failed(error, Consequence::None), None),
        SendOutcome::Unknown { error } => {
            let state = DispatchState::Begun(tried.begun_at);
            (Verdict::Postpone { due_at: now.plus_ms(UNKNOWN_MS), tries: tried.tries, state, error }, None)
        }
        SendOutcome::Retry { after_ms, holds, error, tries_max } => {
            let power = match holds {
                Holds::Channel => tried.tries.max(tried.channel_holds + 1),
                Holds::Contact | Holds::Message => tried.tries,
            };
            let due_at = now.plus_ms(wait_ms(after_ms, holds, power.saturating_sub(1), fraction));
            let hold = match holds {
                Holds::Channel => Some(Hold::Channel(due_at)),
                Holds::Contact => Some(Hold::Contact(due_at, error.clone())),
                Holds::Message => None,
            };
            let is_over = match tries_max {
                Some(most) => tried.once || tried.tries >= most,
                None if tried.once => true,
                None => tried.tries >= TRIES_MAX || now.ms_since(tried.wished_at) >= PATIENCE_MS,
            };
            let verdict = if is_over {
                failed(error, Consequence::None)
            } else {
                Verdict::Postpone { due_at, tries: tried.tries, state: DispatchState::Pending, error }
            };
            (verdict, hold)
        }
    }
}

/// Whether it is tried only once: what stands behind it in its conversation is worth more than it is.
#[must_use]
pub const fn is_tried_once(what: &Action) -> bool {
    matches!(what, Action::MarkRead { .. } | Action::Typing { .. })
}

/// Whether a dispatch of which it is not known whether the provider has it may be sent again, now that no receipt has come for it.
#[must_use]
pub fn may_repeat(kind: ChannelKind, what: &Action, tries: u32, wished_at: Timestamp, now: Timestamp) -> bool {
    if is_tried_once(what) {
        return false;
    }
    // Twice the same reaction or change is one; twice the same message is two, unless its receipt would have told us.
    let is_harmless = !matches!(what, Action::Send(_)) || Capabilities::of(kind).is_some_and(|capabilities| capabilities.settles_unknown);
    is_harmless && tries < TRIES_MAX && now.ms_since(wished_at) < PATIENCE_MS
}

/// What is said of a message whose fate nobody knows.
#[must_use]
pub fn unknown() -> ProviderError {
    ProviderError::new("unknown", "it is not known whether the provider has it; send it again by hand if it does not appear")
}

fn failed(error: ProviderError, consequence: Consequence) -> Verdict {
    Verdict::Settle { failure: Some((error, consequence)), also: Vec::new() }
}

/// How long to wait after a try in vain that had so many before it.
fn wait_ms(after_ms: Option<u64>, holds: Holds, before: u32, fraction: f64) -> i64 {
    let asked_for = after_ms.map(|ms| i64::try_from(ms).unwrap_or(REST_MS_MAX).min(REST_MS_MAX));
    let own = match (holds, asked_for) {
        (Holds::Contact, None) => 1_000 * 4_i64.pow(before.min(CONTACT_POWER_MAX)),
        _ => (BACK_OFF_MS.start() << before.min(10)).min(*BACK_OFF_MS.end()),
    };
    let jittered = own + (own as f64 * JITTER * fraction) as i64;
    jittered.max(asked_for.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_micros(1_774_535_400_000_000)
    }

    fn tried(tries: u32) -> Tried {
        Tried { begun_at: now(), tries, wished_at: now(), channel_holds: 0, once: false }
    }

    fn retry(after_ms: Option<u64>, holds: Holds, tries_max: Option<u32>) -> SendOutcome {
        SendOutcome::Retry { after_ms, holds, error: ProviderError::new("1", "busy"), tries_max }
    }

    /// After how many milliseconds it is due again, if it is.
    fn again(outcome: SendOutcome, tried: Tried, fraction: f64) -> Option<i64> {
        match weigh(outcome, tried, now(), fraction).0 {
            Verdict::Postpone { due_at, .. } => Some(due_at.ms_since(now())),
            Verdict::Settle { .. } | Verdict::Halt { .. } => None,
        }
    }

    #[test]
    fn waits_double_up_to_a_minute_and_end_after_eight_tries() {
        let waits: Vec<_> = (1..=8).map(|tries| again(retry(None, Holds::Message, None), tried(tries), 0.0)).collect();
        let expected = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000].map(Some).into_iter().chain([None]);
        assert_eq!(waits, expected.collect::<Vec<_>>());
    }

    #[test]
    fn chance_adds_up_to_a_fifth() {
        assert_eq!(again(retry(None, Holds::Message, None), tried(7), 0.999), Some(71_988));
    }

    #[test]
    fn the_provider_s_own_wait_counts_if_it_is_longer() {
        assert_eq!(again(retry(Some(90_000), Holds::Message, None), tried(1), 0.9), Some(90_000));
        assert_eq!(again(retry(Some(500), Holds::Message, None), tried(3), 0.0), Some(4_000));
        assert_eq!(again(retry(Some(u64::MAX), Holds::Message, None), tried(1), 0.0), Some(REST_MS_MAX));
    }

    #[test]
    fn what_was_wished_for_a_quarter_of_an_hour_ago_is_given_up() {
        let old = Tried { wished_at: now().plus_ms(-PATIENCE_MS), ..tried(2) };
        assert_eq!(again(retry(None, Holds::Message, None), old, 0.0), None);
        assert_eq!(again(retry(None, Holds::Message, None), Tried { wished_at: now().plus_ms(1 - PATIENCE_MS), ..old }, 0.0), Some(2_000));
        assert_eq!(again(retry(Some(3_600_000), Holds::Message, Some(5)), old, 0.0), Some(3_600_000), "the error has a count of its own");
    }

    #[test]
    fn an_error_s_own_count_of_tries_is_kept() {
        assert_eq!(again(retry(None, Holds::Message, Some(3)), tried(2), 0.0), Some(2_000));
        assert_eq!(again(retry(None, Holds::Message, Some(3)), tried(3), 0.0), None);
    }

    #[test]
    fn a_contact_waits_by_powers_of_four() {
        let waits: Vec<_> = (1..=5).map(|tries| again(retry(None, Holds::Contact, None), tried(tries), 0.0)).collect();
        assert_eq!(waits, [1_000, 4_000, 16_000, 64_000, 256_000].map(Some));
        let (_, hold) = weigh(retry(None, Holds::Contact, None), tried(2), now(), 0.0);
        assert_eq!(hold, Some(Hold::Contact(now().plus_ms(4_000), ProviderError::new("1", "busy"))));
    }

    #[test]
    fn a_channel_that_is_held_up_again_and_again_waits_longer_each_time() {
        let held = Tried { channel_holds: 4, ..tried(1) };
        let (_, hold) = weigh(retry(None, Holds::Channel, None), held, now(), 0.0);
        assert_eq!(hold, Some(Hold::Channel(now().plus_ms(16_000))));
        let last = Tried { channel_holds: 4, ..tried(8) };
        let (verdict, hold) = weigh(retry(None, Holds::Channel, None), last, now(), 0.0);
        assert!(matches!(verdict, Verdict::Settle { failure: Some(_), .. }));
        assert!(hold.is_some(), "the others wait, whatever becomes of this one");
    }

    #[test]
    fn what_may_have_been_sent_is_looked_at_again_and_not_sent_blindly() {
        let (verdict, _) = weigh(SendOutcome::Unknown { error: ProviderError::new("timeout", "no answer") }, tried(1), now(), 0.0);
        let Verdict::Postpone { due_at, state, .. } = verdict else { panic!("it waits") };
        assert_eq!((due_at.ms_since(now()), state), (30_000, DispatchState::Begun(now())));
        let react = Action::React { target: "1".to_owned(), emoji: None, previous: None };
        assert!(may_repeat(ChannelKind::Sms, &react, 1, now(), now()), "a reaction that is set twice is set");
        assert!(!may_repeat(ChannelKind::Sms, &react, 8, now(), now()));
        assert!(!may_repeat(ChannelKind::Sms, &react, 1, now().plus_ms(-PATIENCE_MS), now()));
        let mark = Action::MarkRead { target: "1".to_owned() };
        assert!(!may_repeat(ChannelKind::Sms, &mark, 1, now(), now()), "nothing waits for a read mark");
    }

    #[test]
    fn what_is_tried_once_is_over_whatever_comes_of_it_and_a_rest_is_kept_all_the_same() {
        let once = Tried { once: true, ..tried(1) };
        let unknown = SendOutcome::Unknown { error: ProviderError::new("timeout", "no answer") };
        for outcome in [unknown, retry(Some(10), Holds::Message, None), retry(None, Holds::Message, Some(3))] {
            assert!(matches!(weigh(outcome, once, now(), 0.0).0, Verdict::Settle { failure: Some(_), .. }));
        }
        let (verdict, hold) = weigh(retry(Some(5_000), Holds::Channel, None), once, now(), 0.0);
        assert!(matches!(verdict, Verdict::Settle { .. }));
        assert_eq!(hold, Some(Hold::Channel(now().plus_ms(5_000))));
    }
}
