//! The official libraries of Standard Webhooks verify what the server's code signs.

use std::{fs, path::Path, process::Command};

use super::{cases, file, missing, there, word};

/// The version from PyPI; npm's is in `docs/webhooks/package.json`, cargo's in `Cargo.toml`.
const PYPI: &str = "standardwebhooks==1.1.0";

fn judges_rightly(program: impl Fn() -> Command) {
    for (name, delivery, _, standard) in cases() {
        assert_eq!(delivery.hand_to(program()), format!("standard: {}\n", word(standard)), "{name}");
    }
}

#[test]
fn the_library_from_cargo_judges_rightly() {
    for (name, delivery, _, standard) in cases() {
        let mut headers = http::HeaderMap::new();
        for (name, value) in &delivery.headers {
            headers.insert(name.to_lowercase().parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        let library = standardwebhooks::Webhook::new(&delivery.secret).unwrap();
        assert_eq!(library.verify(&delivery.body, &headers).is_ok(), standard, "{name}");
    }
}

#[test]
fn the_library_from_npm_judges_rightly() {
    if !there("node", &["--version"]) {
        return;
    }
    if !file("webhooks/node_modules/standardwebhooks").exists() {
        return missing("npm's standardwebhooks (npm --prefix docs/webhooks ci)");
    }
    judges_rightly(|| {
        let mut command = Command::new("node");
        command.arg(file("webhooks/standard.mjs"));
        command
    });
}

#[test]
fn the_library_from_pypi_judges_rightly() {
    if !there("python3", &["-m", "venv", "--help"]) {
        return;
    }
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PYPI.replace("==", "-"));
    if !install(&home) {
        return missing("PyPI's standardwebhooks, or the way to it,");
    }
    judges_rightly(|| {
        let mut command = Command::new(home.join("bin/python3"));
        command.arg(file("webhooks/standard.py"));
        command
    });
}

/// Makes an environment with the library, unless an earlier run did; whether it is there.
fn install(home: &Path) -> bool {
    let whole = home.join("whole");
    if whole.exists() {
        return true;
    }
    let succeeds = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let there = succeeds(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home))
        && succeeds(Command::new(home.join("bin/python3")).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYPI]));
    if there {
        fs::write(whole, "").unwrap();
    }
    there
}
