//! The sockets' frames, as text: what is read of whatever comes.

mod frames;
