//! Invitations to become a member. Of an invitation's token only the hash is kept. Instants are integers of microseconds.

crate::sql::step!("m20261122_000019_invitation", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE invitation (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        email TEXT NOT NULL,
        name TEXT,
        role TEXT NOT NULL,
        hash {bytes} NOT NULL,
        member_id {uuid},
        created_at {int} NOT NULL,
        expires_at {int} NOT NULL,
        accepted_at {int},
        revoked_at {int}
    ) {clustered}",
    "CREATE UNIQUE INDEX invitation_by_hash ON invitation (hash)",
    "CREATE INDEX invitation_by_age ON invitation (tenant_id, created_at, id)",
];
