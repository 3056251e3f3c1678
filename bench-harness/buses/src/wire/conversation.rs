//! A publisher and a subscriber that exchange messages one at a time, and what that takes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use busbench_envelope::Stamp;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::relay::{Counter, CountingRelay};
use super::{WireError, WireSubject};
use crate::{
    Attributes, Bus, BusError, BusKind, Delivery, Options, PublishObserver, Publisher, Sink,
    SubscribeMode, Subscriber,
};

/// Nothing moves any more when nothing has for so long.
const QUIET: Duration = Duration::from_millis(5);
/// How often the counters are looked at.
const LOOK_EACH: Duration = Duration::from_millis(1);

/// Bytes so far, or of a round, or of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) publish: u64,
    pub(super) publish_ack: u64,
    pub(super) delivery: u64,
    pub(super) delivery_ack: u64,
}

impl Reading {
    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            publish: self.publish - before.publish,
            publish_ack: self.publish_ack - before.publish_ack,
            delivery: self.delivery - before.delivery,
            delivery_ack: self.delivery_ack - before.delivery_ack,
        }
    }

    /// Of each of `messages`; `None` where they cannot all have had the same.
    pub(super) fn of_each(self, messages: u32) -> Option<Self> {
        let messages = u64::from(messages);
        let of_each = |bytes: u64| bytes.is_multiple_of(messages).then_some(bytes / messages);
        Some(Self {
            publish: of_each(self.publish)?,
            publish_ack: of_each(self.publish_ack)?,
            delivery: of_each(self.delivery)?,
            delivery_ack: of_each(self.delivery_ack)?,
        })
    }
}

/// Two clients behind a relay.
pub(super) struct Conversation<P> {
    publisher: P,
    publishing: Arc<Counter>,
    subscribing: Arc<Counter>,
    told: Told,
    stamp: Stamp,
    sent: u64,
    arrived: watch::Receiver<u64>,
    stop: oneshot::Sender<()>,
    /// Its only task reads.
    reading: JoinSet<Result<(), BusError>>,
    /// Whether the subscriber gets only what comes after its question.
    asks_each_time: bool,
}

impl<P: Publisher> Conversation<P> {
    /// Connects both through the relay.
    pub(super) async fn begin<B: Bus<Publisher = P>>(
        bus: &B,
        options: &Options,
        subject: &WireSubject<'_>,
        relay: &CountingRelay,
    ) -> Result<Self, WireError> {
        let WireSubject { tag, message, .. } = *subject;
        let earlier = relay.connections().len();
        let id = format!("busbench-{tag}-wire-subscriber");
        let topics = [subject.topic.to_owned()];
        let subscriber = bus.subscriber(&id, subject.filter, &topics, message);
        let subscriber = subscriber.await?;
        let subscribing = newest(relay, earlier).ok_or(WireError::Bypassed("subscriber"))?;
        let earlier = relay.connections().len();
        let id = format!("busbench-{tag}-wire-publisher");
        let publisher = bus.publisher(&id, subject.topic, message.clone()).await?;
        let publishing = newest(relay, earlier).ok_or(WireError::Bypassed("publisher"))?;

        let (count, arrived) = watch::channel(0);
        let (stop, stopped) = oneshot::channel();
        let mut reading = JoinSet::new();
        let arrivals = Arrivals {
            count,
            epoch: subject.epoch,
            publisher: subject.publisher,
        };
        reading.spawn(read(subscriber, arrivals, stopped));
        Ok(Self {
            publisher,
            publishing,
            subscribing,
            told: Told::default(),
            stamp: Stamp {
                epoch: subject.epoch,
                publisher: subject.publisher,
                ..Stamp::default()
            },
            sent: 0,
            arrived,
            stop,
            reading,
            asks_each_time: subject.bus == BusKind::RedisStreams
                && options.subscribe == SubscribeMode::Edgex,
        })
    }

    /// Exchanges so many messages; returns the bytes so far when nothing moves any more.
    pub(super) async fn exchange(&mut self, messages: u32) -> Result<Reading, WireError> {
        for _ in 0..messages {
            self.one().await?;
        }
        self.until_quiet().await
    }

    /// Ends both clients.
    pub(super) async fn end(mut self) -> Result<(), WireError> {
        self.publisher.close(&mut self.told).await?;
        // Fails where the reader has ended by itself, and that is told below.
        let _ = self.stop.send(());
        match self.reading.join_next().await {
            Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(error.into()),
            _ => Err(WireError::SubscriberEnded),
        }
    }

    /// Sends a message, and waits until it has arrived and is acknowledged.
    async fn one(&mut self) -> Result<(), WireError> {
        let asked_before = self.subscribing.client_bytes();
        self.publisher.publish(&self.stamp, &mut self.told).await?;
        self.publisher.flush(&mut self.told).await?;
        self.stamp.sequence += 1;
        self.sent += 1;
        let is_acknowledged = self.publisher.effective_ack_window().is_some();
        while is_acknowledged && self.told.answers < self.sent {
            self.publisher.acknowledgements(&mut self.told).await?;
        }
        if let Some(failure) = self.told.failure.take() {
            return Err(WireError::Refused(failure));
        }
        let sent = self.sent;
        let arrived = self.arrived.wait_for(|arrived| *arrived >= sent).await;
        arrived.map_err(|_| WireError::SubscriberEnded)?;
        if self.asks_each_time {
            tokio::time::sleep(LOOK_EACH).await;
            while self.subscribing.client_bytes() == asked_before {
                tokio::time::sleep(LOOK_EACH).await;
            }
        }
        Ok(())
    }

    /// Both clients go on meanwhile, as what is left to say is theirs: the last handshake of QoS 2.
    async fn until_quiet(&mut self) -> Result<Reading, WireError> {
        let Self {
            publisher,
            publishing,
            subscribing,
            told,
            ..
        } = self;
        let read = || Reading {
            publish: publishing.client_bytes(),
            publish_ack: publishing.server_bytes(),
            delivery: subscribing.server_bytes(),
            delivery_ack: subscribing.client_bytes(),
        };
        let mut quiet = pin!(async {
            let (mut last, mut moved) = (read(), Instant::now());
            while moved.elapsed() < QUIET {
                tokio::time::sleep(LOOK_EACH).await;
                let now = read();
                if now != last {
                    (last, moved) = (now, Instant::now());
                }
            }
            last
        });
        loop {
            tokio::select! {
                reading = &mut quiet => return Ok(reading),
                told = publisher.acknowledgements(told) => told?,
            }
        }
    }
}

/// The one connection that was accepted after `earlier` others.
fn newest(relay: &CountingRelay, earlier: usize) -> Option<Arc<Counter>> {
    match relay.connections().get(earlier..)? {
        [one] => Some(Arc::clone(one)),
        _ => None,
    }
}

async fn read<S: Subscriber>(
    mut subscriber: S,
    mut arrivals: Arrivals,
    mut stopped: oneshot::Receiver<()>,
) -> Result<(), BusError> {
    loop {
        tokio::select! {
            delivered = subscriber.deliver(&mut arrivals) => { delivered?; }
            // An error says that the other side is gone, and nobody waits for more.
            _ = &mut stopped => break,
        }
    }
    subscriber.close().await
}

/// Counts arrivals of our own messages.
struct Arrivals {
    count: watch::Sender<u64>,
    epoch: u8,
    publisher: u16,
}

impl Sink for Arrivals {
    fn arrived<A: Attributes>(&mut self, delivery: Delivery<'_, A>) {
        let stamp = Stamp::read(delivery.stamp_text);
        let is_ours = |stamp: Stamp| stamp.epoch == self.epoch && stamp.publisher == self.publisher;
        if stamp.is_some_and(is_ours) {
            self.count.send_modify(|count| *count += 1);
        }
    }
}

/// What the publisher was told.
#[derive(Debug, Default)]
struct Told {
    /// Acknowledgements and refusals.
    answers: u64,
    failure: Option<String>,
}

impl PublishObserver for Told {
    fn encode<T>(&mut self, _stamp: &Stamp, build: impl FnOnce() -> T) -> T {
        build()
    }

    fn handed_over(&mut self, _stamp: &Stamp) {}

    fn acked(&mut self, _stamp: &Stamp) {
        self.answers += 1;
    }

    fn failed(&mut self, _stamp: &Stamp, error: &BusError) {
        self.answers += 1;
        self.failure.get_or_insert_with(|| error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::Reading;

    fn reading(publish: u64, delivery: u64) -> Reading {
        Reading {
            publish,
            publish_ack: 0,
            delivery,
            delivery_ack: 0,
        }
    }

    #[test]
    fn a_round_whose_messages_cannot_all_be_alike_has_no_bytes_of_each() {
        let round = reading(1_100, 900).since(reading(300, 100));
        assert_eq!(round.of_each(8), Some(reading(100, 100)));
        assert_eq!(reading(801, 800).of_each(8), None);
        assert_eq!(reading(800, 799).of_each(8), None);
    }
}
