//! Which contacts have the words in their name, e-mail address or telephone number.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{TenantId, Timestamp, table::contact};
use migration::postgres_words;
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use super::{
    super::{
        conversation::{self, Viewer},
        page::{Listed, Place, cut},
    },
    Hit, Words,
    messages::postgres_query,
};
use crate::store::{Database, journal::read::rows, unavailable};

/// Those behind this place, the newest first, each with its last conversation that the viewer may see.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    viewer: Viewer,
    words: &Words,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Hit>, StoreError> {
    let mut ids = matching(db, tenant_id, words, after, limit + 1).await?;
    let next = cut(&mut ids, limit, |(place, _)| *place);
    let found = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(tenant_id.uuid()))
        .filter(contact::Column::Id.is_in(ids.iter().map(|(_, id)| *id)))
        .all(db.read())
        .await
        .map_err(unavailable)?;
    let mut found: HashMap<Uuid, contact::Model> = found.into_iter().map(|row| (row.id, row)).collect();
    let mut data = Vec::new();
    for (_, id) in ids {
        let Some(row) = found.remove(&id) else { continue };
        let last = conversation::find_last_of_contact(db, tenant_id, viewer, entities::ContactId::new(id)).await?;
        data.push(Hit::Contact(Box::new(row), last));
    }
    Ok(Listed { data, next })
}

async fn matching(
    db: &Database,
    tenant_id: TenantId,
    words: &Words,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<(Place, Uuid)>, StoreError> {
    let backend = db.backend();
    let mut values: Vec<Value> = vec![tenant_id.uuid().into(), (limit as i64).into()];
    if backend == DbBackend::Sqlite {
        let tenant = tenant_id.uuid().simple();
        values.push(format!("tenant : \"{tenant}\" AND {{name email phone}} : ({})", words.fts5()).into());
    } else {
        values.extend([words.tsquery().into(), format!("'{}'", tenant_id.uuid()).into()]);
    }
    if let Some((at, id)) = after.map(Place::parts) {
        values.extend([Timestamp::from_micros(at).utc().into(), id.into()]);
    }
    let found = rows(db, &sql(backend, after.is_some()), values).await?;
    found
        .iter()
        .map(|row| {
            let id = row.try_get("", "id")?;
            Ok((Place::of(row.try_get("", "created_at")?, id), id))
        })
        .collect::<Result<_, sea_orm::DbErr>>()
        .map_err(unavailable)
}

/// The statement: tenant, how many, what is searched for, and where the page before ended.
fn sql(backend: DbBackend, goes_on: bool) -> String {
    let (from, place) = if backend == DbBackend::Sqlite {
        let from = "search_contact f CROSS JOIN search_contact_number n ON n.number = f.rowid CROSS JOIN contact c ON c.id = n.contact_id \
             WHERE f.search_contact MATCH $3 AND +c.tenant_id = $1";
        (from.to_owned(), "($4, $5)")
    } else {
        let held = postgres_words("coalesce(c.name, '') || ' ' || coalesce(c.email, '') || ' ' || coalesce(c.phone, '')", "c.tenant_id");
        (format!("contact c WHERE c.tenant_id = $1 AND {held} @@ {}", postgres_query("$3", "$4")), "($5, $6)")
    };
    let behind = if goes_on { format!(" AND (c.created_at, c.id) < {place}") } else { String::new() };
    format!("SELECT c.id, c.created_at FROM {from}{behind} ORDER BY c.created_at DESC, c.id DESC LIMIT $2")
}
