//! What each simulated provider implements, and what it speaks in.
//!
//! Guarantees: a provider here is pure: requests and acts in, answers and notifications out, with the world as its only state beside its own
//! small books. Sending, waiting and failing on request are the frame's.

use std::time::Duration;

use actix_web::web::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::{
    faults::{Fault, Proof, Switch},
    world::{Customer, Message, Status, World},
};

/// One provider.
pub trait Provider: Send + Sync {
    /// Its fixed facts.
    fn profile(&self) -> &'static Profile;

    /// What has to be pasted into a credential of Switchboard: field and value, in the order in which they are asked for.
    fn credentials(&self) -> Vec<(&'static str, String)>;

    /// The channel's address.
    fn account(&self) -> String;

    /// Somebody new; without an address, one is made up.
    fn customer(&self, world: &mut World, name: &str, address: Option<&str>) -> Customer;

    /// The customer does something. It is already noted in the world when this returns.
    ///
    /// # Errors
    /// [`Refused`] if it cannot be done here.
    fn act(&self, world: &mut World, customer: &str, act: &Act) -> Result<Acted, Refused>;

    /// The notifications that tell of a message's new status.
    fn receipt(&self, world: &mut World, customer: &str, message: &Message, status: Status, code: Option<&str>) -> Vec<Notice>;

    /// Several notifications as fewer. They stay as they are where the provider knows no batches.
    fn batch(&self, notices: Vec<Notice>) -> Vec<Notice> {
        notices
    }

    /// When this notification is sent again.
    fn redelivery(&self, _notice: &Notice) -> Redelivery {
        self.profile().redelivery
    }

    /// A notification as it goes over the wire.
    fn seal(&self, notice: &Notice, sealing: &Sealing) -> Sealed;

    /// The business calls.
    fn api(&self, world: &mut World, call: &ApiRequest) -> Reply;

    /// The request by which the provider makes sure that an address is the business's, and the answer that it wants; `None` if it asks nothing.
    fn handshake(&self, _hook_url: &str, _now_ms: i64) -> Option<(Sealed, String)> {
        None
    }

    /// What the business set up by calls of its own (webhooks and subscriptions), for the page.
    fn books(&self) -> Value {
        Value::Null
    }
}

/// Fixed facts of a provider.
#[derive(Debug, Serialize)]
pub struct Profile {
    /// The provider's word in paths and options.
    pub name: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Which of the provider's vendors, where it has several: a credential names it.
    pub vendor: Option<&'static str>,
    /// What Switchboard calls `--provider-base-url {name}=…` for.
    pub real_base: &'static str,
    /// What the page offers.
    pub can: Can,
    /// Which switches mean something here.
    pub switches: &'static [Switch],
    /// Things that a customer or the provider does here besides writing.
    pub extras: &'static [Extra],
    /// The table of errors.
    pub faults: &'static [Fault],
    /// Seconds for which the business may answer freely after the customer wrote; nothing: for ever.
    pub window_secs: Option<i64>,
    /// With which code a message fails whose file, named by its address, cannot be fetched.
    #[serde(skip)]
    pub unfetched: &'static str,
    /// The longest that an answer to a notification may take.
    #[serde(skip)]
    pub deadline: Duration,
    /// When a notification is sent again.
    #[serde(skip)]
    pub redelivery: Redelivery,
}

/// What a page offers.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Can {
    /// Emoji on messages.
    pub react: bool,
    /// Changing one's messages.
    pub edit: bool,
    /// Taking them back.
    pub delete: bool,
    /// Answering one message.
    pub reply: bool,
    /// The business is told when something is read.
    pub read: bool,
}

/// Something besides writing.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Extra {
    /// Its word in the control API.
    pub name: &'static str,
    /// What stands on the page.
    pub label: &'static str,
}

/// When a notification is sent again.
#[derive(Debug, Clone, Copy)]
pub struct Redelivery {
    /// Whether an answer (nothing: none came) to this attempt, counted from 1, is followed by another.
    pub after: fn(Option<u16>, u32) -> bool,
    /// The waits before the further attempts, in the units of `Pace::redelivery`.
    pub waits: &'static [u32],
}

/// What a customer does.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// Writes, or sends a file.
    Write {
        /// The text, or the file's caption.
        #[serde(default)]
        text: String,
        /// A file that was handed to the control API before.
        #[serde(default)]
        file_id: Option<String>,
        /// The message that it answers.
        #[serde(default)]
        reply_to: Option<String>,
    },
    /// Puts an emoji on a message; an empty one takes it away.
    React {
        /// On which.
        message_id: String,
        /// Which.
        emoji: String,
    },
    /// Presses a button.
    Press {
        /// Of which message.
        message_id: String,
        /// Which.
        button_id: String,
    },
    /// Changes a message.
    Edit {
        /// Which.
        message_id: String,
        /// What it says now.
        text: String,
    },
    /// Takes a message back.
    Delete {
        /// Which.
        message_id: String,
    },
    /// One of the profile's `extras`.
    Extra {
        /// Which.
        name: String,
    },
}

/// What came of an act.
#[derive(Debug, Default)]
pub struct Acted {
    /// The id of what was said, if anything was.
    pub message_id: Option<String>,
    /// What the business has to hear.
    pub notices: Vec<Notice>,
}

/// Why an act cannot be done.
#[derive(Debug, Error)]
pub enum Refused {
    /// Nobody of this key.
    #[error("there is no customer {0}")]
    NoCustomer(String),
    /// No message of this id.
    #[error("there is no message {0}")]
    NoMessage(String),
    /// No button, file or extra of this name.
    #[error("there is no {0}")]
    Nothing(String),
    /// The provider does not have it.
    #[error("{0} does not do that")]
    Unknown(&'static str),
    /// There is no room.
    #[error("there are too many already")]
    Full,
}

/// Where a notification goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// The address of the channel, and what follows it (`/status`); mostly nothing.
    Hook(&'static str),
    /// The address that the business gave.
    Url(String),
}

/// What a notification says.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// JSON, or what JSON becomes when it is signed (a JWT).
    Json(Value),
    /// A form.
    Form(Vec<(String, String)>),
}

/// A notification before it is signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Where it goes.
    pub to: To,
    /// What it says.
    pub told: Told,
    /// What it is about, in a few words, for people.
    pub about: String,
    /// The customers' messages whose ticks it brings: customer and id.
    pub ticks: Vec<(String, String)>,
    /// How long it is held back, in the units of `Pace::tick`.
    pub after: u32,
}

impl Notice {
    /// A notification for the channel's address.
    pub fn json(value: Value, about: impl Into<String>) -> Self {
        Self { to: To::Hook(""), told: Told::Json(value), about: about.into(), ticks: Vec::new(), after: 0 }
    }

    /// With the customer's message whose tick it brings.
    #[must_use]
    pub fn ticking(mut self, customer: &str, id: &str) -> Self {
        self.ticks.push((customer.to_owned(), id.to_owned()));
        self
    }
}

/// How a notification is to be sealed.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// The address as the provider knows it.
    pub url: String,
    /// With which proof.
    pub proof: Proof,
    /// When.
    pub now_ms: i64,
    /// Counts attempts from 1.
    pub attempt: u32,
    /// What the attempt before ended with.
    pub reason: &'static str,
}

/// A request, ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The address as the provider knows it.
    pub url: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// A call of the business.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path's parts, decoded.
    pub path: Vec<String>,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl ApiRequest {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// What comes behind `Bearer `.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as a form.
    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The path's parts as text, to match on.
    pub fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// The first value of a name in a list of pairs.
pub fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// A text in JSON; empty if it is missing or no text.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// JSON.
    Json(Value),
    /// Anything else: its media type and its bytes.
    Bytes(String, Bytes),
}

/// A message on its way to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Travel {
    /// To whom.
    pub customer: String,
    /// Which.
    pub id: String,
    /// With which code it will fail.
    pub fails: Option<String>,
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub answer: Answer,
    /// Messages that now travel to a customer.
    pub accepted: Vec<Travel>,
    /// What the business hears besides.
    pub notices: Vec<Notice>,
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, value: Value) -> Self {
        Self { status, headers: Vec::new(), answer: Answer::Json(value), accepted: Vec::new(), notices: Vec::new() }
    }

    /// A file.
    pub fn bytes(mime: &str, bytes: Bytes) -> Self {
        let answer = Answer::Bytes(mime.to_owned(), bytes);
        Self { status: 200, headers: Vec::new(), answer, accepted: Vec::new(), notices: Vec::new() }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a message that now travels.
    #[must_use]
    pub fn accepted(mut self, customer: &str, id: &str) -> Self {
        self.accepted.push(Travel { customer: customer.to_owned(), id: id.to_owned(), fails: None });
        self
    }

    /// With a message that was taken and will not arrive.
    #[must_use]
    pub fn failing(mut self, customer: &str, id: &str, code: &str) -> Self {
        self.accepted.push(Travel { customer: customer.to_owned(), id: id.to_owned(), fails: Some(code.to_owned()) });
        self
    }

    /// With something that the business hears besides.
    #[must_use]
    pub fn telling(mut self, notices: impl IntoIterator<Item = Notice>) -> Self {
        self.notices.extend(notices);
        self
    }
}
