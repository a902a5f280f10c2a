//! Invitations, without their tokens. [`find_by_hash`] is the one search without a tenant: who accepts names no workspace.

use actors::port::StoreError;
use entities::{AgentId, InvitationId, Role, TenantId, Timestamp};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::{
    damaged,
    page::{Listed, Place, cut},
};
use crate::store::{Database, journal::read::rows, unavailable};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The workspace.
    pub tenant_id: TenantId,
    /// Who is invited: the address they will sign in with.
    pub email: String,
    /// What they are called, if that is known.
    pub name: Option<String>,
    /// What they will be.
    pub role: Role,
    /// The member that came of it.
    pub member_id: Option<AgentId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// Whether it can be accepted.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.member_id.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

const COLUMNS: &str = "id, tenant_id, email, name, role, member_id, created_at, expires_at, revoked_at";

/// Finds one of the tenant's.
pub async fn find(db: &Database, tenant_id: TenantId, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM invitation WHERE id = $1 AND (tenant_id = $2) IS TRUE");
    rows(db, &sql, [id.uuid().into(), tenant_id.uuid().into()]).await?.first().map(invitation).transpose()
}

/// Finds the one with this token, whatever became of it.
pub async fn find_by_hash(db: &Database, hash: &[u8; 32]) -> Result<Option<Invitation>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM invitation WHERE hash = $1");
    rows(db, &sql, [hash.to_vec().into()]).await?.first().map(invitation).transpose()
}

/// Lists a page of the tenant's, the latest first.
pub async fn list(db: &Database, tenant_id: TenantId, after: Option<Place>, limit: u64) -> Result<Listed<Invitation>, StoreError> {
    let (at, id) = after.map_or((i64::MAX, Uuid::max()), Place::parts);
    let values: [Value; 4] = [tenant_id.uuid().into(), at.into(), id.into(), (limit + 1).cast_signed().into()];
    let sql = format!(
        "SELECT {COLUMNS} FROM invitation WHERE tenant_id = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let mut listed = rows(db, &sql, values).await?.iter().map(invitation).collect::<Result<Vec<_>, _>>()?;
    let next = cut(&mut listed, limit, |row| Place::of_micros(row.created_at.micros(), row.id.uuid()));
    Ok(Listed { data: listed, next })
}

fn invitation(row: &QueryResult) -> Result<Invitation, StoreError> {
    let uuid = |column| row.try_get::<Uuid>("", column).map_err(unavailable);
    let text = |column| row.try_get::<String>("", column).map_err(unavailable);
    let instant = |column| row.try_get::<Option<i64>>("", column).map_err(unavailable);
    let must = |column| instant(column)?.map(Timestamp::from_micros).ok_or_else(|| damaged(column));
    Ok(Invitation {
        id: InvitationId::new(uuid("id")?),
        tenant_id: TenantId::new(uuid("tenant_id")?),
        email: text("email")?,
        name: row.try_get("", "name").map_err(unavailable)?,
        role: Role::parse(&text("role")?).ok_or_else(|| damaged("invitation.role"))?,
        member_id: row.try_get::<Option<Uuid>>("", "member_id").map_err(unavailable)?.map(AgentId::new),
        created_at: must("created_at")?,
        expires_at: must("expires_at")?,
        revoked_at: instant("revoked_at")?.map(Timestamp::from_micros),
    })
}
