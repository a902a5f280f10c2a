//! `workspace create`, `workspace list`.

use clap::{Args, Subcommand};
use entities::{AgentId, ChannelId, Permission, Role, ServiceAccountId, TenantId, TokenId, WidgetSettings, text};
use serde_json::json;

use super::output::{CliError, migrated, print};
use crate::{
    compose::Ground,
    crypto::{password, token},
    options::{Options, Secret},
    store::{
        read,
        settings::{
            self,
            tenant::{NewMember, NewTenant, NewWidget},
            token::NewToken,
        },
    },
};
use actors::port::Clock;

/// Workspaces listed at most.
const LIST_MAX: u64 = 10_000;

/// What to do with workspaces.
#[derive(Debug, Subcommand)]
pub enum Workspace {
    /// Make a workspace with its owner, a token for programs and a widget.
    Create(Create),
    /// List the workspaces.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// The options of `workspace create`.
#[derive(Debug, Args)]
pub struct Create {
    /// What the workspace is called.
    #[arg(long)]
    name: String,
    /// The owner's e-mail address.
    #[arg(long)]
    owner_email: String,
    /// The owner's password; better given by the variable than by the flag, which others on the machine can see.
    #[arg(long, env = "SWITCHBOARD_OWNER_PASSWORD", hide_env_values = true)]
    owner_password: Secret,
    /// The owner's name. [default: the part of the address before the @]
    #[arg(long)]
    owner_name: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A workspace just made, with what is shown only once.
pub struct Made {
    /// The workspace.
    pub tenant_id: TenantId,
    /// Its owner.
    pub owner_id: AgentId,
    /// The token's text.
    pub api_token: String,
    /// The widget's public key.
    pub widget_api_key: String,
}

/// Somebody who is to be a member.
pub struct Person {
    /// The address, as written.
    pub email: String,
    /// The name to show.
    pub name: String,
    /// The password itself.
    pub password: String,
    /// What they may do.
    pub role: Role,
}

impl Workspace {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run(options).await,
            Self::List { json } => list(options, json).await,
        }
    }
}

impl Create {
    async fn run(self, options: &Options) -> Result<(), CliError> {
        let ground = migrated(options).await?;
        let name = self.owner_name.unwrap_or_else(|| self.owner_email.split('@').next().unwrap_or_default().to_owned());
        let owner = Person { email: self.owner_email, name, password: self.owner_password.expose().to_owned(), role: Role::Owner };
        let made = make(&ground, &self.name, None, vec![owner], String::new()).await?;
        let object = json!({
            "workspace_id": made.tenant_id, "owner_id": made.owner_id, "api_token": made.api_token, "widget_api_key": made.widget_api_key,
        });
        let lines = format!(
            "workspace  {}\nowner      {}\napi token  {}   (shown only now)\nwidget key {}",
            made.tenant_id, made.owner_id, made.api_token, made.widget_api_key
        );
        print(self.json, &object, &lines)
    }
}

/// Makes a workspace; the first person is its owner.
pub async fn make(ground: &Ground, name: &str, slug: Option<&str>, people: Vec<Person>, header: String) -> Result<Made, CliError> {
    let mut members = Vec::with_capacity(people.len());
    for person in people {
        members.push(member(ground, person).await?);
    }
    make_of(ground, name, slug, members, header).await
}

/// Makes a workspace of members that are checked already; the first is its owner.
pub async fn make_of(ground: &Ground, name: &str, slug: Option<&str>, members: Vec<NewMember>, header: String) -> Result<Made, CliError> {
    let clock = &ground.clock;
    let name = text::line(name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--name", error))?;
    let tenant_id = TenantId::new(clock.new_id());
    let owner_id = members.first().map(|owner| owner.id).ok_or_else(|| CliError::Refused("a workspace needs an owner".to_owned()))?;
    let api_token = token::make(token::SERVICE_PREFIX);
    let widget_api_key = token::make_public(token::WIDGET_PREFIX);
    let settings = WidgetSettings {
        api_key: widget_api_key.clone(),
        allowed_origins: Vec::new(),
        theme: serde_json::Map::new(),
        header_text: header,
        pre_chat_form: Vec::new(),
        allow_file_uploads: true,
        identity: entities::channel::IdentitySettings::default(),
    };
    let now = clock.now();
    let tenant = NewTenant {
        id: tenant_id,
        name,
        slug: slug.map(str::to_owned),
        members,
        token: fresh_token(ground, "First token", &api_token, Permission::ALL.to_vec(), None),
        widget: NewWidget { id: ChannelId::new(clock.new_id()), name: "Website".to_owned(), settings },
        created_at: now,
    };
    settings::tenant::create(&ground.db, tenant).await?;
    Ok(Made { tenant_id, owner_id, api_token, widget_api_key })
}

/// Checks a person's address, name and password and hashes the last.
pub async fn member(ground: &Ground, person: Person) -> Result<NewMember, CliError> {
    Ok(NewMember {
        id: AgentId::new(ground.clock.new_id()),
        email: text::email(&person.email).map_err(|error| CliError::text("the e-mail address", error))?,
        name: text::line(&person.name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("the name", error))?,
        password_hash: password::hash(person.password).await?,
        role: person.role,
    })
}

/// A token to be kept, with a service account of its own.
pub fn fresh_token(ground: &Ground, name: &str, text: &str, scopes: Vec<Permission>, expires_in_days: Option<u32>) -> NewToken {
    let now = ground.clock.now();
    let hint: String = text.chars().skip(text.chars().count().saturating_sub(4)).collect();
    NewToken {
        id: TokenId::new(ground.clock.new_id()),
        service_account_id: ServiceAccountId::new(ground.clock.new_id()),
        name: name.to_owned(),
        hash: token::hash(text),
        hint,
        scopes,
        created_at: now,
        expires_at: expires_in_days.map(|days| now.plus_ms(i64::from(days) * 24 * 60 * 60 * 1000)),
    }
}

async fn list(options: &Options, as_json: bool) -> Result<(), CliError> {
    let ground = migrated(options).await?;
    let found = read::tenant::list_all(&ground.db, LIST_MAX).await?;
    let data: Vec<_> = found.iter().map(|tenant| json!({"id": tenant.id, "name": tenant.name, "created_at": tenant.created_at})).collect();
    let lines: Vec<_> = found.iter().map(|tenant| format!("{}  {}", tenant.id, tenant.name)).collect();
    let lines =
        if lines.is_empty() { "no workspace yet: make one with `switchboard workspace create`".to_owned() } else { lines.join("\n") };
    print(as_json, &json!({"data": data}), &lines)
}
