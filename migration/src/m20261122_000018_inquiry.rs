//! Parts of messages that come piece by piece, and what is to be asked of providers once a message is durable.
//!
//! A part's `due_at` is when it is shown at the latest, and null once it is. An inquiry's is when it is asked next, and null where it was given
//! up until there is a new reason; `since` is up to when the answers before were complete. Instants are integers of microseconds.

crate::sql::step!("m20261122_000018_inquiry", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE message_part (
        channel_id {uuid} NOT NULL,
        part_of TEXT NOT NULL,
        part_id TEXT NOT NULL,
        tenant_id {uuid} NOT NULL,
        item {json} NOT NULL,
        due_at {int},
        received_at {int} NOT NULL,
        PRIMARY KEY (channel_id, part_of, part_id)
    ) {clustered}",
    "CREATE INDEX message_part_by_due ON message_part (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX message_part_by_age ON message_part (received_at)",
    "CREATE TABLE inquiry (
        channel_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        tenant_id {uuid} NOT NULL,
        tries {int} NOT NULL,
        due_at {int},
        since {int},
        error TEXT,
        PRIMARY KEY (channel_id, kind, subject)
    ) {clustered}",
    "CREATE INDEX inquiry_by_due ON inquiry (due_at) WHERE due_at IS NOT NULL",
];
