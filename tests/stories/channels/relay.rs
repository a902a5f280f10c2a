//! The address under which a provider knows the server: it stays the same while servers come and go behind it.

use std::sync::Arc;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// A door that leads to a server, or to none.
pub struct Relay {
    /// `http://HOST:PORT`.
    pub url: String,
    leads_to: Arc<watch::Sender<Option<String>>>,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Opens a door that leads nowhere yet.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let leads_to = Arc::new(watch::Sender::new(None));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&leads_to)));
        Self { url, leads_to, accepting }
    }

    /// From here on the door leads to this server.
    pub fn lead_to(&self, address: Option<&str>) {
        self.leads_to.send_replace(address.map(str::to_owned));
    }

    /// Where it leads, as long as it does.
    pub fn address(&self) -> Option<String> {
        self.leads_to.borrow().clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, leads_to: Arc<watch::Sender<Option<String>>>) {
    while let Ok((mut inner, _)) = listener.accept().await {
        let Some(address) = leads_to.borrow().clone() else { continue };
        tokio::spawn(async move {
            let Ok(mut outer) = TcpStream::connect(address).await else { return };
            // A server that is killed breaks its connections: that is what is wanted here.
            drop(copy_bidirectional(&mut inner, &mut outer).await);
        });
    }
}
