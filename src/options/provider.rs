//! The options of providers: where they listen, if not where they always do.

use std::{collections::BTreeMap, net::IpAddr, str::FromStr};

use clap::Args;
use entities::Provider;
use url::{Host, Url};

/// Where providers listen.
#[derive(Debug, Clone, Default, Args)]
pub struct ProviderOptions {
    /// Another address of a provider, such as a simulator's: whatsapp=http://127.0.0.1:9101 (also messenger, sms, slack, dialpad; sms stands
    /// for all its vendors). May be given several times or separated by commas. Plain http goes to loopback and private addresses alone.
    #[arg(
        long = "provider-base-url",
        env = "SWITCHBOARD_PROVIDER_BASE_URL",
        value_name = "PROVIDER=URL",
        value_delimiter = ',',
        global = true
    )]
    pub base_urls: Vec<BaseUrl>,
}

impl ProviderOptions {
    /// The addresses by provider; of several for one, the last.
    #[must_use]
    pub fn by_provider(&self) -> BTreeMap<Provider, String> {
        self.base_urls.iter().map(|base| (base.provider, base.url.clone())).collect()
    }
}

/// Another address of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Whose.
    pub provider: Provider,
    /// Scheme, host, perhaps a port and the beginning of a path, without a slash at its end.
    pub url: String,
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, address) = text.split_once('=').ok_or("must be a provider and an address, as in whatsapp=http://127.0.0.1:9101")?;
        let provider = Provider::parse(name).ok_or_else(|| {
            let known: Vec<&str> = Provider::ALL.iter().map(|provider| provider.as_str()).collect();
            format!("{name} is no provider; there are {}", known.join(", "))
        })?;
        let url = Url::parse(address).map_err(|error| format!("{address} is not a URL: {error}"))?;
        let host = url.host().ok_or_else(|| format!("{address} names no host"))?;
        match url.scheme() {
            "https" => {}
            "http" if may_be_near(&host) => {}
            "http" => return Err(format!("{address} must begin with https://: plain http goes to loopback and private addresses alone")),
            _ => return Err(format!("{address} must begin with https:// or http://")),
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("{address} must be a scheme, a host and perhaps a port and a path, and nothing else"));
        }
        Ok(Self { provider, url: url.as_str().trim_end_matches('/').to_owned() })
    }
}

/// Whether plain http may lead there: a name may, until it is looked up.
fn may_be_near(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(_) => true,
        Host::Ipv4(address) => is_near((*address).into()),
        Host::Ipv6(address) => is_near((*address).into()),
    }
}

/// Whether an address is of this machine or of a private network (RFC 1918, RFC 4193).
#[must_use]
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Provider, String), String> {
        text.parse::<BaseUrl>().map(|base| (base.provider, base.url))
    }

    #[test]
    fn a_provider_may_be_called_at_another_address() {
        assert_eq!(read("whatsapp=http://127.0.0.1:9101"), Ok((Provider::Whatsapp, "http://127.0.0.1:9101".to_owned())));
        assert_eq!(read("sms=http://simulator:9103/base/"), Ok((Provider::Sms, "http://simulator:9103/base".to_owned())));
        assert_eq!(read("slack=https://slack.example"), Ok((Provider::Slack, "https://slack.example".to_owned())));
        assert!(read("dialpad=http://[fd00::1]:9105").is_ok());
        let options =
            ProviderOptions { base_urls: ["sms=http://10.0.0.1:1", "sms=http://10.0.0.1:2"].map(|text| text.parse().unwrap()).to_vec() };
        assert_eq!(options.by_provider(), [(Provider::Sms, "http://10.0.0.1:2".to_owned())].into());
    }

    #[test]
    fn what_would_send_secrets_in_the_clear_is_refused() {
        for (text, why) in [
            ("whatsapp", "must be a provider"),
            ("fax=http://127.0.0.1:1", "fax is no provider; there are whatsapp, messenger, sms, slack, dialpad"),
            ("whatsapp=127.0.0.1:9101", "is not a URL"),
            ("whatsapp=ftp://127.0.0.1", "must begin with https:// or http://"),
            ("whatsapp=http://8.8.8.8", "plain http goes to loopback and private addresses alone"),
            ("whatsapp=http://0.0.0.0:1", "plain http goes to loopback and private addresses alone"),
            ("whatsapp=http://169.254.169.254", "plain http goes to loopback and private addresses alone"),
            ("whatsapp=https://a:b@c.example", "and nothing else"),
            ("whatsapp=https://c.example/?x=1", "and nothing else"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
