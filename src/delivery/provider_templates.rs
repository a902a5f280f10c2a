//! Asking a provider for an account's templates, page by page.

use entities::{ProviderError, template::Template};

use super::{provider_body::NoFiles, provider_http::ProviderHttp};
use crate::channels::{adapter::Adapter, credential::Credential};

/// Most pages that are read: more templates than any account may have.
const PAGES_MAX: usize = 100;

/// All of an account's templates.
///
/// # Errors
/// [`ProviderError`]: nothing is known then; what was known before still is.
pub async fn list(http: &ProviderHttp, adapter: &dyn Adapter, credential: &Credential) -> Result<Vec<Template>, ProviderError> {
    let Some(templates) = adapter.templates() else {
        return Err(ProviderError::new("unsupported", "the provider has no templates"));
    };
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    for _page in 0..PAGES_MAX {
        let call = templates.list(credential, after.as_deref()).map_err(|error| ProviderError::new(error.code, error.title))?;
        let reply = http.call(adapter.provider(), &call, &NoFiles).await;
        let page = templates.listed(&reply)?;
        found.extend(page.templates);
        match page.after.filter(|next| after.as_ref() != Some(next)) {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
    Err(ProviderError::new("too_many", "the provider's list of templates has no end"))
}
