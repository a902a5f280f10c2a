//! Teams: members who answer the same conversations. What is a team's is given out among its members ([`super::routing`]).
//!
//! Guarantees: a team's members are members of the workspace; of two teams of a workspace each has its own name. A team that is deleted is
//! gone at once, and its conversations are no team's soon after, also if the server dies in between ([`release`]).
//!
//! Does not: hide conversations from those who are not in their team.

mod create;
mod delete;
mod get;
mod list;
pub mod release;
mod update;
pub mod wire;

use std::collections::BTreeSet;

use entities::{
    AgentId, TeamId, TenantId,
    text::{self, NAME_CHARS_MAX},
};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    App,
    fields::Fields,
    problem::{Answer, Code, Problem},
};
use crate::store::{
    read::{self, team::Team},
    settings::team::Refused,
};

/// Teams of a workspace.
pub const TEAMS_MAX: u64 = 200;
/// Members of a team.
const MEMBERS_MAX: usize = 1_000;
/// Longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 1_000;

/// The routes of this resource.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list::list_teams)
        .service(create::create_team)
        .service(get::get_team)
        .service(update::update_team)
        .service(delete::delete_team);
}

/// Which team a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct TeamPath {
    team_id: TeamId,
}

async fn find(app: &App, tenant_id: TenantId, id: TeamId) -> Answer<Team> {
    let found = read::team::find(&app.db, tenant_id, id).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such team")
}

fn wire(team: Team) -> wire::Team {
    wire::Team {
        id: team.id,
        name: team.name,
        description: team.description,
        member_ids: team.members,
        version: team.version,
        created_at: team.created_at,
        updated_at: team.updated_at,
    }
}

fn name(fields: &mut Fields, text: &str) -> String {
    fields.text("/name", text::line(text, NAME_CHARS_MAX)).unwrap_or_default()
}

/// Blank means none.
fn description(fields: &mut Fields, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    fields.text("/description", text::lines(text, DESCRIPTION_CHARS_MAX)).unwrap_or_default()
}

/// Each once, by id.
fn members(fields: &mut Fields, ids: &[AgentId]) -> Vec<AgentId> {
    let members: BTreeSet<AgentId> = ids.iter().copied().collect();
    if members.len() > MEMBERS_MAX {
        fields.refuse("/member_ids", "too_many", format!("may name {MEMBERS_MAX} members at most"));
    }
    members.into_iter().collect()
}

/// What the caller is told; `asked` are the members as the body named them.
fn refused(refused: Refused, asked: &[AgentId]) -> Problem {
    match refused {
        Refused::NameTaken => Problem::new(Code::Conflict).detail("a team of this workspace has this name"),
        Refused::TooMany => {
            Problem::new(Code::QuotaExceeded).detail(format!("a workspace has {TEAMS_MAX} teams at most")).with("limit", TEAMS_MAX)
        }
        Refused::Strangers(strangers) => {
            let places = asked.iter().enumerate().filter(|(_, id)| strangers.contains(id));
            places.fold(Problem::new(Code::ValidationFailed), |problem, (place, _)| {
                problem.field(format!("/member_ids/{place}"), "not_found", "is no member of this workspace")
            })
        }
    }
}
