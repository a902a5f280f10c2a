//! The verbs of Switchboard: what happens to conversations, and who is told.
//!
//! Guarantees: no HTTP, no SQL, no provider, no environment; everything that touches the world goes through [`port`].
//!
//! Start reading at [`conversation`], then [`runtime`].
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod channel;
pub mod conversation;
pub mod hub;
pub mod port;
pub mod routing;
pub mod runtime;
pub mod subscription;
pub mod sweep;
pub mod tenant;
pub mod testing;
