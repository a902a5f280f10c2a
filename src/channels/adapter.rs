//! What every provider's folder implements.

use entities::{Inbound, Outbound, Provider, ProviderError, SendOutcome, Timestamp};
use thiserror::Error;

use super::{
    call::{MediaCall, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    histories::Histories,
    request::{Answer, RawRequest},
    setup::Setup,
    templates::Templates,
};

/// One provider.
pub trait Adapter: Send + Sync {
    /// Which.
    fn provider(&self) -> Provider;

    /// The vendors that a credential may name, for providers that have several; empty for the others. It must name one where
    /// [`Adapter::fields`] has none without.
    fn vendors(&self) -> &'static [&'static str] {
        &[]
    }

    /// The fields that a credential of this provider has (of this vendor, where the provider has several), in the order in which they are
    /// asked for.
    fn fields(&self, vendor: Option<&str>) -> &'static [Field];

    /// The accounts (as channels' `address` has them) that an unverified request claims to be for, to find the credential on the shared
    /// path. A hint: nothing else of the request is believed, and [`Adapter::verify`] decides. Empty if it names none.
    fn claimed_accounts(&self, request: &RawRequest) -> Vec<String>;

    /// Whether the request is the provider's own, by this credential; judged on the bytes as they came.
    ///
    /// # Errors
    /// [`Refusal`], which becomes the answer's status.
    fn verify(&self, credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal>;

    /// What a verified request tells. Every item that cannot be read by itself becomes one of kind `unsupported`.
    ///
    /// # Errors
    /// [`Unreadable`] if the whole cannot be read: it is kept for later and acknowledged.
    fn parse(&self, credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable>;

    /// The answer to a notification that is committed, for providers that want more than an empty 200.
    fn acknowledgement(&self, _notification: &Notification) -> Answer {
        Answer::empty(200)
    }

    /// The calls that do what is wanted, one strictly after the other.
    ///
    /// # Errors
    /// [`Unsupported`] if the provider would refuse it: said before anything is sent.
    fn plan(&self, credential: &Credential, outbound: &Outbound) -> Result<Vec<ProviderCall>, Unsupported>;

    /// A call that may put right what an answer complains of (joining the room that refused the message). Made at most once for a call,
    /// which is then made again; whatever comes of that is judged by [`Adapter::classify`]. `None`: nothing would help.
    fn cure(&self, _credential: &Credential, _call: &ProviderCall, _reply: &ProviderReply) -> Option<ProviderCall> {
        None
    }

    /// What an answer to one of those calls means.
    fn classify(&self, call: &ProviderCall, reply: &ProviderReply) -> SendOutcome;

    /// The call that lists what one of the calls may have sent since an instant, where its answer was lost and this provider can be asked;
    /// answered by [`Adapter::read_sent`].
    fn sent_since(&self, _credential: &Credential, _call: &ProviderCall, _since: Timestamp) -> Option<ProviderCall> {
        None
    }

    /// The provider's ids of the messages listed that are what that call would have sent, the oldest first.
    fn read_sent(&self, _call: &ProviderCall, _reply: &ProviderReply) -> Vec<String> {
        Vec::new()
    }

    /// The call for what follows such an answer; `None`: there is no more.
    fn sent_further(&self, _question: &ProviderCall, _reply: &ProviderReply) -> Option<ProviderCall> {
        None
    }

    /// The call that checks a credential, and what it is for; answered by [`Adapter::judge_check`].
    fn check(&self, credential: &Credential) -> ProviderCall;

    /// What the answer to [`Adapter::check`] means: the accounts that can be connected with it, or what is wrong, in words.
    ///
    /// # Errors
    /// [`ProviderError`], in the provider's own words.
    fn judge_check(&self, credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError>;

    /// The call that asks who a contact is, for providers whose messages name nobody; answered by [`Adapter::judge_profile`]. `None`: there
    /// is nothing to ask.
    fn profile(&self, _credential: &Credential, _contact: &entities::Address) -> Option<ProviderCall> {
        None
    }

    /// What the answer to [`Adapter::profile`] tells of the contact; `None`: nothing.
    fn judge_profile(&self, _contact: &entities::Address, _reply: &ProviderReply) -> Option<entities::Party> {
        None
    }

    /// The call that lists what came to an account of ours since an instant, for providers that lose what they could not tell us; answered by
    /// [`Adapter::read_missed`]. `None`: there is no such list.
    fn missed(&self, _credential: &Credential, _account: &str, _since: Timestamp) -> Option<ProviderCall> {
        None
    }

    /// What an answer to [`Adapter::missed`] lists, as notifications would have told it.
    fn read_missed(&self, _credential: &Credential, _account: &str, _since: Timestamp, _reply: &ProviderReply) -> Missed {
        Missed::default()
    }

    /// What it keeps of what was said, for providers that are asked room by room what was missed, and not by [`Adapter::missed`].
    fn histories(&self) -> Option<&'static dyn Histories> {
        None
    }

    /// The call that begins to read the provider's own list of who does not want to be written to; answered by [`Adapter::read_opt_outs`].
    /// `None`: there is no such list.
    fn opt_outs(&self, _credential: &Credential) -> Option<ProviderCall> {
        None
    }

    /// What an answer to [`Adapter::opt_outs`], or to the call that followed it (`asked`), lists, and the call that follows.
    ///
    /// # Errors
    /// [`Unreadable`] if it is not the answer that was asked for.
    fn read_opt_outs(
        &self,
        _credential: &Credential,
        _account: &str,
        _asked: &ProviderCall,
        _reply: &ProviderReply,
    ) -> Result<Missed, Unreadable> {
        Ok(Missed::default())
    }

    /// Its message templates, for providers that have such.
    fn templates(&self) -> Option<&'static dyn Templates> {
        None
    }

    /// What is to be made at the provider before it tells us of anything, for providers where that takes calls; `None`: people do it there, or
    /// consent does.
    fn setup(&self) -> Option<&'static dyn Setup> {
        None
    }

    /// How to fetch a file that came with a message: one step, or two.
    ///
    /// # Errors
    /// [`Unsupported`] if it can be fetched in no way known.
    fn media(&self, credential: &Credential, media: &entities::InboundMedia) -> Result<MediaCall, Unsupported>;
}

/// A page of what may have been missed.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Missed {
    /// What happened.
    pub items: Vec<Inbound>,
    /// The call that lists what follows; `None` at the end.
    pub next: Option<ProviderCall>,
}

/// An account at a provider that can become a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The channel's `address`.
    pub address: String,
    /// The name to show.
    pub name: String,
}

/// A request that is the provider's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// It tells something.
    Notification(Notification),
    /// It wants an answer and tells nothing (a handshake).
    Handshake(Answer),
}

/// The verified part of a request: what may be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The bytes that were verified: the body, or what it unwraps to (the claims of a JWT), or the query of a GET.
    pub body: Vec<u8>,
    /// The content type, lower case, without parameters; what `body` is after unwrapping.
    pub content_type: String,
    /// The rest of the path behind the credential's, without a leading slash (`status`, `call`); empty for the main one.
    pub kind: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// Why a request is not taken. Nothing of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The proof is missing, malformed, or not right: 401 (403 where the provider's specification says so).
    #[error("the signature does not verify: {0}")]
    Unauthentic(&'static str),
    /// A handshake with another token, or a proof that is answered 403.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// The credential lacks the secret that would verify it: nothing verifies.
    #[error("the credential has no {0}")]
    Unconfigured(&'static str),
    /// Not a request of this provider at all: 405 or 400.
    #[error("not a notification: {0}")]
    Malformed(&'static str),
}

/// An authentic payload that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot be read: {0}")]
pub struct Unreadable(pub String);

/// Why something cannot be sent on this channel: said before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{title}")]
pub struct Unsupported {
    /// A stable word: `window_closed`, `text_too_long`, `too_many_buttons`, `file_type`, `file_too_large`, `unsupported`, …
    pub code: &'static str,
    /// What is wrong and what to do, in words.
    pub title: String,
}

impl Unsupported {
    /// From its parts.
    pub fn new(code: &'static str, title: impl Into<String>) -> Self {
        Self { code, title: title.into() }
    }
}
