//! What runs the actors: the directory that finds, starts, restarts and puts them to sleep, their shards, admission and observation.

pub mod admission;
pub mod directory;
pub mod observe;
pub mod shard;

pub use directory::{Directory, Limits};
