//! `loadtest`: how much a running server takes, and how quickly.

mod channels;
mod webhooks;
mod workspaces;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::output::{CliError, say};
use crate::{
    loadtest::{self, Kind, Plan, Talk},
    options::{Options, Secret},
};

/// What to load.
#[derive(Debug, Subcommand)]
pub enum Loadtest {
    /// Conversations between visitors and agents over real sockets.
    #[command(after_long_help = HELP)]
    Chat(Chat),
    /// Webhooks' deliveries to a receiver of the tool's own.
    #[command(after_long_help = webhooks::HELP)]
    Webhooks(webhooks::Webhooks),
    /// Providers' notifications.
    #[command(after_long_help = channels::HELP)]
    Channels(channels::Channels),
    /// Make the certificate of that receiver.
    Certificate(webhooks::Certificate),
    /// Make many workspaces at once.
    Workspaces(workspaces::Workspaces),
}

const HELP: &str = "\
The server's limits hold for the load tool too, so start the server with them out of the way:

  switchboard workspace create --name Load --owner-email load@example.com --owner-password 'a long pass phrase' --json > workspace.json
  switchboard serve --rate-visitor 1000000000 --rate-prefix 1000000000 --rate-anonymous 1000000000 --rate-token 1000000000 \\
      --rate-workspace 1000000000 --rate-socket-frames 1000000000
  switchboard loadtest chat --workspace-json workspace.json --email load@example.com --password 'a long pass phrase' \\
      --conversations 100 --window 16

It exits with 1 if anything was lost, doubled, out of order, refused or left unanswered. Each run adds its conversations to the workspace.";

/// The options of `loadtest chat`.
#[derive(Debug, Args)]
pub struct Chat {
    /// The server. Plain HTTP: put the tool on the server's side of the proxy.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The widget's public key.
    #[arg(long, required_unless_present = "workspace_json")]
    api_key: Option<String>,
    /// What `workspace create --json` printed, in place of --api-key.
    #[arg(long, conflicts_with = "api_key", value_name = "FILE")]
    workspace_json: Option<PathBuf>,
    /// The e-mail address of the workspace's owner or of an agent; the owner's where more than 50 agents' sockets are needed.
    #[arg(long)]
    email: String,
    /// The password.
    #[arg(long, env = "SWITCHBOARD_LOADTEST_PASSWORD", hide_env_values = true)]
    password: Secret,
    /// Conversations, each with a visitor's socket of its own. Up to 50 agents' sockets share them.
    #[arg(long, default_value_t = 100, value_parser = count(100_000))]
    conversations: u32,
    /// Who writes: 1, the visitor; 2, the agent as well.
    #[arg(long, default_value_t = 2, value_parser = count(2))]
    participants: u32,
    /// Messages that each sender keeps unacknowledged.
    #[arg(long, default_value_t = 1, value_parser = count(10_000))]
    window: u32,
    /// Offer so many messages a second over all conversations, whatever the server does. Latency then counts from when each was due.
    #[arg(long, conflicts_with = "window", value_parser = count(1_000_000))]
    rate: Option<u32>,
    /// The counted time, in seconds.
    #[arg(long, default_value_t = 10, value_parser = count(86_400))]
    seconds: u32,
    /// Time before that which is not counted, in seconds.
    #[arg(long, default_value_t = 2)]
    warm_up_seconds: u32,
    /// Characters in a message.
    #[arg(long, default_value_t = 80, value_parser = count(9_000))]
    text_chars: u32,
    /// Instead: open so many visitors' sockets that do nothing, and say what each costs.
    #[arg(long, group = "instead", value_name = "SOCKETS", value_parser = count(1_000_000))]
    idle: Option<u32>,
    /// Instead: send one event at a time to so many agents' sockets.
    #[arg(long, group = "instead", value_name = "SOCKETS", value_parser = count(100_000))]
    fanout: Option<u32>,
    /// Instead: cut so many visitors' sockets, let each miss ten messages, and let all come back at once.
    #[arg(long, group = "instead", value_name = "SOCKETS", value_parser = count(1_000_000))]
    cut: Option<u32>,
    /// The server's process, where it is not the one that listens at the URL's port on this machine.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct WorkspaceFile {
    widget_api_key: String,
}

impl Loadtest {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        match self {
            Self::Chat(chat) => chat.run().await,
            Self::Webhooks(webhooks) => webhooks.run().await,
            Self::Channels(channels) => channels.run().await,
            Self::Certificate(certificate) => certificate.run(),
            Self::Workspaces(workspaces) => workspaces.run(options).await,
        }
    }
}

impl Chat {
    async fn run(self) -> Result<(), CliError> {
        let as_json = self.json;
        let plan = self.plan()?;
        let ran = actix_web::rt::task::spawn_blocking(move || loadtest::run(plan)).await;
        let report = ran.map_err(|error| CliError::Refused(format!("the load test broke off: {error}")))?;
        let report = report.map_err(|error| CliError::Refused(error.to_string()))?;
        finish(as_json, &report, report.is_clean())
    }

    fn plan(self) -> Result<Plan, CliError> {
        let kind = self.kind();
        let api_key = match (self.api_key, self.workspace_json) {
            (Some(api_key), _) => api_key,
            (None, Some(file)) => {
                let text = std::fs::read_to_string(&file);
                let text = text.map_err(|error| CliError::Refused(format!("cannot read {}: {error}", file.display())))?;
                let read = serde_json::from_str::<WorkspaceFile>(&text);
                read.map_err(|error| CliError::Refused(format!("{} is not a workspace: {error}", file.display())))?.widget_api_key
            }
            (None, None) => return Err(CliError::Refused("give --api-key or --workspace-json".to_owned())),
        };
        let password = self.password.expose().to_owned();
        Ok(Plan { url: self.url, api_key, email: self.email, password, server_pid: self.pid, kind })
    }

    fn kind(&self) -> Kind {
        let time = Duration::from_secs(self.seconds.into());
        match (self.idle, self.fanout, self.cut) {
            (Some(sockets), _, _) => Kind::Idle { sockets: sockets as usize },
            (_, Some(agents), _) => Kind::Fanout { agents: agents as usize, time },
            (_, _, Some(sockets)) => Kind::Cut { sockets: sockets as usize },
            (None, None, None) => Kind::Chat(Talk {
                conversations: self.conversations as usize,
                participants: self.participants as usize,
                window: self.window as usize,
                rate: self.rate,
                time,
                warm_up: Duration::from_secs(self.warm_up_seconds.into()),
                text_chars: self.text_chars as usize,
            }),
        }
    }
}

/// Prints the report, and fails if it is not a clean one.
fn finish(as_json: bool, report: &(impl Serialize + std::fmt::Display), is_clean: bool) -> Result<(), CliError> {
    if as_json {
        say(&serde_json::to_string(report)?)?;
    } else {
        say(&report.to_string())?;
    }
    if is_clean { Ok(()) } else { Err(CliError::Refused("not everything went through as it should; see above".to_owned())) }
}

fn count(max: u32) -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=i64::from(max))
}
