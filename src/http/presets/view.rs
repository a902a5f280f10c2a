//! Saved views: a filter over the list of conversations, with a name.
//!
//! Does not: list anything. What a view holds are the parameters of `GET …/conversations`; `me` in it is whoever looks.

use entities::{
    AgentId, ChannelId, ConversationStatus, Label, Priority, TeamId, TextError,
    text::{self, NAME_CHARS_MAX},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Asked, Preset, route::preset_routes, settled};
use crate::{
    http::{
        conversations::wire::{ListQuery, Sort},
        fields::Fields,
        nullable::{Nullable, nullable},
        problem::Answer,
    },
    store::{read, settings::preset::Kind},
};

/// A saved view.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct View {
    /// What it is called.
    #[schema(example = "Urgent and nobody's")]
    pub name: String,
    /// Which conversations it shows.
    pub filter: ViewFilter,
    /// In which order.
    #[schema(inline)]
    pub sort: Sort,
}

/// Which conversations a view shows: those that fit all that is said. Each has the meaning of the parameter of `GET …/conversations`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewFilter {
    /// Where they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ConversationStatus>,
    /// On which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// With which label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Who answers: an agent's id, `me` (whoever looks), or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "me")]
    pub assignee_id: Option<String>,
    /// Of which team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// How urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Those in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trashed: Option<bool>,
}

impl From<ViewFilter> for ListQuery {
    fn from(filter: ViewFilter) -> Self {
        Self {
            status: filter.status,
            channel_id: filter.channel_id,
            label: filter.label.map(|label| label.as_str().to_owned()),
            assignee_id: filter.assignee_id,
            team_id: filter.team_id,
            priority: filter.priority,
            trashed: filter.trashed,
            ..Self::default()
        }
    }
}

/// A view to make, or changes to one: what is left out stays; a filter replaces the one before as a whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateView, example = json!({
    "name": "Urgent and nobody's", "filter": {"status": "open", "assignee_id": "none", "priority": "urgent"}, "sort": "updated_at",
}))]
pub struct ViewDraft {
    /// What it is called; there is one of a name for everybody, and one of each agent's own. Upper and lower case are the same.
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// Which conversations it shows.
    pub filter: Option<ViewFilter>,
    /// In which order; `-updated_at` unless said.
    #[schema(inline)]
    pub sort: Option<Sort>,
    /// Your own id makes it yours alone; null, or left out when it is made, everybody's, which needs `workspace:write`.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<AgentId>)]
    pub owner_id: Nullable<AgentId>,
}

impl Preset for View {
    type Draft = ViewDraft;
    const KIND: Kind = Kind { name: "view", deeds: ["view.created", "view.updated", "view.deleted"], max: 100 };
    const SCHEMA: &'static str = "View";
    const REQUIRED: &'static [&'static str] = &["name", "filter"];
    const HANDLE_POINTER: &'static str = "/name";

    fn handle(&self) -> String {
        self.name.to_lowercase()
    }

    fn owner(draft: &ViewDraft) -> Nullable<AgentId> {
        draft.owner_id
    }

    async fn check(asked: Asked<'_>, draft: ViewDraft, before: Option<Self>, fields: &mut Fields) -> Answer<Option<Self>> {
        let (name, filter, sort) = before.map_or((None, None, Sort::default()), |it| (Some(it.name), Some(it.filter), it.sort));
        let name = settled(fields, "/name", draft.name, name, |name| text::line(&name, NAME_CHARS_MAX));
        if let Some(filter) = &draft.filter {
            known(asked, filter, fields).await?;
        }
        let filter = settled(fields, "/filter", draft.filter, filter, Ok::<_, TextError>);
        Ok(name.zip(filter).map(|(name, filter)| Self { name, filter, sort: draft.sort.unwrap_or(sort) }))
    }
}

/// Refuses what is not there, or not any more: such a view would be empty for ever.
async fn known(asked: Asked<'_>, filter: &ViewFilter, fields: &mut Fields) -> Answer<()> {
    let Asked { app, tenant_id } = asked;
    if let Some(id) = filter.channel_id
        && read::channel::find(&app.db, tenant_id, id).await?.is_none()
    {
        fields.refuse("/filter/channel_id", "not_found", "is no channel of this workspace");
    }
    if let Some(id) = filter.team_id
        && !read::team::exists(&app.db, tenant_id, id).await?
    {
        fields.refuse("/filter/team_id", "not_found", "is no team of this workspace");
    }
    match filter.assignee_id.as_deref() {
        None | Some("me" | "none") => {}
        Some(text) => match text.parse() {
            Err(_not_an_id) => fields.refuse("/filter/assignee_id", "invalid_value", "must be me, none or an agent's id"),
            Ok(id) if read::agent::find(&app.db, tenant_id, id).await?.is_none() => {
                fields.refuse("/filter/assignee_id", "not_found", "is no member of this workspace");
            }
            Ok(_member) => {}
        },
    }
    Ok(())
}

preset_routes! {
    View, "views", "/views", "/views/{view_id}", view_id, "view_id", "The view";
    /// Lists the saved views that are everybody's and the caller's own, the first to be made first.
    list;
    /// Reads one saved view.
    get;
    /// Saves a view: one's own, or everybody's.
    create;
    /// Changes a saved view: one's own, or everybody's.
    update;
    /// Removes a saved view: one's own, or everybody's.
    delete;
}
