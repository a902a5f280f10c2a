//! What may be sent (specification `messenger` 9, 10 and 10.2).

use serde_json::Value;

use crate::simulate::{
    provider::text,
    world::{Button, FileRef, World},
};

/// What is wrong with a send: code and words.
pub type Wrong = (&'static str, String);

/// What the customer will see.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// `text`, `image`, `template`, …
    pub kind: String,
    /// The text.
    pub text: String,
    /// The files.
    pub files: Vec<FileRef>,
    /// The buttons.
    pub buttons: Vec<Button>,
}

/// Reads the `message` of a send. `uploaded` is a file that came along.
///
/// # Errors
/// [`Wrong`], as the provider would refuse it.
pub fn read(world: &World, message: &Value, instagram: bool, uploaded: Option<&str>) -> Result<Seen, Wrong> {
    let words = text(message, "/text");
    let has_attachment = message.get("attachment").is_some();
    if words.is_empty() && !has_attachment {
        return Err(("100/2018034", "Message cannot be empty, must provide valid attachment or text".to_owned()));
    }
    if !words.is_empty() && has_attachment {
        return Err(("100", "Message cannot have both text and attachment".to_owned()));
    }
    if instagram && words.len() > 1_000 {
        return Err(("100", "Length of param message[text] must be less than or equal to 1000 bytes".to_owned()));
    }
    at_most(words, "message[text]", 2_000)?;
    at_most(text(message, "/metadata"), "message[metadata]", 1_000)?;
    let mut seen = if has_attachment {
        attachment(world, message, uploaded)?
    } else {
        Seen { kind: "text".to_owned(), text: words.to_owned(), ..Seen::default() }
    };
    seen.buttons.extend(quick_replies(message)?);
    Ok(seen)
}

fn at_most(words: &str, name: &str, max: usize) -> Result<(), Wrong> {
    if words.encode_utf16().count() > max {
        return Err(("100", format!("Length of param {name} must be less than or equal to {max}")));
    }
    Ok(())
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn quick_replies(message: &Value) -> Result<Vec<Button>, Wrong> {
    let given = list(message, "/quick_replies");
    if given.len() > 13 {
        return Err(("100", "message[quick_replies] must have at most 13 elements".to_owned()));
    }
    let read = |reply: &Value| {
        let (title, payload) = (text(reply, "/title"), text(reply, "/payload"));
        at_most(title, "quick_replies[title]", 20)?;
        at_most(payload, "quick_replies[payload]", 1_000)?;
        Ok(Button { id: payload.to_owned(), title: title.to_owned(), url: None, sort: "quick_reply" })
    };
    given.iter().map(read).collect()
}

fn attachment(world: &World, message: &Value, uploaded: Option<&str>) -> Result<Seen, Wrong> {
    let kind = text(message, "/attachment/type");
    match kind {
        "template" => return template(message),
        "image" | "audio" | "video" | "file" => {}
        other => return Err(("100", format!("attachment type {other:?} is not supported"))),
    }
    let id = message.pointer("/attachment/payload/attachment_id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let link = text(message, "/attachment/payload/url");
    let mut file = FileRef { kind: kind.to_owned(), mime: String::new(), name: String::new(), file_id: None, link: None };
    match id.as_deref().or(uploaded) {
        Some(id) => {
            let stored = world.file(id).ok_or_else(|| ("100/2018047", format!("attachment {id} does not exist")))?;
            fits(kind, stored.bytes.len())?;
            file.mime.clone_from(&stored.mime);
            file.name.clone_from(&stored.name);
            file.file_id = Some(id.to_owned());
        }
        None if link.starts_with("http://") || link.starts_with("https://") => file.link = Some(link.to_owned()),
        None => return Err(("100/2018008", "Failed to fetch the file from the url".to_owned())),
    }
    Ok(Seen { kind: kind.to_owned(), files: vec![file], ..Seen::default() })
}

/// Sizes (9).
pub fn fits(kind: &str, bytes: usize) -> Result<(), Wrong> {
    const MB: usize = 1024 * 1024;
    let max = if kind == "image" { 8 * MB } else { 25 * MB };
    if bytes > max { Err(("100/2018109", "Attachment size exceeds allowable limit".to_owned())) } else { Ok(()) }
}

fn template(message: &Value) -> Result<Seen, Wrong> {
    let at = "/attachment/payload";
    match text(message, &format!("{at}/template_type")) {
        "button" => {
            let words = text(message, &format!("{at}/text"));
            at_most(words, "payload[text]", 640)?;
            let buttons = buttons(list(message, &format!("{at}/buttons")))?;
            if buttons.is_empty() || words.is_empty() {
                return Err(("100", "a button template needs a text and one to three buttons".to_owned()));
            }
            Ok(Seen { kind: "template".to_owned(), text: words.to_owned(), buttons, ..Seen::default() })
        }
        "generic" => {
            let elements = list(message, &format!("{at}/elements"));
            if elements.is_empty() || elements.len() > 10 {
                return Err(("100", "a generic template needs one to ten elements".to_owned()));
            }
            let mut seen = Seen { kind: "template".to_owned(), ..Seen::default() };
            for element in elements {
                let (title, subtitle) = (text(element, "/title"), text(element, "/subtitle"));
                at_most(title, "elements[title]", 80)?;
                at_most(subtitle, "elements[subtitle]", 80)?;
                seen.text.push_str(&format!("{title}\n{subtitle}\n"));
                seen.buttons.extend(buttons(list(element, "/buttons"))?);
            }
            Ok(seen)
        }
        other => Err(("100", format!("template type {other:?} is not supported"))),
    }
}

fn buttons(given: &[Value]) -> Result<Vec<Button>, Wrong> {
    if given.len() > 3 {
        return Err(("100", "buttons must have at most 3 elements".to_owned()));
    }
    let read = |button: &Value| {
        let (title, payload, url) = (text(button, "/title"), text(button, "/payload"), text(button, "/url"));
        at_most(title, "buttons[title]", 20)?;
        at_most(payload, "buttons[payload]", 1_000)?;
        let url = Some(url).filter(|url| !url.is_empty()).map(str::to_owned);
        Ok(Button { id: payload.to_owned(), title: title.to_owned(), url, sort: "postback" })
    };
    given.iter().map(read).collect()
}
