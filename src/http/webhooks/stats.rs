//! How a webhook does.

use actix_web::{get, web};

use super::{
    WebhookPath,
    wire::{Latency, Stats},
};
use crate::{
    http::{
        App,
        access::{Allowed, ReadWebhooks},
        problem::Answer,
    },
    store::read::webhook::{self, Standing},
};

/// Figures of one webhook: how many of the latest attempts succeeded and how long they took, what waits, and since when it fails.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path, format = "uuid", description = "The webhook")),
    responses((status = 200, description = "The figures", body = Stats)),
)]
#[get("/webhooks/{webhook_id}/stats")]
pub async fn get_webhook_stats(
    app: web::Data<App>,
    allowed: Allowed<ReadWebhooks>,
    path: web::Path<WebhookPath>,
) -> Answer<web::Json<Stats>> {
    let about = super::find(&app, allowed.tenant_id, path.webhook_id).await?;
    let found = webhook::standing(&app.db, allowed.tenant_id, path.webhook_id, app.clock.now()).await?;
    let standing = found.ok_or_else(super::not_found)?;
    let succeeded = standing.attempts.iter().filter(|tried| tried.succeeded).count();
    Ok(web::Json(Stats {
        success_rate: (!standing.attempts.is_empty()).then(|| succeeded as f64 / standing.attempts.len() as f64),
        attempts: standing.attempts.len() as u64,
        latency_ms: latency(&standing),
        delivered: standing.delivered,
        failed: standing.failed,
        backlog: standing.backlog,
        oldest_due_at: standing.oldest_due_at,
        failing_since: about.failing_since,
    }))
}

fn latency(standing: &Standing) -> Latency {
    let mut took: Vec<u32> = standing.attempts.iter().filter_map(|tried| tried.answered_in_ms).collect();
    took.sort_unstable();
    // The smallest that so many percent do not exceed.
    let at = |percent: usize| took.get((took.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Latency { p50: at(50), p95: at(95) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::read::webhook::Tried;

    #[test]
    fn the_percentiles_are_of_what_was_answered() {
        let of = |answered: &[Option<u32>]| {
            let attempts = answered.iter().map(|ms| Tried { succeeded: true, answered_in_ms: *ms }).collect();
            let latency = latency(&Standing { attempts, ..Standing::default() });
            (latency.p50, latency.p95)
        };
        assert_eq!(of(&[]), (None, None));
        assert_eq!(of(&[None, Some(7)]), (Some(7), Some(7)));
        let hundred: Vec<_> = (1..=100).rev().map(Some).collect();
        assert_eq!(of(&hundred), (Some(50), Some(95)));
        assert_eq!(of(&[Some(10), Some(20), Some(30)]), (Some(20), Some(30)));
    }
}
