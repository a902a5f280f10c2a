//! What a channel's templates look like on the REST API.

use entities::{Timestamp, template::Template};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which of a channel's templates to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those of this status, for instance `approved`.
    #[param(max_length = 50)]
    pub status: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of a channel's templates, by name and language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Templates {
    /// The templates.
    pub data: Vec<Template>,
    /// Hand it back as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// When the provider listed them last; null if it has not yet.
    pub synced_at: Option<Timestamp>,
    /// Why it could not be asked since, in words.
    pub sync_error: Option<String>,
}

/// What came of asking the provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"templates": 12}))]
pub struct Synchronised {
    /// How many templates the account has.
    pub templates: u64,
}
