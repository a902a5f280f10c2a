//! Files that come over a provider: fetched behind their message, which shows them as they are; told of while they are not here; asked for again.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use entities::{Permission, Role};
use serde_json::{Value, json};
use switchboard::crypto::mac;

use crate::support::{
    api::{Answer, Api},
    widget::call,
};

const SECRET: &str = "example-app-secret-01";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR rest of a picture";

/// A WhatsApp that has one file, or says that it is gone.
async fn provider(request: HttpRequest, gone: web::Data<Arc<AtomicBool>>) -> HttpResponse {
    let trusted = request.headers().get("authorization").is_some_and(|value| value == "Bearer EXAMPLE_TOKEN");
    let here = format!("http://{}", request.connection_info().host());
    match request.path() {
        _ if !trusted => HttpResponse::Unauthorized().finish(),
        "/v25.0/2754850000000001" if gone.load(Ordering::Relaxed) => {
            let error = json!({"message": "Unsupported get request", "type": "GraphMethodException", "code": 100});
            HttpResponse::BadRequest().json(json!({"error": error}))
        }
        "/v25.0/2754850000000001" => HttpResponse::Ok().json(json!({"url": format!("{here}/file"), "mime_type": "image/jpeg"})),
        "/file" => HttpResponse::Ok().content_type("image/jpeg").body(PICTURE),
        _ => HttpResponse::NotFound().finish(),
    }
}

struct Stage {
    api: Api,
    gone: Arc<AtomicBool>,
}

impl Stage {
    async fn set(gone: bool) -> Self {
        let gone = Arc::new(AtomicBool::new(gone));
        let shared = gone.clone();
        let server = HttpServer::new(move || App::new().app_data(web::Data::new(shared.clone())).default_service(web::to(provider)));
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let base = format!("whatsapp=http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        let api = Api::start_with(&["--provider-base-url", &base]).await;
        let secrets = json!({"app_secret": SECRET, "verify_token": "word", "access_token": "EXAMPLE_TOKEN"});
        let body = json!({"provider": "whatsapp", "name": "App", "secrets": secrets, "check": false});
        let credential = api.post(&api.home.token, "/api/v1/credentials", body).await;
        assert_eq!(credential.status, 201, "{credential:?}");
        let body = json!({"kind": "whatsapp", "name": "Line", "address": "106000000000001", "credential_id": credential.body["id"]});
        let channel = api.post(&api.home.token, "/api/v1/channels", body).await;
        assert_eq!(channel.status, 201, "{channel:?}");
        Self { api, gone }
    }

    async fn picture_comes(&self) {
        let body = include_bytes!("../channels/fixtures/whatsapp/image.json");
        let signature = format!("sha256={}", hex::encode(mac::hmac_sha256_joined(SECRET.as_bytes(), &[body])));
        let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
        let answer = call(&self.api, "POST", "/api/webhooks/whatsapp", &headers, body).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }

    async fn message(&self) -> Value {
        let list = self.api.get(&self.api.home.token, "/api/v1/conversations").await;
        let id = list.ids().into_iter().next().unwrap();
        let messages = self.api.get(&self.api.home.token, &format!("/api/v1/conversations/{id}/messages")).await;
        messages.body["data"][0].clone()
    }

    async fn event(&self, kind: &str) -> Value {
        let path = format!("/api/v1/events?types={kind}&wait=20");
        for _round in 0..3 {
            let page = self.api.get(&self.api.home.token, &path).await;
            assert_eq!(page.status, 200, "{page:?}");
            if let Some(event) = page.body["data"].as_array().and_then(|events| events.first()) {
                return event.clone();
            }
        }
        panic!("no {kind} came");
    }

    async fn download(&self, token: &str, id: &str) -> Answer {
        self.api.get(token, &format!("/api/attachments/{id}/download")).await
    }

    /// Asks until the answer is this one; the server says how soon it makes sense to ask again, and nothing here depends on it.
    async fn given_up(&self, id: &str) -> Answer {
        for _round in 0..2_000 {
            let answer = self.download(&self.api.home.token, id).await;
            if answer.body["given_up"] != json!(false) {
                return answer;
            }
            tokio::task::yield_now().await;
        }
        panic!("it is not given up");
    }
}

#[actix_web::test]
async fn a_picture_of_a_customer_is_fetched_and_its_message_shows_it_as_it_is() {
    let stage = Stage::set(false).await;
    stage.picture_comes().await;
    stage.event("message.updated").await;
    let file = stage.message().await["attachments"][0].clone();
    assert_eq!((file["size"].as_u64(), file["type"].as_str()), (Some(PICTURE.len() as u64), Some("image/png")));
    let id = file["id"].as_str().unwrap().to_owned();
    let answer = stage.download(&stage.api.home.token, &id).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let bytes = call(&stage.api, "GET", answer.body["url"].as_str().unwrap(), &[], b"").await;
    assert_eq!((bytes.status, bytes.body.as_slice()), (200, PICTURE));
    let again = stage.api.post(&stage.api.home.token, &format!("/api/v1/attachments/{id}/fetch"), json!({})).await;
    assert_eq!(again.status, 202, "of a file that is here nothing comes: {again:?}");
}

#[actix_web::test]
async fn a_picture_that_is_gone_is_given_up_with_the_provider_s_words_and_fetched_when_somebody_asks() {
    let stage = Stage::set(true).await;
    stage.picture_comes().await;
    let message = stage.message().await;
    assert_eq!(message["content_text"], "this one", "the message does not wait for its file");
    let id = message["attachments"][0]["id"].as_str().unwrap().to_owned();
    let answer = stage.given_up(&id).await;
    assert_eq!(answer.refusal(), json!([409, "not_fetched", []]));
    assert_eq!(answer.body["given_up"], true);
    assert!(answer.body["reason"].as_str().unwrap().contains("Unsupported get request"), "{answer:?}");
    stage.gone.store(false, Ordering::Relaxed);
    let path = format!("/api/v1/attachments/{id}/fetch");
    let reader = stage.api.token(&[Permission::ConversationsRead]).await;
    assert_eq!(stage.api.post(&reader, &path, json!({})).await.status, 403);
    assert_eq!(stage.api.post(&stage.api.away.token, &path, json!({})).await.status, 404, "another tenant's");
    let (_, agent) = stage.api.agent(Role::Agent, "Ann").await;
    assert_eq!(stage.api.post(&agent, &path, json!({})).await.status, 202);
    stage.event("message.updated").await;
    assert_eq!(stage.download(&agent, &id).await.status, 200);
    assert_eq!(stage.message().await["attachments"][0]["type"], "image/png");
}
