//! `channel replay`: has a running server read again what providers told and could not be read when it came.

use std::{sync::Arc, time::Duration};

use clap::Args;
use entities::TenantId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::output::{CliError, print};
use crate::{
    delivery::{AddressGuard, SystemResolver, feed_client::FeedClient, tls},
    options::{Cidr, Options, Secret},
};

/// How long the server may take: it takes in whatever it can read.
const DEADLINE: Duration = Duration::from_mins(10);

pub(super) const HELP: &str = "\
What is authentic but cannot be read is kept with its bytes. After an update that can read it, this takes it in. The token needs the scope
channels:write:

  switchboard token create --workspace ID --name Operator --scope channels:write
  SWITCHBOARD_TOKEN=sb_… switchboard channel replay --workspace ID";

/// The options of `channel replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A token with the scope channels:write; better given by the variable than by the flag, which others on the machine can see.
    #[arg(long, env = "SWITCHBOARD_TOKEN", hide_env_values = true)]
    token: Secret,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Replayed {
    taken: u64,
    left: u64,
}

impl Replay {
    /// Does it.
    pub async fn run(self, shared: &Options) -> Result<(), CliError> {
        // Whoever sits here names the server: the guard's rules against special addresses are for owners of webhooks on a server.
        let everywhere = ["0.0.0.0/0", "::/0"].iter().map(|range| range.parse::<Cidr>()).collect::<Result<Vec<_>, _>>();
        let allow_cidrs = everywhere.map_err(|error| CliError::Refused(error.to_owned()))?;
        let guard = AddressGuard::new(&allow_cidrs, true, Arc::new(SystemResolver));
        let refused = |why: String| CliError::Refused(format!("--url: {why}"));
        let path = format!("{}/api/v1/workspaces/{}/channels/replay", self.url.trim_end_matches('/'), self.workspace);
        let server = guard.vet_url(&path).map_err(|refusal| refused(refusal.to_string()))?;
        let tls = if server.is_secure() { Some(tls::client_config(shared.server.webhooks.ca_file.as_deref())?) } else { None };
        let client = FeedClient::new(guard, tls, self.token.expose(), DEADLINE).map_err(CliError::Refused)?;
        let answer = client.post(&server).await.map_err(refused)?;
        if answer.status != 200 {
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let detail = said.get("detail").or_else(|| said.get("title")).and_then(Value::as_str).unwrap_or("no reason was given");
            return Err(CliError::Refused(format!("the server answered {}: {detail}", answer.status)));
        }
        let replayed: Replayed = serde_json::from_slice(&answer.body)?;
        let object = json!({"taken": replayed.taken, "left": replayed.left});
        print(self.json, &object, &format!("taken in {}\nleft     {}", replayed.taken, replayed.left))
    }
}
