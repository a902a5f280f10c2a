//! Facebook Login for Business: people let the app answer for their pages, and for the Instagram accounts linked to them (`messenger.md`,
//! section 11.1).
//!
//! Guarantees: only pages on which the person may answer (the task `MESSAGING`) are connected; a page's token is one that was obtained with a
//! long-lived token of the person's.
//!
//! Does not: sign in at Instagram itself (section 11.2): such tokens are entered by hand.

use entities::{ChannelKind, Provider, ProviderError, Timestamp};
use serde_json::Value;

use crate::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    form,
    meta::{
        graph::{self, Request},
        read,
        token::{self, Token},
    },
    oauth::{ClientApp, Consent, Dialogue, Failed, GRANTS_MAX, Grant, Page, Trip, Turn},
};

/// What is asked for where the app has no configuration of its own (section 11.1, step 1).
const SCOPES: &str = "pages_show_list,pages_messaging,pages_manage_metadata,pages_read_engagement,business_management,instagram_basic,\
    instagram_manage_messages";
/// What a page tells us of (section 2).
const SUBSCRIBED_FIELDS: &str = "messages,messaging_postbacks,messaging_optins,messaging_referrals,message_deliveries,message_reads,\
    message_echoes,message_reactions,message_edits,messaging_handovers,standby,messaging_policy_enforcement";
/// What is asked of each page (section 11.1, step 5).
const PAGE_FIELDS: &str = "id,name,access_token,tasks,instagram_business_account{id,username}";
/// The person's token, by which a page's is asked for again; no field of a form: it comes by consent alone.
const USER_TOKEN: &str = "user_access_token";
/// Tokens are renewed, and their end is warned of, a week before (section 11.1, step 7).
const RENEWED_BEFORE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Most lists of a hundred pages that are read.
const LISTS_MAX: usize = 10;
/// Longest cursor that is followed, in bytes.
const CURSOR_BYTES_MAX: usize = 1_024;

/// Messenger's way.
pub struct MessengerConsent;

impl Consent for MessengerConsent {
    fn provider(&self) -> Provider {
        Provider::Messenger
    }

    fn secrets(&self, app: &ClientApp) -> Vec<(&'static str, String)> {
        vec![
            ("app_secret", app.client_secret().to_owned()),
            ("verify_token", app.verifying().to_owned()),
            ("app_id", app.client_id.clone()),
        ]
    }

    fn page(&self, app: &ClientApp, trip: &Trip, state: &str) -> Page {
        let further = app.config_id.as_deref().map_or(("scope", SCOPES), |config| ("config_id", config));
        token::page(app, &trip.redirect_uri, state, &[further])
    }

    fn redeem(&self, app: &ClientApp, trip: &Trip, code: &str, now: Timestamp) -> Box<dyn Dialogue> {
        Box::new(Login::new(app, now, None, Step::Redeem(token::redeem(app, &trip.redirect_uri, code))))
    }

    fn renew(&self, app: &ClientApp, credential: &Credential, now: Timestamp) -> Option<Box<dyn Dialogue>> {
        let only = credential.account.clone()?;
        let call = token::extend(app, credential.secret(USER_TOKEN)?);
        Some(Box::new(Login::new(app, now, Some(only), Step::Extend(call))))
    }

    fn renewed_before_ms(&self) -> i64 {
        RENEWED_BEFORE_MS
    }

    fn kind(&self, granted_to: &str, account: &Account) -> ChannelKind {
        if account.address == granted_to { ChannelKind::Messenger } else { ChannelKind::Instagram }
    }

    fn subscribe(&self, credential: &Credential, granted_to: &str) -> Option<ProviderCall> {
        let query = form::encode([("subscribed_fields", SUBSCRIBED_FIELDS)]);
        let request = Request {
            method: "POST",
            base: graph::BASE,
            token: credential.secret("page_access_token"),
            segments: &[granted_to, "subscribed_apps"],
            query: &query,
            body: Body::None,
            purpose: "subscribe",
            sends: false,
        };
        Some(request.call(credential))
    }

    fn judge_subscribed(&self, reply: &ProviderReply) -> Result<(), Failed> {
        token::good(reply).map(drop)
    }
}

/// A code for a short token, that for a long one, then the person's pages, then how long it lasts.
struct Login {
    app: ClientApp,
    now: Timestamp,
    /// The one page that is looked for, where a token is renewed.
    only: Option<String>,
    user: Option<Token>,
    pages: Vec<Value>,
    lists: usize,
    at: Step,
}

enum Step {
    Redeem(ProviderCall),
    Redeeming,
    Extend(ProviderCall),
    Extending,
    Listing,
    Inspecting,
    Over,
}

impl Login {
    fn new(app: &ClientApp, now: Timestamp, only: Option<String>, at: Step) -> Self {
        Self { app: app.clone(), now, only, user: None, pages: Vec::new(), lists: 0, at }
    }

    fn ask(&mut self, call: ProviderCall, then: Step) -> Turn {
        self.at = then;
        Turn::Ask(call)
    }

    fn list(&self, after: Option<&str>) -> ProviderCall {
        let mut asked = vec![("fields", PAGE_FIELDS), ("limit", "100")];
        asked.extend(after.map(|after| ("after", after)));
        let query = form::encode(asked);
        let request = Request {
            method: "GET",
            base: graph::BASE,
            token: self.user.as_ref().map(|token| token.text.as_str()),
            segments: &["me", "accounts"],
            query: &query,
            body: Body::None,
            purpose: "accounts",
            sends: false,
        };
        request.call(&token::app_credential(&self.app))
    }

    /// Takes a list of pages in; the next list, if there is one.
    fn take(&mut self, json: &Value) -> Turn {
        self.pages.extend(read::list(json, "data").iter().cloned());
        self.lists += 1;
        let paging = json.get("paging").unwrap_or(&Value::Null);
        let cursor = paging.pointer("/cursors/after").and_then(Value::as_str).filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX);
        // The next list's address is on Meta's own host and holds the token; its cursor alone does as well.
        if let Some(after) = cursor.filter(|_| paging.get("next").is_some_and(Value::is_string) && self.lists < LISTS_MAX) {
            let call = self.list(Some(after));
            return self.ask(call, Step::Listing);
        }
        let call = token::inspect(&self.app, self.user.as_ref().map_or("", |token| token.text.as_str()));
        self.ask(call, Step::Inspecting)
    }

    fn grants(&self, reply: &ProviderReply) -> Result<Vec<Grant>, Failed> {
        let user = self.user.as_ref().ok_or_else(|| Failed::odd("there is no token to look at"))?;
        let told = token::read_inspection(&self.app, reply, &["pages_messaging"])?;
        let expires_at = token::earliest(&[user.expires_at, told.expires_at, told.data_until]);
        let may_answer = |page: &&Value| read::list(page, "tasks").iter().any(|task| task == "MESSAGING");
        let answered = self.pages.iter().filter(may_answer).filter_map(|page| grant(page, user, expires_at));
        let granted: Vec<Grant> =
            answered.filter(|grant| self.only.as_ref().is_none_or(|only| *only == grant.account)).take(GRANTS_MAX).collect();
        if !granted.is_empty() {
            return Ok(granted);
        }
        let words = match (&self.only, self.pages.is_empty()) {
            (Some(_), _) => "the page is no longer among those that may be answered for: connect it again",
            (None, true) => "no page was chosen: begin again and choose one",
            (None, false) => "you may not answer messages on any of these pages (the task MESSAGING is missing): ask the page's owner",
        };
        Err(Failed::lasting(ProviderError::new("no_page", words)))
    }
}

impl Dialogue for Login {
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Turn, Failed> {
        match (std::mem::replace(&mut self.at, Step::Over), reply) {
            (Step::Redeem(call), None) => Ok(self.ask(call, Step::Redeeming)),
            (Step::Extend(call), None) => Ok(self.ask(call, Step::Extending)),
            (Step::Redeeming, Some(reply)) => {
                let short = token::read(reply, self.now)?;
                let call = token::extend(&self.app, &short.text);
                Ok(self.ask(call, Step::Extending))
            }
            (Step::Extending, Some(reply)) => {
                self.user = Some(token::read(reply, self.now)?);
                let call = self.list(None);
                Ok(self.ask(call, Step::Listing))
            }
            (Step::Listing, Some(reply)) => {
                let json = token::good(reply)?;
                Ok(self.take(&json))
            }
            (Step::Inspecting, Some(reply)) => self.grants(reply).map(Turn::Done),
            _ => Err(Failed::odd("the sign-in was answered before it was asked")),
        }
    }
}

fn grant(page: &Value, user: &Token, expires_at: Option<Timestamp>) -> Option<Grant> {
    let account = read::id(page, "id")?;
    let token = Some(read::word(page, "access_token")).filter(|token| !token.is_empty())?;
    Some(Grant {
        name: read::line(page, "name").unwrap_or_else(|| format!("Page {account}")),
        secrets: vec![("page_access_token", token.to_owned()), (USER_TOKEN, user.text.clone())],
        account,
        expires_at,
    })
}
