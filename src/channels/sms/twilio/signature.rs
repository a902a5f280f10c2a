//! Twilio's signatures (specification `sms`, A2; Twilio, "Validating requests are coming from Twilio").
//!
//! Guarantees: the address counts as it was called; every spelling that Twilio is known to sign for it is tried, and no other.
//!
//! Does not: follow `X-Forwarded-*`. The address it is given is the configured public one.

use url::Url;

use crate::crypto::mac;

/// With what a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// What the auth token signs with.
    HmacSha1,
    /// What a shared key may sign with.
    HmacSha256,
}

impl Algorithm {
    /// By the name in the credential; the default is the auth token's.
    pub fn named(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("hmac-sha1") => Some(Self::HmacSha1),
            Some("hmac-sha256") => Some(Self::HmacSha256),
            Some(_) => None,
        }
    }

    /// Whether `proof` is this key's signature of the parts joined.
    pub fn verifies(self, key: &[u8], parts: &[&[u8]], proof: &[u8]) -> bool {
        match self {
            Self::HmacSha1 => mac::equal(&mac::hmac_sha1_joined(key, parts), proof),
            Self::HmacSha256 => mac::equal(&mac::hmac_sha256_joined(key, parts), proof),
        }
    }
}

/// What the parameters of a form add to what is signed: sorted by name, and the values of one name sorted and each once.
pub fn joined(parameters: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = parameters.iter().collect();
    pairs.sort();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect()
}

/// The spellings of an address that Twilio may have signed: as called, as a WHATWG parser writes it, and with its query encoded anew; each
/// without a port and with the standard one, or with and without the port that is there.
pub fn spellings(url: &str) -> Vec<String> {
    let url = url.split('#').next().unwrap_or_default();
    let whatwg = Url::parse(url).map(String::from).ok();
    let mut spellings: Vec<String> = Vec::new();
    for spelling in [Some(url.to_owned()), whatwg, Some(encoded_anew(url))].into_iter().flatten() {
        for variant in ports(&spelling) {
            if !spellings.contains(&variant) {
                spellings.push(variant);
            }
        }
    }
    spellings
}

/// The address without its port, and with its own or else the scheme's.
fn ports(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // A colon of the user's password or of an IPv6 address is none before a port.
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, host) = authority.split_at_checked(host_at).unwrap_or(("", authority));
    let with_port = host.rsplit_once(':').filter(|(_, port)| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()));
    let standard = if scheme.eq_ignore_ascii_case("http") { "80" } else { "443" };
    let (name, port) = with_port.unwrap_or((host, standard));
    vec![
        format!("{scheme}://{user}{host}{tail}"),
        format!("{scheme}://{user}{name}{tail}"),
        format!("{scheme}://{user}{name}:{port}{tail}"),
    ]
}

/// The address with the names and values of its query decoded and encoded again, a space as `%20`.
fn encoded_anew(url: &str) -> String {
    let Some((head, query)) = url.split_once('?') else { return url.to_owned() };
    let parts: Vec<String> = query
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name, value)) => format!("{}={}", escaped(name), escaped(value)),
            None => escaped(part),
        })
        .collect();
    format!("{head}?{}", parts.join("&"))
}

/// Decodes, and escapes all but what RFC 3986 leaves unreserved.
fn escaped(text: &str) -> String {
    // What has no `=` and no `&` is one name to the form decoder.
    let decoded: String = url::form_urlencoded::parse(text.replace('=', "%3D").as_bytes()).map(|(name, _)| name.into_owned()).collect();
    crate::channels::sms::calls::segment(&decoded)
}
