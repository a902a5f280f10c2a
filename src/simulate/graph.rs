//! What WhatsApp and Messenger share: Meta's signatures, handshake, tokens and errors (specifications `whatsapp` 2 to 4 and 13, `messenger` 2
//! to 4 and 12).

use serde_json::{Value, json};

use super::{
    faults::{Fault, Proof},
    provider::{ApiRequest, Notice, Reply, Sealed, Sealing, Told},
};
use crate::crypto::mac;

/// What signs in place of the right secret when a wrong signature is wanted.
const OTHER_SECRET: &[u8] = b"the-secret-of-another-app";

/// JSON as Meta writes it: everything beyond ASCII as `\uXXXX` in lower case, and a slash as `\/` where asked for.
pub fn written(value: &Value, slashes: bool) -> String {
    let plain = value.to_string();
    let mut written = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c.is_ascii() {
            if c == '/' && slashes {
                written.push('\\');
            }
            written.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                written.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    written
}

/// The value of `X-Hub-Signature-256`.
pub fn signature(secret: &[u8], body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac::hmac_sha256_joined(secret, &[body])))
}

/// A notification, signed.
pub fn seal(notice: &Notice, sealing: &Sealing, secret: &str, slashes: bool) -> Sealed {
    let body = match &notice.told {
        Told::Json(value) => written(value, slashes).into_bytes(),
        // Meta sends no forms.
        Told::Form(_) => Vec::new(),
    };
    let mut headers = vec![("content-type", "application/json".to_owned()), ("user-agent", "facebookexternalua".to_owned())];
    match sealing.proof {
        Proof::Right => headers.push(("x-hub-signature-256", signature(secret.as_bytes(), &body))),
        Proof::Wrong => headers.push(("x-hub-signature-256", signature(OTHER_SECRET, &body))),
        Proof::Missing => {}
    }
    Sealed { method: "POST", url: sealing.url.clone(), headers, body }
}

/// The request that makes sure of a webhook's address, and the challenge that has to come back.
pub fn handshake(hook_url: &str, verify_token: &str, now_ms: i64) -> (Sealed, String) {
    let challenge = (now_ms % 10_000_000_000).to_string();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token)
        .finish();
    let headers = vec![("user-agent", "facebookplatform/1.0".to_owned())];
    (Sealed { method: "GET", url: format!("{hook_url}?{query}"), headers, body: Vec::new() }, challenge)
}

/// The path without the version in front.
pub fn unversioned<'a>(parts: &'a [&'a str]) -> (Option<&'a str>, &'a [&'a str]) {
    match parts.split_first() {
        Some((first, rest)) if first.strip_prefix('v').is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit())) => {
            (Some(*first), rest)
        }
        _ => (None, parts),
    }
}

/// Whether a call carries this token, and a right `appsecret_proof` if it carries one.
///
/// # Errors
/// The answer that refuses it.
pub fn authorise(call: &ApiRequest, token: &str, app_secret: &str) -> Result<(), Box<Reply>> {
    let given = call.bearer().or_else(|| call.query("access_token")).unwrap_or_default();
    if !mac::equal(given.as_bytes(), token.as_bytes()) {
        return Err(Box::new(error("190", 401, "Invalid OAuth access token - Cannot parse access token", None)));
    }
    let proof = hex::encode(mac::hmac_sha256_joined(app_secret.as_bytes(), &[token.as_bytes()]));
    match call.query("appsecret_proof") {
        Some(given) if !mac::equal(given.as_bytes(), proof.as_bytes()) => {
            Err(Box::new(error("100", 400, "Invalid appsecret_proof provided in the API argument", None)))
        }
        _ => Ok(()),
    }
}

/// An error as the Graph API writes it. A code may carry its subcode behind a slash (`10/2018278`).
pub fn error(code: &str, http: u16, title: &str, product: Option<&str>) -> Reply {
    let (main, subcode) = code.split_once('/').map_or((code, None), |(main, subcode)| (main, Some(subcode)));
    let number = |text: &str| text.parse::<u32>().unwrap_or(1);
    let mut error = json!({
        "message": format!("(#{main}) {title}"),
        "type": "OAuthException",
        "code": number(main),
        "fbtrace_id": "ASimulatedTrace",
    });
    if let Some(error) = error.as_object_mut() {
        if let Some(product) = product {
            error.insert("error_data".to_owned(), json!({"messaging_product": product, "details": title}));
        }
        if let Some(subcode) = subcode {
            error.insert("error_subcode".to_owned(), number(subcode).into());
        }
        if ["1", "2", "1200", "131000", "131016"].contains(&main) {
            error.insert("is_transient".to_owned(), true.into());
        }
    }
    let reply = Reply::json(http, json!({"error": error}));
    let kind = if product.is_some() { "whatsapp" } else { "messenger" };
    if ["4", "80007", "613", "80006"].contains(&main) {
        let usage = json!({"102000000000001": [{"type": kind, "call_count": 100, "total_cputime": 20, "total_time": 20, "estimated_time_to_regain_access": 1}]});
        return reply.header("x-business-use-case-usage", usage.to_string());
    }
    reply
}

/// The row of a code; for one that is not in the table, a row that says only that.
pub fn row<'a>(faults: &'a [Fault], code: &'a str) -> Fault {
    let main = code.split('/').next().unwrap_or(code);
    let exact = faults.iter().find(|fault| fault.code == code);
    let found = exact.or_else(|| faults.iter().find(|fault| fault.code.split('/').next() == Some(main)));
    found.copied().unwrap_or(Fault { code: "", http: 400, title: "Something went wrong" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specifications_examples() {
        let signed = |body: &str| signature(b"example-app-secret-01", body.as_bytes());
        assert_eq!(signed(r#"{"object":"page","entry":[]}"#), "sha256=ef38a6e9c41ace959c92562bf8cae4e07b4dfff894a7337cdf42dd525c91988c");
        let escaped = r#"{"text":"Gr\u00fc\u00dfe \ud83d\ude00 5<6"}"#;
        assert_eq!(written(&json!({"text": "Grüße 😀 5<6"}), false), escaped);
        assert_eq!(signed(escaped), "sha256=eca75ad8718c6286cc0500a52ebde965d572c605456377b640be5e0fd4de3162");
    }

    #[test]
    fn slashes_are_escaped_where_asked_for() {
        assert_eq!(written(&json!({"url": "https://a/b"}), true), r#"{"url":"https:\/\/a\/b"}"#);
    }

    #[test]
    fn a_code_that_no_table_has_is_answered_all_the_same() {
        assert_eq!(row(&[], "4711").http, 400);
    }
}
