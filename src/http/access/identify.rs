//! From a request's proof to its caller: bearer tokens, the session cookie, and the workspace that the request names.

use actix_web::{HttpMessage, HttpRequest, http::Method, http::header, web};
use entities::{TenantId, Timestamp};

use super::{Allowed, Caller, Permit};
use crate::{
    crypto::token,
    http::{
        App,
        limits::Standing,
        problem::{Answer, Code, Problem},
    },
    store::{read, settings},
};

/// The cookie that holds an agent's session token.
pub const SESSION_COOKIE: &str = "__Host-switchboard_session";
/// Longest bearer token that is looked up, in bytes.
const TOKEN_BYTES_MAX: usize = 256;
/// How old a note of use may be before it is renewed: writing at every request would make each of them a write.
const TOUCH_AFTER_MS: i64 = 5 * 60 * 1000;

/// The caller of a request, found once and kept with the request.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The caller's workspace.
    pub tenant_id: TenantId,
    /// Who is asking.
    pub caller: Caller,
    /// Where the caller's buckets stand after this request.
    pub standing: Standing,
}

/// Finds the caller of a request, once: by bearer token, else by cookie. Checks that the request names no other workspace, that a cookie is
/// not used by another site's page, and counts the request.
///
/// # Errors
/// 401, 403 `origin_forbidden`, 404 for another workspace, 429, 503.
pub async fn identify(app: &App, request: &HttpRequest) -> Answer<Identity> {
    if let Some(known) = request.extensions().get::<Identity>() {
        return Ok(known.clone());
    }
    let (tenant_id, caller) = if let Some(text) = bearer(request)? {
        authenticate_bearer(app, text).await?
    } else {
        let found = authenticate_cookie(app, request).await?;
        refuse_other_sites(app, request)?;
        found
    };
    let standing = match app.limits.request(tenant_id, caller.token()) {
        Ok(standing) => standing,
        Err(exceeded) => {
            request.extensions_mut().insert(exceeded.standing);
            return Err(exceeded.into());
        }
    };
    request.extensions_mut().insert(standing);
    require_same_workspace(request, tenant_id)?;
    let identity = Identity { tenant_id, caller, standing };
    request.extensions_mut().insert(identity.clone());
    Ok(identity)
}

/// Finds whose token a bearer token is: a service account's (`sb_…`), or an agent's session.
///
/// # Errors
/// 401 `unauthenticated` if it is nobody's (any more); 503.
pub async fn authenticate_bearer(app: &App, text: &str) -> Answer<(TenantId, Caller)> {
    if text.is_empty() || text.len() > TOKEN_BYTES_MAX {
        return Err(Problem::new(Code::Unauthenticated).detail("the token is not valid"));
    }
    let now = app.clock.now();
    let hash = token::hash(text);
    if text.starts_with(token::SERVICE_PREFIX) {
        let found = read::token::find_by_hash(&app.db, &hash, now).await?;
        let found =
            found.ok_or_else(|| Problem::new(Code::Unauthenticated).detail("the token is not valid, has expired or was revoked"))?;
        if is_stale(found.last_used_at, now) {
            settings::token::touch(&app.db, found.tenant_id, found.id, now).await?;
        }
        let caller = Caller::Service { id: found.service_account_id, token_id: found.id, name: found.name, scopes: found.scopes };
        return Ok((found.tenant_id, caller));
    }
    authenticate_session(app, text).await
}

/// Finds whose session a session token is, as a cookie or an agent's program holds it.
///
/// # Errors
/// As [`authenticate_bearer`].
pub async fn authenticate_session(app: &App, text: &str) -> Answer<(TenantId, Caller)> {
    let invalid = || Problem::new(Code::Unauthenticated).detail("the session is not valid or has ended");
    if text.is_empty() || text.len() > TOKEN_BYTES_MAX {
        return Err(invalid());
    }
    let now = app.clock.now();
    let found = read::session::find_by_hash(&app.db, &token::hash(text), now).await?.ok_or_else(invalid)?;
    if is_stale(Some(found.last_seen_at), now) {
        settings::session::touch(&app.db, found.member.tenant_id, found.id, now).await?;
    }
    let member = found.member;
    let caller = Caller::Agent { id: member.id, name: member.name, avatar_url: member.avatar_url, role: member.role, session_id: found.id };
    Ok((member.tenant_id, caller))
}

/// Finds whose session the request's cookie is.
///
/// # Errors
/// As [`authenticate_bearer`].
pub async fn authenticate_cookie(app: &App, request: &HttpRequest) -> Answer<(TenantId, Caller)> {
    let token = session_cookie(request).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    authenticate_session(app, &token).await
}

/// The session token in the request's cookie.
#[must_use]
pub fn session_cookie(request: &HttpRequest) -> Option<String> {
    request.cookie(SESSION_COOKIE).map(|cookie| cookie.value().to_owned())
}

/// Whether the request's `Origin` is this server's own.
#[must_use]
pub fn is_own_origin(app: &App, request: &HttpRequest) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    if origin == app.public_url {
        return true;
    }
    // Behind no proxy the address that the browser used is in Host; a page of another site cannot forge that of its victim's browser.
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !host.is_empty() && origin.split_once("://").is_some_and(|(scheme, rest)| matches!(scheme, "http" | "https") && rest == host)
}

/// Refuses what another site's page makes a signed-in browser do.
pub(crate) fn refuse_other_sites(app: &App, request: &HttpRequest) -> Answer<()> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let same_site = match request.headers().get(header::ORIGIN) {
        Some(_) => is_own_origin(app, request),
        None => request.headers().get("sec-fetch-site").is_some_and(|value| value == "same-origin"),
    };
    if same_site {
        return Ok(());
    }
    Err(Problem::new(Code::OriginForbidden).detail("with the session cookie, changes are accepted from this server's own pages only"))
}

/// What a request shows of who is asking, for answers that last longer than a token may.
#[derive(Clone)]
pub enum Proof {
    /// A bearer token.
    Bearer(String),
    /// The session's cookie.
    Session(String),
}

impl Proof {
    /// What this request shows.
    ///
    /// # Errors
    /// 401 where it shows nothing.
    pub fn of(request: &HttpRequest) -> Answer<Self> {
        match bearer(request)? {
            Some(text) => Ok(Self::Bearer(text.to_owned())),
            None => session_cookie(request).map(Self::Session).ok_or_else(|| Problem::new(Code::Unauthenticated)),
        }
    }

    /// Looks again whether this caller may still do what it was allowed when the request came.
    ///
    /// # Errors
    /// 401, 403, 503.
    pub async fn require<P: Permit>(&self, app: &App, allowed: &Allowed<P>) -> Answer<()> {
        let (tenant_id, caller) = match self {
            Self::Bearer(text) => authenticate_bearer(app, text).await?,
            Self::Session(text) => authenticate_session(app, text).await?,
        };
        if tenant_id == allowed.tenant_id && caller.may(P::PERMISSION) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden).detail(format!("this needs the permission {}", P::PERMISSION)))
    }
}

fn bearer(request: &HttpRequest) -> Answer<Option<&str>> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let token = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    token.map(Some).ok_or_else(|| Problem::new(Code::Unauthenticated).detail("Authorization must be Bearer and a token"))
}

fn require_same_workspace(request: &HttpRequest, tenant_id: TenantId) -> Answer<()> {
    let in_path = request.match_info().get("workspace_id").map(str::to_owned).or_else(|| in_raw_path(request.path()));
    let in_header = request.headers().get("x-workspace-id").map(|value| value.to_str().unwrap_or_default().to_owned());
    for named in [in_path, in_header].into_iter().flatten() {
        if named.parse::<TenantId>() != Ok(tenant_id) {
            return Err(Problem::new(Code::NotFound).detail("no such workspace"));
        }
    }
    Ok(())
}

/// The workspace in the path, for middleware that runs before the path is matched.
fn in_raw_path(path: &str) -> Option<String> {
    let rest = path.strip_prefix("/api/v1/workspaces/")?;
    let id = rest.split('/').next().unwrap_or_default();
    (!id.is_empty()).then(|| id.to_owned())
}

fn is_stale(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| now.ms_since(at) > TOUCH_AFTER_MS)
}

/// The application of a request; there is one for every request that a route of ours answers.
pub(crate) fn app(request: &HttpRequest) -> Answer<web::Data<App>> {
    request.app_data::<web::Data<App>>().cloned().ok_or_else(|| Problem::internal("the application is not attached to the server"))
}
