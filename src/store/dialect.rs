//! Where the two databases differ, and nothing else.
//!
//! * Ids: PostgreSQL's own UUIDs; 16-byte blobs on SQLite. sqlx and SeaORM write and read both by themselves.
//! * Instants: `timestamptz` on PostgreSQL. On SQLite the text that chrono writes (RFC 3339 with `+00:00`), which sorts as time does and
//!   loses nothing; but in `message` and `event`, which take most rows, integers of microseconds since 1970: a quarter of the bytes, and
//!   no text to write or read. [`micros`] reads those columns on either database.
//! * Placeholders: `$1` on both. SQLite takes a numbered name just as well.
//! * Choosing an index: see [`by_index`].
//! * Writing: SQLite has one writer, and a transaction that means to write says so at its beginning (`IMMEDIATE`).

use entities::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value, prelude::DateTimeUtc, sea_query::LikeExpr,
};

/// Reads an instant of table `message` or `event`.
///
/// # Errors
/// If the column is not there or holds something else.
pub fn micros(backend: DbBackend, row: &QueryResult, column: &str) -> Result<Timestamp, DbErr> {
    if backend == DbBackend::Sqlite {
        return row.try_get::<i64>("", column).map(Timestamp::from_micros);
    }
    row.try_get::<DateTimeUtc>("", column).map(Timestamp::new)
}

/// The pattern of `LIKE` that finds `text` anywhere in a column that went through `lower`. SQLite's `lower` knows ASCII letters alone, and
/// the text is folded alike.
#[must_use]
pub fn containing(backend: DbBackend, text: &str) -> LikeExpr {
    let folded = if backend == DbBackend::Sqlite { text.to_ascii_lowercase() } else { text.to_lowercase() };
    let mut pattern = String::with_capacity(folded.len() + 2);
    pattern.push('%');
    for letter in folded.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

/// Behind a table's name: use this index. SQLite knows nothing of what is in the table and would go by the key, through all that another
/// status has; PostgreSQL counts, and takes no advice.
#[must_use]
pub fn by_index(backend: DbBackend, index: &str) -> String {
    if backend == DbBackend::Sqlite { format!(" INDEXED BY {index}") } else { String::new() }
}

/// The condition that a column of whole numbers is none of these, and the value of its placeholder: one text, so that the statement is the same
/// for however many.
#[must_use]
pub fn not_among(backend: DbBackend, column: &str, placeholder: &str, numbers: &[i64]) -> (String, Value) {
    let list = numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    if backend == DbBackend::Sqlite {
        (format!("{column} NOT IN (SELECT value FROM json_each({placeholder}))"), format!("[{list}]").into())
    } else {
        (format!("{column} <> ALL (CAST(CAST({placeholder} AS text) AS bigint[]))"), format!("{{{list}}}").into())
    }
}

/// An instant to compare those columns with.
pub fn micros_value(backend: DbBackend, at: Timestamp) -> Value {
    if backend == DbBackend::Sqlite { at.micros().into() } else { at.utc().into() }
}

/// The names of the migration steps that the database has; none if it is empty.
///
/// # Errors
/// If the database does not answer.
pub async fn applied_steps(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let known = match backend {
        DbBackend::Postgres => "SELECT 1 AS one WHERE to_regclass('seaql_migrations') IS NOT NULL",
        _ => "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    if db.query_one_raw(Statement::from_string(backend, known)).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = db.query_all_raw(Statement::from_string(backend, "SELECT version FROM seaql_migrations ORDER BY version")).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}
