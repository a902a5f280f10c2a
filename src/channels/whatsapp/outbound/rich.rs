//! Buttons, lists and templates (sections 11 and 11.1).

use std::collections::{BTreeMap, BTreeSet};

use entities::outbound::{Choice, MessageExtra};
use serde_json::{Value, json};

use super::COUNT;
use crate::channels::{adapter::Unsupported, tidy};

/// Most buttons below a text.
const BUTTONS_MAX: usize = 3;
/// Longest title of a button, in characters; a longer one is refused: the customer could not read what they press.
const BUTTON_TITLE_MAX: usize = 20;
/// Longest id of a button.
const BUTTON_ID_MAX: usize = 256;
/// Most rows of a list, in all its sections.
const ROWS_MAX: usize = 10;
/// Longest title of a row.
const ROW_TITLE_MAX: usize = 24;
/// Longest description of a row; a longer one is cut.
const ROW_DESCRIPTION_MAX: usize = 72;
/// Longest id of a row.
const ROW_ID_MAX: usize = 200;
/// Longest text on what opens a list; a longer one is cut.
const LIST_BUTTON_MAX: usize = 20;
/// Longest text above buttons.
const BUTTONS_BODY_MAX: usize = 1_024;
/// Longest text above a list.
const LIST_BODY_MAX: usize = 4_096;
/// Longest that a template's body may be with its variables in it.
const TEMPLATE_BODY_MAX: usize = 1_024;

/// Something to press below a text.
pub enum Interactive {
    Buttons(Value),
    List(Value),
}

impl Interactive {
    /// What a message has to press, checked; `None` if it has nothing.
    pub fn of(extra: Option<&MessageExtra>) -> Result<Option<Self>, Unsupported> {
        match extra {
            Some(MessageExtra::Buttons { buttons }) => {
                choices(buttons, BUTTONS_MAX, BUTTON_TITLE_MAX, BUTTON_ID_MAX, "buttons")?;
                let reply = |choice: &Choice| json!({"type": "reply", "reply": {"id": choice.id, "title": choice.title}});
                Ok(Some(Self::Buttons(json!({"buttons": buttons.iter().map(reply).collect::<Vec<_>>()}))))
            }
            Some(MessageExtra::List { button, rows }) => {
                choices(rows, ROWS_MAX, ROW_TITLE_MAX, ROW_ID_MAX, "rows")?;
                if button.trim().is_empty() {
                    return Err(Unsupported::new("empty", "What opens the list needs a text"));
                }
                let row = |choice: &Choice| {
                    let mut row = json!({"id": choice.id, "title": choice.title});
                    if let (Some(fields), Some(description)) = (row.as_object_mut(), &choice.description) {
                        fields.insert("description".to_owned(), json!(shortened(description, ROW_DESCRIPTION_MAX)));
                    }
                    row
                };
                let sections = json!([{"rows": rows.iter().map(row).collect::<Vec<_>>()}]);
                Ok(Some(Self::List(json!({"button": shortened(button, LIST_BUTTON_MAX), "sections": sections}))))
            }
            Some(MessageExtra::Template { .. }) | None => Ok(None),
        }
    }

    /// Longest text above it.
    pub fn body_max(&self) -> usize {
        match self {
            Self::Buttons(_) => BUTTONS_BODY_MAX,
            Self::List(_) => LIST_BODY_MAX,
        }
    }

    /// The message, with this text above it.
    pub fn json(&self, text: &str) -> Value {
        match self {
            Self::Buttons(action) => json!({"type": "button", "body": {"text": text}, "action": action}),
            Self::List(action) => json!({"type": "list", "body": {"text": text}, "action": action}),
        }
    }
}

/// A text cut for show; characters outside the basic plane count twice, as the larger of the two counts has it.
fn shortened(text: &str, max: usize) -> String {
    let mut chars = max;
    let mut short = tidy::cut(text, chars);
    while COUNT.of(&short) > max && chars > 0 {
        chars -= 1;
        short = tidy::cut(text, chars);
    }
    short
}

fn choices(choices: &[Choice], most: usize, title_max: usize, id_max: usize, what: &str) -> Result<(), Unsupported> {
    if choices.is_empty() {
        return Err(Unsupported::new("empty", format!("There are no {what}")));
    }
    if choices.len() > most {
        return Err(Unsupported::new("too_many_buttons", format!("At most {most} {what} can be sent, not {}", choices.len())));
    }
    let mut ids = BTreeSet::new();
    for choice in choices {
        if choice.title.trim().is_empty() || choice.id.is_empty() {
            return Err(Unsupported::new("empty", format!("Each of the {what} needs a title and an id")));
        }
        if COUNT.of(&choice.title) > title_max {
            return Err(Unsupported::new("title_too_long", format!("“{}” is longer than {title_max} characters", choice.title)));
        }
        if COUNT.of(&choice.id) > id_max {
            return Err(Unsupported::new("id_too_long", format!("The id of “{}” is longer than {id_max} characters", choice.title)));
        }
        if !ids.insert(choice.id.as_str()) {
            return Err(Unsupported::new("id_repeated", format!("Two of the {what} have the id {}", choice.id)));
        }
    }
    Ok(())
}

/// An approved template with what stands for its variables: by name, or by place where the names are `1`, `2`, …
pub fn template(
    name: &str,
    language: &str,
    variables: &BTreeMap<String, String>,
    components: Option<&Value>,
) -> Result<Value, Unsupported> {
    if name.trim().is_empty() || language.trim().is_empty() {
        return Err(Unsupported::new("template", "A template needs a name and a language"));
    }
    let mut parts = match components {
        None => Vec::new(),
        Some(Value::Array(parts)) => parts.clone(),
        Some(_) => return Err(Unsupported::new("template", "A template's components are a list")),
    };
    let parameters = parameters(variables)?;
    if !parameters.is_empty() {
        if parts.iter().any(|part| part.get("type").and_then(Value::as_str) == Some("body")) {
            return Err(Unsupported::new("template_variables", "The body's variables are given twice: as variables and as components"));
        }
        // Where the header stands before the body and buttons behind it, as the template has them.
        let at = parts.iter().take_while(|part| part.get("type").and_then(Value::as_str) == Some("header")).count();
        parts.insert(at, json!({"type": "body", "parameters": parameters}));
    }
    let mut template = json!({"name": name, "language": {"code": language}});
    if let (Some(fields), false) = (template.as_object_mut(), parts.is_empty()) {
        fields.insert("components".to_owned(), Value::Array(parts));
    }
    Ok(template)
}

fn parameters(variables: &BTreeMap<String, String>) -> Result<Vec<Value>, Unsupported> {
    for (name, value) in variables {
        if value.trim().is_empty() {
            return Err(Unsupported::new("template_variables", format!("The variable {name} is empty")));
        }
    }
    if variables.values().map(|value| COUNT.of(value)).sum::<usize>() > TEMPLATE_BODY_MAX {
        return Err(Unsupported::new("template_variables", format!("The variables are longer than {TEMPLATE_BODY_MAX} characters in all")));
    }
    let mut places: Vec<(usize, &str)> = Vec::new();
    for (name, value) in variables {
        if let Ok(place) = name.parse() {
            places.push((place, value));
        }
    }
    if places.is_empty() {
        let named = |(name, value): (&String, &String)| json!({"type": "text", "parameter_name": name, "text": value});
        return Ok(variables.iter().map(named).collect());
    }
    places.sort_unstable();
    let consecutive = places.iter().enumerate().all(|(at, (place, _))| *place == at + 1);
    if places.len() != variables.len() || !consecutive {
        return Err(Unsupported::new("template_variables", "Variables are either named, or numbered 1, 2, 3 without a gap"));
    }
    Ok(places.into_iter().map(|(_, value)| json!({"type": "text", "text": value})).collect())
}
