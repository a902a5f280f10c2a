//! Changing the rules.

use actix_web::{HttpRequest, patch, web};
use entities::routing::{AWAY_AFTER_MS_MAX, AWAY_AFTER_MS_MIN, CAPACITY_MAX};

use super::wire::{Routing, UpdateRouting};
use crate::{
    http::{
        App,
        access::{Allowed, WriteWorkspace},
        answer, audit_log,
        extract::{Json, if_match},
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{self, routing::Routing as Stored},
        settings,
    },
};

/// How often a change is decided again because somebody else was quicker.
const ATTEMPTS_MAX: u32 = 3;

/// Changes the rules. What waits is given out by the new ones at once; what agents have stays theirs.
#[utoipa::path(
    tag = "routing",
    params(("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted")),
    request_body = UpdateRouting,
    responses((status = 200, description = "The rules", body = Routing, headers(("ETag" = String, description = "The version, quoted")))),
)]
#[patch("/routing")]
pub async fn update_routing(
    app: web::Data<App>,
    allowed: Allowed<WriteWorkspace>,
    request: HttpRequest,
    body: Json<UpdateRouting>,
) -> Answer {
    let expected_version = if_match(&request)?;
    let body = body.into_inner();
    check(&body)?;
    for _attempt in 0..ATTEMPTS_MAX {
        let before = read::routing::find(&app.db, allowed.tenant_id).await?;
        answer::require_version(expected_version, before.version)?;
        let (after, changed) = changed(&before, &body);
        if !changed.is_empty() {
            let doer = audit_log::doer(&app, &allowed.caller);
            match settings::routing::update(&app.db, allowed.tenant_id, &doer, &after, &changed).await {
                Ok(()) => app.routers.wake(allowed.tenant_id),
                Err(error) if settings::is_stale(&error) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let routing = super::wire(&read::routing::find(&app.db, allowed.tenant_id).await?);
        return Ok(answer::ok(routing.version, &routing));
    }
    Err(Problem::new(Code::Busy).detail("the rules are being changed by others"))
}

fn check(body: &UpdateRouting) -> Answer<()> {
    let mut fields = Fields::new();
    if body.away_after_ms.is_some_and(|ms| !(AWAY_AFTER_MS_MIN..=AWAY_AFTER_MS_MAX).contains(&ms)) {
        fields.refuse("/away_after_ms", "out_of_range", format!("must be between {AWAY_AFTER_MS_MIN} and {AWAY_AFTER_MS_MAX}"));
    }
    if body.capacity.is_some_and(|capacity| !(1..=CAPACITY_MAX).contains(&capacity)) {
        fields.refuse("/capacity", "out_of_range", format!("must be between 1 and {CAPACITY_MAX}"));
    }
    fields.finish()
}

/// The rules after the change, with the version they were read with, and the names of the fields that differ.
fn changed(before: &Stored, body: &UpdateRouting) -> (Stored, Vec<&'static str>) {
    let mut after = before.clone();
    after.rules.mode = body.mode.unwrap_or(after.rules.mode);
    after.rules.when_away = body.when_away.unwrap_or(after.rules.when_away);
    after.rules.away_after_ms = body.away_after_ms.unwrap_or(after.rules.away_after_ms);
    after.capacity = body.capacity.unwrap_or(after.capacity);
    let differs = [
        ("mode", before.rules.mode != after.rules.mode),
        ("when_away", before.rules.when_away != after.rules.when_away),
        ("away_after_ms", before.rules.away_after_ms != after.rules.away_after_ms),
        ("capacity", before.capacity != after.capacity),
    ];
    (after, differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect())
}
