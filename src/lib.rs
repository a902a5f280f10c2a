//! Switchboard, the server: everything that touches the world.
//!
//! Guarantees: options in, a running server out; [`compose`] is the one file that knows every concrete type.
//!
//! Does not: hold the rules of a conversation (crate `actors`), or its nouns (crate `entities`).
//!
//! Start reading at [`compose`], then [`http::routes`] for the API and [`store`] for the database.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::string_slice, reason = "a test says what is wrong by panicking"))]

pub mod bus;
pub mod channels;
pub mod cli;
pub mod compose;
pub mod crypto;
pub mod delivery;
pub mod geoip;
pub mod http;
pub mod loadtest;
pub mod observe;
pub mod options;
pub mod simulate;
pub mod store;
pub mod ws;
