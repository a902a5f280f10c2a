//! A conversation that runs over a provider, on its state alone: what a story of it needs.

use entities::{
    Address, AddressKind, AgentId, AttachmentRef, Author, AuthorKind, ChannelId, ChannelKind, Consequence, ContactId, ConversationId,
    Direction, Document, Happening, Inbound, InboundMessage, MessageId, MessageKind, MessageStatus, Party, ProviderError, Receipt,
    ReceiptStatus, Remote, TicketId, Timestamp, Via, outbound::MessageExtra,
};
use uuid::Uuid;

use crate::{
    conversation::{
        Command, ContactDraft, Opening, Post, Received, Rejection, Settled,
        state::{Decision, Fact, Fresh, Outcome, State, begin},
    },
    port::{HeldMessage, PartDone},
};

/// When the contact first wrote.
pub fn start() -> Timestamp {
    Timestamp::from_micros(1_760_000_000_000_000)
}

/// So many minutes after the contact first wrote.
pub fn minutes(minutes: i64) -> Timestamp {
    start().plus_ms(minutes * 60_000)
}

/// The state of a conversation, and the clock beside it.
#[derive(Clone)]
pub struct Line {
    pub state: State,
    pub now: Timestamp,
    made: u128,
}

/// A person at the provider.
pub fn party(value: &str) -> Party {
    Party { name: Some(value.to_owned()), ..Party::of(Address { kind: AddressKind::Whatsapp, value: value.to_owned() }) }
}

/// What opens the conversation with Dana.
pub fn opening(kind: ChannelKind) -> Opening {
    let dana = party("dana");
    Opening {
        channel_id: ChannelId::new(Uuid::from_u128(1)),
        thread_key: "whatsapp:dana".to_owned(),
        contact_id: ContactId::new(Uuid::from_u128(2)),
        contact: ContactDraft { name: dana.name.clone(), addresses: vec![dana.address.clone()], ..ContactDraft::default() },
        remote: Some(Box::new(Remote::new(kind, dana.address, None))),
    }
}

/// News of the provider, about a message if `target_seq` names one.
pub fn news(kind: ChannelKind, what: Happening, at: Timestamp, target_seq: Option<u64>) -> Received {
    let inbound = Inbound { channel: kind, account: "our number".to_owned(), at: Some(at), what };
    Received { inbound, target_seq, attachments: Vec::new(), reply_to_seq: None, opening: None }
}

/// Dana's words.
pub fn text(id: &str, text: &str) -> Happening {
    Happening::Message(Box::new(InboundMessage::text(id, party("dana"), text)))
}

/// Our words, as the provider shows them to us.
pub fn echo(id: &str, text: &str) -> Happening {
    Happening::Message(Box::new(InboundMessage { direction: Direction::Out, ..InboundMessage::text(id, party("dana"), text) }))
}

/// What became of a part.
pub fn receipt(target: &str, status: ReceiptStatus) -> Happening {
    let error = (status == ReceiptStatus::Failed).then(|| ProviderError::new("131026", "not deliverable"));
    Happening::Receipt(Receipt { target: target.to_owned(), own_id: None, status, error, consequence: Consequence::None })
}

/// Everything up to an instant has come so far.
pub fn watermark(status: ReceiptStatus, up_to: Timestamp) -> Happening {
    Happening::Watermark { contact: party("dana").address, thread: None, status, up_to }
}

/// An answer of an agent's.
pub fn answer(text: &str, extra: Option<MessageExtra>) -> Post {
    Post {
        author: Author { kind: AuthorKind::Agent, id: Some(AgentId::new(Uuid::from_u128(3)).uuid()), name: None, avatar_url: None },
        kind: MessageKind::Message,
        direction: Direction::Out,
        content: Document::plain(text),
        text: text.to_owned(),
        attachments: Vec::new(),
        client_id: None,
        repeat_guard: None,
        last_seen_seq: None,
        opening: None,
        subject: None,
        via: extra.map(|extra| Box::new(Via { extra: Some(extra), ..Via::default() })),
        provider_id: None,
    }
}

/// A dispatch that is over: the ids of its parts, and why it failed.
pub fn settled(seq: u64, parts: &[&str], failure: Option<Consequence>) -> Settled {
    let done = parts.iter().map(|id| PartDone { id: Some((*id).to_owned()), delivered: false }).collect();
    let failure = failure.map(|consequence| (ProviderError::new("131026", "not deliverable"), consequence));
    Settled { position: 7, seq, of_message: true, done, failure }
}

impl Line {
    /// Begins with a command on nothing.
    pub fn begin(command: &Command, now: Timestamp) -> Result<(Self, Vec<Fact>), Rejection> {
        let id = ConversationId::new(Uuid::from_u128(4));
        let (state, decision) = begin(command, None, id, Self::fresh(100), now)?;
        let mut line = Self { state, now, made: 100 };
        line.apply(&decision);
        Ok((line, decision.facts))
    }

    /// Dana has written once.
    pub fn begun(kind: ChannelKind) -> Self {
        let mut received = news(kind, text("m-1", "hello"), start(), None);
        received.opening = Some(opening(kind));
        Self::begin(&Command::Receive(Box::new(received)), start()).expect("a first message begins").0
    }

    fn fresh(made: u128) -> Fresh {
        Fresh { message_id: MessageId::new(Uuid::from_u128(made)), ticket_id: TicketId::new(Uuid::from_u128(made + 1)) }
    }

    fn apply(&mut self, decision: &Decision) {
        decision.facts.iter().for_each(|fact| self.state.apply(fact));
    }

    /// Decides a command and takes in what follows.
    pub fn decide(&mut self, command: &Command) -> Result<Decision, Rejection> {
        self.made += 2;
        let decision = self.state.decide(command, Self::fresh(self.made), self.now)?;
        self.apply(&decision);
        Ok(decision)
    }

    /// The facts of a command that goes through.
    pub fn facts(&mut self, command: &Command) -> Vec<Fact> {
        self.decide(command).expect("it goes through").facts
    }

    /// News about the conversation.
    pub fn hears(&mut self, what: Happening, at: Timestamp) -> Vec<Fact> {
        let kind = self.remote().kind;
        self.facts(&Command::Receive(Box::new(news(kind, what, at, None))))
    }

    /// News about a message.
    pub fn hears_of(&mut self, seq: u64, what: Happening, at: Timestamp) -> Vec<Fact> {
        let kind = self.remote().kind;
        self.facts(&Command::Receive(Box::new(news(kind, what, at, Some(seq)))))
    }

    /// News about a message, with files.
    pub fn hears_files(&mut self, seq: u64, what: Happening, attachments: Vec<AttachmentRef>) -> Vec<Fact> {
        let received = news(self.remote().kind, what, self.now, Some(seq));
        self.facts(&Command::Receive(Box::new(Received { attachments, ..received })))
    }

    /// An agent answers; where the answer stands.
    pub fn answers(&mut self, text: &str) -> u64 {
        let decision = self.decide(&Command::Post(Box::new(answer(text, None)))).expect("it may be sent");
        let Outcome::Posted(posted) = decision.outcome else { panic!("a post is posted") };
        posted.seq
    }

    pub fn settles(&mut self, settled: Settled) -> Vec<Fact> {
        self.facts(&Command::Settle(Box::new(settled)))
    }

    pub fn remote(&self) -> &Remote {
        self.state.row.remote.as_deref().expect("it runs over a provider")
    }

    pub fn held(&self, seq: u64) -> HeldMessage {
        (**self.state.held(seq).expect("it is at hand")).clone()
    }

    pub fn status(&self, seq: u64) -> MessageStatus {
        self.held(seq).message.status
    }
}

/// How many `seq` facts take.
pub fn events(facts: &[Fact]) -> u64 {
    facts.iter().map(Fact::events).sum()
}
