//! Changing a member: by themselves, or by those who may change members.

use actix_web::{HttpRequest, patch, web};
use actors::port::Signal;
use entities::{
    Permission, Role, TenantId,
    routing::CAPACITY_MAX,
    text::{self, NAME_CHARS_MAX},
};

use super::{AgentPath, wire::Agent, wire::UpdateAgent};
use crate::{
    crypto::password,
    http::{
        App,
        access::{Allowed, Caller, ReadAgents},
        answer, audit_log, contacts,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{self, agent::Agent as Stored},
        settings::{self, agent},
    },
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// Changes a member. Members change their own name, picture and (with `current_password`) password; everything else needs `agents:write`,
/// and an owner is changed by owners alone. A new password, and being disabled, end all the member's sign-ins.
#[utoipa::path(
    tag = "agents",
    params(
        ("agent_id" = String, Path, format = "uuid", description = "The member"),
        ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
    ),
    request_body = UpdateAgent,
    responses((status = 200, description = "The member", body = Agent, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/agents/{agent_id}")]
pub async fn update_agent(
    app: web::Data<App>,
    allowed: Allowed<ReadAgents>,
    path: web::Path<AgentPath>,
    request: HttpRequest,
    body: Json<UpdateAgent>,
) -> Answer {
    let expected_version = if_match(&request)?;
    let mut body = body.into_inner();
    let tenant_id = allowed.tenant_id;
    let mut before = super::find(&app, tenant_id, path.agent_id).await?;
    authorise(&allowed.caller, &before, &body)?;
    answer::require_version(expected_version, before.version)?;
    let password_hash = match body.password.take() {
        Some(password) => Some(new_password(&app, tenant_id, &allowed.caller, &before, password, body.current_password.take()).await?),
        None => None,
    };
    let members_max = super::members_max(&app, tenant_id).await?;
    for _attempt in 0..ATTEMPTS_MAX {
        authorise(&allowed.caller, &before, &body)?;
        answer::require_version(expected_version, before.version)?;
        let (after, changed) = changed(&before, &body, password_hash.is_some())?;
        if !changed.is_empty() {
            let doer = audit_log::doer(&app, &allowed.caller);
            let done = agent::update(&app.db, tenant_id, &doer, &after, password_hash.as_deref(), &changed, members_max).await;
            match done {
                Ok(done) => done.map_err(|refused| super::refused(refused, members_max))?,
                Err(error) if settings::is_stale(&error) => {
                    before = super::find(&app, tenant_id, path.agent_id).await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
        }
        if after.disabled || password_hash.is_some() {
            app.bus.signal(tenant_id, Signal::Revoked { agent_id: after.id, login_session_id: None });
        }
        if !changed.is_empty() {
            // They may take on more now, or nothing any more.
            app.routers.wake(tenant_id);
        }
        let agent = super::find(&app, tenant_id, path.agent_id).await?;
        let presence = super::presence(&app, tenant_id, agent.id).await;
        let agent = super::wire(agent, presence);
        return Ok(answer::ok(agent.version, &agent));
    }
    Err(Problem::new(Code::Busy).detail("the member is being changed by others"))
}

/// Who may make this change.
fn authorise(caller: &Caller, before: &Stored, body: &UpdateAgent) -> Answer<()> {
    let own = caller.agent_id() == Some(before.id);
    let forbidden = |detail: &str| Err(Problem::new(Code::Forbidden).detail(detail));
    if (!own || body.role.is_some() || body.disabled.is_some() || body.capacity.is_some()) && !caller.may(Permission::AgentsWrite) {
        return forbidden("this needs the permission agents:write");
    }
    if (before.role == Role::Owner && !own || body.role == Some(Role::Owner)) && !super::is_owner(caller) {
        return forbidden("only an owner makes or changes an owner");
    }
    Ok(())
}

/// Hashes a new password, once it is known that whoever changes their own knows the present one.
async fn new_password(
    app: &App,
    tenant_id: TenantId,
    caller: &Caller,
    before: &Stored,
    password: String,
    current: Option<String>,
) -> Answer<String> {
    if caller.agent_id() == Some(before.id) {
        let current =
            current.ok_or_else(|| Problem::invalid("/current_password", "missing_field", "is needed to change one's own password"))?;
        let hash = read::agent::password_hash(&app.db, tenant_id, before.id).await?;
        let right = password::verify(current, hash.into_iter().collect()).await.map_err(super::password_problem)?;
        if right != [true] {
            return Err(Problem::invalid("/current_password", "wrong", "is not the present password"));
        }
    }
    password::hash(password).await.map_err(super::password_problem)
}

/// The member after the change, and the names of the fields that differ.
fn changed(before: &Stored, body: &UpdateAgent, password: bool) -> Answer<(Stored, Vec<&'static str>)> {
    let mut after = before.clone();
    let mut fields = Fields::new();
    if let Some(name) = &body.name {
        after.name = fields.text("/name", text::line(name, NAME_CHARS_MAX)).unwrap_or_default();
    }
    if let Some(url) = &body.avatar_url {
        after.avatar_url = url.as_deref().and_then(|url| fields.text("/avatar_url", contacts::picture(url)));
    }
    if body.current_password.is_some() && !password {
        fields.refuse("/current_password", "ambiguous", "means nothing without password");
    }
    if let Some(capacity) = body.capacity {
        if capacity.is_some_and(|capacity| capacity > CAPACITY_MAX) {
            fields.refuse("/capacity", "out_of_range", format!("must be {CAPACITY_MAX} at most"));
        }
        after.capacity = capacity;
    }
    after.role = body.role.unwrap_or(after.role);
    after.disabled = body.disabled.unwrap_or(after.disabled);
    fields.finish()?;
    let differs = [
        ("name", before.name != after.name),
        ("role", before.role != after.role),
        ("avatar_url", before.avatar_url != after.avatar_url),
        ("disabled", before.disabled != after.disabled),
        ("capacity", before.capacity != after.capacity),
        ("password", password),
    ];
    Ok((after, differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()))
}
