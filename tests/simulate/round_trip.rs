//! Simulator and adapter, which share no code, against each other: what one tells the other reads, and what the other sends the first takes.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use entities::{
    Action, Address, ChannelKind, Direction, Document, Happening, Inbound, InboundMedia, Outbound, OutboundMessage, ReceiptStatus,
    SendOutcome, Timestamp,
    outbound::{OutboundAuthor, OutboundMedia},
};
use serde_json::Value;
use switchboard::{
    channels::{
        adapter::{Adapter, Verified},
        call::{Body, MediaCall, ProviderCall, ProviderReply},
        credential::Credential,
        dialpad::Dialpad,
        messenger::Messenger,
        request::RawRequest,
        slack::Slack,
        sms::Sms,
        whatsapp::Whatsapp,
    },
    simulate::{
        Simulated,
        faults::Switch,
        provider::Act,
        world::{Side, Status},
    },
};

use super::stage::{BEGINNING_MS, Heard, Stage, multipart};

const OURS: &str = "01990000-0000-7000-8000-000000000001";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

/// A simulator with the adapter of its provider.
struct Pair {
    stage: Stage,
    adapter: &'static dyn Adapter,
    channel: ChannelKind,
    credential: Credential,
}

impl Pair {
    async fn new(provider: Simulated) -> Self {
        let stage = Stage::new(provider).await;
        let (adapter, channel): (&'static dyn Adapter, _) = match provider {
            Simulated::Whatsapp => (&Whatsapp, ChannelKind::Whatsapp),
            Simulated::Messenger => (&Messenger, ChannelKind::Messenger),
            Simulated::Sms => (&Sms, ChannelKind::Sms),
            Simulated::Slack => (&Slack, ChannelKind::Slack),
            Simulated::Dialpad => (&Dialpad, ChannelKind::Dialpad),
        };
        let secrets = stage.running.credentials().into_iter().map(|(name, value)| (name.to_owned(), value));
        let mut credential = Credential::new(secrets);
        credential.vendor = (provider == Simulated::Sms).then(|| "twilio".to_owned());
        credential.account = Some(stage.running.account());
        let hook = stage.sim().look(|world| world.hook_url.clone());
        credential.public_url = hook.split("/api/").next().unwrap().to_owned();
        Self { stage, adapter, channel, credential }
    }

    async fn all() -> Vec<Self> {
        let mut pairs = Vec::new();
        for provider in Simulated::ALL {
            pairs.push(Self::new(*provider).await);
        }
        pairs
    }

    fn name(&self) -> &'static str {
        self.stage.sim().provider.profile().name
    }

    fn raw(&self, heard: &Heard) -> RawRequest {
        let (path, query) = heard.url.split_once('?').unwrap_or((&heard.url, ""));
        let kind = path.split('/').skip(4).collect::<Vec<_>>().join("/");
        RawRequest {
            method: heard.method.clone(),
            url: format!("{}{}", self.credential.public_url, heard.url),
            query: query.to_owned(),
            kind,
            headers: heard.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect(),
            body: heard.body.to_vec(),
            received_at: now(),
        }
    }

    /// What the adapter makes of a notification.
    fn read(&self, heard: &Heard) -> Vec<Inbound> {
        let raw = self.raw(heard);
        let said = || format!("{}: {:?}", self.name(), heard.body);
        match self.adapter.verify(&self.credential, &raw).unwrap_or_else(|refusal| panic!("{refusal}: {}", said())) {
            Verified::Handshake(answer) => panic!("{answer:?}: {}", said()),
            Verified::Notification(notification) => {
                self.adapter.parse(&self.credential, &notification).unwrap_or_else(|unreadable| panic!("{unreadable}: {}", said()))
            }
        }
    }

    /// The customer does something; what the adapter makes of all that is told of it.
    async fn acts(&self, act: &Act) -> Vec<Inbound> {
        self.stage.sim().act(&self.stage.dana(), act).unwrap();
        self.stage.rest().await.iter().flat_map(|heard| self.read(heard)).collect()
    }

    async fn writes(&self, text: &str, file_id: Option<String>) -> entities::InboundMessage {
        let told = self.acts(&Act::Write { text: text.to_owned(), file_id, reply_to: None }).await;
        let mut messages = told.into_iter().filter_map(|inbound| match inbound.what {
            Happening::Message(message) => Some(*message),
            _ => None,
        });
        messages.next().unwrap_or_else(|| panic!("{}: no message", self.name()))
    }

    fn outbound(&self, to: Address, thread: Option<String>, what: Action) -> Outbound {
        let account = self.stage.running.account();
        Outbound { channel: self.channel, account, to, thread, last_inbound_at: Some(now()), now: now(), what }
    }

    /// Makes the calls one after the other, and judges the answer to each.
    async fn carry_out(&self, calls: Vec<ProviderCall>) -> Vec<SendOutcome> {
        let mut captured = BTreeMap::new();
        let mut outcomes = Vec::new();
        for call in calls {
            let reply = self.make(&call, &captured).await;
            let answer = reply.json();
            for capture in &call.captures {
                let value = answer.pointer(capture.pointer).unwrap_or_else(|| panic!("no {} in {answer}", capture.pointer));
                captured.insert(capture.name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
            outcomes.push(self.adapter.classify(&call, &reply));
        }
        outcomes
    }

    async fn make(&self, call: &ProviderCall, captured: &BTreeMap<&'static str, String>) -> ProviderReply {
        let filled = |text: &str| captured.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        let path = filled(&call.path);
        let url = if path.starts_with('/') { format!("{}{path}", self.stage.running.url) } else { path };
        let mut request = self.stage.client.request(call.method.parse().unwrap(), url).insert_header(("user-agent", "Switchboard"));
        for (name, value) in &call.headers {
            request = request.insert_header((*name, filled(value)));
        }
        let sent = match &call.body {
            Body::None => request.send().await,
            Body::Json(json) => request.insert_header(("content-type", "application/json")).send_body(filled(&json.to_string())).await,
            Body::Form(pairs) => request.send_form(pairs).await,
            Body::File(_) => request.send_body(PICTURE).await,
            Body::Multipart { fields, file_field, .. } => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let (content_type, body) = multipart(&fields, (file_field, "holiday.png", "image/png", PICTURE));
                request.insert_header(("content-type", content_type)).send_body(body).await
            }
            Body::JsonWithFile { json, pointer, .. } => {
                let mut json = json.clone();
                *json.pointer_mut(pointer).unwrap() = BASE64_STANDARD.encode(PICTURE).into();
                request.send_json(&json).await
            }
        };
        let mut response = sent.unwrap();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = response.body().await.unwrap().to_vec();
        ProviderReply::Answered { status: response.status().as_u16(), headers, body }
    }

    /// Fetches a file of a customer as the adapter says.
    async fn fetch(&self, media: &InboundMedia) -> Vec<u8> {
        let (source, url) = match self.adapter.media(&self.credential, media).unwrap() {
            MediaCall::Direct(source) => {
                let url = source.url.clone();
                (source, url)
            }
            MediaCall::Located { call, url, source, .. } => {
                let located = self.make(&call, &BTreeMap::new()).await.json();
                let url = located.pointer(url).and_then(Value::as_str).unwrap_or_else(|| panic!("no {url} in {located}")).to_owned();
                (source, url)
            }
        };
        let mut url = url;
        for _ in 0..3 {
            let mut request = self.stage.client.get(&url).insert_header(("user-agent", "Switchboard"));
            for (name, value) in &source.headers {
                request = request.insert_header((*name, value.as_str()));
            }
            let mut response = request.send().await.unwrap();
            match response.headers().get("location").filter(|_| source.follow_redirects) {
                Some(further) => url = further.to_str().unwrap().to_owned(),
                None => return response.body().await.unwrap().to_vec(),
            }
        }
        panic!("{}: redirected without end", self.name());
    }
}

fn now() -> Timestamp {
    Timestamp::from_micros(BEGINNING_MS * 1_000)
}

fn message(text: &str, media: Vec<OutboundMedia>) -> Action {
    let author = OutboundAuthor { name: Some("Alex Agent".to_owned()), avatar_url: None, human: true };
    let (id, content, text) = (OURS.parse().unwrap(), Document::plain(text), text.to_owned());
    Action::Send(Box::new(OutboundMessage { id, content, text, media, reply_to: None, author, extra: None }))
}

#[actix_web::test]
async fn credentials_pass_their_check_and_name_the_account() {
    for pair in Pair::all().await {
        let call = pair.adapter.check(&pair.credential);
        let reply = pair.make(&call, &BTreeMap::new()).await;
        let accounts = pair.adapter.judge_check(&pair.credential, &reply).unwrap_or_else(|error| panic!("{}: {error}", pair.name()));
        let account = pair.stage.running.account();
        assert!(accounts.iter().any(|known| known.address == account), "{}: {accounts:?}", pair.name());
    }
}

#[actix_web::test]
async fn what_a_customer_writes_arrives_word_for_word_on_the_right_account() {
    for pair in Pair::all().await {
        let text = "Grüße, is the <blue> one & its price 50% off? 👋";
        let (id, heard) = pair.stage.writes(text).await;
        let account = pair.stage.running.account();
        assert!(pair.adapter.claimed_accounts(&pair.raw(&heard)).contains(&account), "{}", pair.name());
        let told = pair.read(&heard);
        let [Inbound { account: told_account, what: Happening::Message(message), .. }] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(
            (&message.id, message.text.as_str(), message.direction, told_account),
            (&id, text, Direction::In, &account),
            "{}",
            pair.name()
        );
    }
}

#[actix_web::test]
async fn notifications_that_are_not_rightly_signed_are_refused() {
    for pair in Pair::all().await {
        for switch in [Switch::WrongSignature, Switch::Unsigned] {
            pair.stage.switch(switch, true);
            let (_, heard) = pair.stage.writes("hello").await;
            assert!(pair.adapter.verify(&pair.credential, &pair.raw(&heard)).is_err(), "{}: {switch:?}", pair.name());
        }
    }
}

#[actix_web::test]
async fn an_answer_is_taken_and_what_comes_back_of_it_names_it() {
    for pair in Pair::all().await {
        let first = pair.writes("hello", None).await;
        let outbound = pair.outbound(first.party.address.clone(), first.thread.clone(), message("Hi **Dana**, yes & welcome", Vec::new()));
        let outcomes = pair.carry_out(pair.adapter.plan(&pair.credential, &outbound).unwrap()).await;
        let Some(SendOutcome::Accepted { id: Some(id), .. }) = outcomes.last() else { panic!("{}: {outcomes:?}", pair.name()) };
        let shown = pair.stage.sim().look(|world| {
            let mut messages = world.customers[0].messages.iter();
            messages.find(|message| message.from == Side::Business).cloned().unwrap_or_else(|| panic!("{}: not there", pair.name()))
        });
        assert!(
            shown.id.contains(id.as_str()) && shown.text.contains("Dana") && shown.text.contains("yes & welcome"),
            "{}: {shown:?}",
            pair.name()
        );
        let last = if pair.stage.sim().provider.profile().can.read { Status::Read } else { Status::Delivered };
        pair.stage.until_status(&shown.id, last).await;
        let told: Vec<Inbound> = pair.stage.rest().await.iter().flat_map(|heard| pair.read(heard)).collect();
        let names_it = told.iter().any(|inbound| match &inbound.what {
            Happening::Receipt(receipt) => receipt.target == *id && receipt.status >= ReceiptStatus::Delivered,
            Happening::Watermark { status, .. } => *status == ReceiptStatus::Read,
            Happening::Message(echo) => echo.direction == Direction::Out && echo.id == *id,
            Happening::Ignored { .. } => pair.channel == ChannelKind::Slack,
            _ => false,
        });
        assert!(names_it, "{}: {told:?}", pair.name());
    }
}

#[actix_web::test]
async fn a_customers_picture_can_be_fetched() {
    for pair in Pair::all().await {
        let file_id = pair.stage.sim().add_file("image/png", "holiday.png", PICTURE.into());
        let message = pair.writes("look", Some(file_id)).await;
        let media = message.media.first().unwrap_or_else(|| panic!("{}: no file: {message:?}", pair.name()));
        assert_eq!(pair.fetch(media).await, PICTURE, "{}", pair.name());
    }
}

#[actix_web::test]
async fn a_picture_of_ours_reaches_the_phone() {
    for pair in Pair::all().await {
        let first = pair.writes("hello", None).await;
        let (id, mime, url) = (OURS.parse().unwrap(), "image/png".to_owned(), "https://files.example.org/holiday.png".to_owned());
        let file = OutboundMedia { id, filename: "holiday.png".to_owned(), mime, size: PICTURE.len() as u64, url };
        let outbound = pair.outbound(first.party.address.clone(), first.thread.clone(), message("look", vec![file]));
        let outcomes = pair.carry_out(pair.adapter.plan(&pair.credential, &outbound).unwrap()).await;
        assert!(outcomes.iter().all(|outcome| matches!(outcome, SendOutcome::Accepted { .. })), "{}: {outcomes:?}", pair.name());
        let files = pair.stage.sim().look(|world| {
            let messages = world.customers[0].messages.iter().filter(|message| message.from == Side::Business);
            messages.flat_map(|message| message.files.clone()).collect::<Vec<_>>()
        });
        assert_eq!(files.len(), 1, "{}: {files:?}", pair.name());
        let bytes = files[0].file_id.as_ref().map(|id| pair.stage.sim().look(|world| world.file(id).unwrap().bytes.to_vec()));
        assert!(bytes.is_none_or(|bytes| bytes == PICTURE), "{}", pair.name());
    }
}

/// What each provider's extras are read as.
const READ_AS: &str = "\
whatsapp location: location
whatsapp contacts: contacts
whatsapp unsupported: unsupported
whatsapp ad: text
whatsapp number_changed: contact changed
whatsapp stop_marketing: preference
whatsapp resume_marketing: preference
whatsapp phone_app_answer: echo
whatsapp template_paused: channel
whatsapp template_approved: channel
whatsapp partner_removed: channel
messenger get_started: interactive_reply
messenger thumb: sticker
messenger location: location
messenger share: share
messenger story: share
messenger unsupported: unsupported
messenger referral: channel
messenger optin: channel
messenger standby: text
messenger pass_thread_control: channel
messenger inbox_answer: echo
messenger policy: channel
messenger test_button: ignored
sms stop: text, preference
sms start: text, preference
sms help: text
sms stop_advanced: text, preference
sms fallback: text
sms lost:
slack channel: text
slack mention: text, text
slack broadcast: text
slack unfurl: ignored
slack other_bot: ignored
slack join: ignored
slack connect_file: document
slack slash: text
slack uninstalled: channel
slack revoked: channel
slack app_rate_limited: channel
dialpad call_answered: ringing, answered, ended, call, call
dialpad call_queue: answered, ringing, answered, ended, ended
dialpad call_transfer: ringing, answered, on_hold, answered, ended
dialpad call_missed: ringing, missed, missed
dialpad call_abandoned: ringing, missed
dialpad call_voicemail: ringing, voicemail, voicemail, voicemail
dialpad call_outbound: ringing, answered, ended
dialpad call_anonymous: ringing, answered, ended, call, call
dialpad stop: text, preference
dialpad start: text, preference
dialpad without_text: unsupported, channel
dialpad group: text
dialpad agent_answer: echo
";

#[actix_web::test]
async fn everything_that_can_happen_is_read() {
    let mut read_as = String::new();
    for pair in Pair::all().await {
        pair.writes("hello", None).await;
        for extra in pair.stage.sim().provider.profile().extras {
            let told = pair.acts(&Act::Extra { name: extra.name.to_owned() }).await;
            let words: Vec<_> = told.iter().map(|inbound| word(&inbound.what)).collect();
            read_as.push_str(format!("{} {}: {}", pair.name(), extra.name, words.join(", ")).trim_end());
            read_as.push('\n');
        }
    }
    assert_eq!(read_as, READ_AS);
}

fn word(what: &Happening) -> &'static str {
    match what {
        Happening::Message(message) if message.direction == Direction::Out => "echo",
        Happening::Message(message) => message.kind.as_str(),
        Happening::Edit { .. } => "edit",
        Happening::Deletion { .. } => "deletion",
        Happening::Reaction { emoji: Some(_), .. } => "reaction",
        Happening::Reaction { emoji: None, .. } => "no reaction",
        Happening::Receipt(_) => "receipt",
        Happening::Watermark { .. } => "watermark",
        Happening::ContactChanged { .. } => "contact changed",
        Happening::Preference { .. } => "preference",
        Happening::Call(call) => call.phase.map_or("call", entities::inbound::CallPhase::as_str),
        Happening::Note { .. } => "note",
        Happening::Channel(_) => "channel",
        Happening::Part(_) => "part",
        Happening::Ignored { .. } => "ignored",
    }
}

#[actix_web::test]
async fn reactions_edits_and_deletions_are_read_and_name_the_message() {
    for provider in [Simulated::Whatsapp, Simulated::Messenger, Simulated::Slack] {
        let pair = Pair::new(provider).await;
        let message_id = pair.writes("orignal", None).await.id;
        let act = async |act: Act| pair.acts(&act).await.into_iter().map(|inbound| inbound.what).collect::<Vec<_>>();
        let on = act(Act::React { message_id: message_id.clone(), emoji: "👍".to_owned() }).await;
        let [Happening::Reaction { target, emoji, .. }] = on.as_slice() else { panic!("{}: {on:?}", pair.name()) };
        assert_eq!((target, emoji.as_deref()), (&message_id, Some("👍")), "{}", pair.name());
        let off = act(Act::React { message_id: message_id.clone(), emoji: String::new() }).await;
        assert!(matches!(off.as_slice(), [Happening::Reaction { emoji: None, .. }]), "{}: {off:?}", pair.name());
        let edited = act(Act::Edit { message_id: message_id.clone(), text: "original".to_owned() }).await;
        let [Happening::Edit { message, .. }] = edited.as_slice() else { panic!("{}: {edited:?}", pair.name()) };
        assert_eq!((&message.id, message.text.as_str()), (&message_id, "original"), "{}", pair.name());
        if provider != Simulated::Messenger {
            let gone = act(Act::Delete { message_id: message_id.clone() }).await;
            assert!(matches!(gone.as_slice(), [Happening::Deletion { target }] if *target == message_id), "{}: {gone:?}", pair.name());
        }
    }
}

#[actix_web::test]
async fn refusals_are_understood_as_what_they_are() {
    for pair in Pair::all().await {
        let first = pair.writes("hello", None).await;
        let outbound = pair.outbound(first.party.address.clone(), first.thread.clone(), message("hi", Vec::new()));
        let send = async || pair.carry_out(pair.adapter.plan(&pair.credential, &outbound).unwrap()).await.pop().unwrap();
        pair.stage.switch(Switch::RateLimit, true);
        let limited = send().await;
        assert!(matches!(limited, SendOutcome::Retry { .. }), "{}: {limited:?}", pair.name());
        pair.stage.switch(Switch::RateLimit, false);
        pair.stage.switch(Switch::TokenExpired, true);
        let expired = send().await;
        assert!(matches!(expired, SendOutcome::Halted { .. }), "{}: {expired:?}", pair.name());
    }
}
