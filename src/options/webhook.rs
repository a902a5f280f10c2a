//! The options of webhooks.

use std::{fmt, path::PathBuf, str::FromStr};

use clap::Args;
use entities::RetrySchedule;

use super::{Cidr, ProxyAddress, proxy::ProxyParser};
use crate::delivery::custom_headers;

/// How webhooks are delivered.
#[derive(Debug, Clone, Args)]
pub struct WebhookOptions {
    /// The header that carries a webhook's plain signature: for receivers that were written for another product.
    #[arg(long = "webhook-signature-header", env = "SWITCHBOARD_WEBHOOK_SIGNATURE_HEADER", value_name = "NAME",
          default_value_t = SignatureHeader::default(), global = true)]
    pub signature_header: SignatureHeader,

    /// A range of private or otherwise special addresses that webhooks may reach all the same; may be given several times or separated by
    /// commas.
    #[arg(long = "webhook-allow-cidr", env = "SWITCHBOARD_WEBHOOK_ALLOW_CIDR", value_name = "CIDR", value_delimiter = ',', global = true)]
    pub allow_cidrs: Vec<Cidr>,

    /// Lets webhooks go to plain http and to port 80 too: for development.
    #[arg(long = "allow-insecure-webhooks", env = "SWITCHBOARD_ALLOW_INSECURE_WEBHOOKS", global = true)]
    pub allow_insecure: bool,

    /// A PEM file with certificates to trust beside the well-known ones, for receivers (and for a provider's other address,
    /// --provider-base-url) with a CA of their own.
    #[arg(long = "webhook-ca-file", env = "SWITCHBOARD_WEBHOOK_CA_FILE", value_name = "FILE", global = true)]
    pub ca_file: Option<PathBuf>,

    /// The HTTP proxy through which webhooks go: http://host:port or http://user:password@host:port, with percent signs for special
    /// characters; with a password better given by the variable. It is asked for addresses that were looked up and vetted here (CONNECT).
    /// [default: none]
    #[arg(
        long = "webhook-proxy",
        env = "SWITCHBOARD_WEBHOOK_PROXY",
        value_name = "URL",
        value_parser = ProxyParser,
        hide_env_values = true,
        global = true
    )]
    pub proxy: Option<ProxyAddress>,

    /// How long to wait before each retry of a failed delivery, separated by commas: up to 10 entries of 1s to 24h.
    #[arg(
        long = "webhook-retry-schedule",
        env = "SWITCHBOARD_WEBHOOK_RETRY_SCHEDULE",
        value_name = "WAITS",
        default_value = "10s,1m,6m,36m,3h36m",
        global = true
    )]
    pub retry_schedule: RetrySchedule,
}

/// The name of the header with the plain signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHeader(String);

impl SignatureHeader {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The name of the header that carries the signature by the secret before this one.
    #[must_use]
    pub fn previous_name(&self) -> String {
        format!("{}-Previous", self.0)
    }
}

impl Default for SignatureHeader {
    fn default() -> Self {
        Self("X-Switchboard-Signature".to_owned())
    }
}

impl fmt::Display for SignatureHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SignatureHeader {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let header = Self(text.to_owned());
        if text.eq_ignore_ascii_case(Self::default().name()) {
            return Ok(header);
        }
        custom_headers::vet_name(text, &Self::default()).map_err(|refusal| refusal.to_string())?;
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_may_have_any_name_that_is_not_taken() {
        assert_eq!("X-Hub-Signature-256".parse::<SignatureHeader>().unwrap().previous_name(), "X-Hub-Signature-256-Previous");
        assert_eq!("x-switchboard-signature".parse::<SignatureHeader>().unwrap().name(), "x-switchboard-signature");
        for taken in ["Host", "webhook-id", "X-Switchboard-Event", "Content-Length", "two words", ""] {
            assert!(taken.parse::<SignatureHeader>().is_err(), "{taken}");
        }
    }
}
