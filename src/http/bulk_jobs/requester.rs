//! Who asked for a job, kept with it; and who that is as it runs: with what they may do by then.

use entities::{LoginSessionId, TenantId};
use uuid::Uuid;

use crate::{
    http::{
        App,
        access::Caller,
        problem::{Answer, Code, Problem},
    },
    store::read::{self, bulk::Requester},
};

/// Who asks.
pub const fn of(caller: &Caller) -> Requester {
    match caller {
        Caller::Agent { id, .. } => Requester::Agent(*id),
        Caller::Service { id, token_id, .. } => Requester::Service(*id, *token_id),
    }
}

/// Who that is now.
///
/// # Errors
/// 403 where they may do nothing any more: the member is disabled, the token revoked or over, the account disabled; 503.
pub async fn now(app: &App, tenant_id: TenantId, by: Requester) -> Answer<Caller> {
    match by {
        Requester::Agent(id) => {
            let agent = read::agent::find(&app.db, tenant_id, id).await?.filter(|agent| !agent.disabled);
            let agent = agent.ok_or_else(|| gone("whoever asked for it is no member any more"))?;
            // They need no sign-in any more; nothing is counted by it here.
            let session_id = LoginSessionId::new(Uuid::nil());
            Ok(Caller::Agent { id, name: agent.name, avatar_url: agent.avatar_url, role: agent.role, session_id })
        }
        Requester::Service(id, token_id) => {
            let now = app.clock.now();
            let token = read::service_token::find(&app.db, tenant_id, token_id).await?;
            let counts = |token: &read::service_token::Token| token.revoked_at.is_none() && token.expires_at.is_none_or(|at| at > now);
            let token = token.filter(counts).ok_or_else(|| gone("the token that asked for it was revoked, or is over"))?;
            let account = read::service_token::find_account(&app.db, tenant_id, id).await?.filter(|account| !account.disabled);
            let account = account.ok_or_else(|| gone("the service account that asked for it is disabled"))?;
            Ok(Caller::Service { id, token_id, name: account.name, scopes: token.scopes })
        }
    }
}

fn gone(why: &str) -> Problem {
    Problem::new(Code::Forbidden).detail(why)
}
