//! What Twilio tells: messages that came in, and (in [`receipts`]) what became of ours (specification `sms`, A3, A6, A12).
//!
//! Guarantees: one notification is one message, known by its SID, so that a retry and a call of the fallback address change nothing; a word
//! like STOP is a message and a preference.
//!
//! Does not: decode what looks like base64 (A3), or believe places (`FromCity` and the like are guesses).

use entities::{ChannelKind, Direction, Happening, Inbound, InboundMedia, InboundMessage, MediaAuth, MessageType, Party};
use serde_json::{Map, Value, json};

use super::{
    credential, receipts,
    verify::{FORM, our_end},
    whatsapp,
};
use crate::channels::{
    adapter::{Notification, Unreadable, Unsupported},
    call::{MediaCall, MediaSource},
    credential::Credential,
    request::Answer,
    sms::{
        keywords::{self, Wish},
        media,
        parameters::Parameters,
        phone, words,
    },
    tidy,
};

/// Most files of one message (A3).
const MEDIA_MAX: usize = 10;
/// The one host that gets our name and password (A8).
const MEDIA_HOSTS: &[&str] = &["api.twilio.com"];
/// An answer that replies nothing: anything else may be sent to the customer, or raise error 12300 (A3).
const NOTHING_TO_SAY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// Twilio's answer, if the notification is one of its forms.
pub fn acknowledgement(notification: &Notification) -> Option<Answer> {
    let parameters = Parameters::from_form(&notification.body);
    let twilios = notification.content_type == FORM && parameters.has("AccountSid");
    twilios.then(|| Answer { status: 200, content_type: "text/xml", body: NOTHING_TO_SAY.to_owned() })
}

/// Reads a notification.
///
/// # Errors
/// [`Unreadable`] if it names no message or nobody who sent it.
pub fn parse(credential: &Credential, notification: &Notification) -> Result<Vec<Inbound>, Unreadable> {
    if notification.content_type != FORM {
        let reason = "a JSON notification of Twilio, which tells of no message".to_owned();
        return Ok(vec![Inbound { channel: ChannelKind::Sms, account: String::new(), at: None, what: Happening::Ignored { reason } }]);
    }
    let parameters = Parameters::from_form(&notification.body);
    if receipts::is_receipt(&parameters) { receipts::read(credential, &parameters) } else { message(credential, &parameters) }
}

/// The account that a notification is for: the messaging service if the credential names it, else our number (A12).
pub fn account(credential: &Credential, parameters: &Parameters, our_number: &str) -> String {
    let service =
        parameters.some("MessagingServiceSid").filter(|sid| credential.secrets("messaging_service_sid").any(|known| known == *sid));
    service.map_or_else(|| our_end(our_number), str::to_owned)
}

/// The SID of the message, by whichever of its names.
pub fn sid(parameters: &Parameters) -> Result<&str, Unreadable> {
    parameters.any(&["MessageSid", "SmsMessageSid", "SmsSid"]).ok_or_else(|| Unreadable("no MessageSid".to_owned()))
}

/// The contact at one end; `ours` is the other.
pub fn party(parameters: &Parameters, end: &str, ours: &str) -> Result<Party, Unreadable> {
    let party = match end.split_once(':') {
        Some((prefix, rest)) => whatsapp::party(parameters, prefix.trim(), rest, ours),
        None => phone::contact(end, ours).map(Party::of),
    };
    party.ok_or_else(|| Unreadable("nobody sent it".to_owned()))
}

fn message(credential: &Credential, parameters: &Parameters) -> Result<Vec<Inbound>, Unreadable> {
    let ours = our_end(parameters.get("To"));
    let account = account(credential, parameters, parameters.get("To"));
    if account.is_empty() {
        return Err(Unreadable("no To".to_owned()));
    }
    let from = parameters.get("From");
    let party = party(parameters, from, &ours)?;
    let contact = party.address.clone();
    let body = parameters.get("Body");
    let wish = wish(parameters, body, &ours);

    let mut message = InboundMessage::text(sid(parameters)?, party, tidy::message(body));
    message.direction = Direction::In;
    message.media = media_of(parameters);
    let mut details = details(&account, &ours, wish);
    if from.starts_with(whatsapp::PREFIX) {
        whatsapp::fill(parameters, &mut message, &mut details);
    }
    if let Some(first) = message.media.first()
        && message.kind == MessageType::Text
    {
        message.kind = first.kind;
    }
    if message.text.is_empty() && message.media.is_empty() {
        words::EMPTY.clone_into(&mut message.text);
    }
    message.details = (!details.is_empty()).then_some(Value::Object(details));

    let inbound = |what| Inbound { channel: ChannelKind::Sms, account: account.clone(), at: None, what };
    let preference = wish.and_then(|wish| keywords::preference(wish, contact, body));
    Ok([Some(Happening::Message(Box::new(message))), preference].into_iter().flatten().map(inbound).collect())
}

/// What the contact wishes. Where Twilio has judged (Advanced Opt-Out), its word counts and ours does not (A6).
fn wish(parameters: &Parameters, body: &str, ours: &str) -> Option<Wish> {
    match parameters.some("OptOutType") {
        Some(word) if word.eq_ignore_ascii_case("STOP") => Some(Wish::Stop),
        Some(word) if word.eq_ignore_ascii_case("START") => Some(Wish::Start),
        Some(word) if word.eq_ignore_ascii_case("HELP") => Some(Wish::Help),
        _ => keywords::wish(body, ours),
    }
}

fn details(account: &str, ours: &str, wish: Option<Wish>) -> Map<String, Value> {
    let mut details = Map::new();
    if let Some(wish) = wish {
        details.insert("keyword".to_owned(), json!(wish.word()));
    }
    // On a service the agent would not see otherwise which number the customer wrote to.
    if account != ours {
        details.insert("received_on".to_owned(), json!(ours));
    }
    details
}

/// The files: those that are there, whatever `NumMedia` says.
fn media_of(parameters: &Parameters) -> Vec<InboundMedia> {
    let file = |at| {
        let url = parameters.some(&format!("MediaUrl{at}"))?;
        let mime = parameters.some(&format!("MediaContentType{at}")).map(|mime| mime.split(';').next().unwrap_or_default().trim());
        Some(InboundMedia {
            kind: media::kind(mime.unwrap_or_default()),
            id: url.rsplit('/').next().filter(|id| id.starts_with("ME")).map(str::to_owned),
            url: Some(url.to_owned()),
            mime: mime.filter(|mime| !mime.is_empty()).map(str::to_ascii_lowercase),
            filename: None,
            size: None,
            sha256: None,
            auth: MediaAuth::Basic,
            expires_at: None,
        })
    };
    (0..MEDIA_MAX).filter_map(file).collect()
}

/// How a file is fetched: with our name and password at Twilio's own host, which sends on to where it lies (A8).
///
/// # Errors
/// [`Unsupported`] for an address that is none of the web.
pub fn media(credential: &Credential, file: &InboundMedia) -> Result<MediaCall, Unsupported> {
    let url = media::address(file)?;
    Ok(MediaCall::Direct(MediaSource {
        url,
        headers: vec![("authorization", credential::authorization(credential))],
        trusted_hosts: MEDIA_HOSTS,
        follow_redirects: true,
        html_means_unauthorised: false,
    }))
}
