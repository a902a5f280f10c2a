//! Files that lie at a provider and are to be fetched.
//!
//! A row stands here until its file is stored; the file's own row in `attachment` has an empty `storage_key` until then. `due_at` is null
//! where it was given up, until somebody asks for it again. Instants are integers of microseconds.

crate::sql::step!("m20261121_000012_media_fetch", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE media_fetch (
        attachment_id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        channel_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        provider_id TEXT NOT NULL,
        media {json} NOT NULL,
        tries {int} NOT NULL,
        due_at {int},
        error TEXT,
        created_at {int} NOT NULL
    ) {clustered}",
    "CREATE INDEX media_fetch_by_due ON media_fetch (due_at) WHERE due_at IS NOT NULL",
];
