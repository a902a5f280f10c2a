//! The people of a run: visitors with a session each, agents with a sign-in each.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::{
    LoadError, Plan,
    frame::{Heard, Mark},
    http::Http,
    session::Session,
};

/// Sockets that one person may have open.
const SOCKETS_EACH: usize = 50;
/// Conversations that one socket may follow.
pub const TOPICS_MAX: usize = 100;
/// Requests and handshakes under way at once while a run is set up.
pub const AT_ONCE: usize = 64;

/// A visitor who has a session and no socket yet.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// What proves the session.
    pub token: String,
}

/// Makes visitors.
pub async fn visitors(url: &str, api_key: &str, count: usize) -> Result<Vec<Visitor>, LoadError> {
    let lines = AT_ONCE.min(count.max(1));
    let share = |line: usize| count / lines + usize::from(line < count % lines);
    let made = stream::iter((0..lines).map(|line| some_visitors(url, api_key, share(line)))).buffer_unordered(lines).try_concat().await?;
    Ok(made)
}

async fn some_visitors(url: &str, api_key: &str, count: usize) -> Result<Vec<Visitor>, LoadError> {
    let mut http = Http::new(url)?;
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        let answer = http.post("begin a visitor's session", "/api/widget/init", None, &json!({"apiKey": api_key})).await?;
        made.push(Visitor { token: text(&answer, "begin a visitor's session", "sessionToken")? });
    }
    Ok(made)
}

/// Agents' tokens, enough for so many sockets: the given person's, and of new ones where that is not enough.
pub async fn agents(plan: &Plan, sockets: usize) -> Result<Vec<String>, LoadError> {
    let mut http = Http::new(&plan.url)?;
    let first = sign_in(&mut http, &plan.email, &plan.password).await?;
    let mut tokens = Vec::new();
    for number in 1..sockets.div_ceil(SOCKETS_EACH) {
        let email = format!("load-{:08x}-{number}@example.com", random()?);
        let password = format!("load {:016x}", random()?);
        let agent = json!({"name": format!("Load {number}"), "email": email, "role": "agent", "password": password});
        http.post("add an agent", "/api/v1/agents", Some(&first), &agent).await?;
        tokens.push(sign_in(&mut http, &email, &password).await?);
    }
    tokens.push(first);
    let each = |socket: usize| tokens.get(socket / SOCKETS_EACH).cloned();
    Ok((0..sockets).filter_map(each).collect())
}

async fn sign_in(http: &mut Http, email: &str, password: &str) -> Result<String, LoadError> {
    let answer = http.post("sign in", "/api/auth/login", None, &json!({"email": email, "password": password})).await?;
    text(&answer, "sign in", "token")
}

/// Opens an agent's socket.
pub async fn agent_socket(plan: &Plan, token: &str) -> Result<Session, LoadError> {
    Ok(Session::open(&plan.url, "/ws/agent", token, None).await?.0)
}

/// A visitor whose conversation has begun.
pub struct Begun {
    /// The open socket.
    pub session: Session,
    /// The conversation.
    pub conversation_id: String,
    /// The visitor.
    pub visitor: Visitor,
    /// The life of the database, for cursors.
    pub epoch: String,
}

/// Opens a visitor's socket and begins its conversation.
pub async fn begin(url: &str, run: u32, conversation: usize, visitor: Visitor) -> Result<Begun, LoadError> {
    let (mut session, cursor) = Session::open(url, "/ws/visitor", &visitor.token, None).await?;
    let number = u32::MAX;
    let mark = Mark { run, conversation: conversation as u32, by_agent: false, number };
    session.say(mark.send(None, 40)).await?;
    session.flush().await?;
    let (mut acked, mut seen) = (None, false);
    let begun = session.await_frame("the first message's acknowledgement and event", |heard| {
        match heard {
            Heard::Ack { conversation_id, .. } => acked = Some((*conversation_id).to_owned()),
            Heard::Event(event) if event.mark == Some(mark) => seen = true,
            _ => {}
        }
        acked.clone().filter(|_| seen)
    });
    let conversation_id = begun.await?;
    let epoch = cursor.rsplit_once('-').map(|(epoch, _)| epoch.to_owned()).unwrap_or_default();
    Ok(Begun { session, conversation_id, visitor, epoch })
}

/// Begins so many conversations with the widget of this key, numbered from `first` on.
pub async fn begin_all(url: &str, api_key: &str, run: u32, first: usize, count: usize) -> Result<Vec<Begun>, LoadError> {
    let visitors = visitors(url, api_key, count).await?;
    let begun = visitors.into_iter().zip(first..).map(|(visitor, at)| begin(url, run, at, visitor));
    stream::iter(begun).buffered(AT_ONCE).try_collect().await
}

/// The number of a run, so that it does not take another's messages for its own.
pub fn random() -> Result<u32, LoadError> {
    getrandom::u32().map_err(|error| LoadError::io("make a random number")(std::io::Error::other(error.to_string())))
}

/// A text in an answer.
pub fn text(answer: &Value, what: &'static str, field: &str) -> Result<String, LoadError> {
    let found = answer.get(field).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| LoadError::Unreadable { what, answer: answer.to_string() })
}
