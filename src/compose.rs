//! Composition: the one file that knows every concrete type. It constructs and connects, and holds no logic.
//!
//! Start reading at [`serve`].

mod clock;

pub use clock::SystemClock;
