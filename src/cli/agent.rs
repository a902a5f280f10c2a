//! `agent create`.

use actors::port::Clock;
use clap::{Args, Subcommand};
use entities::{Role, TenantId};
use serde_json::json;

use super::{
    output::{CliError, migrated, print},
    workspace::{Person, member},
};
use crate::{
    options::{Options, Secret},
    store::settings,
};

/// What to do with agents.
#[derive(Debug, Subcommand)]
pub enum Agent {
    /// Add a person who signs in and answers.
    Create(Create),
}

/// The options of `agent create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// The password; better given by the variable than by the flag, which others on the machine can see.
    #[arg(long, env = "SWITCHBOARD_AGENT_PASSWORD", hide_env_values = true)]
    password: Secret,
    /// The name to show.
    #[arg(long)]
    name: String,
    /// What the person may do: owner, admin, agent or viewer.
    #[arg(long, default_value = "agent", value_parser = role)]
    role: Role,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Agent {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let Self::Create(create) = self;
        let ground = migrated(options).await?;
        let password = create.password.expose().to_owned();
        let person = Person { email: create.email, name: create.name, password, role: create.role };
        let member = member(&ground, person).await?;
        let id = member.id;
        settings::tenant::add_member(&ground.db, create.workspace, member, ground.clock.now()).await?;
        print(create.json, &json!({"agent_id": id}), &format!("agent {id}"))
    }
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "must be owner, admin, agent or viewer".to_owned())
}
