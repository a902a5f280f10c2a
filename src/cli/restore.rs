//! `restore`: put a backup in place.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{CliError, print};
use crate::{compose, options::Options, store};

/// The options of `restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The folder that `backup` made.
    #[arg(long)]
    from: PathBuf,
    /// Replace what is there.
    #[arg(long)]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Restore {
    /// Restores. Stop the server first.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let ground = compose::ground(options).await?;
        store::backup::restore(&ground.db, &options.data_dir.join("attachments"), &self.from, self.force).await?;
        let shown = self.from.display().to_string();
        print(self.json, &json!({"restored": shown}), &format!("restored from {shown}; clients load their screens again"))
    }
}
