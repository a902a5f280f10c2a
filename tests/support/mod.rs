//! What the tests of the server share.

pub mod api;
pub mod browser;
pub mod certificates;
pub mod databases;
pub mod feed;
pub mod fuzzed;
pub mod http;
pub mod mangle;
pub mod mmdb;
pub mod multipart;
pub mod postgres;
pub mod proxy;
pub mod receiver;
pub mod server;
pub mod vonage;
pub mod widget;
