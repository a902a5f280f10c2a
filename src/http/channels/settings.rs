//! Which widget settings can be taken: origins, theme, forms.
//!
//! Guarantees: what comes out is bounded and in normal form, so that the widget's pages and the origin check need not doubt it.

use entities::{
    WidgetSettings,
    channel::FormField,
    text::{self, NAME_CHARS_MAX},
};
use serde_json::{Map, Value};

use super::wire::WidgetChanges;
use crate::http::{fields::Fields, widget::origin::Pattern};

/// Most origins of one widget.
const ORIGINS_MAX: usize = 100;
/// Longest origin, in bytes: a host name has at most 253.
const ORIGIN_BYTES_MAX: usize = 300;
/// Most questions of a form.
const QUESTIONS_MAX: usize = 20;
/// Longest theme, in bytes of JSON.
const THEME_BYTES_MAX: usize = 4_096;

/// Applies the changes, noting each that cannot be taken under `/settings`.
pub fn apply(settings: &mut WidgetSettings, changes: WidgetChanges, fields: &mut Fields) {
    if let Some(origins) = changes.allowed_origins {
        settings.allowed_origins = allowed_origins(&origins, fields);
    }
    if let Some(theme) = changes.theme {
        check_theme(&theme, fields);
        settings.theme = theme;
    }
    if let Some(header) = changes.header_text {
        // An empty header is a wish, too.
        settings.header_text = match header.trim() {
            "" => String::new(),
            header => fields.text("/settings/header_text", text::line(header, NAME_CHARS_MAX)).unwrap_or_default(),
        };
    }
    if let Some(form) = changes.pre_chat_form {
        settings.pre_chat_form = pre_chat_form(form, fields);
    }
    if let Some(allowed) = changes.allow_file_uploads {
        settings.allow_file_uploads = allowed;
    }
    if let Some(identity) = changes.identity {
        settings.identity.required = identity.required;
    }
}

fn allowed_origins(origins: &[String], fields: &mut Fields) -> Vec<String> {
    if origins.len() > ORIGINS_MAX {
        fields.refuse("/settings/allowed_origins", "too_many", format!("holds more than {ORIGINS_MAX} origins"));
        return Vec::new();
    }
    let mut normal = Vec::new();
    for (index, text) in origins.iter().enumerate() {
        let parsed = if text.len() > ORIGIN_BYTES_MAX { Err("is too long") } else { Pattern::parse(text.trim()) };
        match parsed.map(|pattern| pattern.source()) {
            Ok(origin) if normal.contains(&origin) => {}
            Ok(origin) => normal.push(origin),
            Err(detail) => fields.refuse(format!("/settings/allowed_origins/{index}"), "malformed", detail),
        }
    }
    normal
}

fn check_theme(theme: &Map<String, Value>, fields: &mut Fields) {
    let bytes = serde_json::to_string(theme).map_or(usize::MAX, |json| json.len());
    if bytes > THEME_BYTES_MAX {
        fields.refuse("/settings/theme", "too_long", format!("is longer than {THEME_BYTES_MAX} bytes"));
    }
    if theme.get("primaryColor").is_some_and(|color| !color.as_str().is_some_and(is_color)) {
        fields.refuse("/settings/theme/primaryColor", "malformed", "must be a colour such as #1f5eff");
    }
    if theme.get("position").is_some_and(|position| !matches!(position.as_str(), Some("bottom-right" | "bottom-left"))) {
        fields.refuse("/settings/theme/position", "malformed", "must be bottom-right or bottom-left");
    }
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| matches!(hex.len(), 3 | 6) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn pre_chat_form(form: Vec<FormField>, fields: &mut Fields) -> Vec<FormField> {
    if form.len() > QUESTIONS_MAX {
        fields.refuse("/settings/pre_chat_form", "too_many", format!("holds more than {QUESTIONS_MAX} questions"));
        return Vec::new();
    }
    let mut checked: Vec<FormField> = Vec::new();
    for (index, field) in form.into_iter().enumerate() {
        let at = format!("/settings/pre_chat_form/{index}");
        let name = fields.text(&format!("{at}/name"), question_name(&field.name));
        let label = fields.text(&format!("{at}/label"), text::line(&field.label, NAME_CHARS_MAX));
        let (Some(name), Some(label)) = (name, label) else { continue };
        if checked.iter().any(|other| other.name == name) {
            fields.refuse(format!("{at}/name"), "taken", "is the name of another question");
        }
        checked.push(FormField { name, label, ..field });
    }
    checked
}

fn question_name(text: &str) -> Result<String, entities::TextError> {
    let name = text::line(text, 64)?;
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
        return Err(entities::TextError::Malformed("may hold letters, digits, _ and - only"));
    }
    Ok(name)
}
