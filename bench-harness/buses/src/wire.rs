//! Bytes on the wire for one message, counted.
//!
//! One publisher and one subscriber of a bus connect through a relay of ours that counts what it
//! forwards ([`relay`]). They exchange a few messages, one at a time, and the counters are read when
//! nothing moves any more. Counted is what TCP carries for its users: bytes of the stream, without
//! the headers of TCP, IP and below.
//!
//! Three things vary beside the message, and are kept from disturbing. What a connection says once
//! comes before the first reading. What it says now and then (a keep-alive) shows: two rounds in a row
//! must agree to the byte in each direction, and the count goes on until they do. And numbers in
//! decimal, such as JetStream's sequence, have two digits in all rounds, because a few messages go
//! ahead; a stream of a million messages has four more digits in each place.

mod conversation;
mod relay;
mod split;

use std::io;
use std::time::Duration;

use busbench_envelope::Prepared;

use crate::{Bus, BusError, BusKind, Endpoint, Options};

use conversation::Conversation;
use relay::CountingRelay;

/// Messages before the first reading: whatever counts them has two digits from then on.
const AHEAD: u32 = 10;
/// Messages between two readings.
const ROUND: u32 = 8;
/// Readings after the first. All messages together are fewer than 100, which would be three digits.
const ROUNDS: u32 = 11;
/// A count that has not ended by then never will.
const DEADLINE: Duration = Duration::from_secs(3);

/// Bytes that one message costs on the wire.
///
/// What the publisher sends is split: `payload + envelope + topic + protocol` is the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireBytes {
    /// The encoded payload, as it is before the envelope.
    pub payload: u64,
    /// What the layout adds around the payload: the envelope's own text and base64's growth in the
    /// body, or the attributes as the protocol writes them in layout `native`.
    pub envelope: u64,
    /// The topic, as subject, channel or stream, as the bus writes it.
    pub topic: u64,
    /// The rest of what the publisher sends: verbs, lengths, framing, a reply's subject.
    pub protocol: u64,
    /// What the server answers to the publisher.
    pub publish_ack: u64,
    /// What the server sends to the subscriber; on Redis streams with the frame of a reply, which
    /// several messages share where more are waiting.
    pub delivery: u64,
    /// What the subscriber sends: acknowledgements, and a request for the next message where it has
    /// to ask (Redis streams: one for each message here, for several where more are waiting).
    pub delivery_ack: u64,
}

impl WireBytes {
    /// All that the publisher sends.
    #[must_use]
    pub const fn publish(&self) -> u64 {
        self.payload + self.envelope + self.topic + self.protocol
    }
}

/// Whose bytes are counted.
#[derive(Debug, Clone, Copy)]
pub struct WireSubject<'a> {
    /// The bus, which is the one that `B` of [`count_wire`] speaks to.
    pub bus: BusKind,
    /// Tells the two clients from any others; part of their names.
    pub tag: &'a str,
    /// What the subscriber asks for.
    pub filter: &'a str,
    /// Where the publisher sends to. Nobody else should: what others send is delivered, too.
    pub topic: &'a str,
    /// What it sends.
    pub message: &'a Prepared,
    /// Epoch of the messages' stamps.
    pub epoch: u8,
    /// Publisher of the messages' stamps.
    pub publisher: u16,
}

/// Why nothing was counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bus has no server to put a relay in front of.
    #[error("{0} has no server, so nothing that could be counted")]
    NoServer(BusKind),
    /// The relay does not listen.
    #[error("cannot listen for clients whose bytes are to be counted")]
    Relay(#[source] io::Error),
    /// A client failed.
    #[error("cannot exchange the messages whose bytes are to be counted")]
    Bus(#[from] BusError),
    /// A client did not connect through the relay.
    #[error("the {0} has no connection through the relay")]
    Bypassed(&'static str),
    /// A publish failed.
    #[error("a publish whose bytes were to be counted failed: {0}")]
    Refused(String),
    /// The subscriber ended.
    #[error("the subscriber whose bytes were to be counted ended")]
    SubscriberEnded,
    /// It took too long.
    #[error("the bytes on the wire were not counted within {DEADLINE:?}")]
    TooLong,
    /// No two rounds had the same number of bytes.
    #[error("no two of {ROUNDS} rounds of {ROUND} messages took the same number of bytes")]
    Unsteady,
    /// Fewer bytes were counted than the message has: the relay saw another one.
    #[error("{counted} bytes were counted of a message that has {parts} without the protocol")]
    TooFew {
        /// Bytes on the wire.
        counted: u64,
        /// Bytes of payload, envelope and topic.
        parts: u64,
    },
}

/// Counts what a message costs on the wire, with clients of its own that speak to the server of
/// `options`. What the messages leave on the server is removed.
pub async fn count_wire<B: Bus>(
    options: &Options,
    subject: &WireSubject<'_>,
) -> Result<WireBytes, WireError> {
    if subject.bus.is_floor() {
        return Err(WireError::NoServer(subject.bus));
    }
    let relay = CountingRelay::start(&options.endpoint).await;
    let relay = relay.map_err(WireError::Relay)?;
    let options = Options {
        endpoint: Endpoint {
            host: relay.address().ip().to_string(),
            port: relay.address().port(),
            credentials: options.endpoint.credentials.clone(),
        },
        ..options.clone()
    };
    let opened = tokio::time::timeout(DEADLINE, B::open(options.clone())).await;
    let bus = opened.map_err(|_| WireError::TooLong)??;
    let counted = tokio::time::timeout(DEADLINE, count_on(&bus, &options, subject, &relay)).await;
    let tidied = tokio::time::timeout(DEADLINE, bus.close()).await;
    let counted = counted.map_err(|_| WireError::TooLong)??;
    tidied.map_err(|_| WireError::TooLong)??;
    Ok(counted)
}

async fn count_on<B: Bus>(
    bus: &B,
    options: &Options,
    subject: &WireSubject<'_>,
    relay: &CountingRelay,
) -> Result<WireBytes, WireError> {
    let mut conversation = Conversation::begin(bus, options, subject, relay).await?;
    let mut before = conversation.exchange(AHEAD).await?;
    let mut last = None;
    for _ in 0..ROUNDS {
        let after = conversation.exchange(ROUND).await?;
        let round = after.since(before);
        if last == Some(round)
            && let Some(each) = round.of_each(ROUND)
        {
            conversation.end().await?;
            return split::of(subject, each);
        }
        (before, last) = (after, Some(round));
    }
    Err(WireError::Unsteady)
}
