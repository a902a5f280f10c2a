//! What is set up at Dialpad, call by call (part 2).

use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Adapter,
    call::{Body, ProviderCall, ProviderReply},
    dialpad::Dialpad,
    oauth::Failed,
};

use super::{SECRET, answered, credential, credential_with};

const OURS: &str = "+15005550006";
const HOOK: &str = "https://desk.example.org/api/webhooks/dialpad/0198a1fd-fc00-7000-8000-000000000001";
const OFFICE: &str = "5520000000000001";

/// A Dialpad of a few lists: what is asked for is done, and noted.
#[derive(Default)]
struct Office {
    webhooks: Vec<Value>,
    subscriptions: Vec<(String, Value)>,
    next_id: u64,
    /// `POST /webhooks` answers 409 where the address is there already, whatever its secret.
    one_webhook_an_address: bool,
    /// Answers `GET /numbers` so.
    numbers: Option<(u16, Value)>,
    changes: Vec<String>,
}

impl Office {
    fn webhook(&mut self, url: &str, secret: &str) -> String {
        self.next_id += 1;
        let id = self.next_id.to_string();
        self.webhooks.push(json!({"id": id, "hook_url": url, "signature": {"algo": "HS256", "secret": secret, "type": "jwt"}}));
        id
    }

    fn answer(&mut self, call: &ProviderCall) -> (u16, Value) {
        assert_eq!(call.headers, [("authorization", "Bearer key-EXAMPLE".to_owned())]);
        let path = call.path.strip_prefix("/api/v2/").unwrap();
        let body = if let Body::Json(body) = &call.body { body.clone() } else { Value::Null };
        if call.method != "GET" {
            self.changes.push(format!("{} {path}", call.method));
        }
        let parts: Vec<&str> = path.split('/').collect();
        match (call.method, parts.as_slice()) {
            ("GET", ["webhooks"]) => (200, json!({"items": self.webhooks})),
            ("GET", ["subscriptions", kind]) => {
                let items: Vec<&Value> = self.subscriptions.iter().filter(|(known, _)| known == kind).map(|(_, fields)| fields).collect();
                (200, json!({"items": items}))
            }
            ("GET", ["numbers"]) => self.numbers.clone().unwrap_or_else(|| {
                let other = json!({"number": "+15005550007", "target_type": "user", "target_id": "1"});
                (200, json!({"items": [other, {"number": OURS, "target_type": "office", "target_id": OFFICE}]}))
            }),
            ("GET", ["users", "me"]) => (200, json!({"id": "5990000000000001", "phone_numbers": [OURS]})),
            ("POST", ["webhooks"]) => {
                if self.one_webhook_an_address && self.webhooks.iter().any(|known| known["hook_url"] == body["hook_url"]) {
                    return (409, json!({"error": {"code": 409, "message": "exists"}}));
                }
                let id = self.webhook(body["hook_url"].as_str().unwrap(), body["secret"].as_str().unwrap());
                (200, json!({"id": id}))
            }
            ("PATCH", ["webhooks", id]) => {
                let webhook = self.webhooks.iter_mut().find(|known| known["id"] == *id).unwrap();
                webhook["signature"]["secret"] = body["secret"].clone();
                (200, webhook.clone())
            }
            ("POST", ["subscriptions", kind]) => {
                self.next_id += 1;
                let mut fields = body;
                fields["id"] = self.next_id.to_string().into();
                self.subscriptions.push(((*kind).to_owned(), fields.clone()));
                (200, fields)
            }
            ("PATCH", ["subscriptions", _, id]) => {
                let (_, fields) = self.subscriptions.iter_mut().find(|(_, known)| known["id"] == *id).unwrap();
                fields.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
                (200, fields.clone())
            }
            ("DELETE", ["subscriptions", _, id]) => {
                self.subscriptions.retain(|(_, known)| known["id"] != *id);
                (200, json!({}))
            }
            ("DELETE", ["webhooks", id]) => {
                self.webhooks.retain(|known| known["id"] != *id);
                (200, json!({}))
            }
            other => panic!("{other:?}"),
        }
    }

    /// Sets up, and answers with what was changed.
    fn set_up_with(&mut self, more: &[(&str, &str)], accounts: &[&str]) -> Result<Vec<String>, Failed> {
        let credential = if more.is_empty() { credential() } else { credential_with(more) };
        let accounts: Vec<String> = accounts.iter().map(|account| (*account).to_owned()).collect();
        let mut errand = Dialpad.setup().unwrap().begin(&credential, HOOK, &accounts);
        let mut reply: Option<ProviderReply> = None;
        for _turn in 0..50 {
            let Some(call) = errand.turn(reply.as_ref())? else { return Ok(std::mem::take(&mut self.changes)) };
            assert!(!call.sends && call.base == "https://dialpad.com");
            let (status, body) = self.answer(&call);
            reply = Some(answered(status, &[], &body.to_string()));
        }
        panic!("it has no end: {:?}", self.changes);
    }

    fn set_up(&mut self, accounts: &[&str]) -> Vec<String> {
        self.set_up_with(&[], accounts).unwrap()
    }
}

// 32
#[test]
fn a_first_run_creates_one_webhook_and_two_subscriptions_and_a_second_nothing() {
    let mut office = Office::default();
    assert_eq!(office.set_up(&[OURS]), ["POST webhooks", "POST subscriptions/sms", "POST subscriptions/call"]);
    assert_eq!(office.webhooks[0]["hook_url"], HOOK);
    assert_eq!(office.webhooks[0]["signature"]["secret"], SECRET);
    let (sms, call) = (&office.subscriptions[0].1, &office.subscriptions[1].1);
    assert_eq!(
        json!([sms["direction"], sms["status"], sms["include_internal"], sms["target_type"], sms["target_id"], sms["endpoint_id"]]),
        json!(["all", true, false, "office", OFFICE, office.webhooks[0]["id"]])
    );
    assert_eq!((&call["group_calls_only"], &call["target_id"]), (&json!(false), &json!(OFFICE)));
    assert!(call["call_states"].as_array().unwrap().contains(&json!("voicemail_uploaded")));
    assert_eq!(office.set_up(&[OURS]), Vec::<String>::new());
    // As some answers have it: numbers for ids, the webhook in its id's place, and not every field.
    let webhook = office.webhooks[0].clone();
    for (_, fields) in &mut office.subscriptions {
        let id: u64 = fields["id"].as_str().unwrap().parse().unwrap();
        let office: u64 = OFFICE.parse().unwrap();
        *fields = json!({"id": id, "webhook": webhook, "target_type": "office", "target_id": office, "enabled": true});
    }
    assert_eq!(office.set_up(&[OURS]), Vec::<String>::new());
}

// 32
#[test]
fn what_is_ours_and_wrong_is_mended_and_what_is_not_ours_is_left_alone() {
    let mut office = Office::default();
    let theirs = office.webhook("https://crm.example.com/dialpad", "theirs");
    office.subscriptions.push((
        "sms".to_owned(),
        json!({"id": "77", "endpoint_id": theirs, "direction": "all", "target_type": "office", "target_id": OFFICE}),
    ));
    office.set_up(&[OURS]);
    office.subscriptions[1].1["status"] = json!(false);
    let doubled = office.subscriptions[2].1.clone();
    office.subscriptions.push(("call".to_owned(), doubled));
    office.subscriptions[3].1["id"] = json!("88");
    assert_eq!(
        office.set_up(&[OURS]),
        [
            format!("PATCH subscriptions/sms/{}", office.subscriptions[1].1["id"].as_str().unwrap()),
            "DELETE subscriptions/call/88".to_owned()
        ]
    );
    assert_eq!(office.subscriptions[1].1["status"], true);
    // The server got another name: the same webhook, by its credential's path.
    office.webhooks[1]["hook_url"] = json!(HOOK.replace("desk.", "old."));
    let moved = office.set_up(&[OURS]);
    assert_eq!(moved.iter().filter(|change| change.starts_with("POST")).count(), 1, "{moved:?}");
    assert_eq!(moved.last().unwrap(), "DELETE webhooks/2");
    let removed = office.set_up(&[]);
    assert_eq!(removed.len(), 3, "{removed:?}");
    assert!(removed[2].starts_with("DELETE webhooks/"), "subscriptions before what they lead to: {removed:?}");
    assert_eq!((office.webhooks.len(), office.subscriptions.len()), (1, 1), "theirs are still there");
    assert_eq!(office.set_up(&[]), Vec::<String>::new());
}

// 32
#[test]
fn a_new_secret_gets_a_second_webhook_before_the_first_one_goes() {
    let mut office = Office::default();
    office.set_up(&[OURS]);
    let renewed = [("webhook_secret", SECRET), ("webhook_secret", "older")];
    assert_eq!(office.set_up_with(&renewed, &[OURS]).unwrap(), Vec::<String>::new(), "the newest is what it is signed with");
    let credential = credential().with_newer("webhook_secret", "the-next");
    let mut errand = Dialpad.setup().unwrap().begin(&credential, HOOK, &[OURS.to_owned()]);
    let mut reply = None;
    while let Some(call) = errand.turn(reply.as_ref()).unwrap() {
        let (status, body) = office.answer(&call);
        reply = Some(answered(status, &[], &body.to_string()));
    }
    assert_eq!(office.changes, ["POST webhooks", "PATCH subscriptions/sms/2", "PATCH subscriptions/call/3", "DELETE webhooks/1"]);
    assert_eq!(office.webhooks[0]["signature"]["secret"], "the-next");
    assert!(office.subscriptions.iter().all(|(_, fields)| fields["endpoint_id"] == office.webhooks[0]["id"]));
}

// 32
#[test]
fn where_dialpad_allows_one_webhook_an_address_its_secret_is_changed_in_place() {
    let mut office = Office { one_webhook_an_address: true, ..Office::default() };
    office.webhook(HOOK, "the-one-before");
    let done = office.set_up(&[OURS]);
    assert_eq!(done, ["POST webhooks", "PATCH webhooks/1", "POST subscriptions/sms", "POST subscriptions/call"]);
    assert_eq!((office.webhooks.len(), &office.webhooks[0]["signature"]["secret"]), (1, &json!(SECRET)));
}

// 32
#[test]
fn what_somebody_else_makes_or_removes_at_the_same_time_is_as_good() {
    let mut errand = Dialpad.setup().unwrap().begin(&credential(), HOOK, &[OURS.to_owned()]);
    let mut turn = |status: u16, body: Value| errand.turn(Some(&answered(status, &[], &body.to_string()))).unwrap();
    let hook = json!({"id": "1", "hook_url": HOOK, "signature": {"secret": SECRET}});
    let said = |call: Option<ProviderCall>| call.map(|call| format!("{} {}", call.method, call.path.replace("/api/v2/", "")));
    assert_eq!(said(turn(200, json!({"items": []}))).as_deref(), Some("GET numbers"));
    assert_eq!(said(turn(403, json!({"error": {"message": "no"}}))).as_deref(), Some("GET users/me"));
    assert_eq!(said(turn(200, json!({"id": 5, "phone_numbers": [OURS]}))).as_deref(), Some("POST webhooks"));
    assert_eq!(said(turn(409, json!({}))).as_deref(), Some("GET webhooks"), "what is there now decides");
    assert_eq!(said(turn(200, json!({"items": [hook], "cursor": "c1"}))).as_deref(), Some("GET webhooks?cursor=c1"));
    assert_eq!(
        said(turn(200, json!({"items": [{"id": "9", "hook_url": HOOK, "signature": {"secret": "old"}}]}))).as_deref(),
        Some("GET subscriptions/sms")
    );
    assert_eq!(said(turn(200, json!({"items": []}))).as_deref(), Some("GET subscriptions/call"));
    assert_eq!(said(turn(200, json!({"items": []}))), Some("POST subscriptions/sms".to_owned()));
    let call = turn(409, json!({}));
    assert_eq!(said(call).as_deref(), Some("POST subscriptions/call"), "it is there: as good as made");
    assert_eq!(said(turn(200, json!({"id": "3"}))).as_deref(), Some("DELETE webhooks/9"));
    assert_eq!(said(turn(404, json!({}))), None, "it is gone: as good as removed");
}

// 32
#[test]
fn whose_events_are_told_follows_from_whose_the_number_is() {
    let target = |office: &Office| json!([office.subscriptions[0].1["target_type"], office.subscriptions[0].1["target_id"]]);
    let mut queue = Office {
        numbers: Some((200, json!({"items": [{"number": OURS, "target_type": "call_center", "target_id": 4_690_000_000_000_001_u64}]}))),
        ..Office::default()
    };
    queue.set_up(&[OURS]);
    assert_eq!(target(&queue), json!(["callcenter", "4690000000000001"]), "as the API spells it");
    let mut person = Office { numbers: Some((403, json!({}))), ..Office::default() };
    person.set_up(&[OURS]);
    assert_eq!(target(&person), json!(["user", "5990000000000001"]));
    for (numbers, more) in [
        ((200, json!({"items": []})), [("key_level", "company")]),
        ((200, json!({"items": [{"number": OURS, "target_type": "odd", "target_id": 1}]})), [("key_level", "company")]),
    ] {
        let mut company = Office { numbers: Some(numbers), ..Office::default() };
        company.set_up_with(&more, &[OURS]).unwrap();
        assert_eq!(target(&company), json!([null, null]), "the whole company's");
    }
    let mut both = Office::default();
    both.set_up(&[OURS, "+15005550007"]);
    assert_eq!(both.subscriptions.len(), 4, "each number's own");
}

// 32
#[test]
fn what_dialpad_refuses_comes_back_in_its_words() {
    let mut errand = Dialpad.setup().unwrap().begin(&credential(), HOOK, &[OURS.to_owned()]);
    errand.turn(None).unwrap();
    let failed = errand.turn(Some(&answered(403, &[], r#"{"error": {"message": "Missing scope."}}"#))).unwrap_err();
    assert_eq!((failed.error.title.as_str(), failed.passing), ("Missing scope.", false));
    let mut errand = Dialpad.setup().unwrap().begin(&credential(), HOOK, &[OURS.to_owned()]);
    errand.turn(None).unwrap();
    assert!(errand.turn(Some(&answered(503, &[], "{}"))).unwrap_err().passing);
}
