//! Webhooks: who wants which events where, each event for each of them with its attempts, and the replays.
//!
//! Instants are integers of microseconds, on both databases, so that both compare and add them alike.
//!
//! `tenant.webhook_version` rises with every change of a webhook that decides which events it gets. Whoever numbers events holds that row
//! and so knows whether what it remembers of the webhooks is still so.
//!
//! `event_body` holds the bytes that are signed and sent, once for all webhooks of an event. `delivery` is found by its webhook and the event's
//! position; what somebody tries out has no event and takes positions below zero.

crate::sql::step!("m20261121_000010_webhook", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "ALTER TABLE tenant ADD COLUMN webhook_version {int} NOT NULL DEFAULT 0",
    // headers and the secrets are sealed. exhausted counts deliveries that failed for good since the last success, failures attempts that
    // failed in a row, delivered and failed what became of deliveries.
    "CREATE TABLE webhook (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        url TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        events {json} NOT NULL,
        filter {json} NOT NULL DEFAULT '{}',
        headers {bytes},
        ordered {bool} NOT NULL DEFAULT {false},
        rate_limit_per_second {int},
        secret {bytes} NOT NULL,
        previous_secret {bytes},
        previous_until {int},
        status TEXT NOT NULL,
        disabled_reason TEXT,
        failing_since {int},
        warned_at {int},
        paused_until {int},
        failures {int} NOT NULL DEFAULT 0,
        exhausted {int} NOT NULL DEFAULT 0,
        delivered {int} NOT NULL DEFAULT 0,
        failed {int} NOT NULL DEFAULT 0,
        last_success_at {int},
        lease_owner {uuid},
        lease_until {int},
        version {int} NOT NULL DEFAULT 1,
        created_at {int} NOT NULL,
        updated_at {int} NOT NULL
    ) {busy}",
    "CREATE INDEX webhook_by_age ON webhook (tenant_id, created_at, id)",
    "CREATE TABLE event_body (
        tenant_id {uuid} NOT NULL,
        position {int} NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (tenant_id, position)
    ) {clustered}",
    // attempts is the number of the last attempt; budget_from the number after which the schedule counts, so that a delivery that is sent again
    // has its full schedule.
    "CREATE TABLE delivery (
        webhook_id {uuid} NOT NULL,
        position {int} NOT NULL,
        tenant_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        event_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        attempts {int} NOT NULL DEFAULT 0,
        budget_from {int} NOT NULL DEFAULT 0,
        next_trigger TEXT NOT NULL,
        due_at {int} NOT NULL,
        at {int} NOT NULL,
        PRIMARY KEY (webhook_id, position)
    ) {busy}",
    "CREATE UNIQUE INDEX delivery_by_id ON delivery (id)",
    "CREATE INDEX delivery_due ON delivery (webhook_id, due_at, position) WHERE status = 'pending'",
    "CREATE INDEX delivery_in_order ON delivery (webhook_id, position) WHERE status = 'pending'",
    "CREATE INDEX delivery_by_status ON delivery (webhook_id, status, position) WHERE status <> 'delivered'",
    "CREATE TABLE attempt (
        webhook_id {uuid} NOT NULL,
        position {int} NOT NULL,
        number {int} NOT NULL,
        trigger_kind TEXT NOT NULL,
        started_at {int} NOT NULL,
        dns_ms {int},
        connect_ms {int},
        tls_ms {int},
        first_byte_ms {int},
        total_ms {int} NOT NULL,
        address TEXT,
        http_status {int},
        response_headers {json} NOT NULL DEFAULT '[]',
        response_body TEXT,
        error_class TEXT,
        error TEXT,
        next_due_at {int},
        PRIMARY KEY (webhook_id, position, number)
    ) {clustered}",
    "CREATE TABLE replay (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        webhook_id {uuid} NOT NULL,
        only_kind TEXT NOT NULL,
        from_at {int},
        to_at {int},
        next_position {int} NOT NULL,
        last_position {int} NOT NULL,
        first_position {int} NOT NULL,
        queued {int} NOT NULL DEFAULT 0,
        status TEXT NOT NULL,
        created_at {int} NOT NULL,
        finished_at {int}
    ) {clustered}",
    "CREATE INDEX replay_by_webhook ON replay (tenant_id, webhook_id, created_at, id)",
    "CREATE INDEX replay_running ON replay (created_at) WHERE status = 'running'",
];
