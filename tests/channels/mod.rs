//! Channels: fixtures in, values out.

mod jwt;
mod whatsapp;
mod slack;
mod sms;
