//! What is set on every connection when it is accepted.

use std::{any::Any, time::Duration};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use socket2::SockRef;

/// A peer that takes nothing for so long is gone, or as good as gone: the kernel ends the connection, also while the session's actor,
/// which is not polled then, could not.
const STALLED_MAX: Duration = Duration::from_secs(15);

/// For `HttpServer::on_connect`. Without `nodelay` every second small frame waits 40 ms for a delayed acknowledgement.
pub fn accepted(connection: &dyn Any, _extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    let stalled = socket.set_tcp_user_timeout(Some(STALLED_MAX));
    #[cfg(not(target_os = "linux"))]
    let stalled = Ok::<(), std::io::Error>(());
    if let Err(error) = socket.set_tcp_nodelay(true).and(stalled) {
        tracing::debug!(%error, "could not set a connection's options; it was closed as it came");
    }
}
