//! Secrets: keys derived from the one secret key, sealing, opaque tokens, and comparing in constant time.
//!
//! Guarantees: a key derived for one purpose is useless for another; what is sealed opens only for the tenant and column it was sealed
//! for; nothing here prints a secret, also not by `Debug`.
//!
//! Does not: know who may see what, or where anything is kept.
//!
//! Start reading at [`keys`].

pub mod identity;
pub mod keys;
pub mod mac;
pub mod password;
pub mod seal;
pub mod token;
pub mod visitor_token;
pub mod webhook;

pub use keys::{Keys, Purpose};
pub use mac::{equal, hmac_sha256, hmac_sha256_joined, sha256, short_sha256};
pub use seal::SealError;
pub use token::random_bytes;
