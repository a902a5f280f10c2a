//! Contacts, the addresses by which they are known, and which thread of a channel leads to which of them.

crate::sql::step!("m20261121_000004_contact", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE contact (
        id {uuid} NOT NULL PRIMARY KEY,
        tenant_id {uuid} NOT NULL,
        name TEXT,
        email TEXT,
        phone TEXT,
        avatar_url TEXT,
        verified {bool} NOT NULL,
        custom_attributes {json} NOT NULL,
        country TEXT,
        blocked {bool} NOT NULL,
        version {int} NOT NULL,
        created_at {time} NOT NULL,
        updated_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX contact_by_change ON contact (tenant_id, updated_at, id)",
    // `place` keeps the order in which a contact shows its addresses.
    "CREATE TABLE contact_address (
        tenant_id {uuid} NOT NULL,
        kind TEXT NOT NULL,
        value TEXT NOT NULL,
        contact_id {uuid} NOT NULL,
        place {int} NOT NULL,
        PRIMARY KEY (tenant_id, kind, value)
    ) {clustered}",
    "CREATE INDEX contact_address_by_contact ON contact_address (tenant_id, contact_id, place)",
    "CREATE TABLE thread (
        tenant_id {uuid} NOT NULL,
        channel_id {uuid} NOT NULL,
        thread_key TEXT NOT NULL,
        contact_id {uuid} NOT NULL,
        conversation_id {uuid} NOT NULL,
        PRIMARY KEY (tenant_id, channel_id, thread_key)
    ) {clustered}",
];
