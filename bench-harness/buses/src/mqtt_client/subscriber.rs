//! A subscriber over either version.

use std::collections::VecDeque;

use super::{DEADLINE, Progress, Session};
use crate::error::Site;
use crate::traits::MOST_AT_ONCE;
use crate::{Attributes, BusError, Delivery, Sink, Subscriber};

/// The part of a version that a subscriber needs.
pub trait Reader: Send + 'static {
    type Session: Session;
    /// The metadata of a message that arrived.
    type Attributes<'a>: Attributes;

    /// A message as the sink takes it.
    fn delivery<'a>(
        &self,
        message: &'a <Self::Session as Session>::Message,
    ) -> Delivery<'a, Self::Attributes<'a>>;

    /// Asks for the subscription. `false` where the event loop has ended.
    fn subscribe(&self, filter: &str) -> impl Future<Output = bool> + Send;

    /// Asks to disconnect; `false` where the client's channel is full.
    fn try_disconnect(&self) -> bool;
}

/// Reads one subscription.
pub struct MqttSubscriber<R: Reader> {
    reader: R,
    session: R::Session,
    /// Messages that arrived before the server confirmed the subscription.
    early: VecDeque<<R::Session as Session>::Message>,
    site: Site,
}

impl<R: Reader> MqttSubscriber<R> {
    /// Subscribes over a connected session; returns when the server has confirmed at `qos`.
    pub(crate) async fn start(
        reader: R,
        session: R::Session,
        filter: &str,
        qos: u8,
        site: Site,
    ) -> Result<Self, BusError> {
        let mut subscriber = Self {
            reader,
            session,
            early: VecDeque::new(),
            site,
        };
        let confirmed = subscriber.confirm(filter, qos);
        let confirmed = tokio::time::timeout(DEADLINE, confirmed).await;
        match confirmed {
            Ok(Ok(())) => Ok(subscriber),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                let action = format!("confirm a subscription to `{filter}`");
                Err(subscriber.site.timed_out(action, DEADLINE))
            }
        }
    }

    async fn confirm(&mut self, filter: &str, qos: u8) -> Result<(), BusError> {
        let action = || format!("subscribe to `{filter}`");
        if !self.reader.subscribe(filter).await {
            return Err(self.site.failed(action(), "not a valid topic filter"));
        }
        loop {
            let progress = self.session.next().await;
            match progress.map_err(|error| self.site.failed(action(), error))? {
                Progress::Subscribed(Ok(granted)) if granted == qos => return Ok(()),
                Progress::Subscribed(Ok(granted)) => {
                    let reason = format!("the server grants QoS {granted} instead of {qos}");
                    return Err(self.site.failed(action(), reason));
                }
                Progress::Subscribed(Err(reason)) => {
                    return Err(self.site.failed(action(), reason));
                }
                Progress::Arrived(message) => self.early.push_back(message),
                _ => {}
            }
        }
    }
}

impl<R: Reader> Subscriber for MqttSubscriber<R> {
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        let mut delivered = 0;
        while let Some(message) = self.early.pop_front() {
            sink.arrived(self.reader.delivery(&message));
            delivered += 1;
        }
        while delivered == 0 {
            let mut next = Some(match self.session.next().await {
                Ok(progress) => progress,
                Err(error) => return Err(self.site.failed("receive", error)),
            });
            // rumqttc reads up to 10 packets at once and keeps them; asking it for more than those
            // without waiting could cut off an acknowledgement half written.
            while let Some(progress) = next {
                if let Progress::Arrived(message) = progress {
                    sink.arrived(self.reader.delivery(&message));
                    delivered += 1;
                    if delivered == MOST_AT_ONCE {
                        break;
                    }
                }
                next = self.session.buffered();
            }
        }
        Ok(delivered)
    }

    /// Nothing is dropped here: what is not read stays in the socket and with the server.
    fn dropped(&self) -> u64 {
        0
    }

    async fn close(mut self) -> Result<(), BusError> {
        if self.reader.try_disconnect() {
            super::gone(&mut self.session).await;
        }
        Ok(())
    }
}
