//! Twilio, the vendor that is here in full (specification `sms`, part A): SMS, MMS, and WhatsApp where Twilio carries it.
//!
//! Guarantees: a request counts only with Twilio's signature by this account's token and with this account's SID in it.
//!
//! Does not: change the webhook addresses at Twilio; `docs/channels/sms.md` says what to enter there.
//!
//! Start reading at [`verify`], then [`inbound`], then [`outbound`].

pub mod classify;
pub mod credential;
pub mod errors;
pub mod inbound;
pub mod missed;
pub mod outbound;
pub mod receipts;
pub mod sent;
pub mod signature;
pub mod verify;
pub mod whatsapp;

use entities::{Inbound, InboundMedia, Outbound, ProviderError, SendOutcome, Timestamp};

use super::Vendor;
use crate::channels::{
    adapter::{Account, Missed, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    request::{Answer, RawRequest},
};

/// The vendor.
pub(super) struct Twilio;

impl Vendor for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
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

    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
        inbound::parse(credential, notification)
    }

    fn acknowledgement(&self, notification: &Notification) -> Option<Answer> {
        inbound::acknowledgement(notification)
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

    fn judge_check(&self, credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
        credential::judge_check(credential, reply)
    }

    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        inbound::media(credential, media)
    }

    fn sent_since(&self, credential: &Credential, call: &ProviderCall, since: Timestamp) -> Option<ProviderCall> {
        sent::ask(credential, call, since)
    }

    fn read_sent(&self, call: &ProviderCall, reply: &ProviderReply) -> Vec<String> {
        sent::read(call, reply)
    }

    fn missed(&self, credential: &Credential, account: &str, since: Timestamp) -> Option<ProviderCall> {
        missed::ask(credential, account, since)
    }

    fn read_missed(&self, credential: &Credential, account: &str, reply: &ProviderReply) -> Missed {
        missed::read(credential, account, reply)
    }
}
