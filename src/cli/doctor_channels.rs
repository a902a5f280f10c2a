//! What `doctor` says of channels: each one's credential is tried by a real call.

use std::collections::HashMap;

use entities::{ChannelStatus, CredentialId};

use super::doctor::{Finding, Outcome, finding};
use crate::{
    channels::registry,
    compose,
    crypto::Keys,
    delivery::provider_check::{self, CheckOutcome},
    options::Options,
    store::{Database, read},
};

/// Most channels that are looked at.
const CHANNELS_MAX: u64 = 1_000;

/// Looks at every channel to a provider, of all workspaces. Each credential is asked about once.
pub async fn look(options: &Options, db: &Database) -> Vec<Finding> {
    let name = "channels";
    let lines = match read::channel::list_connected(db, CHANNELS_MAX).await {
        Ok(lines) => lines,
        Err(error) => return vec![finding(name, Outcome::Bad, error.to_string())],
    };
    if lines.is_empty() {
        return Vec::new();
    }
    let keys = match &options.secret_key {
        Some(text) => Keys::parse(text.expose()).map_err(str::to_owned),
        None => Keys::load(&options.data_dir).map_err(|error| error.to_string()),
    };
    let keys = match keys {
        Ok(keys) => keys,
        Err(error) => return vec![finding(name, Outcome::Bad, format!("their secrets cannot be opened: {error}"))],
    };
    let mut known: HashMap<CredentialId, (Outcome, String)> = HashMap::new();
    let mut findings = Vec::new();
    for line in lines {
        let (outcome, sentence) = if let Some(told) = known.get(&line.credential_id) {
            told.clone()
        } else {
            let told = ask(options, db, &keys, &line).await;
            known.insert(line.credential_id, told.clone());
            told
        };
        let about = format!("{} {} ({})", line.kind, line.address, line.name);
        findings.push(match (line.status, outcome) {
            (ChannelStatus::Disconnected, _) => {
                finding("channel", Outcome::Warning, format!("{about}: disconnected; connect it in the settings"))
            }
            (ChannelStatus::Degraded, Outcome::Good) => {
                let detail = line.status_detail.unwrap_or_default();
                finding(
                    "channel",
                    Outcome::Warning,
                    format!("{about}: {sentence}, and yet it works in part only: {detail}; connect it again"),
                )
            }
            (_, outcome) => finding("channel", outcome, format!("{about}: {sentence}")),
        });
    }
    findings
}

async fn ask(options: &Options, db: &Database, keys: &Keys, line: &read::channel::ConnectedChannel) -> (Outcome, String) {
    let opened = match read::credential::open(db, keys, line.tenant_id, line.credential_id).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return (Outcome::Bad, "its credential is gone: give it another one".to_owned()),
        Err(error) => return (Outcome::Bad, format!("its credential cannot be opened: {error}")),
    };
    let Some(adapter) = registry::find(opened.provider) else {
        return (Outcome::Bad, format!("this version cannot speak with {}", opened.provider));
    };
    let http = match compose::providers(options) {
        Ok(http) => http,
        Err(error) => return (Outcome::Bad, error.to_string()),
    };
    let mut credential = opened.credential;
    credential.public_url = options.public_url();
    let outcome = provider_check::check(&http, adapter, &credential).await;
    match (&outcome, outcome.sentence()) {
        (CheckOutcome::Unanswered(_), Some(sentence)) => (Outcome::Warning, sentence),
        (_, Some(sentence)) => (Outcome::Bad, sentence),
        (_, None) => (Outcome::Good, "the provider takes its credential".to_owned()),
    }
}
