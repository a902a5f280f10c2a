//! Which pages may use a widget.
//!
//! Guarantees: an origin is compared whole (scheme, host and port, as browsers write them), never by its beginning or end, so that
//! `https://example.com.evil.test` and `https://example.com@evil.test` are not `https://example.com`; `https://*.example.com` means every
//! subdomain at any depth, and not `example.com` itself; the server's own origin is always allowed, because the widget's frame is served
//! from it.
//!
//! Does not: protect against programs that write the header themselves. It keeps other sites' pages out, not other people's scripts.

use entities::WidgetSettings;
use url::{Host, Url};

/// One entry of a widget's list: an origin, or the subdomains of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    scheme: String,
    /// Lower case, as punycode where it has to be; without the `*.` of a wildcard.
    host: String,
    port: Option<u16>,
    subdomains: bool,
}

impl Pattern {
    /// Reads an entry. A slash at the end is forgiven, because people copy addresses.
    ///
    /// # Errors
    /// A sentence's end that says what is wrong, to stand behind the entry.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "must be an origin such as https://example.com or https://*.example.com";
        let (scheme, rest) = text.split_once("://").ok_or(FORM)?;
        let (subdomains, rest) = rest.strip_prefix("*.").map_or((false, rest), |rest| (true, rest));
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() || rest.contains(['/', '?', '#', '@', '*', '\\']) || rest.contains(char::is_whitespace) {
            return Err(FORM);
        }
        let url = Url::parse(&format!("{scheme}://{rest}")).map_err(|_not_an_address| FORM)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("must begin with https:// or http://");
        }
        let host = match url.host().ok_or(FORM)? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(_) | Host::Ipv6(_) if subdomains => return Err("may not have subdomains of an address"),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => format!("[{address}]"),
        };
        Ok(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default(), subdomains })
    }

    /// Whether an origin, as a browser wrote it, is one that this entry means.
    #[must_use]
    pub fn matches(&self, origin: &Self) -> bool {
        let host = if self.subdomains {
            origin.host.strip_suffix(&self.host).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            self.host == origin.host
        };
        host && self.scheme == origin.scheme && self.port == origin.port && !origin.subdomains
    }

    /// The entry as a source of a Content-Security-Policy.
    #[must_use]
    pub fn source(&self) -> String {
        let star = if self.subdomains { "*." } else { "" };
        let default = if self.scheme == "https" { 443 } else { 80 };
        let port = self.port.filter(|port| *port != default).map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{star}{}{port}", self.scheme, self.host)
    }
}

/// Whether a page of this origin may use the widget. `origin` is the request's header; without one only a widget that is open to all is
/// allowed. `public_url` is where this server is reached.
#[must_use]
pub fn allowed(settings: &WidgetSettings, origin: Option<&str>, public_url: &str) -> bool {
    if settings.allowed_origins.is_empty() {
        return true;
    }
    let Some(origin) = origin.and_then(parse_header) else { return false };
    is_own(&origin, public_url)
        || settings.allowed_origins.iter().filter_map(|entry| Pattern::parse(entry).ok()).any(|entry| entry.matches(&origin))
}

/// The sources of a frame's `frame-ancestors`: the widget's list and our own origin, or everybody if the list is empty.
#[must_use]
pub fn frame_ancestors(settings: &WidgetSettings) -> String {
    if settings.allowed_origins.is_empty() {
        return "*".to_owned();
    }
    let mut sources = vec!["'self'".to_owned()];
    sources.extend(settings.allowed_origins.iter().filter_map(|entry| Pattern::parse(entry).ok()).map(|entry| entry.source()));
    sources.join(" ")
}

fn is_own(origin: &Pattern, public_url: &str) -> bool {
    Url::parse(public_url).is_ok_and(|own| parse_header(&own.origin().ascii_serialization()).is_some_and(|own| own == *origin))
}

/// Reads the header as browsers write it (RFC 6454, section 6.2): anything that is not exactly a serialized origin is none.
fn parse_header(text: &str) -> Option<Pattern> {
    let url = Url::parse(text).ok()?;
    if url.origin().ascii_serialization() != text {
        return None;
    }
    Pattern::parse(text).ok().filter(|origin| !origin.subdomains)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(origins: &[&str]) -> WidgetSettings {
        WidgetSettings {
            api_key: "wk_test".into(),
            allowed_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
            theme: serde_json::Map::new(),
            header_text: String::new(),
            pre_chat_form: Vec::new(),
            allow_file_uploads: false,
            identity: entities::channel::IdentitySettings::default(),
        }
    }

    const OWN: &str = "http://127.0.0.1:8080";

    fn is_allowed(entries: &[&str], origin: &str) -> bool {
        allowed(&settings(entries), Some(origin), OWN)
    }

    #[test]
    fn an_empty_list_lets_everybody_in_with_or_without_origin() {
        assert!(is_allowed(&[], "https://anything.test"));
        assert!(is_allowed(&[], "null"));
        assert!(allowed(&settings(&[]), None, OWN));
    }

    #[test]
    fn a_list_lets_in_what_it_names_and_our_own_origin() {
        let list = ["https://example.com", "https://shop.test:8443/", "http://192.0.2.7:3000", "https://[2001:db8::1]"];
        for origin in ["https://example.com", "https://shop.test:8443", "http://192.0.2.7:3000", "https://[2001:db8::1]", OWN] {
            assert!(is_allowed(&list, origin), "{origin}");
        }
        assert!(!allowed(&settings(&list), None, OWN));
    }

    #[test]
    fn lookalikes_are_refused() {
        let list = ["https://example.com", "https://*.example.org"];
        for origin in [
            "null",
            "",
            "http://example.com",
            "https://example.com:8443",
            "https://example.com:443",
            "https://example.com/",
            "https://example.com.evil.test",
            "https://evilexample.com",
            "https://example.com@evil.test",
            "https://evil.test/https://example.com",
            "https://evil.test#https://example.com",
            "https://www.example.com",
            "https://example.org",
            "https://.example.org",
            "https://evilexample.org",
            "https://a.example.org.evil.test",
            "https://*.example.org",
            "http://a.example.org",
            "https://EXAMPLE.com",
            "https://exаmple.com",
            "file://",
            "http://127.0.0.1:8081",
            "http://localhost:8080",
            "https://example.com https://evil.test",
        ] {
            assert!(!is_allowed(&list, origin), "{origin}");
        }
    }

    #[test]
    fn a_wildcard_means_subdomains_at_any_depth() {
        for origin in ["https://a.example.org", "https://a.b.example.org"] {
            assert!(is_allowed(&["https://*.example.org"], origin), "{origin}");
        }
        assert!(is_allowed(&["https://bücher.example"], "https://xn--bcher-kva.example"));
    }

    #[test]
    fn entries_that_are_no_origins_are_refused_with_a_sentence() {
        for entry in [
            "example.com",
            "https://",
            "https://*",
            "https://*.",
            "https://a/b",
            "https://u@a.test",
            "ftp://a.test",
            "https://a*.test",
            "*",
            "https://*.127.0.0.1",
        ] {
            assert!(Pattern::parse(entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn the_frame_may_be_shown_where_the_widget_may_be_used() {
        assert_eq!(frame_ancestors(&settings(&[])), "*");
        let list = ["https://example.com", "https://*.shop.test:8443", "javascript:alert(1)"];
        assert_eq!(frame_ancestors(&settings(&list)), "'self' https://example.com https://*.shop.test:8443");
    }
}
