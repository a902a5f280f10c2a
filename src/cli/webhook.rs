//! `webhook replay`, and `webhook listen` beside it.

use actors::port::{Clock, StoreError};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use entities::{AuditEntryId, ReplayId, ReplayOnly, TenantId, Timestamp, WebhookId};
use serde_json::json;

use super::{
    output::{CliError, migrated, print},
    webhook_listen,
};
use crate::{
    options::Options,
    store::settings::{
        audit::Doer,
        delivery::{self, NewReplay, REPLAYS_MAX, Refused},
    },
};

/// What to do with webhooks.
#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Send events of the past to a webhook again, the oldest first. A running server goes through them.
    Replay(Replay),
    /// Forward a workspace's events to a program on this machine, signed as webhooks are: for developing a receiver behind a firewall.
    #[command(after_long_help = webhook_listen::HELP)]
    Listen(webhook_listen::Listen),
}

/// The options of `webhook replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// The webhook's id.
    #[arg(long)]
    webhook: WebhookId,
    /// Events from this instant on (RFC 3339). [default: from the oldest that is kept]
    #[arg(long, value_parser = instant)]
    from: Option<Timestamp>,
    /// Events before this instant (RFC 3339). [default: up to now]
    #[arg(long, value_parser = instant)]
    to: Option<Timestamp>,
    /// failed: those whose every attempt failed; missing: those never attempted, skipped ones included; all: all of them.
    #[arg(long, value_parser = only, default_value = "failed")]
    only: ReplayOnly,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Webhook {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        match self {
            Self::Replay(replay) => replay.run(options).await,
            Self::Listen(listen) => listen.run(options).await,
        }
    }
}

impl Replay {
    async fn run(self, options: &Options) -> Result<(), CliError> {
        let replay = self;
        if let (Some(from), Some(to)) = (replay.from, replay.to)
            && from >= to
        {
            return Err(CliError::Refused("--to must be later than --from".to_owned()));
        }
        let ground = migrated(options).await?;
        let id = ReplayId::new(ground.clock.new_id());
        let doer = Doer {
            entry_id: AuditEntryId::new(ground.clock.new_id()),
            at: ground.clock.now(),
            kind: "system",
            id: None,
            name: None,
            request_id: None,
        };
        let new = NewReplay { id, only: replay.only, from: replay.from, to: replay.to };
        let made = delivery::replay(&ground.db, replay.workspace, &doer, replay.webhook, &new).await;
        let made = made.map_err(|error| match error {
            StoreError::NotFound => CliError::Refused("the workspace has no such webhook".to_owned()),
            error => CliError::Store(error),
        })?;
        made.map_err(|refused| {
            CliError::Refused(match refused {
                Refused::Disabled | Refused::Pending => "the webhook is disabled: enable it first".to_owned(),
                Refused::TooMany => format!("{REPLAYS_MAX} replays of this webhook are under way: wait for one to end"),
            })
        })?;
        let object = json!({"replay_id": id, "webhook_id": replay.webhook, "only": replay.only});
        print(replay.json, &object, &format!("replay {id}"))
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse::<DateTime<Utc>>().map(Timestamp::new).map_err(|error| format!("is no instant like 2026-03-26T14:30:00Z: {error}"))
}

fn only(text: &str) -> Result<ReplayOnly, String> {
    ReplayOnly::parse(text).ok_or_else(|| "must be failed, missing or all".to_owned())
}
