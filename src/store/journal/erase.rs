//! What goes with a conversation that is deleted for good, as both databases are told: one statement a table, in the transaction of the change.
//!
//! Guarantees: each is served by an index. What was said in the same conversation behind `up_to` stays.
//!
//! Does not: touch the events, but for those whose message goes: they show nothing any more. What else the history told is forgotten with it. Files
//! lose their use, and the sweep of files that nobody uses takes them.

/// What a statement takes besides the conversation's id, which is its first value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// Up to where.
    UpTo,
    /// Whose.
    Tenant,
}

/// The statements, in order.
pub const STATEMENTS: &[(&str, With)] = &[
    ("DELETE FROM message_state WHERE conversation_id = $1 AND seq <= $2", With::UpTo),
    ("DELETE FROM message WHERE conversation_id = $1 AND seq <= $2", With::UpTo),
    ("DELETE FROM provider_message WHERE conversation_id = $1 AND seq <= $2", With::UpTo),
    ("DELETE FROM dispatch WHERE conversation_id = $1 AND seq <= $2", With::UpTo),
    ("DELETE FROM scheduled_message WHERE conversation_id = $1 AND tenant_id = $2", With::Tenant),
    ("DELETE FROM read_mark WHERE conversation_id = $1 AND tenant_id = $2", With::Tenant),
    ("DELETE FROM ticket WHERE conversation_id = $1 AND tenant_id = $2", With::Tenant),
    (
        "DELETE FROM media_fetch WHERE attachment_id IN (SELECT id FROM attachment WHERE conversation_id = $1 AND tenant_id = $2)",
        With::Tenant,
    ),
    ("UPDATE attachment SET used_at = NULL WHERE conversation_id = $1 AND tenant_id = $2", With::Tenant),
];
