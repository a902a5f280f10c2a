//! The inputs that fuzzing found or was begun with, run as tests.

use std::{fs, path::Path};

use crate::{channels, support::fuzzed};

#[test]
fn every_kept_input_still_holds() {
    type Check = fn(&[u8]);
    let targets: [(&str, Check); 17] = [
        ("client_frame", fuzzed::client_frame),
        ("widget_body", fuzzed::widget_body),
        ("session_token", fuzzed::session_token),
        ("cursor", fuzzed::cursor),
        ("file_name", fuzzed::file_name),
        ("origin", fuzzed::origin),
        ("document", fuzzed::document),
        ("dialpad_parse", channels::dialpad::fuzzed::parse),
        ("dialpad_verify", channels::dialpad::fuzzed::verify),
        ("messenger_parse", channels::messenger::fuzzed::parse),
        ("messenger_verify", channels::messenger::fuzzed::verify),
        ("slack_parse", channels::slack::fuzzed::parse),
        ("slack_verify", channels::slack::fuzzed::verify),
        ("sms_parse", channels::sms::fuzzed::parse),
        ("sms_verify", channels::sms::fuzzed::verify),
        ("whatsapp_parse", channels::whatsapp::fuzzed::parse),
        ("whatsapp_verify", channels::whatsapp::fuzzed::verify),
    ];
    for (target, check) in targets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        let inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(inputs.len() >= 3, "{target} has lost its corpus");
        for input in inputs {
            check(&fs::read(&input).unwrap());
        }
    }
}
