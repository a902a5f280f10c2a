//! The tests of the server: one binary, with modules that mirror `src`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    clippy::large_futures,
    clippy::disallowed_methods,
    clippy::cognitive_complexity,
    clippy::assigning_clones,
    reason = "a test says what is wrong by panicking, prints its seed, and uses the real clock and real ids"
)]

mod channels;
mod cli;
mod contract;
mod delivery;
mod docs;
mod fuzz_corpus;
mod geoip;
mod house;
mod http;
mod simulate;
mod store;
mod stories;
mod support;
mod ws;
