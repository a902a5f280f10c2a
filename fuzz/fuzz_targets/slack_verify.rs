#![no_main]

#[expect(dead_code, reason = "each target uses one of the checks")]
#[path = "../../tests/channels/slack/fuzzed.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzed::verify(bytes));
