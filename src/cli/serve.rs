//! `serve`: run until told to stop.

use std::{io, time::Duration};

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    demo,
    output::{CliError, migrated, say},
};
use crate::{compose, options::Options};

/// The options of `serve` that no other command has.
#[derive(Debug, Args)]
pub struct Serve {
    /// Also make a demo workspace (once), serve a sample page at /demo, and print how to sign in.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT, then drains.
    pub async fn run(self, options: Options) -> Result<(), CliError> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let limit = Duration::from_secs(options.server.drain_secs.into());
        let ground = migrated(&options).await?;
        let demo = if self.demo { Some(demo::prepare(&ground).await?) } else { None };
        let server = Box::pin(compose::start(options, ground, demo.as_ref().map(|demo| demo.widget_api_key.clone()))).await?;
        announce(&server, demo.as_ref())?;
        let signal = told_to_stop(&server, terminate, interrupt).await?;
        tracing::info!(signal, "stopping");
        let whole = Box::pin(server.stop(limit)).await;
        tracing::info!(whole, "stopped");
        Ok(())
    }
}

/// Waits for either signal, and says which it was; fails if the journal's writer dies first.
async fn told_to_stop(server: &compose::Server, mut terminate: Signal, mut interrupt: Signal) -> Result<&'static str, CliError> {
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("SIGINT"),
        () = server.journal_died() => Err(CliError::JournalDied),
    }
}

fn announce(server: &compose::Server, demo: Option<&demo::Demo>) -> Result<(), CliError> {
    let url = &server.app.public_url;
    tracing::info!(address = %server.address, "ready");
    let lines = match demo {
        None => format!("Switchboard is ready at {url}"),
        Some(demo) => format!(
            "Switchboard is ready.\n\n  Sample page with the widget   {url}/demo\n  Agents' console               {url}/\n  Sign in as                    {}  or  {}\n  Password                      {}\n",
            demo::OWNER_EMAIL,
            demo::AGENT_EMAIL,
            demo.password
        ),
    };
    match say(&lines) {
        // A server whose output nobody reads serves all the same.
        Err(CliError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
