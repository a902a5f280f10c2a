//! `migrate`: bring the schema up to this version.

use clap::Args;
use serde_json::json;

use super::output::{CliError, print};
use crate::{compose, options::Options, store};

/// The options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Migrate {
    /// Runs the steps that are missing, and says which those were.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let ground = compose::ground(options).await?;
        let steps = store::pending(&ground.db).await?;
        store::migrate(&ground.db).await?;
        let lines = if steps.is_empty() { "the schema is up to date".to_owned() } else { format!("made: {}", steps.join(", ")) };
        print(self.json, &json!({"steps": steps}), &lines)
    }
}
