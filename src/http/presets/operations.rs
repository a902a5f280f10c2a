//! What can be done with every kind alike.

use actix_web::{HttpResponse, web};
use entities::{AgentId, Permission, PresetId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Asked, Preset};
use crate::{
    http::{
        App,
        access::{Allowed, Caller, Permit},
        answer, audit_log,
        fields::Fields,
        nullable::Nullable,
        page::{self, Page, PageQuery},
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{
            self,
            preset::{self, Stored},
        },
        settings::{
            self,
            preset::{Draft, Refused},
        },
    },
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// One of a kind, as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown<P> {
    /// What every kind has.
    #[serde(flatten)]
    pub frame: Frame,
    /// What the kind has of its own.
    #[serde(flatten)]
    pub preset: P,
}

/// What every kind has.
#[derive(Debug, Serialize, ToSchema)]
pub struct Frame {
    /// Its id.
    pub id: PresetId,
    /// Whose it is, and seen by nobody else; null: everybody's.
    pub owner_id: Option<AgentId>,
    /// Rises with every change; for `If-Match`.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A page of those that the caller sees.
pub async fn list<P: Preset>(app: &App, allowed: &Allowed<impl Permit>, query: PageQuery) -> Answer<web::Json<Page<Shown<P>>>> {
    let limit = page::limit(query.limit)?;
    let reader = allowed.caller.agent_id();
    let list = format!("{} {} {reader:?}", P::KIND.name, allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.cursor.as_deref())?;
    let listed = preset::list(&app.db, allowed.tenant_id, reader, P::KIND.name, after, limit).await?;
    let data = listed.data.into_iter().map(shown).collect::<Answer<Vec<_>>>()?;
    answer::page(&app.keys, &list, read::page::Listed { data, next: listed.next }, |shown| shown).map(web::Json)
}

/// One that the caller sees.
pub async fn get<P: Preset>(app: &App, allowed: &Allowed<impl Permit>, id: PresetId) -> Answer {
    let found = shown::<P>(find::<P>(app, allowed, id).await?)?;
    Ok(answer::ok(found.frame.version, &found))
}

/// What one that the caller sees has of its own.
pub async fn read_own<P: Preset>(app: &App, allowed: &Allowed<impl Permit>, id: PresetId) -> Answer<P> {
    parsed(&find::<P>(app, allowed, id).await?)
}

/// Makes one.
pub async fn create<P: Preset>(app: &App, allowed: &Allowed<impl Permit>, draft: P::Draft) -> Answer {
    let mut fields = Fields::new();
    let owner_id = owner(&allowed.caller, P::owner(&draft), None, &mut fields)?;
    let checked = P::check(Asked { app, tenant_id: allowed.tenant_id }, draft, None, &mut fields).await?;
    let preset = taken(fields, checked)?;
    let new = written(&preset, PresetId::new(app.clock.new_id()), owner_id)?;
    let doer = audit_log::doer(app, &allowed.caller);
    let made = settings::preset::create(&app.db, allowed.tenant_id, &doer, P::KIND, &new).await?;
    made.map_err(refused::<P>)?;
    let found = shown::<P>(find::<P>(app, allowed, new.id).await?)?;
    Ok(answer::created(found.frame.version, &found))
}

/// Changes one.
pub async fn update<P: Preset>(
    app: &App,
    allowed: &Allowed<impl Permit>,
    id: PresetId,
    expected_version: Option<u64>,
    draft: P::Draft,
) -> Answer {
    for _attempt in 0..ATTEMPTS_MAX {
        let stored = find::<P>(app, allowed, id).await?;
        let mut fields = Fields::new();
        let owner_id = owner(&allowed.caller, P::owner(&draft), Some(&stored), &mut fields)?;
        answer::require_version(expected_version, stored.version)?;
        let before: P = parsed(&stored)?;
        let asked = Asked { app, tenant_id: allowed.tenant_id };
        let checked = P::check(asked, draft.clone(), Some(before.clone()), &mut fields).await?;
        let after = taken(fields, checked)?;
        let changed = changed((&before, stored.owner_id), (&after, owner_id))?;
        if !changed.is_empty() {
            let doer = audit_log::doer(app, &allowed.caller);
            let after = written(&after, id, owner_id)?;
            match settings::preset::update(&app.db, allowed.tenant_id, &doer, P::KIND, &stored, &after, &changed).await {
                Ok(done) => done.map_err(refused::<P>)?,
                Err(error) if settings::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        return get::<P>(app, allowed, id).await;
    }
    Err(busy())
}

/// Removes one.
pub async fn delete<P: Preset>(app: &App, allowed: &Allowed<impl Permit>, id: PresetId, expected_version: Option<u64>) -> Answer {
    for _attempt in 0..ATTEMPTS_MAX {
        let stored = find::<P>(app, allowed, id).await?;
        require(&allowed.caller, stored.owner_id)?;
        answer::require_version(expected_version, stored.version)?;
        let handle = parsed::<P>(&stored)?.handle();
        let doer = audit_log::doer(app, &allowed.caller);
        match settings::preset::delete(&app.db, allowed.tenant_id, &doer, P::KIND, &stored, &handle).await {
            Ok(()) => return Ok(HttpResponse::NoContent().finish()),
            Err(error) if settings::is_stale(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}

async fn find<P: Preset>(app: &App, allowed: &Allowed<impl Permit>, id: PresetId) -> Answer<Stored> {
    let found = preset::find(&app.db, allowed.tenant_id, allowed.caller.agent_id(), P::KIND.name, id).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound).detail(format!("no such {}", P::KIND.name.replace('_', " "))))
}

/// Whose it is to be: as the draft says, else as it was, else everybody's.
fn owner(caller: &Caller, wished: Nullable<AgentId>, before: Option<&Stored>, fields: &mut Fields) -> Answer<Option<AgentId>> {
    if let Some(before) = before {
        require(caller, before.owner_id)?;
    }
    let after = wished.unwrap_or_else(|| before.and_then(|before| before.owner_id));
    if after.is_some() && after != caller.agent_id() {
        fields.refuse("/owner_id", "not_yourself", "must be your own id, or null for everybody's");
        return Ok(after);
    }
    require(caller, after)?;
    Ok(after)
}

/// What is everybody's is changed by those who may change the workspace; one's own by oneself.
fn require(caller: &Caller, owner_id: Option<AgentId>) -> Answer<()> {
    let needed = Permission::WorkspaceWrite;
    if owner_id.is_some() || caller.may(needed) {
        return Ok(());
    }
    let detail = format!("what is everybody's needs the permission {needed}; with your own id as owner_id it is yours alone");
    Err(Problem::new(Code::Forbidden).detail(detail))
}

fn taken<P>(fields: Fields, checked: Option<P>) -> Answer<P> {
    fields.finish()?;
    checked.ok_or_else(|| Problem::internal("a draft was neither taken nor refused"))
}

fn refused<P: Preset>(refused: Refused) -> Problem {
    let max = P::KIND.max;
    let kind = P::KIND.name.replace('_', " ");
    match refused {
        Refused::Taken => {
            let detail = format!("there is a {kind} like this already");
            Problem::new(Code::Conflict).detail(detail.clone()).field(P::HANDLE_POINTER, "taken", detail)
        }
        Refused::TooMany => {
            let detail = format!("{max} of this kind (a {kind}) are the most that are everybody's, and the most that an agent has alone");
            Problem::new(Code::QuotaExceeded).detail(detail).with("limit", max)
        }
    }
}

fn busy() -> Problem {
    Problem::new(Code::Busy).detail("it is being changed by others")
}

fn written<P: Preset>(preset: &P, id: PresetId, owner_id: Option<AgentId>) -> Answer<Draft> {
    let body = serde_json::to_string(preset).map_err(Problem::internal)?;
    Ok(Draft { id, owner_id, handle: preset.handle(), body })
}

fn parsed<P: Preset>(stored: &Stored) -> Answer<P> {
    Ok(read::json("preset.body", &stored.body)?)
}

fn shown<P: Preset>(stored: Stored) -> Answer<Shown<P>> {
    let preset = parsed(&stored)?;
    let Stored { id, owner_id, version, created_at, updated_at, body: _ } = stored;
    Ok(Shown { frame: Frame { id, owner_id, version, created_at, updated_at }, preset })
}

/// The names of the fields that differ.
fn changed<P: Preset>(before: (&P, Option<AgentId>), after: (&P, Option<AgentId>)) -> Answer<Vec<String>> {
    let old = serde_json::to_value(before.0).map_err(Problem::internal)?;
    let new = serde_json::to_value(after.0).map_err(Problem::internal)?;
    let fields = new.as_object().into_iter().chain(old.as_object()).flat_map(serde_json::Map::keys);
    let differ = |name: &&String| old.get(name.as_str()).unwrap_or(&Value::Null) != new.get(name.as_str()).unwrap_or(&Value::Null);
    let mut names: Vec<String> = fields.filter(differ).cloned().collect();
    if before.1 != after.1 {
        names.push("owner_id".to_owned());
    }
    names.sort();
    names.dedup();
    Ok(names)
}
