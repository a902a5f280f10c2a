//! Opaque tokens: random text that is shown once and kept as its SHA-256.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::sha256;

/// What every service token begins with, so that people and scanners know one when they see it.
pub const SERVICE_PREFIX: &str = "sb_";
/// What every agent's session token begins with.
pub const SESSION_PREFIX: &str = "ss_";
/// What every invitation's token begins with.
pub const INVITATION_PREFIX: &str = "iv_";
/// What every widget's public key begins with.
pub const WIDGET_PREFIX: &str = "wk_";

/// Random bytes from the operating system.
///
/// # Panics
/// If the operating system has no randomness: then nothing can be kept secret, and the process must not go on.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the operating system gives no random bytes: {error}");
    }
    bytes
}

/// A fresh token: the prefix and 32 random bytes as text.
#[must_use]
pub fn make(prefix: &str) -> String {
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}

/// A fresh public key of a widget: the prefix and 18 random bytes as text.
#[must_use]
pub fn make_public(prefix: &str) -> String {
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random_bytes::<18>()))
}

/// What the table keeps of a token. Tokens hold 256 random bits, so a plain hash cannot be guessed back, and looking one up by its hash
/// tells nothing by its duration.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}
