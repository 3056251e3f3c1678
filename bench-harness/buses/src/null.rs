//! The null bus: no server, a bounded queue for each subscriber in this process.
//!
//! Measures the harness itself, as the floor under every other bus. Messages pay what they pay on a
//! real bus on our account (one copy of the body, the stamp), and cross from the publisher's thread
//! to the subscriber's task through a tokio channel. A publish waits until every subscriber's queue
//! has room. Layout `native` carries the stamp beside the body; the other attributes are constant
//! and stay where they are, but at depths that build a message, where the header block that NATS
//! would have is written and read.
//!
//! A publisher sends to the subscribers that exist when it is made, so subscribers are made first.
//!
//! Told so by [`Options::null_order`], it delays, loses, doubles, reorders and damages messages,
//! stalls and lets subscribers stop, and logs what it did: the self-test compares that with what was
//! reported. Or its publishers work some time for each message: a fire drill for comparisons, which
//! have to notice. An ordinary run pays one branch for both at each end.

mod delivering;
mod injection;
mod log;
mod order;
mod publishing;
mod work;

use std::sync::{Mutex, PoisonError};

use busbench_envelope::{Prepared, Stamp};
use bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, OwnedPermit, Receiver, Sender};

use crate::attributes::{Block, Metadata};
use crate::error::Site;
use crate::outgoing::Outgoing;
use crate::traits::MOST_AT_ONCE;
use crate::{Bus, BusError, BusKind, ClientSetting, Delivery, Options};
use crate::{PublishObserver, Publisher, Sink, Subscriber, TryPublishError};

use delivering::InjectedSubscriber;
use order::Ordered;
use publishing::InjectedPublisher;

pub use injection::{Injection, Injector, Stall, Stalled, Stop};
pub use log::{Accepted, BusLog, Deed, Done, PublisherLog, SubscriberLog};
pub use order::NullOrder;
pub use work::{CalibratedWork, NullWork, NullWorkError};

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    let queue = ClientSetting::new("subscriber_queue_messages", options.client_queue.max(1));
    let work = match &options.null_order {
        Some(NullOrder::Work(work)) => Some(work.asked().nanoseconds()),
        Some(NullOrder::Inject(_)) | None => None,
    };
    let work = work.map(|work_ns| ClientSetting::new("null_work_ns", work_ns));
    [queue].into_iter().chain(work).collect()
}

/// The null bus.
#[derive(Debug)]
pub struct NullBus {
    options: Options,
    /// Each subscriber's filter and queue.
    subscribers: Mutex<Vec<(String, Sender<Message>)>>,
    site: Site,
}

#[derive(Debug, Clone)]
struct Message {
    /// In layout `native`.
    metadata: Option<Metadata>,
    body: Bytes,
}

impl Message {
    fn stamp_text<'a>(&'a self, expected: &Prepared) -> &'a [u8] {
        match &self.metadata {
            Some(metadata) => metadata.stamp_text(),
            None => expected.stamp_text(&self.body),
        }
    }

    fn delivery<'a>(&'a self, expected: &Prepared) -> Delivery<'a, Block<'a>> {
        Delivery {
            stamp_text: self.stamp_text(expected),
            body: &self.body,
            attributes: Block(self.metadata.as_ref().map_or(&[], Metadata::block)),
        }
    }
}

impl Bus for NullBus {
    type Publisher = NullPublisher;
    type Subscriber = NullSubscriber;

    async fn open(options: Options) -> Result<Self, BusError> {
        let site = Site::new(BusKind::Null, &options.endpoint);
        let subscribers = Mutex::default();
        Ok(Self {
            options,
            subscribers,
            site,
        })
    }

    async fn publisher(
        &self,
        _client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> Result<NullPublisher, BusError> {
        let subscribers = self.subscribers.lock();
        let subscribers = subscribers.unwrap_or_else(PoisonError::into_inner);
        let queues = subscribers
            .iter()
            .filter(|(filter, _)| matches(filter, topic))
            .map(|(_, queue)| Slot::Queue(queue.clone()))
            .collect();
        Ok(NullPublisher {
            queues,
            outgoing: Outgoing::new(message),
            site: self.site.clone(),
            ordered: Ordered::new(self.options.null_order.as_ref()),
        })
    }

    async fn subscriber(
        &self,
        _client_id: &str,
        filter: &str,
        _topics: &[String],
        expected: &Prepared,
    ) -> Result<NullSubscriber, BusError> {
        let (queue, messages) = mpsc::channel(self.options.client_queue.max(1));
        let subscribers = self.subscribers.lock();
        let mut subscribers = subscribers.unwrap_or_else(PoisonError::into_inner);
        // A plan has at most 2^16 subscribers.
        let number = u16::try_from(subscribers.len()).unwrap_or(u16::MAX);
        subscribers.push((filter.to_owned(), queue));
        let (site, expected) = (self.site.clone(), expected.clone());
        let injected = match &self.options.null_order {
            Some(NullOrder::Inject(injector)) => Some(InjectedSubscriber::new(
                injector.clone(),
                number,
                expected.clone(),
                site.clone(),
            )),
            Some(NullOrder::Work(_)) | None => None,
        };
        Ok(NullSubscriber {
            messages,
            taken: Vec::with_capacity(MOST_AT_ONCE),
            site,
            expected,
            injected,
        })
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

/// Whether an MQTT filter takes a topic (MQTT 3.1.1, section 4.7).
fn matches(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// Publishes to each subscriber's queue.
#[derive(Debug)]
pub struct NullPublisher {
    queues: Vec<Slot>,
    outgoing: Outgoing,
    site: Site,
    ordered: Ordered,
}

/// A subscriber's queue, or a place in it that is ours already. A message is sent to all subscribers
/// or to none, so a place that was had is kept until all are.
#[derive(Debug)]
enum Slot {
    Queue(Sender<Message>),
    Place(OwnedPermit<Message>),
    /// The subscriber is gone.
    Gone,
}

impl Slot {
    /// Whether there is a place now, or no subscriber any more.
    fn try_reserve(&mut self) -> bool {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Queue(queue) => match queue.try_reserve_owned() {
                Ok(place) => Self::Place(place),
                Err(TrySendError::Full(queue)) => {
                    *self = Self::Queue(queue);
                    return false;
                }
                Err(TrySendError::Closed(_)) => Self::Gone,
            },
            reserved => reserved,
        };
        true
    }

    fn send(&mut self, message: Message) {
        *self = match std::mem::replace(self, Self::Gone) {
            Self::Place(place) => Self::Queue(place.send(message)),
            other => other,
        };
    }
}

impl NullPublisher {
    fn send<O: PublishObserver>(&mut self, stamp: &Stamp, observer: &mut O) {
        let build = || {
            let body = self.outgoing.bytes(stamp);
            let metadata = self.outgoing.metadata(stamp);
            Message { metadata, body }
        };
        let message = self.ordered.encode(stamp, observer, build);
        for queue in &mut self.queues {
            queue.send(message.clone());
        }
    }
}

impl Publisher for NullPublisher {
    fn is_direct(&self) -> bool {
        let injected = self.ordered.injection();
        !injected.is_some_and(InjectedPublisher::publish_waits)
    }

    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError> {
        if let Some(injected) = self.ordered.injection_mut()
            && !injected.takes(stamp)
        {
            return Err(TryPublishError::Full);
        }
        if !self.queues.iter_mut().all(Slot::try_reserve) {
            if let Some(injected) = self.ordered.injection_mut() {
                injected.refused();
            }
            return Err(TryPublishError::Full);
        }
        self.send(stamp, observer);
        if let Some(injected) = self.ordered.injection_mut() {
            injected.accepted(stamp);
        }
        Ok(())
    }

    async fn publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        if let Some(injected) = self.ordered.injection_mut()
            && let Some(end) = injected.stalled_until(stamp)
        {
            tokio::time::sleep_until(end.into()).await;
        }
        for slot in &mut self.queues {
            while !slot.try_reserve() {
                if let Slot::Queue(queue) = slot {
                    // Waits for a place, and gives it back to be reserved for good.
                    let place = queue.reserve().await;
                    place.map_err(|_| self.site.closed())?;
                }
            }
        }
        self.send(stamp, observer);
        if let Some(injected) = self.ordered.injection_mut() {
            injected.accepted(stamp);
        }
        observer.handed_over(stamp);
        if let Some(injected) = self.ordered.injection_mut() {
            injected.told();
        }
        Ok(())
    }

    async fn close<O: PublishObserver>(self, _observer: &mut O) -> Result<(), BusError> {
        Ok(())
    }
}

/// Reads its queue.
#[derive(Debug)]
pub struct NullSubscriber {
    messages: Receiver<Message>,
    taken: Vec<Message>,
    site: Site,
    expected: Prepared,
    injected: Option<InjectedSubscriber>,
}

impl Subscriber for NullSubscriber {
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        if let Some(injected) = &mut self.injected {
            return injected.deliver(&mut self.messages, sink).await;
        }
        let taken = self.messages.recv_many(&mut self.taken, MOST_AT_ONCE).await;
        if taken == 0 {
            return Err(self.site.closed());
        }
        for message in self.taken.drain(..) {
            sink.arrived(message.delivery(&self.expected));
        }
        Ok(taken)
    }

    fn dropped(&self) -> u64 {
        0
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn filters_take_what_mqtt_says() {
        for (filter, topic, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/b/c", "a/b", false),
            ("a/+/c", "a/b/c", true),
            ("a/+", "a", false),
            ("a/#", "a", true),
            ("a/#", "a/b/c", true),
            ("#", "a/b", true),
            ("b/#", "a/b", false),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} for {topic}");
        }
    }
}
