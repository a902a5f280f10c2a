//! Contacts as lists show them.
//!
//! Guarantees: the newest first, in a total order that does not change; contacts of one tenant alone.

use std::collections::HashMap;

use actors::port::StoreError;
use entities::{
    Address, AddressKind, Contact, ContactId, TenantId, Timestamp,
    table::{contact, contact_address},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};
use uuid::Uuid;

use super::{
    damaged, json,
    page::{Listed, Place, cut, key},
};
use crate::store::{Database, dialect, unavailable};

/// Most contacts that are looked through for one page of a search.
pub const SEARCHED_MAX: u64 = 20_000;

/// Lists a page of contacts; with a text, those in whose name, e-mail address or telephone number it is found. A page of a search looks
/// through at most [`SEARCHED_MAX`] contacts: it may be short, and goes on.
pub async fn list(
    db: &Database,
    tenant_id: TenantId,
    text: Option<&str>,
    after: Option<Place>,
    limit: u64,
) -> Result<Listed<Contact>, StoreError> {
    use contact::Column as C;
    let mut query = contact::Entity::find().filter(C::TenantId.eq(tenant_id.uuid()));
    if let Some(place) = after {
        query = query.filter(key(C::CreatedAt, C::Id).lt(place.values()));
    }
    query = query.order_by_desc(C::CreatedAt).order_by_desc(C::Id);
    let mut window_end = None;
    if let Some(text) = text {
        let end = query.clone().offset(SEARCHED_MAX - 1).limit(1).one(db.read()).await.map_err(unavailable)?;
        if let Some(end) = end {
            let end = Place::of(end.created_at, end.id);
            query = query.filter(key(C::CreatedAt, C::Id).gte(end.values()));
            window_end = Some(end);
        }
        let like = |column: C| Func::lower(Expr::col(column)).like(dialect::containing(db.backend(), text));
        query = query.filter(Condition::any().add(like(C::Name)).add(like(C::Email)).add(like(C::Phone)));
    }
    let mut rows = query.limit(limit + 1).all(db.read()).await.map_err(unavailable)?;
    let next = cut(&mut rows, limit, |row| Place::of(row.created_at, row.id)).or(window_end);
    Ok(Listed { data: with_addresses(db, tenant_id, rows).await?, next })
}

/// The contact that has an address, if any has.
pub async fn find_by_address(db: &Database, tenant_id: TenantId, address: &Address) -> Result<Option<ContactId>, StoreError> {
    let row = contact_address::Entity::find()
        .filter(contact_address::Column::TenantId.eq(tenant_id.uuid()))
        .filter(contact_address::Column::Kind.eq(address.kind.as_str()))
        .filter(contact_address::Column::Value.eq(address.value.as_str()))
        .one(db.read())
        .await
        .map_err(unavailable)?;
    Ok(row.map(|row| ContactId::new(row.contact_id)))
}

async fn with_addresses(db: &Database, tenant_id: TenantId, rows: Vec<contact::Model>) -> Result<Vec<Contact>, StoreError> {
    let found = contact_address::Entity::find()
        .filter(contact_address::Column::TenantId.eq(tenant_id.uuid()))
        .filter(contact_address::Column::ContactId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(contact_address::Column::Place)
        .all(db.read())
        .await
        .map_err(unavailable)?;
    let mut addresses: HashMap<Uuid, Vec<Address>> = HashMap::new();
    for row in found {
        let kind = AddressKind::parse(&row.kind).ok_or_else(|| damaged("contact_address.kind"))?;
        addresses.entry(row.contact_id).or_default().push(Address { kind, value: row.value });
    }
    rows.into_iter()
        .map(|row| {
            let addresses = addresses.remove(&row.id).unwrap_or_default();
            contact(row, addresses)
        })
        .collect()
}

fn contact(row: contact::Model, addresses: Vec<Address>) -> Result<Contact, StoreError> {
    let custom_attributes = json("custom_attributes", &row.custom_attributes)?;
    Ok(Contact {
        id: ContactId::new(row.id),
        name: row.name,
        email: row.email,
        phone: row.phone,
        avatar_url: row.avatar_url,
        verified: row.verified,
        addresses,
        custom_attributes,
        country: row.country,
        blocked: row.blocked,
        version: row.version as u64,
        created_at: Timestamp::new(row.created_at),
        updated_at: Timestamp::new(row.updated_at),
    })
}
