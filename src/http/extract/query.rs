//! Queries, paths and `If-Match`.

use actix_web::{FromRequest, HttpRequest, dev::Payload, error::PathError, http::header, web};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

use crate::http::problem::{Answer, Code, Problem};

/// The query string as `T`.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T> Query<T> {
    /// The query itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(web::Query::<T>::from_query(request.query_string()).map(|query| Self(query.into_inner())).map_err(|error| {
            let sentence = match error {
                actix_web::error::QueryPayloadError::Deserialize(error) => error.to_string(),
                other => other.to_string(),
            };
            let name = sentence.split('`').nth(1).unwrap_or_default().to_owned();
            Problem::new(Code::InvalidRequest).detail(format!("the query cannot be read: {sentence}")).field(
                format!("?{name}"),
                "invalid",
                sentence,
            )
        }))
    }
}

/// What a path whose parts cannot be read is answered with.
#[must_use]
pub fn path_problem(error: &PathError) -> Problem {
    Problem::new(Code::InvalidRequest).detail(format!("the path cannot be read: {error}"))
}

/// The version that `If-Match` names, if it is there: `"7"`. `*` asks for nothing but existence, which finding the row proves.
///
/// # Errors
/// 400 `invalid_request` if it is no quoted version.
pub fn if_match(request: &HttpRequest) -> Answer<Option<u64>> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted.and_then(|digits| digits.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => Err(Problem::new(Code::InvalidRequest).detail("If-Match must be a quoted version, as in If-Match: \"7\"")),
    }
}
