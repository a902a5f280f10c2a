//! Inviting somebody.

use actix_web::{HttpResponse, post, web};
use entities::{
    InvitationId, Role,
    text::{self, NAME_CHARS_MAX},
};

use super::{
    LASTS_MS, OPEN_MAX,
    wire::{CreateInvitation, FreshInvitation},
};
use crate::{
    crypto::token,
    http::{
        App,
        access::{Allowed, WriteAgents},
        agents, audit_log,
        extract::Json,
        fields::Fields,
        problem::{Answer, Code, Problem},
    },
    store::settings::invitation::{self, NewInvitation},
};

/// Invites somebody to become a member. The answer holds the link, which is shown this once and works once, for seven days. No e-mail is sent: hand the
/// link over yourself, by a way that reaches nobody else.
#[utoipa::path(
    tag = "invitations",
    request_body = CreateInvitation,
    responses((status = 201, description = "The invitation with its link", body = FreshInvitation)),
)]
#[post("/invitations")]
pub async fn create_invitation(app: web::Data<App>, allowed: Allowed<WriteAgents>, body: Json<CreateInvitation>) -> Answer {
    let body = body.into_inner();
    if body.role == Role::Owner && !agents::is_owner(&allowed.caller) {
        return Err(Problem::new(Code::Forbidden).detail("only an owner invites an owner"));
    }
    let mut fields = Fields::new();
    let email = fields.text("/email", text::email(&body.email)).unwrap_or_default();
    let name = body.name.and_then(|name| fields.text("/name", text::line(&name, NAME_CHARS_MAX)));
    fields.finish()?;
    let secret = token::make(token::INVITATION_PREFIX);
    let doer = audit_log::doer(&app, &allowed.caller);
    let new = NewInvitation {
        id: InvitationId::new(app.clock.new_id()),
        email,
        name,
        role: body.role,
        hash: token::hash(&secret),
        expires_at: doer.at.plus_ms(LASTS_MS),
    };
    let id = new.id;
    let members_max = agents::members_max(&app, allowed.tenant_id).await?;
    let made = invitation::create(&app.db, allowed.tenant_id, &doer, new, (members_max, OPEN_MAX)).await?;
    made.map_err(|refused| super::refused(refused, members_max))?;
    let about = super::wire(super::find(&app, allowed.tenant_id, id).await?, doer.at);
    // Behind `#`, which no browser sends and no server or proxy writes down.
    let link = format!("{}/#invitation={secret}", app.public_url);
    Ok(HttpResponse::Created().json(FreshInvitation { about, token: secret, link }))
}
