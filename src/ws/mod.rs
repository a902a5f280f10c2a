//! Sockets: `/ws/visitor` and `/ws/agent` (see `docs/sockets.md`). The only place that knows `actix-web-actors`.
//!
//! Guarantees: an `ack` is sent after the commit; events leave in the order of their places, without a gap and without a double, or
//! the socket is closed with a code that says whether to come back. What waits for a slow client is bounded.
//!
//! Start reading at [`frame`] (what is said), then `socket` (one connection), then `visitor`, `agent` and `resume`.

mod accept;
mod agent;
mod budget;
pub mod close;
pub mod frame;
mod open_sockets;
mod resume;
mod socket;
mod upgrade;
mod visitor;

pub use accept::accepted;
pub use open_sockets::{OpenSockets, Place};
pub use upgrade::routes;
