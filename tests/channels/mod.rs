//! Channels: fixtures in, values out.

mod consent;
pub mod dialpad;
mod jwt;
pub mod messenger;
pub mod slack;
pub mod sms;
pub mod whatsapp;
