//! Lists, page by page: how many, where to go on, and the envelope.
//!
//! A cursor is the sort key of the last row shown, as JSON, behind a MAC that also covers the list's name and filters: one that was
//! changed, or is of another list, is refused instead of showing something odd. It stays good when rows are added or removed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::problem::{Answer, Code, Problem};
use crate::crypto::{Keys, Purpose};

/// How many rows a page has unless asked otherwise.
pub const LIMIT_DEFAULT: u32 = 25;
/// How many rows a page may have; more is refused.
pub const LIMIT_MAX: u32 = 100;
/// Longest cursor that is read, in bytes.
const CURSOR_BYTES_MAX: usize = 1024;
const TAG_BYTES: usize = 8;

/// The query of a list without filters of its own.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Hand it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
}

/// How many rows to show.
///
/// # Errors
/// 400 `invalid_request` for 0 or more than [`LIMIT_MAX`].
pub fn limit(asked: Option<u32>) -> Answer<u64> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit.into());
    }
    let detail = format!("limit must be between 1 and {LIMIT_MAX}");
    Err(Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?limit", "out_of_range", detail))
}

/// Reads a cursor that [`cursor`] made for the same list. `list` names the list, the tenant and whatever filters change its order.
///
/// # Errors
/// 400 `invalid_request` if it is anything else.
pub fn after<K: DeserializeOwned>(keys: &Keys, list: &str, cursor: Option<&str>) -> Answer<Option<K>> {
    let Some(text) = cursor else { return Ok(None) };
    let read = || {
        if text.len() > CURSOR_BYTES_MAX {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, json) = bytes.split_first_chunk::<TAG_BYTES>()?;
        keys.verify(Purpose::PageCursor, &[list.as_bytes(), json], tag).then_some(())?;
        serde_json::from_slice(json).ok()
    };
    if let Some(key) = read() {
        return Ok(Some(key));
    }
    let detail = "cursor is not one that this list gave out";
    Err(Problem::new(Code::InvalidRequest).detail(detail).field("?cursor", "invalid", detail))
}

/// Makes the cursor behind a row with this sort key.
///
/// # Errors
/// 500 if the key cannot be written as JSON.
pub fn cursor<K: Serialize>(keys: &Keys, list: &str, key: &K) -> Answer<String> {
    let json = serde_json::to_vec(key).map_err(Problem::internal)?;
    let tag = keys.mac(Purpose::PageCursor, &[list.as_bytes(), &json]);
    let mut bytes: Vec<u8> = tag.into_iter().take(TAG_BYTES).collect();
    bytes.extend_from_slice(&json);
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

impl<T> Page<T> {
    /// Cuts a page from rows of which one more than `limit` was read, so that the end is known; `key` is a row's sort key.
    ///
    /// # Errors
    /// As [`cursor`].
    pub fn cut<K: Serialize>(keys: &Keys, list: &str, mut rows: Vec<T>, limit: u64, key: impl Fn(&T) -> K) -> Answer<Self> {
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let next_cursor = match rows.last().filter(|_last| more) {
            Some(last) => Some(cursor(keys, list, &key(last))?),
            None => None,
        };
        Ok(Self { data: rows, next_cursor })
    }

    /// The same page with its rows turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_on_in_its_own_list_alone() {
        let keys = Keys::new([3; 32]);
        let page = Page::cut(&keys, "contacts", vec![1, 2, 3], 2, |row| *row).unwrap();
        assert_eq!(page.data, [1, 2]);
        let cursor = page.next_cursor.unwrap();
        assert_eq!(after::<i32>(&keys, "contacts", Some(&cursor)).unwrap(), Some(2));
        for (list, cursor) in [("agents", cursor.as_str()), ("contacts", "AAAA"), ("contacts", "%"), ("contacts", "")] {
            assert_eq!(after::<i32>(&keys, list, Some(cursor)).unwrap_err().code(), Code::InvalidRequest);
        }
        assert!(Page::cut(&keys, "contacts", vec![1, 2], 2, |row| *row).unwrap().next_cursor.is_none());
    }

    #[test]
    fn a_limit_over_the_bound_is_refused() {
        assert_eq!(limit(None).unwrap(), 25);
        assert_eq!(limit(Some(100)).unwrap(), 100);
        for bad in [0, 101] {
            assert_eq!(limit(Some(bad)).unwrap_err().code(), Code::InvalidRequest);
        }
    }
}
