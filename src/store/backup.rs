//! Backup and restore.
//!
//! A backup is a folder: `backup.db`, a SQLite file with every table, and `attachments/`, the uploaded files. It is the same whichever
//! database it was made of, and may be restored into either: that is also how one moves from SQLite to PostgreSQL and back.
//!
//! Guarantees: a backup holds one instant of the database, while the server goes on serving: SQLite copies itself (`VACUUM INTO`), and
//! PostgreSQL is read in one `REPEATABLE READ` transaction. Files are copied after that instant; they are written before the rows that
//! name them and do not change, so that no row in the backup lacks its file. The folder has its name only when it is complete. A restored
//! database has a new epoch, so that a client which has seen more than the backup knows loads its screen again.
//!
//! Does not: hold the secret key, without which sealed columns cannot be opened: keep that elsewhere. Restoring is for a server that is
//! stopped; it replaces all or nothing of the database, in one transaction.

use std::path::{Path, PathBuf};

use actors::port::StoreError;
use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use thiserror::Error;

use super::{
    Database, OpenOptions,
    connect::{Origin, lost},
    copy::{self, Source, Target},
};

/// The database's name in a backup; not that of a live one, whose write-ahead log would be missed.
const DATABASE_FILE: &str = "backup.db";
/// The files' folder in a backup.
const ATTACHMENTS_FOLDER: &str = "attachments";

/// Why a backup or a restore was not made.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is something where the backup should go, or in the database or folder that should be restored.
    #[error("{0} is not empty")]
    NotEmpty(String),
    /// The folder is no backup.
    #[error("{0} is not a backup: it holds no {DATABASE_FILE}")]
    NotABackup(PathBuf),
    /// The copied database does not pass SQLite's own check.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
}

/// Makes a backup of the database and of the files below `attachments` in the folder `into`, which must not exist.
///
/// # Errors
/// [`BackupError::NotEmpty`] if `into` exists; [`BackupError::Store`] and [`BackupError::File`] for what fails underneath. What was written
/// until then is left in `<into>.partial`.
pub async fn backup(db: &Database, attachments: &Path, into: &Path) -> Result<(), BackupError> {
    if into.exists() {
        return Err(BackupError::NotEmpty(into.display().to_string()));
    }
    let mut partial = into.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    if partial.exists() {
        at(&partial, tokio::fs::remove_dir_all(&partial).await)?;
    }
    at(&partial, tokio::fs::create_dir_all(&partial).await)?;
    let file = partial.join(DATABASE_FILE);
    match db.origin() {
        Origin::Sqlite(options) => sqlite_into(options, &file).await?,
        Origin::Postgres(options) => {
            let copied = open_file(&file, true).await?;
            super::migrate(&copied).await?;
            let mut source = options.connect().await.map_err(|error| lost(&error))?;
            let mut target = writer_of(&file).await?;
            copy::all(Source::Postgres(&mut source), Target::Sqlite(&mut target)).await?;
            closed(target).await?;
            copied.close().await?;
            settle(&file).await?;
        }
    }
    check(&file).await?;
    copy_files(attachments.to_owned(), partial.join(ATTACHMENTS_FOLDER)).await?;
    at(into, tokio::fs::rename(&partial, into).await)
}

/// Puts a backup into the database and the files into `attachments`. The database is migrated first, and gets a new epoch.
///
/// # Errors
/// [`BackupError::NotABackup`]; [`BackupError::NotEmpty`] if the database has a tenant or `attachments` a file, unless `force`, which
/// replaces them; and what fails underneath: the database is then as it was.
pub async fn restore(db: &Database, attachments: &Path, from: &Path, force: bool) -> Result<(), BackupError> {
    let file = from.join(DATABASE_FILE);
    if !file.is_file() {
        return Err(BackupError::NotABackup(from.to_owned()));
    }
    super::migrate(db).await?;
    if !force {
        refuse_full(db, attachments).await?;
    }
    // The backup may be of an older version: a copy of it is migrated, the backup itself is not touched.
    let scratch = attachments.with_extension("restoring.db");
    if let Some(folder) = scratch.parent() {
        at(folder, tokio::fs::create_dir_all(folder).await)?;
    }
    at(&scratch, tokio::fs::copy(&file, &scratch).await)?;
    let restored = into_database(db, &scratch).await;
    for leftover in [scratch.clone(), with_suffix(&scratch, "-wal"), with_suffix(&scratch, "-shm")] {
        if leftover.exists() {
            at(&leftover, tokio::fs::remove_file(&leftover).await)?;
        }
    }
    restored?;
    if attachments.exists() {
        at(attachments, tokio::fs::remove_dir_all(attachments).await)?;
    }
    copy_files(from.join(ATTACHMENTS_FOLDER), attachments.to_owned()).await
}

async fn into_database(db: &Database, scratch: &Path) -> Result<(), BackupError> {
    let older = open_file(scratch, false).await?;
    super::migrate(&older).await?;
    older.close().await?;
    let mut source = writer_of(scratch).await?;
    let _turn = db.turn().await;
    match db.origin() {
        Origin::Sqlite(options) => {
            let mut target = options.connect().await.map_err(|error| lost(&error))?;
            copy::all(Source::Sqlite(&mut source), Target::Sqlite(&mut target)).await?;
            closed(target).await?;
        }
        Origin::Postgres(options) => {
            let mut target = options.connect().await.map_err(|error| lost(&error))?;
            copy::all(Source::Sqlite(&mut source), Target::Postgres(&mut target)).await?;
            target.close().await.map_err(|error| lost(&error))?;
        }
    }
    closed(source).await
}

async fn refuse_full(db: &Database, attachments: &Path) -> Result<(), BackupError> {
    let tenants = super::journal::read::rows(db, "SELECT 1 AS one FROM tenant LIMIT 1", []).await?;
    if !tenants.is_empty() {
        return Err(BackupError::NotEmpty("the database".to_owned()));
    }
    let filled = attachments.exists() && at(attachments, std::fs::read_dir(attachments))?.next().is_some();
    if filled { Err(BackupError::NotEmpty(attachments.display().to_string())) } else { Ok(()) }
}

async fn sqlite_into(options: &SqliteConnectOptions, file: &Path) -> Result<(), BackupError> {
    let mut connection = options.connect().await.map_err(|error| lost(&error))?;
    let path = file.display().to_string();
    sqlx::query("VACUUM INTO ?1").bind(path).execute(&mut connection).await.map_err(|error| lost(&error))?;
    closed(connection).await
}

/// Leaves one file: no write-ahead log beside it.
async fn settle(file: &Path) -> Result<(), BackupError> {
    let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Delete);
    closed(options.connect().await.map_err(|error| lost(&error))?).await
}

async fn check(file: &Path) -> Result<(), BackupError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection = options.connect().await.map_err(|error| lost(&error))?;
    let row = sqlx::query("PRAGMA quick_check").fetch_one(&mut connection).await.map_err(|error| lost(&error))?;
    let verdict: String = row.try_get(0).map_err(|error| lost(&error))?;
    closed(connection).await?;
    // The folder gets its name only when the file is on the disk.
    at(file, std::fs::File::open(file).and_then(|file| file.sync_all()))?;
    if verdict == "ok" { Ok(()) } else { Err(BackupError::Damaged(verdict)) }
}

async fn open_file(file: &Path, create: bool) -> Result<Database, BackupError> {
    let options = OpenOptions { connections_max: 1, create };
    Ok(Database::open(&format!("sqlite://{}", file.display()), options).await?)
}

async fn writer_of(file: &Path) -> Result<SqliteConnection, BackupError> {
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(true);
    Ok(options.connect().await.map_err(|error| lost(&error))?)
}

async fn closed(connection: SqliteConnection) -> Result<(), BackupError> {
    Ok(connection.close().await.map_err(|error| lost(&error))?)
}

/// Copies a folder with all below it; nothing if there is none.
async fn copy_files(from: PathBuf, to: PathBuf) -> Result<(), BackupError> {
    let copied = tokio::task::spawn_blocking(move || copy_folder(&from, &to)).await;
    copied.unwrap_or_else(|stopped| Err(BackupError::File { path: PathBuf::new(), source: std::io::Error::other(stopped) }))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), BackupError> {
    at(to, std::fs::create_dir_all(to))?;
    if !from.exists() {
        return Ok(());
    }
    for entry in at(from, std::fs::read_dir(from))? {
        let entry = at(from, entry)?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if at(&path, entry.file_type())?.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            at(&path, std::fs::copy(&path, &target))?;
            at(&target, std::fs::File::open(&target).and_then(|file| file.sync_all()))?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn at<T>(path: &Path, done: std::io::Result<T>) -> Result<T, BackupError> {
    done.map_err(|source| BackupError::File { path: path.to_owned(), source })
}
