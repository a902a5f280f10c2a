//! `loadtest channels`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use super::{count, finish, webhooks::read_workspaces};
use crate::{
    cli::output::CliError,
    loadtest::channels::{self, Plan},
    simulate::Simulated,
};

pub(super) const HELP: &str = "\
The notifications are signed as the provider signs them and are messages of customers who write by turns; no provider is asked or answered.
The channel is made in the workspace if it is not there. Start the server with nothing else to do:

  switchboard loadtest workspaces --count 1 > workspaces.json
  switchboard serve
  switchboard loadtest channels --workspace-json workspaces.json --provider whatsapp --rate 500

It exits with 1 if a message that was answered with 200 is not in the workspace's events, or is there twice, or if anything was refused or
left unanswered. Each run adds its messages to the workspace.";

/// The options of `loadtest channels`.
#[derive(Debug, Args)]
pub struct Channels {
    /// The server. Plain HTTP: put the tool on the server's side of the proxy.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The server's --public-url, where it is another: what some providers sign. [default: the server's address]
    #[arg(long)]
    public_url: Option<String>,
    /// What `loadtest workspaces` or `workspace create --json` printed; the first line counts.
    #[arg(long, value_name = "FILE")]
    workspace_json: PathBuf,
    /// Who notifies. [default: all of them, one after the other]
    #[arg(long, value_enum)]
    provider: Vec<Provider>,
    /// Customers who write by turns.
    #[arg(long, default_value_t = 200, value_parser = count(200))]
    customers: u32,
    /// Connections of the provider to the server.
    #[arg(long, default_value_t = 64, value_parser = count(10_000))]
    connections: u32,
    /// Offer so many notifications a second, whatever the server does; time then counts from when each was due. [default: each connection
    /// sends the next when the one before is answered]
    #[arg(long, value_parser = count(1_000_000))]
    rate: Option<u32>,
    /// The counted time, in seconds.
    #[arg(long, default_value_t = 10, value_parser = count(86_400))]
    seconds: u32,
    /// Time before that which is not counted, in seconds.
    #[arg(long, default_value_t = 2)]
    warm_up_seconds: u32,
    /// The server's process, where it is not the one that listens at the URL's port on this machine.
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// Print JSON, a line a provider.
    #[arg(long)]
    json: bool,
}

/// A provider's word.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Provider {
    Whatsapp,
    Messenger,
    Sms,
    Slack,
    Dialpad,
}

impl From<Provider> for Simulated {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::Whatsapp => Self::Whatsapp,
            Provider::Messenger => Self::Messenger,
            Provider::Sms => Self::Sms,
            Provider::Slack => Self::Slack,
            Provider::Dialpad => Self::Dialpad,
        }
    }
}

impl Channels {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let workspace = read_workspaces(&self.workspace_json, 1)?.pop();
        let workspace = workspace.ok_or_else(|| CliError::Refused("the file holds no workspace".to_owned()))?;
        let wanted: Vec<Simulated> = self.provider.iter().copied().map(Simulated::from).collect();
        let mut failed = Ok(());
        for provider in if wanted.is_empty() { Simulated::ALL.to_vec() } else { wanted } {
            let plan = Plan {
                url: self.url.clone(),
                public_url: self.public_url.clone().unwrap_or_else(|| self.url.clone()),
                workspace: workspace.clone(),
                provider,
                customers: self.customers as usize,
                connections: self.connections as usize,
                rate: self.rate,
                time: Duration::from_secs(self.seconds.into()),
                warm_up: Duration::from_secs(self.warm_up_seconds.into()),
                server_pid: self.pid,
            };
            let ran = actix_web::rt::task::spawn_blocking(move || channels::run(plan)).await;
            let report = ran.map_err(|error| CliError::Refused(format!("the load test broke off: {error}")))?;
            let report = report.map_err(|error| CliError::Refused(error.to_string()))?;
            // The others are measured all the same.
            failed = finish(self.json, &report, report.is_clean()).and(failed);
        }
        failed
    }
}
