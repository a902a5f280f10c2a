//! What tests use in place of the world: a journal, deliveries, dispatches and routing in memory, a clock that is moved by hand, a bus that
//! remembers, a courier and a gateway that follow a script; and the suites that hold every journal, all deliveries, all dispatches and all routing
//! to the same promises.
//!
//! The server's tests and benches use it too, so it is compiled always; nothing in the server itself may.
//!
//! Start reading at [`talk`], which makes writes, and [`conformance`].

pub mod bus;
pub mod clock;
pub mod conformance;
pub mod courier;
pub mod deliveries;
pub mod dispatches;
pub mod gateway;
pub mod journal;
pub mod routing;
pub mod talk;

pub use bus::RecordingBus;
pub use clock::{FollowingClock, ManualClock};
pub use courier::ScriptedCourier;
pub use deliveries::MemoryDeliveries;
pub use dispatches::MemoryDispatches;
pub use gateway::ScriptedGateway;
pub use journal::MemoryJournal;
pub use routing::{MemoryAttendance, MemoryRouting};
pub use talk::Talk;
