//! Reading bodies and queries strictly: what cannot be read becomes a problem that says where.
//!
//! Guarantees: a body is read to its bound and no further; broken UTF-8 is refused everywhere in it; a field that is unknown, missing or of
//! the wrong type is named by its JSON pointer.

mod json;
mod query;

pub(in crate::http) use json::escape;
pub use json::{BODY_BYTES_MAX, Json, JsonOrNothing, parse, read};
pub use query::{Query, if_match, path_problem};
