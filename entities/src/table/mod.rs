//! Rows as SeaORM sees them: no logic, no `Serialize`, imported by the store alone.
//!
//! JSON columns are plain strings here; what is in them is the business of who reads them. Tables `message` and `event` are not here:
//! they are written and read in bulk by the journal, with statements of its own (`store::journal`).

pub mod attachment;
pub mod attempt;
pub mod audit_entry;
pub mod channel;
pub mod contact;
pub mod contact_address;
pub mod conversation;
pub mod conversation_label;
pub mod credential;
pub mod credential_secret;
pub mod delivery;
pub mod event_body;
pub mod idempotency_key;
pub mod identity_secret;
pub mod login_session;
pub mod member;
pub mod meta;
pub mod read_mark;
pub mod replay;
pub mod service_account;
pub mod team;
pub mod team_member;
pub mod tenant;
pub mod thread;
pub mod ticket;
pub mod token;
pub mod webhook;
