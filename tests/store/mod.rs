//! The store, on both databases.

mod migrations;
