//! What is printed: for people, or as JSON.

use std::{collections::BTreeMap, fmt};

use hdrhistogram::Histogram;
use serde::Serialize;

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Report {
    /// Two people in each of many conversations.
    Chat(ChatReport),
    /// Sockets that do nothing.
    Idle(IdleReport),
    /// One event to many agents.
    Fanout(FanoutReport),
    /// Sockets that were cut and came back.
    Cut(CutReport),
}

impl Report {
    /// Nothing was lost, doubled, misplaced, refused or left unanswered.
    pub fn is_clean(&self) -> bool {
        match self {
            Self::Chat(chat) => chat.counts.is_clean(),
            Self::Idle(idle) => idle.closed == 0,
            Self::Fanout(fanout) => fanout.missing == 0,
            Self::Cut(cut) => cut.gaps == 0 && cut.behind == 0,
        }
    }
}

/// Two people in each of many conversations.
#[derive(Debug, Clone, Serialize)]
pub struct ChatReport {
    /// How many conversations.
    pub conversations: usize,
    /// Messages kept unacknowledged a sender; none in an open loop.
    pub window: Option<usize>,
    /// Messages a second offered; none in a closed loop.
    pub offered_a_second: Option<u32>,
    /// The counted time.
    pub seconds: f64,
    /// Messages a second acknowledged in the counted time.
    pub messages_a_second: f64,
    /// From due to acknowledged.
    pub ack: Latency,
    /// From due to the other side's receipt.
    pub receipt: Latency,
    /// How many of what, the warm-up included.
    pub counts: Counts,
    /// What the machine spent.
    pub machine: MachineUse,
}

/// Sockets that do nothing.
#[derive(Debug, Clone, Serialize)]
pub struct IdleReport {
    /// How many.
    pub sockets: usize,
    /// Sockets connected, authenticated and joined a second.
    pub connects_a_second: f64,
    /// From connect to `welcome`.
    pub connect: Latency,
    /// The server's memory before, in KiB.
    pub memory_before_kib: Option<u64>,
    /// The server's memory with all sockets open, in KiB.
    pub memory_after_kib: Option<u64>,
    /// Of that, a socket, in KiB.
    pub memory_a_socket_kib: Option<f64>,
    /// The server's CPU time a connect, in milliseconds.
    pub server_cpu_ms_a_connect: Option<f64>,
    /// Sockets that the server closed meanwhile.
    pub closed: usize,
}

/// One event to many agents.
#[derive(Debug, Clone, Serialize)]
pub struct FanoutReport {
    /// Agents' sockets.
    pub agents: usize,
    /// Events that were sent.
    pub events: usize,
    /// From sent to each agent's receipt.
    pub receipt: Latency,
    /// From sent to the last agent's receipt.
    pub last: Latency,
    /// Receipts that never came.
    pub missing: usize,
}

/// Sockets that were cut and came back.
#[derive(Debug, Clone, Serialize)]
pub struct CutReport {
    /// How many.
    pub sockets: usize,
    /// Messages each had missed.
    pub missed_each: usize,
    /// Until all had everything.
    pub all_caught_up_ms: f64,
    /// From connect to caught up, each.
    pub each: Latency,
    /// Events that did not follow the one before.
    pub gaps: usize,
    /// Sockets that never caught up.
    pub behind: usize,
    /// The server's CPU time, in milliseconds.
    pub server_cpu_ms: Option<u64>,
}

/// How many of what.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// Messages sent.
    pub sent: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Seen by the other side.
    pub seen: u64,
    /// Acknowledged and never seen by the other side.
    pub lost: u64,
    /// Acknowledged or seen twice.
    pub doubled: u64,
    /// Seen behind a later one of the same sender.
    pub out_of_order: u64,
    /// Events that did not follow the one before in their stream.
    pub gaps: u64,
    /// Neither acknowledged nor refused.
    pub unanswered: u64,
    /// Refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// Sockets that ended before the run did, by reason.
    pub closed: BTreeMap<String, u64>,
    /// Frames that the tool did not understand.
    pub unreadable: u64,
}

impl Counts {
    fn is_clean(&self) -> bool {
        let bad = self.lost + self.doubled + self.out_of_order + self.gaps + self.unanswered + self.unreadable;
        bad == 0 && self.refused.is_empty() && self.closed.is_empty()
    }
}

/// How long something took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Latency {
    /// Half were quicker.
    pub p50_ms: f64,
    /// Nine of ten were quicker.
    pub p90_ms: f64,
    /// 99 of 100 were quicker.
    pub p99_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Latency {
    /// What a histogram of microseconds says.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| micros as f64 / 1_000.0;
        Self {
            p50_ms: ms(histogram.value_at_quantile(0.5)),
            p90_ms: ms(histogram.value_at_quantile(0.9)),
            p99_ms: ms(histogram.value_at_quantile(0.99)),
            max_ms: ms(histogram.max()),
        }
    }
}

/// What the machine spent in the counted time.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct MachineUse {
    /// The server's CPU time a message, in milliseconds. Its database's own processes are not in it.
    pub server_cpu_ms_a_message: Option<f64>,
    /// Cores that the server used.
    pub server_cores: Option<f64>,
    /// The server's memory at the end, in KiB.
    pub server_memory_kib: Option<u64>,
    /// Cores that this tool used.
    pub tool_cores: Option<f64>,
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_ms, p90_ms, p99_ms, max_ms } = self;
        write!(f, "p50 {p50_ms:.2}   p90 {p90_ms:.2}   p99 {p99_ms:.2}   max {max_ms:.2} ms")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chat(report) => report.fmt(f),
            Self::Idle(report) => report.fmt(f),
            Self::Fanout(report) => report.fmt(f),
            Self::Cut(report) => report.fmt(f),
        }
    }
}

impl fmt::Display for ChatReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = match (self.offered_a_second, self.window) {
            (Some(rate), _) => format!("{rate} messages a second offered"),
            (None, window) => format!("{} unacknowledged a sender", window.unwrap_or(1)),
        };
        writeln!(f, "{} conversations, {load}, {:.0} s", self.conversations, self.seconds)?;
        writeln!(f, "  acknowledged     {:.0} messages a second", self.messages_a_second)?;
        writeln!(f, "  to the ack       {}", self.ack)?;
        writeln!(f, "  to the receipt   {}", self.receipt)?;
        let counts = &self.counts;
        writeln!(f, "  sent {}, acknowledged {}, seen {}", counts.sent, counts.acked, counts.seen)?;
        writeln!(
            f,
            "  lost {}, doubled {}, out of order {}, gaps {}, unanswered {}, unreadable {}",
            counts.lost, counts.doubled, counts.out_of_order, counts.gaps, counts.unanswered, counts.unreadable
        )?;
        for (code, count) in &counts.refused {
            writeln!(f, "  refused {count} times: {code}")?;
        }
        for (why, count) in &counts.closed {
            writeln!(f, "  {count} sockets closed: {why}")?;
        }
        let machine = &self.machine;
        writeln!(
            f,
            "  server           {} ms CPU a message, {} cores, {} MiB",
            shown(machine.server_cpu_ms_a_message, 4),
            shown(machine.server_cores, 2),
            shown(machine.server_memory_kib.map(|kib| kib as f64 / 1024.0), 1)
        )?;
        write!(f, "  load tool        {} cores", shown(machine.tool_cores, 2))
    }
}

impl fmt::Display for IdleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} idle visitors' sockets, {} closed by the server", self.sockets, self.closed)?;
        writeln!(
            f,
            "  connected        {:.0} a second, {} ms server CPU each",
            self.connects_a_second,
            shown(self.server_cpu_ms_a_connect, 3)
        )?;
        writeln!(f, "  to the welcome   {}", self.connect)?;
        write!(
            f,
            "  server memory    {} MiB before, {} MiB after: {} KiB a socket",
            shown(self.memory_before_kib.map(|kib| kib as f64 / 1024.0), 1),
            shown(self.memory_after_kib.map(|kib| kib as f64 / 1024.0), 1),
            shown(self.memory_a_socket_kib, 1)
        )
    }
}

impl fmt::Display for FanoutReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} events to {} agents' sockets each, {} receipts missing", self.events, self.agents, self.missing)?;
        writeln!(f, "  to each receipt  {}", self.receipt)?;
        write!(f, "  to the last one  {}", self.last)
    }
}

impl fmt::Display for CutReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} sockets cut, {} messages missed each, {} gaps, {} never caught up",
            self.sockets, self.missed_each, self.gaps, self.behind
        )?;
        writeln!(f, "  all caught up    {:.0} ms", self.all_caught_up_ms)?;
        writeln!(f, "  each             {}", self.each)?;
        write!(f, "  server CPU       {} ms", shown(self.server_cpu_ms.map(|ms| ms as f64), 0))
    }
}

/// The number, or a question mark.
pub fn shown(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "?".to_owned(), |value| format!("{value:.digits$}"))
}
