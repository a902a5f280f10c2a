//! Channels: how contacts reach the workspace. This server makes widgets.
//!
//! Guarantees: a widget's settings are bounded and in normal form; an identity secret is shown once and lies sealed.
//!
//! Does not: emit `channel.updated`: settings are not written through the journal, so the event could not be part of the change. Widgets
//! and sockets read the settings from the table.

mod create;
mod get;
mod identity_secret;
mod list;
mod settings;
mod update;
pub mod wire;

use entities::{ChannelId, TenantId};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::store::read::{self, channel::Settings};

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_channels)
        .service(create::create_channel)
        .service(get::get_channel)
        .service(update::update_channel)
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

fn wire(channel: read::channel::Channel) -> wire::Channel {
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
