//! Messages that are sent later: setting them, moving them, taking them back, and what becomes of them.

use actors::{
    conversation::{Command, ContactDraft, Opening, Post},
    port::Clock as _,
};
use entities::{
    Address, AddressKind, Author, AuthorKind, ChannelKind, ConversationId, Direction, Document, MessageKind, Permission, Remote, Role, Via,
    thread::derive_ids,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::api::{Api, tidy};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Ahead still when the server reads it, on a busy machine too.
const SOON_MS: i64 = 1_500;

async fn jane(api: &Api) -> String {
    api.visitor_says("Jane", "Hello").await;
    format!("/api/v1/conversations/{}", api.of("Jane").0)
}

fn in_ms(api: &Api, ms: i64) -> String {
    api.clock.now().plus_ms(ms).to_string()
}

/// A conversation over a provider, whose contact wrote so long ago.
async fn over_provider(api: &Api, kind: ChannelKind, wrote_ms_ago: i64) -> String {
    let (channel_id, address) = (api.home.channel, Address { kind: AddressKind::Whatsapp, value: "15550109999".to_owned() });
    let ids = derive_ids(channel_id, "dana");
    let via = Via { said_at: Some(api.clock.now().plus_ms(-wrote_ms_ago)), ..Via::default() };
    let post = Post {
        author: Author { kind: AuthorKind::Visitor, id: None, name: None, avatar_url: None },
        kind: MessageKind::Message,
        direction: Direction::In,
        content: Document::plain("hello"),
        text: "hello".to_owned(),
        attachments: Vec::new(),
        client_id: None,
        repeat_guard: None,
        last_seen_seq: None,
        opening: Some(Opening {
            channel_id,
            thread_key: "dana".to_owned(),
            contact_id: ids.contact_id,
            contact: ContactDraft { addresses: vec![address.clone()], ..ContactDraft::default() },
            remote: Some(Box::new(Remote::new(kind, address, None))),
        }),
        subject: None,
        via: Some(Box::new(via)),
        provider_id: Some("wamid.1".to_owned()),
    };
    api.server.app.directory.ask(api.home.id, ids.conversation_id, Command::Post(Box::new(post))).await.unwrap();
    format!("/api/v1/conversations/{}", ids.conversation_id)
}

/// The first event of which this holds; waits for it.
async fn event(api: &Api, holds: impl Fn(&Value) -> bool) -> Value {
    let mut after = String::new();
    for _page in 0..100 {
        let page = api.get(&api.home.token, &format!("/api/v1/events?limit=100&wait=20{after}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        if let Some(event) = page.body["data"].as_array().unwrap().iter().find(|event| holds(event)) {
            return event.clone();
        }
        after = format!("&after={}", page.body["next_cursor"].as_str().unwrap());
    }
    panic!("it never happened");
}

/// The event that tells that a scheduled message stands so, or is gone.
async fn told(api: &Api, id: &Value, status: Option<&str>) -> Value {
    let status = json!(status);
    event(api, |event| {
        let change = &event["data"]["changes"]["scheduled_message"];
        let about = change["to"]["id"] == *id || change["from"]["id"] == *id;
        event["event"] == "conversation.updated" && about && change["to"]["status"] == status
    })
    .await
}

#[actix_web::test]
async fn what_is_scheduled_is_shown_and_counted() {
    let api = Api::start().await;
    let conversation = jane(&api).await;
    let path = format!("{conversation}/scheduled-messages");
    let (_, token) = api.agent(Role::Agent, "Noor").await;
    let send_at = in_ms(&api, DAY_MS);
    let body = json!({"text": " Good morning! ", "send_at": send_at, "client_id": "later-1"});
    let made = api.post(&token, &path, body.clone()).await;
    assert_eq!((made.status, made.headers["etag"].as_str()), (201, "\"1\""), "{made:?}");
    assert_eq!(made.body["send_at"], send_at);
    assert_eq!(
        tidy(&made.body),
        json!({
            "id": "id 3", "conversation_id": "id 2", "author": {"type": "agent", "id": "id 1", "name": "Noor", "avatar_url": null},
            "kind": "message",
            "content": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Good morning!"}]}]},
            "content_text": "Good morning!", "attachments": [], "send_at": "at", "status": "scheduled", "client_id": "later-1",
            "version": 1, "created_at": "at", "updated_at": "at",
        })
    );
    let again = api.post(&token, &path, body).await;
    assert_eq!((again.status, &again.body), (200, &made.body));
    let sooner = api.post(&api.home.token, &path, json!({"text": "a note", "kind": "note", "send_at": in_ms(&api, DAY_MS / 2)})).await;
    assert_eq!(sooner.status, 201, "{sooner:?}");
    let list = api.get(&token, &path).await;
    assert_eq!(list.body, json!({"data": [sooner.body, made.body], "next_cursor": null}), "the next to be sent first");
    let page = api.get(&token, &format!("{path}?limit=1")).await;
    let next = api.get(&token, &format!("{path}?limit=1&cursor={}", page.body["next_cursor"].as_str().unwrap())).await;
    assert_eq!((page.ids(), next.ids()), (vec![list.ids()[0].clone()], vec![list.ids()[1].clone()]));
    let one = api.get(&token, &format!("{path}/{}", made.body["id"].as_str().unwrap())).await;
    assert_eq!((one.status, &one.body, one.headers["etag"].as_str()), (200, &made.body, "\"1\""));
    assert_eq!(api.get(&token, &conversation).await.body["scheduled_count"], 2);
    assert_eq!(api.get(&token, &format!("{conversation}/messages")).await.ids().len(), 1, "nothing is said yet");
    let event = told(&api, &made.body["id"], Some("scheduled")).await;
    let id = made.body["id"].clone();
    assert_eq!(
        event["data"]["changes"],
        json!({
            "scheduled_count": {"from": 0, "to": 1},
            "scheduled_message": {"from": null, "to": {"id": id, "send_at": send_at, "status": "scheduled", "version": 1}},
        })
    );
}

#[actix_web::test]
async fn when_its_time_has_come_it_is_an_ordinary_message_of_its_author() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let conversation = jane(&api).await;
        let path = format!("{conversation}/scheduled-messages");
        let (noor, token) = api.agent(Role::Agent, "Noor").await;
        let send_at = in_ms(&api, SOON_MS);
        let made = api.post(&token, &path, json!({"text": "Good morning!", "send_at": send_at})).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["id"].clone();
        let gone = told(&api, &id, None).await;
        assert_eq!(gone["data"]["changes"]["scheduled_count"], json!({"from": 1, "to": 0}));
        let messages = api.get(&token, &format!("{conversation}/messages")).await.body["data"].clone();
        let said = &messages[0];
        assert_eq!(
            json!([said["content_text"], said["direction"], said["author"]["id"], said["status"], said["client_id"]]),
            json!(["Good morning!", "out", noor, "sent", format!("scheduled:{}", id.as_str().unwrap())])
        );
        assert!(said["created_at"].as_str() >= Some(send_at.as_str()), "not before its time");
        assert_eq!(messages.as_array().unwrap().len(), 2);
        assert_eq!(api.get(&token, &path).await.ids(), Vec::<String>::new());
        let late = format!("{path}/{}", id.as_str().unwrap());
        for answer in
            [api.get(&token, &late).await, api.patch(&token, &late, json!({"text": "too late"})).await, api.delete(&token, &late).await]
        {
            assert_eq!(answer.refusal(), json!([404, "not_found", []]));
        }
        assert_eq!(api.get(&token, &conversation).await.body["scheduled_count"], 0);
    }
}

#[actix_web::test]
async fn a_snooze_ends_by_itself() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let conversation = jane(&api).await;
        let until = in_ms(&api, SOON_MS);
        let snoozed = api.patch(&api.home.token, &conversation, json!({"status": "snoozed", "snoozed_until": until})).await;
        assert_eq!(snoozed.status, 200, "{snoozed:?}");
        let woken =
            event(&api, |event| event["data"]["changes"]["status"]["to"] == "open" && event["event"] == "conversation.updated").await;
        let changes = json!({"status": {"from": "snoozed", "to": "open"}, "snoozed_until": {"from": until, "to": null}});
        assert_eq!(woken["data"]["changes"], changes);
        assert!(woken["timestamp"].as_str() >= Some(until.as_str()), "not before its time");
        let now = api.get(&api.home.token, &conversation).await.body;
        assert_eq!(json!([now["status"], now["snoozed_until"], now["ticket"]["status"]]), json!(["open", null, "open"]));
    }
}

#[actix_web::test]
async fn what_the_channel_refuses_then_stays_with_the_reason() {
    for api in [Api::start().await, Api::start_on_postgres().await] {
        let conversation = over_provider(&api, ChannelKind::Whatsapp, 2 * DAY_MS).await;
        let path = format!("{conversation}/scheduled-messages");
        let made = api.post(&api.home.token, &path, json!({"text": "Good morning!", "send_at": in_ms(&api, SOON_MS)})).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["id"].clone();
        told(&api, &id, Some("failed")).await;
        let one = format!("{path}/{}", id.as_str().unwrap());
        let failed = api.get(&api.home.token, &one).await.body;
        let ordinary = api.post(&api.home.token, &format!("{conversation}/messages"), json!({"text": "Good morning!"})).await;
        assert_eq!(
            json!([failed["status"], failed["error_code"], failed["error"], failed["version"]]),
            json!(["failed", "window_closed", ordinary.body["detail"], 2]),
            "in the words of an ordinary message"
        );
        assert_eq!(api.get(&api.home.token, &path).await.body["data"], json!([failed]));
        assert_eq!(api.get(&api.home.token, &conversation).await.body["scheduled_count"], 0);
        assert_eq!(api.get(&api.home.token, &format!("{conversation}/messages")).await.ids().len(), 1, "nothing was said");
        let again = api.patch(&api.home.token, &one, json!({"send_at": in_ms(&api, DAY_MS)})).await;
        assert_eq!(json!([again.body["status"], again.body["error"], again.body["version"]]), json!(["scheduled", null, 3]));
        assert_eq!(api.delete(&api.home.token, &one).await.status, 204);
    }
}

#[actix_web::test]
async fn over_a_disconnected_channel_nothing_is_sent_and_a_note_is_left() {
    let api = Api::start().await;
    let conversation = over_provider(&api, ChannelKind::Sms, 0).await;
    let path = format!("{conversation}/scheduled-messages");
    let sql = "UPDATE channel SET status = 'disconnected', status_detail = 'the token has expired' WHERE id = $1";
    let halt = Statement::from_sql_and_values(api.db().backend(), sql, [api.home.channel.uuid().into()]);
    let halted = api.db().write(async |transaction| transaction.execute_raw(halt).await.map_err(switchboard::store::unavailable)).await;
    assert_eq!(halted.unwrap().rows_affected(), 1);
    let send_at = in_ms(&api, SOON_MS);
    let message = api.post(&api.home.token, &path, json!({"text": "Good morning!", "send_at": send_at})).await.body;
    let note = api.post(&api.home.token, &path, json!({"text": "call them", "kind": "note", "send_at": send_at})).await.body;
    told(&api, &message["id"], Some("failed")).await;
    told(&api, &note["id"], None).await;
    let left = api.get(&api.home.token, &path).await.body["data"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(
        json!([left[0]["id"], left[0]["error_code"], left[0]["error"]]),
        json!([message["id"], "channel_disconnected", "the channel was disconnected: the token has expired"])
    );
    assert_eq!(api.get(&api.home.token, &format!("{conversation}/messages")).await.body["data"][0]["content_text"], "call them");
}

#[actix_web::test]
async fn it_is_changed_by_whoever_knows_its_version() {
    let api = Api::start().await;
    let path = format!("{}/scheduled-messages", jane(&api).await);
    let (_, maya) = api.agent(Role::Agent, "Maya").await;
    let (noor, token) = api.agent(Role::Agent, "Noor").await;
    let made = api.post(&maya, &path, json!({"text": "Good morning!", "send_at": in_ms(&api, DAY_MS)})).await.body;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let later = in_ms(&api, 2 * DAY_MS);
    let moved = api.send("PATCH", &token, &one, json!({"send_at": later}), &[("if-match", "\"1\"")]).await;
    assert_eq!((moved.status, moved.headers["etag"].as_str(), &moved.body["send_at"]), (200, "\"2\"", &json!(later)), "{moved:?}");
    assert_eq!(moved.body["author"]["name"], "Maya", "a move is no rewording");
    let stale = api.send("PATCH", &token, &one, json!({"text": "Good evening!"}), &[("if-match", "\"1\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
    let words = api.patch(&token, &one, json!({"text": "Good evening!"})).await;
    assert_eq!(json!([words.body["content_text"], words.body["author"]["id"], words.body["version"]]), json!(["Good evening!", noor, 3]));
    let unchanged = api.patch(&maya, &one, json!({})).await;
    assert_eq!((unchanged.status, &unchanged.body), (200, &words.body));
    let stale = api.send("DELETE", &token, &one, json!({}), &[("if-match", "\"2\"")]).await;
    assert_eq!(stale.refusal(), json!([412, "stale_version", []]));
    assert_eq!(api.delete(&token, &one).await.status, 204);
    assert_eq!(api.delete(&token, &one).await.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn what_cannot_be_scheduled_is_refused_with_the_field() {
    let api = Api::start().await;
    let path = format!("{}/scheduled-messages", jane(&api).await);
    let ahead = in_ms(&api, DAY_MS);
    for (body, fields) in [
        (json!({"text": "x"}), json!(["/send_at missing_field"])),
        (json!({"text": "x", "send_at": "tomorrow"}), json!(["/send_at invalid_value"])),
        (json!({"text": "x", "send_at": 7}), json!(["/send_at wrong_type"])),
        (json!({"text": "x", "send_at": in_ms(&api, 0)}), json!(["/send_at out_of_range"])),
        (json!({"text": "x", "send_at": in_ms(&api, 367 * DAY_MS)}), json!(["/send_at out_of_range"])),
        (json!({"text": "x", "send_at": "9999-12-31T23:59:59Z"}), json!(["/send_at out_of_range"])),
        (json!({"send_at": ahead}), json!(["/text missing_field"])),
        (json!({"text": " ", "send_at": ahead}), json!(["/text empty"])),
        (json!({"text": "x", "content": {"type": "doc", "content": []}, "send_at": ahead}), json!(["/content ambiguous"])),
        (json!({"text": "x", "send_at": ahead, "attachments": [api.home.id]}), json!(["/attachments not_found"])),
        (json!({"text": "x", "send_at": ahead, "last_seen_seq": 1}), json!(["/last_seen_seq unknown_field"])),
        (json!({"text": "x", "send_at": ahead, "kind": "shout"}), json!(["/kind unknown_value"])),
    ] {
        let refused = api.post(&api.home.token, &path, body.clone()).await;
        assert_eq!(refused.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    let made = api.post(&api.home.token, &path, json!({"text": "x", "send_at": ahead})).await;
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    for (body, fields) in [
        (json!({"send_at": in_ms(&api, -1)}), json!(["/send_at out_of_range"])),
        (json!({"text": ""}), json!(["/text empty"])),
        (json!({"text": "x", "content": {"type": "doc", "content": []}}), json!(["/content ambiguous"])),
        (json!({"attachments": []}), json!(["/attachments unknown_field"])),
    ] {
        assert_eq!(api.patch(&api.home.token, &one, body.clone()).await.refusal(), json!([422, "validation_failed", fields]), "{body}");
    }
    assert_eq!(api.get(&api.home.token, &one).await.body, made.body, "nothing has changed");
    let odd = api.get(&api.home.token, &format!("{path}/x")).await;
    assert_eq!(odd.refusal(), json!([400, "invalid_request", ["{scheduled_message_id} not_a_uuid"]]));
}

#[actix_web::test]
async fn a_conversation_holds_a_hundred_at_most() {
    let api = Api::start().await;
    let path = format!("{}/scheduled-messages", jane(&api).await);
    let body = json!({"text": "x", "send_at": in_ms(&api, DAY_MS)});
    for _message in 0..100 {
        assert_eq!(api.post(&api.home.token, &path, body.clone()).await.status, 201);
    }
    let refused = api.post(&api.home.token, &path, body.clone()).await;
    assert_eq!(refused.refusal(), json!([409, "conflict", []]));
    let one = api.get(&api.home.token, &format!("{path}?limit=100")).await.ids().remove(40);
    assert_eq!(api.delete(&api.home.token, &format!("{path}/{one}")).await.status, 204);
    assert_eq!(api.post(&api.home.token, &path, body).await.status, 201, "there is room again");
}

#[actix_web::test]
async fn nobody_sees_or_touches_what_is_not_theirs() {
    let api = Api::start().await;
    let conversation = jane(&api).await;
    let path = format!("{conversation}/scheduled-messages");
    let body = json!({"text": "x", "send_at": in_ms(&api, DAY_MS)});
    let made = api.post(&api.home.token, &path, body.clone()).await;
    let one = format!("{path}/{}", made.body["id"].as_str().unwrap());
    let not_found = json!([404, "not_found", []]);
    // Another conversation of the same workspace does not have it.
    api.visitor_says("Joe", "Hello").await;
    let elsewhere = one.replace(&api.of("Jane").0.to_string(), &api.of("Joe").0.to_string());
    let (maya, _) = api.agent(Role::Agent, "Maya").await;
    let (_, noor) = api.agent(Role::Agent, "Noor").await;
    assert_eq!(api.get(&api.home.token, &elsewhere).await.refusal(), not_found);
    assert_eq!(api.patch(&api.home.token, &elsewhere, json!({"text": "y"})).await.refusal(), not_found);
    assert_eq!(api.delete(&api.home.token, &elsewhere).await.refusal(), not_found);
    crate::support::api::own(api.db(), api.of("Jane").0, maya).await;
    for token in [&api.away.token, &noor] {
        assert_eq!(api.get(token, &path).await.refusal(), not_found);
        assert_eq!(api.post(token, &path, body.clone()).await.refusal(), not_found);
        assert_eq!(api.get(token, &one).await.refusal(), not_found);
        assert_eq!(api.patch(token, &one, json!({"text": "y"})).await.refusal(), not_found);
        assert_eq!(api.delete(token, &one).await.refusal(), not_found);
    }
    let missing = format!("/api/v1/conversations/{}/scheduled-messages", ConversationId::new(api.clock.new_id()));
    assert_eq!(api.post(&api.home.token, &missing, body).await.refusal(), not_found);
    assert_eq!(api.get(&api.home.token, &one).await.body, made.body);
}

#[actix_web::test]
async fn only_who_may_send_may_schedule() {
    let api = Api::start().await;
    let path = format!("{}/scheduled-messages", jane(&api).await);
    let body = json!({"text": "x", "send_at": in_ms(&api, DAY_MS)});
    let one = format!("{path}/{}", api.post(&api.home.token, &path, body.clone()).await.body["id"].as_str().unwrap());
    let (_, viewer) = api.agent(Role::Viewer, "Vic").await;
    let reader = api.token(&[Permission::ConversationsRead, Permission::ConversationsWrite]).await;
    let forbidden = json!([403, "forbidden", []]);
    for token in [&viewer, &reader] {
        assert_eq!(api.get(token, &path).await.status, 200);
        assert_eq!(api.get(token, &one).await.status, 200);
        assert_eq!(api.post(token, &path, body.clone()).await.refusal(), forbidden);
        assert_eq!(api.patch(token, &one, json!({"text": "y"})).await.refusal(), forbidden);
        assert_eq!(api.delete(token, &one).await.refusal(), forbidden);
    }
    let writer = api.token(&[Permission::MessagesWrite]).await;
    assert_eq!(api.get(&writer, &path).await.refusal(), forbidden);
    assert_eq!(api.delete(&writer, &one).await.status, 204);
}
