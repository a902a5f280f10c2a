//! Dialpad (specification `dialpad`): one office with a number, a queue and an agent; texts both ways, and calls with all their legs.
//!
//! Events go to the channel's address, or, once the business has made webhooks and subscriptions by the API, to those.
//!
//! Start reading at `api` for what the business calls, `texts` and `calls` for what it is told.

mod api;
mod books;
mod calls;
mod errors;
mod jwt;
mod oauth;
mod texts;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;

use super::{
    Overrides,
    faults::{Proof, Switch},
    provider::{Act, Acted, ApiRequest, Can, Extra, Notice, Profile, Provider, Redelivery, Refused, Reply, Sealed, Sealing, To, Told},
    world::{Customer, Message, Status, World},
};
use books::Books;

/// The office.
pub const OFFICE_ID: u64 = 5_520_000_000_000_001;
/// The queue.
pub const QUEUE_ID: u64 = 4_690_000_000_000_001;
/// The agent.
pub const AGENT_ID: u64 = 5_990_000_000_000_001;

static PROFILE: Profile = Profile {
    name: "dialpad",
    title: "Dialpad",
    vendor: None,
    real_base: "https://dialpad.com",
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
        Extra { name: "call_answered", label: "Call: somebody answers, with a recording" },
        Extra { name: "call_queue", label: "Call: through the queue, three legs in any order" },
        Extra { name: "call_transfer", label: "Call: handed to a second person" },
        Extra { name: "call_missed", label: "Call: nobody answers" },
        Extra { name: "call_abandoned", label: "Call: hang up while it rings" },
        Extra { name: "call_voicemail", label: "Call: leave a voicemail, which is written down later" },
        Extra { name: "call_outbound", label: "The business calls" },
        Extra { name: "call_anonymous", label: "Call with a withheld number" },
        Extra { name: "stop", label: "Text STOP" },
        Extra { name: "start", label: "Text START" },
        Extra { name: "without_text", label: "Text, told without its words (missing scope)" },
        Extra { name: "group", label: "Text to a group" },
        Extra { name: "agent_answer", label: "An agent answers in the Dialpad app" },
    ],
    faults: errors::FAULTS,
    window_secs: None,
    unfetched: "",
    // 8: two hundreds within five seconds.
    deadline: Duration::from_secs(5),
    redelivery: TEXT_REDELIVERY,
};

/// 8: after 5xx ten more attempts for a text, here with shorter waits; without any answer two at once; after 4xx none.
const TEXT_REDELIVERY: Redelivery = Redelivery { after, waits: &[0, 1, 2, 4, 8, 16, 32, 60, 60, 60] };
/// The same for calls: three.
const CALL_REDELIVERY: Redelivery = Redelivery { after, waits: &[2, 4, 8] };

fn after(status: Option<u16>, attempt: u32) -> bool {
    status.map_or(attempt <= 2, |status| status >= 500)
}

/// The provider.
pub struct Dialpad {
    webhook_secret: String,
    api_key: String,
    number: String,
    /// Whether texts come with their words (the scope `message_content_export`).
    text_scope: bool,
    client_id: String,
    client_secret: String,
    /// How long a token that was given by consent lives; 0: for ever, and there is none for the next.
    token_secs: i64,
    books: Mutex<Books>,
}

impl Dialpad {
    /// With the specification's example ids, unless others are wanted.
    pub fn new(wanted: &mut Overrides) -> Self {
        let api_key = wanted.take("api_key", "simulated-dialpad-api-key");
        Self {
            webhook_secret: wanted.take("webhook_secret", "simulated-dialpad-webhook-secret"),
            number: wanted.take("number", "+15005550006"),
            text_scope: wanted.take("text_scope", "on") != "off",
            client_id: wanted.take("client_id", "simulated-client"),
            client_secret: wanted.take("client_secret", "simulated-client-secret-dialpad"),
            token_secs: wanted.take("token_secs", "7200").parse().unwrap_or(7_200),
            books: Mutex::new(Books::new(&api_key)),
            api_key,
        }
    }

    fn note<T>(&self, by: impl FnOnce(&mut Books) -> T) -> T {
        by(&mut self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// An event for everybody who subscribed to its kind (and direction), or for the channel's address if nobody has subscribed to anything.
    fn tell(&self, kind: &str, event: &Value, about: &str, after: u32) -> Vec<Notice> {
        let notice = |to| Notice { to, told: Told::Json(event.clone()), about: about.to_owned(), ticks: Vec::new(), after };
        match self.note(|books| books.subscribers(kind, event)) {
            None => vec![notice(To::Hook(""))],
            Some(urls) => urls.into_iter().map(|url| notice(To::Url(url))).collect(),
        }
    }
}

/// A number that no message or call has, beyond what a float can hold exactly (1).
fn fresh_id(world: &mut World) -> u64 {
    world.next_id() + 7_300_000_000_000_000
}

impl Provider for Dialpad {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![("webhook_secret", self.webhook_secret.clone()), ("api_key", self.api_key.clone())]
    }

    fn account(&self) -> String {
        self.number.clone()
    }

    fn customer(&self, world: &mut World, name: &str, address: Option<&str>) -> Customer {
        let given: String = address.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let number = if given.is_empty() { texts::free_number(world, &self.number) } else { format!("+{given}") };
        Customer::new(number.clone(), name, number)
    }

    fn act(&self, world: &mut World, customer: &str, act: &Act) -> Result<Acted, Refused> {
        self.customer_does(world, customer, act)
    }

    fn receipt(&self, world: &mut World, customer: &str, message: &Message, status: Status, code: Option<&str>) -> Vec<Notice> {
        self.status(world, customer, message, status, code)
    }

    fn redelivery(&self, notice: &Notice) -> Redelivery {
        if notice.about.starts_with("call") { CALL_REDELIVERY } else { TEXT_REDELIVERY }
    }

    fn seal(&self, notice: &Notice, sealing: &Sealing) -> Sealed {
        let claims = match &notice.told {
            Told::Json(value) => value.to_string(),
            // Dialpad sends no forms.
            Told::Form(_) => String::new(),
        };
        let own = self.note(|books| books.secret_of(&sealing.url));
        let secret = own.unwrap_or_else(|| self.webhook_secret.clone());
        let (mime, body) = match sealing.proof {
            Proof::Right => ("application/jwt", jwt::wrap(&secret, &claims)),
            Proof::Wrong => ("application/jwt", jwt::wrap("the-secret-of-another-webhook", &claims)),
            // Without a secret Dialpad sends plain JSON.
            Proof::Missing => ("application/json", claims),
        };
        let headers = vec![("content-type", mime.to_owned()), ("user-agent", "Dialpad".to_owned())];
        Sealed { method: "POST", url: sealing.url.clone(), headers, body: body.into_bytes() }
    }

    fn api(&self, world: &mut World, call: &ApiRequest) -> Reply {
        self.answer(world, call)
    }

    fn books(&self) -> Value {
        self.note(|books| books.shown())
    }
}
