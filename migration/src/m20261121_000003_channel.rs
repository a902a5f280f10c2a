//! Channels, and the secrets by which sites vouch for their visitors.
//!
//! `api_key` is the public key of a widget, which names the channel before anybody knows whose it is; it repeats what `settings` say.

crate::sql::step!("m20261121_000003_channel", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE channel (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        address TEXT,
        credential_id {uuid},
        owner_id {uuid},
        status TEXT NOT NULL,
        status_detail TEXT,
        settings {json} NOT NULL DEFAULT '{}',
        api_key TEXT UNIQUE,
        version {int} NOT NULL DEFAULT 1,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX channel_by_age ON channel (tenant_id, created_at, id)",
    "CREATE UNIQUE INDEX channel_by_address ON channel (tenant_id, kind, address) WHERE address IS NOT NULL",
    "CREATE TABLE identity_secret (
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        channel_id {uuid} NOT NULL REFERENCES channel (id),
        key_id TEXT NOT NULL,
        sealed {bytes} NOT NULL,
        created_at {time} NOT NULL,
        PRIMARY KEY (tenant_id, channel_id, key_id)
    ) {clustered}",
];
