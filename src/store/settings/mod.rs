//! Changing settings: one transaction each. The tenant comes first in every query.

pub mod idempotency;
pub mod session;
pub mod tenant;
pub mod token;
