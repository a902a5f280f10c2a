//! Letting our app in at a provider by consent, and tokens that end.
//!
//! A row of `oauth_state` is one try of somebody's: `hash` is that of the state that the provider brings back, and is null as soon as it was
//! used. What came of it stands in the row until the row is forgotten. Instants are integers of microseconds.

crate::sql::step!("m20261121_000013_oauth_state", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE oauth_state (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        provider TEXT NOT NULL,
        agent_id {uuid} NOT NULL,
        login_session_id {uuid} NOT NULL,
        hash {bytes},
        status TEXT NOT NULL,
        detail TEXT,
        channel_ids {json} NOT NULL,
        created_at {int} NOT NULL,
        expires_at {int} NOT NULL
    ) {clustered}",
    "CREATE UNIQUE INDEX oauth_state_by_hash ON oauth_state (hash) WHERE hash IS NOT NULL",
    "CREATE INDEX oauth_state_by_session ON oauth_state (tenant_id, login_session_id, created_at)",
    "CREATE INDEX oauth_state_by_age ON oauth_state (expires_at)",
    // The account at the provider that consent was given for; null where the secrets were entered by hand.
    "ALTER TABLE credential ADD COLUMN installed_for TEXT",
    "ALTER TABLE credential ADD COLUMN expires_at {int}",
    // When the tokens are to be renewed, or whoever renews them is taken for dead.
    "ALTER TABLE credential ADD COLUMN renew_at {int}",
    "CREATE UNIQUE INDEX credential_by_install ON credential (tenant_id, provider, installed_for) WHERE installed_for IS NOT NULL",
    "CREATE INDEX credential_by_renewal ON credential (renew_at) WHERE renew_at IS NOT NULL",
];
