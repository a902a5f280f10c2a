//! The schema's history: one step a file, forwards only, the same on SQLite and PostgreSQL.
//!
//! Guarantees: a step that was released never changes; tables are named by text, and no entity is imported, so that a step means the
//! same for ever. Each step is one transaction: it is in the database whole or not at all.
//!
//! Does not: go back. A database is restored from a backup instead.
//!
//! The choices that all tables share: ids are native UUIDs on PostgreSQL and 16-byte blobs on SQLite; JSON is text, opaque to SQL;
//! the tenant comes first in every index that is searched for one tenant; SQLite's tables are `STRICT`, and clustered by their primary
//! key where that key is what rows are found by. Instants are `timestamptz` on PostgreSQL; on SQLite they are the text that chrono
//! writes (`2026-03-26T14:30:00.000001+00:00`, which sorts as time does because `+` comes before the digits), and in the two tables
//! that take most rows, `message` and `event`, integers of microseconds.
//!
//! Start reading at the first step; [`sql`] turns a step's text into each database's own.
#![forbid(unsafe_code)]

pub mod sql;

mod m20261121_000001_meta;
mod m20261121_000002_tenant;
mod m20261121_000003_channel;
mod m20261121_000004_contact;
mod m20261121_000005_conversation;
mod m20261121_000006_message;
mod m20261121_000007_request;
mod m20261121_000008_attachment_use;
mod m20261121_000009_lists;
mod m20261121_000010_webhook;
mod m20261121_000011_channel_credential;
mod m20261121_000012_media_fetch;
mod m20261121_000013_oauth_state;
mod m20261121_000014_message_template;
mod m20261122_000015_timers;
mod m20261122_000016_routing;
mod m20261122_000017_preset;
mod m20261122_000018_inquiry;
mod m20261122_000019_invitation;
mod m20261122_000020_search;
mod m20261122_000021_trash;
mod m20261122_000022_inquiry_page;
mod m20261122_000023_bulk;

pub use m20261122_000020_search::{postgres_bare, postgres_words};
use sea_orm_migration::MigrationTrait;
pub use sea_orm_migration::MigratorTrait;

/// Every step, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_meta::Step),
            Box::new(m20261121_000002_tenant::Step),
            Box::new(m20261121_000003_channel::Step),
            Box::new(m20261121_000004_contact::Step),
            Box::new(m20261121_000005_conversation::Step),
            Box::new(m20261121_000006_message::Step),
            Box::new(m20261121_000007_request::Step),
            Box::new(m20261121_000008_attachment_use::Step),
            Box::new(m20261121_000009_lists::Step),
            Box::new(m20261121_000010_webhook::Step),
            Box::new(m20261121_000011_channel_credential::Step),
            Box::new(m20261121_000012_media_fetch::Step),
            Box::new(m20261121_000013_oauth_state::Step),
            Box::new(m20261121_000014_message_template::Step),
            Box::new(m20261122_000015_timers::Step),
            Box::new(m20261122_000016_routing::Step),
            Box::new(m20261122_000017_preset::Step),
            Box::new(m20261122_000018_inquiry::Step),
            Box::new(m20261122_000019_invitation::Step),
            Box::new(m20261122_000020_search::Step),
            Box::new(m20261122_000021_trash::Step),
            Box::new(m20261122_000022_inquiry_page::Step),
            Box::new(m20261122_000023_bulk::Step),
        ]
    }
}
