//! Where files lie: `attachments/` in the data directory, under random names.
//!
//! Guarantees: a name is made here and never comes from outside; a file appears under its name whole and synced to disk; a broken-off
//! upload leaves nothing but a draft, which the sweep removes.

use std::{io, path::PathBuf};

use entities::AttachmentRef;
use sha2::{Digest, Sha256};
use tokio::{fs, io::AsyncWriteExt};

use super::media::HEAD_BYTES;
use crate::{crypto::random_bytes, http::App, http::problem::Answer, store::settings::attachment};

/// The folder of uploads that have not ended.
const DRAFTS: &str = "incoming";
/// How long a file may wait to be used.
const UNUSED_MS_MAX: i64 = 24 * 60 * 60 * 1000;
/// Files removed at once.
const BATCH: u64 = 200;
/// Batches of one sweep; what is left waits for the next.
const BATCHES_MAX: usize = 50;

/// An upload on its way to disk. Dropped before [`Draft::keep`], its file is removed.
pub struct Draft {
    path: PathBuf,
    name: String,
    root: PathBuf,
    file: fs::File,
    hash: Sha256,
    head: Vec<u8>,
    size: u64,
    kept: bool,
}

/// What was written.
pub struct Written {
    /// Where it lies below the attachments folder.
    pub storage_key: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// The attachments folder.
#[must_use]
pub fn root(app: &App) -> PathBuf {
    app.options.data_dir.join("attachments")
}

/// Where a file's bytes lie; `None` if the key is not one that [`Draft::keep`] gave out.
#[must_use]
pub fn path(app: &App, storage_key: &str) -> Option<PathBuf> {
    path_in(&root(app), storage_key)
}

/// As [`path`], below this folder.
#[must_use]
pub fn path_in(root: &std::path::Path, storage_key: &str) -> Option<PathBuf> {
    let (folder, name) = storage_key.split_once('/')?;
    let is_hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex(folder, 2) && is_hex(name, 32)).then(|| root.join(folder).join(name))
}

impl Draft {
    /// Begins an upload.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn begin(root: PathBuf) -> io::Result<Self> {
        let name = hex::encode(random_bytes::<16>());
        let drafts = root.join(DRAFTS);
        fs::create_dir_all(&drafts).await?;
        let path = drafts.join(&name);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await?;
        Ok(Self { path, name, root, file, hash: Sha256::new(), head: Vec::new(), size: 0, kept: false })
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.file.write_all(bytes).await
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The first bytes, and whether they are all.
    #[must_use]
    pub fn head(&self) -> (&[u8], bool) {
        (&self.head, self.size == self.head.len() as u64)
    }

    /// SHA-256 of the bytes so far.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// Makes the file durable under its final name.
    ///
    /// # Errors
    /// What the file system says; nothing is left behind then but a draft.
    pub async fn keep(mut self) -> io::Result<Written> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let folder: String = self.name.chars().take(2).collect();
        let home = self.root.join(&folder);
        fs::create_dir_all(&home).await?;
        fs::rename(&self.path, home.join(&self.name)).await?;
        self.kept = true;
        // The name is as durable as the bytes only when the folders are synced too.
        for folder in [&home, &self.root] {
            fs::File::open(folder).await?.sync_all().await?;
        }
        let hash = std::mem::take(&mut self.hash);
        Ok(Written { storage_key: format!("{folder}/{}", self.name), sha256: hash.finalize().into() })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "a broken-off upload could not be removed; the sweep tries again");
        }
    }
}

/// Removes files that were uploaded a day ago and never used, and what broken-off uploads left; answers how many. The sweep calls it.
///
/// A crash between the rows and the bytes leaves at most one batch of files that no row names.
///
/// # Errors
/// 503 if the database is away; files that cannot be removed are logged.
pub async fn remove_orphans(app: &App) -> Answer<usize> {
    let before = app.clock.now().plus_ms(-UNUSED_MS_MAX);
    let mut removed = remove_old_drafts(app, before).await;
    for _batch in 0..BATCHES_MAX {
        let keys = attachment::forget_unused(&app.db, before, BATCH).await?;
        for key in &keys {
            if let Some(path) = path(app, key) {
                remove(&path).await;
            }
        }
        removed += keys.len();
        if keys.len() < BATCH as usize {
            break;
        }
    }
    Ok(removed)
}

async fn remove_old_drafts(app: &App, before: entities::Timestamp) -> usize {
    let mut removed = 0;
    // No folder: nothing was ever uploaded.
    let Ok(mut drafts) = fs::read_dir(root(app).join(DRAFTS)).await else { return removed };
    while let Ok(Some(entry)) = drafts.next_entry().await {
        let changed = entry.metadata().await.and_then(|metadata| metadata.modified());
        if changed.is_ok_and(|changed| chrono::DateTime::<chrono::Utc>::from(changed) < before.utc()) {
            remove(&entry.path()).await;
            removed += 1;
        }
    }
    removed
}

/// Removes a file whose row came to nothing.
pub async fn forget(app: &App, storage_key: &str) {
    if let Some(path) = path(app, storage_key) {
        remove(&path).await;
    }
}

async fn remove(path: &std::path::Path) {
    match fs::remove_file(path).await {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "an unused file could not be removed"),
    }
}

/// The address at which a client asks for a file.
#[must_use]
pub fn download_url(shown_as: &AttachmentRef) -> String {
    format!("/api/attachments/{}/download", shown_as.id)
}
