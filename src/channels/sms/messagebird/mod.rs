//! MessageBird, the classic API (specification `sms`, part D); its successor "Bird" has other addresses and signatures.
//!
//! Guarantees: a notification counts only with a JWT that covers the whole address and the whole body.
//!
//! Does not: send files, or check the deprecated signatures.
//!
//! Start reading at [`verify`], then [`inbound`], then [`outbound`].

pub mod classify;
pub mod credential;
pub mod inbound;
pub mod outbound;
pub mod verify;

use entities::{Inbound, InboundMedia, Outbound, ProviderError, SendOutcome};

use super::Vendor;
use crate::channels::{
    adapter::{Account, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    request::RawRequest,
    sms::media,
};

/// The vendor.
pub(super) struct MessageBird;

impl Vendor for MessageBird {
    fn name(&self) -> &'static str {
        "messagebird"
    }

    fn fields(&self) -> &'static [Field] {
        credential::FIELDS
    }

    fn recognises(&self, request: &RawRequest) -> bool {
        verify::recognises(request)
    }

    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String> {
        verify::claimed_accounts(request)
    }

    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
        verify::verify(credential, request)
    }

    fn parse(&self, _credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
        inbound::parse(notification)
    }

    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
        outbound::plan(credential, outbound)
    }

    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
        classify::classify(call, reply)
    }

    fn check(&self, credential: &Credential) -> ProviderCall {
        credential::check(credential)
    }

    fn judge_check(&self, _credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
        credential::judge_check(reply)
    }

    fn media(&self, _credential: &Credential, file: &InboundMedia) -> Result<MediaCall, Unsupported> {
        media::public(file)
    }
}
