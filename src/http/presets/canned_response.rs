//! Canned responses: texts that agents put into an answer by a short name.

use entities::{
    AgentId, Document, TextError,
    text::{self, MESSAGE_CHARS_MAX, NAME_CHARS_MAX},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, Preset, placeholder, route::preset_routes, settled};
use crate::{
    http::{
        fields::Fields,
        nullable::{Nullable, nullable},
        problem::Answer,
    },
    store::settings::preset::Kind,
};

/// Longest shortcut, in characters, which are bytes.
const SHORTCUT_CHARS_MAX: usize = 32;

/// A text that agents put into an answer by its shortcut.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CannedResponse {
    /// What is typed to get it.
    #[schema(example = "refund")]
    pub shortcut: String,
    /// What it is called.
    #[schema(example = "How refunds work")]
    pub name: String,
    /// The document tree, with its placeholders.
    pub content: Document,
    /// Its plain form.
    #[schema(example = "Hello {{contact.first_name}}, your money comes back within five days.")]
    pub content_text: String,
}

/// A canned response to make, or changes to one: what is left out stays. Its text is either `text` or `content`; `{{contact.name}}`,
/// `{{contact.first_name}}`, `{{agent.name}}` and `{{agent.first_name}}` in it are filled in where it is used.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateCannedResponse, example = json!({
    "shortcut": "refund", "name": "How refunds work", "text": "Hello {{contact.first_name}}, your money comes back within five days.",
}))]
pub struct CannedResponseDraft {
    /// What is typed to get it; there is one of a shortcut for everybody, and one of each agent's own.
    #[schema(max_length = 32, pattern = "^[a-z0-9][a-z0-9_-]{0,31}$")]
    pub shortcut: Option<String>,
    /// What it is called.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Plain text; a blank line begins a paragraph.
    #[schema(max_length = 10_000)]
    pub text: Option<String>,
    /// A document tree, instead of `text`.
    pub content: Option<Document>,
    /// Your own id makes it yours alone; null, or left out when it is made, everybody's, which needs `workspace:write`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<AgentId>)]
    pub owner_id: Nullable<AgentId>,
}

impl Preset for CannedResponse {
    type Draft = CannedResponseDraft;
    const KIND: Kind = Kind {
        name: "canned_response",
        deeds: ["canned_response.created", "canned_response.updated", "canned_response.deleted"],
        max: 1_000,
    };
    const SCHEMA: &'static str = "CannedResponse";
    const REQUIRED: &'static [&'static str] = &["shortcut", "name"];
    const HANDLE_POINTER: &'static str = "/shortcut";

    fn handle(&self) -> String {
        self.shortcut.clone()
    }

    fn owner(draft: &CannedResponseDraft) -> Nullable<AgentId> {
        draft.owner_id
    }

    async fn check(_asked: Asked<'_>, draft: CannedResponseDraft, before: Option<Self>, fields: &mut Fields) -> Answer<Option<Self>> {
        let kept = before.as_ref();
        let shortcut = settled(fields, "/shortcut", draft.shortcut, kept.map(|kept| kept.shortcut.clone()), shortcut);
        let name = settled(fields, "/name", draft.name, kept.map(|kept| kept.name.clone()), |name| text::line(&name, NAME_CHARS_MAX));
        let said = match (draft.text, draft.content) {
            (Some(_), Some(_)) => {
                fields.refuse("/content", "ambiguous", "must not be sent together with text");
                None
            }
            (None, Some(content)) => said(fields, "/content", content.check()),
            (Some(text), None) => said(fields, "/text", text::lines(&text, MESSAGE_CHARS_MAX).map(|text| (Document::plain(&text), text))),
            (None, None) => settled(fields, "/text", None, before.map(|before| (before.content, before.content_text)), Ok),
        };
        Ok(shortcut.zip(name).zip(said).map(|((shortcut, name), (content, content_text))| Self { shortcut, name, content, content_text }))
    }
}

/// A text that was taken, if its placeholders are known too.
fn said(fields: &mut Fields, pointer: &str, checked: Result<(Document, String), TextError>) -> Option<(Document, String)> {
    let said = fields.text(pointer, checked)?;
    placeholder::check(fields, pointer, &said.1);
    Some(said)
}

fn shortcut(text: String) -> Result<String, TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > SHORTCUT_CHARS_MAX {
        return Err(TextError::TooLong { max: SHORTCUT_CHARS_MAX });
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    if !text.bytes().all(fits) || text.starts_with(['_', '-']) {
        return Err(TextError::Malformed("may hold a to z, 0 to 9, _ and -, and begins with a letter or digit"));
    }
    Ok(text)
}

preset_routes! {
    CannedResponse, "canned responses", "/canned-responses", "/canned-responses/{canned_response_id}", canned_response_id, "canned_response_id",
    "The canned response";
    /// Lists the canned responses that are everybody's and the caller's own, the first to be made first.
    list;
    /// Reads one canned response.
    get;
    /// Makes a canned response: one's own, or everybody's.
    create;
    /// Changes a canned response: one's own, or everybody's.
    update;
    /// Removes a canned response: one's own, or everybody's.
    delete;
}
