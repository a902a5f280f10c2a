//! The examples of `docs/webhooks.md`, run in their own languages against deliveries that the server's code signed.

use std::{fs, process::Command};

use super::{Delivery, cases, file, there, word};

#[path = "../../docs/webhooks/verify.rs"]
mod verify;

/// Hands every case to a program.
fn judges_rightly(program: impl Fn() -> Command) {
    for (name, delivery, plain, standard) in cases() {
        let said = delivery.hand_to(program());
        assert_eq!(said, format!("plain: {}\nstandard: {}\n", word(plain), word(standard)), "{name}");
    }
}

fn script(interpreter: &str, script: &str) -> impl Fn() -> Command {
    let (interpreter, path) = (interpreter.to_owned(), file(script));
    move || {
        let mut command = Command::new(&interpreter);
        command.arg(&path);
        command
    }
}

#[test]
fn the_example_in_php_judges_rightly() {
    if there("php", &["--version"]) {
        judges_rightly(script("php", "webhooks/verify.php"));
    }
}

#[test]
fn the_example_in_node_judges_rightly() {
    if there("node", &["--version"]) {
        judges_rightly(script("node", "webhooks/verify.mjs"));
    }
}

#[test]
fn the_example_in_python_judges_rightly() {
    if there("python3", &["--version"]) {
        judges_rightly(script("python3", "webhooks/verify.py"));
    }
}

#[test]
fn the_example_in_ruby_judges_rightly() {
    if there("ruby", &["--version"]) {
        judges_rightly(script("ruby", "webhooks/verify.rb"));
    }
}

#[test]
fn the_example_in_shell_judges_rightly() {
    if there("bash", &["--version"]) && there("openssl", &["version"]) {
        judges_rightly(script("bash", "webhooks/verify.sh"));
    }
}

#[test]
fn the_example_in_go_judges_rightly() {
    if there("go", &["version"]) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("verify");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(file("webhooks/verify.go"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        judges_rightly(|| Command::new(&program));
    }
}

#[test]
fn the_example_in_rust_judges_rightly() {
    for (name, delivery, plain, standard) in cases() {
        let Delivery { body, secret, .. } = &delivery;
        let signatures = [delivery.header("X-Switchboard-Signature"), delivery.header("X-Switchboard-Signature-Previous")];
        assert_eq!(verify::verify_plain(body, &signatures, secret), plain, "{name}");
        let (id, timestamp) = (delivery.header("webhook-id"), delivery.header("webhook-timestamp"));
        let now = chrono::Utc::now().timestamp();
        assert_eq!(verify::verify_standard(body, id, timestamp, delivery.header("webhook-signature"), secret, now), standard, "{name}");
    }
}

/// What the page shows is what was run: each block of code is part of a file.
#[test]
fn the_examples_on_the_page_are_those_that_are_run() {
    const FILES: [(&str, &[&str]); 7] = [
        ("php", &["verify.php"]),
        ("js", &["verify.mjs", "standard.mjs"]),
        ("python", &["verify.py", "standard.py"]),
        ("ruby", &["verify.rb"]),
        ("go", &["verify.go"]),
        ("rust", &["verify.rs"]),
        ("bash", &["verify.sh"]),
    ];
    let page = fs::read_to_string(file("webhooks.md")).unwrap();
    let mut shown = Vec::new();
    let mut blocks = page.split("\n```");
    blocks.next();
    while let (Some(block), behind) = (blocks.next(), blocks.next()) {
        assert!(behind.is_some(), "a block of code does not end");
        let (language, code) = block.split_once('\n').unwrap();
        let Some((_, files)) = FILES.iter().find(|(known, _)| *known == language) else { continue };
        let found = files.iter().any(|name| fs::read_to_string(file("webhooks").join(name)).unwrap().contains(code));
        assert!(found, "this {language} is in no file of docs/webhooks:\n{code}");
        shown.push(language.to_owned());
    }
    for (language, _) in FILES {
        assert!(shown.iter().any(|known| known == language), "{language} is not on the page");
    }
}
