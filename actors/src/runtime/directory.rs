//! The directory: finds a conversation's actor, or starts it.

use entities::{ConversationId, TenantId};

use crate::conversation::{AskError, Command, Reply};

/// Hands commands to conversations. Cheap to clone.
#[derive(Clone)]
pub struct Directory {}

impl Directory {
    /// Asks a conversation for something and waits for the answer, which comes after the commit.
    ///
    /// # Errors
    /// [`AskError`]: the rules said no, too much at once, or the database is away; in every case nothing was written.
    pub async fn ask(&self, tenant_id: TenantId, id: ConversationId, command: Command) -> Result<Reply, AskError> {
        let _ = (tenant_id, id, command);
        Err(AskError::Busy { retry_after_ms: 1000 })
    }
}
