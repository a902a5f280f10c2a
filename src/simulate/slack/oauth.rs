//! Installing the app, and tokens that are refreshed (specification `slack` 12).

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{BOT_USER, Slack, api};
use crate::simulate::{
    consent::{self, Decision},
    faults::When,
    provider::{ApiRequest, Reply, text},
    world::World,
};

/// Tokens and codes that are remembered.
const REMEMBERED_MAX: usize = 1_000;
/// The life of a token that is refreshed (12).
const TOKEN_SECS: u64 = 43_200;

impl Slack {
    /// The page where somebody agrees.
    pub(super) fn consent(&self, world: &mut World, call: &ApiRequest) -> Reply {
        if call.query("client_id") != Some(&self.client_id) {
            return api::failed("invalid_client_id");
        }
        let to = call.query("redirect_uri").unwrap_or("http://127.0.0.1:8080/api/slack/callback");
        let state = call.query("state").unwrap_or_default();
        match consent::decide(call, "Add to Slack") {
            Decision::Open(page) => page,
            Decision::Deny => consent::back(to, &[("error", "access_denied"), ("state", state)], ""),
            Decision::Allow => {
                let code = self.codes.give(world, call.query("redirect_uri").unwrap_or_default());
                self.remember(&code);
                consent::back(to, &[("code", &code), ("state", state)], "")
            }
        }
    }

    fn remember(&self, once: &str) {
        self.note(|books| {
            if books.once.len() < REMEMBERED_MAX {
                books.once.insert(once.to_owned());
            }
        });
    }

    /// `oauth.v2.access`: a code or a refresh token, each once, for tokens.
    pub(super) fn access(&self, world: &mut World, call: &ApiRequest, given: &Value) -> Reply {
        let basic = BASE64_STANDARD.encode(format!("{}:{}", self.client_id, self.client_secret));
        let by_header = call.header("authorization") == Some(&format!("Basic {basic}"));
        let by_body = text(given, "/client_id") == self.client_id && text(given, "/client_secret") == self.client_secret;
        if !by_header && !by_body {
            return api::failed("bad_client_secret");
        }
        if let Some(code) = world.take_injected(When::Answer) {
            return consent::garbage(&code).unwrap_or_else(|| api::failed(&code));
        }
        let (code, refresh) = (text(given, "/code"), text(given, "/refresh_token"));
        if !self.codes.fits(code, text(given, "/redirect_uri")) {
            return api::failed("bad_redirect_uri");
        }
        let (once, error) = if refresh.is_empty() { (code, "invalid_code") } else { (refresh, "invalid_refresh_token") };
        if !self.note(|books| books.once.remove(once)) {
            return api::failed(error);
        }
        let mut answer = json!({
            "ok": true, "access_token": self.bot_token, "token_type": "bot", "scope": self.scopes, "bot_user_id": BOT_USER,
            "app_id": self.app_id, "team": {"name": "Example", "id": self.team_id}, "enterprise": null, "is_enterprise_install": false,
            "authed_user": {"id": "U0ADMIN0001"},
        });
        if let Some(answer) = answer.as_object_mut().filter(|_| self.rotation) {
            let number = world.next_id();
            let (access, refresh) = (format!("xoxe.xoxb-{number}"), format!("xoxe-1-{number}"));
            self.remember(&refresh);
            let ends_ms = world.now_ms() + TOKEN_SECS.cast_signed() * 1_000;
            self.note(|books| {
                if books.tokens.len() < REMEMBERED_MAX {
                    books.tokens.insert(access.clone());
                    books.ends_ms.insert(access.clone(), ends_ms);
                }
            });
            answer.insert("access_token".to_owned(), access.into());
            answer.insert("refresh_token".to_owned(), refresh.into());
            answer.insert("expires_in".to_owned(), TOKEN_SECS.into());
        }
        Reply::json(200, answer)
    }
}
