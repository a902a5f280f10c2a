//! What waits on a channel: rows of dispatches, with their messages as they are now, become what a gateway is to do.
//!
//! What cannot be sent at all (the message is gone, the provider never had the one that it is about) is told as such, so that its conversation
//! hears of it and what stands behind it is not held up for ever.

use actors::port::{DispatchAction, DispatchPage, DispatchState, DueDispatch, Line, StoreError};
use entities::{
    Action, AuthorKind, ConversationId, Message, MessageId, MessageStatus, Outbound, OutboundMessage, ProviderError, Remote, Timestamp,
    outbound::{OutboundAuthor, OutboundMedia},
};
use sea_orm::QueryResult;
use uuid::Uuid;

use super::{FIRST, get, odd};
use crate::store::{
    Database,
    journal::read::{MESSAGE_COLUMNS, MESSAGE_STATE_JOIN, held, rows},
    unavailable,
};

/// What the provider calls a message, of those names that it gave itself: the first, where a message has several parts.
const PROVIDER_ID: &str = "SELECT MIN(p.provider_id) FROM provider_message p WHERE p.channel_id = $1 AND p.conversation_id = d.conversation_id \
     AND p.seq = d.seq AND p.provider_id NOT LIKE 'own:%'";

/// Finds what is due on channel `$1` up to `$2`, by position, at most `$3`: of each conversation the first.
#[must_use]
pub fn due_sql() -> String {
    format!(
        "SELECT d.position, d.conversation_id AS in_conversation, d.seq AS at_seq, d.action, d.begun_at, d.tries, d.done, d.wished_at, \
         c.remote, m.id AS message_id, ({PROVIDER_ID}) AS target, {MESSAGE_COLUMNS}, ms.state FROM dispatch d \
         JOIN conversation c ON c.id = d.conversation_id LEFT JOIN message m ON m.conversation_id = d.conversation_id AND m.seq = d.seq \
         {MESSAGE_STATE_JOIN} WHERE d.channel_id = $1 AND d.due_at <= $2 AND {FIRST} ORDER BY d.position LIMIT $3"
    )
}

/// Finds when the next is due on channel `$1`, behind `$2`.
#[must_use]
pub fn next_sql() -> String {
    format!("SELECT MIN(d.due_at) AS next FROM dispatch d WHERE d.channel_id = $1 AND d.due_at > $2 AND {FIRST}")
}

/// Reads what is due, at most `limit`, without that of `busy` conversations, and when the next is.
pub async fn read(db: &Database, line: &Line, now: Timestamp, busy: &[ConversationId], limit: usize) -> Result<DispatchPage, StoreError> {
    let (id, now_micros) = (line.id.uuid(), now.micros());
    // One more than there is room for tells whether there is more.
    let asked = i64::try_from(limit + busy.len() + 1).unwrap_or(i64::MAX);
    let mut page = DispatchPage::default();
    for row in rows(db, &due_sql(), [id.into(), now_micros.into(), asked.into()]).await? {
        let conversation_id = ConversationId::new(get(&row, "in_conversation")?);
        if busy.contains(&conversation_id) {
            continue;
        }
        if page.due.len() == limit {
            page.more = true;
            break;
        }
        page.due.push(dispatch(db, line, now, conversation_id, &row).await?);
    }
    let next = rows(db, &next_sql(), [id.into(), now_micros.into()]).await?;
    let next: Option<i64> = next.first().map(|row| get(row, "next")).transpose()?.flatten();
    page.next_due_at = next.map(Timestamp::from_micros);
    Ok(page)
}

async fn dispatch(
    db: &Database,
    line: &Line,
    now: Timestamp,
    conversation_id: ConversationId,
    row: &QueryResult,
) -> Result<DueDispatch, StoreError> {
    let message_id: Option<Uuid> = get(row, "message_id")?;
    let message = message_id.map(|_id| held(db.backend(), row).map(|held| held.message)).transpose().map_err(unavailable)?;
    let action: Option<DispatchAction> = json(row, "action")?;
    let begun_at: Option<i64> = get(row, "begun_at")?;
    let begun_at = begun_at.map(Timestamp::from_micros);
    let of_message = action.is_none();
    let is_told_of = message.as_ref().is_some_and(|message| message.status != MessageStatus::Queued);
    let what = match (action, message) {
        (_, None) => Err(ProviderError::new("message_gone", "the message is gone")),
        (None, Some(message)) => {
            let reply_to = reply_to(db, line, conversation_id, &message).await?;
            Ok(Action::Send(Box::new(to_send(message, reply_to))))
        }
        (Some(action), Some(_)) => done_with(action, get(row, "target")?),
    };
    Ok(DueDispatch {
        position: get(row, "position")?,
        conversation_id,
        seq: get::<i64>(row, "at_seq")?.unsigned_abs(),
        message_id: MessageId::new(message_id.unwrap_or_default()),
        of_message,
        outbound: what.and_then(|what| outbound(line, now, json(row, "remote"), what)),
        tries: u32::try_from(get::<i64>(row, "tries")?).unwrap_or(u32::MAX),
        wished_at: Timestamp::from_micros(get(row, "wished_at")?),
        state: begun_at.map_or(DispatchState::Pending, DispatchState::Begun),
        done: json(row, "done")?.unwrap_or_default(),
        heard_of: of_message && begun_at.is_some() && is_told_of,
    })
}

fn outbound(line: &Line, now: Timestamp, remote: Result<Option<Remote>, StoreError>, what: Action) -> Result<Outbound, ProviderError> {
    let nobody = || ProviderError::new("no_address", "the conversation has nobody to send to");
    let remote = remote.map_err(|error| nobody().with_detail(error.to_string()))?.ok_or_else(nobody)?;
    Ok(Outbound {
        channel: line.kind,
        account: line.address.clone(),
        to: remote.address,
        thread: remote.thread,
        last_inbound_at: remote.last_inbound_at,
        now,
        what,
    })
}

fn to_send(message: Message, reply_to: Option<String>) -> OutboundMessage {
    let media = message.attachments.into_iter().map(|file| OutboundMedia {
        id: file.id,
        filename: file.filename,
        mime: file.media_type,
        size: file.size,
        url: String::new(),
    });
    OutboundMessage {
        id: message.id,
        content: message.content,
        text: message.content_text,
        media: media.collect(),
        reply_to,
        author: OutboundAuthor {
            name: message.author.name,
            avatar_url: message.author.avatar_url,
            human: message.author.kind == AuthorKind::Agent,
        },
        extra: message.via.and_then(|via| via.extra),
    }
}

/// The provider's id of the message that one answers. A reply to what the provider does not know goes out as a plain message.
async fn reply_to(db: &Database, line: &Line, id: ConversationId, message: &Message) -> Result<Option<String>, StoreError> {
    const FIND: &str = "SELECT MIN(provider_id) AS provider_id FROM provider_message WHERE channel_id = $1 AND conversation_id = $2 \
        AND seq = $3 AND provider_id NOT LIKE 'own:%'";
    let Some(via) = &message.via else { return Ok(None) };
    let Some(seq) = via.reply_to_seq else { return Ok(via.reply_to_id.clone()) };
    let found = rows(db, FIND, [line.id.uuid().into(), id.uuid().into(), seq.cast_signed().into()]).await?;
    found.first().map_or(Ok(None), |row| get(row, "provider_id"))
}

fn done_with(action: DispatchAction, target: Option<String>) -> Result<Action, ProviderError> {
    let target = target.ok_or_else(|| ProviderError::new("message_unknown", "the provider does not know the message"))?;
    Ok(match action {
        DispatchAction::React { emoji, previous } => Action::React { target, emoji, previous },
        DispatchAction::MarkRead => Action::MarkRead { target },
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &QueryResult, column: &str) -> Result<Option<T>, StoreError> {
    let text: Option<String> = get(row, column)?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(odd)
}
