//! Who is asking, and whether they may.
//!
//! Guarantees: a caller's workspace comes from its token or session, never from path or body; where path or header name another one the
//! answer is 404, as if it did not exist; a cookie does nothing but read unless the request comes from our own pages; revoking a token,
//! ending a session and disabling a member count for the very next request.
//!
//! Does not: know visitors; the widget's endpoints do that.
//!
//! Start reading at [`Allowed`].

mod allowed;
mod caller;
mod identify;
mod permit;

pub use allowed::{Allowed, SignedIn};
pub use caller::Caller;
pub(crate) use identify::app;
pub use identify::{
    Identity, Proof, SESSION_COOKIE, authenticate_bearer, authenticate_cookie, authenticate_session, identify, is_own_origin,
    session_cookie,
};
pub use permit::*;
