//! A long text message of which the server hears one part, dies, and hears the other.

use serde_json::json;

use switchboard::simulate::Simulated;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{connect_account, id, now_ms, until};
use crate::{
    stories::house::{House, Server},
    support::vonage,
};

/// Vonage tells of something, and reads nothing but that it was heard.
async fn heard(server: &Server, path: &str) {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
}

// sms.md checklist 26
#[actix_web::test]
async fn a_crash_between_two_parts_loses_neither() {
    let house = House::on_sqlite();
    let server = house.start();
    let token = server.owner().await;
    let secrets = json!({"api_key": "key1", "api_secret": "s", "signature_secret": vonage::SECRET, "signature_method": "sha256"});
    let body = json!({"provider": "sms", "vendor": "vonage", "name": "Vonage", "secrets": secrets, "check": false});
    let credential = id(&server.post(Some(&token), "/api/v1/credentials", &body).await.good());
    connect_account(&server, &token, Simulated::Sms, &credential, vonage::NUMBER).await;
    let part = |number: u32, text: &str| vonage::part(&credential, "08", (number, 2), &format!("id{number}"), text, now_ms() / 1_000);
    heard(&server, &part(2, "the second")).await;
    server.kill();
    let server = house.start();
    heard(&server, &part(1, "the first, ")).await;
    let conversations = until("the conversation", async || {
        let listed = server.get(&token, "/api/v1/conversations").await.good();
        match listed["data"].as_array().map(Vec::as_slice) {
            Some([one]) => Ok(id(one)),
            _ => Err(listed.to_string()),
        }
    })
    .await;
    let messages = server.messages(&token, &conversations).await;
    let texts: Vec<_> = messages.iter().map(|message| &message["content_text"]).collect();
    assert_eq!(texts, ["the first, the second"]);
}
