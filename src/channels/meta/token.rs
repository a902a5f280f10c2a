//! Consent at Meta: its dialogue, codes for tokens, short tokens for long ones, and what a token may do.
//!
//! Guarantees: whatever a person or a provider sent is escaped in an address; a token counts only if Meta says that it is good and of this app.
//!
//! Does not: know what is connected with a token; WhatsApp's and Messenger's own folders do.
//!
//! Sources: whatsapp.md section 12, messenger.md section 11.1 (Meta, "Embedded Signup", "Facebook Login for Business", "Access token guide"),
//! read 2026-11.

use entities::{ProviderError, Timestamp};
use serde_json::Value;

use super::{graph, read};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    oauth::{self, ClientApp, Failed, Page},
};

/// Where people are asked.
const DIALOG_BASE: &str = "https://www.facebook.com";
/// Longest code or token that is sent on, in bytes.
const GIVEN_BYTES_MAX: usize = 4 * 1_024;
/// Longest id of an object that is believed, in bytes; they have some twenty digits.
const ID_BYTES_MAX: usize = 64;
/// Meta's codes for too many calls (section 12 of messenger.md, section 13 of whatsapp.md).
const BUSY_CODES: &[i64] = &[4, 17, 32, 613, 80_007];
/// What Meta puts behind an address it leads back to; some browsers send it along (messenger.md section 11).
const TAILS: [&str; 2] = ["#_=_", "#_"];

/// A token.
pub struct Token {
    /// Itself.
    pub text: String,
    /// When it ends, if it says so.
    pub expires_at: Option<Timestamp>,
}

/// What Meta says of a token.
#[derive(Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What it may do.
    pub scopes: Vec<String>,
    /// For which objects it may do what: scope and ids. A scope without ids is for all.
    pub granular: Vec<(String, Vec<String>)>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When its person has to agree again.
    pub data_until: Option<Timestamp>,
}

/// Where somebody agrees.
pub fn page(app: &ClientApp, redirect_uri: &str, state: &str, further: &[(&str, &str)]) -> Page {
    let asked = [("client_id", app.client_id.as_str()), ("redirect_uri", redirect_uri), ("state", state), ("response_type", "code")];
    let query = form::encode(asked.into_iter().chain(further.iter().copied()));
    Page { base: DIALOG_BASE, path: format!("/{}/dialog/oauth?{query}", graph::VERSION_DEFAULT) }
}

/// The call that turns a code into a token. Codes are good once, for half a minute.
pub fn redeem(app: &ClientApp, redirect_uri: &str, code: &str) -> ProviderCall {
    let code = TAILS.iter().fold(code, |code, tail| code.strip_suffix(tail).unwrap_or(code));
    let code = if code.len() <= GIVEN_BYTES_MAX { code } else { "" };
    let given =
        [("client_id", app.client_id.as_str()), ("client_secret", app.client_secret()), ("redirect_uri", redirect_uri), ("code", code)];
    // Not repeated blindly: the first try may have used the code.
    ProviderCall { sends: true, ..asking("oauth/access_token", &given, "redeem") }
}

/// The call that turns a person's token into one that lives for about 60 days.
pub fn extend(app: &ClientApp, token: &str) -> ProviderCall {
    let given = [
        ("grant_type", "fb_exchange_token"),
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.client_secret()),
        ("fb_exchange_token", token),
    ];
    asking("oauth/access_token", &given, "extend")
}

/// The call that asks what a token may do.
pub fn inspect(app: &ClientApp, token: &str) -> ProviderCall {
    let own = format!("{}|{}", app.client_id, app.client_secret());
    asking("debug_token", &[("input_token", token), ("access_token", &own)], "inspect")
}

fn asking(path: &str, given: &[(&str, &str)], purpose: &'static str) -> ProviderCall {
    let query = form::encode(given.iter().copied());
    ProviderCall::asking("GET", graph::BASE, format!("/{}/{path}?{query}", graph::VERSION_DEFAULT), Body::None, purpose)
}

/// A credential of the app's alone, for calls that prove a token by the app's secret.
pub fn app_credential(app: &ClientApp) -> Credential {
    Credential::new([("app_secret".to_owned(), app.client_secret().to_owned())])
}

/// The JSON of a good answer.
///
/// # Errors
/// [`Failed`] if there is none, or Meta says what is wrong.
pub fn good(reply: &ProviderReply) -> Result<Value, Failed> {
    let (status, json) = oauth::answered(reply, "Meta")?;
    match graph::fault(status, &json) {
        None => Ok(json),
        Some(fault) => {
            let busy = fault.code.is_some_and(|code| BUSY_CODES.contains(&code));
            let passing = fault.transient || busy || status == 429 || status >= 500;
            Err(Failed { error: fault.error, passing })
        }
    }
}

/// The token that an answer holds.
///
/// # Errors
/// [`Failed`]; also if the answer holds none.
pub fn read(reply: &ProviderReply, now: Timestamp) -> Result<Token, Failed> {
    let json = good(reply)?;
    let text = read::word(&json, "access_token");
    if text.is_empty() {
        return Err(Failed::odd("Meta's answer holds no token"));
    }
    Ok(Token { text: text.to_owned(), expires_at: oauth::end_of_life(now, read::code(&json, "expires_in")) })
}

/// What an answer says of a token.
///
/// # Errors
/// [`Failed`]; also if the token is not good, of another app, or lacks one of `needed`.
pub fn read_inspection(app: &ClientApp, reply: &ProviderReply, needed: &[&str]) -> Result<Inspection, Failed> {
    let json = good(reply)?;
    let data = json.get("data").unwrap_or(&Value::Null);
    if !read::marked(data, "is_valid") {
        return Err(Failed::lasting(ProviderError::new("token_invalid", "Meta says that the token it gave is not valid")));
    }
    if read::id(data, "app_id").as_deref() != Some(app.client_id.as_str()) {
        return Err(Failed::lasting(ProviderError::new("other_app", "the token is one of another app")));
    }
    let words = |value: &Value| -> Vec<String> { value.as_str().map(str::to_owned).into_iter().collect() };
    let scopes: Vec<String> = read::list(data, "scopes").iter().flat_map(words).collect();
    let missing: Vec<&str> = needed.iter().copied().filter(|scope| !scopes.iter().any(|given| given == scope)).collect();
    if !missing.is_empty() {
        let error = ProviderError::new("missing_scope", "not everything was allowed that is needed: begin again and leave all switches on");
        return Err(Failed::lasting(error.with_detail(format!("missing: {}", missing.join(", ")))));
    }
    let granular = read::list(data, "granular_scopes").iter().map(|one| {
        let ids = read::list(one, "target_ids").iter().filter_map(|id| match id {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        let ids = ids.filter(|id| (1..=ID_BYTES_MAX).contains(&id.len()));
        (read::word(one, "scope").to_owned(), ids.collect())
    });
    Ok(Inspection {
        granular: granular.collect(),
        scopes,
        // Zero, or nothing, means that there is no end.
        expires_at: read::instant(data, "expires_at"),
        data_until: read::instant(data, "data_access_expires_at"),
    })
}

/// The earliest of several ends.
pub fn earliest(ends: &[Option<Timestamp>]) -> Option<Timestamp> {
    ends.iter().copied().flatten().min()
}
