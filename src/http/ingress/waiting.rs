//! What is told of a message that is not known yet: kept, and taken in when the message is.
//!
//! Guarantees: nothing falls between the look-up that fails and the message that comes meanwhile: after keeping an item the message is
//! looked up again, and whoever commits a message looks for what waits; [`Latecomers`] find what a crash left between the two.

use actix_web::web;
use actors::{
    port::{Promise, StoreError},
    sweep::Chore,
};
use entities::{Inbound, Timestamp};

use super::take::{Line, NotYet};
use crate::{
    crypto::sha256,
    http::App,
    store::{
        read::{self, provider::Waiting},
        settings,
    },
};

/// Most items taken in at once for one message; what is left is the sweep's.
const AT_ONCE: u64 = 200;
/// How long something waits for its message.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Keeps an item until the message that the provider calls so is known.
pub async fn keep(line: &Line<'_>, item: Inbound, target: &str) -> Result<(), NotYet> {
    let json = serde_json::to_vec(&item).map_err(|error| error.to_string())?;
    let waiting =
        Waiting { tenant_id: line.tenant_id, channel_id: line.channel_id, target: target.to_owned(), digest: sha256(&json).to_vec(), item };
    settings::provider::wait(&line.app.db, &waiting, line.app.clock.now()).await.map_err(|error| error.to_string())?;
    // It may have come between the look-up and here.
    match line.place(target).await? {
        Some(place) => take(line, waiting, place).await,
        None => Ok(()),
    }
}

/// Takes in what waited for a message that has come.
pub async fn drain(line: &Line<'_>, target: &str) -> Result<(), NotYet> {
    let found = read::provider::list_waiting(&line.app.db, line.tenant_id, line.channel_id, target, AT_ONCE).await;
    for waiting in found.map_err(|error| error.to_string())? {
        if let Some(place) = line.place(target).await? {
            take(line, waiting, place).await?;
        }
    }
    Ok(())
}

async fn take(line: &Line<'_>, waiting: Waiting, place: read::provider::Place) -> Result<(), NotYet> {
    line.about(waiting.item.clone(), place).await?;
    settings::provider::stop_waiting(&line.app.db, &waiting).await.map_err(|error| error.to_string())
}

/// The chore that takes in what waited for messages of ours whose ids came to be known otherwise, and forgets what nothing came of.
pub struct Latecomers(pub web::Data<App>);

impl Latecomers {
    async fn round(&self, now: Timestamp) -> Result<u64, StoreError> {
        let app = &self.0;
        let mut taken = 0;
        for waiting in read::provider::list_come(&app.db, AT_ONCE).await? {
            let kind = read::channel::find(&app.db, waiting.tenant_id, waiting.channel_id).await?.map(|channel| channel.kind);
            let Some(kind) = kind else {
                settings::provider::stop_waiting(&app.db, &waiting).await?;
                continue;
            };
            let line = Line { app, tenant_id: waiting.tenant_id, channel_id: waiting.channel_id, kind };
            let target = waiting.target.clone();
            let place = read::provider::find_place(&app.db, waiting.tenant_id, waiting.channel_id, &target).await?;
            let Some(place) = place else { continue };
            match take(&line, waiting, place).await {
                Ok(()) => taken += 1,
                Err(why) => tracing::info!(why, "something that waited for its message is not taken in yet"),
            }
        }
        Ok(taken + settings::provider::forget_waiting_before(&app.db, now.plus_ms(-KEPT_MS)).await?)
    }
}

impl Chore for Latecomers {
    fn name(&self) -> &'static str {
        "take in what waited for its message"
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(self.round(now))
    }
}
