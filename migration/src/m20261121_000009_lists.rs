//! Indexes that serve lists in orders which do not change when something is said: contacts by age, conversations by urgency and age.
//!
//! `conversation_by_priority` serves both orders of conversations: by age alone, it is read as one sorted stream for each urgency.

crate::sql::step!("m20261121_000009_lists", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE INDEX contact_by_age ON contact (tenant_id, created_at, id)",
    "CREATE INDEX conversation_by_priority ON conversation (tenant_id, priority, created_at, id)",
];
