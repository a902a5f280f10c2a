//! The gateway: what is wanted of a provider becomes its adapter's calls, made one after the other.
//!
//! Guarantees (port [`Gateway`]): it always answers, within [`SEND_MS_MAX`]; it stops at the first call that is not accepted and says which
//! parts were; a call that may have made a message is never called not made. Parts that were done before are not made again, and neither
//! is what prepared them.
//!
//! Does not: know what a call means (the adapter does), retry, or keep anything between two sends.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actors::port::{Gateway, Line, LocalPromise, PartDone, Report, gateway::SEND_MS_MAX};
use entities::{Action, AttachmentId, Holds, Outbound, Provider, ProviderError, SendOutcome, TenantId, Timestamp, outbound::Consequence};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    provider_body::{File, Files},
    provider_http::{DEADLINE, ProviderHttp},
};
use crate::{
    channels::{
        adapter::Adapter,
        call::{Body, ProviderCall, ProviderReply},
        credential::Credential,
        registry,
    },
    crypto::Keys,
    store::{
        Database, read,
        settings::template::{self, Holder},
    },
};

/// Who has the workspace's stored files.
pub trait StoredFiles: Send + Sync + 'static {
    /// Where the provider can fetch a file, good for an hour.
    fn address(&self, tenant_id: TenantId, id: AttachmentId) -> String;

    /// The whole file.
    fn open(&self, tenant_id: TenantId, id: AttachmentId) -> LocalPromise<Result<File, String>>;
}

/// Most pages that are read to find out whether something was sent.
const SENT_PAGES_MAX: usize = 10;

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct ProviderGateway {
    db: Database,
    keys: Keys,
    http: ProviderHttp,
    files: Arc<dyn StoredFiles>,
    public_url: Arc<str>,
}

impl ProviderGateway {
    /// A gateway that calls by `http`.
    pub fn new(db: Database, keys: Keys, http: ProviderHttp, files: Arc<dyn StoredFiles>, public_url: &str) -> Self {
        Self { db, keys, http, files, public_url: public_url.into() }
    }

    async fn open(&self, line: &Line) -> Result<Credential, SendOutcome> {
        let again = |why: String| SendOutcome::Retry {
            after_ms: None,
            holds: Holds::Channel,
            error: ProviderError::new("credential_unavailable", why),
            tries_max: None,
        };
        match read::credential::open(&self.db, &self.keys, line.tenant_id, line.credential_id).await {
            Ok(Some(opened)) => {
                let mut credential = opened.credential;
                credential.public_url = self.public_url.to_string();
                Ok(credential)
            }
            Ok(None) => Err(SendOutcome::Halted {
                error: ProviderError::new("no_credential", "the channel's credential is gone"),
                remedy: "connect the channel with another credential".to_owned(),
            }),
            Err(error) => Err(again(error.to_string())),
        }
    }

    async fn send_all(self, line: Line, mut outbound: Outbound, done: Vec<PartDone>, doubt: Option<Timestamp>) -> Report {
        let credential = match self.open(&line).await {
            Ok(credential) => credential,
            Err(outcome) => return Report { done, outcome },
        };
        let provider = Provider::of(line.kind);
        let Some((provider, adapter)) = provider.and_then(|provider| Some((provider, registry::find(provider)?))) else {
            return Report { done, outcome: refused("unsupported", "this server does not speak with the channel's provider") };
        };
        if let Action::Send(message) = &mut outbound.what {
            for file in &mut message.media {
                file.url = self.files.address(line.tenant_id, file.id);
            }
        }
        let calls = match adapter.plan(&credential, &outbound) {
            Ok(calls) => calls,
            Err(unsupported) => return Report { done, outcome: refused(unsupported.code, &unsupported.title) },
        };
        let ends = Instant::now() + Duration::from_millis(SEND_MS_MAX).saturating_sub(DEADLINE * 2);
        let caller = Caller { gateway: &self, line: &line, provider, adapter, credential: &credential, ends };
        let done = match caller.settled(&calls, done, doubt).await {
            Ok(done) => done,
            Err(report) => return report,
        };
        let report = caller.make(&calls, done).await;
        if matches!(report.outcome, SendOutcome::Refused { consequence: Consequence::TemplateChanged, .. }) {
            self.list_templates(&line).await;
        }
        report
    }

    /// Has the account's templates listed anew: one of them is not as it is known here.
    async fn list_templates(&self, line: &Line) {
        let of = Holder { tenant_id: line.tenant_id, credential_id: line.credential_id };
        if let Err(error) = template::wish(&self.db, of, Timestamp::EPOCH).await {
            tracing::warn!(credential.id = %line.credential_id, %error, "templates are listed later than was wished");
        }
    }
}

impl Gateway for ProviderGateway {
    fn send(&self, line: Line, outbound: Outbound, done: Vec<PartDone>, doubt: Option<Timestamp>) -> LocalPromise<Report> {
        Box::pin(self.clone().send_all(line, outbound, done, doubt))
    }
}

/// One send.
struct Caller<'a> {
    gateway: &'a ProviderGateway,
    line: &'a Line,
    provider: Provider,
    adapter: &'static dyn Adapter,
    credential: &'a Credential,
    /// No call begins after it.
    ends: Instant,
}

impl Caller<'_> {
    /// What is done, with the part that is in doubt, if the provider turns out to have it. What it cannot be asked about is in doubt no longer
    /// than its receipt may take; if it does not answer, all stays as it is.
    async fn settled(&self, calls: &[ProviderCall], mut done: Vec<PartDone>, doubt: Option<Timestamp>) -> Result<Vec<PartDone>, Report> {
        // One strictly after the other: only the first that is not done can have been under way.
        let next = calls.iter().filter(|call| call.sends).nth(done.len());
        let Some((next, since)) = next.zip(doubt) else { return Ok(done) };
        if self.adapter.sent_since(self.credential, next, since).is_none() {
            return Ok(done);
        }
        let next = match self.prepared(calls, next, done.len()).await {
            Ok(next) => next,
            Err(outcome) => return Err(Report { done, outcome }),
        };
        let mut question = self.adapter.sent_since(self.credential, &next, since);
        for _page in 0..SENT_PAGES_MAX {
            let Some(asked) = question else { return Ok(done) };
            if Instant::now() > self.ends {
                break;
            }
            let reply = self.call(&asked).await;
            if let Some(error) = failure(self.adapter.classify(&asked, &reply)) {
                return Err(Report { done, outcome: SendOutcome::Unknown { error } });
            }
            match self.unknown(self.adapter.read_sent(&next, &reply)).await {
                Ok(Some(id)) => {
                    done.push(PartDone { id: Some(id), delivered: false });
                    return Ok(done);
                }
                Ok(None) => question = self.adapter.sent_further(&asked, &reply),
                Err(error) => return Err(Report { done, outcome: SendOutcome::Unknown { error } }),
            }
        }
        let error = ProviderError::new("too_many", "too much was sent since to find out whether this was");
        Err(Report { done, outcome: SendOutcome::Unknown { error } })
    }

    /// A call with what the calls that prepare it give: where a message was to go may have been asked first.
    async fn prepared(&self, calls: &[ProviderCall], next: &ProviderCall, done: usize) -> Result<ProviderCall, SendOutcome> {
        let mut captured = HashMap::new();
        for call in to_make(calls, done).take_while(|call| !call.sends).filter(|call| !call.captures.is_empty()) {
            let reply = self.call(call).await;
            if let Some(error) = failure(self.adapter.classify(call, &reply)) {
                return Err(SendOutcome::Unknown { error });
            }
            capture(call, &reply, &mut captured)?;
        }
        Ok(filled(next, &captured))
    }

    /// The first of these messages that is not known here: one that is known is an earlier message of the same words.
    async fn unknown(&self, ids: Vec<String>) -> Result<Option<String>, ProviderError> {
        for id in ids {
            match read::provider::find_place(&self.gateway.db, self.line.tenant_id, self.line.id, &id).await {
                Ok(Some(_known)) => {}
                Ok(None) => return Ok(Some(id)),
                Err(error) => return Err(ProviderError::new("unread", error.to_string())),
            }
        }
        Ok(None)
    }

    async fn make(&self, calls: &[ProviderCall], mut done: Vec<PartDone>) -> Report {
        let mut captured = HashMap::new();
        for call in to_make(calls, done.len()) {
            if Instant::now() > self.ends {
                // What is left is gone on with at once, in another turn.
                let error = ProviderError::new("slow", "the provider is slow; the rest follows");
                return Report { done, outcome: SendOutcome::Retry { after_ms: Some(0), holds: Holds::Message, error, tries_max: None } };
            }
            let call = filled(call, &captured);
            let reply = self.call(&call).await;
            match self.adapter.classify(&call, &reply) {
                SendOutcome::Accepted { id, delivered, also } => {
                    if let Err(outcome) = capture(&call, &reply, &mut captured) {
                        return Report { done, outcome };
                    }
                    if call.sends {
                        done.push(PartDone { id, delivered });
                    }
                    if !also.is_empty() {
                        tracing::debug!(tenant.id = %self.line.tenant_id, addresses = also.len(), "a provider named further addresses of a contact");
                    }
                }
                // What makes no message may be asked again.
                SendOutcome::Unknown { error } if !call.sends => {
                    return Report { done, outcome: SendOutcome::Retry { after_ms: None, holds: Holds::Message, error, tries_max: None } };
                }
                outcome => return Report { done, outcome },
            }
        }
        Report { done, outcome: SendOutcome::Accepted { id: None, delivered: false, also: Vec::new() } }
    }

    /// Makes a call; where its refusal has a cure, cures it and makes the call once more.
    async fn call(&self, call: &ProviderCall) -> ProviderReply {
        let files = OfTenant { files: &*self.gateway.files, tenant_id: self.line.tenant_id };
        let reply = self.gateway.http.call(self.provider, call, &files).await;
        let Some(cure) = self.adapter.cure(self.credential, call, &reply) else { return reply };
        let cured = self.gateway.http.call(self.provider, &cure, &files).await;
        match self.adapter.classify(&cure, &cured) {
            SendOutcome::Accepted { .. } => self.gateway.http.call(self.provider, call, &files).await,
            _ => reply,
        }
    }
}

/// The files of one workspace.
struct OfTenant<'a> {
    files: &'a dyn StoredFiles,
    tenant_id: TenantId,
}

impl Files for OfTenant<'_> {
    fn open(&self, id: AttachmentId) -> LocalPromise<Result<File, String>> {
        self.files.open(self.tenant_id, id)
    }
}

/// What is wrong with an answer, if anything is.
fn failure(outcome: SendOutcome) -> Option<ProviderError> {
    match outcome {
        SendOutcome::Accepted { .. } => None,
        SendOutcome::Retry { error, .. }
        | SendOutcome::Unknown { error }
        | SendOutcome::Refused { error, .. }
        | SendOutcome::Halted { error, .. } => Some(error),
    }
}

/// Where to begin if so many messages are made: behind the last of them. What stands between two messages prepares the second.
fn first_undone(calls: &[ProviderCall], done: usize) -> usize {
    let mut left = done;
    for (index, call) in calls.iter().enumerate() {
        if left == 0 {
            return index;
        }
        left -= usize::from(call.sends);
    }
    calls.len()
}

/// The calls that are left to make, with those among the others whose answers they need.
fn to_make(calls: &[ProviderCall], done: usize) -> impl Iterator<Item = &ProviderCall> {
    let (made, left) = calls.split_at(first_undone(calls, done).min(calls.len()));
    let needed =
        |call: &&ProviderCall| !call.sends && call.captures.iter().any(|capture| left.iter().any(|call| names(call, capture.name)));
    made.iter().filter(needed).chain(left)
}

/// Whether a call waits for this piece of an earlier answer.
fn names(call: &ProviderCall, piece: &'static str) -> bool {
    filled(call, &HashMap::from([(piece, String::new())])) != *call
}

fn capture(call: &ProviderCall, reply: &ProviderReply, captured: &mut HashMap<&'static str, String>) -> Result<(), SendOutcome> {
    if call.captures.is_empty() {
        return Ok(());
    }
    let json = reply.json();
    for capture in &call.captures {
        let value = match json.pointer(capture.pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Err(refused("odd_answer", &format!("the provider's answer has no {}", capture.name))),
        };
        captured.insert(capture.name, value);
    }
    Ok(())
}

/// The call with what earlier answers gave in its places.
fn filled(call: &ProviderCall, captured: &HashMap<&'static str, String>) -> ProviderCall {
    let mut call = call.clone();
    if captured.is_empty() {
        return call;
    }
    let put = |text: &mut String| {
        for (name, value) in captured {
            let place = format!("{{{name}}}");
            if text.contains(&place) {
                *text = text.replace(&place, value);
            }
        }
    };
    put(&mut call.path);
    call.headers.iter_mut().for_each(|(_, value)| put(value));
    match &mut call.body {
        Body::Json(json) | Body::JsonWithFile { json, .. } => put_json(json, &put),
        Body::Form(pairs) => pairs.iter_mut().for_each(|(_, value)| put(value)),
        Body::Multipart { fields, .. } => fields.iter_mut().for_each(|(_, value)| put(value)),
        Body::None | Body::File(_) => {}
    }
    call
}

fn put_json(json: &mut Value, put: &impl Fn(&mut String)) {
    match json {
        Value::String(text) => put(text),
        Value::Array(items) => items.iter_mut().for_each(|item| put_json(item, put)),
        Value::Object(fields) => fields.values_mut().for_each(|field| put_json(field, put)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn refused(code: &str, title: &str) -> SendOutcome {
    SendOutcome::Refused { error: ProviderError::new(code, title), consequence: Consequence::None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls() -> Vec<ProviderCall> {
        let ask = |path: &str| ProviderCall::asking("POST", "https://example.org", path, Body::None, "ask");
        let send = |path: &str| ProviderCall::sending("POST", "https://example.org", path, Body::None, "send");
        vec![ask("/a"), send("/1"), ask("/b"), ask("/c"), send("/2")]
    }

    #[test]
    fn what_is_done_is_not_made_again_and_what_prepares_the_next_is() {
        let calls = calls();
        assert_eq!([0, 1, 2, 3].map(|done| first_undone(&calls, done)), [0, 2, 5, 5]);
    }

    #[test]
    fn what_a_later_part_needs_of_an_earlier_answer_is_asked_again() {
        let mut calls = calls();
        calls[0] = calls[0].clone().capture("room", "/id");
        calls[2] = calls[2].clone().capture("other", "/id");
        calls[4].path = "/2/{room}".to_owned();
        let paths = |done| to_make(&calls, done).map(|call| call.path.as_str()).collect::<Vec<_>>();
        assert_eq!(paths(0), ["/a", "/1", "/b", "/c", "/2/{room}"]);
        assert_eq!(paths(1), ["/a", "/b", "/c", "/2/{room}"]);
        assert!(paths(2).is_empty());
    }

    #[test]
    fn an_answer_s_pieces_are_put_wherever_a_later_call_names_them() {
        let mut captured = HashMap::new();
        let first = calls().remove(0).capture("file_id", "/file/id").capture("count", "/count");
        let reply = |body: &str| ProviderReply::Answered { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
        capture(&first, &reply(r#"{"file":{"id":"F1"},"count":3}"#), &mut captured).unwrap();
        let body = Body::Json(json!({"files": [{"id": "{file_id}", "n": "{count}"}], "{file_id}": 1, "other": "{unknown}"}));
        let call = ProviderCall::sending("POST", "https://example.org", "/x/{file_id}", body, "send").header("x-id", "{count}");
        let call = filled(&call, &captured);
        assert_eq!(call.path, "/x/F1");
        assert_eq!(call.headers, vec![("x-id", "3".to_owned())]);
        assert!(call.body == Body::Json(json!({"files": [{"id": "F1", "n": "3"}], "{file_id}": 1, "other": "{unknown}"})));
        assert!(matches!(capture(&first, &reply("{}"), &mut captured), Err(SendOutcome::Refused { .. })));
    }
}
