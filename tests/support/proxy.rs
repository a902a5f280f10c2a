//! A real HTTP proxy on 127.0.0.1 that knows CONNECT and nothing else: it opens what it is asked for, or says why not, and remembers what it
//! was asked. One that misbehaves is a [`super::receiver::Receiver`].

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A proxy.
pub struct ConnectProxy {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Vec<String>>>>,
    task: JoinHandle<()>,
}

impl Drop for ConnectProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ConnectProxy {
    /// Starts a proxy for everybody.
    pub async fn open() -> Self {
        Self::start(None).await
    }

    /// Starts a proxy for whoever sends this line of a head.
    pub async fn for_those_who_say(line: &str) -> Self {
        Self::start(Some(line.to_owned())).await
    }

    async fn start(wanted: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, wanted.clone(), Arc::clone(&heard)));
            }
        });
        Self { address, asked, task }
    }

    /// The heads of the requests so far, line by line.
    pub fn asked(&self) -> Vec<Vec<String>> {
        self.asked.lock().unwrap().clone()
    }
}

/// One connection. How it ends is what the other side's test is about; here it only ends.
async fn serve(mut client: TcpStream, wanted: Option<String>, asked: Arc<Mutex<Vec<Vec<String>>>>) {
    let Some(head) = read_head(&mut client).await else { return };
    asked.lock().unwrap().push(head.clone());
    let target = head[0].strip_prefix("CONNECT ").and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
    let target = target.and_then(|target| target.parse::<SocketAddr>().ok());
    let refusal = match target {
        _ if wanted.as_ref().is_some_and(|line| !head.contains(line)) => "407 Proxy Authentication Required",
        None => "400 Bad Request",
        Some(target) => match TcpStream::connect(target).await {
            Err(_nobody_there) => "502 Bad Gateway",
            Ok(mut receiver) => {
                // A length means nothing here (RFC 9110 section 9.3.6); some proxies send one all the same.
                if client.write_all(b"HTTP/1.0 200 Connection established\r\nContent-Length: 7\r\n\r\n").await.is_ok() {
                    let _ended = copy_bidirectional(&mut client, &mut receiver).await;
                }
                return;
            }
        },
    };
    let answer = format!("HTTP/1.1 {refusal}\r\nContent-Length: 6\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\nsecret");
    let _sent = client.write_all(answer.as_bytes()).await;
}

/// A head's lines, and not a byte of what is behind it; `None` if there is no whole one.
async fn read_head(client: &mut TcpStream) -> Option<Vec<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap().trim_end().split("\r\n").map(str::to_owned).collect())
}
