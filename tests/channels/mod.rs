//! Channels: fixtures in, values out.

mod jwt;
mod slack;
mod sms;
mod whatsapp;
