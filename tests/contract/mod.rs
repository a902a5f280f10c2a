//! The outward contract, walked through example by example: requests and frames are sent as other people's programs send them, and the
//! answers' fields asserted as those programs read them. One file a part; what a sentence means in depth is tested elsewhere.

mod conventions;
mod files;
mod health;
mod sockets;
mod webhook_events;
mod widget;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    stories::client::{Client, Heard},
    support::{
        http::{Reply, Request},
        server::{TestServer, Workspace},
    },
};

/// A server with a workspace and its widget.
struct Scene {
    server: TestServer,
    home: Workspace,
    channel_id: String,
    api_key: String,
}

/// A visitor with a session.
struct Visitor {
    id: String,
    token: String,
}

impl Scene {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(arguments: &[&str]) -> Self {
        let server = TestServer::start_with(arguments).await;
        let home = server.workspace("Northwind").await;
        let channels = server.get_as(&home.token, "/api/v1/channels").await.json();
        let channel = &channels["data"][0];
        let (channel_id, api_key) = (text(&channel["id"]), text(&channel["settings"]["api_key"]));
        Self { server, home, channel_id, api_key }
    }

    /// Both addresses of a resource.
    fn mounts(&self, resource: &str) -> [String; 2] {
        [format!("/api/v1/{resource}"), format!("/api/v1/workspaces/{}/{resource}", self.home.tenant_id)]
    }

    fn post(&self, path: &str, body: &Value) -> Request {
        self.server.post(path).json(body)
    }

    fn post_as(&self, token: &str, path: &str, body: &Value) -> Request {
        self.post(path, body).bearer(token)
    }

    fn patch(&self, path: &str, body: &Value) -> Request {
        self.server.request("PATCH", path).bearer(&self.home.token).json(body)
    }

    async fn get(&self, path: &str) -> Value {
        good(self.server.get_as(&self.home.token, path).await)
    }

    /// Changes the widget's settings.
    async fn set(&self, settings: Value) {
        good(self.patch(&format!("/api/v1/channels/{}", self.channel_id), &json!({"settings": settings})).send().await);
    }

    async fn visitor(&self) -> Visitor {
        self.visitor_of(&self.api_key).await
    }

    async fn visitor_of(&self, api_key: &str) -> Visitor {
        let begun = good(self.post("/api/widget/init", &json!({"apiKey": api_key})).send().await);
        Visitor { id: text(&begun["visitorId"]), token: text(&begun["sessionToken"]) }
    }

    /// A visitor says something over HTTP.
    async fn says(&self, visitor: &Visitor, message: &str) -> Value {
        good(self.post("/api/widget/message", &json!({"sessionToken": visitor.token, "message": message})).send().await)
    }

    /// What a visitor reads.
    async fn history(&self, visitor: &Visitor) -> Value {
        good(self.server.get(&format!("/api/widget/message?sessionToken={}", visitor.token)).send().await)
    }

    /// A socket before its `hello`.
    async fn open(&self, path: &str, origin: Option<&str>) -> Client {
        Client::open(&self.server.address.to_string(), path, origin).await.expect("the socket opens")
    }

    /// A socket that was welcomed, and the welcome.
    async fn enter(&self, path: &str, hello: Value) -> (Client, Value) {
        let mut client = self.open(path, None).await;
        client.say(&hello).await;
        let welcome = heard(&mut client).await;
        assert_eq!(welcome["type"], "welcome");
        (client, welcome)
    }

    async fn visitor_socket(&self, visitor: &Visitor) -> Client {
        self.enter("/ws/visitor", json!({"type": "hello", "token": visitor.token})).await.0
    }

    async fn agent_socket(&self, token: &str, topics: &[&str]) -> Client {
        let mut client = self.enter("/ws/agent", json!({"type": "hello", "token": token})).await.0;
        client.follow(topics).await;
        client
    }

    /// Another member, signed in: id and token.
    async fn agent(&self, name: &str) -> (String, String) {
        let email = format!("{}@northwind.example", name.to_lowercase());
        let id = self.server.member(self.home.tenant_id, &email, entities::Role::Agent).await;
        (id.to_string(), self.server.sign_in(&email).await)
    }

    async fn end(self) {
        assert!(self.server.stop().await, "the server left something undone");
    }
}

/// The body of an answer that is good.
fn good(reply: Reply) -> Value {
    assert!((200..300).contains(&reply.status), "{} {}", reply.status, reply.text());
    reply.json()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The names of an object's members, sorted.
fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap_or_else(|| panic!("{value} is no object")).keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Every member that the contract names is there; more may be.
fn has(value: &Value, members: &[&str]) {
    let known = names(value);
    for member in members {
        assert!(known.contains(member), "{member} is missing in {value}");
    }
}

/// The next frame.
async fn heard(client: &mut Client) -> Value {
    match client.hear().await {
        Heard::Frame(frame) => frame,
        Heard::Closed(code) => panic!("closed with {code:?}"),
    }
}

/// Ids are plain hyphenated UUIDv7, times RFC 3339 in UTC with microseconds at most, wherever they stand in an answer. Answers how many of
/// each were seen.
fn well_formed(value: &Value) -> (usize, usize) {
    /// Names that say `id` and mean a key that somebody else chose.
    const FOREIGN: [&str; 3] = ["client_id", "clientId", "key_id"];
    let mut seen = (0, 0);
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let inner = well_formed(value);
                seen = (seen.0 + inner.0, seen.1 + inner.1);
                let Some(said) = value.as_str() else { continue };
                if (name == "id" || name.ends_with("_id") || name.ends_with("Id")) && !FOREIGN.contains(&name.as_str()) {
                    let id = Uuid::parse_str(said).unwrap_or_else(|_| panic!("{name} is no UUID: {said}"));
                    assert_eq!((id.get_version_num(), id.hyphenated().to_string()), (7, said.to_owned()), "{name}");
                    seen.0 += 1;
                }
                if name == "at" || name == "timestamp" || name.ends_with("_at") {
                    assert!(chrono::DateTime::parse_from_rfc3339(said).is_ok() && said.ends_with('Z'), "{name}: {said}");
                    let fraction = said.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('Z'));
                    assert!(fraction.len() <= 6, "{name}: {said}");
                    seen.1 += 1;
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                let inner = well_formed(item);
                seen = (seen.0 + inner.0, seen.1 + inner.1);
            }
        }
        _ => {}
    }
    seen
}
