//! How PostgreSQL takes settings that are told of in an event.

use actors::port::{AuditLine, ChannelWrite, IdentitySecretWrite, WebhookChange, WebhookWrite};
use entities::CredentialId;
use sea_orm::sqlx::{PgConnection, query};
use uuid::Uuid;

use super::statements::Failure;

/// Changes webhooks, one by one: it happens to each once in days.
pub async fn webhooks(connection: &mut PgConnection, rows: &[(Uuid, &WebhookWrite)]) -> Result<(), Failure> {
    for (tenant_id, row) in rows {
        let (id, at) = (row.id.uuid(), row.at.micros());
        match &row.change {
            WebhookChange::Warned => {
                let statement = query("UPDATE webhook SET warned_at = $3 WHERE id = $2 AND tenant_id = $1");
                statement.bind(tenant_id).bind(id).bind(at).execute(&mut *connection).await?;
            }
            WebhookChange::Disabled(reason) => {
                let statement = query(
                    "UPDATE webhook SET status = 'disabled', disabled_reason = $4, lease_owner = NULL, lease_until = NULL, \
                     version = version + 1, updated_at = $3 WHERE id = $2 AND tenant_id = $1",
                );
                statement.bind(tenant_id).bind(id).bind(at).bind(reason).execute(&mut *connection).await?;
                let statement = query("UPDATE tenant SET webhook_version = webhook_version + 1 WHERE id = $1");
                statement.bind(tenant_id).execute(&mut *connection).await?;
            }
        }
    }
    Ok(())
}

/// Changes a channel that is as the write has it; whether it was.
pub async fn change_channel(connection: &mut PgConnection, tenant_id: Uuid, channel: &ChannelWrite) -> Result<bool, Failure> {
    if let Some(id) = channel.credential_id {
        // Held, so that it is not removed meanwhile.
        let held = query("SELECT 1 FROM credential WHERE id = $1 AND tenant_id = $2 FOR SHARE").bind(id.uuid()).bind(tenant_id);
        held.execute(&mut *connection).await?;
    }
    let statement = query(
        "UPDATE channel SET name = $4, credential_id = $5, status = $6, status_detail = $7, settings = $8, version = version + 1, \
         updated_at = $9 WHERE id = $1 AND tenant_id = $2 AND version = $3 AND (credential_id IS NOT DISTINCT FROM $5 OR $5 IS NULL OR \
         EXISTS (SELECT 1 FROM credential WHERE credential.id = $5 AND credential.tenant_id = $2))",
    );
    let changed = statement
        .bind(channel.id.uuid())
        .bind(tenant_id)
        .bind(channel.expected_version.cast_signed())
        .bind(channel.name.as_str())
        .bind(channel.credential_id.map(CredentialId::uuid))
        .bind(channel.status.as_str())
        .bind(channel.status_detail.as_deref())
        .bind(channel.settings.as_str())
        .bind(channel.at.utc())
        .execute(&mut *connection)
        .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    if let Some(secret) = &channel.secret {
        change_secret(connection, tenant_id, channel, secret).await?;
    }
    if let Some(line) = &channel.line {
        add_line(connection, tenant_id, line).await?;
    }
    Ok(true)
}

async fn change_secret(
    connection: &mut PgConnection,
    tenant_id: Uuid,
    channel: &ChannelWrite,
    secret: &IdentitySecretWrite,
) -> Result<(), Failure> {
    let statement = match &secret.sealed {
        Some(_) => "INSERT INTO identity_secret (tenant_id, channel_id, key_id, sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
        None => "DELETE FROM identity_secret WHERE tenant_id = $1 AND channel_id = $2 AND key_id = $3",
    };
    let mut statement = query(statement).bind(tenant_id).bind(channel.id.uuid()).bind(secret.key_id.as_str());
    if let Some(sealed) = &secret.sealed {
        statement = statement.bind(sealed.as_bytes()).bind(channel.at.utc());
    }
    statement.execute(connection).await?;
    Ok(())
}

async fn add_line(connection: &mut PgConnection, tenant_id: Uuid, line: &AuditLine) -> Result<(), Failure> {
    query(
        "INSERT INTO audit_entry (tenant_id, at, id, actor_kind, actor_id, actor_name, action, target_kind, target_id, detail, request_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tenant_id)
    .bind(line.at.utc())
    .bind(line.id.uuid())
    .bind(line.actor_kind)
    .bind(line.actor_id)
    .bind(line.actor_name.as_deref())
    .bind(line.action)
    .bind(line.target_kind)
    .bind(line.target_id)
    .bind(line.detail.as_str())
    .bind(line.request_id.as_deref())
    .execute(connection)
    .await?;
    Ok(())
}
