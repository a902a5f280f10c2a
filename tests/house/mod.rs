//! The rules of the house, held by tests.

mod errors;
mod layering;
mod openapi;
mod sizes;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every Rust file below these folders of the repository, with its path from the repository's root and its text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).expect("read a folder").map(|entry| entry.expect("read an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("a path in the repository").display().to_string();
            found.push((name, fs::read_to_string(&path).expect("read a file")));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no source was found below {folders:?}");
    found
}

/// The file without its tests: everything before the first `#[cfg(test)]` that begins a `mod`.
fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}
