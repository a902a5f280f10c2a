//! Forms with files in them, as a browser sends them, and as it would not.

/// What stands between the parts.
pub const BOUNDARY: &str = "----boundary7";

/// One part of a form.
pub struct Part<'a> {
    pub name: &'a str,
    pub filename: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub bytes: &'a [u8],
}

/// A part with a text in it.
pub fn field<'a>(name: &'a str, value: &'a str) -> Part<'a> {
    Part { name, filename: None, content_type: None, bytes: value.as_bytes() }
}

/// The part named `file`.
pub fn file<'a>(filename: &'a str, content_type: &'a str, bytes: &'a [u8]) -> Part<'a> {
    Part { name: "file", filename: Some(filename), content_type: Some(content_type), bytes }
}

/// The body of a form.
pub fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{}\"", part.name).as_bytes());
        if let Some(filename) = part.filename {
            body.extend_from_slice(format!("; filename=\"{filename}\"").as_bytes());
        }
        if let Some(content_type) = part.content_type {
            body.extend_from_slice(format!("\r\ncontent-type: {content_type}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(part.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}
