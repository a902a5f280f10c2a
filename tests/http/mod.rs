//! The HTTP side as its users see it: over a socket.

mod access;
mod auth;
mod headers;
mod idempotency;
mod limits;
mod operators;
mod problems;
