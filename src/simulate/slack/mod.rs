//! Slack (specification `slack`): one workspace with our bot in it, people who write to the bot or into a channel that it sits in.
//!
//! A message's id here is `CHANNEL:TS`; the message that it answers is the root of its thread.
//!
//! Start reading at `api` for what the business calls, `told` for what it is told.

mod api;
mod chat;
mod errors;
mod files;
mod history;
mod oauth;
mod signature;
mod text;
mod told;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Overrides,
    consent::Codes,
    faults::{Proof, Switch},
    provider::{Act, Acted, ApiRequest, Can, Extra, Notice, Profile, Provider, Redelivery, Refused, Reply, Sealed, Sealing, Told},
    world::{Customer, Message, Status, World},
};

/// The channel that the bot sits in.
pub const CHANNEL: &str = "C0SUPPORT01";
/// A public channel that the bot can join.
pub const OTHER_CHANNEL: &str = "C0PUBLIC001";
/// A channel that is closed.
pub const ARCHIVED_CHANNEL: &str = "C0ARCHIVED1";
/// Our bot's user.
pub const BOT_USER: &str = "U0OURBOT001";
/// Our bot.
pub const BOT: &str = "B0OURBOT001";
/// All scopes that the specification asks for (12).
const SCOPES: &str = "chat:write,chat:write.customize,im:history,im:read,im:write,channels:history,channels:read,channels:join,groups:history,groups:read,mpim:history,app_mentions:read,files:read,files:write,reactions:read,reactions:write,users:read,users:read.email,team:read";

static PROFILE: Profile = Profile {
    name: "slack",
    title: "Slack",
    vendor: None,
    real_base: "https://slack.com",
    can: Can { react: true, edit: true, delete: true, reply: true, read: false },
    switches: &[
        Switch::RateLimit,
        Switch::TokenExpired,
        Switch::Slow,
        Switch::LostAnswers,
        Switch::ReceiptsFirst,
        Switch::Duplicate,
        Switch::Reorder,
        Switch::Unsigned,
        Switch::WrongSignature,
        Switch::Redeliver,
    ],
    extras: &[
        Extra { name: "channel", label: "Write into #support" },
        Extra { name: "mention", label: "Mention the bot in #support (comes as two events)" },
        Extra { name: "broadcast", label: "Answer in a thread, and show it in #support" },
        Extra { name: "unfurl", label: "A link gets its preview (no edit)" },
        Extra { name: "other_bot", label: "Another bot writes into #support" },
        Extra { name: "join", label: "Somebody joins #support" },
        Extra { name: "connect_file", label: "Send a file by Slack Connect (without details)" },
        Extra { name: "slash", label: "Use the slash command" },
        Extra { name: "uninstalled", label: "The app is uninstalled" },
        Extra { name: "revoked", label: "The bot's token is revoked" },
        Extra { name: "app_rate_limited", label: "Slack drops events: too many" },
    ],
    faults: errors::FAULTS,
    window_secs: None,
    unfetched: "",
    // 7: three seconds.
    deadline: Duration::from_secs(3),
    // 7: at once, after a minute, after five; here seconds stand for half minutes.
    redelivery: Redelivery { after: |status, _| !status.is_some_and(|status| (200..300).contains(&status)), waits: &[0, 2, 10] },
};

/// What was handed out and is known again.
struct Books {
    /// Access tokens that are good.
    tokens: BTreeSet<String>,
    /// When those of them end that do.
    ends_ms: BTreeMap<String, i64>,
    /// Refresh tokens and codes, each good once.
    once: BTreeSet<String>,
    /// Uploads that were announced: file id, name, announced length.
    uploads: Vec<(String, String, usize)>,
    /// Channels that the bot sits in.
    joined: BTreeSet<String>,
    /// When histories were read.
    calls: history::Calls,
}

/// The provider.
pub struct Slack {
    app_id: String,
    signing_secret: String,
    bot_token: String,
    team_id: String,
    client_id: String,
    client_secret: String,
    scopes: String,
    /// Tokens end after twelve hours and are refreshed.
    rotation: bool,
    /// The app is sold outside the Marketplace: it may read little, and seldom (11).
    sold: bool,
    /// Codes that were given out.
    codes: Codes,
    books: Mutex<Books>,
}

impl Slack {
    /// With the specification's example ids, unless others are wanted.
    pub fn new(wanted: &mut Overrides) -> Self {
        let bot_token = wanted.take("bot_token", "xoxb-simulated-bot-token");
        let books = Books {
            tokens: BTreeSet::from([bot_token.clone()]),
            ends_ms: BTreeMap::new(),
            once: BTreeSet::new(),
            uploads: Vec::new(),
            joined: BTreeSet::from([CHANNEL.to_owned()]),
            calls: history::Calls::new(),
        };
        Self {
            app_id: wanted.take("app_id", "A0EXAMPLE01"),
            signing_secret: wanted.take("signing_secret", "simulated0signing0secret0slack00"),
            bot_token,
            team_id: wanted.take("team_id", "T0EXAMPLE01"),
            client_id: wanted.take("client_id", "1000.2000"),
            client_secret: wanted.take("client_secret", "simulated-client-secret-slack"),
            scopes: wanted.take("scopes", SCOPES),
            sold: wanted.take("distribution", "internal") == "commercial",
            rotation: wanted.take("rotation", "off") == "on",
            codes: Codes::default(),
            books: Mutex::new(books),
        }
    }

    fn note<T>(&self, by: impl FnOnce(&mut Books) -> T) -> T {
        by(&mut self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Provider for Slack {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![("signing_secret", self.signing_secret.clone()), ("bot_token", self.bot_token.clone()), ("app_id", self.app_id.clone())]
    }

    fn account(&self) -> String {
        self.team_id.clone()
    }

    fn customer(&self, world: &mut World, name: &str, address: Option<&str>) -> Customer {
        let given = address.filter(|address| address.starts_with(['U', 'W']) && address.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let key = given.map_or_else(|| told::free_user(world), str::to_owned);
        let shown = format!("{key} in {}", self.team_id);
        Customer::new(key, name, shown)
    }

    fn act(&self, world: &mut World, customer: &str, act: &Act) -> Result<Acted, Refused> {
        self.customer_does(world, customer, act)
    }

    /// Slack tells nobody what was seen (10).
    fn receipt(&self, _world: &mut World, _customer: &str, _message: &Message, _status: Status, _code: Option<&str>) -> Vec<Notice> {
        Vec::new()
    }

    fn seal(&self, notice: &Notice, sealing: &Sealing) -> Sealed {
        let (mime, body) = match &notice.told {
            Told::Json(value) => ("application/json", value.to_string().into_bytes()),
            Told::Form(pairs) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                ("application/x-www-form-urlencoded", body.into_bytes())
            }
        };
        let timestamp = (sealing.now_ms / 1_000).to_string();
        let mut headers = vec![
            ("content-type", mime.to_owned()),
            ("user-agent", "Slackbot 1.0 (+https://api.slack.com/robots)".to_owned()),
            ("x-slack-request-timestamp", timestamp.clone()),
        ];
        match sealing.proof {
            Proof::Right => headers.push(("x-slack-signature", signature::sign(&self.signing_secret, &timestamp, &body))),
            Proof::Wrong => headers.push(("x-slack-signature", signature::sign("the-secret-of-another-app", &timestamp, &body))),
            Proof::Missing => {}
        }
        if sealing.attempt > 1 {
            headers.push(("x-slack-retry-num", (sealing.attempt - 1).to_string()));
            headers.push(("x-slack-retry-reason", sealing.reason.to_owned()));
        }
        Sealed { method: "POST", url: sealing.url.clone(), headers, body }
    }

    fn api(&self, world: &mut World, call: &ApiRequest) -> Reply {
        self.answer(world, call)
    }

    fn handshake(&self, hook_url: &str, now_ms: i64) -> Option<(Sealed, String)> {
        let challenge = format!("simulated{now_ms}challenge");
        let asked = json!({"token": "deprecated-ignore", "challenge": challenge, "type": "url_verification"});
        let sealing = Sealing { url: hook_url.to_owned(), proof: Proof::Right, now_ms, attempt: 1, reason: "" };
        Some((self.seal(&Notice::json(asked, "url verification"), &sealing), challenge))
    }

    fn books(&self) -> Value {
        self.note(|books| json!({"channels": books.joined, "tokens": books.tokens.len()}))
    }
}
