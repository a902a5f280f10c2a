//! Reads `multipart/form-data` (RFC 7578) from memory: the parts that uploads to providers have.

use actix_web::web::Bytes;

use super::provider::ApiRequest;

/// Parts that are read of one body.
const PARTS_MAX: usize = 32;

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its field's name.
    pub name: String,
    /// Its file's name; nothing for plain fields.
    pub file_name: Option<String>,
    /// Its type; empty if it has none.
    pub mime: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Part {
    /// As text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The parts of a body; none if it is no multipart body.
pub fn parts(call: &ApiRequest) -> Vec<Part> {
    let content_type = call.header("content-type").unwrap_or_default();
    let Some((_, boundary)) = content_type.split_once("boundary=") else { return Vec::new() };
    let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
    let line = format!("--{boundary}");
    let body = &call.body;
    let mut parts = Vec::new();
    let mut from = find(body, line.as_bytes(), 0).map(|at| at + line.len());
    let between = format!("\r\n{line}");
    while let Some(start) = from.filter(|_| parts.len() < PARTS_MAX) {
        let Some(end) = find(body, between.as_bytes(), start) else { break };
        if let Some(part) = part(&body.slice(start..end)) {
            parts.push(part);
        }
        from = Some(end + between.len());
    }
    parts
}

/// The part named so.
pub fn named<'a>(parts: &'a [Part], name: &str) -> Option<&'a Part> {
    parts.iter().find(|part| part.name == name)
}

fn part(bytes: &Bytes) -> Option<Part> {
    let head_end = find(bytes, b"\r\n\r\n", 0)?;
    let head = String::from_utf8_lossy(bytes.get(..head_end)?).into_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let disposition = header("content-disposition")?;
    let parameter = |name: &str| {
        disposition.split(';').find_map(|pair| {
            let (known, value) = pair.split_once('=')?;
            known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Some(Part {
        name: parameter("name")?,
        file_name: parameter("filename"),
        mime: header("content-type").unwrap_or_default(),
        bytes: bytes.slice(head_end + 4..),
    })
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let first = *wanted.first()?;
    let mut at = 0;
    // By the first byte, then the rest: bodies are megabytes, and boundaries are rare.
    while let Some(step) = rest.get(at..)?.iter().position(|byte| *byte == first) {
        at += step;
        if rest.get(at..)?.starts_with(wanted) {
            return Some(from + at);
        }
        at += 1;
    }
    None
}
