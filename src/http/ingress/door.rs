//! Reading a request as it came, and finding whose it is.

use actix_web::{HttpRequest, HttpResponse, web};
use entities::{CredentialId, Provider, TenantId};

use super::NOTIFICATION_BYTES_MAX;
use crate::{
    channels::{
        adapter::{Adapter, Refusal, Verified},
        credential::Credential,
        registry,
        request::RawRequest,
    },
    http::{
        App,
        problem::{Answer, Code, Problem},
    },
    store::read,
};

/// Most credentials that one request on the shared path is measured against.
const CANDIDATES_MAX: usize = 100;

/// A request, and who is to judge it.
pub struct Asked {
    /// Whose it claims to be.
    pub provider: Provider,
    /// Who knows.
    pub adapter: &'static dyn Adapter,
    /// The request.
    pub raw: RawRequest,
}

/// The credential that verified a request.
pub struct Opened {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub credential_id: CredentialId,
    /// Its secrets.
    pub credential: Credential,
}

/// Reads the whole request.
///
/// # Errors
/// 413 if it is too large; 400 if the body breaks off.
pub async fn read(app: &App, request: &HttpRequest, body: web::Payload) -> Answer<RawRequest> {
    let too_large = || Problem::new(Code::PayloadTooLarge).detail(format!("a notification may have {NOTIFICATION_BYTES_MAX} bytes"));
    let body = body.to_bytes_limited(NOTIFICATION_BYTES_MAX).await.map_err(|_over| too_large())?;
    let body = body.map_err(|error| Problem::new(Code::InvalidRequest).detail(format!("the body could not be read: {error}")))?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let headers = request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    Ok(RawRequest {
        method: request.method().as_str().to_owned(),
        url: format!("{}{target}", app.public_url),
        query: request.query_string().to_owned(),
        kind: request.match_info().get("kind").unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
        received_at: app.clock.now(),
    })
}

/// Finds the credentials that verify the request: the one that the path names, or, on the shared path, every one whose channels have an
/// account that the request claims (one app may serve several); and if there is none of these, the first of the provider's others.
///
/// # Errors
/// 404 if there is no such credential of the provider as the path names; 503 if the database is away.
pub async fn verify(app: &App, asked: &Asked, named: Option<CredentialId>) -> Answer<Result<Vec<(Opened, Verified)>, Refusal>> {
    let mut last = Refusal::Unauthentic("there is no credential that verifies it");
    let mut verified = Vec::new();
    for (tenant_id, credential_id) in claimed(app, asked, named).await? {
        match one(app, asked, tenant_id, credential_id).await? {
            Some(Ok(known)) => verified.push(known),
            Some(Err(refusal)) => last = refusal,
            None => {}
        }
    }
    if verified.is_empty() && named.is_none() {
        for (tenant_id, credential_id) in read::provider::list_credentials(&app.db, asked.provider, CANDIDATES_MAX as u64).await? {
            match one(app, asked, tenant_id, credential_id).await? {
                Some(Ok(known)) => return Ok(Ok(vec![known])),
                Some(Err(refusal)) => last = refusal,
                None => {}
            }
        }
    }
    Ok(if verified.is_empty() { Err(last) } else { Ok(verified) })
}

/// The answer to a request on the shared path that no credential verifies, and the operator's own app does: handshakes of a provider that
/// nobody has connected an account of yet, and notifications of accounts that are not connected (any more), which are acknowledged and kept
/// nowhere.
pub fn by_the_operators_app(app: &App, asked: &Asked, named: Option<CredentialId>) -> Option<HttpResponse> {
    let consent = registry::consent(asked.provider).filter(|_| named.is_none())?;
    let client = app.options.server.apps.find(asked.provider).ok()?;
    let credential = Credential::new(consent.secrets(&client).into_iter().map(|(name, value)| (name.to_owned(), value)));
    match asked.adapter.verify(&credential, &asked.raw).ok()? {
        Verified::Handshake(answer) => Some(super::bare(&answer)),
        Verified::Notification(notification) => Some(super::bare(&asked.adapter.acknowledgement(&notification))),
    }
}

async fn one(
    app: &App,
    asked: &Asked,
    tenant_id: TenantId,
    credential_id: CredentialId,
) -> Answer<Option<Result<(Opened, Verified), Refusal>>> {
    let Some(opened) = read::credential::open(&app.db, &app.keys, tenant_id, credential_id).await? else { return Ok(None) };
    if opened.provider != asked.provider {
        return Ok(None);
    }
    let mut credential = opened.credential;
    credential.public_url.clone_from(&app.public_url);
    let verified = asked.adapter.verify(&credential, &asked.raw);
    Ok(Some(verified.map(|verified| (Opened { tenant_id, credential_id, credential }, verified))))
}

async fn claimed(app: &App, asked: &Asked, named: Option<CredentialId>) -> Answer<Vec<(TenantId, CredentialId)>> {
    if let Some(id) = named {
        let unknown = || Problem::new(Code::NotFound).detail("there is no such credential");
        let tenant_id = read::credential::find_tenant(&app.db, asked.provider, id).await?.ok_or_else(unknown)?;
        return Ok(vec![(tenant_id, id)]);
    }
    let mut found: Vec<(TenantId, CredentialId)> = Vec::new();
    let mut add = |candidate| {
        if !found.contains(&candidate) && found.len() < CANDIDATES_MAX {
            found.push(candidate);
        }
    };
    let mut accounts = asked.adapter.claimed_accounts(&asked.raw);
    accounts.truncate(CANDIDATES_MAX);
    for (tenant_id, _channel, credential_id) in read::credential::find_by_accounts(&app.db, asked.provider.kinds(), &accounts).await? {
        add((tenant_id, credential_id));
    }
    Ok(found)
}
