//! What a credential of Messenger or Instagram holds, and the call that checks it.
//!
//! A page's token speaks for the page and for the Instagram account that is linked to it. An account that signed in at Instagram itself has
//! another app secret, another token and another host: that is the vendor [`INSTAGRAM_LOGIN`].

use entities::ProviderError;
use serde_json::Value;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::{Credential, Field},
    meta::{
        graph::{self, Request},
        read,
    },
};

/// The vendor of credentials of "Instagram API with Instagram Login".
pub const INSTAGRAM_LOGIN: &str = "instagram";
/// Where that API listens (section 2).
pub const INSTAGRAM_BASE: &str = "https://graph.instagram.com";
/// The field that may switch the human agent tag off.
pub const HUMAN_AGENT: &str = "human_agent";

const VERIFY_TOKEN: Field = Field {
    name: "verify_token",
    label: "Verify token",
    hint: "A word of your own choosing; enter the same one at Webhooks, Edit subscription",
    required: true,
    verifies: true,
    secret: true,
};
const APP_ID: Field = Field {
    name: "app_id",
    label: "App ID",
    hint: "App dashboard, App settings, Basic; tells whether a conversation was handed to us or to another app",
    required: false,
    verifies: false,
    secret: false,
};
const HUMAN_AGENT_FIELD: Field = Field {
    name: HUMAN_AGENT,
    label: "Human Agent permission",
    hint: "“off” if the app lacks the permission Human Agent: then nothing is sent later than 24 hours after the customer wrote",
    required: false,
    verifies: false,
    secret: false,
};
const GRAPH_VERSION: Field =
    Field { name: "graph_version", label: "Graph API version", hint: "Empty for v25.0", required: false, verifies: false, secret: false };

/// The fields of a page, in the order in which they are asked for.
const PAGE_FIELDS: &[Field] = &[
    Field {
        name: "app_secret",
        label: "App secret",
        hint: "App dashboard, App settings, Basic, App secret",
        required: true,
        verifies: true,
        secret: true,
    },
    VERIFY_TOKEN,
    Field {
        name: "page_access_token",
        label: "Page access token",
        hint: "App dashboard, Messenger, Settings, Access tokens, Generate token",
        required: true,
        verifies: false,
        secret: true,
    },
    APP_ID,
    HUMAN_AGENT_FIELD,
    GRAPH_VERSION,
];

/// The fields of an account that signed in at Instagram.
const INSTAGRAM_FIELDS: &[Field] = &[
    Field {
        name: "app_secret",
        label: "Instagram app secret",
        hint: "App dashboard, Instagram, API setup with Instagram login; it is not the Facebook app's secret",
        required: true,
        verifies: true,
        secret: true,
    },
    VERIFY_TOKEN,
    Field {
        name: "page_access_token",
        label: "Instagram access token",
        hint: "App dashboard, Instagram, API setup with Instagram login, Generate access tokens",
        required: true,
        verifies: false,
        secret: true,
    },
    APP_ID,
    HUMAN_AGENT_FIELD,
    GRAPH_VERSION,
];

/// The fields, by where the account signed in.
pub fn fields(vendor: Option<&str>) -> &'static [Field] {
    if vendor == Some(INSTAGRAM_LOGIN) { INSTAGRAM_FIELDS } else { PAGE_FIELDS }
}

/// Whether the credential is of an account that signed in at Instagram.
pub fn is_instagram_login(credential: &Credential) -> bool {
    credential.vendor.as_deref() == Some(INSTAGRAM_LOGIN)
}

/// Whether a person may answer within seven days (section 10.1): the app needs a permission, which is taken for given unless switched off.
pub fn may_use_human_agent(credential: &Credential) -> bool {
    !credential.secret(HUMAN_AGENT).is_some_and(|setting| matches!(setting.trim().to_ascii_lowercase().as_str(), "off" | "no" | "false"))
}

/// Whose token it is: the page and its Instagram account, or the account that signed in at Instagram. Braces are escaped, as everything is
/// that could be taken for the name of a captured piece.
pub fn check(credential: &Credential) -> ProviderCall {
    let (base, query) = if is_instagram_login(credential) {
        (INSTAGRAM_BASE, "fields=user_id,username,name")
    } else {
        (graph::BASE, "fields=id,name,instagram_business_account%7Bid,username%7D")
    };
    let request = Request {
        method: "GET",
        base,
        token: credential.secret("page_access_token"),
        segments: &["me"],
        query,
        body: Body::None,
        purpose: "check",
        sends: false,
    };
    request.call(credential)
}

/// The page and the Instagram account that can be connected, or what is wrong.
pub fn judge_check(credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    let status = match reply {
        ProviderReply::Answered { status, .. } => *status,
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => {
            return Err(ProviderError::new("unreachable", "Meta cannot be reached").with_detail(why.as_str()));
        }
    };
    let json = reply.json();
    if let Some(fault) = graph::fault(status, &json) {
        return Err(fault.error);
    }
    if is_instagram_login(credential) {
        return Ok(instagram(&json, "user_id").into_iter().collect());
    }
    let page = read::id(&json, "id").map(|address| Account { name: read::line(&json, "name").unwrap_or_else(|| address.clone()), address });
    let linked = json.get("instagram_business_account").and_then(|account| instagram(account, "id"));
    Ok(page.into_iter().chain(linked).collect())
}

fn instagram(account: &Value, id: &str) -> Option<Account> {
    let address = read::id(account, id)?;
    let name = read::line(account, "username").map_or_else(|| format!("Instagram {address}"), |name| format!("Instagram @{name}"));
    Some(Account { address, name })
}
