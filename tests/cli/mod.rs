//! The command line, as a process of its own.

mod channels;
mod webhook_listen;

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::support::mmdb::Mmdb;

fn run(folder: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(arguments)
        .arg("--data-dir")
        .arg(folder)
        .env_clear()
        .env("SWITCHBOARD_LOG", "error")
        .output()
        .expect("run the binary");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let (success, out, error) = run(folder, arguments);
    assert!(success, "{arguments:?}: {error}");
    serde_json::from_str(&out).unwrap_or_else(|failure| panic!("{arguments:?} did not print JSON alone ({failure}): {out}"))
}

fn both<'a>(first: &[&'a str], second: &[&'a str]) -> Vec<&'a str> {
    first.iter().chain(second).copied().collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn everything_that_is_made_is_printed_as_the_contract_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let owner = ["--owner-email", "ada@example.com", "--owner-password", "correct horse", "--json"];
    let made = json(folder, &both(&["workspace", "create", "--name", "Acme"], &owner));
    assert_eq!(keys(&made), ["api_token", "owner_id", "widget_api_key", "workspace_id"]);
    let workspace = made["workspace_id"].as_str().unwrap();
    let listed = json(folder, &["workspace", "list", "--json"]);
    assert_eq!((listed["data"][0]["name"].as_str(), listed["data"][0]["id"].as_str()), (Some("Acme"), Some(workspace)));
    let agent =
        ["agent", "create", "--workspace", workspace, "--email", "bob@example.com", "--password", "battery staple", "--name", "Bob"];
    assert_eq!(keys(&json(folder, &both(&agent, &["--role", "agent", "--json"]))), ["agent_id"]);
    let token = ["token", "create", "--workspace", workspace, "--name", "Import", "--scope", "contacts:read", "--json"];
    let token = json(folder, &token);
    assert_eq!(keys(&token), ["token", "token_id"]);
    assert!(token["token"].as_str().unwrap().starts_with("sb_"));
    let channel = ["channel", "create", "--workspace", workspace, "--kind", "widget", "--name", "Shop", "--json"];
    assert_eq!(keys(&json(folder, &channel)), ["channel_id", "kind", "widget_api_key"]);

    let (success, _, error) = run(folder, &agent);
    assert!(!success && error.contains("taken"), "{error}");
    let unknown = "01980000-0000-7000-8000-000000000000";
    let (success, _, error) = run(folder, &["token", "create", "--workspace", unknown, "--name", "x", "--scope", "contacts:read"]);
    assert!(!success && !error.is_empty(), "{error}");
    let (success, _, error) = run(folder, &["token", "create", "--workspace", workspace, "--name", "x", "--scope", "all"]);
    assert!(!success && error.contains("conversations:read"), "{error}");
}

#[test]
fn a_replay_needs_a_webhook_of_the_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let owner = ["--owner-email", "ada@example.com", "--owner-password", "correct horse", "--json"];
    let made = json(folder, &both(&["workspace", "create", "--name", "Acme"], &owner));
    let workspace = made["workspace_id"].as_str().unwrap();
    let webhook = "01980000-0000-7000-8000-000000000001";
    let replay = ["webhook", "replay", "--workspace", workspace, "--webhook", webhook, "--json"];
    let (success, out, error) = run(folder, &replay);
    assert!(!success && out.is_empty() && error.contains("no such webhook"), "{out} {error}");
    for (wrong, said) in [(["--only", "some"], "failed, missing or all"), (["--from", "yesterday"], "no instant")] {
        let (success, _, error) = run(folder, &both(&replay, &wrong));
        assert!(!success && error.contains(said), "{error}");
    }
    let turned = ["--from", "2026-01-02T00:00:00Z", "--to", "2026-01-01T00:00:00Z"];
    let (success, _, error) = run(folder, &both(&replay, &turned));
    assert!(!success && error.contains("later"), "{error}");
}

#[test]
fn the_first_command_makes_the_folder_and_the_key_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    assert!(!json(&folder, &["migrate", "--json"])["steps"].as_array().unwrap().is_empty());
    assert!(json(&folder, &["migrate", "--json"])["steps"].as_array().unwrap().is_empty());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("secret.key"))), (0o700, 0o600));
}

#[test]
fn the_doctor_finds_nothing_wrong_where_nothing_is_and_says_what_is_wrong_otherwise() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    json(&folder, &["migrate", "--json"]);
    let found = json(&folder, &["doctor", "--listen", "127.0.0.1:0", "--json"]);
    assert_eq!(found["healthy"], true, "{found}");
    std::fs::write(folder.join("secret.key"), "rubbish").unwrap();
    let (success, out, error) = run(&folder, &["doctor", "--listen", "127.0.0.1:0"]);
    assert!(!success && out.contains("64 hex digits") && error.contains("1 of"), "{out} {error}");
}

#[test]
fn a_geoip_file_is_told_by_the_doctor_and_a_missing_one_ends_the_start_with_a_sentence() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let file = parent.path().join("countries.mmdb");
    let named = ["--geoip-file", file.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let (success, _, error) = run(&folder, &both(&["serve"], &named));
    assert!(!success && error.contains("countries.mmdb cannot be read: No such file or directory"), "{error}");
    let (success, out, _) = run(&folder, &both(&["doctor"], &named));
    assert!(!success && out.contains("countries.mmdb cannot be read"), "{out}");
    Mmdb::new("GeoLite2-Country").write(&file);
    let found = json(&folder, &both(&["doctor", "--json"], &named));
    let geoip = found["checks"].as_array().unwrap().iter().find(|check| check["name"] == "GeoIP file").unwrap();
    assert_eq!((&geoip["status"], &geoip["detail"]), (&"ok".into(), &"GeoLite2-Country, built on 2026-11-01".into()));
}

/// A proxy that answers one request with this.
fn proxy_that_says(answer: &'static str) -> std::net::SocketAddr {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        assert_eq!(head.count(), 3, "the request line, Host, Proxy-Authorization");
        stream.write_all(answer.as_bytes()).unwrap();
    });
    address
}

#[test]
fn the_proxy_of_webhooks_is_told_by_the_doctor_without_its_password() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, status, detail) in [
        (proxy_that_says("HTTP/1.1 200 OK\r\n\r\n"), "ok", " opens connections"),
        (proxy_that_says("HTTP/1.1 503 \r\n\r\n"), "ok", " answers (with 503 when asked for 192.0.2.1:443, where nobody is)"),
        (
            proxy_that_says("HTTP/1.1 403 \r\n\r\n"),
            "warning",
            ", asked for 192.0.2.1:443: the server's proxy answered 403 Forbidden: its rules do not let webhooks go to this address; its rules \
             must let addresses through",
        ),
        (
            proxy_that_says("HTTP/1.1 407 \r\n\r\n"),
            "bad",
            ": the server's proxy answered 407 Proxy Authentication Required: an operator names the user and the password in --webhook-proxy",
        ),
        (nobody, "bad", ": the server's proxy cannot be reached: Connection refused (os error 111)"),
    ] {
        let proxy = format!("http://ann:sesame@{address}");
        let (_, out, error) = run(&folder, &["doctor", "--listen", "127.0.0.1:0", "--webhook-proxy", &proxy]);
        assert!(!out.contains("sesame") && !error.contains("sesame"), "{out} {error}");
        let line = out.lines().find(|line| line.contains(" proxy ")).unwrap_or_else(|| panic!("{out}"));
        assert_eq!(line, format!("{status:<8} {:<12} {address}{detail}", "proxy"));
    }
}

#[test]
fn a_backup_is_put_back() {
    let parent = tempfile::tempdir().unwrap();
    let (first, second, kept) = (parent.path().join("first"), parent.path().join("second"), parent.path().join("backup"));
    let owner = ["--owner-email", "ada@example.com", "--owner-password", "correct horse", "--json"];
    json(&first, &both(&["workspace", "create", "--name", "Acme"], &owner));
    let kept = kept.display().to_string();
    json(&first, &["backup", "--into", &kept, "--json"]);
    json(&second, &["restore", "--from", &kept, "--json"]);
    assert_eq!(json(&second, &["workspace", "list", "--json"])["data"][0]["name"], "Acme");
    let (success, _, error) = run(&second, &["restore", "--from", &kept]);
    assert!(!success && error.contains("not empty"), "{error}");
}

#[test]
fn the_description_is_printed_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(json(folder.path(), &["openapi"])["openapi"], "3.1.0");
}
