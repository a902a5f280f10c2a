//! Routing over SQL: what waits, who may be given it, and which node gives it out.
//!
//! Guarantees: everything in [`actors::port::routing`], on both databases. What waits and what agents have is found by an index of its own, in
//! the order in which it is given out. A tenant without routing costs a read, and no turn to write.
//!
//! Does not: give anything to anybody, or change the rules (`settings::routing` does).

use std::collections::HashMap;

use actors::port::{Held, Member, Promise, Routing, RoutingLease, Selection, StoreError, Survey, Waiting};
use entities::{AgentId, ConversationId, NodeId, Permission, Role, TeamId, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use super::{Database, dialect, journal::read::rows, read, unavailable};

/// Tenants asked for in one statement: databases take only so many values at once.
const TENANTS_MAX: usize = 500;
/// The lease is nobody else's than `$1`, at `$2`.
const FREE: &str = "(lease_owner = $1 OR lease_until IS NULL OR lease_until <= $2)";

/// Routing over SQL.
pub struct SqlRouting {
    db: Database,
}

impl SqlRouting {
    /// That of this database.
    #[must_use]
    pub const fn new(db: Database) -> Self {
        Self { db }
    }

    async fn claim_now(&self, lease: RoutingLease, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        if !read::routing::find(&self.db, lease.tenant_id).await?.is_on() {
            return Ok(false);
        }
        let claim = format!("UPDATE routing SET lease_owner = $1, lease_until = $3 WHERE tenant_id = $4 AND mode <> 'manual' AND {FREE}");
        let values: [Value; 4] = [lease.owner.uuid().into(), now.micros().into(), until.micros().into(), lease.tenant_id.uuid().into()];
        Ok(self.run(&claim, values).await? > 0)
    }

    async fn release_now(&self, lease: RoutingLease) -> Result<(), StoreError> {
        const RELEASE: &str = "UPDATE routing SET lease_owner = NULL, lease_until = NULL WHERE tenant_id = $1 AND lease_owner = $2";
        self.run(RELEASE, [lease.tenant_id.uuid().into(), lease.owner.uuid().into()]).await.map(|_released| ())
    }

    /// Runs one statement in a transaction of its own; how many rows it changed.
    async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |transaction| Ok(transaction.execute_raw(statement).await.map_err(unavailable)?.rows_affected())).await
    }

    async fn survey_now(&self, tenant_id: TenantId) -> Result<Option<Survey>, StoreError> {
        let routing = read::routing::find(&self.db, tenant_id).await?;
        if !routing.is_on() {
            return Ok(None);
        }
        let members = self.members(tenant_id, routing.capacity).await?;
        Ok(Some(Survey { rules: routing.rules, members }))
    }

    async fn members(&self, tenant_id: TenantId, usual: u32) -> Result<Vec<Member>, StoreError> {
        const MEMBERS: &str = "SELECT id, role, capacity, disabled_at FROM member WHERE tenant_id = $1";
        const TURNS: &str = "SELECT agent_id, given_at FROM routing_turn WHERE tenant_id = $1";
        const TEAMS: &str = "SELECT member_id, team_id FROM team_member WHERE tenant_id = $1 ORDER BY team_id";
        let id = || [Value::from(tenant_id.uuid())];
        let mut members: HashMap<Uuid, Member> = HashMap::new();
        for row in rows(&self.db, MEMBERS, id()).await? {
            let role: String = get(&row, "role")?;
            let role = Role::parse(&role).ok_or_else(|| read::damaged("member.role"))?;
            let disabled_at: Option<DateTimeUtc> = get(&row, "disabled_at")?;
            let capacity: Option<i64> = get(&row, "capacity")?;
            let mut member = stranger(get(&row, "id")?);
            member.takes = disabled_at.is_none() && role.allows(Permission::MessagesWrite);
            member.capacity = capacity.map_or(usual, |capacity| u32::try_from(capacity).unwrap_or(usual));
            members.insert(member.agent_id.uuid(), member);
        }
        for row in rows(&self.db, &loads_sql(self.db.backend()), id()).await? {
            let agent_id: Uuid = get(&row, "assignee_id")?;
            let load: i64 = get(&row, "load")?;
            members.entry(agent_id).or_insert_with(|| stranger(agent_id)).load = u32::try_from(load).unwrap_or(u32::MAX);
        }
        for row in rows(&self.db, TURNS, id()).await? {
            if let Some(member) = members.get_mut(&get(&row, "agent_id")?) {
                member.given_at = Some(Timestamp::from_micros(get(&row, "given_at")?));
            }
        }
        for row in rows(&self.db, TEAMS, id()).await? {
            if let Some(member) = members.get_mut(&get(&row, "member_id")?) {
                member.teams.push(TeamId::new(get(&row, "team_id")?));
            }
        }
        let mut members: Vec<Member> = members.into_values().collect();
        members.sort_unstable_by_key(|member| member.agent_id);
        Ok(members)
    }

    async fn waiting_now(&self, tenant_id: TenantId, selection: Selection) -> Result<Vec<Waiting>, StoreError> {
        let (sql, values) = waiting_sql(self.db.backend(), tenant_id, &selection);
        let waiting = |row: &QueryResult| {
            Ok(Waiting {
                id: ConversationId::new(get(row, "id")?),
                team_id: get::<Option<Uuid>>(row, "team_id")?.map(TeamId::new),
                opened_at: get::<DateTimeUtc>(row, "opened_at").map(Timestamp::new)?,
            })
        };
        rows(&self.db, &sql, values).await?.iter().map(waiting).collect()
    }

    async fn held_now(
        &self,
        tenant_id: TenantId,
        by: Vec<AgentId>,
        unanswered_only: bool,
        selection: Selection,
    ) -> Result<Vec<Held>, StoreError> {
        if by.is_empty() {
            return Ok(Vec::new());
        }
        let (sql, values) = held_sql(self.db.backend(), tenant_id, &by, unanswered_only, &selection);
        let held = |row: &QueryResult| {
            Ok(Held {
                id: ConversationId::new(get(row, "id")?),
                team_id: get::<Option<Uuid>>(row, "team_id")?.map(TeamId::new),
                agent_id: AgentId::new(get(row, "assignee_id")?),
            })
        };
        rows(&self.db, &sql, values).await?.iter().map(held).collect()
    }

    async fn neglected_now(&self, owner: NodeId, tenants: Vec<TenantId>, now: Timestamp) -> Result<Vec<TenantId>, StoreError> {
        let mut neglected = Vec::new();
        for some in tenants.chunks(TENANTS_MAX) {
            let mut values: Vec<Value> = vec![owner.uuid().into(), now.micros().into()];
            let among = among(&mut values, some.iter().map(|id| id.uuid()));
            let sql = format!("SELECT tenant_id FROM routing WHERE tenant_id IN ({among}) AND mode <> 'manual' AND {FREE}");
            for row in rows(&self.db, &sql, values).await? {
                neglected.push(TenantId::new(get(&row, "tenant_id")?));
            }
        }
        Ok(neglected)
    }
}

impl Routing for SqlRouting {
    fn claim(&self, lease: RoutingLease, now: Timestamp, until: Timestamp) -> Promise<'_, Result<bool, StoreError>> {
        Box::pin(self.claim_now(lease, now, until))
    }

    fn release(&self, lease: RoutingLease) -> Promise<'_, Result<(), StoreError>> {
        Box::pin(self.release_now(lease))
    }

    fn survey(&self, tenant_id: TenantId) -> Promise<'_, Result<Option<Survey>, StoreError>> {
        Box::pin(self.survey_now(tenant_id))
    }

    fn waiting(&self, tenant_id: TenantId, selection: Selection) -> Promise<'_, Result<Vec<Waiting>, StoreError>> {
        Box::pin(self.waiting_now(tenant_id, selection))
    }

    fn held(
        &self,
        tenant_id: TenantId,
        by: Vec<AgentId>,
        unanswered_only: bool,
        selection: Selection,
    ) -> Promise<'_, Result<Vec<Held>, StoreError>> {
        Box::pin(self.held_now(tenant_id, by, unanswered_only, selection))
    }

    fn neglected(&self, owner: NodeId, tenants: Vec<TenantId>, now: Timestamp) -> Promise<'_, Result<Vec<TenantId>, StoreError>> {
        Box::pin(self.neglected_now(owner, tenants, now))
    }
}

/// Counts what each agent of tenant `$1` has open.
#[must_use]
pub fn loads_sql(backend: DbBackend) -> String {
    let by_agent = dialect::by_index(backend, "conversation_held");
    format!(
        "SELECT assignee_id, COUNT(*) AS load FROM conversation{by_agent} WHERE tenant_id = $1 AND status = 'open' \
         AND assignee_id IS NOT NULL AND trashed_at IS NULL GROUP BY assignee_id"
    )
}

/// Finds what waits for an agent, the oldest first; and its values.
#[must_use]
pub fn waiting_sql(backend: DbBackend, tenant_id: TenantId, selection: &Selection) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![tenant_id.uuid().into()];
    let asked_for = asked_for(&mut values, selection);
    let in_order = dialect::by_index(backend, "conversation_waiting");
    let sql = format!(
        "SELECT c.id, c.team_id, c.opened_at FROM conversation c{in_order} WHERE c.tenant_id = $1 AND c.status = 'open' \
         AND c.assignee_id IS NULL AND c.owner_id IS NULL{asked_for}"
    );
    (sql, values)
}

/// Finds what these agents have, the oldest first; and its values. `by` must not be empty.
#[must_use]
pub fn held_sql(
    backend: DbBackend,
    tenant_id: TenantId,
    by: &[AgentId],
    unanswered_only: bool,
    selection: &Selection,
) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![tenant_id.uuid().into()];
    let by = among(&mut values, by.iter().map(|id| id.uuid()));
    let unanswered = if unanswered_only { " AND (c.last_reply_seq IS NULL OR c.last_reply_seq < c.last_message_seq)" } else { "" };
    let asked_for = asked_for(&mut values, selection);
    let by_agent = dialect::by_index(backend, "conversation_held");
    let sql = format!(
        "SELECT c.id, c.team_id, c.assignee_id FROM conversation c{by_agent} WHERE c.tenant_id = $1 AND c.status = 'open' \
         AND c.assignee_id IN ({by}) AND c.owner_id IS NULL{unanswered}{asked_for}"
    );
    (sql, values)
}

/// The end of a statement: which of them, in which order, and how many.
fn asked_for(values: &mut Vec<Value>, selection: &Selection) -> String {
    let mut sql = " AND c.trashed_at IS NULL AND (c.team_id IS NULL".to_owned();
    if !selection.teams.is_empty() {
        sql.push_str(" OR c.team_id IN (");
        sql.push_str(&among(values, selection.teams.iter().map(|id| id.uuid())));
        sql.push(')');
    }
    sql.push(')');
    if !selection.without.is_empty() {
        sql.push_str(" AND c.id NOT IN (");
        sql.push_str(&among(values, selection.without.iter().map(|id| id.uuid())));
        sql.push(')');
    }
    values.push(i64::try_from(selection.limit).unwrap_or(i64::MAX).into());
    sql.push_str(&format!(" ORDER BY c.opened_at, c.id LIMIT ${}", values.len()));
    sql
}

/// The placeholders of ids, whose values it adds.
fn among(values: &mut Vec<Value>, ids: impl Iterator<Item = Uuid>) -> String {
    let mut places = Vec::new();
    for id in ids {
        values.push(id.into());
        places.push(format!("${}", values.len()));
    }
    places.join(", ")
}

/// One of whom nothing is known but that conversations are theirs.
fn stranger(id: Uuid) -> Member {
    Member { agent_id: AgentId::new(id), takes: false, capacity: 0, teams: Vec::new(), load: 0, given_at: None }
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    row.try_get("", column).map_err(unavailable)
}
