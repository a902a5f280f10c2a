//! What is printed of a run with webhooks: for people, or as JSON.

use std::fmt;

use serde::Serialize;

use super::{
    super::report::{Latency, shown},
    board::Counts,
    retries::Retries,
    spent::Spent,
};

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WebhooksReport {
    /// Deliveries under load.
    Steady(SteadyReport),
    /// The same beside a workspace whose receivers hang.
    Hanging(HangingReport),
    /// Webhooks that do nothing.
    Idle(IdleReport),
}

/// Deliveries under load.
#[derive(Debug, Clone, Serialize)]
pub struct SteadyReport {
    /// Workspaces.
    pub workspaces: usize,
    /// Webhooks of each.
    pub webhooks_each: usize,
    /// Conversations over all of them.
    pub conversations: usize,
    /// One delivery at a time, in order.
    pub ordered: bool,
    /// Messages of a conversation that have not come to all webhooks; none in an open loop.
    pub window: Option<usize>,
    /// Messages a second offered; none in a closed loop.
    pub offered_a_second: Option<u32>,
    /// The counted time.
    pub seconds: f64,
    /// Events accepted a second.
    pub accepted_a_second: f64,
    /// Deliveries a second.
    pub delivered_a_second: f64,
    /// From due to acknowledged.
    pub ack: Latency,
    /// From the commit, as its acknowledgement came, to the receiver.
    pub commit_to_receipt: Latency,
    /// From due to the receiver.
    pub due_to_receipt: Latency,
    /// How late retries were, where they were looked at.
    pub retries: Option<Retries>,
    /// How many of what, the warm-up included.
    pub counts: Counts,
    /// What the machine spent.
    pub spent: Spent,
}

/// Deliveries beside a workspace whose receivers hang.
#[derive(Debug, Clone, Serialize)]
pub struct HangingReport {
    /// Webhooks that hang.
    pub webhooks: usize,
    /// Deliveries that wait for them when the others begin.
    pub waiting_before: u64,
    /// And at the end.
    pub waiting_after: u64,
    /// What the other workspaces saw.
    pub others: SteadyReport,
}

/// Webhooks that do nothing.
#[derive(Debug, Clone, Serialize)]
pub struct IdleReport {
    /// How many.
    pub webhooks: usize,
    /// In how many workspaces.
    pub workspaces: usize,
    /// Made a second.
    pub made_a_second: f64,
    /// The server's memory before, in KiB.
    pub memory_before_kib: Option<u64>,
    /// With all of them made.
    pub memory_made_kib: Option<u64>,
    /// When each has had one delivery and all are at rest.
    pub memory_after_kib: Option<u64>,
    /// Of that, a webhook.
    pub memory_a_webhook_kib: Option<f64>,
    /// Deliveries that never came.
    pub missing: usize,
    /// Deliveries without a good signature.
    pub badly_signed: u64,
}

impl WebhooksReport {
    /// Nothing was lost, repeated, badly signed, refused or left unanswered, and what is ordered came in order.
    pub fn is_clean(&self) -> bool {
        match self {
            Self::Steady(report) => report.is_clean(),
            Self::Hanging(report) => report.others.is_clean(),
            Self::Idle(report) => report.missing == 0 && report.badly_signed == 0,
        }
    }
}

impl SteadyReport {
    fn is_clean(&self) -> bool {
        let counts = &self.counts;
        let bad = counts.lost + counts.repeated + counts.badly_signed + counts.unreadable + counts.unanswered;
        let misplaced = if self.ordered { counts.overtaken } else { 0 };
        let retries = self.retries.as_ref().is_none_or(|retries| retries.early == 0 && retries.came_again == retries.put_off);
        bad + misplaced == 0 && retries && counts.refused.is_empty() && counts.closed.is_empty()
    }
}

impl fmt::Display for WebhooksReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steady(report) => report.fmt(f),
            Self::Hanging(report) => report.fmt(f),
            Self::Idle(report) => report.fmt(f),
        }
    }
}

impl fmt::Display for SteadyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = match (self.offered_a_second, self.window) {
            (Some(rate), _) => format!("{rate} messages a second offered"),
            (None, window) => format!("{} undelivered a conversation", window.unwrap_or(1)),
        };
        let order = if self.ordered { "ordered, " } else { "" };
        let Self { workspaces, webhooks_each, conversations, .. } = self;
        writeln!(
            f,
            "{workspaces} workspaces with {webhooks_each} webhooks each, {order}{conversations} conversations, {load}, {:.0} s",
            self.seconds
        )?;
        writeln!(f, "  accepted           {:.0} events a second", self.accepted_a_second)?;
        writeln!(f, "  delivered          {:.0} a second", self.delivered_a_second)?;
        writeln!(f, "  to the ack         {}", self.ack)?;
        writeln!(f, "  commit to receipt  {}", self.commit_to_receipt)?;
        writeln!(f, "  due to receipt     {}", self.due_to_receipt)?;
        if let Some(retries) = &self.retries {
            writeln!(
                f,
                "  retries            {} of {} came, {} early; late {}",
                retries.came_again, retries.put_off, retries.early, retries.late
            )?;
        }
        let counts = &self.counts;
        writeln!(
            f,
            "  sent {}, accepted {}, delivered {}, overtaken {}",
            counts.sent, counts.accepted, counts.delivered, counts.overtaken
        )?;
        writeln!(
            f,
            "  lost {}, repeated {}, badly signed {}, unreadable {}, unanswered {}",
            counts.lost, counts.repeated, counts.badly_signed, counts.unreadable, counts.unanswered
        )?;
        for (code, count) in &counts.refused {
            writeln!(f, "  refused {count} times: {code}")?;
        }
        for (why, count) in &counts.closed {
            writeln!(f, "  {count} sockets closed: {why}")?;
        }
        let spent = &self.spent;
        let line = |each: Option<f64>, cores: Option<f64>| format!("{} ms CPU a delivery, {} cores", shown(each, 3), shown(cores, 2));
        let memory = shown(spent.server_memory_kib.map(|kib| kib as f64 / 1024.0), 1);
        writeln!(f, "  server             {}, {memory} MiB", line(spent.server_cpu_ms_a_delivery, spent.server_cores))?;
        if spent.database_cores.is_some() {
            writeln!(f, "  database           {}", line(spent.database_cpu_ms_a_delivery, spent.database_cores))?;
        }
        write!(f, "  load tool          {}", line(spent.tool_cpu_ms_a_delivery, spent.tool_cores))
    }
}

impl fmt::Display for HangingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { webhooks, waiting_before, waiting_after, others } = self;
        writeln!(
            f,
            "{webhooks} webhooks of another workspace hang: {waiting_before} deliveries wait at the beginning, {waiting_after} at the end"
        )?;
        others.fmt(f)
    }
}

impl fmt::Display for IdleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { webhooks, workspaces, missing, badly_signed, .. } = self;
        writeln!(f, "{webhooks} idle webhooks in {workspaces} workspaces, {missing} deliveries missing, {badly_signed} badly signed")?;
        writeln!(f, "  made             {:.0} a second", self.made_a_second)?;
        let mib = |kib: Option<u64>| shown(kib.map(|kib| kib as f64 / 1024.0), 1);
        write!(
            f,
            "  server memory    {} MiB before, {} MiB with all made, {} MiB when each had one delivery: {} KiB a webhook",
            mib(self.memory_before_kib),
            mib(self.memory_made_kib),
            mib(self.memory_after_kib),
            shown(self.memory_a_webhook_kib, 2)
        )
    }
}
