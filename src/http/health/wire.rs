//! What the health endpoints answer.

use entities::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Healthy,
    /// It works, slowly.
    Degraded,
    /// It does not work.
    Unhealthy,
    /// It is not used here.
    NotConfigured,
}

/// The whole picture.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Health {
    /// The worst of the checks.
    pub status: Status,
    /// This binary's version.
    #[schema(example = "0.1.0")]
    pub version: &'static str,
    /// Seconds since this process began to answer.
    pub uptime: u64,
    /// Each check.
    pub checks: Checks,
    /// When this was found.
    pub timestamp: Timestamp,
}

/// Each check.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Checks {
    /// The database answers.
    pub database: Check,
    /// Redis answers; a single node has none.
    pub redis: Check,
    /// The data folder can be written and the process is not stopping.
    pub environment: Check,
}

/// One check.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// How it ended.
    pub status: Status,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// What is wrong, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
}

/// Whether this server takes requests.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ready {
    /// It does.
    pub ready: bool,
}
