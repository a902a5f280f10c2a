//! The documentation does what it says.

mod libraries;
mod receivers;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use entities::{EventId, Timestamp, WebhookSecret};
use switchboard::{
    delivery::signature::{self, Signed},
    options::SignatureHeader,
};
use uuid::Uuid;

/// Set by `scripts/check`, which installs every language: then a missing one is a failure and not a line of output.
const ALL: &str = "SWITCHBOARD_CHECK_EVERYTHING";

/// A delivery as a receiver has it.
#[derive(Clone)]
struct Delivery {
    body: Vec<u8>,
    headers: Vec<(String, String)>,
    /// What the receiver believes the secret to be.
    secret: String,
}

impl Delivery {
    /// A delivery that was signed some seconds ago.
    fn signed(secs_ago: i64) -> Self {
        Self::signed_by(secs_ago, None)
    }

    fn signed_by(secs_ago: i64, previous: Option<&WebhookSecret>) -> Self {
        let secret = secret(7);
        let body =
            "{\"id\":\"0198\",\"event\":\"ticket.created\",\"data\":{\"subject\":\"Straße 🚲 \\\"1\\\"\"}}\u{20}".as_bytes().to_vec();
        let signed = Signed {
            event_id: EventId::new(Uuid::from_u128(1)),
            at: Timestamp::new(chrono::Utc::now()).plus_ms(-1000 * secs_ago),
            body: &body,
            secret: &secret,
            previous_secret: previous,
        };
        let headers = signature::headers(&signed, &SignatureHeader::default());
        Self { body, headers, secret: secret.text().to_owned() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// Hands it to a program as a web server would by CGI, and answers with what the program says.
    fn hand_to(&self, mut program: Command) -> String {
        for (name, value) in &self.headers {
            program.env(format!("HTTP_{}", name.to_uppercase().replace('-', "_")), value);
        }
        let mut child = program
            .env("WEBHOOK_SECRET", &self.secret)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&self.body).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{program:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret::from_random([byte; 32])
}

/// What a receiver must make of what it gets: the delivery, whether the plain signature holds, and whether the standard one does.
fn cases() -> Vec<(&'static str, Delivery, bool, bool)> {
    let good = Delivery::signed(0);
    let change = |change: &dyn Fn(&mut Delivery)| {
        let mut delivery = good.clone();
        change(&mut delivery);
        delivery
    };
    let rename = |delivery: &mut Delivery, name: &str, value: &str| {
        for (_, known) in delivery.headers.iter_mut().filter(|(known, _)| known.eq_ignore_ascii_case(name)) {
            value.clone_into(known);
        }
    };
    let older = secret(9);
    let mut rotated = Delivery::signed_by(0, Some(&older));
    older.text().clone_into(&mut rotated.secret);
    vec![
        ("as it was sent", good.clone(), true, true),
        ("a body that was tampered with", change(&|delivery| delivery.body[20] ^= 1), false, false),
        ("a body that was cut", change(&|delivery| delivery.body.truncate(delivery.body.len() - 1)), false, false),
        ("another's secret", change(&|delivery| secret(8).text().clone_into(&mut delivery.secret)), false, false),
        ("the secret before a rotation", rotated, true, true),
        ("one of ten minutes ago", Delivery::signed(600), true, false),
        ("one of ten minutes ahead", Delivery::signed(-600), true, false),
        (
            "another time",
            change(&|delivery| {
                let later = delivery.header("webhook-timestamp").parse::<i64>().unwrap() + 1;
                rename(delivery, "webhook-timestamp", &later.to_string());
            }),
            true,
            false,
        ),
        ("a time that is none", change(&|delivery| rename(delivery, "webhook-timestamp", "soon")), true, false),
        ("another id", change(&|delivery| rename(delivery, "webhook-id", "0198")), true, false),
        ("no headers", change(&|delivery| delivery.headers.clear()), false, false),
        (
            "a signature that is cut",
            change(&|delivery| {
                for name in ["x-switchboard-signature", "webhook-signature"] {
                    let cut = delivery.header(name)[..20].to_owned();
                    rename(delivery, name, &cut);
                }
            }),
            false,
            false,
        ),
    ]
}

fn word(holds: bool) -> &'static str {
    if holds { "verified" } else { "refused" }
}

/// A file of the documentation.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Whether the program is there. Where it is not, the test says so and cannot say more; for `scripts/check` that is a failure.
fn there(program: &str, arguments: &[&str]) -> bool {
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = run.is_ok_and(|status| status.success());
    if !there {
        missing(program);
    }
    there
}

fn missing(what: &str) {
    assert!(std::env::var_os(ALL).is_none(), "{what} is not on this machine");
    println!("NOT RUN: {what} is not on this machine");
}
