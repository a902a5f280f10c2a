//! Deliveries over real sockets: what receivers do, and what is recorded of it.

mod addresses;
mod answers;
mod breaks;
mod certificates;
mod provider_media;
mod providers;
mod proxied;
mod spellings;
mod world;
