//! Uploaded files, as messages show them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AttachmentId;

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// Most files on one message.
pub const ATTACHMENTS_MAX: usize = 10;

/// What a message shows of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentRef {
    /// The attachment's id; `GET /api/attachments/{id}/download` answers its address.
    pub id: AttachmentId,
    /// The name it had.
    pub filename: String,
    /// Bytes.
    pub size: u64,
    /// Its media type, as far as we trust it.
    #[serde(rename = "type")]
    pub media_type: String,
}
