//! Channels from end to end: a simulated provider on the one side, a server as a process on the other, an agent who answers over the API.
//!
//! `relay` gives the server an address that outlives it; `both_ways` is a customer's conversation at each provider, `consent` the way from a
//! button to that conversation, `heeded` what shows the customer that somebody is there, `trouble` what providers do wrong, `day` a day of
//! notifications with everything that can happen to them, `apart` what must never meet.

mod apart;
mod both_ways;
mod consent;
mod day;
mod heeded;
mod pieces;
mod recorded;
mod relay;
mod templates;
mod trouble;
mod whatsapp;

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use switchboard::simulate::{
    self, Pace, Running, Simulated, SimulatorOptions,
    faults::{Injected, Switch, When},
    provider::Act,
    simulator::Simulator,
    world::{Message, Side},
};
use tokio::time::{Instant, sleep};

use self::relay::Relay;
use super::{
    house::{House, Server},
    http,
};

/// Nothing here takes so long; what does will never come. Half a minute of it is how long the server waits where it does not know whether the
/// provider has a message.
const PATIENCE: Duration = Duration::from_secs(90);

/// A provider's simulator, and the channel that it is connected by.
pub struct Line {
    pub provider: Simulated,
    pub running: Rc<Running>,
    /// How far the simulator's clock is ahead.
    ahead_ms: Arc<AtomicI64>,
    pub token: String,
    pub credential_id: String,
    pub channel_id: String,
}

/// A house with its server, behind a door.
pub struct Scene {
    pub house: House,
    server: Option<Server>,
    pub relay: Arc<Relay>,
    options: Vec<String>,
    pub lines: Vec<Line>,
    /// The owner, who answers.
    pub owner: String,
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

/// A provider's simulator and how far its clock is ahead.
pub type Simulation = (Simulated, Rc<Running>, Arc<AtomicI64>);

/// A simulator that notifies what is behind the door; its clock can be put ahead.
pub fn simulated(provider: Simulated, relay: &Relay, values: &[(&str, &str)]) -> Simulation {
    let ahead_ms = Arc::new(AtomicI64::new(0));
    let ahead = Arc::clone(&ahead_ms);
    let mut options = SimulatorOptions::new(provider, &relay.url, Arc::new(move || now_ms() + ahead.load(Ordering::SeqCst)));
    options.pace = Pace::AT_ONCE;
    options.credentials = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    (provider, Rc::new(simulate::start(options).expect("start the simulator")), ahead_ms)
}

/// Makes a credential and a channel with the simulator's own values; answers their ids.
pub async fn connect(server: &Server, token: &str, provider: Simulated, running: &Running) -> (String, String) {
    let secrets: serde_json::Map<String, Value> =
        running.credentials().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut body = json!({"provider": provider.name(), "name": "Shop", "secrets": secrets});
    if let Some(vendor) = running.simulator().provider.profile().vendor {
        body["vendor"] = vendor.into();
    }
    let made = server.post(Some(token), "/api/v1/credentials", &body).await.good();
    assert!(
        made["accounts"].as_array().expect("accounts").iter().any(|account| account["address"] == running.account()),
        "{}: the check names the account: {made}",
        provider.name()
    );
    let credential_id = id(&made);
    let channel = connect_account(server, token, provider, &credential_id, &running.account()).await;
    (credential_id, channel)
}

/// Makes a channel of a credential.
pub async fn connect_account(server: &Server, token: &str, provider: Simulated, credential_id: &str, account: &str) -> String {
    let body = json!({"kind": provider.name(), "name": "Shop", "address": account, "credential_id": credential_id});
    id(&server.post(Some(token), "/api/v1/channels", &body).await.good())
}

/// The id of whatever has one.
pub fn id(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")).to_owned()
}

/// Asks again and again until the answer is there.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(seen) => assert!(Instant::now() < end, "{what} never came to be; at last: {seen}"),
        }
        sleep(Duration::from_millis(20)).await;
    }
}

impl Scene {
    /// A house with channels at these providers.
    pub async fn open(house: House, providers: &[Simulated]) -> Self {
        let relay = Arc::new(Relay::open().await);
        let simulations = providers.iter().map(|provider| simulated(*provider, &relay, &[])).collect();
        Self::around(house, relay, simulations).await
    }

    /// A house with a channel at each of these.
    pub async fn around(house: House, relay: Arc<Relay>, simulations: Vec<Simulation>) -> Self {
        let mut options = vec!["--public-url".to_owned(), relay.url.clone()];
        for (provider, running, _) in &simulations {
            options.extend(["--provider-base-url".to_owned(), format!("{}={}", provider.name(), running.url)]);
        }
        let server = house.start_with(&options.iter().map(String::as_str).collect::<Vec<_>>());
        relay.lead_to(Some(&server.address));
        let owner = server.owner().await;
        let mut lines = Vec::new();
        for (provider, running, ahead_ms) in simulations {
            let (credential_id, channel_id) = connect(&server, &owner, provider, &running).await;
            lines.push(Line { provider, running, ahead_ms, token: owner.clone(), credential_id, channel_id });
        }
        Self { house, server: Some(server), relay, options, lines, owner }
    }

    /// A house with one channel.
    pub async fn with(provider: Simulated) -> Self {
        Self::open(House::on_sqlite(), &[provider]).await
    }

    /// The first line.
    pub fn line(&self) -> &Line {
        &self.lines[0]
    }

    /// The server.
    pub fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    /// `kill -9`, and another server in its place.
    pub fn kill_and_restart(&mut self) {
        self.relay.lead_to(None);
        self.server.take().expect("the server runs").kill();
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let server = self.house.start_with(&options);
        self.relay.lead_to(Some(&server.address));
        self.server = Some(server);
    }
}

impl Line {
    pub fn sim(&self) -> &Arc<Simulator> {
        self.running.simulator()
    }

    pub fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// The key of the customer who is there from the beginning.
    pub fn dana(&self) -> String {
        self.sim().look(|world| world.customers[0].key.clone())
    }

    pub fn switch(&self, switch: Switch, on: bool) {
        self.sim().change(|world| if on { world.switches.insert(switch) } else { world.switches.remove(&switch) });
    }

    /// The next call, or the next message's travel, fails with this code.
    pub fn fail_next(&self, code: &str, when: When) {
        self.sim().change(|world| world.injected.push_back(Injected { code: code.to_owned(), times: 1, when }));
    }

    /// The customer does something, a second later than what was done before: providers count in seconds.
    pub fn acts(&self, act: &Act) -> Option<String> {
        self.ahead_ms.fetch_add(1_000, Ordering::SeqCst);
        self.sim().act(&self.dana(), act).unwrap_or_else(|refused| panic!("{}: {refused}", self.name()))
    }

    /// The customer writes; the provider's id of it.
    pub fn writes(&self, text: &str) -> String {
        self.acts(&Act::Write { text: text.to_owned(), file_id: None, reply_to: None }).expect("an id")
    }

    /// What the business has said to the customer, as the phone shows it.
    pub fn shown(&self) -> Vec<Message> {
        self.sim().look(|world| {
            let messages = world.customers.iter().flat_map(|customer| &customer.messages);
            messages.filter(|message| message.from == Side::Business).cloned().collect()
        })
    }

    /// The texts of that.
    pub fn shown_texts(&self) -> Vec<String> {
        self.shown().into_iter().map(|message| message.text).collect()
    }

    /// What the business called, for people who look for what went wrong.
    pub fn calls(&self) -> String {
        self.sim().look(|world| {
            let lines =
                world.calls.iter().map(|call| format!("{} {} {} → {} {}", call.method, call.path, call.body, call.status, call.answer));
            lines.collect::<Vec<_>>().join("\n")
        })
    }

    /// The line's conversations.
    pub async fn conversations(&self, server: &Server) -> Vec<Value> {
        let path = format!("/api/v1/conversations?channel_id={}&sort=created_at&limit=100", self.channel_id);
        server.get(&self.token, &path).await.good()["data"].as_array().expect("a list").clone()
    }

    /// The line's one conversation, once it is there.
    pub async fn conversation(&self, server: &Server) -> Value {
        until("the conversation", async || match self.conversations(server).await.as_slice() {
            [one] => Ok(one.clone()),
            others => Err(format!("{}: {others:?}", self.name())),
        })
        .await
    }

    /// The messages of a conversation, once they are as wanted.
    pub async fn messages_when(&self, server: &Server, conversation: &str, what: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        until(&format!("{}: {what}", self.name()), async || {
            let messages = server.messages(&self.token, conversation).await;
            if wanted(&messages) { Ok(messages) } else { Err(format!("{}\n{}", json!(messages), self.calls())) }
        })
        .await
    }

    /// One message, once it is as wanted.
    pub async fn message_when(&self, server: &Server, of: (&str, &str), what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/v1/conversations/{}/messages/{}", of.0, of.1);
        until(&format!("{}: {what}", self.name()), async || {
            let message = server.get(&self.token, &path).await.good();
            if wanted(&message) { Ok(message) } else { Err(format!("{message}\n{}", self.calls())) }
        })
        .await
    }

    /// The agent answers.
    pub async fn answers(&self, server: &Server, conversation: &str, text: &str) -> Value {
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let answer = server.post(Some(&self.token), &path, &json!({"text": text})).await;
        assert!((200..300).contains(&answer.status), "{}: {answer:?}", self.name());
        answer.body
    }

    /// Waits until the phone shows these texts and no others.
    pub async fn shows(&self, wanted: &[&str]) {
        until(&format!("{}: what the phone shows", self.name()), async || {
            let shown = self.shown_texts();
            if shown == wanted { Ok(()) } else { Err(format!("{shown:?}\n{}", self.calls())) }
        })
        .await;
    }

    /// How far a message gets here that is read at once.
    pub fn furthest(&self) -> &'static str {
        match self.provider {
            Simulated::Whatsapp | Simulated::Messenger => "read",
            // Slack shows what it takes.
            Simulated::Sms | Simulated::Slack | Simulated::Dialpad => "delivered",
        }
    }
}

/// A `PUT` with a JSON body.
pub async fn put(server: &Server, token: &str, path: &str, body: &Value) -> Value {
    http::request(&server.address, "PUT", path, Some(token), Some(body)).await.expect("the server answers").good()
}
