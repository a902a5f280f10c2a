//! The list of what was changed.

use actix_web::{get, web};

use super::wire::{Actor, AuditEntry, Target};
use crate::{
    http::{
        App,
        access::{Allowed, WriteWorkspace},
        answer,
        extract::Query,
        page::{self, Page, PageQuery},
        problem::Answer,
    },
    store::read::audit_log::{self, Entry},
};

/// Lists changes of settings, the latest first. For owners, admins, and tokens with `workspace:write`.
#[utoipa::path(
    tag = "audit log",
    params(PageQuery),
    responses((status = 200, description = "A page of the log", body = Page<AuditEntry>)),
)]
#[get("/audit-log")]
pub async fn list_audit_log(
    app: web::Data<App>,
    allowed: Allowed<WriteWorkspace>,
    query: Query<PageQuery>,
) -> Answer<web::Json<Page<AuditEntry>>> {
    let limit = page::limit(query.0.limit)?;
    let list = format!("audit-log {}", allowed.tenant_id);
    let after = page::after(&app.keys, &list, query.0.cursor.as_deref())?;
    let listed = audit_log::list(&app.db, allowed.tenant_id, after, limit).await?;
    answer::page(&app.keys, &list, listed, wire).map(web::Json)
}

fn wire(entry: Entry) -> AuditEntry {
    AuditEntry {
        id: entry.id,
        actor: Actor { kind: entry.actor_kind, id: entry.actor_id, name: entry.actor_name },
        action: entry.action,
        target: entry.target_kind.map(|kind| Target { kind, id: entry.target_id }),
        detail: entry.detail,
        request_id: entry.request_id,
        at: entry.at,
    }
}
