//! Messages that come piece by piece: each part is kept when it comes, and the message is shown when all are there, or when they have been
//! waited for.
//!
//! Guarantees: the provider is answered as soon as a part is durable; parts may come in any order, repeated, at several nodes, and around a
//! crash. A part that comes when its message is shown already is put into it, as an edit. Of several nodes one shows a message.
//!
//! Start reading at [`take`].

use actix_web::web;
use actors::{
    port::{Promise, StoreError},
    sweep::Chore,
};
use entities::{Happening, Inbound, Timestamp, parts::joined};

use super::take::{Line, NotYet};
use crate::{
    http::App,
    store::{
        read,
        settings::part::{self, At, Kept},
    },
};

/// How long a part waits for the others (specification `sms`, part B).
const WAIT_MS: i64 = 60_000;
/// How long showing a message is one node's: longer than a commit can take.
const LEASE_MS: i64 = 60_000;
/// Parts of one message come within this; what shares their reference later is another's. A provider repeats for a day.
const WITHIN_MS: i64 = 24 * 60 * 60_000;
/// How long parts are kept: as long as one may still come or be repeated.
const KEPT_MS: i64 = 3 * WITHIN_MS;
/// Messages looked after in one round.
const AT_ONCE: u64 = 100;

/// Keeps a part, and shows its message if it is whole, or is shown already.
pub async fn take(line: &Line<'_>, item: Inbound, of: &str) -> Result<(), NotYet> {
    let words = |error: StoreError| error.to_string();
    let Happening::Part(part) = &item.what else { return Ok(()) };
    let (at, now) = (at(line), line.app.clock.now());
    part::keep(&line.app.db, at, part, &item, (now, now.plus_ms(WAIT_MS))).await.map_err(words)?;
    settle(line, of, now).await
}

const fn at(line: &Line<'_>) -> At {
    At { tenant_id: line.tenant_id, channel_id: line.channel_id }
}

async fn settle(line: &Line<'_>, of: &str, now: Timestamp) -> Result<(), NotYet> {
    let kept = part::list(&line.app.db, at(line), of).await.map_err(|error| error.to_string())?;
    for message in messages(&kept) {
        if is_due(&message, now) {
            show(line, &message, now).await?;
        }
    }
    Ok(())
}

/// Which parts make one message: each belongs to the latest that lacks it. The same parts give the same messages.
fn messages(kept: &[Kept]) -> Vec<Vec<&Kept>> {
    let mut found: Vec<Vec<&Kept>> = Vec::new();
    for part in kept {
        let fits = |message: &&mut Vec<&Kept>| {
            let near = message.first().is_some_and(|first| part.received_at.ms_since(first.received_at) <= WITHIN_MS);
            near && message.iter().all(|known| known.part.total == part.part.total && known.part.number != part.part.number)
        };
        match found.iter_mut().rev().find(fits) {
            Some(message) => message.push(part),
            None => found.push(vec![part]),
        }
    }
    found
}

/// Whether something is to be shown, and now: all are there, the wait is over, or the others are shown.
fn is_due(message: &[&Kept], now: Timestamp) -> bool {
    let whole = message.first().is_some_and(|first| message.len() == first.part.total as usize);
    let hidden = || message.iter().filter_map(|part| part.due_at);
    let begun = message.iter().any(|part| part.due_at.is_none());
    hidden().next().is_some() && (whole || begun || hidden().any(|due_at| due_at <= now))
}

async fn show(line: &Line<'_>, message: &[&Kept], now: Timestamp) -> Result<(), NotYet> {
    let words = |error: StoreError| error.to_string();
    let parts: Vec<_> = message.iter().map(|kept| &kept.part).collect();
    let Some(first) = message.first() else { return Ok(()) };
    // Whichever part came first gives the message its id: it stays the first.
    let Some(whole) = joined(&first.part.message.id, &parts) else { return Ok(()) };
    let item = |what| Inbound { at: message.iter().filter_map(|kept| kept.item.at).min(), what, ..first.item.clone() };
    if let Some(place) = line.place(&whole.id).await? {
        let revision = i64::try_from(parts.len()).unwrap_or(i64::MAX);
        line.about(item(Happening::Edit { message: Box::new(whole), revision }), place).await?;
    } else {
        // Two that know of different parts must not both begin it: the second would be taken for a repeat of the first.
        if let Some(due_at) = first.due_at
            && !part::claim(&line.app.db, at(line), &first.part, due_at, now.plus_ms(LEASE_MS)).await.map_err(words)?
        {
            return Ok(());
        }
        let party = whole.party.clone();
        line.said(item(Happening::Message(Box::new(whole))), &party, None, None).await?;
    }
    part::shown(&line.app.db, at(line), &parts).await.map_err(words)
}

/// The chore that shows what has waited long enough, and forgets what nothing more comes of.
pub struct Joiner(pub web::Data<App>);

impl Joiner {
    async fn round(&self, now: Timestamp) -> Result<u64, StoreError> {
        let app = &self.0;
        let mut shown = 0;
        for (at, of) in part::due(&app.db, now, AT_ONCE).await? {
            let Some(channel) = read::channel::find(&app.db, at.tenant_id, at.channel_id).await? else {
                part::forget(&app.db, at, &of).await?;
                continue;
            };
            let line = Line { app, tenant_id: at.tenant_id, channel_id: at.channel_id, kind: channel.kind };
            match settle(&line, &of, now).await {
                Ok(()) => shown += 1,
                Err(why) => tracing::info!(why, "parts of a message are not shown yet"),
            }
        }
        Ok(shown + part::forget_before(&app.db, now.plus_ms(-KEPT_MS)).await?)
    }
}

impl Chore for Joiner {
    fn name(&self) -> &'static str {
        "show messages of which parts were waited for"
    }

    fn run(&self, now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        Box::pin(self.round(now))
    }
}
