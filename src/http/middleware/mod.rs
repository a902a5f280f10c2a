//! What happens around every request: its context (id, address), the headers of every answer, the idempotency of writes.

pub mod context;
pub mod cors;
pub mod headers;
