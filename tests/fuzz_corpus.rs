//! The inputs that fuzzing found or was begun with, run as tests.

use std::{fs, path::Path};

use crate::support::fuzzed;

#[test]
fn every_kept_input_still_holds() {
    type Check = fn(&[u8]);
    let targets: [(&str, Check); 7] = [
        ("client_frame", fuzzed::client_frame),
        ("widget_body", fuzzed::widget_body),
        ("session_token", fuzzed::session_token),
        ("cursor", fuzzed::cursor),
        ("file_name", fuzzed::file_name),
        ("origin", fuzzed::origin),
        ("document", fuzzed::document),
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
