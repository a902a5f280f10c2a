//! The store, on both databases.

mod journal;
mod migrations;
