//! The load tool's webhooks and notifications against a real server, small: everything that it counts goes through once.

use std::path::PathBuf;

use serde_json::Value;

use super::house::{House, Server};

/// A server that trusts the tool's receiver, and what the tool needs.
struct Bench {
    house: House,
    folder: tempfile::TempDir,
    server: Server,
}

impl Bench {
    fn set(workspaces: usize) -> Self {
        let house = House::on_sqlite();
        let folder = tempfile::tempdir().expect("make a folder");
        let certificate = folder.path().join("receiver.pem").display().to_string();
        run(&house, &["loadtest", "certificate", "--into", &certificate]);
        let made = run(&house, &["loadtest", "workspaces", "--count", &workspaces.to_string(), "--owner-password", "a long pass phrase"]);
        assert_eq!(made.lines().count(), workspaces);
        std::fs::write(folder.path().join("workspaces.json"), made).expect("write the workspaces");
        let server =
            house.start_with(&["--webhook-ca-file", &certificate, "--webhook-allow-cidr", "127.0.0.0/8", "--webhook-retry-schedule", "1s"]);
        Self { house, folder, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn measure(&self, options: &[&str]) -> Value {
        let (url, pid) = (format!("http://{}", self.server.address), self.server.pid().to_string());
        let (workspaces, certificate) = (self.path("workspaces.json"), self.path("receiver.pem"));
        let fixed = [
            ["loadtest", "webhooks"],
            ["--url", &url],
            ["--pid", &pid],
            ["--workspace-json", workspaces.to_str().expect("a path of text")],
            ["--certificate", certificate.to_str().expect("a path of text")],
        ];
        let arguments: Vec<&str> = fixed.iter().flatten().chain(options).copied().chain(["--json"]).collect();
        serde_json::from_str(&run(&self.house, &arguments)).expect("a report in JSON")
    }
}

/// Runs a command that succeeds, and answers what it printed.
fn run(house: &House, arguments: &[&str]) -> String {
    let done = house.switchboard().args(arguments).output().expect("run switchboard");
    assert!(done.status.success(), "{arguments:?}: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_delivery_of_an_open_loop_comes_signed_and_the_retries_too() {
    let bench = Bench::set(2);
    let options = ["--workspaces", "2", "--webhooks", "2", "--conversations", "4", "--rate", "100", "--seconds", "1", "--retries"];
    let report = bench.measure(&options);
    let counts = &report["counts"];
    // A hundred a second for the second that counts and the two before it; and each came to both webhooks.
    assert_eq!((&counts["sent"], &counts["accepted"], &counts["delivered"]), (&300.into(), &300.into(), &600.into()), "{report}");
    let put_off = report["retries"]["put_off"].as_u64().expect("a number");
    assert!(put_off > 0 && report["retries"]["came_again"] == put_off && report["retries"]["early"] == 0, "{report}");
    assert!(report["spent"]["server_memory_kib"].as_u64().is_some_and(|kib| kib > 0), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordered_webhook_is_measured_flat_out_beside_one_that_hangs() {
    let bench = Bench::set(2);
    let options = ["--hanging", "100", "--ordered", "--conversations", "2", "--window", "4", "--seconds", "1", "--warm-up-seconds", "0"];
    let report = bench.measure(&options);
    assert_eq!((report["kind"].as_str(), &report["waiting_before"]), (Some("hanging"), &100.into()), "{report}");
    let counts = &report["others"]["counts"];
    assert!(counts["delivered"].as_u64().is_some_and(|delivered| delivered > 0), "{report}");
    assert_eq!(counts["overtaken"], 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_webhooks_have_each_had_one_delivery() {
    let bench = Bench::set(2);
    let report = bench.measure(&["--workspaces", "2", "--idle", "6"]);
    assert_eq!((&report["webhooks"], &report["missing"]), (&6.into(), &0.into()), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_providers_notifications_are_taken_and_each_is_told_of_once() {
    let house = House::on_sqlite();
    let folder = tempfile::tempdir().expect("make a folder");
    let made = run(&house, &["loadtest", "workspaces", "--count", "1", "--owner-password", "a long pass phrase"]);
    let workspaces = folder.path().join("workspaces.json");
    std::fs::write(&workspaces, made).expect("write the workspace");
    // No provider is there to be asked.
    let providers = ["whatsapp", "messenger", "sms", "slack", "dialpad"];
    let bases = providers.map(|provider| format!("{provider}=http://127.0.0.1:9"));
    let options: Vec<&str> = bases.iter().flat_map(|base| ["--provider-base-url", base]).collect();
    let server = house.start_with(&options);
    let url = format!("http://{}", server.address);
    let common =
        ["--url", &url, "--workspace-json", workspaces.to_str().expect("a path of text"), "--connections", "4", "--customers", "5"];
    let measure = |further: &[&str]| {
        let arguments: Vec<&str> = [&["loadtest", "channels"][..], &common, further, &["--seconds", "1", "--json"]].concat();
        let printed = run(&house, &arguments);
        printed.lines().map(|line| serde_json::from_str::<Value>(line).expect("a report in JSON")).collect::<Vec<_>>()
    };
    let reports = measure(&["--rate", "40"]);
    let names: Vec<_> = reports.iter().map(|report| report["provider"].as_str().expect("a name")).collect();
    assert_eq!(names, providers);
    // Forty a second for the second that counts and the two before it.
    assert!(reports.iter().all(|report| report["sent"] == 120 && report["taken"] == 120), "{reports:?}");
    // A second run finds the channel that the first one made.
    let reports = measure(&["--provider", "sms", "--warm-up-seconds", "0"]);
    assert!(matches!(reports.as_slice(), [report] if report["taken"].as_u64().is_some_and(|taken| taken > 0)), "{reports:?}");
}
