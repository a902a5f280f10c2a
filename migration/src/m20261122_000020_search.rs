//! Full-text search over messages and contacts, written by the database itself in the transaction that writes what is searched.
//!
//! PostgreSQL: indexes over an expression, so that nothing is stored twice. Accents are taken off and punctuation becomes space before the words
//! are told apart, because the parser would take `a.b@c` or `<b>` for one thing; of a text the first 20,000 characters count, which bounds what a
//! word list may weigh. The tenant stands among the words, so that the index is asked for one tenant's alone. The store's queries take the
//! expressions from here ([`postgres_words`]), because an index serves no other.
//!
//! SQLite: FTS5 tables that keep the words and not the text, kept by triggers. A message's row number is its tenant's number, shifted by 40 bits,
//! and its position: the numbers of one tenant lie side by side in the order of time, so that a search reads one tenant's, newest first, and stops
//! where the page is full; `message_by_position` leads from there to the message. Contacts are fewer: theirs have a table of numbers.
//!
//! Tables that begin with `search_` hold nothing that is not elsewhere, and are not copied from one database to another.
//!
//! `message_state.content_text` is what a message says now, where that was changed (nothing, if it was deleted).

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait as _, DbBackend, DbErr},
};

/// The step.
pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m20261122_000020_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql::run(manager, BOTH).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            return crate::sql::run(manager, SQLITE).await;
        }
        for statement in POSTGRES {
            let message = postgres_words("content_text", "tenant_id");
            let contact = postgres_words("coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '')", "tenant_id");
            let statement = statement.replace("{message}", &message).replace("{contact}", &contact);
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Of a text, this many characters are searched.
const SEARCHED_CHARS: &str = "20000";
/// What becomes space, whatever the database's locale thinks of it: signs, by their code points. Replacing them one by one with `translate` would
/// cost a message three times as much.
const SIGNS: &str =
    "[\\u0021-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007e\\u00a1-\\u00bf\\u2010-\\u205e\\u060c\\u061b\\u061f\\u3001-\\u303f]";

/// The words of a text and the id of its tenant, as PostgreSQL's indexes have them: a query must say the same.
#[must_use]
pub fn postgres_words(text: &str, tenant_id: &str) -> String {
    let bare = postgres_bare(text);
    format!(
        "(to_tsvector('simple'::regconfig, regexp_replace({bare}, '{SIGNS}', ' ', 'g')) || array_to_tsvector(ARRAY[{tenant_id}::text]))"
    )
}

/// A text without accents; one of ASCII, which most are, is left as it is.
#[must_use]
pub fn postgres_bare(text: &str) -> String {
    let begin = format!("left({text}, {SEARCHED_CHARS})");
    format!(
        "CASE WHEN octet_length({text}) = char_length({text}) THEN {begin} \
         ELSE regexp_replace(normalize({begin}, NFKD), '[\\u0300-\\u036f]', '', 'g') END"
    )
}

const BOTH: &[&str] =
    &["ALTER TABLE message_state ADD COLUMN content_text TEXT", "CREATE INDEX message_by_position ON message (tenant_id, position)"];

const POSTGRES: &[&str] = &[
    "UPDATE message_state SET content_text = state::json -> 'message' ->> 'content_text'
        WHERE state::json -> 'message' ->> 'edited_at' IS NOT NULL OR state::json -> 'message' ->> 'deleted_at' IS NOT NULL",
    "CREATE INDEX message_by_word ON message USING gin (({message}))",
    "CREATE INDEX message_state_by_word ON message_state USING gin (({message})) WHERE content_text IS NOT NULL",
    "CREATE INDEX contact_by_word ON contact USING gin (({contact}))",
];

const SQLITE: &[&str] = &[
    "UPDATE message_state SET content_text = json_extract(state, '$.message.content_text')
        WHERE json_extract(state, '$.message.edited_at') IS NOT NULL OR json_extract(state, '$.message.deleted_at') IS NOT NULL",
    "CREATE TABLE search_tenant (number INTEGER NOT NULL PRIMARY KEY, tenant_id BLOB NOT NULL UNIQUE) STRICT",
    "INSERT INTO search_tenant (tenant_id) SELECT id FROM tenant ORDER BY id",
    "CREATE TRIGGER search_tenant_added AFTER INSERT ON tenant BEGIN
        INSERT INTO search_tenant (tenant_id) VALUES (new.id);
    END",
    "CREATE TRIGGER search_tenant_removed AFTER DELETE ON tenant BEGIN
        DELETE FROM search_tenant WHERE tenant_id = old.id;
    END",
    "CREATE VIRTUAL TABLE search_message
        USING fts5 (content_text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2')",
    "INSERT INTO search_message (rowid, content_text)
        SELECT (t.number << 40) + m.position, coalesce(s.content_text, m.content_text)
        FROM search_tenant t CROSS JOIN message m INDEXED BY message_by_position
        LEFT JOIN message_state s ON s.conversation_id = m.conversation_id AND s.seq = m.seq
        WHERE m.tenant_id = t.tenant_id AND m.position > 0 AND coalesce(s.content_text, m.content_text) <> ''
        ORDER BY t.number, m.position",
    "CREATE TRIGGER search_message_added AFTER INSERT ON message WHEN new.position IS NOT NULL AND new.content_text <> '' BEGIN
        INSERT INTO search_message (rowid, content_text)
            SELECT (number << 40) + new.position, new.content_text FROM search_tenant WHERE tenant_id = new.tenant_id;
    END",
    "CREATE TRIGGER search_message_removed AFTER DELETE ON message WHEN old.position IS NOT NULL BEGIN
        DELETE FROM search_message
            WHERE rowid = (SELECT (number << 40) + old.position FROM search_tenant WHERE tenant_id = old.tenant_id);
    END",
    // A message and what it says now come in either order when a database is copied.
    "CREATE TRIGGER search_message_said AFTER INSERT ON message_state WHEN new.content_text IS NOT NULL BEGIN
        DELETE FROM search_message WHERE rowid = (SELECT (t.number << 40) + m.position FROM message m
            JOIN search_tenant t ON t.tenant_id = m.tenant_id WHERE m.conversation_id = new.conversation_id AND m.seq = new.seq);
        INSERT INTO search_message (rowid, content_text)
            SELECT (t.number << 40) + m.position, new.content_text FROM message m JOIN search_tenant t ON t.tenant_id = m.tenant_id
            WHERE m.conversation_id = new.conversation_id AND m.seq = new.seq AND m.position IS NOT NULL AND new.content_text <> '';
    END",
    "CREATE TRIGGER search_message_changed AFTER UPDATE OF content_text ON message_state
        WHEN new.content_text IS NOT NULL AND new.content_text IS NOT old.content_text BEGIN
        DELETE FROM search_message WHERE rowid = (SELECT (t.number << 40) + m.position FROM message m
            JOIN search_tenant t ON t.tenant_id = m.tenant_id WHERE m.conversation_id = new.conversation_id AND m.seq = new.seq);
        INSERT INTO search_message (rowid, content_text)
            SELECT (t.number << 40) + m.position, new.content_text FROM message m JOIN search_tenant t ON t.tenant_id = m.tenant_id
            WHERE m.conversation_id = new.conversation_id AND m.seq = new.seq AND m.position IS NOT NULL AND new.content_text <> '';
    END",
    "CREATE TABLE search_contact_number (
        number INTEGER NOT NULL PRIMARY KEY,
        contact_id BLOB NOT NULL UNIQUE
    ) STRICT",
    // `tenant` is the tenant's id in hexadecimal: a word like the others.
    "CREATE VIRTUAL TABLE search_contact
        USING fts5 (tenant, name, email, phone, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2')",
    "INSERT INTO search_contact_number (contact_id) SELECT id FROM contact ORDER BY created_at, id",
    "INSERT INTO search_contact (rowid, tenant, name, email, phone)
        SELECT n.number, hex(c.tenant_id), c.name, c.email, c.phone
        FROM search_contact_number n JOIN contact c ON c.id = n.contact_id ORDER BY n.number",
    "CREATE TRIGGER search_contact_added AFTER INSERT ON contact BEGIN
        INSERT INTO search_contact_number (contact_id) VALUES (new.id);
        INSERT INTO search_contact (rowid, tenant, name, email, phone)
            SELECT number, hex(new.tenant_id), new.name, new.email, new.phone FROM search_contact_number WHERE contact_id = new.id;
    END",
    "CREATE TRIGGER search_contact_changed AFTER UPDATE OF name, email, phone ON contact
        WHEN new.name IS NOT old.name OR new.email IS NOT old.email OR new.phone IS NOT old.phone BEGIN
        DELETE FROM search_contact WHERE rowid = (SELECT number FROM search_contact_number WHERE contact_id = new.id);
        INSERT INTO search_contact (rowid, tenant, name, email, phone)
            SELECT number, hex(new.tenant_id), new.name, new.email, new.phone FROM search_contact_number WHERE contact_id = new.id;
    END",
    "CREATE TRIGGER search_contact_removed AFTER DELETE ON contact BEGIN
        DELETE FROM search_contact WHERE rowid = (SELECT number FROM search_contact_number WHERE contact_id = old.id);
        DELETE FROM search_contact_number WHERE contact_id = old.id;
    END",
];
