//! The secret key of an installation, and the keys derived from it.
//!
//! One key of 32 bytes lies in the data directory (mode 0600) or comes by option; every other key is HMAC-SHA256 of a purpose under it.
//! Losing it ends the visitors' sessions and makes sealed secrets unreadable; nothing else is lost.

use std::{fmt, fs, io, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use zeroize::Zeroizing;

use super::{hmac_sha256, mac, token};

/// The file in the data directory.
pub const FILE: &str = "secret.key";

/// What a derived key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Visitors' session tokens.
    VisitorSession,
    /// Addresses of files that are good for an hour.
    FileUrl,
    /// Cursors of lists.
    PageCursor,
    /// Secrets kept in the database.
    Seal,
    /// The password of the demo workspace.
    DemoPassword,
    /// What proves that a code from a provider belongs to the way that it was asked for on.
    Consent,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::VisitorSession => "visitor session",
            Self::FileUrl => "file url",
            Self::PageCursor => "page cursor",
            Self::Seal => "seal",
            Self::DemoPassword => "demo password",
            Self::Consent => "consent",
        }
    }
}

/// The secret key. Cheap to clone; its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Keys {
    secret: Arc<Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// Wraps a secret of 32 random bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret: Arc::new(Zeroizing::new(secret)) }
    }

    /// Reads a secret written as 64 hex digits.
    ///
    /// # Errors
    /// A sentence, if the text is anything else; it does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut secret = [0u8; 32];
        hex::decode_to_slice(text.trim(), &mut secret).map_err(|_the_text_is_secret| "the secret key must be 64 hex digits")?;
        Ok(Self::new(secret))
    }

    /// Reads the key from the data directory, or makes it there, readable by the owner alone.
    ///
    /// # Errors
    /// The file cannot be read or made, is readable by others, or holds no key.
    pub fn load_or_make(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(FILE);
        match Self::load(data_dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let text = hex::encode(token::random_bytes::<32>());
        // Written beside and linked into place: two processes that start at once end with the same key, and a crash leaves no half file.
        let draft = data_dir.join(format!("{FILE}.{}", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => Self::load(data_dir),
        }
    }

    /// Reads the key from the data directory.
    ///
    /// # Errors
    /// As [`Keys::load_or_make`]; `NotFound` where there is none.
    pub fn load(data_dir: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let path = data_dir.join(FILE);
        let text = Zeroizing::new(fs::read_to_string(&path)?);
        if fs::metadata(&path)?.permissions().mode() & 0o077 != 0 {
            let message = format!("{} may be read by others: run chmod 600 on it", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        Self::parse(&text).map_err(|message| io::Error::new(io::ErrorKind::InvalidData, message))
    }

    /// The key for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hmac_sha256(&self.secret, &[b"switchboard 1", purpose.name().as_bytes()]))
    }

    /// A short name of this secret, to tell whether something was sealed with it.
    #[must_use]
    pub fn id(&self) -> String {
        let [a, b, c, d, ..] = hmac_sha256(&self.secret, &[b"switchboard 1", b"key id"]);
        hex::encode([a, b, c, d])
    }

    /// HMAC-SHA256 of the parts under the key for a purpose.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        hmac_sha256(&self.derive(purpose), parts)
    }

    /// Whether `tag` is the MAC of the parts, or its beginning of at least 8 bytes; in constant time.
    #[must_use]
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], tag: &[u8]) -> bool {
        let expected = self.mac(purpose, parts);
        tag.len() >= 8 && expected.get(..tag.len()).is_some_and(|expected| mac::equal(expected, tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_for_the_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::load_or_make(dir.path()).unwrap();
        let second = Keys::load_or_make(dir.path()).unwrap();
        assert_eq!(first.id(), second.id());
        let path = dir.path().join(FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(Keys::load(dir.path()).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn purposes_have_different_keys_and_debug_shows_none() {
        let keys = Keys::new([7; 32]);
        assert_ne!(*keys.derive(Purpose::FileUrl), *keys.derive(Purpose::PageCursor));
        assert_eq!(format!("{keys:?}"), "Keys(..)");
        let tag = keys.mac(Purpose::FileUrl, &[b"a", b"bc"]);
        assert!(keys.verify(Purpose::FileUrl, &[b"a", b"bc"], &tag[..8]));
        assert!(!keys.verify(Purpose::FileUrl, &[b"ab", b"c"], &tag[..8]));
        assert!(!keys.verify(Purpose::FileUrl, &[b"a", b"bc"], &tag[..7]));
    }
}
