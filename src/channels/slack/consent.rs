//! Installing the app in a workspace, and tokens that are renewed (`slack.md`, part 12).
//!
//! Guarantees: the app's secret goes to Slack's API by HTTP Basic alone, never into an address.

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{ChannelKind, Provider, ProviderError, Timestamp};
use serde_json::Value;

use super::{answers, credential, files::API, wire};
use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    oauth::{self, ClientApp, Consent, Dialogue, Failed, Grant, Page, Trip, Turn},
    tidy,
};

/// What our bot may do (part 12), and two more that part 10 names for agents' names and for joining public channels.
const SCOPES: &str = "chat:write,chat:write.customize,im:history,im:read,im:write,channels:history,channels:read,channels:join,groups:history,\
    groups:read,mpim:history,app_mentions:read,files:read,files:write,reactions:read,reactions:write,users:read,users:read.email,team:read";
/// A token that is renewed is renewed when two hours are left of its twelve (part 12, step 5).
const RENEWED_BEFORE_MS: i64 = 2 * 60 * 60 * 1_000;
/// Longest code or token that is sent on, in bytes.
const GIVEN_BYTES_MAX: usize = 4 * 1_024;

/// Slack's way.
pub struct SlackConsent;

impl Consent for SlackConsent {
    fn provider(&self) -> Provider {
        Provider::Slack
    }

    fn secrets(&self, app: &ClientApp) -> Vec<(&'static str, String)> {
        vec![(credential::SIGNING_SECRET, app.verifying().to_owned())]
    }

    fn page(&self, app: &ClientApp, trip: &Trip, state: &str) -> Page {
        let redirect_uri = trip.redirect_uri.as_str();
        let query =
            form::encode([("client_id", app.client_id.as_str()), ("scope", SCOPES), ("redirect_uri", redirect_uri), ("state", state)]);
        Page { base: API, path: format!("/oauth/v2/authorize?{query}") }
    }

    fn redeem(&self, app: &ClientApp, trip: &Trip, code: &str, now: Timestamp) -> Box<dyn Dialogue> {
        Box::new(Access::new(app, vec![("code", code), ("redirect_uri", trip.redirect_uri.as_str())], now))
    }

    fn renew(&self, app: &ClientApp, credential: &Credential, now: Timestamp) -> Option<Box<dyn Dialogue>> {
        let token = credential.secret(credential::REFRESH_TOKEN)?;
        Some(Box::new(Access::new(app, vec![("grant_type", "refresh_token"), ("refresh_token", token)], now)))
    }

    fn renewed_before_ms(&self) -> i64 {
        RENEWED_BEFORE_MS
    }

    fn kind(&self, _granted_to: &str, _account: &Account) -> ChannelKind {
        ChannelKind::Slack
    }
}

/// `oauth.v2.access`: one call.
struct Access {
    call: ProviderCall,
    now: Timestamp,
}

impl Access {
    fn new(app: &ClientApp, given: Vec<(&str, &str)>, now: Timestamp) -> Self {
        let basic = BASE64_STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret()));
        let given = given.into_iter().filter(|(_, value)| value.len() <= GIVEN_BYTES_MAX);
        let body = Body::Form(given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
        let call = ProviderCall {
            // A code and a refresh token are good once: the call is not repeated blindly.
            sends: true,
            ..ProviderCall::asking("POST", API, "/api/oauth.v2.access", body, "oauth.v2.access")
        };
        Self { call: call.header("authorization", format!("Basic {basic}")), now }
    }
}

impl Dialogue for Access {
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Turn, Failed> {
        let Some(reply) = reply else { return Ok(Turn::Ask(self.call.clone())) };
        let (status, answer) = oauth::answered(reply, "Slack")?;
        if answer.get("ok").and_then(Value::as_bool) == Some(true) {
            return grant(&answer, self.now).map(|grant| Turn::Done(vec![grant]));
        }
        Err(refused(status, &answer))
    }
}

fn grant(answer: &Value, now: Timestamp) -> Result<Grant, Failed> {
    let token = wire::text(answer, "/access_token").ok_or_else(|| Failed::odd("Slack's answer holds no token"))?;
    if wire::text(answer, "/token_type").is_some_and(|kind| kind != "bot") {
        return Err(Failed::odd("Slack gave the token of a person: the app asks for no scopes of its bot"));
    }
    let account = wire::account(answer).ok_or_else(|| Failed::odd("Slack's answer names no workspace"))?;
    let name = ["/team/name", "/enterprise/name"].into_iter().find_map(|at| wire::text(answer, at).and_then(tidy::name));
    let mut secrets = vec![(credential::BOT_TOKEN, token.to_owned())];
    let further = [(credential::APP_ID, "/app_id"), (credential::REFRESH_TOKEN, "/refresh_token")];
    secrets.extend(further.into_iter().filter_map(|(name, at)| Some((name, wire::text(answer, at)?.to_owned()))));
    Ok(Grant {
        account: account.to_owned(),
        name: name.unwrap_or_else(|| account.to_owned()),
        secrets,
        expires_at: oauth::end_of_life(now, answer.get("expires_in").and_then(Value::as_i64)),
    })
}

fn refused(status: u16, answer: &Value) -> Failed {
    let Some(code) = wire::text(answer, "/error").map(|code| tidy::cut(code, 100)) else {
        let error = ProviderError::new(format!("http_{status}"), format!("Slack answered {status} and nothing that can be read"));
        return Failed { error, passing: status == 429 || status >= 500 };
    };
    let words = match code.as_str() {
        "invalid_code" | "code_already_used" => "the code that Slack gave was used already or is too old: begin again",
        "invalid_refresh_token" => "Slack no longer knows the token by which tokens are renewed: connect Slack again",
        "bad_redirect_uri" => "Slack knows another redirect URL of this app: the operator adds ours at OAuth & Permissions",
        "bad_client_secret" | "invalid_client_id" => "the operator's client id or secret is not the one of the Slack app",
        _ => return Failed { passing: answers::passes(&code), error: answers::described(&code, answer) },
    };
    Failed::lasting(ProviderError::new(code, words))
}
