//! What the business set up, and what it can ask for later: webhooks, subscriptions, calls, tokens.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::simulate::{provider::text, world::keep};

/// Webhooks or subscriptions.
const SET_UP_MAX: usize = 100;
/// Calls that are remembered.
const CALLS_MAX: usize = 200;
/// Entries of a page of the list of opt-outs.
const PAGE: usize = 2;
/// Tokens and codes that are remembered.
const TOKENS_MAX: usize = 1_000;

/// A webhook.
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it leads.
    pub hook_url: String,
    /// What signs for it.
    pub secret: String,
}

impl Webhook {
    /// As the API shows it.
    pub fn shown(&self) -> Value {
        let signature = json!({"algo": "HS256", "secret": self.secret, "type": "jwt"});
        json!({"hook_url": self.hook_url, "id": self.id, "signature": signature})
    }
}

/// What is good for one use.
pub enum Once {
    /// A code, for who has the secret behind the challenge and comes from the same address.
    Code {
        /// The challenge (S256).
        challenge: String,
        /// Where it led back to.
        redirect_uri: String,
    },
    /// A refresh token.
    Refresh {
        /// The token that it came with.
        access: String,
    },
}

/// Everything that is remembered.
pub struct Books {
    /// Webhooks.
    pub webhooks: Vec<Webhook>,
    /// Subscriptions: kind, and the fields that they were made with, `id` among them.
    pub subscriptions: Vec<(String, Value)>,
    /// Calls that have ended, oldest first: id, and what is said of them.
    pub calls: VecDeque<(u64, Value)>,
    /// Access tokens that are good, with their ends in milliseconds, if they have one.
    pub tokens: BTreeMap<String, Option<i64>>,
    /// Who said STOP or START: the number, whether texts are wanted now, and since when.
    pub wishes: BTreeMap<String, (bool, i64)>,
    /// Codes and refresh tokens: each good once.
    pub once: BTreeMap<String, Once>,
}

impl Books {
    /// With one key.
    pub fn new(api_key: &str) -> Self {
        Self {
            webhooks: Vec::new(),
            subscriptions: Vec::new(),
            calls: VecDeque::new(),
            tokens: BTreeMap::from([(api_key.to_owned(), None)]),
            wishes: BTreeMap::new(),
            once: BTreeMap::new(),
        }
    }

    /// Whether another webhook or subscription may be made.
    pub fn has_room(&self) -> bool {
        self.webhooks.len().max(self.subscriptions.len()) < SET_UP_MAX
    }

    /// Makes a token good until an instant, or for ever.
    pub fn admit(&mut self, token: &str, ends_ms: Option<i64>) {
        if self.tokens.len() < TOKENS_MAX {
            self.tokens.insert(token.to_owned(), ends_ms);
        }
    }

    /// Whether a token is good.
    pub fn takes(&self, token: &str, now_ms: i64) -> bool {
        self.tokens.get(token).is_some_and(|ends_ms| ends_ms.is_none_or(|ends_ms| now_ms < ends_ms))
    }

    /// Makes something good for one use.
    pub fn admit_once(&mut self, what: &str, once: Once) {
        if self.once.len() < TOKENS_MAX {
            self.once.insert(what.to_owned(), once);
        }
    }

    /// Notes whether somebody wants texts.
    pub fn wish(&mut self, number: &str, wants: bool, now_ms: i64) {
        if self.wishes.len() < TOKENS_MAX {
            self.wishes.insert(number.to_owned(), (wants, now_ms));
        }
    }

    /// A page of who does not want texts, or wants them again.
    pub fn opt_outs(&self, after: Option<&str>) -> Value {
        let mut rest = self.wishes.iter().filter(|(number, _)| after.is_none_or(|after| number.as_str() > after)).peekable();
        let (mut items, mut last) = (Vec::new(), None);
        for (number, (wants, at_ms)) in rest.by_ref().take(PAGE) {
            let state = if *wants { "opted_back_in" } else { "opted_out" };
            items.push(json!({"external_endpoint": number, "opt_out_state": state, "date": at_ms}));
            last = Some(number);
        }
        let cursor = last.filter(|_| rest.peek().is_some());
        cursor.map_or_else(|| json!({"items": items}), |cursor| json!({"items": items, "cursor": cursor}))
    }

    /// Notes a call.
    pub fn end_call(&mut self, id: u64, call: Value) {
        keep(&mut self.calls, (id, call), CALLS_MAX);
    }

    /// The secret of an address, if a webhook leads there.
    pub fn secret_of(&self, url: &str) -> Option<String> {
        self.webhooks.iter().find(|webhook| webhook.hook_url == url).map(|webhook| webhook.secret.clone())
    }

    /// Where an event goes; `None` as long as nobody has subscribed to anything. Overlapping subscriptions get it several times (7).
    pub fn subscribers(&self, kind: &str, event: &Value) -> Option<Vec<String>> {
        if self.subscriptions.is_empty() {
            return None;
        }
        let wanted = |fields: &Value| {
            if fields.get("enabled") == Some(&Value::Bool(false)) {
                return false;
            }
            if kind == "call" {
                let states = fields.get("call_states").and_then(Value::as_array);
                return states.is_none_or(|states| states.iter().any(|state| state == "all" || Some(state) == event.get("state")));
            }
            let direction = text(fields, "/direction");
            let update = text(event, "/message_status") != "pending";
            (direction == "all" || direction == text(event, "/direction")) && (!update || fields.get("status") == Some(&Value::Bool(true)))
        };
        let fitting = self.subscriptions.iter().filter(|(known, fields)| known == kind && wanted(fields));
        let endpoint = |fields: &Value| self.webhooks.iter().find(|webhook| webhook.id == text(fields, "/endpoint_id"));
        Some(fitting.filter_map(|(_, fields)| Some(endpoint(fields)?.hook_url.clone())).collect())
    }

    /// For the page.
    pub fn shown(&self) -> Value {
        let hooks: Vec<&str> = self.webhooks.iter().map(|webhook| webhook.hook_url.as_str()).collect();
        let subscriptions: Vec<Value> = self.subscriptions.iter().map(|(kind, fields)| json!({"kind": kind, "fields": fields})).collect();
        json!({"webhooks": hooks, "subscriptions": subscriptions})
    }
}
