//! NATS core: nats-server, at most once, through async-nats.
//!
//! Measures the plain publish and subscribe path. A publish waits for nothing but room in the
//! client's command queue, in both modes, as nats.go's does. A subscriber is a queue subscription
//! in a group of its own, as EdgeX makes them, so each one gets every message. What a subscriber
//! does not read in time is dropped by the client and counted, or by the server, which then closes
//! the connection.

use async_nats::{HeaderMap, Subject};
use busbench_envelope::{Prepared, Stamp, topic};
use futures_util::FutureExt;

use crate::nats_client::{self, Connection, Drops};
use crate::outgoing::Outgoing;
use crate::ready::take_ready;
use crate::{Bus, BusError, BusKind, ClientSetting, Options};
use crate::{PublishObserver, Publisher, Sink, Subscriber, TryPublishError};

const KIND: BusKind = BusKind::NatsCore;

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    nats_client::settings(options)
}

/// NATS core.
#[derive(Debug)]
pub struct NatsCore {
    options: Options,
}

impl Bus for NatsCore {
    type Publisher = NatsCorePublisher;
    type Subscriber = NatsCoreSubscriber;

    async fn open(options: Options) -> Result<Self, BusError> {
        Connection::open(KIND, &options, "busbench-open").await?;
        Ok(Self { options })
    }

    async fn publisher(
        &self,
        client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> Result<NatsCorePublisher, BusError> {
        Ok(NatsCorePublisher {
            connection: Connection::open(KIND, &self.options, client_id).await?,
            subject: Subject::from(topic::nats_subject(topic)),
            headers: nats_client::headers(&message),
            outgoing: Outgoing::new(message),
        })
    }

    async fn subscriber(
        &self,
        client_id: &str,
        filter: &str,
        _topics: &[String],
        expected: &Prepared,
    ) -> Result<NatsCoreSubscriber, BusError> {
        let connection = Connection::open(KIND, &self.options, client_id).await?;
        // Counted from before the subscription, but for the one answer to the barrier below.
        let mut drops = connection.drops();
        drops.taken(1);
        let subject = topic::nats_subject(filter);
        let action = format!("subscribe to `{subject}`");
        let subscription = connection
            .client
            .queue_subscribe(subject, client_id.to_owned())
            .await
            .map_err(|error| connection.site.failed(action, error))?;
        connection.barrier().await?;
        Ok(NatsCoreSubscriber {
            connection,
            subscription,
            drops,
            expected: expected.clone(),
        })
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

/// Publishes to one subject.
#[derive(Debug)]
pub struct NatsCorePublisher {
    connection: Connection,
    subject: Subject,
    headers: Option<HeaderMap>,
    outgoing: Outgoing,
}

impl NatsCorePublisher {
    /// The client's own publish. Dropped before it is ready it has sent nothing: it is ready as
    /// soon as the command is in the queue (async-nats 0.51, `Client::publish`: the send into a
    /// tokio channel is its only wait).
    async fn send<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        let subject = self.subject.clone();
        let headers = self.headers.as_ref();
        let (headers, body) = nats_client::encode(headers, &mut self.outgoing, stamp, observer);
        let Connection { client, site, .. } = &self.connection;
        let sent = match headers {
            None => client.publish(subject, body).await,
            Some(headers) => client.publish_with_headers(subject, headers, body).await,
        };
        sent.map_err(|error| site.failed("publish", error))
    }
}

impl Publisher for NatsCorePublisher {
    fn is_direct(&self) -> bool {
        true
    }

    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError> {
        match self.send(stamp, observer).now_or_never() {
            None => Err(TryPublishError::Full),
            Some(sent) => Ok(sent?),
        }
    }

    async fn publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        self.send(stamp, observer).await?;
        observer.handed_over(stamp);
        Ok(())
    }

    async fn close<O: PublishObserver>(self, _observer: &mut O) -> Result<(), BusError> {
        self.connection.barrier().await
    }
}

/// Reads one subscription.
#[derive(Debug)]
pub struct NatsCoreSubscriber {
    connection: Connection,
    subscription: async_nats::Subscriber,
    drops: Drops,
    expected: Prepared,
}

impl Subscriber for NatsCoreSubscriber {
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        let expected = &self.expected;
        let delivered = take_ready(&mut self.subscription, |message| {
            sink.arrived(nats_client::delivery(&message, expected));
        });
        let delivered = delivered
            .await
            .ok_or_else(|| self.connection.site.closed())?;
        self.drops.taken(delivered);
        Ok(delivered)
    }

    fn dropped(&self) -> u64 {
        self.drops.count()
    }

    async fn close(mut self) -> Result<(), BusError> {
        let ended = self.subscription.unsubscribe().await;
        ended.map_err(|error| self.connection.site.failed("unsubscribe", error))
    }
}
