//! A page with a widget on it: what a visitor's browser sends, and whole answers of any kind.
//!
//! Start reading at [`Page`].

use std::{collections::HashMap, fmt::Write as _};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::api::{Api, Tenant};

/// A widget's page in one workspace.
pub struct Page<'a> {
    pub api: &'a Api,
    pub tenant: &'a Tenant,
    pub api_key: String,
    /// What the browser sends as `Origin`.
    pub origin: Option<String>,
}

/// A visitor with a session.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub id: String,
    pub token: String,
}

/// An answer of any media type.
#[derive(Debug, Clone)]
pub struct Raw {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Raw {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// What a refusal says: status, code, and the bad fields with their codes. A widget's refusal also says it in the widget's way.
    pub fn refusal(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status);
        let fields: Vec<String> = body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|field| format!("{} {}", field["pointer"].as_str().unwrap(), field["code"].as_str().unwrap()))
            .collect();
        json!([self.status, body["code"], fields])
    }
}

impl<'a> Page<'a> {
    /// The page of the workspace that the test is about.
    pub async fn of(api: &'a Api) -> Self {
        Self::in_tenant(api, &api.home).await
    }

    pub async fn in_tenant(api: &'a Api, tenant: &'a Tenant) -> Self {
        let channel = api.get(&tenant.token, &format!("/api/v1/channels/{}", tenant.channel)).await;
        let api_key = channel.body["settings"]["api_key"].as_str().unwrap_or_else(|| panic!("{channel:?}")).to_owned();
        Self { api, tenant, api_key, origin: None }
    }

    /// Changes the widget's settings.
    pub async fn set(&self, settings: Value) {
        let path = format!("/api/v1/channels/{}", self.tenant.channel);
        let changed = self.api.patch(&self.tenant.token, &path, json!({"settings": settings})).await;
        assert_eq!(changed.status, 200, "{changed:?}");
    }

    /// Makes an identity secret: its name and its text.
    pub async fn identity_secret(&self) -> (String, String) {
        let path = format!("/api/v1/channels/{}/identity-secret", self.tenant.channel);
        let made = self.api.post(&self.tenant.token, &path, json!({})).await;
        assert_eq!(made.status, 201, "{made:?}");
        (made.body["key_id"].as_str().unwrap().to_owned(), made.body["secret"].as_str().unwrap().to_owned())
    }

    pub async fn post(&self, path: &str, body: &Value) -> Raw {
        self.call("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes()).await
    }

    pub async fn get(&self, path: &str) -> Raw {
        self.call("GET", path, &[], b"").await
    }

    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Raw {
        let mut all = headers.to_vec();
        if let Some(origin) = &self.origin {
            all.push(("origin", origin));
        }
        call(self.api, method, path, &all, body).await
    }

    /// `init` with further members.
    pub async fn init(&self, more: Value) -> Raw {
        let mut body = json!({"apiKey": self.api_key});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/api/widget/init", &body).await
    }

    /// A new visitor.
    pub async fn visitor(&self) -> Visitor {
        self.visitor_with(json!({})).await
    }

    pub async fn visitor_with(&self, more: Value) -> Visitor {
        let answer = self.init(more).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let body = answer.json();
        Visitor { id: body["visitorId"].as_str().unwrap().to_owned(), token: body["sessionToken"].as_str().unwrap().to_owned() }
    }

    /// Says something and expects it to be taken.
    pub async fn say(&self, visitor: &Visitor, text: &str) -> Value {
        let answer = self.post("/api/widget/message", &json!({"sessionToken": visitor.token, "message": text})).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// What a visitor reads: each message's text.
    pub async fn reads(&self, visitor: &Visitor) -> Vec<String> {
        let body = self.get(&format!("/api/widget/message?sessionToken={}", visitor.token)).await.json();
        let messages = body["messages"].as_array().unwrap_or_else(|| panic!("{body}"));
        messages.iter().map(|message| message["content_text"].as_str().unwrap().to_owned()).collect()
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> i64 {
        use sea_orm::{ConnectionTrait, Statement};
        let db = self.api.db();
        let statement = Statement::from_string(db.backend(), format!("SELECT COUNT(*) AS count FROM {table}"));
        db.read().query_one_raw(statement).await.unwrap().unwrap().try_get("", "count").unwrap()
    }

    /// The workspace's contacts, by what matters here.
    pub async fn contacts(&self) -> Vec<Value> {
        let page = self.api.get(&self.tenant.token, "/api/v1/contacts?limit=100").await;
        page.body["data"].as_array().unwrap_or_else(|| panic!("{page:?}")).clone()
    }
}

/// One request on a connection of its own.
pub async fn call(api: &Api, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Raw {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", api.server.address);
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    if !headers.iter().any(|(name, _)| *name == "content-length") {
        write!(head, "content-length: {}\r\n", body.len()).unwrap();
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(api.server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // A server that refuses a huge body may close before it has read it; what it answered is there all the same.
    let _sent = stream.write_all(body).await;
    let mut bytes = Vec::new();
    let _whole = stream.read_to_end(&mut bytes).await;
    read(&bytes)
}

fn read(bytes: &[u8]) -> Raw {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {bytes:?}"));
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HashMap<String, String> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let body = &bytes[end + 4..];
    let chunked = headers.get("transfer-encoding").is_some_and(|value| value == "chunked");
    Raw { status, headers, body: if chunked { unchunked(body) } else { body.to_vec() } }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 2 + length + 2..];
    }
    body
}

/// HMAC-SHA256 as a site's server would make it.
pub fn mac(secret: &str, message: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A JWT as a site's server would make it.
pub fn jwt(secret: &str, header: &Value, claims: &Value) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(mac(secret, &signed));
    format!("{signed}.{signature}")
}
