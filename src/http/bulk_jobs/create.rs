//! Asking for something to be done with many conversations.

use std::collections::HashSet;

use actix_web::{HttpResponse, post, web};
use entities::{BulkJobId, ConversationId};

use super::{requester, wire::BulkJob, wire::CreateBulkJob, work};
use crate::{
    http::{
        App,
        access::{Allowed, WriteConversations},
        conversations,
        extract::Json,
        fields::Fields,
        presets::macros,
        problem::{Answer, Problem},
    },
    store::{read, settings},
};

/// Most conversations that are named.
const NAMED_MAX: usize = 1_000;
/// Most conversations that a filter may find.
const FOUND_MAX: u64 = 10_000;

/// Has something done with many conversations: with up to a thousand that are named, or with all that fit a filter now. It is done one by one, from
/// now on, also after a crash; the answer is the job, to be read again for its progress. A conversation that is not there, or that the caller may not
/// see, is one that failed.
#[utoipa::path(
    tag = "bulk jobs",
    request_body = CreateBulkJob,
    responses((status = 202, description = "The job", body = BulkJob)),
)]
#[post("/conversations/bulk")]
pub async fn create_bulk_job(app: web::Data<App>, allowed: Allowed<WriteConversations>, body: Json<CreateBulkJob>) -> Answer {
    let CreateBulkJob { conversation_ids, filter, action } = body.into_inner();
    let mut fields = Fields::new();
    if let Some(ids) = &conversation_ids {
        check(ids, &mut fields);
    }
    if conversation_ids.is_some() == filter.is_some() {
        fields.refuse("/conversation_ids", "invalid_value", "name conversations, or give a filter: one of the two");
    }
    if action.speaks() {
        fields.refuse("/action/type", "invalid_value", "must not say anything: that is for a macro");
    }
    let action = macros::settled_action(&app, allowed.tenant_id, action, &mut fields).await?;
    fields.finish()?;
    let conversations = match (conversation_ids, filter) {
        (Some(ids), _) => ids,
        (None, Some(filter)) => found(&app, &allowed, &filter.into()).await?,
        (None, None) => Vec::new(),
    };
    let action = action.ok_or_else(|| Problem::internal("an action was neither taken nor refused"))?;
    let new = settings::bulk::NewJob {
        id: BulkJobId::new(app.clock.new_id()),
        by: requester::of(&allowed.caller),
        action: serde_json::to_string(&action).map_err(Problem::internal)?,
        conversations,
        created_at: app.clock.now(),
    };
    let id = new.id;
    settings::bulk::create(&app.db, allowed.tenant_id, &new).await?;
    let job = read::bulk::find(&app.db, allowed.tenant_id, None, id).await?.ok_or_else(|| Problem::internal("a job vanished"))?;
    Ok(HttpResponse::Accepted().json(work::shown(job)?))
}

async fn found(app: &App, allowed: &Allowed<WriteConversations>, query: &conversations::wire::ListQuery) -> Answer<Vec<ConversationId>> {
    let found = conversations::fitting(app, allowed.tenant_id, &allowed.caller, query, FOUND_MAX).await?;
    found.ok_or_else(|| Problem::invalid("/filter", "too_many", format!("fits more than {FOUND_MAX} conversations")))
}

fn check(ids: &[ConversationId], fields: &mut Fields) {
    if ids.is_empty() {
        fields.refuse("/conversation_ids", "empty", "must not be empty");
    }
    if ids.len() > NAMED_MAX {
        fields.refuse("/conversation_ids", "too_many", format!("holds more than {NAMED_MAX} conversations"));
        return;
    }
    let mut seen = HashSet::new();
    for (place, _) in ids.iter().enumerate().filter(|(_, id)| !seen.insert(**id)) {
        fields.refuse(format!("/conversation_ids/{place}"), "duplicate", "stands here twice");
    }
}
