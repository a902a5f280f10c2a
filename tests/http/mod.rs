//! The HTTP side as its users see it: over a socket.

mod access;
mod assets;
mod attachments;
mod auth;
mod headers;
mod idempotency;
mod identity;
mod limits;
mod operators;
mod problems;
mod widget;
