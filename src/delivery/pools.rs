//! Connections that are kept for the next request to the same origin: each thread has its own, for they cannot change threads.
//!
//! Guarantees: an idle connection is kept for as long as its owner says and no longer; a thread's pools live for at most [`POOLS_LIVE`].
//!
//! Does not: limit how many there are; whoever calls does.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;
use tokio_rustls::rustls::ClientConfig;

use super::{address_guard::AddressGuard, connector::GuardedConnector, proxy::Proxy};

/// How long a thread's pools live. The client closes an idle connection only when it looks for one to the same origin; so that receivers
/// which are not called again do not hold sockets for ever, the pools themselves are replaced.
const POOLS_LIVE: Duration = Duration::from_mins(1);

/// Numbers the sources, so that each has its own pools on every thread.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The pools of this thread, by source. An entry goes after [`POOLS_LIVE`].
    static POOLS: RefCell<HashMap<u64, Rc<Pools>>> = RefCell::new(HashMap::new());
}

/// Plain and encrypted connections, apart: the client knows them by host and port alone.
pub struct Pools {
    plain: awc::Client,
    secure: awc::Client,
}

impl Pools {
    /// The client whose connections are encrypted, or the one whose are not.
    pub const fn client(&self, secure: bool) -> &awc::Client {
        if secure { &self.secure } else { &self.plain }
    }
}

/// Where pools come from. Usable from every thread that runs an arbiter; cheap to clone.
#[derive(Clone)]
pub struct PoolSource {
    id: u64,
    guard: AddressGuard,
    tls: Arc<ClientConfig>,
    proxy: Option<Proxy>,
    deadline: Duration,
    keep_alive: Duration,
}

impl PoolSource {
    /// Pools that go where `guard` lets them and trust whom `tls` trusts. `deadline` is the caller's own, over a whole request; `keep_alive`
    /// is how long a connection may lie idle and still be used.
    pub fn new(guard: AddressGuard, tls: Arc<ClientConfig>, deadline: Duration, keep_alive: Duration) -> Self {
        Self { id: NEXT_ID.fetch_add(1, Ordering::Relaxed), guard, tls, proxy: None, deadline, keep_alive }
    }

    /// The same, through a proxy if there is one. For before the first use.
    pub fn through(self, proxy: Option<Proxy>) -> Self {
        Self { proxy, ..self }
    }

    /// This thread's pools.
    pub fn current(&self) -> Rc<Pools> {
        if let Some(pools) = POOLS.with_borrow(|all| all.get(&self.id).map(Rc::clone)) {
            return pools;
        }
        let pools = Rc::new(self.fresh());
        POOLS.with_borrow_mut(|all| all.insert(self.id, Rc::clone(&pools)));
        let id = self.id;
        actix_web::rt::spawn(async move {
            sleep(POOLS_LIVE).await;
            // Taken out first and dropped behind: dropping closes sockets.
            let over = POOLS.with_borrow_mut(|all| all.remove(&id));
            drop(over);
        });
        pools
    }

    /// Pools without a connection, for one request.
    pub fn fresh(&self) -> Pools {
        Pools {
            plain: self.client(GuardedConnector::plain(self.guard.clone()).through(self.proxy.clone())),
            secure: self.client(GuardedConnector::secure(self.guard.clone(), Arc::clone(&self.tls)).through(self.proxy.clone())),
        }
    }

    fn client(&self, connector: GuardedConnector) -> awc::Client {
        // Time limits of the client's own, longer than the caller's so that the caller's are the ones that count.
        let longer = self.deadline.saturating_mul(2);
        let connector = awc::Connector::new()
            .connector(connector)
            .limit(0)
            .timeout(longer)
            .handshake_timeout(longer)
            .conn_keep_alive(self.keep_alive)
            .conn_lifetime(POOLS_LIVE);
        awc::Client::builder().connector(connector).disable_timeout().disable_redirects().no_default_headers().finish()
    }
}
