//! The webhook and the subscriptions that are ours at Dialpad (`dialpad.md`, part 2).
//!
//! Guarantees: what is there and right is left alone, so that a second run creates nothing; what is ours and no longer wanted is removed,
//! subscriptions before the webhook that they lead to. With a newer secret a second webhook is made and the subscriptions are led there before
//! the first one goes: there is no moment in which nobody tells us. Whatever leads elsewhere than to our credential's address is not touched.
//!
//! Start reading at [`Wiring::turn`].

use std::collections::VecDeque;

use entities::ProviderError;
use serde_json::{Value, json};

use super::{answers, credential, wire};
use crate::channels::{
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    oauth::{self, Failed},
    setup::{Errand, Setup},
};

/// Where a list goes on for the page behind it; Dialpad's own words, cut.
const CURSOR_BYTES_MAX: usize = 2_000;
/// Most items of a page that are looked at.
const ITEMS_MAX: usize = 1_000;
/// The kinds of subscriptions that are ours.
const KINDS: [&str; 2] = ["sms", "call"];
/// States of calls that are read here (part 6.10).
const CALL_STATES: [&str; 21] = [
    "calling",
    "preanswer",
    "ringing",
    "queued",
    "connected",
    "hold",
    "parked",
    "hangup",
    "missed",
    "voicemail",
    "voicemail_uploaded",
    "transcription",
    "recording",
    "admin_recording",
    "call_transcription",
    "recap_summary",
    "recap_purposes",
    "recap_outcome",
    "recap_action_items",
    "merged",
    "takeover",
];
/// What a subscription can be for (part 2); events spell some of them with an underscore.
const TARGETS: [&str; 9] = ["office", "department", "callcenter", "user", "callrouter", "channel", "coachingteam", "room", "staffgroup"];

/// Dialpad's way.
pub struct DialpadSetup;

impl Setup for DialpadSetup {
    fn begin(&self, credential: &Credential, hook_url: &str, accounts: &[String]) -> Box<dyn Errand> {
        Box::new(Wiring {
            credential: credential.clone(),
            hook_url: hook_url.to_owned(),
            wanted: !accounts.is_empty(),
            accounts: accounts.to_vec(),
            step: Step::Webhooks,
            webhooks: Vec::new(),
            subscriptions: Vec::new(),
            targets: Vec::new(),
            hook_id: None,
            relisted: false,
            acts: VecDeque::new(),
        })
    }
}

/// A webhook of ours.
struct Webhook {
    id: u64,
    url: String,
    secret: Option<String>,
}

/// A subscription of ours.
struct Subscription {
    kind: &'static str,
    id: u64,
    fields: Value,
}

/// Whose events are told; `None`: the whole company's.
type Target = Option<(String, u64)>;

/// What was asked last, and so what is answered now.
#[derive(Clone, Copy)]
enum Step {
    Webhooks,
    Subscriptions(usize),
    Numbers,
    Person,
    Hook,
    Mend,
    Act { gone_is_fine: bool },
}

/// A call that changes something, and whether it does no harm if what it is for is gone.
struct Act {
    call: ProviderCall,
    gone_is_fine: bool,
}

struct Wiring {
    credential: Credential,
    hook_url: String,
    /// Something is to be told at all.
    wanted: bool,
    /// Numbers of which it is not known yet whose they are.
    accounts: Vec<String>,
    step: Step,
    webhooks: Vec<Webhook>,
    subscriptions: Vec<Subscription>,
    /// For whom events are wanted.
    targets: Vec<Target>,
    /// The webhook that is to stay.
    hook_id: Option<u64>,
    /// The lists were read again because Dialpad said that something is there already.
    relisted: bool,
    acts: VecDeque<Act>,
}

impl Errand for Wiring {
    fn turn(&mut self, reply: Option<&ProviderReply>) -> Result<Option<ProviderCall>, Failed> {
        let Some(reply) = reply else { return Ok(Some(self.list("webhooks", None))) };
        let (status, answer) = oauth::answered(reply, "Dialpad")?;
        match self.step {
            Step::Webhooks => {
                good(status, &answer)?;
                self.note_webhooks(&answer);
                if let Some(cursor) = cursor(&answer) {
                    return Ok(Some(self.list("webhooks", Some(cursor))));
                }
                // Without a webhook of ours no subscription is ours.
                self.step = Step::Subscriptions(0);
                if self.webhooks.is_empty() { self.ask_numbers() } else { Ok(Some(self.list_kind(0, None))) }
            }
            Step::Subscriptions(at) => {
                good(status, &answer)?;
                self.note_subscriptions(at, &answer);
                if let Some(cursor) = cursor(&answer) {
                    return Ok(Some(self.list_kind(at, Some(cursor))));
                }
                if at + 1 < KINDS.len() {
                    self.step = Step::Subscriptions(at + 1);
                    return Ok(Some(self.list_kind(at + 1, None)));
                }
                self.ask_numbers()
            }
            Step::Numbers => {
                // Who may not read the list of numbers may still read who they are.
                if (200..=299).contains(&status) {
                    self.note_numbers(&answer);
                    if let Some(cursor) = cursor(&answer).filter(|_| !self.accounts.is_empty()) {
                        return Ok(Some(self.list("numbers", Some(cursor))));
                    }
                } else if !matches!(status, 400 | 403 | 404) {
                    return Err(refused(status, &answer));
                }
                self.ask_person()
            }
            Step::Person => {
                good(status, &answer)?;
                self.note_person(&answer);
                self.settle_hook()
            }
            Step::Hook => self.hook_made(status, &answer),
            Step::Mend => {
                good(status, &answer)?;
                Ok(self.settle_rest())
            }
            Step::Act { gone_is_fine } => {
                // What is asked to exist exists, and what is asked to go is gone (part 10).
                if !(status == 409 || status == 404 && gone_is_fine) {
                    good(status, &answer)?;
                }
                Ok(self.next_act())
            }
        }
    }
}

impl Wiring {
    fn call(&self, method: &'static str, path: String, body: Body) -> ProviderCall {
        ProviderCall::asking(method, credential::base(&self.credential), format!("/api/v2/{path}"), body, "set_up")
            .header("authorization", credential::bearer(&self.credential))
    }

    fn list(&self, what: &str, cursor: Option<&str>) -> ProviderCall {
        let query = cursor.map(|cursor| format!("?{}", crate::channels::form::encode([("cursor", cursor)])));
        self.call("GET", format!("{what}{}", query.unwrap_or_default()), Body::None)
    }

    fn list_kind(&self, at: usize, cursor: Option<&str>) -> ProviderCall {
        self.list(&format!("subscriptions/{}", kind(at)), cursor)
    }

    /// Ours are those that lead to our credential's address, under whatever name this server was known before.
    fn note_webhooks(&mut self, answer: &Value) {
        let path = self.hook_url.find("/api/webhooks/").and_then(|at| self.hook_url.get(at..)).unwrap_or(&self.hook_url);
        for item in wire::list(answer, "/items").iter().take(ITEMS_MAX) {
            let (Some(id), Some(url)) = (wire::id(item, "/id"), wire::text(item, "/hook_url")) else { continue };
            if url.ends_with(path) {
                let secret = wire::text(item, "/signature/secret").map(str::to_owned);
                self.webhooks.push(Webhook { id, url: url.to_owned(), secret });
            }
        }
    }

    fn note_subscriptions(&mut self, at: usize, answer: &Value) {
        for item in wire::list(answer, "/items").iter().take(ITEMS_MAX) {
            let endpoint = endpoint(item);
            if let Some(id) = wire::id(item, "/id").filter(|_| self.webhooks.iter().any(|webhook| Some(webhook.id) == endpoint)) {
                self.subscriptions.push(Subscription { kind: kind(at), id, fields: item.clone() });
            }
        }
    }

    /// Next it is asked whose the numbers are; where there are none, what is ours goes.
    fn ask_numbers(&mut self) -> Result<Option<ProviderCall>, Failed> {
        if !self.wanted {
            return Ok(self.settle_rest());
        }
        if self.relisted {
            return self.settle_hook();
        }
        self.step = Step::Numbers;
        Ok(Some(self.list("numbers", None)))
    }

    fn note_numbers(&mut self, answer: &Value) {
        for item in wire::list(answer, "/items").iter().take(ITEMS_MAX) {
            let Some(number) = wire::text(item, "/number") else { continue };
            if !self.accounts.iter().any(|account| account == number) {
                continue;
            }
            let kind = wire::text(item, "/target_type").map(spelled).filter(|kind| TARGETS.contains(&kind.as_str()));
            if let Some(target) = kind.zip(wire::id(item, "/target_id")) {
                self.accounts.retain(|account| account != number);
                self.want(Some(target));
            }
        }
    }

    fn want(&mut self, target: Target) {
        if !self.targets.contains(&target) {
            self.targets.push(target);
        }
    }

    /// Numbers that are in no list may be those of the person whose key it is.
    fn ask_person(&mut self) -> Result<Option<ProviderCall>, Failed> {
        if self.accounts.is_empty() {
            return self.settle_hook();
        }
        if self.credential.secret(credential::KEY_LEVEL) == Some("company") {
            self.want(None);
            return self.settle_hook();
        }
        self.step = Step::Person;
        Ok(Some(self.call("GET", "users/me".to_owned(), Body::None)))
    }

    fn note_person(&mut self, answer: &Value) {
        let own = wire::strings(answer, "/phone_numbers");
        let all = self.accounts.iter().all(|account| own.contains(&account.as_str()));
        // What is nobody's by name is the company's, which only an administrator's key may subscribe to: Dialpad says so.
        let person = wire::id(answer, "/id").filter(|_| all).map(|id| ("user".to_owned(), id));
        self.want(person);
    }

    fn secret(&self) -> Result<&str, Failed> {
        let missing = || Failed::lasting(ProviderError::new("no_secret", "the credential has no webhook secret to sign with"));
        self.credential.secret(credential::WEBHOOK_SECRET).ok_or_else(missing)
    }

    /// The webhook that leads here and signs with the newest secret: the one that is there, or a new one.
    fn settle_hook(&mut self) -> Result<Option<ProviderCall>, Failed> {
        let secret = self.secret()?.to_owned();
        // A secret that Dialpad does not show cannot be compared.
        let right = |webhook: &&Webhook| webhook.url == self.hook_url && webhook.secret.as_deref().is_none_or(|known| known == secret);
        if let Some(webhook) = self.webhooks.iter().find(right) {
            self.hook_id = Some(webhook.id);
            return Ok(self.settle_rest());
        }
        if let Some(webhook) = self.webhooks.iter().find(|webhook| webhook.url == self.hook_url).filter(|_| self.relisted) {
            // Dialpad allows no second one with this address: the secret before is alive here as well, so nothing is lost by changing it in place.
            let (id, body) = (webhook.id, json!({"hook_url": self.hook_url, "secret": secret}));
            self.hook_id = Some(id);
            self.step = Step::Mend;
            return Ok(Some(self.call("PATCH", format!("webhooks/{id}"), Body::Json(body))));
        }
        self.step = Step::Hook;
        Ok(Some(self.call("POST", "webhooks".to_owned(), Body::Json(json!({"hook_url": self.hook_url, "secret": secret})))))
    }

    fn hook_made(&mut self, status: u16, answer: &Value) -> Result<Option<ProviderCall>, Failed> {
        if status == 409 && !self.relisted {
            // Somebody else was quicker, or there is one with another secret: what is there now decides.
            self.relisted = true;
            (self.webhooks, self.subscriptions, self.step) = (Vec::new(), Vec::new(), Step::Webhooks);
            return Ok(Some(self.list("webhooks", None)));
        }
        good(status, answer)?;
        self.hook_id = Some(wire::id(answer, "/id").ok_or_else(|| Failed::odd("Dialpad's answer names no webhook"))?);
        Ok(self.settle_rest())
    }

    /// Everything that is left to do: lead here, make, and only then remove.
    fn settle_rest(&mut self) -> Option<ProviderCall> {
        let (mut kept, mut acts) = (Vec::new(), Vec::new());
        for target in self.hook_id.iter().flat_map(|_| &self.targets) {
            for kind in KINDS {
                let fields = self.fields(kind, target);
                let known = self.subscriptions.iter().find(|known| known.kind == kind && target_of(&known.fields) == *target);
                let Some(known) = known else {
                    let call = self.call("POST", format!("subscriptions/{kind}"), Body::Json(fields));
                    acts.push(Act { call, gone_is_fine: false });
                    continue;
                };
                kept.push(known.id);
                if !fits(&known.fields, &fields) {
                    let call = self.call("PATCH", format!("subscriptions/{kind}/{}", known.id), Body::Json(fields));
                    acts.push(Act { call, gone_is_fine: false });
                }
            }
        }
        let removed = self.subscriptions.iter().filter(|known| !kept.contains(&known.id));
        let paths = removed.map(|known| format!("subscriptions/{}/{}", known.kind, known.id));
        let hooks = self.webhooks.iter().filter(|webhook| Some(webhook.id) != self.hook_id);
        for path in paths.chain(hooks.map(|webhook| format!("webhooks/{}", webhook.id))) {
            acts.push(Act { call: self.call("DELETE", path, Body::None), gone_is_fine: true });
        }
        self.acts = acts.into();
        self.next_act()
    }

    fn next_act(&mut self) -> Option<ProviderCall> {
        let Act { call, gone_is_fine } = self.acts.pop_front()?;
        self.step = Step::Act { gone_is_fine };
        Some(call)
    }

    /// A subscription as it should be.
    fn fields(&self, kind: &str, target: &Target) -> Value {
        let endpoint = self.hook_id.unwrap_or_default().to_string();
        let internal = credential::allows(&self.credential, credential::INTERNAL);
        let mut fields = if kind == "sms" {
            json!({"endpoint_id": endpoint, "enabled": true, "direction": "all", "status": true, "include_internal": internal})
        } else {
            json!({"endpoint_id": endpoint, "enabled": true, "group_calls_only": false, "call_states": CALL_STATES})
        };
        if let (Some((kind, id)), Some(fields)) = (target, fields.as_object_mut()) {
            fields.insert("target_type".to_owned(), kind.as_str().into());
            fields.insert("target_id".to_owned(), id.to_string().into());
        }
        fields
    }
}

fn kind(at: usize) -> &'static str {
    KINDS.get(at).copied().unwrap_or("sms")
}

fn cursor(answer: &Value) -> Option<&str> {
    wire::text(answer, "/cursor").filter(|cursor| cursor.len() <= CURSOR_BYTES_MAX)
}

/// The webhook of a subscription; some answers hold the whole of it in the id's place.
fn endpoint(fields: &Value) -> Option<u64> {
    ["/endpoint_id", "/webhook/id", "/endpoint/id"].iter().find_map(|at| wire::id(fields, at))
}

/// As the API spells a kind of target: `call_center` is for events.
fn spelled(kind: &str) -> String {
    kind.to_ascii_lowercase().replace('_', "")
}

fn target_of(fields: &Value) -> Target {
    wire::text(fields, "/target_type").map(spelled).zip(wire::id(fields, "/target_id"))
}

/// Whether a subscription is as it should be. What an answer leaves out is believed to be.
fn fits(known: &Value, wanted: &Value) -> bool {
    let same = |name: &str| known.get(name).is_none_or(|value| value.is_null() || Some(value) == wanted.get(name));
    let states = known.get("call_states").and_then(Value::as_array);
    let told = |state: &&str| states.is_none_or(|states| states.iter().any(|known| known == *state || known == "all"));
    endpoint(known) == endpoint(wanted)
        && ["enabled", "direction", "status", "include_internal", "group_calls_only"].into_iter().all(same)
        && (wanted.get("call_states").is_none() || CALL_STATES.iter().all(told))
}

fn good(status: u16, answer: &Value) -> Result<(), Failed> {
    if (200..=299).contains(&status) { Ok(()) } else { Err(refused(status, answer)) }
}

fn refused(status: u16, answer: &Value) -> Failed {
    Failed { error: answers::error(status, answer), passing: status == 429 || status >= 500 }
}
