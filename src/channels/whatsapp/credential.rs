//! What a WhatsApp credential holds, and the call that checks it.

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

/// The field of the PIN that registers numbers (section 12, step 6).
pub const PIN: &str = crate::channels::oauth::PIN;

/// The fields, in the order in which they are asked for.
pub const FIELDS: &[Field] = &[
    Field {
        name: "app_secret",
        label: "App secret",
        hint: "App dashboard, App settings, Basic, App secret",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: "verify_token",
        label: "Verify token",
        hint: "A word of your own choosing; enter the same one at WhatsApp, Configuration, Webhook",
        required: true,
        verifies: true,
        secret: true,
    },
    Field {
        name: "access_token",
        label: "Access token",
        hint: "Business settings, System users, Generate token, with whatsapp_business_messaging and whatsapp_business_management",
        required: true,
        verifies: false,
        secret: true,
    },
    Field {
        name: "waba_id",
        label: "WhatsApp Business Account ID",
        hint: "App dashboard, WhatsApp, API setup",
        required: false,
        verifies: false,
        secret: false,
    },
    Field {
        name: PIN,
        label: "Two-step verification PIN",
        hint: "Six digits, with which a number is registered after a sign-up; chosen by itself",
        required: false,
        verifies: false,
        secret: true,
    },
    Field { name: "graph_version", label: "Graph API version", hint: "Empty for v25.0", required: false, verifies: false, secret: false },
];

/// What is asked of a number (whatsapp.md section 2).
const NUMBER_FIELDS: &str = "fields=id,display_phone_number,verified_name,quality_rating,status";
/// Most numbers of an account that are listed; accounts have at most a few dozen.
const NUMBERS_QUERY: &str = "fields=id,display_phone_number,verified_name,quality_rating,status&limit=100";

/// The numbers of the business account; without one, the one number that the credential was entered for; without that, whose token it is.
pub fn check(credential: &Credential) -> ProviderCall {
    let waba = credential.secret("waba_id");
    let number = credential.account.as_deref().filter(|account| !account.is_empty());
    let (segments, query): (Vec<&str>, &str) = match (waba, number) {
        (Some(waba), _) => (vec![waba, "phone_numbers"], NUMBERS_QUERY),
        (None, Some(number)) => (vec![number], NUMBER_FIELDS),
        (None, None) => (vec!["me"], "fields=id,name"),
    };
    let request = Request {
        method: "GET",
        base: graph::BASE,
        token: credential.secret("access_token"),
        segments: &segments,
        query,
        body: Body::None,
        purpose: "check",
        sends: false,
    };
    request.call(credential)
}

/// The numbers that can be connected, or what is wrong.
pub fn judge_check(_credential: &Credential, reply: &ProviderReply) -> Result<Vec<Account>, ProviderError> {
    let ProviderReply::Answered { status, .. } = reply else { return Err(unanswered(reply)) };
    let json = reply.json();
    if let Some(fault) = graph::fault(*status, &json) {
        return Err(fault.error);
    }
    let numbers = match json.get("data") {
        Some(Value::Array(numbers)) => numbers.clone(),
        _ => vec![json],
    };
    // Whose token it is (`/me`) is no number: then the token is good, and the number is still to be entered.
    Ok(numbers.iter().filter(|number| number.get("display_phone_number").is_some()).filter_map(account).collect())
}

fn account(number: &Value) -> Option<Account> {
    let address = read::id(number, "id")?;
    let shown = read::line(number, "display_phone_number").unwrap_or_else(|| address.clone());
    let name = match read::line(number, "verified_name") {
        Some(name) => format!("{name} ({shown})"),
        None => shown,
    };
    Some(Account { address, name })
}

fn unanswered(reply: &ProviderReply) -> ProviderError {
    let why = match reply {
        ProviderReply::Unreachable { why } | ProviderReply::Silent { why } => why.as_str(),
        ProviderReply::Answered { .. } => "",
    };
    ProviderError::new("unreachable", "WhatsApp cannot be reached").with_detail(why)
}
