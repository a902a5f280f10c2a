//! How much each caller may ask for: token buckets, each refilled evenly over a minute.
//!
//! Guarantees: the buckets of one caller are never emptied by another; a refused request takes nothing from the bucket that refused it;
//! the number of buckets is bounded by forgetting full ones.
//!
//! Does not: reach over nodes; each node counts for itself.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc};

use actix_web::http::header::HeaderName;
use entities::{TenantId, VisitorId};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use uuid::Uuid;

use super::{
    middleware::context,
    problem::{Code, Problem},
};
use crate::options::Rates;

type Buckets<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Buckets kept of one kind before full ones are forgotten at once instead of at the next round.
const BUCKETS_MAX: usize = 200_000;

/// Where a caller stands, for the `RateLimit-*` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests a minute.
    pub limit: u32,
    /// Requests that may follow at once.
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub reset_secs: u64,
}

impl Standing {
    /// The headers that tell it.
    #[must_use]
    pub fn headers(&self) -> [(HeaderName, String); 3] {
        [
            (HeaderName::from_static("ratelimit-limit"), self.limit.to_string()),
            (HeaderName::from_static("ratelimit-remaining"), self.remaining.to_string()),
            (HeaderName::from_static("ratelimit-reset"), self.reset_secs.to_string()),
        ]
    }
}

/// A bucket is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Where the caller stands.
    pub standing: Standing,
    /// When the next request will be let through.
    pub retry_after_ms: u64,
    what: &'static str,
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        Self::new(Code::RateLimited)
            .detail(format!("{} {} a minute are allowed", exceeded.standing.limit, exceeded.what))
            .retry_after_ms(exceeded.retry_after_ms)
            .standing(exceeded.standing)
    }
}

/// All buckets of this node. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    inner: Arc<Inner>,
}

struct Inner {
    tokens: Buckets<Uuid>,
    workspaces: Buckets<TenantId>,
    visitors: Buckets<(TenantId, VisitorId)>,
    prefixes: Buckets<(TenantId, IpAddr)>,
    anonymous: Buckets<IpAddr>,
    clock: DefaultClock,
}

impl Limits {
    /// Buckets of these sizes.
    #[must_use]
    pub fn new(rates: &Rates) -> Self {
        Self {
            inner: Arc::new(Inner {
                tokens: buckets(rates.token),
                workspaces: buckets(rates.workspace),
                visitors: buckets(rates.visitor),
                prefixes: buckets(rates.prefix),
                anonymous: buckets(rates.anonymous),
                clock: DefaultClock::default(),
            }),
        }
    }

    /// Counts a request of a token or an agent's session, and of its workspace. Answers with the fuller picture of the narrower bucket.
    ///
    /// # Errors
    /// [`Exceeded`] by either.
    pub fn request(&self, tenant_id: TenantId, token: Uuid) -> Result<Standing, Exceeded> {
        let own = self.inner.take(&self.inner.tokens, &token, "requests")?;
        let whole = self.inner.take(&self.inner.workspaces, &tenant_id, "requests")?;
        Ok(if whole.remaining < own.remaining { whole } else { own })
    }

    /// Counts a visitor's message, toward the visitor and toward its address prefix; the widget and the sockets call it.
    ///
    /// # Errors
    /// [`Exceeded`] by either.
    pub fn visitor_message(&self, tenant_id: TenantId, visitor_id: VisitorId, address: IpAddr) -> Result<Standing, Exceeded> {
        let own = self.inner.take(&self.inner.visitors, &(tenant_id, visitor_id), "messages")?;
        self.prefix_message(tenant_id, address)?;
        Ok(own)
    }

    /// Counts a message of somebody who has no visitor id (the contact form), toward the address prefix.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub fn prefix_message(&self, tenant_id: TenantId, address: IpAddr) -> Result<Standing, Exceeded> {
        self.inner.take(&self.inner.prefixes, &(tenant_id, context::prefix(address)), "messages")
    }

    /// Counts a request without a token of ours, toward its address prefix. The middleware does this for every API request.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub fn anonymous(&self, address: IpAddr) -> Result<Standing, Exceeded> {
        self.inner.take(&self.inner.anonymous, &context::prefix(address), "requests")
    }

    /// Forgets buckets that are full; called once a minute.
    pub fn forget_full(&self) {
        self.inner.tokens.retain_recent();
        self.inner.workspaces.retain_recent();
        self.inner.visitors.retain_recent();
        self.inner.prefixes.retain_recent();
        self.inner.anonymous.retain_recent();
    }
}

impl Inner {
    fn take<K: Hash + Eq + Clone>(&self, buckets: &Buckets<K>, key: &K, what: &'static str) -> Result<Standing, Exceeded> {
        if buckets.len() > BUCKETS_MAX {
            buckets.retain_recent();
        }
        match buckets.check_key(key) {
            Ok(snapshot) => Ok(standing(snapshot.quota(), snapshot.remaining_burst_capacity())),
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                Err(Exceeded {
                    standing: standing(until.quota(), 0),
                    retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1),
                    what,
                })
            }
        }
    }
}

fn buckets<K: Hash + Eq + Clone>(per_minute: u32) -> Buckets<K> {
    let quota = Quota::per_minute(NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN));
    RateLimiter::dashmap(quota).with_middleware()
}

fn standing(quota: Quota, remaining: u32) -> Standing {
    let limit = quota.burst_size().get();
    let missing = limit.saturating_sub(remaining);
    let reset_secs = (u64::from(missing) * 60).div_ceil(u64::from(limit));
    Standing { limit, remaining, reset_secs }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates() -> Rates {
        Rates { token: 2, workspace: 3, visitor: 1, prefix: 2, anonymous: 2, socket_frames: 10 }
    }

    #[test]
    fn one_token_cannot_empty_anothers_bucket_but_a_workspace_has_one_of_its_own() {
        let limits = Limits::new(&rates());
        let (tenant, other) = (TenantId::new(Uuid::from_u128(1)), TenantId::new(Uuid::from_u128(2)));
        let (a, b) = (Uuid::from_u128(3), Uuid::from_u128(4));
        assert_eq!(limits.request(tenant, a).unwrap(), Standing { limit: 2, remaining: 1, reset_secs: 30 });
        assert_eq!(limits.request(tenant, a).unwrap().remaining, 0);
        let refused = limits.request(tenant, a).unwrap_err();
        assert!(refused.retry_after_ms > 0 && refused.retry_after_ms <= 30_000);
        assert!(limits.request(tenant, b).is_ok());
        assert_eq!(limits.request(tenant, b).unwrap_err().standing.limit, 3);
        assert!(limits.request(other, Uuid::from_u128(5)).is_ok());
    }

    #[test]
    fn visitors_behind_one_address_have_buckets_of_their_own() {
        let limits = Limits::new(&rates());
        let tenant = TenantId::new(Uuid::from_u128(1));
        let visitor = |n| VisitorId::new(Uuid::from_u128(n));
        let office: IpAddr = "203.0.113.5".parse().unwrap();
        assert!(limits.visitor_message(tenant, visitor(1), office).is_ok());
        assert_eq!(limits.visitor_message(tenant, visitor(1), office).unwrap_err().standing.limit, 1);
        assert!(limits.visitor_message(tenant, visitor(2), office).is_ok());
        assert_eq!(limits.visitor_message(tenant, visitor(3), "203.0.113.9".parse().unwrap()).unwrap_err().standing.limit, 2);
        assert!(limits.visitor_message(tenant, visitor(4), "203.0.114.9".parse().unwrap()).is_ok());
    }
}
