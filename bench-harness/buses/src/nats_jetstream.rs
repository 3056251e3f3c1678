//! NATS JetStream: nats-server keeping messages in a stream, at least once, through async-nats.
//!
//! Measures a publish that the server acknowledges when the stream has the message: one in flight
//! (`edgex`), or as many as the ack window allows. A subscriber is a push consumer with explicit
//! acks and at most 1000 unacknowledged messages unless it is tuned, acked when handed to the sink, before anything
//! looks at them, as EdgeX does. It starts with the first message after its creation and skips
//! none, so `edgex` and `lossless` are the same here. The stream is ours: `busbench` on `edgex.>`,
//! removed and made anew by [`Bus::open`].

use std::collections::VecDeque;
use std::future::{IntoFuture, poll_fn};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, push};
use async_nats::jetstream::context::{Context, ContextBuilder, PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::stream::{Config, StorageType};
use async_nats::jetstream::{self};
use async_nats::{HeaderMap, Subject};
use busbench_envelope::{Prepared, Stamp, topic};
use futures_util::{FutureExt, StreamExt};

use crate::nats_client::{self, Connection, Drops};
use crate::outgoing::Outgoing;
use crate::traits::MOST_AT_ONCE;
use crate::{Bus, BusError, BusKind, ClientSetting, Options, Storage};
use crate::{PublishObserver, Publisher, Sink, Subscriber, TryPublishError};

const KIND: BusKind = BusKind::NatsJetstream;
const STREAM: &str = "busbench";
const SUBJECTS: &str = "edgex.>";
/// How long EdgeX waits for a `PubAck`.
const ACK_DEADLINE: Duration = Duration::from_secs(5);
const ACK_WAIT: Duration = Duration::from_secs(30);

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    let mut settings = nats_client::settings(options);
    settings.extend([
        ClientSetting::new("ack_timeout_ms", ACK_DEADLINE.as_millis()),
        ClientSetting::new("consumer", "push, explicit ack"),
        ClientSetting::new("max_ack_pending_messages", options.max_ack_pending),
        ClientSetting::new("ack_wait_ms", ACK_WAIT.as_millis()),
    ]);
    settings
}

/// NATS JetStream.
#[derive(Debug)]
pub struct NatsJetstream {
    options: Options,
    connection: Connection,
}

impl NatsJetstream {
    fn context(&self, connection: &Connection) -> Context {
        ContextBuilder::new()
            .timeout(ACK_DEADLINE)
            .max_ack_inflight(self.options.publish.ack_window().get() as usize)
            .build(connection.client.clone())
    }

    async fn remove_stream(&self) -> Result<(), BusError> {
        use jetstream::ErrorCode;
        use jetstream::context::DeleteStreamErrorKind;
        let removed = self.context(&self.connection).delete_stream(STREAM).await;
        match removed {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                DeleteStreamErrorKind::JetStream(reason)
                    if reason.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Ok(())
                }
                _ => {
                    let action = format!("remove stream `{STREAM}`");
                    Err(self.connection.site.failed(action, error))
                }
            },
        }
    }
}

impl Bus for NatsJetstream {
    type Publisher = NatsJetstreamPublisher;
    type Subscriber = NatsJetstreamSubscriber;

    async fn open(options: Options) -> Result<Self, BusError> {
        let connection = Connection::open(KIND, &options, "busbench-open").await?;
        let bus = Self {
            options,
            connection,
        };
        bus.remove_stream().await?;
        let limit = bus.options.retention.messages;
        let config = Config {
            name: STREAM.to_owned(),
            subjects: vec![SUBJECTS.to_owned()],
            storage: match bus.options.storage {
                Storage::File => StorageType::File,
                Storage::Memory => StorageType::Memory,
            },
            max_messages: limit.map_or(-1, |limit| i64::try_from(limit.get()).unwrap_or(-1)),
            ..Config::default()
        };
        let created = bus.context(&bus.connection).create_stream(config).await;
        created.map_err(|error| {
            let action = format!("create stream `{STREAM}` on `{SUBJECTS}`");
            bus.connection.site.failed(action, error)
        })?;
        Ok(bus)
    }

    async fn publisher(
        &self,
        client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> Result<NatsJetstreamPublisher, BusError> {
        let connection = Connection::open(KIND, &self.options, client_id).await?;
        let ack_window = self.options.publish.ack_window().get() as usize;
        Ok(NatsJetstreamPublisher {
            context: self.context(&connection),
            connection,
            subject: Subject::from(topic::nats_subject(topic)),
            headers: nats_client::headers(&message),
            outgoing: Outgoing::new(message),
            outstanding: VecDeque::with_capacity(ack_window),
            ack_window,
        })
    }

    async fn subscriber(
        &self,
        client_id: &str,
        filter: &str,
        _topics: &[String],
        expected: &Prepared,
    ) -> Result<NatsJetstreamSubscriber, BusError> {
        let connection = Connection::open(KIND, &self.options, client_id).await?;
        let subject = topic::nats_subject(filter);
        let action = format!("subscribe to `{subject}`");
        let consumer = push::Config {
            deliver_subject: connection.client.new_inbox(),
            deliver_group: Some(client_id.to_owned()),
            deliver_policy: DeliverPolicy::New,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: i64::from(self.options.max_ack_pending.get()),
            filter_subject: subject,
            ..push::Config::default()
        };
        let context = self.context(&connection);
        let made = context.create_consumer_on_stream(consumer, STREAM).await;
        let consumer = made.map_err(|error| connection.site.failed(action.clone(), error))?;
        let messages = consumer.messages().await;
        let messages = messages.map_err(|error| connection.site.failed(action, error))?;
        connection.barrier().await?;
        Ok(NatsJetstreamSubscriber {
            drops: connection.drops(),
            connection,
            messages,
            expected: expected.clone(),
        })
    }

    async fn close(self) -> Result<(), BusError> {
        self.remove_stream().await
    }
}

type Ack = <PublishAckFuture as IntoFuture>::IntoFuture;

/// Publishes to one subject of the stream.
pub struct NatsJetstreamPublisher {
    context: Context,
    connection: Connection,
    subject: Subject,
    headers: Option<HeaderMap>,
    outgoing: Outgoing,
    /// Unacknowledged publishes, oldest first: a stream acknowledges in order.
    outstanding: VecDeque<(Stamp, Ack)>,
    ack_window: usize,
}

impl NatsJetstreamPublisher {
    /// The client's own publish. Dropped before it is ready it has sent nothing (async-nats 0.51,
    /// `Context::send_publish`: it waits for a permit and for room in the command queue).
    async fn send<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), BusError> {
        let subject = self.subject.clone();
        let headers = self.headers.as_ref();
        let (headers, body) = nats_client::encode(headers, &mut self.outgoing, stamp, observer);
        let context = &self.context;
        let sent = match headers {
            None => context.publish(subject, body).await,
            Some(headers) => context.publish_with_headers(subject, headers, body).await,
        };
        let ack = sent.map_err(|error| self.connection.site.failed("publish", error))?;
        self.outstanding.push_back((*stamp, ack.into_future()));
        Ok(())
    }

    /// Tells the observer of all acknowledgements that have come; ready when at least one has.
    fn poll_acknowledgements<O: PublishObserver>(
        &mut self,
        context: &mut TaskContext<'_>,
        observer: &mut O,
    ) -> Poll<Result<(), BusError>> {
        let mut settled = false;
        while let Some((stamp, ack)) = self.outstanding.front_mut() {
            let Poll::Ready(answer) = ack.as_mut().poll(context) else {
                break;
            };
            let stamp = *stamp;
            self.outstanding.pop_front();
            settled = true;
            let Err(error) = answer else {
                observer.acked(&stamp);
                continue;
            };
            let site = &self.connection.site;
            if error.kind() == PublishErrorKind::BrokenPipe {
                return Poll::Ready(Err(site.closed()));
            }
            let error = match error.kind() {
                PublishErrorKind::TimedOut => site.timed_out("acknowledge a publish", ACK_DEADLINE),
                _ => site.failed("have a publish stored", error),
            };
            observer.failed(&stamp, &error);
        }
        if settled {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    async fn wait_for_at_most<O: PublishObserver>(
        &mut self,
        outstanding: usize,
        observer: &mut O,
    ) -> Result<(), BusError> {
        while self.outstanding.len() > outstanding {
            self.acknowledgements(observer).await?;
        }
        Ok(())
    }
}

impl Publisher for NatsJetstreamPublisher {
    fn is_direct(&self) -> bool {
        false
    }

    fn effective_ack_window(&self) -> Option<usize> {
        Some(self.ack_window)
    }

    fn try_publish<O: PublishObserver>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
    ) -> Result<(), TryPublishError> {
        if self.outstanding.len() >= self.ack_window {
            return Err(TryPublishError::Full);
        }
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
        self.wait_for_at_most(self.ack_window - 1, observer).await?;
        self.send(stamp, observer).await?;
        observer.handed_over(stamp);
        if self.ack_window == 1 {
            self.wait_for_at_most(0, observer).await?;
        }
        Ok(())
    }

    async fn acknowledgements<O: PublishObserver>(
        &mut self,
        observer: &mut O,
    ) -> Result<(), BusError> {
        poll_fn(|context| self.poll_acknowledgements(context, observer)).await
    }

    async fn close<O: PublishObserver>(mut self, observer: &mut O) -> Result<(), BusError> {
        self.wait_for_at_most(0, observer).await
    }
}

/// Reads one push consumer.
pub struct NatsJetstreamSubscriber {
    connection: Connection,
    messages: push::Messages,
    drops: Drops,
    expected: Prepared,
}

impl Subscriber for NatsJetstreamSubscriber {
    /// The acks go to the client's command queue; where that is full they are waited for, after
    /// the message was given to the sink. A message whose ack is lost is sent again after 30 s.
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        let site = &self.connection.site;
        let mut next = self.messages.next().await;
        if next.is_none() {
            return Err(site.closed());
        }
        let mut delivered = 0;
        while let Some(message) = next {
            let message = message.map_err(|error| site.failed("receive", error))?;
            self.drops.taken(1);
            sink.arrived(nats_client::delivery(&message, &self.expected));
            delivered += 1;
            let acked = message.ack().await;
            acked.map_err(|error| site.failed("acknowledge a delivery", error))?;
            if delivered == MOST_AT_ONCE {
                break;
            }
            next = self.messages.next().now_or_never().flatten();
        }
        Ok(delivered)
    }

    fn dropped(&self) -> u64 {
        self.drops.count()
    }

    async fn close(self) -> Result<(), BusError> {
        // The acks are still in the client's queue; ending the connection ends the consumer.
        self.connection.barrier().await
    }
}
