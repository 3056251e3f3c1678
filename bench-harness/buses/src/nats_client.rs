//! What both NATS buses share: the connection, its barrier, headers and drop counter.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Auth, AuthError, Client, ConnectOptions, Event, HeaderMap, HeaderName, Message};
use busbench_envelope::{DecodeError, Envelope, EnvelopeRef, Layout, Prepared, Stamp, native};
use bytes::Bytes;

use crate::attributes::no_metadata;
use crate::error::Site;
use crate::outgoing::{Outgoing, StampText};
use crate::{Attributes, BusError, BusKind, ClientSetting, Delivery, Options, PublishObserver};

/// Messages that a subscription's channel holds before async-nats drops them.
const SUBSCRIPTION_CAPACITY: usize = 65_536;
/// For the handshake, and for answers to requests.
const DEADLINE: Duration = Duration::from_secs(5);
/// A subject that nobody serves and that no stream of ours keeps.
const BARRIER: &str = "busbench.barrier";
const CORRELATION_ID: HeaderName = HeaderName::from_static(native::nats::CORRELATION_ID);
const QUERY_PARAMS: HeaderName = HeaderName::from_static(native::nats::QUERY_PARAMS);

/// The settings that both buses' clients run with.
pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    vec![
        ClientSetting::new("tcp_nodelay", true),
        ClientSetting::new("command_queue_messages", options.client_queue),
        ClientSetting::new("subscription_capacity_messages", SUBSCRIPTION_CAPACITY),
        ClientSetting::new("reconnect", false),
    ]
}

/// One connection to a NATS server. It never reconnects: a lost connection shows as an error, not
/// as messages that are missing.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) site: Site,
    /// Whether async-nats ever reported a subscription whose channel was full.
    slow: Arc<AtomicBool>,
}

impl Connection {
    /// Connects; async-nats sets `TCP_NODELAY` itself.
    pub(crate) async fn open(
        bus: BusKind,
        options: &Options,
        client_id: &str,
    ) -> Result<Self, BusError> {
        let site = Site::new(bus, &options.endpoint);
        let slow = Arc::new(AtomicBool::new(false));
        let reported = Arc::clone(&slow);
        let client = once_only(options)
            .name(client_id)
            .client_capacity(options.client_queue.max(1))
            .subscription_capacity(SUBSCRIPTION_CAPACITY)
            .connection_timeout(DEADLINE)
            .request_timeout(Some(DEADLINE))
            .ignore_discovered_servers()
            .event_callback(move |event| {
                if matches!(event, Event::SlowConsumer(_)) {
                    reported.store(true, Ordering::Relaxed);
                }
                std::future::ready(())
            })
            .connect(options.endpoint.to_string())
            .await
            .map_err(|error| site.failed("connect", error))?;
        Ok(Self { client, site, slow })
    }

    /// Waits until the server has worked through all that was sent before.
    ///
    /// A server works through one connection's commands in order, so its answer to a request that
    /// nobody serves comes after them. (`Client::flush` returns when the client has written what
    /// the socket takes, which may be less than all; dropping the client then loses the rest.)
    pub(crate) async fn barrier(&self) -> Result<(), BusError> {
        match self.client.request(BARRIER, Bytes::new()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                RequestErrorKind::NoResponders => Ok(()),
                RequestErrorKind::TimedOut => {
                    Err(self.site.timed_out("answer a barrier", DEADLINE))
                }
                _ => Err(self.site.failed("wait for what was sent", error)),
            },
        }
    }

    /// Counts what the client drops from now on.
    pub(crate) fn drops(&self) -> Drops {
        let statistics = self.client.statistics();
        Drops {
            accounted: statistics.in_messages.load(Ordering::Relaxed),
            statistics,
            slow: Arc::clone(&self.slow),
        }
    }
}

/// Connect options whose second handshake, a reconnect, fails.
///
/// async-nats reconnects at least once whatever it is told (`max_reconnects(0)` means without end),
/// and loses what was in flight. The callback that supplies the login is asked for each handshake,
/// so it refuses the second; the client then ends, and with it all its channels.
fn once_only(options: &Options) -> ConnectOptions {
    let connected = AtomicBool::new(false);
    let mut auth = Auth::new();
    if let Some(credentials) = &options.endpoint.credentials {
        auth.username = Some(credentials.user.clone());
        auth.password = Some(credentials.password.clone());
    }
    ConnectOptions::with_auth_callback(move |_nonce| {
        let answer = if connected.swap(true, Ordering::Relaxed) {
            Err(AuthError::new("a lost connection is not opened again"))
        } else {
            Ok(auth.clone())
        };
        std::future::ready(answer)
    })
    .max_reconnects(1)
    .reconnect_delay_callback(|_attempt| Duration::ZERO)
}

/// Messages that arrived at the client and never reached us.
#[derive(Debug)]
pub(crate) struct Drops {
    statistics: Arc<async_nats::Statistics>,
    slow: Arc<AtomicBool>,
    /// Messages that reached us, and those that arrived before counting began.
    accounted: u64,
}

impl Drops {
    pub(crate) fn taken(&mut self, messages: usize) {
        self.accounted += messages as u64;
    }

    /// How many were dropped: exact once everything that is queued has been read; until then it
    /// counts what is queued too. 0 where async-nats never reported a full channel. (Its reports
    /// themselves cannot be counted: they go through a channel of 128 that drops, too.)
    pub(crate) fn count(&self) -> u64 {
        if !self.slow.load(Ordering::Relaxed) {
            return 0;
        }
        let arrived = self.statistics.in_messages.load(Ordering::Relaxed);
        arrived.saturating_sub(self.accounted)
    }
}

/// The envelope as headers, all but the stamp; `None` in layouts that have it in the body.
pub(crate) fn headers(prepared: &Prepared) -> Option<HeaderMap> {
    (prepared.layout == Layout::Native).then(|| {
        let mut headers = HeaderMap::new();
        for (name, value) in native::nats::fields(&prepared.envelope) {
            if name != native::nats::CORRELATION_ID {
                headers.append(name, value);
            }
        }
        headers
    })
}

/// A message's own headers and body. `headers` are those of a message that is not built anew.
pub(crate) fn encode<O: PublishObserver>(
    headers: Option<&HeaderMap>,
    outgoing: &mut Outgoing,
    stamp: &Stamp,
    observer: &mut O,
) -> (Option<HeaderMap>, Bytes) {
    observer.encode(stamp, || {
        let body = outgoing.bytes(stamp);
        let headers = match outgoing.envelope() {
            Some(envelope) => Some(built(envelope)),
            None => headers.map(|headers| stamped(headers, stamp)),
        };
        (headers, body)
    })
}

/// The envelope as async-nats takes headers: a map that owns its values.
fn built(envelope: &Envelope) -> HeaderMap {
    let mut headers = HeaderMap::new();
    native::nats::visit(envelope, |name, value| {
        let name = HeaderName::from_static(name);
        if name == QUERY_PARAMS {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    });
    headers
}

/// A message's own headers.
fn stamped(headers: &HeaderMap, stamp: &Stamp) -> HeaderMap {
    let mut headers = headers.clone();
    headers.insert(CORRELATION_ID, StampText::new(stamp).as_str());
    headers
}

/// A message as the sink takes it.
pub(crate) fn delivery<'a>(message: &'a Message, expected: &Prepared) -> Delivery<'a, Headers<'a>> {
    let stamp_text = match expected.layout {
        Layout::Native => message
            .headers
            .as_ref()
            .and_then(|headers| headers.get(CORRELATION_ID))
            .map(|value| value.as_str().as_bytes())
            .unwrap_or_default(),
        _ => expected.stamp_text(&message.payload),
    };
    Delivery {
        stamp_text,
        body: &message.payload,
        attributes: Headers(message.headers.as_ref()),
    }
}

/// The headers of a message that arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Headers<'a>(Option<&'a HeaderMap>);

impl Attributes for Headers<'_> {
    fn envelope(&self) -> Result<EnvelopeRef<'_>, DecodeError> {
        let headers = self.0.ok_or_else(no_metadata)?;
        native::nats::read_pairs(headers.iter().flat_map(|(name, values)| {
            let name: &str = name.as_ref();
            values.iter().map(move |value| (name, value.as_str()))
        }))
    }
}
