//! Reading what a screen shows; never wakes an actor. The tenant comes first in every query.

pub mod agent;
pub mod attachment;
pub mod audit_log;
pub mod bulk;
pub mod channel;
pub mod contact;
pub mod conversation;
mod conversation_parts;
mod conversation_search;
pub mod credential;
pub mod delivery;
pub mod event_place;
pub mod identity;
pub mod install;
pub mod invitation;
pub mod member;
pub mod message;
pub mod page;
pub mod preset;
pub mod provider;
pub mod replay;
pub mod routing;
pub mod scheduled;
pub mod search;
pub mod service_token;
pub mod session;
pub mod team;
pub mod template;
pub mod tenant;
pub mod thread;
pub mod token;
pub mod trash;
pub mod visitor;
pub mod webhook;
pub mod workspace;

use actors::port::StoreError;
use serde::de::DeserializeOwned;

/// A stored value that this binary cannot read: somebody else wrote it, or a newer version.
pub(crate) fn damaged(column: &str) -> StoreError {
    StoreError::Unavailable(format!("the value in {column} cannot be read").into())
}

/// Reads a JSON column.
pub(crate) fn json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unavailable(format!("the value in {column} cannot be read: {error}").into()))
}
