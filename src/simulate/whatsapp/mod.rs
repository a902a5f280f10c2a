//! WhatsApp Cloud API (specification `whatsapp`): one business account, one phone number, customers with numbers or user ids.
//!
//! Start reading at [`api`] for what the business calls, [`told`] for what it is told, [`content`] for what may be sent.

mod api;
mod catalogue;
mod content;
mod errors;
mod told;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;

use super::{
    Overrides,
    consent::Codes,
    faults::Switch,
    graph,
    provider::{Act, Acted, ApiRequest, Can, Extra, Notice, Profile, Provider, Redelivery, Refused, Reply, Sealed, Sealing, Told},
    world::{Customer, Message, Status, World},
};

/// The reply window (11.2).
pub const WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// Codes of a sign-up that are remembered as used.
const CODES_MAX: usize = 1_000;

static PROFILE: Profile = Profile {
    name: "whatsapp",
    title: "WhatsApp",
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
        Extra { name: "location", label: "Share a location" },
        Extra { name: "contacts", label: "Share a contact card" },
        Extra { name: "unsupported", label: "Send a poll (which businesses cannot see)" },
        Extra { name: "ad", label: "Write after clicking an ad" },
        Extra { name: "number_changed", label: "Change to another number" },
        Extra { name: "stop_marketing", label: "Stop marketing messages" },
        Extra { name: "resume_marketing", label: "Resume marketing messages" },
        Extra { name: "phone_app_answer", label: "The business answers from its phone" },
        Extra { name: "template_paused", label: "Meta pauses the template order_update" },
        Extra { name: "template_approved", label: "Meta approves the template order_update" },
        Extra { name: "partner_removed", label: "The business removes the app" },
    ],
    faults: errors::FAULTS,
    window_secs: Some(WINDOW_MS / 1_000),
    unfetched: "131053",
    // 9: 99 % within a second is asked for; the time-out itself is not documented.
    deadline: Duration::from_secs(10),
    // 9: anything but 200, with growing delay, for up to seven days. Here the days are left out.
    redelivery: Redelivery { after: |status, _| status != Some(200), waits: &[1, 2, 4, 8, 16, 32, 60, 60, 60, 60] },
};

/// The provider.
pub struct WhatsApp {
    app_id: String,
    app_secret: String,
    verify_token: String,
    access_token: String,
    waba_id: String,
    phone_number_id: String,
    display_phone_number: String,
    /// The life of a token of a sign-up, in seconds; 0 for ever.
    token_secs: i64,
    /// The PIN that the number was registered with; nothing as long as it is not. Any is right for the first time.
    pin: Mutex<Option<String>>,
    /// Codes of the embedded sign-up that were given out.
    codes: Codes,
    /// Those that were used: each is good once.
    used_codes: Mutex<BTreeSet<String>>,
    /// Statuses that templates were given since the start, by name. At most as many as there are templates.
    template_statuses: Mutex<BTreeMap<&'static str, &'static str>>,
}

impl WhatsApp {
    /// With the specification's example ids, unless others are wanted.
    pub fn new(wanted: &mut Overrides) -> Self {
        Self {
            app_id: wanted.take("app_id", "1000000000000001"),
            app_secret: wanted.take("app_secret", "simulated-app-secret-whatsapp"),
            verify_token: wanted.take("verify_token", "simulated-verify-token"),
            access_token: wanted.take("access_token", "EAAsimulatedWhatsAppAccessToken"),
            waba_id: wanted.take("waba_id", "102000000000001"),
            phone_number_id: wanted.take("phone_number_id", "106000000000001"),
            display_phone_number: wanted.take("display_phone_number", "15550100001"),
            token_secs: wanted.take("token_secs", "0").parse().unwrap_or_default(),
            pin: Mutex::new(Some(wanted.take("pin", "123456")).filter(|pin| !pin.is_empty())),
            codes: Codes::default(),
            used_codes: Mutex::new(BTreeSet::new()),
            template_statuses: Mutex::default(),
        }
    }

    /// Where a template stands now; `None` if there is none.
    fn template_status(&self, name: &str, language: &str) -> Option<String> {
        let template = catalogue::TEMPLATES.iter().find(|template| template.name == name && template.language == language)?;
        let given = self.template_statuses.lock().unwrap_or_else(PoisonError::into_inner);
        Some((*given.get(template.name).unwrap_or(&template.status)).to_owned())
    }

    /// Gives a template another status.
    fn set_template_status(&self, name: &'static str, status: &'static str) {
        self.template_statuses.lock().unwrap_or_else(PoisonError::into_inner).insert(name, status);
    }

    /// Registers the number; not with another PIN than before.
    fn register(&self, pin: &str) -> bool {
        self.pin.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| pin.to_owned()) == pin
    }

    /// Whether the number may send.
    fn standing(&self) -> &'static str {
        if self.pin.lock().unwrap_or_else(PoisonError::into_inner).is_some() { "CONNECTED" } else { "PENDING" }
    }

    /// Whether a code of a sign-up is used for the first time.
    fn first_use(&self, code: &str) -> bool {
        let mut used = self.used_codes.lock().unwrap_or_else(PoisonError::into_inner);
        used.len() < CODES_MAX && used.insert(code.to_owned())
    }
}

impl Provider for WhatsApp {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("app_secret", self.app_secret.clone()),
            ("verify_token", self.verify_token.clone()),
            ("access_token", self.access_token.clone()),
            ("waba_id", self.waba_id.clone()),
        ]
    }

    fn account(&self) -> String {
        self.phone_number_id.clone()
    }

    fn customer(&self, world: &mut World, name: &str, address: Option<&str>) -> Customer {
        if let Some(user_id) = address.filter(|address| told::is_user_id(address)) {
            return Customer::new(user_id.to_owned(), name, "no phone number".to_owned());
        }
        let given: String = address.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let number = if given.is_empty() { told::free_number(world) } else { given };
        let mut customer = Customer::new(number.clone(), name, format!("+{number}"));
        customer.also = Some(told::user_id_of(&number));
        customer
    }

    fn act(&self, world: &mut World, customer: &str, act: &Act) -> Result<Acted, Refused> {
        self.customer_does(world, customer, act)
    }

    fn receipt(&self, world: &mut World, customer: &str, message: &Message, status: Status, code: Option<&str>) -> Vec<Notice> {
        self.status(customer, message, status, code, world.now_ms()).into_iter().collect()
    }

    fn batch(&self, notices: Vec<Notice>) -> Vec<Notice> {
        let mut changes = Vec::new();
        let mut ticks = Vec::new();
        let about = format!("batch of {}", notices.len());
        for notice in notices {
            if let Told::Json(value) = &notice.told {
                changes.extend(value.pointer("/entry/0/changes").and_then(Value::as_array).into_iter().flatten().cloned());
            }
            ticks.extend(notice.ticks);
        }
        let mut whole = Notice::json(self.envelope(changes), about);
        whole.ticks = ticks;
        vec![whole]
    }

    fn seal(&self, notice: &Notice, sealing: &Sealing) -> Sealed {
        graph::seal(notice, sealing, &self.app_secret, false)
    }

    fn api(&self, world: &mut World, call: &ApiRequest) -> Reply {
        self.answer(world, call)
    }

    fn handshake(&self, hook_url: &str, now_ms: i64) -> Option<(Sealed, String)> {
        Some(graph::handshake(hook_url, &self.verify_token, now_ms))
    }
}
