//! JSON bodies.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Bytes, web::BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::http::problem::{Answer, Code, Problem};

/// Longest body, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A JSON body of type `T`: `application/json`, UTF-8, at most [`BODY_BYTES_MAX`].
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The body itself.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            require_json(&request)?;
            let body = read(&request, &mut payload, BODY_BYTES_MAX).await?;
            parse(&body).map(Self)
        })
    }
}

/// A JSON body like [`Json`] that may be left out: an empty one means all defaults.
#[derive(Debug, Clone)]
pub struct JsonOrNothing<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for JsonOrNothing<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let body = read(&request, &mut payload, BODY_BYTES_MAX).await?;
            if body.is_empty() {
                return Ok(Self(T::default()));
            }
            require_json(&request)?;
            parse(&body).map(Self)
        })
    }
}

/// Reads a whole body of at most `bytes_max`.
///
/// # Errors
/// 413 if it is longer, 400 if the client broke off.
pub async fn read(request: &HttpRequest, payload: &mut Payload, bytes_max: usize) -> Answer<Bytes> {
    let too_large = || Problem::new(Code::PayloadTooLarge).detail(format!("a body may have {bytes_max} bytes at most"));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(Code::InvalidRequest).detail(format!("the body could not be read: {error}")))?;
        if body.len() + chunk.len() > bytes_max {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Reads JSON from bytes.
///
/// # Errors
/// 400 `invalid_json`, or 422 `validation_failed` with the pointer to the bad field.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Answer<T> {
    let invalid = |detail: String| Problem::new(Code::InvalidJson).detail(detail);
    let text = std::str::from_utf8(body).map_err(|error| invalid(format!("the body is not UTF-8 at byte {}", error.valid_up_to())))?;
    // serde takes an array for a struct, field by field; nobody was promised that.
    if text.trim_start().starts_with('[') {
        return Err(field_problem("", "invalid type: sequence, expected an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize::<_, T>(&mut deserializer).map_err(|error| {
        if error.inner().is_data() {
            field_problem(&pointer(error.path()), &error.inner().to_string())
        } else if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            // For a number where a word is wanted serde_json says that the text is no JSON, which it is.
            field_problem(&pointer(error.path()), "invalid type: expected another one here")
        } else {
            invalid(format!("the body is not JSON: {}", error.inner()))
        }
    })?;
    deserializer.end().map_err(|error| invalid(format!("the body is not JSON: {error}")))?;
    Ok(value)
}

/// A JSON pointer (RFC 6901) from the path at which reading stopped.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// A name as a part of a JSON pointer.
pub(in crate::http) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What serde says, as a code, a pointer and a sentence. Its texts are the only place where it says which field is missing.
pub(super) fn field_problem(pointer: &str, message: &str) -> Problem {
    let sentence = message.rsplit_once(" at line ").map_or(message, |(sentence, _place)| sentence);
    let named = || sentence.split('`').nth(1).map(escape).unwrap_or_default();
    let within = |name: String| if pointer.ends_with(&format!("/{name}")) { pointer.to_owned() } else { format!("{pointer}/{name}") };
    let (pointer, code) = if sentence.starts_with("unknown field") {
        (within(named()), "unknown_field")
    } else if sentence.starts_with("missing field") {
        (format!("{pointer}/{}", named()), "missing_field")
    } else if sentence.starts_with("duplicate field") {
        (within(named()), "duplicate_field")
    } else if sentence.starts_with("invalid type") {
        (pointer.to_owned(), "wrong_type")
    } else if sentence.starts_with("unknown variant") {
        (pointer.to_owned(), "unknown_value")
    } else {
        (pointer.to_owned(), "invalid_value")
    };
    Problem::invalid(pointer, code, sentence)
}

fn require_json(request: &HttpRequest) -> Answer<()> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).detail("the body must be sent as application/json"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether they can be read matters here")]
    struct Order {
        name: String,
        #[serde(default)]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether they can be read matters here")]
    struct Line {
        count: u32,
    }

    fn refused(body: &[u8]) -> String {
        use actix_web::ResponseError;
        let problem = parse::<Order>(body).unwrap_err();
        let document =
            futures_util::FutureExt::now_or_never(actix_web::body::to_bytes(problem.error_response().into_body())).unwrap().unwrap();
        let value: serde_json::Value = serde_json::from_slice(&document).unwrap();
        let field = &value["errors"][0];
        format!("{} {} {} {}", value["status"], value["code"], field["pointer"], field["code"]).replace('"', "")
    }

    #[test]
    fn a_bad_body_is_refused_with_the_place() {
        assert!(parse::<Order>(br#"{"name":"a","lines":[{"count":1}]}"#).is_ok());
        assert_eq!(refused(br#"{"name":"a","x":1}"#), "422 validation_failed /x unknown_field");
        assert_eq!(
            refused(br#"{"name":"a","lines":[{"count":1},{"count":1,"a/b":2}]}"#),
            "422 validation_failed /lines/1/a~1b unknown_field"
        );
        assert_eq!(refused(br#"{"name":"a","lines":[{}]}"#), "422 validation_failed /lines/0/count missing_field");
        assert_eq!(refused(br#"{"lines":[]}"#), "422 validation_failed /name missing_field");
        assert_eq!(refused(br#"{"name":1}"#), "422 validation_failed /name wrong_type");
        assert_eq!(refused(br#"{"name":"a","name":"b"}"#), "422 validation_failed /name duplicate_field");
        assert_eq!(refused(br#"{"name":"a","lines":[{"count":-1}]}"#), "422 validation_failed /lines/0/count invalid_value");
        assert_eq!(refused(b"{"), "400 invalid_json null null");
        assert_eq!(refused(b""), "400 invalid_json null null");
        assert_eq!(refused(br#"{"name":"a"} x"#), "400 invalid_json null null");
        assert_eq!(refused(b"{\"name\":\"\xff\"}"), "400 invalid_json null null");
        assert_eq!(refused(b"[1]"), "422 validation_failed  wrong_type");
    }
}
