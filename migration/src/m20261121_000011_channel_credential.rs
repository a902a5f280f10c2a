//! Channels to providers: credentials, what waits to be sent, what providers call our messages, and what became of them.
//!
//! A message's own row still holds what was first said (events are told from it); what changed since stands in `message_state`, one object.
//! Instants are integers of microseconds on both databases.

crate::sql::step!("m20261121_000011_channel_credential", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE credential (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL REFERENCES tenant (id),
        provider TEXT NOT NULL,
        vendor TEXT,
        name TEXT NOT NULL,
        account TEXT,
        status TEXT NOT NULL,
        status_detail TEXT,
        checked_at {int},
        version {int} NOT NULL,
        created_at {int} NOT NULL,
        updated_at {int} NOT NULL
    ) {clustered}",
    "CREATE INDEX credential_by_age ON credential (tenant_id, created_at, id)",
    // Several of one name may be alive; the newest is what sends.
    "CREATE TABLE credential_secret (
        credential_id {uuid} NOT NULL REFERENCES credential (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        id {uuid} NOT NULL,
        tenant_id {uuid} NOT NULL,
        sealed TEXT NOT NULL,
        hint TEXT NOT NULL,
        created_at {int} NOT NULL,
        PRIMARY KEY (credential_id, name, id)
    ) {clustered}",
    // What a notification on the shared path names, whose ever it is.
    "CREATE INDEX channel_by_account ON channel (kind, address) WHERE address IS NOT NULL",
    "CREATE INDEX channel_by_credential ON channel (credential_id) WHERE credential_id IS NOT NULL",
    "ALTER TABLE channel ADD COLUMN lease_owner {uuid}",
    "ALTER TABLE channel ADD COLUMN lease_until {int}",
    // Where a conversation's other side is at its provider; null on the widget.
    "ALTER TABLE conversation ADD COLUMN remote {json}",
    "CREATE TABLE message_state (
        conversation_id {uuid} NOT NULL,
        seq {int} NOT NULL,
        tenant_id {uuid} NOT NULL,
        state {json} NOT NULL,
        PRIMARY KEY (conversation_id, seq)
    ) {busy}",
    "CREATE TABLE provider_message (
        channel_id {uuid} NOT NULL,
        provider_id TEXT NOT NULL,
        tenant_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        seq {int} NOT NULL,
        PRIMARY KEY (channel_id, provider_id)
    ) {clustered}",
    "CREATE INDEX provider_message_by_place ON provider_message (conversation_id, seq)",
    // `position` is that of the event that wished for it; `action` is null where the message of `seq` is to be sent.
    "CREATE TABLE dispatch (
        channel_id {uuid} NOT NULL,
        position {int} NOT NULL,
        tenant_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        seq {int} NOT NULL,
        action {json},
        begun_at {int},
        tries {int} NOT NULL,
        done {json},
        error {json},
        due_at {int} NOT NULL,
        wished_at {int} NOT NULL,
        PRIMARY KEY (channel_id, position)
    ) {busy}",
    "CREATE INDEX dispatch_by_due ON dispatch (due_at, channel_id)",
    "CREATE INDEX dispatch_by_conversation ON dispatch (conversation_id, position)",
    // What was told of a message that is not known yet: `item` is taken in again when it is.
    "CREATE TABLE waiting_item (
        channel_id {uuid} NOT NULL,
        target TEXT NOT NULL,
        digest {bytes} NOT NULL,
        tenant_id {uuid} NOT NULL,
        item {json} NOT NULL,
        received_at {int} NOT NULL,
        PRIMARY KEY (channel_id, target, digest)
    ) {clustered}",
    "CREATE INDEX waiting_item_by_age ON waiting_item (received_at)",
    // Authentic, and could not be read: the bytes, to be taken in again.
    "CREATE TABLE quarantine (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        credential_id {uuid} NOT NULL,
        provider TEXT NOT NULL,
        kind TEXT NOT NULL,
        content_type TEXT NOT NULL,
        body {bytes} NOT NULL,
        error TEXT NOT NULL,
        received_at {int} NOT NULL
    ) {clustered}",
    "CREATE INDEX quarantine_by_age ON quarantine (tenant_id, received_at, id)",
];
