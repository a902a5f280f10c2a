//! What a workspace, or one of its agents, has prepared for the inbox: canned responses, labels, saved views, macros.
//!
//! `kind` says which; `scope_id` whose: the agent's id, or the tenant's own for what is everybody's. `handle` is what there is once in a scope:
//! a shortcut, a name in lower case. `body` is what the kind has of its own. Instants are integers of microseconds.

crate::sql::step!("m20261122_000017_preset", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE preset (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        scope_id {uuid} NOT NULL,
        handle TEXT NOT NULL,
        body {json} NOT NULL,
        version {int} NOT NULL,
        created_at {int} NOT NULL,
        updated_at {int} NOT NULL
    ) {clustered}",
    "CREATE UNIQUE INDEX preset_by_handle ON preset (tenant_id, kind, scope_id, handle)",
    "CREATE INDEX preset_by_age ON preset (tenant_id, kind, created_at, id)",
];
