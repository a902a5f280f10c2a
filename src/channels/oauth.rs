//! Connecting an account by consent: somebody agrees at the provider that the operator's app may speak for it, and the provider gives tokens.
//!
//! Guarantees: pure, like all of `channels`: what is asked next depends on what was answered before and on nothing else; every dialogue ends
//! after a bounded number of turns. Nothing that is shown by `Debug` is secret.
//!
//! Does not: make the state that the provider brings back, call, keep or judge who may do this (`http/installs` does).
//!
//! Start reading at [`Consent`].

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entities::{ChannelKind, Provider, ProviderError, Timestamp};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    adapter::Account,
    call::{ProviderCall, ProviderReply},
    credential::Credential,
};
use crate::crypto::mac;

/// The most calls that one dialogue makes.
pub const TURNS_MAX: usize = 24;
/// The most accounts that one consent connects; who has more agrees again and chooses others.
pub const GRANTS_MAX: usize = 20;
/// The secret that registers accounts, by its name in a credential: six digits, chosen once.
pub const PIN: &str = "pin";
/// Longest life of a token that is believed, in seconds: ten years.
const LIFE_SECS_MAX: i64 = 10 * 366 * 24 * 60 * 60;

/// The operator's app at a provider.
#[derive(Clone)]
pub struct ClientApp {
    /// Its id.
    pub client_id: String,
    /// Which of the app's sign-up forms is shown, where the provider has several.
    pub config_id: Option<String>,
    client_secret: Zeroizing<String>,
    verifying: Zeroizing<String>,
}

impl ClientApp {
    /// The app with its secret, and with what proves the provider's notifications (Meta's verify token, Slack's signing secret).
    pub fn new(client_id: &str, client_secret: &str, config_id: Option<&str>, verifying: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            config_id: config_id.map(str::to_owned),
            client_secret: Zeroizing::new(client_secret.to_owned()),
            verifying: Zeroizing::new(verifying.to_owned()),
        }
    }

    /// The app's secret.
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// What proves the provider's notifications, besides.
    pub fn verifying(&self) -> &str {
        &self.verifying
    }
}

impl std::fmt::Debug for ClientApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientApp").field("client_id", &self.client_id).field("config_id", &self.config_id).finish_non_exhaustive()
    }
}

/// A page of the provider's, for a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Scheme and host; an operator may put another in its place.
    pub base: &'static str,
    /// Path and query, beginning with `/`.
    pub path: String,
}

/// What one way there and back has for its own.
#[derive(Clone)]
pub struct Trip {
    /// Where the provider leads back to.
    pub redirect_uri: String,
    verifier: Zeroizing<String>,
}

impl Trip {
    /// A way that leads back to this address; `verifier` is the secret by which its code is known for its own (RFC 7636): 43 to 128 characters.
    pub fn new(redirect_uri: &str, verifier: &str) -> Self {
        Self { redirect_uri: redirect_uri.to_owned(), verifier: Zeroizing::new(verifier.to_owned()) }
    }

    /// The secret itself: goes to the provider with the code, and into no browser.
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// What may be seen of it beforehand (`code_challenge_method=S256`).
    pub fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(mac::sha256(self.verifier.as_bytes()))
    }
}

impl std::fmt::Debug for Trip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trip").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

/// How one provider lets an app in.
pub trait Consent: Send + Sync {
    /// Which.
    fn provider(&self) -> Provider;

    /// The secrets that every credential of the app has, by their names in a credential.
    fn secrets(&self, app: &ClientApp) -> Vec<(&'static str, String)>;

    /// The secrets of a credential that nobody gives: they are made up, once, where a credential has none.
    fn made_up(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where somebody agrees; the provider then leads back to the trip's address with `state` and a code.
    fn page(&self, app: &ClientApp, trip: &Trip, state: &str) -> Page;

    /// What is to be asked to turn the code into what was granted.
    fn redeem(&self, app: &ClientApp, trip: &Trip, code: &str, now: Timestamp) -> Box<dyn Dialogue>;

    /// What is to be asked to have a credential's tokens renewed; `None` if this provider does not renew, or not these.
    fn renew(&self, app: &ClientApp, credential: &Credential, now: Timestamp) -> Option<Box<dyn Dialogue>>;

    /// How long before its end a token is renewed, or its end is warned of, in milliseconds.
    fn renewed_before_ms(&self) -> i64;

    /// The call after which what was granted is worth nothing; `None` where there is none, or the tokens are not known to be granted.
    fn revoke(&self, _credential: &Credential) -> Option<ProviderCall> {
        None
    }

    /// What kind of channel an account becomes that the adapter's check found for a grant to `granted_to`.
    fn kind(&self, granted_to: &str, account: &Account) -> ChannelKind;

    /// The call after which the provider tells the app of the account's messages; `None` where it does so by itself.
    fn subscribe(&self, _credential: &Credential, _granted_to: &str) -> Option<ProviderCall> {
        None
    }

    /// The call that tells whether one of the accounts may send yet; `None` where all may.
    fn standing(&self, _credential: &Credential, _account: &str) -> Option<ProviderCall> {
        None
    }

    /// The call after which it may, if by that answer it may not. Whoever knows `pin`, six digits, may do the same elsewhere.
    fn register(&self, _credential: &Credential, _account: &str, _standing: &ProviderReply, _pin: &str) -> Option<ProviderCall> {
        None
    }

    /// Whether what was asked for by [`Consent::subscribe`] or [`Consent::register`] was done.
    ///
    /// # Errors
    /// [`Failed`], in the provider's own words.
    fn judge_subscribed(&self, _reply: &ProviderReply) -> Result<(), Failed> {
        Ok(())
    }
}

/// Some calls, each depending on the answer before.
pub trait Dialogue {
    /// What comes next; `reply` answers the call of the turn before, and is `None` at first.
    ///
    /// # Errors
    /// [`Failed`] ends it.
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Turn, Failed>;
}

/// What comes next.
#[derive(Debug)]
pub enum Turn {
    /// This call.
    Ask(ProviderCall),
    /// Nothing: this was granted. Never empty.
    Done(Vec<Grant>),
}

/// What was granted for one account at the provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account, as it is known again when somebody agrees once more: a business account, a page, a workspace.
    pub account: String,
    /// Its name, for people.
    pub name: String,
    /// Its tokens and what goes with them, by their names in a credential.
    pub secrets: Vec<(&'static str, String)>,
    /// When they end, if they do.
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.secrets.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Grant")
            .field("account", &self.account)
            .field("name", &self.name)
            .field("secrets", &names)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// Why nothing was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// What is wrong, in the provider's words where it has any.
    pub error: ProviderError,
    /// It may be otherwise a little later: the provider was not reached, was too busy, or had a failure of its own.
    pub passing: bool,
}

impl Failed {
    /// It stays so.
    pub fn lasting(error: ProviderError) -> Self {
        Self { error, passing: false }
    }

    /// An answer that lacks what it must have.
    pub fn odd(what: impl Into<String>) -> Self {
        Self::lasting(ProviderError::new("odd_answer", what))
    }
}

/// The status and the JSON of an answer; null for what is no JSON.
///
/// # Errors
/// [`Failed`] if there is no answer.
pub fn answered(reply: &ProviderReply, who: &str) -> Result<(u16, Value), Failed> {
    match reply {
        ProviderReply::Answered { status, .. } => Ok((*status, reply.json())),
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => {
            Err(Failed { error: ProviderError::new("unreachable", format!("{who} did not answer")).with_detail(why), passing: true })
        }
    }
}

/// When a token ends that lives so many seconds from now; `None` if it does not end.
pub fn end_of_life(now: Timestamp, seconds: Option<i64>) -> Option<Timestamp> {
    let seconds = seconds.filter(|seconds| *seconds > 0)?.min(LIFE_SECS_MAX);
    Some(now.plus_ms(seconds * 1_000))
}
