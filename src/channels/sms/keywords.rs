//! The words by which people in text messages say that they want no more, or want again (specification `sms`, A6; CTIA Messaging Principles).
//!
//! Guarantees: only the whole message is such a word; "please stop" is a message to a human.
//!
//! Does not: know whether the contact had opted out before. `YES` is reported like `START`: who has not opted out stays as they are,
//! because wanting what one has changes nothing.

use entities::{Address, Happening, inbound::PreferenceScope};

use super::phone;

const STOP: [&str; 8] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];
/// What carriers act on for toll-free numbers.
const STOP_TOLL_FREE: [&str; 1] = ["STOP"];
const START_TOLL_FREE: [&str; 2] = ["START", "UNSTOP"];

/// What somebody wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// To know who this is. The carrier or the vendor answers.
    Help,
}

impl Wish {
    /// Its word, for a message's details.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Help => "help",
        }
    }
}

/// The wish that a whole message is, written to this number of ours.
pub fn wish(body: &str, our_account: &str) -> Option<Wish> {
    let word = body.trim();
    let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let toll_free = phone::is_toll_free(our_account);
    let (stop, start): (&[&str], &[&str]) = if toll_free { (&STOP_TOLL_FREE, &START_TOLL_FREE) } else { (&STOP, &START) };
    match () {
        () if is(stop) => Some(Wish::Stop),
        () if is(start) => Some(Wish::Start),
        () if is(&HELP) => Some(Wish::Help),
        () => None,
    }
}

/// What a wish means for the contact; nothing for a call for help.
pub fn preference(wish: Wish, contact: Address, said: &str) -> Option<Happening> {
    let wants = match wish {
        Wish::Stop => false,
        Wish::Start => true,
        Wish::Help => return None,
    };
    let keyword: String = said.trim().chars().filter(|letter| !letter.is_control()).take(KEYWORD_CHARS_MAX).collect();
    Some(Happening::Preference { contact, wants, scope: PreferenceScope::All, keyword: (!keyword.is_empty()).then_some(keyword) })
}

/// What is kept of what was said; a vendor's own list may have longer words than ours.
const KEYWORD_CHARS_MAX: usize = 40;

/// A vendor told us that the contact has opted out there.
pub fn opted_out(contact: Address) -> Happening {
    Happening::Preference { contact, wants: false, scope: PreferenceScope::All, keyword: None }
}
