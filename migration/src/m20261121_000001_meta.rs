//! Facts about the database itself: its epoch, by which cursors of another life are told apart.

crate::sql::step!("m20261121_000001_meta", STATEMENTS);

const STATEMENTS: &[&str] = &[
    "CREATE TABLE meta (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) {clustered}",
    "INSERT INTO meta (name, value) VALUES ('epoch', {random})",
];
