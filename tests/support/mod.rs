//! What the tests of the server share.

pub mod databases;
pub mod postgres;
