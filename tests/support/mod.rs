//! What the tests of the server share.

pub mod api;
pub mod databases;
pub mod fuzzed;
pub mod http;
pub mod postgres;
pub mod server;
pub mod widget;
