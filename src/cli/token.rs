//! `token create`.

use clap::{Args, Subcommand};
use entities::{Permission, TenantId, text};
use serde_json::json;

use super::{
    output::{CliError, migrated, print},
    workspace::fresh_token,
};
use crate::{crypto::token, options::Options, store::settings};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token for a program.
    Create(Create),
}

/// The options of `token create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// What the token is for.
    #[arg(long)]
    name: String,
    /// What it may do, e.g. conversations:read; may be given several times or separated by commas.
    #[arg(long = "scope", required = true, value_delimiter = ',', value_parser = permission)]
    scopes: Vec<Permission>,
    /// After how many days it ends. [default: never]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    expires_in_days: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Token {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let Self::Create(create) = self;
        let ground = migrated(options).await?;
        let name = text::line(&create.name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--name", error))?;
        let text = token::make(token::SERVICE_PREFIX);
        let fresh = fresh_token(&ground, &name, &text, create.scopes, create.expires_in_days);
        let id = fresh.id;
        settings::token::create(&ground.db, create.workspace, fresh).await?;
        print(create.json, &json!({"token_id": id, "token": text}), &format!("token {id}\n{text}   (shown only now)"))
    }
}

fn permission(text: &str) -> Result<Permission, String> {
    let known = || Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(", ");
    Permission::parse(text).ok_or_else(|| format!("is no scope; there are {}", known()))
}
