//! What tests use in place of the world: a journal in memory, a clock that is moved by hand, a bus that remembers; and the suite that
//! holds every journal to the same promises.
//!
//! The server's tests and benches use it too, so it is compiled always; nothing in the server itself may.
//!
//! Start reading at [`talk`], which makes writes, and [`conformance`].

pub mod bus;
pub mod clock;
pub mod conformance;
pub mod journal;
pub mod talk;

pub use bus::RecordingBus;
pub use clock::ManualClock;
pub use journal::MemoryJournal;
pub use talk::Talk;
