//! Slack as a customer channel: people in a workspace, or in a channel shared with it, write to our app.
//!
//! Guarantees: what our own app posts never comes back as somebody's message; a message is known by its channel and its `ts`, which is
//! compared as a string; whatever a person types mentions nobody on its way out.
//!
//! Does not: mirror other channels' conversations into Slack for agents to answer there, or call a `response_url`.
//!
//! Source throughout: the Slack adapter specification, whose sections the comments name (`slack.md`, part 4.8).

mod answers;
pub mod consent;
mod credential;
mod emoji;
mod files;
mod history;
mod inbound;
mod interactive;
mod message;
mod outbound;
mod profile;
mod sent;
mod text;
mod verify;
mod wire;

use entities::{Address, Inbound, InboundMedia, Outbound, Party, Provider, ProviderError, SendOutcome, Timestamp};

use super::{
    adapter::{Account, Adapter, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    histories::Histories,
    request::{Answer, RawRequest},
};

/// Slack.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slack;

impl Adapter for Slack {
    fn provider(&self) -> Provider {
        Provider::Slack
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

    fn acknowledgement(&self, notification: &Notification) -> Answer {
        interactive::acknowledgement(notification)
    }

    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
        outbound::plan(credential, outbound)
    }

    fn cure(&self, credential: &Credential, call: &ProviderCall, reply: &ProviderReply) -> Option<ProviderCall> {
        answers::cure(credential, call, reply)
    }

    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
        answers::classify(call, reply)
    }

    fn sent_since(&self, credential: &Credential, call: &ProviderCall, since: Timestamp) -> Option<ProviderCall> {
        sent::ask(credential, call, since)
    }

    fn read_sent(&self, call: &ProviderCall, reply: &ProviderReply) -> Vec<String> {
        sent::read(call, reply)
    }

    fn sent_further(&self, question: &ProviderCall, reply: &ProviderReply) -> Option<ProviderCall> {
        sent::further(question, reply)
    }

    fn check(&self, credential: &Credential) -> ProviderCall {
        answers::check(credential)
    }

    fn judge_check(&self, _credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
        answers::judge_check(reply)
    }

    fn profile(&self, credential: &Credential, contact: &Address) -> Option<ProviderCall> {
        profile::ask(credential, contact)
    }

    fn judge_profile(&self, contact: &Address, reply: &ProviderReply) -> Option<Party> {
        profile::read(contact, reply)
    }

    fn histories(&self) -> Option<&'static dyn Histories> {
        Some(&history::Rooms)
    }

    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        files::media(credential, media)
    }
}
