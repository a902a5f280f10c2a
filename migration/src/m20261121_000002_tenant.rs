//! Tenants, and who may act for them: members with their sign-ins, service accounts with their tokens; and the log of what they did.
//!
//! `tenant.position` and `tenant.ticket_number` are the last numbers given out; only the journal raises them.

crate::sql::step!("m20261121_000002_tenant", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE tenant (
        id {uuid} NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        slug TEXT UNIQUE,
        plan TEXT NOT NULL DEFAULT 'default',
        limits {json} NOT NULL DEFAULT '{}',
        settings {json} NOT NULL DEFAULT '{}',
        position {int} NOT NULL DEFAULT 0,
        ticket_number {int} NOT NULL DEFAULT 0,
        version {int} NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    ) {busy}",
    "CREATE TABLE member (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        email TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        avatar_url TEXT,
        disabled_at {time},
        version {int} NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    ) {clustered}",
    "CREATE UNIQUE INDEX member_by_email ON member (tenant_id, email)",
    // Signing in names no workspace: the one search that is not for one tenant.
    "CREATE INDEX member_by_email_anywhere ON member (email)",
    "CREATE INDEX member_by_age ON member (tenant_id, created_at, id)",
    "CREATE TABLE service_account (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        name TEXT NOT NULL,
        disabled_at {time},
        created_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX service_account_by_age ON service_account (tenant_id, created_at, id)",
    // Hashes are SHA-256 of the token as shown; the previous one counts until previous_until.
    "CREATE TABLE token (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        service_account_id {uuid} NOT NULL REFERENCES service_account (id),
        name TEXT NOT NULL,
        hash {bytes} NOT NULL UNIQUE,
        hint TEXT NOT NULL,
        previous_hash {bytes} UNIQUE,
        previous_until {time},
        scopes {json} NOT NULL,
        expires_at {time},
        revoked_at {time},
        last_used_at {time},
        version {int} NOT NULL DEFAULT 1,
        created_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX token_by_age ON token (tenant_id, created_at, id)",
    "CREATE TABLE login_session (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        member_id {uuid} NOT NULL REFERENCES member (id),
        hash {bytes} NOT NULL UNIQUE,
        user_agent TEXT,
        created_at {time} NOT NULL,
        last_seen_at {time} NOT NULL,
        expires_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX login_session_by_member ON login_session (tenant_id, member_id)",
    "CREATE INDEX login_session_by_end ON login_session (expires_at)",
    "CREATE TABLE audit_entry (
        tenant_id {uuid} NOT NULL,
        at {time} NOT NULL,
        id {uuid} NOT NULL,
        actor_kind TEXT NOT NULL,
        actor_id {uuid},
        actor_name TEXT,
        action TEXT NOT NULL,
        target_kind TEXT,
        target_id {uuid},
        detail {json} NOT NULL DEFAULT '{}',
        request_id TEXT,
        PRIMARY KEY (tenant_id, at, id)
    ) {clustered}",
];
