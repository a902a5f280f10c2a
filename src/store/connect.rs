//! Opening the database, and the two ways to use it: reading from a pool, and writing in one transaction.
//!
//! Guarantees: whatever commits is durable (`synchronous = FULL` on SQLite, `synchronous_commit = on` on PostgreSQL, on every connection
//! that is made here). A transaction that writes on SQLite is `IMMEDIATE` and waits its turn in the order of asking, so that settings are
//! written between two batches of the journal and not starved by it.
//!
//! Does not: migrate ([`super::migrate`] does), or know a table.

use std::{str::FromStr, sync::Arc, time::Duration};

use actors::port::StoreError;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector,
    Statement, TransactionOptions, TransactionTrait,
    sqlx::{
        ConnectOptions as _, PgPool, SqlitePool,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};
use tokio::sync::{Mutex, MutexGuard};

use super::unavailable;

/// How long a caller waits for a free connection before it is told that the database is unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long SQLite waits for another process's writer.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// What every connection to SQLite is told. The file's first connection sets the log's mode, which the file keeps.
pub const SQLITE_PRAGMAS: [(&str, &str); 6] = [
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    // Pages of the write-ahead log after which SQLite moves them to the database: 16 MiB.
    ("wal_autocheckpoint", "4096"),
    // The size in bytes that the write-ahead log is cut back to: 64 MiB.
    ("journal_size_limit", "67108864"),
    // What a statement may have to undo is kept in memory; otherwise a file is made and removed for it.
    ("temp_store", "MEMORY"),
];
/// The writer's page cache, in KiB (SQLite counts KiB as negative).
pub const SQLITE_WRITER_CACHE: (&str, &str) = ("cache_size", "-32768");
/// Each reader's page cache.
const SQLITE_READER_CACHE: (&str, &str) = ("cache_size", "-4096");
/// Statements kept prepared on a connection.
const STATEMENTS_MAX: usize = 256;

/// What may be chosen about the connections.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// Most connections for reading and for settings.
    pub connections_max: u32,
    /// Make the SQLite file where there is none.
    pub create: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { connections_max: 8, create: true }
    }
}

/// An open database. Cloning is cheap, and the clones are one.
#[derive(Debug, Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    read: DatabaseConnection,
    /// On PostgreSQL the same pool as `read`.
    write: DatabaseConnection,
    /// That pool, where it is one of PostgreSQL.
    postgres: Option<PgPool>,
    origin: Origin,
    /// SQLite's one writer: settings and journal take turns in the order in which they ask. Not used on PostgreSQL.
    turn: Mutex<()>,
}

/// How to make further connections of one's own.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A file.
    Sqlite(Box<SqliteConnectOptions>),
    /// A server.
    Postgres(Box<PgConnectOptions>),
}

impl Database {
    /// Opens `sqlite://path` or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the address cannot be read, the database does not answer, or it does not promise durability.
    pub async fn open(url: &str, options: OpenOptions) -> Result<Self, StoreError> {
        let inner = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(url, options).await?,
            Some("postgres" | "postgresql") => open_postgres(url, options).await?,
            _ => return Err(StoreError::Unavailable(Arc::from("a database address begins with sqlite: or postgres:"))),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DbBackend {
        match self.inner.origin {
            Origin::Sqlite(_) => DbBackend::Sqlite,
            Origin::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// The connections for reading.
    pub fn read(&self) -> &DatabaseConnection {
        &self.inner.read
    }

    /// The pool on PostgreSQL, for statements that take arrays.
    pub fn postgres(&self) -> Option<&PgPool> {
        self.inner.postgres.as_ref()
    }

    /// How to make a connection of one's own, with every promise of the module's head.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// Does `f` in one transaction: commits if it answers `Ok`, rolls back if it answers `Err`.
    ///
    /// # Errors
    /// What `f` answers, and [`StoreError::Unavailable`] if there is no transaction to be had or its commit fails.
    pub async fn write<T>(&self, f: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _turn = self.turn().await;
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        let options = if self.backend() == DbBackend::Sqlite { options } else { TransactionOptions::default() };
        let transaction = self.inner.write.begin_with_options(options).await.map_err(unavailable)?;
        match f(&transaction).await {
            Ok(value) => {
                transaction.commit().await.map_err(unavailable)?;
                Ok(value)
            }
            Err(error) => {
                // The transaction is given up either way; a rollback that fails changes nothing about the answer.
                if let Err(rollback) = transaction.rollback().await {
                    tracing::warn!(error = %rollback, "a transaction could not be rolled back");
                }
                Err(error)
            }
        }
    }

    /// Does `f` with the writer's connection and no transaction around it: for what makes its own, like a migration.
    ///
    /// # Errors
    /// What `f` answers.
    pub async fn exclusively<T>(&self, f: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _turn = self.turn().await;
        f(&self.inner.write).await
    }

    /// Waits for the turn to write; held until dropped. `None` on PostgreSQL, where rows are locked instead.
    pub async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.inner.origin {
            Origin::Sqlite(_) => Some(self.inner.turn.lock().await),
            Origin::Postgres(_) => None,
        }
    }

    /// Asks the database for nothing and waits for its answer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let statement = Statement::from_string(self.backend(), "SELECT 1 AS one");
        self.inner.read.query_one_raw(statement).await.map_err(unavailable).map(|_row| ())
    }

    /// Closes every connection, once those that are in use are given back.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the database says so.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.read.close_by_ref().await.map_err(unavailable)?;
        self.inner.write.close_by_ref().await.map_err(unavailable)
    }
}

/// A connection error in the words of the store.
pub(crate) fn lost(error: &sea_orm::sqlx::Error) -> StoreError {
    StoreError::Unavailable(Arc::from(error.to_string()))
}

async fn open_sqlite(url: &str, options: OpenOptions) -> Result<Inner, StoreError> {
    let base = SqliteConnectOptions::from_str(url)
        .map_err(|error| lost(&error))?
        .create_if_missing(options.create)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENTS_MAX)
        .disable_statement_logging();
    let base = SQLITE_PRAGMAS.into_iter().fold(base, |base, (name, value)| base.pragma(name, value));
    let writer = base.clone().pragma(SQLITE_WRITER_CACHE.0, SQLITE_WRITER_CACHE.1);
    let reader = base.pragma(SQLITE_READER_CACHE.0, SQLITE_READER_CACHE.1).pragma("query_only", "1");
    // The writer first: it makes the file and turns the log on, which a reader may not.
    let write = sqlite_pool(writer.clone(), 1).await?;
    let read = sqlite_pool(reader, options.connections_max).await?;
    Ok(Inner {
        read: SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
        write: SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
        postgres: None,
        origin: Origin::Sqlite(Box::new(writer.create_if_missing(false))),
        turn: Mutex::new(()),
    })
}

async fn sqlite_pool(options: SqliteConnectOptions, connections_max: u32) -> Result<SqlitePool, StoreError> {
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
        .map_err(|error| lost(&error))
}

async fn open_postgres(url: &str, options: OpenOptions) -> Result<Inner, StoreError> {
    let connect = PgConnectOptions::from_str(url)
        .map_err(|error| lost(&error))?
        .application_name("switchboard")
        .statement_cache_capacity(STATEMENTS_MAX)
        .options([("synchronous_commit", "on")])
        .disable_statement_logging();
    let pool: PgPool = PgPoolOptions::new()
        .max_connections(options.connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(connect.clone())
        .await
        .map_err(|error| lost(&error))?;
    let read = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    for setting in ["fsync", "synchronous_commit"] {
        let show = Statement::from_string(DbBackend::Postgres, format!("SELECT current_setting('{setting}') AS value"));
        let row = read.query_one_raw(show).await.map_err(unavailable)?;
        let value = row.map_or_else(|| Ok(String::new()), |row| row.try_get::<String>("", "value")).map_err(unavailable)?;
        if value != "on" {
            let text = format!("PostgreSQL runs with {setting} = {value}: what it acknowledges may be lost; set it to on");
            return Err(StoreError::Unavailable(Arc::from(text)));
        }
    }
    Ok(Inner { write: read.clone(), read, postgres: Some(pool), origin: Origin::Postgres(Box::new(connect)), turn: Mutex::new(()) })
}
