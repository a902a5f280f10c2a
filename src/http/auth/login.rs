//! Signing in: an e-mail address and a password for a session.
//!
//! The answer does not tell whether the address is known: an unknown one takes as long (a password is checked all the same) and says the
//! same. Which workspaces an address belongs to is told only to who knows a password for them.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration as CookieDuration},
    http::header,
    post, web,
};
use entities::{LoginSessionId, text};
use serde_json::json;

use super::wire::{LoginRequest, LoginResponse, SignedInAgent};
use crate::{
    crypto::{
        password::{self, PasswordError},
        token,
    },
    http::{
        App,
        access::SESSION_COOKIE,
        extract::Json,
        middleware::context,
        openapi::ProblemDocument,
        problem::{Answer, Code, Problem},
    },
    store::{
        read::{self, member::Credentials},
        settings::{self, session::NewSession},
    },
};

/// How long a session lasts.
pub const SESSION_DAYS: i64 = 30;
/// Longest name of a browser that is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 200;

/// Signs an agent in. Browsers get a cookie; programs use the token as bearer.
#[utoipa::path(
    tag = "auth",
    security(()),
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Signed in; the cookie is set.", body = LoginResponse),
        (status = 401, description = "`wrong_credentials`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "`workspace_required`: the address belongs to several workspaces; `workspaces` lists them.",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "`locked_out`: ten failures in 15 minutes for this address from one network.",
            body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
#[post("/api/auth/login")]
pub async fn login(app: web::Data<App>, request: HttpRequest, Json(body): Json<LoginRequest>) -> Answer {
    let address = context::current().address;
    let email = text::email(&body.email).map_err(|error| Problem::invalid("/email", "malformed", format!("email {error}")))?;
    if body.password.is_empty() || body.password.len() > password::BYTES_MAX {
        return Err(Problem::invalid("/password", "length", format!("password must have 1 to {} bytes", password::BYTES_MAX)));
    }
    app.lockout.attempt(&email, address, app.clock.now())?;
    let mut members = match known(&app, &email, &body).await {
        Ok(members) => members,
        Err(problem) => {
            app.lockout.undecided(&email, address);
            return Err(problem);
        }
    };
    let Some(member) = members.pop() else {
        return Err(Problem::new(Code::WrongCredentials));
    };
    app.lockout.succeeded(&email, address);
    if !members.is_empty() {
        members.push(member);
        return Err(which_workspace(&app, &members).await?);
    }
    begin(&app, &request, member).await
}

/// The members with this address whose password this is.
async fn known(app: &App, email: &str, body: &LoginRequest) -> Answer<Vec<Credentials>> {
    let members = read::member::list_by_email(&app.db, email, body.workspace_id).await?;
    let hashes = members.iter().map(|member| member.password_hash.clone()).collect();
    let right = password::verify(body.password.clone(), hashes).await.map_err(|error| match error {
        PasswordError::Busy => Problem::new(Code::Busy).retry_after_ms(2000),
        PasswordError::Length | PasswordError::Failed => Problem::internal(error),
    })?;
    Ok(members.into_iter().zip(right).filter_map(|(member, right)| right.then_some(member)).collect())
}

async fn which_workspace(app: &App, members: &[Credentials]) -> Answer<Problem> {
    let mut workspaces = Vec::with_capacity(members.len());
    for member in members {
        let name = read::tenant::find_name(&app.db, member.tenant_id).await?.unwrap_or_default();
        workspaces.push(json!({"id": member.tenant_id, "name": name}));
    }
    Ok(Problem::new(Code::WorkspaceRequired)
        .detail("this address belongs to several workspaces: say which as workspace_id")
        .with("workspaces", workspaces))
}

/// Begins a session of a member who has shown who they are.
///
/// # Errors
/// 503.
pub async fn begin(app: &App, request: &HttpRequest, member: Credentials) -> Answer {
    let now = app.clock.now();
    let expires_at = now.plus_ms(SESSION_DAYS * 24 * 60 * 60 * 1000);
    let text = token::make(token::SESSION_PREFIX);
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let session = NewSession {
        id: LoginSessionId::new(app.clock.new_id()),
        agent_id: member.id,
        hash: token::hash(&text),
        user_agent: user_agent.map(|name| name.chars().take(USER_AGENT_CHARS_MAX).collect()),
        created_at: now,
        expires_at,
    };
    settings::session::create(&app.db, member.tenant_id, session).await?;
    tracing::info!(tenant.id = %member.tenant_id, agent.id = %member.id, "an agent signed in");
    let cookie = session_cookie(text.clone(), CookieDuration::days(SESSION_DAYS));
    let agent = SignedInAgent { id: member.id, name: member.name, email: member.email, role: member.role };
    Ok(HttpResponse::Ok().cookie(cookie).json(LoginResponse { token: text, expires_at, workspace_id: member.tenant_id, agent }))
}

/// The session's cookie: for this host alone, out of scripts' reach, and not sent along by other sites' forms.
pub(super) fn session_cookie(value: String, lasts: CookieDuration) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax).max_age(lasts).finish()
}
