//! The trash: since when a conversation lies there, and when it was deleted for good.
//!
//! Of a conversation that was deleted for good the row stays, empty: its id may come from the visitor's (the contact's next message begins it
//! again), and its `seq` must never go back. Instants are integers of microseconds. The first index serves the list of the trash; the second
//! begins with the time and not with the tenant: a node asks for what has lain there long enough, of all of them at once.

crate::sql::step!("m20261122_000021_trash", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "ALTER TABLE conversation ADD COLUMN trashed_at {int}",
    "ALTER TABLE conversation ADD COLUMN erased_at {int}",
    "CREATE INDEX conversation_in_trash ON conversation (tenant_id, updated_at, id) WHERE trashed_at IS NOT NULL",
    "CREATE INDEX conversation_by_trash ON conversation (trashed_at, id) WHERE trashed_at IS NOT NULL",
];
