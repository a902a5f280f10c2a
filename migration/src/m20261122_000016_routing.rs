//! Routing: by which rules waiting conversations find an agent, who gives them out, how much each agent takes on; and teams.
//!
//! `conversation.opened_at` is when it was last opened: what waits is served in that order. `routing_turn` is when an agent was last given a
//! conversation, or took one: a row an agent, written with the change of hands alone, so that no message pays for it. A tenant without a row
//! in `routing` has the rules of a new one. A team that is deleted stays until no conversation is its any more. Instants that are new with this
//! step are integers of microseconds, but for `opened_at`, which is as the table's others.

crate::sql::step!("m20261122_000016_routing", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "ALTER TABLE conversation ADD COLUMN opened_at {time}",
    "UPDATE conversation SET opened_at = created_at",
    "CREATE INDEX conversation_waiting ON conversation (tenant_id, opened_at, id)
        WHERE status = 'open' AND assignee_id IS NULL AND owner_id IS NULL",
    "CREATE INDEX conversation_held ON conversation (tenant_id, assignee_id, opened_at, id)
        WHERE status = 'open' AND assignee_id IS NOT NULL",
    "CREATE INDEX conversation_by_team ON conversation (tenant_id, team_id, updated_at, id) WHERE team_id IS NOT NULL",
    "ALTER TABLE member ADD COLUMN capacity {int}",
    "CREATE TABLE routing (
        tenant_id {uuid} NOT NULL PRIMARY KEY REFERENCES tenant (id),
        mode TEXT NOT NULL,
        when_away TEXT NOT NULL,
        away_after_ms {int} NOT NULL,
        capacity {int} NOT NULL,
        lease_owner {uuid},
        lease_until {int},
        version {int} NOT NULL,
        updated_at {int} NOT NULL
    ) {busy}",
    "CREATE TABLE routing_turn (
        tenant_id {uuid} NOT NULL,
        agent_id {uuid} NOT NULL,
        given_at {int} NOT NULL,
        PRIMARY KEY (tenant_id, agent_id)
    ) {busy}",
    "CREATE TABLE team (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        version {int} NOT NULL DEFAULT 1,
        created_at {int} NOT NULL,
        updated_at {int} NOT NULL,
        deleted_at {int}
    ) {clustered}",
    "CREATE UNIQUE INDEX team_by_name ON team (tenant_id, name) WHERE deleted_at IS NULL",
    "CREATE INDEX team_by_age ON team (tenant_id, created_at, id) WHERE deleted_at IS NULL",
    "CREATE INDEX team_deleted ON team (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE TABLE team_member (
        tenant_id {uuid} NOT NULL,
        team_id {uuid} NOT NULL REFERENCES team (id) ON DELETE CASCADE,
        member_id {uuid} NOT NULL REFERENCES member (id),
        PRIMARY KEY (tenant_id, team_id, member_id)
    ) {clustered}",
    "CREATE INDEX team_member_by_team ON team_member (team_id)",
];
