//! Fresh databases, one of each kind, with the schema of this binary.

use switchboard::store::{self, Database, OpenOptions};
use tempfile::TempDir;

use super::postgres;

/// A database, and what it lives in.
pub struct Fresh {
    /// The open database.
    pub db: Database,
    /// Its address.
    pub url: String,
    /// The file's folder (SQLite), removed at the end.
    pub folder: TempDir,
}

/// An empty SQLite file.
pub async fn sqlite_empty() -> Fresh {
    let folder = tempfile::tempdir().expect("make a folder");
    let url = format!("sqlite://{}", folder.path().join("switchboard.db").display());
    open(url, folder).await
}

/// An empty PostgreSQL database.
pub async fn postgres_empty() -> Fresh {
    open(postgres::database(), tempfile::tempdir().expect("make a folder")).await
}

/// A SQLite file with the schema.
pub async fn sqlite() -> Fresh {
    migrated(sqlite_empty().await).await
}

/// A PostgreSQL database with the schema.
pub async fn postgres() -> Fresh {
    migrated(postgres_empty().await).await
}

async fn open(url: String, folder: TempDir) -> Fresh {
    let db = Database::open(&url, OpenOptions::default()).await.expect("open the database");
    Fresh { db, url, folder }
}

async fn migrated(fresh: Fresh) -> Fresh {
    store::migrate(&fresh.db).await.expect("migrate");
    fresh
}
