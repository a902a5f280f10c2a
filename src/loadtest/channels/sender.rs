//! One connection of the provider's to the server, and what became of what went over it.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::sync::mpsc;

use super::{
    super::{LoadError, http::Http, open::Due},
    Plan,
    customers::Customers,
};
use crate::simulate::provider::Sealed;

/// Longest time that is told apart: a minute, in microseconds.
const LONGEST_MICROS: u64 = 60_000_000;

/// What became of all notifications.
pub struct Board {
    base: Instant,
    counted_from_ns: u64,
    end_ns: u64,
    times: Histogram<u64>,
    sent: u64,
    taken: Vec<u64>,
    taken_in_time: u64,
    refused: BTreeMap<String, u64>,
}

impl Board {
    /// Its time runs from here on.
    pub fn new(warm_up: Duration, time: Duration) -> Result<Self, LoadError> {
        let times = Histogram::new_with_bounds(1, LONGEST_MICROS, 3);
        let times = times.map_err(|error| LoadError::Io { what: "make a histogram", source: std::io::Error::other(error) })?;
        let counted_from_ns = warm_up.as_nanos() as u64;
        Ok(Self {
            base: Instant::now(),
            counted_from_ns,
            end_ns: counted_from_ns + time.as_nanos() as u64,
            times,
            sent: 0,
            taken: Vec::new(),
            taken_in_time: 0,
            refused: BTreeMap::new(),
        })
    }

    /// When the run began.
    pub fn base(&self) -> Instant {
        self.base
    }

    /// When nothing more is sent, in nanoseconds of the run.
    pub fn end_ns(&self) -> u64 {
        self.end_ns
    }

    /// From due to answered, of what was due in the counted time.
    pub fn times(&self) -> &Histogram<u64> {
        &self.times
    }

    /// Notifications sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// The numbers of what was answered with 2xx.
    pub fn taken(&self) -> &[u64] {
        &self.taken
    }

    /// How many of them in the counted time.
    pub fn taken_in_time(&self) -> u64 {
        self.taken_in_time
    }

    /// Other answers, and connections that broke.
    pub fn refused(&self) -> &BTreeMap<String, u64> {
        &self.refused
    }

    /// Sent, and nothing came back.
    pub fn unanswered(&self) -> u64 {
        self.sent - self.taken.len() as u64 - self.refused.values().sum::<u64>()
    }

    fn now_ns(&self) -> u64 {
        self.base.elapsed().as_nanos() as u64
    }

    fn answered(&mut self, number: u64, due_ns: u64, answer: Result<u16, String>) {
        let now_ns = self.now_ns();
        if due_ns >= self.counted_from_ns {
            self.times.saturating_record((now_ns.saturating_sub(due_ns) / 1_000).max(1));
        }
        match answer {
            Ok(200..=299) => {
                self.taken.push(number);
                self.taken_in_time += u64::from((self.counted_from_ns..self.end_ns).contains(&now_ns));
            }
            Ok(status) => *self.refused.entry(status.to_string()).or_default() += 1,
            Err(why) => *self.refused.entry(why).or_default() += 1,
        }
    }
}

/// A connection.
pub struct Sender {
    http: Http,
    url: String,
    customers: Rc<RefCell<Customers>>,
    board: Rc<RefCell<Board>>,
}

impl Sender {
    /// Not connected yet.
    pub fn new(plan: &Plan, customers: Rc<RefCell<Customers>>, board: Rc<RefCell<Board>>) -> Result<Self, LoadError> {
        Ok(Self { http: Http::new(&plan.url)?, url: plan.public_url.clone(), customers, board })
    }

    /// Sends what is due, one after the other, until nothing more will be.
    pub async fn on_time(&mut self, mut due: mpsc::Receiver<Due>) {
        while let Some((_, due_ns)) = due.recv().await {
            self.send(due_ns).await;
        }
    }

    /// Sends one after the other until the end.
    pub async fn flat_out(&mut self) {
        loop {
            let (now_ns, end_ns) = (self.board.borrow().now_ns(), self.board.borrow().end_ns());
            if now_ns >= end_ns {
                return;
            }
            self.send(now_ns).await;
        }
    }

    async fn send(&mut self, due_ns: u64) {
        let written = self.customers.borrow_mut().write();
        let Some((number, sealed)) = written else { return };
        self.board.borrow_mut().sent += 1;
        let answer = self.post(&sealed).await;
        self.board.borrow_mut().answered(number, due_ns, answer.map_err(|error| error.to_string()));
    }

    async fn post(&mut self, sealed: &Sealed) -> Result<u16, LoadError> {
        let path = sealed.url.strip_prefix(&self.url).unwrap_or(&sealed.url);
        let sent = self.http.send("notify", sealed.method, path, &sealed.headers, &sealed.body).await?;
        Ok(sent.0)
    }
}
