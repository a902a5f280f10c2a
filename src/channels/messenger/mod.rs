//! Facebook Messenger and Instagram messages: one wire, two kinds of channel.
//!
//! Guarantees: what a page or account itself says comes back as outgoing and never as a customer's words; outside the 24 hours after the
//! customer's last message only a person's answer goes out, under the human agent tag, and after seven days nothing.
//!
//! Does not: keep receipts in order, or count tries.
//!
//! Start reading at [`inbound`]. Facts are from `messenger.md` (section numbers in comments), written against Graph API v25.0, read 2026-11.

pub mod answer;
pub mod consent;
pub mod credential;
pub mod inbound;
pub mod outbound;
pub mod profile;

use entities::{Address, Inbound, InboundMedia, Outbound, Party, Provider, ProviderError, SendOutcome};

use super::{
    adapter::{Account, Adapter, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    meta,
    request::{Answer, RawRequest},
};

/// The adapter of Messenger and Instagram.
pub struct Messenger;

impl Adapter for Messenger {
    fn provider(&self) -> Provider {
        Provider::Messenger
    }

    fn vendors(&self) -> &'static [&'static str] {
        &[credential::INSTAGRAM_LOGIN]
    }

    fn fields(&self, vendor: Option<&str>) -> &'static [Field] {
        credential::fields(vendor)
    }

    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String> {
        inbound::claimed_accounts(&request.body)
    }

    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
        meta::verify(credential, request)
    }

    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
        match notification.kind.as_str() {
            meta::signed_request::DEAUTHORISE | meta::signed_request::DELETION => Ok(vec![inbound::removed(credential, notification)]),
            _ => inbound::parse(credential, notification),
        }
    }

    /// The words are customary; Meta looks at the status alone (section 8), but where data shall be deleted.
    fn acknowledgement(&self, notification: &Notification) -> Answer {
        match notification.kind.as_str() {
            meta::signed_request::DELETION => meta::signed_request::confirmation(notification),
            _ => Answer::plain("EVENT_RECEIVED"),
        }
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

    fn profile(&self, credential: &Credential, contact: &Address) -> Option<ProviderCall> {
        profile::ask(credential, contact)
    }

    fn judge_profile(&self, contact: &Address, reply: &ProviderReply) -> Option<Party> {
        profile::read(contact, reply)
    }

    fn media(&self, _credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        outbound::media::fetch(media)
    }
}
