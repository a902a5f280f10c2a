//! Having a provider tell us of what happens to a credential's channels, where that takes something at the provider.
//!
//! Guarantees: what is told are the channels that are not disconnected, and what nobody wants any more is removed; a second time changes
//! nothing. What goes wrong comes back in words, and is in the log.
//!
//! Does not: change a channel's status, or do anything at providers where people or a consent do it.

use actors::port::StoreError;
use entities::{ChannelId, ChannelStatus, CredentialId, Provider, ProviderError, TenantId};

use crate::{
    channels::{credential::Credential, registry, setup::Setup},
    delivery::provider_dialogue,
    http::App,
    store::read,
};

/// Whose channels, and how the provider is spoken with.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The server.
    pub app: &'a App,
    /// Whose.
    pub tenant_id: TenantId,
    /// Of which provider.
    pub provider: Provider,
    /// Which credential.
    pub credential_id: CredentialId,
}

impl Wanted<'_> {
    /// Sees to it that the provider tells of the credential's channels and of no others; with none, what is ours there is removed.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub async fn arrange(self) -> Result<(), String> {
        let Some(setup) = self.setup() else { return Ok(()) };
        let opened = read::credential::open(&self.app.db, &self.app.keys, self.tenant_id, self.credential_id).await;
        let Some(opened) = opened.map_err(|error| self.unread(&error))? else { return Ok(()) };
        let accounts = self.accounts().await.map_err(|error| self.unread(&error))?;
        self.run(setup, &opened.credential, &accounts).await
    }

    /// As [`Self::arrange`], for what the credential is about to be. Nothing is done where no channel is connected.
    ///
    /// # Errors
    /// As there.
    pub async fn arrange_for(self, credential: &Credential) -> Result<(), String> {
        let Some(setup) = self.setup() else { return Ok(()) };
        let accounts = self.accounts().await.map_err(|error| self.unread(&error))?;
        if accounts.is_empty() { Ok(()) } else { self.run(setup, credential, &accounts).await }
    }

    /// Sees to it, and has a channel say so if it did not work.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot say so.
    pub async fn arrange_or_say(self, id: ChannelId) -> Result<(), StoreError> {
        let Err(error) = self.arrange().await else { return Ok(()) };
        let detail = untold(&error);
        self.app.changer(None).set_status(self.tenant_id, id, ChannelStatus::Degraded, Some(&detail)).await
    }

    /// Removes what the provider no longer has to tell; what goes wrong is logged, for there is nothing left to show it on.
    pub async fn clear(self) {
        // What is wrong has been logged, and the next errand of the credential tries it again.
        let _told = self.arrange().await;
    }

    fn setup(&self) -> Option<&'static dyn Setup> {
        registry::find(self.provider)?.setup()
    }

    async fn accounts(&self) -> Result<Vec<String>, StoreError> {
        let all = read::channel::list_of_credential(&self.app.db, self.tenant_id, self.credential_id).await?;
        let wanted = all.into_iter().filter(|channel| channel.status != ChannelStatus::Disconnected);
        Ok(wanted.filter_map(|channel| channel.address).collect())
    }

    async fn run(&self, setup: &dyn Setup, credential: &Credential, accounts: &[String]) -> Result<(), String> {
        let hook_url = format!("{}/api/webhooks/{}/{}", self.app.public_url, self.provider, self.credential_id);
        let errand = setup.begin(credential, &hook_url, accounts);
        let done = Box::pin(provider_dialogue::run(&self.app.providers, self.provider, errand)).await;
        done.map_err(|failed| {
            self.log(&failed.error);
            failed.error.to_string()
        })
    }

    fn unread(&self, error: &StoreError) -> String {
        let error = ProviderError::new("unavailable", "the database was away").with_detail(error.to_string());
        self.log(&error);
        error.to_string()
    }

    fn log(&self, error: &ProviderError) {
        tracing::warn!(
            credential.id = %self.credential_id, tenant.id = %self.tenant_id, provider = %self.provider, %error,
            "what a provider tells us of could not be set up"
        );
    }
}

/// What a channel says of which nothing comes in.
pub fn untold(error: &str) -> String {
    format!("messages do not come in: the provider does not tell us of them ({error}); connect it again")
}
