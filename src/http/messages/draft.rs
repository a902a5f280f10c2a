//! A message that an agent or a service wants to say, by REST or through a socket, made ready for the conversation.
//!
//! Guarantees: what [`Draft::command`] returns is within every bound, and its files are the caller's own and for this conversation.
//!
//! Does not: check that the caller may see the conversation; whoever calls has done so.

use actors::{
    conversation::{Command, Post},
    port::StoreError,
};
use entities::{
    AttachmentId, AttachmentRef, ClientId, ConversationId, Direction, Document, Message, MessageKind, TenantId, Via,
    attachment::ATTACHMENTS_MAX,
    text::{self, MESSAGE_CHARS_MAX},
};

use super::wire::PostMessage;
use crate::{
    http::{
        App,
        access::Caller,
        fields::Fields,
        problem::{Answer, Problem},
    },
    store::{
        read::{self, attachment::Uploader, message::Range},
        settings,
    },
};

/// Most unseen messages in a refusal; the newest are left out, and a list from the last one shown goes on.
const UNSEEN_MAX: u64 = 100;

/// What is to be said.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Plain text.
    pub text: Option<String>,
    /// Or a document.
    pub content: Option<Document>,
    /// Said to the contact unless it is a note.
    pub kind: MessageKind,
    /// The author's own key.
    pub client_id: Option<ClientId>,
    /// Files uploaded before.
    pub attachments: Vec<AttachmentId>,
    /// The last event that the author had seen.
    pub last_seen_seq: Option<u64>,
    /// What it answers, and what it is sent with, over a provider.
    pub via: Option<Box<entities::Via>>,
}

impl From<PostMessage> for Draft {
    /// A message whose template, if it has one, was checked and filled ([`super::template::filled`]).
    fn from(body: PostMessage) -> Self {
        let via = (body.reply_to_seq.is_some() || body.extra.is_some())
            .then(|| Box::new(Via { reply_to_seq: body.reply_to_seq, extra: body.extra, ..Via::default() }));
        Self {
            text: body.text,
            content: body.content,
            kind: body.kind.unwrap_or(MessageKind::Message),
            client_id: body.client_id,
            attachments: body.attachments.unwrap_or_default(),
            last_seen_seq: body.last_seen_seq,
            via,
        }
    }
}

impl Draft {
    /// The command that says it.
    ///
    /// # Errors
    /// 422 with the fields that cannot be said or attached; 503.
    pub async fn command(self, app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId) -> Answer<Command> {
        Ok(Command::Post(Box::new(self.post(app, tenant_id, caller, id).await?)))
    }

    /// What is to be said, now or later. Its files count as used from here on.
    ///
    /// # Errors
    /// As [`Self::command`].
    pub async fn post(self, app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId) -> Answer<Post> {
        let (content, text) = said(self.text.as_deref(), self.content.as_ref(), self.attachments.len())?;
        let attachments = self.files(app, tenant_id, caller, id).await?;
        Ok(Post {
            author: caller.author(),
            kind: self.kind,
            direction: Direction::Out,
            content,
            text,
            attachments,
            client_id: self.client_id,
            repeat_guard: None,
            last_seen_seq: self.last_seen_seq,
            opening: None,
            subject: None,
            via: self.via,
            provider_id: None,
        })
    }

    async fn files(&self, app: &App, tenant_id: TenantId, caller: &Caller, id: ConversationId) -> Answer<Vec<AttachmentRef>> {
        let mut ids = self.attachments.clone();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(*id));
        let author = caller.author();
        let uploader_id = author.id.ok_or_else(|| Problem::internal("a caller without an id"))?;
        let uploader = Uploader { kind: author.kind, id: uploader_id };
        let shown = self.kind == MessageKind::Message;
        let marked = settings::attachment::mark_used(&app.db, tenant_id, id, uploader, &ids, shown, app.clock.now()).await;
        marked.map_err(|error| match error {
            StoreError::NotFound => {
                Problem::invalid("/attachments", "not_found", "holds a file that is not there, is not yours, or is in another conversation")
            }
            other => other.into(),
        })
    }
}

/// What is said, as a document and plain. Empty with files is allowed: then the files are the message.
///
/// # Errors
/// 422 with the fields that cannot be said.
pub fn said(text: Option<&str>, content: Option<&Document>, files: usize) -> Answer<(Document, String)> {
    let mut fields = Fields::new();
    if files > ATTACHMENTS_MAX {
        fields.refuse("/attachments", "too_many", format!("holds more than {ATTACHMENTS_MAX} files"));
    }
    let said = match (text, content) {
        (Some(_), Some(_)) => {
            fields.refuse("/content", "ambiguous", "must not be sent together with text");
            None
        }
        (None, Some(content)) => fields.text("/content", content.clone().check()),
        (text, None) if files > 0 && text.unwrap_or_default().trim().is_empty() => Some((Document::plain(""), String::new())),
        (Some(text), None) => fields.text("/text", text::lines(text, MESSAGE_CHARS_MAX)).map(|text| (Document::plain(&text), text)),
        (None, None) => {
            fields.refuse("/text", "missing_field", "a message needs text, content or attachments");
            None
        }
    };
    fields.finish()?;
    said.ok_or_else(|| Problem::internal("a message was neither taken nor refused"))
}

/// What the author of a stale reply had not seen, in order.
///
/// # Errors
/// 503.
pub async fn unseen(app: &App, tenant_id: TenantId, id: ConversationId, last_seen_seq: u64) -> Result<Vec<Message>, StoreError> {
    let range = Range { after_seq: Some(last_seen_seq), before_seq: None, descending: false };
    read::message::list(&app.db, tenant_id, id, range, UNSEEN_MAX).await
}
