//! What is printed of a run with a provider's notifications: for people, or as JSON.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::super::{
    machine::Process,
    report::{Latency, shown},
};

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelsReport {
    /// Who notified.
    pub provider: &'static str,
    /// Customers who wrote by turns.
    pub customers: usize,
    /// Connections.
    pub connections: usize,
    /// Notifications a second offered; none in a closed loop.
    pub offered_a_second: Option<u32>,
    /// The counted time.
    pub seconds: f64,
    /// Notifications a second answered with 200, which is after the commit.
    pub taken_a_second: f64,
    /// From due to the answer.
    pub answer: Latency,
    /// Notifications sent, the warm-up included.
    pub sent: u64,
    /// Answered with 200.
    pub taken: u64,
    /// Sent, and nothing came back.
    pub unanswered: u64,
    /// Other answers.
    pub refused: BTreeMap<String, u64>,
    /// Answered with 200, and not in the workspace's events.
    pub lost: u64,
    /// In the workspace's events more than once.
    pub doubled: u64,
    /// What the machine spent.
    pub spent: Spent,
}

/// What the server and this tool spent in the counted time.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Spent {
    /// The server's CPU time a notification, in milliseconds. Its database's own processes are not in it.
    pub server_cpu_ms_a_notification: Option<f64>,
    /// Cores that the server used.
    pub server_cores: Option<f64>,
    /// Cores that this tool used.
    pub tool_cores: Option<f64>,
    /// The server's memory at the end, in KiB.
    pub server_memory_kib: Option<u64>,
}

/// CPU time so far, in milliseconds: the server's and the tool's.
pub type Reading = (Option<u64>, Option<u64>);

impl Spent {
    /// Reads the times so far.
    pub fn read(server: Option<Process>) -> Reading {
        (server.and_then(Process::cpu_ms), Process::own().cpu_ms())
    }

    /// Between two readings so many seconds apart, with so many notifications.
    pub fn between(before: Reading, after: Reading, seconds: f64, taken: u64, server: Option<Process>) -> Self {
        let ms = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?) as f64);
        let (server_ms, tool_ms) = (ms(before.0, after.0), ms(before.1, after.1));
        Self {
            server_cpu_ms_a_notification: server_ms.filter(|_| taken > 0).map(|ms| ms / taken as f64),
            server_cores: server_ms.map(|ms| ms / 1_000.0 / seconds),
            tool_cores: tool_ms.map(|ms| ms / 1_000.0 / seconds),
            server_memory_kib: server.and_then(Process::memory_kib),
        }
    }
}

impl ChannelsReport {
    /// Nothing was lost, doubled, refused or left unanswered.
    pub fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.unanswered == 0 && self.refused.is_empty()
    }
}

impl fmt::Display for ChannelsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = self.offered_a_second.map_or_else(|| "flat out".to_owned(), |rate| format!("{rate} a second offered"));
        let Self { provider, customers, connections, .. } = self;
        writeln!(f, "{provider}: {customers} customers, {connections} connections, {load}, {:.0} s", self.seconds)?;
        writeln!(f, "  taken          {:.0} notifications a second", self.taken_a_second)?;
        writeln!(f, "  to the answer  {}", self.answer)?;
        writeln!(
            f,
            "  sent {}, taken {}, unanswered {}, lost {}, doubled {}",
            self.sent, self.taken, self.unanswered, self.lost, self.doubled
        )?;
        for (why, count) in &self.refused {
            writeln!(f, "  refused {count} times: {why}")?;
        }
        let spent = &self.spent;
        let memory = shown(spent.server_memory_kib.map(|kib| kib as f64 / 1024.0), 1);
        let (each, cores) = (shown(spent.server_cpu_ms_a_notification, 3), shown(spent.server_cores, 2));
        writeln!(f, "  server         {each} ms CPU a notification, {cores} cores, {memory} MiB")?;
        write!(f, "  load tool      {} cores", shown(spent.tool_cores, 2))
    }
}
