//! The bodies of calls to providers: data in, bytes out.
//!
//! Does not: read files; whoever calls hands over who does.

use std::fmt::Write as _;

use actors::port::LocalPromise;
use base64::{Engine, prelude::BASE64_STANDARD};
use entities::AttachmentId;
use serde_json::Value;

use crate::{
    channels::{call::Body, form},
    crypto::random_bytes,
};

/// A stored file.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, to show.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// Its bytes; files are small enough to be held whole (10 MB).
    pub bytes: Vec<u8>,
}

/// Who has stored files.
pub trait Files {
    /// The whole file.
    ///
    /// # Errors
    /// In words, if it is not there or cannot be read.
    fn open(&self, id: AttachmentId) -> LocalPromise<Result<File, String>>;
}

/// For calls that take no file.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn open(&self, _id: AttachmentId) -> LocalPromise<Result<File, String>> {
        Box::pin(async { Err("no file can be sent here".to_owned()) })
    }
}

/// Bytes with their type.
#[derive(Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The type; `None` where there is no body.
    pub content_type: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The body as it is sent.
///
/// # Errors
/// In words: the file is not there, or has no place in the JSON.
pub async fn encode(body: &Body, files: &dyn Files) -> Result<Encoded, String> {
    let encoded = |content_type: &str, bytes: Vec<u8>| Encoded { content_type: Some(content_type.to_owned()), bytes };
    Ok(match body {
        Body::None => Encoded { content_type: None, bytes: Vec::new() },
        Body::Json(json) => encoded("application/json", json.to_string().into_bytes()),
        Body::Form(pairs) => {
            let text = form::encode(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            encoded("application/x-www-form-urlencoded", text.into_bytes())
        }
        Body::Multipart { fields, file_field, file } => multipart(fields, file_field, &files.open(*file).await?),
        Body::File(file) => {
            let file = files.open(*file).await?;
            encoded(&file.mime, file.bytes)
        }
        Body::JsonWithFile { json, pointer, file } => {
            let file = files.open(*file).await?;
            let mut json = json.clone();
            let place = json.pointer_mut(pointer).ok_or_else(|| format!("the body has no place for the file at {pointer}"))?;
            *place = Value::String(BASE64_STANDARD.encode(&file.bytes));
            encoded("application/json", json.to_string().into_bytes())
        }
    })
}

/// `multipart/form-data` (RFC 7578): the fields in their order, and then the file.
fn multipart(fields: &[(&'static str, String)], file_field: &str, file: &File) -> Encoded {
    // Random, so that no file can hold it.
    let boundary = format!("switchboard-{}", hex::encode(random_bytes::<16>()));
    let mut head = String::new();
    for (name, value) in fields {
        let _infallible = write!(head, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n", quoted(name));
    }
    let _infallible = write!(
        head,
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
        quoted(file_field),
        quoted(&file.name),
        file.mime,
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&file.bytes);
    bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Encoded { content_type: Some(format!("multipart/form-data; boundary={boundary}")), bytes }
}

/// A name between quotation marks, as browsers write it (WHATWG HTML, "multipart/form-data encoding algorithm").
fn quoted(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    struct One;

    impl Files for One {
        fn open(&self, _id: AttachmentId) -> LocalPromise<Result<File, String>> {
            let file = File { name: "a\"b\r\n.txt".to_owned(), mime: "text/plain".to_owned(), bytes: b"hello".to_vec() };
            Box::pin(async { Ok(file) })
        }
    }

    fn encoded(body: Body) -> Result<(String, String), String> {
        use futures_util::FutureExt;
        let encoded = encode(&body, &One).now_or_never().unwrap()?;
        Ok((encoded.content_type.unwrap_or_default(), String::from_utf8(encoded.bytes).unwrap()))
    }

    #[test]
    fn bodies_become_bytes_with_their_type() {
        let id = AttachmentId::new(Uuid::from_u128(1));
        let told = |content_type: &str, text: &str| Ok((content_type.to_owned(), text.to_owned()));
        assert_eq!(encoded(Body::None), told("", ""));
        assert_eq!(encoded(Body::Json(json!({"a": "ü"}))), told("application/json", "{\"a\":\"ü\"}"));
        let pairs = vec![("Body".to_owned(), "a b&c=+".to_owned()), ("To".to_owned(), "+49".to_owned())];
        assert_eq!(encoded(Body::Form(pairs)), told("application/x-www-form-urlencoded", "Body=a+b%26c%3D%2B&To=%2B49"));
        assert_eq!(encoded(Body::File(id)), told("text/plain", "hello"));
        let with_file = |pointer| Body::JsonWithFile { json: json!({"media": {"data": null}}), pointer, file: id };
        assert_eq!(encoded(with_file("/media/data")), told("application/json", "{\"media\":{\"data\":\"aGVsbG8=\"}}"));
        assert_eq!(encoded(with_file("/other")), Err("the body has no place for the file at /other".to_owned()));
    }

    #[test]
    fn a_multipart_body_holds_the_fields_and_the_file_and_no_header_of_the_files_choosing() {
        let body =
            Body::Multipart { fields: vec![("type", "text/plain".to_owned())], file_field: "file", file: AttachmentId::new(Uuid::nil()) };
        let (content_type, text) = encoded(body).unwrap();
        let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let parts = [
            "Content-Disposition: form-data; name=\"type\"\r\n\r\ntext/plain",
            "Content-Disposition: form-data; name=\"file\"; filename=\"a%22b%0D%0A.txt\"\r\nContent-Type: text/plain\r\n\r\nhello",
        ];
        assert_eq!(text, format!("--{boundary}\r\n{}\r\n--{boundary}\r\n{}\r\n--{boundary}--\r\n", parts[0], parts[1]));
    }
}
