//! One delivery with every attempt.

use actix_web::{get, web};
use entities::TenantId;
use serde_json::value::RawValue;

use super::{
    DeliveryPath,
    wire_delivery::{Attempt, Delivery, WholeDelivery},
};
use crate::{
    http::{
        App,
        access::{Allowed, ReadWebhooks},
        problem::{Answer, Code, Problem},
    },
    store::read::delivery,
};

/// Reads one delivery: what is sent, and each attempt with what was answered.
#[utoipa::path(
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, format = "uuid", description = "The webhook"),
        ("delivery_id" = String, Path, format = "uuid", description = "The delivery"),
    ),
    responses((status = 200, description = "The delivery", body = WholeDelivery)),
)]
#[get("/webhooks/{webhook_id}/deliveries/{delivery_id}")]
pub async fn get_delivery(
    app: web::Data<App>,
    allowed: Allowed<ReadWebhooks>,
    path: web::Path<DeliveryPath>,
) -> Answer<web::Json<WholeDelivery>> {
    whole(&app, allowed.tenant_id, *path).await.map(web::Json)
}

/// The delivery as it stands alone.
pub(super) async fn whole(app: &App, tenant_id: TenantId, path: DeliveryPath) -> Answer<WholeDelivery> {
    let found = delivery::find(&app.db, tenant_id, path.webhook_id, path.delivery_id, true).await?;
    let found = found.ok_or_else(not_found)?;
    let body = delivery::body(&app.db, tenant_id, found.position).await?;
    let payload = body.map(RawValue::from_string).transpose().map_err(Problem::internal)?;
    Ok(WholeDelivery { delivery: Delivery::of(path.webhook_id, found, Attempt::from), payload })
}

/// 404, for a delivery.
pub(super) fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("no such delivery")
}
