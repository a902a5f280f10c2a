//! Queries, paths and `If-Match`.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::{PathError, QueryPayloadError},
    http::header,
    web,
};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use url::form_urlencoded;
use uuid::Uuid;

use crate::http::problem::{Answer, Code, Problem};

/// How much of a parameter's name is told back, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Parts of paths that are called like ids and are texts: any text is one.
const TEXTS: [&str; 1] = ["key_id"];
/// What an id looks like, for whoever sent something else.
const EXAMPLE_ID: &str = "0198a1fd-fc00-7000-8000-000000000001";

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

/// What a path whose parts cannot be read is answered with: each part that should be an id and is none is named as the API's description
/// names it.
#[must_use]
pub fn path_problem(error: &PathError, request: &HttpRequest) -> Problem {
    let is_id = |text: &str| percent_decode_str(text).decode_utf8().is_ok_and(|text| Uuid::parse_str(&text).is_ok());
    let mut problem = Problem::new(Code::InvalidRequest).because(error);
    let mut sentences = Vec::new();
    for (name, text) in request.match_info().iter() {
        if !name.ends_with("_id") || TEXTS.contains(&name) || is_id(text) {
            continue;
        }
        let sentence = format!("{name} in the path must be a UUID, such as {EXAMPLE_ID}");
        problem = problem.field(format!("{{{name}}}"), "not_a_uuid", sentence.clone());
        sentences.push(sentence);
    }
    if sentences.is_empty() {
        sentences.push("a part of the path cannot be read: check how it is written".to_owned());
    }
    problem.detail(sentences.join("; "))
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
