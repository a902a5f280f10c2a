//! Consent at the four providers that have it: addresses, calls, and what is read from answers. Checklist numbers are the specifications'.

use entities::{ChannelKind, Provider, Timestamp};
use serde_json::{Value, json};
use switchboard::channels::{
    adapter::Account,
    call::{Body, ProviderCall, ProviderReply},
    credential::Credential,
    oauth::{ClientApp, Consent, Dialogue, Failed, Grant, Trip, Turn},
    registry,
};

const BACK: &str = "https://chat.example.org/api/x/callback";
const NOW_SECONDS: i64 = 1_760_000_000;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW_SECONDS * 1_000_000)
}

fn app(config: Option<&str>) -> ClientApp {
    ClientApp::new("1234567890", "hush-app-secret", config, "hush-verifying")
}

/// The secret of the example in RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn trip() -> Trip {
    Trip::new(BACK, VERIFIER)
}

fn consent(provider: Provider) -> &'static dyn Consent {
    registry::consent(provider).unwrap()
}

fn answered(status: u16, body: &Value) -> ProviderReply {
    ProviderReply::Answered { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn value(path: &str, name: &str) -> Option<String> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    pairs(query).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// Plays a dialogue: each answer in turn; the calls that were made, and the end.
fn play(mut dialogue: Box<dyn Dialogue>, answers: &[ProviderReply]) -> (Vec<ProviderCall>, Result<Vec<Grant>, Failed>) {
    let mut calls = Vec::new();
    let mut reply = None;
    let mut answers = answers.iter();
    loop {
        match dialogue.turn(reply) {
            Ok(Turn::Ask(call)) => calls.push(call),
            Ok(Turn::Done(grants)) => return (calls, Ok(grants)),
            Err(failed) => return (calls, Err(failed)),
        }
        reply = Some(answers.next().unwrap_or_else(|| panic!("no answer to {:?}", calls.last())));
    }
}

fn redeemed(provider: Provider, answers: &[ProviderReply]) -> (Vec<ProviderCall>, Result<Vec<Grant>, Failed>) {
    play(consent(provider).redeem(&app(None), &trip(), "a-code", now()), answers)
}

fn secret<'a>(grant: &'a Grant, name: &str) -> Option<&'a str> {
    grant.secrets.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn slack_is_asked_for_all_scopes_with_our_address_and_state() {
    let page = consent(Provider::Slack).page(&app(None), &trip(), "st_1");
    assert_eq!(page.base, "https://slack.com");
    assert!(page.path.starts_with("/oauth/v2/authorize?client_id=1234567890&scope=chat%3Awrite%2C"), "{}", page.path);
    assert_eq!(value(&page.path, "redirect_uri").as_deref(), Some(BACK));
    assert_eq!(value(&page.path, "state").as_deref(), Some("st_1"));
    let scopes = value(&page.path, "scope").unwrap();
    for scope in "chat:write, im:history, im:read, im:write, channels:history, channels:read, groups:history, groups:read, mpim:history, \
                  app_mentions:read, files:read, files:write, reactions:read, reactions:write, users:read, users:read.email, team:read"
        .split(", ")
    {
        assert!(scopes.split(',').any(|given| given == scope), "{scope}");
    }
    assert!(!scopes.contains(' '));
}

#[test]
fn slacks_code_goes_out_once_and_the_apps_secret_by_basic_alone() {
    let answer: Value = serde_json::from_str(include_str!("fixtures/slack/oauth_access_answer.json")).unwrap();
    let (calls, granted) = redeemed(Provider::Slack, &[answered(200, &answer)]);
    let call = &calls[0];
    assert_eq!((calls.len(), call.method, call.path.as_str(), call.sends), (1, "POST", "/api/oauth.v2.access", true));
    assert_eq!(call.headers, [("authorization", "Basic MTIzNDU2Nzg5MDpodXNoLWFwcC1zZWNyZXQ=".to_owned())]);
    assert!(call.body == Body::Form(vec![("code".to_owned(), "a-code".to_owned()), ("redirect_uri".to_owned(), BACK.to_owned())]));
    let [grant] = granted.unwrap().try_into().unwrap();
    assert_eq!((grant.account.as_str(), grant.name.as_str()), ("T0EXAMPLE01", "Example"));
    assert_eq!(secret(&grant, "bot_token"), Some("xoxb-EXAMPLE"));
    assert_eq!(secret(&grant, "refresh_token"), Some("xoxe-1-EXAMPLE"));
    assert_eq!(secret(&grant, "app_id"), Some("A0EXAMPLE01"));
    assert_eq!(grant.expires_at, Some(now().plus_ms(43_200_000)));
    assert!(!format!("{grant:?} {call:?}").contains("xox"), "tokens are not shown");
}

// slack.md 22
#[test]
fn an_installation_for_a_whole_organisation_is_known_by_the_organisation() {
    let answer = json!({"ok": true, "access_token": "xoxb-1", "token_type": "bot", "app_id": "A1", "team": null,
        "enterprise": {"id": "E1", "name": "Northwind Group"}, "is_enterprise_install": true});
    let [grant] = redeemed(Provider::Slack, &[answered(200, &answer)]).1.unwrap().try_into().unwrap();
    assert_eq!((grant.account.as_str(), grant.name.as_str(), grant.expires_at), ("E1", "Northwind Group", None));
}

// slack.md 22
#[test]
fn slacks_refusals_say_what_to_do() {
    for (code, words, passing) in [
        ("invalid_code", "begin again", false),
        ("code_already_used", "begin again", false),
        ("bad_redirect_uri", "the operator adds ours", false),
        ("bad_client_secret", "client id or secret", false),
        ("ratelimited", "asks us to wait", true),
        ("internal_error", "failure of its own", true),
    ] {
        let failed = redeemed(Provider::Slack, &[answered(200, &json!({"ok": false, "error": code}))]).1.unwrap_err();
        assert!(failed.error.title.contains(words) && failed.error.code == code && failed.passing == passing, "{failed:?}");
    }
    for (answer, code) in [
        (json!({"ok": true, "team": {"id": "T1"}}), "odd_answer"),
        (json!({"ok": true, "access_token": "xoxb-1"}), "odd_answer"),
        (json!({"ok": true, "access_token": "xoxp-1", "token_type": "user", "team": {"id": "T1"}}), "odd_answer"),
        (json!(["garbage"]), "http_200"),
    ] {
        assert_eq!(redeemed(Provider::Slack, &[answered(200, &answer)]).1.unwrap_err().error.code, code, "{answer}");
    }
    let silent = ProviderReply::Silent { why: "no answer came within 15 s".to_owned() };
    let failed = redeemed(Provider::Slack, &[silent]).1.unwrap_err();
    assert!(failed.passing);
    assert_eq!(failed.error.to_string(), "Slack did not answer (unreachable): no answer came within 15 s");
}

// slack.md 23
#[test]
fn slack_renews_with_the_token_for_that_and_without_one_not_at_all() {
    let consent = consent(Provider::Slack);
    let without = Credential::new([("bot_token".to_owned(), "xoxb-1".to_owned())]);
    assert!(consent.renew(&app(None), &without, now()).is_none());
    let with = without.with_newer("refresh_token", "xoxe-1-EXAMPLE");
    let answer: Value = serde_json::from_str(include_str!("fixtures/slack/oauth_access_answer.json")).unwrap();
    let (calls, granted) = play(consent.renew(&app(None), &with, now()).unwrap(), &[answered(200, &answer)]);
    let given = [("grant_type", "refresh_token"), ("refresh_token", "xoxe-1-EXAMPLE")];
    assert!(calls[0].body == Body::Form(given.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()));
    assert_eq!(granted.unwrap()[0].account, "T0EXAMPLE01");
}

#[test]
fn metas_dialogues_are_asked_for_as_their_specifications_say() {
    let page = consent(Provider::Whatsapp).page(&app(Some("5000")), &trip(), "st_1");
    assert_eq!(page.base, "https://www.facebook.com");
    assert!(page.path.starts_with("/v25.0/dialog/oauth?client_id=1234567890&"), "{}", page.path);
    let asked = |name: &str| value(&page.path, name).unwrap_or_default();
    let given = ["config_id", "response_type", "state", "redirect_uri"].map(asked);
    assert_eq!(given, ["5000", "code", "st_1", BACK]);
    assert_eq!(asked("override_default_response_type"), "true");
    assert_eq!(serde_json::from_str::<Value>(&asked("extras")).unwrap()["sessionInfoVersion"], "3");
    let plain = consent(Provider::Messenger).page(&app(None), &trip(), "st_1");
    let scopes = value(&plain.path, "scope").unwrap();
    assert!(
        scopes.starts_with("pages_show_list,pages_messaging,") && scopes.ends_with(",instagram_basic,instagram_manage_messages"),
        "{scopes}"
    );
    let configured = consent(Provider::Messenger).page(&app(Some("6000")), &trip(), "st_1");
    assert_eq!((value(&configured.path, "config_id").as_deref(), value(&configured.path, "scope")), (Some("6000"), None));
}

fn inspected(app_id: &str, scopes: &[&str], granular: &Value) -> Value {
    json!({"data": {"app_id": app_id, "is_valid": true, "expires_at": 0, "data_access_expires_at": NOW_SECONDS + 7_776_000, "scopes": scopes, "granular_scopes": granular}})
}

const BOTH: [&str; 2] = ["whatsapp_business_management", "whatsapp_business_messaging"];

// whatsapp.md 30
#[test]
fn whatsapp_connects_the_accounts_that_meta_names_for_both_permissions() {
    let granular = json!([
        {"scope": "whatsapp_business_management", "target_ids": ["102000000000001", "102000000000002"]},
        {"scope": "whatsapp_business_messaging", "target_ids": ["102000000000001"]},
    ]);
    let token = json!({"access_token": "EAAG", "token_type": "bearer"});
    let (calls, granted) =
        redeemed(Provider::Whatsapp, &[answered(200, &token), answered(200, &inspected("1234567890", &BOTH, &granular))]);
    assert!(calls[0].path.starts_with("/v25.0/oauth/access_token?") && calls[0].sends, "{}", calls[0].path);
    let first = |name: &str| value(&calls[0].path, name).unwrap();
    assert_eq!(["code", "redirect_uri", "client_secret"].map(first), ["a-code", BACK, "hush-app-secret"]);
    assert_eq!(value(&calls[1].path, "access_token").as_deref(), Some("1234567890|hush-app-secret"));
    assert_eq!(value(&calls[1].path, "input_token").as_deref(), Some("EAAG"));
    let [grant] = granted.unwrap().try_into().unwrap();
    assert_eq!(
        (grant.account.as_str(), secret(&grant, "waba_id"), secret(&grant, "access_token")),
        ("102000000000001", Some("102000000000001"), Some("EAAG"))
    );
    assert_eq!(grant.expires_at, None);
}

// whatsapp.md 30
#[test]
fn whatsapp_believes_no_token_that_is_not_good_not_ours_or_not_enough() {
    let token = answered(200, &json!({"access_token": "EAAG", "expires_in": 5_184_000}));
    let named = json!([{"scope": "whatsapp_business_management", "target_ids": ["102000000000001"]}]);
    let not_valid = json!({"data": {"is_valid": false, "app_id": "1234567890"}});
    for (told, code) in [
        (inspected("666", &BOTH, &named), "other_app"),
        (not_valid, "token_invalid"),
        (inspected("1234567890", &["whatsapp_business_management"], &named), "missing_scope"),
        (inspected("1234567890", &BOTH, &json!([])), "no_account"),
        (json!("garbage"), "token_invalid"),
    ] {
        let failed = redeemed(Provider::Whatsapp, &[token.clone(), answered(200, &told)]).1.unwrap_err();
        assert_eq!((failed.error.code.as_str(), failed.passing), (code, false), "{told}");
    }
    let good = redeemed(Provider::Whatsapp, &[token, answered(200, &inspected("1234567890", &BOTH, &named))]).1.unwrap();
    assert_eq!(good[0].expires_at, Some(now().plus_ms(5_184_000_000)));
    let used = json!({"error": {"message": "This authorization code has been used.", "code": 100, "error_subcode": 36_009}});
    let failed = redeemed(Provider::Whatsapp, &[answered(400, &used)]).1.unwrap_err();
    assert_eq!(failed.error.title, "This authorization code has been used.");
    assert!(redeemed(Provider::Whatsapp, &[answered(503, &json!({}))]).1.unwrap_err().passing);
}

fn page(id: &str, tasks: &[&str]) -> Value {
    json!({"id": id, "name": format!("Page {id}"), "access_token": format!("EAAP{id}"), "tasks": tasks})
}

fn tokens() -> Vec<ProviderReply> {
    vec![
        answered(200, &json!({"access_token": "EAAshort", "token_type": "bearer", "expires_in": 5_400})),
        answered(200, &json!({"access_token": "EAAlong", "token_type": "bearer", "expires_in": 5_183_944})),
    ]
}

// messenger.md 28
#[test]
fn messenger_reads_all_lists_of_pages_and_takes_those_that_may_be_answered_for() {
    let mut answers = tokens();
    let first = json!({"data": [page("1", &["MESSAGING"]), page("2", &["ANALYZE"])], "paging": {"cursors": {"after": "c1"}, "next": "https://evil.example/x"}});
    answers.push(answered(200, &first));
    answers.push(answered(200, &json!({"data": [page("3", &["MANAGE", "MESSAGING"])], "paging": {"cursors": {"after": "c2"}}})));
    answers.push(answered(200, &inspected("1234567890", &["pages_messaging"], &json!([]))));
    let (calls, granted) = redeemed(Provider::Messenger, &answers);
    let purposes: Vec<&str> = calls.iter().map(|call| call.purpose).collect();
    assert_eq!(purposes, ["redeem", "extend", "accounts", "accounts", "inspect"]);
    assert!(calls.iter().all(|call| call.base == "https://graph.facebook.com" && call.path.starts_with("/v25.0/")));
    assert_eq!(value(&calls[1].path, "fb_exchange_token").as_deref(), Some("EAAshort"));
    assert_eq!((value(&calls[2].path, "after"), value(&calls[3].path, "after").as_deref()), (None, Some("c1")));
    assert_eq!(value(&calls[2].path, "fields").as_deref(), Some("id,name,access_token,tasks,instagram_business_account{id,username}"));
    assert!(!calls[2].path.contains(['{', '}']), "braces would be taken for a captured piece's name");
    assert_eq!(calls[2].headers, [("authorization", "Bearer EAAlong".to_owned())]);
    let granted = granted.unwrap();
    let found: Vec<(&str, Option<&str>)> =
        granted.iter().map(|grant| (grant.account.as_str(), secret(grant, "page_access_token"))).collect();
    assert_eq!(found, [("1", Some("EAAP1")), ("3", Some("EAAP3"))]);
    assert_eq!(granted[0].expires_at, Some(now().plus_ms(5_183_944_000)), "the earlier of two ends");
}

// messenger.md 28
#[test]
fn messenger_says_why_no_page_is_connected() {
    let with = |pages: Value| {
        let mut answers = tokens();
        answers.push(answered(200, &json!({"data": pages})));
        answers.push(answered(200, &inspected("1234567890", &["pages_messaging"], &json!([]))));
        redeemed(Provider::Messenger, &answers).1.unwrap_err().error.title
    };
    assert!(with(json!([])).contains("no page was chosen"));
    assert!(with(json!([page("2", &["ANALYZE"])])).contains("the task MESSAGING is missing"));
}

// messenger.md 28
#[test]
fn what_meta_hangs_onto_a_code_is_taken_off() {
    for tail in ["", "#_", "#_=_"] {
        let dialogue = consent(Provider::Messenger).redeem(&app(None), &trip(), &format!("a-code{tail}"), now());
        let (calls, _) = play(dialogue, &[answered(400, &json!({}))]);
        assert_eq!(value(&calls[0].path, "code").as_deref(), Some("a-code"), "{tail}");
    }
}

// messenger.md 28
#[test]
fn messenger_renews_a_page_by_the_persons_token_and_says_if_it_is_lost() {
    let consent = consent(Provider::Messenger);
    let mut credential = Credential::new([("user_access_token".to_owned(), "EAAlong".to_owned())]);
    assert!(consent.renew(&app(None), &credential, now()).is_none(), "whose page it is must be known");
    credential.account = Some("3".to_owned());
    let long = answered(200, &json!({"access_token": "EAAlonger", "expires_in": 5_183_944}));
    let inspection = answered(200, &inspected("1234567890", &["pages_messaging"], &json!([])));
    let pages = |pages: Value| answered(200, &json!({"data": pages}));
    let both = pages(json!([page("1", &["MESSAGING"]), page("3", &["MESSAGING"])]));
    let (calls, granted) = play(consent.renew(&app(None), &credential, now()).unwrap(), &[long.clone(), both, inspection.clone()]);
    assert_eq!(value(&calls[0].path, "fb_exchange_token").as_deref(), Some("EAAlong"));
    let [grant] = granted.unwrap().try_into().unwrap();
    assert_eq!((grant.account.as_str(), secret(&grant, "user_access_token")), ("3", Some("EAAlonger")));
    let lost =
        play(consent.renew(&app(None), &credential, now()).unwrap(), &[long, pages(json!([page("1", &["MESSAGING"])])), inspection]).1;
    assert!(lost.unwrap_err().error.title.contains("no longer among those"));
}

#[test]
fn a_page_and_its_instagram_account_become_channels_of_their_kinds_and_are_subscribed_to() {
    let consent = consent(Provider::Messenger);
    let account = |address: &str| Account { address: address.to_owned(), name: String::new() };
    assert_eq!(consent.kind("3", &account("3")), ChannelKind::Messenger);
    assert_eq!(consent.kind("3", &account("17841400000000001")), ChannelKind::Instagram);
    let credential = Credential::new([("page_access_token".to_owned(), "EAAP3".to_owned())]);
    let call = consent.subscribe(&credential, "3").unwrap();
    assert_eq!((call.method, call.path.split('?').next().unwrap()), ("POST", "/v25.0/3/subscribed_apps"));
    assert!(value(&call.path, "subscribed_fields").unwrap().starts_with("messages,messaging_postbacks,"));
    let whatsapp = registry::consent(Provider::Whatsapp).unwrap();
    let token = Credential::new([("access_token".to_owned(), "EAAG".to_owned())]);
    assert_eq!(whatsapp.subscribe(&token, "../1").unwrap().path, "/v25.0/..%2F1/subscribed_apps");
    let failed = whatsapp.judge_subscribed(&answered(200, &json!({"error": {"message": "(#200) no", "code": 200}}))).unwrap_err();
    assert_eq!(failed.error.title, "(#200) no");
    assert!(registry::consent(Provider::Sms).is_none());
}

// dialpad.md 31
#[test]
fn dialpad_is_shown_what_a_code_is_proved_by_and_gets_the_secret_with_the_code_alone() {
    let page = consent(Provider::Dialpad).page(&app(None), &trip(), "st_1");
    assert_eq!(page.base, "https://dialpad.com");
    assert!(page.path.starts_with("/oauth2/authorize?response_type=code&client_id=1234567890&"), "{}", page.path);
    let asked = |name: &str| value(&page.path, name).unwrap();
    let shown = ["redirect_uri", "state", "code_challenge_method", "code_challenge"].map(asked);
    assert_eq!(shown, [BACK, "st_1", "S256", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"], "RFC 7636, appendix B");
    assert_eq!(asked("scope"), "message_content_export recordings_export calls:list offline_access");
    assert!(!page.path.contains(VERIFIER) && !format!("{:?}", trip()).contains(VERIFIER));
    let token = json!({"access_token": "access-EXAMPLE", "token_type": "bearer", "expires_in": 7_200, "refresh_token": "refresh-EXAMPLE"});
    let person = json!({"id": "5990000000000001", "display_name": "Alex Agent", "phone_numbers": ["+15005550006"]});
    let (calls, granted) = redeemed(Provider::Dialpad, &[answered(200, &token), answered(200, &person)]);
    assert_eq!((calls[0].method, calls[0].path.as_str(), calls[0].sends), ("POST", "/oauth2/token", true));
    let given = [
        ("grant_type", "authorization_code"),
        ("code", "a-code"),
        ("code_verifier", VERIFIER),
        ("redirect_uri", BACK),
        ("client_id", "1234567890"),
        ("client_secret", "hush-app-secret"),
    ];
    assert!(calls[0].body == Body::Form(given.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()));
    assert_eq!((calls[1].path.as_str(), calls[1].headers[0].1.as_str()), ("/api/v2/users/me", "Bearer access-EXAMPLE"));
    let [grant] = granted.unwrap().try_into().unwrap();
    assert_eq!((grant.account.as_str(), grant.name.as_str()), ("5990000000000001", "Alex Agent"));
    assert_eq!((secret(&grant, "api_key"), secret(&grant, "refresh_token")), (Some("access-EXAMPLE"), Some("refresh-EXAMPLE")));
    assert_eq!(grant.expires_at, Some(now().plus_ms(7_200_000)));
    assert!(!format!("{grant:?} {calls:?}").contains("EXAMPLE"), "tokens are not shown");
}

// dialpad.md 31
#[test]
fn dialpads_static_token_has_no_end_and_is_not_renewed_and_a_pair_is_renewed_by_its_own_token() {
    let person = json!({"id": 5_990_000_000_000_001_u64, "first_name": "Alex"});
    let token = answered(200, &json!({"access_token": "access-EXAMPLE", "token_type": "bearer"}));
    let [grant] = redeemed(Provider::Dialpad, &[token, answered(200, &person)]).1.unwrap().try_into().unwrap();
    assert_eq!((grant.account.as_str(), grant.expires_at, secret(&grant, "refresh_token")), ("5990000000000001", None, None));
    let consent = consent(Provider::Dialpad);
    let mut credential = Credential::new([("api_key".to_owned(), "access-EXAMPLE".to_owned())]);
    credential.account = Some("5990000000000001".to_owned());
    assert!(consent.renew(&app(None), &credential, now()).is_none() && consent.revoke(&credential).is_none());
    let credential = credential.with_newer("refresh_token", "refresh-EXAMPLE");
    let next = json!({"access_token": "access-2", "token_type": "bearer", "expires_in": 600, "refresh_token": "refresh-2"});
    let (calls, granted) = play(consent.renew(&app(None), &credential, now()).unwrap(), &[answered(200, &next)]);
    assert!(calls.len() == 1 && calls[0].sends, "{calls:?}");
    let [grant] = granted.unwrap().try_into().unwrap();
    assert_eq!(
        (grant.account.as_str(), secret(&grant, "api_key"), secret(&grant, "refresh_token")),
        ("5990000000000001", Some("access-2"), Some("refresh-2"))
    );
    let revoked = consent.revoke(&credential).unwrap();
    assert_eq!((revoked.path.as_str(), revoked.headers[0].1.as_str()), ("/oauth2/deauthorize", "Bearer access-EXAMPLE"));
}

// dialpad.md 31
#[test]
fn dialpads_refusals_say_what_to_do() {
    for (status, answer, code, words, passing) in [
        (400, json!({"error": "invalid_grant"}), "invalid_grant", "connect Dialpad again", false),
        (401, json!({"error": "invalid_client"}), "invalid_client", "client id or secret", false),
        (400, json!({"error": "odd", "error_description": "Because."}), "odd", "Because.", false),
        (503, json!("garbage"), "503", "Dialpad failed to answer", true),
        (200, json!({"token_type": "bearer"}), "odd_answer", "no token", false),
    ] {
        let failed = redeemed(Provider::Dialpad, &[answered(status, &answer)]).1.unwrap_err();
        assert!(failed.error.title.contains(words) && failed.error.code == code && failed.passing == passing, "{failed:?}");
    }
    let token = answered(200, &json!({"access_token": "access-EXAMPLE"}));
    let nobody = redeemed(Provider::Dialpad, &[token, answered(200, &json!({}))]).1.unwrap_err();
    assert!(nobody.error.title.contains("names nobody"), "{nobody:?}");
}
