//! From what was granted to credentials and channels.
//!
//! Guarantees: a token is kept only if the provider takes it; an account has one credential by consent, and a number, page or workspace one
//! channel, however often somebody agrees. What one account lacks does not keep the others from being connected.

use std::convert::Infallible;

use actors::port::StoreError;
use entities::{ChannelId, ChannelKind, ChannelStatus, CredentialId, CredentialSecretId, TenantId, Timestamp};
use serde_json::json;

use super::again;
use crate::{
    channels::{
        adapter::{Account, Adapter},
        credential::Credential,
        entry,
        oauth::{ClientApp, Consent, Grant, PIN},
        registry,
    },
    crypto::token,
    delivery::{
        provider_check::{self, CheckOutcome},
        provider_dialogue,
    },
    http::{
        App,
        channels::set_up::{self, Wanted},
        problem::{Answer, Problem},
    },
    store::{
        read,
        settings::{
            self,
            audit::Doer,
            channel::{self, NewChannel, Refused},
            channel_change::Act,
            consent::{self, Granted},
            credential::{self, NewSecret},
        },
    },
};

/// How often a channel is read again because somebody else changed it meanwhile.
const ATTEMPTS_MAX: u32 = 3;

/// What came of it.
pub struct Outcome {
    /// Everything that was granted is connected.
    pub whole: bool,
    /// In words.
    pub words: String,
    /// What is connected.
    pub channels: Vec<ChannelId>,
}

impl Outcome {
    /// Nothing is connected.
    pub fn failed(why: &str) -> Self {
        Self { whole: false, words: why.to_owned(), channels: Vec::new() }
    }
}

/// Connects for one tenant.
pub struct Connector<'a> {
    pub app: &'a App,
    pub tenant_id: TenantId,
    pub doer: &'a Doer,
    pub consent: &'static dyn Consent,
    pub client: &'a ClientApp,
}

/// Why one account is not connected: a fault of ours, or words for people.
enum Trouble {
    Fault(Problem),
    Words(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Fault(problem)
    }
}

impl Connector<'_> {
    /// Connects everything that was granted.
    pub async fn all(&self, granted: Vec<Grant>) -> Answer<Outcome> {
        let adapter = registry::find(self.consent.provider()).ok_or_else(|| Problem::internal("consent without an adapter"))?;
        let (mut channels, mut names, mut troubles) = (Vec::new(), Vec::new(), Vec::new());
        for grant in granted {
            let name = grant.name.clone();
            let mut connected = Vec::new();
            let ended = self.one(adapter, grant, &mut connected).await;
            for (id, name) in connected {
                channels.push(id);
                names.push(name);
            }
            match ended {
                Ok(()) => {}
                Err(Trouble::Words(words)) => troubles.push(format!("{name}: {words}")),
                Err(Trouble::Fault(problem)) => return Err(problem),
            }
        }
        let done = if names.is_empty() { "nothing was connected".to_owned() } else { format!("connected: {}", names.join(", ")) };
        let whole = troubles.is_empty();
        troubles.insert(0, done);
        Ok(Outcome { whole, words: troubles.join("; "), channels })
    }

    async fn one(&self, adapter: &dyn Adapter, grant: Grant, connected: &mut Vec<(ChannelId, String)>) -> Result<(), Trouble> {
        let app = self.app;
        let secrets: Vec<(&'static str, String)> = self.consent.secrets(self.client).into_iter().chain(grant.secrets).collect();
        let mut credential = Credential::new(secrets.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        credential.account = Some(grant.account.clone());
        credential.public_url.clone_from(&app.public_url);
        let accounts = match provider_check::check(&app.providers, adapter, &credential).await {
            CheckOutcome::Working(accounts) => accounts,
            CheckOutcome::Refused(error) => return Err(words(format!("the provider does not take the token that it gave: {error}"))),
            CheckOutcome::Unanswered(error) => return Err(words(format!("the provider could not be asked: {error}; begin again"))),
        };
        if accounts.is_empty() {
            return Err(words("it has no number yet: add one at the provider, then begin again"));
        }
        let sealed = secrets.iter().map(|(name, value)| seal(app, self.tenant_id, adapter, name, value));
        let new = Granted {
            id: CredentialId::new(app.clock.new_id()),
            provider: self.consent.provider(),
            account: grant.account.clone(),
            name: grant.name,
            secrets: sealed.collect::<Answer<_>>()?,
            expires_at: grant.expires_at,
            renew_at: renew_at(self.consent, grant.expires_at, app.clock.now()),
        };
        let kept = consent::keep(&app.db, self.tenant_id, &again(app, self.doer), new).await?;
        let credential_id = kept.map_err(|_too_many| words("the workspace has as many credentials as it may"))?;
        for name in self.consent.made_up() {
            self.kept_or_made(adapter, credential_id, name, || token::make("")).await?;
        }
        for account in accounts {
            let kind = self.consent.kind(&grant.account, &account);
            let name = account.name.clone();
            let id = self.channel(credential_id, kind, account).await?;
            connected.push((id, name));
        }
        self.subscribe(&credential, &grant.account, connected).await?;
        self.set_up(credential_id, connected).await?;
        self.register(adapter, &credential, credential_id, connected).await
    }

    /// Has the provider let accounts send that may not yet. One that still may not says why.
    async fn register(
        &self,
        adapter: &dyn Adapter,
        credential: &Credential,
        credential_id: CredentialId,
        connected: &[(ChannelId, String)],
    ) -> Result<(), Trouble> {
        let (app, provider) = (self.app, self.consent.provider());
        let (mut pin, mut troubles) = (None, Vec::new());
        for (id, _name) in connected {
            let channel = read::channel::find(&app.db, self.tenant_id, *id).await?;
            let Some(address) = channel.and_then(|channel| channel.address) else { continue };
            let Some(call) = self.consent.standing(credential, &address) else { return Ok(()) };
            let standing = provider_dialogue::ask(&app.providers, provider, &call).await;
            if let Err(failed) = self.consent.judge_subscribed(&standing) {
                troubles.push(format!("it could not be asked whether the number is registered: {}", failed.error));
                continue;
            }
            if self.consent.register(credential, &address, &standing, "").is_none() {
                continue;
            }
            let known = match pin.take() {
                Some(known) => known,
                None => self.pin(adapter, credential_id).await?,
            };
            if let Some(call) = self.consent.register(credential, &address, &standing, &known) {
                let reply = provider_dialogue::ask(&app.providers, provider, &call).await;
                if let Err(failed) = self.consent.judge_subscribed(&reply) {
                    let detail = format!("the number could not be registered: {}; connect it again", failed.error);
                    app.changer(None).set_status(self.tenant_id, *id, ChannelStatus::Degraded, Some(&detail)).await?;
                    troubles.push(detail);
                }
            }
            pin = Some(known);
        }
        if troubles.is_empty() { Ok(()) } else { Err(words(troubles.join("; "))) }
    }

    /// The credential's PIN.
    async fn pin(&self, adapter: &dyn Adapter, credential_id: CredentialId) -> Result<String, Trouble> {
        let six_digits = || format!("{:06}", u64::from_le_bytes(token::random_bytes()) % 1_000_000);
        self.kept_or_made(adapter, credential_id, PIN, six_digits).await
    }

    /// A secret that nobody gives: kept before it is used, for it is needed whenever the account is connected again.
    async fn kept_or_made(
        &self,
        adapter: &dyn Adapter,
        credential_id: CredentialId,
        name: &'static str,
        make: impl FnOnce() -> String,
    ) -> Result<String, Trouble> {
        let app = self.app;
        let opened = read::credential::open(&app.db, &app.keys, self.tenant_id, credential_id).await?;
        if let Some(known) = opened.as_ref().and_then(|opened| opened.credential.secret(name)) {
            return Ok(known.to_owned());
        }
        let made = make();
        let sealed = seal(app, self.tenant_id, adapter, name, &made)?;
        match credential::add_secret(&app.db, self.tenant_id, &again(app, self.doer), credential_id, sealed, true, None).await? {
            Ok(()) => Ok(made),
            Err(_refused) => Err(words(format!("its {name} could not be kept: begin again"))),
        }
    }

    /// The channel of an account: made, or taken over by the credential.
    async fn channel(&self, credential_id: CredentialId, kind: ChannelKind, account: Account) -> Result<ChannelId, Trouble> {
        let (app, tenant_id) = (self.app, self.tenant_id);
        for _attempt in 0..ATTEMPTS_MAX {
            if let Some(known) = read::channel::find_by_address(&app.db, tenant_id, kind, &account.address).await? {
                match self.take_over(known.id, credential_id).await {
                    Ok(()) => return Ok(known.id),
                    // It was removed, or is being changed by others.
                    Err(error) if matches!(error, StoreError::NotFound) || settings::is_stale(&error) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            let id = ChannelId::new(app.clock.new_id());
            let (name, address) = (account.name.clone(), account.address.clone());
            let new = NewChannel { id, kind, name, address, credential_id, status: (ChannelStatus::Connected, None) };
            match channel::create(&app.db, tenant_id, &again(app, self.doer), new).await? {
                Ok(()) => return Ok(id),
                Err(Refused::Taken) => {}
                Err(Refused::TooMany) => return Err(words("the workspace has as many channels as it may")),
                Err(Refused::NoCredential | Refused::HasConversations) => return Err(words("it was removed again meanwhile")),
            }
        }
        Err(words("others are changing it at the same time: begin again"))
    }

    /// Lets a channel go on with the credential.
    async fn take_over(&self, id: ChannelId, credential_id: CredentialId) -> Result<(), StoreError> {
        let app = self.app;
        let decide = |channel: &mut read::channel::Channel| -> Result<Option<Act>, Infallible> {
            let before = channel.clone();
            channel.credential_id = Some(credential_id.uuid());
            (channel.status, channel.status_detail) = (ChannelStatus::Connected, None);
            let detail = json!({"credential_id": credential_id, "by": "consent"});
            Ok((*channel != before).then_some(Act { action: "channel.connected", detail, secret: None }))
        };
        let doer = again(app, self.doer);
        let Ok(()) = app.changer(Some(&doer)).change(self.tenant_id, id, decide).await?;
        app.channels.wake(id);
        Ok(())
    }

    /// Has the provider tell us of the account's messages. Without that the channels work in one direction only, and say so.
    async fn subscribe(&self, credential: &Credential, account: &str, connected: &[(ChannelId, String)]) -> Result<(), Trouble> {
        let (app, provider) = (self.app, self.consent.provider());
        let Some(call) = self.consent.subscribe(credential, account) else { return Ok(()) };
        let reply = provider_dialogue::ask(&app.providers, provider, &call).await;
        let Err(failed) = self.consent.judge_subscribed(&reply) else { return Ok(()) };
        self.say_untold(connected, &failed.error.to_string()).await
    }

    /// The same where it takes more than a call, and depends on what is there already.
    async fn set_up(&self, credential_id: CredentialId, connected: &[(ChannelId, String)]) -> Result<(), Trouble> {
        let wanted = Wanted { app: self.app, tenant_id: self.tenant_id, provider: self.consent.provider(), credential_id };
        match wanted.arrange().await {
            Ok(()) => Ok(()),
            Err(error) => self.say_untold(connected, &error).await,
        }
    }

    async fn say_untold(&self, connected: &[(ChannelId, String)], error: &str) -> Result<(), Trouble> {
        let (app, detail) = (self.app, set_up::untold(error));
        for (id, _name) in connected {
            app.changer(None).set_status(self.tenant_id, *id, ChannelStatus::Degraded, Some(&detail)).await?;
        }
        Err(words(detail))
    }
}

/// When a token that ends is to be renewed, or warned of.
pub fn renew_at(consent: &dyn Consent, expires_at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    // A token that lives no longer than that is renewed at half its life.
    expires_at.map(|ends| ends.plus_ms(-consent.renewed_before_ms()).max(now.plus_ms(ends.ms_since(now) / 2)))
}

/// A secret, sealed.
///
/// # Errors
/// It is longer than any that is entered may be, or cannot be sealed.
pub fn seal(app: &App, tenant_id: TenantId, adapter: &dyn Adapter, name: &str, value: &str) -> Answer<NewSecret> {
    if value.len() > entry::VALUE_BYTES_MAX {
        return Err(Problem::internal(format!("the provider's {name} is too long to be kept")));
    }
    let field = adapter.fields(None).iter().find(|field| field.name == name);
    let id = CredentialSecretId::new(app.clock.new_id());
    NewSecret::seal(&app.keys, tenant_id, id, name, value, entry::hint(field, value)).map_err(Problem::internal)
}

fn words(words: impl Into<String>) -> Trouble {
    Trouble::Words(words.into())
}
