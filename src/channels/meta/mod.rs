//! What Meta's products share: WhatsApp, Messenger and Instagram sign, shake hands, answer and fail alike.
//!
//! Guarantees: nothing of a request is looked at before its signature; every number, text and identifier that comes out of [`read`] is bounded
//! and free of what a database or a screen cannot hold.
//!
//! Does not: know what a notification means; that is each provider's own folder.
//!
//! Start reading at [`signature`].

pub mod graph;
pub mod handshake;
pub mod read;
pub mod signature;
pub mod signed_request;
pub mod token;

use super::{
    adapter::{Refusal, Verified},
    credential::Credential,
    request::RawRequest,
};

/// Judges a request to a webhook of Meta's: a GET is the handshake, a POST is signed, and there is nothing else. Behind two paths of their own
/// Meta tells by another scheme that the app was removed, or that data shall be deleted.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    match (request.method.as_str(), request.kind.as_str()) {
        ("POST", signed_request::DEAUTHORISE | signed_request::DELETION) => {
            signed_request::verify(credential, request).map(Verified::Notification)
        }
        ("GET", signed_request::DELETION) => signed_request::status(request).map(Verified::Handshake),
        ("GET", _) => handshake::answer(credential, request).map(Verified::Handshake),
        ("POST", _) => signature::verify(credential, request).map(Verified::Notification),
        _ => Err(Refusal::Malformed("neither GET nor POST")),
    }
}
