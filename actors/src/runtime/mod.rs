//! What runs the actors: the directory that finds, starts, restarts and puts them to sleep, their shards, admission and observation.

pub mod directory;

pub use directory::Directory;
