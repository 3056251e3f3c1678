//! Sends and collects.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use busbench_buses::{
    Attributes, Bus, BusError, Delivery, EDGEX_MAX_ACK_PENDING, Endpoint, Options, PublishMode,
    PublishObserver, Publisher, Qos, Retention, Sink, Storage, SubscribeMode, Subscriber,
    TryPublishError,
};
use busbench_envelope::{Layout, Opener, PayloadSpec, Prepared, Stamp};

/// What a subscriber of all events asks for.
pub(crate) const FILTER: &str = "edgex/events/#";
/// Far more than any step of these tests takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const PIPELINED: PublishMode = PublishMode::Pipelined {
    ack_window: NonZeroU32::new(64).expect("not zero"),
};

pub(crate) fn options(endpoint: Endpoint, publish: PublishMode) -> Options {
    Options {
        endpoint,
        publish,
        subscribe: SubscribeMode::Lossless,
        qos: Qos::AtMostOnce,
        storage: Storage::Memory,
        retention: Retention { messages: None },
        body_bytes: 200 * 1024,
        client_queue: 2048,
        max_ack_pending: EDGEX_MAX_ACK_PENDING,
        null_order: None,
    }
}

/// A publisher's topic and message.
pub(crate) fn message(payload: &str, layout: Layout, publisher: u16) -> (String, Prepared) {
    let spec: PayloadSpec = payload.parse().expect("a payload");
    Prepared::of_spec(&spec, 1, publisher, layout).expect("an event")
}

pub(crate) fn stamp(publisher: u16, sequence: u32) -> Stamp {
    Stamp {
        epoch: 3,
        publisher,
        sequence,
        intended_ns: 1_000_000 * u64::from(sequence),
        wake_lag_ns: 640,
    }
}

/// Counts what it is told; checks that each publish is told once and that acks are in order.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) handed_over: Vec<Stamp>,
    pub(crate) acked: Vec<Stamp>,
    pub(crate) failed: Vec<String>,
}

impl PublishObserver for Observed {
    fn encode<T>(&mut self, _stamp: &Stamp, build: impl FnOnce() -> T) -> T {
        build()
    }

    fn handed_over(&mut self, stamp: &Stamp) {
        self.handed_over.push(*stamp);
    }

    fn acked(&mut self, stamp: &Stamp) {
        self.acked.push(*stamp);
    }

    fn failed(&mut self, _stamp: &Stamp, error: &BusError) {
        self.failed.push(error.to_string());
    }
}

/// A message's stamp (what its envelope says, at depths that open it), and whether the body was its
/// publisher's, byte for byte.
pub(crate) type Arrival = (Option<Stamp>, bool);

/// What a subscriber got.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected(Arc<Mutex<Vec<Arrival>>>);

impl Collected {
    pub(crate) fn all(&self) -> Vec<Arrival> {
        self.0.lock().expect("no panic").clone()
    }
}

#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) collected: Collected,
    pub(crate) expected: Vec<Prepared>,
}

impl Sink for Collector {
    fn arrived<A: Attributes>(&mut self, delivery: Delivery<'_, A>) {
        let stamp = match self.expected.first().and_then(Opener::new) {
            None => Stamp::read(delivery.stamp_text),
            Some(mut opener) => {
                let read = opener.open(delivery.body, || delivery.attributes.envelope());
                read.expect("a message that can be opened")
            }
        };
        let expected = stamp.and_then(|stamp| self.expected.get(usize::from(stamp.publisher)));
        let is_whole = expected.is_some_and(|expected| expected.matches(delivery.body));
        let mut collected = self.collected.0.lock().expect("no panic");
        collected.push((stamp, is_whole));
    }
}

/// Reads until `messages` have come, and a little longer for those that should not.
pub(crate) async fn collect<S: Subscriber>(
    mut subscriber: S,
    expected: Vec<Prepared>,
    messages: usize,
) -> (Vec<Arrival>, u64) {
    let collected = Collected::default();
    let mut collector = Collector {
        collected: collected.clone(),
        expected,
    };
    let mut delivered = 0;
    let mut wait = PATIENCE;
    while let Ok(more) = tokio::time::timeout(wait, subscriber.deliver(&mut collector)).await {
        delivered += more.expect("a delivery");
        if delivered >= messages {
            wait = Duration::from_millis(100);
        }
    }
    let dropped = subscriber.dropped();
    subscriber.close().await.expect("closed");
    (collected.all(), dropped)
}

/// How a publisher is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    /// `publish`.
    Waiting,
    /// `try_publish`: from a thread outside the runtime where the publisher is direct.
    Trying,
}

/// Publishes `messages` stamps, closes, and returns what was observed.
pub(crate) async fn publish<P: Publisher>(
    mut publisher: P,
    number: u16,
    messages: u32,
    path: Path,
) -> Observed {
    let mut observed = Observed::default();
    match path {
        Path::Waiting => {
            for sequence in 0..messages {
                let stamp = stamp(number, sequence);
                let sent = publisher.publish(&stamp, &mut observed).await;
                sent.expect("published");
            }
        }
        Path::Trying if publisher.is_direct() => {
            let handle = tokio::runtime::Handle::current();
            let sent = std::thread::spawn(move || {
                let _inside = handle.enter();
                let mut observed = Observed::default();
                for sequence in 0..messages {
                    while !tried(&mut publisher, &stamp(number, sequence), &mut observed) {
                        std::thread::sleep(Duration::from_micros(50));
                    }
                }
                publisher
            });
            let joined = tokio::task::spawn_blocking(|| sent.join().expect("no panic"));
            publisher = joined.await.expect("no panic");
        }
        Path::Trying => {
            for sequence in 0..messages {
                while !tried(&mut publisher, &stamp(number, sequence), &mut observed) {
                    let acknowledged = publisher.acknowledgements(&mut observed);
                    acknowledged.await.expect("acknowledged");
                }
            }
        }
    }
    let closed = tokio::time::timeout(PATIENCE, publisher.close(&mut observed)).await;
    closed.expect("closes in time").expect("closed");
    observed
}

fn tried<P: Publisher>(publisher: &mut P, stamp: &Stamp, observed: &mut Observed) -> bool {
    match publisher.try_publish(stamp, observed) {
        Ok(()) => true,
        Err(TryPublishError::Full) => false,
        Err(TryPublishError::Failed(error)) => panic!("{error}"),
    }
}

/// Opens a bus with one subscriber and one publisher of the smallest event.
pub(crate) async fn pair<B: Bus>(
    options: Options,
    layout: Layout,
) -> (B, B::Publisher, B::Subscriber) {
    let (topic, prepared) = message("1xInt32", layout, 0);
    let bus = B::open(options).await.expect("opened");
    let topics = [topic.clone()];
    let subscriber = bus.subscriber("test-subscriber", FILTER, &topics, &prepared);
    let subscriber = subscriber.await.expect("subscribed");
    let publisher = bus.publisher("test-publisher", &topic, prepared);
    let publisher = publisher.await.expect("connected");
    (bus, publisher, subscriber)
}
