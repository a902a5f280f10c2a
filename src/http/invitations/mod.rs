//! Invitations: how somebody becomes a member with a password that they alone know.
//!
//! Guarantees: a link is shown once and works once, for seven days, until it is revoked; of its token only the hash is kept; only an owner invites
//! an owner; guessing is stopped as failed sign-ins are.
//!
//! Does not: send anything. Whoever invites hands the link over.

mod accept;
mod create;
mod get;
mod list;
mod look;
mod revoke;
pub mod wire;

use entities::{InvitationId, TenantId, Timestamp};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use self::wire::InvitationStatus;
use super::{
    App,
    middleware::context,
    problem::{Answer, Code, Problem},
};
use crate::{
    crypto::token,
    store::{
        read::{self, invitation::Invitation},
        settings::invitation::Refused,
    },
};

/// Invitations of one workspace that may be open at a time.
pub const OPEN_MAX: u64 = 100;
/// For how long an invitation can be accepted, in milliseconds: 7 days.
pub const LASTS_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Longest token that is looked up, in bytes.
const TOKEN_BYTES_MAX: usize = 256;
/// What attempts with tokens that are none are counted under, beside where they come from. No e-mail address is like it.
const LOCKOUT_KEY: &str = "invitation";

/// The routes for those who invite.
pub fn resources(config: &mut ServiceConfig) {
    config
        .service(list::list_invitations)
        .service(create::create_invitation)
        .service(get::get_invitation)
        .service(revoke::revoke_invitation);
}

/// The routes for those who are invited.
pub fn routes(config: &mut ServiceConfig) {
    config.service(look::look_at_invitation).service(accept::accept_invitation);
}

/// Which invitation a path names.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct InvitationPath {
    invitation_id: InvitationId,
}

async fn find(app: &App, tenant_id: TenantId, id: InvitationId) -> Answer<Invitation> {
    let found = read::invitation::find(&app.db, tenant_id, id).await?;
    found.ok_or_else(|| Problem::new(Code::NotFound).detail("no such invitation"))
}

fn wire(invitation: Invitation, now: Timestamp) -> wire::Invitation {
    let status = if invitation.member_id.is_some() {
        InvitationStatus::Accepted
    } else if invitation.revoked_at.is_some() {
        InvitationStatus::Revoked
    } else if invitation.is_open(now) {
        InvitationStatus::Pending
    } else {
        InvitationStatus::Expired
    };
    wire::Invitation {
        id: invitation.id,
        email: invitation.email,
        name: invitation.name,
        role: invitation.role,
        status,
        agent_id: invitation.member_id,
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    }
}

/// The open invitation with this token. An attempt with another counts like a failed sign-in.
///
/// # Errors
/// 404, alike for one that never was and one that is over; 429 `locked_out`; 503.
async fn open(app: &App, text: &str) -> Answer<Invitation> {
    let (address, now) = (context::current().address, app.clock.now());
    app.lockout.attempt(LOCKOUT_KEY, address, now)?;
    let found = if text.len() > TOKEN_BYTES_MAX { Ok(None) } else { read::invitation::find_by_hash(&app.db, &token::hash(text)).await };
    let found = found.map(|found| found.filter(|invitation| invitation.is_open(now)));
    // Only a token that is none counts.
    if !matches!(found, Ok(None)) {
        app.lockout.undecided(LOCKOUT_KEY, address);
    }
    found?.ok_or_else(over)
}

fn over() -> Problem {
    Problem::new(Code::NotFound).detail("the invitation is not valid, was used or revoked, or has ended: ask for another")
}

fn refused(refused: Refused, members_max: u64) -> Problem {
    let conflict = |code, detail: &str| Problem::new(Code::Conflict).detail(detail).field("/email", code, detail);
    match refused {
        Refused::EmailTaken => conflict("taken", "a member of this workspace has this e-mail address"),
        Refused::Invited => conflict("invited", "somebody with this e-mail address is invited already: revoke that invitation first"),
        Refused::Quota => {
            Problem::new(Code::QuotaExceeded).detail(format!("the plan allows {members_max} agents")).with("limit", members_max)
        }
        Refused::TooMany => {
            let detail = format!("{OPEN_MAX} invitations are open, which is the most: revoke some");
            Problem::new(Code::QuotaExceeded).detail(detail).with("limit", OPEN_MAX)
        }
        Refused::Over => over(),
    }
}
