//! What one attempt went through: written by the connector and the stream, deep inside the client, read when the attempt is over.
//!
//! The client hands no such report out, but it runs everything inside the attempt's own task; so the report is a task-local.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
};

use entities::Timings;
use tokio::time::Instant;

use super::judge::Failure;

tokio::task_local! {
    static TRACE: Rc<Trace>;
}

/// What an attempt is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking up the name.
    Lookup,
    /// Opening the connection.
    Connect,
    /// Opening it through a proxy: to the proxy, and from there on.
    Tunnel,
    /// Shaking hands.
    Tls,
    /// Sending the request and waiting for the answer's head.
    Answer,
}

/// The report of one attempt.
#[derive(Debug)]
pub struct Trace {
    started: Instant,
    phase: Cell<Phase>,
    phase_began: Cell<Instant>,
    timings: Cell<Timings>,
    opened: Cell<bool>,
    address: Cell<Option<SocketAddr>>,
    connection: RefCell<Option<Rc<Cell<bool>>>>,
    failure: RefCell<Option<Failure>>,
}

impl Trace {
    /// A report that begins now. Until the connector says otherwise, a connection is there already.
    pub fn begin() -> Rc<Self> {
        let now = Instant::now();
        Rc::new(Self {
            started: now,
            phase: Cell::new(Phase::Answer),
            phase_began: Cell::new(now),
            timings: Cell::new(Timings::default()),
            opened: Cell::new(false),
            address: Cell::new(None),
            connection: RefCell::new(None),
            failure: RefCell::new(None),
        })
    }

    /// Runs `work` so that everything in it finds this report.
    pub async fn follow<T>(self: &Rc<Self>, work: impl Future<Output = T>) -> T {
        TRACE.scope(Rc::clone(self), work).await
    }

    /// The report of the attempt that is being worked on; a fresh one where there is none.
    pub fn current() -> Rc<Self> {
        TRACE.try_with(Rc::clone).unwrap_or_else(|_outside_an_attempt| Self::begin())
    }

    /// Notes where bytes are being sent, and how to spoil that connection.
    pub fn sending_over(peer: SocketAddr, spoilt: &Rc<Cell<bool>>) {
        // Outside an attempt (a connection that is being closed) there is nobody to tell.
        let _told = TRACE.try_with(|trace| {
            trace.address.set(Some(peer));
            trace.connection.replace(Some(Rc::clone(spoilt)));
        });
    }

    /// Makes sure that the attempt's connection is not used again.
    pub fn spoil_connection(&self) {
        if let Some(spoilt) = &*self.connection.borrow() {
            spoilt.set(true);
        }
    }

    /// Ends the phase before, noting how long it took, and begins this one.
    pub fn enter(&self, phase: Phase) {
        let now = Instant::now();
        self.end_phase(now);
        self.phase.set(phase);
        self.phase_began.set(now);
    }

    /// The connector begins: this attempt opens a connection of its own.
    pub fn open(&self) {
        self.opened.set(true);
    }

    /// Notes where the connection goes.
    pub fn connected_to(&self, peer: SocketAddr) {
        self.address.set(Some(peer));
    }

    /// Notes why no connection came about.
    pub fn fail(&self, failure: Failure) {
        self.failure.replace(Some(failure));
    }

    /// Takes the note of [`Self::fail`].
    pub fn take_failure(&self) -> Option<Failure> {
        self.failure.take()
    }

    /// The answer's head is there.
    pub fn head_came(&self) {
        let took = Some(millis(self.phase_began.get(), Instant::now()));
        self.timings.set(Timings { first_byte: took, ..self.timings.get() });
    }

    /// What the attempt is busy with.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Whether it went over a connection that was open already.
    pub fn reused(&self) -> bool {
        !self.opened.get()
    }

    /// Where the connection went.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address.get()
    }

    /// How long the parts took, up to now.
    pub fn timings(&self) -> Timings {
        Timings { total: millis(self.started, Instant::now()), ..self.timings.get() }
    }

    fn end_phase(&self, now: Instant) {
        let took = Some(millis(self.phase_began.get(), now));
        let mut timings = self.timings.get();
        match self.phase.get() {
            Phase::Lookup => timings.dns = took,
            Phase::Connect | Phase::Tunnel => timings.connect = took,
            Phase::Tls => timings.tls = took,
            // It ends with the head; a connection that is opened first never began to wait for one.
            Phase::Answer => {}
        }
        self.timings.set(timings);
    }
}

fn millis(from: Instant, to: Instant) -> u32 {
    u32::try_from(to.duration_since(from).as_millis()).unwrap_or(u32::MAX)
}
