//! Conversations, their labels and tickets, and how far agents have read.
//!
//! `conversation.seq` is the number of its last event and its version. `labels` is what the conversation shows; `conversation_label`
//! repeats it a row a label, for the list's filter.

crate::sql::step!("m20261121_000005_conversation", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE conversation (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        channel_id {uuid} NOT NULL,
        contact_id {uuid} NOT NULL,
        status TEXT NOT NULL,
        priority TEXT NOT NULL,
        assignee_id {uuid},
        team_id {uuid},
        owner_id {uuid},
        labels {json} NOT NULL,
        ticket_id {uuid},
        seq {int} NOT NULL,
        inbound_count {int} NOT NULL,
        inbound_seen {int} NOT NULL,
        contact_read_seq {int} NOT NULL,
        agent_read_seq {int} NOT NULL,
        last_message_seq {int} NOT NULL,
        last_reply_seq {int},
        last_reply_kind TEXT,
        last_reply_by {uuid},
        other_reply_seq {int},
        other_reply_kind TEXT,
        other_reply_by {uuid},
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    ) {busy}",
    "CREATE INDEX conversation_by_change ON conversation (tenant_id, updated_at, id)",
    "CREATE INDEX conversation_by_status ON conversation (tenant_id, status, updated_at, id)",
    "CREATE INDEX conversation_by_assignee ON conversation (tenant_id, assignee_id, updated_at, id) WHERE assignee_id IS NOT NULL",
    "CREATE INDEX conversation_by_contact ON conversation (tenant_id, contact_id)",
    "CREATE TABLE conversation_label (
        tenant_id {uuid} NOT NULL,
        label TEXT NOT NULL,
        conversation_id {uuid} NOT NULL,
        PRIMARY KEY (tenant_id, label, conversation_id)
    ) {clustered}",
    "CREATE TABLE ticket (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        number {int} NOT NULL,
        conversation_id {uuid} NOT NULL,
        contact_id {uuid} NOT NULL,
        subject TEXT NOT NULL,
        status TEXT NOT NULL,
        priority TEXT NOT NULL,
        assignee_id {uuid},
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL,
        resolved_at {time}
    ) {clustered}",
    "CREATE UNIQUE INDEX ticket_by_number ON ticket (tenant_id, number)",
    "CREATE INDEX ticket_by_conversation ON ticket (tenant_id, conversation_id, number)",
    "CREATE TABLE read_mark (
        tenant_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        agent_id {uuid} NOT NULL,
        seq {int} NOT NULL,
        inbound_seen {int} NOT NULL,
        PRIMARY KEY (tenant_id, conversation_id, agent_id)
    ) {busy}",
];
