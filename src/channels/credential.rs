//! One app or account at a provider: its secrets, opened for use.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// A field of a credential: what is asked for when one is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the API (`app_secret`).
    pub name: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// Where to find it, for people.
    pub hint: &'static str,
    /// Cannot be left out.
    pub required: bool,
    /// Verifies what comes in: several may be alive at once.
    pub verifies: bool,
    /// Never read back; what is no secret (an app's id) can be shown.
    pub secret: bool,
}

/// A credential with its secrets open. Never logged: its `Debug` shows names alone.
#[derive(Clone, Default)]
pub struct Credential {
    /// The vendor (`twilio`), for providers that have several.
    pub vendor: Option<String>,
    /// The account that it belongs to at the provider, as entered.
    pub account: Option<String>,
    /// The address under which the provider reaches us (this server's public URL, without a slash at its end).
    pub public_url: String,
    /// The secrets by name, the newest first.
    secrets: BTreeMap<String, Vec<Zeroizing<String>>>,
}

impl Credential {
    /// A credential with these secrets; of one name, the first is the newest.
    pub fn new(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut by_name: BTreeMap<String, Vec<Zeroizing<String>>> = BTreeMap::new();
        for (name, value) in secrets {
            by_name.entry(name).or_default().push(Zeroizing::new(value));
        }
        Self { vendor: None, account: None, public_url: String::new(), secrets: by_name }
    }

    /// The same with one more secret, as the newest of its name.
    #[must_use]
    pub fn with_newer(&self, name: &str, value: &str) -> Self {
        let mut with = self.clone();
        with.secrets.entry(name.to_owned()).or_default().insert(0, Zeroizing::new(value.to_owned()));
        with
    }

    /// The same without one of the secrets of a name; they are counted from 0, the newest first.
    #[must_use]
    pub fn without(&self, name: &str, at: usize) -> Self {
        let mut without = self.clone();
        if let Some(secrets) = without.secrets.get_mut(name).filter(|secrets| at < secrets.len()) {
            secrets.remove(at);
        }
        without
    }

    /// The newest secret of this name that is not empty.
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.secrets(name).next()
    }

    /// All living secrets of this name that are not empty, the newest first.
    pub fn secrets<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.secrets.get(name).into_iter().flatten().map(|secret| secret.as_str()).filter(|secret| !secret.is_empty())
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("vendor", &self.vendor)
            .field("account", &self.account)
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
