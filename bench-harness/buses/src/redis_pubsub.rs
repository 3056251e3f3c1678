//! Redis pub/sub: at most once, through redis-rs.
//!
//! Measures the bus that EdgeX 2 and 3 used by default. A publish waits for the server's reply (the
//! number of receivers): one round trip for each (`edgex`), or pipelines with several in flight. A
//! subscriber always subscribes to patterns, as EdgeX does; `edgex` and `lossless` are the same.
//! The client's own queue is bounded (see [`backlog`]), so a subscriber that reads slowly is cut off
//! by the server's output limit. The protocol has no headers, so it cannot carry layout `native`.

use std::sync::Arc;

use busbench_envelope::{Prepared, Stamp, topic};
use redis::aio::{PubSub, PubSubSink, PubSubStream};
use redis::{Cmd, Msg, RedisWrite};
use tokio::net::TcpStream;

use crate::Subscriber;
use crate::error::Site;
use crate::outgoing::Outgoing;
use crate::ready::take_ready;
use crate::redis_client::backlog::{self, Backlog, BoundedStream};
use crate::redis_client::publisher::{Command, RedisPublisher};
use crate::redis_client::{self, CONNECT_DEADLINE, RESPONSE_DEADLINE};
use crate::{Bus, BusError, BusKind, ClientSetting, Delivery, NoAttributes, Options, Sink};

const KIND: BusKind = BusKind::RedisPubsub;
/// What a subscriber's client may hold: half of what the server holds for it by default.
const BACKLOG_BYTES: u64 = 16 * 1024 * 1024;

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    let mut settings = redis_client::settings(options);
    settings.push(ClientSetting::new(
        "subscriber_backlog_bytes",
        BACKLOG_BYTES,
    ));
    settings
}

/// Redis pub/sub.
#[derive(Debug)]
pub struct RedisPubsub {
    options: Options,
    site: Site,
}

impl RedisPubsub {
    /// redis-rs's pub/sub connection over a socket of ours, which lets us bound its queue.
    async fn pubsub(&self) -> Result<(PubSub, Arc<Backlog>), BusError> {
        let endpoint = &self.options.endpoint;
        let backlog = Backlog::new(BACKLOG_BYTES);
        let connected = async {
            let address = (endpoint.host.as_str(), endpoint.port);
            let socket = TcpStream::connect(address).await?;
            socket.set_nodelay(true)?;
            let backlog = Arc::clone(&backlog);
            let stream = BoundedStream { socket, backlog };
            PubSub::new(&redis_client::login(endpoint), stream).await
        };
        let connected = tokio::time::timeout(CONNECT_DEADLINE, connected).await;
        let connected = connected
            .map_err(|_| self.site.timed_out("take the connection", CONNECT_DEADLINE))?
            .map_err(|error| self.site.failed("connect", error))?;
        Ok((connected, backlog))
    }
}

impl Bus for RedisPubsub {
    type Publisher = RedisPublisher<Publish>;
    type Subscriber = RedisPubsubSubscriber;

    async fn open(options: Options) -> Result<Self, BusError> {
        let site = Site::new(KIND, &options.endpoint);
        redis_client::connect(&options, &site, Some(RESPONSE_DEADLINE)).await?;
        Ok(Self { options, site })
    }

    async fn publisher(
        &self,
        _client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> Result<Self::Publisher, BusError> {
        let publish = Publish {
            channel: topic::redis_channel(topic),
            body_bytes: message.body.len(),
            outgoing: Outgoing::new(message),
        };
        RedisPublisher::connect(&self.options, &self.site, publish).await
    }

    async fn subscriber(
        &self,
        _client_id: &str,
        filter: &str,
        _topics: &[String],
        expected: &Prepared,
    ) -> Result<RedisPubsubSubscriber, BusError> {
        let patterns = topic::redis_patterns(filter);
        let action = format!("subscribe to `{}`", patterns.join("`, `"));
        let (mut pubsub, backlog) = self.pubsub().await?;
        let confirmed = tokio::time::timeout(RESPONSE_DEADLINE, pubsub.psubscribe(&patterns)).await;
        confirmed
            .map_err(|_| {
                self.site
                    .timed_out("confirm a subscription", RESPONSE_DEADLINE)
            })?
            .map_err(|error| self.site.failed(action, error))?;
        backlog.begin();
        let (sink, messages) = pubsub.split();
        Ok(RedisPubsubSubscriber {
            _sink: sink,
            messages,
            frames: Frames {
                pattern_bytes: patterns.first().map_or(0, String::len),
                own_channel: patterns.into_iter().nth(1),
            },
            backlog,
            site: self.site.clone(),
            expected: expected.clone(),
        })
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

/// `PUBLISH channel body`.
#[derive(Debug)]
pub struct Publish {
    channel: String,
    body_bytes: usize,
    outgoing: Outgoing,
}

impl Command for Publish {
    fn write(&mut self, command: &mut Cmd, stamp: &Stamp) {
        command.write_arg(b"PUBLISH");
        command.write_arg(self.channel.as_bytes());
        command.write_arg(self.outgoing.borrowed(stamp));
    }

    fn wire_bytes(&self) -> usize {
        "PUBLISH".len() + self.channel.len() + self.body_bytes
    }

    fn arguments(&self) -> usize {
        3
    }
}

/// Reads one connection's subscriptions.
pub struct RedisPubsubSubscriber {
    /// Dropping it would end nothing, but the connection's task would be polled for nothing.
    _sink: PubSubSink,
    messages: PubSubStream,
    frames: Frames,
    backlog: Arc<Backlog>,
    site: Site,
    expected: Prepared,
}

impl RedisPubsubSubscriber {
    /// Bytes that the client has read from the socket and not given out.
    #[must_use]
    pub fn backlog_bytes(&self) -> u64 {
        self.backlog.bytes()
    }
}

impl Subscriber for RedisPubsubSubscriber {
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        let Self {
            messages,
            frames,
            expected,
            ..
        } = self;
        let mut bytes = 0;
        let delivered = take_ready(messages, |message| {
            let body = message.get_payload_bytes();
            sink.arrived(Delivery {
                stamp_text: expected.stamp_text(body),
                body,
                attributes: NoAttributes,
            });
            bytes += frames.bytes(&message);
        });
        let delivered = delivered.await.ok_or_else(|| self.site.closed())?;
        self.backlog.take(bytes);
        Ok(delivered)
    }

    /// Nothing is dropped here: what is not read in time is the server's to drop.
    fn dropped(&self) -> u64 {
        0
    }

    fn backlog_peak_bytes(&self) -> Option<u64> {
        Some(self.backlog.peak_bytes())
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

/// How long a message's frame is.
struct Frames {
    pattern_bytes: usize,
    /// The second pattern, without a wildcard, where there is one.
    own_channel: Option<String>,
}

impl Frames {
    fn bytes(&self, message: &Msg) -> u64 {
        let channel = message.get_channel_name();
        let pattern_bytes = match &self.own_channel {
            Some(own) if own == channel => own.len(),
            _ => self.pattern_bytes,
        };
        let body_bytes = message.get_payload_bytes().len();
        backlog::pattern_message_bytes(pattern_bytes, channel.len(), body_bytes)
    }
}
