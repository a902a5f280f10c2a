//! What jobs over many conversations look like on the REST API.

use entities::{BulkJobId, ConversationId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::presets::{macros::Action, view::ViewFilter},
    store::read::bulk::{Failed, Job},
};

/// What is to be done with which conversations: with those that are named, or with all that fit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "conversation_ids": ["0198a1fd-fc00-7000-8000-000000000001"], "action": {"type": "set_status", "status": "resolved"},
}))]
pub struct CreateBulkJob {
    /// The conversations, each once.
    #[schema(min_items = 1, max_items = 1000)]
    pub conversation_ids: Option<Vec<ConversationId>>,
    /// Or all that fit, as they are now, at most 10,000: a saved view's filter.
    pub filter: Option<ViewFilter>,
    /// What is done with each: any of a macro's actions that says nothing.
    pub action: Action,
}

/// A job over many conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkJob {
    /// The job's id.
    pub id: BulkJobId,
    /// How it stands.
    pub status: BulkJobStatus,
    /// What is done with each.
    pub action: Action,
    /// With how many conversations.
    #[schema(example = 120)]
    pub total: u64,
    /// In how many it was done.
    #[schema(example = 118)]
    pub done: u64,
    /// In how many it could not be done.
    #[schema(example = 2)]
    pub failed: u64,
    /// The first twenty of those.
    #[schema(max_items = 20)]
    pub errors: Vec<BulkJobError>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When nothing was left of it.
    pub finished_at: Option<Timestamp>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkJobStatus {
    /// Nothing of it was done yet.
    Queued,
    /// It is being done.
    Running,
    /// It is over; some may have failed.
    Done,
    /// It is over, and all of it failed.
    Failed,
}

/// A conversation in which it could not be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkJobError {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Why.
    pub error: BulkJobReason,
}

/// Why it could not be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkJobReason {
    /// The code that the action by itself would have been answered with.
    #[schema(example = "not_found")]
    pub code: String,
    /// In words.
    pub detail: String,
}

impl BulkJob {
    /// As it is shown; `action` is what the job's column says.
    pub fn of(job: Job, action: Action) -> Self {
        let done = job.total.saturating_sub(job.left).saturating_sub(job.failed);
        let status = match job.finished_at {
            Some(_) if job.total > 0 && job.failed == job.total => BulkJobStatus::Failed,
            Some(_) => BulkJobStatus::Done,
            None if job.left < job.total || job.lease_until.is_some() => BulkJobStatus::Running,
            None => BulkJobStatus::Queued,
        };
        let errors = job
            .errors
            .into_iter()
            .map(|Failed { conversation_id, code, detail }| BulkJobError { conversation_id, error: BulkJobReason { code, detail } });
        Self {
            id: job.id,
            status,
            action,
            total: job.total,
            done,
            failed: job.failed,
            errors: errors.collect(),
            created_at: job.created_at,
            finished_at: job.finished_at,
        }
    }
}
