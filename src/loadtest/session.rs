//! One socket of the tool's.
//!
//! Guarantees: what is said is buffered until [`Session::flush`], and all frames that have come are taken before that, so that a busy socket
//! costs one read and one write for many frames.

use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, Utf8Bytes, protocol::WebSocketConfig},
};

use super::{
    LoadError,
    frame::{self, Heard},
    http,
};

/// How long an answer may take while a run is set up.
const PATIENCE: Duration = Duration::from_secs(30);

/// One socket.
pub struct Session {
    socket: WebSocketStream<TcpStream>,
    /// The place of the last event.
    pub place: u64,
}

/// A text that came, or the end.
pub enum Taken {
    /// A frame.
    Text(Utf8Bytes),
    /// Something without text, such as a ping: answered by itself.
    Nothing,
    /// The socket is closed; why, if it was said.
    Closed(String),
}

impl Session {
    /// Opens a socket and says who is there; answers with the session and its cursor.
    ///
    /// # Errors
    /// [`LoadError`]: there is no session.
    pub async fn open(url: &str, path: &str, token: &str, cursor: Option<&str>) -> Result<(Self, String), LoadError> {
        let mut session = Self::connect(url, path).await?;
        let cursor = cursor.map(|cursor| format!(r#","cursor":"{cursor}""#)).unwrap_or_default();
        session.say(format!(r#"{{"type":"hello","token":"{token}"{cursor}}}"#)).await?;
        session.flush().await?;
        let cursor = session.await_frame("welcome", |heard| match heard {
            Heard::Welcome { cursor } => Some((*cursor).to_owned()),
            _ => None,
        });
        let cursor = cursor.await?;
        session.place = place_of(&cursor);
        Ok((session, cursor))
    }

    async fn connect(url: &str, path: &str) -> Result<Self, LoadError> {
        let authority = http::authority(url)?;
        let stream = TcpStream::connect(authority).await.map_err(LoadError::io("connect a socket"))?;
        stream.set_nodelay(true).map_err(LoadError::io("connect a socket"))?;
        // Small buffers: thousands of sockets share this machine with the server.
        let config = WebSocketConfig::default().read_buffer_size(8 * 1024).write_buffer_size(16 * 1024);
        let opened = client_async_with_config(format!("ws://{authority}{path}"), stream, Some(config)).await;
        let (socket, _) = opened.map_err(LoadError::socket("open a socket"))?;
        Ok(Self { socket, place: 0 })
    }

    /// Puts a frame into the buffer.
    pub async fn say(&mut self, text: String) -> Result<(), LoadError> {
        self.socket.feed(Message::text(text)).await.map_err(LoadError::socket("send a frame"))
    }

    /// Sends what is in the buffer.
    pub async fn flush(&mut self) -> Result<(), LoadError> {
        self.socket.flush().await.map_err(LoadError::socket("send frames"))
    }

    /// The next frame.
    pub async fn next(&mut self) -> Taken {
        taken(self.socket.next().await)
    }

    /// The next frame, if one has come already.
    pub fn next_now(&mut self) -> Option<Taken> {
        self.socket.next().now_or_never().map(taken)
    }

    /// Notes the place of an event; false if something before it is missing, or it has been seen.
    pub fn follows(&mut self, event: &frame::Happened) -> bool {
        let follows = event.prev == self.place && event.place > self.place;
        self.place = event.place;
        follows
    }

    /// Reads on until a frame is what was waited for. Events are noted on the way.
    ///
    /// # Errors
    /// [`LoadError::TimedOut`], or [`LoadError::Refused`] when the server closes or refuses.
    pub async fn await_frame<T>(&mut self, what: &'static str, mut wanted: impl FnMut(&Heard<'_>) -> Option<T>) -> Result<T, LoadError> {
        timeout(PATIENCE, self.read_until(what, &mut wanted)).await.map_err(|_elapsed| LoadError::TimedOut(what))?
    }

    async fn read_until<T>(&mut self, what: &'static str, wanted: &mut impl FnMut(&Heard<'_>) -> Option<T>) -> Result<T, LoadError> {
        loop {
            let text = match self.next().await {
                Taken::Text(text) => text,
                Taken::Nothing => continue,
                Taken::Closed(answer) => return Err(LoadError::Refused { what, answer }),
            };
            let heard = frame::hear(&text);
            if let Heard::Event(event) = &heard {
                self.place = event.place;
            }
            if let Some(found) = wanted(&heard) {
                return Ok(found);
            }
            if matches!(heard, Heard::Refused { .. } | Heard::Unreadable) {
                return Err(LoadError::Refused { what, answer: text.as_str().to_owned() });
            }
        }
    }

    /// Follows these topics; answers when they are followed.
    ///
    /// # Errors
    /// As [`Self::await_frame`].
    pub async fn follow(&mut self, topics: &[String]) -> Result<(), LoadError> {
        let topics = serde_json::json!({"type": "subscribe", "topics": topics});
        self.say(topics.to_string()).await?;
        self.say(r#"{"type":"ping"}"#.to_owned()).await?;
        self.flush().await?;
        self.await_frame("pong", |heard| matches!(heard, Heard::Pong).then_some(())).await
    }
}

/// The number in a cursor.
pub fn place_of(cursor: &str) -> u64 {
    cursor.rsplit_once('-').and_then(|(_, place)| place.parse().ok()).unwrap_or(0)
}

fn taken(item: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> Taken {
    match item {
        Some(Ok(Message::Text(text))) => Taken::Text(text),
        Some(Ok(Message::Close(Some(close)))) => Taken::Closed(format!("{} {}", u16::from(close.code), close.reason)),
        Some(Ok(Message::Close(None))) | None => Taken::Closed("closed".to_owned()),
        Some(Ok(_)) => Taken::Nothing,
        Some(Err(error)) => Taken::Closed(error.to_string()),
    }
}
