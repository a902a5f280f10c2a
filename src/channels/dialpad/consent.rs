//! Letting our app speak for a person at Dialpad, and tokens that are renewed (`dialpad.md`, part 11).
//!
//! Guarantees: a code is redeemed with the secret of the trip that it was given on (PKCE, S256), and by nobody who has seen the address alone.
//!
//! Does not: know Dialpad's sandbox: its accounts are connected by an API key.

use entities::{ChannelKind, Provider, ProviderError, Timestamp};
use serde_json::Value;

use super::{answers, credential, wire};
use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    oauth::{self, ClientApp, Consent, Dialogue, Failed, Grant, Page, Trip, Turn},
    tidy,
};

/// Where Dialpad's consent is.
const BASE: &str = "https://dialpad.com";
/// What we may do (part 11, step 1): read texts, fetch recordings, list calls, and renew the token.
const SCOPES: &str = "message_content_export recordings_export calls:list offline_access";
/// A token is renewed so long before it ends; one that lives no longer than that, at half its life.
const RENEWED_BEFORE_MS: i64 = 10 * 60 * 1_000;
/// Longest code or token that is sent on, in bytes.
const GIVEN_BYTES_MAX: usize = 4 * 1_024;

/// Dialpad's way.
pub struct DialpadConsent;

impl Consent for DialpadConsent {
    fn provider(&self) -> Provider {
        Provider::Dialpad
    }

    fn secrets(&self, _app: &ClientApp) -> Vec<(&'static str, String)> {
        // What signs is each webhook's own.
        Vec::new()
    }

    fn made_up(&self) -> &'static [&'static str] {
        &[credential::WEBHOOK_SECRET]
    }

    fn page(&self, app: &ClientApp, trip: &Trip, state: &str) -> Page {
        let challenge = trip.challenge();
        let query = form::encode([
            ("response_type", "code"),
            ("client_id", app.client_id.as_str()),
            ("redirect_uri", trip.redirect_uri.as_str()),
            ("scope", SCOPES),
            ("state", state),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        Page { base: BASE, path: format!("/oauth2/authorize?{query}") }
    }

    fn redeem(&self, app: &ClientApp, trip: &Trip, code: &str, now: Timestamp) -> Box<dyn Dialogue> {
        let given = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", trip.verifier()),
            ("redirect_uri", trip.redirect_uri.as_str()),
        ];
        Box::new(Talk { now, account: None, at: Step::Token(token_call(app, &given)) })
    }

    fn renew(&self, app: &ClientApp, credential: &Credential, now: Timestamp) -> Option<Box<dyn Dialogue>> {
        let given = [("grant_type", "refresh_token"), ("refresh_token", credential.secret(credential::REFRESH_TOKEN)?)];
        let account = Some(credential.account.clone()?);
        Some(Box::new(Talk { now, account, at: Step::Token(token_call(app, &given)) }))
    }

    fn renewed_before_ms(&self) -> i64 {
        RENEWED_BEFORE_MS
    }

    fn revoke(&self, credential: &Credential) -> Option<ProviderCall> {
        // A token that never ends cannot be told from a key that somebody entered, which is not ours to end.
        credential.secret(credential::REFRESH_TOKEN)?;
        let call = ProviderCall::asking("POST", BASE, "/oauth2/deauthorize", Body::None, "revoke");
        Some(call.header("authorization", credential::bearer(credential)))
    }

    fn kind(&self, _granted_to: &str, _account: &Account) -> ChannelKind {
        ChannelKind::Dialpad
    }
}

fn token_call(app: &ClientApp, given: &[(&str, &str)]) -> ProviderCall {
    let app = [("client_id", app.client_id.as_str()), ("client_secret", app.client_secret())];
    let given = given.iter().copied().chain(app).filter(|(_, value)| value.len() <= GIVEN_BYTES_MAX);
    let body = Body::Form(given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
    // A code and a refresh token are good once: the call is not repeated blindly.
    ProviderCall { sends: true, ..ProviderCall::asking("POST", BASE, "/oauth2/token", body, "token") }
}

/// A token, and, where it is not known, whose it is.
struct Talk {
    now: Timestamp,
    account: Option<String>,
    at: Step,
}

enum Step {
    Token(ProviderCall),
    Person(Token),
}

#[derive(Clone)]
struct Token {
    secrets: Vec<(&'static str, String)>,
    expires_at: Option<Timestamp>,
}

impl Dialogue for Talk {
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Turn, Failed> {
        let call = match (&self.at, reply) {
            (Step::Token(call), None) => return Ok(Turn::Ask(call.clone())),
            (Step::Person(_), None) => return Err(Failed::odd("nothing was asked")),
            (Step::Token(_), Some(reply)) => {
                let token = token(reply, self.now)?;
                if let Some(account) = &self.account {
                    return Ok(Turn::Done(vec![granted(token, account.clone(), account.clone())]));
                }
                let key = token.secrets.first().map(|(_, key)| format!("Bearer {key}")).unwrap_or_default();
                self.at = Step::Person(token);
                ProviderCall::asking("GET", BASE, "/api/v2/users/me", Body::None, "person").header("authorization", key)
            }
            (Step::Person(token), Some(reply)) => {
                let (status, person) = oauth::answered(reply, "Dialpad")?;
                if status != 200 {
                    return Err(Failed { error: answers::error(status, &person), passing: status == 429 || status >= 500 });
                }
                let id = wire::id(&person, "/id").ok_or_else(|| Failed::odd("Dialpad's answer names nobody"))?.to_string();
                let name = ["/display_name", "/first_name"].iter().find_map(|at| wire::text(&person, at)).and_then(tidy::name);
                return Ok(Turn::Done(vec![granted(token.clone(), id.clone(), name.unwrap_or(id))]));
            }
        };
        Ok(Turn::Ask(call))
    }
}

fn granted(token: Token, account: String, name: String) -> Grant {
    Grant { account, name, secrets: token.secrets, expires_at: token.expires_at }
}

/// What a token's answer gives. One without an end, or without a token for the next, is used as it is.
fn token(reply: &ProviderReply, now: Timestamp) -> Result<Token, Failed> {
    let (status, answer) = oauth::answered(reply, "Dialpad")?;
    if status != 200 {
        return Err(refused(status, &answer));
    }
    let access = wire::text(&answer, "/access_token").ok_or_else(|| Failed::odd("Dialpad's answer holds no token"))?;
    let refresh = wire::text(&answer, "/refresh_token").map(|token| (credential::REFRESH_TOKEN, token.to_owned()));
    let expires_at = oauth::end_of_life(now, answer.get("expires_in").and_then(Value::as_i64));
    let secrets = std::iter::once((credential::API_KEY, access.to_owned())).chain(refresh).collect();
    Ok(Token { secrets, expires_at })
}

fn refused(status: u16, answer: &Value) -> Failed {
    let passing = status == 429 || status >= 500;
    let Some(code) = wire::text(answer, "/error").map(|code| tidy::cut(code, 100)) else {
        return Failed { error: answers::error(status, answer), passing };
    };
    let words = match code.as_str() {
        "invalid_grant" => "Dialpad no longer takes what it gave (a code or a token is good once): connect Dialpad again".to_owned(),
        "invalid_client" => "the operator's client id or secret is not the one of the Dialpad app".to_owned(),
        _ => wire::text(answer, "/error_description").map_or_else(|| "Dialpad refused it".to_owned(), |words| tidy::cut(words, 300)),
    };
    Failed { error: ProviderError::new(code, words), passing }
}
