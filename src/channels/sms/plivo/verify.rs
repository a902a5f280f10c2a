//! Whether a request is Plivo's (specification `sms`, part E): version 3 of its signatures, or version 2, which messaging sends.
//!
//! Guarantees: where a header of version 3 is there it decides, so that nobody chooses the weaker proof by leaving it wrong.
//!
//! Does not: make more of version 2 than it is. It covers the address without its query, and a nonce; whoever has seen one signed request
//! may send another body with it. `docs/channels/sms.md` says so.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    channels::{
        adapter::{Notification, Refusal, Verified},
        credential::Credential,
        form,
        request::RawRequest,
        sms::{calls, parameters::Parameters, phone},
    },
    crypto::mac,
};

const FORM: &str = "application/x-www-form-urlencoded";
/// Most signatures of one header that are looked at: as many as an account has tokens while they are rotated, and some more.
const SIGNATURES_MAX: usize = 8;

/// The headers of a version: signatures by the account, by the main account, and the nonce.
struct Version {
    signatures: &'static str,
    of_main: &'static str,
    nonce: &'static str,
}

const V2: Version = Version { signatures: "x-plivo-signature-v2", of_main: "x-plivo-signature-ma-v2", nonce: "x-plivo-signature-v2-nonce" };
const V3: Version = Version { signatures: "x-plivo-signature-v3", of_main: "x-plivo-signature-ma-v3", nonce: "x-plivo-signature-v3-nonce" };

impl Version {
    fn is_in(&self, request: &RawRequest) -> bool {
        request.has_header(self.signatures) || request.has_header(self.of_main)
    }
}

/// Whether a request looks like Plivo's.
pub fn recognises(request: &RawRequest) -> bool {
    V2.is_in(request) || V3.is_in(request) || parameters(request).has("MessageUUID")
}

/// The number of ours that a request names.
pub fn claimed_accounts(request: &RawRequest) -> Vec<String> {
    let parameters = parameters(request);
    let number = phone::ours(parameters.get(if super::inbound::is_receipt(&parameters) { "From" } else { "To" }));
    if number.is_empty() { Vec::new() } else { vec![number] }
}

fn parameters(request: &RawRequest) -> Parameters {
    Parameters::from_form(if request.method == "GET" { request.query.as_bytes() } else { &request.body })
}

/// Judges a request.
///
/// # Errors
/// [`Refusal::Unauthentic`] for anything that is not proven; [`Refusal::Unconfigured`] without a token.
pub fn verify(credential: &Credential, request: &RawRequest) -> Result<Verified, Refusal> {
    let post = match request.method.as_str() {
        "POST" if matches!(request.content_type().as_str(), FORM | "") => true,
        "GET" if request.body.is_empty() => false,
        _ => return Err(Refusal::Malformed("neither a form nor a query")),
    };
    if credential.secret("auth_token").is_none() {
        return Err(Refusal::Unconfigured("auth_token"));
    }
    let (version, text) = if V3.is_in(request) { (V3, text_v3(request, post)) } else { (V2, address(&request.url).to_owned()) };
    let nonce = request.header(version.nonce).filter(|nonce| !nonce.is_empty());
    let nonce = nonce.ok_or(Refusal::Unauthentic("the nonce of X-Plivo-Signature is missing or repeated"))?;
    let signed = if version.signatures == V3.signatures { format!("{text}.{nonce}") } else { format!("{text}{nonce}") };
    if !proven(credential, request, &version, &signed) {
        return Err(Refusal::Unauthentic("X-Plivo-Signature is missing, repeated, or does not verify"));
    }
    Ok(Verified::Notification(Notification {
        body: if post { calls::body_with_ours(request) } else { request.query.clone().into_bytes() },
        content_type: FORM.to_owned(),
        kind: request.kind.clone(),
        received_at: request.received_at,
    }))
}

/// Whether one of the signatures is by one of the tokens that may have made it.
fn proven(credential: &Credential, request: &RawRequest, version: &Version, signed: &str) -> bool {
    let by = |header: &str, key: &str| {
        let code = mac::hmac_sha256_joined(key.as_bytes(), &[signed.as_bytes()]);
        let proofs = request.header(header).into_iter().flat_map(|text| text.split(',')).take(SIGNATURES_MAX);
        let mut proofs = proofs.filter_map(|proof| BASE64_STANDARD.decode(proof.trim()).ok());
        proofs.any(|proof| mac::equal(&code, &proof))
    };
    let own = || credential.secrets("auth_token").any(|key| by(version.signatures, key) || by(version.of_main, key));
    own() || credential.secrets("main_auth_token").any(|key| by(version.of_main, key))
}

/// Scheme, host and path.
fn address(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// What version 3 signs before its nonce.
fn text_v3(request: &RawRequest, post: bool) -> String {
    let mut query = form::decode(request.query.as_bytes());
    let mut body = if post { form::decode(&request.body) } else { Vec::new() };
    // By name, and the values of one name by themselves.
    query.sort();
    body.sort();
    let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let body: String = body.into_iter().flat_map(|(name, value)| [name, value]).collect();
    let asked = if query.is_empty() && body.is_empty() { "" } else { "?" };
    let between = if query.is_empty() || body.is_empty() { "" } else { "." };
    format!("{}{asked}{}{between}{body}", address(&request.url), query.join("&"))
}
