//! Which country an address is in, by a MaxMind or DB-IP file that the operator gives.
//!
//! Guarantees: a file is taken whole or not at all, and a bad new one leaves the old one in use; the answer is two capital letters
//! (ISO 3166-1 alpha-2) or nothing; private and otherwise special addresses have no country, whatever the file says of them.
//!
//! Does not: map the file into memory (one that is being written over would change under its reader), download anything, or keep where
//! somebody was beyond the country. Start reading at [`Countries::open`], then [`Countries::refresh`].

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    net::IpAddr,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use entities::Timestamp;
use maxminddb::{MaxMindDbError, Reader, path};
use thiserror::Error;

use crate::delivery::special_ranges::special_range;

/// Longest file that is read, in bytes; the largest that is sold has about 400 MB, a country file about 8.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// What the types of files that tell countries have in their names: `GeoLite2-Country`, `GeoIP2-City`, `GeoIP2-Enterprise`,
/// `DBIP-Country-Lite`, `DBIP-Location (compat=City)`. All have the code at `country.iso_code` (DB-IP: db-ip.com/db/format/ip-to-country/mmdb.html,
/// read November 2026).
const TELLING_TYPES: [&str; 4] = ["Country", "City", "Enterprise", "Location"];
/// Codes in files that name no country: unknown, and the two regions of older files.
const NO_COUNTRY: [&str; 3] = ["ZZ", "AP", "EU"];

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum GeoIpError {
    /// It is not there, or may not be read.
    #[error("the GeoIP file {} cannot be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder, a pipe or the like.
    #[error("the GeoIP file {} is no regular file", path.display())]
    NoFile {
        /// Which.
        path: PathBuf,
    },
    /// It is longer than any such file.
    #[error("the GeoIP file {} is longer than {FILE_BYTES_MAX} bytes", path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
    },
    /// It is no MMDB file, or was cut off.
    #[error("the GeoIP file {} is no whole MMDB file: {source}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What its reader says.
        source: MaxMindDbError,
    },
    /// It tells something else of an address.
    #[error("the GeoIP file {} is of type {database_type}, which tells no countries: a country or city file is needed", path.display())]
    OtherType {
        /// Which file.
        path: PathBuf,
        /// What it says it is.
        database_type: String,
    },
}

/// The countries of addresses. Without a file nobody has one. Cheap to clone.
#[derive(Clone, Default)]
pub struct Countries {
    watched: Option<Arc<Watched>>,
}

struct Watched {
    path: PathBuf,
    /// Replaced whole; readers hold it no longer than a look-up takes.
    loaded: RwLock<Arc<Loaded>>,
    /// What was last tried; held while a file is loaded, so that two rounds cannot overtake each other.
    tried: Mutex<Tried>,
}

struct Loaded {
    reader: Reader<Vec<u8>>,
    /// A record of this file could not be read, and that was said.
    complained: AtomicBool,
}

struct Tried {
    /// The file as it was then; `None` if there was none.
    seen: Option<Stamp>,
    /// It could not even be read, which may pass without the file changing.
    unread: bool,
}

/// What changes when a file is written or another takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl Countries {
    /// Reads a file into memory.
    ///
    /// # Errors
    /// [`GeoIpError`], if there is no good file.
    pub fn open(path: &Path) -> Result<Self, GeoIpError> {
        // Taken before the file is read: what is written meanwhile looks changed at the next round.
        let seen = stamp(path);
        let loaded = RwLock::new(Arc::new(load(path)?));
        let tried = Mutex::new(Tried { seen, unread: false });
        Ok(Self { watched: Some(Arc::new(Watched { path: path.to_owned(), loaded, tried })) })
    }

    /// The country an address is in, as two capital letters.
    #[must_use]
    pub fn find(&self, address: IpAddr) -> Option<String> {
        let loaded = self.loaded()?;
        let address = address.to_canonical();
        let is_told = loaded.reader.metadata().ip_version == 6 || address.is_ipv4();
        if !is_told || special_range(address).is_some() {
            return None;
        }
        let found = loaded.reader.lookup(address).and_then(|record| record.decode_path::<&str>(&path!["country", "iso_code"]));
        match found {
            Ok(code) => code.and_then(alpha_2),
            Err(error) => {
                if !loaded.complained.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "a record of the GeoIP file cannot be read; such addresses have no country");
                }
                None
            }
        }
    }

    /// What kind of file is in use, and when it was built.
    #[must_use]
    pub fn edition(&self) -> Option<(String, Timestamp)> {
        let loaded = self.loaded()?;
        let metadata = loaded.reader.metadata();
        let micros = i64::try_from(metadata.build_epoch).ok().and_then(|secs| secs.checked_mul(1_000_000)).unwrap_or(0);
        Some((metadata.database_type.clone(), Timestamp::from_micros(micros)))
    }

    /// Takes the file that is there now, if it is another one than the last that was tried; whether one was taken. Blocks while it reads.
    ///
    /// # Errors
    /// [`GeoIpError`], once for each file that is no good or has gone; the old one stays in use.
    pub fn refresh(&self) -> Result<bool, GeoIpError> {
        let Some(watched) = &self.watched else { return Ok(false) };
        let mut tried = watched.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = stamp(&watched.path);
        let has_changed = seen != tried.seen;
        if !has_changed && !tried.unread {
            return Ok(false);
        }
        tried.seen = seen;
        match load(&watched.path) {
            Ok(loaded) => {
                tried.unread = false;
                *watched.loaded.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
                Ok(true)
            }
            Err(error) => {
                tried.unread = matches!(error, GeoIpError::Read { .. });
                // Was said when it began.
                if has_changed { Err(error) } else { Ok(false) }
            }
        }
    }

    fn loaded(&self) -> Option<Arc<Loaded>> {
        let watched = self.watched.as_ref()?;
        Some(watched.loaded.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn load(path: &Path) -> Result<Loaded, GeoIpError> {
    let named = || path.to_owned();
    let read = |source| GeoIpError::Read { path: named(), source };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !fs::metadata(path).map_err(read)?.is_file() {
        return Err(GeoIpError::NoFile { path: named() });
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(read)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(read)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(GeoIpError::TooLong { path: named() });
    }
    let reader = Reader::from_source(bytes).map_err(|source| GeoIpError::Malformed { path: named(), source })?;
    let database_type = &reader.metadata().database_type;
    if !TELLING_TYPES.iter().any(|word| database_type.contains(word)) {
        return Err(GeoIpError::OtherType { path: named(), database_type: database_type.clone() });
    }
    Ok(Loaded { reader, complained: AtomicBool::new(false) })
}

fn stamp(path: &Path) -> Option<Stamp> {
    let of = |file: Metadata| Stamp { modified: file.modified().ok(), bytes: file.len(), inode: file.ino() };
    fs::metadata(path).ok().map(of)
}

fn alpha_2(code: &str) -> Option<String> {
    let code = code.to_ascii_uppercase();
    let is_country = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && !NO_COUNTRY.contains(&code.as_str());
    is_country.then_some(code)
}
