//! `simulate`, as a process of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A process that does not outlive its test, however that ends.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It has mostly ended by itself, and then there is nothing to kill.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_simulator_prints_what_it_needs_serves_its_page_and_ends_when_told_to() {
    // The port is free again before the simulator takes it; were another to be quicker, the simulator would say so and the test fail.
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let simulator = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["simulate", "sms", "--listen", &listen, "--target", "http://127.0.0.1:1", "--set", "number=+15005550007", "--json"])
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .expect("run the binary");
    let mut simulator = Ended(simulator);
    let mut line = String::new();
    BufReader::new(simulator.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&said["provider"], &said["vendor"], &said["address"]), (&"sms".into(), &"twilio".into(), &"+15005550007".into()));
    assert_eq!(said["hook_url"], "http://127.0.0.1:1/api/webhooks/sms");
    assert!(said["secrets"]["auth_token"].is_string() && said["page"] == format!("http://{listen}/"));
    let mut page = TcpStream::connect(&listen).unwrap();
    write!(page, "GET / HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    page.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("<title>Simulator</title>"));
    let pid = simulator.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(simulator.0.wait().unwrap().success());
}

#[test]
fn what_cannot_be_simulated_is_refused_in_words() {
    let refused = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_switchboard")).arg("simulate").args(arguments).env_clear().output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&["fax"]).contains("[possible values: whatsapp, messenger, sms, slack, dialpad]"));
    assert!(refused(&["sms", "--set", "bot_token=x"]).contains("sms has no credential bot_token"));
    assert!(refused(&["sms", "--target", "https://chat.example.org"]).contains("give http://HOST:PORT"));
}
