//! Channels: how contacts reach the workspace: widgets, and connected numbers, pages and teams of providers.
//!
//! Guarantees: a widget's settings are bounded and in normal form; an identity secret is shown once and lies sealed; a channel to a provider
//! has a credential of that provider and of its own workspace; a change and the event that tells of it are one transaction.
//!
//! Does not: tell widgets and sockets, which read the settings from the table.

mod connect;
mod create;
mod delete;
pub(in crate::http) mod disconnect;
mod get;
mod identity_secret;
mod list;
mod replay;
pub(in crate::http) mod set_up;
mod settings;
pub mod templates;
mod update;
pub mod wire;

use entities::{ChannelId, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::store::{
    read::{self, channel::Settings},
    settings::channel::{CHANNELS_MAX, Refused},
};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_channels)
        .service(create::create_channel)
        .service(get::get_channel)
        .service(update::update_channel)
        .service(delete::delete_channel)
        .service(connect::connect_channel)
        .service(replay::replay_channels)
        .service(templates::list_templates)
        .service(templates::sync_templates)
        .service(disconnect::disconnect_channel)
        .service(identity_secret::create_identity_secret)
        .service(identity_secret::delete_identity_secret);
}

/// Which channel a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ChannelPath {
    channel_id: ChannelId,
}

async fn find(app: &App, tenant_id: TenantId, id: ChannelId) -> Answer<read::channel::Channel> {
    let found = read::channel::find(&app.db, tenant_id, id).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such channel")
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::TooMany => {
            Problem::new(Code::QuotaExceeded).detail(format!("a workspace may have {CHANNELS_MAX} channels")).with("limit", CHANNELS_MAX)
        }
        Refused::Taken => Problem::new(Code::Conflict).detail("another channel of this kind has this address"),
        Refused::NoCredential => Problem::invalid("/credential_id", "unknown", "the workspace has no such credential"),
        Refused::HasConversations => Problem::new(Code::Conflict).detail("the channel has conversations: disconnect it instead"),
    }
}

pub fn wire(channel: read::channel::Channel) -> wire::Channel {
    wire::Channel {
        id: channel.id,
        kind: channel.kind,
        name: channel.name,
        address: channel.address,
        credential_id: channel.credential_id,
        owner_id: channel.owner_id,
        status: channel.status,
        status_detail: channel.status_detail,
        settings: match channel.settings {
            Settings::Widget(settings) => wire::Settings::Widget(settings),
            Settings::Other(settings) => wire::Settings::Other(settings),
        },
        version: channel.version,
        created_at: channel.created_at,
    }
}
