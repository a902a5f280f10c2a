//! A message that a provider delivers piece by piece.
//!
//! Guarantees: the same parts give the same message, in whatever order they came.

use serde::{Deserialize, Serialize};

use crate::InboundMessage;

/// What stands for parts that have not come.
const MISSING: &str = " […] ";

/// One part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessagePart {
    /// The message that it would be alone, under the part's own id. Its text is the part's, with the spaces at its ends: words go on in the
    /// next part.
    pub message: InboundMessage,
    /// What all parts of one message share; senders use it again for later ones.
    pub of: String,
    /// Its place, from 1.
    pub number: u32,
    /// How many there are.
    pub total: u32,
}

/// The message that parts of one message make, under the id `id`, with a mark where some are missing; `None` if there are none.
#[must_use]
pub fn joined(id: &str, parts: &[&MessagePart]) -> Option<InboundMessage> {
    let mut parts = parts.to_vec();
    parts.sort_by(|one, other| (one.number, &one.message.id).cmp(&(other.number, &other.message.id)));
    parts.dedup_by_key(|part| part.number);
    let first = parts.first()?;
    let (mut text, mut next) = (String::new(), 1);
    for part in &parts {
        if part.number > next {
            leave_out(&mut text);
        }
        text.push_str(&part.message.text);
        next = part.number.saturating_add(1);
    }
    if next <= first.total {
        leave_out(&mut text);
    }
    Some(InboundMessage { id: id.to_owned(), text: text.trim().to_owned(), ..first.message.clone() })
}

fn leave_out(text: &mut String) {
    text.truncate(text.trim_end().len());
    text.push_str(MISSING);
}
