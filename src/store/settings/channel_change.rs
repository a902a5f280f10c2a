//! Changing channels: the row, the secrets by which a site vouches for its visitors, the line in the log, and the event that tells of it, in one
//! transaction of the journal's.

use actors::port::{Body, ChannelWrite, CommitError, IdentitySecretWrite, Journal, NewEvent, SettingsWrite, StoreError, Write};
use entities::{
    AgentId, Change, Changes, ChannelId, ChannelKind, ChannelStatus, CredentialId, EventId, EventKind, TenantId, Timestamp, WidgetSettings,
};
use serde::Serialize;
use serde_json::{Map, Value, json, value::to_raw_value};
use uuid::Uuid;

use super::{
    audit::{self, Deed, Doer},
    channel::{SECRETS_MAX, TooMany},
};
use crate::store::{
    Database,
    read::channel::{self, Channel, Settings},
};

/// How often a change is decided again because somebody else was quicker.
pub const ATTEMPTS_MAX: u32 = 3;

/// Who changes a channel, and what tells of it: for one change.
pub struct Changer<'a> {
    /// Where channels are read.
    pub db: &'a Database,
    /// Where they are written.
    pub journal: &'a dyn Journal,
    /// For the log; `None` is the server itself.
    pub doer: Option<&'a Doer>,
    /// A fresh id for the event.
    pub event_id: EventId,
    /// When.
    pub at: Timestamp,
}

/// What is done with a channel.
#[derive(Debug, Default)]
pub struct Act {
    /// For the log, as `resource.verb`.
    pub action: &'static str,
    /// For the log, what more is to be said.
    pub detail: Value,
    /// A secret that is made or ended with it.
    pub secret: Option<IdentitySecretWrite>,
}

/// A channel as the API shows it, and what changed: the data of `channel.updated` and `channel.failed`.
#[derive(Serialize)]
struct Changed<'a> {
    id: ChannelId,
    kind: ChannelKind,
    name: &'a str,
    address: Option<&'a str>,
    credential_id: Option<Uuid>,
    owner_id: Option<AgentId>,
    status: ChannelStatus,
    status_detail: Option<&'a str>,
    settings: Shown<'a>,
    version: u64,
    created_at: Timestamp,
    changes: Changes,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Widget(&'a WidgetSettings),
    Other(&'a Map<String, Value>),
}

impl Changer<'_> {
    /// Makes `before` into `after`, and tells of it. `channel.failed` tells of a channel that the server itself found unable.
    ///
    /// # Errors
    /// A conflict that [`super::is_stale`] knows, if the channel is no longer as it was before, or the new credential is gone.
    pub async fn commit(&self, tenant_id: TenantId, before: &Channel, after: &Channel, act: Act) -> Result<(), StoreError> {
        let failed = self.doer.is_none() && after.status == ChannelStatus::Disconnected && before.status != ChannelStatus::Disconnected;
        let kind = if failed { EventKind::ChannelFailed } else { EventKind::ChannelUpdated };
        let data = to_raw_value(&shown(before, after)).map_err(odd)?;
        let deed = Deed { action: act.action, target_kind: "channel", target_id: before.id.uuid(), detail: act.detail };
        let channel = ChannelWrite {
            id: before.id,
            expected_version: before.version,
            name: after.name.clone(),
            credential_id: after.credential_id.map(CredentialId::new),
            status: after.status,
            status_detail: after.status_detail.clone(),
            settings: serde_json::to_string(&settings(&after.settings)).map_err(odd)?,
            secret: act.secret,
            line: self.doer.map(|doer| audit::line(doer, deed)),
            at: self.at,
        };
        let event =
            NewEvent { id: self.event_id, kind, place: None, visitor_visible: false, body: Body::Settings(data.into()), at: self.at };
        let settings = Some(SettingsWrite::Channel(Box::new(channel)));
        let write = Write { tenant_id, contact: None, conversation: None, settings, events: vec![event] };
        self.journal.commit(write).await.map(|_committed| ()).map_err(refused)
    }

    /// Changes a channel as `decide` has it, and decides again where somebody else was quicker. `Ok(None)` changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the tenant has no such channel.
    pub async fn change<R>(
        &self,
        tenant_id: TenantId,
        id: ChannelId,
        decide: impl Fn(&mut Channel) -> Result<Option<Act>, R>,
    ) -> Result<Result<(), R>, StoreError> {
        let mut attempts = 0;
        loop {
            let before = channel::find(self.db, tenant_id, id).await?.ok_or(StoreError::NotFound)?;
            let mut after = before.clone();
            let act = match decide(&mut after) {
                Ok(Some(act)) => act,
                Ok(None) => return Ok(Ok(())),
                Err(refused) => return Ok(Err(refused)),
            };
            attempts += 1;
            match self.commit(tenant_id, &before, &after, act).await {
                Ok(()) => return Ok(Ok(())),
                Err(error) if super::is_stale(&error) && attempts < ATTEMPTS_MAX => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Says whether a channel works. Does nothing where it stands so already.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the tenant has no such channel.
    pub async fn set_status(
        &self,
        tenant_id: TenantId,
        id: ChannelId,
        status: ChannelStatus,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let action = if status == ChannelStatus::Disconnected { "channel.disconnected" } else { "channel.connected" };
        let decide = |channel: &mut Channel| -> Result<_, std::convert::Infallible> {
            if channel.status == status && channel.status_detail.as_deref() == detail {
                return Ok(None);
            }
            channel.status = status;
            channel.status_detail = detail.map(str::to_owned);
            Ok(Some(Act { action, detail: json!({"status": status, "detail": detail}), secret: None }))
        };
        self.change(tenant_id, id, decide).await.map(|done| done.unwrap_or_else(|never| match never {}))
    }

    /// Adds a sealed identity secret to a widget, and its name to the settings.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the tenant has no such widget.
    pub async fn add_identity_secret(
        &self,
        tenant_id: TenantId,
        id: ChannelId,
        key_id: &str,
        sealed: &str,
    ) -> Result<Result<(), TooMany>, StoreError> {
        let added = self.change(tenant_id, id, |channel| {
            let Settings::Widget(settings) = &mut channel.settings else { return Err(None) };
            if settings.identity.key_ids.len() as u64 >= SECRETS_MAX {
                return Err(Some(TooMany));
            }
            settings.identity.key_ids.push(key_id.to_owned());
            let secret = Some(IdentitySecretWrite { key_id: key_id.to_owned(), sealed: Some(sealed.to_owned()) });
            Ok(Some(Act { action: "channel.identity_secret_created", detail: json!({"key_id": key_id}), secret }))
        });
        match added.await? {
            Ok(()) => Ok(Ok(())),
            Err(Some(too_many)) => Ok(Err(too_many)),
            Err(None) => Err(StoreError::NotFound),
        }
    }

    /// Ends an identity secret: what it signed is refused from now on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the tenant has no such widget, or the widget no such secret.
    pub async fn delete_identity_secret(&self, tenant_id: TenantId, id: ChannelId, key_id: &str) -> Result<(), StoreError> {
        let ended = self.change(tenant_id, id, |channel| {
            let Settings::Widget(settings) = &mut channel.settings else { return Err(StoreError::NotFound) };
            let before = settings.identity.key_ids.len();
            settings.identity.key_ids.retain(|id| id != key_id);
            if settings.identity.key_ids.len() == before {
                return Err(StoreError::NotFound);
            }
            let secret = Some(IdentitySecretWrite { key_id: key_id.to_owned(), sealed: None });
            Ok(Some(Act { action: "channel.identity_secret_deleted", detail: json!({"key_id": key_id}), secret }))
        });
        ended.await?
    }
}

/// What differs, by field.
pub fn changes(before: &Channel, after: &Channel) -> Changes {
    let fields = [
        ("name", json!(before.name), json!(after.name)),
        ("credential_id", json!(before.credential_id), json!(after.credential_id)),
        ("status", json!(before.status), json!(after.status)),
        ("status_detail", json!(before.status_detail), json!(after.status_detail)),
        ("settings", json!(settings(&before.settings)), json!(settings(&after.settings))),
    ];
    fields.into_iter().filter(|(_, from, to)| from != to).map(|(name, from, to)| (name, Change { from, to })).collect()
}

fn shown<'a>(before: &Channel, after: &'a Channel) -> Changed<'a> {
    Changed {
        id: after.id,
        kind: after.kind,
        name: &after.name,
        address: after.address.as_deref(),
        credential_id: after.credential_id,
        owner_id: after.owner_id,
        status: after.status,
        status_detail: after.status_detail.as_deref(),
        settings: settings(&after.settings),
        version: before.version + 1,
        created_at: after.created_at,
        changes: changes(before, after),
    }
}

fn settings(settings: &Settings) -> Shown<'_> {
    match settings {
        Settings::Widget(settings) => Shown::Widget(settings),
        Settings::Other(settings) => Shown::Other(settings),
    }
}

/// What a commit of settings that came to nothing means to who asked for it.
pub(in crate::store) fn refused(error: CommitError) -> StoreError {
    match error {
        CommitError::Busy => StoreError::Unavailable("the journal is busy".into()),
        CommitError::Unavailable(why) => StoreError::Unavailable(why),
        CommitError::Conflict | CommitError::Duplicate { .. } => super::stale(),
    }
}

fn odd(error: serde_json::Error) -> StoreError {
    StoreError::Unavailable(format!("a channel cannot be told of as JSON: {error}").into())
}
