//! The small world behind a simulator: customers, what was said, their phones, files, and what went over the wire.
//!
//! Guarantees: everything in it is bounded, the oldest goes first; ids are unlike those of earlier runs, so that a database that has seen
//! an earlier simulator takes the messages of this one for new.

use std::collections::{BTreeSet, VecDeque};

use actix_web::web::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    Now,
    faults::{Injected, Switch, When},
    wire_log::{ApiCall, Delivery},
};

/// People in one simulator.
pub const CUSTOMERS_MAX: usize = 200;
/// Messages kept of one customer.
pub const MESSAGES_MAX: usize = 500;
/// Files kept, in number.
const FILES_MAX: usize = 64;
/// One file.
pub const FILE_BYTES_MAX: usize = 26 * 1024 * 1024;
/// Files kept, in bytes over all.
const FILES_BYTES_MAX: usize = 96 * 1024 * 1024;
/// Lines kept of each log.
const LOG_MAX: usize = 400;

/// Who wrote something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The person with the phone.
    Customer,
    /// The business, which is Switchboard.
    Business,
}

/// How far a message has come. Of the business's messages: to the customer's phone. Of the customer's: to the business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Taken from its author, and no further.
    Accepted,
    /// On its way.
    Sent,
    /// There.
    Delivered,
    /// Seen.
    Read,
    /// Given up.
    Failed,
}

/// What the customer's phone does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phone {
    /// On, with the conversation open: what comes is read at once.
    Reading,
    /// On, in a pocket: what comes is delivered.
    Pocket,
    /// Off: what comes is on its way.
    Off,
}

/// A file of a message: kept here, or only named by a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRef {
    /// `image`, `video`, `audio`, `document`, `sticker`.
    pub kind: String,
    /// Its media type, as told.
    pub mime: String,
    /// Its name; empty if it has none.
    pub name: String,
    /// Of a file kept here.
    pub file_id: Option<String>,
    /// Of a file elsewhere.
    pub link: Option<String>,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What the business calls it.
    pub id: String,
    /// What stands on it.
    pub title: String,
    /// Where it leads, if it is only a link.
    pub url: Option<String>,
    /// The provider's word for what sort it is (`button_reply`, `list_reply`, …).
    pub sort: &'static str,
}

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Whose.
    pub by: Side,
    /// Which.
    pub emoji: String,
}

/// Something said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The provider's id of it.
    pub id: String,
    /// Whose it is.
    pub from: Side,
    /// The name shown with it, where the provider shows one.
    pub author: String,
    /// The provider's word for what it is (`text`, `image`, `template`, `call`, …).
    pub kind: String,
    /// Its text, or its caption.
    pub text: String,
    /// Its files.
    pub files: Vec<FileRef>,
    /// What can be pressed.
    pub buttons: Vec<Button>,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// Emoji on it.
    pub reactions: Vec<Reaction>,
    /// How far it has come.
    pub status: Status,
    /// Why it failed.
    pub error: Option<String>,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// It was changed later.
    pub edited: bool,
    /// It was taken back.
    pub deleted: bool,
    /// What the business gave along to know it by (callback data, metadata, a callback's address).
    pub reference: Option<String>,
}

impl Message {
    /// A text.
    pub fn new(id: String, from: Side, kind: &str, text: &str, at_ms: i64) -> Self {
        Self {
            id,
            from,
            author: String::new(),
            kind: kind.to_owned(),
            text: text.to_owned(),
            files: Vec::new(),
            buttons: Vec::new(),
            reply_to: None,
            reactions: Vec::new(),
            status: Status::Accepted,
            error: None,
            at_ms,
            edited: false,
            deleted: false,
            reference: None,
        }
    }

    /// Puts an emoji of one side on it in place of an earlier one; an empty one takes it away.
    pub fn react(&mut self, by: Side, emoji: &str) {
        self.reactions.retain(|reaction| reaction.by != by);
        if !emoji.is_empty() {
            self.reactions.push(Reaction { by, emoji: emoji.to_owned() });
        }
    }
}

/// Somebody with a phone.
#[derive(Debug, Clone, Serialize)]
pub struct Customer {
    /// What the control API calls them: the provider's id of them.
    pub key: String,
    /// Their name.
    pub name: String,
    /// What the page shows below the name.
    pub address: String,
    /// A further id, where the provider has two (WhatsApp's user id).
    pub also: Option<String>,
    /// What was said, oldest first.
    pub messages: VecDeque<Message>,
    /// When they last wrote, in milliseconds since 1970: it opens the reply window.
    pub last_wrote_ms: Option<i64>,
    /// The business is typing until then.
    pub typing_until_ms: i64,
    /// How often the business said that it has read.
    pub read_marks: u32,
    /// How often it said that somebody is typing.
    pub typing_signals: u32,
    /// They said STOP.
    pub opted_out: bool,
    /// Their phone.
    pub phone: Phone,
    /// When the business last sent, for limits a customer.
    #[serde(skip)]
    pub sends_ms: VecDeque<i64>,
}

impl Customer {
    /// Somebody who has not said anything.
    pub fn new(key: String, name: &str, address: String) -> Self {
        Self {
            key,
            name: name.to_owned(),
            address,
            also: None,
            messages: VecDeque::new(),
            last_wrote_ms: None,
            typing_until_ms: 0,
            read_marks: 0,
            typing_signals: 0,
            opted_out: false,
            phone: Phone::Reading,
            sends_ms: VecDeque::new(),
        }
    }

    /// Adds a message; the oldest goes where there are too many.
    pub fn push(&mut self, message: Message) {
        if message.from == Side::Business {
            self.typing_until_ms = 0;
        }
        keep(&mut self.messages, message, MESSAGES_MAX);
    }

    /// The message of this id.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.id == id)
    }

    /// The message of this id.
    pub fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        self.messages.iter_mut().rev().find(|message| message.id == id)
    }

    /// The business is typing until then; in the past: it stopped.
    pub fn typing_by_business(&mut self, until_ms: i64) {
        self.typing_until_ms = until_ms;
        self.typing_signals = self.typing_signals.saturating_add(u32::from(until_ms > 0));
    }

    /// The business has seen everything up to this message.
    pub fn read_by_business(&mut self, id: &str) {
        self.read_marks = self.read_marks.saturating_add(1);
        if let Some(at) = self.messages.iter().position(|message| message.id == id) {
            for message in self.messages.iter_mut().take(at + 1).filter(|message| message.from == Side::Customer) {
                message.status = Status::Read;
            }
        }
    }
}

/// A file that somebody sent or uploaded.
#[derive(Debug, Clone)]
pub struct File {
    /// The provider's id of it.
    pub id: String,
    /// Its media type.
    pub mime: String,
    /// Its name; may be empty.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Everything that a simulator remembers.
pub struct World {
    now: Now,
    last_id: u64,
    /// Where the simulator is reached.
    pub own_url: String,
    /// Where Switchboard hears of things.
    pub hook_url: String,
    /// The people.
    pub customers: Vec<Customer>,
    files: VecDeque<File>,
    /// What was sent to the business, newest last.
    pub deliveries: VecDeque<Delivery>,
    /// What the business called, newest last.
    pub calls: VecDeque<ApiCall>,
    /// What is switched on.
    pub switches: BTreeSet<Switch>,
    /// Failures that are to come.
    pub injected: VecDeque<Injected>,
    /// Notifications that have not been tried yet.
    pub pending: usize,
    /// When the business sent anything, for limits of the whole account.
    pub sends_ms: VecDeque<i64>,
}

impl World {
    /// An empty world.
    pub fn new(now: Now, own_url: String, hook_url: String) -> Self {
        // Microseconds: a run of the simulator never makes a million ids a second for long.
        let last_id = now().unsigned_abs() * 1_000;
        Self {
            now,
            last_id,
            own_url,
            hook_url,
            customers: Vec::new(),
            files: VecDeque::new(),
            deliveries: VecDeque::new(),
            calls: VecDeque::new(),
            switches: BTreeSet::from([Switch::Redeliver]),
            injected: VecDeque::new(),
            pending: 0,
            sends_ms: VecDeque::new(),
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        (self.now)()
    }

    /// A number that was not given before, of 16 digits.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Whether something is switched on.
    pub fn is_on(&self, switch: Switch) -> bool {
        self.switches.contains(&switch)
    }

    /// Somebody by key or further id.
    pub fn customer(&self, key: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.key == key || customer.also.as_deref() == Some(key))
    }

    /// Somebody by key or further id.
    pub fn customer_mut(&mut self, key: &str) -> Option<&mut Customer> {
        self.customers.iter_mut().find(|customer| customer.key == key || customer.also.as_deref() == Some(key))
    }

    /// Who has the message of this id.
    pub fn customer_of_message(&mut self, id: &str) -> Option<&mut Customer> {
        self.customers.iter_mut().find(|customer| customer.message(id).is_some())
    }

    /// Adds somebody; false if there are too many, or if they are there already.
    pub fn add_customer(&mut self, customer: Customer) -> bool {
        let room = self.customers.len() < CUSTOMERS_MAX && self.customer(&customer.key).is_none();
        if room {
            self.customers.push(customer);
        }
        room
    }

    /// Keeps a file; the oldest go where it gets too much.
    pub fn add_file(&mut self, file: File) {
        self.files.push_back(file);
        let bytes = |files: &VecDeque<File>| files.iter().map(|file| file.bytes.len()).sum::<usize>();
        while self.files.len() > FILES_MAX || bytes(&self.files) > FILES_BYTES_MAX {
            self.files.pop_front();
        }
    }

    /// The file of this id.
    pub fn file(&self, id: &str) -> Option<&File> {
        self.files.iter().find(|file| file.id == id)
    }

    /// How many files are kept.
    pub fn files_len(&self) -> usize {
        self.files.len()
    }

    /// Forgets a file; false if there is none.
    pub fn remove_file(&mut self, id: &str) -> bool {
        let before = self.files.len();
        self.files.retain(|file| file.id != id);
        self.files.len() < before
    }

    /// Takes one use of the next failure that was asked for at this moment.
    pub fn take_injected(&mut self, when: When) -> Option<String> {
        let at = self.injected.iter().position(|injected| injected.when == when)?;
        let injected = self.injected.get_mut(at)?;
        let code = injected.code.clone();
        injected.times = injected.times.saturating_sub(1);
        if injected.times == 0 {
            self.injected.remove(at);
        }
        Some(code)
    }

    /// Notes a delivery.
    pub fn log_delivery(&mut self, delivery: Delivery) {
        keep(&mut self.deliveries, delivery, LOG_MAX);
    }

    /// Notes a call.
    pub fn log_call(&mut self, call: ApiCall) {
        keep(&mut self.calls, call, LOG_MAX);
    }
}

/// Adds at the end; the oldest goes where there are too many.
pub fn keep<T>(list: &mut VecDeque<T>, item: T, max: usize) {
    if list.len() >= max {
        list.pop_front();
    }
    list.push_back(item);
}

/// Notes an instant and says how many there were in the last so many milliseconds, this one included.
pub fn count_within(instants: &mut VecDeque<i64>, now_ms: i64, within_ms: i64, max: usize) -> usize {
    while instants.front().is_some_and(|at| *at <= now_ms - within_ms) {
        instants.pop_front();
    }
    keep(instants, now_ms, max);
    instants.len()
}
