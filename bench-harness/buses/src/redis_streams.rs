//! Redis streams: kept by the server, through redis-rs.
//!
//! Measures the bus of EdgeX 1. A publish is an `XADD` to the topic's stream `gmm:<topic>`, waited
//! for as in Redis pub/sub; `retention` trims the stream, about, with each. Layout `native` has a
//! field for each attribute of the envelope and one for the payload; in the other layouts the whole
//! message stands in one field, as EdgeX 1 sent it. Streams know no wildcards, so a subscriber
//! reads exactly the topics that it is told.
//!
//! `subscribe = "edgex"` asks for what comes after `$`, the end, each time, as EdgeX 1 does: what is
//! added between two reads is lost. `"lossless"` goes on from the last id. Both begin with the first
//! entry after the subscription. [`Bus::close`] deletes the streams that were published to or read.

mod reply;

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};

use busbench_envelope::{Layout, Prepared, Stamp, native, topic};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, RedisResult, RedisWrite, Value};

use self::reply::Entries;
use crate::error::Site;
use crate::outgoing::{Outgoing, StampText};
use crate::redis_client::publisher::{Command, RedisPublisher};
use crate::redis_client::{self, RESPONSE_DEADLINE};
use crate::traits::MOST_AT_ONCE;
use crate::{Bus, BusError, BusKind, ClientSetting, Options, Sink, SubscribeMode, Subscriber};

const KIND: BusKind = BusKind::RedisStreams;

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    let mut settings = redis_client::settings(options);
    settings.push(ClientSetting::new("xread_count", MOST_AT_ONCE));
    settings.push(ClientSetting::new("xread_block_ms", 0));
    settings
}

/// Redis streams.
#[derive(Debug)]
pub struct RedisStreams {
    options: Options,
    site: Site,
    /// Streams that were published to or read.
    used: Mutex<BTreeSet<String>>,
}

impl RedisStreams {
    /// The stream of a topic, which is ours to delete from now on.
    fn stream(&self, topic: &str) -> String {
        let stream = topic::redis_stream(topic);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(stream.clone());
        stream
    }
}

impl Bus for RedisStreams {
    type Publisher = RedisPublisher<Add>;
    type Subscriber = RedisStreamsSubscriber;

    async fn open(options: Options) -> Result<Self, BusError> {
        let site = Site::new(KIND, &options.endpoint);
        redis_client::connect(&options, &site, Some(RESPONSE_DEADLINE)).await?;
        Ok(Self {
            options,
            site,
            used: Mutex::default(),
        })
    }

    async fn publisher(
        &self,
        _client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> Result<Self::Publisher, BusError> {
        let limit = self.options.retention.messages;
        let add = Add::new(self.stream(topic), limit.map(u64::from), message);
        RedisPublisher::connect(&self.options, &self.site, add).await
    }

    async fn subscriber(
        &self,
        _client_id: &str,
        filter: &str,
        topics: &[String],
        expected: &Prepared,
    ) -> Result<RedisStreamsSubscriber, BusError> {
        let failed = |error| self.site.failed(format!("subscribe to `{filter}`"), error);
        let mut connection = redis_client::connect(&self.options, &self.site, None).await?;
        let mut streams = Vec::with_capacity(topics.len());
        for topic in topics {
            let name = self.stream(topic);
            let mut newest = redis::cmd("XREVRANGE");
            newest.arg(&name).arg("+").arg("-").arg("COUNT").arg(1);
            let answer = connection.send_packed_command(&newest);
            let answer = tokio::time::timeout(RESPONSE_DEADLINE, answer).await;
            let answer = answer
                .map_err(|_| {
                    self.site
                        .timed_out("tell a stream's end", RESPONSE_DEADLINE)
                })?
                .and_then(Value::extract_error)
                .map_err(failed)?;
            let last_id = reply::first_id(&answer).unwrap_or("0-0").to_owned();
            streams.push(Position { name, last_id });
        }
        Ok(RedisStreamsSubscriber {
            connection,
            streams,
            from_end: self.options.subscribe == SubscribeMode::Edgex,
            pending: None,
            site: self.site.clone(),
            expected: expected.clone(),
        })
    }

    /// With `DEL`, which has freed the memory when it answers: `UNLINK` would do that within the
    /// next trial.
    async fn close(self) -> Result<(), BusError> {
        let used = self.used.into_inner();
        let used = used.unwrap_or_else(PoisonError::into_inner);
        if used.is_empty() {
            return Ok(());
        }
        let deadline = Some(RESPONSE_DEADLINE);
        let mut connection = redis_client::connect(&self.options, &self.site, deadline).await?;
        let mut delete = redis::cmd("DEL");
        delete.arg(&used);
        let deleted = delete.exec_async(&mut connection).await;
        deleted.map_err(|error| self.site.failed("delete the streams", error))
    }
}

/// `XADD stream [MAXLEN ~ n] * field value ...`.
#[derive(Debug)]
pub struct Add {
    stream: String,
    retention: Option<String>,
    /// The envelope's attributes, where the layout has them as fields.
    attributes: Vec<(&'static str, String)>,
    outgoing: Outgoing,
    wire_bytes: usize,
}

impl Add {
    fn new(stream: String, retention: Option<u64>, message: Prepared) -> Self {
        let attributes = match message.layout {
            Layout::Native => native::redis::fields(&message.envelope),
            _ => Vec::new(),
        };
        let attribute_bytes = attributes
            .iter()
            .map(|(name, value)| name.len() + value.len());
        Self {
            wire_bytes: stream.len() + attribute_bytes.sum::<usize>() + message.body.len() + 64,
            stream,
            retention: retention.map(|messages| messages.to_string()),
            attributes,
            outgoing: Outgoing::new(message),
        }
    }
}

impl Command for Add {
    fn write(&mut self, command: &mut Cmd, stamp: &Stamp) {
        command.write_arg(b"XADD");
        command.write_arg(self.stream.as_bytes());
        if let Some(messages) = &self.retention {
            command.write_arg(b"MAXLEN");
            command.write_arg(b"~");
            command.write_arg(messages.as_bytes());
        }
        command.write_arg(b"*");
        // Builds the message, where it is built anew: its envelope is written first.
        self.outgoing.build(stamp);
        if let Some(envelope) = self.outgoing.envelope() {
            native::redis::visit(envelope, |name, value| {
                command.write_arg(name.as_bytes());
                command.write_arg(value.as_bytes());
            });
        } else {
            for (name, value) in &self.attributes {
                command.write_arg(name.as_bytes());
                if *name == native::redis::CORRELATION_ID {
                    command.write_arg(StampText::new(stamp).as_bytes());
                } else {
                    command.write_arg(value.as_bytes());
                }
            }
        }
        command.write_arg(native::redis::PAYLOAD.as_bytes());
        command.write_arg(self.outgoing.built());
    }

    fn wire_bytes(&self) -> usize {
        self.wire_bytes
    }

    fn arguments(&self) -> usize {
        8 + 2 * self.attributes.len()
    }
}

/// How far a stream has been read.
#[derive(Debug)]
struct Position {
    name: String,
    last_id: String,
}

/// Reads a set of streams.
pub struct RedisStreamsSubscriber {
    connection: MultiplexedConnection,
    streams: Vec<Position>,
    from_end: bool,
    /// The read that the server is working on. Kept between calls: dropping it would drop its
    /// messages.
    pending: Option<BoxFuture<'static, RedisResult<Value>>>,
    site: Site,
    expected: Prepared,
}

impl RedisStreamsSubscriber {
    fn read(&self) -> BoxFuture<'static, RedisResult<Value>> {
        let mut command = redis::cmd("XREAD");
        let count = (MOST_AT_ONCE / self.streams.len().max(1)).max(1);
        command.arg("COUNT").arg(count).arg("BLOCK").arg(0);
        command.arg("STREAMS");
        for stream in &self.streams {
            command.arg(&stream.name);
        }
        for stream in &self.streams {
            command.arg(&stream.last_id);
        }
        let mut connection = self.connection.clone();
        async move { connection.send_packed_command(&command).await }.boxed()
    }
}

impl Subscriber for RedisStreamsSubscriber {
    async fn deliver<S: Sink>(&mut self, sink: &mut S) -> Result<usize, BusError> {
        let answer = poll_fn(|context| {
            let mut read = self.pending.take().unwrap_or_else(|| self.read());
            let answer = read.poll_unpin(context);
            if answer.is_pending() {
                self.pending = Some(read);
            }
            answer
        });
        let answer = answer.await.and_then(Value::extract_error);
        let answer = answer.map_err(|error| self.site.failed("receive", error))?;
        let mut delivered = 0;
        for entries in reply::streams(&answer) {
            let Entries { stream, entries } = entries;
            let position = self
                .streams
                .iter_mut()
                .find(|position| position.name.as_bytes() == stream);
            let Some(position) = position else { continue };
            let mut last_id = None;
            for entry in entries.iter().filter_map(reply::entry) {
                last_id = Some(entry.id);
                sink.arrived(entry.delivery(&self.expected));
                delivered += 1;
            }
            if let Some(last_id) = last_id {
                position.last_id.clear();
                position.last_id.push_str(last_id);
            }
        }
        if self.from_end {
            for position in &mut self.streams {
                position.last_id.clear();
                position.last_id.push('$');
            }
        }
        Ok(delivered)
    }

    /// Nothing is dropped by the client. What `edgex` reading skips is not known to it.
    fn dropped(&self) -> u64 {
        0
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}
