//! What must never meet: secrets of one channel and notifications of another, workspaces, and the numbers of one app.

use std::sync::Arc;

use serde_json::{Value, json};
use switchboard::simulate::{Simulated, provider::Notice};

use super::{Line, Relay, Scene, Simulation, connect_account, id, simulated, until};
use crate::stories::house::Server;

const OTHER_OWNER: &str = "pat@contoso.example";
const PASSWORD: &str = "a long pass phrase";
const DANA: &str = "15550107777";

/// A line of another number, whose simulator answers no calls: its credential is not asked about.
async fn another_line(server: &Server, token: &str, simulation: Simulation) -> Line {
    let (provider, running, ahead_ms) = simulation;
    let secrets: serde_json::Map<String, Value> =
        running.credentials().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let body = json!({"provider": provider.name(), "name": "Other", "secrets": secrets, "check": false});
    let credential_id = id(&server.post(Some(token), "/api/v1/credentials", &body).await.good());
    let channel_id = connect_account(server, token, provider, &credential_id, &running.account()).await;
    Line { provider, running, ahead_ms, token: token.to_owned(), credential_id, channel_id }
}

fn other(relay: &Relay, secret: &str) -> Simulation {
    let values = [("phone_number_id", "106000000000002"), ("display_phone_number", "15550100002"), ("app_secret", secret)];
    simulated(Simulated::Whatsapp, relay, &values)
}

/// Somebody with this number, there too.
fn somebody(line: &Line, text: &str) -> Notice {
    let sim = line.sim();
    if sim.look(|world| world.customer(DANA).is_none()) {
        sim.add_customer("Dana Twice", Some(DANA)).expect("somebody new");
    }
    let act = switchboard::simulate::provider::Act::Write { text: text.to_owned(), file_id: None, reply_to: None };
    sim.change(|world| sim.provider.act(world, DANA, &act)).expect("the act").notices.remove(0)
}

async fn texts(server: &Server, line: &Line) -> Vec<String> {
    let mut texts = Vec::new();
    for conversation in line.conversations(server).await {
        let messages = server.messages(&line.token, &id(&conversation)).await;
        texts.extend(messages.iter().map(|message| message["content_text"].as_str().expect("a text").to_owned()));
    }
    texts
}

/// The workspace of somebody else on the same server.
async fn elsewhere(scene: &Scene) -> String {
    let made = scene.house.make_workspace("Contoso", OTHER_OWNER);
    assert!(made["workspace_id"].is_string(), "{made}");
    scene.server().sign_in(OTHER_OWNER, PASSWORD).await
}

async fn scene() -> Scene {
    Scene::with(Simulated::Whatsapp).await
}

#[actix_web::test]
async fn two_channels_of_one_provider_with_different_secrets() {
    let scene = scene().await;
    let server = scene.server();
    let first = scene.line();
    let second = another_line(server, &scene.owner, other(&scene.relay, "the-secret-of-the-second-app-00000")).await;
    let to_first = somebody(first, "to the first");
    let to_second = somebody(&second, "to the second");
    // Each signed with the other's secret: nothing of it is believed.
    for (notice, signer) in [(&to_first, &second), (&to_second, first)] {
        let status = sealed_by(&scene.relay, signer, notice).await;
        assert!(matches!(status, 200 | 401), "{status}");
    }
    assert!(first.conversations(server).await.is_empty() && second.conversations(server).await.is_empty());
    for (notice, signer) in [(&to_first, first), (&to_second, &second)] {
        assert_eq!(sealed_by(&scene.relay, signer, notice).await, 200);
    }
    assert_eq!(texts(server, first).await, ["to the first"]);
    assert_eq!(texts(server, &second).await, ["to the second"]);
    // In one workspace it is one person, with a conversation at each number.
    let contacts: Vec<_> =
        [first.conversations(server).await, second.conversations(server).await].iter().map(|all| all[0]["contact"]["id"].clone()).collect();
    assert_eq!(contacts[0], contacts[1]);
    // An answer at the first number goes out there alone.
    let of = id(&first.conversation(server).await);
    first.answers(server, &of, "from the first").await;
    until("the answer", async || {
        let calls = first.calls();
        if calls.contains("from the first") { Ok(()) } else { Err(calls) }
    })
    .await;
    assert!(!first.calls().contains(&second.running.account()), "{}", first.calls());
    assert_eq!(texts(server, &second).await, ["to the second"]);
}

#[actix_web::test]
async fn two_workspaces_with_the_same_customer() {
    let scene = scene().await;
    let server = scene.server();
    let away = elsewhere(&scene).await;
    let first = scene.line();
    let second = another_line(server, &away, other(&scene.relay, "the-secret-of-the-second-app-00000")).await;
    for (notice, signer) in [(somebody(first, "to Northwind"), first), (somebody(&second, "to Contoso"), &second)] {
        assert_eq!(sealed_by(&scene.relay, signer, &notice).await, 200);
    }
    assert_eq!(texts(server, first).await, ["to Northwind"]);
    assert_eq!(texts(server, &second).await, ["to Contoso"]);
    let (here, there) = (first.conversation(server).await, second.conversation(server).await);
    assert_ne!(here["contact"]["id"], there["contact"]["id"]);
    for (token, theirs) in [(&scene.owner, &there), (&away, &here)] {
        for path in [
            format!("/api/v1/conversations/{}", id(theirs)),
            format!("/api/v1/contacts/{}", theirs["contact"]["id"].as_str().expect("an id")),
        ] {
            assert_eq!(server.get(token, &path).await.status, 404, "{path}");
        }
    }
}

#[actix_web::test]
async fn one_app_with_many_numbers_in_two_workspaces() {
    let scene = scene().await;
    let server = scene.server();
    let away = elsewhere(&scene).await;
    let first = scene.line();
    // The same app: the same secret, another number.
    let second = another_line(server, &away, other(&scene.relay, &first.running.credential("app_secret"))).await;
    let both = first.sim().provider.batch(vec![somebody(first, "to Northwind"), somebody(&second, "to Contoso")]);
    assert_eq!(both.len(), 1);
    for _ in 0..2 {
        assert_eq!(sealed_by(&scene.relay, first, &both[0]).await, 200);
    }
    assert_eq!(texts(server, first).await, ["to Northwind"]);
    assert_eq!(texts(server, &second).await, ["to Contoso"]);
}

#[actix_web::test]
async fn one_credential_with_many_numbers() {
    let scene = scene().await;
    let server = scene.server();
    let first = scene.line();
    let (provider, running, ahead_ms) = other(&scene.relay, &first.running.credential("app_secret"));
    let channel_id = connect_account(server, &scene.owner, provider, &first.credential_id, &running.account()).await;
    let second = Line { provider, running, ahead_ms, token: scene.owner.clone(), credential_id: first.credential_id.clone(), channel_id };
    let both = first.sim().provider.batch(vec![somebody(first, "to the first"), somebody(&second, "to the second")]);
    assert_eq!(sealed_by(&scene.relay, first, &both[0]).await, 200);
    assert_eq!(texts(server, first).await, ["to the first"]);
    assert_eq!(texts(server, &second).await, ["to the second"]);
}

/// Posts a notification signed by a line's own app; the answer's status.
async fn sealed_by(relay: &Arc<Relay>, line: &Line, notice: &Notice) -> u16 {
    super::recorded::deliver_once(relay, (line.provider, &line.running), notice, 1).await.expect("an answer")
}
