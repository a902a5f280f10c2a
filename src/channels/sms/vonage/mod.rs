//! Vonage (specification `sms`, part B): the Messages API, and the older SMS API that many accounts still use.
//!
//! Guarantees: notifications of both are read, whichever of the two sends; none is believed that is not signed.
//!
//! Does not: put together the parts of a long message that the SMS API delivers one by one (see [`parts`]).
//!
//! Start reading at [`verify`], then [`inbound`], then [`outbound`].

pub mod classify;
pub mod credential;
pub mod inbound;
pub mod messages;
pub mod outbound;
pub mod parts;
pub mod signature;
pub mod verify;

use entities::{Inbound, InboundMedia, Outbound, ProviderError, SendOutcome};

use super::Vendor;
use crate::channels::{
    adapter::{Account, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    request::RawRequest,
};

/// The vendor.
pub(super) struct Vonage;

impl Vendor for Vonage {
    fn name(&self) -> &'static str {
        "vonage"
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

    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        messages::media(credential, media)
    }
}
