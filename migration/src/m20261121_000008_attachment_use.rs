//! Whether an uploaded file came to be used in a message, and whether the other side may see it.

crate::sql::step!("m20261121_000008_attachment_use", STATEMENTS);

const STATEMENTS: &[&str] = &[
    // When a message was first about to show it; null: nobody has used it, and it is removed after a day.
    "ALTER TABLE attachment ADD COLUMN used_at {time}",
    // It came with a message rather than with a note.
    "ALTER TABLE attachment ADD COLUMN shown {bool} NOT NULL DEFAULT {false}",
    "CREATE INDEX attachment_unused ON attachment (created_at) WHERE used_at IS NULL",
];
