//! Macros: what an agent does in one step with a conversation, or with a hundred.
//!
//! Does not: do it; that is [`super::run`].

use entities::{
    AgentId, ConversationStatus, Label, Priority, TeamId, TenantId, TextError,
    scheduled::AHEAD_MS_MAX,
    text::{self, LABELS_MAX, MESSAGE_CHARS_MAX, NAME_CHARS_MAX},
};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{Asked, Preset, placeholder, route::preset_routes, run::run_macro, settled};
use crate::{
    http::{
        fields::Fields,
        nullable::{Nullable, nullable},
        problem::Answer,
    },
    store::{read, settings::preset::Kind},
};

/// Most actions of one macro.
const ACTIONS_MAX: usize = 20;
/// Longest snooze, in seconds: as for a conversation.
const SNOOZE_S_MAX: u64 = AHEAD_MS_MAX.cast_unsigned() / 1000;

/// A macro.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Macro {
    /// What it is called.
    #[schema(example = "Refunded")]
    pub name: String,
    /// What it does, in this order.
    pub actions: Vec<Action>,
}

/// One thing that a macro does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = MacroAction)]
pub enum Action {
    /// Gives the conversation to an agent, or takes it from everybody.
    Assign {
        /// Who answers from then on: an enabled member of the workspace, or null for nobody.
        #[serde(deserialize_with = "there")]
        #[schema(required = true)]
        assignee_id: Option<AgentId>,
    },
    /// Gives the conversation to a team, or takes it from its team.
    SetTeam {
        /// Which team answers from then on, or null for none.
        #[serde(deserialize_with = "there")]
        #[schema(required = true)]
        team_id: Option<TeamId>,
    },
    /// Adds labels.
    AddLabels {
        /// Which.
        #[schema(min_items = 1, max_items = 50)]
        labels: Vec<Label>,
    },
    /// Takes labels away.
    RemoveLabels {
        /// Which.
        #[schema(min_items = 1, max_items = 50)]
        labels: Vec<Label>,
    },
    /// Says where the conversation stands.
    SetStatus {
        /// Where.
        status: ConversationStatus,
        /// With the status `snoozed`: after how many seconds it opens by itself, at most a year; left out: when the contact writes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, maximum = 31_622_400)]
        snoozed_for_s: Option<u64>,
    },
    /// Says how urgent it is.
    SetPriority {
        /// How urgent.
        priority: Priority,
    },
    /// Puts it in the trash.
    Trash,
    /// Takes it out of the trash.
    Restore,
    /// Says something to the contact.
    SendMessage {
        /// What; with placeholders as canned responses have them, which are filled in as it runs. Nothing is put where a name is not known.
        #[schema(max_length = 10_000)]
        text: String,
    },
    /// Leaves a note.
    Note {
        /// What; with placeholders likewise.
        #[schema(max_length = 10_000)]
        text: String,
    },
}

impl Action {
    /// Whether it says something, to the contact or among agents.
    pub const fn speaks(&self) -> bool {
        matches!(self, Self::SendMessage { .. } | Self::Note { .. })
    }

    /// Whether it is a step by itself: those that are not become one change, where they follow each other.
    pub const fn stands_alone(&self) -> bool {
        self.speaks() || matches!(self, Self::Trash | Self::Restore)
    }
}

/// A field that must be there, and may be null.
fn there<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// A macro to make, or changes to one: what is left out stays; actions replace those before as a whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateMacro, example = json!({
    "name": "Refunded",
    "actions": [
        {"type": "send_message", "text": "Hello {{contact.first_name}}, your money is on its way."},
        {"type": "add_labels", "labels": ["refund"]},
        {"type": "set_status", "status": "resolved"},
    ],
}))]
pub struct MacroDraft {
    /// What it is called; there is one of a name for everybody, and one of each agent's own. Upper and lower case are the same.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// What it does, in this order.
    #[schema(min_items = 1, max_items = 20)]
    pub actions: Option<Vec<Action>>,
    /// Your own id makes it yours alone; null, or left out when it is made, everybody's, which needs `workspace:write`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<AgentId>)]
    pub owner_id: Nullable<AgentId>,
}

impl Preset for Macro {
    type Draft = MacroDraft;
    const KIND: Kind = Kind { name: "macro", deeds: ["macro.created", "macro.updated", "macro.deleted"], max: 100 };
    const SCHEMA: &'static str = "Macro";
    const REQUIRED: &'static [&'static str] = &["name", "actions"];
    const HANDLE_POINTER: &'static str = "/name";

    fn handle(&self) -> String {
        self.name.to_lowercase()
    }

    fn owner(draft: &MacroDraft) -> Nullable<AgentId> {
        draft.owner_id
    }

    async fn check(asked: Asked<'_>, draft: MacroDraft, before: Option<Self>, fields: &mut Fields) -> Answer<Option<Self>> {
        let (name, actions) = before.map(|before| (before.name, before.actions)).unzip();
        let name = settled(fields, "/name", draft.name, name, |name| text::line(&name, NAME_CHARS_MAX));
        let actions = match draft.actions {
            Some(actions) => checked(asked, actions, fields).await?,
            None => settled(fields, "/actions", None, actions, Ok),
        };
        Ok(name.zip(actions).map(|(name, actions)| Self { name, actions }))
    }
}

/// The actions as they are kept; `None` if one was refused.
async fn checked(asked: Asked<'_>, actions: Vec<Action>, fields: &mut Fields) -> Answer<Option<Vec<Action>>> {
    if actions.is_empty() {
        fields.refuse("/actions", "empty", "must not be empty");
        return Ok(None);
    }
    if actions.len() > ACTIONS_MAX {
        fields.refuse("/actions", "too_many", format!("holds more than {ACTIONS_MAX} actions"));
        return Ok(None);
    }
    let mut taken = Vec::with_capacity(actions.len());
    for (place, action) in actions.into_iter().enumerate() {
        taken.push(one(asked, &format!("/actions/{place}"), action, fields).await?);
    }
    Ok(taken.into_iter().collect())
}

/// One action by itself, at `/action` of a body, as it is kept; `None` if it was refused, which `fields` then holds.
///
/// # Errors
/// 503.
pub async fn settled_action(app: &App, tenant_id: TenantId, action: Action, fields: &mut Fields) -> Answer<Option<Action>> {
    one(Asked { app, tenant_id }, "/action", action, fields).await
}

async fn one(asked: Asked<'_>, at: &str, action: Action, fields: &mut Fields) -> Answer<Option<Action>> {
    Ok(match action {
        Action::Assign { assignee_id } => {
            member(asked, at, assignee_id, fields).await?;
            Some(action)
        }
        Action::AddLabels { ref labels } | Action::RemoveLabels { ref labels } => {
            count(at, labels, fields);
            Some(action)
        }
        Action::SetTeam { team_id } => {
            team(asked, at, team_id, fields).await?;
            Some(action)
        }
        Action::SetStatus { status, snoozed_for_s } => {
            snooze(at, status, snoozed_for_s, fields);
            Some(action)
        }
        Action::SetPriority { .. } | Action::Trash | Action::Restore => Some(action),
        Action::SendMessage { text } => said(at, &text, fields).map(|text| Action::SendMessage { text }),
        Action::Note { text } => said(at, &text, fields).map(|text| Action::Note { text }),
    })
}

async fn member(asked: Asked<'_>, at: &str, id: Option<AgentId>, fields: &mut Fields) -> Answer<()> {
    if let Some(id) = id
        && !read::agent::is_enabled(&asked.app.db, asked.tenant_id, id).await?
    {
        fields.refuse(format!("{at}/assignee_id"), "not_found", "is no member of this workspace who may sign in");
    }
    Ok(())
}

async fn team(asked: Asked<'_>, at: &str, id: Option<TeamId>, fields: &mut Fields) -> Answer<()> {
    if let Some(id) = id
        && !read::team::exists(&asked.app.db, asked.tenant_id, id).await?
    {
        fields.refuse(format!("{at}/team_id"), "not_found", "is no team of this workspace");
    }
    Ok(())
}

fn snooze(at: &str, status: ConversationStatus, for_s: Option<u64>, fields: &mut Fields) {
    let Some(for_s) = for_s else { return };
    if status != ConversationStatus::Snoozed {
        fields.refuse(format!("{at}/snoozed_for_s"), "invalid_value", "is for the status snoozed");
    } else if !(1..=SNOOZE_S_MAX).contains(&for_s) {
        fields.refuse(format!("{at}/snoozed_for_s"), "out_of_range", format!("must be between 1 and {SNOOZE_S_MAX}"));
    }
}

fn count(at: &str, labels: &[Label], fields: &mut Fields) {
    if labels.is_empty() {
        fields.refuse(format!("{at}/labels"), "empty", TextError::Empty.to_string());
    } else if labels.len() > LABELS_MAX {
        fields.refuse(format!("{at}/labels"), "too_many", format!("holds more than {LABELS_MAX} labels"));
    }
}

fn said(at: &str, text: &str, fields: &mut Fields) -> Option<String> {
    let pointer = format!("{at}/text");
    let text = fields.text(&pointer, text::lines(text, MESSAGE_CHARS_MAX))?;
    placeholder::check(fields, &pointer, &text);
    Some(text)
}

preset_routes! {
    Macro, "macros", "/macros", "/macros/{macro_id}", macro_id, "macro_id", "The macro";
    /// Lists the macros that are everybody's and the caller's own, the first to be made first.
    list;
    /// Reads one macro.
    get;
    /// Makes a macro: one's own, or everybody's.
    create;
    /// Changes a macro: one's own, or everybody's.
    update;
    /// Removes a macro: one's own, or everybody's.
    delete;
    run_macro
}
