//! Stored files for the gateway to providers: their signed addresses, and their bytes.

use std::{path::PathBuf, sync::Arc};

use actors::port::{Clock, LocalPromise};
use entities::{AttachmentId, TenantId};

use super::{address, storage};
use crate::{
    crypto::Keys,
    delivery::{provider_body::File, provider_gateway::StoredFiles},
    store::{Database, read::attachment},
};

/// The files of this server.
pub struct Stored {
    /// Where their rows are.
    pub db: Database,
    /// Signs addresses.
    pub keys: Keys,
    /// Until when addresses are good.
    pub clock: Arc<dyn Clock>,
    /// The attachments folder.
    pub root: PathBuf,
    /// The origin under which the outside reaches this server.
    pub public_url: String,
}

impl StoredFiles for Stored {
    fn address(&self, tenant_id: TenantId, id: AttachmentId) -> String {
        format!("{}{}", self.public_url, address::write(&self.keys, tenant_id, id, self.clock.now()))
    }

    fn open(&self, tenant_id: TenantId, id: AttachmentId) -> LocalPromise<Result<File, String>> {
        let (db, root) = (self.db.clone(), self.root.clone());
        Box::pin(async move {
            let found = attachment::find(&db, tenant_id, id).await.map_err(|error| error.to_string())?;
            let found = found.ok_or_else(|| format!("the file {id} is gone"))?;
            let path = storage::path_in(&root, &found.storage_key).ok_or_else(|| format!("the file {id} has not been fetched yet"))?;
            let bytes = tokio::fs::read(path).await.map_err(|error| format!("the file {id} cannot be read: {error}"))?;
            Ok(File { name: found.shown_as.filename, mime: found.shown_as.media_type, bytes })
        })
    }
}
