//! Jobs over many conversations: what is to be done, on whose behalf, and which conversations wait for it still.
//!
//! An item goes in the transaction of its conversation's change, or when it is known that nothing changes; so what is left is what is left to do, and
//! progress is counted from it. Instants are integers of microseconds. The index of what is unfinished begins with no tenant: a node looks for
//! the jobs of all of them at once.

crate::sql::step!("m20261122_000023_bulk", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE bulk_job (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        by_kind TEXT NOT NULL,
        by_id {uuid} NOT NULL,
        token_id {uuid},
        action {json} NOT NULL,
        total {int} NOT NULL,
        failed {int} NOT NULL,
        errors {json} NOT NULL,
        lease_owner {uuid},
        lease_until {int},
        created_at {int} NOT NULL,
        finished_at {int}
    ) {busy}",
    "CREATE INDEX bulk_job_by_age ON bulk_job (tenant_id, created_at, id)",
    "CREATE INDEX bulk_job_unfinished ON bulk_job (created_at, id) WHERE finished_at IS NULL",
    "CREATE INDEX bulk_job_finished ON bulk_job (finished_at) WHERE finished_at IS NOT NULL",
    "CREATE TABLE bulk_item (
        job_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        tenant_id {uuid} NOT NULL,
        tries {int} NOT NULL,
        PRIMARY KEY (job_id, conversation_id)
    ) {clustered}",
];
