//! The counters, as Prometheus reads them.
//!
//! Labels come from our own tables (route patterns, methods, status classes) and never from a request, so the number of series is bounded.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actors::channel::Came;
use entities::{ChannelKind, Provider};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds between which latencies are told apart.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// What writes the counters out.
pub type Exporter = PrometheusHandle;

/// Starts counting. Once a process; where that has happened before (in tests), a new exporter that sees nothing is returned.
///
/// # Errors
/// If the buckets were refused, which they are not.
pub fn install() -> Result<Exporter, BuildError> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?;
    let recorder = builder.build_recorder();
    let exporter = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("metrics were installed before in this process");
    }
    Ok(exporter)
}

/// Counts an answered request.
pub fn request(method: &Method, route: Option<&str>, status: StatusCode, duration: Duration) {
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    };
    let route = route.unwrap_or("none").to_owned();
    metrics::counter!("switchboard_http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!("switchboard_http_request_seconds", "method" => method, "route" => route).record(duration.as_secs_f64());
}

/// Counts a chore of the sweep: the rows it did, or that it failed.
pub fn swept(chore: &'static str, rows: Option<u64>) {
    match rows {
        Some(rows) => metrics::counter!("switchboard_swept_rows_total", "chore" => chore).increment(rows),
        None => metrics::counter!("switchboard_sweep_failures_total", "chore" => chore).increment(1),
    }
}

/// Counts a send to a provider, and what came of it.
pub fn sent(kind: ChannelKind, came: Came) {
    metrics::counter!("switchboard_sends_total", "channel" => kind.as_str(), "outcome" => came.as_str()).increment(1);
}

/// Counts a time that a provider was to show somebody typing, and what came of it.
pub fn typing(kind: ChannelKind, came: Came) {
    metrics::counter!("switchboard_typing_total", "channel" => kind.as_str(), "outcome" => came.as_str()).increment(1);
}

/// Counts an attempt to fetch a file from a provider, and what came of it.
pub fn fetched(provider: Provider, outcome: &'static str) {
    metrics::counter!("switchboard_media_fetches_total", "provider" => provider.as_str(), "outcome" => outcome).increment(1);
}
