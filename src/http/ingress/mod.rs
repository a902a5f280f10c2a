//! The one door for providers' notifications: `/api/webhooks/{provider}` and `/api/webhooks/{provider}/{credential_id}`.
//!
//! Guarantees: nothing of a request is believed before its credential has verified it, on the bytes as they came; 200 is answered only when
//! every item is committed, 503 when not, and then the provider repeats it; what is authentic but cannot be read is kept, with its bytes,
//! and acknowledged. A repeat changes nothing.
//!
//! Does not: know how a provider speaks (its adapter does), or what a message means to a conversation (its actor does).
//!
//! Start reading at [`receive`], then [`take`].

mod asker;
mod contact;
mod door;
mod fetch;
mod media;
mod named;
mod parts;
pub mod replay;
mod rooms;
mod status;
mod take;
mod waiting;

use actix_web::{HttpRequest, HttpResponse, web};
use entities::{CredentialId, Provider};

use super::{
    App,
    problem::{Answer, Code, Problem},
};
use crate::channels::{
    adapter::{Refusal, Verified},
    registry,
    request::{Answer as Bare, RawRequest},
};

pub use asker::Asker;
pub use fetch::Fetcher;
pub use parts::Joiner;
pub use take::{Take, Taker};
pub use waiting::Latecomers;

/// The most of a notification that is read (contract, part 12).
pub const NOTIFICATION_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Mounts the door.
pub fn routes(cfg: &mut web::ServiceConfig) {
    for path in ["/api/webhooks/{provider}", "/api/webhooks/{provider}/{credential_id}", "/api/webhooks/{provider}/{credential_id}/{kind}"]
    {
        cfg.service(web::resource(path).route(web::get().to(receive)).route(web::post().to(receive)));
    }
}

/// Takes a notification, or answers a handshake.
async fn receive(app: web::Data<App>, request: HttpRequest, body: web::Payload) -> Answer {
    let unknown = || Problem::new(Code::NotFound).detail("there is no such provider");
    let provider = request.match_info().get("provider").and_then(Provider::parse).ok_or_else(unknown)?;
    let adapter = registry::find(provider).ok_or_else(unknown)?;
    let named = request.match_info().get("credential_id");
    let named: Option<CredentialId> =
        named.map(str::parse).transpose().map_err(|_no_id| Problem::new(Code::NotFound).detail("there is no such credential"))?;
    let raw = door::read(&app, &request, body).await?;
    let asked = door::Asked { provider, adapter, raw };
    let verified = match door::verify(&app, &asked, named).await? {
        Ok(verified) => verified,
        Err(refusal) => {
            return Ok(door::by_the_operators_app(&app, &asked, named).unwrap_or_else(|| refused(provider, &asked.raw, refusal)));
        }
    };
    let mut answer = Bare::empty(200);
    let mut outcome = Take::Committed;
    for (opened, verified) in verified {
        let notification = match verified {
            Verified::Handshake(handshake) => return Ok(bare(&handshake)),
            Verified::Notification(notification) => notification,
        };
        answer = adapter.acknowledgement(&notification);
        let taker = Taker { app: &app, provider, adapter, tenant_id: opened.tenant_id, credential_id: opened.credential_id };
        let taken = taker.notification(&opened.credential, &notification).await;
        metrics::counter!("switchboard_notifications_total", "provider" => provider.as_str(), "outcome" => taken.word()).increment(1);
        if taken != Take::Committed {
            outcome = taken;
        }
    }
    match outcome {
        Take::Committed | Take::Quarantined => Ok(bare(&answer)),
        Take::NotYet { why } => Err(Problem::new(Code::Unavailable).because(why).retry_after_ms(1_000)),
    }
}

/// What somebody hears whose request does not verify: nothing but that.
fn refused(provider: Provider, raw: &RawRequest, refusal: Refusal) -> HttpResponse {
    metrics::counter!("switchboard_notifications_total", "provider" => provider.as_str(), "outcome" => "refused").increment(1);
    tracing::info!(provider = provider.as_str(), method = %raw.method, bytes = raw.body.len(), why = %refusal, "a notification was refused");
    let status = match refusal {
        Refusal::Unauthentic(_) | Refusal::Unconfigured(_) => 401,
        Refusal::Forbidden(_) => 403,
        Refusal::Malformed(_) => 400,
    };
    bare(&Bare { status, content_type: "text/plain; charset=utf-8", body: "the request does not verify".to_owned() })
}

fn bare(answer: &Bare) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(answer.status).unwrap_or(actix_web::http::StatusCode::OK);
    let mut response = HttpResponse::build(status);
    if answer.content_type.is_empty() {
        return response.finish();
    }
    response.content_type(answer.content_type).body(answer.body.clone())
}
