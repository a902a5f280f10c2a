//! The HTTP side as its users see it: over a socket.

mod access;
mod agents;
mod assets;
mod attachments;
mod audit_log;
mod auth;
mod bodies;
mod channels;
mod contacts;
mod conversations;
mod conversations_list;
mod description;
mod headers;
mod idempotency;
mod identity;
mod limits;
mod messages;
mod nulls;
mod operators;
mod plans;
mod problems;
mod requests;
mod tokens;
mod widget;
mod workspaces;
