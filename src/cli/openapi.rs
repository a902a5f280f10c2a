//! `openapi`: the API's description, as `/openapi.json` serves it.

use super::output::{CliError, say};
use crate::http::openapi;

/// Prints it.
pub fn run() -> Result<(), CliError> {
    say(&serde_json::to_string_pretty(&openapi::document()?)?)
}
