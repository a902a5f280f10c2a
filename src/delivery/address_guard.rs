//! The address guard: where webhooks may go.
//!
//! Guarantees: a URL that [`AddressGuard::vet_url`] let through is https (or http where the operator allows it), names its host plainly, and
//! holds no special address in any spelling; a list from [`AddressGuard::addresses`] holds only addresses that may be connected to. Both are
//! asked: the first when a webhook is made and before each attempt, the second on every connect, whose result is what is connected to.
//!
//! Does not: connect, or remember an answer: a name is looked up again for every new connection.
//!
//! Start reading at [`AddressGuard`]; the ranges are in [`super::special_ranges`].

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use thiserror::Error;
use url::{Host, Url};

use super::{
    resolver::Resolve,
    special_ranges::{SpecialRange, embedded_v4, special_range},
};
use crate::options::Cidr;

/// The longest URL, in bytes.
pub const URL_BYTES_MAX: usize = 2048;
/// The most addresses of one name that are looked at; the rest is left out.
const ADDRESSES_MAX: usize = 16;

/// Decides where webhooks may go. Cheap to clone.
#[derive(Clone)]
pub struct AddressGuard {
    allowed: Arc<[Cidr]>,
    insecure: bool,
    resolver: Arc<dyn Resolve>,
}

/// A URL that was let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VettedUrl(Url);

impl VettedUrl {
    /// The URL in its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is https.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host's name or address; an IPv6 address in brackets. What [`AddressGuard::addresses`] takes.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Host and port as the `Host` header has them: the port only where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.authority()
    }

    /// Path and query, as the request line has them.
    #[must_use]
    pub fn target(&self) -> String {
        self.0.query().map_or_else(|| self.0.path().to_owned(), |query| format!("{}?{query}", self.0.path()))
    }
}

/// Why a URL or an address was refused. Its text says which rule, and how an operator allows it where that is possible.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressRefusal {
    /// No URL, or one that is written so that two programs may read it differently.
    #[error("the URL {0}")]
    Malformed(String),
    /// Neither https nor http.
    #[error("the URL must begin with https://, not with {scheme}:")]
    Scheme {
        /// What it begins with.
        scheme: String,
    },
    /// Plain http.
    #[error("the URL must begin with https://; an operator allows plain http with --allow-insecure-webhooks")]
    Insecure,
    /// A user name or a password.
    #[error("the URL must not hold a user name or a password; send a header instead")]
    UserInfo,
    /// A fragment, which is never sent.
    #[error("the URL must not hold a fragment (#…), which would not be sent")]
    Fragment,
    /// A port below 1024 that is not the web's.
    #[error("port {port} is refused: below 1024 only 443 may be used{}", if *.insecure { " (and 80)" } else { "" })]
    Port {
        /// Which.
        port: u16,
        /// Whether 80 would have been let through.
        insecure: bool,
    },
    /// This machine, by name.
    #[error("{host} is this machine; an operator allows it with --webhook-allow-cidr 127.0.0.1/32 and --webhook-allow-cidr ::1/128")]
    Localhost {
        /// The name.
        host: String,
    },
    /// An address in a special range.
    #[error(
        "{}{address} is {} ({}/{}, {}); an operator allows it with --webhook-allow-cidr {blamed}/{}",
        .name.as_ref().map(|name| format!("{name} leads to ")).unwrap_or_default(),
        .range.what, .range.network, .range.bits, .range.source,
        if blamed.is_ipv4() { 32 } else { 128 }
    )]
    Special {
        /// The name that led to the address; `None` if the URL holds the address itself.
        name: Option<String>,
        /// The address.
        address: IpAddr,
        /// The address that lies in the range: the same one, or the IPv4 address inside it.
        blamed: IpAddr,
        /// The range.
        range: &'static SpecialRange,
    },
}

/// Why there are no addresses to connect to.
#[derive(Debug, Error)]
pub enum NoAddresses {
    /// One of them may not be reached.
    #[error(transparent)]
    Refused(#[from] AddressRefusal),
    /// The name cannot be looked up.
    #[error("{name} cannot be looked up: {source}")]
    Lookup {
        /// The name.
        name: String,
        /// What the resolver says.
        source: io::Error,
    },
    /// The name exists and has no address.
    #[error("{name} has no address")]
    None {
        /// The name.
        name: String,
    },
}

impl AddressGuard {
    /// `allowed` are ranges that the operator opens although they are special; `insecure` lets plain http through.
    #[must_use]
    pub fn new(allowed: &[Cidr], insecure: bool, resolver: Arc<dyn Resolve>) -> Self {
        Self { allowed: allowed.into(), insecure, resolver }
    }

    /// Reads a URL and judges all of it that can be judged without looking up its name.
    ///
    /// # Errors
    /// [`AddressRefusal`], for the first rule that it breaks.
    pub fn vet_url(&self, text: &str) -> Result<VettedUrl, AddressRefusal> {
        let url = plain_url(text)?;
        match url.scheme() {
            "https" => {}
            "http" if self.insecure => {}
            "http" => return Err(AddressRefusal::Insecure),
            scheme => return Err(AddressRefusal::Scheme { scheme: scheme.to_owned() }),
        }
        if !url.username().is_empty() || url.password().is_some() || written_authority(text).contains('@') {
            return Err(AddressRefusal::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(AddressRefusal::Fragment);
        }
        self.vet_host(url.host())?;
        let port = url.port_or_known_default().unwrap_or_default();
        if port < 1024 && port != 443 && !(port == 80 && self.insecure) {
            return Err(AddressRefusal::Port { port, insecure: self.insecure });
        }
        Ok(VettedUrl(url))
    }

    /// The addresses of a URL's host (a name, or an address, in brackets or not), all of them fit to be connected to. The name is looked up
    /// once; one special address among them refuses them all.
    ///
    /// # Errors
    /// [`NoAddresses`].
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NoAddresses> {
        if let Ok(literal) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            self.vet_address(literal, None)?;
            return Ok(vec![literal]);
        }
        let found = self.resolver.lookup(host).await.map_err(|source| NoAddresses::Lookup { name: host.to_owned(), source })?;
        if found.is_empty() {
            return Err(NoAddresses::None { name: host.to_owned() });
        }
        for address in &found {
            self.vet_address(*address, Some(host))?;
        }
        Ok(found.into_iter().take(ADDRESSES_MAX).collect())
    }

    fn vet_host(&self, host: Option<Host<&str>>) -> Result<(), AddressRefusal> {
        match host {
            None => Err(AddressRefusal::Malformed("names no host".to_owned())),
            Some(Host::Ipv4(address)) => self.vet_address(address.into(), None),
            Some(Host::Ipv6(address)) => self.vet_address(address.into(), None),
            Some(Host::Domain(name)) if name.ends_with('.') => {
                Err(AddressRefusal::Malformed(format!("must name its host without a dot at the end, not as {name}")))
            }
            // RFC 6761 section 6.3: the name and all below it are loopback, whatever a resolver says.
            Some(Host::Domain(name)) if (name == "localhost" || name.ends_with(".localhost")) && !self.allows_loopback() => {
                Err(AddressRefusal::Localhost { host: name.to_owned() })
            }
            Some(Host::Domain(_)) => Ok(()),
        }
    }

    fn vet_address(&self, address: IpAddr, name: Option<&str>) -> Result<(), AddressRefusal> {
        let inside = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => embedded_v4(v6).map(IpAddr::V4),
        };
        // An allowed translator does not open what lies behind it: the address inside is judged too.
        for blamed in [Some(address.to_canonical()), inside].into_iter().flatten() {
            if let Some(range) = special_range(blamed).filter(|_| !self.allows(blamed)) {
                return Err(AddressRefusal::Special { name: name.map(str::to_owned), address, blamed, range });
            }
        }
        Ok(())
    }

    fn allows(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|range| range.contains(address))
    }

    fn allows_loopback(&self) -> bool {
        self.allows(Ipv4Addr::LOCALHOST.into()) || self.allows(Ipv6Addr::LOCALHOST.into())
    }
}

/// Parses a URL, refusing spellings that browsers repair in silence (tabs, back-slashes, missing slashes), so that what people see in the
/// settings is what is called.
fn plain_url(text: &str) -> Result<Url, AddressRefusal> {
    let malformed = |why: &str| AddressRefusal::Malformed(why.to_owned());
    if text.len() > URL_BYTES_MAX {
        return Err(AddressRefusal::Malformed(format!("is longer than {URL_BYTES_MAX} bytes")));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(malformed("must not hold white space, control characters or back-slashes"));
    }
    let url = Url::parse(text).map_err(|error| AddressRefusal::Malformed(format!("cannot be read: {error}")))?;
    if url.has_host() && (written_authority(text).is_empty() || !text.contains("://")) {
        return Err(malformed("must have exactly two slashes and a host behind its scheme"));
    }
    Ok(url)
}

/// What is written between `://` and the path.
fn written_authority(text: &str) -> &str {
    let behind = text.split_once("://").map_or("", |(_, behind)| behind);
    behind.split(['/', '?', '#']).next().unwrap_or_default()
}
