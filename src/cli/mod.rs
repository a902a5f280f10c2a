//! The command line: one subcommand a file.
//!
//! Guarantees: with `--json` a command prints one JSON object and nothing else on standard output (`webhook listen`, one a line); a command that fails says why in a
//! sentence on standard error and exits with 1. Commands that open the database may run while the server is up.
//!
//! Start reading at [`run`].

mod agent;
mod backup;
mod channel;
mod channel_replay;
mod credential;
mod demo;
mod doctor;
mod doctor_channels;
mod loadtest;
mod migrate;
mod openapi;
mod output;
mod restore;
mod serve;
mod simulate;
mod token;
mod webhook;
mod webhook_listen;
pub mod workspace;

use clap::{Parser, Subcommand};
pub use output::CliError;

use crate::options::Options;

/// Self-hosted, real-time customer messaging.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, about, max_term_width = 110)]
pub struct Cli {
    /// What every command shares.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: migrates the database first, then answers until it is told to stop.
    Serve(serve::Serve),
    /// Bring the database's schema up to this version.
    Migrate(migrate::Migrate),
    /// Look at everything the server needs and say what is wrong.
    Doctor(doctor::Doctor),
    /// Copy the database and the files into a new folder, also while the server runs.
    Backup(backup::Backup),
    /// Put a backup in place, while no server runs.
    Restore(restore::Restore),
    /// Make or list workspaces.
    #[command(subcommand)]
    Workspace(workspace::Workspace),
    /// Add people who answer.
    #[command(subcommand)]
    Agent(agent::Agent),
    /// Make tokens for programs.
    #[command(subcommand)]
    Token(token::Token),
    /// Add channels, and take in again what could not be read.
    #[command(subcommand)]
    Channel(channel::Channel),
    /// Add and list the credentials of channels.
    #[command(subcommand)]
    Credential(credential::Credential),
    /// Work with webhooks.
    #[command(subcommand)]
    Webhook(webhook::Webhook),
    /// Measure a running server.
    #[command(subcommand)]
    Loadtest(loadtest::Loadtest),
    /// Be a provider of messages, for tests and for trying without an account.
    #[command(after_long_help = simulate::HELP)]
    Simulate(simulate::Simulate),
    /// Print the API's description (OpenAPI 3.1).
    Openapi,
}

/// Runs a command.
///
/// # Errors
/// [`CliError`], whose text is for the person at the keyboard.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    let Cli { options, command } = cli;
    match command {
        Command::Serve(serve) => serve.run(options).await,
        Command::Migrate(migrate) => migrate.run(&options).await,
        Command::Doctor(doctor) => doctor.run(&options).await,
        Command::Backup(backup) => backup.run(&options).await,
        Command::Restore(restore) => restore.run(&options).await,
        Command::Workspace(workspace) => workspace.run(&options).await,
        Command::Agent(agent) => agent.run(&options).await,
        Command::Token(token) => token.run(&options).await,
        Command::Channel(channel) => channel.run(&options).await,
        Command::Credential(credential) => credential.run(&options).await,
        Command::Webhook(webhook) => webhook.run(&options).await,
        Command::Loadtest(loadtest) => loadtest.run(&options).await,
        Command::Simulate(simulate) => simulate.run(&options).await,
        Command::Openapi => openapi::run(),
    }
}
