//! The TCP relay: no server, a thread that copies frames from socket to socket.
//!
//! Measures what anything that goes over TCP costs on this machine: a hand-over through a bounded
//! channel to a task that writes to a socket, as the client crates have it, two trips through the
//! kernel, two wake-ups. It parses nothing but lengths, routes nothing and keeps nothing, so no
//! server can look better than it. A frame is its length (4 bytes, big endian), in layout `native` the
//! stamp's text or, at depths that build a message, the length of a header block and that block as
//! NATS has it, and the body. The filter is not looked at: every subscriber gets everything.

mod relay;

use std::io;

use busbench_envelope::{Layout, Prepared, Stamp};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;

use crate::attributes::{Block, Metadata, stamp_text_of_block};
use crate::error::Site;
use crate::outgoing::Outgoing;
use crate::traits::MOST_AT_ONCE;
use crate::{Bus, BusError, BusKind, ClientSetting, Delivery, Endpoint, Options};
use crate::{PublishObserver, Publisher, Sink, Subscriber, TryPublishError};

use relay::{PUBLISHER, Relay, SUBSCRIBER};

pub use relay::RELAY_THREAD;

/// What a writer puts into the socket at once at most, and a subscriber reads at once.
const BUFFER_BYTES: usize = 64 * 1024;
/// The length before each frame.
const LENGTH_BYTES: usize = 4;

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    vec![
        ClientSetting::new("tcp_nodelay", true),
        ClientSetting::new("command_queue_messages", options.client_queue.max(1)),
    ]
}

/// The TCP relay, listening on a port of its own for as long as this lives.
#[derive(Debug)]
pub struct TcpRelay {
    options: Options,
    relay: Relay,
    site: Site,
}

impl Bus for TcpRelay {
    type Publisher = TcpRelayPublisher;
    type Subscriber = TcpRelaySubscriber;

    async fn open(options: Options) -> Result<Self, BusError> {
        let started = Relay::start();
        let relay = started.map_err(|error| {
            Site::new(BusKind::TcpRelay, &Endpoint::none()).failed("start a relay", error)
        })?;
        let endpoint = Endpoint {
            host: relay.address().ip().to_string(),
            port: relay.address().port(),
            credentials: None,
        };
        Ok(Self {
            site: Site::new(BusKind::TcpRelay, &endpoint),
            options,
            relay,
        })
    }

    async fn publisher(
        &self,
        _client_id: &str,
        _topic: &str,
        message: Prepared,
    ) -> Result<TcpRelayPublisher, BusError> {
        let connected = self.connect(PUBLISHER).await;
        let stream = connected.map_err(|error| self.site.failed("connect", error))?;
        let (reader, writer) = stream.into_split();
        let (queue, waiting) = mpsc::channel(self.options.client_queue.max(1));
        Ok(TcpRelayPublisher {
            queue,
            writing: tokio::spawn(write_all(waiting, writer)),
            reader,
            outgoing: Outgoing::new(message),
            site: self.site.clone(),
        })
    }

    async fn subscriber(
        &self,
        _client_id: &str,
        _filter: &str,
        _topics: &[String],
        expected: &Prepared,
    ) -> Result<TcpRelaySubscriber, BusError> {
        let connected = self.connect(SUBSCRIBER).await;
        let stream = connected.map_err(|error| self.site.failed("subscribe", error))?;
        Ok(TcpRelaySubscriber {
            stream,
            received: BytesMut::with_capacity(2 * BUFFER_BYTES),
            expected: expected.clone(),
            site: self.site.clone(),
        })
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

impl TcpRelay {
    /// Connects in a role; the relay answers when it knows of it.
    async fn connect(&self, role: u8) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.relay.address()).await?;
        stream.set_nodelay(true)?;
        stream.write_u8(role).await?;
        stream.read_u8().await?;
        Ok(stream)
    }
}

/// A message on its way to the socket.
#[derive(Debug)]
struct Outbound {
    /// In layout `native`.
    metadata: Option<Metadata>,
    body: Bytes,
}

/// Writes what comes through the queue, as much at once as there is, until the queue's senders are
/// gone; then says so to the relay.
async fn write_all(mut waiting: Receiver<Outbound>, mut writer: OwnedWriteHalf) -> io::Result<()> {
    let mut taken = Vec::with_capacity(MOST_AT_ONCE);
    let mut buffer = BytesMut::with_capacity(2 * BUFFER_BYTES);
    while waiting.recv_many(&mut taken, MOST_AT_ONCE).await > 0 {
        for message in taken.drain(..) {
            let (metadata, lengths): (&[u8], _) = match &message.metadata {
                None => (&[], LENGTH_BYTES),
                Some(Metadata::Stamp(text)) => (text.as_bytes(), LENGTH_BYTES),
                Some(Metadata::Block(block)) => (block, 2 * LENGTH_BYTES),
            };
            let frame_bytes = lengths - LENGTH_BYTES + metadata.len() + message.body.len();
            buffer.put_u32(u32::try_from(frame_bytes).map_err(io::Error::other)?);
            if lengths > LENGTH_BYTES {
                buffer.put_u32(u32::try_from(metadata.len()).map_err(io::Error::other)?);
            }
            buffer.put_slice(metadata);
            buffer.put_slice(&message.body);
            if buffer.len() >= BUFFER_BYTES {
                writer.write_all_buf(&mut buffer).await?;
            }
        }
        writer.write_all_buf(&mut buffer).await?;
        buffer.clear();
    }
    writer.shutdown().await
}

/// Hands messages to the task that writes them.
#[derive(Debug)]
pub struct TcpRelayPublisher {
    queue: Sender<Outbound>,
    writing: JoinHandle<io::Result<()>>,
    reader: OwnedReadHalf,
    outgoing: Outgoing,
    site: Site,
}

impl TcpRelayPublisher {
    fn outbound(&mut self, stamp: &Stamp) -> Outbound {
        let body = self.outgoing.bytes(stamp);
        let metadata = self.outgoing.metadata(stamp);
        Outbound { metadata, body }
    }
}

impl Publisher for TcpRelayPublisher {
    fn is_direct(&self) -> bool {
        true
    }

    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError> {
        let message = observer.encode(stamp, || self.outbound(stamp));
        match self.queue.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(TryPublishError::Full),
            Err(TrySendError::Closed(_)) => Err(self.site.closed().into()),
        }
    }

    async fn publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        let message = observer.encode(stamp, || self.outbound(stamp));
        let sent = self.queue.send(message).await;
        sent.map_err(|_| self.site.closed())?;
        observer.handed_over(stamp);
        Ok(())
    }

    /// The relay ends the connection when it has passed everything on.
    async fn close<O: PublishObserver>(self, _observer: &mut O) -> Result<(), BusError> {
        let Self {
            queue,
            writing,
            mut reader,
            site,
            ..
        } = self;
        drop(queue);
        let written = writing.await.map_err(io::Error::other).flatten();
        written.map_err(|error| site.failed("publish", error))?;
        let ended = reader.read(&mut [0]).await;
        ended
            .map(|_| ())
            .map_err(|error| site.failed("wait for what was sent", error))
    }
}

/// Reads frames.
#[derive(Debug)]
pub struct TcpRelaySubscriber {
    stream: TcpStream,
    received: BytesMut,
    expected: Prepared,
    site: Site,
}

impl TcpRelaySubscriber {
    /// A frame as the sink takes it.
    fn delivery<'a>(&self, frame: &'a [u8]) -> Delivery<'a, Block<'a>> {
        let (stamp_text, block, body) = match self.expected.layout {
            Layout::Native if self.expected.is_built_anew() => {
                let (block, body) = split_block(frame).unwrap_or((&[], frame));
                (stamp_text_of_block(block), block, body)
            }
            Layout::Native => {
                let split = frame.split_at_checked(Stamp::TEXT_BYTES);
                let (stamp_text, body) = split.unwrap_or((&[], frame));
                (stamp_text, &[][..], body)
            }
            _ => (self.expected.stamp_text(frame), &[][..], frame),
        };
        Delivery {
            stamp_text,
            body,
            attributes: Block(block),
        }
    }

    /// The next whole frame that was received.
    fn frame(&mut self) -> Option<Bytes> {
        let length = self.received.first_chunk::<LENGTH_BYTES>()?;
        // A frame is at most 4 GiB long, and a usize holds that wherever this runs.
        let length = u32::from_be_bytes(*length) as usize;
        if self.received.len() < LENGTH_BYTES + length {
            return None;
        }
        self.received.advance(LENGTH_BYTES);
        Some(self.received.split_to(length).freeze())
    }
}

/// A frame's header block and body.
fn split_block(frame: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = frame.split_first_chunk::<LENGTH_BYTES>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

impl Subscriber for TcpRelaySubscriber {
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        let mut delivered = 0;
        loop {
            while delivered < MOST_AT_ONCE
                && let Some(frame) = self.frame()
            {
                sink.arrived(self.delivery(&frame));
                delivered += 1;
            }
            if delivered > 0 {
                return Ok(delivered);
            }
            self.received.reserve(BUFFER_BYTES);
            let read = self.stream.read_buf(&mut self.received).await;
            if read.map_err(|error| self.site.failed("receive", error))? == 0 {
                return Err(self.site.closed());
            }
        }
    }

    fn dropped(&self) -> u64 {
        0
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}
