//! What the server, its database and this tool spent while something was measured, each apart.

use serde::Serialize;

use super::super::machine::Process;

/// The processes of a run.
#[derive(Debug, Clone, Copy)]
pub struct Processes {
    /// The server's, if it is of this machine.
    pub server: Option<Process>,
    /// The first of the database's, if there is one and it was named.
    pub database: Option<Process>,
}

/// CPU time so far, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    server: Option<u64>,
    database: Option<u64>,
    tool: Option<u64>,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Spent {
    /// The server's CPU time a delivery, in milliseconds.
    pub server_cpu_ms_a_delivery: Option<f64>,
    /// The database's own, where `--database-pid` names it; with SQLite it is in the server's.
    pub database_cpu_ms_a_delivery: Option<f64>,
    /// This tool's, which writes the messages, receives and verifies.
    pub tool_cpu_ms_a_delivery: Option<f64>,
    /// Cores that the server used.
    pub server_cores: Option<f64>,
    /// Cores that the database used.
    pub database_cores: Option<f64>,
    /// Cores that this tool used.
    pub tool_cores: Option<f64>,
    /// The server's memory at the end, in KiB.
    pub server_memory_kib: Option<u64>,
}

impl Processes {
    /// Reads the times so far.
    pub fn read(self) -> Reading {
        Reading {
            server: self.server.and_then(Process::cpu_ms),
            database: self.database.and_then(Process::family_cpu_ms),
            tool: Process::own().cpu_ms(),
        }
    }

    /// The server's memory, in KiB.
    pub fn memory_kib(self) -> Option<u64> {
        self.server.and_then(Process::memory_kib)
    }
}

impl Spent {
    /// Between two readings so many seconds apart, with so many deliveries.
    pub fn between(before: Reading, after: Reading, seconds: f64, deliveries: u64, server_memory_kib: Option<u64>) -> Self {
        let ms = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?) as f64);
        let (server, database, tool) = (ms(before.server, after.server), ms(before.database, after.database), ms(before.tool, after.tool));
        let each = |ms: Option<f64>| ms.filter(|_| deliveries > 0).map(|ms| ms / deliveries as f64);
        let cores = |ms: Option<f64>| ms.map(|ms| ms / 1_000.0 / seconds);
        Self {
            server_cpu_ms_a_delivery: each(server),
            database_cpu_ms_a_delivery: each(database),
            tool_cpu_ms_a_delivery: each(tool),
            server_cores: cores(server),
            database_cores: cores(database),
            tool_cores: cores(tool),
            server_memory_kib,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spent_is_shared_by_the_deliveries() {
        let before = Reading { server: Some(1_000), database: None, tool: Some(0) };
        let after = Reading { server: Some(3_000), database: Some(7), tool: Some(500) };
        let spent = Spent::between(before, after, 4.0, 1_000, Some(1));
        assert_eq!((spent.server_cpu_ms_a_delivery, spent.server_cores), (Some(2.0), Some(0.5)));
        assert_eq!((spent.tool_cpu_ms_a_delivery, spent.database_cpu_ms_a_delivery), (Some(0.5), None));
        assert_eq!(Spent::between(before, after, 4.0, 0, None).server_cpu_ms_a_delivery, None);
    }
}
