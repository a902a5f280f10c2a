//! Long messages that the SMS API delivers in parts, each a notification of its own (specification `sms`, part B).
//!
//! Guarantees: the same parts give the same message, in whatever order they came.
//!
//! Does not: wait. A part is a message whose details say which part of what it is; whoever can hold messages for [`WAIT_MS`] calls
//! [`joined`] with those that have the same [`Part::of`], and until then each is shown by itself: nothing is lost.

use entities::InboundMessage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::channels::{sms::parameters::Parameters, tidy};

/// Where a message's details hold its [`Part`].
pub const DETAIL: &str = "part";
/// How long to wait for the parts that are missing.
pub const WAIT_MS: u64 = 60 * 1000;
/// Most parts of a message: their number is one byte on the air (3GPP TS 23.040, section 9.2.3.24.1).
const PARTS_MAX: u32 = 255;
/// What stands for parts that have not come.
const MISSING: &str = " […] ";

/// Which part of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What all parts of the message share: sender, recipient and the sender's reference, which is used again after 255 messages.
    pub of: String,
    /// Its place, from 1.
    pub number: u32,
    /// How many there are.
    pub total: u32,
    /// What it says, with the spaces at its ends: words go on in the next part.
    pub text: String,
}

impl Part {
    /// From the parameters of a notification; `None` if it is a whole message, or says what no part can be.
    pub fn of(parameters: &Parameters) -> Option<Self> {
        if parameters.get("concat") != "true" {
            return None;
        }
        let number = |name: &str| parameters.get(name).parse::<u32>().ok().filter(|number| (1..=PARTS_MAX).contains(number));
        let (number, total) = (number("concat-part")?, number("concat-total")?);
        let of = [parameters.get("msisdn"), parameters.get("to"), parameters.get("concat-ref")].join("/");
        let text = parameters.get("text").chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
        (number <= total).then_some(Self { of, number, total, text })
    }

    /// From a message's details.
    pub fn of_message(message: &InboundMessage) -> Option<Self> {
        Part::deserialize(message.details.as_ref()?.get(DETAIL)?).ok()
    }
}

/// The message that parts of one message make, with a mark where some are missing; `None` if there is no part among them.
pub fn joined(messages: &[InboundMessage]) -> Option<InboundMessage> {
    let mut parts: Vec<(Part, &InboundMessage)> =
        messages.iter().filter_map(|message| Some((Part::of_message(message)?, message))).collect();
    parts.sort_by_key(|(part, message)| (part.number, &message.id));
    parts.dedup_by_key(|(part, _)| part.number);
    let total = parts.first()?.0.total;
    let (mut text, mut next) = (String::new(), 1);
    for (part, _) in &parts {
        if part.number > next {
            text.push_str(MISSING);
        }
        text.push_str(&part.text);
        next = part.number + 1;
    }
    if next <= total {
        text.push_str(MISSING);
    }
    let mut whole = parts.first()?.1.clone();
    whole.text = tidy::message(&text);
    if let Some(Value::Object(details)) = &mut whole.details {
        details.remove(DETAIL);
    }
    whole.details = whole.details.filter(|details| details.as_object().is_some_and(|details| !details.is_empty()));
    Some(whole)
}
