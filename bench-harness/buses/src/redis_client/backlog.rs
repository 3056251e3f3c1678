//! A bound on what a pub/sub client holds.
//!
//! redis-rs reads a subscription's socket in a task of its own and queues without bound. EdgeX's Go
//! client reads when it is asked to, so a slow subscriber's messages pile up in the server, whose
//! limit then ends the connection. The same happens here: bytes read and not yet taken are counted,
//! and past a limit the socket is left alone.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes read from a socket and bytes taken by the subscriber.
#[derive(Debug)]
pub(crate) struct Backlog {
    read_bytes: AtomicU64,
    taken_bytes: AtomicU64,
    peak_bytes: AtomicU64,
    most_bytes: u64,
    is_waiting: AtomicBool,
    reader: AtomicWaker,
}

impl Backlog {
    pub(crate) fn new(most_bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            read_bytes: AtomicU64::new(0),
            taken_bytes: AtomicU64::new(0),
            peak_bytes: AtomicU64::new(0),
            most_bytes,
            is_waiting: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        })
    }

    /// Bytes that the client holds.
    pub(crate) fn bytes(&self) -> u64 {
        let taken = self.taken_bytes.load(Ordering::Acquire);
        self.read_bytes
            .load(Ordering::Acquire)
            .saturating_sub(taken)
    }

    /// The most that the client ever held.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.peak_bytes.load(Ordering::Relaxed)
    }

    /// Frames of this many bytes have been taken.
    pub(crate) fn take(&self, bytes: u64) {
        // Ordered against `poll_room`: either it sees the bytes taken, or we see that it waits.
        self.taken_bytes.fetch_add(bytes, Ordering::SeqCst);
        if self.is_waiting.swap(false, Ordering::SeqCst) {
            self.reader.wake();
        }
    }

    /// Whatever was read until now is no message: the handshake and the confirmations.
    pub(crate) fn begin(&self) {
        let read = self.read_bytes.load(Ordering::Acquire);
        self.taken_bytes.store(read, Ordering::Release);
    }

    fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        if self.bytes() < self.most_bytes {
            return Poll::Ready(());
        }
        self.reader.register(context.waker());
        self.is_waiting.store(true, Ordering::SeqCst);
        let taken = self.taken_bytes.load(Ordering::SeqCst);
        let read = self.read_bytes.load(Ordering::Acquire);
        if read.saturating_sub(taken) < self.most_bytes {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// A socket that is read only while the backlog has room.
#[derive(Debug)]
pub(crate) struct BoundedStream {
    pub(crate) socket: TcpStream,
    pub(crate) backlog: Arc<Backlog>,
}

impl AsyncRead for BoundedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.backlog.poll_room(context).is_pending() {
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        let bytes = buffer.filled().len() - before;
        self.backlog
            .read_bytes
            .fetch_add(bytes as u64, Ordering::AcqRel);
        let held = self.backlog.bytes();
        self.backlog.peak_bytes.fetch_max(held, Ordering::Relaxed);
        read
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

/// Bytes of a `pmessage` in RESP2, as the server writes it to a pattern's subscriber.
pub(crate) fn pattern_message_bytes(pattern: usize, channel: usize, body: usize) -> u64 {
    let array = "*4\r\n".len();
    let kind = bulk_string_bytes("pmessage".len());
    let rest = [pattern, channel, body].map(bulk_string_bytes);
    (array + kind + rest.iter().sum::<usize>()) as u64
}

fn bulk_string_bytes(length: usize) -> usize {
    let digits = length.checked_ilog10().unwrap_or(0) as usize + 1;
    "$\r\n".len() + digits + length + "\r\n".len()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::{Backlog, BoundedStream, pattern_message_bytes};

    #[test]
    fn a_pattern_message_has_the_bytes_that_redis_writes() {
        let message = "*4\r\n$8\r\npmessage\r\n$3\r\na.*\r\n$5\r\na.b.c\r\n$10\r\n0123456789\r\n";
        assert_eq!(pattern_message_bytes(3, 5, 10), message.len() as u64);
        let empty = "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$0\r\n\r\n";
        assert_eq!(pattern_message_bytes(1, 1, 0), empty.len() as u64);
    }

    #[tokio::test]
    async fn a_socket_is_left_alone_while_the_backlog_is_full() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut server = TcpStream::connect(address).await.expect("a connection");
        let (socket, _) = listener.accept().await.expect("a connection");
        let backlog = Backlog::new(100);
        let mut stream = BoundedStream {
            socket,
            backlog: backlog.clone(),
        };
        server.write_all(&[7; 300]).await.expect("written");

        let mut buffer = [0; 150];
        stream
            .read_exact(&mut buffer)
            .await
            .expect("below the limit");
        assert_eq!(backlog.bytes(), 150);
        let full = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
        assert!(full.is_err(), "read though the backlog is full");

        // Taking wakes a reader that waits.
        let reader = tokio::spawn(async move { stream.read_exact(&mut [0; 150]).await });
        tokio::time::sleep(Duration::from_millis(20)).await;
        backlog.take(150);
        let read = tokio::time::timeout(Duration::from_secs(5), reader).await;
        read.expect("woken").expect("no panic").expect("read");
        assert_eq!(backlog.bytes(), 150);
        backlog.take(150);
        assert_eq!((backlog.bytes(), backlog.peak_bytes()), (0, 150));
    }
}
