//! What commands print, and why they fail.

use std::io::{self, Write};

use actors::port::StoreError;
use entities::TextError;
use serde_json::Value;
use thiserror::Error;

use crate::{
    compose::{self, Ground, StartError},
    crypto::password::PasswordError,
    options::Options,
    store::{self, backup::BackupError},
};

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CliError {
    /// The ground could not be laid.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database refused or did not answer.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// A backup or a restore was not made.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// An option's value is not good.
    #[error("{0}")]
    Refused(String),
    /// Standard output or a file could not be written.
    #[error("could not write: {0}")]
    Write(#[from] io::Error),
    /// JSON could not be written.
    #[error("could not write JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The journal's writer died.
    #[error("the journal's writer has died; nothing can be acknowledged without it, so the process ends")]
    JournalDied,
}

impl CliError {
    /// A text option that is not good.
    pub(super) fn text(option: &str, error: TextError) -> Self {
        Self::Refused(format!("{option} {error}"))
    }
}

impl From<PasswordError> for CliError {
    fn from(error: PasswordError) -> Self {
        Self::Refused(format!("the password {error}"))
    }
}

/// Prints one line.
pub(super) fn say(line: &str) -> Result<(), CliError> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}

/// Prints the JSON object, or the lines for people.
pub(super) fn print(as_json: bool, object: &Value, lines: &str) -> Result<(), CliError> {
    if as_json { say(&object.to_string()) } else { say(lines) }
}

/// The ground with the schema of this version: what a command stands on that makes something.
pub(super) async fn migrated(options: &Options) -> Result<Ground, CliError> {
    let ground = compose::ground(options).await?;
    store::migrate(&ground.db).await?;
    Ok(ground)
}
