//! Signatures of the SMS API: a parameter `sig` among the others (specification `sms`, part B; Vonage, "Signing messages").
//!
//! Guarantees: every parameter counts; the weak methods verify only where the credential names them.

use crate::crypto::mac;

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    HmacSha512,
    HmacSha256,
    HmacSha1,
    HmacMd5,
    /// MD5 of the string and the secret: the oldest.
    Md5Hash,
}

/// The methods that the credential's word allows; without one, those that are strong. `None`: no such word.
fn methods(word: Option<&str>) -> Option<&'static [Method]> {
    Some(match word {
        None => &[Method::HmacSha512, Method::HmacSha256],
        Some("sha512") => &[Method::HmacSha512],
        Some("sha256") => &[Method::HmacSha256],
        Some("sha1") => &[Method::HmacSha1],
        Some("md5") => &[Method::HmacMd5],
        Some("md5hash") => &[Method::Md5Hash],
        Some(_) => return None,
    })
}

/// What is signed: all parameters but `sig`, sorted by name, as `&name=value`, with what separates them replaced in the values.
pub fn signed_text(parameters: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = parameters.iter().filter(|(name, _)| name != "sig").collect();
    pairs.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text = String::new();
    for (name, value) in pairs {
        text.extend(["&", name.as_str(), "=", value.replace(['&', '='], "_").as_str()]);
    }
    text
}

/// Whether `sig` (hexadecimal digits, in capitals or not) is made with this secret; `None` if the credential names a method that is not known.
pub fn verifies(parameters: &[(String, String)], sig: &str, secret: &str, method: Option<&str>) -> Option<bool> {
    let methods = methods(method)?;
    let Ok(proof) = hex::decode(sig) else { return Some(false) };
    let text = signed_text(parameters);
    let (text, secret) = (text.as_bytes(), secret.as_bytes());
    let by = |method: &Method| match method {
        Method::HmacSha512 => mac::equal(&mac::hmac_sha512_joined(secret, &[text]), &proof),
        Method::HmacSha256 => mac::equal(&mac::hmac_sha256_joined(secret, &[text]), &proof),
        Method::HmacSha1 => mac::equal(&mac::hmac_sha1_joined(secret, &[text]), &proof),
        Method::HmacMd5 => mac::equal(&mac::hmac_md5_joined(secret, &[text]), &proof),
        Method::Md5Hash => mac::equal(&mac::md5_joined(&[text, secret]), &proof),
    };
    Some(methods.iter().any(by))
}
