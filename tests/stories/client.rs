//! A plain socket client: says frames, hears frames, knows why it was closed.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest, http::HeaderValue},
};

/// A story that waits longer than this for a frame has failed. No story asserts how long anything takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A socket.
pub struct Client {
    pub socket: WebSocketStream<TcpStream>,
    /// What came before an answer that was waited for: an event may be there before its `ack`.
    earlier: VecDeque<Value>,
}

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Frame(Value),
    /// Closed with this code; none if the connection just ended.
    Closed(Option<u16>),
}

impl Client {
    /// Connects; `origin` is what a browser would send.
    pub async fn open(address: &str, path: &str, origin: Option<&str>) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", HeaderValue::from_str(origin).expect("an origin"));
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self { socket, earlier: VecDeque::new() })
    }

    /// Connects with the smallest receive buffer that the kernel gives, so that a client that stops reading is soon felt.
    pub async fn open_narrow(address: &str, path: &str) -> Self {
        let request = format!("ws://{address}{path}").into_client_request().expect("an address");
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small buffer");
        let stream = socket.connect(address.parse().expect("an address")).await.expect("the server takes the connection");
        let (socket, _) = client_async(request, stream).await.expect("the socket opens");
        Self { socket, earlier: VecDeque::new() }
    }

    /// Says a frame. A socket that is closed by now is found out at the next [`Self::hear`].
    pub async fn say(&mut self, frame: &Value) {
        self.send(Message::text(frame.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        drop(timeout(PATIENCE, self.socket.send(message)).await.expect("the server takes frames"));
    }

    /// The next frame, or the close.
    pub async fn hear(&mut self) -> Heard {
        match self.earlier.pop_front() {
            Some(frame) => Heard::Frame(frame),
            None => self.hear_next().await,
        }
    }

    async fn hear_next(&mut self) -> Heard {
        loop {
            let item = timeout(PATIENCE, self.socket.next()).await.expect("something comes");
            match item {
                Some(Ok(Message::Text(text))) => return Heard::Frame(serde_json::from_str(&text).expect("a frame is JSON")),
                Some(Ok(Message::Close(close))) => return Heard::Closed(close.map(|close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(None),
            }
        }
    }

    /// The next frame of this type; others before it are dropped.
    pub async fn hear_type(&mut self, kind: &str) -> Value {
        loop {
            match self.hear().await {
                Heard::Frame(frame) if frame["type"] == kind => return frame,
                Heard::Frame(_) => {}
                Heard::Closed(code) => panic!("closed with {code:?} while waiting for {kind}"),
            }
        }
    }

    /// The next event of this name; other frames before it are dropped.
    pub async fn hear_event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.hear_type("event").await;
            if frame["event"] == name {
                return frame;
            }
        }
    }

    /// The code that the socket is closed with; frames before it are dropped.
    pub async fn hear_close(&mut self) -> Option<u16> {
        loop {
            if let Heard::Closed(code) = self.hear().await {
                return code;
            }
        }
    }

    /// Waits until the server has taken every frame said so far; answers what came meanwhile.
    pub async fn settle(&mut self) -> Vec<Value> {
        self.say(&json!({"type": "ping"})).await;
        let mut before = Vec::new();
        loop {
            match self.hear().await {
                Heard::Frame(frame) if frame["type"] == "pong" => return before,
                Heard::Frame(frame) => before.push(frame),
                Heard::Closed(code) => panic!("closed with {code:?} while waiting for pong"),
            }
        }
    }

    pub async fn follow(&mut self, topics: &[&str]) -> Vec<Value> {
        self.say(&json!({"type": "subscribe", "topics": topics})).await;
        self.settle().await
    }

    /// Says something and waits for the acknowledgement or the refusal.
    pub async fn send_text(&mut self, conversation_id: Option<&str>, client_id: &str, text: &str) -> Value {
        let mut frame = json!({"type": "send", "ref": client_id, "client_id": client_id, "text": text});
        if let Some(id) = conversation_id {
            frame["conversation_id"] = json!(id);
        }
        self.answer(&frame).await
    }

    /// Says a frame with a `ref` and waits for its answer.
    pub async fn answer(&mut self, frame: &Value) -> Value {
        self.say(frame).await;
        loop {
            match self.hear_next().await {
                Heard::Frame(answer) if answer["ref"] == frame["ref"] => return answer,
                Heard::Frame(other) => self.earlier.push_back(other),
                Heard::Closed(code) => panic!("closed with {code:?} while waiting for an answer"),
            }
        }
    }
}
