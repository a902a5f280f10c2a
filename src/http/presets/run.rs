//! Running a macro over conversations.
//!
//! Guarantees: each conversation's actions are done in their order, by the same commands as changing it and writing in it; one that fails does not
//! touch the others, and what was done in it before stays done. With an `Idempotency-Key` nothing is said twice, also by a repeat after a crash:
//! each message's `client_id` comes from the key. Where something failed for a reason that passes (the answer then says 503's codes), a repeat with
//! the same key tries again.

use std::collections::{BTreeSet, HashSet};

use actix_web::{HttpRequest, HttpResponse, post, web};
use actors::conversation::Command;
use entities::{BulkJobId, ClientId, ConversationId, Label, MessageKind, Permission, TenantId, Timestamp};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    macros::{Action, ItemPath, Macro},
    operations, placeholder,
};
use crate::{
    crypto::sha256,
    http::{
        App,
        access::{Allowed, Caller, WriteConversations},
        conversations::{self, wire::ConversationView, wire::UpdateConversation},
        extract::Json,
        fields::Fields,
        idempotency::{self, Unfinished},
        messages::{self, wire::PostMessage},
        problem::{Answer, Code, Problem},
    },
};

/// Most conversations of one run.
const CONVERSATIONS_MAX: usize = 100;
/// Conversations that are worked at side by side.
const AT_ONCE: usize = 8;
/// How often labels are decided again because the conversation changed meanwhile.
const ATTEMPTS_MAX: u32 = 3;

/// Where a macro is to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"conversation_ids": ["0198a1fd-fc00-7000-8000-000000000001"]}))]
pub struct RunMacro {
    /// The conversations, each once.
    #[schema(min_items = 1, max_items = 100)]
    pub conversation_ids: Vec<ConversationId>,
}

/// What came of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct MacroRun {
    /// For each conversation, in the order in which they were named.
    pub data: Vec<Outcome>,
}

/// What came of a run in one conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MacroOutcome)]
pub struct Outcome {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Whether all of it was done.
    pub status: OutcomeStatus,
    /// Why not; what stands before the action that failed was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<OutcomeError>,
}

/// Whether all of a macro was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MacroOutcomeStatus)]
pub enum OutcomeStatus {
    /// All of it.
    Done,
    /// Not all of it.
    Failed,
}

/// Why a macro was not done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MacroOutcomeError)]
pub struct OutcomeError {
    /// The code that the action by itself would have been answered with.
    #[schema(example = "window_closed")]
    pub code: &'static str,
    /// In words.
    pub detail: String,
}

/// Runs a macro over up to a hundred conversations, and says of each what came of it. Needs `messages:write` too if the macro says something. With an
/// `Idempotency-Key`, a repeat says nothing twice.
#[utoipa::path(
    tag = "macros",
    params(("macro_id" = String, Path, format = "uuid", description = "The macro")),
    request_body = RunMacro,
    responses((status = 200, description = "What came of it, conversation by conversation", body = MacroRun)),
)]
#[post("/macros/{macro_id}/run")]
pub async fn run_macro(
    app: web::Data<App>,
    allowed: Allowed<WriteConversations>,
    path: web::Path<ItemPath>,
    request: HttpRequest,
    body: Json<RunMacro>,
) -> Answer {
    let Macro { actions, .. } = operations::read_own(&app, &allowed, path.macro_id).await?;
    let needed = Permission::MessagesWrite;
    if actions.iter().any(Action::speaks) && !allowed.caller.may(needed) {
        return Err(Problem::new(Code::Forbidden).detail(format!("this macro says something, which needs the permission {needed}")));
    }
    let ids = body.into_inner().conversation_ids;
    check(&ids)?;
    let key = idempotency::key(&request)?.map(|key| format!("{}\n{}\n{key}", allowed.caller.key_owner(), path.macro_id));
    let (tenant_id, now) = (allowed.tenant_id, app.clock.now());
    let runner = Runner { app: &app, tenant_id, caller: &allowed.caller, actions: &actions, key, job: None, now };
    let runner = &runner;
    let done: Vec<_> = stream::iter(ids).map(move |id| async move { (id, runner.run(id).await) }).buffered(AT_ONCE).collect().await;
    Ok(answered(done))
}

fn check(ids: &[ConversationId]) -> Answer<()> {
    let mut fields = Fields::new();
    if ids.is_empty() {
        fields.refuse("/conversation_ids", "empty", "must not be empty");
    }
    if ids.len() > CONVERSATIONS_MAX {
        fields.refuse("/conversation_ids", "too_many", format!("holds more than {CONVERSATIONS_MAX} conversations"));
    } else {
        let mut seen = HashSet::new();
        for (place, _) in ids.iter().enumerate().filter(|(_, id)| !seen.insert(**id)) {
            fields.refuse(format!("/conversation_ids/{place}"), "duplicate", "stands here twice");
        }
    }
    fields.finish()
}

/// The answer; one that says of something that it may well be done in a moment is not kept for a repeat.
fn answered(done: Vec<(ConversationId, Answer<()>)>) -> HttpResponse {
    let passes = done.iter().any(|(_, done)| done.as_ref().is_err_and(|problem| problem.code().status() >= 500));
    let data = done.into_iter().map(|(conversation_id, done)| match done {
        Ok(()) => Outcome { conversation_id, status: OutcomeStatus::Done, error: None },
        Err(problem) => Outcome { conversation_id, status: OutcomeStatus::Failed, error: Some(why(&problem)) },
    });
    let mut response = HttpResponse::Ok().json(MacroRun { data: data.collect() });
    if passes {
        response.extensions_mut().insert(Unfinished);
    }
    response
}

/// Why something was not done in one conversation of many.
#[must_use]
pub fn why(problem: &Problem) -> OutcomeError {
    let fields: Vec<_> = problem.errors().iter().map(|field| field.detail.as_str()).collect();
    let detail = if fields.is_empty() { problem.sentence().to_owned() } else { fields.join("; ") };
    OutcomeError { code: problem.code().as_str(), detail }
}

/// One run.
pub struct Runner<'a> {
    /// The application.
    pub app: &'a App,
    /// Whose conversations.
    pub tenant_id: TenantId,
    /// On whose behalf.
    pub caller: &'a Caller,
    /// What is done with each.
    pub actions: &'a [Action],
    /// The caller's key for this run, and whose and of which macro it is.
    pub key: Option<String>,
    /// The job that this is a part of; then it is one action, which says nothing.
    pub job: Option<BulkJobId>,
    /// From when a snooze of some time is counted.
    pub now: Timestamp,
}

impl Runner<'_> {
    /// Does it all in one conversation. Changes that follow each other are one.
    async fn run(&self, id: ConversationId) -> Answer<()> {
        let mut place = 0;
        for actions in self.actions.chunk_by(|one, next| !one.stands_alone() && !next.stands_alone()) {
            match actions {
                [Action::SendMessage { text }] => self.say(id, place, MessageKind::Message, text).await?,
                [Action::Note { text }] => self.say(id, place, MessageKind::Note, text).await?,
                quiet => self.quietly(id, quiet).await?,
            }
            place += actions.len();
        }
        Ok(())
    }

    async fn say(&self, id: ConversationId, place: usize, kind: MessageKind, text: &str) -> Answer<()> {
        let view = conversations::find(self.app, self.tenant_id, self.caller, id).await?;
        let text = filled(text, &view, self.caller);
        let client_id = self.key.as_deref().map(|key| client_id(key, id, place)).transpose()?;
        let body = PostMessage { text: Some(text), kind: Some(kind), client_id, ..PostMessage::default() };
        messages::say(self.app, self.tenant_id, self.caller, id, body).await.map(|_said| ())
    }

    /// Does what says nothing: changes that are one, or a step by itself.
    ///
    /// # Errors
    /// What each is answered with by itself.
    pub async fn quietly(&self, id: ConversationId, actions: &[Action]) -> Answer<()> {
        match actions {
            [Action::Trash] => self.tell(id, Command::Trash { expected_version: None }).await,
            [Action::Restore] => self.tell(id, Command::Restore { expected_version: None }).await,
            changes => self.change(id, changes).await,
        }
    }

    async fn tell(&self, id: ConversationId, command: Command) -> Answer<()> {
        let command = conversations::for_job(command, self.job);
        conversations::told(self.app, self.tenant_id, self.caller, id, command).await.map(|_changed| ())
    }

    async fn change(&self, id: ConversationId, actions: &[Action]) -> Answer<()> {
        for _attempt in 0..ATTEMPTS_MAX {
            let view = conversations::find(self.app, self.tenant_id, self.caller, id).await?;
            let body = folded(actions, &view.conversation.labels, self.now);
            // Labels are written whole: what somebody else adds meanwhile must not be lost.
            let expected_version = body.labels.is_some().then_some(view.conversation.version);
            match conversations::apply(self.app, self.tenant_id, self.caller, id, body, expected_version, self.job).await {
                Err(problem) if problem.code() == Code::StaleVersion => {}
                other => return other.map(|_changed| ()),
            }
        }
        Err(Problem::new(Code::Busy).detail("the conversation is being changed by others"))
    }
}

/// Several changes as one, over the labels that the conversation has.
fn folded(actions: &[Action], present: &[Label], now: Timestamp) -> UpdateConversation {
    let mut body = UpdateConversation::default();
    let mut labels: BTreeSet<Label> = present.iter().cloned().collect();
    for action in actions {
        match action {
            Action::Assign { assignee_id } => body.assignee_id = Some(*assignee_id),
            Action::SetTeam { team_id } => body.team_id = Some(*team_id),
            Action::SetStatus { status, snoozed_for_s } => {
                body.status = Some(*status);
                body.snoozed_until = snoozed_for_s.map(|secs| Some(now.plus_ms(1000 * secs.cast_signed())));
            }
            Action::SetPriority { priority } => body.priority = Some(*priority),
            Action::AddLabels { labels: added } => labels.extend(added.iter().cloned()),
            Action::RemoveLabels { labels: removed } => labels.retain(|label| !removed.contains(label)),
            Action::SendMessage { .. } | Action::Note { .. } | Action::Trash | Action::Restore => {}
        }
    }
    if labels.len() != present.len() || present.iter().any(|label| !labels.contains(label)) {
        body.labels = Some(labels.into_iter().collect());
    }
    body
}

fn filled(text: &str, view: &ConversationView, caller: &Caller) -> String {
    let contact = view.conversation.contact.name.as_deref().unwrap_or_default();
    let author = caller.author();
    let agent = author.name.as_deref().unwrap_or_default();
    placeholder::fill(text, |name| match name {
        "contact.name" => Some(contact),
        "contact.first_name" => Some(placeholder::first_name(contact)),
        "agent.name" => Some(agent),
        "agent.first_name" => Some(placeholder::first_name(agent)),
        _ => None,
    })
}

/// The key of one message of one run: the same for every repeat, and no other run's.
fn client_id(key: &str, id: ConversationId, place: usize) -> Answer<ClientId> {
    let hash = sha256(format!("macro\n{key}\n{id}\n{place}").as_bytes());
    ClientId::parse(&hex::encode(hash)).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use entities::ConversationStatus;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_may_pass_is_not_kept_for_a_repeat_and_what_is_decided_is() {
        let id = ConversationId::new(Uuid::nil());
        for (code, unfinished) in [(Code::NotFound, false), (Code::WindowClosed, false), (Code::Busy, true), (Code::Unavailable, true)] {
            let response = answered(vec![(id, Ok(())), (id, Err(Problem::new(code)))]);
            assert_eq!(response.extensions().get::<Unfinished>().is_some(), unfinished, "{code:?}");
        }
    }

    #[test]
    fn changes_in_a_row_are_one_and_labels_that_stay_are_not_written() {
        let label = |text: &str| Label::parse(text).unwrap();
        let add = Action::AddLabels { labels: vec![label("b"), label("c")] };
        let remove = Action::RemoveLabels { labels: vec![label("b")] };
        let present = [label("a"), label("b")];
        let now = Timestamp::from_micros(0);
        let body = folded(&[add.clone(), remove.clone(), Action::Assign { assignee_id: None }], &present, now);
        assert_eq!((body.labels, body.assignee_id), (Some(vec![label("a"), label("c")]), Some(None)));
        assert_eq!(folded(&[remove, Action::AddLabels { labels: vec![label("b")] }], &present, now).labels, None);
        let snooze = Action::SetStatus { status: ConversationStatus::Snoozed, snoozed_for_s: Some(60) };
        let open = Action::SetStatus { status: ConversationStatus::Open, snoozed_for_s: None };
        assert_eq!(folded(std::slice::from_ref(&snooze), &present, now).snoozed_until, Some(Some(now.plus_ms(60_000))));
        assert_eq!(folded(&[snooze, open], &present, now).snoozed_until, None, "the last one counts, with what it says");
    }
}
