//! Somebody connects an account by consent, from the button to a conversation in both directions.

use std::sync::Arc;

use serde_json::Value;
use switchboard::simulate::Simulated;

use super::{Line, id, relay::Relay, simulated};
use crate::{
    stories::house::House,
    support::browser::{PATIENCE, app_options, decide, visit},
};

#[actix_web::test]
async fn whatsapp_is_connected_by_consent_and_talks() {
    by_consent(Simulated::Whatsapp).await;
}

#[actix_web::test]
async fn messenger_is_connected_by_consent_and_talks() {
    by_consent(Simulated::Messenger).await;
}

#[actix_web::test]
async fn slack_is_connected_by_consent_and_talks() {
    by_consent(Simulated::Slack).await;
}

async fn by_consent(provider: Simulated) {
    let relay = Arc::new(Relay::open().await);
    let (provider, running, ahead_ms) = simulated(provider, &relay, &[]);
    let base = format!("{}={}", provider.name(), running.url);
    let mut options = vec!["--public-url", relay.url.as_str(), "--provider-base-url", base.as_str()];
    options.extend(app_options(provider));
    let house = House::on_sqlite();
    let server = house.start_with(&options);
    relay.lead_to(Some(&server.address));
    let owner = server.owner().await;

    // The provider asks whether the address is ours before anybody has connected anything.
    let handshake = visit_handshake(&running.url).await;
    assert_eq!(handshake["verified"], true, "{}: {handshake}", provider.name());

    let back = decide(&format!("http://{}", server.address), provider, &owner, "allow").await;
    assert!(back.starts_with(&format!("{}/api/{}/callback?", relay.url, provider.name())), "{back}");
    let outcome = visit(&back, Some(&owner)).await.outcome();
    let install = server.get(&owner, &format!("/api/v1/installs/{outcome}")).await.good();
    assert_eq!(install["status"], "connected", "{install}");

    let channels = server.get(&owner, "/api/v1/channels?limit=100").await.good();
    let channel = channels["data"].as_array().unwrap().iter().find(|channel| channel["kind"] == provider.name()).unwrap().clone();
    assert_eq!((channel["status"].as_str(), channel["address"].as_str()), (Some("connected"), Some(running.account().as_str())));
    assert!(install["channel_ids"].as_array().unwrap().contains(&channel["id"]), "{install}");
    let credential_id = channel["credential_id"].as_str().unwrap().to_owned();
    let line = Line { provider, running, ahead_ms, token: owner.clone(), credential_id, channel_id: id(&channel) };
    line.writes("Is anybody there?");
    let conversation = id(&line.conversation(&server).await);
    line.answers(&server, &conversation, "Yes, we are").await;
    line.shows(&["Yes, we are"]).await;
}

async fn visit_handshake(simulator: &str) -> Value {
    let client = awc::ClientBuilder::new().timeout(PATIENCE).finish();
    let mut answered = client.post(format!("{simulator}/simulator/handshake")).send().await.unwrap();
    answered.json().await.unwrap()
}
