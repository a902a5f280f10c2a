//! Channels: fixtures in, values out.

mod dialpad;
mod jwt;
mod slack;
mod sms;
mod whatsapp;
