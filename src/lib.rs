//! Switchboard, the server.
#![forbid(unsafe_code)]

pub mod store;
