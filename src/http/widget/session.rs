//! A visitor's session: what its token says, and what the database says of it now.
//!
//! Guarantees: a session is of a widget that exists; the contact and conversation are those to which table `thread` leads, else the
//! derived ones, so that every request of a visitor finds the same ones without a row having been written.

use actix_web::{HttpRequest, http::header};
use entities::{ChannelId, ContactId, ConversationId, TenantId, Timestamp, VisitorId, WidgetSettings, thread::ThreadIds};

use crate::{
    crypto::{
        Keys, random_bytes,
        visitor_token::{self, LIFETIME_MS, VisitorClaims, VisitorTokenError},
    },
    http::{
        App,
        problem::{Answer, Code, Problem},
    },
    store::read::visitor,
};

/// A visitor who proved to be one.
#[derive(Debug, Clone)]
pub struct VisitorSession {
    /// Whose visitor.
    pub tenant_id: TenantId,
    /// The widget.
    pub channel_id: ChannelId,
    /// The browser.
    pub visitor_id: VisitorId,
    /// Different for every session.
    pub session_nonce: u64,
    /// Who writes; the row may not be there yet.
    pub contact_id: ContactId,
    /// The visitor's conversation, begun or not.
    pub conversation_id: ConversationId,
    /// The conversation has begun.
    pub begun: bool,
    /// The conversation's last event; 0 if it has not begun.
    pub seq: u64,
    /// The contact may not write to us.
    pub blocked: bool,
    /// What the widget's owner set.
    pub settings: WidgetSettings,
}

impl VisitorSession {
    /// The key of the visitor's thread on the channel.
    #[must_use]
    pub fn thread_key(&self) -> String {
        self.visitor_id.to_string()
    }

    /// What the visitor's idempotency keys belong to: the browser, so that a renewed session still finds its answers.
    #[must_use]
    pub fn key_owner(&self) -> String {
        format!("visitor {}", self.visitor_id)
    }
}

/// Opens a session by its token.
///
/// # Errors
/// 401 `unauthenticated` or `session_expired`; 503.
pub async fn open(app: &App, token: &str) -> Answer<VisitorSession> {
    let claims = visitor_token::open(&app.keys, token, app.clock.now()).map_err(|error| match error {
        VisitorTokenError::Unknown => Problem::new(Code::Unauthenticated).detail("the session token is not one of this server"),
        VisitorTokenError::Expired => Problem::new(Code::SessionExpired).detail("the session has expired: call init again"),
    })?;
    let key = claims.visitor_id.to_string();
    let standing = visitor::find_standing(&app.db, claims.tenant_id, claims.channel_id, &key)
        .await?
        .ok_or_else(|| Problem::new(Code::Unauthenticated).detail("the session's widget is gone"))?;
    let ThreadIds { contact_id, conversation_id } = standing.ids;
    Ok(VisitorSession {
        tenant_id: claims.tenant_id,
        channel_id: claims.channel_id,
        visitor_id: claims.visitor_id,
        session_nonce: claims.session_nonce,
        contact_id,
        conversation_id,
        begun: standing.seq.is_some(),
        seq: standing.seq.unwrap_or(0),
        blocked: standing.blocked,
        settings: standing.settings,
    })
}

/// Makes the token of a new session.
#[must_use]
pub fn begin(keys: &Keys, tenant_id: TenantId, channel_id: ChannelId, visitor_id: VisitorId, now: Timestamp) -> String {
    let expires_at_secs = u64::try_from(now.plus_ms(LIFETIME_MS).micros() / 1_000_000).unwrap_or(0);
    let session_nonce = u64::from_be_bytes(random_bytes());
    visitor_token::seal(keys, &VisitorClaims { tenant_id, channel_id, visitor_id, session_nonce, expires_at_secs })
}

/// The session's token: the one in the body or the query, else the bearer.
///
/// # Errors
/// 401 if there is none.
pub fn token<'a>(request: &'a HttpRequest, sent: Option<&'a str>) -> Answer<&'a str> {
    sent.or_else(|| bearer(request))
        .ok_or_else(|| Problem::new(Code::Unauthenticated).detail("sessionToken, or an Authorization header with it, is missing"))
}

/// The text behind `Authorization: Bearer`.
#[must_use]
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
