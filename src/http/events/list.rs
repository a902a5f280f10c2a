//! The feed, page by page.

use std::{sync::atomic::Ordering, time::Duration};

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{
    page::{self, Filter, Found, Start},
    stream,
    wire::{EventPage, EventsQuery, RawEventPage},
};
use crate::http::{
    App,
    access::{Allowed, Proof, ReadWebhooks},
    extract::Query,
    page::limit,
    problem::{Answer, Code, Problem},
};

/// The longest that a request may wait for an event, in seconds.
const WAIT_SECS_MAX: u32 = 60;
/// What browsers and programs send as `Accept` to be given a stream.
const STREAM: &str = "text/event-stream";

/// Lists the workspace's events, the oldest first, from a cursor on: the very bytes that webhooks sign and send. With `wait` it answers as
/// soon as there is an event, or with an empty page when the time is over. With `Accept: text/event-stream` it is a stream of server-sent
/// events, each with its cursor as `id`, its name as `event` and its envelope as `data`; `Last-Event-ID` counts as `after`. A cursor that is
/// too old, or from before a backup was restored, answers 410 `resync_required`.
#[utoipa::path(
    tag = "events",
    params(EventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "For a stream: the `id` of the last event that was seen; stands above `after`.")),
    responses(
        (status = 200, description = "A page of the feed, or a stream of it", content((EventPage = "application/json"), (String = "text/event-stream"))),
    ),
)]
#[get("/events")]
pub async fn list_events(app: web::Data<App>, allowed: Allowed<ReadWebhooks>, request: HttpRequest, query: Query<EventsQuery>) -> Answer {
    let limit = limit(query.0.limit)? as usize;
    let wait = wait(query.0.wait)?;
    let filter = Filter::parse(query.0.types.as_deref())?;
    if wants_stream(&request) {
        let resumed = request.headers().get("last-event-id").map(|value| value.to_str().unwrap_or_default());
        let start = Start::parse(resumed.or(query.0.after.as_deref()))?;
        return stream::open(app, allowed, Proof::of(&request)?, filter, start).await;
    }
    let after = Start::parse(query.0.after.as_deref())?.position(&*app.journal, allowed.tenant_id).await?;
    if wait.is_zero() {
        return answer(&app, page::read(&*app.journal, allowed.tenant_id, &filter, after, limit).await?);
    }
    let found = read_waiting(&app, &allowed, &filter, after, limit, Instant::now() + wait).await?;
    // The token may have been revoked since the request came.
    Proof::of(&request)?.require(&app, &allowed).await?;
    answer(&app, found)
}

/// Reads until there is an event, or `until`, or the server stops.
async fn read_waiting(
    app: &App,
    allowed: &Allowed<ReadWebhooks>,
    filter: &Filter,
    mut after: u64,
    limit: usize,
    until: Instant,
) -> Answer<Found> {
    let mut reader = app.feed.enter(allowed.tenant_id, allowed.caller.token())?;
    loop {
        let found = page::read(&*app.journal, allowed.tenant_id, filter, after, limit).await?;
        let over = Instant::now() >= until || app.draining.load(Ordering::Acquire);
        if !found.events.is_empty() || over {
            return Ok(found);
        }
        after = found.at;
        if found.caught_up {
            // Whichever comes first, the next read decides.
            let _elapsed = tokio::time::timeout_at(until, reader.told()).await;
        }
    }
}

fn answer(app: &App, found: Found) -> Answer {
    let mut data = Vec::with_capacity(found.events.len());
    for event in &found.events {
        let envelope = event.envelope().map_err(Problem::internal)?;
        data.push(RawValue::from_string(envelope).map_err(Problem::internal)?);
    }
    let next_cursor = app.journal.epoch().at(found.at);
    Ok(HttpResponse::Ok().json(RawEventPage { data, next_cursor, caught_up: found.caught_up }))
}

fn wait(asked: Option<u32>) -> Answer<Duration> {
    let secs = asked.unwrap_or(0);
    if secs <= WAIT_SECS_MAX {
        return Ok(Duration::from_secs(secs.into()));
    }
    let detail = format!("wait must be between 0 and {WAIT_SECS_MAX}");
    Err(Problem::new(Code::InvalidRequest).detail(detail.clone()).field("?wait", "out_of_range", detail))
}

fn wants_stream(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(STREAM)
    })
}
