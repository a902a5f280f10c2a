//! Labels: what a conversation's labels are chosen from, and what colour they have.
//!
//! Does not: hold conversations to it. A conversation may have a label that is not here: a program's, or one that was removed or renamed since.

use entities::{AgentId, Label as LabelText, TextError, text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, Preset, route::preset_routes, settled};
use crate::{
    http::{fields::Fields, nullable::Nullable, problem::Answer},
    store::settings::preset::Kind,
};

/// Longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 500;

/// A label that conversations may have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Label {
    /// What conversations have among their `labels`: lower case.
    #[schema(example = "billing")]
    pub name: String,
    /// Its colour.
    #[schema(example = "#2f6fde")]
    pub color: String,
    /// What it is for.
    #[schema(example = "Questions about invoices")]
    pub description: String,
}

/// A label to make, or changes to one: what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateLabel, example = json!({"name": "billing", "color": "#2f6fde", "description": "Questions about invoices"}))]
pub struct LabelDraft {
    /// What conversations will have among their `labels`; becomes lower case. There is one of a name. Conversations that have the old name keep it.
    #[schema(max_length = 64)]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[schema(pattern = "^#[0-9a-fA-F]{6}$")]
    pub color: Option<String>,
    /// What it is for; may be empty.
    #[schema(max_length = 500)]
    pub description: Option<String>,
}

impl Preset for Label {
    type Draft = LabelDraft;
    const KIND: Kind = Kind { name: "label", deeds: ["label.created", "label.updated", "label.deleted"], max: 200 };
    const SCHEMA: &'static str = "WorkspaceLabel";
    const REQUIRED: &'static [&'static str] = &["name", "color"];
    const HANDLE_POINTER: &'static str = "/name";

    fn handle(&self) -> String {
        self.name.clone()
    }

    fn owner(_draft: &LabelDraft) -> Nullable<AgentId> {
        None
    }

    async fn check(_asked: Asked<'_>, draft: LabelDraft, before: Option<Self>, fields: &mut Fields) -> Answer<Option<Self>> {
        let before = before.as_ref();
        let name = settled(fields, "/name", draft.name, before.map(|before| before.name.clone()), |name| {
            LabelText::parse(&name).map(|name| name.as_str().to_owned())
        });
        let color = settled(fields, "/color", draft.color, before.map(|before| before.color.clone()), |color| colour(&color));
        let described = before.map(|before| before.description.clone()).unwrap_or_default();
        let description = settled(fields, "/description", draft.description, Some(described), |text| describe(&text));
        Ok(name.zip(color).zip(description).map(|((name, color), description)| Self { name, color, description }))
    }
}

/// `#rrggbb`, in lower case.
fn colour(text: &str) -> Result<String, TextError> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    digits.map(|digits| format!("#{}", digits.to_ascii_lowercase())).ok_or(TextError::Malformed("must be a colour as in #2f6fde"))
}

fn describe(text: &str) -> Result<String, TextError> {
    match text::line(text, DESCRIPTION_CHARS_MAX) {
        Err(TextError::Empty) => Ok(String::new()),
        other => other,
    }
}

preset_routes! {
    Label, "labels", "/labels", "/labels/{label_id}", label_id, "label_id", "The label";
    /// Lists the labels that conversations may have, the first to be made first.
    list;
    /// Reads one label.
    get;
    /// Makes a label, for those who may change the workspace.
    create;
    /// Changes a label, for those who may change the workspace. Conversations keep the name that they have.
    update;
    /// Removes a label, for those who may change the workspace. Conversations keep the name that they have.
    delete;
}
