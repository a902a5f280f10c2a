//! The simulators, each driven in-process against a stand-in for Switchboard that writes down what it hears.

mod control;
mod dialpad;
mod messenger;
mod round_trip;
mod slack;
mod sms;
mod stage;
mod whatsapp;
