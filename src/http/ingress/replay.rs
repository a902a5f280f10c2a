//! Taking in again what could not be read: after an update that can.

use entities::TenantId;

use super::take::{Take, Taker};
use crate::{
    channels::{adapter::Notification, registry},
    http::{App, problem::Answer},
    store::{read, settings},
};

/// Payloads read at once.
const AT_ONCE: u64 = 100;
/// Most reads in one replay; what lies behind them is the next one's.
const PAGES_MAX: usize = 100;

/// What came of a replay.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// Payloads that are read and committed now.
    pub taken: u64,
    /// Payloads that still cannot be read.
    pub left: u64,
}

/// Tries a tenant's quarantined payloads again, the oldest first.
///
/// # Errors
/// 503 if the database is away.
pub async fn replay(app: &App, tenant_id: TenantId) -> Answer<Replayed> {
    let mut replayed = Replayed::default();
    let mut last = None;
    for _page in 0..PAGES_MAX {
        let page = read::provider::list_quarantined(&app.db, tenant_id, last.as_ref(), AT_ONCE).await?;
        // What stays unreadable must not hide what lies behind it.
        last = page.last().cloned();
        if last.is_none() {
            break;
        }
        several(app, tenant_id, page, &mut replayed).await?;
    }
    Ok(replayed)
}

async fn several(app: &App, tenant_id: TenantId, payloads: Vec<read::provider::Quarantined>, replayed: &mut Replayed) -> Answer<()> {
    for payload in payloads {
        let opened = read::credential::open(&app.db, &app.keys, tenant_id, payload.credential_id).await?;
        let (Some(opened), Some(adapter)) = (opened, registry::find(payload.provider)) else {
            replayed.left += 1;
            continue;
        };
        let notification = Notification {
            body: payload.body.clone(),
            content_type: payload.content_type.clone(),
            kind: payload.kind.clone(),
            received_at: payload.received_at,
        };
        if adapter.parse(&opened.credential, &notification).is_err() {
            replayed.left += 1;
            continue;
        }
        let taker = Taker { app, provider: payload.provider, adapter, tenant_id, credential_id: payload.credential_id };
        match taker.notification(&opened.credential, &notification).await {
            Take::Committed => {
                settings::provider::release(&app.db, &payload).await?;
                replayed.taken += 1;
            }
            Take::Quarantined | Take::NotYet { .. } => replayed.left += 1,
        }
    }
    Ok(())
}
