//! Replays: sending events of the past again.

use actix_web::{get, http::StatusCode, post, web};
use actors::port::StoreError;
use entities::{ReplayId, ReplayOnly};

use super::{
    ReplayPath, WebhookPath,
    wire_delivery::{Replay, StartReplay},
};
use crate::{
    http::{
        App,
        access::{Allowed, ReadWebhooks, WriteWebhooks},
        answer, audit_log,
        extract::{JsonOrNothing, Query},
        page::{self, Page, PageQuery},
        problem::{Answer, Code, Problem},
    },
    store::{
        read,
        settings::delivery::{self, NewReplay},
    },
};

/// Begins to send events of the past again, the oldest first, each with the whole schedule of retries. It goes on in the background and after a
/// restart; read how far it is at its own address. 409 `webhook_disabled` while the webhook is at rest.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    request_body = StartReplay,
    responses((status = 202, description = "The replay", body = Replay)),
)]
#[post("/webhooks/{webhook_id}/replay")]
pub async fn start_replay(
    app: web::Data<App>,
    allowed: Allowed<WriteWebhooks>,
    path: web::Path<WebhookPath>,
    body: JsonOrNothing<StartReplay>,
) -> Answer<(web::Json<Replay>, StatusCode)> {
    let body = body.0;
    if let (Some(from), Some(to)) = (body.from, body.to)
        && from >= to
    {
        return Err(Problem::invalid("/to", "out_of_range", "must be later than from"));
    }
    let only = body.only.unwrap_or(ReplayOnly::Failed);
    let new = NewReplay { id: ReplayId::new(app.clock.new_id()), only, from: body.from, to: body.to };
    let doer = audit_log::doer(&app, &allowed.caller);
    let made = delivery::replay(&app.db, allowed.tenant_id, &doer, path.webhook_id, &new).await.map_err(|error| match error {
        StoreError::NotFound => super::not_found(),
        error => Problem::from(error),
    })?;
    made.map_err(super::refused)?;
    super::wake(&app, path.webhook_id);
    let found = read::replay::find(&app.db, allowed.tenant_id, path.webhook_id, new.id).await?;
    let replay = found.ok_or_else(|| Problem::internal("a replay that was begun is not there"))?;
    Ok((web::Json(replay.into()), StatusCode::ACCEPTED))
}

/// Lists a webhook's replays, the newest first: those that run, and past ones with what they made due.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook"), PageQuery),
    responses((status = 200, description = "A page of replays", body = Page<Replay>)),
)]
#[get("/webhooks/{webhook_id}/replays")]
pub async fn list_replays(
    app: web::Data<App>,
    allowed: Allowed<ReadWebhooks>,
    path: web::Path<WebhookPath>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<Replay>>> {
    let limit = page::limit(query.0.limit)?;
    let webhook_id = super::find(&app, allowed.tenant_id, path.webhook_id).await?.id;
    let list = format!("replays {} {webhook_id}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = read::replay::list(&app.db, allowed.tenant_id, webhook_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, Replay::from).map(web::Json)
}

/// Reads how far a replay is.
#[utoipa::path(
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, format = "uuid", description = "The webhook"),
        ("replay_id" = String, Path, format = "uuid", description = "The replay"),
    ),
    responses((status = 200, description = "The replay", body = Replay)),
)]
#[get("/webhooks/{webhook_id}/replays/{replay_id}")]
pub async fn get_replay(app: web::Data<App>, allowed: Allowed<ReadWebhooks>, path: web::Path<ReplayPath>) -> Answer<web::Json<Replay>> {
    let found = read::replay::find(&app.db, allowed.tenant_id, path.webhook_id, path.replay_id).await?;
    found.map(|replay| web::Json(replay.into())).ok_or_else(|| Problem::new(Code::NotFound).detail("no such replay"))
}
