//! Channels: fixtures in, values out.

mod dialpad;
mod jwt;
mod messenger;
mod slack;
mod sms;
mod whatsapp;
