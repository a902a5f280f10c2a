//! Installing the app, and tokens that are refreshed (specification `slack` 12).

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{BOT_USER, Slack, api};
use crate::simulate::{
    provider::{ApiRequest, Reply, text},
    world::World,
};

/// Tokens and codes that are remembered.
const REMEMBERED_MAX: usize = 1_000;
/// The life of a token that is refreshed (12).
const TOKEN_SECS: u64 = 43_200;

impl Slack {
    /// The page where somebody agrees; here everybody does, or nobody with `simulate=deny`.
    pub(super) fn consent(&self, world: &mut World, call: &ApiRequest) -> Reply {
        if call.query("client_id") != Some(&self.client_id) {
            return api::failed("invalid_client_id");
        }
        let back = call.query("redirect_uri").unwrap_or("http://127.0.0.1:8080/api/slack/callback");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if call.query("simulate") == Some("deny") {
            query.append_pair("error", "access_denied");
        } else {
            let code = format!("code-{}", world.next_id());
            self.remember(&code);
            query.append_pair("code", &code);
        }
        let location = format!("{back}?{}", query.append_pair("state", call.query("state").unwrap_or_default()).finish());
        Reply::json(302, Value::Null).header("location", location)
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
        let (code, refresh) = (text(given, "/code"), text(given, "/refresh_token"));
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
            self.note(|books| {
                if books.tokens.len() < REMEMBERED_MAX {
                    books.tokens.insert(access.clone());
                }
            });
            answer.insert("access_token".to_owned(), access.into());
            answer.insert("refresh_token".to_owned(), refresh.into());
            answer.insert("expires_in".to_owned(), TOKEN_SECS.into());
        }
        Reply::json(200, answer)
    }
}
