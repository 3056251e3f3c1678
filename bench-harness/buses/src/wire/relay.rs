//! A relay that forwards connections to a server and counts the bytes of each, by direction.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::Endpoint;

/// What is forwarded at once at most.
const BUFFER_BYTES: usize = 64 * 1024;

/// Bytes of one connection, by where they come from.
#[derive(Debug, Default)]
pub(super) struct Counter {
    from_client: AtomicU64,
    from_server: AtomicU64,
}

impl Counter {
    pub(super) fn client_bytes(&self) -> u64 {
        self.from_client.load(Ordering::Relaxed)
    }

    pub(super) fn server_bytes(&self) -> u64 {
        self.from_server.load(Ordering::Relaxed)
    }
}

type Counters = Arc<Mutex<Vec<Arc<Counter>>>>;

/// A listening relay. Dropping it ends its listening and its connections.
#[derive(Debug)]
pub(super) struct CountingRelay {
    address: SocketAddr,
    counters: Counters,
    /// Its only task accepts, and holds those that forward.
    _accepting: JoinSet<()>,
}

impl CountingRelay {
    /// Listens on a port of loopback that the system chooses, in front of `server`.
    pub(super) async fn start(server: &Endpoint) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let counters = Counters::default();
        let mut accepting = JoinSet::new();
        let server = (server.host.clone(), server.port);
        accepting.spawn(accept(listener, server, Arc::clone(&counters)));
        Ok(Self {
            address,
            counters,
            _accepting: accepting,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections so far, in the order in which they were accepted.
    pub(super) fn connections(&self) -> Vec<Arc<Counter>> {
        let counters = self.counters.lock();
        counters.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn accept(listener: TcpListener, server: (String, u16), counters: Counters) {
    let mut connections = JoinSet::new();
    loop {
        // A client that is gone again, or a want of file descriptors: the next may do better.
        let Ok((client, _)) = listener.accept().await else {
            continue;
        };
        let counter = Arc::new(Counter::default());
        let mut known = counters.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(Arc::clone(&counter));
        drop(known);
        connections.spawn(forward(client, server.clone(), counter));
        while connections.try_join_next().is_some() {}
    }
}

/// Forwards both ways until both sides have ended. A side that breaks ends the connection, and its
/// client sees that.
async fn forward(client: TcpStream, server: (String, u16), counter: Arc<Counter>) {
    let Ok(server) = TcpStream::connect((server.0.as_str(), server.1)).await else {
        return;
    };
    let prompt = client.set_nodelay(true).and(server.set_nodelay(true));
    if prompt.is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // An error is of one connection, and ends it.
    let _ = tokio::try_join!(
        copy(from_client, to_server, &counter.from_client),
        copy(from_server, to_client, &counter.from_server),
    );
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    counter: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        acknowledge_at_once(&from)?;
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        counter.fetch_add(read as u64, Ordering::Relaxed);
        to.write_all(&buffer[..read]).await?;
    }
}

/// A server without `TCP_NODELAY` waits with its next small message until the last is acknowledged,
/// which takes the kernel 40 ms where the reader has nothing to say. The kernel falls back to waiting
/// by itself, so it is told anew before each read.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(from: &OwnedReadHalf) -> io::Result<()> {
    from.as_ref().set_quickack(true)
}

#[cfg(not(target_os = "linux"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same shape as where there is such an option"
)]
fn acknowledge_at_once(_from: &OwnedReadHalf) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::CountingRelay;
    use crate::Endpoint;

    /// Somebody who listens, and a relay in front of them.
    async fn relayed() -> (TcpListener, CountingRelay) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let server = Endpoint {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().expect("an address").port(),
            credentials: None,
        };
        let relay = CountingRelay::start(&server).await.expect("a relay");
        (listener, relay)
    }

    #[tokio::test]
    async fn each_direction_of_each_connection_is_counted() {
        let (listener, relay) = relayed().await;
        for sent in [100_000, 3] {
            let mut client = TcpStream::connect(relay.address()).await.expect("a relay");
            let (mut accepted, _) = listener.accept().await.expect("forwarded");
            client.write_all(&vec![1; sent]).await.expect("sent");
            client.shutdown().await.expect("ended");
            let mut got = Vec::new();
            accepted.read_to_end(&mut got).await.expect("read");
            assert_eq!(got, vec![1; sent]);
            accepted.write_all(b"answer").await.expect("sent");
            drop(accepted);
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await.expect("read");
            assert_eq!(answer, b"answer");
        }
        let counted: Vec<_> = relay
            .connections()
            .iter()
            .map(|counter| (counter.client_bytes(), counter.server_bytes()))
            .collect();
        assert_eq!(counted, [(100_000, 6), (3, 6)]);
    }

    #[tokio::test]
    async fn a_relay_that_is_dropped_ends_its_connections() {
        let (listener, relay) = relayed().await;
        let mut client = TcpStream::connect(relay.address()).await.expect("a relay");
        let _accepted = listener.accept().await.expect("forwarded");
        drop(relay);
        let ended = tokio::time::timeout(Duration::from_secs(5), client.read(&mut [0])).await;
        assert_eq!(ended.expect("ends").unwrap_or(0), 0);
    }
}
