//! Dialpad: telephone calls (told of, never heard) and text messages both ways.
//!
//! Guarantees: ids keep every digit; the legs of one call name each other in every piece of news, whatever comes first; what colleagues
//! say among each other stays out.
//!
//! Does not: make calls, or play recordings.
//!
//! Source throughout: the Dialpad adapter specification, whose sections the comments name (`dialpad.md`, part 6.10).

mod answers;
mod calls;
pub mod consent;
mod credential;
mod inbound;
mod missed;
mod opt_outs;
mod outbound;
mod setup;
mod texts;
mod verify;
mod wire;

use entities::{Inbound, InboundMedia, Outbound, Provider, ProviderError, SendOutcome, Timestamp};

use super::{
    adapter::{Account, Adapter, Missed, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    request::RawRequest,
    setup::Setup,
};

/// Dialpad.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dialpad;

impl Adapter for Dialpad {
    fn provider(&self) -> Provider {
        Provider::Dialpad
    }

    fn fields(&self, _vendor: Option<&str>) -> &'static [Field] {
        credential::FIELDS
    }

    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String> {
        verify::claimed_accounts(request)
    }

    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
        verify::verify(credential, request)
    }

    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
        inbound::parse(credential, notification)
    }

    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
        outbound::plan(credential, outbound)
    }

    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
        answers::classify(call, reply)
    }

    fn missed(&self, credential: &Credential, _account: &str, since: Timestamp) -> Option<ProviderCall> {
        Some(missed::ask(credential, since))
    }

    fn read_missed(&self, credential: &Credential, account: &str, since: Timestamp, reply: &ProviderReply) -> Missed {
        missed::read(credential, account, since, reply)
    }

    fn opt_outs(&self, credential: &Credential) -> Option<ProviderCall> {
        Some(opt_outs::ask(credential))
    }

    fn read_opt_outs(
        &self,
        credential: &Credential,
        account: &str,
        asked: &ProviderCall,
        reply: &ProviderReply,
    ) -> Result<Missed, Unreadable> {
        opt_outs::read(credential, account, asked, reply)
    }

    fn check(&self, credential: &Credential) -> ProviderCall {
        answers::check(credential)
    }

    fn judge_check(&self, credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
        answers::judge_check(credential, reply)
    }

    fn setup(&self) -> Option<&'static dyn Setup> {
        Some(&setup::DialpadSetup)
    }

    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        outbound::media(credential, media)
    }
}
