//! The relay itself: plain threads and blocking sockets, one thread for each publisher.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::{BUFFER_BYTES, LENGTH_BYTES};

/// The first byte of a connection that publishes, and of one that subscribes.
pub(super) const PUBLISHER: u8 = b'P';
pub(super) const SUBSCRIBER: u8 = b'S';
/// Name of the thread that accepts connections, and starts those that copy: they inherit its cores.
pub const RELAY_THREAD: &str = "relay";
/// What the relay answers when it knows the connection.
const WELCOME: u8 = b'+';

/// A listening relay. Dropping it ends its listening and its connections.
#[derive(Debug)]
pub(super) struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Where every frame goes. Locked while frames are written, so that those of several publishers
    /// do not mix.
    subscribers: Mutex<Vec<TcpStream>>,
    /// Every connection, to be ended.
    connections: Mutex<Connections>,
}

#[derive(Debug, Default)]
struct Connections {
    open: Vec<TcpStream>,
    is_ending: bool,
}

impl Relay {
    /// Listens on a port of loopback that the system chooses.
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::Builder::new()
            .name(RELAY_THREAD.to_owned())
            .spawn(move || accept(&listener, &accepting))?;
        Ok(Self { address, shared })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let mut connections = lock(&self.shared.connections);
        connections.is_ending = true;
        for connection in connections.open.drain(..) {
            // Fails where the other side has ended it.
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(connections);
        // Wakes the thread that accepts, which then ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in listener.incoming() {
        if lock(&shared.connections).is_ending {
            return;
        }
        // A connection that breaks ends by itself; its client sees it.
        let _ = connection.and_then(|connection| admit(connection, shared));
    }
}

/// Answers a connection and gives it its place: a list, or a thread of its own.
fn admit(mut connection: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut role = [0];
    connection.read_exact(&mut role)?;
    lock(&shared.connections).open.push(connection.try_clone()?);
    if role == [SUBSCRIBER] {
        let mut subscribers = lock(&shared.subscribers);
        connection.write_all(&[WELCOME])?;
        subscribers.push(connection);
        return Ok(());
    }
    connection.write_all(&[WELCOME])?;
    let shared = Arc::clone(shared);
    thread::Builder::new()
        .name("relay-publisher".to_owned())
        .spawn(move || {
            // Ends with its connection, whoever ends that.
            let _ = pass_on(&mut connection, &shared);
            let _ = connection.shutdown(Shutdown::Both);
        })?;
    Ok(())
}

/// Copies whole frames to every subscriber until the publisher has ended.
fn pass_on(publisher: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut held = 0;
    loop {
        if held == buffer.len() {
            // A frame that is larger than the buffer.
            buffer.resize(2 * held, 0);
        }
        let read = publisher.read(&mut buffer[held..])?;
        if read == 0 {
            return Ok(());
        }
        held += read;
        let whole = whole_frames(&buffer[..held]);
        if whole > 0 {
            let mut subscribers = lock(&shared.subscribers);
            // One that is gone gets nothing more.
            subscribers.retain_mut(|subscriber| subscriber.write_all(&buffer[..whole]).is_ok());
            drop(subscribers);
            buffer.copy_within(whole..held, 0);
            held -= whole;
        }
    }
}

/// Length of the whole frames that bytes begin with.
fn whole_frames(bytes: &[u8]) -> usize {
    let mut whole = 0;
    while let Some(length) = bytes[whole..].first_chunk::<LENGTH_BYTES>() {
        let end = whole + LENGTH_BYTES + u32::from_be_bytes(*length) as usize;
        if end > bytes.len() {
            break;
        }
        whole = end;
    }
    whole
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::TcpStream;

    use super::{Relay, whole_frames};

    #[test]
    fn only_whole_frames_are_passed_on() {
        let bytes = b"\x00\x00\x00\x02ab\x00\x00\x00\x00\x00\x00\x00\x03xyz";
        for (length, whole) in [
            (0, 0),
            (3, 0),
            (5, 0),
            (6, 6),
            (9, 6),
            (10, 10),
            (16, 10),
            (17, 17),
        ] {
            assert_eq!(whole_frames(&bytes[..length]), whole, "{length} bytes");
        }
    }

    #[test]
    fn a_relay_that_is_dropped_ends_its_connections_and_listens_no_more() {
        let relay = Relay::start().unwrap();
        let address = relay.address();
        let mut connection = TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut connection, b"S").unwrap();
        connection.read_exact(&mut [0]).unwrap();
        drop(relay);
        assert_eq!(connection.read(&mut [0]).unwrap_or(0), 0);
        for _ in 0..1000 {
            if TcpStream::connect(address).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("it still listens");
    }
}
