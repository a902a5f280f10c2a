//! Message templates that providers have approved, as they were last listed, and when they are to be listed again.
//!
//! `template` is what the list tells of it; `status` is a column because a provider's notification changes it alone. Instants are integers of
//! microseconds.

crate::sql::step!("m20261121_000014_message_template", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE message_template (
        tenant_id {uuid} NOT NULL,
        credential_id {uuid} NOT NULL REFERENCES credential (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        language TEXT NOT NULL,
        status TEXT NOT NULL,
        template {json} NOT NULL,
        PRIMARY KEY (tenant_id, credential_id, name, language)
    ) {clustered}",
    "CREATE INDEX message_template_by_credential ON message_template (credential_id)",
    "CREATE TABLE template_sync (
        credential_id {uuid} NOT NULL PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
        tenant_id {uuid} NOT NULL,
        due_at {int} NOT NULL,
        synced_at {int},
        error TEXT
    ) {clustered}",
    "CREATE INDEX template_sync_by_due ON template_sync (due_at)",
];
