//! Answers kept for repeated requests. `status` is null while the first request is still at work.

crate::sql::step!("m20261121_000007_request", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE idempotency_key (
        tenant_id {uuid} NOT NULL,
        caller TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint {bytes} NOT NULL,
        status {int},
        headers {json},
        body {bytes},
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        PRIMARY KEY (tenant_id, caller, key)
    ) {clustered}",
    "CREATE INDEX idempotency_key_by_end ON idempotency_key (expires_at)",
];
