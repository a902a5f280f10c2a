//! A house for a story: a database of its own, a workspace in it, and the server as a process that can be stopped and killed.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    client::{Client, Heard},
    http::{self, Answer},
};
use crate::support::postgres;

const OWNER: &str = "maya@northwind.example";
const PASSWORD: &str = "a long pass phrase";
/// Rates that no story reaches.
const UNLIMITED: &str = "1000000000";

/// A database with a workspace, and where its server keeps things.
pub struct House {
    folder: TempDir,
    pub database_url: String,
    pub workspace_id: String,
    pub api_key: String,
    pub api_token: String,
}

impl House {
    /// On a fresh SQLite file.
    pub fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let url = format!("sqlite://{}", folder.path().join("switchboard.db").display());
        Self::on(folder, url)
    }

    /// On a fresh database of the tests' PostgreSQL.
    pub fn on_postgres() -> Self {
        Self::on(tempfile::tempdir().expect("make a folder"), postgres::database())
    }

    /// On a fresh database of the given kind.
    pub fn on_database(database_url: String) -> Self {
        Self::on(tempfile::tempdir().expect("make a folder"), database_url)
    }

    fn on(folder: TempDir, database_url: String) -> Self {
        let mut house = Self { folder, database_url, workspace_id: String::new(), api_key: String::new(), api_token: String::new() };
        let made = house.make_workspace("Northwind Cycles", OWNER);
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        house.workspace_id = text("workspace_id");
        house.api_key = text("widget_api_key");
        house.api_token = text("api_token");
        house
    }

    /// Makes one more workspace and answers what the command printed.
    pub fn make_workspace(&self, name: &str, owner: &str) -> Value {
        let mut command = self.switchboard();
        command.args(["workspace", "create", "--name", name, "--owner-email", owner, "--owner-password", PASSWORD, "--json"]);
        let done = command.output().expect("run switchboard");
        assert!(done.status.success(), "workspace create: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).expect("workspace create prints JSON")
    }

    /// A command of the binary, or of that which `SWITCHBOARD_BINARY` names, on this house.
    pub fn switchboard(&self) -> Command {
        // Ends with the thread that started it, should the story be killed.
        let mut command = Command::new("setpriv");
        let binary = std::env::var("SWITCHBOARD_BINARY").unwrap_or_else(|_unset| env!("CARGO_BIN_EXE_switchboard").to_owned());
        command.args(["--pdeathsig", "KILL", "--", &binary]);
        command.arg("--data-dir").arg(self.folder.path()).args(["--database-url", &self.database_url, "--log", "error"]);
        command
    }

    /// Starts the server and waits until it answers.
    pub fn start(&self) -> Server {
        self.start_with(&[])
    }

    /// Starts the server with further options.
    pub fn start_with(&self, options: &[&str]) -> Server {
        // A server with a public address prints that one: then the port is chosen here.
        let listen = if options.contains(&"--public-url") { free_address() } else { "127.0.0.1:0".to_owned() };
        let mut command = self.switchboard();
        command.args(["serve", "--listen", &listen, "--workers", "2"]);
        for rate in ["token", "workspace", "visitor", "prefix", "anonymous", "socket-frames"] {
            if !options.contains(&format!("--rate-{rate}").as_str()) {
                command.args([format!("--rate-{rate}"), UNLIMITED.to_owned()]);
            }
        }
        let mut child = command.args(options).stdout(Stdio::piped()).spawn().expect("start the server");
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("read what the server prints");
        let address = line.trim().rsplit_once("http://").map(|(_, address)| address.to_owned());
        let said = address.unwrap_or_else(|| panic!("the server did not say where it is: {line:?}"));
        let address = if listen.ends_with(":0") { said } else { listen };
        Server { child, address }
    }
}

/// An address that nobody listens on.
fn free_address() -> String {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    taken.local_addr().expect("an address").to_string()
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("kill the server");
        self.child.wait().expect("wait for the server");
    }

    /// SIGTERM; answers without waiting.
    pub fn terminate(&self) {
        let told = Command::new("kill").arg(self.pid().to_string()).status().expect("run kill");
        assert!(told.success());
    }

    /// Waits for the process's end and answers its exit code.
    pub async fn ended(mut self) -> Option<i32> {
        let waited = tokio::task::spawn_blocking(move || self.child.wait());
        waited.await.expect("the wait does not panic").expect("wait for the server").code()
    }

    /// Resident memory, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux tells the resident memory");
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        http::request(&self.address, "GET", path, Some(token), None).await.expect("the server answers")
    }

    pub async fn patch(&self, token: &str, path: &str, body: &Value) -> Answer {
        http::request(&self.address, "PATCH", path, Some(token), Some(body)).await.expect("the server answers")
    }

    pub async fn post(&self, token: Option<&str>, path: &str, body: &Value) -> Answer {
        http::request(&self.address, "POST", path, token, Some(body)).await.expect("the server answers")
    }

    /// Signs the owner in and answers the token.
    pub async fn owner(&self) -> String {
        self.sign_in(OWNER, PASSWORD).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> String {
        let answer = self.post(None, "/api/auth/login", &json!({"email": email, "password": password})).await.good();
        answer["token"].as_str().expect("a token").to_owned()
    }

    /// Adds an agent and answers their id and token.
    pub async fn agent(&self, owner: &str, name: &str) -> (String, String) {
        let email = format!("{}@northwind.example", name.to_lowercase());
        let body = json!({"name": name, "email": email, "role": "agent", "password": PASSWORD});
        let made = self.post(Some(owner), "/api/v1/agents", &body).await.good();
        (made["id"].as_str().expect("an id").to_owned(), self.sign_in(&email, PASSWORD).await)
    }

    /// Begins a visitor's session and answers its token.
    pub async fn visitor(&self, house: &House) -> String {
        self.visitor_of(&house.api_key).await
    }

    pub async fn visitor_of(&self, api_key: &str) -> String {
        let answer = self.post(None, "/api/widget/init", &json!({"apiKey": api_key})).await.good();
        answer["sessionToken"].as_str().expect("a token").to_owned()
    }

    /// A visitor says something over HTTP; answers the conversation and the message's place.
    pub async fn visitor_says(&self, session: &str, client_id: &str, text: &str) -> (String, u64) {
        let body = json!({"sessionToken": session, "message": text, "clientId": client_id});
        let answer = self.post(None, "/api/widget/message", &body).await.good();
        (answer["conversationId"].as_str().expect("a conversation").to_owned(), answer["seq"].as_u64().expect("a seq"))
    }

    /// A visitor's socket that has said `hello` and been welcomed.
    pub async fn visitor_socket(&self, session: &str) -> Client {
        self.socket("/ws/visitor", session).await
    }

    /// An agent's socket that has said `hello` and follows these topics.
    pub async fn agent_socket(&self, token: &str, topics: &[&str]) -> Client {
        let mut client = self.socket("/ws/agent", token).await;
        client.follow(topics).await;
        client
    }

    async fn socket(&self, path: &str, token: &str) -> Client {
        let mut client = Client::open(&self.address, path, None).await.expect("the socket opens");
        client.say(&json!({"type": "hello", "token": token})).await;
        match client.hear().await {
            Heard::Frame(frame) if frame["type"] == "welcome" => client,
            other => panic!("hello was answered with {other:?}"),
        }
    }

    /// Every message of a conversation, oldest first, as the REST list shows them.
    pub async fn messages(&self, token: &str, conversation_id: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/conversations/{conversation_id}/messages?order=asc&limit=100{cursor}");
            let page = self.get(token, &path).await.good();
            all.extend(page["data"].as_array().expect("a page").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// Every message that a visitor may read, oldest first, as the widget reads them.
    pub async fn history(&self, session: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().map_or(0, |message| message["seq"].as_u64().expect("a seq"));
            let path = format!("/api/widget/message?after={after}&limit=100");
            let page = self.get(session, &path).await.good();
            let messages = page["messages"].as_array().expect("messages");
            if messages.is_empty() {
                return all;
            }
            all.extend(messages.iter().cloned());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended, or it ends now; a story that fails leaves nothing behind.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
