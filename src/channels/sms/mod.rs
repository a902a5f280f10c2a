//! Text messages (SMS and MMS), by one of several vendors: Twilio, Vonage, Telnyx, MessageBird, Plivo. Source of everything here:
//! `docs/channels/sms.md`.
//!
//! Guarantees: as [`crate::channels`]. The account is our number in E.164 with `+`, a short code, or (Twilio) a messaging service.
//!
//! Does not: remember who has opted out: the actors do.
//!
//! Start reading at [`twilio`], the first of the folders of the same shape; what they share lies beside them.

pub mod bounds;
pub mod calls;
pub mod keywords;
pub mod media;
pub mod messagebird;
pub mod parameters;
pub mod phone;
pub mod plivo;
pub mod segments;
pub mod telnyx;
pub mod twilio;
pub mod vonage;
pub mod words;

use entities::{Inbound, InboundMedia, Outbound, Provider, ProviderError, SendOutcome, Timestamp};

use super::{
    adapter::{Account, Adapter, Missed, Notification, Refusal, Unreadable, Unsupported, Verified},
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    request::{Answer, RawRequest},
};

/// Text messages, by whichever vendor the credential names.
pub struct Sms;

/// The vendors' names, as `credential.vendor` has them.
pub const VENDORS: &[&str] = &["twilio", "vonage", "telnyx", "messagebird", "plivo"];

/// One vendor: what [`Adapter`] is for all of them.
trait Vendor: Sync {
    /// Its name, with which the purposes of its calls begin.
    fn name(&self) -> &'static str;
    fn fields(&self) -> &'static [Field];
    /// Whether a request looks like this vendor's; nothing of it is believed.
    fn recognises(&self, request: &RawRequest) -> bool;
    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String>;
    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal>;
    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable>;
    /// The answer to a notification, if this vendor wants another than an empty 200 and the notification is its own.
    fn acknowledgement(&self, _notification: &Notification) -> Option<Answer> {
        None
    }
    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported>;
    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome;
    fn check(&self, credential: &Credential) -> ProviderCall;
    fn judge_check(&self, credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError>;
    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported>;
    fn sent_since(&self, _credential: &Credential, _call: &ProviderCall, _since: Timestamp) -> Option<ProviderCall> {
        None
    }
    fn read_sent(&self, _call: &ProviderCall, _reply: &ProviderReply) -> Vec<String> {
        Vec::new()
    }
    fn missed(&self, _credential: &Credential, _account: &str, _since: Timestamp) -> Option<ProviderCall> {
        None
    }
    fn read_missed(&self, _credential: &Credential, _account: &str, _reply: &ProviderReply) -> Missed {
        Missed::default()
    }
}

/// All vendors, in the order in which an unknown request is shown to them: those with a header of their own come first.
const ALL: &[&dyn Vendor] = &[&twilio::Twilio, &telnyx::Telnyx, &messagebird::MessageBird, &plivo::Plivo, &vonage::Vonage];

fn named(name: &str) -> Option<&'static dyn Vendor> {
    ALL.iter().copied().find(|vendor| vendor.name() == name)
}

fn of(credential: &Credential) -> Option<&'static dyn Vendor> {
    named(credential.vendor.as_deref()?)
}

impl Adapter for Sms {
    fn provider(&self) -> Provider {
        Provider::Sms
    }

    fn vendors(&self) -> &'static [&'static str] {
        VENDORS
    }

    fn fields(&self, vendor: Option<&str>) -> &'static [Field] {
        vendor.and_then(named).map_or(&[], Vendor::fields)
    }

    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String> {
        let vendor = ALL.iter().find(|vendor| vendor.recognises(request));
        vendor.map_or_else(Vec::new, |vendor| vendor.claimed_accounts(request))
    }

    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
        of(credential).ok_or(Refusal::Unconfigured("vendor"))?.verify(credential, request)
    }

    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
        let vendor = of(credential).ok_or_else(|| Unreadable("the credential names no vendor".to_owned()))?;
        let told = vendor.parse(credential, notification)?;
        told.into_iter().map(bounds::within).collect()
    }

    fn acknowledgement(&self, notification: &Notification) -> Answer {
        ALL.iter().find_map(|vendor| vendor.acknowledgement(notification)).unwrap_or_else(|| Answer::empty(200))
    }

    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported> {
        let vendor = of(credential).ok_or_else(|| Unsupported::new("unconfigured", "the credential names no vendor"))?;
        vendor.plan(credential, outbound)
    }

    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome {
        let vendor = call.purpose.split('.').next().and_then(named);
        // A call of nobody's purpose is none of ours; what became of it nobody can say.
        let unknown = || SendOutcome::Unknown { error: ProviderError::new("purpose", "not a call of this provider") };
        vendor.map_or_else(unknown, |vendor| vendor.classify(call, reply))
    }

    fn sent_since(&self, credential: &Credential, call: &ProviderCall, since: Timestamp) -> Option<ProviderCall> {
        of(credential)?.sent_since(credential, call, since)
    }

    fn read_sent(&self, call: &ProviderCall, reply: &ProviderReply) -> Vec<String> {
        let vendor = call.purpose.split('.').next().and_then(named);
        vendor.map_or_else(Vec::new, |vendor| vendor.read_sent(call, reply))
    }

    fn check(&self, credential: &Credential) -> ProviderCall {
        of(credential).unwrap_or(&twilio::Twilio).check(credential)
    }

    fn judge_check(&self, credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
        let vendor = of(credential).ok_or_else(|| ProviderError::new("vendor", "the credential names no vendor"))?;
        vendor.judge_check(credential, reply)
    }

    fn missed(&self, credential: &Credential, account: &str, since: Timestamp) -> Option<ProviderCall> {
        of(credential)?.missed(credential, account, since)
    }

    fn read_missed(&self, credential: &Credential, account: &str, _since: Timestamp, reply: &ProviderReply) -> Missed {
        of(credential).map_or_else(Missed::default, |vendor| vendor.read_missed(credential, account, reply))
    }

    fn media(&self, credential: &Credential, media: &InboundMedia) -> Result<MediaCall, Unsupported> {
        let vendor = of(credential).ok_or_else(|| Unsupported::new("unconfigured", "the credential names no vendor"))?;
        vendor.media(credential, media)
    }
}
