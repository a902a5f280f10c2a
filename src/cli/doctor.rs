//! `doctor`: look at everything the server needs and say what is wrong, a sentence each.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use clap::Args;
use serde_json::json;
use tokio::time::timeout;

use super::{
    doctor_channels,
    output::{CliError, print},
};
use crate::{
    crypto::{Keys, keys},
    delivery::{
        SystemResolver,
        proxy::{Proxy, ProxyRefusal},
    },
    geoip::Countries,
    options::{Options, ProxyAddress},
    store::{self, Database, OpenOptions},
};

/// An address of a network that is for examples alone (RFC 5737).
const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 443));
/// How long the proxy has.
const PROXY_WITHIN: Duration = Duration::from_secs(5);

/// The options of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What was found in one place.
pub(super) struct Finding {
    name: &'static str,
    outcome: Outcome,
    sentence: String,
}

/// How it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// As it should be.
    Good,
    /// Worth a look.
    Warning,
    /// It has to be mended.
    Bad,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

impl Doctor {
    /// Looks; fails if anything is bad. Changes nothing.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        let mut findings = vec![data_dir(&options.data_dir), secret_key(options), open_files(), listen(options), public_url(options)];
        findings.extend(options.server.geoip_file.as_deref().map(geoip_file));
        if let Some(address) = &options.server.webhooks.proxy {
            findings.push(webhook_proxy(address).await);
        }
        findings.extend(database(options).await);
        let bad = findings.iter().filter(|finding| finding.outcome == Outcome::Bad).count();
        let checks: Vec<_> = findings
            .iter()
            .map(|finding| json!({"name": finding.name, "status": finding.outcome.word(), "detail": finding.sentence}))
            .collect();
        let lines: Vec<_> =
            findings.iter().map(|finding| format!("{:<8} {:<12} {}", finding.outcome.word(), finding.name, finding.sentence)).collect();
        print(self.json, &json!({"healthy": bad == 0, "checks": checks}), &lines.join("\n"))?;
        if bad == 0 { Ok(()) } else { Err(CliError::Refused(format!("{bad} of {} checks found something bad", findings.len()))) }
    }
}

/// A finding from its parts.
pub(super) fn finding(name: &'static str, outcome: Outcome, sentence: impl Into<String>) -> Finding {
    Finding { name, outcome, sentence: sentence.into() }
}

fn data_dir(path: &Path) -> Finding {
    let name = "data folder";
    let shown = path.display();
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            finding(name, Outcome::Warning, format!("{shown} is not there yet; the first start makes it"))
        }
        Err(error) => finding(name, Outcome::Bad, format!("{shown} cannot be looked at: {error}")),
        Ok(folder) if !folder.is_dir() => finding(name, Outcome::Bad, format!("{shown} is no folder")),
        Ok(folder) => {
            let probe = path.join(format!(".doctor.{}", std::process::id()));
            let written = fs::write(&probe, b"probe").and_then(|()| fs::remove_file(&probe));
            match written {
                Err(error) => finding(name, Outcome::Bad, format!("{shown} cannot be written: {error}")),
                Ok(()) if folder.permissions().mode() & 0o007 != 0 => {
                    finding(name, Outcome::Warning, format!("{shown} is open to every user of this machine; chmod 700 closes it"))
                }
                Ok(()) => finding(name, Outcome::Good, format!("{shown} can be written")),
            }
        }
    }
}

fn secret_key(options: &Options) -> Finding {
    let name = "secret key";
    if let Some(text) = &options.secret_key {
        return match Keys::parse(text.expose()) {
            Ok(_keys) => finding(name, Outcome::Good, "is given by option"),
            Err(error) => finding(name, Outcome::Bad, error),
        };
    }
    match Keys::load(&options.data_dir) {
        Ok(_keys) => finding(name, Outcome::Good, format!("{} is there, for its owner alone", options.data_dir.join(keys::FILE).display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            finding(name, Outcome::Warning, "is not there yet; the first start makes it")
        }
        Err(error) => finding(name, Outcome::Bad, error.to_string()),
    }
}

/// Sockets this server may hold need a file descriptor each, and some for the database.
fn open_files() -> Finding {
    let name = "open files";
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let soft = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse::<u64>().ok());
    match soft {
        None => finding(name, Outcome::Warning, "the limit could not be read"),
        Some(soft) if soft < 4096 => finding(
            name,
            Outcome::Warning,
            format!("only {soft} may be open at once; for many sockets raise it (ulimit -n, or LimitNOFILE)"),
        ),
        Some(soft) => finding(name, Outcome::Good, format!("{soft} may be open at once")),
    }
}

fn listen(options: &Options) -> Finding {
    let name = "listen";
    let address = options.server.listen;
    match TcpListener::bind(address) {
        Ok(_listener) => finding(name, Outcome::Good, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            finding(name, Outcome::Warning, format!("{address} is in use; by this server, if it is running"))
        }
        Err(error) => finding(name, Outcome::Bad, format!("{address} cannot be listened on: {error}")),
    }
}

fn public_url(options: &Options) -> Finding {
    let name = "public URL";
    let url = options.public_url();
    let is_loopback = ["//127.", "//localhost", "//[::1]"].iter().any(|host| url.contains(host));
    if url.starts_with("https://") || is_loopback {
        finding(name, Outcome::Good, url)
    } else {
        let sentence = format!("{url} is not https: browsers refuse the session cookie, so nobody can sign in to the console");
        finding(name, Outcome::Bad, sentence)
    }
}

fn geoip_file(path: &Path) -> Finding {
    let name = "GeoIP file";
    let edition = Countries::open(path).map(|countries| countries.edition());
    match edition {
        Ok(Some((kind, built_at))) => finding(name, Outcome::Good, format!("{kind}, built on {}", built_at.utc().format("%Y-%m-%d"))),
        Ok(None) => finding(name, Outcome::Bad, format!("{} does not say what it is", path.display())),
        Err(error) => finding(name, Outcome::Bad, error.to_string()),
    }
}

/// Asks the proxy for an address where nobody is, which tells whether it is one and takes the credentials.
async fn webhook_proxy(address: &ProxyAddress) -> Finding {
    let name = "proxy";
    let proxy = Proxy::new(address.clone(), Arc::new(SystemResolver));
    let Ok(asked) = timeout(PROXY_WITHIN, proxy.open(NOBODY)).await else {
        let sentence =
            format!("{address} takes connections and gave no answer within {} s when asked for {NOBODY}", PROXY_WITHIN.as_secs());
        return finding(name, Outcome::Warning, sentence);
    };
    match asked {
        Ok(_tunnel) => finding(name, Outcome::Good, format!("{address} opens connections")),
        Err(ProxyRefusal::Status(status @ 500..600)) => {
            finding(name, Outcome::Good, format!("{address} answers (with {status} when asked for {NOBODY}, where nobody is)"))
        }
        Err(refusal @ ProxyRefusal::Status(403)) => {
            finding(name, Outcome::Warning, format!("{address}, asked for {NOBODY}: {refusal}; its rules must let addresses through"))
        }
        Err(refusal) => finding(name, Outcome::Bad, format!("{address}: {refusal}")),
    }
}

async fn database(options: &Options) -> Vec<Finding> {
    let name = "database";
    let url = options.database_url();
    if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !Path::new(path).exists()) {
        return vec![finding(name, Outcome::Warning, format!("{path} is not there yet; the first start makes it"))];
    }
    let open = OpenOptions { create: false, ..OpenOptions::default() };
    let db = match Database::open(&url, open).await {
        Ok(db) => db,
        Err(error) => return vec![finding(name, Outcome::Bad, error.to_string())],
    };
    let mut findings = vec![match db.ping().await {
        Ok(()) => finding(name, Outcome::Good, "answers, and commits durably"),
        Err(error) => finding(name, Outcome::Bad, error.to_string()),
    }];
    let pending = store::pending(&db).await;
    let is_current = matches!(&pending, Ok(steps) if steps.is_empty());
    findings.push(match pending {
        Ok(steps) if steps.is_empty() => finding("schema", Outcome::Good, "is this version's"),
        Ok(steps) => finding("schema", Outcome::Warning, format!("{} steps are missing; the next start makes them", steps.len())),
        Err(error) => finding("schema", Outcome::Bad, error.to_string()),
    });
    if is_current {
        findings.extend(doctor_channels::look(options, &db).await);
    }
    if let Err(error) = db.close().await {
        findings.push(finding(name, Outcome::Warning, format!("was not closed cleanly: {error}")));
    }
    findings
}
