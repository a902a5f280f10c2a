//! Fresh databases, one of each kind, with the schema of this binary.

use std::{future::pending, mem};

use actix_web::rt::System;
use switchboard::store::{self, Database, OpenOptions};
use tempfile::TempDir;
use tokio::runtime::Handle;

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

/// Lets a test end while a task holds a connection. What is dropped then gives its connection back, for which it needs the runtime, and that
/// has been left by the time the tasks are dropped, the oldest first: so the oldest enters it again. To be called before anything is spawned.
///
/// Without a system, as under `tokio::test`, tasks are dropped within the runtime.
pub fn left_by_tasks() {
    struct Enter(Handle);
    impl Drop for Enter {
        fn drop(&mut self) {
            mem::forget(self.0.enter());
        }
    }
    if System::try_current().is_none() {
        return;
    }
    let last = Enter(Handle::current());
    drop(actix_web::rt::spawn(async move {
        let _last = last;
        pending::<()>().await;
    }));
}

async fn open(url: String, folder: TempDir) -> Fresh {
    left_by_tasks();
    let db = Database::open(&url, OpenOptions::default()).await.expect("open the database");
    Fresh { db, url, folder }
}

async fn migrated(fresh: Fresh) -> Fresh {
    store::migrate(&fresh.db).await.expect("migrate");
    fresh
}
