//! Somebody who behaves as `docs/sockets.md` tells a client to: keeps the cursor of what was applied, reconnects and resumes, and sends
//! the same message with the same `client_id` until it is acknowledged.
//!
//! The story cuts the socket when it likes, and moves the server where it likes.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::{
    chance::Chance,
    client::{Client, Heard},
    http::{self, Answer},
};

/// Messages sent and not acknowledged.
const WINDOW: usize = 4;
/// Shorter than clients wait in earnest: a story knows that the server comes back.
const RETRY_MS_MAX: u64 = 200;
/// Failures in a row before a story counts as failed.
const FAILURES_MAX: u32 = 1_000;

/// What all persons of a story share.
#[derive(Clone)]
pub struct Stage {
    /// Where the server is; none while it is down.
    pub address: watch::Sender<Option<String>>,
    /// Everybody says no more, and leaves when everything was acknowledged and seen.
    pub ending: watch::Sender<bool>,
    /// Acknowledgements so far, over all.
    pub acked: Arc<AtomicU64>,
    /// Told after each of them.
    pub progress: Arc<Notify>,
    /// Cuts still to be made.
    pub cuts_left: Arc<AtomicUsize>,
    /// Cuts made, and reconnects for another reason.
    pub reconnects: Arc<AtomicU64>,
}

impl Stage {
    pub fn new(address: Option<&str>, cuts: usize) -> Self {
        Self {
            address: watch::Sender::new(address.map(str::to_owned)),
            ending: watch::Sender::new(false),
            acked: Arc::default(),
            progress: Arc::default(),
            cuts_left: Arc::new(AtomicUsize::new(cuts)),
            reconnects: Arc::default(),
        }
    }

    /// The server's address, as soon as it has one.
    pub async fn server(&self) -> String {
        let mut address = self.address.subscribe();
        let there = address.wait_for(Option::is_some).await.expect("the stage stands");
        there.clone().expect("waited for")
    }

    /// Waits until so many more messages were acknowledged.
    pub async fn acks(&self, more: u64) {
        let until = self.acked.load(Ordering::SeqCst) + more;
        loop {
            let told = self.progress.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            if self.acked.load(Ordering::SeqCst) >= until {
                return;
            }
            told.await;
        }
    }

    pub fn count_ack(&self) {
        self.acked.fetch_add(1, Ordering::SeqCst);
        self.progress.notify_waiters();
    }

    pub fn end(&self) {
        self.ending.send_replace(true);
    }

    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }
}

/// Which side somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Visitor,
    Agent,
}

/// What somebody has seen and said, in one conversation.
#[derive(Debug)]
pub struct Person {
    pub name: String,
    pub side: Side,
    pub token: String,
    pub conversation: String,
    chance: Chance,
    epoch: String,
    /// The place of the last event that was applied.
    place: u64,
    /// The `event` frames that were applied, in order.
    pub events: Vec<Value>,
    /// Sent or to be sent, by number; not acknowledged.
    unacked: VecDeque<usize>,
    next: usize,
    /// Acknowledged: number to `seq`.
    pub acked: BTreeMap<usize, u64>,
    /// Was refused once and sent again: it may stand behind later ones.
    pub refused: BTreeSet<usize>,
}

/// Why a connection ended.
enum End {
    /// It was cut, by the story, the server or the network.
    Cut,
    /// Nothing is left to do.
    Done,
}

impl Person {
    pub fn new(name: &str, side: Side, token: &str, conversation: &str, chance: Chance) -> Self {
        Self {
            name: name.to_owned(),
            side,
            token: token.to_owned(),
            conversation: conversation.to_owned(),
            chance,
            epoch: String::new(),
            place: 0,
            events: Vec::new(),
            unacked: VecDeque::new(),
            next: 0,
            acked: BTreeMap::new(),
            refused: BTreeSet::new(),
        }
    }

    /// The `client_id` of a message.
    pub fn client_id(&self, number: usize) -> String {
        format!("{}-{number}", self.name)
    }

    /// Talks and listens until the stage ends and everything said is acknowledged.
    pub async fn live(mut self, stage: Stage) -> Self {
        let mut failed = 0;
        loop {
            let address = stage.server().await;
            match self.connection(&address, &stage).await {
                Some(End::Done) => return self,
                Some(End::Cut) => failed = 0,
                None => {
                    failed += 1;
                    self.back_off(failed).await;
                }
            }
            stage.reconnects.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Like [`Self::live`], with one request for each message instead of a socket.
    pub async fn live_over_http(mut self, stage: Stage) -> Self {
        let mut failed = 0;
        while !stage.is_ending() || !self.unacked.is_empty() {
            let number = self.unacked.front().copied().unwrap_or(self.next);
            if number == self.next {
                self.next += 1;
                self.unacked.push_back(number);
            }
            let address = stage.server().await;
            match self.request(&address, number).await {
                Ok(answer) if answer.status < 300 => {
                    failed = 0;
                    self.stored(number, answer.body["seq"].as_u64().expect("a seq"), &stage);
                }
                Ok(answer) => {
                    assert!(matches!(answer.status, 429 | 503), "{}: {answer:?}", self.name);
                    let wait_ms = answer.retry_after_ms().expect("an answer that says come back says when");
                    tokio::time::sleep(Duration::from_millis(wait_ms.min(RETRY_MS_MAX))).await;
                }
                // Nothing is known of it: again, with the same key.
                Err(_) => {
                    failed += 1;
                    self.back_off(failed).await;
                }
            }
        }
        self
    }

    async fn request(&self, address: &str, number: usize) -> std::io::Result<Answer> {
        let client_id = self.client_id(number);
        let text = format!("message {client_id}");
        match self.side {
            Side::Visitor => {
                let body = json!({"sessionToken": self.token, "message": text, "clientId": client_id});
                http::request(address, "POST", "/api/widget/message", None, Some(&body)).await
            }
            Side::Agent => {
                let path = format!("/api/v1/conversations/{}/messages", self.conversation);
                http::request(address, "POST", &path, Some(&self.token), Some(&json!({"text": text, "client_id": client_id}))).await
            }
        }
    }

    /// Waits at random, longer after each failure, as every client shall.
    async fn back_off(&mut self, failed: u32) {
        assert!(failed < FAILURES_MAX, "{}: the server does not come back", self.name);
        let most_ms = (10_u64 << failed.min(5)).min(RETRY_MS_MAX);
        tokio::time::sleep(Duration::from_millis(self.chance.below(most_ms))).await;
    }

    /// One connection, from `hello` to its end; `None` if it did not come to a `welcome`.
    async fn connection(&mut self, address: &str, stage: &Stage) -> Option<End> {
        let mut client = self.enter(address).await?;
        // Sent again in the old order before anything new.
        let again: Vec<usize> = self.unacked.iter().copied().collect();
        for number in again {
            self.say(&mut client, number).await;
        }
        let mut waiting = false;
        loop {
            if stage.is_ending() && self.unacked.is_empty() {
                return Some(End::Done);
            }
            if !waiting {
                self.go_on(&mut client, stage).await;
            }
            let mut ending = stage.ending.subscribe();
            let heard = tokio::select! {
                heard = client.hear() => heard,
                _ = ending.wait_for(|ending| *ending), if self.unacked.is_empty() => continue,
            };
            let Heard::Frame(frame) = heard else { return Some(End::Cut) };
            waiting = false;
            match frame["type"].as_str() {
                Some("event") => self.apply(frame),
                Some("ack") => self.acknowledged(&frame, stage),
                // A subscription that did not come about: there is nothing to wait for here.
                Some("refused") if frame["ref"].is_null() => {
                    assert_eq!(frame["retry"], "later", "{}: {frame}", self.name);
                    return None;
                }
                Some("refused") => {
                    self.wait(&mut client, &frame).await;
                    waiting = true;
                }
                Some("resync_required") => panic!("{}: the server has forgotten what it kept: {frame}", self.name),
                _ => {}
            }
            if self.cuts(stage) {
                return Some(End::Cut);
            }
        }
    }

    async fn enter(&mut self, address: &str) -> Option<Client> {
        let path = if self.side == Side::Visitor { "/ws/visitor" } else { "/ws/agent" };
        let mut client = Client::open(address, path, None).await.ok()?;
        let mut hello = json!({"type": "hello", "token": self.token});
        if !self.epoch.is_empty() {
            hello["cursor"] = json!(format!("{}-{}", self.epoch, self.place));
        }
        client.say(&hello).await;
        if self.side == Side::Agent {
            client.say(&json!({"type": "subscribe", "topics": [format!("conversation:{}", self.conversation)]})).await;
        }
        let welcome = match client.hear().await {
            Heard::Frame(frame) if frame["type"] == "welcome" => frame,
            Heard::Frame(frame) => panic!("{}: hello was answered with {frame}", self.name),
            // A database that is away closes with 4003, a server that drains with 4000: come back.
            Heard::Closed(code) => {
                assert!(code.is_none_or(|code| code < 4500), "{}: closed with {code:?}, which forbids coming back", self.name);
                return None;
            }
        };
        let (epoch, place) = welcome["cursor"].as_str().and_then(|cursor| cursor.rsplit_once('-')).expect("a cursor");
        let place: u64 = place.parse().expect("a place");
        if self.epoch.is_empty() {
            (self.epoch, self.place) = (epoch.to_owned(), place);
        }
        assert_eq!((epoch, place), (self.epoch.as_str(), self.place), "{}: welcome goes on elsewhere", self.name);
        Some(client)
    }

    fn apply(&mut self, frame: Value) {
        let number = if self.side == Side::Visitor { &frame["seq"] } else { &frame["position"] };
        let (place, prev) = (number.as_u64().expect("a place"), frame["prev"].as_u64().expect("prev"));
        assert_eq!(prev, self.place, "{}: something is missing or twice before {frame}", self.name);
        assert!(place > self.place, "{}: out of order: {frame}", self.name);
        self.place = place;
        self.events.push(frame);
    }

    fn acknowledged(&mut self, frame: &Value, stage: &Stage) {
        let number = frame["ref"].as_u64().expect("a ref") as usize;
        self.stored(number, frame["seq"].as_u64().expect("a seq"), stage);
    }

    fn stored(&mut self, number: usize, seq: u64, stage: &Stage) {
        match self.acked.insert(number, seq) {
            None => stage.count_ack(),
            Some(first) => assert_eq!(first, seq, "{}: message {number} was acknowledged twice, differently", self.name),
        }
        self.unacked.retain(|unacked| *unacked != number);
    }

    /// Waits as the refusal says, then sends the message again.
    async fn wait(&mut self, client: &mut Client, frame: &Value) {
        assert_eq!(frame["retry"], "later", "{}: {frame}", self.name);
        let number = frame["ref"].as_u64().expect("a ref") as usize;
        self.refused.insert(number);
        let wait_ms = frame["retry_after_ms"].as_u64().expect("when to come back").min(RETRY_MS_MAX);
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        self.say(client, number).await;
    }

    /// Says the next thing, if there is one and the window has room.
    async fn go_on(&mut self, client: &mut Client, stage: &Stage) {
        if !stage.is_ending() && self.unacked.len() < WINDOW {
            let number = self.next;
            self.next += 1;
            self.unacked.push_back(number);
            self.say(client, number).await;
        }
    }

    async fn say(&self, client: &mut Client, number: usize) {
        let client_id = self.client_id(number);
        let mut frame = json!({"type": "send", "ref": number, "client_id": client_id, "text": format!("message {client_id}")});
        if self.side == Side::Agent {
            frame["conversation_id"] = json!(self.conversation);
        }
        client.say(&frame).await;
    }

    /// Whether the story cuts this socket now.
    fn cuts(&mut self, stage: &Stage) -> bool {
        self.chance.below(8) == 0 && stage.cuts_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }

    /// Comes back once more and reads until `place` has been applied; then there is nothing left to see.
    pub async fn catch_up(&mut self, address: &str, place: u64) {
        if self.place >= place {
            return;
        }
        let mut client = self.enter(address).await.expect("the server stands");
        while self.place < place {
            let event = client.hear_type("event").await;
            self.apply(event);
        }
    }

    /// The place of the last event that this person was to see.
    pub fn place_in(&self, last: &Value) -> u64 {
        let number = if self.side == Side::Visitor { &last["seq"] } else { &last["position"] };
        number.as_u64().expect("a place")
    }
}
