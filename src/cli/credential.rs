//! `credential create`, `credential list`.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use actors::port::Clock;
use clap::{Args, Subcommand};
use entities::{AuditEntryId, CredentialId, CredentialSecretId, Provider, TenantId, text};
use serde_json::json;

use super::output::{CliError, migrated, print};
use crate::{
    channels::{adapter::Account, credential::Credential as Open, entry, registry},
    compose::{self, Ground},
    delivery::provider_check::{self, CheckOutcome},
    options::{Options, Secret},
    store::{
        read,
        settings::{
            audit::Doer,
            credential::{self, CREDENTIALS_MAX, Checked, NewCredential, NewSecret},
        },
    },
};

/// What to do with credentials.
#[derive(Debug, Subcommand)]
pub enum Credential {
    /// Add an app or account at a provider, after asking the provider whether it works.
    Create(Create),
    /// List the credentials of a workspace.
    List(List),
}

/// The options of `credential create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// Whose servers it is for: whatsapp, messenger, sms, slack or dialpad.
    #[arg(long, value_parser = provider)]
    provider: Provider,
    /// The vendor, for providers that have several: twilio.
    #[arg(long)]
    vendor: Option<String>,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// The account at the provider, where it helps to name one.
    #[arg(long)]
    account: Option<String>,
    /// A field and its value (app_secret=…); may be given several times. Others on the machine can see it: --secret-file is better.
    #[arg(long = "secret", value_name = "NAME=VALUE")]
    secrets: Vec<Secret>,
    /// A field and the file that holds its value (access_token=token.txt); may be given several times.
    #[arg(long = "secret-file", value_name = "NAME=PATH")]
    secret_files: Vec<String>,
    /// Do not ask the provider.
    #[arg(long)]
    no_check: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The options of `credential list`.
#[derive(Debug, Args)]
pub struct List {
    /// The workspace's id.
    #[arg(long)]
    workspace: TenantId,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Credential {
    /// Does it.
    pub async fn run(self, options: &Options) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run(options).await,
            Self::List(list) => list.run(options).await,
        }
    }
}

impl Create {
    async fn run(self, options: &Options) -> Result<(), CliError> {
        let refused = |text: String| CliError::Refused(text);
        let adapter =
            registry::find(self.provider).ok_or_else(|| refused(format!("this version cannot speak with {} yet", self.provider)))?;
        let name = text::line(&self.name, text::NAME_CHARS_MAX).map_err(|error| CliError::text("--name", error))?;
        let vendors = adapter.vendors();
        match self.vendor.as_deref() {
            None if adapter.fields(None).is_empty() => return Err(refused(format!("--vendor must be one of {}", vendors.join(", ")))),
            Some(vendor) if !vendors.contains(&vendor) => return Err(refused(format!("{} has no vendor {vendor}", self.provider))),
            _ => {}
        }
        let fields = adapter.fields(self.vendor.as_deref());
        let given = given(&self.secrets, &self.secret_files)?;
        let flaws: Vec<String> = entry::flaws(fields, &given).into_iter().map(|flaw| format!("{} {}", flaw.name, flaw.detail)).collect();
        if !flaws.is_empty() {
            return Err(refused(flaws.join("; ")));
        }
        let ground = migrated(options).await?;
        let mut accounts = Vec::new();
        let mut checked = None;
        if !self.no_check {
            let mut open = Open::new(given.iter().map(|(name, value)| (name.clone(), value.trim().to_owned())));
            open.vendor.clone_from(&self.vendor);
            open.account.clone_from(&self.account);
            open.public_url = options.public_url();
            let outcome = provider_check::check(&compose::providers(options)?, adapter, &open).await;
            match outcome {
                CheckOutcome::Working(found) => accounts = found,
                CheckOutcome::Refused(_) | CheckOutcome::Unanswered(_) => return Err(refused(outcome.sentence().unwrap_or_default())),
            }
            checked = Some(Checked { error: None, at: ground.clock.now() });
        }
        let seal = |(name, value): (&String, &String)| {
            let hint = entry::hint(fields.iter().find(|field| field.name == name), value);
            let id = CredentialSecretId::new(ground.clock.new_id());
            NewSecret::seal(&ground.keys, self.workspace, id, name, value, hint).map_err(|error| refused(format!("{name} {error}")))
        };
        let secrets = given.iter().map(seal).collect::<Result<_, _>>()?;
        let id = CredentialId::new(ground.clock.new_id());
        let new = NewCredential { id, provider: self.provider, vendor: self.vendor, name, account: self.account, secrets, checked };
        credential::create(&ground.db, self.workspace, &doer(&ground), new)
            .await?
            .map_err(|_too_many| refused(format!("a workspace may have {CREDENTIALS_MAX} credentials")))?;
        let webhook_url = format!("{}/api/webhooks/{}/{id}", options.public_url(), self.provider);
        let object = json!({"credential_id": id, "provider": self.provider, "webhook_url": webhook_url,
            "accounts": accounts.iter().map(|account| json!({"address": account.address, "name": account.name})).collect::<Vec<_>>()});
        print(self.json, &object, &lines(id, &webhook_url, &accounts))
    }
}

fn lines(id: CredentialId, webhook_url: &str, accounts: &[Account]) -> String {
    let mut lines = format!("credential {id}\nwebhook    {webhook_url}   (enter it at the provider)");
    for account in accounts {
        lines.push_str(&format!("\naccount    {}   {}", account.address, account.name));
    }
    lines
}

impl List {
    async fn run(self, options: &Options) -> Result<(), CliError> {
        let ground = migrated(options).await?;
        let found = read::credential::list(&ground.db, self.workspace, None, CREDENTIALS_MAX).await?.data;
        let data: Vec<_> = found
            .iter()
            .map(|one| {
                json!({"id": one.id, "provider": one.provider, "vendor": one.vendor, "name": one.name, "account": one.account,
                    "status": one.status, "status_detail": one.status_detail, "created_at": one.created_at})
            })
            .collect();
        let lines: Vec<_> = found
            .iter()
            .map(|one| {
                let detail = one.status_detail.as_deref().map(|detail| format!("   {detail}")).unwrap_or_default();
                format!("{}  {:<10} {:<10} {}{detail}", one.id, one.provider.as_str(), one.status.as_str(), one.name)
            })
            .collect();
        let lines =
            if lines.is_empty() { "no credential yet: make one with `switchboard credential create`".to_owned() } else { lines.join("\n") };
        print(self.json, &json!({"data": data}), &lines)
    }
}

/// Who a command does things as.
pub fn doer(ground: &Ground) -> Doer {
    let clock: &Arc<_> = &ground.clock;
    Doer { entry_id: AuditEntryId::new(clock.new_id()), at: clock.now(), kind: "system", id: None, name: None, request_id: None }
}

fn given(secrets: &[Secret], files: &[String]) -> Result<BTreeMap<String, String>, CliError> {
    let pair = |option: &str, text: &str| {
        let (name, value) =
            text.split_once('=').ok_or_else(|| CliError::Refused(format!("{option} must be a name, = and what belongs to it")))?;
        Ok::<_, CliError>((name.to_owned(), value.to_owned()))
    };
    let mut given = BTreeMap::new();
    for secret in secrets {
        let (name, value) = pair("--secret", secret.expose())?;
        given.insert(name, value);
    }
    for file in files {
        let (name, path) = pair("--secret-file", file)?;
        let value = std::fs::read_to_string(Path::new(&path)).map_err(|error| CliError::Refused(format!("{path}: {error}")))?;
        given.insert(name, value);
    }
    Ok(given)
}

fn provider(text: &str) -> Result<Provider, String> {
    Provider::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Provider::ALL.iter().map(|provider| provider.as_str()).collect();
        format!("must be one of {}", known.join(", "))
    })
}
