//! Connecting an account by consent: who may, what a way back is good for, and what is made of what the provider says.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use entities::{AgentId, LoginSessionId, Permission, Provider, Role, TenantId};
use serde_json::{Value, json};
use switchboard::{
    crypto::token,
    simulate::{
        self, Pace, Running, Simulated, SimulatorOptions,
        faults::{Injected, Switch, When},
    },
    store::settings::{
        self,
        install::{self, Bearer, NewInstall},
        session::NewSession,
    },
};

use crate::support::{
    api::Api,
    browser::{Visit, app_options, decide, visit},
};

/// A simulator, a server whose operator has an app there, and an owner who is signed in.
pub struct Scene {
    pub provider: Simulated,
    pub running: Running,
    pub api: Api,
    pub owner: String,
    pub owner_id: AgentId,
}

impl Scene {
    pub async fn open(provider: Simulated, values: &[(&str, &str)]) -> Self {
        Self::around(provider, values, async |options| Api::start_with(options).await).await
    }

    pub async fn open_on_postgres(provider: Simulated, values: &[(&str, &str)]) -> Self {
        Self::around(provider, values, async |options| Api::start_on_postgres_with(options).await).await
    }

    async fn around(provider: Simulated, values: &[(&str, &str)], start: impl AsyncFnOnce(&[&str]) -> Api) -> Self {
        let running = simulator(provider, values);
        let base = format!("{}={}", provider.name(), running.url);
        let options: Vec<&str> = ["--provider-base-url", base.as_str()].into_iter().chain(app_options(provider)).collect();
        let api = start(&options).await;
        let (owner_id, owner) = api.agent(Role::Owner, "Olga").await;
        Self { provider, running, api, owner, owner_id }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.api.server.address)
    }

    pub async fn decide(&self, decision: &str) -> String {
        decide(&self.url(), self.provider, &self.owner, decision).await
    }

    /// The whole way; what came of it.
    pub async fn connect(&self) -> Value {
        let back = self.decide("allow").await;
        let visit = visit(&back, Some(&self.owner)).await;
        self.install(&visit).await
    }

    pub async fn install(&self, visit: &Visit) -> Value {
        let found = self.api.get(&self.owner, &format!("/api/v1/installs/{}", visit.outcome())).await;
        assert_eq!(found.status, 200, "{found:?}");
        found.body
    }

    pub fn fail_next(&self, code: &str) {
        let failure = Injected { code: code.to_owned(), times: 1, when: When::Answer };
        self.running.simulator().change(|world| world.injected.push_back(failure));
    }

    pub fn switch(&self, switch: Switch, on: bool) {
        self.running.simulator().change(|world| if on { world.switches.insert(switch) } else { world.switches.remove(&switch) });
    }

    pub async fn credentials(&self) -> Vec<Value> {
        self.api.get(&self.owner, "/api/v1/credentials").await.body["data"].as_array().unwrap().clone()
    }

    /// The channels to providers.
    pub async fn channels(&self) -> Vec<Value> {
        let all = self.api.get(&self.owner, "/api/v1/channels").await.body["data"].as_array().unwrap().clone();
        all.into_iter().filter(|channel| channel["kind"] != "widget").collect()
    }

    async fn nothing_was_made(&self) {
        assert_eq!((self.credentials().await, self.channels().await), (Vec::new(), Vec::new()));
    }
}

fn simulator(provider: Simulated, values: &[(&str, &str)]) -> Running {
    let now = Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64);
    // Nobody listens there: what the simulator tells is heard by nobody, and wanted by nobody here.
    let mut options = SimulatorOptions::new(provider, "http://127.0.0.1:1", now);
    options.pace = Pace::AT_ONCE;
    options.credentials = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    simulate::start(options).unwrap()
}

/// One more sign-in of a member.
async fn sign_in(api: &Api, tenant_id: TenantId, agent_id: AgentId) -> String {
    use actors::port::Clock as _;
    let text = token::make(token::SESSION_PREFIX);
    let now = api.clock.now();
    let id = LoginSessionId::new(api.clock.new_id());
    let session =
        NewSession { id, agent_id, hash: token::hash(&text), user_agent: None, created_at: now, expires_at: now.plus_ms(3_600_000) };
    settings::session::create(api.db(), tenant_id, session).await.unwrap();
    text
}

#[actix_web::test]
async fn an_install_needs_the_operators_app_and_says_which_options_are_missing() {
    let api = Api::start_with(&["--slack-client-id", "1000.2000"]).await;
    let (_, owner) = api.agent(Role::Owner, "Olga").await;
    let refused = api.get(&owner, "/api/slack/install").await;
    assert_eq!(refused.refusal(), json!([409, "app_missing", []]));
    assert_eq!(refused.body["missing"], json!(["--slack-client-secret", "--slack-signing-secret"]));
    assert_eq!(
        refused.body["detail"],
        "the server was started without --slack-client-secret, --slack-signing-secret: the operator sets up an app at slack first"
    );
    let providers = api.get(&owner, "/api/v1/providers").await.body;
    let install = |name: &str| providers["data"].as_array().unwrap().iter().find(|one| one["provider"] == name).unwrap()["install"].clone();
    assert_eq!(
        install("slack"),
        json!({
            "path": "/api/slack/install", "redirect_uri": format!("http://{}/api/slack/callback", api.server.address),
            "missing": ["--slack-client-secret", "--slack-signing-secret"],
        })
    );
    assert_eq!(install("messenger")["missing"][0], "--messenger-app-id");
    assert_eq!(install("dialpad")["missing"], json!(["--dialpad-client-id", "--dialpad-client-secret"]));
    assert_eq!(install("sms"), Value::Null);
}

#[actix_web::test]
async fn only_members_who_may_write_channels_begin() {
    let scene = Scene::open(Simulated::Slack, &[]).await;
    let api = &scene.api;
    let (_, agent) = api.agent(Role::Agent, "Alex").await;
    let program = api.token(&[Permission::ChannelsWrite]).await;
    assert_eq!(api.get(&agent, "/api/slack/install").await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.get(&program, "/api/slack/install").await.refusal(), json!([403, "forbidden", []]));
    assert_eq!(api.call("GET", "/api/slack/install", &[], None).await.refusal(), json!([401, "unauthenticated", []]));
    assert_eq!(api.call("GET", "/api/slack/callback?state=x&code=y", &[], None).await.refusal(), json!([401, "unauthenticated", []]));
    assert_eq!(api.get(&scene.owner, "/api/sms/install").await.refusal(), json!([404, "not_found", []]));
    let began = api.get(&scene.owner, "/api/slack/install").await;
    assert_eq!((began.status, began.headers["cache-control"].as_str()), (302, "no-store"));
}

#[actix_web::test]
async fn a_way_back_is_good_once() {
    good_once(Scene::open(Simulated::Slack, &[]).await).await;
}

#[actix_web::test]
async fn a_way_back_is_good_once_on_postgres() {
    good_once(Scene::open_on_postgres(Simulated::Slack, &[]).await).await;
}

async fn good_once(scene: Scene) {
    let back = scene.decide("allow").await;
    let first = visit(&back, Some(&scene.owner)).await;
    let install = scene.install(&first).await;
    assert_eq!((&install["status"], &install["detail"]), (&json!("connected"), &json!("connected: Example")));
    assert_eq!(visit(&back, Some(&scene.owner)).await.outcome(), "stale");
    assert_eq!((scene.credentials().await.len(), scene.channels().await.len()), (1, 1));
    let credential = &scene.credentials().await[0];
    assert_eq!(
        json!([
            credential["status"],
            credential["account"],
            credential["name"],
            credential["expires_at"],
            credential["secrets"]["bot_token"]["set"]
        ]),
        json!(["working", "T0EXAMPLE01", "Example", null, true])
    );
}

#[actix_web::test]
async fn a_way_back_belongs_to_one_sign_in_one_workspace_and_one_provider() {
    let scene = Scene::open(Simulated::Slack, &[]).await;
    let back = scene.decide("allow").await;
    let elsewhere = scene.api.sign_in(scene.owner_id).await;
    let stranger = sign_in(&scene.api, scene.api.away.id, scene.api.away.owner).await;
    assert_eq!(visit(&back, Some(&elsewhere)).await.outcome(), "stale", "another sign-in of the same member");
    assert_eq!(visit(&back, Some(&stranger)).await.outcome(), "stale", "another workspace");
    let other_provider = back.replace("/api/slack/", "/api/messenger/");
    assert_eq!(visit(&other_provider, Some(&scene.owner)).await.outcome(), "stale", "another provider");
    scene.nothing_was_made().await;
    let came = visit(&back, Some(&scene.owner)).await;
    assert_eq!(scene.install(&came).await["status"], "connected", "none of them has used it up");
    let hidden = scene.api.get(&stranger, &format!("/api/v1/installs/{}", came.outcome())).await;
    assert_eq!(hidden.refusal(), json!([404, "not_found", []]));
}

#[actix_web::test]
async fn a_way_back_without_a_state_or_with_one_of_somebody_elses_making_does_nothing_and_shows_nothing() {
    let scene = Scene::open(Simulated::Slack, &[]).await;
    for query in ["", "code=x", "code=x&state=", "code=x&state=st_guessed", "error=access_denied&error_description=Call+0900", "state=%00"]
    {
        let came = visit(&format!("{}/api/slack/callback?{query}", scene.url()), Some(&scene.owner)).await;
        assert_eq!(came.outcome(), "stale", "{query}");
    }
    scene.nothing_was_made().await;
}

#[actix_web::test]
async fn a_state_is_good_for_ten_minutes() {
    use actors::port::Clock as _;
    let api = Api::start().await;
    let begun = api.clock.now();
    let session_id = LoginSessionId::new(api.clock.new_id());
    let begin = async |hash: [u8; 32]| {
        let new = NewInstall {
            id: entities::InstallId::new(api.clock.new_id()),
            provider: Provider::Slack,
            agent_id: api.home.owner,
            session_id,
            hash,
            created_at: begun,
            expires_at: begun.plus_ms(10 * 60 * 1_000),
        };
        install::begin(api.db(), api.home.id, &new).await.unwrap();
        new.id
    };
    let bearer = |ms: i64| Bearer { provider: Provider::Slack, session_id, now: begun.plus_ms(ms) };
    let (early, late) = ([1; 32], [2; 32]);
    let id = begin(early).await;
    begin(late).await;
    assert_eq!(install::take(api.db(), api.home.id, &late, bearer(600_000)).await.unwrap(), None);
    assert_eq!(install::take(api.db(), api.home.id, &early, bearer(599_999)).await.unwrap(), Some(id));
    assert_eq!(install::take(api.db(), api.home.id, &early, bearer(0)).await.unwrap(), None, "used up");
    assert_eq!(install::forget_before(api.db(), begun.plus_ms(600_001)).await.unwrap(), 2);
}

#[actix_web::test]
async fn who_does_not_agree_connects_nothing_and_reads_so() {
    for (provider, words) in [
        (Simulated::Slack, "it was not allowed at slack: nothing was connected"),
        (Simulated::Dialpad, "it was not allowed at dialpad: nothing was connected"),
        (Simulated::Messenger, "it was not allowed at messenger (Permissions error): nothing was connected"),
        (Simulated::Whatsapp, "it was not allowed at whatsapp (Permissions error): nothing was connected"),
    ] {
        let scene = Scene::open(provider, &[]).await;
        let back = scene.decide("deny").await;
        let install = scene.install(&visit(&back, Some(&scene.owner)).await).await;
        assert_eq!((&install["status"], &install["detail"]), (&json!("failed"), &json!(words)));
        scene.nothing_was_made().await;
    }
}

#[actix_web::test]
async fn what_the_provider_refuses_is_told_in_its_words() {
    let scene = Scene::open(Simulated::Slack, &[]).await;
    let back = scene.decide("deny").await.replace("access_denied", "invalid_scope&error_description=no+such+scope");
    let install = scene.install(&visit(&back, Some(&scene.owner)).await).await;
    assert_eq!(install["detail"], "slack refused: no such scope (invalid_scope)");
    for (code, words) in [
        ("invalid_code", "the code that Slack gave was used already or is too old: begin again (invalid_code)"),
        ("internal_error", "Slack had a failure of its own (internal_error)"),
        ("garbage", "Slack answered 200 and nothing that can be read (http_200)"),
    ] {
        scene.fail_next(code);
        assert_eq!(scene.connect().await["detail"], words);
    }
    scene.switch(Switch::LostAnswers, true);
    let lost = scene.connect().await;
    assert!(lost["detail"].as_str().unwrap().starts_with("Slack did not answer (unreachable): "), "{lost}");
    scene.switch(Switch::LostAnswers, false);
    scene.nothing_was_made().await;
    scene.switch(Switch::Slow, true);
    assert_eq!(scene.connect().await["status"], "connected", "late is not never");
}

#[actix_web::test]
async fn metas_refusals_are_told_in_metas_words() {
    for provider in [Simulated::Whatsapp, Simulated::Messenger] {
        let scene = Scene::open(provider, &[]).await;
        scene.fail_next("190");
        let refused = scene.connect().await;
        assert!(refused["detail"].as_str().unwrap().starts_with("(#190) "), "{refused}");
        scene.fail_next("garbage");
        assert_eq!(scene.connect().await["detail"], "Meta's answer holds no token (odd_answer)");
        let without = scene.decide("allow").await.replace("code=", "cod=");
        let install = scene.install(&visit(&without, Some(&scene.owner)).await).await;
        assert!(install["detail"].as_str().unwrap().ends_with("led back with neither a code nor a reason; begin again"), "{install}");
        scene.nothing_was_made().await;
    }
}

#[actix_web::test]
async fn of_two_who_come_back_at_once_one_is_taken_in() {
    let scene = Scene::open(Simulated::Slack, &[]).await;
    let back = scene.decide("allow").await;
    let visits = futures_util::future::join_all((0..4).map(|_| visit(&back, Some(&scene.owner)))).await;
    let taken: Vec<&Visit> = visits.iter().filter(|visit| visit.outcome() != "stale").collect();
    assert_eq!(taken.len(), 1, "{visits:?}");
    assert_eq!(scene.install(taken[0]).await["status"], "connected");
    assert_eq!((scene.credentials().await.len(), scene.channels().await.len()), (1, 1));
}

#[actix_web::test]
async fn agreeing_again_renews_the_credential_and_makes_no_second_one() {
    let scene = Scene::open(Simulated::Slack, &[("rotation", "on")]).await;
    let (first, second) = (scene.decide("allow").await, scene.decide("allow").await);
    // Two tries of one member, at once.
    let visits = futures_util::future::join(visit(&first, Some(&scene.owner)), visit(&second, Some(&scene.owner))).await;
    assert_eq!(scene.install(&visits.0).await["status"], "connected");
    assert_eq!(scene.install(&visits.1).await["status"], "connected");
    let (credentials, channels) = (scene.credentials().await, scene.channels().await);
    assert_eq!((credentials.len(), channels.len()), (1, 1), "{credentials:?}");
    let id = channels[0]["id"].as_str().unwrap();
    scene.api.post(&scene.owner, &format!("/api/v1/channels/{id}/disconnect"), json!({})).await;
    assert_eq!(scene.connect().await["channel_ids"], json!([id]), "the same channel");
    let after = scene.credentials().await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0]["id"], credentials[0]["id"]);
    assert_ne!(after[0]["secrets"]["bot_token"]["hint"], credentials[0]["secrets"]["bot_token"]["hint"]);
    assert_eq!(after[0]["secrets"]["bot_token"]["living"].as_array().unwrap().len(), 1, "the old token is gone");
    assert_eq!(scene.channels().await[0]["status"], "connected");
    let log = scene.api.get(&scene.owner, "/api/v1/audit-log?limit=100").await.body;
    let actions: Vec<&str> = log["data"].as_array().unwrap().iter().filter_map(|line| line["action"].as_str()).collect();
    assert_eq!(actions.iter().filter(|action| **action == "credential.created").count(), 1, "{actions:?}");
    assert_eq!(actions.iter().filter(|action| **action == "credential.renewed").count(), 2, "{actions:?}");
    assert!(!log.to_string().contains("xoxe"), "no token in the log");
}

#[actix_web::test]
async fn a_channel_that_was_connected_by_hand_is_taken_over() {
    let scene = Scene::open(Simulated::Whatsapp, &[]).await;
    let secrets: serde_json::Map<String, Value> =
        scene.running.credentials().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let body = json!({"provider": "whatsapp", "name": "By hand", "secrets": secrets});
    let by_hand = scene.api.post(&scene.owner, "/api/v1/credentials", body).await.body;
    let channel = json!({"kind": "whatsapp", "name": "Ours", "address": scene.running.account(), "credential_id": by_hand["id"]});
    let channel = scene.api.post(&scene.owner, "/api/v1/channels", channel).await;
    assert_eq!(channel.status, 201, "{channel:?}");
    let install = scene.connect().await;
    assert_eq!(install["channel_ids"], json!([channel.body["id"]]), "{install}");
    let channels = scene.channels().await;
    assert_eq!((channels.len(), channels[0]["name"].as_str()), (1, Some("Ours")));
    assert_ne!(channels[0]["credential_id"], by_hand["id"]);
}

#[actix_web::test]
async fn a_page_comes_with_its_instagram_account_and_a_page_that_may_not_be_answered_for_does_not() {
    let scene = Scene::open(Simulated::Messenger, &[]).await;
    let install = scene.connect().await;
    assert_eq!(install["status"], "connected", "{install}");
    let channels = scene.channels().await;
    let mut found: Vec<(&str, &str)> =
        channels.iter().map(|channel| (channel["kind"].as_str().unwrap(), channel["address"].as_str().unwrap())).collect();
    found.sort_unstable();
    assert_eq!(found, [("instagram", "17841400000000001"), ("messenger", "110000000000001")]);
    let subscribed = scene.running.simulator().provider.books().to_string();
    assert!(subscribed.contains("messaging_postbacks"), "{subscribed}");
}

#[actix_web::test]
async fn channels_that_messages_do_not_come_in_on_say_so() {
    let scene = Scene::open(Simulated::Whatsapp, &[]).await;
    let failure = Injected { code: "200".to_owned(), times: 1, when: When::Status };
    scene.running.simulator().change(|world| world.injected.push_back(failure));
    let install = scene.connect().await;
    assert_eq!(install["status"], "failed", "{install}");
    assert!(install["detail"].as_str().unwrap().contains("messages do not come in: the provider does not tell us of them"), "{install}");
    let channels = scene.channels().await;
    assert_eq!((channels.len(), channels[0]["status"].as_str()), (1, Some("degraded")), "{channels:?}");
    assert_eq!(scene.connect().await["status"], "connected");
    assert_eq!(scene.channels().await[0]["status"], "connected");
}

/// What was called to register the number: paths and PINs.
fn registrations(scene: &Scene) -> Vec<String> {
    scene.running.simulator().look(|world| {
        let calls = world.calls.iter().filter(|call| call.path.contains("/register"));
        calls.map(|call| call.body.clone()).collect()
    })
}

// whatsapp.md 12, step 6
#[actix_web::test]
async fn a_number_that_was_never_registered_is_registered_with_a_pin_that_is_kept() {
    let scene = Scene::open(Simulated::Whatsapp, &[("pin", "")]).await;
    let install = scene.connect().await;
    assert_eq!(install["status"], "connected", "{install}");
    let made = registrations(&scene);
    assert_eq!(made.len(), 1, "{made:?}");
    let pin = scene.credentials().await[0]["secrets"]["pin"].clone();
    assert_eq!(pin["set"], true, "{pin}");
    assert_eq!(scene.connect().await["status"], "connected");
    assert_eq!(registrations(&scene).len(), 1, "a number that is connected is left alone");
    assert_eq!(scene.credentials().await[0]["secrets"]["pin"], pin, "and so is the PIN");
    let log = scene.api.get(&scene.owner, "/api/v1/audit-log?limit=100").await.body.to_string();
    assert!(log.contains("credential.secret_added"), "{log}");
}

// whatsapp.md 12, step 6
#[actix_web::test]
async fn a_number_that_is_connected_is_not_registered_again() {
    let scene = Scene::open(Simulated::Whatsapp, &[]).await;
    assert_eq!(scene.connect().await["status"], "connected");
    assert!(registrations(&scene).is_empty());
    assert_eq!(scene.credentials().await[0]["secrets"]["pin"]["set"], false);
}

// dialpad.md, checklist 31
#[actix_web::test]
async fn a_persons_number_at_dialpad_is_connected_by_consent_with_a_secret_that_nobody_enters() {
    let scene = Scene::open(Simulated::Dialpad, &[]).await;
    let install = scene.connect().await;
    assert_eq!((&install["status"], &install["detail"]), (&json!("connected"), &json!("connected: Alex Agent +15005550006")));
    let (credential, channel) = (scene.credentials().await.remove(0), scene.channels().await.remove(0));
    assert_eq!(json!([channel["kind"], channel["address"], channel["status"]]), json!(["dialpad", "+15005550006", "connected"]));
    let set = ["api_key", "refresh_token", "webhook_secret"].map(|name| credential["secrets"][name]["set"] == true);
    assert!(set == [true; 3] && credential["expires_at"].is_string(), "{credential}");
    let books = scene.running.simulator().provider.books();
    assert_eq!((books["webhooks"].as_array().unwrap().len(), books["subscriptions"].as_array().unwrap().len()), (1, 2), "{books}");
    let made_up = credential["secrets"]["webhook_secret"].clone();
    assert_eq!(scene.connect().await["status"], "connected", "agreeing again");
    let again = scene.credentials().await.remove(0);
    assert_eq!(again["secrets"]["webhook_secret"], made_up, "the secret that signs stays");
    assert_ne!(again["secrets"]["api_key"]["hint"], credential["secrets"]["api_key"]["hint"]);
    assert_eq!(scene.running.simulator().provider.books(), books, "and nothing is created at Dialpad");
}

// dialpad.md, checklist 31
#[actix_web::test]
async fn a_way_back_from_dialpad_is_good_once_in_one_sign_in_and_with_its_own_code() {
    let scene = Scene::open(Simulated::Dialpad, &[]).await;
    let back = scene.decide("allow").await;
    let elsewhere = scene.api.sign_in(scene.owner_id).await;
    assert_eq!(visit(&back, Some(&elsewhere)).await.outcome(), "stale", "another sign-in");
    // Somebody's code on the way of another state: what proves it is another's.
    let foreign = scene.decide("allow").await;
    let part = |url: &str, name: &str| url.split(['?', '&']).find(|pair| pair.starts_with(name)).unwrap().to_owned();
    let swapped = back.replace(&part(&back, "code="), &part(&foreign, "code="));
    let install = scene.install(&visit(&swapped, Some(&scene.owner)).await).await;
    assert!(install["detail"].as_str().unwrap().contains("no longer takes what it gave"), "{install}");
    scene.nothing_was_made().await;
    assert_eq!(visit(&back, Some(&scene.owner)).await.outcome(), "stale", "the state is used up");
    assert_eq!(scene.connect().await["status"], "connected");
}

// dialpad.md, checklist 31
#[actix_web::test]
async fn a_credential_that_goes_gives_its_token_back_to_dialpad() {
    let scene = Scene::open(Simulated::Dialpad, &[]).await;
    assert_eq!(scene.connect().await["status"], "connected");
    let (credential, channel) = (scene.credentials().await.remove(0), scene.channels().await.remove(0));
    for path in [format!("channels/{}", channel["id"].as_str().unwrap()), format!("credentials/{}", credential["id"].as_str().unwrap())] {
        assert_eq!(scene.api.delete(&scene.owner, &format!("/api/v1/{path}")).await.status, 204, "{path}");
    }
    let books = scene.running.simulator().provider.books();
    assert_eq!(books, json!({"webhooks": [], "subscriptions": []}));
    let last = scene.running.simulator().look(|world| world.calls.back().map(|call| (call.path.clone(), call.status)));
    assert_eq!(last, Some(("/oauth2/deauthorize".to_owned(), 200)));
}
