//! Embedded sign-up: a business lets the app send and receive for its WhatsApp Business Account (`whatsapp.md`, section 12).
//!
//! Guarantees: which accounts are connected is what Meta says of the token, never what a browser says.
//!
//! Does not: renew a token: Meta has no way to (section 12, step 7); the sign-up is gone through again.

use entities::{ChannelKind, Provider, ProviderError, Timestamp};
use serde_json::json;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    meta::{
        graph::{self, Request},
        read,
        token::{self, Inspection},
    },
    oauth::{ClientApp, Consent, Dialogue, Failed, GRANTS_MAX, Grant, Page, Trip, Turn},
};

const MANAGEMENT: &str = "whatsapp_business_management";
const MESSAGING: &str = "whatsapp_business_messaging";
/// What the sign-up form is told (section 12, step 1).
const EXTRAS: &str = r#"{"setup":{},"featureType":"","sessionInfoVersion":"3"}"#;
/// A token's end is warned of a week before.
const WARNED_BEFORE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// WhatsApp's way.
pub struct WhatsappConsent;

impl Consent for WhatsappConsent {
    fn provider(&self) -> Provider {
        Provider::Whatsapp
    }

    fn secrets(&self, app: &ClientApp) -> Vec<(&'static str, String)> {
        vec![("app_secret", app.client_secret().to_owned()), ("verify_token", app.verifying().to_owned())]
    }

    fn page(&self, app: &ClientApp, trip: &Trip, state: &str) -> Page {
        let config = app.config_id.as_deref().unwrap_or_default();
        let further = [("config_id", config), ("override_default_response_type", "true"), ("extras", EXTRAS)];
        token::page(app, &trip.redirect_uri, state, &further)
    }

    fn redeem(&self, app: &ClientApp, trip: &Trip, code: &str, now: Timestamp) -> Box<dyn Dialogue> {
        Box::new(SignUp { app: app.clone(), now, at: Step::Redeem(token::redeem(app, &trip.redirect_uri, code)) })
    }

    fn renew(&self, _app: &ClientApp, _credential: &Credential, _now: Timestamp) -> Option<Box<dyn Dialogue>> {
        None
    }

    fn renewed_before_ms(&self) -> i64 {
        WARNED_BEFORE_MS
    }

    fn kind(&self, _granted_to: &str, _account: &Account) -> ChannelKind {
        ChannelKind::Whatsapp
    }

    fn subscribe(&self, credential: &Credential, granted_to: &str) -> Option<ProviderCall> {
        let request = Request {
            method: "POST",
            base: graph::BASE,
            token: credential.secret("access_token"),
            segments: &[granted_to, "subscribed_apps"],
            query: "",
            body: Body::None,
            purpose: "subscribe",
            sends: false,
        };
        Some(request.call(credential))
    }

    fn standing(&self, credential: &Credential, account: &str) -> Option<ProviderCall> {
        let request = Request {
            method: "GET",
            base: graph::BASE,
            token: credential.secret("access_token"),
            segments: &[account],
            query: "fields=id,status",
            body: Body::None,
            purpose: "standing",
            sends: false,
        };
        Some(request.call(credential))
    }

    /// A number that is connected was registered before, perhaps with a PIN that is not ours, or belongs to the phone app: it is left alone
    /// (section 12, step 6).
    fn register(&self, credential: &Credential, account: &str, standing: &ProviderReply, pin: &str) -> Option<ProviderCall> {
        if read::word(&token::good(standing).ok()?, "status") == "CONNECTED" {
            return None;
        }
        let request = Request {
            method: "POST",
            base: graph::BASE,
            token: credential.secret("access_token"),
            segments: &[account, "register"],
            query: "",
            body: Body::Json(json!({"messaging_product": "whatsapp", "pin": pin})),
            purpose: "register",
            sends: false,
        };
        Some(request.call(credential))
    }

    fn judge_subscribed(&self, reply: &ProviderReply) -> Result<(), Failed> {
        token::good(reply).map(drop)
    }
}

/// A code for a token, then what the token is good for.
struct SignUp {
    app: ClientApp,
    now: Timestamp,
    at: Step,
}

enum Step {
    Redeem(ProviderCall),
    Redeeming,
    Inspecting(token::Token),
    Over,
}

impl Dialogue for SignUp {
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Turn, Failed> {
        match (std::mem::replace(&mut self.at, Step::Over), reply) {
            (Step::Redeem(call), None) => {
                self.at = Step::Redeeming;
                Ok(Turn::Ask(call))
            }
            (Step::Redeeming, Some(reply)) => {
                let token = token::read(reply, self.now)?;
                let call = token::inspect(&self.app, &token.text);
                self.at = Step::Inspecting(token);
                Ok(Turn::Ask(call))
            }
            (Step::Inspecting(token), Some(reply)) => {
                let told = token::read_inspection(&self.app, reply, &[MANAGEMENT, MESSAGING])?;
                grants(&token, &told).map(Turn::Done)
            }
            _ => Err(Failed::odd("the sign-up was answered before it was asked")),
        }
    }
}

fn grants(token: &token::Token, told: &Inspection) -> Result<Vec<Grant>, Failed> {
    let of = |scope: &str| told.granular.iter().find(|(known, _)| known == scope).map(|(_, ids)| ids.as_slice());
    let managed = of(MANAGEMENT).unwrap_or_default();
    // A scope that names nothing is for all that the other names.
    let messaged = of(MESSAGING).filter(|ids| !ids.is_empty()).unwrap_or(managed);
    let accounts: Vec<&String> = managed.iter().filter(|id| messaged.contains(id)).take(GRANTS_MAX).collect();
    if accounts.is_empty() {
        let words = "no WhatsApp Business Account was chosen: begin again and choose one";
        return Err(Failed::lasting(ProviderError::new("no_account", words)));
    }
    let expires_at = token::earliest(&[token.expires_at, told.expires_at]);
    let grant = |id: &String| Grant {
        account: id.clone(),
        name: format!("WhatsApp {id}"),
        secrets: vec![("access_token", token.text.clone()), ("waba_id", id.clone())],
        expires_at,
    };
    Ok(accounts.into_iter().map(grant).collect())
}
