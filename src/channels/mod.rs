//! Channels: how each provider speaks. One folder a provider, five pure functions.
//!
//! Guarantees: nothing here waits, reads a clock, opens a connection or knows the store; what goes in decides what comes out. Whatever a
//! provider or an attacker sends, no function panics.
//!
//! Does not: decide what a message means to a conversation (the actors do), or carry bytes (`http/ingress` and `delivery` do).
//!
//! Start reading at [`adapter`]; a provider's own folder then reads top down: `credential`, `verify`, `inbound`, `outbound`.

pub mod adapter;
pub mod call;
pub mod credential;
pub mod dialpad;
pub mod entry;
pub mod form;
pub mod histories;
pub mod jwt;
pub mod messenger;
pub mod meta;
pub mod oauth;
pub mod registry;
pub mod request;
pub mod setup;
pub mod slack;
pub mod sms;
pub mod split;
pub mod templates;
pub mod tidy;
pub mod whatsapp;
