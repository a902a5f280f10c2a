//! Installing with consent, PKCE and tokens that are refreshed (specification `dialpad` 11).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Dialpad, api::refuse, books::Once};
use crate::{
    crypto::mac,
    simulate::{
        consent::{self, Decision},
        faults::When,
        provider::{ApiRequest, Reply, find},
        world::World,
    },
};

fn failed(status: u16, error: &str) -> Reply {
    Reply::json(status, json!({"error": error}))
}

impl Dialpad {
    /// The page where somebody agrees.
    pub(super) fn consent(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let (Some(to), true) = (call.query("redirect_uri"), call.query("client_id") == Some(&self.client_id)) else {
            return refuse("400", Some("invalid client_id or redirect_uri"));
        };
        let challenge = call.query("code_challenge").filter(|challenge| !challenge.is_empty());
        let (Some(challenge), Some("S256"), Some("code")) = (challenge, call.query("code_challenge_method"), call.query("response_type"))
        else {
            return refuse("400", Some("response_type must be code, with a code_challenge by S256"));
        };
        let state = call.query("state").unwrap_or_default();
        match consent::decide(call, "Connect Dialpad") {
            Decision::Open(page) => page,
            Decision::Deny => consent::back(to, &[("error", "access_denied"), ("state", state)], ""),
            Decision::Allow => {
                let code = format!("code-{}", world.next_id());
                let once = Once::Code { challenge: challenge.to_owned(), redirect_uri: to.to_owned() };
                self.note(|books| books.admit_once(&code, once));
                consent::back(to, &[("code", &code), ("state", state)], "")
            }
        }
    }

    /// A code or a refresh token, each once, for a new pair; the pair before is dead then.
    pub(super) fn token(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let (form, body) = (call.form(), call.json());
        let given = |name: &str| body.get(name).and_then(Value::as_str).or_else(|| find(&form, name)).unwrap_or_default().to_owned();
        if given("client_id") != self.client_id || given("client_secret") != self.client_secret {
            return failed(401, "invalid_client");
        }
        if let Some(code) = world.take_injected(When::Answer) {
            return consent::garbage(&code).unwrap_or_else(|| refuse(&code, None));
        }
        let grant = given("grant_type");
        let once = if grant == "refresh_token" { given("refresh_token") } else { given("code") };
        let verified = BASE64_URL_SAFE_NO_PAD.encode(mac::sha256(given("code_verifier").as_bytes()));
        let right = match (self.note(|books| books.once.remove(&once)), grant.as_str()) {
            (Some(Once::Code { challenge, redirect_uri }), "authorization_code") => {
                challenge == verified && redirect_uri == given("redirect_uri")
            }
            (Some(Once::Refresh { access }), "refresh_token") => {
                self.note(|books| books.tokens.remove(&access));
                true
            }
            _ => false,
        };
        if !right {
            return failed(400, "invalid_grant");
        }
        let number = world.next_id();
        let (access, refresh) = (format!("dialpad-access-{number:06}"), format!("dialpad-refresh-{number:06}"));
        if self.token_secs == 0 {
            // Some apps get a token that is good for ever (11.3).
            self.note(|books| books.admit(&access, None));
            return Reply::json(200, json!({"access_token": access, "token_type": "bearer"}));
        }
        let ends_ms = world.now_ms() + self.token_secs * 1_000;
        self.note(|books| {
            books.admit(&access, Some(ends_ms));
            books.admit_once(&refresh, Once::Refresh { access: access.clone() });
        });
        Reply::json(200, json!({"access_token": access, "token_type": "bearer", "expires_in": self.token_secs, "refresh_token": refresh}))
    }
}
