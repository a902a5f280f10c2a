//! The address of a proxy, as operators write it: `http://user:password@proxy.internal:3128`.
//!
//! Guarantees: the user and the password are in neither `Debug` nor `Display`, nor in what clap says of a value that it does not take.
//! Does not: connect, or look the name up.

use std::{ffi::OsStr, fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{
    Arg, Command,
    builder::{NonEmptyStringValueParser, TypedValueParser},
    error::ErrorKind,
};
use percent_encoding::percent_decode_str;
use url::Url;

const FORM: &str = "must be http://host:port or http://user:password@host:port";

/// Where a proxy is, and what it wants to hear from us.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    /// A name or an address, without brackets.
    host: String,
    port: u16,
    /// The value of `Proxy-Authorization` (RFC 7617).
    authorization: Option<String>,
}

impl ProxyAddress {
    /// Its name or address; an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The value of `Proxy-Authorization`, if it wants one. A secret.
    #[must_use]
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let brackets = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}{}{}:{}", brackets.0, self.host, brackets.1, self.port)
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyAddress({self}{})", if self.authorization.is_some() { ", with credentials" } else { "" })
    }
}

impl FromStr for ProxyAddress {
    type Err = &'static str;

    /// Reads it; a refusal says nothing of the text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_may_hold_a_password| FORM)?;
        if url.scheme() != "http" {
            return Err("must begin with http://: the connection to the proxy is a plain one, TLS is spoken through it with the receiver");
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("must end with the port");
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
        // A URL leaves the scheme's own port out; for a proxy 80 is seldom meant, so it must be written.
        let port = url.port().or_else(|| text.trim_end_matches('/').ends_with(":80").then_some(80)).filter(|port| *port != 0);
        let port = port.ok_or("must name the port")?;
        let (user, password) = (decoded(url.username())?, decoded(url.password().unwrap_or_default())?);
        if user.contains(':') {
            return Err("must have a user without a colon: basic authentication has no way to send one");
        }
        let has_credentials = !user.is_empty() || url.password().is_some();
        let authorization = has_credentials.then(|| format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))));
        Ok(Self { host: host.trim_matches(['[', ']']).to_owned(), port, authorization })
    }
}

/// What a user or a password is without its percent signs.
fn decoded(text: &str) -> Result<String, &'static str> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_not_text| "must have a user and a password in UTF-8")?;
    if text.chars().any(char::is_control) {
        return Err("must have a user and a password without control characters");
    }
    Ok(text.into_owned())
}

/// Reads the option. clap's own way would show the whole value where it cannot be read.
#[derive(Debug, Clone, Copy)]
pub struct ProxyParser;

impl TypedValueParser for ProxyParser {
    type Value = ProxyAddress;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Self::Value, clap::Error> {
        let text = NonEmptyStringValueParser::new().parse_ref(cmd, arg, value)?;
        text.parse().map_err(|why| {
            let name = arg.and_then(Arg::get_long).unwrap_or("proxy");
            clap::Error::raw(ErrorKind::ValueValidation, format!("--{name} {why}\n")).with_cmd(cmd)
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::options::Options;

    #[derive(Debug, Parser)]
    struct Arguments {
        #[command(flatten)]
        options: Options,
    }

    fn told(text: &str) -> Result<(String, Option<String>), &'static str> {
        let proxy: ProxyAddress = text.parse()?;
        let credentials = proxy.authorization().map(|value| {
            let decoded = BASE64_STANDARD.decode(value.strip_prefix("Basic ").unwrap()).unwrap();
            String::from_utf8(decoded).unwrap()
        });
        Ok((proxy.to_string(), credentials))
    }

    #[test]
    fn an_address_with_and_without_credentials_is_read() {
        for (text, shown, credentials) in [
            ("http://proxy.internal:3128", "proxy.internal:3128", None),
            ("http://10.0.0.7:80/", "10.0.0.7:80", None),
            ("http://[fd00::7]:8080", "[fd00::7]:8080", None),
            ("http://ann:open%20sesame%40@proxy:3128", "proxy:3128", Some("ann:open sesame@")),
            ("http://ann@proxy:3128", "proxy:3128", Some("ann:")),
            ("http://:key@proxy:3128", "proxy:3128", Some(":key")),
        ] {
            assert_eq!(told(text), Ok((shown.to_owned(), credentials.map(str::to_owned))), "{text}");
        }
        for text in [
            "",
            "proxy:3128",
            "https://proxy:3128",
            "socks5://proxy:1080",
            "http://proxy",
            "http://ann:80@proxy",
            "http://proxy:0",
            "http://proxy:3128/path",
            "http://proxy:3128?a=1",
            "http://proxy:3128#a",
            "http://a%3Ab:c@proxy:3128",
            "http://a%0Ab:c@proxy:3128",
            "http://%ff:c@proxy:3128",
            "http://:3128",
        ] {
            assert!(told(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_password_is_shown_nowhere() {
        let good = Arguments::try_parse_from(["test", "--webhook-proxy", "http://ann:sesame@proxy:3128"]).unwrap();
        let shown = format!("{good:?}");
        assert!(shown.contains("ProxyAddress(proxy:3128, with credentials)"), "{shown}");
        assert!(!shown.contains("sesame") && !shown.contains(&BASE64_STANDARD.encode("ann:sesame")), "{shown}");
        for bad in ["https://ann:sesame@proxy:3128", "http://ann:sesame@proxy", "http://ann:sesame@pro xy:3128"] {
            let refusal = Arguments::try_parse_from(["test", "--webhook-proxy", bad]).unwrap_err().to_string();
            assert!(refusal.contains("--webhook-proxy must") && !refusal.contains("sesame"), "{refusal}");
        }
    }
}
