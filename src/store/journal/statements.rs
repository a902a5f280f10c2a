//! What the writer asks of a database, and what its errors mean to it.

use std::{collections::BTreeMap, sync::Arc};

use actors::port::ChannelWrite;
use sea_orm::sqlx;
use uuid::Uuid;

use super::{
    batch::{FoundContact, FoundConversation, Need, Raised, TakenClientId},
    outgoing::FoundWebhook,
    rows::Rows,
};

/// Why a transaction came to nothing, or may have.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The connection is gone. Whether a commit that was asked for was made is not known.
    Lost(Arc<str>),
    /// Others were in the way; the same may go through when tried again.
    Again(Arc<str>),
    /// The database refused a row because a unique value is taken.
    Taken(Arc<str>),
    /// The database refused for a reason of its own.
    Refused(Arc<str>),
}

impl Failure {
    /// For the log.
    pub fn text(&self) -> &Arc<str> {
        match self {
            Self::Lost(text) | Self::Again(text) | Self::Taken(text) | Self::Refused(text) => text,
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        let text: Arc<str> = Arc::from(error.to_string());
        let sqlx::Error::Database(refused) = &error else {
            return match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolClosed
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed => Self::Lost(text),
                _ => Self::Refused(text),
            };
        };
        if refused.is_unique_violation() {
            return Self::Taken(text);
        }
        match refused.code().as_deref() {
            // PostgreSQL, appendix A: 08 connection exceptions, 57P0x shutdown, crash, starting up. The server is going or not yet there.
            Some(code) if code.len() == 5 && (code.starts_with("08") || code.starts_with("57P")) => Self::Lost(text),
            // Class 40: transaction rollback (serialization failure, deadlock).
            Some(code) if code.len() == 5 && code.starts_with("40") => Self::Again(text),
            // SQLite, result codes: 5 SQLITE_BUSY, 6 SQLITE_LOCKED, 517 SQLITE_BUSY_SNAPSHOT, 261 SQLITE_BUSY_RECOVERY.
            Some("5" | "6" | "517" | "261") => Self::Again(text),
            _ => Self::Refused(text),
        }
    }
}

/// One connection, on which one transaction at a time is made.
///
/// The order of calls is: `begin`; the three questions; `change_channel` for each; `raise`; `webhooks` where needed; `write`; `commit`; or `rollback` at any point.
pub trait Statements: Sized {
    /// Begins a transaction that means to write.
    async fn begin(&mut self) -> Result<(), Failure>;
    /// Makes the transaction durable.
    async fn commit(&mut self) -> Result<(), Failure>;
    /// Gives the transaction up.
    async fn rollback(&mut self) -> Result<(), Failure>;
    /// The conversations of these ids that there are, of whatever tenant, locked until the end; ids are sorted.
    async fn conversations(&mut self, ids: &[Uuid]) -> Result<Vec<FoundConversation>, Failure>;
    /// The contacts of these ids that there are, of whatever tenant, locked until the end; ids are sorted.
    async fn contacts(&mut self, ids: &[Uuid]) -> Result<Vec<FoundContact>, Failure>;
    /// Which of these client ids are taken in their conversations.
    async fn client_ids(&mut self, keys: &[(Uuid, &str)]) -> Result<Vec<TakenClientId>, Failure>;
    /// Changes a channel, with its secret and its line in the log; false if it, or its new credential, is not as the write has it.
    async fn change_channel(&mut self, tenant_id: Uuid, channel: &ChannelWrite) -> Result<bool, Failure>;
    /// Raises the tenants' counters and answers them as they are now; from here on nobody else changes a tenant's webhooks until the end.
    async fn raise(&mut self, needs: &BTreeMap<Uuid, Need>) -> Result<Vec<Raised>, Failure>;
    /// The webhooks of a tenant.
    async fn webhooks(&mut self, tenant_id: Uuid) -> Result<Vec<FoundWebhook>, Failure>;
    /// Writes the rows.
    async fn write(&mut self, rows: &Rows<'_>) -> Result<(), Failure>;
    /// Whether the event stands at this position. Waits for any transaction that is giving the tenant positions.
    async fn has_event(&mut self, tenant_id: Uuid, position: i64, id: Uuid) -> Result<bool, Failure>;
}
