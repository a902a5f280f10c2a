//! Accepting an invitation.

use actix_web::{HttpRequest, post, web};
use entities::{
    AgentId, AuditEntryId, AuthorKind,
    text::{self, NAME_CHARS_MAX},
};

use super::wire::AcceptRequest;
use crate::{
    crypto::password,
    http::{
        App, agents, auth,
        auth::wire::LoginResponse,
        extract::Json,
        fields::Fields,
        middleware::context,
        openapi::ProblemDocument,
        problem::{Answer, Problem},
    },
    store::{
        read::{self, invitation::Invitation},
        settings::{audit::Doer, invitation, tenant::NewMember},
    },
};

/// Accepts an invitation: makes the member, and signs them in as signing in does. It works once.
#[utoipa::path(
    tag = "auth",
    security(()),
    request_body = AcceptRequest,
    responses(
        (status = 200, description = "A member, signed in; the cookie is set.", body = LoginResponse),
        (status = 404, description = "It never was, was used or revoked, or has ended.", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = 409, description = "A member has the address meanwhile.", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "`locked_out`: ten tokens that are none, in 15 minutes, from one network.", body = ProblemDocument,
            content_type = "application/problem+json"),
    )
)]
#[post("/api/auth/invitation/accept")]
pub async fn accept_invitation(app: web::Data<App>, request: HttpRequest, Json(body): Json<AcceptRequest>) -> Answer {
    let invited = super::open(&app, &body.token).await?;
    let name = name(&invited, body.name, &body.password)?;
    let password_hash = password::hash(body.password).await.map_err(agents::password_problem)?;
    let tenant_id = invited.tenant_id;
    let new = NewMember { id: AgentId::new(app.clock.new_id()), email: invited.email, password_hash, name, role: invited.role };
    let doer = Doer {
        entry_id: AuditEntryId::new(app.clock.new_id()),
        at: app.clock.now(),
        kind: AuthorKind::Agent.as_str(),
        id: Some(new.id.uuid()),
        name: Some(new.name.clone()),
        request_id: Some(context::current().request_id.clone()),
    };
    let members_max = agents::members_max(&app, tenant_id).await?;
    let done = invitation::accept(&app.db, tenant_id, &doer, invited.id, &new, members_max).await?;
    done.map_err(|refused| super::refused(refused, members_max))?;
    let member = read::member::find_active(&app.db, tenant_id, new.id).await?;
    auth::begin(&app, &request, member.ok_or_else(|| Problem::internal("a member who has just joined is not there"))?).await
}

/// The name to show. All that is wrong with the answer is said at once.
fn name(invited: &Invitation, given: Option<String>, password: &str) -> Answer<String> {
    let mut fields = Fields::new();
    let name = match (given, &invited.name) {
        (Some(given), _) => fields.text("/name", text::line(&given, NAME_CHARS_MAX)),
        (None, Some(known)) => Some(known.clone()),
        (None, None) => {
            fields.refuse("/name", "missing_field", "must be given: the invitation has none");
            None
        }
    };
    if let Err(error) = password::check_length(password) {
        fields.refuse("/password", "length", error.to_string());
    }
    fields.finish()?;
    name.ok_or_else(|| Problem::internal("a name was neither taken nor refused"))
}
