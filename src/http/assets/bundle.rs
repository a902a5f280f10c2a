//! What a browser runs, as it lies in the binary: `widget-js/` and `console-js/`, compressed once.
//!
//! Guarantees: what is in the folder is what is served, but tests, type packages and notes; the hash of a bundle changes when any of its
//! files does, so that addresses which contain it may be cached for ever; a name is looked up in a table, so no name reaches a disk.
//!
//! Does not: minify, transpile or bundle. There is no build step. The widget's comment lines are sent empty: a visitor does not read them.

use std::{collections::BTreeMap, io::Write, sync::LazyLock};

use actix_web::web::Bytes;
use flate2::{Compression, write::GzEncoder};
use rust_embed::RustEmbed;

use crate::crypto::{sha256, short_sha256};

/// Files under this size are sent as they are: compressed they would not be smaller.
const COMPRESSED_BYTES_MIN: usize = 512;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/widget-js/"]
#[include = "loader.js"]
#[include = "frame/*"]
#[include = "demo/*"]
#[exclude = "*.test.js"]
#[exclude = "*.md"]
struct WidgetFolder;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/console-js/"]
#[include = "*.js"]
#[include = "*.css"]
#[include = "*.html"]
#[include = "*.svg"]
#[exclude = "*.test.js"]
#[exclude = "node_modules/*"]
#[exclude = "test/*"]
#[exclude = "tests/*"]
struct ConsoleFolder;

/// The visitor's side.
pub static WIDGET: LazyLock<Bundle> = LazyLock::new(Bundle::read::<WidgetFolder>);
/// The agent's side.
pub static CONSOLE: LazyLock<Bundle> = LazyLock::new(Bundle::read::<ConsoleFolder>);

/// One file, ready to be sent.
#[derive(Debug, Clone)]
pub struct File {
    /// Its media type.
    pub content_type: &'static str,
    /// As it is.
    pub plain: Bytes,
    /// Compressed, where that is smaller.
    pub gzip: Option<Bytes>,
    /// Its entity tag, quotes included.
    pub etag: String,
}

impl File {
    /// Makes a file ready: tags it and compresses it.
    #[must_use]
    pub fn new(content_type: &'static str, bytes: Vec<u8>) -> Self {
        let tag = short_sha256(&bytes);
        Self {
            content_type,
            gzip: compress(&bytes),
            // Weak (RFC 9110, 8.8.1): the compressed and the plain form share it.
            etag: format!("W/\"{}\"", hex::encode(tag)),
            plain: bytes.into(),
        }
    }
}

/// A folder's files.
#[derive(Debug)]
pub struct Bundle {
    /// 16 hex digits that change with any file.
    pub hash: String,
    files: BTreeMap<String, File>,
}

impl Bundle {
    fn read<F: RustEmbed>() -> Self {
        let files = F::iter()
            .filter_map(|path| {
                let content_type = content_type(&path)?;
                let bytes = F::get(&path)?.data.into_owned();
                let bytes = if path.starts_with("frame/") && path.ends_with(".js") { lean(bytes) } else { bytes };
                Some((path.into_owned(), File::new(content_type, bytes)))
            })
            .collect();
        Self::of(files)
    }

    fn of(files: BTreeMap<String, File>) -> Self {
        let mut all = Vec::new();
        for (path, file) in &files {
            // Lengths first, so that no two folders read the same.
            all.extend_from_slice(&(path.len() as u64).to_be_bytes());
            all.extend_from_slice(path.as_bytes());
            all.extend_from_slice(&sha256(&file.plain));
        }
        let hash = short_sha256(&all);
        Self { hash: hex::encode(hash), files }
    }

    /// Finds a file by its path below the folder.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// A page of the folder with one word of it replaced; `None` if it is not there or not UTF-8.
    #[must_use]
    pub fn page(&self, path: &str, replaced: &[(&str, &str)]) -> Option<String> {
        let text = std::str::from_utf8(&self.find(path)?.plain).ok()?.to_owned();
        Some(replaced.iter().fold(text, |text, (word, value)| text.replace(word, value)))
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

/// What may be served, by its ending; anything else is left out.
fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" if !path.ends_with("package.json") && !path.ends_with("tsconfig.json") => "application/json",
        _ => return None,
    })
}

/// As the browser is sent it; what is not UTF-8 stays as it is.
fn lean(bytes: Vec<u8>) -> Vec<u8> {
    std::str::from_utf8(&bytes).map(without_comments).map_or(bytes, String::into_bytes)
}

/// A script without its comment lines and without indents. The other lines keep their numbers.
///
/// Whole lines only: what stands in our scripts as a comment stands on lines of its own, and no text of theirs runs over lines
/// (`tests/js/widget/house.test.mjs` sees to both), so that no tokeniser is needed.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let code = line.trim();
        let begins = !inside && code.starts_with("/*");
        let end = code.find("*/").map(|at| at + "*/".len());
        // `/** @type {…} */ (value)` is code.
        let casts = begins && end.is_some_and(|end| end < code.len());
        let comment = (inside || begins || code.starts_with("//")) && !casts;
        if inside || begins {
            inside = end.is_none();
        }
        kept.push_str(if comment { "\n" } else { line.trim_start_matches([' ', '\t']) });
    }
    kept
}

fn compress(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < COMPRESSED_BYTES_MIN {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to a Vec does not fail; if it did, the file is served plain.
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|gzip| gzip.len() < bytes.len()).map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comment_lines_are_left_out_and_the_others_keep_their_numbers() {
        let text = "/**\n * What it is.\n */\nexport const a = 1; // stays\n  // why\n/** @type {B} */\nconst b = /** @type {B} */ (c);\n  /** @type {D} */ (d).e();\n";
        let kept = "\n\n\nexport const a = 1; // stays\n\n\nconst b = /** @type {B} */ (c);\n/** @type {D} */ (d).e();\n";
        assert_eq!(without_comments(text), kept);
    }

    #[test]
    fn the_hash_changes_with_any_name_or_content() {
        let bundle = |files: &[(&str, &str)]| {
            Bundle::of(files.iter().map(|(path, text)| ((*path).to_owned(), File::new("text/css", text.as_bytes().to_vec()))).collect())
                .hash
        };
        let hashes = [
            bundle(&[]),
            bundle(&[("a", "1")]),
            bundle(&[("a", "2")]),
            bundle(&[("b", "1")]),
            bundle(&[("a", "1"), ("b", "")]),
            bundle(&[("a", "1b")]),
        ];
        let different: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
        assert_eq!(bundle(&[("a", "1"), ("b", "2")]), bundle(&[("b", "2"), ("a", "1")]));
    }

    #[test]
    fn no_test_package_or_note_is_served() {
        for bundle in [&*WIDGET, &*CONSOLE] {
            for path in bundle.paths() {
                assert!(!path.contains("node_modules") && !path.ends_with(".test.js") && !path.contains(".md"), "{path}");
                assert!(!path.ends_with("package.json") && !path.ends_with("tsconfig.json"), "{path}");
            }
        }
        assert!(WIDGET.find("loader.js").is_some());
    }
}
