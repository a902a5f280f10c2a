//! `channel create`, and `channel replay` beside it.

use actors::port::Clock;
use clap::{Args, Subcommand};
use entities::{
    ChannelId, ChannelKind, ChannelStatus, CredentialId, CredentialStatus, Provider, TenantId, WidgetSettings, channel::IdentitySettings,
    text,
};
use serde_json::json;

use super::{
    channel_replay,
    credential::doer,
    output::{CliError, migrated, print},
};
use crate::{
    compose::Ground,
    crypto::token,
    options::Options,
    store::{
        read,
        settings::{
            self,
            channel::{CHANNELS_MAX, NewChannel, Refused},
            tenant::NewWidget,
        },
    },
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
    /// What it connects to: widget, whatsapp, messenger, instagram, sms, slack or dialpad.
    #[arg(long, value_parser = kind)]
    kind: ChannelKind,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// The provider's account: WhatsApp's phone number id, the page's id, the number (+15550100), Slack's team id. Not for a widget.
    #[arg(long)]
    address: Option<String>,
    /// The credential's id. Not for a widget.
    #[arg(long)]
    credential: Option<CredentialId>,
    /// An origin whose pages may use the widget; may be given several times. [default: any]
    #[arg(long = "allowed-origin")]
    allowed_origins: Vec<String>,
    /// Let visitors send files to the widget.
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
        match Provider::of(create.kind) {
            Some(provider) => create.connected(options, provider).await,
            None => create.widget(options).await,
        }
    }
}

impl Create {
    async fn widget(self, options: &Options) -> Result<(), CliError> {
        if self.address.is_some() || self.credential.is_some() {
            return Err(CliError::Refused("a widget has neither --address nor --credential".to_owned()));
        }
        let ground = migrated(options).await?;
        let name = text::line(&self.name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--name", error))?;
        let api_key = token::make_public(token::WIDGET_PREFIX);
        let settings = WidgetSettings {
            api_key: api_key.clone(),
            allowed_origins: self.allowed_origins,
            theme: serde_json::Map::new(),
            header_text: String::new(),
            pre_chat_form: Vec::new(),
            allow_file_uploads: self.allow_file_uploads,
            identity: IdentitySettings::default(),
        };
        let id = ChannelId::new(ground.clock.new_id());
        let widget = NewWidget { id, name, settings };
        settings::tenant::add_widget(&ground.db, self.workspace, widget, ground.clock.now()).await?;
        let object = json!({"channel_id": id, "kind": self.kind, "widget_api_key": api_key});
        print(self.json, &object, &format!("channel    {id}\nwidget key {api_key}"))
    }

    async fn connected(self, options: &Options, provider: Provider) -> Result<(), CliError> {
        let refused = |text: &str| CliError::Refused(text.to_owned());
        let address = self.address.as_deref().ok_or_else(|| refused("--address is needed: the account at the provider"))?;
        let address = text::line(address, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--address", error))?;
        let credential_id =
            self.credential.ok_or_else(|| refused("--credential is needed: make one with `switchboard credential create`"))?;
        let name = text::line(&self.name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--name", error))?;
        let ground = migrated(options).await?;
        let status = self.fitting(&ground, provider, credential_id).await?;
        let id = ChannelId::new(ground.clock.new_id());
        let new = NewChannel { id, kind: self.kind, name, address: address.clone(), credential_id, status };
        settings::channel::create(&ground.db, self.workspace, &doer(&ground), new).await?.map_err(|why| {
            CliError::Refused(match why {
                Refused::TooMany => format!("a workspace may have {CHANNELS_MAX} channels"),
                Refused::Taken => format!("another channel of kind {} has this address", self.kind),
                Refused::NoCredential | Refused::HasConversations => "the workspace has no such credential".to_owned(),
            })
        })?;
        let webhook_url = format!("{}/api/webhooks/{provider}/{credential_id}", options.public_url());
        let object =
            json!({"channel_id": id, "kind": self.kind, "address": address, "credential_id": credential_id, "webhook_url": webhook_url});
        print(self.json, &object, &format!("channel    {id}\nwebhook    {webhook_url}   (enter it at the provider)"))
    }

    async fn fitting(&self, ground: &Ground, provider: Provider, id: CredentialId) -> Result<(ChannelStatus, Option<String>), CliError> {
        let found = read::credential::find(&ground.db, self.workspace, id).await?;
        let found = found.ok_or_else(|| CliError::Refused("the workspace has no such credential".to_owned()))?;
        if found.provider != provider {
            return Err(CliError::Refused(format!(
                "the credential is one of {}, and {} needs one of {provider}",
                found.provider, self.kind
            )));
        }
        Ok(match found.status {
            CredentialStatus::Failing => (ChannelStatus::Degraded, found.status_detail),
            CredentialStatus::Working | CredentialStatus::Unchecked => (ChannelStatus::Connected, None),
        })
    }
}

fn kind(text: &str) -> Result<ChannelKind, String> {
    let known = |kind: &ChannelKind| *kind == ChannelKind::Widget || Provider::of(*kind).is_some();
    ChannelKind::parse(text).filter(known).ok_or_else(|| {
        let known: Vec<&str> = ChannelKind::ALL.iter().filter(|kind| known(kind)).map(|kind| kind.as_str()).collect();
        format!("must be one of {}", known.join(", "))
    })
}
