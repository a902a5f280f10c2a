//! Looking up names: a door of its own, so that tests can make a name point anywhere.

use std::{io, net::IpAddr};

use actors::port::Promise;

/// Looks up names.
pub trait Resolve: Send + Sync + 'static {
    /// Every address of the name, in the order in which they should be tried. May be empty.
    fn lookup(&self, name: &str) -> Promise<'static, io::Result<Vec<IpAddr>>>;
}

/// Asks the system, as its own programs do (`/etc/hosts`, then DNS).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn lookup(&self, name: &str) -> Promise<'static, io::Result<Vec<IpAddr>>> {
        let name = name.to_owned();
        // The port plays no part in a look-up; the function wants one.
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }
}
