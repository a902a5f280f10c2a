//! Passwords: argon2id, off the request threads and a bounded number at once.
//!
//! One hash takes 19 MiB and tens of milliseconds of a core (argon2's own defaults: m = 19 MiB, t = 2, p = 1, which is also OWASP's
//! first choice, Password Storage Cheat Sheet, read 2026-11). So the number at once is bounded, or a rush of sign-ins would take the
//! memory and the cores that conversations need.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Hashes computed at once; more wait.
const AT_ONCE_MAX: usize = 2;
/// Sign-ins that may wait for a turn; more are refused as busy.
const WAITING_MAX: usize = 256;
/// Shortest password that is taken, in characters.
pub const CHARS_MIN: usize = 8;
/// Longest password that is taken, in bytes: hashing is linear in it.
pub const BYTES_MAX: usize = 1024;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE_MAX);
static PLACES: Semaphore = Semaphore::const_new(WAITING_MAX);

/// Why a password could not be hashed or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Under [`CHARS_MIN`] characters or over [`BYTES_MAX`] bytes.
    #[error("must have 8 characters at least and 1024 bytes at most")]
    Length,
    /// Too many at once.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hasher failed, or its thread died.
    #[error("the password could not be hashed")]
    Failed,
}

/// Whether a new password may be so long.
///
/// # Errors
/// [`PasswordError::Length`].
pub fn check_length(password: &str) -> Result<(), PasswordError> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        return Err(PasswordError::Length);
    }
    Ok(())
}

/// Hashes a new password to its PHC text.
///
/// # Errors
/// [`PasswordError`].
pub async fn hash(password: String) -> Result<String, PasswordError> {
    check_length(&password)?;
    in_turn(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_opaque| PasswordError::Failed)
    })
    .await?
}

/// Whether the password belongs to any of the hashes, and which: one bool for each, in order. With no hash at all a made-up one is checked,
/// so that an address nobody has takes as long as one that somebody has.
///
/// # Errors
/// [`PasswordError::Busy`] or [`PasswordError::Failed`].
pub async fn verify(password: String, hashes: Vec<String>) -> Result<Vec<bool>, PasswordError> {
    if password.len() > BYTES_MAX {
        return Ok(vec![false; hashes.len()]);
    }
    in_turn(move || {
        if hashes.is_empty() {
            check(&password, NOBODY);
        }
        hashes.iter().map(|hash| check(&password, hash)).collect()
    })
    .await
}

/// A hash that no password has: its output was drawn at random.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c3dpdGNoYm9hcmQtbm9ib2R5$q0n1mJv2r9e3w6b8Xk4yZt5uHs7dFgPaLcVoNiQxEhM";

fn check(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
    let _place = PLACES.try_acquire().map_err(|_none_left| PasswordError::Busy)?;
    let _turn = TURNS.acquire().await.map_err(|_never_closed| PasswordError::Failed)?;
    tokio::task::spawn_blocking(work).await.map_err(|_panicked| PasswordError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_by_no_other() {
        let hashed = hash("correct horse".to_owned()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"));
        let other = hash("battery staple".to_owned()).await.unwrap();
        assert_eq!(verify("correct horse".to_owned(), vec![other, hashed]).await.unwrap(), [false, true]);
        assert_eq!(verify("correct horse".to_owned(), vec![]).await.unwrap(), [false; 0]);
        assert_eq!(hash("short".to_owned()).await.unwrap_err(), PasswordError::Length);
    }

    #[test]
    fn the_hash_of_nobody_is_one_that_is_really_computed() {
        assert!(PasswordHash::new(NOBODY).is_ok());
        let parsed = PasswordHash::new(NOBODY).unwrap();
        assert!(parsed.hash.is_some() && parsed.salt.is_some());
        assert!(!check("anything", NOBODY));
    }
}
