//! The event feed: pages, waiting, streams, and what is refused.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actors::{
    port::{Clock as _, Journal},
    runtime::{Directory, Limits, shard::Shards},
};
use entities::{Permission, Role, StoredEvent};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use switchboard::{bus::LocalBus, http::events::readers::TOKEN_MAX, store::journal::SqlJournal, store::settings::event::forget_before};

use crate::support::{
    api::Api,
    feed::{Stream, ask, page, read_all},
};

async fn both() -> [Api; 2] {
    [Api::start().await, Api::start_on_postgres().await]
}

/// Every event of the workspace that the test is about, straight from the journal.
async fn stored(api: &Api) -> Vec<StoredEvent> {
    api.server.app.journal.events_after(api.home.id, 0, 100_000).await.unwrap()
}

fn envelopes(events: &[StoredEvent]) -> Vec<String> {
    events.iter().map(|event| event.envelope().unwrap()).collect()
}

async fn cursor(api: &Api, query: &str) -> String {
    page(api, &api.home.token, query).await.next_cursor
}

#[actix_web::test]
async fn a_page_holds_the_envelopes_as_webhooks_send_them() {
    for api in both().await {
        api.visitor_says("Noor", "My bell is \"broken\" — ring ring 🔔").await;
        let events = stored(&api).await;
        let found = page(&api, &api.home.token, "").await;
        assert_eq!(found.envelopes(), envelopes(&events));
        assert!(found.caught_up);
        let epoch = api.server.app.journal.epoch();
        assert_eq!(found.next_cursor, epoch.at(events.len() as u64).to_string());
        let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(
            kinds,
            ["contact.created", "conversation.created", "ticket.created", "conversation.message_created", "ticket.message_created"]
        );
        let first: Value = serde_json::from_str(&found.envelopes()[0]).unwrap();
        let keys: Vec<_> = first.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["data", "event", "id", "position", "timestamp", "version", "workspace_id"]);
        // The other mount is the same, the end is an empty page with a cursor, and `latest` is there at once.
        let path = format!("/api/v1/workspaces/{}/events?limit=2", api.home.id);
        let other = api.get(&api.home.token, &path).await;
        assert_eq!((other.status, other.ids().len(), &other.body["caught_up"]), (200, 2, &json!(false)));
        let end = page(&api, &api.home.token, &format!("after={}", found.next_cursor)).await;
        assert_eq!((end.envelopes().len(), end.next_cursor, end.caught_up), (0, found.next_cursor.clone(), true));
        assert_eq!(cursor(&api, "after=latest").await, found.next_cursor);
    }
}

#[actix_web::test]
async fn paging_with_a_filter_never_skips_or_doubles_while_others_write() {
    const FILTERS: [&str; 4] =
        ["limit=3", "limit=7&types=ticket.*", "limit=1&types=conversation.message_created,contact.*", "types=channel.*"];
    for api in both().await {
        let written = AtomicBool::new(false);
        let write = async {
            join_all((0..8).map(|visitor| {
                let api = &api;
                async move {
                    for number in 0..12 {
                        api.visitor_says(&format!("Visitor {visitor}"), &format!("{visitor} says {number}")).await;
                    }
                }
            }))
            .await;
            written.store(true, Ordering::Release);
        };
        let read = join_all(FILTERS.map(|query| {
            let (api, written) = (&api, &written);
            async move {
                let (mut all, mut after) = (Vec::new(), None);
                loop {
                    let last = written.load(Ordering::Acquire);
                    let (found, next) = read_all(api, &api.home.token, query, after.as_deref()).await;
                    all.extend(found);
                    after = Some(next);
                    if last {
                        return all;
                    }
                }
            }
        }));
        let ((), read) = join(write, read).await;
        let events = stored(&api).await;
        assert!(events.len() >= 8 * 12 * 2);
        let of = |wanted: &dyn Fn(&str) -> bool| {
            envelopes(&events.iter().filter(|event| wanted(event.kind.as_str())).cloned().collect::<Vec<_>>())
        };
        assert_eq!(read[0], of(&|_| true));
        assert_eq!(read[1], of(&|kind| kind.starts_with("ticket.")));
        assert_eq!(read[2], of(&|kind| kind == "conversation.message_created" || kind.starts_with("contact.")));
        assert_eq!(read[3], of(&|_| false));
    }
}

#[actix_web::test]
async fn who_waits_is_answered_when_a_wanted_event_is_there_and_else_with_an_advanced_cursor() {
    for api in both().await {
        let at = cursor(&api, "after=latest").await;
        let query = format!("after={at}&types=ticket.message_created&wait=60");
        let (found, _) = join(page(&api, &api.home.token, &query), api.visitor_says("Noor", "Hello")).await;
        assert_eq!(found.envelopes(), envelopes(&stored(&api).await[4..]));
        // Nothing that is wanted comes: the page is empty, and its cursor is behind what was passed over.
        let none = page(&api, &api.home.token, &format!("after={at}&types=channel.*&wait=1")).await;
        assert_eq!((none.envelopes().len(), none.next_cursor, none.caught_up), (0, found.next_cursor, true));
        // What is there already is not waited for.
        assert_eq!(page(&api, &api.home.token, "limit=1&wait=60").await.envelopes().len(), 1);
    }
}

#[actix_web::test]
async fn events_of_another_node_whose_hints_do_not_come_are_found_all_the_same() {
    for api in both().await {
        // Another journal on the same database, whose bus leads nowhere.
        let journal: Arc<dyn Journal> = Arc::new(SqlJournal::open(api.db().clone(), Arc::new(LocalBus::default())).await.unwrap());
        let node = Directory::start(journal, api.clock.clone(), Arc::new(Shards::start(1)), Limits::default());
        let mut stream = Stream::open(&api, &api.home.token, "types=contact.created", &[]).await;
        let (found, _) = join(
            page(&api, &api.home.token, "types=ticket.created&wait=60"),
            api.visitor_says_through(&node, &api.home, "Noor", "From elsewhere"),
        )
        .await;
        assert_eq!(found.envelopes().len(), 1);
        assert_eq!(stream.event().await.unwrap().event.as_deref(), Some("contact.created"));
    }
}

#[actix_web::test]
async fn a_cursor_that_is_too_old_or_of_another_life_asks_to_begin_anew() {
    for api in both().await {
        api.visitor_says("Noor", "First").await;
        let (old, epoch) = (cursor(&api, "limit=2").await, api.server.app.journal.epoch());
        let other = entities::Epoch::new(epoch.get().wrapping_add(1)).at(0).to_string();
        let beyond = epoch.at(6).to_string();
        for (after, reason) in [(&other, "epoch"), (&beyond, "epoch")] {
            let refused = ask(&api, &api.home.token, &format!("after={after}&wait=60")).await;
            assert_eq!((refused.refusal(), refused.json()["reason"].clone()), (json!([410, "resync_required", []]), json!(reason)));
            assert_eq!(Stream::open(&api, &api.home.token, &format!("after={after}"), &[]).await.status, 410);
        }
        let end = cursor(&api, "").await;
        assert_eq!(forget_before(api.db(), api.clock.now().plus_ms(1_000)).await.unwrap(), 5);
        let refused = ask(&api, &api.home.token, &format!("after={old}")).await;
        assert_eq!((refused.refusal(), refused.json()["reason"].clone()), (json!([410, "resync_required", []]), json!("too_old")));
        // Without a cursor the feed begins at the oldest that is kept; who was at the end has missed nothing.
        assert_eq!(cursor(&api, "").await, end);
        api.visitor_says("Noor", "Second").await;
        let events = stored(&api).await;
        assert_eq!(events[0].position, 6);
        for query in [String::new(), format!("after={end}")] {
            assert_eq!(page(&api, &api.home.token, &query).await.envelopes(), envelopes(&events));
        }
    }
}

#[actix_web::test]
async fn another_workspace_sees_its_own_events_alone() {
    let api = Api::start().await;
    api.visitor_says("Noor", "Ours").await;
    api.visitor_says_to(&api.away, "Sam", "Theirs").await;
    let (theirs, _) = read_all(&api, &api.away.token, "", None).await;
    assert_eq!(theirs.len(), 5);
    assert!(theirs.iter().all(|envelope| envelope.contains(&api.away.id.to_string()) && !envelope.contains("Noor")));
    // A cursor is a place and no key: with ours they read their own.
    let ours = cursor(&api, "limit=3").await;
    assert_eq!(page(&api, &api.away.token, &format!("after={ours}")).await.envelopes(), theirs[3..]);
    let path = format!("/api/v1/workspaces/{}/events", api.home.id);
    assert_eq!(api.get(&api.away.token, &path).await.refusal(), json!([404, "not_found", []]));
    let mut stream = Stream::open(&api, &api.away.token, "", &[]).await;
    let seen: Vec<_> = stream.events(5).await.into_iter().map(|block| block.data.unwrap()).collect();
    assert_eq!(seen, theirs);
}

#[actix_web::test]
async fn the_feed_is_for_those_who_may_see_webhooks() {
    let api = Api::start().await;
    let (_, agent) = api.agent(Role::Agent, "Noor").await;
    let (_, admin) = api.agent(Role::Admin, "Ada").await;
    let scoped = api.token(&[Permission::WebhooksRead]).await;
    let other = api.token(&[Permission::ConversationsRead]).await;
    for (token, status) in [(agent, 403), (other, 403), ("sb_unknown".to_owned(), 401), (admin, 200), (scoped, 200)] {
        assert_eq!(ask(&api, &token, "").await.status, status);
        assert_eq!(Stream::open(&api, &token, "", &[]).await.status, status);
    }
}

#[actix_web::test]
async fn a_bad_query_is_refused_with_its_parameter() {
    let api = Api::start().await;
    for (query, field) in [
        ("limit=0", "?limit out_of_range"),
        ("limit=101", "?limit out_of_range"),
        ("wait=61", "?wait out_of_range"),
        ("wait=-1", "?wait invalid"),
        ("types=ticket.opened", "?types unknown_value"),
        ("types=", "?types unknown_value"),
        ("types=ticket.*,nothing.*", "?types unknown_value"),
        ("after=5", "?after invalid"),
        ("after=", "?after invalid"),
        ("cursor=x", "?cursor invalid"),
    ] {
        assert_eq!(ask(&api, &api.home.token, query).await.refusal(), json!([400, "invalid_request", [field]]), "{query}");
        assert_eq!(Stream::open(&api, &api.home.token, query, &[]).await.status, 400, "{query}");
    }
}

#[actix_web::test]
async fn a_stream_is_the_pages_byte_for_byte_and_goes_on_where_it_was_cut() {
    for api in both().await {
        api.visitor_says("Noor", "Before").await;
        let mut stream = Stream::open(&api, &api.home.token, "", &[]).await;
        assert!(stream.head.contains("content-type: text/event-stream") && stream.head.contains("cache-control: no-store"));
        let epoch = api.server.app.journal.epoch();
        assert_eq!(stream.block().await.unwrap().id, Some(epoch.at(0).to_string()));
        let mut seen = stream.events(3).await;
        drop(stream);
        api.visitor_says("Noor", "While nobody listens").await;
        let last = seen.last().unwrap().id.clone().unwrap();
        // The header stands above the query, as browsers repeat the query of the first time.
        let mut stream = Stream::open(&api, &api.home.token, "after=latest", &[("Last-Event-ID", &last)]).await;
        let write = async {
            for number in 0..20 {
                api.visitor_says("Sam", &format!("Live {number}")).await;
            }
        };
        // 5 of the first visitor's first message, 2 of the second, 3 more of a newcomer, 2 for each message.
        let ((), rest) = join(write, stream.events(5 + 2 - 3 + 3 + 40)).await;
        seen.extend(rest);
        let (paged, _) = read_all(&api, &api.home.token, "limit=100", None).await;
        assert_eq!(seen.iter().map(|block| block.data.clone().unwrap()).collect::<Vec<_>>(), paged);
        for (block, event) in seen.iter().zip(stored(&api).await) {
            assert_eq!((block.id.clone(), block.event.as_deref()), (Some(epoch.at(event.position).to_string()), Some(event.kind.as_str())));
        }
        let filtered = Stream::open(&api, &api.home.token, "types=contact.*", &[]).await.events(2).await;
        assert!(filtered.iter().all(|block| block.event.as_deref() == Some("contact.created")));
    }
}

#[actix_web::test]
async fn a_stream_and_a_waiting_request_end_when_their_token_is_revoked() {
    let api = Api::start().await;
    let token = api.token(&[Permission::WebhooksRead]).await;
    let mut stream = Stream::open(&api, &token, "", &[]).await;
    assert!(stream.block().await.is_some());
    let tokens = api.get(&api.home.token, "/api/v1/tokens").await;
    let hint = &token[token.len() - 4..];
    let row = tokens.body["data"].as_array().unwrap().iter().find(|row| row["hint"].as_str().unwrap().ends_with(hint)).unwrap().clone();
    let revoke = async {
        let path = format!("/api/v1/tokens/{}", row["id"].as_str().unwrap());
        assert_eq!(api.delete(&api.home.token, &path).await.status, 204);
        api.visitor_says("Noor", "Not for them").await;
    };
    let (waited, ()) = join(ask(&api, &token, "types=ticket.*&wait=60"), revoke).await;
    assert_eq!(waited.status, 401);
    while stream.block().await.is_some() {}
    assert!(stream.whole);
}

#[actix_web::test]
async fn streams_and_waiting_requests_end_when_the_server_stops() {
    let api = Api::start().await;
    let address = api.server.address;
    let mut stream = Stream::open(&api, &api.home.token, "", &[]).await;
    assert!(stream.block().await.is_some());
    let waiting = crate::support::http::Request::new(address, "GET", "/api/v1/events?wait=60").bearer(&api.home.token).send();
    let app = api.server.app.clone();
    let stop = async {
        // Both are in their places before the stop.
        while app.feed.count() < 2 {
            tokio::task::yield_now().await;
        }
        api.server.stop(std::time::Duration::from_secs(30)).await
    };
    let (waited, stopped) = join(waiting, stop).await;
    assert!(stopped, "a reader held the stop up");
    assert_eq!((waited.status, &waited.json()["data"]), (200, &json!([])));
    while stream.block().await.is_some() {}
    assert!(stream.whole);
}

#[actix_web::test]
async fn no_more_readers_of_one_token_wait_than_there_are_places() {
    let api = Api::start().await;
    let mut streams = Vec::new();
    for _ in 0..TOKEN_MAX {
        streams.push(Stream::open(&api, &api.home.token, "", &[]).await);
    }
    for query in ["wait=1", "wait=60"] {
        let refused = ask(&api, &api.home.token, query).await;
        assert_eq!((refused.refusal(), refused.header("retry-after")), (json!([429, "rate_limited", []]), "5"));
    }
    assert_eq!(Stream::open(&api, &api.home.token, "", &[]).await.status, 429);
    // Who does not wait needs no place, and another token has places of its own.
    assert_eq!(ask(&api, &api.home.token, "").await.status, 200);
    let other = api.token(&[Permission::WebhooksRead]).await;
    assert_eq!(Stream::open(&api, &other, "", &[]).await.status, 200);
}

#[actix_web::test]
async fn a_reader_that_stops_reading_is_ended_and_gives_its_place_back() {
    let api = Api::start().await;
    let silent = Stream::open_unread(&api, &api.home.token).await;
    while api.server.app.feed.count() == 0 {
        tokio::task::yield_now().await;
    }
    // Somebody talks until the server has let the silent reader go: the kernel's time limit decides when that is.
    let text = "x".repeat(9_000);
    let mut number = 0;
    while api.server.app.feed.count() > 0 {
        number += 1;
        api.visitor_says(&format!("Visitor {}", number % 10), &text).await;
    }
    drop(silent);
}
