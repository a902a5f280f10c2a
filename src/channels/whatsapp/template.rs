//! WhatsApp's templates: the account's list, page by page, and their places filled with words.
//!
//! Guarantees: what Meta would refuse of a variable (nothing, a line break, a tab, five spaces in a row, too long a text) is refused before anything
//! is sent, every fault at once; what is shown of a template is what the customer will read.
//!
//! Does not: decide whether a template may be sent; its status says so, and who sends asks for it. Carousels, limited offers, catalogues and
//! places on a map are listed and cannot be filled in here.
//!
//! Sources: whatsapp.md sections 2, 11 and 11.1 (Meta, "Message templates", "Components"), read 2026-11.

use std::collections::BTreeMap;

use entities::{
    ProviderError,
    outbound::MessageExtra,
    template::{Template, TemplateComponent, TemplateVariable},
};
use serde_json::{Map, Value, json};

use super::outbound::COUNT;
use crate::channels::{
    adapter::Unsupported,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    meta::{
        graph::{self, Request},
        read,
    },
    templates::{Filled, TemplatePage, Templates, VariableFault},
};

/// Longest body with its variables in it (section 11.1).
const BODY_MAX: usize = 1_024;
/// Longest header with its variables in it.
const HEADER_MAX: usize = 60;
/// Longest address, or end of one, or code of a button.
const LINK_MAX: usize = 2_000;
/// So many spaces in a row are refused.
const SPACES: &str = "     ";
/// Templates of a page. An answer is at most 1 MiB.
const PAGE: &str = "100";
/// What is asked of a template.
const FIELDS: &str = "name,language,status,category,parameter_format,components";
/// Longest words of a template that are kept.
const WORDS_MAX: usize = 4_096;

/// WhatsApp's templates.
pub struct WhatsappTemplates;

impl Templates for WhatsappTemplates {
    fn list(&self, credential: &Credential, after: Option<&str>) -> Result<ProviderCall, Unsupported> {
        let waba = credential.secret("waba_id").filter(|waba| !waba.trim().is_empty()).ok_or_else(|| {
            Unsupported::new("no_account", "The credential names no WhatsApp Business Account (waba_id): add it, and synchronise again")
        })?;
        let query = form::encode([("fields", FIELDS), ("limit", PAGE)].into_iter().chain(after.map(|after| ("after", after))));
        let request = Request {
            method: "GET",
            base: graph::BASE,
            token: credential.secret("access_token"),
            segments: &[waba, "message_templates"],
            query: &query,
            body: Body::None,
            purpose: "templates",
            sends: false,
        };
        Ok(request.call(credential))
    }

    fn listed(&self, reply: &ProviderReply) -> Result<TemplatePage, ProviderError> {
        let status = match reply {
            ProviderReply::Answered { status, .. } => *status,
            ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => {
                return Err(ProviderError::new("unreachable", "WhatsApp cannot be reached").with_detail(why));
            }
        };
        let json = reply.json();
        if let Some(fault) = graph::fault(status, &json) {
            return Err(fault.error);
        }
        let Some(Value::Array(items)) = json.get("data") else {
            return Err(ProviderError::new("unreadable", "WhatsApp's list of templates cannot be read"));
        };
        // The last page has a cursor, too, and no `next`.
        let more = json.pointer("/paging/next").is_some_and(Value::is_string);
        let after = json.pointer("/paging/cursors/after").and_then(Value::as_str).filter(|_| more);
        Ok(TemplatePage { templates: items.iter().filter_map(template).collect(), after: after.map(str::to_owned) })
    }

    fn fill(&self, template: &Template, variables: &BTreeMap<String, String>, parts: Option<&Value>) -> Result<Filled, Vec<VariableFault>> {
        let mut faults = unknown(template, variables);
        let needed = template.variables.iter().filter(|variable| parts.is_none() || variable.component == "body");
        faults.extend(needed.filter_map(|variable| fault(variable, variables.get(&variable.key))));
        let shown = |component: &TemplateComponent| {
            let prefix = if component.kind == "header" { "header." } else { "" };
            filled(component.text.as_deref().unwrap_or_default(), |place| variables.get(&format!("{prefix}{place}")))
        };
        for (kind, max) in [("header", HEADER_MAX), ("body", BODY_MAX)] {
            let long = template.components.iter().any(|component| component.kind == kind && COUNT.of(&shown(component)) > max);
            if long && faults.iter().all(|fault| fault.code != "variable_too_long") {
                let detail = format!("with its variables the {kind} would be longer than {max} characters");
                faults.push(VariableFault { key: None, code: "variable_too_long", detail });
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let text = template.components.iter().filter(|component| component.kind != "button").map(shown);
        let text: Vec<String> = text.filter(|text| !text.is_empty()).collect();
        let of_body = |key: &str| template.variables.iter().any(|variable| variable.component == "body" && variable.key == key);
        let extra = MessageExtra::Template {
            name: template.name.clone(),
            language: template.language.clone(),
            variables: variables.iter().filter(|(key, _)| of_body(key)).map(|(key, value)| (key.clone(), value.clone())).collect(),
            components: parts.cloned().or_else(|| components(template, variables)),
        };
        Ok(Filled { extra, text: text.join("\n\n") })
    }
}

/// A template as the list has it; `None` if it has no name or no language.
fn template(item: &Value) -> Option<Template> {
    let (name, language) = (read::line(item, "name")?, read::line(item, "language")?);
    let lower = |key| read::line(item, key).map(|word| word.to_lowercase());
    let mut template = Template {
        name,
        language,
        status: lower("status").unwrap_or_else(|| "unknown".to_owned()),
        category: lower("category").unwrap_or_else(|| "unknown".to_owned()),
        components: Vec::new(),
        variables: Vec::new(),
        unsupported: None,
    };
    for part in read::list(item, "components") {
        add(&mut template, part);
    }
    room(&mut template);
    Some(template)
}

fn add(template: &mut Template, part: &Value) {
    let kind = read::word(part, "type").to_lowercase();
    let text = part.get("text").and_then(Value::as_str).map(|text| read::clean(text, WORDS_MAX));
    let format = read::line(part, "format").map(|format| format.to_lowercase());
    match (kind.as_str(), format.as_deref()) {
        ("header", Some("image" | "video" | "document")) => variable(template, "header.link".to_owned(), "header", None, LINK_MAX),
        ("header", None | Some("text")) => places(template, "header", text.as_deref(), part),
        ("body", _) => places(template, "body", text.as_deref(), part),
        ("footer", _) => {}
        ("buttons", _) => {
            for (index, button) in read::list(part, "buttons").iter().enumerate() {
                self::button(template, index, button);
            }
            return;
        }
        (other, format) => {
            let what = format.filter(|_| other == "header").map_or_else(|| other.to_owned(), |format| format!("header of {format}"));
            template.unsupported.get_or_insert(format!("it has a {}, which cannot be filled in here", read::one_line(&what)));
        }
    }
    template.components.push(TemplateComponent { kind: read::one_line(&kind), format, text, url: None });
}

fn button(template: &mut Template, index: usize, button: &Value) {
    let kind = read::word(button, "type").to_lowercase();
    let url = button.get("url").and_then(Value::as_str).map(|url| read::clean(url, LINK_MAX));
    let example = button.pointer("/example/0").or_else(|| button.get("example")).and_then(Value::as_str);
    // The code of an authentication template stands in its body; the button repeats it.
    let repeats = template.category == "authentication";
    match kind.as_str() {
        "url" if url.as_deref().is_some_and(|url| !named(url).is_empty()) && !repeats => {
            variable(template, format!("button.{index}"), "button", example, LINK_MAX);
        }
        "copy_code" => variable(template, format!("button.{index}"), "button", example, LINK_MAX),
        "quick_reply" | "url" | "phone_number" | "otp" | "flow" | "voice_call" => {}
        other => {
            let why = format!("it has a button of type {}, which cannot be filled in here", read::one_line(other));
            template.unsupported.get_or_insert(why);
        }
    }
    let text = button.get("text").and_then(Value::as_str).map(|text| read::clean(text, WORDS_MAX));
    template.components.push(TemplateComponent { kind: "button".to_owned(), format: Some(read::one_line(&kind)), text, url });
}

/// Adds a variable; `max` 0: as much as the fixed words leave.
fn variable(template: &mut Template, key: String, component: &str, example: Option<&str>, max: usize) {
    let example = example.map(|example| read::clean(example, LINK_MAX)).filter(|example| !example.is_empty());
    let max_length = u32::try_from(max).unwrap_or(u32::MAX);
    template.variables.push(TemplateVariable { key, component: component.to_owned(), example, max_length });
}

/// The places of a text, with Meta's examples of them: by name, or in order.
fn places(template: &mut Template, component: &str, text: Option<&str>, part: &Value) {
    let prefix = if component == "header" { "header." } else { "" };
    let examples = part.get("example").unwrap_or(&Value::Null);
    let by_name = read::list(examples, &format!("{component}_text_named_params"));
    let by_place = examples.get(format!("{component}_text"));
    for (at, place) in named(text.unwrap_or_default()).into_iter().enumerate() {
        let named = by_name.iter().find(|example| read::word(example, "param_name") == place).and_then(|example| example.get("example"));
        let placed = by_place.and_then(|list| list.get(at).filter(|one| one.is_string()).or_else(|| list.pointer(&format!("/0/{at}"))));
        variable(template, format!("{prefix}{place}"), component, named.or(placed).and_then(Value::as_str), 0);
    }
}

/// How much room the fixed words of a header and a body leave for each variable.
fn room(template: &mut Template) {
    for (kind, max) in [("header", HEADER_MAX), ("body", BODY_MAX)] {
        let text = template.components.iter().find(|component| component.kind == kind).and_then(|component| component.text.as_deref());
        let fixed = COUNT.of(&filled(text.unwrap_or_default(), |_| Some("")));
        let left = u32::try_from(max.saturating_sub(fixed)).unwrap_or(0);
        for variable in template.variables.iter_mut().filter(|variable| variable.component == kind && variable.max_length == 0) {
            variable.max_length = left;
        }
    }
}

/// The names in double braces, each once, in order.
fn named(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in text.split("{{").skip(1) {
        if let Some((name, _)) = piece.split_once("}}") {
            let name = name.trim();
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// A text with words in its places; a place without words stays.
fn filled<T: AsRef<str>>(text: &str, words: impl Fn(&str) -> Option<T>) -> String {
    let mut pieces = text.split("{{");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let found = piece.split_once("}}").and_then(|(name, rest)| Some((words(name.trim())?, rest)));
        if let Some((value, rest)) = found {
            whole.push_str(value.as_ref());
            whole.push_str(rest);
        } else {
            whole.push_str("{{");
            whole.push_str(piece);
        }
    }
    whole
}

fn unknown(template: &Template, variables: &BTreeMap<String, String>) -> Vec<VariableFault> {
    let keys: Vec<&str> = template.variables.iter().map(|variable| variable.key.as_str()).collect();
    let has = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
    let fault = |key: &String| VariableFault {
        key: Some(key.clone()),
        code: "variable_unknown",
        detail: format!("the template has no place for it; its places are: {has}"),
    };
    variables.keys().filter(|key| !keys.contains(&key.as_str())).map(fault).collect()
}

/// What Meta would refuse of a variable's words.
fn fault(variable: &TemplateVariable, words: Option<&String>) -> Option<VariableFault> {
    let fault = |code, detail: String| Some(VariableFault { key: Some(variable.key.clone()), code, detail });
    let Some(words) = words.filter(|words| !words.trim().is_empty()) else {
        let example = variable.example.as_ref().map(|example| format!(", for example “{example}”")).unwrap_or_default();
        return fault("variable_missing", format!("the template needs it{example}"));
    };
    if COUNT.of(words) > variable.max_length as usize {
        return fault("variable_too_long", format!("there is room for {} characters", variable.max_length));
    }
    if words.contains(['\n', '\r', '\t']) || words.contains(SPACES) {
        return fault("variable_refused", "WhatsApp takes no line breaks, no tabs, and at most four spaces in a row".to_owned());
    }
    if words.chars().any(char::is_control) {
        return fault("variable_refused", "it holds a character that cannot be shown".to_owned());
    }
    if variable.key == "header.link" && !words.starts_with("https://") {
        return fault("variable_refused", "it is the address of a file, and begins with https://".to_owned());
    }
    None
}

/// Header and buttons in WhatsApp's own shape; `None` if there is nothing in them to fill.
fn components(template: &Template, variables: &BTreeMap<String, String>) -> Option<Value> {
    let header = template.components.iter().find(|component| component.kind == "header");
    let mut parts: Vec<Value> = header.and_then(|header| self::header(header, variables)).into_iter().collect();
    let buttons = template.components.iter().filter(|component| component.kind == "button");
    for (index, button) in buttons.enumerate() {
        let kind = button.format.as_deref().unwrap_or_default();
        let has_place = button.url.as_deref().is_some_and(|url| !named(url).is_empty());
        let repeats = template.category == "authentication" && (kind == "otp" || has_place);
        let value = variables.get(&format!("button.{index}")).or_else(|| variables.get("1").filter(|_| repeats));
        let Some(value) = value else { continue };
        let (sub_type, parameter) = match kind {
            "copy_code" => ("copy_code", json!({"type": "coupon_code", "coupon_code": value})),
            _ => ("url", json!({"type": "text", "text": value})),
        };
        parts.push(json!({"type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": [parameter]}));
    }
    (!parts.is_empty()).then_some(Value::Array(parts))
}

fn header(header: &TemplateComponent, variables: &BTreeMap<String, String>) -> Option<Value> {
    if let Some(link) = variables.get("header.link") {
        let kind = header.format.as_deref().unwrap_or("image");
        let parameter = Map::from_iter([("type".to_owned(), json!(kind)), (kind.to_owned(), json!({"link": link}))]);
        return Some(json!({"type": "header", "parameters": [parameter]}));
    }
    let places = named(header.text.as_deref().unwrap_or_default());
    let parameters: Vec<Value> = places.into_iter().filter_map(|place| words(place, variables)).collect();
    (!parameters.is_empty()).then(|| json!({"type": "header", "parameters": parameters}))
}

/// A header's variable: by its name, unless that is a number.
fn words(place: &str, variables: &BTreeMap<String, String>) -> Option<Value> {
    let value = variables.get(&format!("header.{place}"))?;
    let mut parameter = json!({"type": "text", "text": value});
    if let Some(fields) = parameter.as_object_mut().filter(|_| place.parse::<u32>().is_err()) {
        fields.insert("parameter_name".to_owned(), json!(place));
    }
    Some(parameter)
}
