//! What is to happen at a time to come: conversations that are snoozed until then, and messages that are sent then.
//!
//! `due_at` is null where a message's time has come and it could not be sent; `message` is all of it, and repeats the time. Instants are integers
//! of microseconds. The two indexes begin with the time and not with the tenant: a node asks for what is due of all of them at once.

crate::sql::step!("m20261122_000015_timers", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "ALTER TABLE conversation ADD COLUMN snoozed_until {int}",
    "ALTER TABLE conversation ADD COLUMN scheduled_count {int} NOT NULL DEFAULT 0",
    "CREATE INDEX conversation_by_snooze ON conversation (snoozed_until, id) WHERE snoozed_until IS NOT NULL",
    "CREATE TABLE scheduled_message (
        tenant_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        due_at {int},
        message {json} NOT NULL,
        PRIMARY KEY (tenant_id, conversation_id, id)
    ) {clustered}",
    "CREATE INDEX scheduled_message_by_due ON scheduled_message (due_at, id) WHERE due_at IS NOT NULL",
];
