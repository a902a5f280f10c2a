//! Text messages by Twilio (specification `sms`, part A): one account, one number, customers with numbers.
//!
//! Start reading at `api` for what the business calls and `told` for what it is told; `signature` signs.

mod api;
mod errors;
mod signature;
mod told;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Overrides,
    faults::{Proof, Switch},
    provider::{Act, Acted, ApiRequest, Can, Extra, Notice, Profile, Provider, Redelivery, Refused, Reply, Sealed, Sealing, Told},
    world::{Customer, Message, Status, World},
};
use crate::crypto::mac;

static PROFILE: Profile = Profile {
    name: "sms",
    title: "Text messages (Twilio)",
    vendor: Some("twilio"),
    real_base: "https://api.twilio.com",
    can: Can { react: false, edit: false, delete: false, reply: false, read: false },
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
        Extra { name: "stop", label: "Text STOP" },
        Extra { name: "start", label: "Text START" },
        Extra { name: "help", label: "Text HELP" },
        Extra { name: "stop_advanced", label: "Text STOP, with Advanced Opt-Out" },
        Extra { name: "fallback", label: "A text by the fallback address" },
        Extra { name: "lost", label: "A text whose notification is lost" },
    ],
    faults: errors::FAULTS,
    window_secs: None,
    unfetched: "11200",
    // A5: 15 s in total for connection and answer.
    deadline: Duration::from_secs(15),
    // A5: one more attempt, and only where no connection came about.
    redelivery: Redelivery { after: |status, _| status.is_none(), waits: &[1] },
};

/// The provider.
pub struct Sms {
    account_sid: String,
    auth_token: String,
    api_key_sid: String,
    api_key_secret: String,
    number: String,
    /// What the business set at the number: `SmsUrl` and the rest.
    settings: Mutex<BTreeMap<String, String>>,
}

impl Sms {
    /// With the specification's example ids, unless others are wanted.
    pub fn new(wanted: &mut Overrides) -> Self {
        Self {
            account_sid: wanted.take("account_sid", "AC00000000000000000000000000000001"),
            auth_token: wanted.take("auth_token", "simulated0auth0token0of0twilio00"),
            api_key_sid: wanted.take("api_key_sid", "SK00000000000000000000000000000001"),
            api_key_secret: wanted.take("api_key_secret", "simulated-api-key-secret"),
            number: wanted.take("number", "+15005550006"),
            settings: Mutex::new(BTreeMap::new()),
        }
    }

    fn settings<T>(&self, by: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        by(&mut self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Provider for Sms {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![("account_sid", self.account_sid.clone()), ("auth_token", self.auth_token.clone())]
    }

    fn account(&self) -> String {
        self.number.clone()
    }

    fn customer(&self, world: &mut World, name: &str, address: Option<&str>) -> Customer {
        let given: String = address.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let number = match given.len() {
            0 => told::free_number(world),
            // Short codes stay as they are.
            1..=8 => given,
            _ => format!("+{given}"),
        };
        Customer::new(number.clone(), name, number)
    }

    fn act(&self, world: &mut World, customer: &str, act: &Act) -> Result<Acted, Refused> {
        self.customer_does(world, customer, act)
    }

    fn receipt(&self, _world: &mut World, customer: &str, message: &Message, status: Status, code: Option<&str>) -> Vec<Notice> {
        self.status(customer, message, status, code).into_iter().collect()
    }

    fn seal(&self, notice: &Notice, sealing: &Sealing) -> Sealed {
        let url = sealing.url.split('#').next().unwrap_or_default().to_owned();
        let (mime, body, signed) = match &notice.told {
            Told::Form(pairs) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
                ("application/x-www-form-urlencoded; charset=UTF-8", body, signature::of_form(&url, pairs))
            }
            Told::Json(value) => ("application/json", value.to_string().into_bytes(), url.clone()),
        };
        // A5: the same over all attempts of one notification.
        let token: String = hex::encode(mac::sha256(&body)).chars().take(32).collect();
        let mut headers =
            vec![("content-type", mime.to_owned()), ("user-agent", "TwilioProxy/1.1".to_owned()), ("i-twilio-idempotency-token", token)];
        match sealing.proof {
            Proof::Right => headers.push(("x-twilio-signature", signature::sign(&self.auth_token, &signed))),
            Proof::Wrong => headers.push(("x-twilio-signature", signature::sign("the-token-of-another-account", &signed))),
            Proof::Missing => {}
        }
        Sealed { method: "POST", url, headers, body }
    }

    fn api(&self, world: &mut World, call: &ApiRequest) -> Reply {
        self.answer(world, call)
    }

    fn books(&self) -> Value {
        self.settings(|settings| json!(settings))
    }
}
