//! Queries, paths and `If-Match`.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::{PathError, QueryPayloadError},
    http::header,
    web,
};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use url::form_urlencoded;

use crate::http::problem::{Answer, Code, Problem};

/// How much of a parameter's name is told back, in characters.
const NAME_CHARS_MAX: usize = 64;

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
        ready(parse(request.query_string()).map(Self))
    }
}

/// Reads a query string.
///
/// # Errors
/// 400 `invalid_request` that names the parameter which cannot be read, is not known, is missing or comes twice.
pub fn parse<T: DeserializeOwned>(query: &str) -> Answer<T> {
    read(query).map_err(|sentence| {
        let name: String = culprit::<T>(query, &sentence).chars().take(NAME_CHARS_MAX).collect();
        let detail = format!("the query cannot be read: {name}: {sentence}");
        Problem::new(Code::InvalidRequest).detail(detail).field(format!("?{name}"), "invalid", sentence)
    })
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, String> {
    web::Query::<T>::from_query(query).map(web::Query::into_inner).map_err(|error| match error {
        QueryPayloadError::Deserialize(error) => error.to_string(),
        other => other.to_string(),
    })
}

/// The parameter of which this was said. serde names a field that is missing or comes twice; of a value that cannot be read it tells the
/// value alone, so the parameter is the one that gets the same sentence by itself.
fn culprit<T: DeserializeOwned>(query: &str, sentence: &str) -> String {
    if sentence.starts_with("missing field") || sentence.starts_with("duplicate field") {
        return sentence.split('`').nth(1).unwrap_or_default().to_owned();
    }
    let alone = query.split('&').find(|pair| read::<T>(pair).err().as_deref() == Some(sentence));
    alone.and_then(|pair| form_urlencoded::parse(pair.as_bytes()).next()).map(|(name, _value)| name.into_owned()).unwrap_or_default()
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
