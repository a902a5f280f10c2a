//! Connecting a provider from the command line, and what the doctor says of it.

use std::path::Path;

use serde_json::{Value, json as value};

use super::{both, json, keys, run};
use crate::support::receiver::{Manner, Receiver, answer};

const GOOD: &str = r#"{"ok":true,"team":"Northwind","team_id":"T0001","bot_id":"B0001"}"#;

fn checks(folder: &Path, options: &[&str]) -> Vec<Value> {
    let (_, out, error) = run(folder, &both(&["doctor", "--json"], options));
    let found: Value = serde_json::from_str(&out).unwrap_or_else(|failure| panic!("{failure}: {out} {error}"));
    found["checks"].as_array().unwrap().iter().filter(|check| check["name"] == "channel").cloned().collect()
}

/// On threads of their own, so that commands can be waited for while the provider answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_is_connected_and_the_doctor_tries_it() {
    let typed = answer("200 OK", &["content-type: application/json"], GOOD);
    let bad = answer("200 OK", &["content-type: application/json"], r#"{"ok":false,"error":"token_revoked"}"#);
    let slack = Receiver::plain(Manner::Unless("Bearer xoxb-revoked".to_owned(), typed, bad)).await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let at = format!("slack=http://{}", slack.address);
    let near = ["--provider-base-url", at.as_str(), "--public-url", "https://chat.example.com", "--listen", "127.0.0.1:0"];
    let owner = ["--owner-email", "ada@example.com", "--owner-password", "correct horse", "--json"];
    let made = json(folder, &both(&["workspace", "create", "--name", "Acme"], &owner));
    let workspace = made["workspace_id"].as_str().unwrap();

    let token = folder.join("token.txt");
    std::fs::write(&token, "xoxb-good\n").unwrap();
    let token = format!("bot_token={}", token.display());
    let create = ["credential", "create", "--workspace", workspace, "--provider", "slack", "--name", "Our Slack", "--json"];
    let secrets = ["--secret", "signing_secret=0123456789abcdef", "--secret-file", token.as_str()];
    let credential = json(folder, &both(&both(&create, &secrets), &near));
    assert_eq!(keys(&credential), ["accounts", "credential_id", "provider", "webhook_url"]);
    let id = credential["credential_id"].as_str().unwrap();
    assert_eq!(credential["accounts"], value!([{"address": "T0001", "name": "Northwind"}]));
    assert_eq!(credential["webhook_url"], format!("https://chat.example.com/api/webhooks/slack/{id}"));
    assert_eq!(slack.received()[0].header("authorization"), "Bearer xoxb-good");

    let channel = ["channel", "create", "--workspace", workspace, "--kind", "slack", "--name", "Slack", "--address", "T0001"];
    let channel = both(&channel, &["--credential", id, "--json"]);
    assert_eq!(keys(&json(folder, &channel)), ["address", "channel_id", "credential_id", "kind", "webhook_url"]);
    let (success, _, error) = run(folder, &channel);
    assert!(!success && error.contains("another channel of kind slack has this address"), "{error}");
    let listed = json(folder, &["credential", "list", "--workspace", workspace, "--json"]);
    assert_eq!(value!([listed["data"][0]["id"], listed["data"][0]["status"]]), value!([id, "working"]));
    assert_eq!(
        checks(folder, &near),
        [value!({"name": "channel", "status": "ok", "detail": "slack T0001 (Slack): the provider takes its credential"})]
    );

    // Another one, whose token is no longer good.
    let revoked = ["--secret", "signing_secret=0123456789abcdef", "--secret", "bot_token=xoxb-revoked"];
    let (success, out, error) = run(folder, &both(&both(&create, &revoked), &near));
    assert!(!success && out.is_empty() && error.contains("the provider refuses the credential"), "{out} {error}");
    let unchecked = json(folder, &both(&both(&create, &revoked), &["--no-check"]));
    let second = ["channel", "create", "--workspace", workspace, "--kind", "slack", "--name", "Old", "--address", "T0002", "--json"];
    json(folder, &both(&second, &["--credential", unchecked["credential_id"].as_str().unwrap()]));
    let told = checks(folder, &near);
    assert_eq!(value!([told[0]["status"], told[1]["status"]]), value!(["ok", "bad"]));
    let detail = told[1]["detail"].as_str().unwrap();
    assert!(detail.contains("slack T0002 (Old)") && detail.contains("token_revoked") && detail.contains("reconnect"), "{detail}");
    drop(slack);
    let told = checks(folder, &near);
    assert!(told.iter().all(|check| check["status"] == "warning"), "{told:?}");

    for (wrong, said) in [
        (vec!["--provider", "fax", "--name", "x"], "whatsapp, messenger, sms, slack, dialpad"),
        (vec!["--provider", "sms", "--name", "x"], "--vendor must be one of twilio"),
        (vec!["--provider", "slack", "--name", "x"], "signing_secret Signing secret is needed"),
        (vec!["--provider", "slack", "--name", "x", "--secret", "nonsense"], "--secret must be a name"),
    ] {
        let (success, _, error) = run(folder, &both(&["credential", "create", "--workspace", workspace], &wrong));
        assert!(!success && error.contains(said), "{wrong:?}: {error}");
    }
    let (success, _, error) = run(
        folder,
        &["channel", "create", "--workspace", workspace, "--kind", "sms", "--name", "x", "--address", "+1", "--credential", id],
    );
    assert!(!success && error.contains("the credential is one of slack"), "{error}");
}
