//! `channel create`, and `channel replay` beside it.

use actors::port::Clock;
use clap::{Args, Subcommand};
use entities::{ChannelId, ChannelKind, TenantId, WidgetSettings, channel::IdentitySettings, text};
use serde_json::json;

use super::{
    channel_replay,
    output::{CliError, migrated, print},
};
use crate::{
    crypto::token,
    options::Options,
    store::settings::{self, tenant::NewWidget},
};

/// What to do with channels.
#[derive(Debug, Subcommand)]
pub enum Channel {
    /// Add a channel.
    Create(Create),
    /// Take in again what providers told and could not be read when it came. A running server does it.
    #[command(after_long_help = channel_replay::HELP)]
    Replay(channel_replay::Replay),
}

/// The options of `channel create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// What it connects to; this version has widget.
    #[arg(long, value_parser = kind)]
    kind: ChannelKind,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// An origin whose pages may use the widget; may be given several times. [default: any]
    #[arg(long = "allowed-origin")]
    allowed_origins: Vec<String>,
    /// Let visitors send files.
    #[arg(long)]
    allow_file_uploads: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Channel {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let create = match self {
            Self::Create(create) => create,
            Self::Replay(replay) => return replay.run(options).await,
        };
        let ground = migrated(options).await?;
        let name = text::line(&create.name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--name", error))?;
        let api_key = token::make_public(token::WIDGET_PREFIX);
        let settings = WidgetSettings {
            api_key: api_key.clone(),
            allowed_origins: create.allowed_origins,
            theme: serde_json::Map::new(),
            header_text: String::new(),
            pre_chat_form: Vec::new(),
            allow_file_uploads: create.allow_file_uploads,
            identity: IdentitySettings::default(),
        };
        let id = ChannelId::new(ground.clock.new_id());
        let widget = NewWidget { id, name, settings };
        settings::tenant::add_widget(&ground.db, create.workspace, widget, ground.clock.now()).await?;
        let object = json!({"channel_id": id, "kind": create.kind, "widget_api_key": api_key});
        print(create.json, &object, &format!("channel    {id}\nwidget key {api_key}"))
    }
}

fn kind(text: &str) -> Result<ChannelKind, String> {
    ChannelKind::parse(text).filter(|kind| *kind == ChannelKind::Widget).ok_or_else(|| "must be widget".to_owned())
}
