//! The list of a webhook's deliveries.

use actix_web::{get, web};

use super::{
    WebhookPath,
    wire_delivery::{AttemptSummary, Delivery, ListQuery},
};
use crate::{
    http::{
        App,
        access::{Allowed, ReadWebhooks},
        answer,
        extract::Query,
        page::{self, Page},
        problem::Answer,
    },
    store::read::delivery::{self, Wanted},
};

/// Lists a webhook's deliveries with their latest attempts: the latest event's first, and behind all of them what was tried out. With `event`,
/// `from`, `to` or `status=delivered` a page may be short, even empty, and still have a `next_cursor`: go on until it is null.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook"), ListQuery),
    responses((status = 200, description = "A page of deliveries", body = Page<Delivery<AttemptSummary>>)),
)]
#[get("/webhooks/{webhook_id}/deliveries")]
pub async fn list_deliveries(
    app: web::Data<App>,
    allowed: Allowed<ReadWebhooks>,
    path: web::Path<WebhookPath>,
    query: Query<ListQuery>,
) -> Answer<web::Json<Page<Delivery<AttemptSummary>>>> {
    let query = query.into_inner();
    let limit = page::limit(query.limit)?;
    let webhook_id = super::find(&app, allowed.tenant_id, path.webhook_id).await?.id;
    let wanted = Wanted { status: query.status, kind: query.event, event_id: query.event_id, from: query.from, to: query.to };
    // Filters leave the order alone, so the cursor of one is good for another.
    let list = format!("deliveries {} {webhook_id}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.cursor.as_deref())?;
    let listed = delivery::list(&app.db, allowed.tenant_id, webhook_id, wanted, after, limit).await?;
    answer::page(&app.keys, &list, listed, |delivery| Delivery::of(webhook_id, delivery, AttemptSummary::from)).map(web::Json)
}
