//! Reading the feed: from a place on, what a filter covers, never past what was not looked at.

use actors::port::{Journal, StoreError};
use entities::{Cursor, EventKind, EventPattern, StoredEvent, TenantId, subscription::PATTERNS_MAX};

use crate::http::problem::{Answer, Code, Problem};

/// Events read from the journal at once.
const READ_AT_ONCE: usize = 200;
/// The most events looked at for one page: a filter that covers next to nothing gets an empty page and an advanced cursor.
const LOOKED_AT_MAX: usize = 5_000;
/// A page is ended when its events' data are this long together, so that a hundred large ones are not held at once.
const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// In place of a cursor: behind the newest event.
const LATEST: &str = "latest";

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(Vec<EventPattern>);

impl Filter {
    /// Reads patterns separated by commas; without any, every event is wanted.
    ///
    /// # Errors
    /// 400 `invalid_request` for a pattern that means no event, or too many of them.
    pub fn parse(types: Option<&str>) -> Answer<Self> {
        let refuse = |code, detail: String| Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?types", code, detail);
        let Some(types) = types else { return Ok(Self(vec![EventPattern::All])) };
        let mut patterns = Vec::new();
        for text in types.split(',') {
            if patterns.len() == PATTERNS_MAX {
                return Err(refuse("too_many", format!("at most {PATTERNS_MAX} types are possible")));
            }
            patterns.push(
                text.trim().parse().map_err(|error: entities::subscription::NoSuchEvent| refuse("unknown_value", error.to_string()))?,
            );
        }
        Ok(Self(patterns))
    }

    fn covers(&self, kind: EventKind) -> bool {
        self.0.iter().any(|pattern| pattern.covers(kind))
    }
}

/// Where a reader wants to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the oldest event that is kept.
    Oldest,
    /// Behind the newest.
    Latest,
    /// Behind a cursor.
    After(Cursor),
}

impl Start {
    /// Reads what was asked for.
    ///
    /// # Errors
    /// 400 `invalid_request`.
    pub fn parse(after: Option<&str>) -> Answer<Self> {
        match after {
            None => Ok(Self::Oldest),
            Some(LATEST) => Ok(Self::Latest),
            Some(text) => text.parse().map(Self::After).map_err(|error: entities::cursor::NotACursor| {
                let detail = format!("after {error}");
                Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?after", "invalid", detail)
            }),
        }
    }

    /// The position behind which the reader begins.
    ///
    /// # Errors
    /// 410 `resync_required`; 503.
    pub async fn position(self, journal: &dyn Journal, tenant_id: TenantId) -> Answer<u64> {
        match self {
            Self::Oldest => Ok(journal.oldest(tenant_id).await?.saturating_sub(1)),
            Self::Latest => Ok(journal.head(tenant_id).await?),
            Self::After(cursor) if cursor.epoch != journal.epoch() || cursor.place > journal.head(tenant_id).await? => {
                Err(Unread::OtherLife.into())
            }
            Self::After(cursor) if cursor.place + 1 < journal.oldest(tenant_id).await? => Err(Unread::Forgotten.into()),
            Self::After(cursor) => Ok(cursor.place),
        }
    }
}

/// Why the feed could not be read on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unread {
    /// The cursor is of another life of the database.
    #[error("the cursor is of another life of this database: a backup was restored")]
    OtherLife,
    /// What comes next is not kept any more.
    #[error("the events behind this cursor are not kept any more")]
    Forgotten,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Unread {
    /// The word for programs; as on sockets.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::OtherLife => Some("epoch"),
            Self::Forgotten => Some("too_old"),
            Self::Store(_) => None,
        }
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        let (reason, detail) = (unread.reason(), unread.to_string());
        match (unread, reason) {
            (Unread::Store(error), _) => error.into(),
            (_, reason) => Self::new(Code::ResyncRequired).detail(detail).with("reason", reason.unwrap_or_default()),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// The events that the filter covers, the oldest first.
    pub events: Vec<StoredEvent>,
    /// How far was looked: everything up to here is in `events` or not wanted.
    pub at: u64,
    /// Nothing was behind `at`.
    pub caught_up: bool,
}

/// Reads behind a position until there are `limit` events, or no more, or enough was looked at.
///
/// # Errors
/// [`Unread`].
pub async fn read(journal: &dyn Journal, tenant_id: TenantId, filter: &Filter, after: u64, limit: usize) -> Result<Found, Unread> {
    let mut found = Found { events: Vec::new(), at: after, caught_up: false };
    let (mut bytes, mut looked_at) = (0, 0);
    while looked_at < LOOKED_AT_MAX {
        let page = journal.events_after(tenant_id, found.at, READ_AT_ONCE).await?;
        looked_at += page.len();
        let last = page.len() < READ_AT_ONCE;
        for event in page {
            // Positions have no gaps: where one is missing it was forgotten, and the reader must be told instead of skipping it.
            if event.position != found.at + 1 {
                return Err(Unread::Forgotten);
            }
            if filter.covers(event.kind) {
                if found.events.len() == limit || bytes > PAGE_BYTES_MAX {
                    return Ok(found);
                }
                bytes += event.data.get().len();
                found.at = event.position;
                found.events.push(event);
            } else {
                found.at = event.position;
            }
        }
        if last {
            found.caught_up = true;
            return Ok(found);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_and_what_means_no_event_is_refused() {
        let covers = |types: Option<&str>, kind| Filter::parse(types).unwrap().covers(kind);
        assert!(covers(None, EventKind::TicketCreated));
        assert!(covers(Some("contact.created, ticket.*"), EventKind::TicketUpdated));
        assert!(!covers(Some("contact.created,ticket.*"), EventKind::ContactUpdated));
        for bad in ["", "ticket", "ticket.*,", "tickets.*", "Ticket.created", "*.created"] {
            assert_eq!(Filter::parse(Some(bad)).unwrap_err().code(), Code::InvalidRequest, "{bad}");
        }
        assert!(Filter::parse(Some(&vec!["*"; PATTERNS_MAX].join(","))).is_ok());
        assert!(Filter::parse(Some(&vec!["*"; PATTERNS_MAX + 1].join(","))).is_err());
    }

    #[test]
    fn a_start_is_a_cursor_or_a_word() {
        assert_eq!(Start::parse(None).unwrap(), Start::Oldest);
        assert_eq!(Start::parse(Some("latest")).unwrap(), Start::Latest);
        assert!(matches!(Start::parse(Some("9f3c01ab-5")).unwrap(), Start::After(cursor) if cursor.place == 5));
        assert_eq!(Start::parse(Some("5")).unwrap_err().code(), Code::InvalidRequest);
    }
}
