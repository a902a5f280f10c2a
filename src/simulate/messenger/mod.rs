//! Messenger, and Instagram on the same wire (specification `messenger`): one page with its professional account, customers of both kinds.
//!
//! Start reading at `api` for what the business calls, `told` for what it is told, `content` for what may be sent.

mod api;
mod content;
mod errors;
mod told;

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Overrides,
    consent::Codes,
    faults::Switch,
    graph,
    provider::{Act, Acted, ApiRequest, Can, Extra, Notice, Profile, Provider, Redelivery, Refused, Reply, Sealed, Sealing, Told, text},
    world::{Customer, Message, Status, World},
};

/// The reply window (10.1).
const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// The window of the tag `HUMAN_AGENT` (10.1).
const HUMAN_WINDOW_MS: i64 = 7 * WINDOW_MS;
/// Codes of a sign-in that are remembered as used.
const CODES_MAX: usize = 1_000;

static PROFILE: Profile = Profile {
    name: "messenger",
    title: "Messenger",
    vendor: None,
    real_base: "https://graph.facebook.com",
    can: Can { react: true, edit: true, delete: true, reply: true, read: true },
    switches: &[
        Switch::RateLimit,
        Switch::WindowClosed,
        Switch::TokenExpired,
        Switch::Slow,
        Switch::LostAnswers,
        Switch::ReceiptsFirst,
        Switch::Duplicate,
        Switch::Reorder,
        Switch::Batch,
        Switch::Unsigned,
        Switch::WrongSignature,
        Switch::Redeliver,
    ],
    extras: &[
        Extra { name: "get_started", label: "Press “Get started”" },
        Extra { name: "thumb", label: "Send a thumbs-up" },
        Extra { name: "location", label: "Share a location" },
        Extra { name: "share", label: "Share a post" },
        Extra { name: "story", label: "Mention the business in a story (Instagram)" },
        Extra { name: "unsupported", label: "Send something that businesses cannot see" },
        Extra { name: "referral", label: "Come by a link" },
        Extra { name: "optin", label: "Opt in to news" },
        Extra { name: "standby", label: "Write while another app answers" },
        Extra { name: "pass_thread_control", label: "The other app hands the conversation over" },
        Extra { name: "inbox_answer", label: "The business answers from the Page's inbox" },
        Extra { name: "policy", label: "The Page is blocked for a violation" },
        Extra { name: "test_button", label: "Press the console's test button" },
    ],
    faults: errors::FAULTS,
    window_secs: Some(WINDOW_MS / 1_000),
    unfetched: "100/2018008",
    // 8: five seconds, where not twenty.
    deadline: Duration::from_secs(5),
    // 8: at once, then less and less often.
    redelivery: Redelivery { after: |status, _| status != Some(200), waits: &[0, 1, 2, 4, 8, 15, 30, 60, 60] },
};

/// Notifications of one kind, gathered.
struct Batch {
    object: String,
    entries: Vec<Value>,
    ticks: Vec<(String, String)>,
}

/// The provider.
pub struct Messenger {
    app_id: String,
    app_secret: String,
    verify_token: String,
    page_access_token: String,
    page_id: String,
    instagram_id: String,
    /// The life of a person's long token, in seconds.
    token_secs: i64,
    /// Codes that were given out.
    codes: Codes,
    /// Codes of a sign-in, each good once.
    used_codes: Mutex<BTreeSet<String>>,
    /// Whether the page's events are subscribed to.
    subscribed: Mutex<Vec<String>>,
}

impl Messenger {
    /// With the specification's example ids, unless others are wanted.
    pub fn new(wanted: &mut Overrides) -> Self {
        Self {
            app_id: wanted.take("app_id", "1234567890"),
            app_secret: wanted.take("app_secret", "simulated-app-secret-messenger"),
            verify_token: wanted.take("verify_token", "simulated-verify-token"),
            page_access_token: wanted.take("page_access_token", "EAAsimulatedPageAccessToken"),
            page_id: wanted.take("page_id", "110000000000001"),
            instagram_id: wanted.take("instagram_id", "17841400000000001"),
            token_secs: wanted.take("token_secs", "5183944").parse().unwrap_or_default(),
            codes: Codes::default(),
            used_codes: Mutex::new(BTreeSet::new()),
            subscribed: Mutex::new(Vec::new()),
        }
    }

    fn first_use(&self, code: &str) -> bool {
        let mut used = self.used_codes.lock().unwrap_or_else(PoisonError::into_inner);
        used.len() < CODES_MAX && used.insert(code.to_owned())
    }

    fn subscribed<T>(&self, by: impl FnOnce(&mut Vec<String>) -> T) -> T {
        by(&mut self.subscribed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Provider for Messenger {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("app_secret", self.app_secret.clone()),
            ("verify_token", self.verify_token.clone()),
            ("page_access_token", self.page_access_token.clone()),
        ]
    }

    fn account(&self) -> String {
        self.page_id.clone()
    }

    /// The address `instagram` makes somebody of Instagram; digits are taken as the id.
    fn customer(&self, world: &mut World, name: &str, address: Option<&str>) -> Customer {
        let address = address.unwrap_or_default();
        let digits: String = address.chars().filter(char::is_ascii_digit).collect();
        let instagram = address.starts_with("ig") || address.starts_with("instagram") || told::is_instagram(&digits);
        let key = if digits.is_empty() { told::free_id(world, instagram) } else { digits };
        let shown = if told::is_instagram(&key) { format!("Instagram {key}") } else { format!("Messenger {key}") };
        Customer::new(key, name, shown)
    }

    fn act(&self, world: &mut World, customer: &str, act: &Act) -> Result<Acted, Refused> {
        self.customer_does(world, customer, act)
    }

    fn receipt(&self, world: &mut World, customer: &str, message: &Message, status: Status, _code: Option<&str>) -> Vec<Notice> {
        self.status(world, customer, message, status).into_iter().collect()
    }

    /// Batches do not mix Messenger and Instagram: the outermost word is one of both.
    fn batch(&self, notices: Vec<Notice>) -> Vec<Notice> {
        let mut batches: Vec<Batch> = Vec::new();
        for notice in notices {
            let Told::Json(value) = notice.told else { continue };
            let object = text(&value, "/object").to_owned();
            let entries = value.pointer("/entry").and_then(Value::as_array).cloned().unwrap_or_default();
            match batches.iter_mut().find(|batch| batch.object == object) {
                Some(batch) => {
                    batch.entries.extend(entries);
                    batch.ticks.extend(notice.ticks);
                }
                None => batches.push(Batch { object, entries, ticks: notice.ticks }),
            }
        }
        let whole = |Batch { object, entries, ticks }: Batch| {
            let about = format!("batch of {}", entries.len());
            Notice { ticks, ..Notice::json(json!({"object": object, "entry": entries}), about) }
        };
        batches.into_iter().map(whole).collect()
    }

    fn seal(&self, notice: &Notice, sealing: &Sealing) -> Sealed {
        graph::seal(notice, sealing, &self.app_secret, true)
    }

    fn api(&self, world: &mut World, call: &ApiRequest) -> Reply {
        self.answer(world, call)
    }

    fn handshake(&self, hook_url: &str, now_ms: i64) -> Option<(Sealed, String)> {
        Some(graph::handshake(hook_url, &self.verify_token, now_ms))
    }

    fn books(&self) -> Value {
        json!({"subscribed_fields": self.subscribed(|fields| fields.clone()), "instagram_id": self.instagram_id})
    }
}
