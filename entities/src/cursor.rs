//! Cursors over events: an epoch and a number.
//!
//! The epoch is made with the database and changes when a backup is restored, so that a client which has seen more than the
//! restored database knows finds out instead of waiting for numbers that mean something else now.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The life of a database between restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch(u32);

impl Epoch {
    /// Wraps the number kept in the database.
    #[must_use]
    pub const fn new(epoch: u32) -> Self {
        Self(epoch)
    }

    /// The number kept in the database.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The cursor at a place in this epoch.
    #[must_use]
    pub const fn at(self, place: u64) -> Cursor {
        Cursor { epoch: self, place }
    }
}

/// Where a reader of events stands: `epoch-place`, e.g. `9f3c01ab-118`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// The database's life it belongs to.
    pub epoch: Epoch,
    /// The last `position` (agents, integrators) or `seq` (visitors) that was seen; 0 for none.
    pub place: u64,
}

/// The text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor")]
pub struct NotACursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.epoch.0, self.place)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (epoch, place) = text.split_once('-').ok_or(NotACursor)?;
        if epoch.len() != 8 || !place.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotACursor);
        }
        let epoch = u32::from_str_radix(epoch, 16).map_err(|_not_hex| NotACursor)?;
        let place: u64 = place.parse().map_err(|_too_large| NotACursor)?;
        // Columns are signed 64-bit: anything beyond is no place that was ever handed out.
        if i64::try_from(place).is_err() {
            return Err(NotACursor);
        }
        Ok(Self { epoch: Epoch(epoch), place })
    }
}

impl TryFrom<String> for Cursor {
    type Error = NotACursor;
    fn try_from(text: String) -> Result<Self, NotACursor> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl utoipa::PartialSchema for Cursor {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Cursor {}
