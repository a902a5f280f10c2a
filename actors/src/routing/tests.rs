//! Stories of routing: a node, conversations over the journal in memory, and agents who come and go.

mod deal;
mod memory;
mod nodes;
mod simulation;
mod stage;
mod stories;
