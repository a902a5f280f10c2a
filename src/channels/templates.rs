//! What a provider's folder implements where the provider has message templates.

use std::collections::BTreeMap;

use entities::{ProviderError, outbound::MessageExtra, template::Template};

use super::{
    adapter::Unsupported,
    call::{ProviderCall, ProviderReply},
    credential::Credential,
};

/// A provider's templates.
pub trait Templates: Send + Sync {
    /// The call that lists a page of the account's templates, behind the page that ended with `after`; answered by [`Templates::listed`].
    ///
    /// # Errors
    /// [`Unsupported`] if the credential does not say which account.
    fn list(&self, credential: &Credential, after: Option<&str>) -> Result<ProviderCall, Unsupported>;

    /// What the answer to [`Templates::list`] lists.
    ///
    /// # Errors
    /// [`ProviderError`], in the provider's own words.
    fn listed(&self, reply: &ProviderReply) -> Result<TemplatePage, ProviderError>;

    /// A template with words in its places, checked as far as the provider would. `parts` are header and buttons in the provider's own shape, where
    /// the caller gives them: then their places need no words.
    ///
    /// # Errors
    /// Every [`VariableFault`].
    fn fill(
        &self,
        template: &Template,
        variables: &BTreeMap<String, String>,
        parts: Option<&serde_json::Value>,
    ) -> Result<Filled, Vec<VariableFault>>;
}

/// A page of templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatePage {
    /// The templates, those left out that cannot be read at all.
    pub templates: Vec<Template>,
    /// Where the next page begins; `None` behind the last.
    pub after: Option<String>,
}

/// A template ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// What is sent.
    pub extra: MessageExtra,
    /// What the other side will read.
    pub text: String,
}

/// What is wrong with a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableFault {
    /// Its key; `None`: it is about all of them.
    pub key: Option<String>,
    /// A stable word: `variable_missing`, `variable_unknown`, `variable_too_long`, `variable_refused`.
    pub code: &'static str,
    /// In words.
    pub detail: String,
}
