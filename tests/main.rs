//! The tests of the server: one binary, with modules that mirror `src`.

mod store;
mod stories;
mod support;
