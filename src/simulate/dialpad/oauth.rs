//! Installing with consent, PKCE and tokens that are refreshed (specification `dialpad` 11).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Dialpad, api::refuse};
use crate::{
    crypto::mac,
    simulate::{
        provider::{ApiRequest, Reply, find},
        world::World,
    },
};

/// The life of a token.
const TOKEN_SECS: u64 = 7_200;

impl Dialpad {
    /// The page where somebody agrees; here everybody does, or nobody with `simulate=deny`.
    pub(super) fn consent(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let (Some(back), true) = (call.query("redirect_uri"), call.query("client_id") == Some(&self.client_id)) else {
            return refuse("400", Some("invalid client_id or redirect_uri"));
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if call.query("simulate") == Some("deny") {
            query.append_pair("error", "access_denied");
        } else {
            let code = format!("code-{}", world.next_id());
            self.note(|books| books.admit_once(&code, call.query("code_challenge").unwrap_or_default()));
            query.append_pair("code", &code);
        }
        let location = format!("{back}?{}", query.append_pair("state", call.query("state").unwrap_or_default()).finish());
        Reply::json(302, Value::Null).header("location", location)
    }

    /// A code or a refresh token, each once, for a new pair.
    pub(super) fn token(&self, world: &mut World, call: &ApiRequest) -> Reply {
        let (form, body) = (call.form(), call.json());
        let given = |name: &str| body.get(name).and_then(Value::as_str).or_else(|| find(&form, name)).unwrap_or_default().to_owned();
        if given("client_id") != self.client_id || given("client_secret") != self.client_secret {
            return Reply::json(401, json!({"error": "invalid_client"}));
        }
        let refreshing = given("grant_type") == "refresh_token";
        let once = if refreshing { given("refresh_token") } else { given("code") };
        let challenge = self.note(|books| books.once.remove(&once));
        let verified = BASE64_URL_SAFE_NO_PAD.encode(mac::sha256(given("code_verifier").as_bytes()));
        let right = challenge.is_some_and(|challenge| refreshing || challenge.is_empty() || challenge == verified);
        if !right {
            return Reply::json(400, json!({"error": "invalid_grant"}));
        }
        let number = world.next_id();
        let (access, refresh) = (format!("access-{number}"), format!("refresh-{number}"));
        self.note(|books| {
            books.admit(&access);
            books.admit_once(&refresh, "");
        });
        Reply::json(200, json!({"access_token": access, "token_type": "bearer", "expires_in": TOKEN_SECS, "refresh_token": refresh}))
    }
}
