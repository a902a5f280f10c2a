//! Sending a delivery again.

use actix_web::{http::StatusCode, post, web};
use actors::port::StoreError;

use super::{DeliveryPath, get_delivery, wire_delivery::WholeDelivery};
use crate::{
    http::{
        App,
        access::{Allowed, WriteWebhooks},
        audit_log,
        problem::{Answer, Problem},
    },
    store::settings::delivery,
};

/// Makes a delivery due now, whatever became of it, with the whole schedule of retries before it. 409 `delivery_pending` while it waits for an
/// attempt already, 409 `webhook_disabled` while its webhook is at rest.
#[utoipa::path(
    tag = "webhooks",
    params(
        ("webhook_id" = String, Path, format = "uuid", description = "The webhook"),
        ("delivery_id" = String, Path, format = "uuid", description = "The delivery"),
    ),
    responses((status = 202, description = "The delivery, waiting", body = WholeDelivery)),
)]
#[post("/webhooks/{webhook_id}/deliveries/{delivery_id}/retry")]
pub async fn retry_delivery(
    app: web::Data<App>,
    allowed: Allowed<WriteWebhooks>,
    path: web::Path<DeliveryPath>,
) -> Answer<(web::Json<WholeDelivery>, StatusCode)> {
    let doer = audit_log::doer(&app, &allowed.caller);
    let done = delivery::retry(&app.db, allowed.tenant_id, &doer, path.webhook_id, path.delivery_id).await;
    let done = done.map_err(|error| match error {
        StoreError::NotFound => get_delivery::not_found(),
        error => Problem::from(error),
    })?;
    if let Err(refused) = done {
        let problem = super::refused(refused);
        let waiting = get_delivery::whole(&app, allowed.tenant_id, *path).await?.delivery.next_due_at;
        return Err(match waiting {
            Some(due_at) => problem.with("next_due_at", due_at.to_string()),
            None => problem,
        });
    }
    let delivery = get_delivery::whole(&app, allowed.tenant_id, *path).await?;
    super::wake(&app, path.webhook_id);
    Ok((web::Json(delivery), StatusCode::ACCEPTED))
}
