//! How SQLite takes settings that are told of in an event.

use actors::port::{ChannelWrite, WebhookChange, WebhookWrite};
use entities::CredentialId;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{sqlite::instant, statements::Failure};

const WARN_WEBHOOK: &str = "UPDATE webhook SET warned_at = ?3 WHERE id = ?2 AND tenant_id = ?1";
const DISABLE_WEBHOOK: &str = "UPDATE webhook SET status = 'disabled', disabled_reason = ?4, lease_owner = NULL, lease_until = NULL, \
     version = version + 1, updated_at = ?3 WHERE id = ?2 AND tenant_id = ?1";
const WEBHOOKS_CHANGED: &str = "UPDATE tenant SET webhook_version = webhook_version + 1 WHERE id = ?1";
const CHANGE_CHANNEL: &str = "UPDATE channel SET name = ?4, credential_id = ?5, status = ?6, status_detail = ?7, settings = ?8, \
     version = version + 1, updated_at = ?9 WHERE id = ?1 AND tenant_id = ?2 AND version = ?3 AND (?5 IS credential_id OR ?5 IS NULL OR \
     EXISTS (SELECT 1 FROM credential WHERE id = ?5 AND tenant_id = ?2))";
const ADD_SECRET: &str = "INSERT INTO identity_secret (tenant_id, channel_id, key_id, sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
const END_SECRET: &str = "DELETE FROM identity_secret WHERE tenant_id = ?1 AND channel_id = ?2 AND key_id = ?3";
const ADD_LINE: &str = "INSERT INTO audit_entry (tenant_id, at, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, \
     detail, request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Changes webhooks.
pub fn webhooks(connection: &Connection, rows: &[(Uuid, &WebhookWrite)]) -> Result<(), Failure> {
    for (tenant_id, row) in rows {
        match &row.change {
            WebhookChange::Warned => {
                connection.prepare_cached(WARN_WEBHOOK)?.execute(params![tenant_id, row.id.uuid(), row.at.micros()])?;
            }
            WebhookChange::Disabled(reason) => {
                connection.prepare_cached(DISABLE_WEBHOOK)?.execute(params![tenant_id, row.id.uuid(), row.at.micros(), reason])?;
                connection.prepare_cached(WEBHOOKS_CHANGED)?.execute([tenant_id])?;
            }
        }
    }
    Ok(())
}

/// Changes a channel that is as the write has it; whether it was.
pub fn change_channel(connection: &Connection, tenant_id: Uuid, channel: &ChannelWrite) -> Result<bool, Failure> {
    let id = channel.id.uuid();
    let changed = connection.prepare_cached(CHANGE_CHANNEL)?.execute(params![
        id,
        tenant_id,
        channel.expected_version.cast_signed(),
        channel.name,
        channel.credential_id.map(CredentialId::uuid),
        channel.status.as_str(),
        channel.status_detail,
        channel.settings,
        instant(channel.at),
    ])?;
    if changed == 0 {
        return Ok(false);
    }
    if let Some(secret) = &channel.secret {
        match &secret.sealed {
            Some(sealed) => connection.prepare_cached(ADD_SECRET)?.execute(params![
                tenant_id,
                id,
                secret.key_id,
                sealed.as_bytes(),
                instant(channel.at)
            ])?,
            None => connection.prepare_cached(END_SECRET)?.execute(params![tenant_id, id, secret.key_id])?,
        };
    }
    if let Some(line) = &channel.line {
        connection.prepare_cached(ADD_LINE)?.execute(params![
            tenant_id,
            instant(line.at),
            line.id.uuid(),
            line.actor_kind,
            line.actor_id,
            line.actor_name,
            line.action,
            line.target_kind,
            line.target_id,
            line.detail,
            line.request_id,
        ])?;
    }
    Ok(true)
}
