//! Which events go to which webhooks: worked out in the transaction of the events, so that none is lost between the two.
//!
//! What a tenant's webhooks want is remembered from batch to batch. The tenant's row says which state of them holds, and whoever changes them
//! raises that number under the same lock under which events are numbered; so what is remembered is never out of date.

use std::{collections::HashMap, sync::Arc};

use actors::port::SettingsWrite;
use entities::{DeliveryStatus, EventPattern, StoredEvent, SubscriptionFilter, WebhookId, WebhookStatus, subscription::About, thread};
use uuid::Uuid;

use super::{
    batch::Raised,
    prepare::Prepared,
    rows::{BodyRow, DeliveryRow},
    statements::{Failure, Statements},
};

/// Tenants whose webhooks are remembered; when more are active, all are forgotten and read again.
const TENANTS_MAX: usize = 10_000;

/// A webhook's row, as far as it decides what it gets.
pub struct FoundWebhook {
    /// Which.
    pub id: Uuid,
    /// Its status.
    pub status: String,
    /// The column: an array of patterns.
    pub events: String,
    /// The column: a filter.
    pub filter: String,
}

/// What one webhook wants.
pub struct Wish {
    id: WebhookId,
    status: DeliveryStatus,
    events: Vec<EventPattern>,
    filter: SubscriptionFilter,
}

/// What the webhooks of the tenants of a batch want.
pub type Wishes = HashMap<Uuid, Arc<[Wish]>>;

/// What is remembered of each tenant's webhooks, and of which state of them.
#[derive(Default)]
pub struct Subscribers {
    of_tenant: HashMap<Uuid, (i64, Arc<[Wish]>)>,
}

impl Subscribers {
    /// What the webhooks of these tenants want, read where it is not known.
    pub async fn of<S: Statements>(&mut self, raised: &[Raised], connection: &mut S) -> Result<Wishes, Failure> {
        let mut wishes = Wishes::new();
        // 0: the tenant never had a webhook.
        for tenant in raised.iter().filter(|tenant| tenant.webhook_version > 0) {
            let known = self.of_tenant.get(&tenant.tenant_id).filter(|(version, _)| *version == tenant.webhook_version);
            let wanted = if let Some((_, wanted)) = known {
                wanted.clone()
            } else {
                let found = super::writer::within(connection.webhooks(tenant.tenant_id)).await?;
                let wanted: Arc<[Wish]> = found.iter().map(wish).collect::<Result<_, _>>()?;
                if self.of_tenant.len() >= TENANTS_MAX {
                    self.of_tenant.clear();
                }
                self.of_tenant.insert(tenant.tenant_id, (tenant.webhook_version, wanted.clone()));
                wanted
            };
            wishes.insert(tenant.tenant_id, wanted);
        }
        Ok(wishes)
    }

    /// Forgets everything: the transaction in which it was read came to nothing.
    pub fn forget(&mut self) {
        self.of_tenant.clear();
    }
}

fn wish(row: &FoundWebhook) -> Result<Wish, Failure> {
    let unreadable = |error: serde_json::Error| Failure::Refused(format!("webhook {} cannot be read: {error}", row.id).into());
    Ok(Wish {
        id: WebhookId::new(row.id),
        status: if row.status == WebhookStatus::Enabled.as_str() { DeliveryStatus::Pending } else { DeliveryStatus::Skipped },
        events: serde_json::from_str(&row.events).map_err(unreadable)?,
        filter: serde_json::from_str(&row.filter).map_err(unreadable)?,
    })
}

/// What a batch has for webhooks.
#[derive(Default)]
pub struct Outgoing<'a> {
    /// The bytes of each event that anybody wants.
    pub bodies: Vec<BodyRow>,
    /// Each event for each webhook.
    pub deliveries: Vec<DeliveryRow<'a>>,
    /// The webhooks that have something to do now.
    pub due: Vec<WebhookId>,
}

/// Cuts a batch's events into deliveries; `events` are those of the survivors, in order.
///
/// # Errors
/// [`Failure::Refused`] if an event cannot be JSON, which for these types is never.
pub fn outgoing<'a>(survivors: &[&Prepared], events: &'a [StoredEvent], wishes: &Wishes) -> Result<Outgoing<'a>, Failure> {
    let mut outgoing = Outgoing::default();
    if wishes.is_empty() {
        return Ok(outgoing);
    }
    let mut unseen = events;
    for prepared in survivors {
        let (own, others) = unseen.split_at_checked(prepared.bodies.len()).unwrap_or((unseen, &[]));
        unseen = others;
        let Some(wanted) = wishes.get(&prepared.write.tenant_id.uuid()) else { continue };
        let about = about(prepared);
        let subject = prepared.write.settings.as_ref().and_then(SettingsWrite::webhook).map(|webhook| webhook.id);
        for event in own {
            outgoing.take(event, about, wanted, subject)?;
        }
    }
    outgoing.due.sort_unstable();
    outgoing.due.dedup();
    Ok(outgoing)
}

fn about(prepared: &Prepared) -> About<'_> {
    let channel_id = prepared.write.settings.as_ref().and_then(SettingsWrite::channel).map(|channel| channel.id);
    prepared.write.conversation.as_ref().map_or_else(
        || About { channel_id, ..About::default() },
        |conversation| About {
            channel_id: Some(conversation.row.channel_id),
            team_id: conversation.row.team_id,
            labels: &conversation.row.labels,
        },
    )
}

impl<'a> Outgoing<'a> {
    fn take(&mut self, event: &'a StoredEvent, about: About<'_>, wanted: &[Wish], but: Option<WebhookId>) -> Result<(), Failure> {
        let before = self.deliveries.len();
        for wish in wanted {
            if Some(wish.id) == but || !wish.filter.wants(about) || !wish.events.iter().any(|pattern| pattern.covers(event.kind)) {
                continue;
            }
            if wish.status == DeliveryStatus::Pending {
                self.due.push(wish.id);
            }
            let id = thread::delivery_id(event.id, wish.id);
            self.deliveries.push(DeliveryRow { webhook_id: wish.id, id, status: wish.status, event });
        }
        if self.deliveries.len() > before {
            let body = event.envelope().map_err(|error| Failure::Refused(format!("an event cannot be sent as JSON: {error}").into()))?;
            self.bodies.push(BodyRow { tenant_id: event.tenant_id.uuid(), position: event.position.cast_signed(), body });
        }
        Ok(())
    }
}
