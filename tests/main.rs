//! The tests of the server: one binary, with modules that mirror `src`.

mod cli;
mod fuzz_corpus;
mod house;
mod http;
mod store;
mod stories;
mod support;
