//! Asking a provider whether a credential works.

use entities::ProviderError;

use super::{provider_body::NoFiles, provider_http::ProviderHttp};
use crate::channels::{
    adapter::{Account, Adapter},
    call::ProviderReply,
    credential::Credential,
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// The provider takes it; these accounts can be connected with it, as far as the provider names them.
    Working(Vec<Account>),
    /// The provider refuses it, in its own words.
    Refused(ProviderError),
    /// The provider could not be asked, or could not tell: nothing is known.
    Unanswered(ProviderError),
}

/// Asks, by a real call.
pub async fn check(http: &ProviderHttp, adapter: &dyn Adapter, credential: &Credential) -> CheckOutcome {
    let reply = http.call(adapter.provider(), &adapter.check(credential), &NoFiles).await;
    match (adapter.judge_check(credential, &reply), &reply) {
        (Ok(accounts), ProviderReply::Answered { .. }) => CheckOutcome::Working(accounts),
        (Ok(_), ProviderReply::Unreachable { why } | ProviderReply::Silent { why }) => {
            CheckOutcome::Unanswered(ProviderError::new("unreachable", "the provider cannot be reached").with_detail(why))
        }
        (Err(error), ProviderReply::Answered { status, .. }) if *status != 429 && *status < 500 => CheckOutcome::Refused(error),
        (Err(error), _) => CheckOutcome::Unanswered(error),
    }
}

impl CheckOutcome {
    /// What is wrong, if the provider refuses it.
    #[must_use]
    pub const fn refusal(&self) -> Option<&ProviderError> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Working(_) | Self::Unanswered(_) => None,
        }
    }

    /// What is wrong and what to do, in words; `None` if it works.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Working(_) => None,
            Self::Refused(error) => Some(format!("the provider refuses the credential: {error}; enter a new secret, or reconnect")),
            Self::Unanswered(error) => Some(format!("the provider could not be asked: {error}; try again later")),
        }
    }
}
