//! Whether a request is Twilio's, for this account (specification `sms`, A2).
//!
//! Guarantees: nothing is believed that was not signed: a body that the signature does not cover is refused, whatever the address says.
//!
//! Does not: refuse repeats, for there is no timestamp: the message's SID makes them harmless. API keys sign nothing and verify nothing.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    receipts,
    signature::{self, Algorithm},
};
use crate::{
    channels::{
        adapter::{Notification, Refusal, Verified},
        credential::Credential,
        request::RawRequest,
        sms::{calls::body_with_ours, parameters::Parameters, phone},
    },
    crypto::mac,
};

/// Twilio's largest: 1600 characters of three escaped bytes each and some forty parameters. Signing is tried in several spellings and with
/// several keys, so the bytes of a stranger are not to be many.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// The type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";
/// The type of the few notifications that are no forms.
pub const JSON: &str = "application/json";
const SIGNATURE: &str = "x-twilio-signature";
/// The parameter of the address that holds the digest of a JSON body.
const BODY_DIGEST: &str = "bodySHA256";

/// Whether a request looks like Twilio's: by its header, or by what every one of its notifications has.
pub fn recognises(request: &RawRequest) -> bool {
    request.has_header(SIGNATURE) || parameters(request).has("AccountSid")
}

/// The messaging service and the number of ours that a request names.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    let parameters = parameters(request);
    let ours = if receipts::is_receipt(&parameters) { "From" } else { "To" };
    let service = parameters.some("MessagingServiceSid").map(str::to_owned);
    let number = our_end(parameters.get(ours));
    service.into_iter().chain((!number.is_empty()).then_some(number)).collect()
}

/// Our end in the channel's form. What comes before a colon (`whatsapp:`) belongs to it: it is another channel than the bare number.
pub fn our_end(text: &str) -> String {
    match text.split_once(':') {
        // Pages of Messenger have ids of their own.
        Some(("messenger", _)) => text.to_owned(),
        Some((prefix, rest)) => format!("{}:{}", prefix.trim(), phone::ours(rest)),
        None => phone::ours(text),
    }
}

fn parameters(request: &RawRequest) -> Parameters {
    if request.method == "GET" || request.body.len() > BODY_BYTES_MAX || request.content_type() == JSON {
        return Parameters::from_form(request.query.as_bytes());
    }
    Parameters::from_form(&request.body)
}

/// Judges a request.
///
/// # Errors
/// [`Refusal::Forbidden`] (Twilio's specification says 403) for anything that is not proven; [`Refusal::Malformed`] for what no webhook of
/// Twilio is; [`Refusal::Unconfigured`] without a token.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    let keys = keys(credential)?;
    let signed = Signed::of(request)?;
    let proof = request.header(SIGNATURE).and_then(|text| BASE64_STANDARD.decode(text.trim()).ok());
    let proof = proof.ok_or(Refusal::Forbidden("X-Twilio-Signature is missing, repeated or no base64"))?;
    let spellings = signature::spellings(&request.url);
    let verifies = |key: &(Algorithm, &str)| {
        spellings.iter().any(|url| key.0.verifies(key.1.as_bytes(), &[url.as_bytes(), signed.appended.as_bytes()], &proof))
    };
    if !keys.iter().any(verifies) {
        return Err(Refusal::Forbidden("X-Twilio-Signature does not verify"));
    }
    if !signed.is_for(credential) {
        return Err(Refusal::Forbidden("AccountSid is another account's"));
    }
    Ok(Verified::Notification(Notification {
        body: signed.body,
        content_type: signed.content_type.to_owned(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    }))
}

/// All keys that are alive, each with its algorithm.
fn keys(credential: &Credential) -> Result<Vec<(Algorithm, &str)>, Refusal> {
    let shared =
        Algorithm::named(credential.secret("signing_algorithm")).ok_or(Refusal::Unconfigured("signing_algorithm that is known"))?;
    let tokens = credential.secrets("auth_token").map(|token| (Algorithm::HmacSha1, token));
    let keys: Vec<_> = tokens.chain(credential.secrets("signing_key").map(|key| (shared, key))).collect();
    if keys.is_empty() { Err(Refusal::Unconfigured("auth_token")) } else { Ok(keys) }
}

/// What a request's signature covers besides its address.
struct Signed {
    /// What is appended to the address.
    appended: String,
    parameters: Parameters,
    body: Vec<u8>,
    content_type: &'static str,
}

impl Signed {
    fn of(request: &RawRequest) -> Result<Self, Refusal> {
        if request.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::Malformed("longer than anything that Twilio sends"));
        }
        match (request.method.as_str(), request.content_type().as_str()) {
            // A body that is empty is covered by the address alone, whatever its type is said to be.
            ("GET", _) | ("POST", "") if request.body.is_empty() => Ok(Self {
                appended: String::new(),
                parameters: Parameters::from_form(request.query.as_bytes()),
                body: request.query.clone().into_bytes(),
                content_type: FORM,
            }),
            ("POST", FORM) => {
                let parameters = Parameters::from_form(&request.body);
                Ok(Self { appended: signature::joined(parameters.pairs()), parameters, body: body_with_ours(request), content_type: FORM })
            }
            ("POST", JSON) => {
                let query = Parameters::from_form(request.query.as_bytes());
                let digest = query.some(BODY_DIGEST).ok_or(Refusal::Forbidden("a JSON body whose digest was not signed"))?;
                if !mac::equal(hex::encode(mac::sha256(&request.body)).as_bytes(), digest.as_bytes()) {
                    return Err(Refusal::Forbidden("bodySHA256 is another body's"));
                }
                Ok(Self { appended: String::new(), parameters: query, body: request.body.clone(), content_type: JSON })
            }
            _ => Err(Refusal::Malformed("neither a form nor JSON nor a query")),
        }
    }

    /// Every form names its account. JSON is bound to the account by the token alone, unless its address names one.
    fn is_for(&self, credential: &Credential) -> bool {
        match self.parameters.some("AccountSid") {
            Some(sid) => credential.secrets("account_sid").any(|known| known == sid),
            None => self.content_type == JSON,
        }
    }
}
