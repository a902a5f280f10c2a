//! A whole server for one test: two workspaces in a fresh database, and a client that shows whole answers.
//!
//! Start reading at [`Api::start`]; [`tidy`] makes answers comparable.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use actors::{
    conversation::{Command, ContactDraft, Opening, Post, Posted, Reply},
    port::Clock as _,
    runtime::Directory,
};
use clap::Parser;
use entities::{
    AgentId, Author, AuthorKind, ChannelId, ContactId, ConversationId, Direction, Document, LoginSessionId, MessageKind, Permission, Role,
    ServiceAccountId, TenantId, TokenId, WidgetSettings, channel::IdentitySettings, thread::derive_ids,
};
use serde_json::{Value, json};
use switchboard::{
    compose::{self, Server, SystemClock},
    crypto::token,
    options::Options,
    store::{
        Database, OpenOptions,
        settings::{
            self,
            session::NewSession,
            tenant::{NewMember, NewTenant, NewWidget},
            token::NewToken,
        },
    },
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

use super::{databases, postgres};

/// The argon2 hash of `a long pass phrase`, with the least work: signing in is not what these tests are about.
const PASSWORD_HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$/rAi35K9jZnnRh8YGJO8pM4pCBkVvW2BmSKx3DZ7l0w";

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

/// A server and its two workspaces.
pub struct Api {
    /// The server.
    pub server: Server,
    /// The workspace that a test is about.
    pub home: Tenant,
    /// Another workspace, which must never be seen.
    pub away: Tenant,
    pub clock: Arc<SystemClock>,
    _folder: TempDir,
}

/// A workspace.
pub struct Tenant {
    pub id: TenantId,
    pub owner: AgentId,
    pub channel: ChannelId,
    /// May do everything.
    pub token: String,
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Value,
}

impl Api {
    /// Starts a server on SQLite.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server on SQLite with further options.
    pub async fn start_with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("switchboard.db").display());
        Self::start_on(url, folder, options).await
    }

    /// Starts a server on PostgreSQL.
    pub async fn start_on_postgres() -> Self {
        Self::start_on_postgres_with(&[]).await
    }

    /// Starts a server on PostgreSQL with further options.
    pub async fn start_on_postgres_with(options: &[&str]) -> Self {
        Self::start_on(postgres::database(), tempfile::tempdir().unwrap(), options).await
    }

    /// Starts a server on the database at an address.
    pub async fn start_at(url: String) -> Self {
        Self::start_on(url, tempfile::tempdir().unwrap(), &[]).await
    }

    async fn start_on(url: String, folder: TempDir, options: &[&str]) -> Self {
        databases::left_by_tasks();
        let dir = folder.path().display().to_string();
        let fixed = ["test", "--listen", "127.0.0.1:0", "--workers", "1", "--rate-token", "1000000", "--rate-workspace", "1000000"];
        let arguments = fixed.into_iter().map(str::to_owned).chain(["--data-dir".into(), dir, "--database-url".into(), url.clone()]);
        let arguments = arguments.chain(options.iter().map(|option| (*option).to_owned()));
        let options = Arguments::parse_from(arguments).options;
        let ground = compose::ground(&options).await.unwrap();
        let db = Database::open(&url, OpenOptions::default()).await.unwrap();
        let clock = ground.clock.clone();
        switchboard::store::migrate(&db).await.unwrap();
        let home = tenant(&db, &clock, "Northwind Cycles").await;
        let away = tenant(&db, &clock, "Contoso").await;
        let server = compose::start(options, ground, None).await.unwrap();
        Self { server, home, away, clock, _folder: folder }
    }

    pub fn db(&self) -> &Database {
        &self.server.app.db
    }

    /// Adds a member and signs them in; answers their id and token.
    pub async fn agent(&self, role: Role, name: &str) -> (AgentId, String) {
        let id = AgentId::new(self.clock.new_id());
        let email = format!("{}@northwind.example", name.to_lowercase().replace(' ', "."));
        let member = NewMember { id, email, password_hash: PASSWORD_HASH.to_owned(), name: name.to_owned(), role };
        settings::tenant::add_member(self.db(), self.home.id, member, self.clock.now()).await.unwrap();
        (id, self.sign_in(id).await)
    }

    /// A token of a sign-in of a member.
    pub async fn sign_in(&self, agent_id: AgentId) -> String {
        let text = token::make(token::SESSION_PREFIX);
        let session = NewSession {
            id: LoginSessionId::new(self.clock.new_id()),
            agent_id,
            hash: token::hash(&text),
            user_agent: None,
            created_at: self.clock.now(),
            expires_at: self.clock.now().plus_ms(3_600_000),
        };
        settings::session::create(self.db(), self.home.id, session).await.unwrap();
        text
    }

    /// A token of a service account with these scopes.
    pub async fn token(&self, scopes: &[Permission]) -> String {
        let text = token::make(token::SERVICE_PREFIX);
        settings::token::create(self.db(), self.home.id, new_token(&self.clock, &text, scopes)).await.unwrap();
        text
    }

    /// A visitor's message in the workspace that the test is about; begins the visitor's conversation if need be.
    pub async fn visitor_says(&self, visitor: &str, text: &str) -> Posted {
        self.visitor_says_to(&self.home, visitor, text).await
    }

    pub async fn visitor_says_to(&self, tenant: &Tenant, visitor: &str, text: &str) -> Posted {
        self.visitor_says_through(&self.server.app.directory, tenant, visitor, text).await
    }

    /// A visitor's message that goes through a node's own directory.
    pub async fn visitor_says_through(&self, directory: &Directory, tenant: &Tenant, visitor: &str, text: &str) -> Posted {
        let ids = derive_ids(tenant.channel, visitor);
        let post = Post {
            author: Author { kind: AuthorKind::Visitor, id: Some(ids.contact_id.uuid()), name: Some(visitor.to_owned()), avatar_url: None },
            kind: MessageKind::Message,
            direction: Direction::In,
            content: Document::plain(text),
            text: text.to_owned(),
            attachments: Vec::new(),
            client_id: None,
            repeat_guard: None,
            last_seen_seq: None,
            opening: Some(Opening {
                channel_id: tenant.channel,
                thread_key: visitor.to_owned(),
                contact_id: ids.contact_id,
                contact: ContactDraft {
                    name: Some(visitor.to_owned()),
                    email: Some(format!("{}@example.com", visitor.to_lowercase())),
                    ..ContactDraft::default()
                },
                remote: None,
            }),
            subject: None,
            via: None,
            provider_id: None,
        };
        match directory.ask(tenant.id, ids.conversation_id, Command::Post(Box::new(post))).await.unwrap() {
            Reply::Posted(posted) => posted,
            other => panic!("a post was answered with {other:?}"),
        }
    }

    /// The ids of a visitor's conversation and contact.
    pub fn of(&self, visitor: &str) -> (ConversationId, ContactId) {
        let ids = derive_ids(self.home.channel, visitor);
        (ids.conversation_id, ids.contact_id)
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.call("GET", path, &[("authorization", &format!("Bearer {token}"))], None).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        self.call("DELETE", path, &[("authorization", &format!("Bearer {token}"))], None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send("POST", token, path, body, &[]).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send("PATCH", token, path, body, &[]).await
    }

    pub async fn send(&self, method: &str, token: &str, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut all = vec![("authorization", bearer.as_str()), ("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.call(method, path, &all, Some(body.to_string().as_bytes())).await
    }

    /// One request on a connection of its own.
    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.server.address);
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if let Some(body) = body {
            write!(head, "content-length: {}\r\n", body.len()).unwrap();
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses a huge body may close before it has read it; what it answered is there all the same.
        let _sent = stream.write_all(body.unwrap_or_default()).await;
        let mut bytes = Vec::new();
        let _whole = stream.read_to_end(&mut bytes).await;
        read_answer(&bytes)
    }
}

fn read_answer(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: HashMap<String, String> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let body = unchunked(&bytes[end + 4..], headers.get("transfer-encoding").is_some_and(|value| value == "chunked"));
    let words = headers.get("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
    let body = match serde_json::from_slice(&body) {
        _ if body.is_empty() => Value::Null,
        Err(_) if words => Value::String(String::from_utf8_lossy(&body).into_owned()),
        read => read.unwrap(),
    };
    Answer { status, headers, body }
}

fn unchunked(mut bytes: &[u8], chunked: bool) -> Vec<u8> {
    if !chunked {
        return bytes.to_vec();
    }
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 2 + length + 2..];
    }
    body
}

impl Answer {
    /// The ids of a page's rows.
    pub fn ids(&self) -> Vec<String> {
        self.body["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    }

    /// What a refusal says: status, code, and the bad fields with their codes.
    pub fn refusal(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let fields: Vec<String> = self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|field| format!("{} {}", field["pointer"].as_str().unwrap(), field["code"].as_str().unwrap()))
            .collect();
        assert_eq!(self.body["status"], self.status);
        json!([self.status, self.body["code"], fields])
    }
}

/// The same JSON with what differs from run to run replaced: ids by `id 1`, `id 2`, … in the order in which they turn up, instants by `at`.
pub fn tidy(value: &Value) -> Value {
    fn walk(value: &Value, ids: &mut Vec<String>) -> Value {
        match value {
            Value::String(text) if Uuid::parse_str(text).is_ok() => {
                let place = ids.iter().position(|id| id == text).unwrap_or_else(|| {
                    ids.push(text.clone());
                    ids.len() - 1
                });
                json!(format!("id {}", place + 1))
            }
            Value::String(text) if text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T' => json!("at"),
            Value::Array(items) => items.iter().map(|item| walk(item, ids)).collect(),
            Value::Object(map) => {
                map.iter().map(|(name, value)| (name.clone(), walk(value, ids))).collect::<serde_json::Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }
    walk(value, &mut Vec::new())
}

async fn tenant(db: &Database, clock: &SystemClock, name: &str) -> Tenant {
    let text = token::make(token::SERVICE_PREFIX);
    let owner = AgentId::new(clock.new_id());
    let channel = ChannelId::new(clock.new_id());
    let tenant = NewTenant {
        id: TenantId::new(clock.new_id()),
        name: name.to_owned(),
        slug: None,
        members: vec![NewMember {
            id: owner,
            email: "owner@northwind.example".to_owned(),
            password_hash: PASSWORD_HASH.to_owned(),
            name: "Maya Chen".to_owned(),
            role: Role::Owner,
        }],
        token: new_token(clock, &text, Permission::ALL),
        widget: NewWidget {
            id: channel,
            name: "Website".to_owned(),
            settings: WidgetSettings {
                api_key: token::make_public(token::WIDGET_PREFIX),
                allowed_origins: Vec::new(),
                theme: serde_json::Map::new(),
                header_text: name.to_owned(),
                pre_chat_form: Vec::new(),
                allow_file_uploads: true,
                identity: IdentitySettings::default(),
            },
        },
        created_at: clock.now(),
    };
    let id = tenant.id;
    settings::tenant::create(db, tenant).await.unwrap();
    Tenant { id, owner, channel, token: text }
}

fn new_token(clock: &SystemClock, text: &str, scopes: &[Permission]) -> NewToken {
    NewToken {
        id: TokenId::new(clock.new_id()),
        service_account_id: ServiceAccountId::new(clock.new_id()),
        name: "Robot".to_owned(),
        hash: token::hash(text),
        hint: text.chars().skip(text.len() - 4).collect(),
        scopes: scopes.to_vec(),
        created_at: clock.now(),
        expires_at: None,
    }
}

/// Puts a conversation into an agent's personal inbox, which no operation of today does.
pub async fn own(db: &Database, id: ConversationId, owner: AgentId) {
    use entities::table::conversation::{Column, Entity};
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
    db.write(async |transaction| {
        let update = Entity::update_many().col_expr(Column::OwnerId, Expr::value(owner.uuid())).filter(Column::Id.eq(id.uuid()));
        update.exec(transaction).await.map_err(switchboard::store::unavailable)?;
        Ok(())
    })
    .await
    .unwrap();
}
