//! `backup`: a copy of one instant, also while the server runs.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{CliError, print};
use crate::{compose, options::Options, store};

/// The options of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder to make; it must not be there yet.
    #[arg(long)]
    into: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Backup {
    /// Makes the backup. The secret key is not in it: keep that elsewhere.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let ground = compose::ground(options).await?;
        store::backup::backup(&ground.db, &options.data_dir.join("attachments"), &self.into).await?;
        let shown = self.into.display().to_string();
        let lines = format!("backup made in {shown}; it does not hold the secret key, which belongs in another place");
        print(self.json, &json!({"backup": shown}), &lines)
    }
}
