//! Templates: the account's list comes by itself, what would be refused is refused with the place that is wrong, and what is sent is read as it was shown.

use serde_json::{Value, json};
use switchboard::simulate::{
    Simulated,
    faults::{Switch, When},
    provider::Act,
};

use super::{Line, Scene, id, until};
use crate::stories::{house::Server, http::Answer};

fn at(line: &Line) -> String {
    format!("/api/v1/channels/{}/templates", line.channel_id)
}

/// The template's status, once it is this.
async fn stands(server: &Server, line: &Line, name: &str, wanted: &str) {
    until(&format!("{name} is {wanted}"), async || {
        let list = server.get(&line.token, &format!("{}?limit=100", at(line))).await.good();
        let found = list["data"].as_array().expect("a list").iter().find(|template| template["name"] == name).cloned();
        if found.is_some_and(|template| template["status"] == wanted) { Ok(()) } else { Err(format!("{list}\n{}", line.calls())) }
    })
    .await;
}

async fn post(server: &Server, line: &Line, of: &str, body: Value) -> Answer {
    server.post(Some(&line.token), &format!("/api/v1/conversations/{of}/messages"), &body).await
}

fn update(variables: Value) -> Value {
    json!({"template": {"name": "order_update", "language": "en_US", "variables": variables}})
}

/// Pointers and codes of a refusal.
fn wrong(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 422, "{answer:?}");
    let errors = answer.body["errors"].as_array().expect("errors").iter();
    errors.map(|error| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn a_template_is_listed_checked_and_sent_when_nothing_else_may_be() {
    let scene = Scene::with(Simulated::Whatsapp).await;
    let (server, line) = (scene.server(), scene.line());
    stands(server, line, "order_update", "approved").await;
    let first = server.get(&line.token, &format!("{}?limit=2&status=APPROVED", at(line))).await.good();
    let names = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|template| template["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        (names(&first), first["sync_error"].is_null(), first["synced_at"].is_string()),
        (vec!["appointment".to_owned(), "hello_world".to_owned()], true, true)
    );
    let rest =
        server.get(&line.token, &format!("{}?status=approved&cursor={}", at(line), first["next_cursor"].as_str().unwrap())).await.good();
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["order_update".to_owned(), "parcel".to_owned()], &Value::Null));

    line.writes("hello");
    let of = id(&line.conversation(server).await);
    let named = json!({"first_name": "Dana", "order": "#42"});
    for (body, wanted) in [
        (
            update(json!({"first_name": "Dana\n"})),
            vec!["/template/variables/first_name variable_refused", "/template/variables/order variable_missing"],
        ),
        (update(json!({"first_name": "Dana", "order": "1", "a/b": "c"})), vec!["/template/variables/a~1b variable_unknown"]),
        (json!({"template": {"name": "nowhere", "language": "en_US"}}), vec!["/template/name template_unknown"]),
        (json!({"template": {"name": "order_update", "language": "de"}}), vec!["/template/name template_unknown"]),
        (
            json!({"template": {"name": "summer_sale", "language": "en_US", "variables": {"1": "x"}}}),
            vec!["/template/name template_not_approved"],
        ),
        (json!({"template": {"name": "hello_world", "language": "en_US"}, "text": "hello"}), vec!["/text ambiguous"]),
        (json!({"template": {"name": "hello_world", "language": "en_US"}, "kind": "note"}), vec!["/kind invalid_value"]),
        (json!({"extra": {"type": "template", "name": "nowhere", "language": "en_US"}}), vec!["/extra/name template_unknown"]),
    ] {
        assert_eq!(wrong(&post(server, line, &of, body.clone()).await), wanted, "{body}");
    }
    assert_eq!(line.shown_texts(), Vec::<String>::new(), "nothing of it was sent");

    // When the provider takes nothing else, it takes a template.
    line.switch(Switch::WindowClosed, true);
    line.answers(server, &of, "too late").await;
    line.messages_when(server, &of, "the window", |messages| messages.last().is_some_and(|message| message["status"] == "failed")).await;
    let sent = post(server, line, &of, update(named)).await;
    assert_eq!((sent.status, &sent.body["content_text"]), (201, &json!("Hello Dana, there is news about your order #42.")), "{sent:?}");
    line.message_when(server, (&of, &id(&sent.body)), "the template is read", |message| message["status"] == "read").await;
    let parcel = json!({"header.1": "#7", "1": "Dana", "2": "Monday", "button.0": "7"});
    let sent = post(server, line, &of, json!({"template": {"name": "parcel", "language": "en_US", "variables": parcel}})).await;
    let words = "Order #7\n\nHello Dana, your parcel comes on Monday.\n\nThe blue chair shop";
    assert_eq!(sent.body["content_text"], words, "{sent:?}");
    line.message_when(server, (&of, &id(&sent.body)), "the parcel is read", |message| message["status"] == "read").await;
    let shown = line.shown();
    let last = shown.last().expect("a message");
    assert_eq!(
        (last.text.as_str(), last.buttons[0].url.as_deref()),
        (words, Some("https://shop.example.org/parcels/7")),
        "what was shown is what is read"
    );
}

#[actix_web::test]
async fn what_the_provider_tells_of_a_template_counts_at_once() {
    let scene = Scene::with(Simulated::Whatsapp).await;
    let (server, line) = (scene.server(), scene.line());
    stands(server, line, "order_update", "approved").await;
    line.writes("hello");
    let of = id(&line.conversation(server).await);
    line.acts(&Act::Extra { name: "template_paused".to_owned() });
    stands(server, line, "order_update", "paused").await;
    let named = json!({"first_name": "Dana", "order": "#42"});
    assert_eq!(wrong(&post(server, line, &of, update(named.clone())).await), ["/template/name template_not_approved"]);
    line.acts(&Act::Extra { name: "template_approved".to_owned() });
    stands(server, line, "order_update", "approved").await;
    let mut keyed = update(named.clone());
    keyed["client_id"] = "parcel-42".into();
    let sent = post(server, line, &of, keyed.clone()).await.good();
    line.message_when(server, (&of, &id(&sent)), "the template is read", |message| message["status"] == "read").await;
    line.acts(&Act::Extra { name: "template_paused".to_owned() });
    stands(server, line, "order_update", "paused").await;
    let repeated = post(server, line, &of, keyed).await;
    assert_eq!((repeated.status, id(&repeated.body)), (200, id(&sent)), "a repeat of what was sent is answered with it");
    line.acts(&Act::Extra { name: "template_approved".to_owned() });
    stands(server, line, "order_update", "approved").await;

    // What it did not tell of is refused by itself, said in words, and asked for again.
    line.fail_next("132001", When::Answer);
    let sent = post(server, line, &of, update(named)).await.body;
    let failed = line.message_when(server, (&of, &id(&sent)), "the refusal", |message| message["status"] == "failed").await;
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("choose another")), "{failed}");
}

#[actix_web::test]
async fn a_list_that_is_refused_says_why_and_what_was_known_stays() {
    let scene = Scene::open(crate::stories::house::House::on_sqlite(), &[Simulated::Whatsapp, Simulated::Messenger]).await;
    let (server, line) = (scene.server(), scene.line());
    let synced = server.post(Some(&line.token), &format!("{}/sync", at(line)), &json!({})).await.good();
    assert_eq!(synced, json!({"templates": 5}));
    line.switch(Switch::TokenExpired, true);
    let refused = server.post(Some(&line.token), &format!("{}/sync", at(line)), &json!({})).await;
    assert_eq!((refused.status, refused.body["provider_error"]["code"].as_str()), (502, Some("190")), "{refused:?}");
    let list = server.get(&line.token, &at(line)).await.good();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(5));
    assert!(list["sync_error"].as_str().is_some_and(|error| error.contains("190")), "{list}");
    let page = &scene.lines[1];
    let none = server.get(&page.token, &at(page)).await;
    assert_eq!((none.status, none.body["code"].as_str()), (409, Some("conflict")), "a page has no templates: {none:?}");
}
