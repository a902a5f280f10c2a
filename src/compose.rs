//! Composition: the one file that knows every concrete type. It constructs and connects, and holds no logic.
//!
//! Guarantees: a server that [`start`] returned answers requests; [`Server::stop`] ends it so that nothing acknowledged is lost.
//!
//! Start reading at [`start`].

pub mod bulk;
mod channels;
mod chores;
mod clock;
mod routing;
mod timers;
mod webhooks;

use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{App as ActixApp, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use actors::{
    hub::Hubs,
    port::{Bus, Clock, Journal, StoreError},
    runtime::{self, Directory, shard::Shards},
    sweep::Sweep,
    tenant::Tenants,
};
use thiserror::Error;
use tokio::{task::JoinHandle, time::Instant};

pub use clock::SystemClock;

use crate::{
    bus::LocalBus,
    crypto::{Keys, password::PasswordError},
    delivery::{ProviderHttp, SystemResolver, WebhookCourier, provider_gateway::ProviderGateway, provider_http, webhook_courier},
    geoip::{Countries, GeoIpError},
    http::{App, Limits, assets, attachments, auth, events, idempotency, middleware, openapi, routes, widget},
    observe,
    options::Options,
    store::{self, Database, OpenOptions, journal::SqlJournal},
    ws::{self, OpenSockets},
};

/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection without a request is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Connections waiting to be accepted.
const BACKLOG: u32 = 4096;
/// How often the sweep goes round.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// What is left of the drain limit for closing the database.
const CLOSING: Duration = Duration::from_secs(1);

/// Why a command or the server could not begin.
#[derive(Debug, Error)]
pub enum StartError {
    /// The data folder cannot be made or used.
    #[error("the data folder {} cannot be used: {source}", path.display())]
    DataDir {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The secret key is missing or wrong.
    #[error("the secret key cannot be used: {0}")]
    SecretKey(String),
    /// The database does not answer or cannot be migrated.
    #[error("the database: {0}")]
    Database(#[from] StoreError),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// A password cannot be hashed.
    #[error("the password {0}")]
    Password(#[from] PasswordError),
    /// There is no good GeoIP file where one was named.
    #[error(transparent)]
    GeoIp(#[from] GeoIpError),
    /// The counters could not be started.
    #[error("the metrics could not be started: {0}")]
    Metrics(String),
    /// Webhooks cannot be delivered as the options want it.
    #[error("webhooks: {0}")]
    Webhooks(io::Error),
    /// Providers cannot be called as the options want it.
    #[error("providers: {0}")]
    Providers(io::Error),
    /// The API's description could not be written.
    #[error("the API's description could not be written: {0}")]
    Description(#[from] serde_json::Error),
}

/// What every command stands on. Cheap to clone.
#[derive(Clone)]
pub struct Ground {
    /// The secret key.
    pub keys: Keys,
    /// The database.
    pub db: Database,
    /// Time and ids.
    pub clock: Arc<SystemClock>,
}

/// Makes the data folder and the secret key where they are missing, and opens the database, without migrating it.
///
/// # Errors
/// [`StartError`].
pub async fn ground(options: &Options) -> Result<Ground, StartError> {
    let data_dir = |source| StartError::DataDir { path: options.data_dir.clone(), source };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.data_dir).map_err(data_dir)?;
    let keys = match &options.secret_key {
        Some(text) => Keys::parse(text.expose()).map_err(|error| StartError::SecretKey(error.to_owned()))?,
        None => Keys::load_or_make(&options.data_dir).map_err(|error| StartError::SecretKey(error.to_string()))?,
    };
    let db = Database::open(&options.database_url(), OpenOptions::default()).await?;
    Ok(Ground { keys, db, clock: Arc::new(SystemClock::default()) })
}

/// What calls providers.
///
/// # Errors
/// The file with the operator's certificates cannot be used.
pub fn providers(options: &Options) -> Result<ProviderHttp, StartError> {
    let server = &options.server;
    ProviderHttp::new(&server.providers, server.webhooks.ca_file.as_deref(), Arc::new(SystemResolver), provider_http::DEADLINE)
        .map_err(StartError::Providers)
}

/// What takes messages to providers, with their files.
fn gateway(options: &Options, ground: &Ground, providers: &ProviderHttp) -> ProviderGateway {
    let files = attachments::stored::Stored {
        db: ground.db.clone(),
        keys: ground.keys.clone(),
        clock: ground.clock.clone(),
        root: options.data_dir.join("attachments"),
        public_url: options.public_url(),
    };
    ProviderGateway::new(ground.db.clone(), ground.keys.clone(), providers.clone(), Arc::new(files), &options.public_url())
}

/// A server that answers.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What its handlers share.
    pub app: web::Data<App>,
    journal: Arc<SqlJournal>,
    hubs: Hubs,
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
    fetching: JoinHandle<()>,
    renewing: JoinHandle<()>,
}

/// Migrates the database and starts to answer. Must be called inside an actix system. `demo_api_key` opens the page `/demo` with that widget.
///
/// # Errors
/// [`StartError`].
pub async fn start(mut options: Options, ground: Ground, demo_api_key: Option<String>) -> Result<Server, StartError> {
    let countries = options.server.geoip_file.as_deref().map(Countries::open).transpose()?.unwrap_or_default();
    store::migrate(&ground.db).await?;
    assets::prepare();
    let listener = listen(options.server.listen)?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { address: options.server.listen, source })?;
    // With port 0 the system chose one: everything that names our own address must name that one.
    options.server.listen = address;
    let exporter = observe::install().map_err(|error| StartError::Metrics(error.to_string()))?;
    let clock: Arc<dyn Clock> = ground.clock.clone();
    let bus = Arc::new(LocalBus::default());
    let journal = Arc::new(SqlJournal::open(ground.db.clone(), bus.clone()).await?);
    let shared: Arc<dyn Journal> = journal.clone();
    let courier =
        WebhookCourier::new(&options.server.webhooks, Arc::new(SystemResolver), webhook_courier::DEADLINE).map_err(StartError::Webhooks)?;
    let shards = Arc::new(Shards::start(threads()));
    let hubs = Hubs::start(shards.clone(), &shared);
    bus.connect(hubs.clone());
    let courier: Arc<WebhookCourier> = Arc::new(courier);
    let subscriptions = webhooks::start(&options, &ground, &shared, courier.clone(), shards.clone()).map_err(StartError::Webhooks)?;
    webhooks::connect(&bus, &subscriptions);
    let providers = providers(&options)?;
    let gateway = gateway(&options, &ground, &providers);
    let directory = Directory::start(shared.clone(), clock.clone(), shards.clone(), runtime::Limits::default());
    let node_id = webhooks::node_id(&options.data_dir, &*clock).map_err(StartError::Webhooks)?;
    let channels = channels::start(&ground, &shared, Arc::new(gateway), &directory, node_id, shards.clone());
    channels::connect(&bus, &channels);
    let feed = events::Readers::default();
    let told = feed.clone();
    bus.connect_feed(Box::new(move |tenant_id| told.tell(tenant_id)));
    let tenants = Tenants::start(bus.clone(), shards.clone());
    let routers = routing::start(&ground, &shared, &directory, &tenants, node_id, shards);
    routing::connect(&bus, &routers);
    let bus: Arc<dyn Bus> = bus;
    let app = web::Data::new(App {
        db: ground.db,
        journal: shared,
        directory,
        tenants,
        bus,
        hubs: hubs.clone(),
        feed,
        sockets: OpenSockets::new(options.server.sockets_max as usize),
        address_guard: courier.guard().clone(),
        courier,
        providers,
        files_wished: tokio::sync::Notify::new(),
        renewals_wished: tokio::sync::Notify::new(),
        channels,
        routers,
        subscriptions,
        started_at: clock.now(),
        clock,
        keys: ground.keys,
        public_url: options.public_url(),
        limits: Limits::new(&options.server.rates),
        lockout: auth::Lockout::default(),
        newcomers: widget::Newcomers::default(),
        countries,
        exporter,
        description: openapi::document()?,
        draining: AtomicBool::new(false),
        options: Arc::new(options),
    });
    let (handle, serving) = serve(&app, demo_api_key, listener).map_err(|source| StartError::Listen { address, source })?;
    sweep(&app, node_id);
    go_on(&app).await;
    let (fetching, renewing) = (channels::fetch(&app), channels::renew(&app));
    Ok(Server { address, app, journal, hubs, handle, serving, fetching, renewing })
}

/// Begins to look for what nobody is woken for. Each sweep lives by its own interval, as long as the system does.
fn sweep(app: &web::Data<App>, node_id: entities::NodeId) {
    let sweeps = [
        (chores::all(app), SWEEP_EVERY),
        (webhooks::chores(app), webhooks::SWEEP_EVERY),
        (channels::chores(app), channels::SWEEP_EVERY),
        (routing::chores(app), routing::SWEEP_EVERY),
        (timers::chores(app), timers::SWEEP_EVERY),
        (bulk::chores(app, node_id), bulk::SWEEP_EVERY),
    ];
    for (chores, every) in sweeps {
        drop(Sweep::start(chores, app.clock.clone(), every, Arc::new(observe::swept)));
    }
}

/// Goes on with what a crash left behind now, not at the first round. If it cannot be read, the round tries again.
async fn go_on(app: &App) {
    if let Err(error) = app.subscriptions.sweep(app.clock.now()).await {
        tracing::warn!(%error, "the webhooks that wait could not be read");
    }
    if let Err(error) = app.channels.sweep(app.clock.now()).await {
        tracing::warn!(%error, "the channels that wait could not be read");
    }
}

impl Server {
    /// Waits until the journal's writer is dead; never returns while it lives. Without it nothing can be acknowledged.
    pub async fn journal_died(&self) {
        self.journal.dead().await;
    }

    /// Stops: takes no new connections, tells the sessions to reconnect, finishes what was begun, closes the database. Takes at most
    /// `limit`; whether all was finished by then.
    pub async fn stop(self, limit: Duration) -> bool {
        let ends = Instant::now() + limit.saturating_sub(CLOSING);
        // A file that is under way is fetched anew by the next process.
        self.fetching.abort();
        self.app.draining.store(true, Ordering::Release);
        self.app.feed.tell_all();
        self.app.renewals_wished.notify_one();
        let told = self.hubs.drain().await;
        tracing::info!(sessions = told, "stopping: sessions were told to reconnect");
        // Both wait for the same requests, one from the outside and one from the inside.
        let left = ends.saturating_duration_since(Instant::now());
        let stopped = tokio::time::timeout(left, self.handle.stop(true)).await.is_ok();
        let left = || ends.saturating_duration_since(Instant::now());
        // A lease that is not given back ends by itself; what was being given out then waits for the next process.
        self.app.routers.drain(left().min(routing::DRAIN_MAX)).await;
        // Attempts that take longer are made again: the receiver knows them by their id.
        self.app.subscriptions.drain(left().min(webhooks::DRAIN_MAX)).await;
        // What is under way is waited for: of a send that is cut off nobody knows what became of it.
        let sent = self.app.channels.drain(left().min(channels::DRAIN_MAX)).await;
        // A token by which tokens are renewed may be good once: what is under way is waited for.
        let renewed = tokio::time::timeout(left(), self.renewing).await.is_ok();
        let finished = self.app.directory.drain(left()).await && sent && renewed;
        if !stopped {
            self.handle.stop(false).await;
        }
        close(&self.app, self.serving).await;
        stopped && finished
    }
}

/// The end of the accepting thread and of the database. What goes wrong here costs nothing that was acknowledged.
async fn close(app: &App, serving: JoinHandle<io::Result<()>>) {
    if let Ok(Err(error)) = serving.await {
        tracing::warn!(%error, "the server ended with an error");
    }
    if let Err(error) = app.db.close().await {
        tracing::warn!(%error, "the database was not closed cleanly; what was acknowledged is safe");
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let open = || -> io::Result<TcpListener> {
        let socket = socket2::Socket::new(socket2::Domain::for_address(address), socket2::Type::STREAM, Some(socket2::Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG as i32)?;
        socket.set_nonblocking(true)?;
        Ok(socket.into())
    };
    open().map_err(|source| StartError::Listen { address, source })
}

fn serve(
    app: &web::Data<App>,
    demo_api_key: Option<String>,
    listener: TcpListener,
) -> io::Result<(ServerHandle, JoinHandle<io::Result<()>>)> {
    let data = app.clone();
    let known = routes::Known::new(&app.description);
    let demo = demo_api_key.map(|api_key| web::Data::new(assets::Demo { api_key }));
    let workers = app.options.server.workers.map_or_else(threads, usize::from);
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(data.clone())
            .configure(|cfg| {
                if let Some(demo) = &demo {
                    cfg.app_data(demo.clone());
                }
                routes::all(cfg, &known);
            })
            .wrap(from_fn(idempotency::around))
            .wrap(from_fn(middleware::headers::around))
    })
    .on_connect(ws::accepted)
    .workers(workers)
    .max_connections((app.options.server.sockets_max as usize / workers).max(1024))
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(app.options.server.drain_secs.into())
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    Ok((handle, actix_web::rt::spawn(server)))
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}
