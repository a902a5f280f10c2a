//! The rules by which a tenant's waiting conversations find an agent.

use actors::port::StoreError;
use entities::{RoutingMode, RoutingRules, TenantId, WhenAway, routing::CAPACITY_DEFAULT};

use super::damaged;
use crate::store::{Database, journal::read::rows, unavailable};

/// How a tenant's conversations are given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// The rules.
    pub rules: RoutingRules,
    /// How many open conversations an agent can have who has no number of their own.
    pub capacity: u32,
    /// Rises with every change; 1 for rules that nobody has changed, of which there is no row.
    pub version: u64,
}

impl Routing {
    /// Conversations are given out at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.rules.mode != RoutingMode::Manual
    }
}

impl Default for Routing {
    fn default() -> Self {
        Self { rules: RoutingRules::default(), capacity: CAPACITY_DEFAULT, version: 1 }
    }
}

/// The rules of a tenant: the usual ones where nobody has changed them, or where there is no such tenant.
pub async fn find(db: &Database, tenant_id: TenantId) -> Result<Routing, StoreError> {
    const FIND: &str = "SELECT mode, when_away, away_after_ms, capacity, version FROM routing WHERE tenant_id = $1";
    let found = rows(db, FIND, [tenant_id.uuid().into()]).await?;
    let Some(row) = found.first() else { return Ok(Routing::default()) };
    let word = |column| row.try_get::<String>("", column).map_err(unavailable);
    let number = |column| row.try_get::<i64>("", column).map_err(unavailable);
    let small = |column| u32::try_from(number(column)?).map_err(|_too_great| damaged(column));
    let rules = RoutingRules {
        mode: RoutingMode::parse(&word("mode")?).ok_or_else(|| damaged("routing.mode"))?,
        when_away: WhenAway::parse(&word("when_away")?).ok_or_else(|| damaged("routing.when_away"))?,
        away_after_ms: small("away_after_ms")?,
    };
    Ok(Routing { rules, capacity: small("capacity")?, version: number("version")?.cast_unsigned() })
}
