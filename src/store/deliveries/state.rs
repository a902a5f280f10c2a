//! What the server itself changes of a webhook, and says so: that it keeps failing, that it is disabled.

use actors::port::{Body, Lease, NewEvent, SettingsWrite, StoreError, WebhookChange, WebhookWrite, Write};
use entities::{EventKind, TenantId, Timestamp, WebhookStatus};
use serde::Serialize;

use super::{SqlDeliveries, get, instant};
use crate::store::{journal::read::rows, settings::channel_change::refused};

/// The data of `webhook.failing` and `webhook.disabled`: the webhook as the API shows it, without what is secret.
#[derive(Serialize)]
struct Shown {
    id: entities::WebhookId,
    url: String,
    description: String,
    status: WebhookStatus,
    disabled_reason: Option<String>,
    failing_since: Option<Timestamp>,
}

impl SqlDeliveries {
    /// Makes the change and its event durable, in one transaction.
    pub(super) async fn tell(&self, lease: Lease, change: WebhookChange, now: Timestamp) -> Result<(), StoreError> {
        const SHOWN: &str = "SELECT tenant_id, url, description, status, failing_since FROM webhook WHERE id = $1 AND status = 'enabled'";
        let found = rows(&self.db, SHOWN, [lease.webhook_id.uuid().into()]).await?;
        // Disabled meanwhile, or gone: then there is nothing to tell.
        let Some(row) = found.first() else { return Ok(()) };
        let (kind, status, disabled_reason) = match &change {
            WebhookChange::Warned => (EventKind::WebhookFailing, WebhookStatus::Enabled, None),
            WebhookChange::Disabled(reason) => (EventKind::WebhookDisabled, WebhookStatus::Disabled, Some(reason.clone())),
        };
        let shown = Shown {
            id: lease.webhook_id,
            url: get(row, "url")?,
            description: get(row, "description")?,
            status,
            disabled_reason,
            failing_since: instant(row, "failing_since")?,
        };
        let data = serde_json::value::to_raw_value(&shown)
            .map_err(|error| StoreError::Unavailable(format!("a webhook cannot be told of as JSON: {error}").into()))?;
        let event =
            NewEvent { id: (self.new_event_id)(), kind, place: None, visitor_visible: false, body: Body::Settings(data.into()), at: now };
        let write = Write {
            tenant_id: TenantId::new(get(row, "tenant_id")?),
            contact: None,
            conversation: None,
            settings: Some(SettingsWrite::Webhook(WebhookWrite { id: lease.webhook_id, change, at: now })),
            events: vec![event],
        };
        self.journal.commit(write).await.map(|_committed| ()).map_err(refused)
    }
}
