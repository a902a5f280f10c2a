//! Every row of one database into another, of either kind.
//!
//! Guarantees: the source is read in one transaction, the target is emptied and filled in one transaction; the target's epoch is a new one.
//! Both have the same schema: columns are matched by name, and what a column holds is told by the target's own types.
//!
//! Does not: know a table. A new migration step needs nothing here, as long as it keeps to the types of `migration::sql`. Tables that begin
//! with `search_` are an index: it is not copied, but written by the target itself as the rows come.

use std::sync::Arc;

use actors::port::StoreError;
use futures_util::TryStreamExt as _;
use sea_orm::{
    DbBackend,
    prelude::DateTimeUtc,
    sqlx::{
        self, Arguments as _, AssertSqlSafe, Column as _, Executor as _, PgConnection, Row as _, SqliteConnection, TypeInfo as _,
        ValueRef as _,
        postgres::{PgArguments, PgRow},
        query, query_with,
        sqlite::{SqliteArguments, SqliteRow},
    },
};
use uuid::Uuid;

use super::connect::lost;

/// Rows of one statement.
const CHUNK: usize = 100;

/// Where rows come from.
pub enum Source<'a> {
    /// A SQLite file.
    Sqlite(&'a mut SqliteConnection),
    /// A PostgreSQL database.
    Postgres(&'a mut PgConnection),
}

/// Where rows go.
pub enum Target<'a> {
    /// A SQLite file.
    Sqlite(&'a mut SqliteConnection),
    /// A PostgreSQL database.
    Postgres(&'a mut PgConnection),
}

/// A value, as either database may have it.
enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
    Flag(bool),
    Instant(DateTimeUtc),
}

/// A column of the target: its name and its type in the target's words, lower case.
type Columns = Vec<(String, String)>;

/// Empties the target, copies every table, and gives the target a new epoch. Both must have the newest schema.
///
/// # Errors
/// [`StoreError::Unavailable`] for whatever fails; the target is then as it was.
pub async fn all(mut source: Source<'_>, mut target: Target<'_>) -> Result<(), StoreError> {
    source.run("BEGIN").await?;
    if matches!(source, Source::Postgres(_)) {
        source.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    }
    target.run(if matches!(target, Target::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" }).await?;
    let copied = tables(&mut source, &mut target).await;
    source.run("ROLLBACK").await?;
    target.run(if copied.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    copied
}

async fn tables(source: &mut Source<'_>, target: &mut Target<'_>) -> Result<(), StoreError> {
    let tables = source.tables().await?;
    for table in tables.iter().rev() {
        target.run_text(format!("DELETE FROM {table}")).await?;
    }
    for table in &tables {
        let columns = target.columns(table).await?;
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let select = format!("SELECT {} FROM {table}", names.join(", "));
        match source {
            Source::Sqlite(connection) => {
                let mut rows = query(AssertSqlSafe(select)).fetch(&mut **connection);
                let mut chunk = Vec::with_capacity(CHUNK);
                while let Some(row) = rows.try_next().await.map_err(|error| lost(&error))? {
                    chunk.push(sqlite_cells(&row)?);
                    if chunk.len() == CHUNK {
                        target.insert(table, &columns, &std::mem::take(&mut chunk)).await?;
                    }
                }
                target.insert(table, &columns, &chunk).await?;
            }
            Source::Postgres(connection) => {
                let mut rows = query(AssertSqlSafe(select)).fetch(&mut **connection);
                let mut chunk = Vec::with_capacity(CHUNK);
                while let Some(row) = rows.try_next().await.map_err(|error| lost(&error))? {
                    chunk.push(postgres_cells(&row)?);
                    if chunk.len() == CHUNK {
                        target.insert(table, &columns, &std::mem::take(&mut chunk)).await?;
                    }
                }
                target.insert(table, &columns, &chunk).await?;
            }
        }
    }
    let backend = if matches!(target, Target::Sqlite(_)) { DbBackend::Sqlite } else { DbBackend::Postgres };
    target.run_text(migration::sql::for_backend(backend, "UPDATE meta SET value = {random} WHERE name = 'epoch'")).await
}

impl Source<'_> {
    /// Every table, those that others refer to first: tables are listed in the order in which the migrations made them.
    async fn tables(&mut self) -> Result<Vec<String>, StoreError> {
        const OWN: &str = "seaql_migrations";
        let rows: Result<Vec<String>, sqlx::Error> = match self {
            Self::Sqlite(connection) => {
                let statement = query(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search\\_%' ESCAPE '\\' AND name <> ?1 ORDER BY rowid",
                );
                let rows = statement.bind(OWN).fetch_all(&mut **connection).await.map_err(|error| lost(&error))?;
                rows.iter().map(|row| row.try_get(0)).collect()
            }
            Self::Postgres(connection) => {
                let statement = query(
                    "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' \
                     AND relname <> $1 ORDER BY oid",
                );
                let rows = statement.bind(OWN).fetch_all(&mut **connection).await.map_err(|error| lost(&error))?;
                rows.iter().map(|row| row.try_get(0)).collect()
            }
        };
        rows.map_err(|error| lost(&error))
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute(statement).await.map(|_| ()),
            Self::Postgres(connection) => connection.execute(statement).await.map(|_| ()),
        }
        .map_err(|error| lost(&error))
    }
}

impl Target<'_> {
    async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        self.run_text(statement.to_owned()).await
    }

    async fn run_text(&mut self, statement: String) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.execute(AssertSqlSafe(statement)).await.map(|_| ()),
            Self::Postgres(connection) => connection.execute(AssertSqlSafe(statement)).await.map(|_| ()),
        }
        .map_err(|error| lost(&error))
    }

    async fn columns(&mut self, table: &str) -> Result<Columns, StoreError> {
        let rows: Result<Columns, sqlx::Error> = match self {
            Self::Sqlite(connection) => {
                let statement = query("SELECT name, lower(type) FROM pragma_table_info(?1) ORDER BY cid").bind(table.to_owned());
                let rows = statement.fetch_all(&mut **connection).await.map_err(|error| lost(&error))?;
                rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
            }
            Self::Postgres(connection) => {
                let statement = query(
                    "SELECT column_name::text, udt_name::text FROM information_schema.columns \
                     WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
                );
                let rows = statement.bind(table.to_owned()).fetch_all(&mut **connection).await.map_err(|error| lost(&error))?;
                rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
            }
        };
        rows.map_err(|error| lost(&error))
    }

    async fn insert(&mut self, table: &str, columns: &Columns, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let marks = |row: usize| -> String {
            let first = row * columns.len() + 1;
            let marks: Vec<String> = (first..first + columns.len()).map(|place| format!("${place}")).collect();
            format!("({})", marks.join(", "))
        };
        let values: Vec<String> = (0..rows.len()).map(marks).collect();
        let statement = format!("INSERT INTO {table} ({}) VALUES {}", names.join(", "), values.join(", "));
        let cells = || rows.iter().flat_map(|row| row.iter().zip(columns));
        match self {
            Self::Sqlite(connection) => {
                let mut values = SqliteArguments::default();
                for (cell, (name, kind)) in cells() {
                    to_sqlite(&mut values, cell, kind).map_err(|error| odd(table, name, &error))?;
                }
                query_with(AssertSqlSafe(statement), values).execute(&mut **connection).await.map(|_| ())
            }
            Self::Postgres(connection) => {
                let mut values = PgArguments::default();
                for (cell, (name, kind)) in cells() {
                    to_postgres(&mut values, cell, kind).map_err(|error| odd(table, name, &error))?;
                }
                query_with(AssertSqlSafe(statement), values).execute(&mut **connection).await.map(|_| ())
            }
        }
        .map_err(|error| lost(&error))
    }
}

type Odd = Box<dyn std::error::Error + Send + Sync>;

fn odd(table: &str, column: &str, error: &Odd) -> StoreError {
    StoreError::Unavailable(Arc::from(format!("column {column} of table {table} cannot be copied: {error}")))
}

fn sqlite_cells(row: &SqliteRow) -> Result<Vec<Cell>, StoreError> {
    let cell = |place: usize| -> Result<Cell, sqlx::Error> {
        let value = row.try_get_raw(place)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        let kind = value.type_info().name().to_owned();
        Ok(match kind.as_str() {
            "INTEGER" => Cell::Number(row.try_get(place)?),
            "BLOB" => Cell::Bytes(row.try_get(place)?),
            _ => Cell::Text(row.try_get(place)?),
        })
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map_err(|error| lost(&error))
}

fn postgres_cells(row: &PgRow) -> Result<Vec<Cell>, StoreError> {
    let cell = |place: usize| -> Result<Cell, sqlx::Error> {
        if row.try_get_raw(place)?.is_null() {
            return Ok(Cell::Null);
        }
        Ok(match row.try_column(place)?.type_info().name() {
            "UUID" => Cell::Id(row.try_get(place)?),
            "BYTEA" => Cell::Bytes(row.try_get(place)?),
            "INT8" => Cell::Number(row.try_get(place)?),
            "BOOL" => Cell::Flag(row.try_get(place)?),
            "TIMESTAMPTZ" => Cell::Instant(row.try_get(place)?),
            _ => Cell::Text(row.try_get(place)?),
        })
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map_err(|error| lost(&error))
}

fn to_sqlite(values: &mut SqliteArguments, cell: &Cell, kind: &str) -> Result<(), Odd> {
    match cell {
        Cell::Null => values.add(None::<i64>),
        Cell::Number(number) => values.add(*number),
        Cell::Text(text) => values.add(text.as_str()),
        Cell::Bytes(bytes) => values.add(bytes.as_slice()),
        Cell::Id(id) => values.add(*id),
        Cell::Flag(flag) => values.add(*flag),
        Cell::Instant(at) if kind == "integer" => values.add(at.timestamp_micros()),
        Cell::Instant(at) => values.add(*at),
    }
}

fn to_postgres(values: &mut PgArguments, cell: &Cell, kind: &str) -> Result<(), Odd> {
    match (kind, cell) {
        ("uuid", Cell::Null) => values.add(None::<Uuid>),
        ("uuid", Cell::Id(id)) => values.add(*id),
        ("uuid", Cell::Bytes(bytes)) => values.add(Uuid::from_slice(bytes)?),
        ("bytea", Cell::Null) => values.add(None::<Vec<u8>>),
        ("bytea", Cell::Bytes(bytes)) => values.add(bytes.as_slice()),
        ("int8", Cell::Null) => values.add(None::<i64>),
        ("int8", Cell::Number(number)) => values.add(*number),
        ("bool", Cell::Null) => values.add(None::<bool>),
        ("bool", Cell::Flag(flag)) => values.add(*flag),
        ("bool", Cell::Number(number)) => values.add(*number != 0),
        ("timestamptz", Cell::Null) => values.add(None::<DateTimeUtc>),
        ("timestamptz", Cell::Instant(at)) => values.add(*at),
        ("timestamptz", Cell::Number(micros)) => values.add(entities::Timestamp::from_micros(*micros).utc()),
        ("timestamptz", Cell::Text(text)) => values.add(text.parse::<DateTimeUtc>()?),
        ("text", Cell::Null) => values.add(None::<String>),
        ("text", Cell::Text(text)) => values.add(text.as_str()),
        (kind, _) => Err(format!("no value of type {kind}").into()),
    }
}
