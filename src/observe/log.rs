//! The log, to standard error: for people or as JSON.

use std::io;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::options::LogFormat;

/// Starts the log. A second call changes nothing.
///
/// # Errors
/// A sentence, if `filter` cannot be read.
pub fn init(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("the log filter cannot be read: {error}"))?;
    let registry = tracing_subscriber::registry().with(filter);
    let outcome = match format {
        LogFormat::Text => registry
            .with(fmt::layer().with_writer(io::stderr).with_target(false).with_ansi(io::IsTerminal::is_terminal(&io::stderr())))
            .try_init(),
        LogFormat::Json => registry.with(fmt::layer().json().flatten_event(true).with_writer(io::stderr)).try_init(),
    };
    // Only tests start it twice in one process; the first stands.
    drop(outcome);
    Ok(())
}
