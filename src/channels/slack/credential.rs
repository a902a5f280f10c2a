//! What a Slack app's credential holds.

use crate::channels::credential::{Credential, Field};

/// Signs what Slack sends us.
pub const SIGNING_SECRET: &str = "signing_secret";
/// Lets us call Slack.
pub const BOT_TOKEN: &str = "bot_token";
/// Lets us ask Slack for the next token; no field of a form: it comes by consent alone.
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The app's id.
pub const APP_ID: &str = "app_id";
/// The bot's id, for events that name nothing else of ours.
pub const BOT_ID: &str = "bot_id";
/// Whether other bots' messages are taken in.
pub const OTHER_BOTS: &str = "other_bots";
/// The one word that [`OTHER_BOTS`] knows.
pub const ALLOW: &str = "allow";

/// In the order in which they are asked for.
pub const FIELDS: &[Field] = &[
    Field {
        name: SIGNING_SECRET,
        label: "Signing secret",
        hint: "api.slack.com/apps, your app, Basic Information, App Credentials",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: BOT_TOKEN,
        label: "Bot user OAuth token",
        hint: "your app, OAuth & Permissions, after it was installed to the workspace; begins with xoxb-",
        required: true,
        verifies: false,
        secret: true,
    },
    Field {
        name: APP_ID,
        label: "App ID",
        hint: "your app, Basic Information, App Credentials; begins with A",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: BOT_ID,
        label: "Bot ID",
        hint: "as auth.test names it; begins with B. Needed only if messages of this app come without its app ID",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: OTHER_BOTS,
        label: "Other bots",
        hint: "\"allow\" takes messages of other bots in; anything else ignores them",
        required: false,
        verifies: false,
        secret: false,
    },
];

/// The header that lets us call Slack; empty where there is no token, which Slack answers with `not_authed`.
pub fn bearer(credential: &Credential) -> String {
    credential.secret(BOT_TOKEN).map(|token| format!("Bearer {token}")).unwrap_or_default()
}
