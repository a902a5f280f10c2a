//! Plivo (specification `sms`, part E).
//!
//! Guarantees: both versions of its signatures verify, and where version 3 is there it decides.
//!
//! Does not: make version 2 cover more than it does: it signs neither the query nor the body.
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
pub(super) struct Plivo;

impl Vendor for Plivo {
    fn name(&self) -> &'static str {
        "plivo"
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
