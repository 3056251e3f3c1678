//! The shape that every bus has.

use std::future::Future;

use busbench_envelope::{Prepared, Stamp};

use crate::{Attributes, BusError, NoAttributes, Options};

/// Deliveries that one call of [`Subscriber::deliver`] gives at most.
pub(crate) const MOST_AT_ONCE: usize = 256;

/// A message as a subscriber's client gave it to us.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a, A = NoAttributes> {
    /// The text at the stamp's place; empty where the message is too short or lacks the header.
    pub stamp_text: &'a [u8],
    /// The body, the stamp's text included where the layout has it inside.
    pub body: &'a [u8],
    /// The protocol's own metadata.
    pub attributes: A,
}

/// Takes deliveries. Called on the subscriber's task, once for each message, in order of arrival.
pub trait Sink: Send + 'static {
    /// A message arrived.
    fn arrived<A: Attributes>(&mut self, delivery: Delivery<'_, A>);
}

/// Is told what becomes of each publish. Called on whatever thread publishes.
pub trait PublishObserver: Send {
    /// Builds the bytes of a message, metadata included, with `build`, and may time it. A message
    /// that the client refuses is built once more at its next try.
    fn encode<T>(&mut self, stamp: &Stamp, build: impl FnOnce() -> T) -> T;

    /// The client took the message: it is on its way and out of our hands.
    fn handed_over(&mut self, stamp: &Stamp);
    /// The server (with MQTT QoS 0: the socket) acknowledged the message.
    fn acked(&mut self, stamp: &Stamp);
    /// The server refused the message, or its answer did not come in time.
    fn failed(&mut self, stamp: &Stamp, error: &BusError);
}

/// Why a message was not taken at once.
#[derive(Debug, thiserror::Error)]
pub enum TryPublishError {
    /// The client's queue is full: try again later. Nothing was sent.
    #[error("the client's queue is full")]
    Full,
    /// The client or the connection is broken.
    #[error(transparent)]
    Failed(#[from] BusError),
}

/// One publishing connection, with a topic and a prepared message of its own.
pub trait Publisher: Send + 'static {
    /// Whether a publish never waits for an answer, so that the pacer may call [`Self::try_publish`]
    /// from its own thread (inside the runtime's context).
    fn is_direct(&self) -> bool;

    /// Unacknowledged publishes that this connection allows: the ack window, or less where client
    /// or server hold it lower (MQTT 5's Receive Maximum); `None` where nothing is acknowledged.
    fn effective_ack_window(&self) -> Option<usize> {
        None
    }

    /// Hands one message to the client without waiting. The observer is asked to time its encoding,
    /// and told nothing: the caller knows what became of it.
    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError>;

    /// Hands one message to the client, waiting until the client has room and until the mode of
    /// publishing lets it go on. A bus that batches may hold the message back until
    /// [`Self::flush`]. Acknowledgements that come meanwhile are told to the observer.
    fn publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> impl Future<Output = Result<(), BusError>> + Send;

    /// Sends what a batching bus holds back. Called when there is nothing to publish at once. Most
    /// hold nothing back.
    fn flush<O: PublishObserver>(
        &mut self,
        _observer: &mut O,
    ) -> impl Future<Output = Result<(), BusError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Waits for at least one outstanding acknowledgement and tells the observer of all that have
    /// come. Pends for ever where none is outstanding: always, on a bus that acknowledges nothing.
    /// Cancel safe.
    fn acknowledgements<O: PublishObserver>(
        &mut self,
        _observer: &mut O,
    ) -> impl Future<Output = Result<(), BusError>> + Send {
        std::future::pending()
    }

    /// Waits until everything is on the wire and every acknowledgement is in, then disconnects.
    fn close<O: PublishObserver>(
        self,
        observer: &mut O,
    ) -> impl Future<Output = Result<(), BusError>> + Send;
}

/// One subscribing connection.
pub trait Subscriber: Send + 'static {
    /// Waits for a delivery, gives it and all that are at hand (at most a few hundred) to the sink,
    /// and returns how many there were. Cancel safe at its only wait.
    fn deliver<S: Sink>(
        &mut self,
        sink: &mut S,
    ) -> impl Future<Output = Result<usize, BusError>> + Send;

    /// Messages that the client crate itself dropped since it connected.
    fn dropped(&self) -> u64;

    /// The most that the client held between socket and application, in bytes, where it can be
    /// known.
    fn backlog_peak_bytes(&self) -> Option<u64> {
        None
    }

    /// Unsubscribes and disconnects.
    fn close(self) -> impl Future<Output = Result<(), BusError>> + Send;
}

/// A bus: makes its publishers and subscribers.
pub trait Bus: Sized + Send + Sync + 'static {
    /// Its publishers.
    type Publisher: Publisher;
    /// Its subscribers.
    type Subscriber: Subscriber;

    /// Connects once and sets up what the server must hold (a JetStream stream).
    fn open(options: Options) -> impl Future<Output = Result<Self, BusError>> + Send;

    /// Connects a publisher that sends `message` to the EdgeX topic `topic` (with `/`).
    fn publisher(
        &self,
        client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> impl Future<Output = Result<Self::Publisher, BusError>> + Send;

    /// Connects a subscriber to an EdgeX topic filter such as `edgex/events/#`; returns when the
    /// server has confirmed the subscription. `topics` are those that will be published to: a bus
    /// without wildcards (Redis streams) reads exactly these. `expected` tells the layout, and
    /// where the stamp stands.
    fn subscriber(
        &self,
        client_id: &str,
        filter: &str,
        topics: &[String],
        expected: &Prepared,
    ) -> impl Future<Output = Result<Self::Subscriber, BusError>> + Send;

    /// Removes what [`Self::open`] set up.
    fn close(self) -> impl Future<Output = Result<(), BusError>> + Send;
}
