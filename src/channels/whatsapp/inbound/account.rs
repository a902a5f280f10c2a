//! What concerns the connection or the whole account: templates, restrictions, marketing preferences (sections 6.23 and 6.24).

use entities::{
    Happening, Inbound,
    inbound::{ChannelNews, ChannelNewsKind, PreferenceScope},
    template::Template,
};
use serde_json::{Value, json};

use super::{Scope, party};
use crate::channels::{
    meta::{graph, read},
    whatsapp::answer,
};

/// What a change tells that is about no conversation; fields that are not known are ignored.
pub fn told(scope: &Scope<'_>, field: &str, value: &Value) -> Vec<Inbound> {
    let news = match field {
        "message_template_status_update"
        | "message_template_quality_update"
        | "template_category_update"
        | "message_template_components_update" => template(field, value),
        "account_update" => account_update(value),
        "account_alerts"
        | "account_review_update"
        | "phone_number_quality_update"
        | "phone_number_name_update"
        | "business_capability_update"
        | "security" => notice(field, value),
        _ => return vec![scope.ignored(format!("field: {}", read::one_line(field)))],
    };
    vec![scope.tell(read::instant(value, "timestamp"), Happening::Channel(news))]
}

fn template(field: &str, value: &Value) -> ChannelNews {
    let name = read::line(value, "message_template_name");
    let event = ["event", "new_quality_score", "new_category"].into_iter().find_map(|key| read::line(value, key));
    let reason = read::line(value, "reason").filter(|reason| reason != "NONE");
    let mut detail = format!("Template {}: {}", name.as_deref().unwrap_or("?"), event.as_deref().unwrap_or("changed"));
    if let Some(reason) = &reason {
        detail.push_str(&format!(" ({reason})"));
    }
    // What the template is now, in the words of the list. One that is flagged can still be sent.
    let status =
        event.as_deref().filter(|event| field == "message_template_status_update" && *event != "FLAGGED").map(|event| match event {
            "REINSTATED" | "UNPAUSED" => Template::APPROVED.to_owned(),
            other => other.to_lowercase(),
        });
    let data = json!({
        "field": field,
        "id": read::id(value, "message_template_id"),
        "name": name,
        "language": read::line(value, "message_template_language"),
        "category": read::line(value, "message_template_category").or_else(|| read::line(value, "new_category")),
        "event": event,
        "status": status,
        "reason": reason,
    });
    ChannelNews { kind: ChannelNewsKind::TemplateChanged, detail, data: Some(read::without_nulls(data)) }
}

/// The events that end the connection, limit it, or bring it back.
fn account_update(value: &Value) -> ChannelNews {
    let event = read::one_line(read::word(value, "event"));
    let ban = value.get("ban_info").and_then(|ban| read::line(ban, "waba_ban_state"));
    let (kind, words) = match (event.as_str(), ban.as_deref()) {
        ("PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED", _) => {
            (ChannelNewsKind::Uninstalled, "The app was removed from the WhatsApp account")
        }
        ("ACCOUNT_DELETED" | "ACCOUNT_OFFBOARDED", _) => (ChannelNewsKind::Uninstalled, "The WhatsApp account is gone"),
        ("DISABLED_UPDATE", Some("DISABLE")) => (ChannelNewsKind::Uninstalled, "Meta has disabled the WhatsApp account"),
        ("DISABLED_UPDATE", Some("REINSTATE")) | ("ACCOUNT_RECONNECTED", _) => {
            (ChannelNewsKind::Restored, "The WhatsApp account works again")
        }
        ("DISABLED_UPDATE", _) => (ChannelNewsKind::Restricted, "Meta is about to disable the WhatsApp account"),
        ("ACCOUNT_RESTRICTION", _) => (ChannelNewsKind::Restricted, "Meta has restricted the WhatsApp account"),
        ("ACCOUNT_VIOLATION", _) => (ChannelNewsKind::Restricted, "Meta says that the WhatsApp account broke a policy"),
        _ => (ChannelNewsKind::Notice, "News of the WhatsApp account"),
    };
    let more = ban.unwrap_or_default();
    let detail = if more.is_empty() { format!("{words} ({event})") } else { format!("{words} ({event}, {more})") };
    ChannelNews { kind, detail, data: bounded(value) }
}

fn notice(field: &str, value: &Value) -> ChannelNews {
    let told = ["event", "decision", "alert_type", "alert_description"].into_iter().find_map(|key| read::line(value, key));
    let detail = told.map_or_else(|| field.replace('_', " "), |told| format!("{}: {told}", field.replace('_', " ")));
    ChannelNews { kind: ChannelNewsKind::Notice, detail, data: bounded(value) }
}

fn bounded(value: &Value) -> Option<Value> {
    value.as_object().and_then(|_| match read::tidied(value) {
        Value::Object(fields) => read::details(fields),
        _ => None,
    })
}

/// An error that belongs to no item: what it means is in the same table as for answers.
pub fn error(scope: &Scope<'_>, error: &Value) -> Inbound {
    let fault = graph::told_fault(error);
    let kind = match answer::severity(&fault) {
        answer::Severity::Token => ChannelNewsKind::TokenRevoked,
        answer::Severity::Stops => ChannelNewsKind::Restricted,
        answer::Severity::Passes => ChannelNewsKind::Notice,
    };
    scope.tell(None, Happening::Channel(ChannelNews { kind, detail: fault.error.to_string(), data: None }))
}

/// Whether people want marketing (section 6.23).
pub fn preferences(scope: &Scope<'_>, value: &Value) -> Vec<Inbound> {
    let told = |item: &Value| {
        let wants = match read::word(item, "value") {
            "stop" => false,
            "resume" | "signup" => true,
            other => return scope.ignored(format!("preference: {}", read::one_line(other))),
        };
        let Some(party) = party::of(scope, item, &["wa_id", "user_id"]) else { return scope.ignored("a preference of nobody") };
        let keyword = read::line(item, "detail");
        let what = Happening::Preference { contact: party.address, wants, scope: PreferenceScope::Marketing, keyword };
        scope.tell(read::instant(item, "timestamp"), what)
    };
    read::list(value, "user_preferences").iter().map(told).collect()
}
