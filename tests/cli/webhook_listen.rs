//! `webhook listen` from end to end: a server, the command as a process of its own, and a receiver that is not always well.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
};

use entities::Permission;
use futures_util::future::join;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
};

use crate::support::{api::Api, feed::read_all, receiver::Received};

const SECRET: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A local program that answers each request with the next status, the last one for ever.
struct Program {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Program {
    async fn start(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/hook", listener.local_addr().unwrap().port());
        let received = Arc::new(Mutex::new(Vec::new()));
        let seen = received.clone();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let Some(request) = read(&mut socket).await else { continue };
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(request);
                    seen.len() - 1
                };
                let status = statuses.get(number).or(statuses.last()).unwrap();
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                // A command that has ended does not wait for its answer.
                let _sent = socket.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, received }
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn read(socket: &mut tokio::net::TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let mut lines = head.split("\r\n").map(str::to_owned);
            let line = lines.next().unwrap();
            let headers: Vec<_> =
                lines.map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())).unwrap()).collect();
            let length: usize = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return Some(Received { line, headers, body: bytes[end + 4..end + 4 + length].to_vec() });
            }
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The command at work.
struct Listening {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Listening {
    fn start(api: &Api, token: &str, forward: &str, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["webhook", "listen", "--url", &format!("http://{}", api.server.address), "--forward", forward])
            .args(more)
            .env_clear()
            .env("SWITCHBOARD_TOKEN", token)
            .env("SWITCHBOARD_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("run the binary");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> Option<String> {
        self.lines.next_line().await.unwrap()
    }

    /// The next object of `--json`.
    async fn said(&mut self) -> Value {
        let line = self.line().await.expect("the command has ended");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("not JSON ({error}): {line}"))
    }

    /// What it says until so many events were taken, each as `event attempt status`.
    async fn until_taken(&mut self, count: usize) -> Vec<String> {
        let (mut said, mut taken) = (Vec::new(), 0);
        while taken < count {
            let one = self.said().await;
            assert_eq!(one["type"], "attempt");
            taken += usize::from(one["delivered"] == true);
            said.push(format!("{} {} {}", one["event"].as_str().unwrap(), one["attempt"], one["http_status"]));
        }
        said
    }

    /// Ctrl-C: the rest of what it says, whether it ended well, and what it complained of.
    async fn interrupt(mut self) -> (Vec<String>, bool, String) {
        let pid = self.child.id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.end().await
    }

    async fn end(&mut self) -> (Vec<String>, bool, String) {
        let mut rest = Vec::new();
        while let Some(line) = self.line().await {
            rest.push(line);
        }
        let mut complaint = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut complaint).await.unwrap();
        (rest, self.child.wait().await.unwrap().success(), complaint)
    }
}

fn verify(request: &Received, secret: &str) {
    let mut headers = http::HeaderMap::new();
    for (name, value) in &request.headers {
        headers.insert(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
    }
    standardwebhooks::Webhook::new(secret).unwrap().verify(&request.body, &headers).unwrap();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&request.body);
    assert_eq!(request.header("x-switchboard-signature"), hex::encode(mac.finalize().into_bytes()));
}

#[actix_web::test]
async fn events_are_forwarded_in_order_and_signed_and_a_failing_program_misses_none() {
    let api = Api::start().await;
    api.visitor_says("Noor", "Before it listened").await;
    let token = api.token(&[Permission::WebhooksRead]).await;
    let program = Program::start(&["204 No Content", "500 Internal Server Error", "503 Service Unavailable", "200 OK"]).await;
    let mut listening = Listening::start(&api, &token, &program.url, &["--json", "--secret", SECRET, "--events", "ticket.*,contact.*"]);
    let ready = listening.said().await;
    let epoch = api.server.app.journal.epoch();
    let expected = json!({"type": "ready", "forward": program.url, "events": "ticket.*,contact.*", "secret": SECRET, "cursor": epoch.at(5).to_string()});
    assert_eq!(ready, expected);
    let write = async {
        for visitor in ["Sam", "Ada"] {
            api.visitor_says(visitor, "Hello").await;
        }
    };
    let ((), said) = join(write, listening.until_taken(6)).await;
    assert_eq!(
        said,
        [
            "contact.created 1 204",
            "ticket.created 1 500",
            "ticket.created 2 503",
            "ticket.created 3 200",
            "ticket.message_created 1 200",
            "contact.created 1 200",
            "ticket.created 1 200",
            "ticket.message_created 1 200"
        ]
    );
    let (rest, well, complaint) = listening.interrupt().await;
    let cursor = epoch.at(15).to_string();
    assert_eq!((rest, well, complaint.as_str()), (vec![json!({"type": "end", "cursor": cursor}).to_string()], true, ""));

    let received = program.received();
    let (paged, _) = read_all(&api, &token, "types=ticket.*,contact.*", Some(&epoch.at(5).to_string())).await;
    let mut taken: Vec<_> = received.iter().map(|request| String::from_utf8(request.body.clone()).unwrap()).collect();
    assert_eq!(taken[1], taken[2]);
    taken.dedup();
    assert_eq!(taken, paged);
    for request in &received {
        verify(request, SECRET);
        let envelope: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!((request.line.as_str(), request.header("content-type")), ("POST /hook HTTP/1.1", "application/json"));
        assert_eq!(
            (request.header("webhook-id"), request.header("x-switchboard-event")),
            (envelope["id"].as_str().unwrap(), envelope["event"].as_str().unwrap())
        );
        assert!(request.header("user-agent").starts_with("Switchboard/"));
    }
    let attempts: Vec<_> = received.iter().map(|request| request.header("x-switchboard-attempt")).collect();
    assert_eq!(attempts, ["1", "1", "2", "3", "1", "1", "1", "1"]);
    assert_eq!(received[1].header("x-switchboard-delivery"), received[3].header("x-switchboard-delivery"));

    // Who hands the cursor back goes on there.
    api.visitor_says("Eve", "While nobody listened").await;
    let mut listening = Listening::start(&api, &token, &program.url, &["--json", "--after", &cursor]);
    let secret = listening.said().await["secret"].as_str().unwrap().to_owned();
    assert_eq!(listening.until_taken(5).await[0], "contact.created 1 200");
    verify(&program.received()[8], &secret);
    listening.interrupt().await;
}

#[actix_web::test]
async fn people_read_a_line_an_event_the_secret_and_where_to_go_on() {
    let api = Api::start().await;
    api.visitor_says("Noor", "Hello").await;
    let program = Program::start(&["200 OK"]).await;
    let mut listening = Listening::start(&api, &api.home.token, &program.url, &["--after", "oldest", "--secret", SECRET]);
    let mut lines = Vec::new();
    for _ in 0..9 {
        lines.push(listening.line().await.unwrap());
    }
    assert_eq!(lines[0], format!("Forwarding * to {}, from the oldest event on", program.url));
    assert_eq!(lines[1], format!("Signing with {SECRET}"));
    assert!(lines[4].starts_with("200  contact.created  ") && lines[8].starts_with("200  ticket.message_created  "), "{lines:?}");
    let (rest, well, _) = listening.interrupt().await;
    assert_eq!((rest, well), (vec![String::new(), format!("Go on from here with --after {}", api.server.app.journal.epoch().at(5))], true));
}

#[actix_web::test]
async fn what_cannot_work_is_said_at_once() {
    let api = Api::start().await;
    let program = Program::start(&["410 Gone"]).await;
    let other = api.token(&[Permission::ContactsRead]).await;
    let home = api.home.token.clone();
    let old = entities::Epoch::new(api.server.app.journal.epoch().get().wrapping_add(1)).at(1).to_string();
    api.visitor_says("Noor", "Hello").await;
    for (token, forward, more, complaint) in [
        ("sb_unknown", program.url.as_str(), ["--events", "*"], "401 unauthenticated"),
        (&other, &program.url, ["--events", "*"], "403 forbidden: this needs the permission webhooks:read"),
        (&home, &program.url, ["--events", "ticket.opened"], "400 invalid_request: there is no event `ticket.opened`"),
        (&home, &program.url, ["--after", &old], "410 resync_required"),
        (&home, "localhost:3000", ["--events", "*"], "--forward: the URL must begin with https://"),
        (&home, &program.url, ["--secret", "short"], "whsec_ and the base64"),
        (&home, &program.url, ["--after", "oldest"], "the receiver answered 410"),
    ] {
        let (_, well, complained) = Listening::start(&api, token, forward, &more).end().await;
        assert!(!well && complained.contains(complaint), "{complained}");
    }
}
