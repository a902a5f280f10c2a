//! WhatsApp Cloud API, as Meta hosts it.
//!
//! Guarantees: a notification may hold a thousand items of many numbers and kinds, and each is taken by itself; what is sent is checked against
//! the provider's limits and reply window before anything goes out; each of the provider's codes has one meaning ([`answer`]).
//!
//! Does not: keep receipts in order or count tries (the actors do), install the app or fetch files (`http` and `delivery` do).
//!
//! Start reading at [`inbound`]. Facts are from `whatsapp.md` (section numbers in comments), written against Graph API v25.0, read 2026-11.

pub mod answer;
pub mod consent;
pub mod credential;
pub mod inbound;
pub mod outbound;
pub mod template;

use entities::{Inbound, InboundMedia, Outbound, Provider, ProviderError, SendOutcome};

use super::{
    adapter::{Account, Adapter, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    meta,
    request::RawRequest,
    templates::Templates,
};

/// The adapter of WhatsApp.
pub struct Whatsapp;

impl Adapter for Whatsapp {
    fn provider(&self) -> Provider {
        Provider::Whatsapp
    }

    fn fields(&self, _vendor: Option<&str>) -> &'static [Field] {
        credential::FIELDS
    }

    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String> {
        inbound::claimed_accounts(&request.body)
    }

    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
        meta::verify(credential, request)
    }

    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
        inbound::parse(credential, notification)
    }

    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
        outbound::plan(credential, outbound)
    }

    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
        answer::classify(call, reply)
    }

    fn check(&self, credential: &Credential) -> ProviderCall {
        credential::check(credential)
    }

    fn judge_check(&self, credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
        credential::judge_check(credential, reply)
    }

    fn templates(&self) -> Option<&'static dyn Templates> {
        Some(&template::WhatsappTemplates)
    }

    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        outbound::media::fetch(credential, media)
    }
}
