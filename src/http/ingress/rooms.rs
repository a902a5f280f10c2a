//! Asking what was missed where a provider is read room by room: the list of rooms first, then each of them, page by page.
//!
//! Guarantees: a room is complete up to an instant when the last of its pages was taken in, and not before; a provider that says when to come
//! back is left alone until then, and gone on with at the page where it said so. What is read is taken in as a notification would be.
//!
//! Does not: read what was said in a room before it was known to be ours.
//!
//! Start reading at [`Room::work`].

use actors::port::StoreError;
use entities::{Happening, Inbound, Timestamp};

use super::{
    asker::{self, BACK_MS_MAX, Failure, MISSED_EVERY_MS, ON_THE_WAY_MS, One, Way},
    contact,
};
use crate::{
    channels::histories::{Asked, Histories},
    store::{read, settings::inquiry},
};

/// How often the list of rooms and each room is read: what a provider repeats by itself for minutes is seldom missed.
const EVERY_MS: i64 = 60 * 60_000;
/// Pages that are read before others have their turn.
const PAGES_AT_ONCE: usize = 5;
/// Threads of conversations that are looked into again, the latest first.
const THREADS_MAX: u32 = 200;
/// Longest that a provider is believed to want to be left alone.
const WAIT_MS_MAX: u64 = 60 * 60_000;

/// A room, or the list of them.
pub struct Room<'a> {
    /// The question.
    pub one: &'a One<'a>,
    /// The way to whom it is asked.
    pub way: Way<'a>,
    /// Who knows how to ask.
    pub histories: &'static dyn Histories,
}

/// A place in a room's pages, as it is kept: up to when the room will be complete, and where the next page begins.
struct Place {
    until: Timestamp,
    cursor: Option<String>,
}

impl Place {
    fn parse(kept: &str) -> Option<Self> {
        let (until, cursor) = kept.split_once(' ')?;
        let cursor = Some(cursor).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        Some(Self { until: Timestamp::from_micros(until.parse().ok()?), cursor })
    }

    fn keep(&self) -> String {
        format!("{} {}", self.until.micros(), self.cursor.as_deref().unwrap_or_default())
    }
}

impl Room<'_> {
    /// Reads some pages and notes how far it came; until when the provider is not to be asked, if it said so.
    ///
    /// # Errors
    /// [`StoreError`] if that could not be noted: the room is read again from where it was.
    pub async fn work(self) -> Result<Option<Timestamp>, StoreError> {
        let (db, taken, now) = (&self.one.app.db, &self.one.taken, self.one.now);
        let earliest = self.way.made_at.max(now.plus_ms(-BACK_MS_MAX));
        let since = taken.since.map_or(earliest, |since| since.max(earliest));
        let fresh = || Place { until: now.plus_ms(-ON_THE_WAY_MS).max(since), cursor: None };
        let mut place = taken.page.as_deref().and_then(Place::parse).unwrap_or_else(fresh);
        match self.pages(since, &mut place).await {
            Ok(true) => self.complete(place.until).await.map(|()| None),
            Ok(false) => inquiry::turn_page(db, taken, Some(&place.keep()), now).await.map(|()| None),
            Err(Failure::In(after_ms, _why)) => {
                let until = now.plus_ms(after_ms.min(WAIT_MS_MAX).cast_signed());
                inquiry::turn_page(db, taken, Some(&place.keep()), until).await?;
                Ok(Some(until))
            }
            // It is no room of ours any more; if it is, the list will have it.
            Err(Failure::Never(why)) if !taken.subject.is_empty() && place.cursor.is_none() => {
                tracing::info!(channel.id = %taken.channel_id, why, "a room cannot be read and is left out");
                inquiry::finish(db, taken).await.map(|()| None)
            }
            Err(Failure::Nobody) => inquiry::finish(db, taken).await.map(|()| None),
            Err(Failure::Later(why) | Failure::Never(why)) => {
                tracing::info!(channel.id = %taken.channel_id, tries = taken.tries, why, "a provider did not say what was missed");
                inquiry::put_off(db, taken, Some(now.plus_ms(MISSED_EVERY_MS)), &asker::said(&why)).await.map(|()| None)
            }
        }
    }

    /// Takes pages in, behind `place`, which is moved; whether that was all.
    async fn pages(&self, since: Timestamp, place: &mut Place) -> Result<bool, Failure> {
        let Way { account, adapter, credential, .. } = &self.way;
        let subject = self.one.taken.subject.as_str();
        let who = self.one.ask(*adapter, &self.histories.who(credential)).await?;
        for _page in 0..PAGES_AT_ONCE {
            let call = self.histories.ask(credential, subject, since, place.cursor.as_deref()).ok_or(Failure::Nobody)?;
            let reply = self.one.ask(*adapter, &call).await?;
            let asked = Asked { account, subject, since, who: &who };
            let page = self.histories.read(credential, &asked, &reply);
            for item in page.items {
                if item.at.is_some_and(|at| at >= since && at < place.until) {
                    self.take(item).await.map_err(Failure::Later)?;
                }
            }
            self.wish(&page.further, since).await?;
            if page.cursor.is_none() {
                return Ok(true);
            }
            if page.cursor == place.cursor {
                return Err(Failure::Later("the provider's list leads round in a circle".to_owned()));
            }
            place.cursor = page.cursor;
        }
        Ok(false)
    }

    /// Takes an item in, and wonders who it is of, as for a notification.
    async fn take(&self, item: Inbound) -> Result<(), String> {
        let line = &self.way.line;
        let nameless = match &item.what {
            Happening::Message(message) | Happening::Edit { message, .. } if message.party.name.is_none() => {
                Some(message.party.address.clone())
            }
            _ => None,
        };
        line.take(item).await?;
        if let Some(address) = nameless.filter(|address| self.way.adapter.profile(&self.way.credential, address).is_some())
            && contact::nameless(line, &address).await?.is_some()
        {
            asker::wonder(line, &address).await;
        }
        Ok(())
    }

    /// Has further rooms read, of those that can be.
    async fn wish(&self, rooms: &[String], since: Timestamp) -> Result<(), Failure> {
        let (taken, now) = (&self.one.taken, self.one.now);
        let readable = |room: &&String| self.histories.ask(&self.way.credential, room, since, None).is_some();
        let rooms: Vec<String> = rooms.iter().filter(readable).cloned().collect();
        let wished = inquiry::wish_for_rooms(&self.one.app.db, (taken.tenant_id, taken.channel_id), &rooms, since, now).await;
        wished.map_err(|error| Failure::Later(error.to_string()))
    }

    /// Everything up to an instant was taken in.
    async fn complete(&self, until: Timestamp) -> Result<(), StoreError> {
        let (db, taken, now) = (&self.one.app.db, &self.one.taken, self.one.now);
        if !taken.subject.is_empty() {
            // A thread is read again when its room says so, or the list of rooms is complete.
            let again = (!self.histories.is_thread(&taken.subject)).then(|| now.plus_ms(EVERY_MS));
            return inquiry::rest(db, taken, until, again).await;
        }
        let back = now.plus_ms(-BACK_MS_MAX);
        let since = taken.since.unwrap_or(back).max(back).max(self.way.made_at);
        let threads = read::provider::list_threads(db, taken.tenant_id, taken.channel_id, back, THREADS_MAX).await?;
        if let Err(Failure::Later(why)) = self.wish(&threads, since).await {
            return Err(StoreError::Unavailable(why.into()));
        }
        inquiry::forget_rests(db, taken.channel_id, back).await?;
        inquiry::rest(db, taken, until, Some(now.plus_ms(EVERY_MS))).await
    }
}
