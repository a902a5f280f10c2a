//! Countries of addresses: what a file tells, what a bad one does, and where the country of a contact comes from.

use std::{fs, path::Path};

use serde_json::{Value, json};
use switchboard::geoip::Countries;

use crate::support::{
    mmdb::{Mmdb, put},
    server::{TestServer, Workspace},
    widget::mac,
};

const BRITISH: &str = "81.2.69.160";
const SWEDISH: &str = "89.160.20.112";
const UNKNOWN: &str = "8.8.8.8";

fn countries() -> Mmdb {
    Mmdb::new("GeoLite2-Country").country("81.2.69.0/24", "GB").country("89.160.20.0/24", "SE").country("2a02:cf40::/29", "no")
}

fn find(countries: &Countries, address: &str) -> Option<String> {
    countries.find(address.parse().unwrap())
}

fn refused(path: &Path) -> String {
    Countries::open(path).err().expect("a refusal").to_string()
}

#[test]
fn an_address_of_either_version_is_found_in_a_file_for_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    countries().write(&path);
    let countries = Countries::open(&path).unwrap();
    let found = [BRITISH, "::ffff:81.2.69.160", SWEDISH, "2a02:cf47:1::1", UNKNOWN, "2a03::1"].map(|address| find(&countries, address));
    assert_eq!(found, [Some("GB"), Some("GB"), Some("SE"), Some("NO"), None, None].map(|code| code.map(str::to_owned)));
    let (kind, built_at) = countries.edition().unwrap();
    assert_eq!((kind.as_str(), built_at.to_string().as_str()), ("GeoLite2-Country", "2026-11-01T00:00:00.000000Z"));

    Mmdb::of_ipv4("DBIP-Country-Lite").country("81.2.69.0/24", "GB").write(&path);
    let narrow = Countries::open(&path).unwrap();
    assert_eq!((find(&narrow, BRITISH).as_deref(), find(&narrow, "2a02:cf47:1::1")), (Some("GB"), None));
}

#[test]
fn addresses_that_are_nowhere_and_codes_that_name_nothing_have_no_country() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    Mmdb::new("GeoIP2-City")
        .country("0.0.0.0/1", "GB")
        .country("192.0.0.0/8", "GB")
        .country("fd00::/8", "GB")
        .country("193.0.0.0/8", "ZZ")
        .country("194.0.0.0/8", "GBR")
        .country("195.0.0.0/8", "1A")
        .record("196.0.0.0/8", b"\xe0")
        .record("197.0.0.0/8", b"\xe1")
        .write(&path);
    let countries = Countries::open(&path).unwrap();
    assert_eq!(find(&countries, BRITISH).as_deref(), Some("GB"));
    for nowhere in ["10.1.2.3", "127.0.0.1", "100.64.0.1", "192.168.1.1", "::ffff:192.168.1.1", "fd00::1", "::1"] {
        assert_eq!(find(&countries, nowhere), None, "{nowhere}");
    }
    // Unknown, too long, no letters, without a country, cut off.
    for nothing in ["193.1.1.1", "194.1.1.1", "195.1.1.1", "196.1.1.1", "197.1.1.1"] {
        assert_eq!(find(&countries, nothing), None, "{nothing}");
    }
    assert_eq!(find(&Countries::default(), BRITISH), None);
}

#[test]
fn a_file_that_cannot_be_used_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    assert!(refused(&path).ends_with("countries.mmdb cannot be read: No such file or directory (os error 2)"), "{}", refused(&path));
    assert!(refused(folder.path()).ends_with("is no regular file"), "{}", refused(folder.path()));
    let whole = countries().bytes();
    for broken in [&b""[..], b"no such thing", &whole[..whole.len() / 2], &whole[..whole.len() - 20], &whole[whole.len() - 180..]] {
        put(&path, broken);
        assert!(refused(&path).contains("countries.mmdb is no whole MMDB file: "), "{}", refused(&path));
    }
    Mmdb::new("GeoLite2-ASN").write(&path);
    assert!(refused(&path).ends_with("is of type GeoLite2-ASN, which tells no countries: a country or city file is needed"));
}

#[test]
fn a_changed_file_is_taken_and_a_bad_one_leaves_the_old_one_in_use_and_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    countries().write(&path);
    let countries = Countries::open(&path).unwrap();
    assert!(!countries.refresh().unwrap());
    Mmdb::new("GeoLite2-Country").country("81.2.69.0/24", "IE").write(&path);
    assert!(countries.refresh().unwrap());
    assert_eq!(find(&countries, BRITISH).as_deref(), Some("IE"));

    put(&path, b"half a file");
    assert!(countries.refresh().is_err());
    assert!(!countries.refresh().unwrap(), "the same bad file is told of once");
    fs::remove_file(&path).unwrap();
    assert!(countries.refresh().is_err());
    assert!(!countries.refresh().unwrap(), "that it is gone is told of once");
    assert_eq!(find(&countries, BRITISH).as_deref(), Some("IE"));

    Mmdb::new("GeoLite2-Country").country("81.2.69.0/24", "FR").write(&path);
    assert!(countries.refresh().unwrap());
    assert_eq!(find(&countries, BRITISH).as_deref(), Some("FR"));
    assert!(!Countries::default().refresh().unwrap());
}

/// A server that believes a proxy on this machine, so that a test can come from anywhere.
struct Scene {
    server: TestServer,
    home: Workspace,
    api_key: String,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("countries.mmdb");
        countries().write(&path);
        Self::start_with(&["--geoip-file", path.to_str().unwrap(), "--trusted-proxy", "127.0.0.1"], folder).await
    }

    async fn start_with(arguments: &[&str], folder: tempfile::TempDir) -> Self {
        let server = TestServer::start_with(arguments).await;
        let home = server.workspace("Northwind").await;
        let channels = server.get_as(&home.token, "/api/v1/channels").await.json();
        let api_key = channels["data"][0]["settings"]["api_key"].as_str().unwrap().to_owned();
        Self { server, home, api_key, _folder: folder }
    }

    async fn send(&self, from: &str, path: &str, body: &Value) -> Value {
        let reply = self.server.post(path).header("X-Forwarded-For", from).json(body).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    async fn form(&self, from: &str, email: &str, message: &str) {
        let form = json!({"apiKey": self.api_key, "name": "Jane", "email": email, "message": message});
        self.send(from, "/api/widget/contact", &form).await;
    }

    async fn init(&self, from: &str, more: Value) -> Value {
        let mut body = json!({"apiKey": self.api_key});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.send(from, "/api/widget/init", &body).await
    }

    async fn say(&self, from: &str, session: &Value, text: &str) {
        self.send(from, "/api/widget/message", &json!({"sessionToken": session["sessionToken"], "message": text})).await;
    }

    /// Each contact's country and version, the newest contact first.
    async fn contacts(&self) -> Value {
        let page = self.server.get_as(&self.home.token, "/api/v1/contacts").await.json();
        page["data"].as_array().unwrap().iter().map(|contact| json!([contact["country"], contact["version"]])).collect()
    }
}

#[actix_web::test]
async fn the_contact_form_gives_a_new_contact_its_country_and_later_addresses_leave_it() {
    let scene = Scene::start().await;
    scene.form(BRITISH, "jane@example.com", "Hello").await;
    assert_eq!(scene.contacts().await, json!([["GB", 1]]));
    scene.form(SWEDISH, "jane@example.com", "Hello from my holidays").await;
    assert_eq!(scene.contacts().await, json!([["GB", 1]]));
    // The country was empty: made from nowhere, or by a colleague.
    scene.form("10.1.2.3", "max@example.com", "Hello").await;
    assert_eq!(scene.contacts().await, json!([[null, 1], ["GB", 1]]));
    scene.form(SWEDISH, "max@example.com", "Hello again").await;
    assert_eq!(scene.contacts().await, json!([["SE", 2], ["GB", 1]]));
    scene.server.stop().await;
}

#[actix_web::test]
async fn a_first_message_gives_a_new_contact_its_country() {
    let scene = Scene::start().await;
    let session = scene.init(SWEDISH, json!({"metadata": {"page_url": "https://northwind.example/"}})).await;
    assert_eq!(scene.contacts().await, json!([]));
    scene.say(BRITISH, &session, "Hello").await;
    scene.say(SWEDISH, &session, "Is anybody there?").await;
    scene.init(SWEDISH, json!({"visitorId": session["visitorId"]})).await;
    assert_eq!(scene.contacts().await, json!([["GB", 1]]));

    let session = scene.init(UNKNOWN, json!({})).await;
    scene.say(UNKNOWN, &session, "Hello").await;
    assert_eq!(scene.contacts().await, json!([[null, 1], ["GB", 1]]));
    scene.init(SWEDISH, json!({"visitorId": session["visitorId"]})).await;
    assert_eq!(scene.contacts().await, json!([["SE", 2], ["GB", 1]]));
    scene.server.stop().await;
}

#[actix_web::test]
async fn answers_before_the_chat_and_proofs_give_a_new_contact_its_country() {
    let scene = Scene::start().await;
    scene.init(BRITISH, json!({"identity": {"name": "Jane", "email": "jane@example.com"}})).await;
    assert_eq!(scene.contacts().await, json!([["GB", 1]]));

    let channels = scene.server.get_as(&scene.home.token, "/api/v1/channels").await.json();
    let path = format!("/api/v1/channels/{}/identity-secret", channels["data"][0]["id"].as_str().unwrap());
    let secret = scene.server.post(&path).bearer(&scene.home.token).json(&json!({})).send().await.json();
    let proof = hex::encode(mac(secret["secret"].as_str().unwrap(), "user-81"));
    let identity = json!({"identity": {"identifier": "user-81", "identifier_hash": proof}});
    scene.init(SWEDISH, identity.clone()).await;
    assert_eq!(scene.contacts().await[0], json!(["SE", 1]));
    // At another browser, elsewhere.
    scene.init(BRITISH, identity).await;
    assert_eq!(scene.contacts().await[0][0], json!("SE"));
    scene.server.stop().await;
}

#[actix_web::test]
async fn a_stranger_does_not_choose_its_address_and_without_a_file_nobody_has_a_country() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("countries.mmdb");
    countries().write(&path);
    let file = path.to_str().unwrap().to_owned();
    let scene = Scene::start_with(&["--geoip-file", &file], folder).await;
    scene.form(BRITISH, "jane@example.com", "Hello").await;
    assert_eq!(scene.contacts().await, json!([[null, 1]]));
    scene.server.stop().await;

    let scene = Scene::start_with(&["--trusted-proxy", "127.0.0.1"], tempfile::tempdir().unwrap()).await;
    scene.form(BRITISH, "jane@example.com", "Hello").await;
    assert_eq!(scene.contacts().await, json!([[null, 1]]));
    scene.server.stop().await;
}
