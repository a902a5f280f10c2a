//! Messages and events: the two tables that take most rows, so they are clustered by what they are read by and say nothing twice.
//!
//! A message holds what was first said, and its columns do not change. `content` is null where it is the plain form of
//! `content_text`; `extra` holds, as one object, the fields that few messages have.
//!
//! An event's `data` is null where it is the message that the same write added: `conversation.message_created` shows the message with
//! its own `seq`, `ticket.message_created` the one with the `seq` before. The other way, a message's `position` leads to the first of the
//! two; so what a visitor missed is found in the messages, and the index of what else a visitor may see stays small. A step that makes messages changeable must first fill in
//! what the older events said.

crate::sql::step!("m20261121_000006_message", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE message (
        conversation_id {uuid} NOT NULL,
        seq {int} NOT NULL,
        tenant_id {uuid} NOT NULL,
        id {uuid} NOT NULL,
        ticket_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        direction TEXT NOT NULL,
        author_kind TEXT NOT NULL,
        author_id {uuid},
        author_name TEXT,
        author_avatar_url TEXT,
        content {json},
        content_text TEXT NOT NULL,
        extra {json},
        status TEXT NOT NULL,
        client_id TEXT,
        position {int},
        created_at {micros} NOT NULL,
        PRIMARY KEY (conversation_id, seq)
    ) {clustered}",
    "CREATE UNIQUE INDEX message_by_client_id ON message (conversation_id, client_id) WHERE client_id IS NOT NULL",
    "CREATE TABLE event (
        tenant_id {uuid} NOT NULL,
        position {int} NOT NULL,
        id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        conversation_id {uuid},
        seq {int},
        visitor_visible {bool} NOT NULL,
        data {json},
        at {micros} NOT NULL,
        PRIMARY KEY (tenant_id, position)
    ) {clustered}",
    "CREATE INDEX event_for_visitor ON event (conversation_id, seq) WHERE visitor_visible {is_true} AND data IS NOT NULL",
    "CREATE TABLE attachment (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        conversation_id {uuid},
        ticket_id {uuid},
        uploader_kind TEXT NOT NULL,
        uploader_id {uuid},
        filename TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size {int} NOT NULL,
        sha256 {bytes} NOT NULL,
        storage_key TEXT NOT NULL,
        created_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX attachment_by_conversation ON attachment (tenant_id, conversation_id)",
];
