//! A whole server in the test's own process, on a free port of 127.0.0.1, over a fresh SQLite file.
//!
//! Use it inside `#[actix_web::test]`. It is stopped when the test calls [`TestServer::stop`], or with the test's system.

use std::{net::SocketAddr, path::Path, time::Duration};

use clap::Parser;
use entities::{AgentId, Role, TenantId};
use switchboard::{
    cli::{
        Cli,
        workspace::{self, Person},
    },
    compose::{self, Ground},
    options::Options,
    store,
};
use tempfile::TempDir;

use super::http::{Reply, Request};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

/// A running server.
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it stands on, for looking into its database.
    pub ground: Ground,
    /// Its data folder.
    pub folder: TempDir,
    server: compose::Server,
}

/// A workspace of a server.
pub struct Workspace {
    /// The workspace.
    pub tenant_id: TenantId,
    /// Its owner.
    pub owner_id: AgentId,
    /// The owner's address; the password is [`PASSWORD`].
    pub owner_email: String,
    /// A token with every scope.
    pub token: String,
}

/// The options that these arguments of `serve` mean, with a data folder and a free port.
pub fn options(folder: &Path, arguments: &[&str]) -> Options {
    let folder = folder.display().to_string();
    let fixed = ["switchboard", "serve", "--listen", "127.0.0.1:0", "--data-dir", folder.as_str()];
    Cli::parse_from(fixed.iter().chain(arguments)).options
}

impl TestServer {
    /// Starts a server.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server with further arguments of `serve`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("make a folder");
        let options = options(folder.path(), arguments);
        let ground = compose::ground(&options).await.expect("lay the ground");
        store::migrate(&ground.db).await.expect("migrate");
        let server = compose::start(options, ground.clone(), None).await.expect("start the server");
        Self { address: server.address, ground, folder, server }
    }

    /// Makes a workspace with an owner of its own.
    pub async fn workspace(&self, name: &str) -> Workspace {
        let owner_email = format!("owner@{}.example", name.to_lowercase());
        self.workspace_of(name, &owner_email).await
    }

    /// Makes a workspace with an owner of this address.
    pub async fn workspace_of(&self, name: &str, owner_email: &str) -> Workspace {
        let owner = Person { email: owner_email.to_owned(), name: "Olivia".to_owned(), password: PASSWORD.to_owned(), role: Role::Owner };
        let made = workspace::make(&self.ground, name, None, vec![owner], String::new()).await.expect("make a workspace");
        Workspace { tenant_id: made.tenant_id, owner_id: made.owner_id, owner_email: owner_email.to_owned(), token: made.api_token }
    }

    /// Adds a member and answers its id; the password is [`PASSWORD`].
    pub async fn member(&self, tenant_id: TenantId, email: &str, role: Role) -> AgentId {
        use actors::port::Clock;
        let person = Person { email: email.to_owned(), name: "Alex".to_owned(), password: PASSWORD.to_owned(), role };
        let member = workspace::member(&self.ground, person).await.expect("check the member");
        let id = member.id;
        store::settings::tenant::add_member(&self.ground.db, tenant_id, member, self.ground.clock.now()).await.expect("add the member");
        id
    }

    /// Makes a token with these scopes and answers its text.
    pub async fn token(&self, tenant_id: TenantId, scopes: &[entities::Permission], expires_in_days: Option<u32>) -> String {
        let text = switchboard::crypto::token::make("sb_");
        let token = workspace::fresh_token(&self.ground, "A program", &text, scopes.to_vec(), expires_in_days);
        store::settings::token::create(&self.ground.db, tenant_id, token).await.expect("make a token");
        text
    }

    /// Signs in and answers the session's token.
    pub async fn sign_in(&self, email: &str) -> String {
        let reply = self.post("/api/auth/login").json(&serde_json::json!({"email": email, "password": PASSWORD})).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["token"].as_str().expect("a token").to_owned()
    }

    /// What it was started with.
    pub fn options(&self) -> &Options {
        &self.server.app.options
    }

    /// A request to this server.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(self.address, method, path)
    }

    /// A GET.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A POST.
    pub fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    /// Gets a path with a bearer token.
    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        self.get(path).bearer(token).send().await
    }

    /// Stops the server; whether it finished everything.
    pub async fn stop(self) -> bool {
        self.server.stop(Duration::from_secs(10)).await
    }
}
