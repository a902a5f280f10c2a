//! Long messages that the SMS API delivers in parts, each a notification of its own (specification `sms`, part B).
//!
//! Does not: wait for the others, or put them together: the ingress does.

use entities::{InboundMessage, MessageType, parts::MessagePart, text::MESSAGE_CHARS_MAX};

use crate::channels::{sms::parameters::Parameters, tidy};

/// Most parts of a message: their number is one byte on the air (3GPP TS 23.040, section 9.2.3.24.1).
const PARTS_MAX: u32 = 255;

/// The part that a message is; `None` if it is a whole one, or says what no part can be. All parts of one message share sender, recipient
/// and the sender's reference, which is used again after 255 messages.
pub fn part(parameters: &Parameters, message: &InboundMessage) -> Option<MessagePart> {
    if parameters.get("concat") != "true" {
        return None;
    }
    let number = |name: &str| parameters.get(name).parse::<u32>().ok().filter(|number| (1..=PARTS_MAX).contains(number));
    let (number, total) = (number("concat-part")?, number("concat-total")?);
    if number > total {
        return None;
    }
    let of = [parameters.get("msisdn"), parameters.get("to"), parameters.get("concat-ref")].join("/");
    let mut message = message.clone();
    message.text = match (message.kind, number) {
        // What cannot be shown is said once.
        (MessageType::Unsupported, 1) => message.text,
        (MessageType::Unsupported, _) => String::new(),
        _ => {
            let kept: String =
                parameters.get("text").chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
            tidy::cut(&kept, MESSAGE_CHARS_MAX)
        }
    };
    Some(MessagePart { message, of, number, total })
}
