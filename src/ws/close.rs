//! Why a socket is closed: one table, documented in `docs/sockets.md`. 4000 to 4499: reconnect; 4500 to 4999: do not.

use actix_web_actors::ws::{CloseCode, CloseReason};

macro_rules! closes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $text:literal;)+) => {
        /// Why a socket is closed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Close { $($(#[$doc])* $name,)+ }

        impl Close {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> u16 {
                match self { $(Self::$name => $code),+ }
            }

            /// The sentence beside it.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

closes! {
    /// The server is ending; reconnect as `goodbye` says.
    Draining = 4000 "draining";
    /// The client reads too slowly and has missed events; reconnect and resume.
    Slow = 4001 "reading too slowly";
    /// Nothing was heard of the client for 60 s.
    Idle = 4002 "idle";
    /// A fault of ours.
    ServerError = 4003 "server error";
    /// A frame that cannot be read, a first frame that is not `hello`, or far too many frames.
    BadFrame = 4500 "bad frame";
    /// No valid token, or no `hello` in time.
    Unauthenticated = 4501 "unauthenticated";
    /// The Origin is not allowed here.
    Forbidden = 4502 "forbidden";
    /// The sign-in was ended.
    Revoked = 4503 "revoked";
    /// Too many sockets.
    TooMany = 4504 "too many sessions";
    /// A frame over 64 KiB.
    TooLarge = 1009 "frame too large";
}

impl From<Close> for CloseReason {
    fn from(close: Close) -> Self {
        Self { code: CloseCode::from(close.code()), description: Some(close.text().to_owned()) }
    }
}
