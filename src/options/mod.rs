//! What an operator can set: each a flag and a `SWITCHBOARD_…` variable, with its default in `--help`.
//!
//! Guarantees: `Debug` shows neither the secret key nor a database's or a proxy's password. Does not: read files or open anything.

pub mod apps;
pub mod cidr;
pub mod provider;
pub mod proxy;
pub mod webhook;

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

pub use apps::AppOptions;
pub use cidr::Cidr;
use clap::{Args, ValueEnum};
pub use provider::ProviderOptions;
pub use proxy::ProxyAddress;
use url::Url;
pub use webhook::{SignatureHeader, WebhookOptions};

/// The options that every command shares.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The folder for the SQLite file, uploaded files and the generated secret key.
    #[arg(long, env = "SWITCHBOARD_DATA_DIR", default_value = "./data", global = true)]
    pub data_dir: PathBuf,

    /// Where the data is kept: sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME. [default: sqlite://<data-dir>/switchboard.db]
    #[arg(long, env = "SWITCHBOARD_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<Secret>,

    /// The secret key, 64 hex digits; better given by the variable than by the flag, which others on the machine can see. [default: made on
    /// first start in the data dir]
    #[arg(long, env = "SWITCHBOARD_SECRET_KEY", hide_env_values = true, global = true)]
    pub secret_key: Option<Secret>,

    /// How to write the log.
    #[arg(long, env = "SWITCHBOARD_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,

    /// What to log: error, warn, info, debug or trace, also per module (switchboard=debug,info).
    #[arg(long, env = "SWITCHBOARD_LOG", default_value = "info,sea_orm_migration=warn,actix_server=warn", global = true)]
    pub log: String,

    /// What `serve` alone uses.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// The options of `serve`; `doctor` reads them too.
#[derive(Debug, Clone, Args)]
pub struct ServerOptions {
    /// The address to listen on. Port 0 takes a free one.
    #[arg(long, env = "SWITCHBOARD_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,

    /// The address under which browsers reach this server: scheme, host and port. [default: http://<listen>]
    #[arg(long, env = "SWITCHBOARD_PUBLIC_URL", value_parser = public_url, global = true)]
    pub public_url: Option<String>,

    /// A proxy whose X-Forwarded-For is believed; may be given several times or separated by commas.
    #[arg(long = "trusted-proxy", env = "SWITCHBOARD_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<Cidr>,

    /// A country or city file of MaxMind or DB-IP (.mmdb): visitors' contacts get the country of the address they come from. It is read
    /// again when it changes. [default: none]
    #[arg(long, env = "SWITCHBOARD_GEOIP_FILE", value_name = "FILE", global = true)]
    pub geoip_file: Option<PathBuf>,

    /// Request threads. [default: one a core]
    #[arg(long, env = "SWITCHBOARD_WORKERS", value_parser = clap::value_parser!(u16).range(1..=256), global = true)]
    pub workers: Option<u16>,

    /// The longest time a stop may take, in seconds.
    #[arg(long, env = "SWITCHBOARD_DRAIN_SECS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3600), global = true)]
    pub drain_secs: u16,

    /// The token that opens /metrics and /admin/actors to other machines; without it they answer this machine alone.
    #[arg(long, env = "SWITCHBOARD_OPERATOR_TOKEN", hide_env_values = true, global = true)]
    pub operator_token: Option<Secret>,

    /// The most sockets that may be open at once.
    #[arg(long, env = "SWITCHBOARD_SOCKETS_MAX", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000), global = true)]
    pub sockets_max: u32,

    /// For how many days a conversation lies in the trash before it is deleted for good.
    #[arg(long, env = "SWITCHBOARD_TRASH_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=365), global = true)]
    pub trash_days: u16,

    /// How much each caller may ask for.
    #[command(flatten)]
    pub rates: Rates,

    /// How webhooks are delivered.
    #[command(flatten)]
    pub webhooks: WebhookOptions,

    /// Where providers listen.
    #[command(flatten)]
    pub providers: ProviderOptions,

    /// The operator's own apps at providers.
    #[command(flatten)]
    pub apps: AppOptions,
}

/// How much each caller may ask for in a minute.
#[derive(Debug, Clone, Args)]
pub struct Rates {
    /// Requests a minute of one token or one agent's session.
    #[arg(id = "rate-token", long, env = "SWITCHBOARD_RATE_TOKEN", default_value_t = 600, value_parser = rate(), global = true)]
    pub token: u32,

    /// Requests a minute of one workspace.
    #[arg(id = "rate-workspace", long, env = "SWITCHBOARD_RATE_WORKSPACE", default_value_t = 3000, value_parser = rate(), global = true)]
    pub workspace: u32,

    /// Messages a minute of one visitor.
    #[arg(id = "rate-visitor", long, env = "SWITCHBOARD_RATE_VISITOR", default_value_t = 60, value_parser = rate(), global = true)]
    pub visitor: u32,

    /// Visitors' messages a minute from one address prefix (/24 or /48) to one workspace.
    #[arg(id = "rate-prefix", long, env = "SWITCHBOARD_RATE_PREFIX", default_value_t = 600, value_parser = rate(), global = true)]
    pub prefix: u32,

    /// Requests a minute without a token of ours (signing in, the widget, files) from one address prefix.
    #[arg(id = "rate-anonymous", long, env = "SWITCHBOARD_RATE_ANONYMOUS", default_value_t = 6000, value_parser = rate(), global = true)]
    pub anonymous: u32,

    /// Frames a second of one socket; four seconds' worth may come at once.
    #[arg(id = "rate-socket-frames", long, env = "SWITCHBOARD_RATE_SOCKET_FRAMES", default_value_t = 100, value_parser = rate(), global = true)]
    pub socket_frames: u32,
}

fn rate() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=1_000_000_000)
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Options {
    /// Where the data is kept.
    #[must_use]
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.expose().to_owned(),
            None => format!("sqlite://{}", self.data_dir.join("switchboard.db").display()),
        }
    }

    /// The origin under which browsers reach this server, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.server.public_url.clone().unwrap_or_else(|| format!("http://{}", self.server.listen))
    }
}

/// A value that `Debug` does not show.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Takes an origin: http or https, a host, perhaps a port, and nothing behind it.
fn public_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("must begin with http:// or https:// and name a host".to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("must be a scheme, a host and perhaps a port, with nothing behind them".to_owned());
    }
    Ok(url.origin().ascii_serialization())
}
