//! What runs the actors: the directory and the roster that find, start, restart and put them to sleep, their shards, admission, shares and
//! observation.

pub mod admission;
pub mod directory;
pub mod observe;
pub mod roster;
pub mod shard;
pub mod shares;

pub use directory::{Directory, Limits};
