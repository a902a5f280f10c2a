//! `loadtest webhooks` and `loadtest certificate`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::{count, finish};
use crate::{
    cli::output::{CliError, say},
    loadtest::webhooks::{self, HOOKS_MAX, Kind, Load, Pace, Plan, Workspace},
};

pub(super) const HELP: &str = "\
The receiver runs inside the tool and speaks HTTPS on 127.0.0.1; the server has to trust its certificate and be allowed to call this
machine. The server's limits hold for the load tool too, so start the server with them out of the way:

  switchboard loadtest certificate --into receiver.pem
  switchboard loadtest workspaces --count 10 > workspaces.json
  switchboard serve --webhook-ca-file receiver.pem --webhook-allow-cidr 127.0.0.0/8 --rate-visitor 1000000000 \\
      --rate-prefix 1000000000 --rate-anonymous 1000000000 --rate-token 1000000000 --rate-workspace 1000000000 \\
      --rate-socket-frames 1000000000
  switchboard loadtest webhooks --workspace-json workspaces.json --certificate receiver.pem --webhooks 1 --rate 600

It exits with 1 if a delivery was lost, came again without need or was badly signed, or if anything was refused or left unanswered. Each run
adds its conversations to the workspaces and removes its webhooks.";

/// The options of `loadtest webhooks`.
#[derive(Debug, Args)]
pub struct Webhooks {
    /// The server. Plain HTTP: put the tool on the server's side of the proxy.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// What `loadtest workspaces` or `workspace create --json` printed: a workspace a line.
    #[arg(long, value_name = "FILE")]
    workspace_json: PathBuf,
    /// The receiver's certificate and key, as `loadtest certificate` made them.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// How many of the workspaces in the file to use. [default: 1; with --hanging 2, with --idle as many as are needed]
    #[arg(long, value_parser = count(100_000))]
    workspaces: Option<u32>,
    /// Webhooks of each workspace; each gets every message of it.
    #[arg(long = "webhooks", value_name = "WEBHOOKS", default_value_t = 1, value_parser = count(HOOKS_MAX as u32))]
    each: u32,
    /// Conversations over all workspaces, each with a visitor's socket of its own; at least one a workspace.
    #[arg(long, default_value_t = 100, value_parser = count(100_000))]
    conversations: u32,
    /// Flat out: messages of each conversation that have not come to all webhooks.
    #[arg(long, default_value_t = 16, value_parser = count(10_000))]
    window: u32,
    /// Offer so many messages a second over all conversations, whatever the server does. Latency then counts from when each was due.
    #[arg(long, conflicts_with = "window", value_parser = count(1_000_000))]
    rate: Option<u32>,
    /// One delivery of a webhook at a time, in order.
    #[arg(long)]
    ordered: bool,
    /// The receiver answers the first attempt of one in ten messages with 500; say how late the retries begin.
    #[arg(long)]
    retries: bool,
    /// First let so many deliveries of the first workspace wait for receivers that never answer, and measure in the others beside them.
    #[arg(long, value_name = "DELIVERIES", value_parser = count(1_000_000))]
    hanging: Option<u32>,
    /// Instead: make so many webhooks, let each have one delivery, and say what an idle one costs.
    #[arg(long, value_name = "WEBHOOKS", conflicts_with_all = ["hanging", "retries"], value_parser = count(1_000_000))]
    idle: Option<u32>,
    /// The counted time, in seconds.
    #[arg(long, default_value_t = 10, value_parser = count(86_400))]
    seconds: u32,
    /// Time before that which is not counted, in seconds.
    #[arg(long, default_value_t = 2)]
    warm_up_seconds: u32,
    /// Characters in a message.
    #[arg(long, default_value_t = 80, value_parser = count(9_000))]
    text_chars: u32,
    /// The server's process, where it is not the one that listens at the URL's port on this machine.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// The first process of the database (PostgreSQL's postmaster), to count its time and that of its children.
    #[arg(long, value_name = "PID")]
    database_pid: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Webhooks of one workspace while `--idle` shares them out: what the plan of a new workspace allows.
const IDLE_EACH: u32 = 50;

impl Webhooks {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let as_json = self.json;
        let plan = self.plan()?;
        let ran = actix_web::rt::task::spawn_blocking(move || webhooks::run(plan)).await;
        let report = ran.map_err(|error| CliError::Refused(format!("the load test broke off: {error}")))?;
        let report = report.map_err(|error| CliError::Refused(error.to_string()))?;
        finish(as_json, &report, report.is_clean())
    }

    fn plan(self) -> Result<Plan, CliError> {
        let needed = match (self.idle, self.hanging) {
            (Some(webhooks), _) => webhooks.div_ceil(IDLE_EACH),
            (None, Some(_)) => 2,
            (None, None) => 1,
        };
        let workspaces = read_workspaces(&self.workspace_json, self.workspaces.unwrap_or(needed) as usize)?;
        let load = self.load(workspaces.len());
        let kind = match (self.idle, self.hanging) {
            (Some(webhooks), _) => Kind::Idle { webhooks: webhooks as usize },
            (None, Some(deliveries)) => Kind::Hanging { deliveries: deliveries as usize, load },
            (None, None) => Kind::Steady(load),
        };
        let Self { url, certificate, pid: server_pid, database_pid, .. } = self;
        Ok(Plan { url, workspaces, certificate, server_pid, database_pid, kind })
    }

    fn load(&self, workspaces: usize) -> Load {
        Load {
            webhooks: self.each as usize,
            conversations: (self.conversations as usize).max(workspaces),
            pace: self.rate.map_or(Pace::Window(self.window as usize), Pace::Rate),
            time: Duration::from_secs(self.seconds.into()),
            warm_up: Duration::from_secs(self.warm_up_seconds.into()),
            text_chars: self.text_chars as usize,
            ordered: self.ordered,
            retries: self.retries,
        }
    }
}

/// The first so many workspaces of a file.
pub(super) fn read_workspaces(path: &Path, count: usize) -> Result<Vec<Workspace>, CliError> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| CliError::Refused(format!("cannot read {file}: {error}")))?;
    let read = text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str::<Workspace>);
    let workspaces: Vec<Workspace> =
        read.take(count).collect::<Result<_, _>>().map_err(|error| CliError::Refused(format!("{file} holds no workspaces: {error}")))?;
    if workspaces.len() < count {
        return Err(CliError::Refused(format!("{file} holds {} workspaces, and {count} are needed", workspaces.len())));
    }
    Ok(workspaces)
}

/// The options of `loadtest certificate`.
#[derive(Debug, Args)]
pub struct Certificate {
    /// The file to make: the certificate and its key, for 127.0.0.1. The server takes it as its --webhook-ca-file.
    #[arg(long, value_name = "FILE")]
    into: PathBuf,
}

impl Certificate {
    pub(super) fn run(&self) -> Result<(), CliError> {
        webhooks::certificate::make(&self.into).map_err(|error| CliError::Refused(error.to_string()))?;
        say(&self.into.display().to_string())
    }
}
