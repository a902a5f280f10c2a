//! What may be sent (specification `whatsapp` 10, 11 and 11.1): reads the body of a send and says what the customer will see, or what is wrong.

use serde_json::Value;

use super::catalogue::{TEMPLATES, Template, places};
use crate::simulate::{
    provider::text,
    world::{Button, FileRef, World},
};

/// What is wrong with a send: code and words.
pub type Wrong = (&'static str, String);

/// What the customer will see.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The text, or the caption.
    pub text: String,
    /// The files.
    pub files: Vec<FileRef>,
    /// The buttons.
    pub buttons: Vec<Button>,
}

/// Reads the content of a send of this type.
///
/// # Errors
/// [`Wrong`], as the provider would refuse it.
pub fn read(world: &World, kind: &str, body: &Value) -> Result<Seen, Wrong> {
    match kind {
        "text" => {
            let words = wanted(body, "/text/body", 4096)?;
            Ok(Seen { text: words, ..Seen::default() })
        }
        "image" | "video" | "audio" | "document" | "sticker" => media(world, kind, body),
        "interactive" => interactive(body),
        "template" => template(body),
        "location" => location(body),
        "contacts" => {
            let name = text(body, "/contacts/0/name/formatted_name");
            if name.is_empty() {
                Err(missing("contacts[0].name.formatted_name"))
            } else {
                Ok(Seen { text: format!("👤 {name}"), ..Seen::default() })
            }
        }
        other => Err(("131051", format!("Message type {other:?} is not supported"))),
    }
}

/// Characters as the provider may count them: the larger of its two ways (18).
fn count(words: &str) -> usize {
    words.encode_utf16().count()
}

fn missing(name: &str) -> Wrong {
    ("131008", format!("Parameter {name} is required"))
}

fn wanted(body: &Value, pointer: &str, max: usize) -> Result<String, Wrong> {
    let words = text(body, pointer);
    if words.is_empty() { Err(missing(pointer)) } else { at_most(words, pointer, max) }
}

fn at_most(words: &str, pointer: &str, max: usize) -> Result<String, Wrong> {
    if count(words) > max {
        return Err(("100", format!("Param {pointer} must be at most {max} characters long.")));
    }
    Ok(words.to_owned())
}

fn media(world: &World, kind: &str, body: &Value) -> Result<Seen, Wrong> {
    let at = |name: &str| format!("/{kind}/{name}");
    let caption = at_most(text(body, &at("caption")), &at("caption"), 1024)?;
    if kind == "audio" && !caption.is_empty() {
        return Err(("100", "Param audio must not have a caption".to_owned()));
    }
    let (id, link) = (text(body, &at("id")), text(body, &at("link")));
    let mut file =
        FileRef { kind: kind.to_owned(), mime: String::new(), name: text(body, &at("filename")).to_owned(), file_id: None, link: None };
    match (id.is_empty(), link.is_empty()) {
        (false, true) => {
            let stored = world.file(id).ok_or_else(|| ("100", format!("Media {id} does not exist")))?;
            accepted(kind, &stored.mime, stored.bytes.len())?;
            file.mime.clone_from(&stored.mime);
            file.file_id = Some(id.to_owned());
        }
        (true, false) if link.starts_with("http://") || link.starts_with("https://") => file.link = Some(link.to_owned()),
        (true, false) => return Err(("100", format!("{link} is no address of a file"))),
        _ => return Err(("131009", format!("Give either id or link of the {kind}"))),
    }
    Ok(Seen { text: caption, files: vec![file], buttons: Vec::new() })
}

/// Types and sizes (10).
pub fn accepted(kind: &str, mime: &str, bytes: usize) -> Result<(), Wrong> {
    const MB: usize = 1024 * 1024;
    let plain = mime.split(';').next().unwrap_or_default().trim();
    let (types, max): (&[&str], usize) = match kind {
        "image" => (&["image/jpeg", "image/png"], 5 * MB),
        "audio" => (&["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], 16 * MB),
        "video" => (&["video/mp4", "video/3gpp"], 16 * MB),
        "sticker" => (&["image/webp"], 500 * 1024),
        _ => (&[], 100 * MB),
    };
    if !types.is_empty() && !types.contains(&plain) {
        return Err(("131053", format!("Media of type {plain} cannot be sent as {kind}")));
    }
    if bytes > max {
        return Err(("131053", format!("Media is too large for {kind}: {bytes} bytes, at most {max}")));
    }
    Ok(())
}

fn interactive(body: &Value) -> Result<Seen, Wrong> {
    let kind = text(body, "/interactive/type");
    let most = if kind == "list" { 4096 } else { 1024 };
    let mut words = vec![wanted(body, "/interactive/body/text", most)?];
    let header = at_most(text(body, "/interactive/header/text"), "/interactive/header/text", 60)?;
    let footer = at_most(text(body, "/interactive/footer/text"), "/interactive/footer/text", 60)?;
    words.insert(0, header);
    words.push(footer);
    words.retain(|line| !line.is_empty());
    let buttons = match kind {
        "button" => reply_buttons(body)?,
        "list" => list_rows(body)?,
        "cta_url" => {
            let title = wanted(body, "/interactive/action/parameters/display_text", 20)?;
            let url = wanted(body, "/interactive/action/parameters/url", 2000)?;
            vec![Button { id: String::new(), title, url: Some(url), sort: "url" }]
        }
        "location_request_message" => {
            vec![Button { id: "location".to_owned(), title: "Send location".to_owned(), url: None, sort: "location" }]
        }
        "flow" => {
            let title = wanted(body, "/interactive/action/parameters/flow_cta", 30)?;
            vec![Button { id: "flow".to_owned(), title, url: None, sort: "flow" }]
        }
        other => return Err(("131009", format!("Interactive type {other:?} is not valid"))),
    };
    Ok(Seen { text: words.join("\n"), files: Vec::new(), buttons })
}

fn reply_buttons(body: &Value) -> Result<Vec<Button>, Wrong> {
    let given = body.pointer("/interactive/action/buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if given.is_empty() || given.len() > 3 {
        return Err(("131009", "There must be one to three buttons".to_owned()));
    }
    given
        .iter()
        .map(|button| {
            let (id, title) = (wanted(button, "/reply/id", 256)?, wanted(button, "/reply/title", 20)?);
            Ok(Button { id, title, url: None, sort: "button_reply" })
        })
        .collect()
}

fn list_rows(body: &Value) -> Result<Vec<Button>, Wrong> {
    wanted(body, "/interactive/action/button", 20)?;
    let sections = body.pointer("/interactive/action/sections").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if sections.is_empty() || sections.len() > 10 {
        return Err(("131009", "There must be one to ten sections".to_owned()));
    }
    let mut rows = Vec::new();
    for section in sections {
        at_most(text(section, "/title"), "section title", 24)?;
        for row in section.get("rows").and_then(Value::as_array).into_iter().flatten() {
            at_most(text(row, "/description"), "row description", 72)?;
            rows.push(Button { id: wanted(row, "/id", 200)?, title: wanted(row, "/title", 24)?, url: None, sort: "list_reply" });
        }
    }
    if rows.is_empty() || rows.len() > 10 {
        return Err(("131009", "There must be one to ten rows in total".to_owned()));
    }
    Ok(rows)
}

fn location(body: &Value) -> Result<Seen, Wrong> {
    let number = |name: &str| {
        let value = body.pointer(&format!("/location/{name}"))?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let (Some(latitude), Some(longitude)) = (number("latitude"), number("longitude")) else { return Err(missing("location.latitude")) };
    let words = [text(body, "/location/name"), text(body, "/location/address")].join(" ");
    Ok(Seen { text: format!("📍 {latitude}, {longitude} {words}").trim_end().to_owned(), ..Seen::default() })
}

fn template(body: &Value) -> Result<Seen, Wrong> {
    let (name, language) = (text(body, "/template/name"), text(body, "/template/language/code"));
    let found = TEMPLATES.iter().find(|template| template.name == name && template.language == language);
    let template = found.ok_or_else(|| ("132001", format!("template name ({name}) does not exist in {language}")))?;
    let components = body.pointer("/template/components").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let header = template.header.map(|header| filled(header, "header", components)).transpose()?;
    let words = filled(template.body, "body", components)?;
    if count(&words) > 1024 || header.as_ref().is_some_and(|header| count(header) > 60) {
        return Err(("132005", "Translated text too long".to_owned()));
    }
    let words: Vec<String> = header.into_iter().chain([words]).chain(template.footer.map(str::to_owned)).collect();
    Ok(Seen { text: words.join("\n\n"), files: Vec::new(), buttons: pressed(template, components)? })
}

/// What is below a template: quick replies with the payloads that were given, and where a link leads.
fn pressed(template: &Template, components: &[Value]) -> Result<Vec<Button>, Wrong> {
    let given = |sub_type: &str, index: usize, pointer: &str| {
        let of = components.iter().find(|component| text(component, "/sub_type") == sub_type && place(component) == Some(index));
        of.map(|component| text(component, pointer).to_owned()).filter(|given| !given.is_empty())
    };
    let replies = template.quick_replies.iter().enumerate().map(|(index, title)| Button {
        id: given("quick_reply", index, "/parameters/0/payload").unwrap_or_else(|| (*title).to_owned()),
        title: (*title).to_owned(),
        url: None,
        sort: "template",
    });
    let mut buttons: Vec<Button> = replies.collect();
    if let Some((title, url)) = template.link {
        let index = buttons.len();
        let end = given("url", index, "/parameters/0/text");
        let end = end.ok_or_else(|| ("131008", format!("buttons: Button at index {index} of type Url requires a parameter")))?;
        buttons.push(Button { id: title.to_owned(), title: title.to_owned(), url: Some(url.replace("{{1}}", &end)), sort: "template" });
    }
    Ok(buttons)
}

/// The index of a button's component: text as the specification says, a number as some write it.
fn place(component: &Value) -> Option<usize> {
    let index = component.get("index")?;
    index.as_str().and_then(|index| index.parse().ok()).or_else(|| index.as_u64().map(|index| index as usize))
}

/// The words of a template's part, with what was given in its places.
fn filled(words: &str, part: &str, components: &[Value]) -> Result<String, Wrong> {
    let component = components.iter().find(|component| text(component, "/type").eq_ignore_ascii_case(part));
    let given = component.and_then(|part| part.get("parameters")).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let places = places(words);
    if given.len() != places.len() {
        return Err((
            "132000",
            format!(
                "{part}: number of localizable_params ({}) does not match the expected number of params ({})",
                given.len(),
                places.len()
            ),
        ));
    }
    let mut whole = words.to_owned();
    for (at, place) in places.iter().enumerate() {
        let named = given.iter().find(|parameter| text(parameter, "/parameter_name") == *place);
        let positional = given.get(at).filter(|parameter| parameter.get("parameter_name").is_none() && place.parse::<u32>().is_ok());
        let parameter = named.or(positional).ok_or_else(|| ("132000", format!("{part}: the parameter {place} is missing")))?;
        let value = text(parameter, "/text");
        if value.contains(['\n', '\t']) || value.contains("     ") {
            return Err(("132012", "Param text cannot have new-line/tab characters or more than 4 consecutive spaces".to_owned()));
        }
        whole = whole.replace(&format!("{{{{{place}}}}}"), value);
    }
    Ok(whole)
}
