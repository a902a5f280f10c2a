//! What all simulators share: the page, the control API, the bounds, the command's options.

use serde_json::{Value, json};
use switchboard::simulate::{
    self, Simulated, SimulatorOptions, StartError,
    provider::Act,
    world::{CUSTOMERS_MAX, MESSAGES_MAX},
};

use super::stage::Stage;

#[actix_web::test]
async fn the_page_comes_with_its_script_and_style_and_nothing_from_elsewhere() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    for (path, mime) in [("/", "text/html"), ("/simulator.js", "text/javascript"), ("/simulator.css", "text/css")] {
        let mut response = stage.client.get(format!("{}{path}", stage.running.url)).send().await.unwrap();
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with(mime));
        assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
        let text = String::from_utf8(response.body().await.unwrap().to_vec()).unwrap();
        assert!(!text.is_empty() && !text.contains("innerHTML") && !text.contains("https://"), "{path}");
    }
}

#[actix_web::test]
async fn a_page_of_another_site_cannot_drive_a_simulator() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    let call = async |origin: &str| {
        let request = stage.client.post(format!("{}/simulator/customers", stage.running.url)).insert_header(("origin", origin));
        request.send_json(&json!({"name": "Robin"})).await.unwrap().status().as_u16()
    };
    assert_ne!(call("https://elsewhere.example").await, 201);
    assert_eq!(call(&stage.running.url).await, 201);
}

#[actix_web::test]
async fn the_state_holds_what_the_page_shows_and_waits_for_news() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    let (_, first) = stage.call("GET", "/simulator/state", None, &Value::Null).await;
    assert_eq!(first["profile"]["title"], "WhatsApp");
    assert_eq!(first["credentials"][0]["name"], "app_secret");
    assert_eq!(first["switches"], json!(["redeliver"]));
    let later = format!("/simulator/state?wait=20&after={}", first["version"]);
    let (news, _) = tokio::join!(stage.call("GET", &later, None, &Value::Null), stage.writes("hello"));
    assert!(news.1["version"].as_u64() > first["version"].as_u64());
}

#[actix_web::test]
async fn what_is_not_there_is_said_and_not_guessed() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    let acts = |customer: &str| format!("/simulator/customers/{customer}/acts");
    for (path, body, wanted) in [
        (acts("nobody"), json!({"do": "write", "text": "hello"}), 404),
        (acts("15550109999"), json!({"do": "react", "message_id": "none", "emoji": "👍"}), 404),
        (acts("15550109999"), json!({"do": "extra", "name": "none"}), 404),
        (acts("15550109999"), json!({"do": "write", "text": "", "file_id": "none"}), 404),
        (acts("15550109999"), json!({"do": "dance"}), 400),
        ("/simulator/receipts".to_owned(), json!({"message_id": "none", "status": "read"}), 404),
    ] {
        assert_eq!(stage.call("POST", &path, None, &body).await.0, wanted, "{path} {body}");
    }
}

#[actix_web::test]
async fn a_receipt_can_be_told_again_and_late() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    stage.writes("hello").await;
    let body = json!({"messaging_product": "whatsapp", "to": "15550109999", "type": "text", "text": {"body": "hi"}});
    let token = stage.running.credential("access_token");
    let (_, answer) = stage.call("POST", "/v25.0/106000000000001/messages", Some(&token), &body).await;
    let id = answer["messages"][0]["id"].as_str().unwrap();
    stage.until_status(id, simulate::world::Status::Read).await;
    stage.rest().await;
    let receipt = json!({"message_id": id, "status": "sent"});
    assert_eq!(stage.call("POST", "/simulator/receipts", None, &receipt).await.0, 204);
    let told = stage.heard().await.json();
    assert_eq!(told.pointer("/entry/0/changes/0/value/statuses/0/status"), Some(&json!("sent")));
}

#[actix_web::test]
async fn a_status_is_never_seen_before_what_tells_of_it_is_on_its_way() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    stage.writes("hello").await;
    let token = stage.running.credential("access_token");
    let body = json!({"messaging_product": "whatsapp", "to": "15550109999", "type": "text", "text": {"body": "hi"}});
    let (_, answer) = stage.call("POST", "/v25.0/106000000000001/messages", Some(&token), &body).await;
    let id = answer["messages"][0]["id"].as_str().unwrap().to_owned();
    stage.until_status(&id, simulate::world::Status::Read).await;
    stage.rest().await;
    for turn in 0..200 {
        let (sim, customer, id) = (std::sync::Arc::clone(stage.sim()), stage.dana(), id.clone());
        let told = sim.look(|world| world.deliveries.len());
        let looks = std::thread::spawn({
            let sim = std::sync::Arc::clone(&sim);
            move || {
                let failed = |world: &simulate::world::World| {
                    let status = world.customers[0].messages.iter().rev().find(|message| message.id == id)?.error.clone()?;
                    (status == turn.to_string()).then_some(world.pending + world.deliveries.len())
                };
                std::iter::repeat_with(|| sim.look(failed)).take(50_000_000).flatten().next()
            }
        });
        let id = answer["messages"][0]["id"].as_str().unwrap();
        sim.advance(&customer, id, simulate::world::Status::Failed, Some(&turn.to_string()), true);
        let there = looks.join().unwrap().expect("the status");
        assert!(there > told, "in turn {turn} the status was there and nothing told of it");
        stage.rest().await;
    }
}

#[actix_web::test]
async fn memory_is_bounded() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    let write = Act::Write { text: "again".to_owned(), file_id: None, reply_to: None };
    for _ in 0..MESSAGES_MAX + 20 {
        stage.sim().act(&stage.dana(), &write).unwrap();
    }
    assert_eq!(stage.sim().look(|world| world.customers[0].messages.len()), MESSAGES_MAX);
    while stage.sim().add_customer("Robin", None).is_ok() {}
    assert_eq!(stage.sim().look(|world| world.customers.len()), CUSTOMERS_MAX);
    for _ in 0..10 {
        stage.sim().add_file("image/png", "a.png", vec![0; 20 * 1024 * 1024].into());
    }
    let kept = stage.sim().look(switchboard::simulate::world::World::files_len);
    assert!(kept <= 4, "{kept} files of 20 MiB");
}

#[actix_web::test]
async fn a_target_or_a_credential_that_cannot_be_is_refused_at_the_start() {
    let now: simulate::Now = std::sync::Arc::new(|| 0);
    let start = |target: &str, credential: Option<&str>| {
        let mut options = SimulatorOptions::new(Simulated::Whatsapp, target, now.clone());
        options.credentials.extend(credential.map(|name| (name.to_owned(), "x".to_owned())));
        simulate::start(options).err()
    };
    assert!(matches!(start("https://chat.example.org", None), Some(StartError::Target(_))));
    assert!(matches!(start("here", None), Some(StartError::Target(_))));
    assert!(matches!(start("http://127.0.0.1:8080", Some("bot_token")), Some(StartError::Credential { .. })));
    assert!(start("http://127.0.0.1:8080/", Some("app_secret")).is_none());
}

#[actix_web::test]
async fn a_file_that_is_named_by_its_address_is_fetched_at_once_and_fails_the_message_if_it_cannot_be() {
    let stage = Stage::new(Simulated::Whatsapp).await;
    stage.writes("hello").await;
    let link = stage.sim().look(|world| world.hook_url.replace("/api/webhooks/whatsapp", "/files/a.png?sig=1"));
    let token = stage.running.credential("access_token");
    let body = json!({"messaging_product": "whatsapp", "to": "15550109999", "type": "image", "image": {"link": link}});
    let send = async || {
        let (_, answer) = stage.call("POST", "/v25.0/106000000000001/messages", Some(&token), &body).await;
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    };
    let id = send().await;
    let fetched = stage.heard().await;
    assert_eq!((fetched.url.as_str(), fetched.header("authorization")), ("/files/a.png?sig=1", None));
    stage.until_status(&id, simulate::world::Status::Read).await;
    let kept = stage.sim().look(|world| {
        let file = &world.customers[0].message(&id).unwrap().files[0];
        (file.mime.clone(), world.file(file.file_id.as_ref().unwrap()).unwrap().bytes.clone())
    });
    assert_eq!(kept, ("image/png".to_owned(), "a picture".into()));
    stage.rest().await;
    stage.answer_next(&[403]);
    let id = send().await;
    stage.until_status(&id, simulate::world::Status::Failed).await;
    let error = stage.sim().look(|world| world.customers[0].message(&id).unwrap().error.clone());
    assert_eq!(error.as_deref(), Some("131053"));
}
