//! `loadtest workspaces`: many workspaces at once, straight into the database.

use clap::Args;
use entities::{AgentId, Role};
use serde_json::json;

use super::count;
use crate::{
    cli::{
        output::{CliError, migrated, say},
        workspace::{self, Person},
    },
    options::{Options, Secret},
    store::settings::tenant::NewMember,
};
use actors::port::Clock;

/// The options of `loadtest workspaces`.
#[derive(Debug, Args)]
pub struct Workspaces {
    /// How many.
    #[arg(long, value_parser = count(100_000))]
    count: u32,
    /// The password of their owners, load-1@example.com and so on; better given by the variable than by the flag.
    #[arg(long, env = "SWITCHBOARD_OWNER_PASSWORD", hide_env_values = true)]
    owner_password: Secret,
}

impl Workspaces {
    /// Makes them and prints each on a line of JSON, as `workspace create --json` does.
    pub(super) async fn run(self, options: &Options) -> Result<(), CliError> {
        let ground = migrated(options).await?;
        let password = self.owner_password.expose().to_owned();
        let person = Person { email: "load@example.com".to_owned(), name: "Load".to_owned(), password, role: Role::Owner };
        // Hashed once: to hash a thousand would take minutes.
        let first = workspace::member(&ground, person).await?;
        for number in 1..=self.count {
            let email = format!("load-{number}@example.com");
            let owner = NewMember {
                id: AgentId::new(ground.clock.new_id()),
                email,
                password_hash: first.password_hash.clone(),
                name: first.name.clone(),
                role: first.role,
            };
            let made = workspace::make_of(&ground, &format!("Load {number}"), None, vec![owner], String::new()).await?;
            let line = json!({
                "workspace_id": made.tenant_id, "owner_id": made.owner_id, "api_token": made.api_token, "widget_api_key": made.widget_api_key,
            });
            say(&line.to_string())?;
        }
        Ok(())
    }
}
