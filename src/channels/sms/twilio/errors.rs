//! Twilio's error codes (specification `sms`, A9): what each means, and what follows.

use entities::{Consequence, Holds};

/// The recipient has said STOP.
pub const OPTED_OUT: u32 = 21610;
/// The account is suspended.
pub const SUSPENDED: u32 = 30002;
/// Filtered as spam.
pub const FILTERED: u32 = 30007;
/// A toll-free number that was not verified.
pub const TOLL_FREE_UNVERIFIED: u32 = 30032;
/// A number that is in no A2P campaign.
pub const NO_CAMPAIGN: u32 = 30034;

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Later.
    Retry {
        /// Not before so many milliseconds; `None`: by our own back-off, or as `Retry-After` says.
        after_ms: Option<u64>,
        /// Whom it holds up.
        holds: Holds,
        /// At most so many tries.
        tries_max: Option<u32>,
    },
    /// Never like this.
    Refused(Consequence),
    /// The channel stops until somebody does what is said.
    Halted(&'static str),
}

const MINUTE_MS: u64 = 60 * 1000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const PACED: Verdict = Verdict::Retry { after_ms: None, holds: Holds::Channel, tries_max: None };
const ONCE_MORE: Verdict = Verdict::Retry { after_ms: Some(MINUTE_MS), holds: Holds::Message, tries_max: Some(1) };
const REFUSED: Verdict = Verdict::Refused(Consequence::None);
const UNUSABLE: Verdict = Verdict::Refused(Consequence::AddressUnusable);

/// What a code means, in a few words; `None` for one that is not in the table.
pub fn meaning(code: u32) -> Option<&'static str> {
    known(code).map(|(title, _)| title)
}

/// What follows from a code.
pub fn verdict(code: u32) -> Option<Verdict> {
    known(code).map(|(_, verdict)| verdict)
}

fn known(code: u32) -> Option<(&'static str, Verdict)> {
    match code {
        20000..=21999 | 14107 => on_sending(code),
        _ => on_delivering(code),
    }
}

/// Codes that answer a call.
fn on_sending(code: u32) -> Option<(&'static str, Verdict)> {
    Some(match code {
        14107 => ("the sender's rate is exceeded", PACED),
        20003 => {
            ("authentication failed", Verdict::Halted("Twilio refuses the account SID, auth token or API key: enter the current ones"))
        }
        20403 => ("permission denied", Verdict::Halted("the API key may not send messages: give it the permission at Twilio")),
        20404 => ("Twilio does not know this resource", REFUSED),
        20429 => ("too many requests", PACED),
        20500 => ("a fault at Twilio", Verdict::Retry { after_ms: None, holds: Holds::Message, tries_max: None }),
        20503 => ("Twilio is not available", PACED),
        21211 | 21217 => ("this is not a valid telephone number", UNUSABLE),
        21614 => ("this is not a mobile number", UNUSABLE),
        21212 | 21603 | 21606 | 21659 | 21660 => (
            "Twilio does not accept our number as sender",
            Verdict::Halted("the channel's number cannot send from this Twilio account: check it there"),
        ),
        21408 => ("sending to this country is not enabled at Twilio (Messaging, Geo permissions)", REFUSED),
        21602 => ("the message is empty", REFUSED),
        21604 => ("the message has no recipient", REFUSED),
        21608 => ("a trial account can send to verified numbers only", REFUSED),
        21609 => ("Twilio does not accept the address for receipts: check this server's public address", REFUSED),
        OPTED_OUT => ("the recipient has opted out (STOP)", Verdict::Refused(Consequence::OptedOut)),
        21611 => {
            ("the queue of this sender is full", Verdict::Retry { after_ms: Some(2 * MINUTE_MS), holds: Holds::Channel, tries_max: None })
        }
        21612 => ("this number cannot be reached from ours", REFUSED),
        21617 => ("the text is longer than Twilio takes", REFUSED),
        21620 => ("Twilio cannot fetch the file", REFUSED),
        21623 => ("too many files", REFUSED),
        21655 => ("Twilio does not know this template", REFUSED),
        21656 => ("the template's variables are not right", REFUSED),
        21703 => ("the messaging service has no sender", Verdict::Halted("add a number to the messaging service at Twilio")),
        21704 | 21705 => ("the messaging service is not valid", Verdict::Halted("check the messaging service at Twilio")),
        _ => return None,
    })
}

/// Codes that mostly come in receipts.
fn on_delivering(code: u32) -> Option<(&'static str, Verdict)> {
    Some(match code {
        12300 => ("Twilio does not accept the file's type", REFUSED),
        30001 => ("the queue has overflowed", ONCE_MORE),
        SUSPENDED => ("the Twilio account is suspended", Verdict::Halted("the Twilio account is suspended: ask Twilio")),
        30003 => ("the handset is off or out of reach", REFUSED),
        30004 => ("blocked by the recipient or the carrier", REFUSED),
        30005 => ("the number does not exist", UNUSABLE),
        30006 => ("a landline, or a carrier that cannot be reached", UNUSABLE),
        FILTERED => ("filtered as spam by the carrier", REFUSED),
        30008 => ("not delivered, for a reason that is not known", ONCE_MORE),
        30010 => ("the message costs more than is allowed", REFUSED),
        30011 => ("files cannot be sent there: send a link", REFUSED),
        30017 => ("the carrier's network is congested", PACED),
        30019 => ("the file is too large for the carrier: send a link", REFUSED),
        30022 => ("the rate of the A2P campaign is exceeded", PACED),
        // Until midnight where the brand is registered, which Twilio does not tell: looked again every hour.
        30023 => (
            "the brand's messages of this day are used up",
            Verdict::Retry { after_ms: Some(HOUR_MS), holds: Holds::Channel, tries_max: None },
        ),
        TOLL_FREE_UNVERIFIED => ("the toll-free number is not verified", Verdict::Halted("verify the toll-free number at Twilio")),
        NO_CAMPAIGN => ("our number is in no A2P campaign", Verdict::Halted("register the number for an A2P 10DLC campaign at Twilio")),
        30036 => ("it could not be delivered in its time", REFUSED),
        63003 | 63024 => ("the recipient is not on this channel", UNUSABLE),
        63007 => ("Twilio does not know our WhatsApp sender", Verdict::Halted("check the WhatsApp sender at Twilio")),
        63016 => ("outside the 24 hours in which WhatsApp lets us answer: send a template", Verdict::Refused(Consequence::WindowClosed)),
        63017 | 63018 => ("the channel's rate is exceeded", PACED),
        63032 => ("WhatsApp does not deliver this to the recipient", REFUSED),
        63033 => ("the recipient is blocked", REFUSED),
        _ => return None,
    })
}
